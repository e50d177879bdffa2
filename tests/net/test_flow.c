/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flows from packets made in memory. What comes out of a direction is written as text: captured
 * bytes as they are, a hole as [n], the end as its initial in braces.
 */
#include "tests/support/support.h"

#include <stdio.h>

#include "core/base/buf.h"
#include "offline/net/flow.h"

enum { LINK_RAW = 101, FIN = 1, SYN = 2, RST = 4, ACK = 16, PACKET_MAX = 2048 };

struct heard {
    struct um_buf text[2]; /* by direction: 0 is the client's */
    struct um_buf order;   /* 'c' or 's' for each chunk, as it was delivered */
    bool is_enough;
    unsigned opened, closed;
};

struct side {
    struct heard *heard;
    int direction;
};

struct world {
    struct heard heard;
    struct side sides[2];
    struct um_limits limits;
    struct um_meter meter;
    struct um_flows *flows;
    uint64_t frame;
    int64_t time_ns;
};

static int
say(struct um_buf *buf, const char *text, size_t len)
{
    return um_buf_append(buf, um_span_of(text, len));
}

static int
take_data(void *ctx, const struct um_chunk *chunk)
{
    struct side *side = ctx;
    int err =
        say(&side->heard->text[side->direction], (const char *)chunk->bytes.data, chunk->bytes.len);
    if (!err)
        err = say(&side->heard->order, side->direction == 0 ? "c" : "s", 1);
    if (err)
        return err;
    return side->heard->is_enough ? UM_SINK_ENOUGH : UM_OK;
}

static int
take_gap(void *ctx, uint64_t missing, enum um_gap_cause cause, const struct um_mark *where)
{
    struct side *side = ctx;
    (void)where;
    char text[32];
    int len = snprintf(text, sizeof text, "[%s%llu]", cause == UM_GAP_CUT ? "cut " : "",
                       (unsigned long long)missing);
    return say(&side->heard->text[side->direction], text, (size_t)len);
}

static int
take_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    static const char *const names[] = {"{F}", "{R}", "{C}", "{E}", "{N}"};
    struct side *side = ctx;
    (void)where;
    return say(&side->heard->text[side->direction], names[why], 3);
}

/* Whatever begins with a letter of a message is wanted. */
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
    bool client_first = info->ends[0].port == 40000;
    world->heard.opened++;
    for (int i = 0; i < 2; i++) {
        struct side *side = &world->sides[client_first ? i : 1 - i];
        sinks[i] =
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
    world->heard.closed++;
    return UM_OK;
}

static void
begin(struct world *world)
{
    *world = (struct world){.time_ns = 1000000000};
    for (int i = 0; i < 2; i++)
        world->sides[i] = (struct side){.heard = &world->heard, .direction = i};
    um_limits_init(&world->limits);
    world->meter.max = UINT64_MAX;
}

static void
start(struct world *world)
{
    struct um_flow_events events = {
        .ctx = world, .wanted = is_wanted, .open = open_flow, .close = close_flow};
    assert_int_equal(um_flows_new(&world->limits, &world->meter, &events, &world->flows), UM_OK);
}

