/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A store that holds very many calls in little memory: exchanges are packed, and of a call no more
 * than its place is kept when it has been judged; it is judged anew when it is asked for, one call
 * at a time. For the store and its front ends; the rest stands in call.h.
 */
#ifndef UM_UM_COMPACT_H
#define UM_UM_COMPACT_H

#include "core/um/packed.h"
#include "core/um/store.h"

/* A group of the store: its exchanges, and by what name it is found. */
struct um_compact_group {
    struct um_packed_list list;
    uint32_t hash; /* of its name */
};

/* What is kept of a judged call. */
struct um_outline {
    uint64_t first_frame;
    uint32_t member_number; /* of its first exchange, as it was added: fewer fit into a packing */
    uint32_t member_step;   /* from the call's first frame to that exchange's, or as much as fits */
    uint32_t group : 29, outcome : 3;
};

struct um_compact {
    struct um_packing packing;
    struct um_symbols texts; /* of the record that is being packed */
    struct um_compact_group *groups;
    size_t group_count, group_capacity;
    struct um_slots slots;                          /* of the groups */
    struct um_packed_list loose;                    /* of no call */
    struct um_stored origins[UM_STORE_ORIGINS + 1]; /* the store's ring, and the next one */
    struct um_arena origin_texts[UM_STORE_ORIGINS + 1];
    struct um_outline *outlines; /* in order of the calls' numbers */
    /* the call that was asked for last */
    size_t index; /* SIZE_MAX: none */
    struct um_call call;
    struct um_exchange_record *records; /* its exchanges, by number */
    size_t record_count;
    struct um_arena arena;
    int err; /* sticky */
};

/* Frees what it holds, and itself; takes NULL. */
void um_compact_free(struct um_compact *compact);

/* All of these give 0, UM_ERR_NOMEM, or UM_ERR_IO when the shelf lost what was put there. */

/* The group of that name, SIZE_MAX when there is none. */
int um_compact_find(struct um_compact *compact, struct um_span name, size_t *group);

/* The same, and it is made when there is none. */
int um_compact_find_group(struct um_compact *compact, struct um_span name, size_t *group);

/* Takes a record in: of the group (SIZE_MAX: of none). */
int um_compact_keep(struct um_compact *compact, const struct um_exchange_record *record,
                    size_t group);

/* A place in the ring of origins for the record kept last, which is of the group; of its `id` it
 * has the key alone. */
int um_compact_origin(struct um_calls *calls, const struct um_exchange_record *record, size_t group,
                      struct um_stored **out);

/* Moves everything of one group into another. */
int um_compact_merge(struct um_compact *compact, size_t from, size_t into);

/* Judges all, for um_calls_finish. */
int um_compact_finish(struct um_calls *calls);

/* The call of that number - 1, valid until another one is asked for; an empty one, and the error is
 * kept, when it cannot be judged. */
const struct um_call *um_compact_at(const struct um_calls *calls, size_t index);

/* An exchange of the call that was asked for last. */
const struct um_exchange_record *um_compact_exchange(const struct um_calls *calls, size_t index);

#endif
