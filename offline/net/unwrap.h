/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way of a packet from its frame to the TCP segments in it: nest (link and tunnel), ip and
 * ipfrag in turn, as deep as the limit `tunnels` allows. What is no TCP is counted.
 */
#ifndef UM_NET_UNWRAP_H
#define UM_NET_UNWRAP_H

#include "offline/capture/packet.h"
#include "offline/net/ends.h"
#include "offline/net/flow_stats.h"
#include "offline/net/ipfrag.h"
#include "offline/net/nest.h"
#include "offline/net/tcp.h"

struct um_unwrap {
    uint64_t tunnels_max;
    struct um_ipfrag fragments;
    struct um_nest nest;
    struct um_flow_stats *stats;
};

/* `stats` and `meter` are shared and must outlive it. */
void um_unwrap_init(struct um_unwrap *unwrap, const struct um_limits *limits,
                    struct um_flow_stats *stats, struct um_meter *meter);

enum { UM_UNWRAP_TCP = 1 };

/*
 * UM_UNWRAP_TCP: the packet holds, or completes the fragments of, a segment between `ends`, whose
 * hash is not yet set; the payload is valid until the next call. 0: it does not. UM_ERR_NOMEM.
 */
int um_unwrap_packet(struct um_unwrap *unwrap, const struct um_packet *packet, struct um_ends *ends,
                     struct um_tcp *tcp);

/* May that packet hold more of them? 802.11 puts several into a frame. Then um_unwrap_packet is to
 * be called with it again, and gives the next one. */
static inline bool
um_unwrap_has_more(const struct um_unwrap *unwrap)
{
    return um_nest_has_more(&unwrap->nest);
}

/* Gives up fragments that wait, and counts them. */
void um_unwrap_end(struct um_unwrap *unwrap);

void um_unwrap_done(struct um_unwrap *unwrap);

#endif
