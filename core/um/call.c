/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store: adding, judging one call, giving out. How it is made stands in store.h; all of it is
 * judged in finish.c.
 */
#include "core/um/call.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "core/base/err.h"
#include "core/base/room.h"
#include "core/um/compact.h"
#include "core/um/judge.h"
#include "core/um/record.h"
#include "core/um/store.h"

static const size_t NONE = SIZE_MAX;

const char *
um_outcome_text(enum um_outcome outcome)
{
    static const char *const texts[UM_OUTCOME_COUNT] = {
        [UM_OUTCOME_REJECTED] = "rejected",   [UM_OUTCOME_FAILED] = "failed",
        [UM_OUTCOME_COMPLETED] = "completed", [UM_OUTCOME_NOT_CONNECTED] = "not-connected",
        [UM_OUTCOME_OPEN] = "open",           [UM_OUTCOME_UNKNOWN] = "unknown",
    };
    assert(outcome < UM_OUTCOME_COUNT);
    return texts[outcome];
}

void
um_thresholds_init(struct um_thresholds *thresholds)
{
    static const int64_t second_ns = 1000000000;
    *thresholds = (struct um_thresholds){
        .slow_ns = 1 * second_ns, .stuck_after_ns = 60 * second_ns, .poll_gap_ns = 30 * second_ns};
}

int
um_calls_new(const struct um_limits *limits, const struct um_thresholds *thresholds,
             struct um_calls **out)
{
    struct um_calls *calls = calloc(1, sizeof *calls);
    if (!calls)
        return UM_ERR_NOMEM;
    calls->limits = *limits;
    calls->thresholds = *thresholds;
    calls->findings.arena = &calls->results;
    *out = calls;
    return UM_OK;
}

int
um_calls_new_like(const struct um_calls *calls, struct um_calls **out)
{
    int err = um_calls_new(&calls->limits, &calls->thresholds, out);
    if (err)
        return err;
    (*out)->refused = calls->refused;
    (*out)->first_refused_frame = calls->first_refused_frame;
    return UM_OK;
}

void
um_store_clear(struct um_calls *calls)
{
    um_compact_free(calls->compact);
    um_symbols_done(&calls->texts);
    um_symbols_done(&calls->names);
    um_arena_done(&calls->memory);
    um_arena_done(&calls->results);
    free(calls->items);
    free(calls->groups);
}

void
um_calls_free(struct um_calls *calls)
{
    if (!calls)
        return;
    um_store_clear(calls);
    free(calls);
}

/* ---- adding ---- */

/* True for what can be a call, or part of one; the rest is kept for the view of messages only. */
static bool
is_of_a_call(const struct um_exchange_record *record)
{
    if (!record->has_request)
        return false;
    return um_operation_starts_call(record->operation) ||
           (um_operation_names_call(record->operation) && record->id.key.len > 0);
}

static bool
is_nameless(const struct um_exchange_record *record)
{
    return record->id.key.len == 0;
}

static unsigned
hex_value(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a') + 10;
}

/* The letter g and the GUID's bytes. */
static char *
name_of_guid(const char *guid, struct um_arena *scratch, size_t *len)
{
    char *name = um_arena_alloc(scratch, UM_GUID_LEN);
    if (!name)
        return NULL;
    name[(*len)++] = 'g';
    for (size_t i = 0; i < UM_GUID_LEN; i += 2) {
        i += guid[i] == '-';
        name[(*len)++] = (char)(hex_value(guid[i]) << 4 | hex_value(guid[i + 1]));
    }
    return name;
}

int
um_store_name(struct um_calls *calls, const struct um_exchange_record *record,
              struct um_arena *scratch, struct um_span *out)
{
    struct um_span key = record->id.key;
    char *name;
    size_t len = 0;
    if (is_nameless(record))
        name = um_arena_printf(scratch, "n%" PRIu64, ++calls->last_nameless);
    else if (record->id.guid[0] != '\0')
        name = name_of_guid(record->id.guid, scratch, &len);
    else if ((name = um_arena_alloc(scratch, key.len + 1))) {
        name[0] = 'k'; /* an opaque id that reads like a GUID is none */
        memcpy(name + 1, key.data, key.len);
        len = key.len + 1;
    }
    if (!name)
        return UM_ERR_NOMEM;
    *out = len > 0 ? um_span_of(name, len) : um_span_text(name);
    return UM_OK;
}

