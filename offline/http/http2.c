/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each direction is cut into frames; DATA passes through as it lies, header blocks are gathered and
 * decoded, all else is read past. Between the directions stand the open streams, oldest first, each
 * with its request and its reply.
 *
 * A hole inside a frame keeps the place. A longer one loses it: messages that are open there stay
 * incomplete, the HPACK table is unknown (h2_headers.h), and the next frame is looked for.
 */
#include "offline/http/http2.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "offline/http/ending.h"
#include "offline/http/h2_fields.h"
#include "offline/http/h2_frame.h"
#include "offline/http/h2_headers.h"

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

enum { PREFACE_BYTES = sizeof preface - 1, UNKNOWN = -1 };

/* One message of a stream. */
struct half {
    struct um_http_message *message;
    bool is_done;   /* with no message: it is missing from the capture */
    bool is_broken; /* a hole lost the place since its head */
    bool wants_body;
};

struct stream {
    uint32_t id;
    struct half request, reply;
    bool is_reset;
    bool has_hole; /* bytes of the replies went missing since the request */
    struct stream *next;
};

enum place { PLACE_PREFACE, PLACE_HEAD, PLACE_PAYLOAD, PLACE_SEARCH, PLACE_OVER };

/* A header block, gathered from HEADERS or PUSH_PROMISE and what continues it. */
struct block {
    bool is_open;
    struct um_h2_frame frame; /* that began it */
    struct um_buf bytes;
    uint32_t promised;
    unsigned flags; /* enum um_http_flag: why it is not whole */
    struct um_mark first, last;
};

struct direction {
    struct um_http2_connection *connection;
    int side;
    enum place place;
    size_t preface_len;                   /* read so far */
    uint8_t head[UM_H2_FRAME_HEAD_BYTES]; /* of the frame, as far as it is there */
    size_t head_len;
    bool is_unsure; /* the next frame must look like one, or is none */
    bool has_frame; /* so far */
    struct um_h2_frame frame;
    uint32_t left;              /* of its payload */
    uint32_t padding;           /* of DATA, at the payload's end */
    bool needs_padding;         /* its length is the next byte */
    struct um_mark first, last; /* of the frame */
    size_t fragment_at;         /* where in block.bytes the payload of this frame begins */
    struct block block;
    struct um_h2_headers *headers;
    uint64_t metered_table_bytes;
    struct um_buf searched;
    struct um_mark searched_first;
    struct um_http_ending ending;
};

struct um_http2_connection {
    const struct um_limits *limits;
    struct um_meter *meter;
    struct um_http_events events;
    uint64_t number;
    struct um_endpoint ends[2];
    struct direction directions[2];
    int client;                  /* the side that asks, as soon as one told; else UNKNOWN */
    struct stream *first, *last; /* oldest first */
    size_t stream_count;
};

/* What a connection may hold beside its messages. */
static const uint64_t connection_bytes = sizeof(struct um_http2_connection) + 2 * 4096;

/* ---- streams ---- */

static void
free_message(struct um_http2_connection *connection, struct um_http_message *message)
{
    um_http_connection_free_message(&connection->events, connection->meter, message);
}

static void
free_stream(struct um_http2_connection *connection, struct stream *stream)
{
    free_message(connection, stream->request.message);
    free_message(connection, stream->reply.message);
    free(stream);
}

static struct stream *
find_stream(const struct um_http2_connection *connection, uint32_t id)
{
    struct stream *stream = connection->first;
    while (stream && stream->id != id)
        stream = stream->next;
    return stream;
}

static void
unlink_stream(struct um_http2_connection *connection, const struct stream *stream)
{
    struct stream *before = NULL;
    for (struct stream *at = connection->first; at != stream; at = at->next)
        before = at;
    if (before)
        before->next = stream->next;
    else
        connection->first = stream->next;
    if (connection->last == stream)
        connection->last = before;
    connection->stream_count--;
}

static enum um_unanswered
why_unanswered(const struct um_http2_connection *connection, const struct stream *stream)
{
    if (stream->reply.message)
        return UM_UNANSWERED_NO;
    if (!stream->request.message)
        return UM_UNANSWERED_LOST;
    bool is_lost = stream->reply.is_done || stream->has_hole;
    return um_http_ending_why(&connection->directions[connection->client].ending,
                              &connection->directions[1 - connection->client].ending,
                              stream->is_reset ? UM_UNANSWERED_RESET
                              : is_lost        ? UM_UNANSWERED_LOST
                                               : UM_UNANSWERED_NO);
}

