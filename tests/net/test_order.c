/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is delivered when: between the two directions, around holes, and at the limits. */
#include "tests/net/world.h"

static uint64_t
dropped(const struct world *world)
{
    const struct um_flow_stats *counted = world_stats(world);
    return counted->pending.count + counted->pending_total.count + counted->pending_memory.count;
}

/* Time passes, as packets of a second connection tell. */
static void
tick(struct world *world, int64_t ns)
{
    int64_t end_ns = world->time_ns + ns;
    int client = world->client;
    world->client = 1;
    for (; world->time_ns < end_ns; world->time_ns += UM_PATIENCE_NS / 100)
        world_send(world, 0, 101, 501, ACK, "");
    world->client = client;
}

/* That other connection. */
static void
connect_other(struct world *world)
{
    int client = world->client;
    world->client = 1;
    world_shake_hands(world);
    world_send(world, 0, 101, 501, ACK, "a");
    world->client = client;
}

/* ---- order in one direction ---- */

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
    world_connect(&world);
    for (size_t i = 0; i < count; i++)
        world_send(&world, 0, pieces[i].seq, 501, ACK, pieces[i].bytes);
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abcdefghij{C}");
    assert_int_equal(world_stats(&world)->conflicts, 0);
    world_finish(&world);
    ++*tried;
}

static void
every_order_of_six_segments_with_a_duplicate_and_an_overlap_gives_the_same(void **state)
{
    (void)state;
    struct piece pieces[] = {{101, "abc"}, {104, "def"}, {107, "gh"},
                             {109, "ij"},  {104, "def"}, {105, "efgh"}};
    unsigned tried = 0;
    for (size_t count = 4; count <= 6; count++) /* the first four are the whole */
        permute(pieces, count, 0, &tried);
    assert_int_equal(tried, 24 + 120 + 720);
}

static void
packets_stored_twice_are_heard_once(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    for (int i = 0; i < 2; i++)
        world_send(&world, 0, 100, 0, SYN, "");
    for (int i = 0; i < 2; i++)
        world_send(&world, 1, 500, 101, SYN | ACK, "");
    for (int i = 0; i < 2; i++)
        world_send(&world, 0, 101, 501, ACK, "abc");
    for (int i = 0; i < 2; i++)
        world_send(&world, 1, 501, 104, ACK, "ABC");
    for (int i = 0; i < 2; i++)
        world_send(&world, 0, 104, 504, ACK | FIN, "");
    for (int i = 0; i < 2; i++)
        world_send(&world, 1, 504, 105, ACK | FIN, "");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abc{F}");
    world_assert_heard(&world, 1, "ABC{F}");
    assert_int_equal(world_stats(&world)->connections, 1);
    world_finish(&world);
}

/* ---- overlaps ---- */

static void
first_copy_of_held_bytes_wins_and_the_other_is_counted(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 104, 501, ACK, "def");
    world_send(&world, 0, 104, 501, ACK, "xyz");
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abcdef{C}");
    assert_int_equal(world_stats(&world)->conflicts, 1);
    world_finish(&world);
}

/* A segment that filled the hole and reached over the held bytes was passed on whole: its copy of
 * them, the later one, won, and nobody noticed that it was another. */
static void
segment_that_fills_a_hole_does_not_replace_the_held_bytes_behind_it(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 104, 501, ACK, "de");
    world_send(&world, 0, 108, 501, ACK, "hi");
    world_send(&world, 0, 101, 501, ACK, "abcXXfgYYj");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abcdefghij{C}");
    assert_int_equal(world_stats(&world)->conflicts, 1);
    world_finish(&world);
}

static void
overlap_with_the_same_bytes_is_no_conflict(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 104, 501, ACK, "de");
    world_send(&world, 0, 101, 501, ACK, "abcdefg");
    world_send(&world, 0, 103, 501, ACK, "cdefghi");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abcdefghi{C}");
    assert_int_equal(world_stats(&world)->conflicts, 0);
    world_finish(&world);
}

/* ---- order between the directions ---- */

static void
reply_stored_before_its_request_is_delivered_after_it(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 1, 501, 104, ACK, "ABC");
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_assert_heard(&world, 0, "abc");
    world_assert_heard(&world, 1, "ABC");
    world_assert_order(&world, "cs");
    world_finish(&world);
}

