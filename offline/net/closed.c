/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A few places for each value of the hash's lower bits, taken in turn and never given back. */
#include "offline/net/closed.h"

#include <stddef.h>

#include "core/base/mark.h"

enum {
    BEHIND_BYTES = 1 << 24, /* what is taken for a retransmission */
    AHEAD_BYTES = 1 << 16,
};

static uint32_t
tag_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

struct um_closed *
um_closed_find(struct um_closed_table *table, uint64_t hash)
{
    struct um_closed *set = table->sets[hash % UM_CLOSED_SETS];
    for (size_t way = 0; way < UM_CLOSED_WAYS && set[way].is_used; way++) {
        if (set[way].tag == tag_of(hash))
            return &set[way];
    }
    return NULL;
}

/* The place that a new entry takes. */
static struct um_closed *
place_in(struct um_closed *set)
{
    struct um_closed *oldest = set;
    for (size_t way = 0; way < UM_CLOSED_WAYS; way++) {
        if (!set[way].is_used)
            return &set[way];
        if (set[way].closed_ns < oldest->closed_ns)
            oldest = &set[way];
    }
    return oldest;
}

struct um_closed *
um_closed_put(struct um_closed_table *table, uint64_t hash, int64_t closed_ns)
{
    struct um_closed *entry = um_closed_find(table, hash);
    if (!entry)
        entry = place_in(table->sets[hash % UM_CLOSED_SETS]);
    *entry = (struct um_closed){.tag = tag_of(hash), .is_used = true, .closed_ns = closed_ns};
    return entry;
}

static bool
is_known(const struct um_closed *closed, int side, int64_t now_ns)
{
    return closed && closed->is_known[side] &&
           um_mark_elapsed_ns(closed->closed_ns, now_ns) <= UM_CLOSED_REPEAT_NS;
}

bool
um_closed_note_start(struct um_closed *closed, int side, uint32_t start, int64_t now_ns)
{
    if (!is_known(closed, side, now_ns) || closed->first[side] != start)
        return false;
    closed->is_repeated = true;
    return true;
}

bool
um_closed_has(const struct um_closed *closed, int side, uint32_t seq, int64_t now_ns)
{
    if (!is_known(closed, side, now_ns))
        return false;
    /* modulo 2^32; negative: before the end */
    int32_t ahead = (int32_t)(seq - closed->end[side]);
    int32_t all = closed->is_repeated ? (int32_t)(closed->first[side] - closed->end[side]) : 0;
    int32_t least = all < -BEHIND_BYTES ? all : -BEHIND_BYTES;
    return ahead >= least && ahead < AHEAD_BYTES;
}
