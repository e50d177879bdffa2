/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One struct connection for each followed TCP connection, and in it a layer for what the wire
 * carries, one for what comes out of its TLS, one for what is in a CONNECT tunnel, and so on, up to
 * the limit `tunnels`. Each is asked what it speaks by its first bytes; until that is known holes
 * are only counted, and a beginning too short to tell is held.
 */
#include "offline/connections.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "offline/http/http2.h"
#include "offline/tls/record.h"
#include "offline/tls_count.h"
#include "offline/tls_events.h"

enum speaks {
    SPEAKS_UNKNOWN,
    SPEAKS_HTTP, /* of either version */
    SPEAKS_TLS,
    SPEAKS_OTHER,   /* nothing of ours */
    SPEAKS_REFUSED, /* no memory for it */
};

struct layer;

struct side {
    struct layer *layer;
    struct um_sink sink;         /* of its HTTP or TLS */
    struct um_missing early_gap; /* before anything was known */
    enum um_gap_cause early_gap_cause;
    struct um_mark early_gap_mark;
    struct um_buf held; /* its first bytes, too few to tell */
    struct um_chunk held_chunk;
};

struct layer {
    struct connection *connection;
    enum speaks speaks;
    struct um_http_connection *http; /* with HTTP, one of the two */
    struct um_http2_connection *http2;
    struct um_tls *tls;
    struct um_tls_events tls_events; /* with HTTP in TLS */
    struct um_http_events events;    /* of its HTTP connection */
    struct side sides[2];
    struct layer *outer; /* NULL: this is the wire */
    struct layer *inner; /* in its TLS or its tunnel; NULL: nothing came out of it */
};

struct connection {
    struct um_connections *all;
    struct um_flow_info info;
    struct layer wire;
    uint64_t depth; /* layers */
    uint64_t first_frame;
};

/*
 * What a connection and a layer in it take from the limit `memory`: with what the stages above keep
 * of a head that is being read before they meter it.
 */
enum {
    CONNECTION_BYTES = sizeof(struct connection) + 1024,
    LAYER_BYTES = sizeof(struct layer) + 1024,
};

static bool
is_wanted(void *ctx, struct um_span payload)
{
    (void)ctx;
    return um_http_connection_wanted(payload) || um_http2_connection_wanted(payload) ||
           um_http2_connection_undecided(payload) || um_tls_record_wanted(payload);
}

static void
refuse(struct layer *layer)
{
    layer->speaks = SPEAKS_REFUSED;
    um_limit_hit(&layer->connection->all->refused, layer->connection->first_frame);
}

static void
init_layer(struct layer *layer, struct connection *connection)
{
    layer->connection = connection;
    connection->depth++;
    for (int i = 0; i < 2; i++)
        layer->sides[i].layer = layer;
}

/* ---- what is inside of a layer ---- */

static int take_data(void *ctx, const struct um_chunk *chunk);
static int take_gap(void *ctx, struct um_missing missing, enum um_gap_cause cause,
                    const struct um_mark *where);
static int take_end(void *ctx, enum um_end why, const struct um_mark *where);
static void take_passed(void *ctx, uint64_t bytes, const struct um_mark *last);

/* The layer inside, when the limits `tunnels` and `memory` have room for it. */
static int
make_inner(struct layer *layer)
{
    struct connection *connection = layer->connection;
    struct um_connections *all = connection->all;
    if (connection->depth >= all->limits->max[UM_LIMIT_TUNNELS]) {
        um_limit_hit(&all->tunnels, connection->first_frame);
        return UM_OK;
    }
    if (!um_meter_take(all->meter, LAYER_BYTES)) {
        um_limit_hit(&all->refused, connection->first_frame);
        return UM_OK;
    }
    layer->inner = calloc(1, sizeof *layer->inner);
    if (!layer->inner) {
        um_meter_give(all->meter, LAYER_BYTES);
        return UM_ERR_NOMEM;
    }
    init_layer(layer->inner, connection);
    layer->inner->outer = layer;
    return UM_OK;
}

/* The same side of the layer inside; NULL when there is none. */
static struct side *
side_inside(const struct side *side)
{
    struct layer *inner = side->layer->inner;
    return inner ? &inner->sides[side == &side->layer->sides[1]] : NULL;
}