/* Both sides of three exchanges, each side in order, the server's stored first. */
static void
sides_reordered_across_the_pair_come_out_in_turns(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    for (uint32_t i = 0; i < 3; i++)
        world_send(&world, 1, 501 + 3 * i, 104 + 3 * i, ACK, "ABC");
    world_assert_order(&world, "");
    for (uint32_t i = 0; i < 3; i++)
        world_send(&world, 0, 101 + 3 * i, 501 + 3 * i, ACK, "abc");
    world_assert_order(&world, "cscscs");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abcabcabc{C}");
    world_assert_heard(&world, 1, "ABCABCABC{C}");
    world_finish(&world);
}

/* The request that was never captured was told as a hole behind its reply. */
static void
request_lost_at_the_end_of_a_capture_is_told_before_its_reply(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 1, 501, 104, ACK, "ABC");
    world_send(&world, 1, 504, 124, ACK, "DEF"); /* 20 bytes of the client are missing */
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abc[20]{C}");
    world_assert_heard(&world, 1, "ABCDEF{C}");
    world_assert_order(&world, "csCs");
    assert_int_equal(world_stats(&world)->lost_bytes, 20);
    world_finish(&world);
}

static void
lost_request_between_two_others_is_told_in_its_place(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 1, 501, 104, ACK, "ABC");
    world_send(&world, 1, 504, 110, ACK, "DEF"); /* answers the lost one */
    world_send(&world, 0, 110, 507, ACK, "ghi");
    world_send(&world, 1, 507, 113, ACK, "GHI");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abc[6]ghi{C}");
    world_assert_order(&world, "csCscs");
    world_finish(&world);
}

static void
sides_that_wait_for_each_other_go_on_as_they_were_stored(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 504, ACK, "abc"); /* each acknowledges the other's bytes */
    world_send(&world, 1, 501, 104, ACK, "ABC");
    world_assert_order(&world, "cs");
    world_finish(&world);
}

/* ---- holes ---- */

/* Of the client's first nine bytes four are missing. */
static void
connect_with_hole(struct world *world)
{
    world_connect(world);
    world_send(world, 0, 101, 501, ACK, "abc");
    world_send(world, 0, 108, 501, ACK, "hi");
}

static void
hole_that_was_acknowledged_is_given_up_after_32_packets_that_do_not_fill_it(void **state)
{
    (void)state;
    struct world world;
    connect_with_hole(&world);
    world_send(&world, 1, 501, 110, ACK, "AB");
    world_wait(&world, UM_PATIENCE_PACKETS - 1, 503, 110);
    world_assert_heard(&world, 0, "abc");
    world_wait(&world, 1, 503, 110);
    world_assert_heard(&world, 0, "abc[4]hi");
    world_assert_heard(&world, 1, "AB");
    assert_int_equal(world_stats(&world)->lost_bytes, 4);
    assert_int_equal(world_stats(&world)->lost_streams, 1);
    world_finish(&world);
}

static void
hole_that_was_acknowledged_is_given_up_after_half_a_second(void **state)
{
    (void)state;
    struct world world;
    connect_with_hole(&world);
    int64_t since_ns = world.time_ns;
    world_send(&world, 1, 501, 110, ACK, "");
    world.time_ns = since_ns + UM_PATIENCE_NS - 1;
    world_wait(&world, 1, 501, 110);
    world_assert_heard(&world, 0, "abc");
    world.time_ns = since_ns + UM_PATIENCE_NS;
    world_wait(&world, 1, 501, 110);
    world_assert_heard(&world, 0, "abc[4]hi");
    world_finish(&world);
}

/*
 * A connection with a hole fell silent, and all behind the hole was held until it said something
 * again: of a capture that lost one segment in a thousand a megabyte.
 */
static void
connection_that_falls_silent_is_told_of_its_hole_in_time(void **state)
{
    (void)state;
    struct world world;
    connect_with_hole(&world);
    int64_t since_ns = world.time_ns;
    world_send(&world, 1, 501, 110, ACK, "");
    world.client = 1;
    world_send(&world, 0, 101, 501, ACK, "axy");
    world.time_ns = since_ns + UM_PATIENCE_NS - 1;
    world_wait(&world, 1, 501, 104);
    world.client = 0;
    world_assert_heard(&world, 0, "abc");
    world.client = 1;
    world.time_ns = since_ns + UM_PATIENCE_NS;
    world_wait(&world, 1, 501, 104);
    world.client = 0;
    world_assert_heard(&world, 0, "abc[4]hi");
    assert_int_equal(world_stats(&world)->lost_bytes, 4);
    world_finish(&world);
}

/*
 * At a mirror port acknowledgements run ahead of the data: something is always acknowledged and not
 * yet there. The packets were counted from the first such moment on, not for each hole, so that a
 * hole that was filled three packets later counted as lost.
 */
