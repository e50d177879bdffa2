/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hops, observations and outcome of one call; its findings are made in findings_call.c. */
#include "core/um/judge.h"

#include <stdlib.h>

#include "core/base/err.h"
#include "core/base/symbols.h"
#include "core/um/findings_call.h"
#include "core/um/record.h"

static const size_t NONE = SIZE_MAX;

/* Records looked back at for an earlier hop: more within 50 ms are no hops but a flood. */
enum { HOP_LOOK_BACK = 64 };

/* True when some record already repeats `first` on this connection. */
static bool
is_repeated_on(const struct um_judge *judge, const size_t *hop_of, size_t first, size_t upto,
               uint64_t connection)
{
    for (size_t i = first + 1; i < upto; i++) {
        if (hop_of[i] == first && judge->records[i]->connection == connection)
            return true;
    }
    return false;
}

/* How much the reply of a hop tells: of the call, anything, or that there was one. */
static unsigned
telling(const struct um_exchange_record *record)
{
    struct um_observation observation;
    if (um_judge_observe(record, &observation))
        return 3;
    return record->has_reply_message ? 2 : record->has_reply ? 1 : 0;
}

/*
 * Finds for each record the one it repeats. The first of a group counts, unless the reply of a
 * later hop tells more: a gateway may have answered for the server, or bytes be missing.
 */
static int
find_hops(struct um_judge *judge)
{
    size_t *hop_of = um_arena_array(judge->arena, judge->count, sizeof *hop_of);
    if (!hop_of)
        return UM_ERR_NOMEM;
    for (size_t i = 0; i < judge->count; i++) {
        const struct um_exchange_record *record = judge->records[i];
        hop_of[i] = NONE;
        for (size_t k = i > HOP_LOOK_BACK ? i - HOP_LOOK_BACK : 0; k < i; k++) {
            if (hop_of[k] == NONE && um_record_is_hop(judge->records[k], record) &&
                !is_repeated_on(judge, hop_of, k, i, record->connection)) {
                hop_of[i] = k;
                break;
            }
        }
        size_t first = hop_of[i];
        if (first == NONE || telling(record) <= telling(judge->records[first]))
            continue;
        for (size_t k = first; k < i; k++) {
            if (hop_of[k] == first || k == first)
                hop_of[k] = i;
        }
        hop_of[i] = NONE;
    }
    judge->hop_of = hop_of;
    return UM_OK;
}

/*
 * Its last packet may be captured behind the reply, sent again because the first was lost to the
 * capture. When it was asked is not known then, but it was not before the request began.
 */
static int64_t
asked_ns(const struct um_exchange_record *record)
{
    return record->request_last.time_ns <= record->reply_first.time_ns
               ? record->request_last.time_ns
               : record->request_first.time_ns;
}

static void
observe(const struct um_exchange_record *record, struct um_observation *out)
{
    *out = (struct um_observation){
        .q_ns = asked_ns(record),
        .r_ns = record->reply_first.time_ns,
        .q_frame = record->request_last.frame,
        .r_frame = record->reply_first.frame,
        .exchange = (size_t)record->number - 1,
        .state = um_state_of(record->state),
        .state_text = record->state,
        .cause = um_cause_of(record->cause),
        .cause_text = record->cause,
    };
}

/* A successful PlayOnPhone tells nothing of the state by itself: the call is being connected. */
static void
imply(const struct um_exchange_record *record, struct um_observation *out)
{
    observe(record, out);
    out->implied = true;
    out->state = UM_STATE_CONNECTING;
    out->state_text = um_span_text("Connecting");
    out->cause = UM_CAUSE_ABSENT;
    out->cause_text = um_span_of(NULL, 0);
}

bool
um_judge_observe(const struct um_exchange_record *record, struct um_observation *out)
{
    if (um_record_began_call(record))
        imply(record, out);
    else if (um_operation_polls(record->operation) && record->state.data)
        observe(record, out);
    else
        return false;
    return true;
}

