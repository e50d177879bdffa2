/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks the memory for bytes in time to be there when they are read. Nothing is read: where there
 * are none, nothing happens. */
#ifndef UM_BASE_EXPECT_H
#define UM_BASE_EXPECT_H

#include <stddef.h>
#include <stdint.h>

enum { UM_CACHE_LINE = 64 }; /* bytes */

/* The lines of `len` bytes that begin `behind` bytes behind `from`, where no object need be. */
static inline void
um_expect(const void *from, size_t behind, size_t len)
{
    for (size_t at = 0; at < len; at += UM_CACHE_LINE)
        __builtin_prefetch((const void *)((uintptr_t)from + behind + at));
}

#endif
