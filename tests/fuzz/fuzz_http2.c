/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as an HTTP/2 connection: pieces, each with a byte before it that tells its direction
 * (bit 0), whether it is lost (bit 1) and its length (the rest, times 4). A byte is told at most
 * once, and every message that began ends before it is forgotten.
 */
#include <assert.h>
#include <stdlib.h>

#include "offline/http/http2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    uint64_t heads, dones, forgotten;
};

static int
see_head(void *ctx, struct um_http_message *message, bool *wants_body)
{
    struct seen *seen = ctx;
    seen->heads++;
    assert(message->framing == UM_HTTP_FRAMING_H2);
    *wants_body = true;
    return UM_OK;
}

static int
see_body(void *ctx, struct um_http_message *message, struct um_span bytes, bool *wants_more)
{
    (void)ctx;
    (void)wants_more;
    assert(bytes.len > 0 && message->lost_bytes == 0);
    return UM_OK;
}

static int
see_done(void *ctx, struct um_http_message *message)
{
    struct seen *seen = ctx;
    seen->dones++;
    assert(!message->complete || message->lost_bytes == 0);
    return UM_OK;
}

static int
see_exchange(void *ctx, struct um_http_message *request, struct um_http_message *reply,
             enum um_unanswered why)
{
    (void)ctx;
    assert(request || reply);
    assert((reply != NULL) == (why == UM_UNANSWERED_NO));
    return UM_OK;
}

static void
see_forget(void *ctx, struct um_http_message *message)
{
    struct seen *seen = ctx;
    (void)message;
    seen->forgotten++;
}

static void
push_pieces(struct um_http2_connection *connection, struct um_span input)
{
    struct um_sink sinks[2] = {um_http2_connection_sink(connection, 0),
                               um_http2_connection_sink(connection, 1)};
    struct um_mark mark = {.frame = 1};
    while (input.len > 0) {
        uint8_t head = input.data[0];
        const struct um_sink *sink = &sinks[head & 1];
        struct um_span piece = um_span_first(um_span_from(input, 1), (size_t)(head >> 2) * 4);
        input = um_span_from(input, 1 + piece.len);
        struct um_chunk chunk = {.bytes = piece, .first = mark, .last = mark};
        int result = head & 2 ? sink->gap(sink->ctx, piece.len + 1, UM_GAP_LOST, &mark)
                              : sink->data(sink->ctx, &chunk);
        assert(result >= 0); /* nothing on the wire is an error */
        mark.frame++;
    }
    for (int side = 0; side < 2; side++) {
        if (sinks[side].end(sinks[side].ctx, UM_END_FIN, &mark) != UM_OK)
            abort();
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct um_limits limits;
    um_limits_init(&limits);
    limits.max[UM_LIMIT_H2_STREAMS] = 4;
    limits.max[UM_LIMIT_HEAD] = 512;
    struct um_meter meter = {.max = 1 << 20};
    struct seen seen = {0};
    struct um_http_events events = {.ctx = &seen,
                                    .head = see_head,
                                    .body = see_body,
                                    .done = see_done,
                                    .exchange = see_exchange,
                                    .forget = see_forget};
    struct um_endpoint ends[2] = {0};
    struct um_http2_connection *connection;
    if (um_http2_connection_new(&limits, &meter, &events, 1, ends, &connection) != UM_OK)
        return 0;
    push_pieces(connection, um_span_of(data, size));
    if (um_http2_connection_close(connection) != UM_OK)
        abort();
    assert(seen.heads == seen.dones && seen.heads == seen.forgotten);
    assert(meter.used == 0);
    return 0;
}
