/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What flags and numbers mean: beginnings, ends, and segments that are not what they seem. */
#include "tests/net/world.h"

/* ---- numbers ---- */

static void
sequence_numbers_wrap(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world_send(&world, 0, 0xfffffffc, 0, SYN, "");
    world_send(&world, 1, 0xffffffff, 0xfffffffd, SYN | ACK, "");
    world_send(&world, 0, 0xfffffffd, 0, ACK, "abc");
    world_send(&world, 0, 2, 0, ACK, "fg");
    world_send(&world, 0, 0, 0, ACK, "de");
    world_send(&world, 1, 0, 4, ACK, "ABC");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abcdefg{C}");
    world_assert_heard(&world, 1, "ABC{C}");
    world_finish(&world);
}

/* More than 2^32 bytes through one direction; the other side acknowledges as they come. */
static void
positions_go_on_where_sequence_numbers_begin_again(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "a");
    uint32_t seq = 102;
    for (int i = 0; i < 5; i++) { /* holes of nearly a window each */
        seq += 0x3ffffff0;
        world_send(&world, 0, seq, 501, ACK, "b");
        world_wait(&world, UM_PATIENCE_PACKETS + 1, 501, ++seq);
    }
    world_assert_heard(&world, 0,
                       "a[1073741808]b[1073741808]b[1073741808]b[1073741808]b[1073741808]b");
    world_finish(&world);
}

/* ---- beginnings ---- */

static void
capture_may_begin_in_the_middle(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world_send(&world, 0, 7000, 9000, ACK, "zzz"); /* the rest of something: not wanted */
    world_send(&world, 0, 7003, 9000, ACK, "abc");
    world_send(&world, 1, 9000, 7006, ACK, "ABC");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abc{C}");
    world_assert_heard(&world, 1, "ABC{C}");
    assert_int_equal(world_stats(&world)->lost_bytes, 0);
    world_finish(&world);
}

/* The start of the client's direction was taken from the reply's acknowledgement, and its request
 * stood before that: it was dropped. */
static void
request_stored_behind_its_reply_in_mid_stream_is_delivered_before_it(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world_send(&world, 1, 9000, 7006, ACK, "ABC");
    world_send(&world, 0, 7000, 9000, ACK, "abc");
    world_send(&world, 0, 7003, 9000, ACK, "def");
    world_send(&world, 0, 7006, 9003, ACK, "ghi");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abcdefghi{C}");
    world_assert_heard(&world, 1, "ABC{C}");
    world_assert_order(&world, "ccsc");
    assert_int_equal(world_stats(&world)->lost_bytes, 0);
    world_finish(&world);
}

/* A bit of the request's acknowledgement was wrong, and its reply was not believed. */
static void
reply_far_from_where_its_request_says_begins_where_it_says_itself(void **state)
{
    (void)state;
    for (unsigned flip = 20; flip < 32; flip++) {
        struct world world;
        world_open(&world);
        world_send(&world, 0, 7000, 9000 ^ (1U << flip), ACK, "abc");
        world_send(&world, 1, 9000, 7003, ACK, "");
        world_send(&world, 1, 9000, 7003, ACK, "ABC");
        world_send(&world, 0, 7003, 9003, ACK, "def");
        world_send(&world, 1, 9003, 7006, ACK, "DEF");
        world_end_capture(&world);
        world_assert_heard(&world, 0, "abcdef{C}");
        world_assert_heard(&world, 1, "ABCDEF{C}");
        world_assert_order(&world, "cscs");
        assert_int_equal(world_stats(&world)->lost_bytes, 0);
        world_finish(&world);
    }
}

/* What has not heard the request is of a connection before this one. */
static void
bytes_of_an_older_connection_do_not_move_the_start(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world_send(&world, 0, 7000, 9000, ACK, "abc");
    world_send(&world, 1, 3000000000, 3400000000, ACK, "old");
    world_send(&world, 1, 9000, 7003, ACK, "ABC");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abc{C}");
    world_assert_heard(&world, 1, "ABC{C}");
    world_finish(&world);
}