static void
finish(struct world *world)
{
    um_flows_free(world->flows);
    um_buf_done(&world->heard.text[0]);
    um_buf_done(&world->heard.text[1]);
    um_buf_done(&world->heard.order);
    assert_int_equal(world->meter.used, 0);
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

/* One segment of the client (0) or the server (1), of which `cut` bytes were not captured. */
static int
send_cut(struct world *world, int from, uint32_t seq, uint32_t ack, unsigned flags,
         const char *payload, size_t cut)
{
    uint8_t bytes[PACKET_MAX] = {0x45};
    size_t len = strlen(payload);
    put16(bytes + 2, (uint32_t)(40 + len));
    bytes[8] = 64;
    bytes[9] = 6;
    bytes[12 + 3] = from == 0 ? 1 : 2; /* 0.0.0.1 and 0.0.0.2 */
    bytes[16 + 3] = from == 0 ? 2 : 1;
    put16(bytes + 20, from == 0 ? 40000 : 80);
    put16(bytes + 22, from == 0 ? 80 : 40000);
    put32(bytes + 24, seq);
    put32(bytes + 28, ack);
    bytes[32] = 0x50;
    bytes[33] = (uint8_t)flags;
    memcpy(bytes + 40, payload, len);
    uint8_t *exact = um_test_exact_copy(bytes, 40 + len - cut);
    struct um_packet packet = {.bytes = um_span_of(exact, 40 + len - cut),
                               .wire_len = (uint32_t)(40 + len),
                               .link_type = LINK_RAW,
                               .mark = {.frame = ++world->frame, .time_ns = world->time_ns}};
    world->time_ns += 1000000;
    int err = um_flows_packet(world->flows, &packet);
    free(exact);
    return err;
}

static void
send(struct world *world, int from, uint32_t seq, uint32_t ack, unsigned flags, const char *payload)
{
    assert_int_equal(send_cut(world, from, seq, ack, flags, payload, 0), UM_OK);
}

/* Client's first byte is 101, the server's 501. */
static void
shake_hands(struct world *world)
{
    send(world, 0, 100, 0, SYN, "");
    send(world, 1, 500, 101, SYN | ACK, "");
    send(world, 0, 101, 501, ACK, "");
}

static void
assert_heard(struct world *world, int direction, const char *wanted)
{
    struct um_span heard = um_buf_span(&world->heard.text[direction]);
    if (!um_span_equal(heard, um_span_text(wanted)))
        fail_msg("heard '%.*s', not '%s'", (int)heard.len, (const char *)heard.data, wanted);
}

static void
end_capture(struct world *world)
{
    assert_int_equal(um_flows_end(world->flows), UM_OK);
    assert_int_equal(world->heard.opened, world->heard.closed);
}

/* ---- order ---- */

struct piece {
    uint32_t seq;
    const char *bytes;
};

static void
permute(struct piece *pieces, size_t count, size_t fixed, unsigned *tried)
{
    if (fixed < count) {
        for (size_t i = fixed; i < count; i++) {
            struct piece swap = pieces[fixed];
            pieces[fixed] = pieces[i];
            pieces[i] = swap;
            permute(pieces, count, fixed + 1, tried);
            pieces[i] = pieces[fixed];
            pieces[fixed] = swap;
        }
        return;
    }
    struct world world;
    begin(&world);
    start(&world);
    shake_hands(&world);
    for (size_t i = 0; i < count; i++)
        send(&world, 0, pieces[i].seq, 501, ACK, pieces[i].bytes);
    end_capture(&world);
    assert_heard(&world, 0, "abcdefghij{C}");
    finish(&world);
    ++*tried;
}

static void
every_order_of_six_segments_with_a_duplicate_and_an_overlap_gives_the_same(void **state)
{
    (void)state;
    struct piece pieces[] = {{101, "abc"}, {104, "def"}, {107, "gh"},
                             {109, "ij"},  {104, "def"}, {105, "efgh"}};
    unsigned tried = 0;
    permute(pieces, 6, 0, &tried);
    assert_int_equal(tried, 720);
}

static void
sequence_numbers_wrap(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    start(&world);
    send(&world, 0, 0xfffffffc, 0, SYN, "");
    send(&world, 0, 0xfffffffd, 0, ACK, "abc");
    send(&world, 0, 2, 0, ACK, "fg");
    send(&world, 0, 0, 0, ACK, "de");
    end_capture(&world);
    assert_heard(&world, 0, "abcdefg{C}");
    finish(&world);
}

static void
reply_stored_before_its_request_is_delivered_after_it(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    start(&world);
    shake_hands(&world);
    send(&world, 1, 501, 104, ACK, "ABC");
    send(&world, 0, 101, 501, ACK, "abc");
    assert_heard(&world, 0, "abc");
    assert_heard(&world, 1, "ABC");
    assert_span_equal(um_buf_span(&world.heard.order), S("cs"));
    finish(&world);
}

static void
packets_stored_twice_are_heard_once(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    start(&world);
    for (int i = 0; i < 2; i++)
        send(&world, 0, 100, 0, SYN, "");
    for (int i = 0; i < 2; i++)
        send(&world, 0, 101, 501, ACK, "abc");
    for (int i = 0; i < 2; i++)
        send(&world, 0, 104, 501, ACK | FIN, "");
    end_capture(&world);
    assert_heard(&world, 0, "abc{F}");
    finish(&world);
}

static void
first_copy_of_bytes_wins_and_the_other_is_counted(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    start(&world);
    shake_hands(&world);
    send(&world, 0, 104, 501, ACK, "def");
    send(&world, 0, 104, 501, ACK, "xyz");
    send(&world, 0, 101, 501, ACK, "abc");
    end_capture(&world);
    assert_heard(&world, 0, "abcdef{C}");
    assert_int_equal(um_flows_stats(world.flows)->conflicts, 1);
    finish(&world);
}

/* ---- holes ---- */

static void
hole_that_was_acknowledged_is_given_up_once_the_next_packets_do_not_fill_it(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    start(&world);
    shake_hands(&world);
    send(&world, 0, 101, 501, ACK, "abc");
    send(&world, 0, 108, 501, ACK, "hi");
    send(&world, 1, 501, 110, ACK, "AB");
    assert_heard(&world, 0, "abc");
    for (int i = 0; i < 31; i++)
        send(&world, 1, 503, 110, ACK, "");
    assert_heard(&world, 0, "abc");
    send(&world, 1, 503, 110, ACK, "");
    assert_heard(&world, 0, "abc[4]hi");
    assert_heard(&world, 1, "AB");
    assert_int_equal(um_flows_stats(world.flows)->lost_bytes, 4);
    assert_int_equal(um_flows_stats(world.flows)->lost_streams, 1);
    finish(&world);
}

static void
hole_that_nobody_acknowledged_waits_to_the_end(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    start(&world);
    shake_hands(&world);
    send(&world, 0, 101, 501, ACK, "abc");
    send(&world, 0, 108, 501, ACK, "hi");
    for (int i = 0; i < 50; i++)
        send(&world, 1, 501, 104, ACK, "");
    assert_heard(&world, 0, "abc");
    send(&world, 0, 104, 501, ACK, "defg");
    assert_heard(&world, 0, "abcdefghi");
    finish(&world);
}

static void
bytes_acknowledged_and_never_captured_are_a_hole_at_the_end(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    start(&world);
    shake_hands(&world);
    send(&world, 0, 101, 501, ACK, "abc");
    send(&world, 1, 501, 110, ACK, "AB");
    end_capture(&world);
    assert_heard(&world, 0, "abc[6]{C}");
    assert_heard(&world, 1, "AB{C}");
    assert_int_equal(um_flows_stats(world.flows)->lost_bytes, 6);
    finish(&world);
}

static void
fin_that_was_not_captured_is_no_lost_byte(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    start(&world);
    shake_hands(&world);
    send(&world, 0, 101, 501, ACK, "abc");
    send(&world, 1, 501, 105, ACK, "AB"); /* 104 was the FIN */
    end_capture(&world);
    assert_heard(&world, 0, "abc{C}");
    assert_int_equal(um_flows_stats(world.flows)->lost_bytes, 0);
    finish(&world);
}

static void
bytes_cut_by_the_snap_length_are_a_hole_but_no_loss(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    start(&world);
    shake_hands(&world);
    assert_int_equal(send_cut(&world, 0, 101, 501, ACK, "abcdef", 2), UM_OK);
    send(&world, 0, 107, 501, ACK, "gh");
    end_capture(&world);
    assert_heard(&world, 0, "abcd[cut 2]gh{C}");
    assert_int_equal(um_flows_stats(world.flows)->lost_bytes, 0);
    finish(&world);
}

/* ---- beginnings ---- */

static void
capture_may_begin_in_the_middle(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    start(&world);
    send(&world, 0, 7000, 9000, ACK, "zzz"); /* the rest of something: not wanted */
    send(&world, 0, 7003, 9000, ACK, "abc");
    send(&world, 1, 9000, 7006, ACK, "ABC");
    end_capture(&world);
    assert_heard(&world, 0, "abc{C}");
    assert_heard(&world, 1, "ABC{C}");
    assert_int_equal(um_flows_stats(world.flows)->lost_bytes, 0);
    finish(&world);
}

static void
what_is_not_wanted_costs_nothing(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    start(&world);
    for (uint32_t i = 0; i < 1000; i++) {
        send(&world, 0, i * 1000, 0, SYN, "");
        send(&world, 0, i * 1000 + 1, 0, ACK, "zzz");
    }
    assert_int_equal(world.meter.peak, 0);
    end_capture(&world);
    assert_int_equal(world.heard.opened, 0);
    finish(&world);
}

static void
missing_direction_is_told_to_the_sink_and_is_no_loss(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    start(&world);
    send(&world, 0, 101, 501, ACK, "abc");
    send(&world, 0, 104, 601, ACK, "def");
    end_capture(&world);
    assert_heard(&world, 0, "abcdef{C}");
    assert_heard(&world, 1, "[100]{C}");
    assert_int_equal(um_flows_stats(world.flows)->lost_bytes, 0);
    assert_int_equal(um_flows_stats(world.flows)->one_sided, 1);
    finish(&world);
}

static void
new_syn_on_the_same_ports_is_a_new_connection(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    start(&world);
    shake_hands(&world);
    send(&world, 0, 101, 501, ACK, "abc");
    send(&world, 0, 9100, 0, SYN, "");
    send(&world, 0, 9101, 0, ACK, "axy");
    end_capture(&world);
    assert_heard(&world, 0, "abc{N}axy{C}");
    assert_int_equal(um_flows_stats(world.flows)->connections, 2);
    finish(&world);
}

static void
late_retransmission_of_a_closed_connection_begins_nothing(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    start(&world);
    shake_hands(&world);
    send(&world, 0, 101, 501, ACK | FIN, "abc");
    send(&world, 1, 501, 105, ACK | FIN, "ABC");
    assert_int_equal(world.heard.closed, 1);
    send(&world, 0, 101, 501, ACK | FIN, "abc");
    send(&world, 1, 501, 105, ACK | FIN, "ABC");
    end_capture(&world);
    assert_int_equal(world.heard.opened, 1);
    assert_heard(&world, 0, "abc{F}");
    assert_heard(&world, 1, "ABC{F}");
    finish(&world);
}

/* ---- ends ---- */

static void
reset_ends_its_side_and_the_other_goes_on(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    start(&world);
    shake_hands(&world);
    send(&world, 0, 101, 501, ACK, "abc");
    send(&world, 0, 104, 501, RST, "");
    assert_heard(&world, 0, "abc{R}");
    send(&world, 1, 501, 104, ACK, "ABC");
    end_capture(&world);
    assert_heard(&world, 1, "ABC{R}");
    finish(&world);
}

static void
reset_far_outside_the_window_is_ignored(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    start(&world);
    shake_hands(&world);
    send(&world, 0, 101, 501, ACK, "abc");
    send(&world, 0, 5000104, 501, RST, "");
    send(&world, 0, 104, 501, ACK, "def");
    assert_heard(&world, 0, "abcdef");
    finish(&world);
}

static void
keep_alive_probes_and_data_after_the_fin_say_nothing(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    start(&world);
    shake_hands(&world);
    send(&world, 0, 101, 501, ACK, "abc");
    send(&world, 0, 103, 501, ACK, "x"); /* repeats the last place, with another byte */
    send(&world, 0, 103, 501, ACK, "");
    send(&world, 0, 104, 501, ACK | FIN, "de");
    send(&world, 0, 106, 501, ACK, "zz");
    end_capture(&world);
    assert_heard(&world, 0, "abcde{F}");
    finish(&world);
}

/* ---- limits ---- */

static void
pending_bytes_at_the_limit_are_held_and_one_above_gives_up_the_hole(void **state)
{
    (void)state;
    for (size_t extra = 0; extra < 2; extra++) {
        struct world world;
        begin(&world);
        world.limits.max[UM_LIMIT_PENDING] = 6;
        start(&world);
        shake_hands(&world);
        send(&world, 0, 101, 501, ACK, "abc");
        send(&world, 0, 105, 501, ACK, extra ? "efghijk" : "efghij");
        assert_heard(&world, 0, extra ? "abc[1]efghijk" : "abc");
        assert_int_equal(um_flows_stats(world.flows)->pending_dropped, extra);
        finish(&world);
    }
}

static void
connection_above_the_limit_evicts_the_oldest(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    world.limits.max[UM_LIMIT_FLOWS] = 1;
    start(&world);
    shake_hands(&world);
    send(&world, 0, 101, 501, ACK, "abc");
    /* the same ports between other addresses would be another flow: swapped roles will do */
    uint8_t bytes[44] = {0x45, 0, 0,    44,  0, 0, 0, 0, 64, 6, 0,   0,   9,   9,  9,
                         9,    8, 8,    8,   8, 1, 2, 3, 4,  0, 0,   0,   1,   0,  0,
                         0,    0, 0x50, ACK, 0, 0, 0, 0, 0,  0, 'a', 'x', 'y', 'z'};
    struct um_packet packet = {.bytes = um_span_of(bytes, sizeof bytes),
                               .wire_len = sizeof bytes,
                               .link_type = LINK_RAW,
                               .mark = {.frame = 100, .time_ns = world.time_ns}};
    assert_int_equal(um_flows_packet(world.flows, &packet), UM_OK);
    assert_heard(&world, 0, "abc{E}");
    assert_int_equal(um_flows_stats(world.flows)->evicted, 1);
    finish(&world);
}

static void
sink_that_has_enough_hears_only_the_end(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    world.heard.is_enough = true;
    start(&world);
    shake_hands(&world);
    send(&world, 0, 101, 501, ACK, "abc");
    send(&world, 0, 104, 501, ACK, "def");
    send(&world, 0, 120, 501, ACK, "xyz");
    end_capture(&world);
    assert_heard(&world, 0, "abc{C}");
    assert_int_equal(um_flows_stats(world.flows)->lost_bytes, 0);
    finish(&world);
}

/* ---- chance ---- */

enum { STREAM_BYTES = 400, SEGMENT_MAX = 40 };

/*
 * A known stream cut anywhere, sent in shuffled order with repeats and overlaps, some bytes never:
 * what comes out is the stream with exactly the missing bytes as holes.
 */
static void
play_by_chance(uint64_t seed)
{
    char stream[STREAM_BYTES + 1];
    bool sent[STREAM_BYTES] = {false};
    for (size_t i = 0; i < STREAM_BYTES; i++)
        stream[i] = (char)('a' + i % 26);
    stream[STREAM_BYTES] = '\0';

    struct world world;
    begin(&world);
    start(&world);
    shake_hands(&world);
    send(&world, 0, 101, 501, ACK, "abcd");
    memset(sent, true, 4);
    for (int i = 0; i < 40; i++) {
        size_t at = um_test_random(&seed) % STREAM_BYTES;
        size_t len = 1 + um_test_random(&seed) % SEGMENT_MAX;
        len = len < STREAM_BYTES - at ? len : STREAM_BYTES - at;
        char segment[SEGMENT_MAX + 1] = {0};
        memcpy(segment, stream + at, len);
        memset(sent + at, true, len);
        send(&world, 0, (uint32_t)(101 + at), 501, ACK, segment);
    }
    end_capture(&world);

    struct um_buf wanted = {0};
    size_t last = STREAM_BYTES;
    while (last > 0 && !sent[last - 1])
        last--; /* what nobody sent or acknowledged at the end did not exist */
    for (size_t i = 0; i < last;) {
        size_t begin_at = i;
        while (i < last && sent[i] == sent[begin_at])
            i++;
        char hole[32];
        if (sent[begin_at])
            say(&wanted, stream + begin_at, i - begin_at);
        else
            say(&wanted, hole, (size_t)snprintf(hole, sizeof hole, "[%zu]", i - begin_at));
    }
    say(&wanted, "{C}", 4);
    assert_heard(&world, 0, (const char *)wanted.data);
    um_buf_done(&wanted);
    finish(&world);
}

static void
thousands_of_shuffled_streams_come_out_with_exactly_their_holes(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3000; seed++)
        play_by_chance(seed);
}

