/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call's records are read back one call at a time: to judge it, and once more to tell of it. */
#include "core/um/compact.h"

#include <assert.h>
#include <stdlib.h>

#include "core/base/err.h"
#include "core/base/room.h"
#include "core/um/findings_exchange.h"
#include "core/um/judge.h"
#include "core/um/record.h"

static const size_t NONE = SIZE_MAX;

enum { GROUPS_MAX = (1 << 29) - 1, OUTCOMES_MAX = 7 };

static_assert(UM_OUTCOME_COUNT <= OUTCOMES_MAX + 1, "an outcome fits");

int
um_calls_be_compact(struct um_calls *calls, const struct um_shelf *shelf)
{
    assert(calls->count == 0 && !calls->keeps_numbers);
    struct um_compact *compact = calloc(1, sizeof *compact);
    if (!compact)
        return UM_ERR_NOMEM;
    compact->index = NONE;
    if (shelf)
        compact->packing.pages.shelf = *shelf;
    calls->compact = compact;
    return UM_OK;
}

int
um_calls_error(const struct um_calls *calls)
{
    return calls->compact ? calls->compact->err : UM_OK;
}

void
um_compact_free(struct um_compact *compact)
{
    if (!compact)
        return;
    um_packing_done(&compact->packing);
    um_symbols_done(&compact->texts);
    um_slots_done(&compact->slots);
    for (size_t i = 0; i < UM_STORE_ORIGINS + 1; i++)
        um_arena_done(&compact->origin_texts[i]);
    free(compact->groups);
    um_arena_done(&compact->arena);
    free(compact->outlines);
    free(compact);
}

/* ---- reading ---- */

static int
by_number(const void *left, const void *right)
{
    const struct um_exchange_record *a = left, *b = right;
    return (a->number > b->number) - (a->number < b->number);
}

/* By number, in `arena`: two groups may have been merged. */
static int
read_list(struct um_compact *compact, const struct um_packed_list *list, struct um_arena *arena,
          struct um_exchange_record **out)
{
    struct um_exchange_record *records;
    int err = um_packed_read(&compact->packing, list, arena, &records);
    if (err)
        return err;
    for (size_t i = 1; i < list->count; i++) {
        if (records[i - 1].number > records[i].number) {
            qsort(records, list->count, sizeof *records, by_number);
            break;
        }
    }
    *out = records;
    return UM_OK;
}

/* ---- groups ---- */

static uint32_t
hash_at(const void *compact, size_t number)
{
    return ((const struct um_compact *)compact)->groups[number].hash;
}

static uint32_t
hash_of(struct um_span name)
{
    return (uint32_t)um_span_hash_quick(name);
}

/* The slot that holds the group of that name, or the free one where it belongs. */
static int
find_slot(struct um_compact *compact, struct um_span name, uint32_t hash, uint32_t **out)
{
    uint32_t *slot = um_slots_first(&compact->slots, hash);
    for (; *slot > 0; slot = um_slots_next(&compact->slots, slot)) {
        const struct um_compact_group *group = &compact->groups[*slot - 1];
        struct um_span other;
        if (group->hash != hash)
            continue;
        int err = um_packed_name_at(&compact->packing, group->list.name, &other);
        if (err)
            return err;
        if (um_span_equal(other, name))
            break;
    }
    *out = slot;
    return UM_OK;
}

int
um_compact_find(struct um_compact *compact, struct um_span name, size_t *group)
{
    uint32_t *slot = NULL;
    int err = compact->slots.count > 0 ? find_slot(compact, name, hash_of(name), &slot) : UM_OK;
    if (!err)
        *group = slot && *slot > 0 ? *slot - 1 : NONE;
    return err;
}

