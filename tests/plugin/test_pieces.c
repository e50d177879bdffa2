/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a message in any order, twice, with holes. */
#include "plugin/pieces.h"

#include "core/base/err.h"
#include "tests/support/support.h"

static const char text[] = "abcdefghijklmnop";

static void
put(struct umws_pieces *pieces, size_t from, size_t to)
{
    uint8_t *heap = um_test_exact_copy(text + from, to - from);
    assert_int_equal(umws_pieces_put(pieces, from, um_span_of(heap, to - from)), UM_OK);
    free(heap);
}

static void
pieces_in_any_order_make_the_same_whole(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (int round = 0; round < 2000; round++) {
        struct umws_pieces pieces = {0};
        bool has[sizeof text] = {false};
        for (int i = 0; i < 12; i++) {
            size_t from = um_test_random(&seed) % 16,
                   to = from + um_test_random(&seed) % (17 - from);
            put(&pieces, from, to);
            for (size_t k = from; k < to; k++)
                has[k] = true;
            size_t whole = 0;
            while (has[whole])
                whole++;
            assert_int_equal(umws_pieces_whole(&pieces), whole);
            assert_span_equal(umws_pieces_prefix(&pieces), um_span_of(text, whole));
        }
        umws_pieces_done(&pieces);
    }
}

static void
pieces_that_came_first_win(void **state)
{
    (void)state;
    struct umws_pieces pieces = {0};
    assert_int_equal(umws_pieces_put(&pieces, 2, S("XX")), UM_OK);
    assert_int_equal(umws_pieces_put(&pieces, 6, S("Y")), UM_OK);
    put(&pieces, 0, 8);
    assert_span_equal(umws_pieces_prefix(&pieces), S("abXXefYh"));
    umws_pieces_done(&pieces);
}

static void
pieces_apart_are_left_out_when_there_are_too_many(void **state)
{
    (void)state;
    struct umws_pieces pieces = {0};
    for (uint64_t i = 0; i <= UMWS_PIECES_RANGES; i++)
        assert_int_equal(umws_pieces_put(&pieces, 1 + 2 * i, S("x")), UM_OK);
    assert_int_equal(pieces.count, UMWS_PIECES_RANGES);
    assert_int_equal(pieces.ranges[UMWS_PIECES_RANGES - 1].to, 2 * UMWS_PIECES_RANGES);
    for (uint64_t i = 0; i < UMWS_PIECES_RANGES; i++)
        assert_int_equal(umws_pieces_put(&pieces, 2 * i, S("y")), UM_OK); /* fills holes */
    assert_int_equal(umws_pieces_whole(&pieces), 2 * UMWS_PIECES_RANGES);
    umws_pieces_done(&pieces);
}

static void
pieces_behind_what_is_kept_are_noted(void **state)
{
    (void)state;
    struct umws_pieces pieces = {0};
    size_t len = UMWS_PIECES_KEPT + 10;
    uint8_t *many = calloc(len, 1);
    assert_non_null(many);
    assert_int_equal(umws_pieces_put(&pieces, 0, um_span_of(many, len)), UM_OK);
    assert_int_equal(umws_pieces_put(&pieces, len, S("more")), UM_OK);
    assert_int_equal(umws_pieces_whole(&pieces), len + 4);
    assert_int_equal(umws_pieces_prefix(&pieces).len, UMWS_PIECES_KEPT);
    free(many);
    umws_pieces_done(&pieces);
}

static void
pieces_are_as_before_when_memory_fails(void **state)
{
    (void)state;
    struct umws_pieces pieces = {0};
    um_test_alloc_fail_at(0);
    assert_int_equal(umws_pieces_put(&pieces, 0, S("abc")), UM_ERR_NOMEM);
    assert_true(um_test_alloc_reset());
    assert_int_equal(umws_pieces_whole(&pieces), 0);
    put(&pieces, 0, 3);
    assert_int_equal(umws_pieces_whole(&pieces), 3);
    umws_pieces_done(&pieces);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_in_any_order_make_the_same_whole),
        cmocka_unit_test(pieces_that_came_first_win),
        cmocka_unit_test(pieces_apart_are_left_out_when_there_are_too_many),
        cmocka_unit_test(pieces_behind_what_is_kept_are_noted),
        cmocka_unit_test(pieces_are_as_before_when_memory_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
