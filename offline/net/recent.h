/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is remembered of connections that are not followed: a lossy table of fixed size, so that a
 * flood of SYNs costs nothing. Of a new connection: where each direction starts, until its first
 * bytes have come. Of a closed one: where each direction ended, so that a late retransmission does
 * not begin it anew.
 */
#ifndef UM_NET_RECENT_H
#define UM_NET_RECENT_H

#include <stdbool.h>
#include <stdint.h>

enum um_recent_kind { UM_RECENT_NONE, UM_RECENT_OPENING, UM_RECENT_CLOSED };

/* Directions are numbered as the caller likes, always the same way for one connection. */
struct um_recent {
    uint32_t tag; /* the rest of the hash: tells connections of one slot apart */
    uint8_t kind;
    bool is_known[2];
    uint32_t seq[2]; /* of the first byte (opening), behind the last one (closed) */
};

enum { UM_RECENT_SLOTS = 4096 };

struct um_recents {
    struct um_recent slots[UM_RECENT_SLOTS];
};

/* The entry of the connection with this hash; NULL when nothing is remembered. */
struct um_recent *um_recents_find(struct um_recents *recents, uint64_t hash);

/* Makes an entry of `kind` with nothing known, in place of whatever was in its slot. */
struct um_recent *um_recents_put(struct um_recents *recents, uint64_t hash,
                                 enum um_recent_kind kind);

#endif
