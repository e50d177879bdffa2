/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/report/display_filter.h"

#include "core/base/err.h"
#include "tests/support/support.h"

#define FRAMES(...) (uint64_t[]){__VA_ARGS__}, sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t)

static void
assert_frames(uint64_t *frames, size_t count, const char *expected)
{
    struct um_buf buf = {0};
    assert_int_equal(um_display_filter_frames(&buf, frames, count), UM_OK);
    assert_span_equal(um_buf_span(&buf), S(expected));
    um_buf_done(&buf);
}

static void
filter_of_frames_joins_runs_of_three_and_more(void **state)
{
    (void)state;
    assert_frames(FRAMES(7), "frame.number in {7}");
    assert_frames(FRAMES(7, 8), "frame.number in {7, 8}");
    assert_frames(FRAMES(7, 8, 9), "frame.number in {7..9}");
    assert_frames(FRAMES(4, 6, 9, 10, 11, 12), "frame.number in {4, 6, 9..12}");
}

static void
filter_of_frames_takes_them_in_any_order_and_more_than_once(void **state)
{
    (void)state;
    assert_frames(FRAMES(12, 4, 4, 11, 6, 10, 9, 12), "frame.number in {4, 6, 9..12}");
    assert_frames(FRAMES(UINT64_MAX, UINT64_MAX - 1, 5, 5),
                  "frame.number in {5, 18446744073709551614, 18446744073709551615}");
}

static void
filter_of_call_ids_is_a_string_of_the_filter_language(void **state)
{
    (void)state;
    static const uint8_t hostile[] = {'a', '"', '\\', 0, '\n', 0xFF, 'z'};
    struct um_span ids[] = {S("MDlk="), {hostile, sizeof hostile}};
    struct um_buf buf = {0};
    assert_int_equal(um_display_filter_call_ids(&buf, ids, 2), UM_OK);
    assert_span_equal(um_buf_span(&buf), S("umws.call_id == \"MDlk=\" or umws.call_id == "
                                           "\"a\\\"\\\\\\x00\\x0a\\xffz\""));
    um_buf_done(&buf);
}

static void
filters_tell_when_the_nth_allocation_fails(void **state)
{
    (void)state;
    uint64_t frames[200];
    struct um_span ids[] = {S("MDlkZjllZGMtNGUyMy00NzA5LWJkYWYtN2JlMjBjYjBhZTU2"), S("x")};
    for (size_t i = 0; i < 200; i++)
        frames[i] = i * 2;
    bool failed = true;
    for (size_t n = 0; failed; n++) {
        struct um_buf buf = {0};
        um_test_alloc_fail_at(n);
        int err = um_display_filter_frames(&buf, frames, 200);
        err = err ? err : um_display_filter_call_ids(&buf, ids, 2);
        failed = um_test_alloc_reset();
        assert_int_equal(err, failed ? UM_ERR_NOMEM : UM_OK);
        um_buf_done(&buf);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filter_of_frames_joins_runs_of_three_and_more),
        cmocka_unit_test(filter_of_frames_takes_them_in_any_order_and_more_than_once),
        cmocka_unit_test(filter_of_call_ids_is_a_string_of_the_filter_language),
        cmocka_unit_test(filters_tell_when_the_nth_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
