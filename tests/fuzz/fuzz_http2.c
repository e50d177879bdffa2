/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as an HTTP/2 connection: pieces, each with a byte before it that tells its direction
 * (bit 0), whether it is lost (bit 1) and its length (the rest, times 4). A byte is told at most
 * once, every message that began ends before it is forgotten, and the same is told byte by byte.
 */
#include "offline/http/http2.h"
#include "tests/fuzz/observer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
push_bytes(const struct um_sink *sink, struct um_span bytes, size_t step, struct um_mark mark)
{
    while (bytes.len > 0) {
        struct um_chunk chunk = {.bytes = um_span_first(bytes, step), .first = mark, .last = mark};
        um_fuzz_demand(sink->data(sink->ctx, &chunk) >= 0); /* nothing on the wire is an error */
        bytes = um_span_from(bytes, chunk.bytes.len);
    }
}

static void
push_pieces(struct um_http2_connection *connection, struct um_span input, size_t step)
{
    struct um_sink sinks[2] = {um_http2_connection_sink(connection, 0),
                               um_http2_connection_sink(connection, 1)};
    struct um_mark mark = {.frame = 1};
    while (input.len > 0) {
        uint8_t head = input.data[0];
        const struct um_sink *sink = &sinks[head & 1];
        struct um_span piece = um_span_first(um_span_from(input, 1), (size_t)(head >> 2) * 4);
        input = um_span_from(input, 1 + piece.len);
        struct um_missing missing = {.least = head & 4 ? piece.len / 2 : piece.len + 1,
                                     .most = piece.len + 1};
        if (head & 2)
            um_fuzz_demand(sink->gap(sink->ctx, missing, UM_GAP_LOST, &mark) >= 0);
        else
            push_bytes(sink, piece, step, mark);
        mark.frame++;
    }
    for (int side = 0; side < 2; side++)
        um_fuzz_demand(sinks[side].end(sinks[side].ctx, UM_END_FIN, &mark) == UM_OK);
}

static struct um_fuzz_observer
play(struct um_span input, size_t step)
{
    static const struct um_endpoint ends[2] = {0};
    struct um_limits limits;
    struct um_meter meter = {.max = 1 << 20};
    struct um_fuzz_observer observer = {0};
    struct um_http_events events = um_fuzz_observer_events(&observer);
    struct um_http2_connection *connection;
    um_limits_init(&limits);
    limits.max[UM_LIMIT_H2_STREAMS] = 4;
    limits.max[UM_LIMIT_HEAD] = 512;
    um_fuzz_demand(um_http2_connection_new(&limits, &meter, &events, 1, ends, &connection) ==
                   UM_OK);
    push_pieces(connection, input, step);
    um_fuzz_demand(um_http2_connection_close(connection) == UM_OK);
    um_fuzz_observer_check(&observer);
    um_fuzz_demand(meter.used == 0);
    return observer;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct um_span input = um_span_of(data, size);
    struct um_fuzz_observer whole = play(input, SIZE_MAX), byte_wise = play(input, 1);
    um_fuzz_demand(whole.digest == byte_wise.digest && whole.heads == byte_wise.heads);
    return 0;
}