int
um_store_find_group(struct um_calls *calls, struct um_span name, size_t *index)
{
    if (calls->compact)
        return um_compact_find_group(calls->compact, name, index);
    size_t count = calls->names.count;
    struct um_group *groups =
        um_room_for_one(calls->groups, &calls->group_capacity, count, sizeof *groups);
    if (!groups)
        return UM_ERR_NOMEM;
    calls->groups = groups;
    int err = um_symbols_add(&calls->names, name, index, NULL);
    if (!err && *index == count)
        groups[count] =
            (struct um_group){.number = ++calls->last_number & INT32_MAX, .last_ns = INT64_MIN};
    return err;
}

int64_t
um_store_last_ns(const struct um_exchange_record *record)
{
    int64_t request_ns = record->request_last.time_ns, reply_ns = record->reply_last.time_ns;
    if (!record->has_request || !record->has_reply)
        return record->has_reply ? reply_ns : request_ns;
    return reply_ns > request_ns ? reply_ns : request_ns;
}

void
um_store_join(struct um_calls *calls, struct um_stored *stored, size_t index)
{
    struct um_group *group = &calls->groups[index];
    if (group->last)
        group->last->next_of_group = stored;
    else
        group->first = stored;
    group->last = stored;
    group->count++;
    int64_t last_ns = um_store_last_ns(&stored->record);
    group->last_ns = last_ns > group->last_ns ? last_ns : group->last_ns;
    stored->group = index;
    stored->next_of_group = NULL;
}

/* Moves everything of one group into another. */
static int
merge_groups(struct um_calls *calls, size_t from, size_t into)
{
    if (calls->compact)
        return um_compact_merge(calls->compact, from, into);
    struct um_stored *stored = calls->groups[from].first;
    if (calls->groups[from].number < calls->groups[into].number) /* it has been told by this one */
        calls->groups[into].number = calls->groups[from].number;
    calls->groups[from] = (struct um_group){0};
    while (stored) {
        struct um_stored *next = stored->next_of_group;
        um_store_join(calls, stored, into);
        stored = next;
    }
    return UM_OK;
}

static int64_t
apart_ns(const struct um_stored *a, const struct um_stored *b)
{
    int64_t ns = um_mark_elapsed_ns(a->record.request_last.time_ns, b->record.request_last.time_ns);
    return ns < 0 ? -ns : ns;
}

/* The nearest in time that is the same request on another hop, of another call. NULL: none. Two
 * CallIds are never one call. */
static struct um_stored *
find_hop(const struct um_calls *calls, const struct um_stored *stored)
{
    struct um_stored *found = NULL;
    for (size_t i = 0; i < um_store_kept_origins(calls); i++) {
        struct um_stored *other = calls->origins[i];
        if (other->group != stored->group && !(other->is_named && stored->is_named) &&
            um_record_is_hop(&other->record, &stored->record) &&
            (!found || apart_ns(other, stored) < apart_ns(found, stored)))
            found = other;
    }
    return found;
}

/* A call without a CallId becomes part of one that has it. */
static int
take_in(struct um_calls *calls, size_t nameless, size_t named)
{
    int err = merge_groups(calls, nameless, named);
    for (size_t i = 0; i < um_store_kept_origins(calls); i++)
        calls->origins[i]->is_named |= calls->origins[i]->group == named;
    return err;
}

/*
 * One PlayOnPhone on its way over two hops, and on one of them its reply (with the CallId) was
 * refused or not captured: the two are one call all the same.
 */
static int
join_hops(struct um_calls *calls, struct um_stored *stored)
{
    struct um_stored *hop;
    int err = UM_OK;
    if (stored->record.item == 0)
        return UM_OK;
    if (!stored->is_named) {
        hop = find_hop(calls, stored);
        stored->is_named = hop && hop->is_named;
        return hop ? merge_groups(calls, stored->group, hop->group) : UM_OK;
    }
    while (!err && (hop = find_hop(calls, stored)))
        err = take_in(calls, hop->group, stored->group);
    return err;
}

