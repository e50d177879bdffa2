/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two ends of a segment, and the number by which their connection is found. */
#ifndef UM_NET_ENDS_H
#define UM_NET_ENDS_H

#include "core/base/endpoint.h"

/* Whose segment it is. */
struct um_ends {
    struct um_endpoint source, destination;
    uint64_t hash; /* the same for both directions */
    int canonical; /* the sender's index in an order that is the same for both directions */
};

/* Sets `hash` and `canonical` by the ends. */
void um_ends_identify(struct um_ends *ends);

/*
 * Below: the same of ends that are not there as such. Whether an end is the lower of the two is as
 * good as random, and a processor that guesses wrong loses more than all of this takes: so the hash
 * needs no order, and the ends are in the order of their hashes.
 */

/*
 * Of one end: the halves of its address as they lie in memory, 0 behind a short one. Different
 * short ones have different hashes.
 */
static inline uint64_t
um_ends_hash_one(uint64_t high, uint64_t low, uint16_t port)
{
    return um_hash_mix((high ^ (uint64_t)port << 48) + um_hash_mix(low));
}

static inline void
um_ends_set_hashes(struct um_ends *ends, uint64_t of_source, uint64_t of_destination)
{
    ends->hash = um_hash_mix(of_source + of_destination);
    ends->canonical = of_source > of_destination;
}

#endif
