/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One direction of a connection: 32-bit sequence numbers become 64-bit positions, bytes go to the
 * sink in order, what came too early is held, holes are told once. Knows nothing of the other
 * direction but what it has acknowledged: flow decides when to deliver and when to give up a hole.
 * Source: RFC 9293 section 3.4.
 */
#ifndef UM_NET_STREAM_H
#define UM_NET_STREAM_H

#include "offline/net/segments.h"
#include "offline/sink.h"

struct um_stream {
    struct um_sink sink;
    uint32_t base_seq; /* sequence number of position 0 */
    bool has_base;     /* base_seq is known */
    bool is_seen;      /* some packet of this direction was captured */
    bool is_enough;    /* the sink wants no more */
    bool is_ended;     /* the sink has been told */
    bool has_fin;
    bool has_loss;   /* some were lost; counted once */
    uint64_t next;   /* position of the next byte to deliver */
    uint64_t acked;  /* position up to which the other side says it has received */
    uint64_t fin_at; /* position of the FIN, with has_fin */
    struct um_segments held;
    /* a hole that the other side has filled, so that only the capture lacks it, since when */
    bool in_doubt;
    unsigned doubt_packets;
    int64_t doubt_since_ns;
};

/*
 * Position of a sequence number, near `next`; negative: before position 0. The base must be known.
 */
int64_t um_stream_position(const struct um_stream *stream, uint32_t seq);

/* Where the bytes end that are known to exist: acknowledged ones, without the FIN's place. */
uint64_t um_stream_known_end(const struct um_stream *stream);

/* Position where missing bytes begin at `next` end; equal to `next` when none are missing. */
uint64_t um_stream_hole_end(const struct um_stream *stream);

/* True when the next byte is held. */
static inline bool
um_stream_is_ready(const struct um_stream *stream)
{
    return stream->held.head && stream->held.head->position <= stream->next;
}

/*
 * Delivers an arrival that begins at or before `next`; what was delivered before is left out. 0, or
 * a negative enum um_err.
 */
int um_stream_pass(struct um_stream *stream, const struct um_arrival *arrival);

/* Delivers the first held piece, which must be ready, and frees it. */
int um_stream_step(struct um_stream *stream, struct um_meter *meter);

/* Tells the sink of missing bytes up to `position`, and goes on behind them. */
int um_stream_give_up(struct um_stream *stream, uint64_t position, enum um_gap_cause cause,
                      const struct um_mark *where);

/* Tells the sink of the end, once. */
int um_stream_end(struct um_stream *stream, enum um_end why, const struct um_mark *where);

#endif
