/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The growing buffer: what is appended is there, in order, whatever was dropped or failed before.
 */
#include "core/base/buf.h"

#include <stdio.h>

#include "core/base/err.h"
#include "tests/support/support.h"

static void
buf_holds_what_was_appended_in_order(void **state)
{
    (void)state;
    struct um_buf buf = {0};
    for (unsigned i = 0; i < 1000; i++) {
        uint8_t byte = (uint8_t)i;
        assert_int_equal(um_buf_append(&buf, um_span_of(&byte, 1)), UM_OK);
        assert_true(buf.cap >= buf.len);
    }
    struct um_span all = um_buf_span(&buf);
    assert_int_equal(all.len, 1000);
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(all.data[i], (uint8_t)i);
    um_buf_done(&buf);
}

static void
buf_takes_an_empty_piece_and_an_empty_room(void **state)
{
    (void)state;
    struct um_buf buf = {0};
    assert_int_equal(um_buf_append(&buf, um_span_of(NULL, 0)), UM_OK);
    assert_int_equal(um_buf_reserve(&buf, 0), UM_OK);
    assert_int_equal(um_buf_span(&buf).len, 0);
    um_buf_drop(&buf, 5);
    um_buf_clear(&buf);
    um_buf_done(&buf);
}

static void
buf_drop_moves_the_rest_to_the_front(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 8; n++) {
        struct um_buf buf = {0};
        assert_int_equal(um_buf_append(&buf, S("abcdef")), UM_OK);
        um_buf_drop(&buf, n);
        assert_span_equal(um_buf_span(&buf), um_span_from(S("abcdef"), n));
        assert_int_equal(um_buf_append(&buf, S("g")), UM_OK);
        assert_int_equal(buf.data[buf.len - 1], 'g');
        um_buf_done(&buf);
    }
}

static void
buf_clear_keeps_its_memory(void **state)
{
    (void)state;
    struct um_buf buf = {0};
    assert_int_equal(um_buf_append(&buf, S("abcdef")), UM_OK);
    um_buf_clear(&buf);
    size_t allocations = um_test_alloc_count();
    assert_int_equal(um_buf_append(&buf, S("ghijkl")), UM_OK);
    assert_int_equal(um_test_alloc_count(), allocations);
    assert_span_equal(um_buf_span(&buf), S("ghijkl"));
    um_buf_done(&buf);
    assert_null(buf.data);
    assert_int_equal(buf.cap, 0);
}

static void
buf_refuses_a_size_that_overflows_and_keeps_its_content(void **state)
{
    (void)state;
    struct um_buf buf = {0};
    assert_int_equal(um_buf_reserve(&buf, SIZE_MAX), UM_ERR_NOMEM);
    assert_int_equal(um_buf_append(&buf, S("abc")), UM_OK);
    assert_int_equal(um_buf_reserve(&buf, SIZE_MAX), UM_ERR_NOMEM);
    assert_int_equal(um_buf_reserve(&buf, SIZE_MAX - 3), UM_ERR_NOMEM);
    assert_span_equal(um_buf_span(&buf), S("abc"));
    um_buf_done(&buf);
}

/* Records that wait would take twice their room if it came in powers of two. */
static void
buf_has_no_more_room_than_it_was_asked_for(void **state)
{
    (void)state;
    struct um_buf buf = {0};
    assert_int_equal(um_buf_reserve_exactly(&buf, 0), UM_OK);
    assert_int_equal(um_buf_append(&buf, S("abc")), UM_OK);
    assert_int_equal(um_buf_reserve_exactly(&buf, 16405), UM_OK);
    assert_int_equal(buf.cap, 16408);
    assert_int_equal(um_buf_reserve_exactly(&buf, 16405), UM_OK);
    assert_int_equal(buf.cap, 16408);
    assert_int_equal(um_buf_reserve_exactly(&buf, SIZE_MAX - 2), UM_ERR_NOMEM);
    um_test_alloc_fail_at(0);
    assert_int_equal(um_buf_reserve_exactly(&buf, 16406), UM_ERR_NOMEM);
    assert_true(um_test_alloc_reset());
    assert_span_equal(um_buf_span(&buf), S("abc"));
    um_buf_done(&buf);
}

static void
buf_append_that_fails_appends_nothing(void **state)
{
    (void)state;
    struct um_buf buf = {0};
    um_test_alloc_fail_at(0);
    assert_int_equal(um_buf_append(&buf, S("abc")), UM_ERR_NOMEM);
    assert_true(um_test_alloc_reset());
    assert_int_equal(buf.len, 0);

    assert_int_equal(um_buf_append(&buf, S("abc")), UM_OK);
    um_test_alloc_fail_at(0);
    assert_int_equal(um_buf_reserve(&buf, 1000), UM_ERR_NOMEM);
    assert_true(um_test_alloc_reset());
    assert_span_equal(um_buf_span(&buf), S("abc"));
    um_buf_done(&buf);
}

static void
buf_printf_appends_texts_of_any_length_behind_what_is_there(void **state)
{
    (void)state;
    for (int width = 0; width < 200; width++) {
        struct um_buf buf = {0};
        char wanted[256];
        int len = snprintf(wanted, sizeof wanted, "begin%*d!", width, 7);
        assert_int_equal(um_buf_append(&buf, S("begin")), UM_OK);
        assert_int_equal(um_buf_printf(&buf, "%*d", width, 7), UM_OK);
        assert_int_equal(um_buf_printf(&buf, "%s", "!"), UM_OK);
        assert_span_equal(um_buf_span(&buf), um_span_of(wanted, (size_t)len));
        um_buf_done(&buf);
    }
}

static void
buf_printf_that_fails_appends_nothing(void **state)
{
    (void)state;
    struct um_buf buf = {0};
    assert_int_equal(um_buf_append(&buf, S("abc")), UM_OK);
    um_test_alloc_fail_at(0);
    assert_int_equal(um_buf_printf(&buf, "%100d", 7), UM_ERR_NOMEM);
    assert_true(um_test_alloc_reset());
    assert_span_equal(um_buf_span(&buf), S("abc"));
    um_buf_done(&buf);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buf_holds_what_was_appended_in_order),
        cmocka_unit_test(buf_takes_an_empty_piece_and_an_empty_room),
        cmocka_unit_test(buf_drop_moves_the_rest_to_the_front),
        cmocka_unit_test(buf_clear_keeps_its_memory),
        cmocka_unit_test(buf_refuses_a_size_that_overflows_and_keeps_its_content),
        cmocka_unit_test(buf_has_no_more_room_than_it_was_asked_for),
        cmocka_unit_test(buf_append_that_fails_appends_nothing),
        cmocka_unit_test(buf_printf_appends_texts_of_any_length_behind_what_is_there),
        cmocka_unit_test(buf_printf_that_fails_appends_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
