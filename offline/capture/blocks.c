/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The buffer behind the readers of both formats. */
#include "offline/capture/blocks.h"

#include <assert.h>
#include <stdlib.h>

int
um_blocks_init(struct um_blocks *blocks, struct um_source *source)
{
    *blocks = (struct um_blocks){.source = source, .memory = malloc(UM_BLOCKS_BYTES)};
    if (!blocks->memory) {
        um_blocks_done(blocks);
        return UM_ERR_NOMEM;
    }
    blocks->capacity = UM_BLOCKS_BYTES;
    return UM_OK;
}

void
um_blocks_done(struct um_blocks *blocks)
{
    um_source_free(blocks->source);
    free(blocks->memory);
    *blocks = (struct um_blocks){.has_ended = true};
}

static int
grow(struct um_blocks *blocks)
{
    size_t wider = blocks->capacity * 2;
    uint8_t *memory = realloc(blocks->memory, wider);
    if (!memory)
        return UM_ERR_NOMEM;
    blocks->memory = memory;
    blocks->capacity = wider;
    return UM_OK;
}

static void
move_to_front(struct um_blocks *blocks)
{
    size_t left = um_blocks_left(blocks);
    if (blocks->begin > 0 && left > 0)
        memmove(blocks->memory, blocks->memory + blocks->begin, left);
    blocks->begin = 0;
    blocks->end = left;
}

static int
read_more(struct um_blocks *blocks)
{
    size_t got;
    int err = um_source_read(blocks->source, blocks->memory + blocks->end,
                             blocks->capacity - blocks->end, &got, &blocks->why);
    if (err == UM_ERR_NOMEM)
        return err;
    blocks->end += got;
    blocks->err = err;
    blocks->has_ended = err || got == 0;
    return UM_OK;
}

int
um_blocks_fill(struct um_blocks *blocks, size_t len)
{
    assert(len <= UM_BLOCKS_RECORD_MAX);
    while (um_blocks_left(blocks) < len && !blocks->has_ended) {
        int err = UM_OK;
        if (blocks->begin > 0)
            move_to_front(blocks);
        if (blocks->end == blocks->capacity)
            err = grow(blocks);
        if (!err)
            err = read_more(blocks);
        if (err)
            return err;
    }
    return um_blocks_left(blocks) >= len;
}

int
um_blocks_skip(struct um_blocks *blocks, uint64_t len)
{
    while (len > 0) {
        int there = um_blocks_need(blocks, 1);
        if (there <= 0)
            return there;
        size_t left = um_blocks_left(blocks);
        size_t step = len < left ? (size_t)len : left;
        um_blocks_consume(blocks, step);
        len -= step;
    }
    return 1;
}