static void
acknowledgements_ahead_of_the_data_lose_nothing(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    uint32_t seq = 101;
    for (int i = 0; i < 100; i++, seq += 4) {
        world_send(&world, 1, 501, seq + 400, ACK, "");
        world_send(&world, 0, seq + 2, 501, ACK, "cd");
        world_wait(&world, 3, 501, seq + 400);
        world_send(&world, 0, seq, 501, ACK, "ab");
    }
    assert_int_equal(world_stats(&world)->lost_bytes, 0);
    assert_int_equal(um_buf_span(&world.heard[0].text[0]).len, 400);
    world_finish(&world);
}

static void
direction_that_lags_behind_its_acknowledgements_loses_nothing(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 1, 501, 201, ACK, "");
    for (uint32_t seq = 101; seq < 201; seq += 2) {
        world_wait(&world, UM_PATIENCE_PACKETS / 2, 501, 201);
        world_send(&world, 0, seq, 501, ACK, "ab");
    }
    assert_int_equal(world_stats(&world)->lost_bytes, 0);
    assert_int_equal(um_buf_span(&world.heard[0].text[0]).len, 100);
    world_finish(&world);
}

/*
 * Two clocks, one for each direction: that of the server was a second behind, and all of its
 * replies were given up half a second after their acknowledgements, half a second before they came.
 */
static void
direction_that_is_late_as_a_whole_loses_nothing(void **state)
{
    (void)state;
    enum { POLLS = 20, EVERY_MS = 100, LATE_MS = 3000 };
    struct world world;
    world_connect(&world);
    for (uint32_t ms = 0; ms < POLLS * EVERY_MS + LATE_MS; ms += EVERY_MS) {
        uint32_t poll = ms / EVERY_MS;
        world.time_ns += EVERY_MS * INT64_C(1000000);
        if (poll < POLLS)
            world_send(&world, 0, 101 + poll, 501 + 2 * poll, ACK, "a");
        uint32_t replied = poll - LATE_MS / EVERY_MS;
        if (ms >= LATE_MS)
            world_send(&world, 1, 501 + 2 * replied, 102 + replied, ACK, "AB");
    }
    world_assert_heard(&world, 0, "aaaaaaaaaaaaaaaaaaaa");
    world_assert_heard(&world, 1, "ABABABABABABABABABABABABABABABABABABABAB");
    world_assert_order(&world, "cscscscscscscscscscscscscscscscscscscscs");
    assert_int_equal(world_stats(&world)->lost_bytes, 0);
    world_finish(&world);
}

/* The client's own acknowledgement stands behind what is missing of it: it is late no more. */
static void
direction_that_has_come_past_its_hole_is_not_late(void **state)
{
    (void)state;
    for (int is_past = 0; is_past < 2; is_past++) {
        struct world world;
        world_connect(&world);
        world_send(&world, 0, 101, 501, ACK, "abc");
        world_send(&world, 1, 501, 110, ACK, "ABC");
        world_send(&world, 0, is_past ? 110 : 104, 504, ACK, "");
        world_wait(&world, UM_PATIENCE_PACKETS, 504, 110);
        world_assert_heard(&world, 0, is_past ? "abc[6]" : "abc");
        world_assert_heard(&world, 1, is_past ? "ABC" : "");
        world_wait(&world, UM_LATE_PACKETS, 504, 110);
        world_assert_heard(&world, 0, "abc[6]");
        world_assert_heard(&world, 1, "ABC");
        world_finish(&world);
    }
}

/* What it has not come past may still be late. */
static void
hole_is_given_up_no_farther_than_its_direction_has_come(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 1, 501, 110, ACK, "ABC");
    world_send(&world, 0, 107, 501, ACK, "");
    world_wait(&world, 2 * UM_PATIENCE_PACKETS, 504, 110);
    world_assert_heard(&world, 0, "abc[3]");
    world_send(&world, 0, 107, 501, ACK, "ghi");
    world_assert_heard(&world, 0, "abc[3]ghi");
    world_assert_heard(&world, 1, "ABC");
    assert_int_equal(world_stats(&world)->lost_bytes, 3);
    world_finish(&world);
}

/* A hole was given up as far as it was known to be one: two replies went at once, and the request
 * between them came behind both. */
static void
hole_is_given_up_as_far_as_those_that_wait_for_it_have_acknowledged(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 504, ACK, "abc");
    world_send(&world, 0, 104, 510, ACK, "def");
    world_send(&world, 1, 510, 107, ACK, "GHI");
    world_wait(&world, 2 * UM_PATIENCE_PACKETS, 513, 107);
    world_assert_heard(&world, 0, "abcdef");
    world_assert_heard(&world, 1, "[3][6]GHI");
    world_assert_order(&world, "ScScs");
    world_finish(&world);
}

