/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One TCP connection of the capture: opened, given messages one at a time, closed, in steps of one
 * packet or a few, so that many of them stand interleaved. What the capture point sees of a message
 * may be disturbed; nothing is ever lost for good unless it is asked for.
 */
#ifndef UM_BENCH_FLOW_H
#define UM_BENCH_FLOW_H

#include "bench/gen/dice.h"
#include "bench/gen/wire.h"

/* What befalls segments, so many of a thousand each. */
struct um_trouble {
    uint32_t lost;    /* before the capture point, and sent again */
    uint32_t late;    /* overtaken by a few others */
    uint32_t twice;   /* sent again though it had come */
    uint32_t overlap; /* begins with bytes of the one before it */
    uint32_t gone;    /* lost, and never seen: the receiver had it */
    bool acks_ahead;  /* acknowledged before it is seen: a mirror port's order */
};

struct um_held {
    size_t at, len;
    unsigned wait;  /* steps */
    bool is_unseen; /* not yet captured at all */
};

enum { UM_FLOW_HELD_MAX = 16 };

struct um_bench_flow {
    struct um_wire_end ends[2]; /* the client first */
    uint32_t seq[2];            /* of the next byte */
    int side;                   /* sends the message */
    const uint8_t *message;     /* not owned */
    size_t len, at;
    uint32_t base; /* sequence number of the message's first byte */
    unsigned unacknowledged;
    bool has_gone; /* a part of the message was lost for good */
    struct um_held held[UM_FLOW_HELD_MAX];
    size_t held_count;
};

/* What all connections share. */
struct um_flow_world {
    struct um_wire *wire;
    struct um_dice *dice;
    struct um_trouble trouble;
    size_t segment_bytes;
    uint64_t said;                              /* bytes, each counted once */
    uint64_t lost, late, twice, overlaps, gone; /* segments so treated */
    uint64_t gone_bytes;
};

/* A bare segment of one side: SYN, FIN, RST or an acknowledgement; SYN and FIN count as a byte. */
void um_bench_flow_signal(struct um_flow_world *world, struct um_bench_flow *flow, int side,
                          unsigned flags);

void um_bench_flow_say(struct um_bench_flow *flow, int side, const uint8_t *message, size_t len);

/* Sends the next segment of the message; true when all of it has been sent. */
bool um_bench_flow_step(struct um_flow_world *world, struct um_bench_flow *flow);

#endif
