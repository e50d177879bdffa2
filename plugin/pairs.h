/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which reply belongs to which request of an HTTP/1 connection, by the rules of core/um/pairing.h:
 * here is what a pair keeps of its request, and how long it lives. Knows nothing of Wireshark.
 */
#ifndef UM_PLUGIN_PAIRS_H
#define UM_PLUGIN_PAIRS_H

#include "core/base/err.h"
#include "core/base/mark.h"
#include "core/um/pairing.h"

enum {
    UMWS_PAIRS_MAX = 64, /* that wait; then the oldest go: umtrace's limit `requests` */
    UMWS_PAIRS_TEXT = 128,
};

/* Why a request stays without a reply. The user's, set as soon as it is known. */
struct umws_fate {
    bool is_lost;   /* bytes of the reply are missing, or nothing tells which it is */
    bool is_unread; /* TLS kept to itself what the server sent */
    bool is_gone;   /* too many others waited with it */
};

struct umws_pair {
    struct um_pairing_pair pair;
    void *exchange;                             /* the user's */
    struct umws_fate *fate;                     /* the user's; may be NULL */
    bool is_post, has_credentials;              /* its request, as its head says */
    struct um_mark request_first, request_last; /* of a request that has ended */
    bool is_request_cut;
    bool is_request_bodiless; /* it is whole, and has no body */
    bool is_request_torn;     /* it is cut behind its head, and its body may have been SOAP */
    /* of such a one or one that is cut; empty when it is longer */
    char target[UMWS_PAIRS_TEXT], soap_action[UMWS_PAIRS_TEXT];
};

/*
 * A message begins; `out` is its pair, which lives until nothing more can come of it, and at least
 * until um_pairing_done was called for that message. 0 or UM_ERR_NOMEM.
 */
int umws_pairs_request(struct um_pairing *pairing, int side, bool is_found, struct umws_pair **out);

/* The same of a reply; `out` is NULL for an interim one. */
int umws_pairs_reply(struct um_pairing *pairing, int side, bool is_found, bool is_interim,
                     struct umws_pair **out);

/* As those of um_pairing by these names; pairs that wait are told their fate. */
void umws_pairs_lose(struct um_pairing *pairing, int side);
void umws_pairs_lose_place(struct um_pairing *pairing, int side);
void umws_pairs_begin_inside(struct um_pairing *pairing, int side);

/* Frees the pairs from which nothing more will come and those above the limit, or all. */
void umws_pairs_prune(struct um_pairing *pairing);
void umws_pairs_done(struct um_pairing *pairing);

/* The user wants to know the fate of the pair, also what is known by now. */
void umws_pair_follow(struct umws_pair *pair, void *exchange, struct umws_fate *fate);

#endif