/*
 * With a hole on each side one of three replies went at once, before the requests that had
 * acknowledged the first two: the client was taken for one that does not wait, and of what followed
 * no request was given its reply.
 */
static void
holes_of_both_sides_are_given_up_in_the_order_of_what_is_behind_them(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 106, 504, ACK, "fg"); /* its beginning is missing, and the reply before */
    world_send(&world, 0, 108, 508, ACK, "hi");
    world_send(&world, 1, 513, 104, ACK, "XY"); /* its beginning is missing too */
    world_send(&world, 0, 110, 515, ACK, "");
    world_wait(&world, UM_PATIENCE_PACKETS, 515, 104);
    world_wait(&world, 2 * UM_PATIENCE_PACKETS, 515, 110);
    world_assert_heard(&world, 0, "abc[2]fghi");
    world_assert_heard(&world, 1, "[3][4][5]XY");
    world_assert_order(&world, "cCScScSs");
    world_finish(&world);
}

/*
 * Nobody has acknowledged what the client lacks, so that it may still come: what the server lacks
 * behind that was once given up first, and a reply with its request's beginning. It waits for that
 * as long again, and no longer.
 */
static void
hole_waits_once_more_for_what_the_other_side_lacks_before_it(void **state)
{
    (void)state;
    for (int is_filled = 0; is_filled < 2; is_filled++) {
        struct world world;
        world_connect(&world);
        world_send(&world, 0, 101, 501, ACK, "a");
        world_send(&world, 0, 104, 501, ACK, "def");
        world_send(&world, 0, 107, 504, ACK, "ghi");
        world_wait(&world, 2 * UM_PATIENCE_PACKETS - 1, 504, 102);
        world_assert_heard(&world, 1, "");
        if (is_filled)
            world_send(&world, 0, 102, 501, ACK, "bc");
        else
            world_wait(&world, 1, 504, 102);
        world_wait(&world, UM_PATIENCE_PACKETS, 504, 102);
        world_assert_heard(&world, 0, is_filled ? "abcdefghi" : "a");
        world_assert_heard(&world, 1, "[3]");
        world_finish(&world);
    }
}

/*
 * A request and its reply are lost, the next request is there and its reply is lost. Only the third
 * reply acknowledges the first request, while the server's hole waits for that of the client, or
 * seconds later. The hole of both replies was given up whole, in front of both requests, and the
 * third reply was nobody's.
 */
static void
hole_of_two_replies_is_given_up_around_the_request_between_them(void **state)
{
    (void)state;
    static const struct {
        int64_t silent_ns;
        const char *order;
    } tests[] = {
        {2 * UM_PATIENCE_NS - UM_PATIENCE_NS / 20, "CScScs"},
        {2 * UM_PATIENCE_NS + UM_PATIENCE_NS / 20, "CScScs"},
        {18 * UM_PATIENCE_NS, "CScScs"},
        {25 * UM_PATIENCE_NS, "SCcScs"},
    };
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        struct world world;
        world_open(&world);
        connect_other(&world);
        world_shake_hands(&world);
        world.time_ns += 5 * UM_PATIENCE_NS;
        world_send(&world, 0, 111, 511, ACK, "abc"); /* 10 bytes are missing of each side */
        world_send(&world, 0, 114, 521, ACK, "");    /* and 10 more of the server */
        tick(&world, tests[i].silent_ns);
        world_send(&world, 0, 114, 521, ACK, "def");
        world_send(&world, 1, 521, 117, ACK, "");
        tick(&world, UM_PATIENCE_NS / 20);
        world_send(&world, 1, 521, 117, ACK, "GHI");
        world_send(&world, 0, 117, 524, ACK, "");
        tick(&world, 3 * UM_PATIENCE_NS);
        world_assert_order(&world, tests[i].order);
        world_assert_heard(&world, 0, "[10]abcdef");
        world_assert_heard(&world, 1, "[10][10]GHI");
        world_finish(&world);
    }
}

/*
 * A capture that loses one packet in twenty: again and again a request, and the reply to the next.
 * A hole in question behind one of the other side had its patience only when that had gone, so that
 * each cost one whole patience, they piled up to the limit, and from there on no reply was paired.
 */