static void
reply_at_the_begin_of_a_capture_waits_for_no_request_for_long(void **state)
{
    (void)state;
    for (int by_time = 0; by_time < 2; by_time++) {
        struct world world;
        world_open(&world);
        world_send(&world, 1, 9000, 7006, ACK, "ABC");
        if (by_time)
            world.time_ns += UM_LATE_NS;
        else
            world_wait(&world, UM_LATE_PACKETS - 1, 9003, 7006);
        world_assert_heard(&world, 1, "");
        world_wait(&world, 1, 9003, 7006);
        world_assert_heard(&world, 1, "ABC");
        world_send(&world, 0, 7000, 9000, ACK, "abc"); /* now it is too late */
        world_end_capture(&world);
        world_assert_heard(&world, 0, "{C}");
        world_finish(&world);
    }
}

static void
other_side_that_goes_on_from_there_ends_the_wait_for_a_request(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world_send(&world, 1, 9000, 7006, ACK, "ABC");
    world_send(&world, 0, 7005, 9000, ACK, "a"); /* a keep-alive probe proves nothing */
    world_assert_heard(&world, 1, "");
    world_send(&world, 0, 7006, 9003, ACK, "");
    world_assert_heard(&world, 1, "ABC");
    world_assert_heard(&world, 0, "");
    world_finish(&world);
}

/*
 * A client that pipelines sends before it has seen the reply, so that its bytes acknowledge none of
 * it. They were once delivered first, and the reply taken for that to the request in them.
 */
static void
reply_that_was_held_comes_before_what_ends_the_wait(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world_send(&world, 1, 9000, 7006, ACK, "ABC");
    world_send(&world, 0, 7006, 9000, ACK, "abc");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abc{C}");
    world_assert_heard(&world, 1, "ABC{C}");
    world_assert_order(&world, "sc");
    world_finish(&world);
}

static void
missing_direction_is_told_to_the_sink_and_is_no_loss(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 104, 601, ACK, "def");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abcdef{C}");
    world_assert_heard(&world, 1, "[unseen 100]{C}");
    assert_int_equal(world_stats(&world)->lost_bytes, 0);
    assert_int_equal(world_stats(&world)->one_sided, 1);
    world_finish(&world);
}

/* One side only, its handshake too: what the other must have started with is known, but nothing is
 * waited for. */
static void
one_side_with_its_handshake_is_one_sided(void **state)
{
    (void)state;
    for (int side = 0; side < 2; side++) {
        struct world world;
        world_open(&world);
        if (side == 0)
            world_send(&world, 0, 100, 0, SYN, "");
        else
            world_send(&world, 1, 500, 101, SYN | ACK, "");
        world_send(&world, side, side == 0 ? 101 : 501, side == 0 ? 501 : 104, ACK, "abc");
        world_send(&world, side, side == 0 ? 104 : 504, side == 0 ? 501 : 104, ACK, "def");
        world_end_capture(&world);
        world_assert_heard(&world, side, "abcdef{C}");
        assert_int_equal(world_stats(&world)->one_sided, 1);
        assert_int_equal(world_stats(&world)->lost_bytes, 0);
        world_finish(&world);
    }
}

static void
missing_syn_means_nothing_when_the_other_was_captured(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world_send(&world, 1, 500, 101, SYN | ACK, "");
    world_send(&world, 0, 104, 501, ACK, "def");
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abcdef{C}");
    world_finish(&world);
}

/*
 * Bare segments of a connection without an entry were once no news at all. What the last part of a
 * handshake tells is missed when one of the others was lost, and the first exchange with it.
 */
static void
last_part_of_a_handshake_tells_what_a_lost_one_would_have(void **state)
{
    (void)state;
    for (int lost = 0; lost < 2; lost++) {
        struct world world;
        world_open(&world);
        if (lost == 1)
            world_send(&world, 0, 100, 0, SYN, "");
        else
            world_send(&world, 1, 500, 101, SYN | ACK, "");
        world_send(&world, 0, 101, 501, ACK, "");
        world_send(&world, 0, 104, 504, ACK, "aef"); /* three bytes of both were not captured */
        world_send(&world, 1, 504, 107, ACK, "AEF");
        world_end_capture(&world);
        world_assert_heard(&world, 0, "[3]aef{C}");
        world_assert_heard(&world, 1, "[3]AEF{C}");
        assert_int_equal(world_stats(&world)->lost_bytes, 6);
        world_finish(&world);
    }
}

/* A client of which nothing but that was captured is waited for: its request comes before the
 * reply. */
static void
client_that_only_acknowledged_the_handshake_is_waited_for(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world_send(&world, 1, 500, 101, SYN | ACK, "");
    world_send(&world, 0, 101, 501, ACK, "");
    world_send(&world, 1, 501, 104, ACK, "ABC");
    world_assert_heard(&world, 1, "");
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_assert_heard(&world, 0, "abc");
    world_assert_heard(&world, 1, "ABC");
    world_finish(&world);
}

