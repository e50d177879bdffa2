/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTTP/1 read twice: by our connection and by libhtp, from the same reassembled streams. For each
 * capture a line for each message on which the two differ, then one with the counts:
 *
 *     CONNECTION request|reply INDEX: ours START BYTES DIGEST, libhtp START BYTES DIGEST
 *
 * Compared are start lines, and bodies after dechunking and, where both can, decompression. Left
 * out are connections with holes and such as do not begin with a request: libhtp knows neither.
 *
 *     second_opinion CAPTURE
 */
#include <htp/htp.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/http/head.h"
#include "offline/capture/capture.h"
#include "offline/http/body.h"
#include "offline/http/connection.h"
#include "offline/net/flow.h"
#include "offline/tls/digest.h"

enum { REQUESTS, REPLIES, OURS = 0, THEIRS, MESSAGES_MAX = 4096, BODY_MAX = 64 << 20 };

static void
demand(bool holds)
{
    if (!holds) {
        (void)fprintf(stderr, "second_opinion: out of memory, or a library said no\n");
        exit(2);
    }
}

/* What one of the two said of a message. */
struct opinion {
    struct um_buf start, body;
    bool is_complete;
};

struct opinions {
    struct opinion items[MESSAGES_MAX];
    size_t count;
};

struct world;

struct connection {
    struct world *world;
    struct um_http_connection *http;
    htp_connp_t *htp;
    int client; /* the side that asks; -1: nothing came yet */
    bool has_gap, is_from_the_middle;
    struct um_buf pending[2]; /* for libhtp, by side; it may want the other side first */
    bool is_over[2];
    struct opinions *said[2][2]; /* whose, requests or replies */
    uint64_t number;
    struct side {
        struct connection *connection;
        int side;
        struct um_sink sink;
    } sides[2];
};

struct world {
    struct um_limits limits;
    struct um_meter meter;
    htp_cfg_t *config;
    uint64_t compared, messages, differences, with_holes, from_the_middle;
};

static void
append(struct um_buf *to, struct um_span bytes)
{
    if (to->len < BODY_MAX)
        demand(um_buf_append(to, bytes) == UM_OK);
}

static struct opinion *
add_opinion(struct opinions *opinions)
{
    demand(opinions->count < MESSAGES_MAX);
    return &opinions->items[opinions->count++];
}

static struct opinion *
newest(struct opinions *opinions)
{
    return opinions->count > 0 ? &opinions->items[opinions->count - 1] : NULL;
}

/* ---- ours ---- */

static int
take_head(void *ctx, struct um_http_message *message, bool *wants_body)
{
    struct connection *connection = ctx;
    *wants_body = true;
    bool is_interim = message->is_reply && message->status >= 100 && message->status < 200;
    if (message->stream_id > 0 || (is_interim && message->status != 101))
        return UM_OK; /* libhtp tells neither HTTP/2 nor these */
    struct opinion *opinion = add_opinion(connection->said[OURS][message->is_reply]);
    char status[16];
    message->user = opinion;
    if (message->is_reply) {
        (void)snprintf(status, sizeof status, "%u", message->status);
        append(&opinion->start, um_span_text(status));
        return UM_OK;
    }
    append(&opinion->start, message->method);
    append(&opinion->start, um_span_text(" "));
    append(&opinion->start, message->target);
    return UM_OK;
}

static int
take_body(void *ctx, struct um_http_message *message, struct um_span bytes, bool *wants_more)
{
    struct opinion *opinion = message->user;
    (void)ctx;
    (void)wants_more;
    if (opinion)
        append(&opinion->body, bytes);
    return UM_OK;
}

static int
keep_decoded(void *ctx, struct um_span bytes)
{
    append(ctx, bytes);
    return 1;
}