/* Takes the stream off, tells it, frees it. */
static int
emit(struct um_http2_connection *connection, struct stream *stream)
{
    unlink_stream(connection, stream);
    struct um_http_message *request = stream->request.message, *reply = stream->reply.message;
    int err = UM_OK;
    if (connection->events.exchange && (request || reply))
        err = connection->events.exchange(connection->events.ctx, request, reply,
                                          why_unanswered(connection, stream));
    free_stream(connection, stream);
    return err;
}

/* Ends one message of a stream; without one it is missing. */
static int
finish_half(struct um_http2_connection *connection, struct half *half, bool is_complete)
{
    if (half->is_done)
        return UM_OK;
    half->is_done = true;
    struct um_http_message *message = half->message;
    if (!message)
        return UM_OK;
    message->complete = is_complete && !half->is_broken && message->lost_bytes == 0 &&
                        (message->flags & UM_HTTP_HEAD_CUT) == 0;
    return connection->events.done(connection->events.ctx, message);
}

/* Tells the stream when nothing more can come of it. It may be gone afterwards. */
static int
emit_if_over(struct um_http2_connection *connection, struct stream *stream)
{
    bool has_request = !stream->request.message || stream->request.is_done;
    return has_request && stream->reply.is_done ? emit(connection, stream) : UM_OK;
}

/* What is open of it stays incomplete. */
static int
give_up_stream(struct um_http2_connection *connection, struct stream *stream)
{
    int err = UM_OK;
    if (stream->request.message)
        err = finish_half(connection, &stream->request, false);
    if (!err && stream->reply.message)
        err = finish_half(connection, &stream->reply, false);
    return err ? err : emit(connection, stream);
}

/* The limit `h2-streams`: the oldest goes. */
static int
keep_limit(struct um_http2_connection *connection)
{
    if (connection->stream_count < connection->limits->max[UM_LIMIT_H2_STREAMS])
        return UM_OK;
    struct stream *oldest = connection->first;
    if (oldest->request.message)
        oldest->request.message->flags |= UM_HTTP_LIMIT_H2_STREAMS;
    return give_up_stream(connection, oldest);
}

static int
open_stream(struct um_http2_connection *connection, uint32_t id, struct stream **out)
{
    *out = find_stream(connection, id);
    if (*out)
        return UM_OK;
    int err = keep_limit(connection);
    if (err)
        return err;
    struct stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return UM_ERR_NOMEM;
    stream->id = id;
    if (connection->last)
        connection->last->next = stream;
    else
        connection->first = stream;
    connection->last = stream;
    connection->stream_count++;
    *out = stream;
    return UM_OK;
}

static struct half *
half_of(const struct direction *direction, struct stream *stream)
{
    return direction->side == direction->connection->client ? &stream->request : &stream->reply;
}

/* The direction has said its last word on a stream. */
static int
end_stream(struct direction *direction, struct stream *stream)
{
    int err = finish_half(direction->connection, half_of(direction, stream), true);
    return err ? err : emit_if_over(direction->connection, stream);
}

/* ---- messages ---- */

/* The limit `memory`: nothing more of the connection is read. */
static int
leave(struct um_http2_connection *connection)
{
    connection->directions[0].place = connection->directions[1].place = PLACE_OVER;
    int err = UM_OK;
    for (struct stream *stream = connection->first, *next; !err && stream; stream = next) {
        next = stream->next;
        err = give_up_stream(connection, stream);
    }
    return err;
}

static void
describe(const struct direction *direction, const struct block *block,
         struct um_http_message *message)
{
    const struct um_http2_connection *connection = direction->connection;
    int from = message->is_reply ? 1 - connection->client : connection->client;
    message->connection = connection->number;
    message->source = connection->ends[from];
    message->destination = connection->ends[1 - from];
    message->flags |= block->flags;
    message->first = block->first;
    message->last = block->last;
}

/* A message begins. `*is_over`: the limit `memory` ended the connection. */
static int
begin_message(struct direction *direction, struct half *half, struct um_http_message *message,
              bool *is_over)
{
    struct um_http2_connection *connection = direction->connection;
    *is_over = !um_http_connection_meter_message(connection->meter, message);
    half->message = message;
    half->wants_body = true;
    int err = connection->events.head(connection->events.ctx, message, &half->wants_body);
    if (err || !*is_over)
        return err;
    message->flags |= UM_HTTP_LIMIT_MEMORY;
    return leave(connection);
}