/* The same, made when it is first needed; NULL when there is no room. */
static int
enter(const struct side *side, struct side **out)
{
    int err = side->layer->inner ? UM_OK : make_inner(side->layer);
    *out = err ? NULL : side_inside(side);
    return err;
}

static int
take_inner_data(void *ctx, const struct um_chunk *chunk)
{
    struct side *inside;
    int err = enter(ctx, &inside);
    if (err)
        return err;
    return inside ? take_data(inside, chunk) : UM_SINK_ENOUGH;
}

static int
take_inner_gap(void *ctx, struct um_missing missing, enum um_gap_cause cause,
               const struct um_mark *where)
{
    struct side *inside;
    int err = enter(ctx, &inside);
    if (err)
        return err;
    return inside ? take_gap(inside, missing, cause, where) : UM_SINK_ENOUGH;
}

static int
take_inner_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    struct side *inside = side_inside(ctx);
    return inside ? take_end(inside, why, where) : UM_OK;
}

static int
take_inner_gap_ahead(void *ctx, uint64_t most, enum um_gap_cause cause)
{
    const struct side *inside = side_inside(ctx);
    bool is_wanted = inside && inside->layer->speaks == SPEAKS_HTTP && inside->sink.gap_ahead;
    return is_wanted ? inside->sink.gap_ahead(inside->sink.ctx, most, cause) : UM_OK;
}

static void
take_inner_passed(void *ctx, uint64_t bytes, const struct um_mark *last)
{
    take_passed(side_inside(ctx), bytes, last);
}

static struct um_sink
inner_sink(struct layer *layer, int side)
{
    return (struct um_sink){.ctx = &layer->sides[side],
                            .data = take_inner_data,
                            .gap = take_inner_gap,
                            .end = take_inner_end,
                            .passed = take_inner_passed,
                            .gap_ahead = take_inner_gap_ahead};
}

/* ---- what a layer speaks ---- */

/* The TLS around the layer, the nearest; NULL: there is none. */
static const struct um_tls *
tls_around(const struct layer *layer)
{
    while (layer && !layer->tls)
        layer = layer->outer;
    return layer ? layer->tls : NULL;
}

static int
new_http(struct layer *layer, bool is_http2)
{
    struct um_connections *all = layer->connection->all;
    const struct um_flow_info *info = &layer->connection->info;
    layer->tls_events = (struct um_tls_events){.tls = tls_around(layer), .observer = &all->http};
    layer->events = layer->tls_events.tls ? um_tls_events_wrap(&layer->tls_events) : all->http;
    if (is_http2)
        return um_http2_connection_new(all->limits, all->meter, &layer->events, info->number,
                                       info->ends, &layer->http2);
    return um_http_connection_new(all->limits, all->meter, &layer->events, info->number, info->ends,
                                  &layer->http);
}

static void
tell_missed_starts(const struct layer *layer)
{
    for (int i = 0; i < 2; i++) {
        if (layer->connection->info.misses_start[i])
            um_http_connection_miss_start(layer->http, i);
    }
}

/* Begins the version that `bytes` begin with. */
static int
begin_http(struct layer *layer, struct um_span bytes)
{
    int err = new_http(layer, um_http2_connection_wanted(bytes));
    if (err)
        return err;
    if (!layer->http && !layer->http2) {
        refuse(layer);
        return UM_OK;
    }
    layer->speaks = SPEAKS_HTTP;
    for (int i = 0; i < 2; i++)
        layer->sides[i].sink = layer->http2 ? um_http2_connection_sink(layer->http2, i)
                                            : um_http_connection_sink(layer->http, i);
    if (layer->http) {
        if (!layer->outer)
            tell_missed_starts(layer);
        const struct um_sink tunnel[2] = {inner_sink(layer, 0), inner_sink(layer, 1)};
        um_http_connection_set_tunnel(layer->http, tunnel);
    }
    return UM_OK;
}

static int
begin_tls(struct layer *layer)
{
    struct um_connections *all = layer->connection->all;
    const struct um_sink clear[2] = {inner_sink(layer, 0), inner_sink(layer, 1)};
    int err = um_tls_new(all->meter, all->secrets, clear, &layer->tls);
    if (err)
        return err;
    if (!layer->tls) {
        refuse(layer);
        return UM_OK;
    }
    layer->speaks = SPEAKS_TLS;
    for (int i = 0; i < 2; i++) {
        layer->sides[i].sink = um_tls_sink(layer->tls, i);
        layer->sides[i].early_gap = um_missing_exactly(0); /* of ciphertext */
    }
    return UM_OK;
}

