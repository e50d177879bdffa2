/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exchanges as a front end would fill them in; everything lives in the builder's arena. */
#include "tests/um/build.h"

#include "tests/support/support.h"

static int64_t
ns_of(double t)
{
    return (int64_t)(t * 1e9 + 0.5);
}

uint64_t
um_build_frame(double t)
{
    return (uint64_t)(t * 1000 + 0.5) + 1;
}

static struct um_mark
mark_at(double t)
{
    return (struct um_mark){.frame = um_build_frame(t), .time_ns = ns_of(t)};
}

void
um_build_init(struct um_build *b)
{
    *b = (struct um_build){
        .call_id = UM_BUILD_ID, .dial_string = "5551234", .connection = 1, .client = 1};
    um_limits_init(&b->limits);
    um_thresholds_init(&b->thresholds);
}

void
um_build_done(struct um_build *b)
{
    um_calls_free(b->calls);
    um_arena_done(&b->arena);
}

void
um_build_set(struct um_message *message, enum um_field_id field, const char *text)
{
    message->fields[field] = (struct um_field){.text = um_span_text(text),
                                               .state = text ? UM_FIELD_WHOLE : UM_FIELD_ABSENT};
}

static enum um_service
service_of(enum um_operation operation)
{
    enum um_service service = um_operation_service(operation);
    return service == UM_SERVICE_UNKNOWN ? UM_SERVICE_UMWS : service;
}

/* A client per connection, so that endpoints differ as connections do. */
static struct um_endpoint
endpoint_of(uint8_t host, uint16_t port)
{
    return (struct um_endpoint){.address = {10, 0, 0, host}, .address_len = 4, .port = port};
}

struct um_build_item *
um_build_exchange(struct um_build *b, double q, double r, enum um_operation operation)
{
    struct um_build_item *item = um_arena_alloc(&b->arena, sizeof *item);
    assert_non_null(item);
    assert_true(b->count < UM_BUILD_MAX);
    b->items[b->count++] = item;
    enum um_service service = service_of(operation);
    item->request =
        (struct um_message){.kind = UM_MESSAGE_REQUEST, .service = service, .operation = operation};
    item->reply =
        (struct um_message){.kind = UM_MESSAGE_REPLY, .service = service, .operation = operation};
    item->exchange = (struct um_exchange){
        .request = {.captured = true,
                    .message = &item->request,
                    .first = mark_at(q),
                    .last = mark_at(q)},
        .reply = {.captured = true,
                  .message = &item->reply,
                  .first = mark_at(r),
                  .last = mark_at(r)},
        .client = endpoint_of(b->client, (uint16_t)(40000 + b->connection)),
        .server = endpoint_of(2, 443),
        .connection = b->connection,
        .target = um_span_text("/EWS/UM2007Legacy.asmx"),
        .http_status = 200,
    };
    if (um_operation_names_call(operation))
        um_build_set(&item->request, UM_FIELD_CALL_ID, b->call_id);
    if (um_operation_starts_call(operation)) {
        um_build_set(&item->request, UM_FIELD_ENTRY_ID, "AAAA");
        um_build_set(&item->request, UM_FIELD_DIAL_STRING, b->dial_string);
    }
    return item;
}

struct um_build_item *
um_build_play(struct um_build *b, double q, double r)
{
    struct um_build_item *item = um_build_exchange(b, q, r, UM_OPERATION_PLAY_ON_PHONE);
    um_build_set(&item->reply, UM_FIELD_CALL_ID, b->call_id);
    return item;
}

static struct um_build_item *
poll_with(struct um_build *b, double q, double r, enum um_operation operation, const char *state,
          const char *cause)
{
    struct um_build_item *item = um_build_exchange(b, q, r, operation);
    um_build_set(&item->reply, UM_FIELD_CALL_STATE, state);
    um_build_set(&item->reply, UM_FIELD_EVENT_CAUSE, cause);
    return item;
}

struct um_build_item *
um_build_poll(struct um_build *b, double q, double r, const char *state, const char *cause)
{
    return poll_with(b, q, r, UM_OPERATION_GET_CALL_INFO, state, cause);
}

struct um_build_item *
um_build_ews_poll(struct um_build *b, double q, double r, const char *state, const char *cause)
{
    struct um_build_item *item =
        poll_with(b, q, r, UM_OPERATION_GET_PHONE_CALL_INFORMATION, state, cause);
    um_build_set(&item->reply, UM_FIELD_RESPONSE_CLASS, "Success");
    return item;
}

struct um_build_item *
um_build_hang_up(struct um_build *b, double q, double r)
{
    return um_build_exchange(b, q, r, UM_OPERATION_DISCONNECT);
}

