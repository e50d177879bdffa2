/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A segment that is in trouble is held for some steps. */
#include "bench/gen/flow.h"

/* What the receiver of the message can have acknowledged: all before the first unseen segment. */
static uint32_t
acknowledged(const struct um_flow_world *world, const struct um_bench_flow *flow, int side)
{
    uint32_t ack = flow->seq[1 - side];
    if (side == flow->side || world->trouble.acks_ahead)
        return ack;
    for (size_t i = 0; i < flow->held_count; i++) {
        uint32_t hole = flow->base + (uint32_t)flow->held[i].at;
        if (flow->held[i].is_unseen && hole - flow->base < ack - flow->base)
            ack = hole;
    }
    return ack;
}

static void
send(struct um_flow_world *world, struct um_bench_flow *flow, struct um_wire_segment *segment,
     int side)
{
    segment->from = &flow->ends[side];
    segment->to = &flow->ends[1 - side];
    segment->ack = acknowledged(world, flow, side);
    um_wire_send(world->wire, segment);
}

void
um_bench_flow_signal(struct um_flow_world *world, struct um_bench_flow *flow, int side,
                     unsigned flags)
{
    struct um_wire_segment segment = {.seq = flow->seq[side], .flags = (uint8_t)flags};
    send(world, flow, &segment, side);
    if (flags & (UM_WIRE_SYN | UM_WIRE_FIN))
        flow->seq[side]++;
}

void
um_bench_flow_say(struct um_bench_flow *flow, int side, const uint8_t *message, size_t len)
{
    flow->side = side;
    flow->message = message;
    flow->len = len;
    flow->at = 0;
    flow->base = flow->seq[side];
    flow->has_gone = false;
}

/* Bytes of the message as one segment; every second is acknowledged. */
static void
send_part(struct um_flow_world *world, struct um_bench_flow *flow, size_t at, size_t len)
{
    struct um_wire_segment segment = {.seq = flow->base + (uint32_t)at,
                                      .flags = UM_WIRE_ACK,
                                      .data = flow->message + at,
                                      .len = len};
    if (at + len == flow->len)
        segment.flags |= UM_WIRE_PSH;
    send(world, flow, &segment, flow->side);
    if (++flow->unacknowledged < 2)
        return;
    flow->unacknowledged = 0;
    um_bench_flow_signal(world, flow, 1 - flow->side, UM_WIRE_ACK);
}

static void
hold(struct um_bench_flow *flow, size_t at, size_t len, unsigned wait, bool is_unseen)
{
    flow->held[flow->held_count++] =
        (struct um_held){.at = at, .len = len, .wait = wait, .is_unseen = is_unseen};
}

/* Sends one again, now and then cut in two pieces that overlap. */
static void
send_held(struct um_flow_world *world, struct um_bench_flow *flow, const struct um_held *held)
{
    if (held->len < 500 || !um_dice_permille(world->dice, 300)) {
        send_part(world, flow, held->at, held->len);
        return;
    }
    size_t cut = um_dice_between(world->dice, 1, (uint32_t)held->len - 1);
    size_t back = um_dice_between(world->dice, 0, (uint32_t)cut);
    world->overlaps++;
    send_part(world, flow, held->at, cut);
    send_part(world, flow, held->at + cut - back, held->len - cut + back);
}

static void
release(struct um_flow_world *world, struct um_bench_flow *flow, bool all)
{
    for (size_t i = 0; i < flow->held_count;) {
        if (!all && --flow->held[i].wait > 0) {
            i++;
            continue;
        }
        struct um_held held = flow->held[i];
        flow->held_count--;
        for (size_t k = i; k < flow->held_count; k++)
            flow->held[k] = flow->held[k + 1];
        send_held(world, flow, &held);
    }
}

/* The segment begins before the end of the one before it. */
static void
send_overlapping(struct um_flow_world *world, struct um_bench_flow *flow, size_t at, size_t len)
{
    size_t back = um_dice_between(world->dice, 1, at < 400 ? (uint32_t)at : 400);
    world->overlaps++;
    send_part(world, flow, at - back, back + len / 2);
    if (len > len / 2)
        send_part(world, flow, at + len / 2, len - len / 2);
}

/* One segment with what befalls it. */
static void
send_troubled(struct um_flow_world *world, struct um_bench_flow *flow, size_t at, size_t len)
{
    const struct um_trouble *trouble = &world->trouble;
    struct um_dice *dice = world->dice;
    uint32_t fate = um_dice_between(dice, 0, 999), bound = trouble->lost;
    bool has_room = flow->held_count < UM_FLOW_HELD_MAX - 1;
    if (has_room && fate < bound) {
        world->lost++;
        hold(flow, at, len, um_dice_between(dice, 3, 12), true);
    } else if (has_room && fate < (bound += trouble->late)) {
        world->late++;
        hold(flow, at, len, um_dice_between(dice, 2, 4), true);
    } else if (has_room && fate < (bound += trouble->twice)) {
        world->twice++;
        send_part(world, flow, at, len);
        hold(flow, at, len, um_dice_between(dice, 2, 8), false);
    } else if (at > 0 && fate < (bound += trouble->overlap)) {
        send_overlapping(world, flow, at, len);
    } else if (fate < bound + trouble->gone) {
        world->gone++;
        world->gone_bytes += len;
        flow->has_gone = true;
    } else {
        send_part(world, flow, at, len);
    }
}

bool
um_bench_flow_step(struct um_flow_world *world, struct um_bench_flow *flow)
{
    size_t at = flow->at, len = flow->len - at;
    if (len > world->segment_bytes)
        len = world->segment_bytes;
    flow->at += len;
    world->said += len;
    flow->seq[flow->side] = flow->base + (uint32_t)flow->at;
    if (len > 0)
        send_troubled(world, flow, at, len);
    bool is_over = flow->at == flow->len;
    release(world, flow, is_over);
    return is_over;
}