/* 1xx: told, and paired with nothing. */
static int
tell_interim(struct direction *direction, struct um_http_message *message)
{
    struct half half = {0};
    bool is_over;
    int err = begin_message(direction, &half, message, &is_over);
    if (!err)
        err = finish_half(direction->connection, &half, true);
    free_message(direction->connection, message);
    return err;
}

static bool
is_interim(const struct um_http_message *message)
{
    return message->is_reply && message->status >= 100 && message->status < 200;
}

/* A block that begins a message on stream `id`. `is_last`: nothing follows it. */
static int
take_message(struct direction *direction, uint32_t id, struct um_http_message *message,
             bool is_last)
{
    struct um_http2_connection *connection = direction->connection;
    message->stream_id = id;
    if (is_interim(message))
        return tell_interim(direction, message);
    struct stream *stream;
    int err = open_stream(connection, id, &stream);
    if (err) {
        free(message);
        return err;
    }
    struct half *half = message->is_reply ? &stream->reply : &stream->request;
    bool is_over;
    err = begin_message(direction, half, message, &is_over);
    if (err || is_over || !is_last)
        return err;
    err = finish_half(connection, half, true);
    return err ? err : emit_if_over(connection, stream);
}

/* ---- header blocks ---- */

/* Who asks, when nothing has told before. */
static void
learn_client(struct direction *direction, const struct um_h2_fields *fields, bool is_promise)
{
    if (direction->connection->client != UNKNOWN)
        return;
    if (um_h2_fields_is_reply(fields) || is_promise)
        direction->connection->client = 1 - direction->side;
    else if (um_h2_fields_is_request(fields))
        direction->connection->client = direction->side;
}

/* Fields behind a body, or such as belong to nothing that was seen. */
static int
take_trailers(struct direction *direction, struct stream *stream, bool is_last)
{
    if (!stream || direction->connection->client == UNKNOWN)
        return UM_OK;
    struct half *half = half_of(direction, stream);
    if (half->message && !half->is_done) {
        half->message->first = um_mark_earlier(half->message->first, direction->block.first);
        half->message->last = um_mark_later(half->message->last, direction->block.last);
    }
    return is_last ? end_stream(direction, stream) : UM_OK;
}

/* What the fields of the block that has ended are: a message, or trailers. */
static int
take_fields(struct direction *direction, struct um_h2_fields *fields)
{
    struct um_http2_connection *connection = direction->connection;
    struct block *block = &direction->block;
    bool is_promise = block->frame.type == UM_H2_PUSH_PROMISE;
    bool is_last = is_promise || (block->frame.flags & UM_H2_END_STREAM);
    uint32_t id = is_promise ? block->promised : block->frame.stream;
    learn_client(direction, fields, is_promise);
    struct stream *stream = find_stream(connection, id);
    bool is_reply = direction->side != connection->client && !is_promise;
    struct half *half = !stream ? NULL : is_reply ? &stream->reply : &stream->request;
    bool is_begun = half && (half->message || half->is_done);
    if (connection->client == UNKNOWN || is_begun || um_h2_fields_are_trailers(fields))
        return take_trailers(direction, stream, is_last);

    struct um_http_message *message;
    int err = um_h2_fields_message(fields, is_reply, &message);
    if (err)
        return err;
    describe(direction, block, message);
    return take_message(direction, id, message, is_last);
}

/* Counts the table as it is now. Without room for it it is dropped, and so unknown. */
static int
meter_table(struct direction *direction)
{
    struct um_meter *meter = direction->connection->meter;
    um_meter_give(meter, direction->metered_table_bytes);
    direction->metered_table_bytes = um_h2_headers_table_bytes(direction->headers);
    if (um_meter_take(meter, direction->metered_table_bytes))
        return UM_OK;
    direction->metered_table_bytes = 0;
    return um_h2_headers_lose(direction->headers);
}

