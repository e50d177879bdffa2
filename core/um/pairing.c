/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list: it is short, bounded by the limit `requests`. Only pairs that wait have orphans. */
#include "core/um/pairing.h"

static bool
waits(const struct um_pairing_pair *pair)
{
    return pair->reply == UM_PAIRING_NONE;
}

/* The first that waits, from `pair` on. */
static struct um_pairing_pair *
next_that_waits(struct um_pairing_pair *pair)
{
    while (pair && !waits(pair))
        pair = pair->next;
    return pair;
}

/* The orphans that come before the reply of `pair`; with NULL, behind all others. */
static uint64_t *
orphans_before(struct um_pairing *pairing, struct um_pairing_pair *pair)
{
    return pair ? &pair->orphans : &pairing->orphans;
}

struct um_pairing_pair *
um_pairing_waiting(const struct um_pairing *pairing)
{
    struct um_pairing_pair *pair = next_that_waits(pairing->first);
    return pair && pair->orphans == 0 ? pair : NULL;
}

bool
um_pairing_is_lost(const struct um_pairing_pair *pair)
{
    return pair->reply == UM_PAIRING_LOST || (waits(pair) && pair->has_hole);
}

/* ---- the queue ---- */

static void
insert(struct um_pairing *pairing, struct um_pairing_pair *pair, struct um_pairing_pair *next)
{
    struct um_pairing_pair **at = &pairing->first;
    if (!next && pairing->last)
        at = &pairing->last->next;
    while (*at != next)
        at = &(*at)->next;
    *at = pair;
    pair->next = next;
    if (!next)
        pairing->last = pair;
    pairing->count++;
}

void
um_pairing_take(struct um_pairing *pairing, struct um_pairing_pair *pair)
{
    struct um_pairing_pair *before = NULL;
    while ((before ? before->next : pairing->first) != pair)
        before = before ? before->next : pairing->first;
    *(before ? &before->next : &pairing->first) = pair->next;
    if (pairing->last == pair)
        pairing->last = before;
    pairing->count--;
    *orphans_before(pairing, next_that_waits(pair->next)) += pair->orphans;
}

struct um_pairing_pair *
um_pairing_take_first(struct um_pairing *pairing)
{
    struct um_pairing_pair *pair = pairing->first;
    if (pair)
        um_pairing_take(pairing, pair);
    return pair;
}

struct um_pairing_pair *
um_pairing_take_finished(struct um_pairing *pairing)
{
    const struct um_pairing_pair *pair = pairing->first;
    bool is_over = pair && pair->request != UM_PAIRING_BEGUN &&
                   (pair->reply == UM_PAIRING_DONE || pair->reply == UM_PAIRING_LOST);
    return is_over ? um_pairing_take_first(pairing) : NULL;
}

/* Nothing is being read of it: that is so of all but one pair a side, so that none piles up. */
static bool
may_go(const struct um_pairing_pair *pair)
{
    return pair->request != UM_PAIRING_BEGUN && pair->reply != UM_PAIRING_BEGUN;
}

struct um_pairing_pair *
um_pairing_take_excess(struct um_pairing *pairing, uint64_t max)
{
    struct um_pairing_pair *pair = pairing->count > max ? pairing->first : NULL;
    while (pair && !may_go(pair))
        pair = pair->next;
    if (!pair)
        return NULL;
    pair->orphans += waits(pair) ? 1 : 0;
    um_pairing_take(pairing, pair);
    return pair;
}

/* ---- losses ---- */

static void
lose_reply(struct um_pairing_pair *pair)
{
    if (!waits(pair))
        return;
    pair->reply = UM_PAIRING_LOST;
    pair->orphans = 0;
}

static void
lose_all(struct um_pairing *pairing)
{
    for (struct um_pairing_pair *pair = pairing->first; pair; pair = pair->next)
        lose_reply(pair);
    pairing->orphans = 0;
}

/* The client goes on: it does not wait for what a hole may have swallowed. */
static void
lose_those_with_holes(struct um_pairing *pairing)
{
    for (struct um_pairing_pair *pair = pairing->first; pair; pair = pair->next) {
        if (pair->has_hole)
            lose_reply(pair);
    }
    if (pairing->is_hole_among_orphans)
        pairing->orphans = 0;
    pairing->is_hole_among_orphans = false;
}

/*
 * Nothing can come any more but the reply to the last request, and that was not swallowed; where
 * requests may be missing behind the last known one, it may be of one of those.
 */
static void
lose_all_but_last(struct um_pairing *pairing)
{
    bool is_orphan = pairing->orphans > 0;
    if (!is_orphan && pairing->is_place_lost[pairing->client])
        lose_those_with_holes(pairing);
    struct um_pairing_pair *last = NULL;
    for (struct um_pairing_pair *pair = pairing->first; pair && !is_orphan; pair = pair->next)
        last = waits(pair) ? pair : last;
    lose_all(pairing);
    if (last) {
        last->reply = UM_PAIRING_NONE;
        last->has_hole = false;
    }
    pairing->orphans = is_orphan ? 1 : 0;
    pairing->is_hole_among_orphans = false;
}

/* Which reply belongs to which request can no longer be told, of those behind the hole. */
static bool
is_astray(const struct um_pairing *pairing)
{
    return pairing->pipelines && pairing->has_lost_place;
}

/* The requests before a hole among requests are answered first, in their order. */
static void
lose_those_astray(struct um_pairing *pairing)
{
    for (struct um_pairing_pair *pair = pairing->first; pair; pair = pair->next) {
        if (pair->has_hole || pair->is_behind_hole)
            lose_reply(pair);
    }
    pairing->orphans = 0;
    pairing->is_hole_among_orphans = false;
}

