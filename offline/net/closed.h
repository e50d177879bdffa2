/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is remembered of connections that had an entry and are over: where each began and ended, so
 * that neither a late retransmission nor the same packets captured once more at another place, with
 * another clock, begin it anew. A table of fixed size and of their own: SYNs, of which there may be
 * thousands a second, put nothing into it (recent.h).
 */
#ifndef UM_NET_CLOSED_H
#define UM_NET_CLOSED_H

#include <stdbool.h>
#include <stdint.h>

/* Directions are numbered as the caller likes, always the same way for one connection. */
struct um_closed {
    uint32_t tag; /* the rest of the hash: tells connections of one set apart */
    bool is_used;
    bool is_repeated; /* it began once more: so may all of it, as far as 2 GB back */
    bool is_known[2];
    uint32_t first[2]; /* sequence number of the first byte */
    uint32_t end[2];   /* behind the last one */
    int64_t closed_ns; /* of the capture's clock */
};

enum { UM_CLOSED_SETS = 4096, UM_CLOSED_WAYS = 4 };

/* How far the clocks of two captures of the same packets may be apart. */
#define UM_CLOSED_REPEAT_NS (300 * INT64_C(1000000000))

/* A zeroed struct is an empty table. */
struct um_closed_table {
    struct um_closed sets[UM_CLOSED_SETS][UM_CLOSED_WAYS]; /* 512 KB */
};

/* The entry of the connection with this hash; NULL when nothing is remembered. */
struct um_closed *um_closed_find(struct um_closed_table *table, uint64_t hash);

/* Makes an entry with nothing known; where its set is full the one closed first goes. */
struct um_closed *um_closed_put(struct um_closed_table *table, uint64_t hash, int64_t closed_ns);

/* Below, `closed` may be NULL, and after UM_CLOSED_REPEAT_NS it is as if it were. */

/* Direction `side` starts at `start`, as its SYN tells. True when it is the closed connection's
 * once more, whose other packets may follow. */
bool um_closed_note_start(struct um_closed *closed, int side, uint32_t start, int64_t now_ns);

/* Are bytes at `seq` of the closed connection? */
bool um_closed_has(const struct um_closed *closed, int side, uint32_t seq, int64_t now_ns);

#endif
