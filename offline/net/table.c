/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Chained buckets that double before they are filled, and a ring through the entries. */
#include "offline/net/table.h"

#include <stdlib.h>

enum {
    FIRST_BUCKETS = 1024,
    BUCKETS_PER_ENTRY = 8, /* at least: most packets are of no entry, and find an empty bucket */
    /* with its places in the buckets, and what the heap takes for itself */
    ENTRY_BYTES = sizeof(struct um_flow) + 2 * BUCKETS_PER_ENTRY * sizeof(struct um_flow *) + 16,
};

int
um_table_init(struct um_table *table, struct um_meter *meter)
{
    *table = (struct um_table){.meter = meter, .bucket_count = FIRST_BUCKETS};
    um_list_init(&table->by_use);
    table->buckets = calloc(FIRST_BUCKETS, sizeof(struct um_flow *));
    return table->buckets ? UM_OK : UM_ERR_NOMEM;
}

void
um_table_done(struct um_table *table)
{
    while (um_table_oldest(table))
        um_table_remove(table, um_table_oldest(table));
    free(table->buckets);
    table->buckets = NULL;
}

static struct um_flow **
bucket_of(const struct um_table *table, uint64_t hash)
{
    return &table->buckets[hash & (table->bucket_count - 1)];
}

static void
push(struct um_flow **bucket, struct um_flow *flow)
{
    flow->chain = *bucket;
    *bucket = flow;
}

struct um_flow *
um_table_find(const struct um_table *table, const struct um_ends *ends, int *side)
{
    struct um_flow *flow = *bucket_of(table, ends->hash);
    for (; flow; flow = flow->chain) {
        if (flow->hash != ends->hash)
            continue;
        for (int i = 0; i < 2; i++) {
            if (um_endpoint_equal(&ends->source, &flow->info.ends[i]) &&
                um_endpoint_equal(&ends->destination, &flow->info.ends[1 - i])) {
                *side = i;
                return flow;
            }
        }
    }
    return NULL;
}

static int
widen(struct um_table *table)
{
    if (table->count < table->bucket_count / BUCKETS_PER_ENTRY)
        return UM_OK;
    struct um_table wider = *table;
    wider.bucket_count *= 2;
    wider.buckets = calloc(wider.bucket_count, sizeof(struct um_flow *));
    if (!wider.buckets)
        return UM_ERR_NOMEM;
    for (size_t i = 0; i < table->bucket_count; i++) {
        while (table->buckets[i]) {
            struct um_flow *flow = table->buckets[i];
            table->buckets[i] = flow->chain;
            push(bucket_of(&wider, flow->hash), flow);
        }
    }
    free(table->buckets);
    table->buckets = wider.buckets;
    table->bucket_count = wider.bucket_count;
    return UM_OK;
}

int
um_table_add(struct um_table *table, const struct um_ends *ends, struct um_flow **out)
{
    if (!um_meter_take(table->meter, ENTRY_BYTES))
        return UM_TABLE_FULL;
    struct um_flow *flow = calloc(1, sizeof *flow);
    if (!flow || widen(table) != UM_OK) {
        free(flow);
        um_meter_give(table->meter, ENTRY_BYTES);
        return UM_ERR_NOMEM;
    }
    flow->hash = ends->hash;
    flow->canonical = ends->canonical;
    flow->info.ends[0] = ends->source;
    flow->info.ends[1] = ends->destination;
    um_list_init(&flow->lingering);
    push(bucket_of(table, flow->hash), flow);
    um_list_append(&table->by_use, &flow->used);
    table->count++;
    *out = flow;
    return UM_OK;
}

void
um_table_remove(struct um_table *table, struct um_flow *flow)
{
    struct um_flow **place = bucket_of(table, flow->hash);
    while (*place != flow)
        place = &(*place)->chain;
    *place = flow->chain;
    um_list_remove(&flow->used);
    table->count--;
    um_meter_give(table->meter, ENTRY_BYTES);
    free(flow);
}

void
um_table_touch(struct um_table *table, struct um_flow *flow)
{
    if (flow->used.next == &table->by_use)
        return; /* it is the last already */
    um_list_remove(&flow->used);
    um_list_append(&table->by_use, &flow->used);
}

struct um_flow *
um_table_oldest(const struct um_table *table)
{
    if (um_list_is_empty(&table->by_use))
        return NULL;
    return UM_LIST_ENTRY(table->by_use.next, struct um_flow, used);
}
