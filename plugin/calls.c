/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/calls.h"

#include "core/base/err.h"
#include "core/um/authentication.h"
#include "plugin/parts.h"

/* Judging a call costs with its exchanges: with each of its messages only while it is small. */
enum { JUDGED_EXCHANGES_MAX = 512 };

enum { SPELLING_MAX = 256 }; /* a longer CallId is taken apart each time */

struct store {
    struct um_calls *calls;
    struct um_authentication *legs; /* NULL once all were handed on */
};

static struct um_limits limits;
static struct um_thresholds thresholds;

static struct store so_far;
static wmem_map_t *calls_by_id;       /* text -> struct umws_call_so_far */
static wmem_map_t *calls_by_spelling; /* CallId as written -> the same */
static wmem_map_t *calls_by_leg;      /* conversation -> the call whose last request was a leg */
static uint32_t call_count;

static struct store whole;
static size_t *whole_index;         /* by tag; SIZE_MAX: not in the store */
static uint32_t *whole_first_frame; /* by the call's number - 1 */
static bool is_whole_current;

static void
check(int err)
{
    if (err != UM_OK)
        um_out_of_memory(); /* the only error there is */
}

static void
free_store(struct store *store)
{
    um_authentication_free(store->legs);
    um_calls_free(store->calls);
    *store = (struct store){0};
}

static void
new_store(struct store *store, um_exchange_fn add)
{
    free_store(store);
    check(um_calls_new(&limits, &thresholds, &store->calls));
    check(um_authentication_new(add, store->calls, &store->legs));
}

/* ---- the file ---- */

static int
add_so_far(void *ctx, const struct um_exchange *exchange)
{
    struct um_calls *calls = ctx;
    struct umws_exchange *mine = umws_exchanges_at((size_t)exchange->tag);
    size_t index = um_calls_exchange_count(calls);
    int err = um_calls_add(calls, exchange);
    if (err || um_calls_exchange_count(calls) == index)
        return err;
    mine->stored = index;
    if (mine->call) {
        mine->call->latest = index;
        mine->call->exchanges++;
    }
    return UM_OK;
}

void
umws_calls_init(void)
{
    um_limits_init(&limits);
    um_thresholds_init(&thresholds);
    calls_by_id = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    calls_by_spelling = wmem_map_new(wmem_file_scope(), wmem_str_hash, g_str_equal);
    calls_by_leg = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    call_count = 0;
    is_whole_current = false;
    new_store(&so_far, add_so_far);
}

static void
free_whole(void)
{
    free_store(&whole);
    wmem_free(NULL, whole_index);
    wmem_free(NULL, whole_first_frame);
    whole_index = NULL;
    whole_first_frame = NULL;
    is_whole_current = false;
}

void
umws_calls_cleanup(void)
{
    free_store(&so_far);
    free_whole();
}

/* ---- first pass ---- */

static struct umws_call_so_far *
new_call(void)
{
    struct umws_call_so_far *call = wmem_new0(wmem_file_scope(), struct umws_call_so_far);
    call->number = ++call_count;
    call->latest = SIZE_MAX;
    return call;
}

static struct umws_call_so_far *
resolve(struct umws_call_so_far *call)
{
    while (call && call->merged)
        call = call->merged;
    return call;
}

/* The text by which calls are told apart; NULL when the message names none. File scope. */
static const char *
id_of(const struct um_message *content)
{
    struct um_arena scratch = {0};
    struct um_call_id id;
    const char *text = NULL;
    check(um_call_id_parse(um_message_text(content, UM_FIELD_CALL_ID), &scratch, &id));
    if (id.guid[0] != '\0')
        text = wmem_strdup_printf(wmem_file_scope(), "guid %s", id.guid);
    else if (id.key.len > 0)
        text = wmem_strdup_printf(wmem_file_scope(), "text %.*s", (int)id.key.len,
                                  (const char *)id.key.data);
    um_arena_done(&scratch);
    return text;
}

static const char *
copy_text(struct um_span text)
{
    return wmem_strndup(wmem_file_scope(), (const char *)text.data, text.len);
}

/* The call that an id was written so before; NULL: none, or not so. */
static struct umws_call_so_far *
lookup_spelling(struct um_span text)
{
    char key[SPELLING_MAX];
    if (text.len == 0 || text.len >= sizeof key || memchr(text.data, '\0', text.len))
        return NULL;
    memcpy(key, text.data, text.len);
    key[text.len] = '\0';
    return resolve(wmem_map_lookup(calls_by_spelling, key));
}

