/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In-order bytes pass to the sink as they lie in the packet; nothing is copied for them. */
#include "offline/net/stream.h"

#include <assert.h>

void
um_stream_start(struct um_stream *stream, uint32_t seq)
{
    stream->base_seq = seq;
    stream->has_base = true;
    stream->is_guessed = false;
    stream->acked = 0;
    stream->reached = 0;
}

void
um_stream_guess_start(struct um_stream *stream, uint32_t ack)
{
    um_stream_start(stream, ack);
    stream->is_guessed = true;
}

void
um_stream_move_start(struct um_stream *stream, uint32_t by)
{
    assert(stream->has_base && stream->next == 0);
    stream->base_seq -= by;
    stream->acked += by;
    stream->reached += by;
    stream->end_at += by;
    for (struct um_segment *segment = stream->held.head; segment; segment = segment->next)
        segment->position += by;
}

int64_t
um_stream_position(const struct um_stream *stream, uint32_t seq)
{
    uint32_t expected = stream->base_seq + (uint32_t)stream->next;
    int32_t ahead = (int32_t)(seq - expected); /* modulo 2^32: the wrap is in it */
    return (int64_t)stream->next + ahead;
}

bool
um_stream_place(const struct um_stream *stream, const struct um_tcp *tcp, struct um_arrival *out)
{
    int64_t position = um_stream_position(stream, um_tcp_first_seq(tcp));
    if (position > (int64_t)stream->next + UM_STREAM_WINDOW_BYTES)
        return false;
    out->bytes = tcp->payload;
    out->cut = tcp->cut;
    out->position = 0;
    if (position > 0) {
        out->position = (uint64_t)position;
    } else if (position < 0) {
        uint64_t before = (uint64_t)-position;
        if (before >= um_arrival_end(out))
            return false;
        *out = um_arrival_from(out, before);
        out->position = 0;
    }
    if (stream->has_fin || stream->is_reset)
        *out = um_arrival_before(out, stream->end_at);
    return true;
}

void
um_stream_finish_at(struct um_stream *stream, uint64_t position, struct um_segments_room *room)
{
    if (stream->has_fin || position < stream->next || position + 1 < stream->acked ||
        (stream->is_reset && position > stream->end_at))
        return;
    stream->has_fin = true;
    stream->end_at = position;
    um_segments_truncate(&stream->held, position, room);
}

void
um_stream_reset(struct um_stream *stream, int64_t position)
{
    if (stream->is_reset)
        return;
    stream->is_reset = true;
    stream->doubt.is_on = false; /* of fewer bytes: it begins anew */
    if (stream->has_fin)
        return;
    stream->end_at = UINT64_MAX;
    uint64_t known = um_stream_known_end(stream);
    if (known < stream->next)
        known = stream->next;
    stream->end_at = position > (int64_t)known ? (uint64_t)position : known;
}

void
um_stream_note_reached(struct um_stream *stream, uint32_t seq)
{
    int64_t position = um_stream_position(stream, seq);
    if (position <= (int64_t)stream->reached ||
        position > (int64_t)stream->next + UM_STREAM_WINDOW_BYTES)
        return;
    bool was_late = um_stream_may_be_late(stream);
    stream->reached = (uint64_t)position;
    if (was_late && !um_stream_may_be_late(stream))
        stream->doubt.is_on = false; /* from here on it is missing: it begins anew */
}

uint64_t
um_stream_note_ack(struct um_stream *stream, uint32_t ack)
{
    if (!stream->has_base)
        um_stream_guess_start(stream, ack);
    int64_t position = um_stream_position(stream, ack);
    if (position <= 0 || position > (int64_t)stream->next + UM_STREAM_WINDOW_BYTES)
        return 0;
    if ((uint64_t)position > stream->acked)
        stream->acked = (uint64_t)position;
    return stream->has_fin && (uint64_t)position > stream->end_at ? stream->end_at
                                                                  : (uint64_t)position;
}

uint64_t
um_stream_known_end(const struct um_stream *stream)
{
    const struct um_segment *tail = stream->held.tail;
    uint64_t end = stream->acked;
    if (stream->is_reset && tail && um_segment_end(tail) > end)
        end = um_segment_end(tail);
    if (stream->has_fin && stream->is_reset)
        end = stream->end_at;
    if ((stream->has_fin || stream->is_reset) && end > stream->end_at)
        end = stream->end_at;
    return end;
}

