/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/net/ends.h"

/* An end as numbers, so that it is compared and mixed at once. */
struct key {
    uint64_t high, low;
    uint16_t port;
};

static struct key
key_of(const struct um_endpoint *end)
{
    struct key key = {.port = end->port};
    memcpy(&key.high, end->address, sizeof key.high);
    memcpy(&key.low, end->address + sizeof key.high, sizeof key.low);
    return key;
}

static bool
is_below(const struct key *a, const struct key *b)
{
    if (a->high != b->high)
        return a->high < b->high;
    return a->low != b->low ? a->low < b->low : a->port < b->port;
}

void
um_ends_identify(struct um_ends *ends)
{
    struct key source = key_of(&ends->source), destination = key_of(&ends->destination);
    uint64_t of_source = um_ends_hash_one(source.high, source.low, source.port);
    uint64_t of_destination = um_ends_hash_one(destination.high, destination.low, destination.port);
    um_ends_set_hashes(ends, of_source, of_destination);
    if (of_source == of_destination)
        ends->canonical = is_below(&destination, &source);
}
