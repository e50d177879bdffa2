/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cursor: both byte orders, and an error that sticks. */
#include "core/base/cursor.h"

#include "tests/support/support.h"

static const uint8_t wire[] = {0x81, 0x92, 0xA3, 0xB4, 0xC5, 0xD6, 0xE7, 0xF8,
                               0x09, 0x1A, 0x2B, 0x3C, 0x4D, 0x5E, 0x6F};

static void
cursor_reads_numbers_in_both_orders(void **state)
{
    (void)state;
    struct um_cursor c = um_cursor_of(um_span_of(wire, sizeof wire));
    assert_int_equal(um_cursor_u8(&c), 0x81);
    assert_int_equal(um_cursor_be16(&c), 0x92A3);
    assert_int_equal(um_cursor_le16(&c), 0xC5B4);
    assert_int_equal(um_cursor_be32(&c), 0xD6E7F809);
    assert_int_equal(um_cursor_le32(&c), 0x4D3C2B1A);
    um_cursor_skip(&c, 1);
    assert_span_equal(um_cursor_take(&c, 1), um_span_of("\x6F", 1));
    assert_false(c.short_read);
    assert_int_equal(c.left.len, 0);
}

static void
cursor_short_read_sticks_and_moves_nothing(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof wire; n++) {
        uint8_t *heap = um_test_exact_copy(wire, n);
        struct um_cursor c = um_cursor_of(um_span_of(heap, n));
        assert_int_equal(um_cursor_take(&c, n + 1).len, 0);
        assert_true(c.short_read);
        assert_int_equal(c.left.len, n);
        assert_int_equal(um_cursor_take(&c, n).len, n); /* what is there can still be read */
        assert_true(c.short_read);
        assert_int_equal(um_cursor_u8(&c), 0);
        assert_int_equal(um_cursor_be16(&c), 0);
        assert_int_equal(um_cursor_le16(&c), 0);
        assert_int_equal(um_cursor_be32(&c), 0);
        assert_int_equal(um_cursor_le32(&c), 0);
        free(heap);
    }
}

static void
cursor_number_that_is_cut_reads_as_nought(void **state)
{
    (void)state;
    for (size_t n = 0; n < 4; n++) {
        uint8_t *heap = um_test_exact_copy(wire, n);
        struct um_cursor c = um_cursor_of(um_span_of(heap, n));
        assert_int_equal(um_cursor_be32(&c), 0);
        assert_int_equal(um_cursor_le32(&c), 0);
        assert_true(c.short_read);
        c = um_cursor_of(um_span_of(heap, n));
        assert_int_equal(um_cursor_be16(&c), n >= 2 ? 0x8192 : 0);
        assert_int_equal(c.short_read, n < 2);
        c = um_cursor_of(um_span_of(heap, n));
        assert_int_equal(um_cursor_le16(&c), n >= 2 ? 0x9281 : 0);
        free(heap);
    }
}

static void
cursor_over_nothing_is_short_only_when_asked_for_something(void **state)
{
    (void)state;
    struct um_cursor c = um_cursor_of(um_span_of(NULL, 0));
    um_cursor_skip(&c, 0);
    assert_false(c.short_read);
    um_cursor_skip(&c, SIZE_MAX);
    assert_true(c.short_read);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cursor_reads_numbers_in_both_orders),
        cmocka_unit_test(cursor_short_read_sticks_and_moves_nothing),
        cmocka_unit_test(cursor_number_that_is_cut_reads_as_nought),
        cmocka_unit_test(cursor_over_nothing_is_short_only_when_asked_for_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