/*
 * Two captures merged, one of which has a clock that is a millisecond ahead: a side comes late with
 * its handshake and all. What acknowledged its bytes was once delivered first: of clear text
 * replies had no requests, and of TLS the client's keys came before the suite that was chosen.
 */
static void
side_that_comes_late_with_its_handshake_is_waited_for(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world_send(&world, 1, 500, 101, SYN | ACK, "");
    world_send(&world, 1, 501, 104, ACK, "ABC");
    world_assert_heard(&world, 1, "");
    world_send(&world, 0, 100, 0, SYN, "");
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_assert_heard(&world, 0, "abc");
    world_assert_heard(&world, 1, "ABC");
    world_finish(&world);

    world_open(&world);
    world_send(&world, 0, 100, 0, SYN, "");
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_assert_heard(&world, 0, "abc");
    world_send(&world, 0, 104, 504, ACK, "def");
    world_assert_heard(&world, 0, "abc");
    world_send(&world, 1, 500, 101, SYN | ACK, "");
    world_send(&world, 1, 501, 104, ACK, "ABC");
    world_assert_heard(&world, 0, "abcdef");
    world_assert_heard(&world, 1, "ABC");
    world_assert_order(&world, "csc");
    world_finish(&world);
}

/* Of a capture of one direction all is delivered once that has had its time, which packets of other
 * connections tell too. */
static void
side_that_never_comes_is_waited_for_once(void **state)
{
    (void)state;
    for (int by_others = 0; by_others < 2; by_others++) {
        struct world world;
        world_open(&world);
        world_send(&world, 1, 500, 101, SYN | ACK, "");
        world_send(&world, 1, 501, 104, ACK, "ABC");
        world_wait(&world, 2 * UM_LATE_PACKETS, 504, 104);
        world_assert_heard(&world, 1, "");
        world.time_ns += UM_LATE_NS;
        if (by_others) {
            world.client = 1;
            world_shake_hands(&world);
            world_send(&world, 0, 101, 501, ACK, "abc");
            world.client = 0;
        } else {
            world_wait(&world, 1, 504, 104);
        }
        world_assert_heard(&world, 1, "ABC");
        world_send(&world, 1, 504, 107, ACK, "DEF");
        world_assert_heard(&world, 1, "ABCDEF");
        assert_int_equal(world_stats(&world)->lost_bytes, 0);
        world_finish(&world);
    }
}

/* Nothing is given up then, so that no limit is told of. */
static void
side_that_never_comes_is_not_waited_for_beyond_the_limit(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    world.limits.max[UM_LIMIT_PENDING] = 8;
    world_start(&world);
    world_send(&world, 1, 500, 101, SYN | ACK, "");
    world_send(&world, 1, 501, 104, ACK, "ABCDEFG");
    world_assert_heard(&world, 1, "");
    world_send(&world, 1, 508, 104, ACK, "HI"); /* one more than the limit */
    world_assert_heard(&world, 1, "ABCDEFGHI");
    assert_int_equal(world_stats(&world)->pending.count, 0);
    assert_int_equal(world_stats(&world)->lost_bytes, 0);
    world_finish(&world);
}

/* Forced to begin where it was guessed: what comes before that place moves it no more. It did,
 * after a wait for the other side, and the program ended. */
static void
start_that_was_forced_at_a_limit_stays(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    world.limits.max[UM_LIMIT_PENDING] = 8;
    world_start(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 104, 501, ACK, "defghij");
    world_send(&world, 0, 111, 504, ACK, "k");
    world_send(&world, 0, 98, 501, ACK, "abc");
    world_send(&world, 0, 90, 0, SYN, ""); /* another connection */
    world_send(&world, 0, 91, 501, ACK, "abc");
    world_end_capture(&world);
    assert_int_equal(world.opened, 2);
    world_assert_heard(&world, 0, "abcdefghijk{N}abc{C}");
    world_finish(&world);
}

