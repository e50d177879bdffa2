/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two directions of http1, and between them the queue of pairs: a request opens one, a reply fills
 * the oldest that has none. Cause comes before effect in what we are given (net/flow.h), so a reply
 * finds its request there.
 *
 * Holes can swallow whole messages. Rules keep the pairs right:
 *  - a hole where a request must begin opens a pair without a request, one where a reply must begin
 *    closes the oldest pair without a reply: its reply is what was lost; what is lost before it is
 *    known which side asks is kept in mind until then;
 *  - a client that has never pipelined had the reply to its last request before it sent the next:
 *    if there was a hole in the replies since, that reply is what was lost;
 *  - when replies are found again behind a hole, such a client can only wait for its last request.
 * Of a client that pipelines nobody can tell how many messages a hole has swallowed: after one, its
 * requests and replies are told each by itself.
 *
 * An upgrade to h2c hands both directions over to HTTP/2 (http2.h), a CONNECT that was granted to
 * whoever reads the tunnel.
 */
#include "offline/http/connection.h"

#include <assert.h>
#include <stdlib.h>

#include "offline/http/ending.h"
#include "offline/http/head.h"
#include "offline/http/http1.h"
#include "offline/http/http2.h"
#include "offline/http/pairs.h"

struct direction {
    struct um_http_connection *connection;
    int side;
    struct um_http1 http1;
    struct um_http_ending ending;
    bool has_early_loss; /* a message's beginning is missing from before the client was known */
};

enum { UNKNOWN = -1 };

struct um_http_connection {
    const struct um_limits *limits;
    struct um_meter *meter;
    struct um_http_events events;
    uint64_t number;
    struct um_endpoint ends[2];
    struct direction directions[2];
    int client; /* the side that asks, as soon as a message told; else UNKNOWN */
    struct um_http_pairs pairs;
    struct um_http_message *interim; /* a 1xx reply that is being read */
    bool is_client_sure; /* its role was told by a message that nothing was missing before */
    bool pipelines;      /* the client has sent a request before the last reply */
    bool has_lost_place; /* a hole may have swallowed messages, of either side */
    struct um_http2_connection *http2; /* after an upgrade; else NULL */
    struct um_sink tunnel[2];          /* for what follows a CONNECT; without functions: nobody */
    const struct um_sink *next;        /* two of them, that get what follows; NULL: none yet */
    struct um_sink http2_sinks[2];
};

/* ---- messages ---- */

void
um_http_connection_free_message(const struct um_http_events *events, struct um_meter *meter,
                                struct um_http_message *message)
{
    if (!message)
        return;
    if (events->forget)
        events->forget(events->ctx, message);
    um_meter_give(meter, message->metered_bytes);
    free(message);
}

bool
um_http_connection_meter_message(struct um_meter *meter, struct um_http_message *message)
{
    uint64_t size = um_http_message_size(message);
    bool has_room = um_meter_take(meter, size);
    message->metered_bytes = has_room ? size : 0;
    return has_room;
}

static void
free_message(struct um_http_connection *connection, struct um_http_message *message)
{
    um_http_connection_free_message(&connection->events, connection->meter, message);
}

static void
free_pair(struct um_http_connection *connection, struct um_http_pair *pair)
{
    free_message(connection, pair->request);
    free_message(connection, pair->reply);
    free(pair);
}

/* ---- pairs ---- */

/* Why the oldest pair has no reply, now that none will come. */
static enum um_unanswered
why_unanswered(const struct um_http_connection *connection, const struct um_http_pair *pair)
{
    if (pair->reply)
        return UM_UNANSWERED_NO;
    if (!pair->request)
        return UM_UNANSWERED_LOST;
    bool is_lost = pair->is_reply_lost || pair->has_hole;
    return um_http_ending_why(&connection->directions[connection->client].ending,
                              &connection->directions[1 - connection->client].ending,
                              is_lost ? UM_UNANSWERED_LOST : UM_UNANSWERED_NO);
}

