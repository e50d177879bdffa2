/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "samples/maker/pool.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct um_pool_block {
    struct um_pool_block *next;
    max_align_t bytes[];
};

void *
um_pool_array(struct um_pool *pool, size_t count, size_t size)
{
    size_t head = sizeof(struct um_pool_block);
    struct um_pool_block *block = NULL;
    if (size == 0 || count <= (SIZE_MAX - head) / size)
        block = calloc(1, head + count * size);
    if (!block) {
        fputs("um_sample_maker: out of memory\n", stderr);
        exit(1);
    }
    block->next = pool->blocks;
    pool->blocks = block;
    return block->bytes;
}

char *
um_pool_copy(struct um_pool *pool, const char *text, size_t len)
{
    char *copy = um_pool_array(pool, len + 1, 1);
    if (len > 0)
        memcpy(copy, text, len);
    return copy;
}

/* True when an array of so many things is full: its room is the next power of two. */
static int
is_full(size_t count)
{
    return (count & (count - 1)) == 0;
}

void *
um_pool_grow(struct um_pool *pool, void *items, size_t count, size_t size)
{
    if (!is_full(count))
        return items;
    void *larger = um_pool_array(pool, count ? count * 2 : 1, size);
    if (count > 0)
        memcpy(larger, items, count * size);
    return larger;
}

void
um_pool_done(struct um_pool *pool)
{
    while (pool->blocks) {
        struct um_pool_block *next = pool->blocks->next;
        free(pool->blocks);
        pool->blocks = next;
    }
}