static void
holes_of_both_sides_in_turns_do_not_pile_up(void **state)
{
    (void)state;
    enum { ROUNDS = 400, TURNS = 20 };
    struct world world;
    world_connect(&world);
    struct um_buf order = {0};
    uint32_t asked = 101, replied = 501;
    for (int i = 0; i < ROUNDS * TURNS; i++) {
        bool is_asked = i % TURNS != 2, is_replied = i % TURNS != 3;
        world.time_ns += UM_PATIENCE_NS / 25;
        if (is_asked)
            world_send(&world, 0, asked, replied, ACK, "ask");
        asked += 3;
        world.time_ns += UM_PATIENCE_NS / 25;
        if (is_replied)
            world_send(&world, 1, replied, asked, ACK, "REP");
        replied += 3;
        const char *told[2] = {is_asked ? "c" : "C", is_replied ? "s" : "S"};
        for (int side = 0; side < 2; side++)
            assert_int_equal(um_buf_append(&order, um_span_text(told[side])), UM_OK);
    }
    world_end_capture(&world);
    assert_int_equal(um_buf_append(&order, um_span_of("", 1)), UM_OK);
    world_assert_order(&world, (const char *)order.data);
    assert_int_equal(dropped(&world), 0);
    assert_true(world.meter.peak < 64 * 1024);
    um_buf_done(&order);
    world_finish(&world);
}

/* However far apart the packets of others are that tell the time. */
static void
hole_waits_ten_seconds_for_one_that_nobody_acknowledged(void **state)
{
    (void)state;
    for (int step = 1; step <= 8; step *= 2) {
        struct world world;
        world_open(&world);
        connect_other(&world);
        world_shake_hands(&world);
        world_send(&world, 0, 111, 511, ACK, "abc");
        int64_t began_ns = world.time_ns;
        world.client = 1;
        while (world.heard[0].order.len == 0) {
            world.time_ns += step * UM_PATIENCE_NS;
            world_send(&world, 0, 101, 501, ACK, "");
        }
        world.client = 0;
        int64_t waited_ns = world.time_ns - began_ns;
        assert_in_range(waited_ns / UM_PATIENCE_NS, 20, 20 + 2 * step);
        world_assert_order(&world, "S");
        world_finish(&world);
    }
}

static void
hole_of_the_other_side_has_its_own_patience(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "a");
    world_send(&world, 0, 104, 501, ACK, "def");
    world_send(&world, 1, 504, 102, ACK, "DEF");
    for (int i = 0; i < UM_PATIENCE_PACKETS - 1; i++)
        world_send(&world, 0, 107, 507, ACK, "");
    world_wait(&world, 2, 507, 107);
    world_send(&world, 0, 102, 501, ACK, "bc");
    world_assert_heard(&world, 0, "abcdef");
    assert_int_equal(world_stats(&world)->lost_bytes, 0);
    world_finish(&world);
}

/* Far ahead and never acknowledged, as of another connection. */
static void
one_stray_segment_stops_no_other_side(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 1000101, 501, ACK, "Z");
    world_send(&world, 1, 501, 104, ACK, "ABC");
    world_send(&world, 1, 507, 104, ACK, "GHI");
    for (int i = 0; i < 3 * UM_PATIENCE_PACKETS; i++)
        world_send(&world, 0, 104, 510, ACK, "");
    world_assert_heard(&world, 1, "ABC[3]GHI");
    world_finish(&world);
}

/* All holes of one stretch of patience go together: else each in turn would wait for its own, and a
 * capture that loses one packet in twenty would fill the limit. */
static void
holes_that_were_acknowledged_together_are_given_up_together(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "a");
    world_send(&world, 0, 103, 501, ACK, "c");
    world_send(&world, 0, 105, 501, ACK, "e");
    world_send(&world, 0, 107, 501, ACK, "g");
    world_wait(&world, 1, 501, 106);
    world_wait(&world, UM_PATIENCE_PACKETS, 501, 108);
    world_assert_heard(&world, 0, "a[1]c[1]e"); /* the third was acknowledged later */
    world_wait(&world, UM_PATIENCE_PACKETS, 501, 108);
    world_assert_heard(&world, 0, "a[1]c[1]e[1]g");
    world_finish(&world);
}

static void
hole_that_nobody_acknowledged_waits_to_the_end(void **state)
{
    (void)state;
    struct world world;
    connect_with_hole(&world);
    world_wait(&world, 100, 501, 104);
    world_assert_heard(&world, 0, "abc");
    world_send(&world, 0, 104, 501, ACK, "defg");
    world_assert_heard(&world, 0, "abcdefghi");
    world_finish(&world);
}

static void
bytes_acknowledged_and_never_captured_are_a_hole_at_the_end(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 1, 501, 110, ACK, "");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abc[6]{C}");
    assert_int_equal(world_stats(&world)->lost_bytes, 6);
    world_finish(&world);
}

