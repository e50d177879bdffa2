/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packed records hang in lists, one a group, in the order in which they came. */
#include "core/um/compact.h"

#include <assert.h>
#include <stdlib.h>

#include "core/base/err.h"
#include "core/um/findings_exchange.h"
#include "core/um/judge.h"
#include "core/um/record.h"

static const size_t NONE = SIZE_MAX;

enum { GROUPS_MAX = (1 << 29) - 1, OUTCOMES_MAX = 7 };

static_assert(UM_OUTCOME_COUNT <= OUTCOMES_MAX + 1, "an outcome fits");

int
um_calls_be_compact(struct um_calls *calls)
{
    assert(calls->count == 0 && !calls->keeps_numbers);
    struct um_compact *compact = calloc(1, sizeof *compact);
    if (!compact)
        return UM_ERR_NOMEM;
    compact->index = NONE;
    compact->packing.names = &calls->names;
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

static int
read_list(const struct um_packing *packing, uint32_t packed, size_t count, struct um_arena *arena,
          struct um_exchange_record **out)
{
    struct um_exchange_record *records = um_arena_array(arena, count, sizeof *records);
    int err = records ? UM_OK : UM_ERR_NOMEM;
    bool is_in_order = true;
    for (size_t i = 0; i < count && !err; i++) {
        err = um_packed_read(packing, packed, i > 0 ? &records[i - 1] : NULL, arena, &records[i]);
        packed = um_packed_next(packing, packed);
        is_in_order = is_in_order && (i == 0 || records[i - 1].number < records[i].number);
    }
    if (err)
        return err;
    if (!is_in_order) /* two groups have been merged */
        qsort(records, count, sizeof *records, by_number);
    *out = records;
    return UM_OK;
}

/* ---- adding ---- */

static void
append(struct um_packing *packing, uint32_t packed, uint32_t *first, uint32_t *last)
{
    if (*last)
        um_packed_link(packing, *last, packed);
    else
        *first = packed;
    *last = packed;
}

int
um_compact_keep(struct um_calls *calls, const struct um_exchange_record *record, size_t group)
{
    struct um_compact *compact = calls->compact;
    uint32_t packed;
    int err = um_packed_make(&compact->packing, record, group, &packed);
    if (err)
        return err;
    if (group == NONE) {
        append(&compact->packing, packed, &compact->loose, &compact->loose_last);
        compact->loose_count++;
        return UM_OK;
    }
    append(&compact->packing, packed, &calls->groups[group].packed,
           &calls->groups[group].packed_last);
    calls->groups[group].count++;
    return UM_OK;
}

int
um_compact_origin(struct um_calls *calls, const struct um_exchange_record *record, size_t group,
                  struct um_stored **out)
{
    struct um_compact *compact = calls->compact;
    struct um_stored *place = &compact->origins[calls->origin_count % (UM_STORE_ORIGINS + 1)];
    struct um_arena scratch = {0};
    struct um_exchange_record kept;
    int err = um_packed_read_back(&compact->packing, calls->groups[group].packed_last, record,
                                  group, &scratch, &kept);
    um_arena_done(&scratch);
    if (err)
        return err;
    kept.id = (struct um_call_id){.key = kept.id.key.len > 0 ? kept.call_id : um_span_of(NULL, 0)};
    *place = (struct um_stored){.record = kept, .group = group};
    *out = place;
    return UM_OK;
}

void
um_compact_merge(struct um_calls *calls, size_t from, size_t into)
{
    struct um_group *source = &calls->groups[from], *target = &calls->groups[into];
    append(&calls->compact->packing, source->packed, &target->packed, &target->packed_last);
    um_packing_forget(&calls->compact->packing, from);
    um_packing_forget(&calls->compact->packing, into);
    target->packed_last = source->packed_last;
    target->count += source->count;
    *source = (struct um_group){0};
    for (size_t i = 0; i < UM_STORE_ORIGINS + 1; i++) {
        struct um_stored *origin = &calls->compact->origins[i];
        origin->group = origin->group == from ? into : origin->group;
    }
}

/* ---- judging all ---- */

int
um_compact_records(const struct um_calls *calls, const struct um_group *group,
                   struct um_arena *arena, struct um_exchange_record **out)
{
    return read_list(&calls->compact->packing, group->packed, group->count, arena, out);
}

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
    int err = um_compact_records(calls, &calls->groups[group], &compact->arena, &compact->records);
    compact->record_count = calls->groups[group].count;
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
    if (calls->names.count > GROUPS_MAX)
        return UM_ERR_NOMEM;
    free(compact->outlines);
    compact->outlines = calloc(calls->names.count + 1, sizeof *compact->outlines);
    if (!compact->outlines)
        return UM_ERR_NOMEM;
    for (size_t i = 0; i < calls->names.count; i++) {
        if (calls->groups[i].count == 0)
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
    const struct um_compact *compact = calls->compact;
    struct um_arena scratch = {0};
    struct um_exchange_record *records;
    int err =
        read_list(&compact->packing, compact->loose, compact->loose_count, &scratch, &records);
    const struct um_exchange_record **order =
        err ? NULL : um_arena_array(&scratch, compact->loose_count, sizeof *order);
    if (!order)
        err = UM_ERR_NOMEM;
    for (size_t i = 0; i < compact->loose_count && !err; i++)
        order[i] = &records[i];
    if (!err && compact->loose_count > 1)
        qsort(order, compact->loose_count, sizeof *order, um_record_compare);
    for (size_t i = 0; i < compact->loose_count && !err; i++)
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
