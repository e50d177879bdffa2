/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which alerts ended a connection. That one is read off the wire is in test_tls.c. */
#include "offline/tls/alert.h"

#include "tests/tls/sides.h"

enum { WARNING = 1, FATAL = 2 };
enum { CLOSE_NOTIFY = 0, BAD_RECORD_MAC = 20, UNKNOWN_CA = 48, USER_CANCELED = 90 };

static const struct um_tls_alert *
hear(struct sides *sides, int side, uint8_t level, uint8_t description, uint64_t frame)
{
    const uint8_t bytes[] = {level, description};
    struct um_tls_arrival arrival = sides_arrival(um_span_of(NULL, 0), frame);
    um_alert_take(&sides->tls->sides[side], &arrival, um_span_of(bytes, sizeof bytes));
    return &sides->tls->info.alert;
}

static void
first_fatal_alert_is_the_one_that_ended_it(void **state)
{
    (void)state;
    struct sides sides;
    sides_begin(&sides);
    assert_false(hear(&sides, 0, WARNING, UNKNOWN_CA, 3)->is_there);
    assert_false(hear(&sides, 0, FATAL, CLOSE_NOTIFY, 4)->is_there);
    (void)hear(&sides, 1, FATAL, UNKNOWN_CA, 5);
    const struct um_tls_alert *alert = hear(&sides, 0, FATAL, BAD_RECORD_MAC, 6);
    assert_true(alert->is_there && alert->in_handshake);
    assert_int_equal(alert->description, UNKNOWN_CA);
    assert_int_equal(alert->side, 1);
    assert_int_equal(alert->frame, 5);
    sides_end(&sides);
}

static void
in_tls_13_the_level_says_nothing(void **state)
{
    (void)state;
    struct sides sides;
    sides_begin(&sides);
    sides_choose(&sides, UM_TLS_VERSION_13, 0x1301);
    assert_false(hear(&sides, 0, FATAL, USER_CANCELED, 3)->is_there);
    assert_false(hear(&sides, 0, FATAL, CLOSE_NOTIFY, 4)->is_there);
    assert_true(hear(&sides, 0, WARNING, UNKNOWN_CA, 5)->is_there);
    sides_end(&sides);
}

/* A peer that goes without a word draws an alert from some: it ended nothing. */
static void
alert_to_one_that_has_gone_ends_nothing(void **state)
{
    (void)state;
    struct sides sides;
    sides_begin(&sides);
    sides.tls->sides[0].is_ended = true;
    assert_false(hear(&sides, 1, FATAL, BAD_RECORD_MAC, 3)->is_there);
    assert_true(hear(&sides, 0, FATAL, BAD_RECORD_MAC, 4)->is_there);
    sides_end(&sides);
}

static void
alert_behind_data_is_not_of_the_handshake(void **state)
{
    (void)state;
    struct sides sides;
    sides_begin(&sides);
    sides.tls->has_data = true;
    assert_false(hear(&sides, 1, FATAL, BAD_RECORD_MAC, 3)->in_handshake);
    sides_end(&sides);
}

static void
alert_without_its_second_byte_is_none(void **state)
{
    (void)state;
    struct sides sides;
    const uint8_t bytes[] = {FATAL};
    sides_begin(&sides);
    struct um_tls_arrival arrival = sides_arrival(um_span_of(NULL, 0), 1);
    uint8_t *heap = um_test_exact_copy(bytes, sizeof bytes);
    um_alert_take(&sides.tls->sides[0], &arrival, um_span_of(heap, sizeof bytes));
    assert_false(sides.tls->info.alert.is_there);
    free(heap);
    sides_end(&sides);
}

/* Sealed, it is longer. */
static void
alert_of_two_bytes_before_any_keys_cannot_be_protected(void **state)
{
    (void)state;
    const uint8_t clear[] = {21, 3, 3, 0, 2, FATAL, UNKNOWN_CA};
    const uint8_t sealed[] = {21, 3, 3, 0, 3, 1, 2, 3};
    const uint8_t data[] = {23, 3, 3, 0, 2, FATAL, UNKNOWN_CA};
    struct sides sides;
    sides_begin(&sides);
    struct um_tls_side *side = &sides.tls->sides[0];
    struct um_tls_arrival arrival = sides_arrival(um_span_of(clear, sizeof clear), 1);
    assert_true(um_alert_is_clear(side, &arrival.record));
    side->is_waiting = true;
    assert_false(um_alert_is_clear(side, &arrival.record));
    sides_choose(&sides, UM_TLS_VERSION_13, 0x1301);
    assert_true(um_alert_is_clear(side, &arrival.record)); /* to a hello that is of no use */
    side->is_verified = true;
    assert_false(um_alert_is_clear(side, &arrival.record));
    side->is_verified = side->is_waiting = false;
    arrival = sides_arrival(um_span_of(sealed, sizeof sealed), 1);
    assert_false(um_alert_is_clear(side, &arrival.record));
    arrival = sides_arrival(um_span_of(data, sizeof data), 1);
    assert_false(um_alert_is_clear(side, &arrival.record));
    sides_end(&sides);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_fatal_alert_is_the_one_that_ended_it),
        cmocka_unit_test(in_tls_13_the_level_says_nothing),
        cmocka_unit_test(alert_to_one_that_has_gone_ends_nothing),
        cmocka_unit_test(alert_behind_data_is_not_of_the_handshake),
        cmocka_unit_test(alert_without_its_second_byte_is_none),
        cmocka_unit_test(alert_of_two_bytes_before_any_keys_cannot_be_protected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