int
um_store_keep(struct um_calls *calls, const struct um_exchange_record *record,
              struct um_stored **out)
{
    struct um_stored **items =
        um_room_for_one(calls->items, &calls->capacity, calls->count, sizeof *calls->items);
    if (!items)
        return UM_ERR_NOMEM;
    calls->items = items;
    struct um_stored *stored = um_arena_alloc(&calls->memory, sizeof *stored);
    if (!stored)
        return UM_ERR_NOMEM;
    stored->record = *record;
    stored->record.number = calls->count + 1;
    stored->group = NONE;
    stored->is_named = !is_nameless(record);
    *out = stored;
    return UM_OK;
}

/* The group that the record belongs to; NONE when it is of no call. */
static int
find_group(struct um_calls *calls, const struct um_exchange_record *record, size_t *group)
{
    struct um_arena scratch = {0};
    struct um_span name;
    *group = NONE;
    if (!is_of_a_call(record))
        return UM_OK;
    int err = um_store_name(calls, record, &scratch, &name);
    if (!err)
        err = um_store_find_group(calls, name, group);
    um_arena_done(&scratch);
    return err;
}

/* A request that places a call may be seen again on another hop. */
static int
note_origin(struct um_calls *calls, struct um_stored *stored)
{
    int err = join_hops(calls, stored);
    calls->origins[calls->origin_count++ % UM_STORE_ORIGINS] = stored;
    return err;
}

static int
keep_packed(struct um_calls *calls, const struct um_exchange_record *record)
{
    struct um_exchange_record numbered = *record;
    size_t group;
    int err = find_group(calls, record, &group);
    numbered.number = calls->count + 1;
    if (!err)
        err = um_compact_keep(calls->compact, &numbered, group);
    if (err)
        return err;
    calls->count++;
    struct um_stored *origin;
    if (group == NONE || !um_operation_starts_call(record->operation))
        return UM_OK;
    err = um_compact_origin(calls, &numbered, group, &origin);
    return err ? err : note_origin(calls, origin);
}

/* Takes the record in; its texts are the store's own, or outlive it. */
static int
keep(struct um_calls *calls, const struct um_exchange_record *record)
{
    struct um_stored *stored;
    size_t group;
    if (calls->compact)
        return keep_packed(calls, record);
    int err = um_store_keep(calls, record, &stored);
    if (!err)
        err = find_group(calls, record, &group);
    if (err)
        return err;
    calls->items[calls->count++] = stored;
    if (group == NONE)
        return UM_OK;
    um_store_join(calls, stored, group);
    return um_operation_starts_call(record->operation) ? note_origin(calls, stored) : UM_OK;
}

static bool
is_full(const struct um_calls *calls)
{
    size_t count = calls->compact ? calls->compact->group_count : calls->names.count;
    return count >= calls->limits.max[UM_LIMIT_CALLS];
}

static int
has_group(const struct um_calls *calls, struct um_span name, bool *out)
{
    size_t group = NONE;
    int err = calls->compact ? um_compact_find(calls->compact, name, &group) : UM_OK;
    *out = calls->compact ? group != NONE : um_symbols_has(&calls->names, name);
    return err;
}

/* At the limit `calls`: would the record begin a new call? Then it is counted only: 1; else 0. */
static int
refuse(struct um_calls *calls, const struct um_exchange_record *record)
{
    struct um_arena scratch = {0};
    struct um_span name;
    if (!is_of_a_call(record))
        return 0;
    bool is_there = false;
    int err = um_store_name(calls, record, &scratch, &name);
    if (!err)
        err = has_group(calls, name, &is_there);
    um_arena_done(&scratch);
    if (err || is_there)
        return err;
    if (calls->refused++ == 0)
        calls->first_refused_frame = record->request_first.frame;
    return 1;
}

/* The same of an exchange, of which nothing is kept. */
static int
refuse_exchange(struct um_calls *calls, const struct um_exchange *exchange)
{
    struct um_exchange_record record;
    struct um_symbols texts = {0};
    int result = um_record_fill(exchange, &texts, &record);
    if (!result)
        result = refuse(calls, &record);
    um_symbols_done(&texts);
    return result;
}

