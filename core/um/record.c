/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies what a report needs of an exchange and leaves the rest. */
#include "core/um/record.h"

#include "core/base/err.h"

static const int64_t HOP_WITHIN_NS = 50 * 1000 * 1000;

struct keeper {
    struct um_symbols *texts;
    int err; /* sticky */
};

static struct um_span
keep(struct keeper *keeper, struct um_span text)
{
    struct um_span kept = um_span_of(NULL, 0);
    if (text.len > 0 && !keeper->err)
        keeper->err = um_symbols_add(keeper->texts, text, NULL, &kept);
    return kept;
}

static struct um_span
keep_field(struct keeper *keeper, const struct um_message *message, enum um_field_id field)
{
    return message ? keep(keeper, um_message_text(message, field)) : um_span_of(NULL, 0);
}

/* The same, and a value that is there but empty has memory: data NULL says that none was told. */
static struct um_span
keep_even_empty(struct keeper *keeper, const struct um_message *message, enum um_field_id field)
{
    struct um_span kept = um_span_of(NULL, 0);
    if (um_message_has(message, field) && !keeper->err)
        keeper->err = um_symbols_add(keeper->texts, um_message_text(message, field), NULL, &kept);
    return kept;
}

/* What a side said; NULL for a body that was given up before it could say anything. */
static const struct um_message *
said_by(const struct um_exchange_side *side)
{
    bool has_said = side->captured && side->message && side->message->kind != UM_MESSAGE_NONE;
    return has_said ? side->message : NULL;
}

static unsigned
flags_of(const struct um_exchange_side *side)
{
    return side->captured && side->message ? side->message->flags : 0;
}

static void
fill_fault(struct keeper *keeper, const struct um_message *reply, struct um_exchange_record *out)
{
    out->is_fault = reply->kind == UM_MESSAGE_FAULT;
    out->is_service_error = um_message_is_service_error(reply);
    if (out->is_fault) {
        out->fault_code = um_message_local_name(keep_field(keeper, reply, UM_FIELD_FAULT_CODE));
        out->fault_text = keep_field(keeper, reply, UM_FIELD_FAULT_TEXT);
        out->fault_exception =
            um_message_local_name(keep_field(keeper, reply, UM_FIELD_FAULT_EXCEPTION));
    } else if (out->is_service_error) {
        out->fault_code = keep_field(keeper, reply, UM_FIELD_RESPONSE_CODE);
        out->fault_text = keep_field(keeper, reply, UM_FIELD_MESSAGE_TEXT);
    }
}

static void
fill_reply(struct keeper *keeper, const struct um_message *reply, struct um_exchange_record *out)
{
    out->state = keep_even_empty(keeper, reply, UM_FIELD_CALL_STATE);
    out->cause = keep_field(keeper, reply, UM_FIELD_EVENT_CAUSE);
    out->sip_code = keep_field(keeper, reply, UM_FIELD_SIP_CODE);
    out->sip_text = keep_field(keeper, reply, UM_FIELD_SIP_TEXT);
    fill_fault(keeper, reply, out);
}

/* The CallId comes from the request that names it, or from the reply to the one that placed it. */
static struct um_span
find_call_id(const struct um_exchange *exchange, enum um_operation operation)
{
    const struct um_exchange_side *side = &exchange->request;
    if (um_operation_starts_call(operation))
        side = &exchange->reply;
    const struct um_message *source = said_by(side);
    if (!exchange->request.captured || !source || source->kind == UM_MESSAGE_FAULT)
        return um_span_of(NULL, 0);
    return um_message_text(source, UM_FIELD_CALL_ID);
}

static int
fill_call_id(struct keeper *keeper, struct um_span text, struct um_exchange_record *out)
{
    struct um_call_id id;
    struct um_arena scratch = {0};
    int err = um_call_id_parse(text, &scratch, &id);
    if (!err && id.key.len > 0) {
        out->call_id = keep(keeper, text);
        id.key = keep(keeper, id.key);
        id.server = keep(keeper, id.server);
        id.plain = um_span_of(NULL, 0);
        out->id = id;
    }
    um_arena_done(&scratch);
    return err ? err : keeper->err;
}

static void
fill_sides(const struct um_exchange *exchange, struct um_exchange_record *out)
{
    const struct um_exchange_side *request = &exchange->request, *reply = &exchange->reply;
    out->has_request = request->captured;
    out->has_reply = reply->captured;
    out->has_request_message = said_by(request) != NULL;
    out->has_reply_message = said_by(reply) != NULL;
    out->request_incomplete = request->captured && request->incomplete;
    out->reply_incomplete = reply->captured && reply->incomplete;
    out->request_first = request->first;
    out->request_last = request->last;
    out->reply_first = reply->first;
    out->reply_last = reply->last;
}

/* A hash of the item that is to be played: kept instead of the private, long identifier. */
static uint64_t
item_of(const struct um_message *request)
{
    if (!request)
        return 0;
    struct um_span item = um_message_text(request, UM_FIELD_ENTRY_ID);
    if (item.len == 0)
        item = um_message_text(request, UM_FIELD_ITEM_ID);
    return item.len > 0 ? um_span_hash(item, 0) : 0;
}

static enum um_service
service_of(const struct um_message *request, const struct um_message *reply)
{
    if (request && request->service != UM_SERVICE_UNKNOWN)
        return request->service;
    if (reply && reply->service != UM_SERVICE_UNKNOWN)
        return reply->service;
    return UM_SERVICE_UMWS;
}

