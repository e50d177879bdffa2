/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every test needs: cmocka's includes in their order, exact copies, allocations that
 * fail. */
#ifndef UM_TEST_SUPPORT_H
#define UM_TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>
#include <stdlib.h>

#include "core/base/span.h"
#include "tests/support/alloc.h"

/*
 * A heap copy of exactly `len` bytes, so that the sanitizer guards its end; the caller frees it.
 * One byte is allocated when `len` is 0. Never fails: aborts when out of memory.
 */
uint8_t *um_test_exact_copy(const void *bytes, size_t len);

/* A small deterministic random number generator (SplitMix64): the same seed, the same numbers. */
uint64_t um_test_random(uint64_t *seed);

/* The span of a string literal or C string. */
#define S(text) um_span_text(text)

#define assert_span_equal(a, b)                                                                    \
    do {                                                                                           \
        struct um_span a_ = (a), b_ = (b);                                                         \
        assert_int_equal(a_.len, b_.len);                                                          \
        if (a_.len > 0)                                                                            \
            assert_memory_equal(a_.data, b_.data, a_.len);                                         \
    } while (0)

#endif
