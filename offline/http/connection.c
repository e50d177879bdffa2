/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two directions of http1. Cause comes before effect in what we are given (net/flow.h), so a reply
 * finds its request in the queue of pairs (core/um/pairing.h). A pair lives in the message that
 * opens it: its request, or a reply alone.
 *
 * An upgrade to h2c hands both directions over to HTTP/2 (http2.h), a CONNECT that was granted to
 * whoever reads the tunnel. Where a hole took the CONNECT or its reply, the hello of TLS tells that
 * a tunnel has begun.
 */
#include "offline/http/connection.h"

#include <assert.h>
#include <stdlib.h>

#include "core/http/head.h"
#include "core/http/reply.h"
#include "offline/http/ending.h"
#include "offline/http/http1.h"
#include "offline/http/http2.h"
#include "offline/http/tunnel.h"

struct direction {
    struct um_http_connection *connection;
    int side;
    struct um_http1 http1;
    struct um_http_ending ending;
    bool is_place_told;         /* as lost, of a gap whose length is still to come */
    bool asks_tunnel;           /* its last request is a CONNECT */
    const struct um_sink *next; /* gets what follows; NULL: it is HTTP/1 */
};

struct um_http_connection {
    const struct um_limits *limits;
    struct um_meter *meter;
    struct um_http_events events;
    uint64_t number;
    struct um_endpoint ends[2];
    struct direction directions[2];
    struct um_pairing pairing;
    struct um_http_message *interim;   /* a 1xx reply that is being read */
    struct um_http2_connection *http2; /* after an upgrade; else NULL */
    struct um_sink tunnel[2];          /* for what follows a CONNECT; without functions: nobody */
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

/* ---- pairs ---- */

static void
free_pair(struct um_http_connection *connection, struct um_pairing_pair *pair)
{
    struct um_http_message *opener = pair->owner;
    free_message(connection, opener->partner);
    free_message(connection, opener);
}

/* Why the request has no reply, now that none will come. */
static enum um_unanswered
why_unanswered(const struct um_http_connection *connection, const struct um_http_message *request)
{
    int client = connection->pairing.client;
    return um_http_ending_why(
        &connection->directions[client].ending, &connection->directions[1 - client].ending,
        um_pairing_is_lost(&request->pair) ? UM_UNANSWERED_LOST : UM_UNANSWERED_NO);
}

/* Tells a pair that is off the queue, and frees it. */
static int
emit(struct um_http_connection *connection, struct um_pairing_pair *pair)
{
    const struct um_http_events *events = &connection->events;
    struct um_http_message *opener = pair->owner;
    struct um_http_message *request = opener->is_reply ? NULL : opener;
    struct um_http_message *reply = opener->is_reply ? opener : opener->partner;
    int err = UM_OK;
    if (events->exchange)
        err = events->exchange(events->ctx, request, reply,
                               reply ? UM_UNANSWERED_NO : why_unanswered(connection, request));
    free_pair(connection, pair);
    return err;
}

/* Nothing has come of the replies' direction: that it was not captured is told at its end at the
 * latest, and is why its requests are not answered. */
static bool
is_silent(const struct um_http_connection *connection)
{
    if (!connection->pairing.has_client)
        return false;
    const struct um_http_ending *replies =
        &connection->directions[1 - connection->pairing.client].ending;
    return !replies->has_bytes && !replies->is_unseen && !replies->has_ended;
}

/* Tells the pairs at the head of the queue from which nothing more will come. */
static int
emit_ready(struct um_http_connection *connection)
{
    struct um_pairing_pair *pair;
    int err = UM_OK;
    if (is_silent(connection))
        return UM_OK;
    while (!err && (pair = um_pairing_take_finished(&connection->pairing)))
        err = emit(connection, pair);
    return err;
}

/* The limit `requests`: the oldest that nothing is being read of go, with or without a reply. */
static int
keep_limit(struct um_http_connection *connection)
{
    uint64_t max = connection->limits->max[UM_LIMIT_REQUESTS];
    struct um_pairing_pair *pair;
    int err = UM_OK;
    while (!err && (pair = um_pairing_take_excess(&connection->pairing, max))) {
        struct um_http_message *opener = pair->owner;
        if (pair->reply != UM_PAIRING_DONE)
            opener->flags |= UM_HTTP_LIMIT_REQUESTS;
        err = emit(connection, pair);
    }
    return err;
}

/* ---- what a direction tells ---- */

static int
leave_http(struct um_http_connection *connection)
{
    int err = um_http1_leave(&connection->directions[0].http1);
    return err ? err : um_http1_leave(&connection->directions[1].http1);
}

/* What follows of both directions is read there. */
static void
hand_over(struct um_http_connection *connection, const struct um_sink sinks[2])
{
    for (int side = 0; side < 2; side++)
        connection->directions[side].next = &sinks[side];
}

/* The request goes on as stream 1, and gets its reply there. */
static int
become_http2(struct um_http_connection *connection, struct um_http_message *request)
{
    um_pairing_take(&connection->pairing, &request->pair);
    int err = leave_http(connection);
    if (!err)
        err = um_http2_connection_new(connection->limits, connection->meter, &connection->events,
                                      connection->number, connection->ends, &connection->http2);
    if (!err && !connection->http2)
        return emit(connection, &request->pair); /* no room for it */
    if (err) {
        free_message(connection, request);
        return err;
    }
    for (int side = 0; side < 2; side++)
        connection->http2_sinks[side] = um_http2_connection_sink(connection->http2, side);
    hand_over(connection, connection->http2_sinks);
    return um_http2_connection_upgrade(connection->http2, connection->pairing.client, request);
}

static int
begin_interim(struct um_http_connection *connection, struct um_http_message *message,
              struct um_http_message *request)
{
    connection->interim = message;
    if (request && message->status == 100)
        request->is_asked_on = true;
    return message->status == 101 ? become_http2(connection, request) : UM_OK;
}

static int
begin_reply(struct um_http_connection *connection, int side, struct um_http_message *message,
            bool is_found_again)
{
    struct um_pairing *pairing = &connection->pairing;
    struct um_pairing_pair *pair = um_pairing_asked(pairing, side, is_found_again);
    struct um_http_message *request = pair ? pair->owner : NULL;
    if (um_http_reply_is_bodiless(message, request))
        message->framing = UM_HTTP_FRAMING_NONE;
    bool begins_http2 = request && um_http_reply_begins_http2(message);
    if (um_http_reply_is_interim(message->status) || begins_http2)
        return begin_interim(connection, message, request);
    um_pairing_answer(pairing, side, pair ? pair : &message->pair);
    message->partner = request;
    if (request)
        request->partner = message;
    message->answers_foreign = request && request->is_foreign && !pairing->has_lost_place;
    if (um_http_reply_may_refuse_body(request))
        um_http1_refuse_body(&connection->directions[pairing->client].http1);
    if (um_http_reply_opens_tunnel(message, request) && connection->tunnel[0].data)
        hand_over(connection, connection->tunnel);
    return um_http_reply_ends_http1(message, request) ? leave_http(connection) : UM_OK;
}

static void
begin_request(struct direction *direction, struct um_http_message *message, bool is_found_again)
{
    direction->asks_tunnel = um_span_equal(message->method, um_span_text("CONNECT"));
    um_pairing_ask(&direction->connection->pairing, direction->side, is_found_again,
                   &message->pair);
}

/* Once it is sure which side asks, text in its bodies is not taken for replies, nor the reverse. */
static void
narrow_look(struct um_http_connection *connection)
{
    int client = connection->pairing.client;
    if (!connection->pairing.is_client_sure)
        return;
    connection->directions[client].http1.look = UM_HTTP_LOOK_REQUEST;
    connection->directions[1 - client].http1.look = UM_HTTP_LOOK_REPLY;
}

static int
take_head(void *ctx, struct um_http_message *message, bool is_found_again, bool *wants_body)
{
    struct direction *direction = ctx;
    struct um_http_connection *connection = direction->connection;
    int side = direction->side;
    message->connection = connection->number;
    message->source = connection->ends[side];
    message->destination = connection->ends[1 - side];
    message->pair.owner = message;
    bool is_metered = um_http_connection_meter_message(connection->meter, message);
    int err = UM_OK;
    if (message->is_reply)
        err = begin_reply(connection, side, message, is_found_again);
    else
        begin_request(direction, message, is_found_again);
    if (err)
        return err;
    narrow_look(connection);
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
    bool is_in_partner = message->is_reply && message->partner;
    struct um_pairing_pair *pair = is_in_partner ? &message->partner->pair : &message->pair;
    um_pairing_done(pair, message->is_reply);
    if (!err)
        err = emit_ready(connection);
    return err ? err : keep_limit(connection);
}

/* The beginning of a message is missing: of a request, or of a reply. */
static int
take_loss(void *ctx)
{
    struct direction *direction = ctx;
    um_pairing_lose(&direction->connection->pairing, direction->side);
    return emit_ready(direction->connection);
}

static int
take_beginning_inside(void *ctx)
{
    struct direction *direction = ctx;
    um_pairing_begin_inside(&direction->connection->pairing, direction->side);
    return emit_ready(direction->connection);
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
    const struct um_pairing_pair *pair = um_pairing_waiting(&connection->pairing);
    struct um_http_message *request = pair ? pair->owner : NULL;
    if (request && direction->side != connection->pairing.client)
        request->flags |= flag; /* of the exchange all is told but its reply */
    return take_loss(ctx);
}

/* ---- tunnels of which a hole took the beginning ---- */

/* What is being read is the head of a reply that nobody is known to have asked for and that tells
 * no end of its body: a CONNECT that was granted, if TLS begins behind it. */
static bool
may_grant_tunnel(const struct direction *direction)
{
    const struct um_http_message *message = direction->http1.message;
    return direction->http1.place == UM_HTTP1_CLOSE && !message->partner &&
           message->status / 100 == 2 && message->encoded_bytes == 0 && message->lost_bytes == 0;
}

/* Do these bytes, where a message would begin, begin TLS in a tunnel instead? */
static bool
begins_tunnel(const struct direction *direction, struct um_span bytes)
{
    const struct um_http_connection *connection = direction->connection;
    const struct direction *other = &connection->directions[1 - direction->side];
    enum um_http1_place place = direction->http1.place;
    if (!connection->tunnel[0].data || (place != UM_HTTP1_START && place != UM_HTTP1_SEARCH))
        return false;
    if (other->next) /* it has begun on that side */
        return um_http_tunnel_begins_tls(bytes, false);
    return (direction->asks_tunnel || may_grant_tunnel(other)) &&
           um_http_tunnel_begins_tls(bytes, true);
}

/* The other side may still have to answer the CONNECT, unless that is what it has just done. */
static int
begin_tunnel(struct direction *direction)
{
    struct um_http_connection *connection = direction->connection;
    struct direction *other = &connection->directions[1 - direction->side];
    direction->next = &connection->tunnel[direction->side];
    int err = um_http1_leave(&direction->http1);
    if (err || other->next || !may_grant_tunnel(other))
        return err;
    other->http1.message->framing = UM_HTTP_FRAMING_NONE;
    other->next = &connection->tunnel[other->side];
    return um_http1_leave(&other->http1);
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
    struct um_chunk rest = *chunk;
    if (!direction->ending.has_bytes) {
        direction->ending.has_bytes = true;
        int err = emit_ready(direction->connection); /* what waited for them comes first */
        if (err)
            return err;
    }
    if (!direction->next && begins_tunnel(direction, chunk->bytes)) {
        int err = begin_tunnel(direction);
        if (err)
            return err;
    }
    if (!direction->next) {
        int err = um_http1_data(&direction->http1, chunk);
        rest.bytes = direction->http1.left_over;
        if (err || !direction->next)
            return result_of(direction, err);
    }
    rest.offset += chunk->bytes.len - rest.bytes.len;
    const struct um_sink *next = direction->next;
    return rest.bytes.len > 0 ? next->data(next->ctx, &rest) : UM_OK;
}

/* After a hole: messages may have been in it, unless one is being read or begins just behind. */
static bool
lose_place(struct direction *direction, bool was_between)
{
    const struct um_http1 *http1 = &direction->http1;
    bool is_lost =
        http1->doubt != UM_HTTP1_DOUBT_NEAR && (was_between || http1->place == UM_HTTP1_SEARCH);
    if (is_lost)
        um_pairing_lose_place(&direction->connection->pairing, direction->side);
    return is_lost;
}

/* A hole where the place is lost already. */
static void
lose_more(struct direction *direction)
{
    if (direction->http1.place == UM_HTTP1_SEARCH)
        um_pairing_lose_more(&direction->connection->pairing, direction->side);
}

static int
take_gap(void *ctx, struct um_missing missing, enum um_gap_cause cause, const struct um_mark *where)
{
    struct direction *direction = ctx;
    const struct um_sink *next = direction->next;
    um_http_ending_miss(&direction->ending, cause);
    if (next)
        return next->gap(next->ctx, missing, cause, where);
    bool was_between = !direction->http1.message;
    if (!direction->is_place_told && missing.least > 0)
        lose_more(direction);
    int err = um_http1_gap(&direction->http1, missing);
    if (!direction->is_place_told)
        (void)lose_place(direction, was_between);
    direction->is_place_told = false;
    return result_of(direction, err);
}

static int
take_gap_ahead(void *ctx, uint64_t most, enum um_gap_cause cause)
{
    struct direction *direction = ctx;
    const struct um_sink *next = direction->next;
    um_http_ending_miss(&direction->ending, cause);
    if (next)
        return next->gap_ahead ? next->gap_ahead(next->ctx, most, cause) : UM_OK;
    bool was_between = !direction->http1.message;
    lose_more(direction);
    int err = um_http1_gap_ahead(&direction->http1, most);
    direction->is_place_told = lose_place(direction, was_between);
    return err;
}

static void
take_passed(void *ctx, uint64_t bytes, const struct um_mark *last)
{
    struct direction *direction = ctx;
    const struct um_sink *next = direction->next;
    if (next)
        next->passed(next->ctx, bytes, last);
    else
        um_http1_passed(&direction->http1, bytes, last);
}

static int
take_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    struct direction *direction = ctx;
    um_http_ending_set(&direction->ending, why);
    const struct um_sink *next = direction->next;
    if (next)
        return next->end(next->ctx, why, where);
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
                                              .ends = {ends[0], ends[1]}};
    for (int side = 0; side < 2; side++) {
        struct direction *direction = &connection->directions[side];
        struct um_http1_events http1 = {.ctx = direction,
                                        .head = take_head,
                                        .body = take_body,
                                        .done = take_done,
                                        .lost = take_loss,
                                        .began_inside = take_beginning_inside,
                                        .too_long = take_too_long};
        direction->connection = connection;
        direction->side = side;
        um_http1_init(&direction->http1, limits, meter, &http1);
    }
    *out = connection;
    return UM_OK;
}

void
um_http_connection_miss_start(struct um_http_connection *connection, int side)
{
    um_pairing_miss_start(&connection->pairing, side);
}

struct um_sink
um_http_connection_sink(struct um_http_connection *connection, int side)
{
    return (struct um_sink){.ctx = &connection->directions[side],
                            .data = take_data,
                            .gap = take_gap,
                            .end = take_end,
                            .passed = take_passed,
                            .gap_ahead = take_gap_ahead};
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
    struct um_pairing_pair *pair;
    int err = UM_OK;
    while (!err && (pair = um_pairing_take_first(&connection->pairing)))
        err = emit(connection, pair);
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
    struct um_pairing_pair *pair;
    while ((pair = um_pairing_take_first(&connection->pairing)))
        free_pair(connection, pair);
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
