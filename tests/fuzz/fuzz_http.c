/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One HTTP connection under the recogniser: the input is a script of steps, each a byte that says
 * what comes (data or a hole, of which side, how much) and then the data. Whatever comes, every
 * head is ended once, every message is forgotten, and no memory stays at the meter. The same
 * connection without the recogniser tells the same byte by byte.
 */
#include <assert.h>

#include "core/base/cursor.h"
#include "offline/http/recognise.h"
#include "tests/fuzz/observer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
take_exchange(void *ctx, const struct um_exchange *exchange)
{
    uint64_t *seen = ctx;
    assert(exchange->request.captured || exchange->reply.captured);
    ++*seen;
    return UM_OK;
}

static int
push(const struct um_sink *sink, struct um_span bytes, uint64_t offset, size_t piece,
     struct um_mark mark)
{
    int result = UM_OK;
    while (result >= 0 && bytes.len > 0) {
        struct um_chunk chunk = {
            .bytes = um_span_first(bytes, piece), .offset = offset, .first = mark, .last = mark};
        result = sink->data(sink->ctx, &chunk);
        offset += chunk.bytes.len;
        bytes = um_span_from(bytes, chunk.bytes.len);
    }
    return result;
}

/* 0, or what the sink said when that is an error. */
static int
play(struct um_sink sinks[2], struct um_cursor script, size_t piece)
{
    uint64_t offsets[2] = {0}, frame = 0;
    while (script.left.len > 0) {
        uint8_t step = um_cursor_u8(&script);
        int side = step & 1;
        size_t len = (size_t)(step >> 2) * 4;
        frame++;
        struct um_mark mark = {.frame = frame, .time_ns = (int64_t)frame};
        int result;
        if (step & 2) {
            struct um_missing missing = {.least = len & 4 ? len / 2 : len + 1, .most = len + 1};
            if (len & 8) { /* the gap itself comes when the other side has gone on, or not at all */
                result = sinks[side].gap_ahead(sinks[side].ctx, len + 1, UM_GAP_LOST);
            } else {
                result = sinks[side].gap(sinks[side].ctx, missing, UM_GAP_LOST, &mark);
                offsets[side] += len + 1;
            }
        } else {
            struct um_span bytes =
                um_cursor_take(&script, len < script.left.len ? len : script.left.len);
            result = push(&sinks[side], bytes, offsets[side], piece, mark);
            offsets[side] += bytes.len;
        }
        if (result < 0)
            return result;
    }
    return UM_OK;
}

static const struct um_endpoint ends[2] = {{.address_len = 4, .port = 40000},
                                           {.address_len = 4, .port = 80}};

static int
play_connection(const struct um_limits *limits, struct um_meter *meter,
                const struct um_http_events *events, struct um_span script, size_t piece)
{
    struct um_http_connection *connection;
    int err = um_http_connection_new(limits, meter, events, 1, ends, &connection);
    if (err || !connection)
        return err;
    struct um_sink sinks[2] = {um_http_connection_sink(connection, 0),
                               um_http_connection_sink(connection, 1)};
    struct um_mark end = {.frame = 1 << 20};
    err = play(sinks, um_cursor_of(script), piece);
    for (int side = 0; side < 2 && !err; side++)
        err = sinks[side].end(sinks[side].ctx, script.len % 2 ? UM_END_FIN : UM_END_CAPTURE, &end);
    if (!err)
        return um_http_connection_close(connection);
    um_http_connection_free(connection);
    return err;
}

static struct um_fuzz_observer
observe(const struct um_limits *limits, struct um_span script, size_t piece)
{
    struct um_meter meter = {.max = UINT64_MAX};
    struct um_fuzz_observer observer = {0};
    struct um_http_events events = um_fuzz_observer_events(&observer);
    um_fuzz_demand(play_connection(limits, &meter, &events, script, piece) == UM_OK);
    um_fuzz_observer_check(&observer);
    um_fuzz_demand(meter.used == 0);
    return observer;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct um_span script = um_span_of(data, size);
    struct um_limits limits;
    struct um_meter meter = {.max = 1 << 20};
    struct um_recogniser *recogniser;
    uint64_t seen = 0;
    um_limits_init(&limits);
    limits.max[UM_LIMIT_BODY] = 8192;
    limits.max[UM_LIMIT_REQUESTS] = 4;
    limits.max[UM_LIMIT_HEAD] = 1024;
    if (um_recogniser_new(&limits, &meter, take_exchange, &seen, &recogniser) != UM_OK)
        return 0;
    struct um_http_events events = um_recogniser_events(recogniser);
    int err = play_connection(&limits, &meter, &events, script, SIZE_MAX);
    if (!err)
        err = um_recogniser_end(recogniser);
    um_fuzz_demand(err == UM_OK);
    um_recogniser_free(recogniser);
    um_fuzz_demand(meter.used == 0);

    struct um_fuzz_observer whole = observe(&limits, script, SIZE_MAX);
    struct um_fuzz_observer byte_wise = observe(&limits, script, 1);
    um_fuzz_demand(whole.digest == byte_wise.digest && whole.heads == byte_wise.heads);
    return 0;
}
