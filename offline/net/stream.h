/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One direction of a connection: 32-bit sequence numbers become 64-bit positions, bytes go to the
 * sink in order, what came too early is held, holes are told once. Knows nothing of the other
 * direction but what it has acknowledged: pair decides when to deliver and when to give up a hole.
 * Source: RFC 9293 section 3.4.
 */
#ifndef UM_NET_STREAM_H
#define UM_NET_STREAM_H

#include "offline/net/segments.h"
#include "offline/net/tcp.h"
#include "offline/passing.h"

enum { UM_STREAM_WINDOW_BYTES = 1 << 30 }; /* the largest there is, RFC 7323 section 2.3 */

struct um_stream {
    struct um_sink sink;
    uint32_t base_seq; /* sequence number of position 0 */
    bool has_base;     /* base_seq is known */
    bool is_guessed;   /* from what the other side acknowledged */
    bool is_seen;      /* some packet of this direction was captured */
    bool was_awaited;  /* in vain: nothing waits for it as long as it is not seen */
    bool is_enough;    /* the sink wants no more */
    bool is_ended;     /* the sink has been told */
    bool has_fin;
    bool is_reset;             /* by its own side */
    bool has_loss;             /* some bytes were lost; counted once */
    uint64_t next;             /* position of the next byte to deliver */
    uint64_t acked;            /* position up to which the other side says it has received */
    uint64_t reached;          /* where its own packets stood, at most: what is before was sent */
    uint64_t end_at;           /* position of the FIN, else of the reset; no byte from here on */
    struct um_passing passing; /* of the bytes from `next` on */
    struct um_segments held;
    struct um_doubt {
        bool is_on; /* acknowledged bytes are missing, so that perhaps only the capture lacks
                       them; the rest is as it was when the doubt began */
        bool waits; /* for a hole of the other side */
        int64_t waits_since_ns; /* INT64_MIN: long enough */
        uint64_t next;          /* of the stream */
        uint64_t known_end;
        uint64_t held_end; /* of the last held piece; 0: none was held */
        int64_t since_ns;
        int64_t asked_ns; /* when it was last seen whether its time is over */
        unsigned packets; /* of the connection, since it began */
    } doubt;
};

/* Position 0 is at `seq`, and nothing behind it is acknowledged. */
void um_stream_start(struct um_stream *stream, uint32_t seq);

/* The same where the other side begins with that acknowledgement, as far as is known. */
void um_stream_guess_start(struct um_stream *stream, uint32_t ack);

/*
 * Position 0 moves back to `seq`, `by` bytes before where it was: the direction began earlier than
 * was guessed. Nothing may have been delivered yet.
 */
void um_stream_move_start(struct um_stream *stream, uint32_t by);

/*
 * Position of a sequence number, near `next`; negative: before position 0. The base must be known.
 */
int64_t um_stream_position(const struct um_stream *stream, uint32_t seq);

/*
 * Where a segment's bytes stand, without those before position 0 and those behind the FIN. False
 * for what is not believed: all of it before position 0, or farther ahead than a window can be.
 * (`ack` and the marks of `out` are left alone.)
 */
bool um_stream_place(const struct um_stream *stream, const struct um_tcp *tcp,
                     struct um_arrival *out);

/*
 * The sender's FIN stands at `position`: nothing is behind it, and what is held there is freed. The
 * first one counts; one below what was delivered or acknowledged is not believed.
 */
void um_stream_finish_at(struct um_stream *stream, uint64_t position,
                         struct um_segments_room *room);

/*
 * The sender's reset stands at `position`, or where the bytes end that are known. Those that are
 * missing before it may still come. The first one counts; a FIN keeps its place.
 */
void um_stream_reset(struct um_stream *stream, int64_t position);

/* One of its own packets, no reset, stands at `seq`: its side had sent all that is before. */
void um_stream_note_reached(struct um_stream *stream, uint32_t seq);

/*
 * The other side has received all before `ack`. Gives that position, without the FIN's place; 0
 * when it is not believed.
 */
uint64_t um_stream_note_ack(struct um_stream *stream, uint32_t ack);

/* Where the bytes end that are known to exist: acknowledged ones, without the FIN's place; of a
 * side that was reset also what was captured, and what is before its FIN. */
uint64_t um_stream_known_end(const struct um_stream *stream);

/* Position where missing bytes begin at `next` end; equal to `next` when none are missing. */
uint64_t um_stream_hole_end(const struct um_stream *stream);

/* The position of the first byte that the sink may have a use for, as far as it has said. */
static inline uint64_t
um_stream_needed_from(const struct um_stream *stream)
{
    return stream->next + stream->passing.unwanted;
}

/*
 * Nothing was captured of what the direction sent from `next` on: if there is such, it may be
 * behind the other direction as a whole, as with two clocks, and still bring it all. A reset is its
 * last word.
 */
static inline bool
um_stream_may_be_late(const struct um_stream *stream)
{
    return stream->reached <= stream->next && !stream->is_reset;
}

/* True when the next byte is held. */
static inline bool
um_stream_is_ready(const struct um_stream *stream)
{
    return stream->held.head && stream->held.head->position <= stream->next;
}

/*
 * Delivers of an arrival that begins at or before `next` what was not delivered before, up to the
 * first held piece: what came first wins. 0, or a negative enum um_err.
 */
int um_stream_pass(struct um_stream *stream, const struct um_arrival *arrival);

/* Delivers bytes that stand at `next`; nothing may be held. Results as um_stream_pass. */
int um_stream_append(struct um_stream *stream, struct um_span bytes, const struct um_mark *mark);

/* Delivers the first held piece, which must be ready, and frees it. */
int um_stream_step(struct um_stream *stream, struct um_segments_room *room);

/* Tells the sink of missing bytes up to `position`, and goes on behind them. */
int um_stream_give_up(struct um_stream *stream, uint64_t position, enum um_gap_cause cause,
                      const struct um_mark *where);

/* Tells the sink of the end, once. */
int um_stream_end(struct um_stream *stream, enum um_end why, const struct um_mark *where);

#endif