/* Takes a pair off the queue, tells it, frees it. */
static int
emit(struct um_http_connection *connection, struct um_http_pair *pair)
{
    int err = UM_OK;
    um_http_pairs_take(&connection->pairs, pair);
    if (connection->events.exchange && (pair->request || pair->reply))
        err = connection->events.exchange(connection->events.ctx, pair->request, pair->reply,
                                          why_unanswered(connection, pair));
    free_pair(connection, pair);
    return err;
}

/* Tells the pairs at the head of the queue that are whole. */
static int
emit_ready(struct um_http_connection *connection)
{
    int err = UM_OK;
    while (!err && connection->pairs.first) {
        const struct um_http_pair *pair = connection->pairs.first;
        bool has_request = !pair->request || pair->is_request_done;
        bool is_over = pair->is_reply_lost || pair->is_reply_done;
        if (!has_request || !is_over)
            break;
        err = emit(connection, connection->pairs.first);
    }
    return err;
}

/* The limit `requests`: the oldest that nothing is being read of go, unanswered as they are. */
static int
keep_limit(struct um_http_connection *connection)
{
    struct um_http_pair *pair = connection->pairs.first, *next;
    int err = UM_OK;
    for (; !err && pair && connection->pairs.count > connection->limits->max[UM_LIMIT_REQUESTS];
         pair = next) {
        next = pair->next;
        if (pair->reply || (pair->request && !pair->is_request_done))
            continue;
        if (pair->request)
            pair->request->flags |= UM_HTTP_LIMIT_REQUESTS;
        connection->pairs.gone += pair->is_reply_lost ? 0 : 1;
        err = emit(connection, pair);
    }
    return err;
}

/* The beginning of a request is missing: what it asked stays unknown, its reply will come. */
static int
lose_request(struct um_http_connection *connection)
{
    struct um_http_pair *pair;
    return um_http_pairs_open(&connection->pairs, &pair);
}

/* The beginning of a reply is missing. */
static int
lose_reply(struct um_http_connection *connection)
{
    struct um_http_pair *pair = um_http_pairs_waiting(&connection->pairs);
    if (connection->pairs.gone > 0)
        connection->pairs.gone--;
    else if (pair)
        pair->is_reply_lost = true;
    return emit_ready(connection);
}

/* Which reply belongs to which request can no longer be told. */
static bool
is_astray(const struct um_http_connection *connection)
{
    return connection->pipelines && connection->has_lost_place;
}

/* ---- what a direction tells ---- */

/*
 * A message told which side asks. Messages found behind a hole may be the text of a body: one that
 * speaks against what was known before takes the requests that wait with it.
 */
static int
settle_client(struct um_http_connection *connection, int client, bool is_sure)
{
    bool is_new = connection->client == UNKNOWN;
    if (!is_new && connection->client != client)
        um_http_pairs_lose_replies(&connection->pairs, false, 0);
    connection->client = client;
    connection->is_client_sure = connection->is_client_sure || is_sure;
    if (connection->is_client_sure) {
        connection->directions[client].http1.look = UM_HTTP_LOOK_REQUEST;
        connection->directions[1 - client].http1.look = UM_HTTP_LOOK_REPLY;
    }
    int err = UM_OK;
    if (is_new && connection->directions[client].has_early_loss)
        err = lose_request(connection);
    if (!err && is_new && connection->directions[1 - client].has_early_loss)
        err = lose_reply(connection);
    return err;
}

static int
begin_request(struct um_http_connection *connection, struct um_http_message *message,
              bool is_contrary)
{
    if (!connection->pipelines)
        um_http_pairs_lose_replies(&connection->pairs, true, 0);
    if (um_http_pairs_waiting(&connection->pairs))
        connection->pipelines = true;
    if (is_astray(connection))
        um_http_pairs_lose_replies(&connection->pairs, false, 0);
    struct um_http_pair *pair;
    int err = um_http_pairs_open(&connection->pairs, &pair);
    if (err)
        return err;
    pair->request = message;
    pair->is_reply_lost = is_contrary || is_astray(connection);
    return UM_OK;
}

/* A reply without a body, whatever its fields say; RFC 9112 section 6.3. */
static bool
is_bodiless(const struct um_http_message *reply, const struct um_http_message *request)
{
    if (reply->status < 200 || reply->status == 204 || reply->status == 304)
        return true;
    return request && um_span_equal(request->method, um_span_text("HEAD"));
}