static void
syn_may_carry_bytes(void **state)
{
    (void)state;
    for (int is_accepted = 0; is_accepted < 2; is_accepted++) { /* RFC 7413: or sent again */
        struct world world;
        world_open(&world);
        world_send(&world, 0, 100, 0, SYN, "abc");
        world_send(&world, 1, 500, is_accepted ? 104 : 101, SYN | ACK, is_accepted ? "AB" : "");
        if (!is_accepted) {
            world_send(&world, 0, 101, 501, ACK, "abc");
            world_send(&world, 1, 501, 104, ACK, "AB");
        }
        world_send(&world, 0, 104, 503, ACK, "def");
        world_end_capture(&world);
        world_assert_heard(&world, 0, "abcdef{C}");
        world_assert_heard(&world, 1, "AB{C}");
        assert_int_equal(world_stats(&world)->connections, 1);
        assert_int_equal(world_stats(&world)->lost_bytes, 0);
        world_finish(&world);
    }
}

/* The second SYN was taken for a new connection. */
static void
both_sides_may_open_at_once(void **state)
{
    (void)state;
    for (int every = 0; every < 2; every++) {
        struct world world;
        world_begin(&world);
        world.every = every;
        world_start(&world);
        world_send(&world, 0, 100, 0, SYN, "");
        world_send(&world, 1, 500, 0, SYN, "");
        world_send(&world, 0, 100, 501, SYN | ACK, "");
        world_send(&world, 1, 500, 101, SYN | ACK, "");
        world_send(&world, 0, 101, 501, ACK, "abc");
        world_send(&world, 1, 501, 104, ACK, "ABC");
        world_end_capture(&world);
        world_assert_heard(&world, 0, "abc{C}");
        world_assert_heard(&world, 1, "ABC{C}");
        assert_int_equal(world_stats(&world)->connections, 1);
        world_finish(&world);
    }
}

static void
syn_stored_behind_the_first_bytes_is_of_the_same_connection(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 100, 0, SYN, "");
    world_send(&world, 1, 500, 101, SYN | ACK, "");
    world_send(&world, 1, 501, 104, ACK, "ABC");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abc{C}");
    world_assert_heard(&world, 1, "ABC{C}");
    assert_int_equal(world_stats(&world)->connections, 1);
    world_finish(&world);
}

/* ---- segments that bring nothing ---- */

static void
keep_alive_probes_of_no_and_of_one_byte_say_nothing(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 100, 501, ACK, "x"); /* before anything was sent */
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 103, 501, ACK, "x"); /* repeats the last place, with another byte */
    world_send(&world, 0, 103, 501, ACK, "");
    world_send(&world, 1, 501, 104, ACK, "");
    world_send(&world, 0, 104, 501, ACK, "def");
    world_send(&world, 1, 501, 107, ACK, "ABC");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abcdef{C}");
    world_assert_heard(&world, 1, "ABC{C}");
    assert_int_equal(world_stats(&world)->lost_bytes + world_stats(&world)->conflicts, 0);
    world_finish(&world);
}

/* The probe's byte is the next one: sent again and again, and last with those behind it. */
static void
zero_window_probes_bring_one_byte_once(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    for (int i = 0; i < 3; i++) {
        world_send(&world, 0, 104, 501, ACK, "d");
        world_send(&world, 1, 501, 104, ACK, ""); /* not taken yet */
    }
    world_send(&world, 1, 501, 104, ACK, "");
    world_send(&world, 0, 104, 501, ACK, "defg");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abcdefg{C}");
    assert_int_equal(world_stats(&world)->lost_bytes, 0);
    world_finish(&world);
}

static void
urgent_bytes_are_bytes_of_the_stream(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 104, 501, ACK | URG, "!");
    world_send(&world, 0, 105, 501, ACK, "def");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abc!def{C}");
    world_finish(&world);
}

/* ---- FIN ---- */

static void
fin_waits_for_the_bytes_before_it(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 107, 501, ACK | FIN, "gh");
    world_assert_heard(&world, 0, "abc");
    world_send(&world, 0, 104, 501, ACK, "def");
    world_assert_heard(&world, 0, "abcdefgh{F}");
    world_finish(&world);
}

static void
bytes_behind_the_fin_say_nothing(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 104, 501, ACK | FIN, "de");
    world_send(&world, 0, 106, 501, ACK, "zz");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abcde{F}");
    world_finish(&world);
}

/* They were delivered where they had come before the FIN, or began before its place. */
static void
bytes_behind_the_fin_say_nothing_when_they_were_held(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 109, 501, ACK, "yy");
    world_send(&world, 0, 106, 501, ACK, "fgxx");
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 108, 501, ACK | FIN, "");
    world_send(&world, 0, 104, 501, ACK, "defgxxxx");
    world_assert_heard(&world, 0, "abcdefg{F}");
    world_end_capture(&world);
    assert_int_equal(world_stats(&world)->lost_bytes, 0);
    world_finish(&world);
}

