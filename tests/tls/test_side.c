/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What leaves a direction, and how much of what is lost was clear. */
#include "tests/tls/sides.h"

enum { GCM_13 = 0x1301, GCM_12 = 0xc02f, CBC_SHA1 = 0x002f, NULL_SHA256 = 0x003b };

static const struct um_mark mark = {.frame = 7, .time_ns = 1};

/* A direction under keys of that suite, of which some record has been read. */
static struct um_tls_side *
give_keys(struct sides *sides, int index, uint16_t version, uint16_t suite, bool are_real)
{
    struct um_tls_side *side = &sides->tls->sides[index];
    struct um_tls_keys keys = {.key_len = 16, .mac_len = are_real ? 20 : 0, .iv_len = 16};
    assert_int_equal(um_unseal_new(version, um_tls_suite_find(suite), false, &keys, &side->unseal),
                     UM_OK);
    side->is_verified = true;
    return side;
}

/* How many clear bytes `records` records of 100 bytes each held. */
static void
assert_clear(uint16_t version, uint16_t suite, uint64_t records, uint64_t least, uint64_t most)
{
    struct sides sides;
    sides_begin(&sides);
    struct um_tls_side *side = give_keys(&sides, 1, version, suite, true);
    um_side_lose(side, 100 * records, 8 * records, UM_GAP_LOST, &mark);
    struct um_missing clear = um_side_lost_clear(side, records);
    assert_int_equal(clear.least, least);
    assert_int_equal(clear.most, most);
    sides_end(&sides);
}

static void
lost_records_of_known_overhead_held_so_many_clear_bytes(void **state)
{
    (void)state;
    assert_clear(UM_TLS_VERSION_13, GCM_13, 3, 3 * (100 - 5 - 16 - 1), 3 * (100 - 5 - 16 - 1));
    assert_clear(UM_TLS_VERSION_12, GCM_12, 3, 3 * (100 - 5 - 8 - 16), 3 * (100 - 5 - 8 - 16));
    assert_clear(UM_TLS_VERSION_12, NULL_SHA256, 2, 2 * (100 - 5 - 32), 2 * (100 - 5 - 32));
}

static void
lost_records_of_a_block_cipher_held_a_block_less_for_each_or_not(void **state)
{
    (void)state;
    /* header, MAC, at least one byte of padding; from TLS 1.1 on an IV of their own */
    assert_clear(UM_TLS_VERSION_10, CBC_SHA1, 1, 100 - 5 - 20 - 16, 100 - 5 - 20 - 1);
    assert_clear(UM_TLS_VERSION_10, CBC_SHA1, 40, 40 * 59, 40 * 74);
    assert_clear(UM_TLS_VERSION_11, CBC_SHA1, 40, 40 * (59 - 16), 40 * (74 - 16));
}

static void
lost_bytes_that_were_no_record_may_have_held_nothing(void **state)
{
    (void)state;
    struct sides sides;
    sides_begin(&sides);
    struct um_tls_side *side = give_keys(&sides, 1, UM_TLS_VERSION_13, GCM_13, true);
    um_side_lose(side, 30, 3, UM_GAP_LOST, &mark);
    assert_int_equal(um_side_lost_clear(side, 0).least, 0);
    /* more records than there is room for: still it is told that something was lost */
    assert_int_equal(um_side_lost_clear(side, 2).least, 0);
    assert_int_equal(um_side_lost_clear(side, 2).most, 1);
    sides_end(&sides);
}

/* Without a key nothing tells how many records were lost: one, as a guess, or as many as fit. */
static void
lost_records_that_nothing_verifies_may_have_been_many(void **state)
{
    (void)state;
    struct sides sides;
    sides_begin(&sides);
    struct um_tls_side *side = give_keys(&sides, 1, UM_TLS_VERSION_12, NULL_SHA256, false);
    um_side_lose(side, 400, 9, UM_GAP_LOST, &mark);
    assert_int_equal(um_side_lost_clear(side, 1).most, 400 - 37);
    assert_int_equal(um_side_lost_clear(side, 1).least, 400 - 9 * 37);
    sides_end(&sides);
}

static void
first_cause_of_a_loss_is_the_one_told(void **state)
{
    (void)state;
    struct sides sides;
    sides_begin(&sides);
    struct um_tls_side *side = give_keys(&sides, 1, UM_TLS_VERSION_13, GCM_13, true);
    um_side_lose(side, 100, 1, UM_GAP_CUT, &mark);
    um_side_lose(side, 100, 1, UM_GAP_LOST, &mark);
    assert_int_equal(um_side_gap(side, um_side_lost_clear(side, 2)), UM_OK);
    sides_assert_told(&sides, "1:[156 cut] ");
    assert_int_equal(side->clear_offset, 156);
    assert_int_equal(side->loss.bytes, 0);
    sides_end(&sides);
}

static int
speak(struct sides *sides, int side, const char *text)
{
    const struct um_tls_arrival arrival = {.first = mark, .last = mark};
    return um_side_data(&sides->tls->sides[side], &arrival, um_span_text(text));
}

