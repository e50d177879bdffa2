/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A hash table of numbers, for those who keep what the numbers mean, and its hashes, in an array of
 * their own: linear probing, at most half full. A zeroed struct um_slots is an empty table.
 */
#ifndef UM_BASE_SLOTS_H
#define UM_BASE_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct um_slots {
    uint32_t *places; /* a number and 1, or 0: free */
    size_t count;     /* a power of two, or 0 */
};

/* The hash that belongs to the number. */
typedef uint32_t (*um_slots_hash_fn)(const void *ctx, size_t number);

/*
 * Where a hash's numbers are found, from here on to the first free slot; the next one is that of
 * um_slots_next. A new number is put into that free slot. The table is not empty.
 */
static inline uint32_t *
um_slots_first(const struct um_slots *slots, uint32_t hash)
{
    return &slots->places[hash & (slots->count - 1)];
}

static inline uint32_t *
um_slots_next(const struct um_slots *slots, const uint32_t *slot)
{
    return &slots->places[((size_t)(slot - slots->places) + 1) & (slots->count - 1)];
}

/* Makes room for one more number where 0 to `used` - 1 are in the table. 0 or UM_ERR_NOMEM. */
int um_slots_for_one(struct um_slots *slots, size_t used, um_slots_hash_fn hash_of,
                     const void *ctx);

/* Takes all numbers out. */
void um_slots_clear(struct um_slots *slots);

/* Frees everything; the table is empty and usable again. */
void um_slots_done(struct um_slots *slots);

#endif
