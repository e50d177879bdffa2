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
hold(struct umws_waiting *waiting, uint32_t seq, const char *text, uint64_t frame)
{
    uint8_t *heap = um_test_exact_copy(text, strlen(text));
    const struct umws_rest rest = {
        .seq = seq, .bytes = um_span_of(heap, strlen(text)), .cut = 2, .mark = {.frame = frame}};
    assert_int_equal(umws_rest_hold(&rest, waiting), UM_OK);
    free(heap);
}

static void
rest_that_is_held_is_a_copy_in_the_order_of_places(void **state)
{
    (void)state;
    struct umws_waiting waiting = {0};
    hold(&waiting, 1, "abc", 7);
    hold(&waiting, SEQ, "z", 8);
    hold(&waiting, 1, "xyz", 9); /* the first copy stays */
    hold(&waiting, 1, "more", 10);
    const struct {
        uint32_t seq;
        const char *text;
        uint64_t frame;
    } wanted[] = {{SEQ, "z", 8}, {1, "abc", 7}, {1, "more", 10}};

    assert_int_equal(waiting.cost, 8 + 3 * sizeof(struct umws_held));
    for (size_t i = 0; i < 3; i++) {
        const struct umws_rest *rest = &waiting.first->rest;
        assert_int_equal(rest->seq, wanted[i].seq);
        assert_int_equal(rest->cut, 2);
        assert_int_equal(rest->mark.frame, wanted[i].frame);
        assert_true(rest->is_held);
        assert_span_equal(rest->bytes, um_span_text(wanted[i].text));
        umws_rest_drop_first(&waiting);
    }
    assert_null(waiting.first);
    assert_int_equal(waiting.cost, 0);
}

static void
rest_passes_a_failing_allocation_up(void **state)
{
    (void)state;
    const struct umws_rest rest = {.bytes = S("abc")};
    for (size_t n = 0; n < 2; n++) {
        struct umws_waiting waiting = {0};
        um_test_alloc_fail_at(n);
        assert_int_equal(umws_rest_hold(&rest, &waiting), UM_ERR_NOMEM);
        assert_true(um_test_alloc_reset());
        assert_null(waiting.first);
        assert_int_equal(waiting.cost, 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rest_skips_bytes_and_then_what_was_cut),
        cmocka_unit_test(rest_skips_what_is_older_and_tells_how_far_it_is_ahead),
        cmocka_unit_test(rest_that_is_held_is_a_copy_in_the_order_of_places),
        cmocka_unit_test(rest_passes_a_failing_allocation_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
