/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A source read in large blocks and looked at in place. Only what crosses a block's end is moved;
 * memory grows with the bytes that are really there, never with a length a file claims.
 */
#ifndef UM_CAPTURE_BLOCKS_H
#define UM_CAPTURE_BLOCKS_H

#include "offline/capture/source.h"

enum {
    UM_BLOCKS_BYTES = 256 * 1024,
    UM_BLOCKS_RECORD_MAX = 16 * 1024 * 1024, /* a longer record is a damaged file */
};

struct um_blocks {
    struct um_source *source; /* owned */
    uint8_t *memory;
    size_t capacity, begin, end; /* what is there and not read: memory[begin, end) */
    uint64_t offset;             /* of memory[begin] in the (decompressed) file */
    bool has_ended;
    int err;         /* of the source, once it has failed; what came before it is still given */
    const char *why; /* with err */
};

/* Takes `source` over. 0 or UM_ERR_NOMEM (then the source is freed). */
int um_blocks_init(struct um_blocks *blocks, struct um_source *source);
void um_blocks_done(struct um_blocks *blocks);

/* The slow way of um_blocks_need. */
int um_blocks_fill(struct um_blocks *blocks, size_t len);

/*
 * Makes the next `len` bytes (at most UM_BLOCKS_RECORD_MAX) lie in one piece. 1: they do; 0: the
 * file ends before, or its source failed (blocks->err); UM_ERR_NOMEM. Nothing is consumed.
 */
static inline int
um_blocks_need(struct um_blocks *blocks, size_t len)
{
    return blocks->end - blocks->begin >= len ? 1 : um_blocks_fill(blocks, len);
}

/* The next `len` bytes, which um_blocks_need has found; valid until the next call of it. */
static inline struct um_span
um_blocks_look(const struct um_blocks *blocks, size_t len)
{
    return um_span_of(blocks->memory + blocks->begin, len);
}

/* Consumes `len` bytes that are there. */
static inline void
um_blocks_consume(struct um_blocks *blocks, size_t len)
{
    blocks->begin += len;
    blocks->offset += len;
}

/* Bytes that are there now. */
static inline size_t
um_blocks_left(const struct um_blocks *blocks)
{
    return blocks->end - blocks->begin;
}

/* Consumes `len` bytes wherever they are, without keeping them. As um_blocks_need. */
int um_blocks_skip(struct um_blocks *blocks, uint64_t len);

#endif