static struct umws_call_so_far *
call_of_request(const struct umws_message *request)
{
    conversation_t *conversation = request->exchange->conversation;
    if (um_operation_starts_call(request->exchange->operation)) {
        struct umws_call_so_far *repeated = wmem_map_remove(calls_by_leg, conversation);
        return repeated ? repeated : new_call();
    }
    if (!um_operation_names_call(request->exchange->operation))
        return NULL;
    /* most requests are polls with the text of the poll before */
    struct um_span text = um_message_text(request->content, UM_FIELD_CALL_ID);
    struct umws_call_so_far *call = lookup_spelling(text);
    if (call)
        return call;
    const char *id = id_of(request->content);
    if (!id)
        return NULL;
    call = resolve(wmem_map_lookup(calls_by_id, id));
    if (!call) {
        call = new_call();
        wmem_map_insert(calls_by_id, id, call);
    }
    wmem_map_insert(calls_by_spelling, copy_text(text), call);
    return call;
}

/* The reply to the request that placed the call tells its id: it may be known already. */
static struct umws_call_so_far *
call_of_reply(const struct umws_message *reply)
{
    struct umws_call_so_far *call = resolve(reply->exchange->call);
    if (!call || !um_operation_starts_call(reply->exchange->operation) ||
        reply->content->kind == UM_MESSAGE_FAULT)
        return call;
    const char *id = id_of(reply->content);
    if (!id)
        return call;
    struct umws_call_so_far *known = resolve(wmem_map_lookup(calls_by_id, id));
    if (known && known->number < call->number) {
        call->merged = known;
        return known;
    }
    if (known && known != call)
        known->merged = call;
    wmem_map_insert(calls_by_id, id, call);
    return call;
}

void
umws_calls_message(struct umws_message *message)
{
    struct umws_call_so_far *call =
        message->is_reply ? call_of_reply(message) : call_of_request(message);
    is_whole_current = false;
    message->exchange->call = call;
    if (!call)
        return;
    if (call->first_frame == 0)
        call->first_frame = message->frame;
    message->previous_frame = call->last_frame;
    call->last_frame = message->frame;
}

void
umws_calls_complete(struct umws_exchange *exchange)
{
    struct um_exchange out = umws_exchanges_tell(exchange);
    bool is_leg = out.http_status == 401 || out.http_status == 407;
    is_whole_current = false;
    if (is_leg && exchange->call && um_operation_starts_call(exchange->operation))
        wmem_map_insert(calls_by_leg, exchange->conversation, exchange->call);
    check(um_authentication_add(so_far.legs, &out));
}

void
umws_calls_touch(void)
{
    is_whole_current = false;
}

/* ---- later passes ---- */

static int
add_whole(void *ctx, const struct um_exchange *exchange)
{
    return um_calls_add(ctx, exchange);
}

/* A message and its call, to be put in order. */
struct place {
    const struct um_call *call;
    struct umws_message *message;
};

static int
compare_places(const void *left, const void *right)
{
    const struct place *a = left, *b = right;
    const uint64_t keys[][2] = {
        {a->call->number, b->call->number},
        {a->message->frame, b->message->frame},
        {a->message->exchange->tag, b->message->exchange->tag},
    };
    for (size_t i = 0; i < array_length(keys); i++) {
        if (keys[i][0] != keys[i][1])
            return keys[i][0] < keys[i][1] ? -1 : 1;
    }
    return 0;
}

/* The call of an exchange; of a leg, that of the other exchanges of its call. */
static const struct um_call *
whole_call(const struct umws_exchange *exchange)
{
    size_t index = whole_index[exchange->tag];
    if (index == SIZE_MAX) {
        const struct umws_call_so_far *call = resolve(exchange->call);
        return call ? call->whole : NULL;
    }
    size_t call = um_calls_exchange(whole.calls, index)->call;
    return call == SIZE_MAX ? NULL : um_calls_at(whole.calls, call);
}

static size_t
gather_places(struct place *places, size_t tags)
{
    size_t count = 0;
    for (size_t i = 0; i < tags; i++) {
        const struct umws_exchange *exchange = umws_exchanges_at(i);
        const struct um_call *call = whole_call(exchange);
        if (call && exchange->request)
            places[count++] = (struct place){call, exchange->request};
        if (call && exchange->reply)
            places[count++] = (struct place){call, exchange->reply};
    }
    return count;
}

