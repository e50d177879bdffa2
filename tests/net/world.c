/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw IPv4 packets with right lengths; checksums are left out, nobody reads them. */
#include "tests/net/world.h"

#include <stdio.h>

enum { LINK_ETHERNET = 1, ETHERNET = 14, HEADERS = 40, CLIENT_PORT = 40000 };

static int
say(struct um_buf *buf, const char *text, size_t len)
{
    return um_buf_append(buf, um_span_of(text, len));
}

static int
take_data(void *ctx, const struct um_chunk *chunk)
{
    struct world_side *side = ctx;
    struct heard *heard = side->heard;
    int err = um_buf_append(&heard->text[side->direction], chunk->bytes);
    if (!err)
        err = say(&heard->order, side->direction == 0 ? "c" : "s", 1);
    return !err && side->world->is_enough ? UM_SINK_ENOUGH : err;
}

static int
take_gap(void *ctx, struct um_missing missing, enum um_gap_cause cause, const struct um_mark *where)
{
    static const char *const causes[] = {"", "cut ", "limit ", "unseen "};
    struct world_side *side = ctx;
    char text[48];
    assert_true(where->frame > 0 && missing.most > 0 && missing.least == missing.most);
    int len =
        snprintf(text, sizeof text, "[%s%llu]", causes[cause], (unsigned long long)missing.most);
    int err = say(&side->heard->text[side->direction], text, (size_t)len);
    return err ? err : say(&side->heard->order, side->direction == 0 ? "C" : "S", 1);
}

static int
take_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    static const char *const names[] = {"{F}", "{R}", "{C}", "{E}", "{N}"};
    struct world_side *side = ctx;
    assert_true(where->frame > 0);
    return say(&side->heard->text[side->direction], names[why], 3);
}

static bool
is_wanted(void *ctx, struct um_span payload)
{
    (void)ctx;
    return payload.data[0] == 'a' || payload.data[0] == 'A';
}

static int
open_flow(void *ctx, const struct um_flow_info *info, struct um_sink sinks[2], void **user)
{
    struct world *world = ctx;
    int client = info->ends[0].port == 80 ? 1 : 0; /* its index in the flow */
    int number = info->ends[client].port - CLIENT_PORT;
    assert_in_range(number, 0, WORLD_CLIENTS - 1);
    if (world->opened - world->closed >= world->room)
        return UM_FLOW_NO_ROOM;
    world->opened++;
    for (int i = 0; i < 2; i++) {
        struct world_side *side = &world->sides[number][i];
        *side = (struct world_side){world, &world->heard[number], i};
        sinks[i == 0 ? client : 1 - client] =
            (struct um_sink){.ctx = side, .data = take_data, .gap = take_gap, .end = take_end};
    }
    *user = world;
    return UM_OK;
}

static int
close_flow(void *ctx, void *user)
{
    struct world *world = ctx;
    assert_ptr_equal(user, world);
    world->closed++;
    return UM_OK;
}

static void
abandon_flow(void *ctx, void *user)
{
    struct world *world = ctx;
    assert_ptr_equal(user, world);
    world->abandoned++;
}

void
world_begin(struct world *world)
{
    *world = (struct world){.time_ns = 1000000000, .room = WORLD_CLIENTS};
    um_limits_init(&world->limits);
    world->meter.max = UINT64_MAX;
}

void
world_start(struct world *world)
{
    struct um_flow_events events = {.ctx = world,
                                    .every = world->every,
                                    .wanted = is_wanted,
                                    .open = open_flow,
                                    .close = close_flow,
                                    .abandon = abandon_flow};
    assert_int_equal(um_flows_new(&world->limits, &world->meter, &events, &world->flows), UM_OK);
}

void
world_open(struct world *world)
{
    world_begin(world);
    world_start(world);
}

void
world_connect(struct world *world)
{
    world_open(world);
    world_shake_hands(world);
}