/* Such a FIN is a copy of another connection's, or a lie: it ended the direction at once. */
static void
fin_below_what_was_delivered_ends_nothing(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abcdef");
    world_send(&world, 0, 101, 501, ACK | FIN, "abc");
    world_assert_heard(&world, 0, "abcdef");
    world_send(&world, 0, 107, 501, ACK, "ghi");
    world_send(&world, 0, 110, 501, ACK | FIN, "");
    world_send(&world, 0, 107, 501, ACK | FIN, "ghi"); /* sent again: the right one */
    world_assert_heard(&world, 0, "abcdefghi{F}");
    world_finish(&world);
}

/* ---- RST ---- */

/* Packets of another connection, 700 ms apart. */
static void
let_time_pass(struct world *world, uint32_t packets)
{
    world->client = 1;
    world_shake_hands(world);
    world_send(world, 0, 101, 501, ACK, "a");
    for (uint32_t i = 0; i < packets; i++) {
        world->time_ns += 700 * INT64_C(1000000);
        world_send(world, 0, 102 + i, 501, ACK, "x");
    }
    world->client = 0;
}

static void
reset_ends_its_side_and_the_other_goes_on(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 104, 501, RST, "");
    world_send(&world, 1, 501, 104, ACK, "ABC");
    world_assert_heard(&world, 1, "ABC");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abc{R}");
    world_assert_heard(&world, 1, "ABC{R}");
    world_finish(&world);
}

static void
reset_outside_the_window_is_ignored(void **state)
{
    (void)state;
    static const uint32_t seqs[] = {5000104, 50, 102};
    for (size_t i = 0; i < sizeof seqs / sizeof *seqs; i++) {
        struct world world;
        world_connect(&world);
        world_send(&world, 0, 101, 501, ACK, "abc");
        world_send(&world, 0, seqs[i], 501, RST, "");
        world_send(&world, 0, 104, 501, ACK, "def");
        world_assert_heard(&world, 0, "abcdef");
        world_finish(&world);
    }
}

/* Somebody between had made it up, and the receiver did not obey: the rest was dropped. */
static void
reset_is_refuted_by_what_its_side_goes_on_to_send(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 1, 501, 104, ACK, "ABC");
    world_send(&world, 1, 504, 104, RST, "");
    world_send(&world, 1, 504, 104, ACK, "DEF");
    world_send(&world, 0, 104, 507, ACK, "def");
    world.time_ns += 60 * INT64_C(1000000000);
    world_send(&world, 1, 507, 107, ACK, "GHI");
    world_assert_heard(&world, 0, "abcdef");
    world_assert_heard(&world, 1, "ABCDEFGHI");
    assert_int_equal(world.closed, 0);
    world_send(&world, 0, 107, 510, ACK | FIN, "");
    world_send(&world, 1, 510, 108, ACK | FIN, "");
    world_assert_heard(&world, 0, "abcdef{F}");
    world_assert_heard(&world, 1, "ABCDEFGHI{F}");
    assert_int_equal(world_stats(&world)->lost_bytes, 0);
    world_finish(&world);
}

/* A middle box sends them to both sides. */
static void
resets_by_both_sides_are_refuted_alike(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 104, 501, RST, "");
    world_send(&world, 1, 501, 104, RST | ACK, "");
    world_send(&world, 1, 501, 104, ACK, "ABC");
    world_send(&world, 0, 104, 504, ACK, "def");
    world_assert_heard(&world, 0, "abcdef");
    world_assert_heard(&world, 1, "ABC");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abcdef{C}");
    world_finish(&world);
}

static void
resets_close_the_connection_in_time(void **state)
{
    (void)state;
    for (int has_fin = 0; has_fin < 2; has_fin++) {
        struct world world;
        world_connect(&world);
        world_send(&world, 0, 101, 501, has_fin ? ACK | FIN : ACK, "abc");
        world_send(&world, 1, 501, 104, RST | ACK, "");
        if (!has_fin)
            world_send(&world, 0, 104, 501, RST, "");
        assert_int_equal(world.closed, 0);
        let_time_pass(&world, 20);
        assert_int_equal(world.closed, 1);
        world_assert_heard(&world, 0, has_fin ? "abc{F}" : "abc{R}");
        world_assert_heard(&world, 1, "{R}");
        world_finish(&world);
    }
}

