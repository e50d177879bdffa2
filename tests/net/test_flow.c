/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of connections: which are followed, replaced, evicted, remembered, and what it costs. */
#include "offline/net/closed.h"
#include "tests/net/world.h"

/* ---- interest ---- */

static void
what_is_not_wanted_costs_nothing(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    for (uint32_t i = 0; i < 1000; i++) {
        world_send(&world, 0, i * 1000, 0, SYN, "");
        world_send(&world, 0, i * 1000 + 1, 0, ACK, "zzz");
    }
    assert_int_equal(world.meter.peak, 0);
    world_end_capture(&world);
    assert_int_equal(world.opened, 0);
    world_finish(&world);
}

static void
bytes_in_order_are_passed_on_without_an_allocation(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "a");
    for (int i = 0; i < 2; i++) /* what the test itself keeps has room from here on */
        assert_int_equal(um_buf_reserve(&world.heard[0].text[i], 1 << 16), UM_OK);
    assert_int_equal(um_buf_reserve(&world.heard[0].order, 1 << 16), UM_OK);
    size_t before = um_test_alloc_count();
    for (uint32_t i = 0; i < 1000; i++) {
        world_send(&world, 0, 102 + i, 501 + i, ACK, "b");
        world_send(&world, 1, 501 + i, 103 + i, ACK, "B");
    }
    assert_int_equal(um_test_alloc_count(), before);
    world_end_capture(&world);
    world_finish(&world);
}

static void
connection_whose_first_bytes_come_late_is_followed_from_them_on(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 104, 501, ACK, "def"); /* not wanted by itself, but it is not the first */
    assert_int_equal(world.opened, 0);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_assert_heard(&world, 0, "abcdef");
    world_finish(&world);
}

/*
 * The server's acknowledgement of bytes that were not captured came before anything made an entry:
 * it was forgotten, and what is behind the hole waited for another.
 */
static void
hole_that_was_acknowledged_before_the_entry_is_given_up_by_the_clock(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 1, 501, 151, ACK, "");
    world_send(&world, 0, 151, 501, ACK, "abc");
    world_assert_heard(&world, 0, "");
    world.time_ns += UM_PATIENCE_NS;
    world_send(&world, 0, 154, 501, ACK, "d");
    world_assert_heard(&world, 0, "[50]abcd");
    world_finish(&world);
}

/* A keep-alive repeats one byte of what was said, whichever that is: alone it begins nothing. */
static void
one_byte_in_the_midst_of_a_connection_is_not_enough_to_follow_it(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    for (uint32_t i = 0; i < 10; i++)
        world_send(&world, 0, 700, 900, ACK, "a");
    assert_int_equal(world.opened, 0);
    assert_int_equal(world.meter.peak, 0);
    world_send(&world, 0, 701, 900, ACK, "ab");
    assert_int_equal(world.opened, 1);
    world_send(&world, 0, 702, 900, ACK, "b"); /* and on one that is followed it is told once */
    world_send(&world, 1, 900, 703, ACK, "B");
    world_assert_heard(&world, 0, "ab");
    world_assert_heard(&world, 1, "B");
    world_finish(&world);
}

static void
one_byte_that_is_the_first_of_a_connection_is_enough(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "a");
    world_send(&world, 0, 102, 501, ACK, "b");
    world_assert_heard(&world, 0, "ab");
    world_finish(&world);
}

static void
connection_whose_first_bytes_are_not_wanted_is_forgotten(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 104, 501, ACK, "def");
    assert_true(world.meter.used > 0);
    world_send(&world, 0, 101, 501, ACK, "zzz");
    assert_int_equal(world.meter.used, 0);
    world_send(&world, 0, 107, 501, ACK, "ghi");
    assert_int_equal(world.meter.used, 0);
    world_finish(&world);
}

static void
connection_whose_first_bytes_never_come_is_not_held_for_long(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    for (uint32_t i = 0; i < 100; i++)
        world_send(&world, 0, 104 + i, 501, ACK, "z");
    assert_int_equal(world.meter.used, 0);
    world_finish(&world);
}

/*
 * The capture stored the last two packets before the first one. The reset made umtrace forget what
 * it held: the request was told cut off, or not at all.
 */
static void
reset_before_the_first_bytes_does_not_forget_what_is_held(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 104, 501, ACK, "def");
    world_send(&world, 0, 107, 0, RST, "");
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abcdef{R}");
    world_finish(&world);
}

