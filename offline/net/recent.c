/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A direct-mapped table: a newer connection of the same slot replaces the older one. */
#include "offline/net/recent.h"

#include <stddef.h>

static struct um_recent *
slot_of(struct um_recents *recents, uint64_t hash)
{
    return &recents->slots[hash % UM_RECENT_SLOTS];
}

static uint32_t
tag_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

struct um_recent *
um_recents_find(struct um_recents *recents, uint64_t hash)
{
    struct um_recent *entry = slot_of(recents, hash);
    return entry->kind != UM_RECENT_NONE && entry->tag == tag_of(hash) ? entry : NULL;
}

struct um_recent *
um_recents_put(struct um_recents *recents, uint64_t hash, enum um_recent_kind kind)
{
    struct um_recent *entry = slot_of(recents, hash);
    *entry = (struct um_recent){.tag = tag_of(hash), .kind = (uint8_t)kind};
    return entry;
}
