/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The maker's memory: taken piece by piece, given back all at once. Out of memory ends the maker.
 */
#ifndef UM_MAKER_POOL_H
#define UM_MAKER_POOL_H

#include <stddef.h>

/* A zeroed one is empty. */
struct um_pool {
    struct um_pool_block *blocks;
};

/* Zeroed memory for `count` things of `size` bytes, until um_pool_done. */
void *um_pool_array(struct um_pool *pool, size_t count, size_t size);

/* A copy of `len` bytes with a zero byte behind them. */
char *um_pool_copy(struct um_pool *pool, const char *text, size_t len);

/*
 * Room for one thing more in the array `items` of `count` things: `items` itself or a larger copy.
 * An array that was made here only grows through here.
 */
void *um_pool_grow(struct um_pool *pool, void *items, size_t count, size_t size);

void um_pool_done(struct um_pool *pool);

#endif
