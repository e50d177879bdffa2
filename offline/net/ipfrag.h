/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Joins IP fragments, in any order; where they overlap the first one wins. Bounded by the limit
 * `fragments` (the datagram that waits longest is given up) and by 30 s of capture time. A datagram
 * of which the snap length cut a part comes out as its beginning with the rest counted as cut. The
 * last ones joined are remembered for a second: a copy of their fragments would otherwise wait, and
 * become a part of the next datagram with the same number.
 */
#ifndef UM_NET_IPFRAG_H
#define UM_NET_IPFRAG_H

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "core/base/mark.h"
#include "offline/net/ip.h"
#include "offline/net/list.h"
#include "offline/net/segments.h"

enum { UM_IPFRAG_BUCKETS = 256 };

struct um_ipfrag {
    struct um_segments_room room; /* bytes waiting, or remembered while there is room */
    size_t count;                 /* datagrams waiting */
    uint64_t begun;               /* datagrams that waited, by which they are numbered */
    uint64_t number;              /* that of the last fragment; 0: it was not kept */
    uint64_t dropped;             /* datagrams given up, for whatever reason */
    struct um_limit_hits at_limit, at_memory; /* those given up at a limit */
    struct um_list by_age;
    struct um_list joined; /* those remembered, the one seen last at the end */
    size_t joined_count;
    struct um_fragmented *buckets[UM_IPFRAG_BUCKETS]; /* waiting or joined */
    struct um_buf whole;                              /* the datagram joined last */
    uint8_t whole_ends[2][16];                        /* and its addresses */
};

enum { UM_IPFRAG_WHOLE = 1 };

void um_ipfrag_init(struct um_ipfrag *frags, uint64_t max, struct um_meter *meter);

/*
 * Takes a fragment that the packet `mark` brought; it may lie in the datagram joined last.
 * UM_IPFRAG_WHOLE: with it its datagram is complete; `*ip` is changed to it (its views are valid
 * until the next call). The datagram counts as brought by this packet, which is also where
 * Wireshark shows it. 0: it is not complete, or the fragment is a copy. A fragment that contradicts
 * those it should be joined with begins a datagram anew: `number` tells with which ones it is kept.
 * UM_ERR_NOMEM.
 */
int um_ipfrag_add(struct um_ipfrag *frags, struct um_ip *ip, struct um_mark mark);

/* Gives up all that waits, and counts it. */
void um_ipfrag_end(struct um_ipfrag *frags);

void um_ipfrag_done(struct um_ipfrag *frags);

#endif