/* libhtp undoes gzip and deflate of replies. */
static bool
is_decoded_by_both(const struct um_http_message *message)
{
    for (size_t i = 0; i < message->coding_count; i++) {
        if (message->codings[i] != UM_HTTP_CODING_GZIP &&
            message->codings[i] != UM_HTTP_CODING_DEFLATE)
            return false;
    }
    return message->is_reply && message->coding_count > 0;
}

static int
take_done(void *ctx, struct um_http_message *message)
{
    const struct connection *connection = ctx;
    struct opinion *opinion = message->user;
    if (!opinion)
        return UM_OK;
    opinion->is_complete = message->complete;
    if (!is_decoded_by_both(message))
        return UM_OK;
    struct um_body *body;
    struct um_buf decoded = {0};
    demand(um_body_new(&connection->world->limits, &body) == UM_OK);
    demand(um_body_begin(body, message->codings, message->coding_count, keep_decoded, &decoded) ==
           UM_OK);
    demand(um_body_push(body, um_buf_span(&opinion->body)) >= 0);
    um_body_free(body);
    um_buf_done(&opinion->body);
    opinion->body = decoded;
    return UM_OK;
}

/* ---- theirs ---- */

static struct connection *
connection_of(const htp_tx_t *tx)
{
    return htp_connp_get_user_data(tx->connp);
}

static void
append_bstr(struct um_buf *to, const bstr *text)
{
    if (text)
        append(to, um_span_of(bstr_ptr(text), bstr_len(text)));
}

static int
hear_request_line(htp_tx_t *tx)
{
    struct opinion *opinion = add_opinion(connection_of(tx)->said[THEIRS][REQUESTS]);
    append_bstr(&opinion->start, tx->request_method);
    append(&opinion->start, um_span_text(" "));
    append_bstr(&opinion->start, tx->request_uri);
    return HTP_OK;
}

/* At its headers: a reply whose line was no good, or was 100, has been replaced by then. */
static int
hear_reply_headers(htp_tx_t *tx)
{
    struct opinion *opinion = add_opinion(connection_of(tx)->said[THEIRS][REPLIES]);
    char status[16];
    (void)snprintf(status, sizeof status, "%d", tx->response_status_number);
    append(&opinion->start, um_span_text(status));
    return HTP_OK;
}

static int
hear_body(htp_tx_data_t *data, int which)
{
    struct opinion *opinion = newest(connection_of(data->tx)->said[THEIRS][which]);
    if (opinion && data->data && data->len > 0)
        append(&opinion->body, um_span_of(data->data, data->len));
    return HTP_OK;
}

static int
hear_request_body(htp_tx_data_t *data)
{
    return hear_body(data, REQUESTS);
}

static int
hear_reply_body(htp_tx_data_t *data)
{
    return hear_body(data, REPLIES);
}

static htp_cfg_t *
new_config(void)
{
    htp_cfg_t *config = htp_config_create();
    demand(config && htp_config_set_server_personality(config, HTP_SERVER_GENERIC) == HTP_OK);
    htp_config_set_compression_bomb_limit(config, BODY_MAX);
    htp_config_set_compression_time_limit(config, 60000000);
    htp_config_set_field_limits(config, 65536, 65536);
    htp_config_set_tx_auto_destroy(config, 0);
    htp_config_set_allow_space_uri(config, 1);
    htp_config_register_request_line(config, hear_request_line);
    htp_config_register_response_headers(config, hear_reply_headers);
    htp_config_register_request_body_data(config, hear_request_body);
    htp_config_register_response_body_data(config, hear_reply_body);
    return config;
}

/* Gives libhtp what it takes of a side; true when it took some. */
static bool
feed(struct connection *connection, int side)
{
    static const htp_time_t no_time = {0};
    struct um_buf *pending = &connection->pending[side];
    bool asks = side == connection->client;
    if (pending->len == 0 || connection->is_over[side])
        return false;
    int status = asks ? htp_connp_req_data(connection->htp, &no_time, pending->data, pending->len)
                      : htp_connp_res_data(connection->htp, &no_time, pending->data, pending->len);
    size_t used = pending->len;
    if (status == HTP_STREAM_DATA_OTHER)
        used = asks ? htp_connp_req_data_consumed(connection->htp)
                    : htp_connp_res_data_consumed(connection->htp);
    else if (status != HTP_STREAM_DATA)
        connection->is_over[side] = true;
    um_buf_drop(pending, used);
    return used > 0;
}