int
um_record_fill(const struct um_exchange *exchange, struct um_symbols *texts,
               struct um_exchange_record *out)
{
    const struct um_message *request = said_by(&exchange->request);
    const struct um_message *reply = said_by(&exchange->reply);
    struct keeper keeper = {.texts = texts};

    *out = (struct um_exchange_record){
        .service = service_of(request, reply),
        .operation = request ? request->operation
                     : reply ? reply->operation
                             : UM_OPERATION_NONE,
        .dial_string = keep_field(&keeper, request, UM_FIELD_DIAL_STRING),
        .target = keep(&keeper, exchange->target),
        .soap_action = keep(&keeper, exchange->soap_action),
        .client = exchange->client,
        .server = exchange->server,
        .connection = exchange->connection,
        .tag = exchange->tag,
        .item = item_of(request),
        .http_status = exchange->http_status,
        .tls = {.version = exchange->tls.version,
                .suite = exchange->tls.suite,
                .server_name = keep(&keeper, exchange->tls.server_name),
                .is_unverified = exchange->tls.is_unverified},
        .http_version = keep(&keeper, exchange->http_version),
        .authentication_legs = exchange->authentication_legs,
        .authentication_failed = exchange->authentication_failed,
        .unanswered = exchange->unanswered,
        .request_flags = flags_of(&exchange->request),
        .reply_flags = flags_of(&exchange->reply),
        .limits_reached = exchange->limits_reached,
        .call = SIZE_MAX,
    };
    fill_sides(exchange, out);
    if (reply)
        fill_reply(&keeper, reply, out);
    return fill_call_id(&keeper, find_call_id(exchange, out->operation), out);
}

bool
um_record_is_http_error(const struct um_exchange_record *record)
{
    unsigned status = record->http_status;
    return status >= 400 && status <= 599 && status != 401 && status != 407;
}

bool
um_record_is_refused(const struct um_exchange_record *record)
{
    if (record->authentication_failed)
        return false;
    return record->is_fault || record->is_service_error || um_record_is_http_error(record);
}

static bool
is_unknown_call_name(struct um_span name)
{
    return um_span_equal(name, um_span_text("InvalidCallIdException")) ||
           um_span_equal(name, um_span_text("ErrorInvalidPhoneCallId"));
}

bool
um_record_is_unknown_call(const struct um_exchange_record *record)
{
    if (!um_operation_names_call(record->operation) ||
        (!record->is_fault && !record->is_service_error))
        return false;
    return is_unknown_call_name(record->fault_code) ||
           is_unknown_call_name(record->fault_exception);
}

bool
um_record_began_call(const struct um_exchange_record *record)
{
    return um_operation_starts_call(record->operation) && record->has_reply_message &&
           !record->authentication_failed && !um_record_is_refused(record);
}

/* A hop hands on the reply as it is; where one was not captured nothing speaks against it. */
static bool
is_same_reply(const struct um_exchange_record *a, const struct um_exchange_record *b)
{
    if (!a->has_reply_message || !b->has_reply_message)
        return true;
    return um_span_equal(a->state, b->state) && um_span_equal(a->cause, b->cause) &&
           um_span_equal(a->fault_code, b->fault_code) &&
           um_span_equal(a->fault_exception, b->fault_exception);
}

static bool
is_same_client(const struct um_exchange_record *a, const struct um_exchange_record *b)
{
    struct um_endpoint client = a->client;
    client.port = b->client.port;
    return client.address_len > 0 && um_endpoint_equal(&client, &b->client);
}

/*
 * One client that asked again on another connection: after it had the answer, or because its
 * connection had failed. Nothing hands a request on when its reply is back. At another server the
 * connection of a hop may have failed with the one before it; not where a reply came back on it.
 * Clocks of two capturing machines may differ, so of two clients this is not said.
 */
static bool
is_asked_again(const struct um_exchange_record *earlier, const struct um_exchange_record *later)
{
    if (!is_same_client(earlier, later))
        return false;
    if (earlier->has_reply)
        return later->request_first.time_ns > earlier->reply_first.time_ns;
    bool has_failed =
        earlier->unanswered == UM_UNANSWERED_RESET || earlier->unanswered == UM_UNANSWERED_CLOSED;
    return has_failed && (later->has_reply || um_endpoint_equal(&earlier->server, &later->server));
}

static bool
is_same_request(const struct um_exchange_record *a, const struct um_exchange_record *b)
{
    return a->has_request && b->has_request && a->operation == b->operation &&
           um_span_equal(a->dial_string, b->dial_string) && a->item == b->item;
}

bool
um_record_is_hop(const struct um_exchange_record *a, const struct um_exchange_record *b)
{
    int64_t apart_ns = um_mark_elapsed_ns(a->request_last.time_ns, b->request_last.time_ns);
    if (apart_ns < -HOP_WITHIN_NS || apart_ns > HOP_WITHIN_NS) /* nearly always, so asked first */
        return false;
    if (a->connection == b->connection || !is_same_request(a, b) || !is_same_reply(a, b))
        return false;
    return apart_ns < 0 ? !is_asked_again(b, a) : !is_asked_again(a, b);
}

static int
compare_u64(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static uint64_t
first_frame(const struct um_exchange_record *record)
{
    return record->has_request ? record->request_first.frame : record->reply_first.frame;
}

int
um_record_compare(const void *left, const void *right)
{
    const struct um_exchange_record *const *a = left, *const *b = right;
    int order = compare_u64(first_frame(*a), first_frame(*b));
    return order ? order : compare_u64((*a)->number, (*b)->number);
}
