/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Marks: the earlier and the later of two, and times that do not fit. */
#include "core/base/mark.h"

#include "tests/support/support.h"

static void
mark_earlier_and_later_go_by_frame_and_skip_what_has_none(void **state)
{
    (void)state;
    struct um_mark none = {.frame = 0, .time_ns = 5}, a = {.frame = 3, .time_ns = 9},
                   b = {.frame = 7, .time_ns = 1};
    assert_int_equal(um_mark_earlier(a, b).frame, 3);
    assert_int_equal(um_mark_earlier(b, a).frame, 3);
    assert_int_equal(um_mark_earlier(none, b).frame, 7);
    assert_int_equal(um_mark_earlier(b, none).frame, 7);
    assert_int_equal(um_mark_later(a, b).frame, 7);
    assert_int_equal(um_mark_later(b, a).frame, 7);
    assert_int_equal(um_mark_later(none, a).frame, 3);
    assert_int_equal(um_mark_later(a, none).frame, 3);
    assert_int_equal(um_mark_earlier(none, none).frame, 0);
}

static void
mark_elapsed_is_cut_to_what_fits(void **state)
{
    (void)state;
    assert_true(um_mark_elapsed_ns(10, 25) == 15);
    assert_true(um_mark_elapsed_ns(25, 10) == -15);
    assert_true(um_mark_elapsed_ns(INT64_MIN, INT64_MAX) == INT64_MAX);
    assert_true(um_mark_elapsed_ns(INT64_MAX, INT64_MIN) == INT64_MIN);
    assert_true(um_mark_elapsed_ns(-1, INT64_MAX) == INT64_MAX);
    assert_true(um_mark_elapsed_ns(0, INT64_MAX) == INT64_MAX);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mark_earlier_and_later_go_by_frame_and_skip_what_has_none),
        cmocka_unit_test(mark_elapsed_is_cut_to_what_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
