/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One struct connection for each followed TCP connection. Until the first bytes have told what it
 * speaks, holes at its beginning are only counted, then handed on.
 */
#include "offline/connections.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "offline/http/http2.h"
#include "offline/tls/hello.h"

enum { HELLO_MAX = 16 * 1024 }; /* bytes of a side looked at for a ClientHello */

enum speaks {
    SPEAKS_UNKNOWN,
    SPEAKS_HTTP, /* of either version */
    SPEAKS_TLS,
    SPEAKS_REFUSED, /* no memory for it */
};

struct connection;

struct side {
    struct connection *connection;
    int index;
    struct um_sink http;      /* with SPEAKS_HTTP */
    uint64_t early_gap_bytes; /* missing before anything was known */
    enum um_gap_cause early_gap_cause;
    struct um_mark early_gap_mark;
    struct um_buf hello; /* with SPEAKS_TLS, until the server name is known or there is none */
    bool hello_is_over;
};

struct connection {
    struct um_connections *all;
    struct um_flow_info info;
    enum speaks speaks;
    struct um_http_connection *http; /* with SPEAKS_HTTP, one of the two */
    struct um_http2_connection *http2;
    struct side sides[2];
    uint64_t first_frame;
    bool is_counted; /* in all->encrypted */
};

static bool
is_wanted(void *ctx, struct um_span payload)
{
    (void)ctx;
    return um_http_connection_wanted(payload) || um_http2_connection_wanted(payload) ||
           um_tls_hello_wanted(payload);
}

static int
new_http(struct connection *connection, bool is_http2)
{
    struct um_connections *all = connection->all;
    const struct um_flow_info *info = &connection->info;
    if (is_http2)
        return um_http2_connection_new(all->limits, all->meter, &all->http, info->number,
                                       info->ends, &connection->http2);
    return um_http_connection_new(all->limits, all->meter, &all->http, info->number, info->ends,
                                  &connection->http);
}

static int
begin_http(struct connection *connection, bool is_http2)
{
    struct um_connections *all = connection->all;
    int err = new_http(connection, is_http2);
    if (err)
        return err;
    if (!connection->http && !connection->http2) {
        connection->speaks = SPEAKS_REFUSED;
        all->refused++;
        return UM_OK;
    }
    for (int i = 0; i < 2; i++) {
        struct side *side = &connection->sides[i];
        side->http = is_http2 ? um_http2_connection_sink(connection->http2, i)
                              : um_http_connection_sink(connection->http, i);
        if (side->early_gap_bytes == 0)
            continue;
        int result = side->http.gap(side->http.ctx, side->early_gap_bytes, side->early_gap_cause,
                                    &side->early_gap_mark);
        if (result < 0)
            return result;
    }
    connection->speaks = SPEAKS_HTTP;
    return UM_OK;
}

static int
count_encrypted(struct connection *connection, int server, struct um_span name)
{
    if (connection->is_counted)
        return UM_OK;
    connection->is_counted = true;
    return um_encrypted_add(&connection->all->encrypted, name, &connection->info.ends[server],
                            connection->first_frame);
}

/* Looks for the server name; when the side has told it, or never will, it has said enough. */
static int
read_hello(struct side *side, struct um_span bytes)
{
    struct um_span more = um_span_first(bytes, HELLO_MAX - side->hello.len);
    int err = side->hello_is_over ? UM_OK : um_buf_append(&side->hello, more);
    if (err || side->hello_is_over)
        return err ? err : UM_SINK_ENOUGH;

    uint8_t scratch[HELLO_MAX];
    struct um_span name = um_span_of(NULL, 0);
    enum um_step step =
        um_tls_hello_server_name(um_buf_span(&side->hello), scratch, sizeof scratch, &name);
    if (step == UM_MORE && side->hello.len < HELLO_MAX)
        return UM_OK;
    if (step == UM_DONE)
        err = count_encrypted(side->connection, 1 - side->index, name);
    side->hello_is_over = true;
    um_buf_done(&side->hello);
    return err ? err : UM_SINK_ENOUGH;
}

static int
take_data(void *ctx, const struct um_chunk *chunk)
{
    struct side *side = ctx;
    struct connection *connection = side->connection;
    if (connection->speaks == SPEAKS_UNKNOWN) {
        connection->first_frame = chunk->first.frame;
        if (um_tls_hello_wanted(chunk->bytes))
            connection->speaks = SPEAKS_TLS;
        else if (begin_http(connection, um_http2_connection_wanted(chunk->bytes)) != UM_OK)
            return UM_ERR_NOMEM;
    }
    if (connection->speaks == SPEAKS_TLS)
        return read_hello(side, chunk->bytes);
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
        side->hello_is_over = true;
        um_buf_done(&side->hello);
        return UM_SINK_ENOUGH;
    case SPEAKS_REFUSED:
        return UM_SINK_ENOUGH;
    default:
        side->early_gap_bytes += missing_bytes;
        side->early_gap_cause = cause;
        side->early_gap_mark = *where;
        return UM_OK;
    }
}

static int
take_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    struct side *side = ctx;
    if (side->connection->speaks == SPEAKS_HTTP)
        return side->http.end(side->http.ctx, why, where);
    return UM_OK;
}

static int
open_connection(void *ctx, const struct um_flow_info *info, struct um_sink sinks[2], void **user)
{
    struct um_connections *all = ctx;
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection)
        return UM_ERR_NOMEM;
    connection->all = all;
    connection->info = *info;
    for (int i = 0; i < 2; i++) {
        connection->sides[i].connection = connection;
        connection->sides[i].index = i;
        sinks[i] = (struct um_sink){
            .ctx = &connection->sides[i], .data = take_data, .gap = take_gap, .end = take_end};
    }
    *user = connection;
    return UM_OK;
}

/* Without a ClientHello the server is the end with the lower port: only the report's wording. */
static int
count_nameless(struct connection *connection)
{
    const struct um_endpoint *ends = connection->info.ends;
    return count_encrypted(connection, ends[0].port < ends[1].port ? 0 : 1, um_span_of(NULL, 0));
}

static int
close_connection(void *ctx, void *user)
{
    (void)ctx;
    struct connection *connection = user;
    int err = UM_OK;
    if (connection->speaks == SPEAKS_HTTP)
        err = connection->http2 ? um_http2_connection_close(connection->http2)
                                : um_http_connection_close(connection->http);
    else if (connection->speaks == SPEAKS_TLS)
        err = count_nameless(connection);
    for (int i = 0; i < 2; i++)
        um_buf_done(&connection->sides[i].hello);
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