static int
add_group(struct um_compact *compact, struct um_span name, uint32_t hash, uint32_t *slot)
{
    size_t count = compact->group_count;
    struct um_compact_group *groups =
        um_room_for_one(compact->groups, &compact->group_capacity, count, sizeof *groups);
    if (!groups)
        return UM_ERR_NOMEM;
    compact->groups = groups;
    groups[count] = (struct um_compact_group){.hash = hash};
    int err = count < GROUPS_MAX ? um_packed_name(&compact->packing, name, &groups[count].list.name)
                                 : UM_ERR_NOMEM;
    if (!err)
        *slot = (uint32_t)++compact->group_count;
    return err;
}

int
um_compact_find_group(struct um_compact *compact, struct um_span name, size_t *group)
{
    uint32_t hash = hash_of(name), *slot = NULL;
    int err = um_slots_for_one(&compact->slots, compact->group_count, hash_at, compact);
    if (!err)
        err = find_slot(compact, name, hash, &slot);
    if (!err && *slot == 0)
        err = add_group(compact, name, hash, slot);
    if (!err)
        *group = *slot - 1;
    return err;
}

/* ---- adding ---- */

int
um_compact_keep(struct um_compact *compact, const struct um_exchange_record *record, size_t group)
{
    struct um_packed_list *list = group == NONE ? &compact->loose : &compact->groups[group].list;
    return um_packed_add(&compact->packing, record, group, list);
}

int
um_compact_origin(struct um_calls *calls, const struct um_exchange_record *record, size_t group,
                  struct um_stored **out)
{
    struct um_compact *compact = calls->compact;
    size_t at = calls->origin_count % (UM_STORE_ORIGINS + 1);
    struct um_exchange_record kept;
    um_arena_reset(&compact->origin_texts[at]);
    int err = um_packed_read_last(&compact->packing, &compact->groups[group].list, record,
                                  &compact->origin_texts[at], &kept);
    if (err)
        return err;
    kept.id = (struct um_call_id){.key = kept.id.key.len > 0 ? kept.call_id : um_span_of(NULL, 0)};
    compact->origins[at] =
        (struct um_stored){.record = kept, .group = group, .is_named = kept.id.key.len > 0};
    *out = &compact->origins[at];
    return UM_OK;
}

/* What is packed cannot be moved: it is packed anew. These are few, of one PlayOnPhone. */
int
um_compact_merge(struct um_compact *compact, size_t from, size_t into)
{
    struct um_arena scratch = {0};
    struct um_exchange_record *records;
    struct um_packed_list *source = &compact->groups[from].list;
    int err = um_packed_read(&compact->packing, source, &scratch, &records);
    for (size_t i = 0; i < source->count && !err; i++)
        err = um_compact_keep(compact, &records[i], into);
    um_arena_done(&scratch);
    if (err)
        return err;
    source->last = source->count = 0;
    for (size_t i = 0; i < UM_STORE_ORIGINS + 1; i++) {
        struct um_stored *origin = &compact->origins[i];
        origin->group = origin->group == from ? into : origin->group;
    }
    return UM_OK;
}

/* ---- judging all ---- */

static uint64_t
first_frame(const struct um_exchange_record *record)
{
    return record->has_request ? record->request_first.frame : record->reply_first.frame;
}

/* Judges a group into compact->call. */
static int
judge(const struct um_calls *calls, size_t group)
{
    struct um_compact *compact = calls->compact;
    compact->index = NONE;
    um_arena_reset(&compact->arena);
    const struct um_packed_list *list = &compact->groups[group].list;
    int err = read_list(compact, list, &compact->arena, &compact->records);
    compact->record_count = list->count;
    return err ? err
               : um_store_judge_records(calls, compact->records, compact->record_count,
                                        &compact->arena, &compact->call);
}

static const struct um_exchange_record *
find_record(const struct um_compact *compact, size_t index)
{
    const struct um_exchange_record key = {.number = index + 1};
    const struct um_exchange_record *found =
        bsearch(&key, compact->records, compact->record_count, sizeof key, by_number);
    assert(found);
    return found;
}

