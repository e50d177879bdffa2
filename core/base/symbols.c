/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Texts from the wire can be chosen to collide, and then a look-up costs a walk, bounded by the
 * number of distinct texts the report has to hold anyway.
 */
#include "core/base/symbols.h"

#include <stdlib.h>

#include "core/base/err.h"
#include "core/base/room.h"

enum { FEW_SLOTS = 64 };

static uint32_t
hash_of(struct um_span text)
{
    return (uint32_t)um_span_hash_quick(text);
}

static uint32_t
hash_at(const void *symbols, size_t number)
{
    return ((const struct um_symbols *)symbols)->items[number].hash;
}

/* The slot that holds `text`, or the free one where it belongs. */
static uint32_t *
find(const struct um_symbols *symbols, struct um_span text, uint32_t hash)
{
    uint32_t *slot = um_slots_first(&symbols->slots, hash);
    for (;; slot = um_slots_next(&symbols->slots, slot)) {
        const struct um_symbol *symbol = *slot > 0 ? &symbols->items[*slot - 1] : NULL;
        if (!symbol ||
            (symbol->hash == hash && um_span_equal(um_symbols_at(symbols, *slot - 1), text)))
            return slot;
    }
}

/* Adds what is not there; its place is `slot`. */
static int
append(struct um_symbols *symbols, struct um_span text, uint32_t hash, uint32_t *slot)
{
    struct um_symbol *items =
        um_room_for_one(symbols->items, &symbols->capacity, symbols->count, sizeof *items);
    if (!items)
        return UM_ERR_NOMEM;
    symbols->items = items;
    if (symbols->count >= UINT32_MAX - 1 || text.len > UINT32_MAX)
        return UM_ERR_NOMEM;
    struct um_span copy;
    int err = um_arena_copy(&symbols->arena, text, &copy);
    if (err)
        return err;
    items[symbols->count++] =
        (struct um_symbol){.data = copy.data, .len = (uint32_t)copy.len, .hash = hash};
    *slot = (uint32_t)symbols->count;
    return UM_OK;
}

int
um_symbols_add(struct um_symbols *symbols, struct um_span text, size_t *number,
               struct um_span *kept)
{
    int err = um_slots_for_one(&symbols->slots, symbols->count, hash_at, symbols);
    if (err)
        return err;
    uint32_t hash = hash_of(text);
    uint32_t *slot = find(symbols, text, hash);
    if (*slot == 0)
        err = append(symbols, text, hash, slot);
    if (err)
        return err;
    if (number)
        *number = *slot - 1;
    if (kept)
        *kept = um_symbols_at(symbols, *slot - 1);
    return UM_OK;
}

bool
um_symbols_has(const struct um_symbols *symbols, struct um_span text)
{
    return symbols->slots.count > 0 && *find(symbols, text, hash_of(text)) > 0;
}

void
um_symbols_clear(struct um_symbols *symbols)
{
    if (symbols->slots.count > FEW_SLOTS) {
        um_symbols_done(symbols);
        return;
    }
    um_arena_reset(&symbols->arena);
    um_slots_clear(&symbols->slots);
    symbols->count = 0;
}

void
um_symbols_done(struct um_symbols *symbols)
{
    um_slots_done(&symbols->slots);
    free(symbols->items);
    um_arena_done(&symbols->arena);
    *symbols = (struct um_symbols){0};
}
