/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is remembered of connections that have no entry: a lossy table of fixed size, so that a
 * flood of SYNs costs nothing. Of an opening one: where each direction starts, until its first
 * bytes have come. Of one that was left at a limit: where each direction goes on. (Of those that
 * are over: closed.h.) What is remembered may be of an earlier connection on the same ports: it is
 * believed only near the number at hand.
 */
#ifndef UM_NET_RECENT_H
#define UM_NET_RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum um_recent_kind {
    UM_RECENT_NONE,
    UM_RECENT_OPENING, /* or left at a limit */
    UM_RECENT_REFUSED, /* there was no memory for it */
};

/* Directions are numbered as the caller likes, always the same way for one connection. */
struct um_recent {
    uint32_t tag; /* the rest of the hash: tells connections of one slot apart */
    uint8_t kind;
    bool is_seen[2]; /* a packet of it was captured */
    bool is_known[2];
    bool has_passed[2]; /* its first bytes have, so that it is known no more */
    uint32_t seq[2];    /* of the next byte */
    uint32_t acked[2];  /* up to there the other side has received it; or `seq` */
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

/* Forgets it, if anything is remembered. */
void um_recents_forget(struct um_recents *recents, uint64_t hash);

/*
 * A SYN: direction `own` starts at `start`, and the other at `ack`, where that is not NULL. Another
 * start than the one remembered is another connection.
 */
void um_recents_note_syn(struct um_recents *recents, uint64_t hash, int own, uint32_t start,
                         const uint32_t *ack);

/*
 * A segment without bytes that acknowledges: where its direction has not gone on since its SYN, the
 * other one starts at `ack`, if that is not known and its first bytes have not passed.
 */
void um_recents_note_ack(struct um_recents *recents, uint64_t hash, int own, uint32_t seq,
                         uint32_t ack);

/* Below, `recent` may be NULL: nothing is remembered. */

/*
 * The sequence number of the first byte of direction `side`, when it is remembered, and `seq` is at
 * most `reach` bytes behind it; else NULL.
 */
const uint32_t *um_recent_start(const struct um_recent *recent, int side, uint32_t seq,
                                uint32_t reach);

/* Bytes that were there before what is remembered as next. */
bool um_recent_is_old(const struct um_recent *recent, int side, uint32_t seq, size_t len);

/* The first bytes of a direction have passed: where it starts means nothing any more. */
void um_recent_pass(struct um_recent *recent, int side);

#endif