static int
outline(const struct um_calls *calls, size_t group, struct um_outline *out)
{
    const struct um_compact *compact = calls->compact;
    int err = judge(calls, group);
    if (err)
        return err;
    const struct um_call *call = &compact->call;
    size_t member = call->members[0].exchange;
    uint64_t step = first_frame(find_record(compact, member)) - call->first.frame;
    *out = (struct um_outline){.first_frame = call->first.frame,
                               .member_number = (uint32_t)member,
                               .member_step = step < UINT32_MAX ? (uint32_t)step : UINT32_MAX,
                               .group = (uint32_t)group & GROUPS_MAX,
                               .outcome = (uint32_t)call->outcome & OUTCOMES_MAX};
    return UM_OK;
}

static int
compare_outlines(const void *left, const void *right)
{
    const struct um_outline *a = left, *b = right;
    if (a->first_frame != b->first_frame)
        return a->first_frame < b->first_frame ? -1 : 1;
    if (a->member_step != b->member_step)
        return a->member_step < b->member_step ? -1 : 1;
    return (a->member_number > b->member_number) - (a->member_number < b->member_number);
}

/* In order of their first frames, where most of them are already: qsort takes memory of its own. */
static void
sort_outlines(struct um_outline *outlines, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (compare_outlines(&outlines[i - 1], &outlines[i]) > 0) {
            qsort(outlines, count, sizeof *outlines, compare_outlines);
            return;
        }
    }
}

static int
outline_all(struct um_calls *calls)
{
    struct um_compact *compact = calls->compact;
    free(compact->outlines);
    compact->outlines = calloc(compact->group_count + 1, sizeof *compact->outlines);
    if (!compact->outlines)
        return UM_ERR_NOMEM;
    for (size_t i = 0; i < compact->group_count; i++) {
        if (compact->groups[i].list.count == 0)
            continue; /* merged into another */
        int err = outline(calls, i, &compact->outlines[calls->call_count]);
        if (err)
            return err;
        calls->call_count++;
    }
    sort_outlines(compact->outlines, calls->call_count);
    return UM_OK;
}

/* Findings about exchanges of no call, in order of their requests. */
static int
judge_loose(struct um_calls *calls)
{
    struct um_compact *compact = calls->compact;
    struct um_arena scratch = {0};
    struct um_exchange_record *records;
    int err = read_list(compact, &compact->loose, &scratch, &records);
    const struct um_exchange_record **order =
        err ? NULL : um_arena_array(&scratch, compact->loose.count, sizeof *order);
    if (!order)
        err = UM_ERR_NOMEM;
    for (size_t i = 0; i < compact->loose.count && !err; i++)
        order[i] = &records[i];
    if (!err && compact->loose.count > 1)
        qsort(order, compact->loose.count, sizeof *order, um_record_compare);
    for (size_t i = 0; i < compact->loose.count && !err; i++)
        err = um_findings_exchange_make(order[i], &calls->thresholds,
                                        um_findings_exchange_refusal(order[i]), &calls->findings);
    um_arena_done(&scratch);
    return err;
}

int
um_compact_finish(struct um_calls *calls)
{
    int err = outline_all(calls);
    return err ? err : judge_loose(calls);
}

/* ---- giving out ---- */

const struct um_call *
um_compact_at(const struct um_calls *calls, size_t index)
{
    struct um_compact *compact = calls->compact;
    if (compact->index == index)
        return &compact->call;
    int err = judge(calls, compact->outlines[index].group);
    if (err) {
        static const struct um_call nothing = {.origin = SIZE_MAX};
        compact->err = err;
        return &nothing;
    }
    compact->call.number = (uint32_t)index + 1;
    compact->index = index;
    return &compact->call;
}

const struct um_exchange_record *
um_compact_exchange(const struct um_calls *calls, size_t index)
{
    return find_record(calls->compact, index);
}
