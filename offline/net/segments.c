/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A doubly linked list, searched from its end: what comes out of order mostly belongs there. */
#include "offline/net/segments.h"

#include <assert.h>
#include <stdlib.h>

struct um_arrival
um_arrival_from(const struct um_arrival *arrival, uint64_t position)
{
    struct um_arrival rest = *arrival;
    if (position <= arrival->position)
        return rest;
    uint64_t before = position - arrival->position, of_bytes = arrival->bytes.len;
    uint64_t of_cut = before > of_bytes ? before - of_bytes : 0;
    rest.position = position;
    rest.bytes = um_span_from(arrival->bytes, (size_t)(before < of_bytes ? before : of_bytes));
    rest.cut = of_cut < arrival->cut ? arrival->cut - (uint32_t)of_cut : 0;
    return rest;
}

struct um_arrival
um_arrival_before(const struct um_arrival *arrival, uint64_t position)
{
    struct um_arrival start = *arrival;
    uint64_t end = um_arrival_end(arrival);
    if (position >= end)
        return start;
    uint64_t behind = end - (position > arrival->position ? position : arrival->position);
    uint64_t of_bytes = behind > arrival->cut ? behind - arrival->cut : 0;
    start.bytes.len -= (size_t)of_bytes;
    start.cut -= (uint32_t)(behind - of_bytes);
    return start;
}

enum { ALLOCATION_BYTES = 16 }; /* what the heap takes for itself, of each piece */

static uint64_t
copied(const struct um_segment *segment)
{
    return segment->is_cut || segment->is_needless ? 0 : segment->len;
}

static uint64_t
footprint(uint64_t bytes)
{
    return sizeof(struct um_segment) + ALLOCATION_BYTES + bytes;
}

static void
give_back(struct um_segments_room *room, uint64_t bytes)
{
    room->used -= bytes;
    um_meter_give(room->meter, footprint(bytes));
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
    set->held_bytes += copied(segment);
    set->covered_bytes += segment->len;
}

static void
discard(struct um_segments *set, struct um_segment *segment, struct um_segments_room *room)
{
    *(segment->prev ? &segment->prev->next : &set->head) = segment->next;
    *(segment->next ? &segment->next->prev : &set->tail) = segment->prev;
    set->count--;
    set->held_bytes -= copied(segment);
    set->covered_bytes -= segment->len;
    give_back(room, copied(segment));
    free(segment);
}

/* Part of an arrival: all of one kind. */
struct range {
    uint64_t from;
    uint64_t to;
    const uint8_t *bytes; /* of `from`; NULL: cut, or needless */
    bool is_cut;
};

struct adding {
    struct um_segments *set;
    const struct um_arrival *arrival;
    uint64_t max;
    struct um_segments_room *room;
};

static int
take_room(const struct adding *adding, uint64_t bytes)
{
    const struct um_segments *set = adding->set;
    struct um_segments_room *room = adding->room;
    if (set->count >= UM_SEGMENTS_MAX || bytes > adding->max ||
        set->held_bytes > adding->max - bytes)
        return UM_SEGMENTS_FULL;
    if (bytes > room->max || room->used > room->max - bytes)
        return UM_SEGMENTS_NO_ROOM;
    if (!um_meter_take(room->meter, footprint(bytes)))
        return UM_SEGMENTS_NO_MEMORY;
    room->used += bytes;
    return UM_OK;
}

/* Puts the beginning of `range`, up to `to`, behind `left`; `*added` is the new piece. */
static int
insert(const struct adding *adding, const struct range *range, uint64_t to, struct um_segment *left,
       struct um_segment **added)
{
    uint64_t len = to - range->from, held = range->bytes ? len : 0;
    int result = take_room(adding, held);
    if (result)
        return result;
    struct um_segment *segment = malloc(sizeof *segment + (size_t)held);
    if (!segment) {
        give_back(adding->room, held);
        return UM_ERR_NOMEM;
    }
    *segment = (struct um_segment){.position = range->from,
                                   .len = len,
                                   .ack = adding->arrival->ack,
                                   .first = adding->arrival->first,
                                   .last = adding->arrival->last,
                                   .is_cut = range->is_cut,
                                   .is_needless = !range->bytes && !range->is_cut};
    if (held > 0)
        memcpy(segment->bytes, range->bytes, (size_t)held);
    link_after(adding->set, left, segment);
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

static int
add_range(const struct adding *adding, struct range range)
{
    struct um_segment *left = find_at_or_before(adding->set, range.from);
    while (range.from < range.to) {
        if (left && um_segment_end(left) > range.from) {
            uint64_t end = um_segment_end(left);
            advance(&range, end < range.to ? end : range.to);
            continue;
        }
        struct um_segment *right = left ? left->next : adding->set->head;
        if (right && right->position == range.from) {
            left = right;
            continue;
        }
        uint64_t to = right && right->position < range.to ? right->position : range.to;
        int err = insert(adding, &range, to, left, &left);
        if (err)
            return err;
        advance(&range, to);
    }
    return UM_OK;
}

int
um_segments_add(struct um_segments *set, const struct um_arrival *arrival, uint64_t needed_from,
                uint64_t max, struct um_segments_room *room)
{
    struct adding adding = {set, arrival, max, room};
    uint64_t from = arrival->position, cut_from = from + arrival->bytes.len, needed = from;
    if (needed_from > from)
        needed = needed_from < cut_from ? needed_from : cut_from;
    int err = add_range(&adding, (struct range){.from = from, .to = needed});
    if (!err && needed < cut_from) {
        const uint8_t *bytes = arrival->bytes.data + (needed - from);
        err = add_range(&adding, (struct range){.from = needed, .to = cut_from, .bytes = bytes});
    }
    uint64_t end = cut_from + arrival->cut;
    return err ? err
               : add_range(&adding, (struct range){.from = cut_from, .to = end, .is_cut = true});
}

bool
um_segments_differ(const struct um_segments *set, const struct um_arrival *arrival)
{
    uint64_t from = arrival->position, to = from + arrival->bytes.len;
    if (!set->tail || um_segment_end(set->tail) <= from)
        return false;
    const struct um_segment *held = find_at_or_before(set, from);
    for (held = held ? held : set->head; held && held->position < to; held = held->next) {
        uint64_t begin = held->position > from ? held->position : from;
        uint64_t end = um_segment_end(held) < to ? um_segment_end(held) : to;
        if (begin < end && copied(held) > 0 &&
            memcmp(arrival->bytes.data + (begin - from), held->bytes + (begin - held->position),
                   (size_t)(end - begin)) != 0)
            return true;
    }
    return false;
}

void
um_segments_pop(struct um_segments *set, struct um_segments_room *room)
{
    assert(set->head);
    discard(set, set->head, room);
}

void
um_segments_truncate(struct um_segments *set, uint64_t position, struct um_segments_room *room)
{
    while (set->tail && set->tail->position >= position)
        discard(set, set->tail, room);
    struct um_segment *last = set->tail;
    if (!last || um_segment_end(last) <= position)
        return;
    uint64_t behind = um_segment_end(last) - position, bytes = copied(last) > 0 ? behind : 0;
    last->len -= behind; /* the memory stays as it is; what is counted is what is held */
    set->covered_bytes -= behind;
    set->held_bytes -= bytes;
    room->used -= bytes;
    um_meter_give(room->meter, bytes);
}

void
um_segments_clear(struct um_segments *set, struct um_segments_room *room)
{
    while (set->head)
        discard(set, set->head, room);
}
