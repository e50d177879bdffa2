/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a segment that are not read yet, also behind the wrap of the sequence numbers. */
#include "plugin/rest.h"

#include "tests/support/support.h"

enum { SEQ = UINT32_MAX - 2 };

static void
rest_skips_bytes_and_then_what_was_cut(void **state)
{
    (void)state;
    for (uint64_t n = 0; n <= 12; n++) {
        struct umws_rest rest = {.seq = SEQ, .bytes = S("abcdef"), .cut = 4};
        uint64_t skipped = n < 10 ? n : 10;
        umws_rest_skip(&rest, n);
        assert_int_equal(rest.seq, (uint32_t)(SEQ + skipped));
        assert_int_equal(rest.bytes.len + rest.cut, 10 - skipped);
        assert_int_equal(umws_rest_is_empty(&rest), skipped == 10);
        if (n < 6)
            assert_int_equal(rest.bytes.data[0], 'a' + n);
    }
}

static void
rest_skips_what_is_older_and_tells_how_far_it_is_ahead(void **state)
{
    (void)state;
    struct umws_rest rest = {.seq = SEQ, .bytes = S("abcdef")};
    assert_int_equal(umws_rest_skip_to(&rest, SEQ - 5), 5);
    assert_int_equal(umws_rest_skip_to(&rest, SEQ), 0);
    assert_int_equal(rest.bytes.len, 6);
    assert_int_equal(umws_rest_skip_to(&rest, 1), 0); /* four behind SEQ */
    assert_span_equal(rest.bytes, S("ef"));
    assert_int_equal(umws_rest_skip_to(&rest, 100), 0);
    assert_true(umws_rest_is_empty(&rest));
}

static void
rest_that_is_held_is_a_copy_in_the_order_of_coming(void **state)
{
    (void)state;
    struct umws_held *list = NULL;
    uint8_t *heap = um_test_exact_copy("abc", 3);
    struct umws_rest rest = {
        .seq = 7, .bytes = um_span_of(heap, 3), .cut = 2, .mark = {.frame = 9}};
    assert_int_equal(umws_rest_hold(&rest, &list), UM_OK);
    free(heap);
    rest = (struct umws_rest){.seq = 5, .bytes = S("z")};
    assert_int_equal(umws_rest_hold(&rest, &list), UM_OK);

    assert_int_equal(list->rest.seq, 7);
    assert_int_equal(list->rest.cut, 2);
    assert_int_equal(list->rest.mark.frame, 9);
    assert_true(list->rest.is_held);
    assert_span_equal(list->rest.bytes, S("abc"));
    umws_rest_drop_held(&list->next);
    assert_null(list->next);
    umws_rest_drop_held(&list);
    assert_null(list);
}

static void
rest_passes_a_failing_allocation_up(void **state)
{
    (void)state;
    const struct umws_rest rest = {.bytes = S("abc")};
    for (size_t n = 0; n < 2; n++) {
        struct umws_held *list = NULL;
        um_test_alloc_fail_at(n);
        assert_int_equal(umws_rest_hold(&rest, &list), UM_ERR_NOMEM);
        assert_true(um_test_alloc_reset());
        assert_null(list);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rest_skips_bytes_and_then_what_was_cut),
        cmocka_unit_test(rest_skips_what_is_older_and_tells_how_far_it_is_ahead),
        cmocka_unit_test(rest_that_is_held_is_a_copy_in_the_order_of_coming),
        cmocka_unit_test(rest_passes_a_failing_allocation_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
