/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/support.h"

#include "offline/time_text.h"

static const int64_t SECOND_NS = 1000000000;

static void
assert_time(const char *text, int64_t seconds, int64_t ns)
{
    int64_t out = -1;
    if (!um_time_text_parse(um_span_text(text), &out))
        fail_msg("'%s' is refused", text);
    assert_int_equal(out, seconds * SECOND_NS + ns);
}

static void
a_time_may_be_cut_from_the_right(void **state)
{
    (void)state;
    assert_time("2026-11-23T18:33:21.5Z", 1795458801, 500000000);
    assert_time("2026-11-23T18:33:21Z", 1795458801, 0);
    assert_time("2026-11-23 18:33:21", 1795458801, 0);
    assert_time("2026-11-23T18:33", 1795458780, 0);
    assert_time("2026-11-23", 1795392000, 0);
    assert_time("2026-11", 1793491200, 0);
    assert_time("2026", 1767225600, 0); /* was once a second of 1970 */
    assert_time("1970-01-01T00:00:00.000000001Z", 0, 1);
}

static void
seconds_since_1970_are_a_time(void **state)
{
    (void)state;
    assert_time("0", 0, 0);
    assert_time("1795458801.25", 1795458801, 250000000);
    assert_time("1.0000000019", 1, 1);
}

static void
leap_days_exist_in_leap_years_only(void **state)
{
    (void)state;
    int64_t out = 42;
    assert_time("2024-02-29", 1709164800, 0);
    assert_time("2000-02-29", 951782400, 0);
    assert_false(um_time_text_parse(S("2026-02-29"), &out));
    assert_false(um_time_text_parse(S("2100-02-29"), &out));
    assert_int_equal(out, 42);
}

static void
what_is_no_time_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "x",

        "2026-13-01",
        "2026-00-10",
        "2026-11-31",
        "2026-11-23T24:00",
        "2026-11-23T18:60",
        "2026-11-23T18:33:61",
        "2026-11-23T",
        "2026-11-23Tx",
        "1.2.3",
        "-1",
        "2026-11-23T18:33:21Zx",
        "99999999999999999999",
    };
    int64_t out = 42;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (um_time_text_parse(um_span_text(bad[i]), &out))
            fail_msg("'%s' is taken for a time", bad[i]);
    }
    assert_int_equal(out, 42);
}

static void
a_number_of_seconds_may_have_a_fraction(void **state)
{
    (void)state;
    int64_t out = -1;
    assert_true(um_time_text_seconds(S("1.5"), &out));
    assert_int_equal(out, 3 * SECOND_NS / 2);
    assert_true(um_time_text_seconds(S("0"), &out));
    assert_int_equal(out, 0);
    assert_false(um_time_text_seconds(S("-1"), &out));
    assert_false(um_time_text_seconds(S("1s"), &out));
    assert_false(um_time_text_seconds(S(""), &out));
    assert_false(um_time_text_seconds(S("99999999999"), &out));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_may_be_cut_from_the_right),
        cmocka_unit_test(seconds_since_1970_are_a_time),
        cmocka_unit_test(leap_days_exist_in_leap_years_only),
        cmocka_unit_test(what_is_no_time_is_refused),
        cmocka_unit_test(a_number_of_seconds_may_have_a_fraction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
