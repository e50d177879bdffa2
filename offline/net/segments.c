/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A doubly linked list, searched from its end: what comes out of order mostly belongs there. */
#include "offline/net/segments.h"

#include <assert.h>
#include <stdlib.h>

static size_t
footprint(const struct um_segment *segment)
{
    return sizeof *segment + (segment->is_cut ? 0 : (size_t)segment->len);
}

/* The last piece that begins at `position` or before; NULL when there is none. */
static struct um_segment *
find_at_or_before(const struct um_segments *set, uint64_t position)
{
    struct um_segment *segment = set->tail;
    while (segment && segment->position > position)
        segment = segment->prev;
    return segment;
}

static void
link_after(struct um_segments *set, struct um_segment *left, struct um_segment *segment)
{
    segment->prev = left;
    segment->next = left ? left->next : set->head;
    *(segment->prev ? &segment->prev->next : &set->head) = segment;
    *(segment->next ? &segment->next->prev : &set->tail) = segment;
    set->count++;
    set->held_bytes += segment->is_cut ? 0 : segment->len;
    set->covered_bytes += segment->len;
}

/* Part of an arrival: either all captured (`bytes`) or all cut. */
struct range {
    uint64_t from;
    uint64_t to;
    const uint8_t *bytes; /* of `from`; NULL: cut */
};

/* Puts the beginning of `range`, up to `to`, behind `left`; `*added` is the new piece. */
static int
insert(struct um_segments *set, const struct um_arrival *arrival, const struct range *range,
       uint64_t to, struct um_segment *left, struct um_meter *meter, struct um_segment **added)
{
    size_t len = (size_t)(to - range->from), held = range->bytes ? len : 0;
    if (set->count >= UM_SEGMENTS_MAX || !um_meter_take(meter, sizeof **added + held))
        return UM_SEGMENTS_FULL;
    struct um_segment *segment = malloc(sizeof *segment + held);
    if (!segment) {
        um_meter_give(meter, sizeof *segment + held);
        return UM_ERR_NOMEM;
    }
    *segment = (struct um_segment){.position = range->from,
                                   .len = len,
                                   .ack = arrival->ack,
                                   .first = arrival->first,
                                   .last = arrival->last,
                                   .is_cut = !range->bytes};
    if (held > 0)
        memcpy(segment->bytes, range->bytes, held);
    link_after(set, left, segment);
    *added = segment;
    return UM_OK;
}

static void
advance(struct range *range, uint64_t to)
{
    if (range->bytes)
        range->bytes += to - range->from;
    range->from = to;
}

/* Skips what `held` covers of the beginning of `range`. */
static void
skip_covered(struct range *range, const struct um_segment *held, bool *conflict)
{
    uint64_t end = um_segment_end(held), to = end < range->to ? end : range->to;
    if (range->bytes && !held->is_cut &&
        memcmp(range->bytes, held->bytes + (range->from - held->position),
               (size_t)(to - range->from)) != 0)
        *conflict = true;
    advance(range, to);
}

static int
add_range(struct um_segments *set, const struct um_arrival *arrival, struct range range,
          struct um_meter *meter, bool *conflict)
{
    struct um_segment *left = find_at_or_before(set, range.from);
    while (range.from < range.to) {
        if (left && um_segment_end(left) > range.from) {
            skip_covered(&range, left, conflict);
            continue;
        }
        struct um_segment *right = left ? left->next : set->head;
        if (right && right->position == range.from) {
            left = right;
            continue;
        }
        uint64_t to = right && right->position < range.to ? right->position : range.to;
        int err = insert(set, arrival, &range, to, left, meter, &left);
        if (err)
            return err;
        advance(&range, to);
    }
    return UM_OK;
}

int
um_segments_add(struct um_segments *set, const struct um_arrival *arrival, struct um_meter *meter,
                bool *conflict)
{
    uint64_t middle = arrival->position + arrival->bytes.len;
    struct range captured = {arrival->position, middle, arrival->bytes.data};
    struct range cut = {middle, middle + arrival->cut, NULL};
    int err = add_range(set, arrival, captured, meter, conflict);
    return err ? err : add_range(set, arrival, cut, meter, conflict);
}

void
um_segments_pop(struct um_segments *set, struct um_meter *meter)
{
    struct um_segment *segment = set->head;
    assert(segment);
    set->head = segment->next;
    *(set->head ? &set->head->prev : &set->tail) = NULL;
    set->count--;
    set->held_bytes -= segment->is_cut ? 0 : segment->len;
    set->covered_bytes -= segment->len;
    um_meter_give(meter, footprint(segment));
    free(segment);
}

void
um_segments_clear(struct um_segments *set, struct um_meter *meter)
{
    while (set->head)
        um_segments_pop(set, meter);
}