/* The block ends here, whole or not. */
static int
end_block(struct direction *direction)
{
    struct block *block = &direction->block;
    block->is_open = false;
    struct um_h2_fields fields = {.max = direction->connection->limits->max[UM_LIMIT_HEAD]};
    int err = um_h2_headers_read(direction->headers, um_buf_span(&block->bytes), block->flags == 0,
                                 um_h2_fields_add, &fields);
    if (fields.is_long)
        block->flags |= UM_HTTP_LIMIT_HEAD;
    if (!err)
        err = meter_table(direction);
    if (!err)
        err = take_fields(direction, &fields);
    um_h2_fields_done(&fields);
    um_buf_done(&block->bytes);
    return err;
}

/* No more of the block will come, but more there was. */
static int
cut_block(struct direction *direction)
{
    if (!direction->block.is_open)
        return UM_OK;
    direction->block.flags |= UM_HTTP_HEAD_CUT;
    return end_block(direction);
}

static bool
carries_block(const struct um_h2_frame *frame)
{
    return frame->type == UM_H2_HEADERS || frame->type == UM_H2_PUSH_PROMISE ||
           frame->type == UM_H2_CONTINUATION;
}

/* A frame with a piece of a header block begins. */
static int
begin_fragment(struct direction *direction)
{
    struct block *block = &direction->block;
    bool goes_on = direction->frame.type == UM_H2_CONTINUATION;
    if (!goes_on || !block->is_open || block->frame.stream != direction->frame.stream) {
        int err = cut_block(direction);
        if (err)
            return err;
        um_buf_clear(&block->bytes);
        *block = (struct block){.is_open = true,
                                .frame = direction->frame,
                                .bytes = block->bytes,
                                .flags = goes_on ? UM_HTTP_HEAD_CUT : 0,
                                .first = direction->first};
    }
    direction->fragment_at = block->bytes.len;
    return UM_OK;
}

static int
keep_fragment(struct direction *direction, struct um_span bytes)
{
    struct block *block = &direction->block;
    uint64_t max = direction->connection->limits->max[UM_LIMIT_HEAD];
    size_t room = block->bytes.len < max ? (size_t)(max - block->bytes.len) : 0;
    if (bytes.len > room)
        block->flags |= UM_HTTP_LIMIT_HEAD;
    if (block->flags & UM_HTTP_HEAD_CUT)
        return UM_OK; /* nothing behind a hole can be read */
    return um_buf_append(&block->bytes, um_span_first(bytes, room));
}

static int
end_fragment(struct direction *direction)
{
    struct block *block = &direction->block;
    struct um_span payload = um_span_from(um_buf_span(&block->bytes), direction->fragment_at);
    struct um_span fragment = um_span_of(NULL, 0);
    if (!um_h2_frame_fragment(&direction->frame, payload, &fragment, &block->promised))
        block->flags |= UM_HTTP_HEAD_CUT;
    if (fragment.len > 0)
        memmove(block->bytes.data + direction->fragment_at, fragment.data, fragment.len);
    block->bytes.len = direction->fragment_at + fragment.len;
    block->first = um_mark_earlier(block->first, direction->first);
    block->last = um_mark_later(block->last, direction->last);
    return direction->frame.flags & UM_H2_END_HEADERS ? end_block(direction) : UM_OK;
}

/* ---- data ---- */

/* The message that the DATA frame belongs to, or NULL. */
static struct half *
data_half(struct direction *direction)
{
    if (direction->connection->client == UNKNOWN)
        return NULL;
    struct stream *stream = find_stream(direction->connection, direction->frame.stream);
    struct half *half = stream ? half_of(direction, stream) : NULL;
    return half && half->message && !half->is_done ? half : NULL;
}

static int
give_data(struct direction *direction, struct um_span bytes)
{
    struct half *half = data_half(direction);
    if (!half || half->is_broken || half->message->lost_bytes > 0 || bytes.len == 0)
        return UM_OK;
    half->message->encoded_bytes += bytes.len;
    if (!half->wants_body)
        return UM_OK;
    const struct um_http_events *events = &direction->connection->events;
    return events->body(events->ctx, half->message, bytes, &half->wants_body);
}

/* The next bytes of a DATA frame's payload. */
static int
take_frame_data(struct direction *direction, struct um_span bytes)
{
    if (direction->needs_padding && bytes.len > 0) {
        direction->needs_padding = false;
        direction->padding = bytes.data[0];
        bytes = um_span_from(bytes, 1);
        direction->left--;
    }
    uint32_t data = direction->left > direction->padding ? direction->left - direction->padding : 0;
    return give_data(direction, um_span_first(bytes, data));
}