static void
pump(struct connection *connection)
{
    bool has_moved = true;
    while (has_moved) {
        has_moved = feed(connection, connection->client);
        has_moved = feed(connection, 1 - connection->client) || has_moved;
    }
}

/* ---- the streams ---- */

static int
take_data(void *ctx, const struct um_chunk *chunk)
{
    struct side *side = ctx;
    struct connection *connection = side->connection;
    if (connection->client < 0) {
        bool replies = um_http_head_look(chunk->bytes, UM_HTTP_LOOK_REPLY) != UM_BAD;
        connection->client = replies ? 1 - side->side : side->side;
        connection->is_from_the_middle =
            replies || um_http_head_look(chunk->bytes, UM_HTTP_LOOK_KNOWN) == UM_BAD;
    }
    append(&connection->pending[side->side], chunk->bytes);
    pump(connection);
    int result = side->sink.data(side->sink.ctx, chunk);
    return result < 0 ? result : UM_OK;
}

static int
take_gap(void *ctx, struct um_missing missing, enum um_gap_cause cause, const struct um_mark *where)
{
    struct side *side = ctx;
    side->connection->has_gap = true;
    int result = side->sink.gap(side->sink.ctx, missing, cause, where);
    return result < 0 ? result : UM_OK;
}

static int
take_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    struct side *side = ctx;
    return side->sink.end(side->sink.ctx, why, where);
}

static int
open_connection(void *ctx, const struct um_flow_info *info, struct um_sink sinks[2], void **user)
{
    struct world *world = ctx;
    struct connection *connection = calloc(1, sizeof *connection);
    demand(connection != NULL);
    *connection = (struct connection){.world = world, .client = -1, .number = info->number};
    struct um_http_events events = {
        .ctx = connection, .head = take_head, .body = take_body, .done = take_done};
    demand(um_http_connection_new(&world->limits, &world->meter, &events, info->number, info->ends,
                                  &connection->http) == UM_OK);
    connection->htp = htp_connp_create(world->config);
    demand(connection->htp != NULL);
    htp_connp_set_user_data(connection->htp, connection);
    htp_connp_open(connection->htp, "10.0.0.1", 1, "10.0.0.2", 80, NULL);
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 2; k++) {
            connection->said[i][k] = calloc(1, sizeof(struct opinions));
            demand(connection->said[i][k] != NULL);
        }
        connection->sides[i] =
            (struct side){connection, i, um_http_connection_sink(connection->http, i)};
        sinks[i] = (struct um_sink){
            .ctx = &connection->sides[i], .data = take_data, .gap = take_gap, .end = take_end};
    }
    *user = connection;
    return UM_OK;
}

/* ---- the comparison ---- */

static void
print_opinion(const char *who, const struct opinion *opinion)
{
    struct um_digest *digest;
    char hex[UM_DIGEST_HEX_MAX];
    if (!opinion) {
        (void)printf("%s nothing", who);
        return;
    }
    demand(um_digest_new(&digest) == UM_OK);
    demand(um_digest_add(digest, um_buf_span(&opinion->body)) == UM_OK);
    demand(um_digest_hex(digest, hex) == UM_OK);
    um_digest_free(digest);
    (void)printf("%s '%.*s' %zu %.8s", who, (int)opinion->start.len,
                 opinion->start.len ? (const char *)opinion->start.data : "", opinion->body.len,
                 hex);
}