static void
syn_answered_by_a_reset_is_a_connection_that_is_over_soon(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    world.every = true;
    world_start(&world);
    world_send(&world, 0, 100, 0, SYN, "");
    world_send(&world, 1, 0, 101, RST | ACK, "");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "{R}");
    world_assert_heard(&world, 1, "{R}");
    assert_int_equal(world_stats(&world)->lost_bytes, 0);
    world_finish(&world);
}

/* What the side still sends was held behind its end, and counted as lost with the bytes between. */
static void
bytes_behind_a_reset_are_no_loss(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 104, 501, RST, "");
    uint64_t before = world.meter.used;
    world_send(&world, 0, 110, 501, ACK, "jkl");
    assert_int_equal(world.meter.used, before);
    world_wait(&world, 2 * UM_PATIENCE_PACKETS, 501, 113);
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abc{R}");
    assert_int_equal(world_stats(&world)->lost_bytes, 0);
    assert_int_equal(world_stats(&world)->lost_streams, 0);
    world_finish(&world);
}

/* The hole of the other side was given up at once, though its bytes were only stored late. */
static void
reset_gives_up_no_hole_of_the_other_side(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 1, 504, 104, ACK, "DEF");
    world_send(&world, 0, 104, 501, RST, "");
    world_send(&world, 1, 501, 104, ACK, "ABC");
    world_end_capture(&world);
    world_assert_heard(&world, 1, "ABCDEF{R}");
    assert_int_equal(world_stats(&world)->lost_bytes, 0);
    world_finish(&world);
}

static void
reset_delivers_what_its_side_had_sent(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 107, 501, ACK, "ghi");
    world_send(&world, 0, 110, 501, RST, "");
    world_wait(&world, UM_PATIENCE_PACKETS - 1, 501, 104);
    world_assert_heard(&world, 0, "abc");
    world_wait(&world, 1, 501, 104);
    world_assert_heard(&world, 0, "abc[3]ghi");
    assert_int_equal(world_stats(&world)->lost_bytes, 3);
    world_finish(&world);
}

/*
 * Stored in another order than sent: what a side had sent before its reset was once dropped when it
 * came behind it, and with two clocks what the other side had sent before that was given up.
 */
static void
reset_that_overtakes_bytes_drops_none(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "a");
    world_send(&world, 1, 507, 104, RST | ACK, "");
    world_send(&world, 1, 504, 104, ACK, "DEF");
    world_send(&world, 0, 102, 501, ACK, "bc");
    world_assert_heard(&world, 0, "abc");
    world_assert_heard(&world, 1, "");
    world_send(&world, 1, 501, 104, ACK, "ABC");
    world_assert_heard(&world, 1, "ABCDEF");
    assert_int_equal(world_stats(&world)->lost_bytes, 0);
    world_finish(&world);
}

/* Bytes before a reset of which nothing but its number tells are no loss. */
static void
reset_ahead_of_all_bytes_is_no_loss(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 200, 501, RST, "");
    world_wait(&world, UM_PATIENCE_PACKETS, 501, 104);
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abc{R}");
    assert_int_equal(world_stats(&world)->lost_bytes, 0);
    world_finish(&world);
}

/* A reply that the client had acknowledged, and the capture lacked, was once no loss when the
 * server reset the connection: its request was told as cut off. */
static void
reset_tells_what_its_side_had_sent_and_the_capture_lacks(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 104, 507, ACK, "");
    world_send(&world, 1, 507, 104, RST | ACK, "");
    world_wait(&world, UM_PATIENCE_PACKETS, 507, 104);
    world_assert_heard(&world, 1, "[6]");
    assert_int_equal(world_stats(&world)->lost_bytes, 6);
    world_finish(&world);
}

/* A reply was once delivered before its request, which waited for a hole in front of it. */
static void
reset_delivers_what_its_side_had_acknowledged_before_that(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 104, 501, ACK, "def");
    world_send(&world, 1, 501, 107, ACK, "ABC");
    world_send(&world, 1, 504, 107, RST | ACK, "");
    world_wait(&world, UM_PATIENCE_PACKETS, 504, 107);
    world_assert_heard(&world, 0, "[3]def");
    world_assert_heard(&world, 1, "ABC");
    world_assert_order(&world, "Ccs");
    world_finish(&world);
}

