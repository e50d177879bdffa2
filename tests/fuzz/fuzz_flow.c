/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets to flows that follow everything, or what begins with an odd byte: the first byte of the
 * input chooses that and the link type, then come packets, each behind a length byte. Streams come
 * in order: each chunk begins where the last chunk or hole ended.
 */
#include <assert.h>
#include <stdlib.h>

#include "core/base/cursor.h"
#include "offline/net/flow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct direction {
    uint64_t offset;
    bool has_ended;
};

static int
take_data(void *ctx, const struct um_chunk *chunk)
{
    struct direction *direction = ctx;
    assert(!direction->has_ended && chunk->bytes.len > 0);
    assert(chunk->offset == direction->offset);
    assert(chunk->first.frame > 0 && chunk->first.frame <= chunk->last.frame);
    direction->offset += chunk->bytes.len;
    return UM_OK;
}

static int
take_gap(void *ctx, struct um_missing missing, enum um_gap_cause cause, const struct um_mark *where)
{
    struct direction *direction = ctx;
    assert(!direction->has_ended && missing.most > 0 && missing.least == missing.most &&
           cause <= UM_GAP_UNSEEN && where->frame > 0);
    direction->offset += missing.most;
    return UM_OK;
}

static int
take_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    struct direction *direction = ctx;
    assert(!direction->has_ended && why <= UM_END_REPLACED && where->frame > 0);
    direction->has_ended = true;
    return UM_OK;
}

static bool
is_wanted(void *ctx, struct um_span payload)
{
    (void)ctx;
    assert(payload.len > 0);
    return payload.data[0] & 1;
}

static int
open_flow(void *ctx, const struct um_flow_info *info, struct um_sink sinks[2], void **user)
{
    (void)ctx;
    assert(info->number > 0);
    struct direction *directions = calloc(2, sizeof *directions);
    if (!directions)
        return UM_ERR_NOMEM;
    for (int i = 0; i < 2; i++)
        sinks[i] = (struct um_sink){
            .ctx = &directions[i], .data = take_data, .gap = take_gap, .end = take_end};
    *user = directions;
    return UM_OK;
}

static int
close_flow(void *ctx, void *user)
{
    (void)ctx;
    struct direction *directions = user;
    assert(directions[0].has_ended && directions[1].has_ended);
    free(directions);
    return UM_OK;
}

static void
abandon_flow(void *ctx, void *user)
{
    (void)ctx;
    free(user);
}

static int
play(struct um_flows *flows, uint32_t link_type, struct um_cursor packets)
{
    int err = UM_OK;
    uint64_t frame = 0;
    while (!err && packets.left.len > 0) {
        size_t len = um_cursor_u8(&packets);
        size_t cut = len % 7 == 0 ? 20 : 0;
        struct um_span bytes =
            um_cursor_take(&packets, len < packets.left.len ? len : packets.left.len);
        frame++;
        struct um_packet packet = {.bytes = bytes,
                                   .wire_len = (uint32_t)(bytes.len + cut),
                                   .link_type = link_type,
                                   .mark = {.frame = frame, .time_ns = (int64_t)frame * 1000000}};
        err = um_flows_packet(flows, &packet);
    }
    return err;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint32_t link_types[] = {1, 101, 113, 276, 0, 108, 9, 105, 127, 239, 252, 50};
    struct um_limits limits;
    struct um_meter meter = {.max = 1 << 20};
    struct um_flow_events events = {.every = size > 0 && data[0] < 128,
                                    .wanted = is_wanted,
                                    .open = open_flow,
                                    .close = close_flow,
                                    .abandon = abandon_flow};
    struct um_flows *flows;
    um_limits_init(&limits);
    limits.max[UM_LIMIT_FLOWS] = 4;
    limits.max[UM_LIMIT_PENDING] = 600;
    limits.max[UM_LIMIT_PENDING_TOTAL] = 900;
    limits.max[UM_LIMIT_FRAGMENTS] = 2000;
    if (size == 0 || um_flows_new(&limits, &meter, &events, &flows) != UM_OK)
        return 0;
    uint32_t link_type = link_types[data[0] % (sizeof link_types / sizeof *link_types)];
    int err = play(flows, link_type, um_cursor_of(um_span_of(data + 1, size - 1)));
    if (!err)
        err = um_flows_end(flows);
    assert(err == UM_OK);
    um_flows_free(flows);
    assert(meter.used == 0);
    return 0;
}
