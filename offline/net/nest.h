/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The datagrams of a packet: what its frame holds, what is in a tunnel there, and in a tunnel in
 * that; and all of them where a frame has several (802.11's A-MSDU). Over link and tunnel; whoever
 * goes through them reads their IP headers, and joins their fragments.
 */
#ifndef UM_NET_NEST_H
#define UM_NET_NEST_H

#include "core/base/arena.h"
#include "offline/capture/packet.h"
#include "offline/net/ip.h"
#include "offline/net/link.h"

struct um_nested {
    struct um_span datagram; /* begins with its IP header; padding may follow */
    uint32_t not_captured;   /* of its frame, or of the datagram around it, behind it */
    uint64_t budget;         /* headers that may still be opened */
    bool is_joined;          /* it is, or lies in, what um_ipfrag_add joined */
};

struct um_nest_rest;

/* A zeroed one is ready. */
struct um_nest {
    struct um_arena arena;      /* of the packet in hand */
    struct um_nest_rest *rests; /* subframes that were not opened yet, the innermost first */
};

void um_nest_done(struct um_nest *nest);

/*
 * The first datagram of a packet, below at the most `budget` headers. UM_LINK_IP, and `out` is set;
 * another enum um_link_kind: there is none; UM_ERR_NOMEM. Views live as long as the packet's.
 */
int um_nest_begin(struct um_nest *nest, const struct um_packet *packet, uint64_t budget,
                  struct um_nested *out);

/*
 * The same of the first one in a tunnel in `ip`, the header of `*nested`, which becomes it. A
 * tunnel costs one of its budget.
 */
int um_nest_open(struct um_nest *nest, const struct um_ip *ip, struct um_nested *nested);

/* Has the packet a subframe that was not opened? Any that is left when the next packet begins is
 * forgotten. */
static inline bool
um_nest_has_more(const struct um_nest *nest)
{
    return nest->rests;
}

/* The same of the next one, which there is. */
int um_nest_next(struct um_nest *nest, struct um_nested *out);

#endif