/* The FIN tells how many bytes there were; a FIN behind the reset tells nothing. */
static void
reset_leaves_a_fin_its_place_and_lets_none_in_behind_it(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 110, 501, ACK | FIN, "");
    world_send(&world, 0, 111, 501, RST, "");
    world_wait(&world, UM_PATIENCE_PACKETS, 501, 104);
    world_assert_heard(&world, 0, "abc[6]{F}");
    assert_int_equal(world_stats(&world)->lost_bytes, 6);
    world_finish(&world);

    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "a");
    world_send(&world, 0, 106, 501, RST, "");
    world_send(&world, 0, 130, 501, ACK | FIN, "");
    world_send(&world, 0, 102, 501, ACK, "bcde");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abcde{R}");
    assert_int_equal(world_stats(&world)->lost_bytes, 0);
    world_finish(&world);
}

static void
bytes_stored_behind_a_reset_that_were_sent_before_it_are_delivered(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 120, 507, RST | ACK, "");
    world_send(&world, 0, 110, 501, ACK, "jklm");
    world_send(&world, 1, 504, 104, ACK, "DEF");
    world_wait(&world, 3 * UM_PATIENCE_PACKETS, 507, 104);
    world_assert_heard(&world, 0, "abc[6]jklm");
    world_assert_heard(&world, 1, "[3]DEF");
    world_finish(&world);
}

/* The client's hole was never acknowledged: the server's reset waited for it to the end. */
static void
reset_side_waits_for_no_hole_of_the_other_for_long(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 107, 501, ACK, "ghi");
    world_send(&world, 1, 504, 104, ACK, "DEF");
    world_send(&world, 0, 110, 507, ACK, "");
    world_send(&world, 1, 507, 104, RST | ACK, "");
    world_wait(&world, 3 * UM_PATIENCE_PACKETS, 507, 104);
    world_assert_heard(&world, 1, "[3]DEF");
    world_finish(&world);
}

/* It was waited for acknowledged bytes when the reset came, and that wait went on: the side ended
 * with the reset, and what came a packet later was dropped. */
static void
reset_has_a_patience_of_its_own(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 1, 501, 107, ACK, "");
    world_wait(&world, UM_PATIENCE_PACKETS - 1, 501, 107);
    world_send(&world, 0, 116, 501, RST, "");
    world_send(&world, 0, 107, 501, ACK, "ghijklmno");
    world_wait(&world, 2 * UM_PATIENCE_PACKETS, 501, 107);
    world_assert_heard(&world, 0, "abc[3]ghijklmno");
    world_finish(&world);
}

/* The second hole of the server came to light when the client's was given up, by time alone. */
static void
every_hole_of_a_connection_that_falls_silent_is_told_in_time(void **state)
{
    (void)state;
    for (int is_reset = 0; is_reset < 2; is_reset++) {
        struct world world;
        world_connect(&world);
        world_send(&world, 0, 101, 501, ACK, "abc");
        world_send(&world, 1, 501, 107, ACK, "ABC");
        world_send(&world, 1, 507, 107, ACK, "GHI");
        world_send(&world, 0, 107, 510, is_reset ? RST | ACK : ACK, "");
        if (is_reset)
            world_send(&world, 1, 510, 107, RST, "");
        let_time_pass(&world, is_reset ? 20 : 8);
        world_assert_heard(&world, 0, is_reset ? "abc[3]{R}" : "abc[3]");
        world_assert_heard(&world, 1, is_reset ? "ABC[3]GHI{R}" : "ABC[3]GHI");
        assert_int_equal(world.closed, is_reset);
        world_finish(&world);
    }
}

/* What waits for the number of a FIN, which is no byte, goes on when the other side has ended. */
static void
end_of_one_side_lets_the_other_go_on(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 1, 501, 105, ACK, "ABC");
    world_send(&world, 1, 504, 108, ACK, "DEF");
    world_send(&world, 0, 107, 504, FIN | ACK, "");
    let_time_pass(&world, 8);
    world_assert_heard(&world, 0, "abc[3]{F}");
    world_assert_heard(&world, 1, "ABCDEF");
    world_finish(&world);
}