static bool
opens_tunnel(const struct um_http_message *reply, const struct um_http_message *request)
{
    return request && reply->status >= 200 && reply->status < 300 &&
           um_span_equal(request->method, um_span_text("CONNECT"));
}

/* From here on the connection carries something else. */
static bool
ends_http(const struct um_http_message *reply, const struct um_http_message *request)
{
    return reply->status == 101 || opens_tunnel(reply, request);
}

static int
leave_http(struct um_http_connection *connection)
{
    int err = um_http1_leave(&connection->directions[0].http1);
    return err ? err : um_http1_leave(&connection->directions[1].http1);
}

static bool
is_upgrade_to_http2(const struct um_http_message *reply, const struct um_http_pair *pair)
{
    struct um_span protocol;
    return reply->status == 101 && pair && pair->request &&
           um_http_message_field(reply, um_span_text("upgrade"), &protocol) &&
           um_span_equal_nocase(protocol, um_span_text("h2c"));
}

/* The request goes on as stream 1, and gets its reply there. `pair` is that of the 101. */
static int
become_http2(struct um_http_connection *connection, struct um_http_pair *pair)
{
    int err = leave_http(connection);
    if (!err)
        err = um_http2_connection_new(connection->limits, connection->meter, &connection->events,
                                      connection->number, connection->ends, &connection->http2);
    if (err || !connection->http2)
        return err;
    for (int side = 0; side < 2; side++)
        connection->http2_sinks[side] = um_http2_connection_sink(connection->http2, side);
    connection->next = connection->http2_sinks;
    struct um_http_message *request = pair->request;
    pair->request = NULL;
    pair->is_reply_lost = true;
    return um_http2_connection_upgrade(connection->http2, connection->client, request);
}

/* Does the request wait for leave to send its body? */
static bool
is_waiting(const struct um_http_message *request)
{
    struct um_span expected;
    return um_http_message_field(request, um_span_text("expect"), &expected) &&
           um_span_equal_nocase(expected, um_span_text("100-continue"));
}

static int
begin_reply(struct um_http_connection *connection, struct um_http_message *message,
            bool is_found_again, bool is_contrary)
{
    if (is_found_again && !connection->pipelines)
        um_http_pairs_lose_replies(&connection->pairs, false, 1);
    struct um_http_pairs *pairs = &connection->pairs;
    bool is_of_gone = !is_contrary && pairs->gone > 0;
    struct um_http_pair *pair = is_contrary || is_of_gone ? NULL : um_http_pairs_waiting(pairs);
    const struct um_http_message *request = pair ? pair->request : NULL;
    if (is_bodiless(message, request) || ends_http(message, request))
        message->framing = UM_HTTP_FRAMING_NONE;
    bool is_upgrade = is_upgrade_to_http2(message, pair);
    if (message->status >= 100 && message->status < 200 && (message->status != 101 || is_upgrade)) {
        connection->interim = message;
        if (pair && message->status == 100)
            pair->is_asked_on = true;
        return is_upgrade ? become_http2(connection, pair) : UM_OK;
    }
    if (!pair) {
        int err =
            is_of_gone ? um_http_pairs_open_gone(pairs, &pair) : um_http_pairs_open(pairs, &pair);
        if (err)
            return err;
    }
    pair->reply = message;
    message->answers_foreign = request && request->is_foreign && !connection->has_lost_place;
    if (request && !pair->is_request_done && !pair->is_asked_on && is_waiting(request))
        um_http1_refuse_body(&connection->directions[connection->client].http1);
    if (opens_tunnel(message, request) && connection->tunnel[0].data)
        connection->next = connection->tunnel;
    return ends_http(message, request) ? leave_http(connection) : UM_OK;
}