static void
gap_is_told_ahead_when_the_other_side_speaks_and_once(void **state)
{
    (void)state;
    struct sides sides;
    sides_begin(&sides);
    struct um_tls_side *side = give_keys(&sides, 1, UM_TLS_VERSION_10, CBC_SHA1, true);
    um_side_lose(side, 100, 8, UM_GAP_LOST, &mark);
    assert_int_equal(speak(&sides, 0, "a"), UM_OK);
    assert_int_equal(speak(&sides, 0, "b"), UM_OK);
    sides_assert_told(&sides, "1:(74) 0:a 0:b ");
    assert_int_equal(um_side_gap(side, um_side_lost_clear(side, 1)), UM_OK);
    assert_int_equal(speak(&sides, 1, "c"), UM_OK);
    sides_assert_told(&sides, "1:[59-74] 1:c ");
    assert_int_equal(side->clear_offset, 74 + 1);

    um_side_lose(side, 30, 1, UM_GAP_LOST, &mark); /* the next one */
    assert_int_equal(speak(&sides, 0, "d"), UM_OK);
    assert_int_equal(um_side_gap(side, um_side_lost_clear(side, 2)), UM_OK);
    assert_int_equal(speak(&sides, 1, "e"), UM_OK);
    sides_assert_told(&sides, "1:(4) 0:d 1:[0-1] 1:e ");
    sides_end(&sides);
}

/* A second reply lost was once not told, since the loss of the first had been. */
static void
gap_that_grows_is_told_ahead_once_more(void **state)
{
    (void)state;
    struct sides sides;
    sides_begin(&sides);
    struct um_tls_side *side = give_keys(&sides, 1, UM_TLS_VERSION_13, GCM_13, true);
    for (int i = 0; i < 2; i++) {
        um_side_lose(side, 100, 1, UM_GAP_LOST, &mark);
        assert_int_equal(speak(&sides, 0, "a"), UM_OK);
        assert_int_equal(speak(&sides, 0, "b"), UM_OK);
    }
    assert_int_equal(um_side_gap(side, um_side_lost_clear(side, 2)), UM_OK);
    sides_assert_told(&sides, "1:(78) 0:a 0:b 1:(178) 0:a 0:b 1:[156] ");
    assert_int_equal(side->clear_offset, 2 * 78);
    sides_end(&sides);
}

/*
 * What was lost behind a request, of replies, is not what was lost before it: that was told, and
 * the gap in which both came said nothing of the order.
 */
static void
gap_that_grew_since_it_was_told_ahead_is_so_before_it_comes(void **state)
{
    (void)state;
    struct sides sides;
    sides_begin(&sides);
    struct um_tls_side *side = give_keys(&sides, 1, UM_TLS_VERSION_13, GCM_13, true);
    um_side_lose(side, 100, 1, UM_GAP_LOST, &mark);
    assert_int_equal(speak(&sides, 0, "a"), UM_OK);
    um_side_lose(side, 100, 1, UM_GAP_LOST, &mark);
    assert_int_equal(um_side_gap(side, um_side_lost_clear(side, 2)), UM_OK);
    sides_assert_told(&sides, "1:(78) 0:a 1:(178) 1:[156] ");
    um_side_lose(side, 100, 1, UM_GAP_LOST, &mark); /* one that was not told */
    assert_int_equal(um_side_gap(side, um_side_lost_clear(side, 1)), UM_OK);
    sides_assert_told(&sides, "1:[78] ");
    sides_end(&sides);
}

static void
gap_is_told_ahead_before_one_of_the_other_side_too(void **state)
{
    (void)state;
    struct sides sides;
    sides_begin(&sides);
    struct um_tls_side *asks = give_keys(&sides, 0, UM_TLS_VERSION_13, GCM_13, true);
    struct um_tls_side *replies = give_keys(&sides, 1, UM_TLS_VERSION_13, GCM_13, true);
    um_side_lose(asks, 100, 1, UM_GAP_LOST, &mark);
    um_side_lose(replies, 100, 1, UM_GAP_LOST, &mark);
    assert_int_equal(um_side_gap(replies, um_side_lost_clear(replies, 1)), UM_OK);
    sides_assert_told(&sides, "0:(78) 1:[78] ");
    sides_end(&sides);
}

/* Of a handshake, or under keys that may be others: nothing of what the peers said to each other.
 */
static void
gap_is_not_told_ahead_before_a_record_has_been_read(void **state)
{
    (void)state;
    struct sides sides;
    sides_begin(&sides);
    struct um_tls_side *side = give_keys(&sides, 1, UM_TLS_VERSION_12, GCM_12, true);
    side->is_verified = false;
    um_side_lose(side, 100, 8, UM_GAP_LOST, &mark);
    assert_int_equal(speak(&sides, 0, "a"), UM_OK);
    sides_assert_told(&sides, "0:a ");
    sides_end(&sides);
}