struct um_build_item *
um_build_fault(struct um_build *b, double q, double r, enum um_operation operation,
               const char *exception)
{
    struct um_build_item *item = um_build_exchange(b, q, r, operation);
    item->exchange.http_status = 500;
    item->reply = (struct um_message){.kind = UM_MESSAGE_FAULT};
    um_build_set(&item->reply, UM_FIELD_FAULT_CODE, "soap:Server");
    um_build_set(&item->reply, UM_FIELD_FAULT_TEXT, "It cannot be done.");
    um_build_set(&item->reply, UM_FIELD_FAULT_EXCEPTION, exception);
    return item;
}

struct um_build_item *
um_build_error(struct um_build *b, double q, double r, enum um_operation operation,
               const char *code)
{
    struct um_build_item *item = um_build_exchange(b, q, r, operation);
    item->request.service = item->reply.service = UM_SERVICE_EWS;
    um_build_set(&item->reply, UM_FIELD_RESPONSE_CLASS, "Error");
    um_build_set(&item->reply, UM_FIELD_RESPONSE_CODE, code);
    um_build_set(&item->reply, UM_FIELD_MESSAGE_TEXT, "It cannot be done.");
    return item;
}

struct um_build_item *
um_build_http(struct um_build *b, double q, double r, enum um_operation operation, unsigned status)
{
    struct um_build_item *item = um_build_exchange(b, q, r, operation);
    item->exchange.http_status = status;
    item->exchange.reply.message = NULL;
    return item;
}

struct um_build_item *
um_build_unanswered(struct um_build *b, double q, enum um_operation operation,
                    enum um_unanswered why)
{
    struct um_build_item *item = um_build_exchange(b, q, q, operation);
    item->exchange.reply = (struct um_exchange_side){.captured = false};
    item->exchange.http_status = 0;
    item->exchange.unanswered = why;
    return item;
}

struct um_build_item *
um_build_orphan(struct um_build *b, double r, const char *state)
{
    struct um_build_item *item = um_build_poll(b, r, r, state, "None");
    item->exchange.request = (struct um_exchange_side){.captured = false};
    return item;
}

/* ---- scripts ---- */

enum { WORDS_MAX = 5 };

/* A command cut at its spaces. */
struct words {
    const char *at[WORDS_MAX];
    size_t count;
};

static struct words
split_words(struct um_build *b, struct um_span command)
{
    struct words words = {.count = 0};
    struct um_span rest = um_span_trim(command);
    while (rest.len > 0 && words.count < WORDS_MAX) {
        struct um_span word = um_span_split(&rest, ' '), copy;
        assert_int_equal(um_arena_copy(&b->arena, word, &copy), 0);
        words.at[words.count++] = (const char *)copy.data;
        rest = um_span_trim(rest);
    }
    assert_int_equal(rest.len, 0);
    for (size_t i = words.count; i < WORDS_MAX; i++)
        words.at[i] = "";
    return words;
}

static const char *
value_of(const char *word)
{
    return strcmp(word, "-") == 0 ? NULL : word;
}

static double
time_of(const char *word)
{
    char *end;
    double t = strtod(word, &end);
    assert_true(end != word && *end == '\0');
    return t;
}

static unsigned
number_of(const char *word)
{
    uint64_t number;
    assert_true(um_span_decimal(um_span_text(word), &number));
    return (unsigned)number;
}

static const char *
id_of(const char *word)
{
    static const struct {
        const char *name, *id;
    } ids[] = {
        {"pipe", UM_BUILD_ID_PIPE},
        {"moved", UM_BUILD_ID_MOVED},
        {"moved-pipe", UM_BUILD_ID_MOVED_PIPE},
        {"second", UM_BUILD_ID_SECOND},
        {"opaque", UM_BUILD_ID_OPAQUE},
    };
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        if (strcmp(ids[i].name, word) == 0)
            return ids[i].id;
    }
    return word;
}

static enum um_unanswered
why_of(const char *word)
{
    static const char *const words[] = {
        [UM_UNANSWERED_NO] = "no",         [UM_UNANSWERED_RESET] = "reset",
        [UM_UNANSWERED_CLOSED] = "closed", [UM_UNANSWERED_CAPTURE_END] = "end",
        [UM_UNANSWERED_LOST] = "lost",     [UM_UNANSWERED_ONE_SIDED] = "one-sided",
    };
    unsigned i = 0;
    while (i < sizeof words / sizeof *words && strcmp(words[i], word) != 0)
        i++;
    assert_true(i < sizeof words / sizeof *words);
    return (enum um_unanswered)i;
}

static uint32_t
limit_of(const char *word)
{
    unsigned i = 0;
    while (i < UM_LIMIT_COUNT && strcmp(um_limit_name((enum um_limit)i), word) != 0)
        i++;
    assert_true(i < UM_LIMIT_COUNT);
    return (uint32_t)1 << i;
}

