/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the store of calls: what call.c and follow.c share and nobody else may know. Each
 * exchange belongs to a group, and a group with members is a call. Groups are named by a text: the
 * GUID of a CallId, so that its two spellings meet; else the CallId itself; else, for a PlayOnPhone
 * that yielded none, a name nobody else has.
 */
#ifndef UM_UM_STORE_H
#define UM_UM_STORE_H

#include "core/base/symbols.h"
#include "core/um/call.h"

/* PlayOnPhone exchanges that another hop may repeat. They come when they are over: one that is
 * never answered long after those around it. */
enum { UM_STORE_ORIGINS = 256 };

struct um_stored {
    struct um_exchange_record record;
    size_t group;  /* SIZE_MAX: belongs to no call */
    bool is_named; /* the group has a CallId */
    struct um_stored *next_of_group;
    struct um_stored *moved; /* its copy in the store that takes this one's place */
};

struct um_compact;

struct um_group {
    struct um_stored *first, *last;
    uint32_t count;
    uint32_t known_count;         /* of its exchanges when it was judged last, and was not over */
    uint32_t number : 31;         /* in order of first appearance, from 1 */
    uint32_t is_released : 1;     /* on its way out */
    bool is_held;                 /* at the next release it stays */
    int64_t last_ns;              /* of the latest packet of its exchanges */
    struct um_standing *standing; /* in the store's memory; NULL: nothing was noted */
};

struct um_calls {
    struct um_limits limits;
    struct um_thresholds thresholds;
    struct um_symbols texts; /* of the records */
    struct um_symbols names; /* of the groups; a name's number is its group's index */
    struct um_arena memory;  /* the stored exchanges */
    struct um_stored **items;
    size_t count, capacity;
    struct um_group *groups;
    size_t group_capacity;
    struct um_stored *origins[UM_STORE_ORIGINS]; /* a ring */
    size_t origin_count;
    uint32_t last_number; /* of a group */
    uint64_t last_nameless;
    uint64_t refused; /* exchanges past the limit `calls` */
    uint64_t first_refused_frame;
    bool keeps_numbers; /* a call's number is that of its group */
    uint64_t released;  /* calls taken out */
    struct um_compact
        *compact; /* holds the exchanges and groups instead; NULL: an ordinary store */

    /* what um_calls_finish made */
    struct um_arena results;
    struct um_call *calls;
    size_t call_count;
    struct um_findings findings;
};

/* The name of the group that the record belongs to by its CallId; a new one when it has none. Lives
 * in `scratch`. 0 or UM_ERR_NOMEM. */
int um_store_name(struct um_calls *calls, const struct um_exchange_record *record,
                  struct um_arena *scratch, struct um_span *out);

/* The group of that name; a new one when there is none. 0 or UM_ERR_NOMEM. */
int um_store_find_group(struct um_calls *calls, struct um_span name, size_t *index);

/* Makes a copy of the record, of no group and not yet among the items. 0 or UM_ERR_NOMEM. */
int um_store_keep(struct um_calls *calls, const struct um_exchange_record *record,
                  struct um_stored **out);

void um_store_join(struct um_calls *calls, struct um_stored *stored, size_t group);

/* Judges a group; `out` lives in `arena`. 0 or UM_ERR_NOMEM. */
int um_store_judge(const struct um_calls *calls, const struct um_group *group,
                   struct um_arena *arena, struct um_call *out);

/* The same of records, `count` of them, at least 1. */
int um_store_judge_records(const struct um_calls *calls, const struct um_exchange_record *records,
                           size_t count, struct um_arena *arena, struct um_call *out);

/* Of the ring of origins, how many there are. */
static inline size_t
um_store_kept_origins(const struct um_calls *calls)
{
    return calls->origin_count < UM_STORE_ORIGINS ? calls->origin_count : UM_STORE_ORIGINS;
}

/* Frees everything of the store but the store itself. */
void um_store_clear(struct um_calls *calls);

/* Of the latest packet of the exchange. */
int64_t um_store_last_ns(const struct um_exchange_record *record);

#endif