/*
 * Half of all connections of a service ended with a FIN of one side and a reset of the other, which
 * sent none: their entries stayed until the end, and the memory was full of them.
 */
static void
connection_that_was_reset_goes_when_the_other_side_is_silent(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 1, 501, 104, ACK | FIN, "ABC");
    world_send(&world, 0, 104, 505, ACK, "d");
    world_send(&world, 1, 505, 0, RST, "");
    for (int i = 0; i < 3; i++) { /* the client has not heard of it */
        world.time_ns += 9 * INT64_C(1000000000);
        world_send(&world, 0, 105 + (uint32_t)i, 505, ACK, "e");
    }
    assert_int_equal(world.closed, 0);
    world.client = 1;
    world.time_ns += 20 * INT64_C(1000000000);
    world_send(&world, 0, 1, 1, ACK, "");
    assert_int_equal(world.closed, 1);
    assert_int_equal(world.meter.used, 0);
    world.client = 0;
    world_assert_heard(&world, 0, "abcdeee{R}");
    world_assert_heard(&world, 1, "ABC{F}");
    world_finish(&world);
}

/* One reset in the future, by a wrong clock, kept all those behind it. */
static void
reset_by_a_clock_that_is_set_back_stops_no_other_from_going(void **state)
{
    (void)state;
    static const int64_t year_ns = 365 * 86400 * INT64_C(1000000000);
    struct world world;
    world_open(&world);
    for (world.client = 0; world.client < 3; world.client++) {
        world_shake_hands(&world);
        world_send(&world, 0, 101, 501, ACK, "abc");
        world.time_ns += world.client == 0 ? year_ns : 0;
        world_send(&world, 1, 501, 104, RST | ACK, "");
        world.time_ns -= world.client == 0 ? year_ns : 0;
    }
    world.client = 3;
    for (int i = 0; i < 5; i++) {
        world.time_ns += 11 * INT64_C(1000000000);
        world_send(&world, 0, 1, 1, ACK, "");
    }
    assert_true(world.closed >= 2);
    world_finish(&world);
}

/* Entries that only hold go as well. */
static void
connection_that_was_reset_before_its_first_bytes_goes_too(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 104, 501, ACK, "def");
    world_send(&world, 0, 107, 0, RST, "");
    assert_true(world.meter.used > 0);
    world.client = 1;
    world.time_ns += 20 * INT64_C(1000000000);
    world_send(&world, 0, 1, 1, ACK, "");
    assert_int_equal(world.meter.used, 0);
    world_finish(&world);
}

static void
every_connection_may_be_followed_from_its_first_packet_on(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    world.every = true;
    world_start(&world);
    world_shake_hands(&world);
    assert_int_equal(world.opened, 1);
    world_send(&world, 0, 101, 501, ACK, "zzz");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "zzz{C}");
    world_assert_heard(&world, 1, "{C}");
    world_finish(&world);
}

/* ---- the same ports again ---- */

static void
new_syn_on_the_same_ports_is_a_new_connection(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 9100, 0, SYN, "");
    world_send(&world, 0, 9101, 0, ACK, "axy");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abc{N}axy{C}");
    assert_int_equal(world_stats(&world)->connections, 2);
    world_finish(&world);
}

/* The SYN was not captured: its answer was taken for a packet of the old connection. */
static void
new_answer_to_a_syn_on_the_same_ports_is_a_new_connection(void **state)
{
    (void)state;
    static const int64_t silences_ns[] = {0, UM_PAIR_SILENCE_NS};
    for (size_t i = 0; i < sizeof silences_ns / sizeof *silences_ns; i++) {
        struct world world;
        world_connect(&world);
        world_send(&world, 0, 101, 501, ACK, "abc");
        world_send(&world, 1, 501, 104, ACK, "ABC");
        world.time_ns += silences_ns[i];
        world_send(&world, 1, 0x90000000, 0x70000001, SYN | ACK, "");
        assert_int_equal(world.closed, 1);
        world_send(&world, 0, 0x70000001, 0x90000001, ACK, "axy");
        world_send(&world, 1, 0x90000001, 0x70000004, ACK, "AXY");
        world_end_capture(&world);
        world_assert_heard(&world, 0, "abc{N}axy{C}");
        world_assert_heard(&world, 1, "ABC{N}AXY{C}");
        assert_int_equal(world_stats(&world)->connections, 2);
        assert_int_equal(world_stats(&world)->lost_bytes, 0);
        world_finish(&world);
    }
}