static void
nth_allocation_failing_is_told_and_leaks_nothing(void **state)
{
    (void)state;
    for (size_t n = 0;; n++) {
        struct world world;
        begin(&world);
        start(&world);
        um_test_alloc_fail_at(n);
        int err = UM_OK;
        static const struct {
            int from;
            uint32_t seq, ack;
            unsigned flags;
            const char *bytes;
        } packets[] = {{0, 100, 0, SYN, ""},          {0, 105, 501, ACK, "efg"},
                       {0, 101, 501, ACK, "abcd"},    {1, 501, 120, ACK, "ABC"},
                       {0, 112, 501, ACK, "lmn"},     {1, 504, 120, ACK | FIN, ""},
                       {0, 115, 505, ACK | FIN, "op"}};
        for (size_t i = 0; i < sizeof packets / sizeof *packets && !err; i++)
            err = send_cut(&world, packets[i].from, packets[i].seq, packets[i].ack,
                           packets[i].flags, packets[i].bytes, 0);
        if (!err)
            err = um_flows_end(world.flows);
        bool has_failed = um_test_alloc_reset();
        if (err)
            assert_int_equal(err, UM_ERR_NOMEM);
        finish(&world);
        if (!has_failed)
            break;
        assert_true(n < 1000);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            every_order_of_six_segments_with_a_duplicate_and_an_overlap_gives_the_same),
        cmocka_unit_test(sequence_numbers_wrap),
        cmocka_unit_test(reply_stored_before_its_request_is_delivered_after_it),
        cmocka_unit_test(packets_stored_twice_are_heard_once),
        cmocka_unit_test(first_copy_of_bytes_wins_and_the_other_is_counted),
        cmocka_unit_test(
            hole_that_was_acknowledged_is_given_up_once_the_next_packets_do_not_fill_it),
        cmocka_unit_test(hole_that_nobody_acknowledged_waits_to_the_end),
        cmocka_unit_test(bytes_acknowledged_and_never_captured_are_a_hole_at_the_end),
        cmocka_unit_test(fin_that_was_not_captured_is_no_lost_byte),
        cmocka_unit_test(bytes_cut_by_the_snap_length_are_a_hole_but_no_loss),
        cmocka_unit_test(capture_may_begin_in_the_middle),
        cmocka_unit_test(what_is_not_wanted_costs_nothing),
        cmocka_unit_test(missing_direction_is_told_to_the_sink_and_is_no_loss),
        cmocka_unit_test(new_syn_on_the_same_ports_is_a_new_connection),
        cmocka_unit_test(late_retransmission_of_a_closed_connection_begins_nothing),
        cmocka_unit_test(reset_ends_its_side_and_the_other_goes_on),
        cmocka_unit_test(reset_far_outside_the_window_is_ignored),
        cmocka_unit_test(keep_alive_probes_and_data_after_the_fin_say_nothing),
        cmocka_unit_test(pending_bytes_at_the_limit_are_held_and_one_above_gives_up_the_hole),
        cmocka_unit_test(connection_above_the_limit_evicts_the_oldest),
        cmocka_unit_test(sink_that_has_enough_hears_only_the_end),
        cmocka_unit_test(thousands_of_shuffled_streams_come_out_with_exactly_their_holes),
        cmocka_unit_test(nth_allocation_failing_is_told_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
