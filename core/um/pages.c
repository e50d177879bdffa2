/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is added comes from calls that go on at the same time and is asked for call by call, so a
 * few pages serve nearly every question.
 */
#include "core/um/pages.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"
#include "core/base/room.h"

enum { PAGES_MAX = 1 << (32 - UM_PAGE_BITS) };

static void
put_first(struct um_pages *pages, size_t at)
{
    uint32_t page = pages->at_hand[at];
    memmove(pages->at_hand + 1, pages->at_hand, at * sizeof *pages->at_hand);
    pages->at_hand[0] = page;
}

static void
put_at_hand(struct um_pages *pages, uint32_t page)
{
    assert(pages->at_hand_count < UM_PAGES_AT_HAND);
    pages->at_hand[pages->at_hand_count] = page;
    put_first(pages, pages->at_hand_count++);
}

/* One that has to stay in memory is not among those at hand. */
static void
note_use(struct um_pages *pages, uint32_t page)
{
    for (size_t i = 0; i < pages->at_hand_count; i++) {
        if (pages->at_hand[i] == page) {
            put_first(pages, i);
            return;
        }
    }
}

static bool
is_put_away(struct um_pages *pages, uint32_t number)
{
    struct um_page *page = &pages->items[number];
    struct um_shelf *shelf = &pages->shelf;
    if (page->is_shelved)
        return true;
    if (!shelf->put)
        return false;
    page->is_shelved = shelf->put(shelf->ctx, number, page->bytes) == UM_OK;
    if (!page->is_shelved)
        shelf->put = NULL;
    return page->is_shelved;
}

/* Memory for one more page at hand: that of the one that was longest in no use, if it can go. */
static uint8_t *
take_memory(struct um_pages *pages)
{
    if (pages->at_hand_count < UM_PAGES_AT_HAND)
        return calloc(1, UM_PAGE_BYTES);
    uint32_t oldest = pages->at_hand[--pages->at_hand_count];
    if (!is_put_away(pages, oldest))
        return calloc(1, UM_PAGE_BYTES);
    uint8_t *bytes = pages->items[oldest].bytes;
    pages->items[oldest].bytes = NULL;
    return bytes;
}

/* Into memory, if it is not there. */
static int
bring(struct um_pages *pages, uint32_t number)
{
    struct um_page *page = &pages->items[number];
    if (page->bytes) {
        note_use(pages, number);
        return UM_OK;
    }
    uint8_t *bytes = take_memory(pages);
    int err = bytes ? pages->shelf.fetch(pages->shelf.ctx, number, bytes) : UM_ERR_NOMEM;
    if (err) {
        free(bytes);
        return err;
    }
    page->bytes = bytes;
    put_at_hand(pages, number);
    return UM_OK;
}

static int
add_page(struct um_pages *pages)
{
    struct um_page *items =
        um_room_for_one(pages->items, &pages->capacity, pages->count, sizeof *items);
    if (!items)
        return UM_ERR_NOMEM;
    pages->items = items;
    uint8_t *bytes = pages->count < PAGES_MAX ? take_memory(pages) : NULL;
    if (!bytes)
        return UM_ERR_NOMEM;
    pages->used = pages->count == 0 ? 1 : 0; /* nothing is at 0 */
    pages->items[pages->count] = (struct um_page){.bytes = bytes};
    put_at_hand(pages, (uint32_t)pages->count++);
    return UM_OK;
}

int
um_pages_add(struct um_pages *pages, size_t len, uint32_t *place, uint8_t **bytes)
{
    assert(len < UM_PAGE_BYTES);
    bool has_room = pages->count > 0 && len <= UM_PAGE_BYTES - pages->used;
    int err = has_room ? bring(pages, (uint32_t)pages->count - 1) : add_page(pages);
    if (err)
        return err;
    struct um_page *last = &pages->items[pages->count - 1];
    last->is_shelved = false;
    *place = (uint32_t)((pages->count - 1) << UM_PAGE_BITS | pages->used);
    *bytes = last->bytes + pages->used;
    pages->used += len;
    return UM_OK;
}

int
um_pages_at(struct um_pages *pages, uint32_t place, const uint8_t **bytes)
{
    uint32_t number = place >> UM_PAGE_BITS;
    assert(place > 0 && number < pages->count);
    int err = bring(pages, number);
    if (!err)
        *bytes = pages->items[number].bytes + (place & (UM_PAGE_BYTES - 1));
    return err;
}

void
um_pages_done(struct um_pages *pages)
{
    for (size_t i = 0; i < pages->count; i++)
        free(pages->items[i].bytes);
    free(pages->items);
    *pages = (struct um_pages){0};
}
