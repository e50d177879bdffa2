/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory that is freed all at once. A zeroed struct um_arena is an empty arena. Pointers stay
 * valid until um_arena_reset or um_arena_done.
 */
#ifndef UM_BASE_ARENA_H
#define UM_BASE_ARENA_H

#include "core/base/span.h"

struct um_arena_block;

struct um_arena {
    struct um_arena_block *blocks; /* newest first */
    size_t total;                  /* bytes taken from the system */
};

/* `size` zeroed bytes, aligned for any object; NULL when out of memory. */
void *um_arena_alloc(struct um_arena *arena, size_t size);

/* The same for an object that needs no more than `align`, a power of two of at most 16. */
void *um_arena_alloc_aligned(struct um_arena *arena, size_t size, size_t align);

/* `count` zeroed objects of `size` bytes each; NULL when out of memory or the product overflows. */
void *um_arena_array(struct um_arena *arena, size_t count, size_t size);

/* Copies `bytes` and adds a NUL behind it. 0 or UM_ERR_NOMEM; `out` is set on success only. */
int um_arena_copy(struct um_arena *arena, struct um_span bytes, struct um_span *out);

/* A printf into the arena; NUL-terminated. NULL when out of memory. */
char *um_arena_printf(struct um_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Forgets everything, keeps one block for reuse. */
void um_arena_reset(struct um_arena *arena);

/* Frees everything; the arena is empty and usable again. */
void um_arena_done(struct um_arena *arena);

#endif
