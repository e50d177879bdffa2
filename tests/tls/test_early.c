/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Early data, kept back until the server has decided. Between real peers it is in test_tls.c. */
#include "offline/tls/early.h"

#include "tests/support/alloc.h"
#include "tests/tls/sides.h"

enum { GCM_13 = 0x1301 };

/* The client has offered early data, and the server has not answered. */
static struct um_tls_side *
offer(struct sides *sides)
{
    sides_begin(sides);
    sides->tls->info.client = 0;
    sides->tls->early_suites_len = 2;
    sides->tls->sides[0].epoch = UM_EPOCH_EARLY;
    return &sides->tls->sides[0];
}

static void
send(struct um_tls_side *side, struct um_span bytes, uint64_t frame)
{
    struct um_tls_arrival arrival = sides_arrival(um_span_of(NULL, 0), frame);
    assert_int_equal(um_early_data(side, &arrival, bytes), UM_OK);
}

static void
kept_until_the_server_takes_it_then_handed_on(void **state)
{
    (void)state;
    struct sides sides;
    struct um_tls_side *side = offer(&sides);
    send(side, S("GET /"), 3);
    send(side, S(" HTTP"), 4);
    sides_assert_told(&sides, "");
    assert_int_equal(um_early_accept(sides.tls), UM_OK);
    sides_assert_told(&sides, "0:GET / HTTP ");
    assert_int_equal(sides.first.frame, 3);
    assert_int_equal(sides.last.frame, 4);
    send(side, S("/1.1"), 5);
    sides_assert_told(&sides, "0:/1.1 ");
    assert_int_equal(sides.first.frame, 5);
    sides_end(&sides);
}

/* It was never part of what the client said, and usually comes again. */
static void
refused_it_leaves_nothing_behind(void **state)
{
    (void)state;
    struct sides sides;
    struct um_tls_side *side = offer(&sides);
    uint64_t used = sides.meter.used;
    send(side, S("GET /"), 3);
    assert_int_equal(sides.meter.used, used + 5);
    assert_int_equal(um_early_refuse(sides.tls), UM_OK);
    assert_int_equal(sides.meter.used, used);
    assert_int_equal(um_early_accept(sides.tls), UM_OK); /* decided once */
    send(side, S(" HTTP"), 4);
    sides_assert_told(&sides, "");
    assert_int_equal(side->epoch, UM_EPOCH_NONE);
    sides_end(&sides);
}

/* The client goes on under the handshake's keys. */
static void
refused_in_tls_13_the_client_changes_its_keys(void **state)
{
    (void)state;
    struct sides sides;
    struct um_tls_side *side = offer(&sides);
    sides_choose(&sides, UM_TLS_VERSION_13, GCM_13);
    sides_add_secret(&sides, UM_SECRET_CLIENT_HANDSHAKE, 7, 32);
    assert_int_equal(um_early_refuse(sides.tls), UM_OK);
    assert_int_equal(side->epoch, UM_EPOCH_HANDSHAKE);
    assert_non_null(side->unseal);
    sides_end(&sides);
}

static void
what_was_never_offered_cannot_be_refused(void **state)
{
    (void)state;
    struct sides sides;
    (void)offer(&sides);
    sides.tls->early_suites_len = 0;
    assert_int_equal(um_early_refuse(sides.tls), UM_OK);
    assert_int_equal(sides.tls->early, UM_EARLY_UNDECIDED);
    sides_end(&sides);
}

static void
past_the_limit_all_the_rest_is_a_gap(void **state)
{
    (void)state;
    static const uint8_t zeros[16384] = {0};
    struct sides sides;
    struct um_tls_side *side = offer(&sides);
    for (size_t i = 0; i < UM_TLS_EARLY_BYTES_MAX / sizeof zeros; i++)
        send(side, um_span_of(zeros, sizeof zeros), 3);
    assert_int_equal(sides.tls->early_loss.bytes, 0);
    send(side, S("x"), 4);
    send(side, S("yz"), 5);
    assert_int_equal(um_early_accept(sides.tls), UM_OK);
    sides_assert_told(&sides, "0: 0:[3 limit] ");
    sides_end(&sides);
}

static void
without_room_it_is_a_gap(void **state)
{
    (void)state;
    struct sides sides;
    struct um_tls_side *side = offer(&sides);
    send(side, S("GET"), 3);
    sides.meter.max = sides.meter.used + 1;
    send(side, S(" /"), 3);
    assert_int_equal(um_early_accept(sides.tls), UM_OK);
    sides_assert_told(&sides, "0:GET 0:[2 limit] ");
    sides_end(&sides);
}

/* What comes behind a hole could be kept, but has lost its place. */
static void
behind_a_hole_all_counts_as_lost(void **state)
{
    (void)state;
    struct sides sides;
    struct um_tls_side *side = offer(&sides);
    const struct um_mark mark = {.frame = 4};
    send(side, S("GET"), 3);
    um_side_lose(side, 50, 1, UM_GAP_CUT, &mark);
    assert_int_equal(um_early_gap(side, um_missing_exactly(20)), UM_OK);
    assert_int_equal(side->loss.bytes, 0);
    send(side, S("HTTP"), 5);
    um_side_lose(side, 80, 1, UM_GAP_LOST, &mark); /* of what comes behind early data */
    assert_int_equal(um_early_accept(sides.tls), UM_OK);
    sides_assert_told(&sides, "0:GET 0:[24 cut] ");
    assert_int_equal(side->loss.bytes, 80);
    sides_end(&sides);
}

static void
hole_in_accepted_early_data_is_told_at_once_in_refused_never(void **state)
{
    (void)state;
    struct sides sides;
    struct um_tls_side *side = offer(&sides);
    sides.tls->early = UM_EARLY_ACCEPTED;
    assert_int_equal(um_early_gap(side, um_missing_exactly(20)), UM_OK);
    sides_assert_told(&sides, "0:[20] ");
    sides.tls->early = UM_EARLY_REFUSED;
    assert_int_equal(um_early_gap(side, um_missing_exactly(20)), UM_OK);
    sides_assert_told(&sides, "");
    assert_int_equal(sides.tls->early_loss.bytes, 0);
    sides_end(&sides);
}

static void
failing_allocation_gives_the_room_back(void **state)
{
    (void)state;
    struct sides sides;
    struct um_tls_side *side = offer(&sides);
    struct um_tls_arrival arrival = sides_arrival(um_span_of(NULL, 0), 3);
    um_test_alloc_fail_at(0);
    assert_int_equal(um_early_data(side, &arrival, S("GET")), UM_ERR_NOMEM);
    assert_true(um_test_alloc_reset());
    sides_end(&sides);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kept_until_the_server_takes_it_then_handed_on),
        cmocka_unit_test(refused_it_leaves_nothing_behind),
        cmocka_unit_test(refused_in_tls_13_the_client_changes_its_keys),
        cmocka_unit_test(what_was_never_offered_cannot_be_refused),
        cmocka_unit_test(past_the_limit_all_the_rest_is_a_gap),
        cmocka_unit_test(without_room_it_is_a_gap),
        cmocka_unit_test(behind_a_hole_all_counts_as_lost),
        cmocka_unit_test(hole_in_accepted_early_data_is_told_at_once_in_refused_never),
        cmocka_unit_test(failing_allocation_gives_the_room_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