static int
build_timeline(const struct um_judge *judge, struct um_call *call)
{
    struct um_observation *observations =
        um_arena_array(judge->arena, judge->count, sizeof *observations);
    if (!observations)
        return UM_ERR_NOMEM;
    size_t count = 0;
    const int64_t *origin_q_ns = NULL;
    for (size_t i = 0; i < judge->count; i++) {
        const struct um_exchange_record *record = judge->records[i];
        if (!um_judge_counts(judge, i))
            continue;
        if (!um_judge_observe(record, &observations[count]))
            continue;
        if (observations[count++].implied && !origin_q_ns)
            origin_q_ns = &observations[count - 1].q_ns;
    }
    return um_timeline_build(observations, count, origin_q_ns, judge->arena, &call->timeline);
}

static bool
is_real_cause(enum um_cause cause)
{
    return cause != UM_CAUSE_NONE && cause != UM_CAUSE_ABSENT;
}

/* Every reply that names the call was refused, and there was one. */
static bool
is_all_refused(const struct um_judge *judge)
{
    bool refused = false;
    for (size_t i = 0; i < judge->count; i++) {
        const struct um_exchange_record *record = judge->records[i];
        if (!um_judge_counts(judge, i) || !record->has_reply || record->authentication_failed)
            continue;
        if (!um_record_is_refused(record))
            return false;
        refused = true;
    }
    return refused;
}

static void
decide_outcome(const struct um_judge *judge, const struct um_exchange_record *origin,
               struct um_call *call)
{
    const struct um_timeline *timeline = &call->timeline;
    bool connected = false, disconnected = false, failed = false;
    for (size_t i = 0; i < timeline->observation_count; i++) {
        const struct um_observation *o = &timeline->observations[i];
        connected = connected || o->state == UM_STATE_CONNECTED;
        if (o->state != UM_STATE_DISCONNECTED)
            continue;
        disconnected = true;
        if (is_real_cause(o->cause)) {
            failed = true;
            call->cause = o->cause;
            call->cause_text = o->cause_text;
        }
    }
    if ((origin && um_record_is_refused(origin)) || is_all_refused(judge))
        call->outcome = UM_OUTCOME_REJECTED;
    else if (failed)
        call->outcome = UM_OUTCOME_FAILED;
    else if (connected && disconnected)
        call->outcome = UM_OUTCOME_COMPLETED;
    else if (disconnected)
        call->outcome = UM_OUTCOME_NOT_CONNECTED;
    else if (timeline->observation_count > 0)
        call->outcome = UM_OUTCOME_OPEN;
    else
        call->outcome = UM_OUTCOME_UNKNOWN;
}

/* Endpoints seen so far, each once. */
struct endpoint_list {
    struct um_symbols seen;
    struct um_endpoint *items;
    size_t count;
};

static int
see_endpoint(struct endpoint_list *list, const struct um_endpoint *endpoint, size_t *number)
{
    uint8_t key[sizeof endpoint->address + 3];
    memcpy(key, endpoint->address, sizeof endpoint->address);
    key[sizeof endpoint->address] = endpoint->address_len;
    key[sizeof endpoint->address + 1] = (uint8_t)(endpoint->port >> 8);
    key[sizeof endpoint->address + 2] = (uint8_t)endpoint->port;
    return um_symbols_add(&list->seen, um_span_of(key, sizeof key), number, NULL);
}

/* Most calls have one client and one server: nothing is looked up before a second one appears. */
static int
add_endpoint(struct endpoint_list *list, const struct um_endpoint *endpoint)
{
    size_t number = list->count;
    int err = UM_OK;
    if (list->count > 0 && um_endpoint_equal(&list->items[list->count - 1], endpoint))
        return UM_OK;
    if (list->count == 1)
        err = see_endpoint(list, &list->items[0], &number);
    if (!err && list->count > 0)
        err = see_endpoint(list, endpoint, &number);
    if (!err && number == list->count)
        list->items[list->count++] = *endpoint;
    return err;
}

static int
list_endpoints(const struct um_judge *judge, struct um_call *call)
{
    struct endpoint_list clients = {0}, servers = {0};
    clients.items = um_arena_array(judge->arena, judge->count, sizeof *clients.items);
    servers.items = um_arena_array(judge->arena, judge->count, sizeof *servers.items);
    int err = clients.items && servers.items ? UM_OK : UM_ERR_NOMEM;
    for (size_t i = 0; i < judge->count && !err; i++) {
        err = add_endpoint(&clients, &judge->records[i]->client);
        if (!err)
            err = add_endpoint(&servers, &judge->records[i]->server);
    }
    call->clients = clients.items;
    call->client_count = clients.count;
    call->servers = servers.items;
    call->server_count = servers.count;
    um_symbols_done(&clients.seen);
    um_symbols_done(&servers.seen);
    return err;
}

