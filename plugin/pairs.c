/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/pairs.h"

#include <stdlib.h>

static void
tell_fate(const struct umws_pair *pair)
{
    if (pair->fate)
        pair->fate->is_lost = um_pairing_is_lost(&pair->pair);
}

static void
tell_all(const struct um_pairing *pairing)
{
    for (const struct um_pairing_pair *pair = pairing->first; pair; pair = pair->next)
        tell_fate(pair->owner);
}

void
umws_pair_follow(struct umws_pair *pair, void *exchange, struct umws_fate *fate)
{
    pair->exchange = exchange;
    pair->fate = fate;
    tell_fate(pair);
}

static struct umws_pair *
new_pair(void)
{
    struct umws_pair *pair = calloc(1, sizeof *pair);
    if (pair)
        pair->pair.owner = pair;
    return pair;
}

int
umws_pairs_request(struct um_pairing *pairing, int side, bool is_found, struct umws_pair **out)
{
    struct umws_pair *pair = new_pair();
    if (!pair)
        return UM_ERR_NOMEM;
    um_pairing_ask(pairing, side, is_found, &pair->pair);
    tell_all(pairing);
    *out = pair;
    return UM_OK;
}

int
umws_pairs_reply(struct um_pairing *pairing, int side, bool is_found, bool is_interim,
                 struct umws_pair **out)
{
    struct um_pairing_pair *asked = um_pairing_asked(pairing, side, is_found);
    struct umws_pair *pair = NULL;
    if (!is_interim) {
        pair = asked ? asked->owner : new_pair();
        if (!pair)
            return UM_ERR_NOMEM;
        um_pairing_answer(pairing, side, &pair->pair);
    }
    tell_all(pairing);
    *out = pair;
    return UM_OK;
}

void
umws_pairs_lose(struct um_pairing *pairing, int side)
{
    um_pairing_lose(pairing, side);
    tell_all(pairing);
}

void
umws_pairs_lose_place(struct um_pairing *pairing, int side)
{
    um_pairing_lose_place(pairing, side);
    tell_all(pairing);
}

void
umws_pairs_begin_inside(struct um_pairing *pairing, int side)
{
    um_pairing_begin_inside(pairing, side);
    tell_all(pairing);
}

void
umws_pairs_prune(struct um_pairing *pairing)
{
    const struct um_pairing_pair *pair;
    while ((pair = um_pairing_take_finished(pairing)))
        free(pair->owner);
    while ((pair = um_pairing_take_excess(pairing, UMWS_PAIRS_MAX))) {
        struct umws_pair *gone = pair->owner;
        if (gone->fate)
            gone->fate->is_gone = true;
        free(gone);
    }
}

void
umws_pairs_done(struct um_pairing *pairing)
{
    const struct um_pairing_pair *pair;
    while ((pair = um_pairing_take_first(pairing)))
        free(pair->owner);
    *pairing = (struct um_pairing){0};
}
