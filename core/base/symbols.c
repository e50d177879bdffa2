/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hash table with linear probing that is never more than half full. Texts from the wire can be
 * chosen to collide, and then a look-up costs a walk, bounded by the number of distinct texts the
 * report has to hold anyway.
 */
#include "core/base/symbols.h"

#include <stdlib.h>

#include "core/base/err.h"

enum { FIRST_SLOTS = 64 };

/* The slot that holds `text`, or the free one where it belongs. */
static struct um_symbol *
find(struct um_symbol *slots, size_t slot_count, struct um_span text, uint64_t hash)
{
    size_t at = (size_t)hash & (slot_count - 1);
    while (slots[at].used && (slots[at].hash != hash || !um_span_equal(slots[at].text, text)))
        at = (at + 1) & (slot_count - 1);
    return &slots[at];
}

static int
grow(struct um_symbols *symbols)
{
    size_t wider = symbols->slot_count ? symbols->slot_count * 2 : FIRST_SLOTS;
    struct um_symbol *slots = calloc(wider, sizeof *slots);
    if (!slots)
        return UM_ERR_NOMEM;
    for (size_t i = 0; i < symbols->slot_count; i++) {
        const struct um_symbol *old = &symbols->slots[i];
        if (old->used)
            *find(slots, wider, old->text, old->hash) = *old;
    }
    free(symbols->slots);
    symbols->slots = slots;
    symbols->slot_count = wider;
    return UM_OK;
}

int
um_symbols_add(struct um_symbols *symbols, struct um_span text, size_t *number,
               struct um_span *kept)
{
    if (symbols->count >= symbols->slot_count / 2) {
        int err = grow(symbols);
        if (err)
            return err;
    }
    uint64_t hash = um_span_hash(text, 0);
    struct um_symbol *slot = find(symbols->slots, symbols->slot_count, text, hash);
    if (!slot->used) {
        struct um_span copy;
        int err = um_arena_copy(&symbols->arena, text, &copy);
        if (err)
            return err;
        *slot = (struct um_symbol){
            .text = copy, .number = symbols->count++, .hash = hash, .used = true};
    }
    if (number)
        *number = slot->number;
    if (kept)
        *kept = slot->text;
    return UM_OK;
}

bool
um_symbols_has(const struct um_symbols *symbols, struct um_span text)
{
    if (symbols->slot_count == 0)
        return false;
    return find(symbols->slots, symbols->slot_count, text, um_span_hash(text, 0))->used;
}

void
um_symbols_done(struct um_symbols *symbols)
{
    free(symbols->slots);
    um_arena_done(&symbols->arena);
    *symbols = (struct um_symbols){0};
}