/* Its entry, and what was still to be said of it, waited for the end of the capture. */
static void
connection_that_ends_by_time_alone_is_closed(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 1, 501, 104, ACK | FIN, "");
    world_send(&world, 0, 110, 502, RST | ACK, "");
    assert_int_equal(world.closed, 0);
    world.client = 1;
    world_shake_hands(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world.time_ns += 10 * INT64_C(1000000000);
    world_wait(&world, 2, 501, 104);
    assert_int_equal(world.closed, 1);
    world.client = 0;
    world_assert_heard(&world, 0, "abc{R}");
    world_finish(&world);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sequence_numbers_wrap),
        cmocka_unit_test(positions_go_on_where_sequence_numbers_begin_again),
        cmocka_unit_test(capture_may_begin_in_the_middle),
        cmocka_unit_test(request_stored_behind_its_reply_in_mid_stream_is_delivered_before_it),
        cmocka_unit_test(reply_far_from_where_its_request_says_begins_where_it_says_itself),
        cmocka_unit_test(bytes_of_an_older_connection_do_not_move_the_start),
        cmocka_unit_test(reply_at_the_begin_of_a_capture_waits_for_no_request_for_long),
        cmocka_unit_test(other_side_that_goes_on_from_there_ends_the_wait_for_a_request),
        cmocka_unit_test(reply_that_was_held_comes_before_what_ends_the_wait),
        cmocka_unit_test(missing_direction_is_told_to_the_sink_and_is_no_loss),
        cmocka_unit_test(one_side_with_its_handshake_is_one_sided),
        cmocka_unit_test(missing_syn_means_nothing_when_the_other_was_captured),
        cmocka_unit_test(last_part_of_a_handshake_tells_what_a_lost_one_would_have),
        cmocka_unit_test(client_that_only_acknowledged_the_handshake_is_waited_for),
        cmocka_unit_test(side_that_comes_late_with_its_handshake_is_waited_for),
        cmocka_unit_test(side_that_never_comes_is_waited_for_once),
        cmocka_unit_test(side_that_never_comes_is_not_waited_for_beyond_the_limit),
        cmocka_unit_test(start_that_was_forced_at_a_limit_stays),
        cmocka_unit_test(syn_may_carry_bytes),
        cmocka_unit_test(both_sides_may_open_at_once),
        cmocka_unit_test(syn_stored_behind_the_first_bytes_is_of_the_same_connection),
        cmocka_unit_test(keep_alive_probes_of_no_and_of_one_byte_say_nothing),
        cmocka_unit_test(zero_window_probes_bring_one_byte_once),
        cmocka_unit_test(urgent_bytes_are_bytes_of_the_stream),
        cmocka_unit_test(fin_waits_for_the_bytes_before_it),
        cmocka_unit_test(bytes_behind_the_fin_say_nothing),
        cmocka_unit_test(bytes_behind_the_fin_say_nothing_when_they_were_held),
        cmocka_unit_test(fin_below_what_was_delivered_ends_nothing),
        cmocka_unit_test(reset_ends_its_side_and_the_other_goes_on),
        cmocka_unit_test(reset_outside_the_window_is_ignored),
        cmocka_unit_test(reset_is_refuted_by_what_its_side_goes_on_to_send),
        cmocka_unit_test(resets_by_both_sides_are_refuted_alike),
        cmocka_unit_test(resets_close_the_connection_in_time),
        cmocka_unit_test(syn_answered_by_a_reset_is_a_connection_that_is_over_soon),
        cmocka_unit_test(bytes_behind_a_reset_are_no_loss),
        cmocka_unit_test(reset_gives_up_no_hole_of_the_other_side),
        cmocka_unit_test(reset_delivers_what_its_side_had_sent),
        cmocka_unit_test(reset_that_overtakes_bytes_drops_none),
        cmocka_unit_test(reset_ahead_of_all_bytes_is_no_loss),
        cmocka_unit_test(reset_delivers_what_its_side_had_acknowledged_before_that),
        cmocka_unit_test(reset_tells_what_its_side_had_sent_and_the_capture_lacks),
        cmocka_unit_test(reset_leaves_a_fin_its_place_and_lets_none_in_behind_it),
        cmocka_unit_test(bytes_stored_behind_a_reset_that_were_sent_before_it_are_delivered),
        cmocka_unit_test(reset_side_waits_for_no_hole_of_the_other_for_long),
        cmocka_unit_test(reset_has_a_patience_of_its_own),
        cmocka_unit_test(every_hole_of_a_connection_that_falls_silent_is_told_in_time),
        cmocka_unit_test(end_of_one_side_lets_the_other_go_on),
        cmocka_unit_test(connection_that_ends_by_time_alone_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
