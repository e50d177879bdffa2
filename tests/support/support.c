/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exact copies and failing allocations; the linker sends malloc and friends here (--wrap). */
#include "tests/support/support.h"

#include <string.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static size_t count;
static size_t fail_at;
static bool armed;
static bool failed;

static bool
must_fail(void)
{
    bool now = armed && count == fail_at;
    count++;
    if (now) {
        armed = false;
        failed = true;
    }
    return now;
}

void *
__wrap_malloc(size_t size)
{
    return must_fail() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t n, size_t size)
{
    return must_fail() ? NULL : __real_calloc(n, size);
}

void *
__wrap_realloc(void *old, size_t size)
{
    return must_fail() ? NULL : __real_realloc(old, size);
}

void
um_test_alloc_fail_at(size_t n)
{
    fail_at = count + n;
    armed = true;
    failed = false;
}

bool
um_test_alloc_reset(void)
{
    armed = false;
    return failed;
}

size_t
um_test_alloc_count(void)
{
    return count;
}

uint8_t *
um_test_exact_copy(const void *bytes, size_t len)
{
    uint8_t *copy = __real_malloc(len ? len : 1);
    if (!copy)
        abort();
    if (len > 0)
        memcpy(copy, bytes, len);
    return copy;
}

uint64_t
um_test_random(uint64_t *seed)
{
    uint64_t z = (*seed += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}
