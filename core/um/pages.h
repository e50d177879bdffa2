/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes that are added and never changed, in pages. With a shelf, memory holds the few pages that
 * were used last, and the others are brought back when they are asked for; without one, and from
 * when it takes no more, all stay in memory. A zeroed struct um_pages is empty and has no shelf.
 */
#ifndef UM_UM_PAGES_H
#define UM_UM_PAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    UM_PAGE_BITS = 14,
    UM_PAGE_BYTES = 1 << UM_PAGE_BITS,
    UM_PAGES_AT_HAND = 8,
};

/* Where pages can be put away: a front end's, for this core knows no files. 0 or UM_ERR_IO. */
struct um_shelf {
    void *ctx;
    int (*put)(void *ctx, uint32_t page,
               const uint8_t *bytes);                       /* also once more, with more in it */
    int (*fetch)(void *ctx, uint32_t page, uint8_t *bytes); /* one that was put */
};

struct um_page {
    uint8_t *bytes;  /* NULL: it is on the shelf alone */
    bool is_shelved; /* as it is */
};

struct um_pages {
    struct um_shelf shelf; /* `put` NULL: there is none, or it takes no more */
    struct um_page *items;
    size_t count, capacity;
    size_t used;                        /* bytes of the last page */
    uint32_t at_hand[UM_PAGES_AT_HAND]; /* that may be put away; the one used last comes first */
    size_t at_hand_count;
};

/*
 * Room for `len` bytes in one page, at most UM_PAGE_BYTES - 1. Their place, which is never 0, is
 * that of the first one; they are to be written before anything else is asked for. 0, UM_ERR_NOMEM,
 * or UM_ERR_IO when the page was put away and does not come back.
 */
int um_pages_add(struct um_pages *pages, size_t len, uint32_t *place, uint8_t **bytes);

/* The bytes of a place, there until UM_PAGES_AT_HAND - 1 other pages have been used. As above. */
int um_pages_at(struct um_pages *pages, uint32_t place, const uint8_t **bytes);

void um_pages_done(struct um_pages *pages);

#endif