static int
take_head(void *ctx, struct um_http_message *message, bool is_found_again, bool *wants_body)
{
    struct direction *direction = ctx;
    struct um_http_connection *connection = direction->connection;
    message->connection = connection->number;
    message->source = connection->ends[direction->side];
    message->destination = connection->ends[1 - direction->side];
    int client = message->is_reply ? 1 - direction->side : direction->side;
    bool is_contrary = connection->is_client_sure && connection->client != client;
    bool is_metered = um_http_connection_meter_message(connection->meter, message);
    int err = is_contrary ? UM_OK : settle_client(connection, client, !is_found_again);
    if (!err)
        err = message->is_reply ? begin_reply(connection, message, is_found_again, is_contrary)
                                : begin_request(connection, message, is_contrary);
    if (err) {
        if (!um_http_pairs_of(&connection->pairs, message) && connection->interim != message)
            free_message(connection, message);
        return err;
    }
    err = connection->events.head(connection->events.ctx, message, wants_body);
    if (err || is_metered)
        return err;
    message->flags |= UM_HTTP_LIMIT_MEMORY;
    return leave_http(connection);
}

static int
take_body(void *ctx, struct um_http_message *message, struct um_span bytes, bool *wants_more)
{
    const struct direction *direction = ctx;
    const struct um_http_events *events = &direction->connection->events;
    return events->body(events->ctx, message, bytes, wants_more);
}

static int
take_done(void *ctx, struct um_http_message *message)
{
    struct direction *direction = ctx;
    struct um_http_connection *connection = direction->connection;
    int err = connection->events.done(connection->events.ctx, message);
    if (message == connection->interim) {
        connection->interim = NULL;
        free_message(connection, message);
        return err;
    }
    struct um_http_pair *pair = um_http_pairs_of(&connection->pairs, message);
    assert(pair);
    if (message == pair->request)
        pair->is_request_done = true;
    else
        pair->is_reply_done = true;
    if (!err)
        err = emit_ready(connection);
    return err ? err : keep_limit(connection);
}

/* The beginning of a message is missing: of a request, or of a reply. */
static int
take_loss(void *ctx)
{
    struct direction *direction = ctx;
    struct um_http_connection *connection = direction->connection;
    if (connection->client == UNKNOWN) {
        direction->has_early_loss = true;
        return UM_OK;
    }
    return direction->side == connection->client ? lose_request(connection)
                                                 : lose_reply(connection);
}

static int
take_too_long(void *ctx, unsigned flag, const struct um_mark *where, bool is_found_again)
{
    const struct direction *direction = ctx;
    const struct um_http_connection *connection = direction->connection;
    const struct um_http_events *events = &connection->events;
    if (events->too_long)
        events->too_long(events->ctx, flag, where);
    if (is_found_again)
        return UM_OK;
    struct um_http_pair *pair = um_http_pairs_waiting(&connection->pairs);
    if (pair && pair->request && direction->side != connection->client && !connection->pairs.gone)
        pair->request->flags |= flag; /* of the exchange all is told but its reply */
    return take_loss(ctx);
}

/* ---- the sink ---- */

static int
result_of(const struct direction *direction, int err)
{
    if (err)
        return err;
    return direction->http1.place == UM_HTTP1_OVER ? UM_SINK_ENOUGH
                                                   : um_http1_unneeded(&direction->http1);
}

static int
take_data(void *ctx, const struct um_chunk *chunk)
{
    struct direction *direction = ctx;
    direction->ending.has_bytes = true;
    struct um_chunk rest = *chunk;
    if (!direction->connection->next) {
        int err = um_http1_data(&direction->http1, chunk);
        rest.bytes = direction->http1.left_over;
        if (err || !direction->connection->next)
            return result_of(direction, err);
    }
    rest.offset += chunk->bytes.len - rest.bytes.len;
    const struct um_sink *next = &direction->connection->next[direction->side];
    return rest.bytes.len > 0 ? next->data(next->ctx, &rest) : UM_OK;
}

static int
take_gap(void *ctx, uint64_t missing_bytes, enum um_gap_cause cause, const struct um_mark *where)
{
    struct direction *direction = ctx;
    struct um_http_connection *connection = direction->connection;
    um_http_ending_miss(&direction->ending, cause);
    if (connection->next) {
        const struct um_sink *next = &connection->next[direction->side];
        return next->gap(next->ctx, missing_bytes, cause, where);
    }
    bool was_between = !direction->http1.message;
    int err = um_http1_gap(&direction->http1, missing_bytes);
    bool is_place_lost = was_between || direction->http1.place == UM_HTTP1_SEARCH;
    connection->has_lost_place = connection->has_lost_place || is_place_lost;
    if (is_astray(connection))
        um_http_pairs_lose_replies(&connection->pairs, false, 0);
    if (is_place_lost && direction->side != connection->client) {
        um_http_pairs_note_hole(&connection->pairs);
    }
    return result_of(direction, err);
}