/* An exchange that is told by its first word, with both times. */
static bool
run_exchange(struct um_build *b, const struct words *w)
{
    const char *const *at = w->at;
    enum um_operation operation = um_operation_of(um_span_text(at[3]));
    if (strcmp(at[0], "play") == 0)
        um_build_play(b, time_of(at[1]), time_of(at[2]));
    else if (strcmp(at[0], "greet") == 0)
        um_build_set(&um_build_exchange(b, time_of(at[1]), time_of(at[2]),
                                        UM_OPERATION_PLAY_ON_PHONE_GREETING)
                          ->reply,
                     UM_FIELD_CALL_ID, b->call_id);
    else if (strcmp(at[0], "poll") == 0)
        um_build_poll(b, time_of(at[1]), time_of(at[2]), value_of(at[3]), value_of(at[4]));
    else if (strcmp(at[0], "epoll") == 0)
        um_build_ews_poll(b, time_of(at[1]), time_of(at[2]), value_of(at[3]), value_of(at[4]));
    else if (strcmp(at[0], "hangup") == 0)
        um_build_hang_up(b, time_of(at[1]), time_of(at[2]));
    else if (strcmp(at[0], "fault") == 0)
        um_build_fault(b, time_of(at[1]), time_of(at[2]), operation, value_of(at[4]));
    else if (strcmp(at[0], "error") == 0)
        um_build_error(b, time_of(at[1]), time_of(at[2]), operation, value_of(at[4]));
    else if (strcmp(at[0], "http") == 0)
        um_build_http(b, time_of(at[1]), time_of(at[2]), operation, number_of(at[4]));
    else if (strcmp(at[0], "none") == 0)
        um_build_unanswered(b, time_of(at[1]), um_operation_of(um_span_text(at[2])), why_of(at[3]));
    else if (strcmp(at[0], "orphan") == 0)
        um_build_orphan(b, time_of(at[1]), value_of(at[2]));
    else
        return false;
    return true;
}

/* What holds for all that follows. */
static bool
run_setting(struct um_build *b, const struct words *w)
{
    if (strcmp(w->at[0], "id") == 0)
        b->call_id = id_of(w->at[1]);
    else if (strcmp(w->at[0], "dial") == 0)
        b->dial_string = w->at[1];
    else if (strcmp(w->at[0], "on") == 0)
        b->connection = number_of(w->at[1]);
    else if (strcmp(w->at[0], "from") == 0)
        b->client = (uint8_t)number_of(w->at[1]);
    else
        return false;
    return true;
}

static unsigned
flag_of(const char *word)
{
    static const char *const words[] = {"https", "malformed", "doctype", "depth", "text", "cut"};
    unsigned i = 0;
    while (i < sizeof words / sizeof *words && strcmp(words[i], word) != 0)
        i++;
    assert_true(i < sizeof words / sizeof *words);
    return 1U << i; /* in the order of enum um_message_flag */
}

/* A change of the exchange built last. */
static bool
run_change(struct um_build_item *item, const struct words *w)
{
    const char *const *at = w->at;
    struct um_exchange *exchange = &item->exchange;
    bool of_request = strcmp(at[1], "request") == 0;
    struct um_exchange_side *side = of_request ? &exchange->request : &exchange->reply;
    if (strcmp(at[0], "auth-failed") == 0)
        exchange->authentication_failed = true;
    else if (strcmp(at[0], "legs") == 0)
        exchange->authentication_legs = number_of(at[1]);
    else if (strcmp(at[0], "status") == 0)
        exchange->http_status = number_of(at[1]);
    else if (strcmp(at[0], "cut") == 0)
        side->incomplete = true;
    else if (strcmp(at[0], "unread") == 0)
        side->message = NULL;
    else if (strcmp(at[0], "flag") == 0)
        (of_request ? &item->request : &item->reply)->flags |= flag_of(at[2]);
    else if (strcmp(at[0], "limit") == 0)
        exchange->limits_reached |= limit_of(at[1]);
    else if (strcmp(at[0], "action") == 0)
        exchange->soap_action = um_span_text(at[1]);
    else if (strcmp(at[0], "no-id") == 0)
        um_build_set(um_operation_starts_call(item->request.operation) ? &item->reply
                                                                       : &item->request,
                     UM_FIELD_CALL_ID, NULL);
    else
        return false;
    return true;
}

void
um_build_script(struct um_build *b, const char *script)
{
    struct um_span rest = um_span_text(script);
    while (rest.len > 0) {
        struct words words = split_words(b, um_span_split(&rest, ';'));
        if (words.count == 0 || run_exchange(b, &words) || run_setting(b, &words))
            continue;
        assert_true(b->count > 0 && run_change(b->items[b->count - 1], &words));
    }
}

/* ---- judging ---- */