static bool
is_kind(const struct um_exchange_side *side, enum um_message_kind kind)
{
    return side->captured && side->message && side->message->kind == kind;
}

static bool
is_ours(const struct um_exchange *exchange)
{
    return is_kind(&exchange->request, UM_MESSAGE_REQUEST) ||
           is_kind(&exchange->reply, UM_MESSAGE_REPLY);
}

int
um_calls_add(struct um_calls *calls, const struct um_exchange *exchange)
{
    if (!is_ours(exchange))
        return UM_OK;
    struct um_exchange_record record;
    int result = is_full(calls) ? refuse_exchange(calls, exchange) : 0;
    if (result != 0)
        return result < 0 ? result : UM_OK;
    struct um_symbols *texts = calls->compact ? &calls->compact->texts : &calls->texts;
    if (calls->compact)
        um_symbols_clear(texts);
    int err = um_record_fill(exchange, texts, &record);
    return err ? err : keep(calls, &record);
}

int
um_calls_add_record(struct um_calls *calls, const struct um_exchange_record *record)
{
    int result = is_full(calls) ? refuse(calls, record) : 0;
    if (result != 0)
        return result < 0 ? result : UM_OK;
    return keep(calls, record);
}

/* ---- judging ---- */

int
um_store_judge_records(const struct um_calls *calls, const struct um_exchange_record *records,
                       size_t count, struct um_arena *arena, struct um_call *out)
{
    const struct um_exchange_record **list = calloc(count, sizeof *list);
    if (!list)
        return UM_ERR_NOMEM;
    for (size_t i = 0; i < count; i++)
        list[i] = &records[i];
    int err = um_judge_call(list, count, &calls->limits, &calls->thresholds, arena, out);
    free(list);
    return err;
}

static int
judge_group(const struct um_calls *calls, const struct um_group *group,
            const struct um_thresholds *thresholds, struct um_arena *arena, struct um_call *out)
{
    const struct um_exchange_record **records = calloc(group->count, sizeof *records);
    if (!records)
        return UM_ERR_NOMEM;
    size_t count = 0;
    for (const struct um_stored *stored = group->first; stored; stored = stored->next_of_group)
        records[count++] = &stored->record;
    int err = um_judge_call(records, count, &calls->limits, thresholds, arena, out);
    free(records);
    if (!err)
        out->number = group->number;
    return err;
}

int
um_store_judge(const struct um_calls *calls, const struct um_group *group, struct um_arena *arena,
               struct um_call *out)
{
    return judge_group(calls, group, &calls->thresholds, arena, out);
}

int
um_calls_judge(const struct um_calls *calls, size_t index, bool with_findings,
               struct um_arena *arena, struct um_call *out)
{
    assert(index < calls->count && !calls->compact);
    size_t group = calls->items[index]->group;
    if (group == NONE)
        return 0;
    int err = judge_group(calls, &calls->groups[group], with_findings ? &calls->thresholds : NULL,
                          arena, out);
    return err ? err : 1;
}

/* ---- giving out ---- */

size_t
um_calls_count(const struct um_calls *calls)
{
    return calls->call_count;
}

const struct um_call *
um_calls_at(const struct um_calls *calls, size_t index)
{
    assert(index < calls->call_count);
    return calls->compact ? um_compact_at(calls, index) : &calls->calls[index];
}

enum um_outcome
um_calls_outcome(const struct um_calls *calls, size_t index)
{
    assert(index < calls->call_count);
    return calls->compact ? (enum um_outcome)calls->compact->outlines[index].outcome
                          : calls->calls[index].outcome;
}

size_t
um_calls_exchange_count(const struct um_calls *calls)
{
    return calls->count;
}

const struct um_exchange_record *
um_calls_exchange(const struct um_calls *calls, size_t index)
{
    assert(index < calls->count);
    return calls->compact ? um_compact_exchange(calls, index) : &calls->items[index]->record;
}

const struct um_findings *
um_calls_findings(const struct um_calls *calls)
{
    return &calls->findings;
}