static int
end_data(struct direction *direction)
{
    struct half *half = data_half(direction);
    if (half) {
        half->message->first = um_mark_earlier(half->message->first, direction->first);
        half->message->last = um_mark_later(half->message->last, direction->last);
    }
    struct stream *stream = find_stream(direction->connection, direction->frame.stream);
    bool is_last = (direction->frame.flags & UM_H2_END_STREAM) != 0;
    if (!stream || !is_last || direction->connection->client == UNKNOWN)
        return UM_OK;
    return end_stream(direction, stream);
}

/* ---- frames ---- */

static int
take_reset(struct direction *direction)
{
    struct stream *stream = find_stream(direction->connection, direction->frame.stream);
    if (!stream || direction->connection->client == UNKNOWN)
        return UM_OK;
    stream->is_reset = true;
    return give_up_stream(direction->connection, stream);
}

static int
end_frame(struct direction *direction)
{
    direction->place = PLACE_HEAD;
    direction->head_len = 0;
    if (carries_block(&direction->frame))
        return end_fragment(direction);
    if (direction->frame.type == UM_H2_DATA)
        return end_data(direction);
    return direction->frame.type == UM_H2_RST_STREAM ? take_reset(direction) : UM_OK;
}

/* The frame's head is there. */
static int
begin_frame(struct direction *direction)
{
    struct um_span head = um_span_of(direction->head, direction->head_len);
    (void)um_h2_frame_read(head, &direction->frame);
    int err = UM_OK;
    if (!direction->has_frame && direction->frame.type != UM_H2_SETTINGS)
        err = um_h2_headers_lose(direction->headers); /* captured from the middle */
    direction->has_frame = true;
    if (!err && direction->is_unsure && !um_h2_frame_is_plausible(head)) {
        direction->place = PLACE_SEARCH;
        return um_buf_append(&direction->searched, head);
    }
    direction->is_unsure = false;
    direction->place = PLACE_PAYLOAD;
    direction->left = direction->frame.length;
    direction->padding = 0;
    direction->needs_padding =
        direction->frame.type == UM_H2_DATA && (direction->frame.flags & UM_H2_PADDED);
    if (!err && carries_block(&direction->frame))
        err = begin_fragment(direction);
    return !err && direction->left == 0 ? end_frame(direction) : err;
}

static int
read_frame_head(struct direction *direction, struct um_span *input, const struct um_chunk *chunk)
{
    size_t missing = UM_H2_FRAME_HEAD_BYTES - direction->head_len;
    struct um_span bytes = um_span_first(*input, missing);
    *input = um_span_from(*input, bytes.len);
    if (direction->head_len == 0)
        direction->first = direction->last = chunk->first;
    direction->last = um_mark_later(direction->last, chunk->last);
    memcpy(direction->head + direction->head_len, bytes.data, bytes.len);
    direction->head_len += bytes.len;
    if (direction->head_len < UM_H2_FRAME_HEAD_BYTES)
        return UM_OK;
    return begin_frame(direction);
}

static int
read_payload(struct direction *direction, struct um_span *input, const struct um_chunk *chunk)
{
    struct um_span bytes = um_span_first(*input, direction->left);
    uint32_t left = direction->left - (uint32_t)bytes.len;
    *input = um_span_from(*input, bytes.len);
    direction->first = um_mark_earlier(direction->first, chunk->first);
    direction->last = um_mark_later(direction->last, chunk->last);
    int err = UM_OK;
    if (carries_block(&direction->frame))
        err = keep_fragment(direction, bytes);
    else if (direction->frame.type == UM_H2_DATA)
        err = take_frame_data(direction, bytes);
    direction->left = left;
    if (err || direction->place == PLACE_OVER)
        return err;
    return left == 0 ? end_frame(direction) : UM_OK;
}

static int read_bytes(struct direction *direction, struct um_span input,
                      const struct um_chunk *chunk);

/* What was taken for the preface is none: it is frames. */
static int
read_preface(struct direction *direction, struct um_span *input, const struct um_chunk *chunk)
{
    while (input->len > 0 && direction->preface_len < PREFACE_BYTES) {
        if (input->data[0] != (uint8_t)preface[direction->preface_len]) {
            direction->place = PLACE_HEAD;
            return read_bytes(direction, um_span_of(preface, direction->preface_len), chunk);
        }
        direction->preface_len++;
        *input = um_span_from(*input, 1);
    }
    if (direction->preface_len < PREFACE_BYTES)
        return UM_OK;
    direction->place = PLACE_HEAD;
    direction->is_unsure = false;
    if (direction->connection->client == UNKNOWN)
        direction->connection->client = direction->side;
    return UM_OK;
}