static void
answer_to_a_syn_that_is_stored_again_is_of_the_same_connection(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 1, 500, 101, SYN | ACK, "");
    world_send(&world, 0, 100, 0, SYN, "");
    world_send(&world, 1, 501, 104, ACK, "ABC");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abc{C}");
    assert_int_equal(world_stats(&world)->connections, 1);
    world_finish(&world);
}

static void
late_retransmission_of_a_closed_connection_begins_nothing(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK | FIN, "abc");
    world_send(&world, 1, 501, 105, ACK | FIN, "ABC");
    assert_int_equal(world.closed, 1);
    world_send(&world, 0, 101, 501, ACK | FIN, "abc");
    world_send(&world, 1, 501, 105, ACK | FIN, "ABC");
    world_end_capture(&world);
    assert_int_equal(world.opened, 1);
    world_assert_heard(&world, 0, "abc{F}");
    world_assert_heard(&world, 1, "ABC{F}");
    world_finish(&world);
}

/* A day later, its SYN not captured: as long as its numbers were near it was taken for the same. */
static void
connection_long_after_a_closed_one_is_another_whatever_its_numbers(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK | FIN, "abc");
    world_send(&world, 1, 501, 105, ACK | FIN, "ABC");
    world.time_ns += UM_CLOSED_REPEAT_NS;
    world_send(&world, 0, 3105, 401, ACK, "axy");
    world_send(&world, 1, 401, 3108, ACK, "AXY");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abc{F}axy{C}");
    world_assert_heard(&world, 1, "ABC{F}AXY{C}");
    world_finish(&world);
}

/*
 * The same packets captured at the client and at the server, whose clock is a second behind: short
 * connections were over before their second copy came, and all that was said in them counted twice.
 */
static void
second_copy_of_a_closed_connection_begins_nothing(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    for (int i = 0; i < 2; i++) {
        world_shake_hands(&world);
        world_send(&world, 0, 101, 501, ACK | FIN, "abc");
        world_send(&world, 1, 501, 105, ACK | FIN, "ABC");
        world_send(&world, 0, 105, 505, ACK, "");
        world.time_ns += INT64_C(1000000000);
    }
    assert_int_equal(world.opened, 1);
    world_send(&world, 0, 9100, 0, SYN, ""); /* the ports are used again */
    world_send(&world, 1, 7500, 9101, SYN | ACK, "");
    world_send(&world, 0, 9101, 7501, ACK, "abc");
    assert_int_equal(world.opened, 2);
    world_finish(&world);
}

/*
 * The second tap's clock is 20 s behind, and other connections begin in the meantime, a thousand a
 * second. Any SYN took the place of what was remembered of a closed connection, so that with enough
 * of them all was told twice.
 */
static void
second_copy_of_a_closed_connection_behind_many_syns_begins_nothing(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    for (int i = 0; i < 2; i++) {
        world_shake_hands(&world);
        world_send(&world, 0, 101, 501, ACK | FIN, "abc");
        world_send(&world, 1, 501, 105, ACK | FIN, "ABC");
        for (world.client = 1; world.client < 20000; world.client++)
            world_send(&world, 0, 9000, 0, SYN, "");
        world.client = 0;
    }
    assert_int_equal(world.opened, 1);
    world_finish(&world);
}

/* Only what is near the number of its SYN is of the new connection. */
static void
second_copy_begins_nothing_when_the_ports_are_used_again(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK | FIN, "abc");
    world_send(&world, 1, 501, 105, ACK | FIN, "ABC");
    world_send(&world, 0, 104U - 1000000, 0, SYN, "");
    world_send(&world, 0, 101, 501, ACK | FIN, "abc");
    assert_int_equal(world.opened, 1);
    world_send(&world, 0, 105U - 1000000, 501, ACK, "axy");
    assert_int_equal(world.opened, 2);
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abc{F}axy{C}");
    world_finish(&world);
}

/*
 * A handshake is remembered until the first bytes have passed. The server's never came here, for
 * long; the next request's connection began at that old number, a hole of gigabytes behind which
 * the whole direction was not believed.
 */
