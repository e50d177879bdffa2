/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One struct connection for each followed TCP connection. What it speaks is asked twice: of its
 * first bytes on the wire, and, when they are TLS, of the first clear bytes. Until then holes are
 * only counted, then handed on.
 */
#include "offline/connections.h"

#include <stdlib.h>

#include "offline/http/http2.h"
#include "offline/tls/record.h"
#include "offline/tls_events.h"

enum speaks {
    SPEAKS_UNKNOWN,
    SPEAKS_HTTP, /* of either version */
    SPEAKS_TLS,
    SPEAKS_OTHER,   /* nothing of ours */
    SPEAKS_REFUSED, /* no memory for it */
};

struct connection;

struct side {
    struct connection *connection;
    struct um_sink http;      /* with HTTP, clear or in TLS */
    struct um_sink tls;       /* with SPEAKS_TLS */
    uint64_t early_gap_bytes; /* missing before anything was known */
    enum um_gap_cause early_gap_cause;
    struct um_mark early_gap_mark;
};

struct connection {
    struct um_connections *all;
    struct um_flow_info info;
    enum speaks speaks;              /* on the wire */
    enum speaks clear_speaks;        /* inside TLS */
    struct um_http_connection *http; /* with HTTP, one of the two */
    struct um_http2_connection *http2;
    struct um_tls *tls;
    struct um_tls_events tls_events; /* with HTTP in TLS */
    struct um_http_events events;    /* of its HTTP connection */
    struct side sides[2];
    uint64_t first_frame;
};

/* What a connection takes from the limit `memory`: with what the stages above keep of a head that
 * is being read, which is bounded but not metered. */
enum { CONNECTION_BYTES = sizeof(struct connection) + 1024 };

static bool
is_wanted(void *ctx, struct um_span payload)
{
    (void)ctx;
    return um_http_connection_wanted(payload) || um_http2_connection_wanted(payload) ||
           um_tls_record_wanted(payload);
}

static int
new_http(struct connection *connection, bool is_http2)
{
    struct um_connections *all = connection->all;
    const struct um_flow_info *info = &connection->info;
    connection->tls_events = (struct um_tls_events){.tls = connection->tls, .observer = &all->http};
    connection->events = connection->tls ? um_tls_events_wrap(&connection->tls_events) : all->http;
    if (is_http2)
        return um_http2_connection_new(all->limits, all->meter, &connection->events, info->number,
                                       info->ends, &connection->http2);
    return um_http_connection_new(all->limits, all->meter, &connection->events, info->number,
                                  info->ends, &connection->http);
}

/* Begins the version that `bytes` begin with; `speaks` becomes what the connection does from now
 * on. */
static int
begin_http(struct connection *connection, struct um_span bytes, enum speaks *speaks)
{
    int err = new_http(connection, um_http2_connection_wanted(bytes));
    if (err)
        return err;
    if (!connection->http && !connection->http2) {
        *speaks = SPEAKS_REFUSED;
        connection->all->refused++;
        return UM_OK;
    }
    for (int i = 0; i < 2; i++) {
        struct side *side = &connection->sides[i];
        side->http = connection->http2 ? um_http2_connection_sink(connection->http2, i)
                                       : um_http_connection_sink(connection->http, i);
        if (side->early_gap_bytes == 0)
            continue;
        int result = side->http.gap(side->http.ctx, side->early_gap_bytes, side->early_gap_cause,
                                    &side->early_gap_mark);
        if (result < 0)
            return result;
    }
    *speaks = SPEAKS_HTTP;
    return UM_OK;
}

static int
note_early_gap(struct side *side, uint64_t missing_bytes, enum um_gap_cause cause,
               const struct um_mark *where)
{
    side->early_gap_bytes += missing_bytes;
    side->early_gap_cause = cause;
    side->early_gap_mark = *where;
    return UM_OK;
}

/* ---- clear bytes out of TLS ---- */

/* Told by the bytes, as on the wire. */
static int
look_inside(struct connection *connection, struct um_span bytes)
{
    if (um_http_connection_wanted(bytes) || um_http2_connection_wanted(bytes))
        return begin_http(connection, bytes, &connection->clear_speaks);
    connection->clear_speaks = SPEAKS_OTHER;
    return UM_OK;
}

static int
take_clear_data(void *ctx, const struct um_chunk *chunk)
{
    struct side *side = ctx;
    struct connection *connection = side->connection;
    if (connection->clear_speaks == SPEAKS_UNKNOWN) {
        int err = look_inside(connection, chunk->bytes);
        if (err)
            return err;
    }
    return connection->clear_speaks == SPEAKS_HTTP ? side->http.data(side->http.ctx, chunk)
                                                   : UM_SINK_ENOUGH;
}

static int
take_clear_gap(void *ctx, uint64_t missing_bytes, enum um_gap_cause cause,
               const struct um_mark *where)
{
    struct side *side = ctx;
    if (side->connection->clear_speaks == SPEAKS_UNKNOWN)
        return note_early_gap(side, missing_bytes, cause, where);
    return side->connection->clear_speaks == SPEAKS_HTTP
               ? side->http.gap(side->http.ctx, missing_bytes, cause, where)
               : UM_SINK_ENOUGH;
}

