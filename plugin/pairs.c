/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/pairs.h"

#include <stdlib.h>

static bool
is_settled(const struct umws_pair *pair)
{
    return pair->has_reply || pair->is_reply_lost;
}

static void
tell_lost(struct umws_pair *pair)
{
    if (pair->is_lost)
        *pair->is_lost = true;
}

/* Replies that have not begun will not be told apart; the newest `kept` pairs may still get one. */
static void
lose_replies(struct umws_pairs *pairs, unsigned kept)
{
    unsigned left = pairs->count;
    for (struct umws_pair *pair = pairs->first; pair && left > kept; pair = pair->next, left--) {
        if (is_settled(pair))
            continue;
        pair->is_reply_lost = true;
        tell_lost(pair);
    }
}

static int
open_pair(struct umws_pairs *pairs, struct umws_pair **out)
{
    struct umws_pair *pair = calloc(1, sizeof *pair);
    if (!pair)
        return UM_ERR_NOMEM;
    if (pairs->count >= UMWS_PAIRS_MAX)
        lose_replies(pairs, UMWS_PAIRS_MAX - 1);
    if (pairs->last)
        pairs->last->next = pair;
    else
        pairs->first = pair;
    pairs->last = pair;
    pairs->count++;
    *out = pair;
    return UM_OK;
}

struct umws_pair *
umws_pairs_waiting(const struct umws_pairs *pairs)
{
    struct umws_pair *pair = pairs->first;
    while (pair && is_settled(pair))
        pair = pair->next;
    return pair;
}

/* ---- losses ---- */

static int
lose_beginning(struct umws_pairs *pairs, bool is_request)
{
    struct umws_pair *pair = NULL;
    if (is_request)
        return open_pair(pairs, &pair);
    pair = umws_pairs_waiting(pairs);
    if (pair) {
        pair->is_reply_lost = true;
        tell_lost(pair);
    }
    return UM_OK;
}

int
umws_pairs_lose(struct umws_pairs *pairs, int side)
{
    if (pairs->has_client)
        return lose_beginning(pairs, side == pairs->client);
    pairs->has_early_loss[side] = true;
    return UM_OK;
}

static bool
is_astray(const struct umws_pairs *pairs)
{
    return pairs->pipelines && pairs->has_lost_place;
}

void
umws_pairs_lose_place(struct umws_pairs *pairs, int side)
{
    pairs->has_lost_place = true;
    if (is_astray(pairs))
        lose_replies(pairs, 0);
    if (pairs->has_client && side == pairs->client)
        return;
    for (struct umws_pair *pair = pairs->first; pair; pair = pair->next) {
        pair->has_hole = pair->has_hole || !pair->has_reply;
        if (!pair->has_reply)
            tell_lost(pair);
    }
}

/* ---- messages ---- */

/* A message tells which side asks. One that speaks against what was known takes those before it. */
static int
settle_client(struct umws_pairs *pairs, int client, bool is_sure)
{
    bool is_new = !pairs->has_client;
    if (!is_new && pairs->client != client)
        lose_replies(pairs, 0);
    pairs->client = client;
    pairs->has_client = true;
    pairs->is_sure = pairs->is_sure || is_sure;
    int err = UM_OK;
    if (is_new && pairs->has_early_loss[client])
        err = lose_beginning(pairs, true);
    if (!err && is_new && pairs->has_early_loss[1 - client])
        err = lose_beginning(pairs, false);
    return err;
}

/* The client had nothing else to wait for: its next request shows that a reply was lost. */
static void
lose_those_with_holes(struct umws_pairs *pairs)
{
    for (struct umws_pair *pair = pairs->first; pair; pair = pair->next) {
        if (!is_settled(pair) && pair->has_hole)
            pair->is_reply_lost = true;
    }
}

int
umws_pairs_request(struct umws_pairs *pairs, int side, bool is_found, struct umws_pair **out)
{
    bool is_contrary = pairs->is_sure && pairs->client != side;
    int err = is_contrary ? UM_OK : settle_client(pairs, side, !is_found);
    if (!pairs->pipelines)
        lose_those_with_holes(pairs);
    if (umws_pairs_waiting(pairs))
        pairs->pipelines = true;
    if (is_astray(pairs))
        lose_replies(pairs, 0);
    if (!err)
        err = open_pair(pairs, out);
    if (err)
        return err;
    (*out)->has_request = true;
    (*out)->is_reply_lost = is_contrary || is_astray(pairs);
    (*out)->users++;
    return UM_OK;
}

int
umws_pairs_reply(struct umws_pairs *pairs, int side, bool is_found, unsigned status,
                 struct umws_pair **out)
{
    bool is_contrary = pairs->is_sure && pairs->client == side;
    int err = is_contrary ? UM_OK : settle_client(pairs, 1 - side, !is_found);
    if (is_found && !pairs->pipelines)
        lose_replies(pairs, 1);
    struct umws_pair *pair = is_contrary ? NULL : umws_pairs_waiting(pairs);
    *out = NULL;
    if (err || (status >= 100 && status < 200))
        return err;
    if (!pair)
        err = open_pair(pairs, &pair);
    if (err)
        return err;
    pair->has_reply = true;
    pair->users++;
    *out = pair;
    return UM_OK;
}

/* ---- life ---- */

void
umws_pairs_prune(struct umws_pairs *pairs)
{
    struct umws_pair *pair;
    while ((pair = pairs->first) && pair->users == 0 && is_settled(pair)) {
        pairs->first = pair->next;
        if (!pairs->first)
            pairs->last = NULL;
        pairs->count--;
        free(pair);
    }
}

void
umws_pairs_done(struct umws_pairs *pairs)
{
    while (pairs->first) {
        struct umws_pair *pair = pairs->first;
        pairs->first = pair->next;
        free(pair);
    }
    *pairs = (struct umws_pairs){0};
}
