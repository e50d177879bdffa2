/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A direct-mapped table: a newer connection of the same slot replaces the older one. */
#include "offline/net/recent.h"

enum { BEHIND_BYTES = 1 << 16 }; /* what is taken for a retransmission of one that was left */

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

/* Bytes from one number to another, modulo 2^32; negative when `to` is before `from`. */
static int32_t
distance(uint32_t from, uint32_t to)
{
    return (int32_t)(to - from);
}

/* Does a SYN with these numbers go with what is remembered? */
static bool
is_same_opening(const struct um_recent *recent, int own, uint32_t start, const uint32_t *ack)
{
    if (!recent || recent->kind != UM_RECENT_OPENING ||
        (recent->is_known[own] && recent->seq[own] != start))
        return false;
    return !ack || !recent->is_known[1 - own] || um_recent_start(recent, 1 - own, *ack, UINT16_MAX);
}

static void
know(struct um_recent *recent, int side, uint32_t start)
{
    recent->is_known[side] = true;
    recent->seq[side] = recent->acked[side] = start;
}

void
um_recents_forget(struct um_recents *recents, uint64_t hash)
{
    struct um_recent *recent = um_recents_find(recents, hash);
    if (recent)
        recent->kind = UM_RECENT_NONE;
}

void
um_recents_note_syn(struct um_recents *recents, uint64_t hash, int own, uint32_t start,
                    const uint32_t *ack)
{
    struct um_recent *recent = um_recents_find(recents, hash);
    if (!is_same_opening(recent, own, start, ack))
        recent = um_recents_put(recents, hash, UM_RECENT_OPENING);
    recent->is_seen[own] = true;
    if (!recent->is_known[own])
        know(recent, own, start);
    if (ack && !recent->is_known[1 - own])
        know(recent, 1 - own, *ack);
}

void
um_recents_note_ack(struct um_recents *recents, uint64_t hash, int own, uint32_t seq, uint32_t ack)
{
    struct um_recent *recent = um_recents_find(recents, hash);
    if (!recent || recent->kind != UM_RECENT_OPENING || !recent->is_known[own] ||
        recent->seq[own] != seq)
        return;
    recent->is_seen[own] = true;
    if (recent->is_known[1 - own] && distance(recent->acked[1 - own], ack) > 0)
        recent->acked[1 - own] = ack;
    if (recent->is_known[1 - own] || recent->has_passed[1 - own])
        return;
    know(recent, 1 - own, ack);
}

const uint32_t *
um_recent_start(const struct um_recent *recent, int side, uint32_t seq, uint32_t reach)
{
    if (!recent || recent->kind != UM_RECENT_OPENING || !recent->is_known[side])
        return NULL;
    int32_t ahead = distance(recent->seq[side], seq);
    return ahead >= 0 && (uint32_t)ahead <= reach ? &recent->seq[side] : NULL;
}

bool
um_recent_is_old(const struct um_recent *recent, int side, uint32_t seq, size_t len)
{
    if (!recent || !recent->is_known[side])
        return false;
    int32_t ahead = distance(recent->seq[side], seq);
    return ahead < 0 && ahead > -BEHIND_BYTES && len <= (size_t)-ahead;
}

void
um_recent_pass(struct um_recent *recent, int side)
{
    if (!recent || recent->kind != UM_RECENT_OPENING)
        return;
    recent->is_known[side] = false;
    recent->has_passed[side] = true;
}
