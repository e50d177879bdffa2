/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the frames of two directions say: header blocks are gathered (h2_block.h) and decoded
 * (h2_headers.h), DATA passes through as it lies, RST_STREAM and GOAWAY end streams (h2_streams.h),
 * all else is read past. After a hole that loses the place the HPACK table is unknown, and DATA may
 * begin a message.
 */
#include "offline/http/http2.h"

#include <stdlib.h>

#include "core/base/cursor.h"
#include "offline/http/h2_block.h"
#include "offline/http/h2_fields.h"
#include "offline/http/h2_headers.h"
#include "offline/http/h2_reader.h"
#include "offline/http/h2_streams.h"

enum { STREAM_BYTES = 4, STREAM_BITS = 0x7fffffff };

struct direction {
    struct um_http2_connection *connection;
    int side;
    struct um_h2_reader reader;
    bool has_frame;                /* so far */
    bool has_lost;                 /* frames, and with them perhaps heads */
    uint32_t padding;              /* of DATA, at the payload's end */
    bool needs_padding;            /* its length is the next byte */
    uint8_t go_away[STREAM_BYTES]; /* of GOAWAY: the last stream that is taken */
    size_t go_away_len;
    struct um_h2_block block;
    struct um_h2_headers *headers;
    uint64_t metered_table_bytes;
};

struct um_http2_connection {
    uint64_t number;
    struct um_endpoint ends[2];
    struct direction directions[2];
    struct um_h2_streams streams;
};

/* What a connection may hold beside its messages. */
static const uint64_t connection_bytes = sizeof(struct um_http2_connection) + 2 * 4096;

/* ---- header blocks ---- */

/* Who asks, when nothing has told before. */
static void
learn_client(struct direction *direction, const struct um_h2_fields *fields, bool is_promise)
{
    struct um_h2_streams *streams = &direction->connection->streams;
    if (streams->client != UM_H2_SIDE_UNKNOWN)
        return;
    if (um_h2_fields_is_reply(fields) || is_promise)
        streams->client = 1 - direction->side;
    else if (um_h2_fields_is_request(fields))
        streams->client = direction->side;
}

/* Fields behind a body, or such as belong to nothing that was seen. */
static int
take_trailers(struct direction *direction, uint32_t id, bool is_last)
{
    struct um_h2_streams *streams = &direction->connection->streams;
    const struct um_h2_block *block = &direction->block;
    um_h2_streams_mark(streams, direction->side, id, block->first, block->last);
    return is_last ? um_h2_streams_end(streams, direction->side, id) : UM_OK;
}

/* Of which stream a message beginning. */
struct beginning {
    bool is_reply;
    uint32_t id;
    bool is_last; /* the head is all of it */
};

/* May a field that the message lacks have been in its block all the same? */
static bool
may_lack_fields(const struct um_h2_block *block, const struct um_h2_fields *fields)
{
    return fields->has_unknown || (block->flags & (UM_HTTP_HEAD_CUT | UM_HTTP_LIMIT_HEAD)) != 0;
}

/* A message begins that `fields` are the head of, as far as `block` has it. */
static int
take_message(struct direction *direction, const struct um_h2_block *block,
             const struct um_h2_fields *fields, const struct beginning *beginning)
{
    struct um_http2_connection *connection = direction->connection;
    struct um_http_message *message;
    int err = um_h2_fields_message(fields, beginning->is_reply, &message);
    if (err)
        return err;
    int client = connection->streams.client;
    int from = beginning->is_reply ? 1 - client : client;
    message->connection = connection->number;
    message->stream_id = beginning->id;
    message->source = connection->ends[from];
    message->destination = connection->ends[1 - from];
    message->flags |= block->flags;
    message->is_coding_unknown =
        message->content_encoding.len == 0 && may_lack_fields(block, fields);
    message->first = block->first;
    message->last = block->last;
    return um_h2_streams_begin(&connection->streams, message, beginning->is_last);
}

