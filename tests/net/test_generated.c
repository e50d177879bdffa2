/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Dialogues made by chance from a seed: messages in turn, cut into segments, which are then
 * reordered, stored twice, cut again in other places, some with other bytes, some cut by the snap
 * length, some never captured. What must come out is known byte by byte: the copy captured first,
 * else a hole; and no byte of a message before those it answers. Of some bytes the one who hears
 * says in time that they are of no use: of those only the number must be right.
 * A failure names its seed: test_net_generated SEED plays that one alone.
 */
#include <stdio.h>

#include "tests/net/world.h"

enum { CASES = 20000 };
enum { MESSAGES_MAX = 8, MESSAGE_BYTES_MAX = 160, SEGMENT_MAX = 40, PACKETS_MAX = 600 };
enum { BYTES_MAX = MESSAGES_MAX * MESSAGE_BYTES_MAX, SHIFT_MAX = 5 /* places, when reordered */ };

enum place { PLACE_NONE, PLACE_BYTE, PLACE_CUT, PLACE_LOST, PLACE_PASSED };

/* One direction: what was sent, what of it was captured, and what was heard. */
struct direction {
    struct dialogue *dialogue;
    int side;
    uint32_t base;
    size_t len;              /* bytes sent */
    size_t needs[BYTES_MAX]; /* bytes of the other direction that went before */
    bool has_fin;            /* and it was captured */
    size_t acked;            /* by captured packets of the other side */
    size_t captured_end;     /* behind the last captured byte */
    enum place place[BYTES_MAX];
    uint8_t byte[BYTES_MAX];
    size_t useless_from, useless_to; /* those who hear have no use for these bytes */
    size_t heard_end;
    enum place
        heard_place[BYTES_MAX + 1]; /* the FIN's number may count as a byte, when it is lost */
    uint8_t heard_byte[BYTES_MAX + 1];
    bool is_ended;
};

struct packet {
    int from;
    size_t at, len, cut;
    size_t ack;
    bool is_fin;
    bool is_other; /* not the bytes that were sent first */
    uint64_t order;
};

struct dialogue {
    uint64_t seed, chance;
    struct direction directions[2];
    struct packet packets[PACKETS_MAX];
    size_t packet_count;
    bool has_conflict;
    bool has_begun; /* something was captured that makes flows look at it */
};

static size_t
below(struct dialogue *dialogue, size_t limit)
{
    return (size_t)(um_test_random(&dialogue->chance) % limit);
}

static bool
one_in(struct dialogue *dialogue, size_t count)
{
    return below(dialogue, count) == 0;
}

#define check(dialogue, is_true)                                                                   \
    do {                                                                                           \
        if (!(is_true))                                                                            \
            fail_msg("seed %llu: not so: %s", (unsigned long long)(dialogue)->seed, #is_true);     \
    } while (0)

/* ---- what comes out ---- */

static int
useless(const struct direction *own)
{
    bool is_useless = own->heard_end >= own->useless_from && own->heard_end < own->useless_to;
    return is_useless ? (int)(own->useless_to - own->heard_end) : UM_OK;
}

static void
take_passed(void *ctx, uint64_t bytes, const struct um_mark *last)
{
    struct direction *own = ctx;
    (void)last;
    check(own->dialogue, !own->is_ended && bytes > 0 && bytes <= (uint64_t)useless(own));
    for (uint64_t i = 0; i < bytes; i++)
        own->heard_place[own->heard_end++] = PLACE_PASSED;
}

static int
take_data(void *ctx, const struct um_chunk *chunk)
{
    struct direction *own = ctx;
    struct dialogue *dialogue = own->dialogue;
    const struct direction *other = &dialogue->directions[1 - own->side];
    size_t at = own->heard_end;
    check(dialogue, !own->is_ended && chunk->offset == at && at + chunk->bytes.len <= own->len);
    for (size_t i = 0; i < chunk->bytes.len; i++) {
        /* one missing byte is as likely a FIN, and is not waited for; that useless bytes have
         * passed may be told later */
        size_t heard_end = useless(other) > 0 ? other->useless_to : other->heard_end;
        check(dialogue, heard_end + 1 >= own->needs[at + i]);
        own->heard_place[at + i] = PLACE_BYTE;
        own->heard_byte[at + i] = chunk->bytes.data[i];
    }
    own->heard_end += chunk->bytes.len;
    return useless(own);
}

static int
take_gap(void *ctx, struct um_missing missing, enum um_gap_cause cause, const struct um_mark *where)
{
    struct direction *own = ctx;
    (void)where;
    check(own->dialogue, !own->is_ended && own->heard_end + missing.most <= own->len + 1);
    for (uint64_t i = 0; i < missing.most; i++)
        own->heard_place[own->heard_end++] = cause == UM_GAP_CUT ? PLACE_CUT : PLACE_LOST;
    return useless(own);
}

static int
take_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    struct direction *own = ctx;
    (void)where;
    check(own->dialogue, !own->is_ended && why == (own->has_fin ? UM_END_FIN : UM_END_CAPTURE));
    own->is_ended = true;
    return UM_OK;
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
    struct dialogue *dialogue = ctx;
    for (int i = 0; i < 2; i++) {
        struct direction *direction = &dialogue->directions[info->ends[i].port == 80 ? 1 : 0];
        sinks[i] =
            (struct um_sink){.ctx = direction, .data = take_data, .gap = take_gap, .end = take_end};
        if (direction->useless_to > 0)
            sinks[i].passed = take_passed;
    }
    *user = dialogue;
    return UM_OK;
}

