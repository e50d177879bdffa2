/* SPDX-License-Identifier: GPL-2.0-or-later */
/* In-order bytes pass to the sink as they lie in the packet; nothing is copied for them. */
#include "offline/net/stream.h"

#include <assert.h>

int64_t
um_stream_position(const struct um_stream *stream, uint32_t seq)
{
    uint32_t expected = stream->base_seq + (uint32_t)stream->next;
    int32_t ahead = (int32_t)(seq - expected); /* modulo 2^32: the wrap is in it */
    return (int64_t)stream->next + ahead;
}

uint64_t
um_stream_known_end(const struct um_stream *stream)
{
    return stream->has_fin && stream->acked > stream->fin_at ? stream->fin_at : stream->acked;
}

uint64_t
um_stream_hole_end(const struct um_stream *stream)
{
    uint64_t end = um_stream_known_end(stream);
    if (stream->held.head)
        end = stream->held.head->position;
    else if (stream->has_fin && stream->fin_at > end)
        end = stream->fin_at;
    return end > stream->next ? end : stream->next;
}

/* Notes what the sink answered. */
static int
settle(struct um_stream *stream, int result)
{
    if (result == UM_SINK_ENOUGH)
        stream->is_enough = true;
    return result < 0 ? result : UM_OK;
}

static int
deliver_bytes(struct um_stream *stream, struct um_span bytes, struct um_mark first,
              struct um_mark last)
{
    struct um_chunk chunk = {.bytes = bytes, .offset = stream->next, .first = first, .last = last};
    stream->next += bytes.len;
    if (bytes.len == 0 || stream->is_enough || stream->is_ended)
        return UM_OK;
    return settle(stream, stream->sink.data(stream->sink.ctx, &chunk));
}

int
um_stream_give_up(struct um_stream *stream, uint64_t position, enum um_gap_cause cause,
                  const struct um_mark *where)
{
    assert(position >= stream->next);
    uint64_t missing = position - stream->next;
    stream->next = position;
    stream->in_doubt = false;
    if (missing == 0 || stream->is_enough || stream->is_ended)
        return UM_OK;
    return settle(stream, stream->sink.gap(stream->sink.ctx, missing, cause, where));
}

int
um_stream_pass(struct um_stream *stream, const struct um_arrival *arrival)
{
    assert(arrival->position <= stream->next);
    uint64_t old = stream->next - arrival->position;
    if (old < arrival->bytes.len) {
        int err = deliver_bytes(stream, um_span_from(arrival->bytes, (size_t)old), arrival->first,
                                arrival->last);
        if (err)
            return err;
    }
    uint64_t end = arrival->position + arrival->bytes.len + arrival->cut;
    if (arrival->cut == 0 || end <= stream->next)
        return UM_OK;
    return um_stream_give_up(stream, end, UM_GAP_CUT, &arrival->last);
}

int
um_stream_step(struct um_stream *stream, struct um_meter *meter)
{
    const struct um_segment *segment = stream->held.head;
    assert(um_stream_is_ready(stream));
    struct um_arrival arrival = {
        .position = segment->position, .first = segment->first, .last = segment->last};
    if (segment->is_cut)
        arrival.cut = (uint32_t)segment->len;
    else
        arrival.bytes = um_span_of(segment->bytes, (size_t)segment->len);
    int err = um_stream_pass(stream, &arrival);
    um_segments_pop(&stream->held, meter);
    return err;
}

int
um_stream_end(struct um_stream *stream, enum um_end why, const struct um_mark *where)
{
    if (stream->is_ended)
        return UM_OK;
    stream->is_ended = true;
    return stream->sink.end(stream->sink.ctx, why, where);
}
