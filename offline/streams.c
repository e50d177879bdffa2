/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A digest, a count and the holes of each direction. */
#include "offline/streams.h"

#include <stdlib.h>

#include "core/base/room.h"
#include "offline/tls/digest.h"
#include "offline/tls/record.h"

struct connection;

struct direction {
    struct connection *connection;
    int side;
    struct um_digest *digest;
    uint64_t bytes;
    uint64_t offset;            /* of the next byte: captured ones and holes count */
    struct um_report_hole hole; /* behind the last captured byte: none yet, unless more follow */
    struct um_report_hole *holes;
    size_t hole_count, hole_capacity;
    uint64_t holes_left_out;
    uint64_t missing; /* bytes of all holes */
};

struct connection {
    struct um_flow_info info;
    const struct um_streams *streams;
    bool is_known; /* its first bytes told whether it is TLS */
    struct um_tls *tls;
    struct direction directions[2];
    struct direction clear[2]; /* with TLS */
};

/* What a connection takes from the limit `memory`: with its digests, of clear bytes too. */
/* With its digests. The lists of holes are bounded by themselves, and short where little is lost.
 */
enum { CONNECTION_BYTES = sizeof(struct connection) + 2048 };

/* A hole between captured bytes; what is missing at the end is no part of the stream. */
static int
keep_hole(struct direction *direction)
{
    if (direction->hole.length == 0)
        return UM_OK;
    struct um_report_hole hole = direction->hole;
    direction->hole.length = 0;
    direction->missing += hole.length;
    if (direction->hole_count == UM_STREAMS_HOLES_MAX) {
        direction->holes_left_out++;
        return UM_OK;
    }
    struct um_report_hole *holes = um_room_for_one(direction->holes, &direction->hole_capacity,
                                                   direction->hole_count, sizeof *holes);
    if (!holes)
        return UM_ERR_NOMEM;
    direction->holes = holes;
    direction->holes[direction->hole_count++] = hole;
    return UM_OK;
}

static int
add_data(struct direction *direction, const struct um_chunk *chunk)
{
    direction->bytes += chunk->bytes.len;
    direction->offset = chunk->offset + chunk->bytes.len;
    int err = keep_hole(direction);
    return err ? err : um_digest_add(direction->digest, chunk->bytes);
}

static void
add_gap(struct direction *direction, uint64_t missing_bytes)
{
    if (direction->hole.length == 0)
        direction->hole.offset = direction->offset;
    direction->hole.length += missing_bytes;
    direction->offset += missing_bytes;
}

/* ---- clear bytes out of TLS ---- */

static int
take_clear_data(void *ctx, const struct um_chunk *chunk)
{
    return add_data(ctx, chunk);
}

static int
take_clear_gap(void *ctx, struct um_missing missing, enum um_gap_cause cause,
               const struct um_mark *where)
{
    (void)cause;
    (void)where;
    add_gap(ctx, missing.most);
    return UM_OK;
}

static int
take_clear_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    (void)ctx;
    (void)why;
    (void)where;
    return UM_OK;
}

static int
begin_tls(struct connection *connection)
{
    struct um_sink sinks[2];
    for (int side = 0; side < 2; side++) {
        int err = um_digest_new(&connection->clear[side].digest);
        if (err)
            return err;
        sinks[side] = (struct um_sink){.ctx = &connection->clear[side],
                                       .data = take_clear_data,
                                       .gap = take_clear_gap,
                                       .end = take_clear_end};
    }
    return um_tls_new(connection->streams->meter, connection->streams->secrets, sinks,
                      &connection->tls);
}

/* ---- bytes off the wire ---- */

static int
take_data(void *ctx, const struct um_chunk *chunk)
{
    struct direction *direction = ctx;
    struct connection *connection = direction->connection;
    int err = add_data(direction, chunk);
    if (!err && !connection->is_known && um_tls_record_wanted(chunk->bytes))
        err = begin_tls(connection);
    connection->is_known = true;
    if (err || !connection->tls)
        return err;
    struct um_sink tls = um_tls_sink(connection->tls, direction->side);
    return tls.data(tls.ctx, chunk);
}

static int
take_gap(void *ctx, struct um_missing missing, enum um_gap_cause cause, const struct um_mark *where)
{
    struct direction *direction = ctx;
    add_gap(direction, missing.most);
    if (!direction->connection->tls)
        return UM_OK;
    struct um_sink tls = um_tls_sink(direction->connection->tls, direction->side);
    return tls.gap(tls.ctx, missing, cause, where);
}

static int
take_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    struct direction *direction = ctx;
    if (!direction->connection->tls)
        return UM_OK;
    struct um_sink tls = um_tls_sink(direction->connection->tls, direction->side);
    return tls.end(tls.ctx, why, where);
}

static void
free_connection(struct connection *connection)
{
    for (int side = 0; side < 2; side++) {
        um_digest_free(connection->directions[side].digest);
        free(connection->directions[side].holes);
        um_digest_free(connection->clear[side].digest);
        free(connection->clear[side].holes);
    }
    um_tls_free(connection->tls);
    um_meter_give(connection->streams->meter, CONNECTION_BYTES);
    free(connection);
}

static int
open_connection(void *ctx, const struct um_flow_info *info, struct um_sink sinks[2], void **user)
{
    const struct um_streams *streams = ctx;
    if (!um_meter_take(streams->meter, CONNECTION_BYTES))
        return UM_FLOW_NO_ROOM;
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection) {
        um_meter_give(streams->meter, CONNECTION_BYTES);
        return UM_ERR_NOMEM;
    }
    connection->streams = streams;
    connection->info = *info;
    for (int side = 0; side < 2; side++) {
        struct direction *direction = &connection->directions[side];
        direction->connection = connection;
        direction->side = side;
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
tell(const struct connection *connection, const struct direction *direction, int side,
     bool is_clear)
{
    char hex[UM_DIGEST_HEX_MAX];
    int err = um_digest_hex(direction->digest, hex);
    if (err)
        return err;
    struct um_report_stream line = {.source = connection->info.ends[side],
                                    .destination = connection->info.ends[1 - side],
                                    .is_clear = is_clear,
                                    .bytes = direction->bytes,
                                    .sha256 = hex,
                                    .holes = direction->holes,
                                    .hole_count = direction->hole_count,
                                    .holes_left_out = direction->holes_left_out,
                                    .missing = direction->missing};
    return connection->streams->emit(connection->streams->ctx, &line);
}

static int
close_connection(void *ctx, void *user)
{
    (void)ctx;
    struct connection *connection = user;
    bool is_read = connection->tls && um_tls_info(connection->tls).is_read;
    int err = UM_OK;
    for (int side = 0; side < 2 && !err; side++)
        err = tell(connection, &connection->directions[side], side, false);
    for (int side = 0; side < 2 && !err && is_read; side++) {
        if (connection->clear[side].bytes > 0)
            err = tell(connection, &connection->clear[side], side, true);
    }
    free_connection(connection);
    return err;
}

static void
abandon_connection(void *ctx, void *user)
{
    (void)ctx;
    free_connection(user);
}

struct um_flow_events
um_streams_events(struct um_streams *streams)
{
    return (struct um_flow_events){.ctx = streams,
                                   .every = true,
                                   .open = open_connection,
                                   .close = close_connection,
                                   .abandon = abandon_connection};
}