/* Tells every message of those before and after it in its call. */
static void
link_messages(size_t tags)
{
    struct place *places = wmem_alloc_array(NULL, struct place, 2 * tags + 1);
    size_t count = gather_places(places, tags);
    if (count > 1)
        qsort(places, count, sizeof *places, compare_places);
    for (size_t i = 0; i < count; i++) {
        bool is_first = i == 0 || places[i - 1].call != places[i].call;
        bool is_last = i + 1 == count || places[i + 1].call != places[i].call;
        struct umws_message *message = places[i].message;
        message->previous_frame = is_first ? 0 : places[i - 1].message->frame;
        message->next_frame = is_last ? 0 : places[i + 1].message->frame;
        if (is_first)
            whole_first_frame[places[i].call->number - 1] = message->frame;
    }
    wmem_free(NULL, places);
}

static void
index_records(size_t tags)
{
    for (size_t i = 0; i < tags; i++)
        whole_index[i] = SIZE_MAX;
    for (size_t i = 0; i < um_calls_exchange_count(whole.calls); i++) {
        const struct um_exchange_record *record = um_calls_exchange(whole.calls, i);
        struct umws_call_so_far *call = resolve(umws_exchanges_at((size_t)record->tag)->call);
        whole_index[record->tag] = i;
        if (call)
            call->whole = record->call == SIZE_MAX ? NULL : um_calls_at(whole.calls, record->call);
    }
}

static void
make_whole(void)
{
    umws_parts_settle();
    size_t tags = umws_exchanges_count();
    free_whole();
    new_store(&whole, add_whole);
    for (size_t i = 0; i < tags; i++) {
        struct um_exchange exchange = umws_exchanges_tell(umws_exchanges_at(i));
        check(um_authentication_add(whole.legs, &exchange));
    }
    check(um_authentication_end(whole.legs));
    check(um_calls_finish(whole.calls));

    size_t count = um_calls_count(whole.calls);
    whole_index = wmem_alloc_array(NULL, size_t, tags + 1);
    whole_first_frame = wmem_alloc0_array(NULL, uint32_t, count + 1);
    index_records(tags);
    link_messages(tags);
    is_whole_current = true;
}

static struct umws_call_view
view_whole(const struct umws_message *message)
{
    if (!is_whole_current)
        make_whole();
    size_t index = whole_index[message->exchange->tag];
    struct umws_call_view view = {
        .is_whole = true,
        .is_leg = index == SIZE_MAX,
        .store = whole.calls,
        .exchange = index == SIZE_MAX ? NULL : um_calls_exchange(whole.calls, index),
        .call = whole_call(message->exchange),
    };
    if (view.call) {
        view.number = view.call->number;
        view.first_frame = whole_first_frame[view.number - 1];
        view.previous_frame = message->previous_frame;
        view.next_frame = message->next_frame;
    }
    return view;
}

static struct umws_call_view
view_so_far(const struct umws_message *message, enum umws_wanted wanted, struct um_arena *scratch)
{
    struct umws_call_view view = {.store = so_far.calls};
    const struct umws_call_so_far *call = resolve(message->exchange->call);
    if (message->exchange->stored != SIZE_MAX)
        view.exchange = um_calls_exchange(so_far.calls, message->exchange->stored);
    if (!call)
        return view;
    view.number = call->number;
    view.first_frame = call->first_frame;
    view.previous_frame = message->previous_frame;
    view.is_left_out = call->exchanges > JUDGED_EXCHANGES_MAX;
    if (wanted == UMWS_WANTED_NUMBER || view.is_left_out || call->latest == SIZE_MAX)
        return view;
    struct um_call *judged = um_arena_alloc(scratch, sizeof *judged);
    check(judged ? UM_OK : UM_ERR_NOMEM);
    int found =
        um_calls_judge(so_far.calls, call->latest, wanted >= UMWS_WANTED_FINDINGS, scratch, judged);
    check(found < 0 ? found : UM_OK);
    judged->number = call->number;
    view.call = found > 0 ? judged : NULL;
    return view;
}

struct umws_call_view
umws_calls_view(const struct umws_message *message, bool is_first_pass, enum umws_wanted wanted,
                struct um_arena *scratch)
{
    return is_first_pass ? view_so_far(message, wanted, scratch) : view_whole(message);
}

const struct um_thresholds *
umws_calls_thresholds(void)
{
    return &thresholds;
}
