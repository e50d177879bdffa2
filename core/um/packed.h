/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An exchange's record in a few dozen bytes, for a store that holds very many. Numbers take as many
 * bytes as they need; what polls have in common (operation, state, target, server and so on) is
 * held once, and a packed record only says which. A packed record is known by its place, a number;
 * 0 is none.
 */
#ifndef UM_UM_PACKED_H
#define UM_UM_PACKED_H

#include "core/base/symbols.h"
#include "core/um/call.h"

enum { UM_PACKING_PARTIES = 256 }; /* a power of two */

/* Who asked last in a list of records, and about what. */
struct um_packed_party {
    size_t list; /* SIZE_MAX - its number; 0: nobody */
    struct um_span call_id;
    struct um_endpoint client;
    uint64_t connection;
    uint64_t number;      /* of what was asked last */
    struct um_mark since; /* and its first packet */
};

/* Packed records and what they refer to; a zeroed one is empty. Outlives what is read of them. */
struct um_packing {
    struct um_symbols texts;        /* and addresses */
    struct um_symbols commons;      /* packed as well */
    const struct um_symbols *names; /* of the lists, by number; may be NULL */
    int64_t base_ns;                /* times are told from here on */
    bool has_base;
    struct um_packed_party parties[UM_PACKING_PARTIES]; /* by list; the last one that came there */
    uint8_t **blocks;                                   /* of the packed records */
    size_t block_count, block_capacity;
    size_t used; /* bytes of the last block */
};

/*
 * Packs a record that is to stand behind all others of the list of that number
 * (SIZE_MAX: of none). Its `connection_order`, `call` and `findings` are left out; its `id` must be
 * that of its `call_id`. 0 or UM_ERR_NOMEM.
 */
int um_packed_make(struct um_packing *packing, const struct um_exchange_record *record, size_t list,
                   uint32_t *out);

/* What stands behind a record in its list; 0 until something does. */
uint32_t um_packed_next(const struct um_packing *packing, uint32_t packed);
void um_packed_link(struct um_packing *packing, uint32_t packed, uint32_t next);

/* Behind the list stand others now than were put there. */
void um_packing_forget(struct um_packing *packing, size_t list);

/*
 * The record again. `before` is the one before it in its list, or NULL. What its `id` is made of
 * lives in `arena`, all other texts in `packing`. 0 or UM_ERR_NOMEM.
 */
int um_packed_read(const struct um_packing *packing, uint32_t packed,
                   const struct um_exchange_record *before, struct um_arena *arena,
                   struct um_exchange_record *out);

/* The same of the one that was made last, of `record` in that list: only for its texts' new place.
 */
int um_packed_read_back(struct um_packing *packing, uint32_t packed,
                        const struct um_exchange_record *record, size_t list,
                        struct um_arena *arena, struct um_exchange_record *out);

void um_packing_done(struct um_packing *packing);

#endif