static int
close_flow(void *ctx, void *user)
{
    assert_ptr_equal(ctx, user);
    return UM_OK;
}

/* ---- what goes in ---- */

static uint8_t
byte_at(int from, size_t at)
{
    if (at == 0)
        return from == 0 ? 'a' : 'A';
    return (uint8_t)(at * 7 + (at >> 8) + (size_t)from * 3);
}

static void
add_packet(struct dialogue *dialogue, struct packet packet, size_t shift)
{
    assert_true(dialogue->packet_count < PACKETS_MAX);
    packet.order = (dialogue->packet_count + shift) * 1000 + dialogue->packet_count;
    dialogue->packets[dialogue->packet_count++] = packet;
}

static size_t
shift(struct dialogue *dialogue)
{
    return one_in(dialogue, 4) ? below(dialogue, SHIFT_MAX + 1) : 0;
}

/* The bytes from `begin` to `end`, in segments, with what can happen to them. */
static void
add_message(struct dialogue *dialogue, int from, size_t begin, size_t end, size_t ack)
{
    for (size_t at = begin; at < end;) {
        size_t len = 1 + below(dialogue, SEGMENT_MAX);
        struct packet packet = {
            .from = from, .at = at, .len = len < end - at ? len : end - at, .ack = ack};
        at += packet.len;
        if (one_in(dialogue, 12))
            packet.cut = below(dialogue, packet.len);
        add_packet(dialogue, packet, shift(dialogue));
        if (one_in(dialogue, 6)) /* stored twice */
            add_packet(dialogue, packet, shift(dialogue));
        if (!one_in(dialogue, 5))
            continue;
        struct packet again = {.from = from, .at = begin + below(dialogue, at - begin), .ack = ack};
        size_t most = at - again.at < SEGMENT_MAX ? at - again.at : SEGMENT_MAX;
        again.len = 1 + below(dialogue, most);
        again.is_other = one_in(dialogue, 4);
        add_packet(dialogue, again, shift(dialogue));
    }
}

static void
make_packets(struct dialogue *dialogue)
{
    struct direction *directions = dialogue->directions;
    size_t messages = 1 + below(dialogue, MESSAGES_MAX);
    for (size_t i = 0; i < messages; i++) {
        int from = (int)(i % 2);
        struct direction *own = &directions[from], *other = &directions[1 - from];
        size_t begin = own->len, end = begin + 1 + below(dialogue, MESSAGE_BYTES_MAX);
        for (size_t at = begin; at < end; at++)
            own->needs[at] = other->len;
        add_message(dialogue, from, begin, end, other->len);
        own->len = end;
        if (one_in(dialogue, 3)) /* the other side says that it has all */
            add_packet(dialogue, (struct packet){.from = 1 - from, .at = other->len, .ack = end},
                       shift(dialogue));
    }
    for (int from = 0; from < 2; from++) {
        size_t ack = directions[1 - from].len + (from == 1 ? 1 : 0);
        if (one_in(dialogue, 2))
            add_packet(dialogue,
                       (struct packet){
                           .from = from, .at = directions[from].len, .ack = ack, .is_fin = true},
                       0);
        else
            break;
    }
}

static int
by_order(const void *a, const void *b)
{
    const struct packet *left = a, *right = b;
    return (left->order > right->order) - (left->order < right->order);
}

/* What a captured packet changes of what must be heard. */
static void
expect(struct dialogue *dialogue, const struct packet *packet, const uint8_t *bytes)
{
    struct direction *own = &dialogue->directions[packet->from];
    struct direction *other = &dialogue->directions[1 - packet->from];
    for (size_t i = 0; i < packet->len; i++) {
        size_t at = packet->at + i;
        if (own->place[at] != PLACE_NONE)
            continue;
        own->place[at] = i < packet->len - packet->cut ? PLACE_BYTE : PLACE_CUT;
        own->byte[at] = bytes[i];
    }
    size_t end = packet->len > 0 ? packet->at + packet->len : 0;
    own->captured_end = end > own->captured_end ? end : own->captured_end;
    dialogue->has_begun =
        dialogue->has_begun || packet->len > 0 || (packet->is_fin && packet->at > 0);
    own->has_fin = own->has_fin || (packet->is_fin && dialogue->has_begun);
    if (dialogue->has_begun && packet->ack > other->acked)
        other->acked = packet->ack;
}