static void
stale_handshake_drops_no_direction(void **state)
{
    (void)state;
    static const uint32_t later[] = {100000, 0x50000000, 0x90000000};
    for (size_t i = 0; i < sizeof later / sizeof *later; i++) {
        struct world world;
        world_connect(&world);
        world_send(&world, 0, 101, 501, ACK, "zzz");
        uint32_t seq = 104, ack = 501 + later[i];
        world_send(&world, 0, seq, ack, ACK, "abc");
        world_send(&world, 1, ack, seq + 3, ACK, "ABC");
        world_end_capture(&world);
        world_assert_heard(&world, 0, "abc{C}");
        world_assert_heard(&world, 1, "ABC{C}");
        assert_int_equal(world_stats(&world)->lost_bytes, 0);
        world_finish(&world);
    }
}

/* The same for the sender's own direction: a SYN of an earlier connection on the ports. */
static void
stale_syn_makes_no_hole(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101 + 0x30000000, 501, ACK, "abc");
    world_send(&world, 1, 501, 104 + 0x30000000, ACK, "ABC");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abc{C}");
    world_assert_heard(&world, 1, "ABC{C}");
    world_finish(&world);
}

/*
 * Files of different days, or a gap between captures: the old connection has no FIN, the new one no
 * SYN. What stood far from the old numbers was dropped, a whole connection, and nothing told of it.
 */
static void
other_numbers_behind_a_silence_are_another_connection(void **state)
{
    (void)state;
    static const uint32_t seqs[] = {0x4c000000, 0x80000005, 0xe0000000}; /* ahead and behind */
    for (size_t i = 0; i < sizeof seqs / sizeof *seqs; i++) {
        struct world world;
        uint32_t seq = seqs[i], ack = seq + 77777;
        world_connect(&world);
        world_send(&world, 0, 101, 501, ACK, "abc");
        world_send(&world, 1, 501, 104, ACK, "ABC");
        world.time_ns += UM_PAIR_SILENCE_NS;
        world_send(&world, 0, seq, ack, ACK, "axy");
        world_send(&world, 1, ack, seq + 3, ACK, "AXY");
        world_end_capture(&world);
        world_assert_heard(&world, 0, "abc{N}axy{C}");
        world_assert_heard(&world, 1, "ABC{N}AXY{C}");
        assert_int_equal(world_stats(&world)->connections, 2);
        assert_int_equal(world_stats(&world)->lost_bytes, 0);
        world_finish(&world);
    }
}

/* The second capture begins in the midst of a body: what comes before the next request neither ends
 * the silence nor is taken for bytes of the old connection. */
static void
rest_of_a_message_of_another_connection_says_nothing_of_the_old_one(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 1, 501, 104, ACK, "ABC");
    world.time_ns += UM_PAIR_SILENCE_NS;
    world_send(&world, 1, 0x90000000, 0x20000000, ACK, "zzz");
    world_send(&world, 0, 0x20000000, 0x90000003, ACK, "");
    assert_int_equal(world.closed, 0);
    world_send(&world, 0, 0x20000000, 0x90000003, ACK, "axy");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abc{N}axy{C}");
    world_assert_heard(&world, 1, "ABC{N}{C}");
    assert_int_equal(world_stats(&world)->lost_bytes, 0);
    world_finish(&world);
}

/* The first one was in the midst of something, so that its starts are still guesses. */
static void
connection_of_one_packet_is_another_than_the_one_behind_a_silence(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world_send(&world, 1, 9000, 7006, ACK, "ABC");
    world.time_ns += UM_PAIR_SILENCE_NS;
    world_send(&world, 0, 0x90000000, 0xa0000000, ACK, "axy");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "{N}axy{C}");
    world_assert_heard(&world, 1, "ABC{N}{C}");
    assert_int_equal(world_stats(&world)->connections, 2);
    world_finish(&world);
}

/*
 * More than a window of one direction was not captured, as in two files of a ring buffer: nothing
 * behind it was read any more, and nothing told of it. Either side may be the first to go on.
 */
static void
more_than_a_window_that_is_missing_begins_anew(void **state)
{
    (void)state;
    for (int first = 0; first < 2; first++) {
        struct world world;
        world_connect(&world);
        world_send(&world, 0, 101, 501, ACK, "abc");
        world_send(&world, 1, 501, 104, ACK, "ABC");
        world.time_ns += UM_PAIR_SILENCE_NS;
        uint32_t next = 504 + 0x50000000;
        if (first == 0)
            world_send(&world, 0, 104, next, ACK, "axy");
        world_send(&world, 1, next, 107, ACK, "AXY");
        world_send(&world, 0, 107, next + 3, ACK, "abc");
        world_end_capture(&world);
        world_assert_heard(&world, 0, first == 0 ? "abc{N}axyabc{C}" : "abc{N}abc{C}");
        world_assert_heard(&world, 1, "ABC{N}AXY{C}");
        assert_int_equal(world_stats(&world)->connections, 2);
        world_finish(&world);
    }
}

