/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A digest, a count and the holes of each direction. */
#include "offline/streams.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "offline/tls/digest.h"

struct direction {
    struct um_digest *digest;
    uint64_t bytes;
    uint64_t offset;            /* of the next byte: captured ones and holes count */
    struct um_report_hole hole; /* behind the last captured byte: none yet, unless more follow */
    struct um_report_hole *holes;
    size_t hole_count, hole_capacity;
    uint64_t holes_left_out;
};

struct connection {
    struct um_flow_info info;
    struct direction directions[2];
};

/* A hole between captured bytes; what is missing at the end is no part of the stream. */
static int
keep_hole(struct direction *direction)
{
    if (direction->hole.length == 0)
        return UM_OK;
    struct um_report_hole hole = direction->hole;
    direction->hole.length = 0;
    if (direction->hole_count == UM_STREAMS_HOLES_MAX) {
        direction->holes_left_out++;
        return UM_OK;
    }
    if (direction->hole_count == direction->hole_capacity) {
        size_t wider = direction->hole_capacity ? direction->hole_capacity * 2 : 8;
        void *grown = realloc(direction->holes, wider * sizeof *direction->holes);
        if (!grown)
            return UM_ERR_NOMEM;
        direction->holes = grown;
        direction->hole_capacity = wider;
    }
    direction->holes[direction->hole_count++] = hole;
    return UM_OK;
}

static int
take_data(void *ctx, const struct um_chunk *chunk)
{
    struct direction *direction = ctx;
    direction->bytes += chunk->bytes.len;
    direction->offset = chunk->offset + chunk->bytes.len;
    int err = keep_hole(direction);
    return err ? err : um_digest_add(direction->digest, chunk->bytes);
}

static int
take_gap(void *ctx, uint64_t missing_bytes, enum um_gap_cause cause, const struct um_mark *where)
{
    struct direction *direction = ctx;
    (void)cause;
    (void)where;
    if (direction->hole.length == 0)
        direction->hole.offset = direction->offset;
    direction->hole.length += missing_bytes;
    direction->offset += missing_bytes;
    return UM_OK;
}

static int
take_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    (void)ctx;
    (void)why;
    (void)where;
    return UM_OK;
}

static void
free_connection(struct connection *connection)
{
    for (int side = 0; side < 2; side++) {
        um_digest_free(connection->directions[side].digest);
        free(connection->directions[side].holes);
    }
    free(connection);
}

static int
open_connection(void *ctx, const struct um_flow_info *info, struct um_sink sinks[2], void **user)
{
    (void)ctx;
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return UM_ERR_NOMEM;
    connection->info = *info;
    for (int side = 0; side < 2; side++) {
        struct direction *direction = &connection->directions[side];
        int err = um_digest_new(&direction->digest);
        if (err) {
            free_connection(connection);
            return err;
        }
        sinks[side] =
            (struct um_sink){.ctx = direction, .data = take_data, .gap = take_gap, .end = take_end};
    }
    *user = connection;
    return UM_OK;
}

static int
tell(const struct um_streams *streams, const struct connection *connection, int side)
{
    const struct direction *direction = &connection->directions[side];
    char hex[UM_DIGEST_HEX_MAX];
    int err = um_digest_hex(direction->digest, hex);
    if (err)
        return err;
    struct um_report_stream line = {.source = connection->info.ends[side],
                                    .destination = connection->info.ends[1 - side],
                                    .bytes = direction->bytes,
                                    .sha256 = hex,
                                    .holes = direction->holes,
                                    .hole_count = direction->hole_count,
                                    .holes_left_out = direction->holes_left_out};
    return streams->emit(streams->ctx, &line);
}

static int
close_connection(void *ctx, void *user)
{
    const struct um_streams *streams = ctx;
    struct connection *connection = user;
    int err = tell(streams, connection, 0);
    if (!err)
        err = tell(streams, connection, 1);
    free_connection(connection);
    return err;
}

struct um_flow_events
um_streams_events(struct um_streams *streams)
{
    return (struct um_flow_events){
        .ctx = streams, .every = true, .open = open_connection, .close = close_connection};
}