static void
lose_next_reply(struct um_pairing *pairing)
{
    struct um_pairing_pair *pair = next_that_waits(pairing->first);
    uint64_t *orphans = orphans_before(pairing, pair);
    if (*orphans > 0)
        --*orphans;
    else if (pair && (pairing->pipelines || pairing->is_place_lost[pairing->client]))
        lose_reply(pair);
    else if (pair)
        pair->has_hole = true; /* whether it was the reply is told by what comes next */
}

static void
lose_request(struct um_pairing *pairing)
{
    pairing->is_orphan_answered = false;
    if (pairing->has_early_reply && !pairing->has_request)
        return; /* nothing was seen of the client before its reply */
    lose_those_with_holes(pairing);
    pairing->orphans++;
    pairing->is_hole_among_orphans = pairing->is_place_lost[1 - pairing->client];
}

void
um_pairing_lose(struct um_pairing *pairing, int side)
{
    if (!pairing->has_client)
        pairing->has_early_loss[side] = true;
    else if (side == pairing->client)
        lose_request(pairing);
    else
        lose_next_reply(pairing);
}

void
um_pairing_lose_more(struct um_pairing *pairing, int side)
{
    if (pairing->is_orphan_answered && side == pairing->client)
        lose_request(pairing);
}

/* Any of the replies awaited may have been swallowed. */
static void
note_hole_among_replies(struct um_pairing *pairing)
{
    for (struct um_pairing_pair *pair = pairing->first; pair; pair = pair->next)
        pair->has_hole = pair->has_hole || waits(pair);
    pairing->is_hole_among_orphans = pairing->orphans > 0;
}

void
um_pairing_miss_start(struct um_pairing *pairing, int side)
{
    pairing->is_place_lost[side] = true;
}

void
um_pairing_lose_place(struct um_pairing *pairing, int side)
{
    pairing->has_lost_place = true;
    pairing->is_place_lost[side] = true;
    if (!pairing->has_client || side != pairing->client)
        note_hole_among_replies(pairing);
    if (is_astray(pairing))
        lose_those_astray(pairing);
}

void
um_pairing_begin_inside(struct um_pairing *pairing, int side)
{
    bool is_client = pairing->has_client && side == pairing->client;
    if (is_client && !pairing->has_early_reply)
        um_pairing_lose(pairing, side);
    um_pairing_lose_place(pairing, side);
}

/* ---- messages ---- */

/* A message tells which side asks. False: not what is sure. */
static bool
settle_client(struct um_pairing *pairing, int client, bool is_sure)
{
    bool is_new = !pairing->has_client;
    if (pairing->is_client_sure && pairing->client != client)
        return false;
    if (!is_new && pairing->client != client)
        lose_all(pairing);
    pairing->client = client;
    pairing->has_client = true;
    pairing->is_client_sure = pairing->is_client_sure || is_sure;
    if (is_new && pairing->has_early_loss[client])
        um_pairing_lose(pairing, client);
    if (is_new && pairing->has_early_loss[1 - client])
        um_pairing_lose(pairing, 1 - client);
    return true;
}

/* The client asks once more; what it still waits for tells whether it pipelines. */
static void
go_on(struct um_pairing *pairing)
{
    lose_those_with_holes(pairing);
    if (next_that_waits(pairing->first) || pairing->orphans > 0)
        pairing->pipelines = true;
    if (is_astray(pairing))
        lose_those_astray(pairing);
}

void
um_pairing_ask(struct um_pairing *pairing, int side, bool is_found, struct um_pairing_pair *own)
{
    bool is_fitting = settle_client(pairing, side, !is_found);
    pairing->is_place_lost[side] = false;
    pairing->is_orphan_answered = false;
    pairing->has_request = true;
    own->request = UM_PAIRING_BEGUN;
    own->is_behind_hole = pairing->has_lost_place;
    if (is_fitting)
        go_on(pairing);
    if (!is_fitting || is_astray(pairing)) {
        own->reply = UM_PAIRING_LOST;
    } else {
        own->orphans = pairing->orphans;
        pairing->orphans = 0;
    }
    insert(pairing, own, NULL);
}

struct um_pairing_pair *
um_pairing_asked(struct um_pairing *pairing, int side, bool is_found)
{
    if (!settle_client(pairing, 1 - side, !is_found))
        return NULL;
    pairing->is_place_lost[side] = false;
    if (is_found && !pairing->pipelines)
        lose_all_but_last(pairing);
    return um_pairing_waiting(pairing);
}

/* The reply to a request that nobody knows: it stands before those that wait. */
static void
answer_alone(struct um_pairing *pairing, struct um_pairing_pair *own)
{
    struct um_pairing_pair *next = next_that_waits(pairing->first);
    uint64_t *orphans = orphans_before(pairing, next);
    if (*orphans > 0) {
        --*orphans;
        pairing->is_orphan_answered = !next && *orphans == 0;
    } else if (!next && !pairing->has_request) {
        pairing->has_early_reply = true;
    }
    insert(pairing, own, next);
}

void
um_pairing_answer(struct um_pairing *pairing, int side, struct um_pairing_pair *pair)
{
    bool is_fitting = side != pairing->client;
    pair->reply = UM_PAIRING_BEGUN;
    if (pair->request == UM_PAIRING_NONE && is_fitting)
        answer_alone(pairing, pair);
    else if (pair->request == UM_PAIRING_NONE)
        insert(pairing, pair, NULL);
}

void
um_pairing_done(struct um_pairing_pair *pair, bool is_reply)
{
    *(is_reply ? &pair->reply : &pair->request) = UM_PAIRING_DONE;
}