static void
fin_that_was_not_captured_is_no_lost_byte(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 1, 501, 105, ACK, "AB"); /* 104 was the FIN */
    world_wait(&world, 2 * UM_PATIENCE_PACKETS, 503, 105);
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abc{C}");
    assert_int_equal(world_stats(&world)->lost_bytes, 0);
    world_finish(&world);
}

static void
bytes_cut_by_the_snap_length_are_a_hole_but_no_loss(void **state)
{
    (void)state;
    for (int is_early = 0; is_early < 2; is_early++) {
        struct world world;
        world_connect(&world);
        if (is_early) /* held, then delivered */
            assert_int_equal(world_send_bytes(&world, 0, 104, 501, ACK, S("defg"), 2), UM_OK);
        world_send(&world, 0, 101, 501, ACK, "abc");
        if (!is_early)
            assert_int_equal(world_send_bytes(&world, 0, 104, 501, ACK, S("defg"), 2), UM_OK);
        world_send(&world, 0, 108, 501, ACK, "hi");
        world_end_capture(&world);
        world_assert_heard(&world, 0, "abcde[cut 2]hi{C}");
        assert_int_equal(world_stats(&world)->lost_bytes, 0);
        world_finish(&world);
    }
}

/* ---- limits ---- */

/* What did not fit before it was known that anybody wants it was lost without a word. */
static void
bytes_left_out_before_a_connection_was_followed_are_told_when_it_is(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    world.limits.max[UM_LIMIT_PENDING] = 6;
    world_start(&world);
    world_shake_hands(&world);
    world_send(&world, 0, 104, 501, ACK, "defghijkl");
    assert_int_equal(dropped(&world), 0);
    world_send(&world, 0, 101, 501, ACK, "abc");
    assert_int_equal(dropped(&world), 1);
    world_finish(&world);
}

static void
pending_bytes_at_the_limit_are_held_and_one_above_gives_up_the_hole(void **state)
{
    (void)state;
    for (size_t extra = 0; extra < 2; extra++) {
        struct world world;
        world_begin(&world);
        world.limits.max[UM_LIMIT_PENDING] = 6;
        world_start(&world);
        world_shake_hands(&world);
        world_send(&world, 0, 101, 501, ACK, "abc");
        world_send(&world, 0, 105, 501, ACK, extra ? "efghijk" : "efghij");
        world_assert_heard(&world, 0, extra ? "abc[limit 1]efghijk" : "abc");
        assert_int_equal(dropped(&world), extra);
        world_finish(&world);
    }
}

static void
start_with_six_bytes_held(struct world *world, enum um_limit limit)
{
    world_begin(world);
    world->limits.max[limit] = 6;
    world_start(world);
    world_shake_hands(world);
    world_send(world, 0, 101, 501, ACK, "abc");
    world_send(world, 0, 107, 501, ACK, "ghijkl");
}

/* The segment that fills the hole needs no room: the hole was given up all the same. */
/* One connection's start is still a guess when another one's hole is given up for it: that was once
 * counted nowhere. */
static void
hole_given_up_for_a_connection_that_settles_is_counted(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    world.limits.max[UM_LIMIT_PENDING_TOTAL] = 8;
    world_start(&world);
    world_shake_hands(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 107, 501, ACK, "ghijkl");
    world.client = 1;
    world_send(&world, 0, 101, 501, ACK, "abc");
    world.client = 0;
    world_assert_heard(&world, 0, "abc[limit 3]ghijkl");
    assert_int_equal(world_stats(&world)->pending_total.count, 1);
    world_finish(&world);
}

static void
segment_that_fills_the_hole_is_taken_at_the_limit(void **state)
{
    (void)state;
    static const enum um_limit limits[] = {UM_LIMIT_PENDING, UM_LIMIT_PENDING_TOTAL};
    for (size_t i = 0; i < 2; i++) {
        struct world world;
        start_with_six_bytes_held(&world, limits[i]);
        world_send(&world, 0, 104, 501, ACK, "defghijklmn");
        world_assert_heard(&world, 0, "abcdefghijklmn");
        assert_int_equal(dropped(&world), 0);
        world_finish(&world);
    }
}

/* At hand and not yet held, because it waits for a reply: its bytes were given up as a hole. */
static void
segment_that_fills_the_hole_and_has_to_wait_is_taken_at_the_limit(void **state)
{
    (void)state;
    struct world world;
    start_with_six_bytes_held(&world, UM_LIMIT_PENDING);
    world_send(&world, 0, 104, 504, ACK, "def");
    world_assert_heard(&world, 0, "abcdefghijkl");
    world_assert_heard(&world, 1, "[limit 3]");
    world_finish(&world);
}

