/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each text once: equal texts get the same small number and the same memory. A zeroed struct
 * um_symbols is an empty table.
 */
#ifndef UM_BASE_SYMBOLS_H
#define UM_BASE_SYMBOLS_H

#include "core/base/arena.h"
#include "core/base/slots.h"

struct um_symbol {
    const uint8_t *data; /* the text */
    uint32_t len;
    uint32_t hash;
};

struct um_symbols {
    struct um_arena arena;
    struct um_symbol *items; /* by number */
    size_t count, capacity;  /* symbols so far; the next one gets the number `count` */
    struct um_slots slots;
};

/*
 * Finds or adds `text`. `number` counts from 0 in order of first appearance; `kept` is the text in
 * the table's own memory, with a NUL behind it, valid until um_symbols_done. Either may be NULL. 0
 * or UM_ERR_NOMEM.
 */
int um_symbols_add(struct um_symbols *symbols, struct um_span text, size_t *number,
                   struct um_span *kept);

/* True when `text` is in the table. */
bool um_symbols_has(const struct um_symbols *symbols, struct um_span text);

/* The text of that number, which is below symbols->count. */
static inline struct um_span
um_symbols_at(const struct um_symbols *symbols, size_t number)
{
    return um_span_of(symbols->items[number].data, symbols->items[number].len);
}

/* Forgets all texts and keeps the memory for others, when they were few. */
void um_symbols_clear(struct um_symbols *symbols);

/* Frees everything; the table is empty and usable again. */
void um_symbols_done(struct um_symbols *symbols);

#endif