/* Looks through what was gathered; from a frame that is found reading goes on. */
static int
look_for_frame(struct direction *direction, bool is_end, const struct um_chunk *chunk)
{
    bool is_found;
    size_t at = um_h2_frame_find(um_buf_span(&direction->searched), is_end, &is_found);
    um_buf_drop(&direction->searched, at);
    if (!is_found)
        return UM_OK;
    struct um_buf found = direction->searched;
    direction->searched = (struct um_buf){0};
    direction->place = PLACE_HEAD;
    direction->head_len = 0;
    struct um_chunk all = *chunk;
    all.first = um_mark_earlier(direction->searched_first, chunk->first);
    int err = read_bytes(direction, um_buf_span(&found), &all);
    um_buf_done(&found);
    return err;
}

static int
search(struct direction *direction, struct um_span *input, const struct um_chunk *chunk)
{
    if (direction->searched.len == 0)
        direction->searched_first = chunk->first;
    int err = um_buf_append(&direction->searched, *input);
    *input = um_span_of(NULL, 0);
    return err ? err : look_for_frame(direction, false, chunk);
}

static int
read_bytes(struct direction *direction, struct um_span input, const struct um_chunk *chunk)
{
    int err = UM_OK;
    while (!err && input.len > 0) {
        switch (direction->place) {
        case PLACE_PREFACE:
            err = read_preface(direction, &input, chunk);
            break;
        case PLACE_HEAD:
            err = read_frame_head(direction, &input, chunk);
            break;
        case PLACE_PAYLOAD:
            err = read_payload(direction, &input, chunk);
            break;
        case PLACE_SEARCH:
            err = search(direction, &input, chunk);
            break;
        default:
            return UM_OK;
        }
    }
    return err;
}

/* ---- holes ---- */

/* Bytes of the current frame's payload are missing. */
static void
lose_payload(struct direction *direction, uint32_t missing_bytes)
{
    direction->left -= missing_bytes;
    if (carries_block(&direction->frame))
        direction->block.flags |= UM_HTTP_HEAD_CUT;
    struct half *half = direction->frame.type == UM_H2_DATA ? data_half(direction) : NULL;
    if (half)
        half->message->lost_bytes += missing_bytes;
    direction->needs_padding = false;
}

/* Frames are missing, and where the next begins is not known. */
static int
lose_place(struct direction *direction)
{
    struct um_http2_connection *connection = direction->connection;
    int err = cut_block(direction);
    if (err || direction->place == PLACE_OVER)
        return err;
    bool is_server = connection->client != UNKNOWN && direction->side != connection->client;
    for (struct stream *stream = connection->first; stream; stream = stream->next) {
        struct half *half = half_of(direction, stream);
        half->is_broken = half->is_broken || (half->message && !half->is_done);
        stream->has_hole = stream->has_hole || (is_server && !half->message);
    }
    um_buf_clear(&direction->searched);
    direction->place = PLACE_HEAD;
    direction->head_len = 0;
    direction->is_unsure = true;
    return um_h2_headers_lose(direction->headers);
}

/* ---- the sink ---- */

static int
result_of(const struct direction *direction, int err)
{
    if (err)
        return err;
    return direction->place == PLACE_OVER ? UM_SINK_ENOUGH : UM_OK;
}

static int
take_data(void *ctx, const struct um_chunk *chunk)
{
    struct direction *direction = ctx;
    direction->ending.has_bytes = true;
    return result_of(direction, read_bytes(direction, chunk->bytes, chunk));
}

static int
take_gap(void *ctx, uint64_t missing_bytes, enum um_gap_cause cause, const struct um_mark *where)
{
    struct direction *direction = ctx;
    (void)cause;
    (void)where;
    direction->ending.has_gap = true;
    int err = UM_OK;
    if (direction->place == PLACE_PAYLOAD) {
        uint32_t in_frame =
            missing_bytes < direction->left ? (uint32_t)missing_bytes : direction->left;
        missing_bytes -= in_frame;
        lose_payload(direction, in_frame);
        err = direction->left == 0 ? end_frame(direction) : UM_OK;
    }
    if (!err && missing_bytes > 0 && direction->place != PLACE_OVER)
        err = lose_place(direction);
    return result_of(direction, err);
}

