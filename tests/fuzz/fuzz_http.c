/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One HTTP connection under the recogniser: the input is a script of steps, each a byte that says
 * what comes (data or a hole, of which side, how much) and then the data. Whatever comes, every
 * head is ended once, every message is forgotten, and no memory stays at the meter.
 */
#include <assert.h>
#include <stdlib.h>

#include "core/base/cursor.h"
#include "offline/http/recognise.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
take_exchange(void *ctx, const struct um_exchange *exchange)
{
    uint64_t *seen = ctx;
    assert(exchange->request.captured || exchange->reply.captured);
    ++*seen;
    return UM_OK;
}

/* 0, or what the sink said when that is an error. */
static int
play(struct um_sink sinks[2], struct um_cursor script)
{
    uint64_t offsets[2] = {0}, frame = 0;
    while (script.left.len > 0) {
        uint8_t step = um_cursor_u8(&script);
        int side = step & 1;
        size_t len = (size_t)(step >> 2) * 4;
        struct um_mark mark = {.frame = ++frame, .time_ns = (int64_t)frame};
        int result;
        if (step & 2) {
            result = sinks[side].gap(sinks[side].ctx, len + 1, UM_GAP_LOST, &mark);
            offsets[side] += len + 1;
        } else {
            struct um_span bytes =
                um_cursor_take(&script, len < script.left.len ? len : script.left.len);
            struct um_chunk chunk = {
                .bytes = bytes, .offset = offsets[side], .first = mark, .last = mark};
            result = bytes.len > 0 ? sinks[side].data(sinks[side].ctx, &chunk) : UM_OK;
            offsets[side] += bytes.len;
        }
        if (result < 0)
            return result;
    }
    return UM_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct um_limits limits;
    struct um_meter meter = {.max = 1 << 20};
    struct um_recogniser *recogniser;
    struct um_http_connection *connection;
    const struct um_endpoint ends[2] = {{.address_len = 4, .port = 40000},
                                        {.address_len = 4, .port = 80}};
    uint64_t seen = 0;
    um_limits_init(&limits);
    limits.max[UM_LIMIT_BODY] = 8192;
    limits.max[UM_LIMIT_REQUESTS] = 4;
    if (um_recogniser_new(&limits, &meter, take_exchange, &seen, &recogniser) != UM_OK)
        return 0;
    struct um_http_events events = um_recogniser_events(recogniser);
    int err = um_http_connection_new(&limits, &meter, &events, 1, ends, &connection);
    if (!err && connection) {
        struct um_sink sinks[2] = {um_http_connection_sink(connection, 0),
                                   um_http_connection_sink(connection, 1)};
        struct um_mark end = {.frame = 1 << 20};
        err = play(sinks, um_cursor_of(um_span_of(data, size)));
        for (int side = 0; side < 2 && !err; side++)
            err = sinks[side].end(sinks[side].ctx, size % 2 ? UM_END_FIN : UM_END_CAPTURE, &end);
        if (err)
            um_http_connection_free(connection);
        else
            err = um_http_connection_close(connection);
    }
    if (!err)
        err = um_recogniser_end(recogniser);
    assert(err == UM_OK || err == UM_ERR_NOMEM);
    um_recogniser_free(recogniser);
    assert(meter.used == 0);
    return 0;
}