/* They end the stream, and none that is known begins a message: what was before may be lost. */
static bool
may_be_trailers(const struct um_h2_block *block, const struct um_h2_fields *fields)
{
    return block->frame.type != UM_H2_PUSH_PROMISE &&
           (block->frame.flags & UM_H2_END_STREAM) != 0 && !um_h2_fields_has_start(fields);
}

/* What the fields of the block that has ended are: a message, or trailers. */
static int
take_fields(struct direction *direction, const struct um_h2_fields *fields)
{
    const struct um_h2_streams *streams = &direction->connection->streams;
    struct um_h2_block *block = &direction->block;
    bool is_promise = block->frame.type == UM_H2_PUSH_PROMISE;
    struct beginning beginning = {.id = is_promise ? block->promised : block->frame.stream,
                                  .is_last = is_promise || (block->frame.flags & UM_H2_END_STREAM)};
    learn_client(direction, fields, is_promise);
    beginning.is_reply = direction->side != streams->client && !is_promise;
    if (streams->client == UM_H2_SIDE_UNKNOWN || um_h2_fields_are_trailers(fields) ||
        um_h2_streams_has_begun(streams, beginning.is_reply, beginning.id))
        return take_trailers(direction, beginning.id, beginning.is_last);
    if (may_be_trailers(block, fields))
        block->flags |= UM_HTTP_HEAD_CUT;
    return take_message(direction, block, fields, &beginning);
}

