/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which reply belongs to which request of an HTTP/1 connection, by their order, where bytes may be
 * missing: a loss can swallow requests and replies. Decides as the command line tool does. Pure.
 */
#ifndef UM_PLUGIN_PAIRS_H
#define UM_PLUGIN_PAIRS_H

#include <stdbool.h>

#include "core/base/err.h"
#include "core/base/mark.h"

enum {
    UMWS_PAIRS_MAX = 64, /* that wait; then the oldest go */
    UMWS_PAIRS_TARGET = 128,
};

struct umws_pair {
    struct umws_pair *next;
    void *exchange; /* the user's */
    bool *is_lost;  /* the user's, set when bytes of the reply are missing; may be NULL */
    bool has_request, has_reply;
    bool is_reply_lost; /* or nothing tells which it is */
    bool has_hole;      /* bytes were missing while it waited */
    bool is_post;
    unsigned users;                             /* messages that are not done with */
    struct um_mark request_first, request_last; /* of a request that has ended */
    bool is_request_cut;
    bool is_request_bodiless;       /* it is whole, and has no body */
    char target[UMWS_PAIRS_TARGET]; /* of such a one; empty when it is longer */
};

/* Zeroed: nothing was seen yet. */
struct umws_pairs {
    struct umws_pair *first, *last; /* in order of the requests */
    unsigned count;
    bool has_client; /* it is known which side asks */
    bool is_sure;    /* by a message whose place was certain */
    int client;
    bool pipelines;      /* the client does not wait for replies */
    bool has_lost_place; /* where a message begins had to be looked for */
    bool has_early_loss[2];
};

/*
 * A message begins. `is_found`: by looking for it behind a loss. `out` is its pair, which counts
 * one user more; NULL for a reply that is only informational. 0 or UM_ERR_NOMEM.
 */
int umws_pairs_request(struct umws_pairs *pairs, int side, bool is_found, struct umws_pair **out);
int umws_pairs_reply(struct umws_pairs *pairs, int side, bool is_found, unsigned status,
                     struct umws_pair **out);

/* The beginning of a message of `side` is missing. 0 or UM_ERR_NOMEM. */
int umws_pairs_lose(struct umws_pairs *pairs, int side);

/* Bytes of `side` are missing, so that a message has to be looked for. */
void umws_pairs_lose_place(struct umws_pairs *pairs, int side);

/* The oldest whose reply has not begun; NULL: none. */
struct umws_pair *umws_pairs_waiting(const struct umws_pairs *pairs);

/* Frees the pairs from which nothing more will come, or all. */
void umws_pairs_prune(struct umws_pairs *pairs);
void umws_pairs_done(struct umws_pairs *pairs);

#endif
