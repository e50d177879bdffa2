/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The arena: zeroed, aligned, stable memory that is freed all at once. */
#include "core/base/arena.h"

#include "core/base/err.h"
#include "tests/support/support.h"

static void
arena_gives_zeroed_aligned_memory_of_any_size(void **state)
{
    (void)state;
    struct um_arena arena = {0};
    for (size_t size = 0; size < 10000; size = size * 3 / 2 + 1) {
        uint8_t *at = um_arena_alloc(&arena, size);
        assert_non_null(at);
        assert_int_equal((uintptr_t)at % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(at[i], 0);
        if (size > 0)
            memset(at, 0xAA, size);
    }
    um_arena_done(&arena);
}

static void
arena_keeps_what_was_given_out_while_it_grows(void **state)
{
    (void)state;
    enum { COUNT = 3000 };
    struct um_arena arena = {0};
    uint64_t **given = calloc(COUNT, sizeof *given);
    assert_non_null(given);
    for (size_t i = 0; i < COUNT; i++) {
        given[i] = um_arena_array(&arena, 5, sizeof **given);
        assert_non_null(given[i]);
        for (size_t k = 0; k < 5; k++)
            given[i][k] = i * 5 + k;
    }
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t k = 0; k < 5; k++)
            assert_int_equal(given[i][k], i * 5 + k);
    }
    free(given);
    um_arena_done(&arena);
}

static void
arena_refuses_a_size_that_overflows(void **state)
{
    (void)state;
    struct um_arena arena = {0};
    struct um_span out = S("untouched");
    assert_null(um_arena_alloc(&arena, SIZE_MAX));
    assert_null(um_arena_alloc(&arena, SIZE_MAX - 15));
    assert_null(um_arena_array(&arena, SIZE_MAX / 2, 3));
    assert_null(um_arena_array(&arena, 3, SIZE_MAX / 2));
    assert_int_equal(um_arena_copy(&arena, um_span_of("", SIZE_MAX), &out), UM_ERR_NOMEM);
    assert_span_equal(out, S("untouched"));
    assert_int_equal(arena.total, 0);
    um_arena_done(&arena);
}

static void
arena_copies_bytes_and_adds_a_terminator(void **state)
{
    (void)state;
    struct um_arena arena = {0};
    uint8_t *source = um_test_exact_copy("a\0b", 3);
    struct um_span out;
    assert_int_equal(um_arena_copy(&arena, um_span_of(source, 3), &out), UM_OK);
    free(source);
    assert_span_equal(out, um_span_of("a\0b", 3));
    assert_int_equal(out.data[3], 0);

    assert_int_equal(um_arena_copy(&arena, um_span_of(NULL, 0), &out), UM_OK);
    assert_non_null(out.data);
    assert_int_equal(out.len, 0);
    assert_int_equal(out.data[0], 0);
    um_arena_done(&arena);
}

static void
arena_prints_texts_longer_than_a_block(void **state)
{
    (void)state;
    struct um_arena arena = {0};
    assert_string_equal(um_arena_printf(&arena, "%d of %s", 7, "9"), "7 of 9");
    assert_string_equal(um_arena_printf(&arena, "%s", ""), "");
    char *wide = um_arena_printf(&arena, "%*d", 300000, 1);
    assert_non_null(wide);
    assert_int_equal(strlen(wide), 300000);
    um_arena_done(&arena);
}

static void
arena_reset_keeps_one_block_and_zeroes_it_again(void **state)
{
    (void)state;
    struct um_arena arena = {0};
    um_arena_reset(&arena);
    for (size_t i = 0; i < 100; i++)
        memset(um_arena_alloc(&arena, 1000), 0xFF, 1000);
    size_t before = arena.total;
    um_arena_reset(&arena);
    assert_true(arena.total > 0 && arena.total < before);

    size_t allocations = um_test_alloc_count();
    uint8_t *at = um_arena_alloc(&arena, 1000);
    assert_int_equal(um_test_alloc_count(), allocations);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(at[i], 0);
    um_arena_done(&arena);
    assert_int_equal(arena.total, 0);
    assert_non_null(um_arena_alloc(&arena, 1));
    um_arena_done(&arena);
}

static void
arena_survives_each_failing_allocation(void **state)
{
    (void)state;
    for (size_t n = 0;; n++) {
        struct um_arena arena = {0};
        struct um_span out = S("untouched");
        um_test_alloc_fail_at(n);
        void *first = um_arena_alloc(&arena, 4096);
        int err = um_arena_copy(&arena, S("abc"), &out);
        char *text = um_arena_printf(&arena, "%*d", 20000, 1);
        bool failed = um_test_alloc_reset();
        assert_int_equal(failed, !first || err || !text);
        assert_true(err == UM_OK || err == UM_ERR_NOMEM);
        assert_span_equal(out, err ? S("untouched") : S("abc"));
        assert_non_null(um_arena_alloc(&arena, 10)); /* usable after a failure */
        um_arena_done(&arena);
        if (!failed)
            break;
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arena_gives_zeroed_aligned_memory_of_any_size),
        cmocka_unit_test(arena_keeps_what_was_given_out_while_it_grows),
        cmocka_unit_test(arena_refuses_a_size_that_overflows),
        cmocka_unit_test(arena_copies_bytes_and_adds_a_terminator),
        cmocka_unit_test(arena_prints_texts_longer_than_a_block),
        cmocka_unit_test(arena_reset_keeps_one_block_and_zeroes_it_again),
        cmocka_unit_test(arena_survives_each_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
