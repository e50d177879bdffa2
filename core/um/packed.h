/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An exchange's record in a dozen bytes or two, for a store that holds very many. Numbers take as
 * many bytes as they need; what polls have in common (operation, state, target, server and so on)
 * is held once, and a packed record only says which. Packed records belong to lists, and are read
 * list by list.
 */
#ifndef UM_UM_PACKED_H
#define UM_UM_PACKED_H

#include "core/base/symbols.h"
#include "core/um/call.h"
#include "core/um/pages.h"

enum {
    UM_PACKING_PARTIES = 256,  /* a power of two */
    UM_PACKED_TEXT_BYTES = 96, /* a longer text is one of the packing's symbols */
};

/* Records in the order in which they were packed; a zeroed one is empty. */
struct um_packed_list {
    uint32_t name; /* place of a text: a letter, and what its opaque CallIds read; 0: none */
    uint32_t last; /* place of the last record */
    uint32_t count;
};

/* Who asked last in a list of records, and about what. */
struct um_packed_party {
    size_t list;            /* SIZE_MAX - its number; 0: nobody */
    bool is_of_name;        /* the CallId is that of the list's name */
    struct um_span call_id; /* else it is this one, in `text` */
    uint8_t text[UM_PACKED_TEXT_BYTES];
    struct um_endpoint client;
    uint64_t connection;
    uint64_t number;      /* of what was asked last */
    struct um_mark since; /* and its first packet */
};

/* Packed records and what they refer to; a zeroed one is empty. Outlives what is read of them. */
struct um_packing {
    struct um_pages pages;     /* of records and names */
    struct um_symbols texts;   /* and addresses */
    struct um_symbols commons; /* packed as well */
    int64_t base_ns;           /* times are told from here on */
    bool has_base;
    struct um_packed_party parties[UM_PACKING_PARTIES]; /* by list; the last one that came there */
};

/* All of these give 0, UM_ERR_NOMEM, or UM_ERR_IO when a page is lost (pages.h). */

/* A name for a list; at its place it can be read, until the next thing is asked of the packing. */
int um_packed_name(struct um_packing *packing, struct um_span name, uint32_t *place);
int um_packed_name_at(struct um_packing *packing, uint32_t place, struct um_span *out);

/*
 * Packs a record behind all others of a list, which has that number (SIZE_MAX: whose records have
 * nothing in common). Its `connection_order`, `call` and `findings` are left out; its `id` must be
 * that of its `call_id`.
 */
int um_packed_add(struct um_packing *packing, const struct um_exchange_record *record,
                  size_t number, struct um_packed_list *list);

/*
 * The list's records again, in an array that lives in `arena`, as do what their `id`s are made of,
 * CallIds and dial strings; all other texts live in `packing`.
 */
int um_packed_read(struct um_packing *packing, const struct um_packed_list *list,
                   struct um_arena *arena, struct um_exchange_record **out);

/* The record that was added to the list last, of which `record` is the original. */
int um_packed_read_last(struct um_packing *packing, const struct um_packed_list *list,
                        const struct um_exchange_record *record, struct um_arena *arena,
                        struct um_exchange_record *out);

void um_packing_done(struct um_packing *packing);

#endif