/* Without a silence, or where the numbers are known, or only ahead. */
static void
numbers_of_the_same_connection_begin_no_other(void **state)
{
    (void)state;
    static const struct {
        int64_t silence_ns;
        uint32_t seq, ack;
    } cases[] = {{UM_PAIR_SILENCE_NS - INT64_C(2000000), 0x90000000, 0xa0000000},
                 {UM_PAIR_SILENCE_NS, 104, 504 + 0x30000000},
                 {UM_PAIR_SILENCE_NS, 104 + 0x20000000, 504U - (1 << 24)},
                 {UM_PAIR_SILENCE_NS, 104 + 0x20000000, 504 + 0x30000000},
                 {-UM_PAIR_SILENCE_NS, 0x90000000, 0xa0000000}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world world;
        world_connect(&world);
        world_send(&world, 0, 101, 501, ACK, "abc");
        world_send(&world, 1, 501, 104, ACK, "ABC");
        world.time_ns += cases[i].silence_ns;
        world_send(&world, 0, cases[i].seq, cases[i].ack, ACK, "axy");
        assert_int_equal(world.opened, 1);
        assert_int_equal(world.closed, 0);
        world_finish(&world);
    }
}

/* A second tap whose clock is behind: what it stored of a connection that is still open. */
static void
second_copy_of_an_open_connection_begins_no_other(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    for (uint32_t i = 0; i < 3; i++) { /* far from the start, in both directions */
        uint32_t seq = 104 + (i + 1) * 0x1000000, ack = 501 + (i + 1) * 0x1000000;
        world_send(&world, 0, seq, ack, ACK, "d");
        world_send(&world, 1, ack, seq + 1, ACK, "D");
    }
    world.time_ns += UM_PAIR_SILENCE_NS;
    world_send(&world, 0, 101, 501, ACK, "abc");
    assert_int_equal(world.opened, 1);
    assert_int_equal(world.closed, 0);
    world_finish(&world);
}

/* ---- limits ---- */