/* Counts the table as it is now. Without room for it it is dropped, and so unknown. */
static int
meter_table(struct direction *direction)
{
    struct um_meter *meter = direction->connection->streams.meter;
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
    struct um_h2_block *block = &direction->block;
    uint64_t max = direction->connection->streams.limits->max[UM_LIMIT_HEAD];
    struct um_h2_fields fields = {.max = max};
    int result = um_h2_headers_read(direction->headers, um_buf_span(&block->bytes),
                                    block->flags == 0, um_h2_fields_add, &fields);
    um_h2_block_done(block);
    if (fields.is_long)
        block->flags |= UM_HTTP_LIMIT_HEAD;
    if (!result)
        result = meter_table(direction);
    if (!result)
        result = take_fields(direction, &fields);
    um_h2_fields_done(&fields);
    return result;
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

/* ---- data ---- */

/* DATA of a stream whose head was in a hole: what is there of the message begins with it. */
static int
begin_without_head(struct direction *direction)
{
    const struct um_h2_reader *reader = &direction->reader;
    const struct um_h2_streams *streams = &direction->connection->streams;
    const struct beginning beginning = {.is_reply = direction->side != streams->client,
                                        .id = reader->frame.stream};
    if (!direction->has_lost ||
        !um_h2_streams_lacks_head(streams, beginning.is_reply, beginning.id))
        return UM_OK;
    const struct um_h2_block lost = {
        .flags = UM_HTTP_HEAD_CUT, .first = reader->first, .last = reader->last};
    const struct um_h2_fields none = {0};
    return take_message(direction, &lost, &none, &beginning);
}

/* The next bytes of a DATA frame's payload. */
static int
take_data_bytes(struct direction *direction, struct um_span bytes)
{
    uint32_t left = direction->reader.left;
    if (direction->needs_padding) {
        direction->needs_padding = false;
        direction->padding = bytes.data[0];
        bytes = um_span_from(bytes, 1);
        left--;
    }
    uint32_t data = left > direction->padding ? left - direction->padding : 0;
    return um_h2_streams_data(&direction->connection->streams, direction->side,
                              direction->reader.frame.stream, um_span_first(bytes, data));
}

static int
end_data(struct direction *direction)
{
    struct um_h2_streams *streams = &direction->connection->streams;
    const struct um_h2_reader *reader = &direction->reader;
    um_h2_streams_mark(streams, direction->side, reader->frame.stream, reader->first, reader->last);
    bool is_last = (reader->frame.flags & UM_H2_END_STREAM) != 0;
    return is_last ? um_h2_streams_end(streams, direction->side, reader->frame.stream) : UM_OK;
}

/* ---- shutting down ---- */

static void
take_go_away_bytes(struct direction *direction, struct um_span bytes)
{
    bytes = um_span_first(bytes, STREAM_BYTES - direction->go_away_len);
    if (bytes.len == 0)
        return;
    memcpy(direction->go_away + direction->go_away_len, bytes.data, bytes.len);
    direction->go_away_len += bytes.len;
}

/* The side takes no streams above the one it names. A later frame may name a lower one. */
static void
end_go_away(struct direction *direction)
{
    struct um_h2_streams *streams = &direction->connection->streams;
    if (direction->go_away_len < STREAM_BYTES)
        return;
    struct um_cursor c = um_cursor_of(um_span_of(direction->go_away, STREAM_BYTES));
    streams->is_going_away[direction->side] = true;
    streams->last_taken[direction->side] = um_cursor_be32(&c) & STREAM_BITS;
}

/* ---- what the reader tells ---- */

static int
take_preface(void *ctx)
{
    const struct direction *direction = ctx;
    struct um_h2_streams *streams = &direction->connection->streams;
    if (streams->client == UM_H2_SIDE_UNKNOWN)
        streams->client = direction->side;
    return UM_OK;
}

static int
begin_frame(void *ctx)
{
    struct direction *direction = ctx;
    const struct um_h2_frame *frame = &direction->reader.frame;
    int result = UM_OK;
    if (!direction->has_frame && frame->type != UM_H2_SETTINGS)
        result = um_h2_headers_lose(direction->headers); /* captured from the middle */
    direction->has_frame = true;
    direction->padding = 0;
    direction->needs_padding = frame->type == UM_H2_DATA && (frame->flags & UM_H2_PADDED);
    direction->go_away_len = 0;
    if (!result && frame->type == UM_H2_DATA && frame->length > 0)
        result = begin_without_head(direction);
    if (result || !um_h2_block_is_in(frame))
        return result;
    if (!um_h2_block_goes_on(&direction->block, frame))
        result = cut_block(direction);
    um_h2_block_begin(&direction->block, frame, direction->reader.first);
    return result;
}

static int
take_payload(void *ctx, struct um_span bytes)
{
    struct direction *direction = ctx;
    const struct um_h2_frame *frame = &direction->reader.frame;
    if (um_h2_block_is_in(frame))
        return um_h2_block_add(&direction->block, bytes,
                               direction->connection->streams.limits->max[UM_LIMIT_HEAD]);
    if (frame->type == UM_H2_DATA)
        return take_data_bytes(direction, bytes);
    if (frame->type == UM_H2_GOAWAY)
        take_go_away_bytes(direction, bytes);
    return UM_OK;
}

static void
lose_payload(void *ctx, uint32_t missing_bytes)
{
    struct direction *direction = ctx;
    const struct um_h2_frame *frame = &direction->reader.frame;
    direction->needs_padding = false;
    if (um_h2_block_is_in(frame))
        direction->block.flags |= UM_HTTP_HEAD_CUT;
    else if (frame->type == UM_H2_DATA)
        um_h2_streams_lose(&direction->connection->streams, direction->side, frame->stream,
                           missing_bytes);
    else if (frame->type == UM_H2_GOAWAY && direction->go_away_len < STREAM_BYTES)
        direction->go_away_len = 0; /* half of a number is none */
}

static int
end_frame(void *ctx)
{
    struct direction *direction = ctx;
    const struct um_h2_reader *reader = &direction->reader;
    if (um_h2_block_is_in(&reader->frame)) {
        bool is_over =
            um_h2_block_end(&direction->block, &reader->frame, reader->first, reader->last);
        return is_over ? end_block(direction) : UM_OK;
    }
    if (reader->frame.type == UM_H2_DATA)
        return end_data(direction);
    if (reader->frame.type == UM_H2_RST_STREAM)
        return um_h2_streams_reset(&direction->connection->streams, direction->side,
                                   reader->frame.stream);
    if (reader->frame.type == UM_H2_GOAWAY)
        end_go_away(direction);
    return UM_OK;
}

/* Frames are missing, and where the next begins is not known. */
static int
lose_place(void *ctx)
{
    struct direction *direction = ctx;
    int result = cut_block(direction);
    if (result)
        return result;
    um_h2_streams_lose_place(&direction->connection->streams, direction->side);
    direction->has_frame = direction->has_lost = true;
    return um_h2_headers_lose(direction->headers);
}

/* ---- the sink ---- */

/* What one direction has had enough of, so has the other: the limit `memory`. */
static int
result_of(struct direction *direction, int result)
{
    struct um_http2_connection *connection = direction->connection;
    if (result == UM_SINK_ENOUGH)
        connection->directions[1 - direction->side].reader.place = UM_H2_PLACE_OVER;
    return result;
}

static int
take_data(void *ctx, const struct um_chunk *chunk)
{
    struct direction *direction = ctx;
    struct um_http2_connection *connection = direction->connection;
    struct direction *other = &connection->directions[1 - direction->side];
    connection->streams.endings[direction->side].has_bytes = true;
    int err = result_of(other, um_h2_reader_settle(&other->reader));
    return err ? err : result_of(direction, um_h2_reader_data(&direction->reader, chunk));
}

static int
take_gap(void *ctx, struct um_missing missing, enum um_gap_cause cause, const struct um_mark *where)
{
    struct direction *direction = ctx;
    (void)where;
    um_http_ending_miss(&direction->connection->streams.endings[direction->side], cause);
    return result_of(direction, um_h2_reader_gap(&direction->reader, missing));
}

static int
take_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    struct direction *direction = ctx;
    struct um_h2_streams *streams = &direction->connection->streams;
    (void)where;
    um_http_ending_set(&streams->endings[direction->side], why);
    int result = result_of(direction, um_h2_reader_end(&direction->reader));
    if (result >= 0)
        result = cut_block(direction);
    if (result >= 0)
        result = um_h2_streams_end_side(streams, direction->side);
    return result < 0 ? result : UM_OK;
}

