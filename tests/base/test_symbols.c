/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts kept once: numbers in order of appearance, one memory for equal texts, failures undone. */
#include "core/base/symbols.h"

#include <stdio.h>

#include "core/base/err.h"
#include "tests/support/support.h"

static void
symbols_number_texts_in_order_of_appearance(void **state)
{
    (void)state;
    struct um_symbols symbols = {0};
    static const char *const texts[] = {"b", "a", "b", "", "c", "", "a"};
    static const size_t numbers[] = {0, 1, 0, 2, 3, 2, 1};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t number;
        struct um_span kept;
        assert_int_equal(um_symbols_add(&symbols, S(texts[i]), &number, &kept), UM_OK);
        assert_int_equal(number, numbers[i]);
        assert_span_equal(kept, S(texts[i]));
        assert_true(um_symbols_has(&symbols, S(texts[i])));
    }
    assert_int_equal(symbols.count, 4);
    um_symbols_done(&symbols);
    assert_int_equal(symbols.count, 0);
    assert_false(um_symbols_has(&symbols, S("a")));
    um_symbols_done(&symbols);
}

static void
symbols_keep_their_own_copy_while_the_table_grows(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    struct um_symbols symbols = {0};
    const uint8_t **at = calloc(COUNT, sizeof *at);
    assert_non_null(at);
    for (size_t round = 0; round < 2; round++) {
        for (size_t i = 0; i < COUNT; i++) {
            char text[32];
            (void)snprintf(text, sizeof text, "text %zu", i);
            uint8_t *heap = um_test_exact_copy(text, strlen(text));
            struct um_span kept;
            size_t number;
            assert_int_equal(
                um_symbols_add(&symbols, um_span_of(heap, strlen(text)), &number, &kept), UM_OK);
            free(heap);
            assert_int_equal(number, i);
            assert_span_equal(kept, S(text));
            if (round == 0)
                at[i] = kept.data;
            assert_ptr_equal(at[i], kept.data);
        }
    }
    assert_int_equal(symbols.count, COUNT);
    free(at);
    um_symbols_done(&symbols);
}

static void
symbols_tell_texts_with_equal_beginnings_apart(void **state)
{
    (void)state;
    struct um_symbols symbols = {0};
    size_t a, b, c;
    assert_int_equal(um_symbols_add(&symbols, um_span_of("x\0y", 3), &a, NULL), UM_OK);
    assert_int_equal(um_symbols_add(&symbols, um_span_of("x\0z", 3), &b, NULL), UM_OK);
    assert_int_equal(um_symbols_add(&symbols, S("x"), &c, NULL), UM_OK);
    assert_true(a != b && b != c && a != c);
    assert_false(um_symbols_has(&symbols, um_span_of("x\0", 2)));
    um_symbols_done(&symbols);
}

static void
symbols_survive_each_failing_allocation(void **state)
{
    (void)state;
    for (size_t n = 0;; n++) {
        struct um_symbols symbols = {0};
        um_test_alloc_fail_at(n);
        size_t kept = 0;
        int err = UM_OK;
        for (unsigned i = 0; i < 300 && !err; i++) {
            char text[64];
            (void)snprintf(text, sizeof text, "%040u", i);
            size_t number;
            err = um_symbols_add(&symbols, S(text), &number, NULL);
            if (!err)
                assert_int_equal(number, kept++);
        }
        bool failed = um_test_alloc_reset();
        assert_int_equal(err, failed ? UM_ERR_NOMEM : UM_OK);
        assert_int_equal(symbols.count, kept);
        size_t number;
        assert_int_equal(um_symbols_add(&symbols, S("after"), &number, NULL), UM_OK);
        assert_int_equal(number, kept);
        um_symbols_done(&symbols);
        if (!failed)
            break;
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(symbols_number_texts_in_order_of_appearance),
        cmocka_unit_test(symbols_keep_their_own_copy_while_the_table_grows),
        cmocka_unit_test(symbols_tell_texts_with_equal_beginnings_apart),
        cmocka_unit_test(symbols_survive_each_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