static void
connection_above_the_limit_evicts_the_least_recently_used(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    world.limits.max[UM_LIMIT_FLOWS] = 2;
    world_start(&world);
    for (world.client = 0; world.client < 2; world.client++) {
        world_shake_hands(&world);
        world_send(&world, 0, 101, 501, ACK, "abc");
    }
    world.client = 0;
    world_send(&world, 0, 104, 501, ACK, "def");
    world.client = 2;
    world_shake_hands(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    assert_int_equal(world_stats(&world)->evicted, 1);
    assert_int_equal(world_stats(&world)->first_evicted_frame, 8);
    world_assert_heard(&world, 0, "abc");
    world.client = 1;
    world_assert_heard(&world, 0, "abc{E}");
    world.client = 0;
    world_assert_heard(&world, 0, "abcdef");
    world_end_capture(&world);
    world_finish(&world);
}

/*
 * A packet is looked for first in the connection of the one before: which may have been closed by
 * that, may begin anew, and may have been given up for another connection's sake.
 */
static void
connection_of_the_packet_before_may_be_gone(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    world.limits.max[UM_LIMIT_FLOWS] = 1;
    world_start(&world);
    world_shake_hands(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 1, 501, 104, ACK | FIN, "ABC");
    world_send(&world, 0, 104, 505, ACK | FIN, "");
    world_assert_heard(&world, 0, "abc{F}");
    world_assert_heard(&world, 1, "ABC{F}");
    world_send(&world, 0, 101, 501, ACK, "abc"); /* again, behind the end */
    assert_int_equal(world.opened, 1);
    world_send(&world, 0, 8000, 0, SYN, "");
    world_send(&world, 0, 8001, 9001, ACK, "axy");
    world_send(&world, 0, 90000, 0, SYN, ""); /* the same ends once more, and at once */
    world_send(&world, 0, 90001, 70001, ACK, "anew");
    assert_int_equal(world.opened, 3);
    world.client = 1;
    world_send(&world, 0, 101, 501, ACK, "afar");
    assert_int_equal(world_stats(&world)->evicted, 1);
    world.client = 0;
    world_send(&world, 0, 90005, 70001, ACK, "a last one");
    assert_int_equal(world.opened, 5);
    assert_int_equal(world_stats(&world)->evicted, 2);
    world_assert_heard(&world, 0, "abc{F}axy{N}anew{E}a last one");
    world_end_capture(&world);
    world_finish(&world);
}

/* Of a packet of the connection before its ends are not read; one that begins it anew needs them.
 */
static void
connection_that_begins_anew_behind_a_packet_of_the_server_is_the_clients(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    for (int client = 1; client >= 0; client--) {
        world.client = client;
        world_shake_hands(&world);
        world_send(&world, 0, 101, 501, ACK, "abc");
    }
    world.client = 1;
    world_send(&world, 1, 501, 104, ACK, "ABC");
    world_send(&world, 0, 90000, 0, SYN, "");
    world_send(&world, 0, 90001, 70001, ACK, "anew");
    world_assert_heard(&world, 0, "abc{N}anew");
    world_assert_heard(&world, 1, "ABC{N}");
    world_end_capture(&world);
    world_finish(&world);
}

/* Both directions, and two connections in turns of all lengths. */
static void
packets_find_their_connection_whichever_came_before(void **state)
{
    (void)state;
    struct world world;
    uint32_t sent[WORLD_CLIENTS][2] = {{0}};
    uint64_t seed = 7;
    world_open(&world);
    for (world.client = 0; world.client < WORLD_CLIENTS; world.client++)
        world_shake_hands(&world);
    for (int i = 0; i < 2000; i++) {
        if (um_test_random(&seed) % 3 == 0)
            world.client = (int)(um_test_random(&seed) % WORLD_CLIENTS);
        world.client %= WORLD_CLIENTS;
        uint32_t *own = sent[world.client];
        int side = own[0] == 0 ? 0 : (int)(um_test_random(&seed) % 2);
        world_send(&world, side, (side == 0 ? 101 : 501) + own[side],
                   (side == 0 ? 501 : 101) + own[1 - side], ACK, side == 0 ? "a" : "B");
        own[side]++;
    }
    for (world.client = 0; world.client < WORLD_CLIENTS; world.client++)
        for (int side = 0; side < 2; side++)
            assert_int_equal(um_buf_span(&world.heard[world.client].text[side]).len,
                             sent[world.client][side]);
    assert_int_equal(world.opened, WORLD_CLIENTS);
    world.client = 0;
    world_finish(&world);
}

/*
 * The SYN was still remembered: after an eviction the connection seemed to start there again, and
 * all that had been delivered was a hole before the next request.
 */
static void
next_request_of_an_evicted_connection_stands_behind_no_hole(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    world.limits.max[UM_LIMIT_FLOWS] = 1;
    world_start(&world);
    for (world.client = 0; world.client < 2; world.client++) {
        world_shake_hands(&world);
        world_send(&world, 0, 101, 501, ACK, "abc");
        world_send(&world, 1, 501, 104, ACK, "ABC");
    }
    world.client = 0;
    world_send(&world, 0, 101, 501, ACK, "abc"); /* an old copy begins nothing */
    assert_int_equal(world_stats(&world)->connections, 2);
    world_send(&world, 0, 104, 504, ACK, "axy");
    world_send(&world, 1, 504, 107, ACK, "AXY");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abc{E}axy{C}");
    world_assert_heard(&world, 1, "ABC{E}AXY{C}");
    assert_int_equal(world_stats(&world)->lost_bytes, 0);
    world_finish(&world);
}

static void
evicted_connection_that_went_on_unseen_stands_behind_no_hole(void **state)
{
    (void)state;
    struct world world;
    world_begin(&world);
    world.limits.max[UM_LIMIT_FLOWS] = 1;
    world_start(&world);
    for (world.client = 0; world.client < 2; world.client++) {
        world_shake_hands(&world);
        world_send(&world, 0, 101, 501, ACK, "abc");
    }
    world.client = 0;
    world_send(&world, 0, 104, 501, ACK, "zzz"); /* the rest of its request, not wanted */
    world_send(&world, 1, 501, 107, ACK, "zzz");
    world_send(&world, 0, 107, 504, ACK, "axy");
    world_end_capture(&world);
    world_assert_heard(&world, 0, "abc{E}axy{C}");
    assert_int_equal(world_stats(&world)->lost_bytes, 0);
    world_finish(&world);
}

/* Nothing told of it. */
static void
connection_that_finds_no_memory_is_counted_once(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world.meter.max = 100;
    world_shake_hands(&world);
    world_send(&world, 0, 101, 501, ACK, "zzz"); /* not wanted: nothing is missed */
    assert_int_equal(world_stats(&world)->evicted, 0);
    world_send(&world, 0, 104, 501, ACK, "abc");
    world_send(&world, 0, 107, 501, ACK, "axy");
    assert_int_equal(world_stats(&world)->evicted, 1);
    assert_int_equal(world_stats(&world)->first_evicted_frame, 5);
    assert_int_equal(world.opened, 0);
    world.client = 1;
    world_send(&world, 0, 101, 501, ACK, "abc");
    assert_int_equal(world_stats(&world)->evicted, 2);
    world.meter.max = UINT64_MAX; /* as soon as there is some it is followed again */
    world_send(&world, 0, 104, 501, ACK, "abc");
    assert_int_equal(world.opened, 1);
    world_end_capture(&world);
    world_finish(&world);
}

static void
without_memory_an_older_connection_makes_room(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world.meter.max = world.meter.used + 100;
    world.client = 1;
    world_shake_hands(&world);
    world_send(&world, 0, 101, 501, ACK, "axy");
    assert_int_equal(world_stats(&world)->evicted, 1);
    world_assert_heard(&world, 0, "axy");
    world.client = 0;
    world_assert_heard(&world, 0, "abc{E}");
    world_end_capture(&world);
    world_finish(&world);
}

static void
where_the_user_has_no_room_an_older_connection_makes_it(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world.room = 1;
    for (world.client = 0; world.client < 2; world.client++) {
        world_shake_hands(&world);
        world_send(&world, 0, 101, 501, ACK, "abc");
    }
    assert_int_equal(world_stats(&world)->evicted, 1);
    assert_int_equal(world_stats(&world)->connections, 2);
    world.client = 0;
    world_assert_heard(&world, 0, "abc{E}");
    world_end_capture(&world);
    world_finish(&world);
}

static void
connection_that_the_user_has_no_room_for_is_counted_once(void **state)
{
    (void)state;
    struct world world;
    world_open(&world);
    world.room = 0;
    world_shake_hands(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 0, 104, 501, ACK, "abc");
    assert_int_equal(world_stats(&world)->evicted, 1);
    assert_int_equal(world_stats(&world)->connections, 0);
    assert_int_equal(world.meter.used, 0);
    world_end_capture(&world);
    world_finish(&world);
}

/* ---- allocations that fail ---- */

static void
nth_allocation_failing_is_told_and_leaks_nothing(void **state)
{
    (void)state;
    static const struct {
        int from;
        uint32_t seq, ack;
        unsigned flags;
        const char *bytes;
    } packets[] = {{0, 100, 0, SYN, ""},          {0, 105, 501, ACK, "efg"},
                   {0, 101, 501, ACK, "abcd"},    {1, 501, 120, ACK, "ABC"},
                   {0, 112, 501, ACK, "lmn"},     {1, 504, 120, ACK | FIN, ""},
                   {0, 115, 505, ACK | FIN, "op"}};
    for (size_t n = 0;; n++) {
        struct world world;
        world_open(&world);
        um_test_alloc_fail_at(n);
        int err = UM_OK;
        for (size_t i = 0; i < sizeof packets / sizeof *packets && !err; i++)
            err = world_send_bytes(&world, packets[i].from, packets[i].seq, packets[i].ack,
                                   packets[i].flags, S(packets[i].bytes), 0);
        if (!err)
            err = um_flows_end(world.flows);
        bool has_failed = um_test_alloc_reset();
        if (err)
            assert_int_equal(err, UM_ERR_NOMEM);
        world_finish(&world);
        if (!has_failed)
            break;
        assert_true(n < 1000);
    }
}

/* What a user keeps of open connections leaked when an error had stopped the run. */
static void
connections_that_are_open_when_the_flows_are_freed_are_abandoned(void **state)
{
    (void)state;
    struct world world;
    world_connect(&world);
    world_send(&world, 0, 101, 501, ACK, "abc");
    world.client = 1;
    world_send(&world, 0, 101, 501, ACK, "only held: not wanted");
    world.client = 2;
    world_send(&world, 0, 101, 501, ACK, "abc");
    world_send(&world, 1, 501, 104, RST | ACK, "");
    world_finish(&world);
    assert_int_equal(world.opened, 2);
    assert_int_equal(world.closed + world.abandoned, 2);
    assert_true(world.abandoned >= 1);
}

static void
without_memory_for_the_whole_nothing_is_made(void **state)
{
    (void)state;
    struct um_limits limits;
    struct um_meter meter = {.max = UINT64_MAX};
    struct um_flow_events events = {.every = true};
    struct um_flows *flows = NULL;
    um_limits_init(&limits);
    for (size_t n = 0; n < 2; n++) {
        um_test_alloc_fail_at(n);
        assert_int_equal(um_flows_new(&limits, &meter, &events, &flows), UM_ERR_NOMEM);
        assert_true(um_test_alloc_reset());
        assert_null(flows);
    }
    um_flows_free(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_not_wanted_costs_nothing),
        cmocka_unit_test(bytes_in_order_are_passed_on_without_an_allocation),
        cmocka_unit_test(connection_whose_first_bytes_come_late_is_followed_from_them_on),
        cmocka_unit_test(hole_that_was_acknowledged_before_the_entry_is_given_up_by_the_clock),
        cmocka_unit_test(one_byte_in_the_midst_of_a_connection_is_not_enough_to_follow_it),
        cmocka_unit_test(one_byte_that_is_the_first_of_a_connection_is_enough),
        cmocka_unit_test(connection_whose_first_bytes_are_not_wanted_is_forgotten),
        cmocka_unit_test(connection_whose_first_bytes_never_come_is_not_held_for_long),
        cmocka_unit_test(reset_before_the_first_bytes_does_not_forget_what_is_held),
        cmocka_unit_test(connection_that_was_reset_goes_when_the_other_side_is_silent),
        cmocka_unit_test(reset_by_a_clock_that_is_set_back_stops_no_other_from_going),
        cmocka_unit_test(connection_that_was_reset_before_its_first_bytes_goes_too),
        cmocka_unit_test(every_connection_may_be_followed_from_its_first_packet_on),
        cmocka_unit_test(new_syn_on_the_same_ports_is_a_new_connection),
        cmocka_unit_test(new_answer_to_a_syn_on_the_same_ports_is_a_new_connection),
        cmocka_unit_test(answer_to_a_syn_that_is_stored_again_is_of_the_same_connection),
        cmocka_unit_test(late_retransmission_of_a_closed_connection_begins_nothing),
        cmocka_unit_test(connection_long_after_a_closed_one_is_another_whatever_its_numbers),
        cmocka_unit_test(second_copy_of_a_closed_connection_begins_nothing),
        cmocka_unit_test(second_copy_of_a_closed_connection_behind_many_syns_begins_nothing),
        cmocka_unit_test(second_copy_begins_nothing_when_the_ports_are_used_again),
        cmocka_unit_test(stale_handshake_drops_no_direction),
        cmocka_unit_test(stale_syn_makes_no_hole),
        cmocka_unit_test(other_numbers_behind_a_silence_are_another_connection),
        cmocka_unit_test(rest_of_a_message_of_another_connection_says_nothing_of_the_old_one),
        cmocka_unit_test(connection_of_one_packet_is_another_than_the_one_behind_a_silence),
        cmocka_unit_test(more_than_a_window_that_is_missing_begins_anew),
        cmocka_unit_test(numbers_of_the_same_connection_begin_no_other),
        cmocka_unit_test(second_copy_of_an_open_connection_begins_no_other),
        cmocka_unit_test(connection_above_the_limit_evicts_the_least_recently_used),
        cmocka_unit_test(connection_of_the_packet_before_may_be_gone),
        cmocka_unit_test(connection_that_begins_anew_behind_a_packet_of_the_server_is_the_clients),
        cmocka_unit_test(packets_find_their_connection_whichever_came_before),
        cmocka_unit_test(next_request_of_an_evicted_connection_stands_behind_no_hole),
        cmocka_unit_test(evicted_connection_that_went_on_unseen_stands_behind_no_hole),
        cmocka_unit_test(connection_that_finds_no_memory_is_counted_once),
        cmocka_unit_test(without_memory_an_older_connection_makes_room),
        cmocka_unit_test(where_the_user_has_no_room_an_older_connection_makes_it),
        cmocka_unit_test(connection_that_the_user_has_no_room_for_is_counted_once),
        cmocka_unit_test(nth_allocation_failing_is_told_and_leaks_nothing),
        cmocka_unit_test(connections_that_are_open_when_the_flows_are_freed_are_abandoned),
        cmocka_unit_test(without_memory_for_the_whole_nothing_is_made),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