const struct um_flow_stats *
world_stats(const struct world *world)
{
    return um_flows_stats(world->flows);
}

void
world_finish(struct world *world)
{
    um_flows_free(world->flows);
    for (int i = 0; i < WORLD_CLIENTS; i++) {
        um_buf_done(&world->heard[i].text[0]);
        um_buf_done(&world->heard[i].text[1]);
        um_buf_done(&world->heard[i].order);
    }
    assert_int_equal(world->meter.used, 0);
    assert_int_equal(world->opened, world->closed + world->abandoned);
}

static void
put16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void
put32(uint8_t *at, uint32_t value)
{
    put16(at, value >> 16);
    put16(at + 2, value & 0xffff);
}

int
world_send_bytes(struct world *world, int from, uint32_t seq, uint32_t ack, unsigned flags,
                 struct um_span payload, size_t cut)
{
    uint8_t frame[ETHERNET + HEADERS + WORLD_PAYLOAD_MAX] = {[12] = 0x08, [ETHERNET] = 0x45};
    uint8_t *bytes = frame + ETHERNET;
    size_t len = HEADERS + payload.len;
    uint32_t client_port = (uint32_t)(CLIENT_PORT + world->client);
    assert_true(payload.len <= WORLD_PAYLOAD_MAX);
    put16(bytes + 2, (uint32_t)len);
    bytes[8] = 64;
    bytes[9] = 6;
    bytes[12 + 3] = from == 0 ? 1 : 2; /* 0.0.0.1 and 0.0.0.2 */
    bytes[16 + 3] = from == 0 ? 2 : 1;
    put16(bytes + 20, from == 0 ? client_port : 80);
    put16(bytes + 22, from == 0 ? 80 : client_port);
    put32(bytes + 24, seq);
    put32(bytes + 28, ack);
    bytes[32] = 0x50;
    bytes[33] = (uint8_t)flags;
    if (payload.len > 0)
        memcpy(bytes + HEADERS, payload.data, payload.len);
    len += ETHERNET;
    uint8_t *exact = um_test_exact_copy(frame, len - cut);
    struct um_packet packet = {.bytes = um_span_of(exact, len - cut),
                               .wire_len = (uint32_t)len,
                               .link_type = LINK_ETHERNET,
                               .mark = {.frame = ++world->frame, .time_ns = world->time_ns}};
    world->time_ns += 1000000;
    int err = um_flows_packet(world->flows, &packet);
    free(exact);
    return err;
}

void
world_send(struct world *world, int from, uint32_t seq, uint32_t ack, unsigned flags,
           const char *payload)
{
    assert_int_equal(world_send_bytes(world, from, seq, ack, flags, S(payload), 0), UM_OK);
}

void
world_shake_hands(struct world *world)
{
    world_send(world, 0, 100, 0, SYN, "");
    world_send(world, 1, 500, 101, SYN | ACK, "");
    world_send(world, 0, 101, 501, ACK, "");
}

void
world_end_capture(struct world *world)
{
    assert_int_equal(um_flows_end(world->flows), UM_OK);
    assert_int_equal(world->opened, world->closed);
}

void
world_wait(struct world *world, int count, uint32_t seq, uint32_t ack)
{
    for (int i = 0; i < count; i++)
        world_send(world, 1, seq, ack, ACK, "");
}

static void
assert_text(const struct um_buf *buf, const char *wanted)
{
    struct um_span heard = um_buf_span(buf);
    if (!um_span_equal(heard, um_span_text(wanted)))
        fail_msg("heard '%.*s', not '%s'", (int)heard.len, (const char *)heard.data, wanted);
}

void
world_assert_heard(struct world *world, int direction, const char *wanted)
{
    assert_text(&world->heard[world->client].text[direction], wanted);
}

void
world_assert_order(struct world *world, const char *wanted)
{
    assert_text(&world->heard[world->client].order, wanted);
}