static void
segment_that_repeats_what_waits_and_goes_on_is_taken_at_the_limit(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    world.limits.max[UM_LIMIT_PENDING] = 6;
    world_start(&world);
    world_shake_hands(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 104, 510, ACK, "defghi"); /* waits for nine bytes of the server */
    world_send(&world, 0, 101, 501, ACK, "abcdefghij");
    world_assert_heard(&world, 0, "abcdefghij");
    world_assert_heard(&world, 1, "[limit 9]");
    world_finish(&world);
}

static void
segment_before_the_held_ones_is_taken_at_the_limit(void **state)
{
    (void)state;
    static const enum um_limit limits[] = {UM_LIMIT_PENDING, UM_LIMIT_PENDING_TOTAL};
    for (size_t i = 0; i < 2; i++) {
        struct world world;
        start_with_six_bytes_held(&world, limits[i]);
        world_send(&world, 0, 105, 501, ACK, "efg");
        world_assert_heard(&world, 0, "abc[limit 1]efghijkl");
        world_finish(&world);
    }
}

static void
bytes_that_are_held_already_need_no_room(void **state)
{
    (void)state;
    struct world world;
    start_with_six_bytes_held(&world, UM_LIMIT_PENDING);
    world_send(&world, 0, 107, 501, ACK, "ghijkl");
    world_send(&world, 0, 109, 501, ACK, "ijk");
    world_assert_heard(&world, 0, "abc");
    assert_int_equal(dropped(&world), 0);
    world_send(&world, 0, 114, 501, ACK, "no");
    world_assert_heard(&world, 0, "abc[limit 3]ghijkl");
    world_finish(&world);
}

/* The connection being read gave way, not the one whose hole is the oldest. */
static void
at_the_limit_over_all_the_hole_that_has_waited_longest_is_given_up(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    world.limits.max[UM_LIMIT_PENDING_TOTAL] = 6;
    world_start(&world);
    for (world.client = 0; world.client < 3; world.client++) {
        world_shake_hands(&world);
        world_send(&world, 0, 101, 501, ACK, "abc");
        world_send(&world, 0, 105, 501, ACK, "efg");
    }
    world.client = 0;
    world_assert_heard(&world, 0, "abc[limit 1]efg");
    for (world.client = 1; world.client < 3; world.client++)
        world_assert_heard(&world, 0, "abc");
    world.client = 1; /* its hole is filled, and a new one is younger than that of client 2 */
    world_send(&world, 0, 104, 501, ACK, "d");
    world_send(&world, 0, 110, 501, ACK, "jkl");
    world_send(&world, 0, 113, 501, ACK, "mno");
    world_assert_heard(&world, 0, "abcdefg");
    world.client = 2;
    world_assert_heard(&world, 0, "abc[limit 1]efg");
    assert_int_equal(dropped(&world), 2);
    world_end_capture(&world);
    world_finish(&world);
}

static void
hole_is_no_younger_for_what_is_held_behind_it_later(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    world.limits.max[UM_LIMIT_PENDING_TOTAL] = 9;
    world_start(&world);
    for (world.client = 0; world.client < 2; world.client++) {
        world_shake_hands(&world);
        world_send(&world, 0, 101, 501, ACK, "abc");
        world_send(&world, 0, 105, 501, ACK, "efg");
    }
    world.client = 0;
    world_send(&world, 0, 108, 501, ACK, "hij");
    world.client = 2;
    world_shake_hands(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 105, 501, ACK, "efg");
    world.client = 1;
    world_assert_heard(&world, 0, "abc");
    world.client = 0;
    world_assert_heard(&world, 0, "abc[limit 1]efghij");
    world_end_capture(&world);
    world_finish(&world);
}

static void
without_memory_what_came_too_early_is_passed_on_behind_a_hole(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world.meter.max = world.meter.used;
    world_send(&world, 0, 105, 501, ACK, "efg");
    world_assert_heard(&world, 0, "abc[limit 1]efg");
    world_finish(&world);
}

/* ---- sinks that have enough ---- */

static void
sink_that_has_enough_hears_only_the_end(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world.is_enough = true;
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 104, 501, ACK, "def");
    world_send(&world, 0, 120, 501, ACK, "xyz");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abc{C}");
    assert_int_equal(world_stats(&world)->lost_bytes, 0);
    world_finish(&world);
}

