/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list: it is short, bounded by the limit `requests`. */
#include "offline/http/pairs.h"

#include <stdlib.h>

static bool
has_reply(const struct um_http_pair *pair)
{
    return pair->reply || pair->is_reply_lost;
}

int
um_http_pairs_open(struct um_http_pairs *pairs, struct um_http_pair **out)
{
    struct um_http_pair *pair = calloc(1, sizeof *pair);
    if (!pair)
        return UM_ERR_NOMEM;
    if (pairs->last)
        pairs->last->next = pair;
    else
        pairs->first = pair;
    pairs->last = pair;
    pairs->count++;
    *out = pair;
    return UM_OK;
}

int
um_http_pairs_open_gone(struct um_http_pairs *pairs, struct um_http_pair **out)
{
    struct um_http_pair *pair = calloc(1, sizeof *pair);
    if (!pair)
        return UM_ERR_NOMEM;
    pair->next = pairs->first;
    pairs->first = pair;
    if (!pairs->last)
        pairs->last = pair;
    pairs->count++;
    pairs->gone--;
    *out = pair;
    return UM_OK;
}

void
um_http_pairs_take(struct um_http_pairs *pairs, struct um_http_pair *pair)
{
    struct um_http_pair *before = NULL;
    while ((before ? before->next : pairs->first) != pair)
        before = before ? before->next : pairs->first;
    *(before ? &before->next : &pairs->first) = pair->next;
    if (pairs->last == pair)
        pairs->last = before;
    pairs->count--;
}

struct um_http_pair *
um_http_pairs_waiting(const struct um_http_pairs *pairs)
{
    struct um_http_pair *pair = pairs->first;
    while (pair && has_reply(pair))
        pair = pair->next;
    return pair;
}

struct um_http_pair *
um_http_pairs_of(const struct um_http_pairs *pairs, const struct um_http_message *message)
{
    struct um_http_pair *pair = pairs->first;
    while (pair && pair->request != message && pair->reply != message)
        pair = pair->next;
    return pair;
}

void
um_http_pairs_lose_replies(struct um_http_pairs *pairs, bool only_with_hole, size_t kept)
{
    size_t count = pairs->count;
    pairs->gone = 0;
    for (struct um_http_pair *pair = pairs->first; pair && count > kept;
         pair = pair->next, count--) {
        if (!has_reply(pair) && (!only_with_hole || pair->has_hole))
            pair->is_reply_lost = true;
    }
}

void
um_http_pairs_note_hole(struct um_http_pairs *pairs)
{
    pairs->gone = 0; /* or some of them have been swallowed: nobody knows */
    for (struct um_http_pair *pair = pairs->first; pair; pair = pair->next)
        pair->has_hole = pair->has_hole || !pair->reply;
}
