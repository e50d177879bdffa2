/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list of blocks that double in size up to a ceiling; what is larger gets a block of its own. */
#include "core/base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/err.h"

enum { ALIGN = 16, BLOCK_MIN = 4096, BLOCK_MAX = 256 * 1024 };

struct um_arena_block {
    struct um_arena_block *next;
    size_t used;
    size_t size;
    _Alignas(ALIGN) uint8_t bytes[];
};

static struct um_arena_block *
add_block(struct um_arena *arena, size_t need)
{
    size_t size = BLOCK_MIN;
    if (arena->blocks && arena->blocks->size < BLOCK_MAX)
        size = arena->blocks->size * 2;
    else if (arena->blocks)
        size = BLOCK_MAX;
    if (size < need)
        size = need;
    struct um_arena_block *block = malloc(sizeof *block + size);
    if (!block)
        return NULL;
    *block = (struct um_arena_block){.next = arena->blocks, .used = 0, .size = size};
    arena->blocks = block;
    arena->total += sizeof *block + size;
    return block;
}

/* Bytes that hold anything; NULL when out of memory. */
static uint8_t *
take(struct um_arena *arena, size_t size, size_t align)
{
    assert(align > 0 && align <= ALIGN && (align & (align - 1)) == 0);
    if (size > SIZE_MAX / 4)
        return NULL;
    struct um_arena_block *block = arena->blocks;
    size_t at = block ? (block->used + align - 1) & ~(align - 1) : 0;
    if (!block || at > block->size || size > block->size - at) {
        block = add_block(arena, size);
        at = 0;
    }
    if (!block)
        return NULL;
    block->used = at + size;
    return block->bytes + at;
}

void *
um_arena_alloc_aligned(struct um_arena *arena, size_t size, size_t align)
{
    uint8_t *bytes = take(arena, size, align);
    return bytes ? memset(bytes, 0, size) : NULL;
}

void *
um_arena_alloc(struct um_arena *arena, size_t size)
{
    return um_arena_alloc_aligned(arena, size, ALIGN);
}

void *
um_arena_array(struct um_arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    return um_arena_alloc(arena, count * size);
}

int
um_arena_copy(struct um_arena *arena, struct um_span bytes, struct um_span *out)
{
    if (bytes.len == SIZE_MAX)
        return UM_ERR_NOMEM;
    uint8_t *copy = take(arena, bytes.len + 1, 1);
    if (!copy)
        return UM_ERR_NOMEM;
    if (bytes.len > 0)
        memcpy(copy, bytes.data, bytes.len);
    copy[bytes.len] = '\0';
    *out = um_span_of(copy, bytes.len);
    return UM_OK;
}

char *
um_arena_printf(struct um_arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int need = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (need < 0)
        return NULL;
    char *text = um_arena_alloc(arena, (size_t)need + 1);
    if (!text)
        return NULL;
    va_start(args, format);
    (void)vsnprintf(text, (size_t)need + 1, format, args);
    va_end(args);
    return text;
}

static void
free_from(struct um_arena *arena, struct um_arena_block *block)
{
    while (block) {
        struct um_arena_block *next = block->next;
        arena->total -= sizeof *block + block->size;
        free(block);
        block = next;
    }
}

void
um_arena_reset(struct um_arena *arena)
{
    if (!arena->blocks)
        return;
    free_from(arena, arena->blocks->next);
    arena->blocks->next = NULL;
    arena->blocks->used = 0;
}

void
um_arena_done(struct um_arena *arena)
{
    free_from(arena, arena->blocks);
    arena->blocks = NULL;
}