static void
capture(struct dialogue *dialogue, struct world *world, const struct packet *packet)
{
    const struct direction *own = &dialogue->directions[packet->from];
    uint8_t bytes[SEGMENT_MAX];
    for (size_t i = 0; i < packet->len; i++) {
        bytes[i] = byte_at(packet->from, packet->at + i);
        if (packet->is_other && packet->at + i > 0)
            bytes[i] ^= 1;
    }
    dialogue->has_conflict = dialogue->has_conflict || packet->is_other;
    expect(dialogue, packet, bytes);
    uint32_t ack = dialogue->directions[1 - packet->from].base + (uint32_t)packet->ack;
    int err = world_send_bytes(world, packet->from, own->base + (uint32_t)packet->at, ack,
                               ACK | (packet->is_fin ? FIN : 0), um_span_of(bytes, packet->len),
                               packet->cut);
    check(dialogue, err == UM_OK);
}

/* ---- the comparison ---- */

static void
compare(const struct dialogue *dialogue, const struct direction *own)
{
    size_t end = own->captured_end > own->acked ? own->captured_end : own->acked;
    if (own->has_fin)
        end = own->len;
    check(dialogue, own->is_ended);
    /* without the FIN the last missing number may be its own */
    bool may_be_fin = !own->has_fin && end > own->captured_end;
    check(dialogue, own->heard_end == end || (may_be_fin && own->heard_end == end - 1));
    for (size_t at = 0; at < own->heard_end; at++) {
        enum place wanted =
            at >= own->len || own->place[at] == PLACE_NONE ? PLACE_LOST : own->place[at];
        if (own->heard_place[at] == PLACE_PASSED) {
            check(dialogue, wanted == PLACE_BYTE);
            continue;
        }
        check(dialogue, own->heard_place[at] == wanted);
        check(dialogue, wanted != PLACE_BYTE || own->heard_byte[at] == own->byte[at]);
    }
}

static uint64_t
count_lost(const struct dialogue *dialogue)
{
    uint64_t lost = 0;
    for (int side = 0; side < 2; side++) {
        for (size_t at = 0; at < dialogue->directions[side].heard_end; at++)
            lost += dialogue->directions[side].heard_place[at] == PLACE_LOST;
    }
    return lost;
}

static void
shake_hands(const struct dialogue *dialogue, struct world *world)
{
    uint32_t client = dialogue->directions[0].base, server = dialogue->directions[1].base;
    world_send(world, 0, client - 1, 0, SYN, "");
    world_send(world, 1, server - 1, client, SYN | ACK, "");
    world_send(world, 0, client, server, ACK, "");
}

static void
play(uint64_t seed)
{
    static struct dialogue dialogue;
    dialogue = (struct dialogue){.seed = seed, .chance = seed};
    for (int side = 0; side < 2; side++) {
        dialogue.directions[side].dialogue = &dialogue;
        dialogue.directions[side].side = side;
        dialogue.directions[side].base = (uint32_t)below(&dialogue, UINT32_MAX);
        if (one_in(&dialogue, 2)) /* near the wrap */
            dialogue.directions[side].base |= 0xffffff00U;
    }
    bool every = one_in(&dialogue, 2), is_lossy = one_in(&dialogue, 2);
    dialogue.has_begun = every;
    make_packets(&dialogue);
    for (int side = 0; side < 2; side++) {
        struct direction *own = &dialogue.directions[side];
        if (own->len == 0 || one_in(&dialogue, 2))
            continue;
        own->useless_from = below(&dialogue, own->len);
        own->useless_to = own->useless_from + 1 + below(&dialogue, own->len - own->useless_from);
    }
    qsort(dialogue.packets, dialogue.packet_count, sizeof *dialogue.packets, by_order);

    struct world world;
    world_begin(&world);
    struct um_flow_events events = {.ctx = &dialogue,
                                    .every = every,
                                    .wanted = is_wanted,
                                    .open = open_flow,
                                    .close = close_flow};
    assert_int_equal(um_flows_new(&world.limits, &world.meter, &events, &world.flows), UM_OK);
    shake_hands(&dialogue, &world);
    for (size_t i = 0; i < dialogue.packet_count; i++) {
        struct packet *packet = &dialogue.packets[i];
        bool is_first = packet->at == 0 && packet->len > 0;
        if (is_first && !every) /* what is to be followed must show its first bytes */
            packet->cut = 0;
        if ((is_first && !every) || !is_lossy || !one_in(&dialogue, 10))
            capture(&dialogue, &world, packet);
    }
    assert_int_equal(um_flows_end(world.flows), UM_OK);
    const struct um_flow_stats *stats = um_flows_stats(world.flows);
    compare(&dialogue, &dialogue.directions[0]);
    compare(&dialogue, &dialogue.directions[1]);
    check(&dialogue, stats->connections == 1);
    check(&dialogue, stats->lost_bytes == count_lost(&dialogue));
    check(&dialogue, stats->conflicts == 0 || dialogue.has_conflict);
    world_finish(&world);
}

static uint64_t only_seed; /* 0: all */

static void
dialogues_come_out_byte_by_byte_with_exactly_their_holes(void **state)
{
    (void)state;
    if (only_seed != 0)
        play(only_seed);
    for (uint64_t seed = 1; seed <= CASES && only_seed == 0; seed++)
        play(seed);
}

int
main(int argc, char **argv)
{
    only_seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dialogues_come_out_byte_by_byte_with_exactly_their_holes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