/* It kept them until its connection ended. */
static void
sink_that_has_enough_keeps_no_memory_for_bytes(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    uint64_t before = world.meter.used;
    world_send(&world, 0, 110, 501, ACK, "jkl");
    world_send(&world, 0, 120, 501, ACK, "uvw");
    assert_true(world.meter.used > before);
    world.is_enough = true;
    world_send(&world, 0, 104, 501, ACK, "defghi");
    assert_int_equal(world.meter.used, before);
    world_send(&world, 0, 130, 501, ACK, "xyz");
    assert_int_equal(world.meter.used, before);
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abcdefghi{C}");
    world_finish(&world);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            every_order_of_six_segments_with_a_duplicate_and_an_overlap_gives_the_same),
        cmocka_unit_test(packets_stored_twice_are_heard_once),
        cmocka_unit_test(first_copy_of_held_bytes_wins_and_the_other_is_counted),
        cmocka_unit_test(segment_that_fills_a_hole_does_not_replace_the_held_bytes_behind_it),
        cmocka_unit_test(overlap_with_the_same_bytes_is_no_conflict),
        cmocka_unit_test(reply_stored_before_its_request_is_delivered_after_it),
        cmocka_unit_test(sides_reordered_across_the_pair_come_out_in_turns),
        cmocka_unit_test(request_lost_at_the_end_of_a_capture_is_told_before_its_reply),
        cmocka_unit_test(lost_request_between_two_others_is_told_in_its_place),
        cmocka_unit_test(sides_that_wait_for_each_other_go_on_as_they_were_stored),
        cmocka_unit_test(
            hole_that_was_acknowledged_is_given_up_after_32_packets_that_do_not_fill_it),
        cmocka_unit_test(hole_that_was_acknowledged_is_given_up_after_half_a_second),
        cmocka_unit_test(connection_that_falls_silent_is_told_of_its_hole_in_time),
        cmocka_unit_test(acknowledgements_ahead_of_the_data_lose_nothing),
        cmocka_unit_test(direction_that_lags_behind_its_acknowledgements_loses_nothing),
        cmocka_unit_test(direction_that_is_late_as_a_whole_loses_nothing),
        cmocka_unit_test(direction_that_has_come_past_its_hole_is_not_late),
        cmocka_unit_test(hole_is_given_up_no_farther_than_its_direction_has_come),
        cmocka_unit_test(hole_is_given_up_as_far_as_those_that_wait_for_it_have_acknowledged),
        cmocka_unit_test(holes_of_both_sides_are_given_up_in_the_order_of_what_is_behind_them),
        cmocka_unit_test(hole_waits_once_more_for_what_the_other_side_lacks_before_it),
        cmocka_unit_test(hole_of_two_replies_is_given_up_around_the_request_between_them),
        cmocka_unit_test(holes_of_both_sides_in_turns_do_not_pile_up),
        cmocka_unit_test(hole_waits_ten_seconds_for_one_that_nobody_acknowledged),
        cmocka_unit_test(hole_of_the_other_side_has_its_own_patience),
        cmocka_unit_test(one_stray_segment_stops_no_other_side),
        cmocka_unit_test(holes_that_were_acknowledged_together_are_given_up_together),
        cmocka_unit_test(hole_that_nobody_acknowledged_waits_to_the_end),
        cmocka_unit_test(bytes_acknowledged_and_never_captured_are_a_hole_at_the_end),
        cmocka_unit_test(fin_that_was_not_captured_is_no_lost_byte),
        cmocka_unit_test(bytes_cut_by_the_snap_length_are_a_hole_but_no_loss),
        cmocka_unit_test(bytes_left_out_before_a_connection_was_followed_are_told_when_it_is),
        cmocka_unit_test(pending_bytes_at_the_limit_are_held_and_one_above_gives_up_the_hole),
        cmocka_unit_test(hole_given_up_for_a_connection_that_settles_is_counted),
        cmocka_unit_test(segment_that_fills_the_hole_is_taken_at_the_limit),
        cmocka_unit_test(segment_that_fills_the_hole_and_has_to_wait_is_taken_at_the_limit),
        cmocka_unit_test(segment_that_repeats_what_waits_and_goes_on_is_taken_at_the_limit),
        cmocka_unit_test(segment_before_the_held_ones_is_taken_at_the_limit),
        cmocka_unit_test(bytes_that_are_held_already_need_no_room),
        cmocka_unit_test(at_the_limit_over_all_the_hole_that_has_waited_longest_is_given_up),
        cmocka_unit_test(hole_is_no_younger_for_what_is_held_behind_it_later),
        cmocka_unit_test(without_memory_what_came_too_early_is_passed_on_behind_a_hole),
        cmocka_unit_test(sink_that_has_enough_hears_only_the_end),
        cmocka_unit_test(sink_that_has_enough_keeps_no_memory_for_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