/* ---- life ---- */

static int
init_direction(struct um_http2_connection *connection, int side)
{
    struct direction *direction = &connection->directions[side];
    const struct um_h2_reader_events events = {.ctx = direction,
                                               .preface = take_preface,
                                               .begin = begin_frame,
                                               .payload = take_payload,
                                               .lose_payload = lose_payload,
                                               .end = end_frame,
                                               .lose_place = lose_place};
    direction->connection = connection;
    direction->side = side;
    direction->block.meter = connection->streams.meter;
    um_h2_reader_init(&direction->reader, connection->streams.meter, &events);
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
    *connection = (struct um_http2_connection){
        .number = number,
        .ends = {ends[0], ends[1]},
        .streams = {
            .limits = limits, .meter = meter, .events = *events, .client = UM_H2_SIDE_UNKNOWN}};
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
    connection->streams.client = client;
    return um_h2_streams_adopt(&connection->streams, request);
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
    int err = um_h2_streams_close(&connection->streams);
    um_http2_connection_free(connection);
    return err;
}

void
um_http2_connection_free(struct um_http2_connection *connection)
{
    if (!connection)
        return;
    struct um_meter *meter = connection->streams.meter;
    um_h2_streams_done(&connection->streams);
    for (int side = 0; side < 2; side++) {
        struct direction *direction = &connection->directions[side];
        if (!direction->connection)
            continue; /* it was not begun */
        um_h2_headers_free(direction->headers);
        um_meter_give(meter, direction->metered_table_bytes);
        um_h2_block_done(&direction->block);
        um_h2_reader_done(&direction->reader);
    }
    um_meter_give(meter, connection_bytes);
    free(connection);
}

static const char preface_line[] = "PRI * HTTP/2.0";

bool
um_http2_connection_undecided(struct um_span payload)
{
    struct um_span line = um_span_text(preface_line);
    return payload.len > 0 && payload.len < line.len && um_span_starts(line, payload);
}

bool
um_http2_connection_wanted(struct um_span payload)
{
    bool is_found;
    if (um_span_starts(payload, um_span_text(preface_line)))
        return true;
    if (!um_h2_frame_is_plausible(payload))
        return false;
    return um_h2_frame_find(payload, true, &is_found) == 0 && is_found;
}
