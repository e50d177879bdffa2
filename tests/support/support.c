/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies come from the real malloc: they never fail. */
#include "tests/support/support.h"

#include <string.h>

void *__real_malloc(size_t size);

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
