/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The connections that have an entry: found by their ends, in the same place for both directions,
 * and listed by last use. Entries are paid for at the meter. The owner of the table decides who
 * goes.
 */
#ifndef UM_NET_TABLE_H
#define UM_NET_TABLE_H

#include "core/base/limits.h"
#include "offline/net/ends.h"
#include "offline/net/pair.h"

/* A followed connection, when it is opened. */
struct um_flow_info {
    uint64_t number;            /* 1-based, in order of being followed; 0: not followed */
    struct um_endpoint ends[2]; /* ends[0] sent the packet that made the entry */
    bool misses_start[2];       /* nothing tells where it began, though it is known of the other */
};

struct um_flow {
    struct um_list used; /* in um_table.by_use */
    struct um_flow *chain;
    uint64_t hash;
    int canonical; /* of ends[0] */
    struct um_flow_info info;
    struct um_pair pair;
    void *user;
    struct um_list lingering; /* in the owner's list of those that were reset */
    int64_t lingers_since_ns; /* when it came there */
};

struct um_table {
    struct um_meter *meter;
    struct um_flow **buckets;
    size_t bucket_count; /* a power of two */
    size_t count;
    struct um_list by_use; /* least recently used first */
};

/* 0 or UM_ERR_NOMEM. */
int um_table_init(struct um_table *table, struct um_meter *meter);

/* Frees the entries too; what their pairs hold must have been freed. */
void um_table_done(struct um_table *table);

/* The entry; `*side` is the sender's index in it. NULL when there is none. */
struct um_flow *um_table_find(const struct um_table *table, const struct um_ends *ends, int *side);

/* False when um_table_find would find nothing; true when it might. */
static inline bool
um_table_may_have(const struct um_table *table, uint64_t hash)
{
    return table->buckets[hash & (table->bucket_count - 1)] != NULL;
}

enum { UM_TABLE_FULL = 1 };

/*
 * Makes a zeroed entry but for its ends; there must be none. 0, UM_TABLE_FULL when the meter has no
 * room, or UM_ERR_NOMEM; `*out` is written on success only.
 */
int um_table_add(struct um_table *table, const struct um_ends *ends, struct um_flow **out);

/* Frees an entry, whose pair must hold nothing. */
void um_table_remove(struct um_table *table, struct um_flow *flow);

/* The entry is used now. */
void um_table_touch(struct um_table *table, struct um_flow *flow);

/* The entry whose last use is longest ago; NULL when the table is empty. */
struct um_flow *um_table_oldest(const struct um_table *table);

#endif