/* Of a message that is cut only what both read counts. */
static bool
agree(const struct opinion *ours, const struct opinion *theirs)
{
    if (!ours || !theirs || !um_span_equal(um_buf_span(&ours->start), um_buf_span(&theirs->start)))
        return false;
    return !ours->is_complete ||
           um_span_equal(um_buf_span(&ours->body), um_buf_span(&theirs->body));
}

static void
compare(struct connection *connection, int which)
{
    const struct opinions *ours = connection->said[OURS][which];
    const struct opinions *theirs = connection->said[THEIRS][which];
    for (size_t i = 0; i < ours->count || i < theirs->count; i++) {
        const struct opinion *left = i < ours->count ? &ours->items[i] : NULL;
        const struct opinion *right = i < theirs->count ? &theirs->items[i] : NULL;
        connection->world->messages++;
        if (agree(left, right))
            continue;
        connection->world->differences++;
        (void)printf("%" PRIu64 " %s %zu: ", connection->number,
                     which == REQUESTS ? "request" : "reply", i + 1);
        print_opinion("ours", left);
        print_opinion(", libhtp", right);
        (void)printf("\n");
    }
}

static void
free_connection(struct connection *connection)
{
    htp_connp_destroy_all(connection->htp);
    for (int i = 0; i < 2; i++) {
        for (int k = 0; k < 2; k++) {
            for (size_t n = 0; n < connection->said[i][k]->count; n++) {
                um_buf_done(&connection->said[i][k]->items[n].start);
                um_buf_done(&connection->said[i][k]->items[n].body);
            }
            free(connection->said[i][k]);
        }
        um_buf_done(&connection->pending[i]);
    }
    free(connection);
}

static int
close_connection(void *ctx, void *user)
{
    static const htp_time_t no_time = {0};
    struct world *world = ctx;
    struct connection *connection = user;
    htp_connp_close(connection->htp, &no_time);
    int err = um_http_connection_close(connection->http);
    if (connection->has_gap) {
        world->with_holes++;
    } else if (connection->is_from_the_middle) {
        world->from_the_middle++;
    } else {
        world->compared++;
        compare(connection, REQUESTS);
        compare(connection, REPLIES);
    }
    free_connection(connection);
    return err;
}

static void
abandon_connection(void *ctx, void *user)
{
    (void)ctx;
    struct connection *connection = user;
    um_http_connection_free(connection->http);
    free_connection(connection);
}

static bool
is_wanted(void *ctx, struct um_span payload)
{
    (void)ctx;
    return um_http_connection_wanted(payload);
}

int
main(int argc, char **argv)
{
    static struct world world = {.meter = {.max = UINT64_MAX}};
    if (argc != 2) {
        (void)fprintf(stderr, "usage: %s CAPTURE\n", argv[0]);
        return 2;
    }
    um_limits_init(&world.limits);
    world.limits.max[UM_LIMIT_INFLATE] = BODY_MAX;
    world.limits.max[UM_LIMIT_INFLATE_RATIO] = BODY_MAX;
    world.config = new_config();
    const struct um_flow_events events = {.ctx = &world,
                                          .wanted = is_wanted,
                                          .open = open_connection,
                                          .close = close_connection,
                                          .abandon = abandon_connection};
    const char *path = argv[1];
    struct um_flows *flows;
    struct um_capture *capture;
    const struct um_packet *packet;
    demand(um_flows_new(&world.limits, &world.meter, &events, &flows) == UM_OK);
    demand(um_capture_open(&path, 1, &capture) == UM_OK);
    while (um_capture_next(capture, &packet) > 0)
        demand(um_flows_packet(flows, packet) == UM_OK);
    demand(um_flows_end(flows) == UM_OK);
    um_flows_free(flows);
    um_capture_free(capture);
    htp_config_destroy(world.config);
    (void)printf("%" PRIu64 " messages of %" PRIu64 " connections, %" PRIu64
                 " differences; left out: %" PRIu64 " with holes, %" PRIu64 " from the middle\n",
                 world.messages, world.compared, world.differences, world.with_holes,
                 world.from_the_middle);
    return 0;
}