/* Hands on what came before it was known what the layer speaks. */
static int
hand_on_early(struct layer *layer)
{
    int result = UM_OK;
    for (int i = 0; i < 2 && result >= 0; i++) {
        struct side *side = &layer->sides[i];
        const struct um_sink *sink = &side->sink;
        if (side->early_gap.most > 0)
            result =
                sink->gap(sink->ctx, side->early_gap, side->early_gap_cause, &side->early_gap_mark);
        side->held_chunk.bytes = um_buf_span(&side->held);
        if (result >= 0 && side->held.len > 0)
            result = sink->data(sink->ctx, &side->held_chunk);
        um_buf_done(&side->held);
    }
    return result < 0 ? result : UM_OK;
}

static bool
is_known(const struct layer *layer)
{
    return layer->speaks == SPEAKS_HTTP || layer->speaks == SPEAKS_TLS;
}

/* What comes out of TLS that was joined late may begin in the middle of something of ours. */
static bool
is_late(const struct layer *layer)
{
    return layer->outer && layer->outer->tls && um_tls_info(layer->outer->tls).is_late;
}

/* They are the rest of something whose beginning is missing: the next are asked. */
static void
pass_over(struct side *side, struct um_span bytes)
{
    if (side->early_gap.most > 0) {
        side->early_gap.least += bytes.len;
        side->early_gap.most += bytes.len;
    }
    um_buf_done(&side->held);
}

/*
 * Asks the first bytes of a side. On the wire they were wanted, or there is another reason for them
 * to be HTTP; inside anything may come.
 */
static int
ask(struct side *side, struct um_span bytes)
{
    struct layer *layer = side->layer;
    bool is_wire = layer == &layer->connection->wire;
    int err = UM_OK;
    if (um_tls_record_wanted(bytes) && !is_late(layer))
        err = begin_tls(layer);
    else if (is_wire || um_http_connection_wanted(bytes) || um_http2_connection_wanted(bytes))
        err = begin_http(layer, bytes);
    else if (is_late(layer) || side->early_gap.most > 0)
        pass_over(side, bytes);
    else
        layer->speaks = SPEAKS_OTHER;
    return !err && is_known(layer) ? hand_on_early(layer) : err;
}

/* What was held for the next bytes, when these do not come. */
static int
ask_held(struct side *side)
{
    bool is_to_ask = side->layer->speaks == SPEAKS_UNKNOWN && side->held.len > 0;
    return is_to_ask ? ask(side, um_buf_span(&side->held)) : UM_OK;
}

/* Too few bytes to tell HTTP/2 from HTTP/1, or TLS from anything. */
static bool
is_undecided(struct um_span bytes)
{
    size_t length;
    return um_http2_connection_undecided(bytes) || um_tls_record_length(bytes, &length) == UM_MORE;
}

/* Bytes that are too few to tell wait for the next. */
static int
hold(struct side *side, const struct um_chunk *chunk)
{
    if (side->held.len == 0)
        side->held_chunk = *chunk;
    um_mark_widen(&side->held_chunk.first, &side->held_chunk.last, chunk->first, chunk->last);
    return um_buf_append(&side->held, chunk->bytes);
}

/* To who gave the first bytes. */
static int
answer(const struct layer *layer, int err)
{
    bool may_go_on = is_known(layer) || layer->speaks == SPEAKS_UNKNOWN;
    return err || may_go_on ? err : UM_SINK_ENOUGH;
}

/* The layer's first bytes, or some more behind those that are held. */
static int
take_first_data(struct side *side, const struct um_chunk *chunk)
{
    struct layer *layer = side->layer;
    if (layer->connection->first_frame == 0)
        layer->connection->first_frame = chunk->first.frame;
    if (side->held.len == 0 && !is_undecided(chunk->bytes)) {
        int err = ask(side, chunk->bytes);
        return err || !is_known(layer) ? answer(layer, err)
                                       : side->sink.data(side->sink.ctx, chunk);
    }
    int err = hold(side, chunk);
    if (err || is_undecided(um_buf_span(&side->held)))
        return err;
    return answer(layer, ask(side, um_buf_span(&side->held)));
}

