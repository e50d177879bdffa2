/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/report/instant.h"

#include "tests/support/support.h"

#include <time.h>

static char out[UM_INSTANT_TEXT_MAX];

static void
instant_iso_writes_nanoseconds(void **state)
{
    (void)state;
    assert_string_equal(um_instant_iso(1795458801123456789, out), "2026-11-23T18:33:21.123456789Z");
    assert_string_equal(um_instant_iso(0, out), "1970-01-01T00:00:00.000000000Z");
}

static void
instant_iso_goes_below_1970_and_to_both_ends(void **state)
{
    (void)state;
    assert_string_equal(um_instant_iso(-1, out), "1969-12-31T23:59:59.999999999Z");
    assert_string_equal(um_instant_iso(-1000000000, out), "1969-12-31T23:59:59.000000000Z");
    assert_string_equal(um_instant_iso(INT64_MAX, out), "2262-04-11T23:47:16.854775807Z");
    assert_string_equal(um_instant_iso(INT64_MIN, out), "1677-09-21T00:12:43.145224192Z");
}

static void
instant_date_and_clock_drop_digits(void **state)
{
    (void)state;
    assert_string_equal(um_instant_date(1795458801999999999, UM_ZONE_UTC, out),
                        "2026-11-23 18:33:21.999");
    assert_string_equal(um_instant_clock(1795458801999999999, UM_ZONE_UTC, out), "18:33:21.999");
}

static void
instant_seconds_rounds_lower_bounds_down_and_upper_bounds_up(void **state)
{
    (void)state;
    assert_string_equal(um_instant_seconds(1234567890, 3, UM_ROUND_DOWN, out), "1.234");
    assert_string_equal(um_instant_seconds(1234567890, 3, UM_ROUND_UP, out), "1.235");
    assert_string_equal(um_instant_seconds(1234000000, 3, UM_ROUND_UP, out), "1.234");
    assert_string_equal(um_instant_seconds(999999999, 0, UM_ROUND_DOWN, out), "0");
    assert_string_equal(um_instant_seconds(1, 0, UM_ROUND_UP, out), "1");
}

static void
instant_seconds_keeps_the_direction_below_zero(void **state)
{
    (void)state;
    assert_string_equal(um_instant_seconds(-1234567890, 3, UM_ROUND_DOWN, out), "-1.235");
    assert_string_equal(um_instant_seconds(-1234567890, 3, UM_ROUND_UP, out), "-1.234");
    assert_string_equal(um_instant_seconds(-5, 3, UM_ROUND_DOWN, out), "-0.001");
}

static void
instant_seconds_holds_the_greatest_times(void **state)
{
    (void)state;
    assert_string_equal(um_instant_seconds(INT64_MAX, 9, UM_ROUND_UP, out), "9223372036.854775807");
    assert_string_equal(um_instant_seconds(INT64_MIN, 9, UM_ROUND_DOWN, out),
                        "-9223372036.854775808");
    assert_string_equal(um_instant_seconds(INT64_MAX, 0, UM_ROUND_UP, out), "9223372037");
}

static void
instant_decimals_shrink_as_the_extent_grows(void **state)
{
    (void)state;
    const int64_t second = 1000000000;
    assert_int_equal(um_instant_decimals(0), 3);
    assert_int_equal(um_instant_decimals(100 * second - 1), 3);
    assert_int_equal(um_instant_decimals(100 * second), 2);
    assert_int_equal(um_instant_decimals(1000 * second), 1);
    assert_int_equal(um_instant_decimals(10000 * second), 0);
    assert_int_equal(um_instant_decimals(INT64_MAX), 0);
}

/* An Indian clock is half an hour beside the others; New York is behind. */
static void
local_times_are_those_of_the_zone_and_say_how_far_it_is_ahead(void **state)
{
    (void)state;
    const int64_t time_ns = 1795458801999999999;
    assert_int_equal(setenv("TZ", "IST-5:30", 1), 0);
    tzset();
    assert_string_equal(um_instant_date(time_ns, UM_ZONE_LOCAL, out), "2026-11-24 00:03:21.999");
    assert_string_equal(um_instant_zone(time_ns, UM_ZONE_LOCAL, out), "UTC+05:30");
    assert_string_equal(um_instant_date(time_ns, UM_ZONE_UTC, out), "2026-11-23 18:33:21.999");
    assert_string_equal(um_instant_zone(time_ns, UM_ZONE_UTC, out), "UTC");
    assert_int_equal(setenv("TZ", "EST5", 1), 0);
    tzset();
    assert_string_equal(um_instant_clock(time_ns, UM_ZONE_LOCAL, out), "13:33:21.999");
    assert_string_equal(um_instant_zone(time_ns, UM_ZONE_LOCAL, out), "UTC-05:00");
    assert_string_equal(um_instant_iso(time_ns, out), "2026-11-23T18:33:21.999999999Z");
    assert_int_equal(unsetenv("TZ"), 0);
    tzset();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(instant_iso_writes_nanoseconds),
        cmocka_unit_test(instant_iso_goes_below_1970_and_to_both_ends),
        cmocka_unit_test(instant_date_and_clock_drop_digits),
        cmocka_unit_test(instant_seconds_rounds_lower_bounds_down_and_upper_bounds_up),
        cmocka_unit_test(instant_seconds_keeps_the_direction_below_zero),
        cmocka_unit_test(instant_seconds_holds_the_greatest_times),
        cmocka_unit_test(instant_decimals_shrink_as_the_extent_grows),
        cmocka_unit_test(local_times_are_those_of_the_zone_and_say_how_far_it_is_ahead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