static void
direction_of_which_no_more_is_wanted_counts_on_in_silence(void **state)
{
    (void)state;
    struct sides sides;
    sides_begin(&sides);
    struct um_tls_side *side = give_keys(&sides, 1, UM_TLS_VERSION_13, GCM_13, true);
    sides.answer = UM_SINK_ENOUGH;
    assert_int_equal(speak(&sides, 1, "abc"), UM_OK);
    um_side_lose(side, 100, 1, UM_GAP_LOST, &mark);
    assert_int_equal(speak(&sides, 0, "x"), UM_OK);
    assert_int_equal(um_side_gap(side, um_side_lost_clear(side, 1)), UM_OK);
    assert_int_equal(speak(&sides, 1, "d"), UM_OK);
    sides_assert_told(&sides, "1:abc 0:x ");
    assert_true(side->is_enough);
    assert_int_equal(side->clear_offset, 3 + 78 + 1);
    sides_end(&sides);
}

/* What the sink has no use for is counted, and told before anything else is. */
static void
bytes_of_no_use_are_left_out(void **state)
{
    (void)state;
    struct sides sides;
    sides_begin(&sides);
    struct um_tls_side *side = give_keys(&sides, 1, UM_TLS_VERSION_13, GCM_13, true);
    sides.answer = 5;
    assert_int_equal(speak(&sides, 1, "a"), UM_OK);
    assert_int_equal(speak(&sides, 1, "bcd"), UM_OK);
    assert_int_equal(um_side_pass(side, 4, &mark), 2); /* no more are of no use */
    assert_int_equal(um_side_pass(side, 4, &mark), 0);
    sides_assert_told(&sides, "1:a ");
    assert_int_equal(side->clear_offset, 6);
    sides.answer = 5;
    assert_int_equal(speak(&sides, 1, "g"), UM_OK);
    sides_assert_told(&sides, "1:~5 1:g ");
    assert_int_equal(sides.last.frame, mark.frame);
    assert_int_equal(speak(&sides, 1, "too long"), UM_OK); /* in part: it is not cut */
    sides_assert_told(&sides, "1:too long ");
    side->wants_all = true;
    assert_int_equal(speak(&sides, 1, "a"), UM_OK);
    assert_true(side->wants_all);
    sides.answer = 5;
    assert_int_equal(speak(&sides, 1, "b"), UM_OK);
    assert_false(side->wants_all);
    sides_end(&sides);
}

static void
bytes_left_out_are_told_before_a_hole_is(void **state)
{
    (void)state;
    struct sides sides;
    sides_begin(&sides);
    struct um_tls_side *side = give_keys(&sides, 1, UM_TLS_VERSION_13, GCM_13, true);
    for (int is_ahead = 0; is_ahead < 2; is_ahead++) {
        sides.answer = 9;
        assert_int_equal(speak(&sides, 1, "a"), UM_OK);
        assert_int_equal(speak(&sides, 1, "bc"), UM_OK);
        um_side_lose(side, 100, 1, UM_GAP_LOST, &mark);
        if (is_ahead)
            assert_int_equal(speak(&sides, 0, "x"), UM_OK);
        assert_int_equal(um_side_gap(side, um_side_lost_clear(side, 1)), UM_OK);
        sides_assert_told(&sides, is_ahead ? "1:a 1:~2 1:(78) 0:x 1:[78] " : "1:a 1:~2 1:[78] ");
    }
    sides_end(&sides);
}

static void
error_above_is_passed_down(void **state)
{
    (void)state;
    struct sides sides;
    sides_begin(&sides);
    struct um_tls_side *side = give_keys(&sides, 1, UM_TLS_VERSION_13, GCM_13, true);
    um_side_lose(side, 100, 1, UM_GAP_LOST, &mark);
    sides.answer = UM_ERR_NOMEM;
    assert_int_equal(speak(&sides, 0, "x"), UM_ERR_NOMEM); /* from the gap of the other */
    sides.answer = UM_ERR_NOMEM;
    assert_int_equal(speak(&sides, 0, "x"), UM_ERR_NOMEM);
    sides.answer = UM_ERR_NOMEM;
    assert_int_equal(um_side_gap(side, um_missing_exactly(78)), UM_ERR_NOMEM);
    sides_end(&sides);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lost_records_of_known_overhead_held_so_many_clear_bytes),
        cmocka_unit_test(lost_records_of_a_block_cipher_held_a_block_less_for_each_or_not),
        cmocka_unit_test(lost_bytes_that_were_no_record_may_have_held_nothing),
        cmocka_unit_test(lost_records_that_nothing_verifies_may_have_been_many),
        cmocka_unit_test(first_cause_of_a_loss_is_the_one_told),
        cmocka_unit_test(gap_is_told_ahead_when_the_other_side_speaks_and_once),
        cmocka_unit_test(gap_that_grows_is_told_ahead_once_more),
        cmocka_unit_test(gap_that_grew_since_it_was_told_ahead_is_so_before_it_comes),
        cmocka_unit_test(gap_is_told_ahead_before_one_of_the_other_side_too),
        cmocka_unit_test(gap_is_not_told_ahead_before_a_record_has_been_read),
        cmocka_unit_test(direction_of_which_no_more_is_wanted_counts_on_in_silence),
        cmocka_unit_test(bytes_of_no_use_are_left_out),
        cmocka_unit_test(bytes_left_out_are_told_before_a_hole_is),
        cmocka_unit_test(error_above_is_passed_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