/* ---- the sink of a layer's side ---- */

static int
take_data(void *ctx, const struct um_chunk *chunk)
{
    struct side *side = ctx;
    if (side->layer->speaks == SPEAKS_UNKNOWN)
        return take_first_data(side, chunk);
    return is_known(side->layer) ? side->sink.data(side->sink.ctx, chunk) : UM_SINK_ENOUGH;
}

static int
take_gap(void *ctx, struct um_missing missing, enum um_gap_cause cause, const struct um_mark *where)
{
    struct side *side = ctx;
    struct layer *layer = side->layer;
    int err = ask_held(side);
    if (err)
        return err;
    if (is_known(layer))
        return side->sink.gap(side->sink.ctx, missing, cause, where);
    if (layer->speaks != SPEAKS_UNKNOWN)
        return UM_SINK_ENOUGH;
    side->early_gap.least += missing.least;
    side->early_gap.most += missing.most;
    side->early_gap_cause = cause;
    side->early_gap_mark = *where;
    return UM_OK;
}

static int
take_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    struct side *side = ctx;
    int err = ask_held(side);
    if (err)
        return err;
    return is_known(side->layer) ? side->sink.end(side->sink.ctx, why, where) : UM_OK;
}

/* Only whoever asked for it is told: the layer is known. */
static void
take_passed(void *ctx, uint64_t bytes, const struct um_mark *last)
{
    const struct side *side = ctx;
    side->sink.passed(side->sink.ctx, bytes, last);
}

/* ---- life ---- */

static int
open_connection(void *ctx, const struct um_flow_info *info, struct um_sink sinks[2], void **user)
{
    struct um_connections *all = ctx;
    if (!um_meter_take(all->meter, CONNECTION_BYTES))
        return UM_FLOW_NO_ROOM;
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection) {
        um_meter_give(all->meter, CONNECTION_BYTES);
        return UM_ERR_NOMEM;
    }
    connection->all = all;
    connection->info = *info;
    init_layer(&connection->wire, connection);
    for (int i = 0; i < 2; i++)
        sinks[i] = (struct um_sink){.ctx = &connection->wire.sides[i],
                                    .data = take_data,
                                    .gap = take_gap,
                                    .end = take_end,
                                    .passed = take_passed};
    *user = connection;
    return UM_OK;
}

/* Tells what a layer still has to say, unless there was an error. */
static int
end_layer(struct layer *layer, int err)
{
    if (!err && layer->tls)
        err = um_tls_count(layer->connection->all, layer->tls, layer->connection->info.ends,
                           layer->connection->first_frame);
    if (err) {
        um_http_connection_free(layer->http);
        um_http2_connection_free(layer->http2);
    } else if (layer->http) {
        err = um_http_connection_close(layer->http);
    } else if (layer->http2) {
        err = um_http2_connection_close(layer->http2);
    }
    return err;
}

static void
release_layer(struct layer *layer)
{
    um_tls_free(layer->tls);
    for (int i = 0; i < 2; i++)
        um_buf_done(&layer->sides[i].held);
}

/* What is inside tells of the TLS around it: all end before any is released. With `err` they only
 * end; it is returned. */
static int
end_connection(struct connection *connection, int err)
{
    struct um_meter *meter = connection->all->meter;
    for (struct layer *layer = &connection->wire; layer; layer = layer->inner)
        err = end_layer(layer, err);
    struct layer *inner = connection->wire.inner;
    release_layer(&connection->wire);
    while (inner) {
        struct layer *layer = inner;
        inner = layer->inner;
        release_layer(layer);
        free(layer);
        um_meter_give(meter, LAYER_BYTES);
    }
    free(connection);
    um_meter_give(meter, CONNECTION_BYTES);
    return err;
}

static int
close_connection(void *ctx, void *user)
{
    (void)ctx;
    return end_connection(user, UM_OK);
}

static void
abandon_connection(void *ctx, void *user)
{
    (void)ctx;
    (void)end_connection(user, UM_ERR_IO); /* any error: nothing is told */
}

struct um_flow_events
um_connections_events(struct um_connections *connections)
{
    return (struct um_flow_events){.ctx = connections,
                                   .wanted = is_wanted,
                                   .open = open_connection,
                                   .close = close_connection,
                                   .abandon = abandon_connection};
}