/* What the direction has not finished stays incomplete. */
static int
end_open(struct direction *direction)
{
    struct um_http2_connection *connection = direction->connection;
    int err = UM_OK;
    for (struct stream *stream = connection->first, *next; !err && stream; stream = next) {
        next = stream->next;
        struct half *half = half_of(direction, stream);
        if (!half->message || half->is_done)
            continue;
        err = finish_half(connection, half, false);
        if (!err)
            err = emit_if_over(connection, stream);
    }
    return err;
}

static int
take_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    struct direction *direction = ctx;
    (void)where;
    um_http_ending_set(&direction->ending, why);
    int err = UM_OK;
    struct um_chunk nothing = {.first = direction->searched_first,
                               .last = direction->searched_first};
    if (direction->place == PLACE_SEARCH)
        err = look_for_frame(direction, true, &nothing);
    if (!err && direction->place == PLACE_PAYLOAD)
        lose_payload(direction, 0);
    if (!err)
        err = cut_block(direction);
    direction->place = PLACE_OVER;
    return err ? err : end_open(direction);
}

/* ---- life ---- */

static int
init_direction(struct um_http2_connection *connection, int side)
{
    struct direction *direction = &connection->directions[side];
    direction->connection = connection;
    direction->side = side;
    direction->is_unsure = true;
    return um_h2_headers_new(&direction->headers);
}

int
um_http2_connection_new(const struct um_limits *limits, struct um_meter *meter,
                        const struct um_http_events *events, uint64_t number,
                        const struct um_endpoint ends[2], struct um_http2_connection **out)
{
    *out = NULL;
    if (!um_meter_take(meter, connection_bytes))
        return UM_OK;
    struct um_http2_connection *connection = calloc(1, sizeof *connection);
    if (!connection) {
        um_meter_give(meter, connection_bytes);
        return UM_ERR_NOMEM;
    }
    *connection = (struct um_http2_connection){.limits = limits,
                                               .meter = meter,
                                               .events = *events,
                                               .number = number,
                                               .ends = {ends[0], ends[1]},
                                               .client = UNKNOWN};
    int err = init_direction(connection, 0);
    if (!err)
        err = init_direction(connection, 1);
    if (err) {
        um_http2_connection_free(connection);
        return err;
    }
    *out = connection;
    return UM_OK;
}

int
um_http2_connection_upgrade(struct um_http2_connection *connection, int client,
                            struct um_http_message *request)
{
    connection->client = client;
    struct stream *stream;
    int err = open_stream(connection, 1, &stream);
    if (err) {
        free_message(connection, request);
        return err;
    }
    stream->request = (struct half){.message = request, .is_done = true};
    return UM_OK;
}

struct um_sink
um_http2_connection_sink(struct um_http2_connection *connection, int side)
{
    return (struct um_sink){
        .ctx = &connection->directions[side], .data = take_data, .gap = take_gap, .end = take_end};
}

int
um_http2_connection_close(struct um_http2_connection *connection)
{
    int err = UM_OK;
    while (!err && connection->first)
        err = emit(connection, connection->first);
    um_http2_connection_free(connection);
    return err;
}

void
um_http2_connection_free(struct um_http2_connection *connection)
{
    if (!connection)
        return;
    while (connection->first) {
        struct stream *stream = connection->first;
        connection->first = stream->next;
        free_stream(connection, stream);
    }
    for (int side = 0; side < 2; side++) {
        struct direction *direction = &connection->directions[side];
        um_h2_headers_free(direction->headers);
        um_meter_give(connection->meter, direction->metered_table_bytes);
        um_buf_done(&direction->block.bytes);
        um_buf_done(&direction->searched);
    }
    um_meter_give(connection->meter, connection_bytes);
    free(connection);
}

bool
um_http2_connection_wanted(struct um_span payload)
{
    bool is_found;
    if (um_span_starts(payload, um_span_text("PRI * HTTP/2.0")))
        return true;
    if (!um_h2_frame_is_plausible(payload))
        return false;
    return um_h2_frame_find(payload, true, &is_found) == 0 && is_found;
}
