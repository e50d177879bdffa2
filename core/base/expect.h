/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Asks the memory for bytes in time to be there when they are read. Nothing is read: where there
 * are none, nothing happens. */
#ifndef UM_BASE_EXPECT_H
#define UM_BASE_EXPECT_H

#include <stddef.h>
#include <stdint.h>

enum {
    UM_CACHE_LINE = 64,           /* bytes */
    UM_EXPECT_AHEAD = 128 * 1024, /* bytes, no more than stay near until they are read */
};

/* The lines of `len` bytes that begin `behind` bytes behind `from`, where no object need be. */
static inline void
um_expect(const void *from, size_t behind, size_t len)
{
    for (size_t at = 0; at < len; at += UM_CACHE_LINE)
        __builtin_prefetch((const void *)((uintptr_t)from + behind + at));
}

/*
 * The next `len` bytes of those that lie in a row behind `from`, as far as they have not been
 * expected before and are no farther away than UM_EXPECT_AHEAD. `*until`, 0 at first, is where the
 * ones end that have been. `from` may be NULL: nobody knows what follows.
 */
static inline void
um_expect_on(uintptr_t *until, const void *from, size_t len)
{
    uintptr_t begin = (uintptr_t)from, done = *until > begin ? *until - begin : 0;
    if (done > UM_EXPECT_AHEAD)
        done = 0; /* of another row */
    if (!from || done + len > UM_EXPECT_AHEAD)
        return;
    um_expect(from, done, len);
    *until = begin + done + len;
}

#endif