static void
take_passed(void *ctx, uint64_t bytes, const struct um_mark *last)
{
    struct direction *direction = ctx;
    const struct um_sink *next = direction->connection->next;
    if (next)
        next[direction->side].passed(next[direction->side].ctx, bytes, last);
    else
        um_http1_passed(&direction->http1, bytes, last);
}

static int
take_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    struct direction *direction = ctx;
    um_http_ending_set(&direction->ending, why);
    if (direction->connection->next) {
        const struct um_sink *next = &direction->connection->next[direction->side];
        return next->end(next->ctx, why, where);
    }
    return um_http1_end(&direction->http1, why);
}

/* ---- life ---- */

int
um_http_connection_new(const struct um_limits *limits, struct um_meter *meter,
                       const struct um_http_events *events, uint64_t number,
                       const struct um_endpoint ends[2], struct um_http_connection **out)
{
    *out = NULL;
    if (!um_meter_take(meter, sizeof(struct um_http_connection)))
        return UM_OK;
    struct um_http_connection *connection = calloc(1, sizeof *connection);
    if (!connection) {
        um_meter_give(meter, sizeof *connection);
        return UM_ERR_NOMEM;
    }
    *connection = (struct um_http_connection){.limits = limits,
                                              .meter = meter,
                                              .events = *events,
                                              .number = number,
                                              .ends = {ends[0], ends[1]},
                                              .client = UNKNOWN};
    for (int side = 0; side < 2; side++) {
        struct direction *direction = &connection->directions[side];
        struct um_http1_events http1 = {.ctx = direction,
                                        .head = take_head,
                                        .body = take_body,
                                        .done = take_done,
                                        .lost = take_loss,
                                        .too_long = take_too_long};
        direction->connection = connection;
        direction->side = side;
        um_http1_init(&direction->http1, limits, meter, &http1);
    }
    *out = connection;
    return UM_OK;
}

struct um_sink
um_http_connection_sink(struct um_http_connection *connection, int side)
{
    return (struct um_sink){.ctx = &connection->directions[side],
                            .data = take_data,
                            .gap = take_gap,
                            .end = take_end,
                            .passed = take_passed};
}

void
um_http_connection_set_tunnel(struct um_http_connection *connection, const struct um_sink sinks[2])
{
    connection->tunnel[0] = sinks[0];
    connection->tunnel[1] = sinks[1];
}

int
um_http_connection_close(struct um_http_connection *connection)
{
    int err = UM_OK;
    while (!err && connection->pairs.first)
        err = emit(connection, connection->pairs.first);
    if (!err && connection->http2) {
        err = um_http2_connection_close(connection->http2);
        connection->http2 = NULL;
    }
    um_http_connection_free(connection);
    return err;
}

void
um_http_connection_free(struct um_http_connection *connection)
{
    if (!connection)
        return;
    while (connection->pairs.first) {
        struct um_http_pair *pair = connection->pairs.first;
        um_http_pairs_take(&connection->pairs, pair);
        free_pair(connection, pair);
    }
    free_message(connection, connection->interim);
    um_http2_connection_free(connection->http2);
    um_http1_done(&connection->directions[0].http1);
    um_http1_done(&connection->directions[1].http1);
    um_meter_give(connection->meter, sizeof *connection);
    free(connection);
}

bool
um_http_connection_wanted(struct um_span payload)
{
    while (payload.len > 0 && (payload.data[0] == '\r' || payload.data[0] == '\n'))
        payload = um_span_from(payload, 1);
    if (payload.len == 0)
        return false;
    /* a whole start line may have any method, the beginning of one could be any word */
    enum um_step step = um_http_head_look(payload, UM_HTTP_LOOK_ANY);
    return step == UM_DONE ||
           (step == UM_MORE && um_http_head_look(payload, UM_HTTP_LOOK_KNOWN) == UM_MORE);
}
