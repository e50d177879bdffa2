/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads wire bytes in order with a sticky error: read several fields, test `short_read` once. A
 * read past the end gives 0 or an empty span and sets the flag; the flag is never cleared.
 */
#ifndef UM_BASE_CURSOR_H
#define UM_BASE_CURSOR_H

#include <assert.h>

#include "core/base/span.h"

struct um_cursor {
    struct um_span left; /* what has not been read */
    bool short_read;     /* some read asked for more than there was */
};

static inline struct um_cursor
um_cursor_of(struct um_span s)
{
    return (struct um_cursor){.left = s, .short_read = false};
}

/* The next `n` bytes as a view; empty, and nothing moved, when fewer are left. */
static inline struct um_span
um_cursor_take(struct um_cursor *c, size_t n)
{
    if (n > c->left.len) {
        c->short_read = true;
        return um_span_of(NULL, 0);
    }
    assert(n == 0 || c->left.data);
    struct um_span taken = um_span_first(c->left, n);
    c->left = um_span_from(c->left, n);
    return taken;
}

static inline void
um_cursor_skip(struct um_cursor *c, size_t n)
{
    (void)um_cursor_take(c, n);
}

static inline uint8_t
um_cursor_u8(struct um_cursor *c)
{
    struct um_span s = um_cursor_take(c, 1);
    return s.len == 1 ? s.data[0] : 0;
}

static inline uint16_t
um_cursor_be16(struct um_cursor *c)
{
    struct um_span s = um_cursor_take(c, 2);
    if (s.len != 2)
        return 0;
    return (uint16_t)(s.data[0] << 8 | s.data[1]);
}

static inline uint16_t
um_cursor_le16(struct um_cursor *c)
{
    struct um_span s = um_cursor_take(c, 2);
    if (s.len != 2)
        return 0;
    return (uint16_t)(s.data[1] << 8 | s.data[0]);
}

static inline uint32_t
um_cursor_be32(struct um_cursor *c)
{
    struct um_span s = um_cursor_take(c, 4);
    if (s.len != 4)
        return 0;
    return ((uint32_t)s.data[0] << 24) | ((uint32_t)s.data[1] << 16) | ((uint32_t)s.data[2] << 8) |
           (uint32_t)s.data[3];
}

static inline uint32_t
um_cursor_le32(struct um_cursor *c)
{
    struct um_span s = um_cursor_take(c, 4);
    if (s.len != 4)
        return 0;
    return ((uint32_t)s.data[3] << 24) | ((uint32_t)s.data[2] << 16) | ((uint32_t)s.data[1] << 8) |
           (uint32_t)s.data[0];
}

#endif
