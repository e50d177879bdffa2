/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An exchange's record in a few dozen bytes, for a store that holds very many. Numbers take as many
 * bytes as they need; what polls have in common (operation, state, target, server and so on) is
 * held once, and a packed record only says which.
 */
#ifndef UM_UM_PACKED_H
#define UM_UM_PACKED_H

#include "core/base/symbols.h"
#include "core/um/call.h"

/* What packed records refer to; a zeroed one is empty. Outlives them, and what is read of them. */
struct um_packing {
    struct um_symbols texts;   /* and addresses */
    struct um_symbols commons; /* packed as well */
    int64_t base_ns;           /* times are told from here on */
    bool has_base;
};

struct um_packed {
    struct um_packed *next; /* the owner's */
    uint8_t bytes[];
};

/*
 * Packs a record, in `arena`. Its `connection_order`, `call` and `findings` are left out; its `id`
 * must be that of its `call_id`. 0 or UM_ERR_NOMEM.
 */
int um_packed_make(struct um_packing *packing, const struct um_exchange_record *record,
                   struct um_arena *arena, struct um_packed **out);

/* The record again; what its `id` is made of lives in `arena`, all other texts in `packing`. 0 or
 * UM_ERR_NOMEM. */
int um_packed_read(const struct um_packing *packing, const struct um_packed *packed,
                   struct um_arena *arena, struct um_exchange_record *out);

void um_packing_done(struct um_packing *packing);

#endif