static int
take_clear_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    struct side *side = ctx;
    if (side->connection->clear_speaks == SPEAKS_HTTP)
        return side->http.end(side->http.ctx, why, where);
    return UM_OK;
}

static int
begin_tls(struct connection *connection)
{
    struct um_connections *all = connection->all;
    struct um_sink clear[2];
    for (int i = 0; i < 2; i++) {
        clear[i] = (struct um_sink){.ctx = &connection->sides[i],
                                    .data = take_clear_data,
                                    .gap = take_clear_gap,
                                    .end = take_clear_end};
        connection->sides[i].early_gap_bytes = 0; /* of ciphertext */
    }
    int err = um_tls_new(all->meter, all->secrets, clear, &connection->tls);
    if (err)
        return err;
    if (!connection->tls) {
        connection->speaks = SPEAKS_REFUSED;
        all->refused++;
        return UM_OK;
    }
    for (int i = 0; i < 2; i++)
        connection->sides[i].tls = um_tls_sink(connection->tls, i);
    connection->speaks = SPEAKS_TLS;
    return UM_OK;
}

/* ---- bytes off the wire ---- */

static int
take_data(void *ctx, const struct um_chunk *chunk)
{
    struct side *side = ctx;
    struct connection *connection = side->connection;
    if (connection->speaks == SPEAKS_UNKNOWN) {
        connection->first_frame = chunk->first.frame;
        int err = um_tls_record_wanted(chunk->bytes)
                      ? begin_tls(connection)
                      : begin_http(connection, chunk->bytes, &connection->speaks);
        if (err)
            return err;
    }
    if (connection->speaks == SPEAKS_TLS)
        return side->tls.data(side->tls.ctx, chunk);
    if (connection->speaks == SPEAKS_REFUSED)
        return UM_SINK_ENOUGH;
    return side->http.data(side->http.ctx, chunk);
}

static int
take_gap(void *ctx, uint64_t missing_bytes, enum um_gap_cause cause, const struct um_mark *where)
{
    struct side *side = ctx;
    switch (side->connection->speaks) {
    case SPEAKS_HTTP:
        return side->http.gap(side->http.ctx, missing_bytes, cause, where);
    case SPEAKS_TLS:
        return side->tls.gap(side->tls.ctx, missing_bytes, cause, where);
    case SPEAKS_REFUSED:
        return UM_SINK_ENOUGH;
    default:
        return note_early_gap(side, missing_bytes, cause, where);
    }
}

static int
take_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    struct side *side = ctx;
    if (side->connection->speaks == SPEAKS_HTTP)
        return side->http.end(side->http.ctx, why, where);
    if (side->connection->speaks == SPEAKS_TLS)
        return side->tls.end(side->tls.ctx, why, where);
    return UM_OK;
}

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
    for (int i = 0; i < 2; i++) {
        connection->sides[i].connection = connection;
        sinks[i] = (struct um_sink){
            .ctx = &connection->sides[i], .data = take_data, .gap = take_gap, .end = take_end};
    }
    *user = connection;
    return UM_OK;
}

/* Without a ClientHello the server is the end with the lower port: only the report's wording. */
static int
count_tls(struct connection *connection)
{
    const struct um_endpoint *ends = connection->info.ends;
    struct um_tls_info info = um_tls_info(connection->tls);
    struct um_connections *all = connection->all;
    int server = info.client >= 0 ? 1 - info.client : ends[0].port < ends[1].port ? 0 : 1;
    all->tls_failures += info.failures;
    for (size_t i = 0; i < info.failed_frames.count; i++)
        um_finding_frames_add(&all->tls_failed_frames, info.failed_frames.at[i]);
    int err = info.alert.is_there ? um_alerts_add(&all->alerts, info.server_name, &ends[server],
                                                  &info.alert, info.alert.side == server)
                                  : UM_OK;
    if (err || (info.alert.is_there && info.alert.in_handshake) ||
        (info.is_read && !info.is_unread))
        return err;
    const struct um_encrypted_connection encrypted = {.name = info.server_name,
                                                      .server = &ends[server],
                                                      .frame = connection->first_frame,
                                                      .version = info.version,
                                                      .suite = info.suite,
                                                      .bytes = info.bytes,
                                                      .has_secrets = info.has_secrets,
                                                      .is_partly_read = info.is_read,
                                                      .has_no_beginning = info.client < 0};
    return um_encrypted_add(&all->encrypted, &encrypted);
}

/* After an error: nothing more is told. */
static void
free_http(struct connection *connection)
{
    um_http_connection_free(connection->http);
    um_http2_connection_free(connection->http2);
}

static int
close_connection(void *ctx, void *user)
{
    (void)ctx;
    struct connection *connection = user;
    int err = connection->speaks == SPEAKS_TLS ? count_tls(connection) : UM_OK;
    if (!err && connection->http)
        err = um_http_connection_close(connection->http);
    else if (!err && connection->http2)
        err = um_http2_connection_close(connection->http2);
    else
        free_http(connection);
    um_tls_free(connection->tls);
    um_meter_give(connection->all->meter, CONNECTION_BYTES);
    free(connection);
    return err;
}

struct um_flow_events
um_connections_events(struct um_connections *connections)
{
    return (struct um_flow_events){.ctx = connections,
                                   .wanted = is_wanted,
                                   .open = open_connection,
                                   .close = close_connection};
}
