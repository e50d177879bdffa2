/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The linker sends malloc and friends here (--wrap). */
#include "tests/support/alloc.h"

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