static struct um_calls *
judge(struct um_build *b, bool is_compact)
{
    struct um_calls *calls;
    assert_int_equal(um_calls_new(&b->limits, &b->thresholds, &calls), 0);
    if (is_compact)
        assert_int_equal(um_calls_be_compact(calls, NULL), 0);
    for (size_t i = 0; i < b->count; i++)
        assert_int_equal(um_calls_add(calls, &b->items[i]->exchange), 0);
    assert_int_equal(um_calls_finish(calls), 0);
    return calls;
}

void
um_build_judge(struct um_build *b)
{
    assert_null(b->calls);
    b->calls = judge(b, false);
}

const struct um_call *
um_build_call(struct um_build *b, size_t index)
{
    if (!b->calls)
        um_build_judge(b);
    return um_calls_at(b->calls, index);
}

static char *
add_findings(struct um_build *b, char *text, const struct um_findings *findings, bool in_full)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct um_finding *finding = &findings->items[i];
        assert_true(strlen(finding->text) > 0);
        if (in_full)
            text = um_arena_printf(&b->arena, "%s '%s'", text, finding->text);
        text = um_arena_printf(&b->arena, "%s %s[", text, um_finding_text(finding->name));
        for (size_t k = 0; k < finding->frame_count; k++)
            text = um_arena_printf(&b->arena, "%s%s%llu", text, k ? "," : "",
                                   (unsigned long long)finding->frames[k]);
        text = um_arena_printf(&b->arena, "%s]", text);
    }
    return text;
}

/* What a report may say of a call beyond its outcome and findings. */
static char *
add_details(struct um_build *b, char *text, const struct um_calls *calls,
            const struct um_call *call)
{
    char client[UM_ENDPOINT_TEXT_MAX], server[UM_ENDPOINT_TEXT_MAX];
    text = um_arena_printf(
        &b->arena, "%s #%u %.*s (%zu) %s %.*s %d %zu %zu %llu-%llu %s %s", text, call->number,
        (int)call->call_id.len, (const char *)call->call_id.data, call->spelling_count,
        call->id.guid, (int)call->cause_text.len, (const char *)call->cause_text.data,
        (int)call->service, call->exchanges, call->polls, (unsigned long long)call->first.frame,
        (unsigned long long)call->last.frame, um_endpoint_text(&call->clients[0], client),
        um_endpoint_text(&call->servers[call->server_count - 1], server));
    for (size_t i = 0; i < call->timeline.span_count; i++)
        text =
            um_arena_printf(&b->arena, "%s %.*s", text, (int)call->timeline.spans[i].state_text.len,
                            (const char *)call->timeline.spans[i].state_text.data);
    for (size_t i = 0; i < call->member_count; i++) {
        const struct um_exchange_record *record =
            um_calls_exchange(calls, call->members[i].exchange);
        text = um_arena_printf(
            &b->arena, "%s <%d %.*s %.*s %.*s %u %llu %llu %lld %lld %x>", text,
            (int)record->operation, (int)record->target.len, (const char *)record->target.data,
            (int)record->dial_string.len, (const char *)record->dial_string.data,
            (int)record->fault_code.len, (const char *)record->fault_code.data, record->http_status,
            (unsigned long long)record->item, (unsigned long long)record->reply_last.frame,
            (long long)record->request_last.time_ns, (long long)record->reply_first.time_ns,
            record->request_flags);
    }
    return text;
}

static char *
tell(struct um_build *b, const struct um_calls *calls, bool in_full)
{
    char *text = um_arena_printf(&b->arena, "%s", "");
    for (size_t i = 0; i < um_calls_count(calls); i++) {
        const struct um_call *call = um_calls_at(calls, i);
        assert_int_equal(um_calls_outcome(calls, i), call->outcome);
        text = um_arena_printf(&b->arena, "%s%s%s", text, i ? " / " : "",
                               um_outcome_text(call->outcome));
        if (in_full)
            text = add_details(b, text, calls, call);
        text = add_findings(b, text, &call->findings, in_full);
    }
    const struct um_findings *rest = um_calls_findings(calls);
    if (rest->count > 0)
        text = add_findings(b, um_arena_printf(&b->arena, "%s +", text), rest, in_full);
    return text;
}

/* Whatever a test is about: a store that holds its exchanges packed says the same. */
static void
assert_same_when_compact(struct um_build *b)
{
    struct um_calls *ordinary = judge(b, false), *compact = judge(b, true);
    assert_string_equal(tell(b, compact, true), tell(b, ordinary, true));
    assert_int_equal(um_calls_error(compact), 0);
    um_calls_free(ordinary);
    um_calls_free(compact);
}

const char *
um_build_told(struct um_build *b)
{
    if (!b->calls)
        um_build_judge(b);
    assert_same_when_compact(b);
    return tell(b, b->calls, false);
}