/* Most calls have one spelling: nothing is looked up before a second one appears. */
static int
see_spelling(struct um_symbols *seen, const struct um_call *call, struct um_span key,
             size_t *number)
{
    int err = UM_OK;
    if (call->spelling_count == 0)
        return UM_OK;
    if (call->spelling_count == 1)
        err = um_symbols_add(seen, call->spellings[0], number, NULL);
    return err ? err : um_symbols_add(seen, key, number, NULL);
}

static int
list_spellings(const struct um_judge *judge, struct um_call *call)
{
    struct um_symbols seen = {0};
    struct um_span *spellings = um_arena_array(judge->arena, judge->count, sizeof *spellings);
    struct um_span before = um_span_of(NULL, 0);
    int err = spellings ? UM_OK : UM_ERR_NOMEM;
    call->spellings = spellings;
    for (size_t i = 0; i < judge->count && !err; i++) {
        const struct um_exchange_record *record = judge->records[i];
        size_t number = 0;
        if (record->id.key.len == 0 || um_span_equal(record->id.key, before))
            continue;
        before = record->id.key;
        err = see_spelling(&seen, call, record->id.key, &number);
        if (err || number < call->spelling_count)
            continue;
        if (call->spelling_count == 0) {
            call->call_id = record->call_id;
            call->id = record->id;
        }
        spellings[call->spelling_count++] = record->id.key;
    }
    um_symbols_done(&seen);
    return err;
}

/* Members, counts, marks, origin. */
static int
list_members(const struct um_judge *judge, struct um_call *call)
{
    struct um_call_member *members = um_arena_array(judge->arena, judge->count, sizeof *members);
    if (!members)
        return UM_ERR_NOMEM;
    for (size_t i = 0; i < judge->count; i++) {
        const struct um_exchange_record *record = judge->records[i];
        bool counts = um_judge_counts(judge, i);
        members[i].exchange = (size_t)record->number - 1;
        members[i].hop_of = counts ? NONE : (size_t)judge->records[judge->hop_of[i]]->number - 1;
        call->exchanges += counts ? 1 : 0;
        call->polls += counts && um_operation_polls(record->operation) ? 1 : 0;
        if (counts && call->origin == NONE && um_operation_starts_call(record->operation))
            call->origin = (size_t)record->number - 1;
        um_mark_widen(&call->first, &call->last, record->request_first, record->request_last);
        um_mark_widen(&call->first, &call->last, record->reply_first, record->reply_last);
    }
    call->members = members;
    call->member_count = judge->count;
    return UM_OK;
}

static const struct um_exchange_record *
find_origin(const struct um_judge *judge, const struct um_call *call)
{
    for (size_t i = 0; i < judge->count && call->origin != NONE; i++) {
        if ((size_t)judge->records[i]->number - 1 == call->origin)
            return judge->records[i];
    }
    return NULL;
}

int
um_judge_call(const struct um_exchange_record **records, size_t count,
              const struct um_limits *limits, const struct um_thresholds *thresholds,
              struct um_arena *arena, struct um_call *out)
{
    struct um_judge judge = {.records = records,
                             .count = count,
                             .limits = limits,
                             .thresholds = thresholds,
                             .arena = arena};
    struct um_call call = {.origin = NONE, .cause = UM_CAUSE_NONE, .findings = {.arena = arena}};
    qsort(records, count, sizeof *records, um_record_compare);
    call.service = records[0]->service;

    int err = find_hops(&judge);
    if (!err)
        err = list_members(&judge, &call);
    if (!err)
        err = list_spellings(&judge, &call);
    if (!err)
        err = list_endpoints(&judge, &call);
    if (!err)
        err = build_timeline(&judge, &call);
    if (err)
        return err;
    decide_outcome(&judge, find_origin(&judge, &call), &call);
    if (thresholds)
        err = um_findings_call_make(&judge, &call);
    if (!err)
        *out = call;
    return err;
}