uint64_t
um_stream_hole_end(const struct um_stream *stream)
{
    uint64_t end = um_stream_known_end(stream);
    if (stream->held.head)
        end = stream->held.head->position;
    else if (stream->has_fin && stream->end_at > end)
        end = stream->end_at;
    return end > stream->next ? end : stream->next;
}

/* ---- the sink ---- */

/* Notes what the sink answered. */
static int
settle(struct um_stream *stream, int answer)
{
    return um_passing_note(&stream->passing, &stream->sink, answer, &stream->is_enough);
}

static bool
is_deaf(const struct um_stream *stream)
{
    return stream->is_enough || stream->is_ended;
}

static int
hand_on(struct um_stream *stream, struct um_span bytes, const struct um_mark *first,
        const struct um_mark *last)
{
    uint64_t offset = stream->next;
    stream->next += bytes.len;
    if (bytes.len == 0 || is_deaf(stream) || um_passing_take(&stream->passing, bytes.len, last))
        return UM_OK;
    um_passing_tell(&stream->passing, &stream->sink);
    struct um_chunk chunk = {.bytes = bytes, .offset = offset, .first = *first, .last = *last};
    return settle(stream, stream->sink.data(stream->sink.ctx, &chunk));
}

int
um_stream_append(struct um_stream *stream, struct um_span bytes, const struct um_mark *mark)
{
    assert(!stream->held.head);
    return hand_on(stream, bytes, mark, mark);
}

int
um_stream_give_up(struct um_stream *stream, uint64_t position, enum um_gap_cause cause,
                  const struct um_mark *where)
{
    assert(position >= stream->next);
    uint64_t missing = position - stream->next;
    stream->next = position;
    if (missing == 0 || is_deaf(stream))
        return UM_OK;
    um_passing_tell(&stream->passing, &stream->sink);
    return settle(stream,
                  stream->sink.gap(stream->sink.ctx, um_missing_exactly(missing), cause, where));
}

static int
deliver(struct um_stream *stream, const struct um_arrival *piece)
{
    assert(piece->position <= stream->next);
    struct um_arrival left = um_arrival_from(piece, stream->next);
    int err = hand_on(stream, left.bytes, &left.first, &left.last);
    if (err || left.cut == 0)
        return err;
    return um_stream_give_up(stream, stream->next + left.cut, UM_GAP_CUT, &left.last);
}

int
um_stream_pass(struct um_stream *stream, const struct um_arrival *arrival)
{
    if (!stream->held.head)
        return deliver(stream, arrival);
    struct um_arrival piece = um_arrival_before(arrival, stream->held.head->position);
    return deliver(stream, &piece);
}

/* Bytes of which only the number is held: what the sink has said it keeps to (sink.h). */
static void
pass_needless(struct um_stream *stream, const struct um_segment *segment)
{
    uint64_t end = um_segment_end(segment), len = end > stream->next ? end - stream->next : 0;
    bool is_passed_over = is_deaf(stream) || um_passing_take(&stream->passing, len, &segment->last);
    assert(is_passed_over);
    (void)is_passed_over;
    stream->next += len;
}

int
um_stream_step(struct um_stream *stream, struct um_segments_room *room)
{
    const struct um_segment *segment = stream->held.head;
    assert(um_stream_is_ready(stream));
    struct um_arrival piece = {
        .position = segment->position, .first = segment->first, .last = segment->last};
    if (segment->is_cut)
        piece.cut = (uint32_t)segment->len;
    else
        piece.bytes = um_span_of(segment->bytes, (size_t)segment->len);
    int err = UM_OK;
    if (segment->is_needless)
        pass_needless(stream, segment);
    else
        err = deliver(stream, &piece);
    um_segments_pop(&stream->held, room);
    return err;
}

int
um_stream_end(struct um_stream *stream, enum um_end why, const struct um_mark *where)
{
    if (stream->is_ended)
        return UM_OK;
    stream->is_ended = true;
    um_passing_tell(&stream->passing, &stream->sink);
    return stream->sink.end(stream->sink.ctx, why, where);
}
