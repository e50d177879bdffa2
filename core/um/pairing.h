/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which reply answers which request of an HTTP/1 connection: by their order alone, where bytes may
 * be missing. Both front ends frame messages in their own way and ask here whom they belong to.
 * Knows no message: it links what lives in the caller's structures, and allocates nothing.
 *
 * Holes can swallow whole messages. Rules keep the pairs right:
 *  - where a request must begin and bytes are missing, a reply will come to what nobody knows, or
 *    has come, when nothing was seen of the client before;
 *  - where a reply must begin and bytes are missing, the reply awaited longest is what was lost.
 *    Of a client that has never pipelined only if it goes on without: else it was something that is
 *    no answer, an interim reply or a message of TLS itself;
 *  - what is missing before it is known which side asks is kept in mind until then;
 *  - a client that has never pipelined had the reply to its last request before it sent the next:
 *    if there was a hole in the replies since, that reply is what was lost, also where the hole
 * came to light before the loss of the request;
 *  - when replies are found again behind a hole, such a client can only wait for its last request:
 *    its last known one, unless requests behind that may be missing too.
 * Of a client that pipelines nobody can tell how many messages a hole has swallowed: after one, its
 * requests and replies are told each by itself. Those before a hole among its requests come first.
 */
#ifndef UM_UM_PAIRING_H
#define UM_UM_PAIRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How far one of the two messages of a pair has come. */
enum um_pairing_part {
    UM_PAIRING_NONE,  /* a request that nobody knows; a reply that is awaited */
    UM_PAIRING_BEGUN, /* it is being read */
    UM_PAIRING_DONE,  /* nothing more of it will come */
    UM_PAIRING_LOST,  /* a reply that will not come, or cannot be told from others */
};

/*
 * A request with its reply, or a reply alone. The caller's, zeroed but for `owner` before use;
 * written here from then on.
 */
struct um_pairing_pair {
    void *owner; /* what the pair is part of */
    struct um_pairing_pair *next;
    enum um_pairing_part request, reply;
    bool has_hole;       /* replies may be missing since the request */
    bool is_behind_hole; /* messages may be missing before the request */
    uint64_t orphans;    /* replies to come before its own, to requests that nobody knows */
};

/* Zeroed: nothing was seen yet. Written here alone. */
struct um_pairing {
    struct um_pairing_pair *first, *last; /* in order of the requests */
    size_t count;
    uint64_t orphans;           /* to come behind the reply of the last pair */
    bool is_hole_among_orphans; /* some of those may be missing */
    bool is_orphan_answered;    /* the last of those came, and no request has begun since */
    bool has_client;            /* it is known which side asks */
    bool is_client_sure;        /* by a message whose place was certain */
    int client;                 /* that side, 0 or 1 */
    bool pipelines;             /* the client does not wait for replies */
    bool has_lost_place;        /* a hole may have swallowed messages, of either side */
    bool is_place_lost[2];      /* no message of that side has begun since */
    bool has_request;           /* one has begun */
    bool has_early_reply;       /* one came before any request */
    bool has_early_loss[2];     /* from before it was known which side asks */
};

/*
 * A request of `side` begins; `own` joins the queue. `is_found`: its place had been lost, so that
 * it may be the text of a body. A message that speaks against what is sure of the sides belongs to
 * no other; one that speaks against what is not sure takes the replies awaited before with it.
 */
void um_pairing_ask(struct um_pairing *pairing, int side, bool is_found,
                    struct um_pairing_pair *own);

/* A reply of `side` begins: the pair whose request it answers, NULL when that is not known. */
struct um_pairing_pair *um_pairing_asked(struct um_pairing *pairing, int side, bool is_found);

/*
 * That reply is no interim one: it is the reply of `pair`, which is what um_pairing_asked told; for
 * a NULL, one of the caller's that has no request and joins the queue where that would stand.
 */
void um_pairing_answer(struct um_pairing *pairing, int side, struct um_pairing_pair *pair);

/* Nothing more will come of the pair's request, or of its reply. */
void um_pairing_done(struct um_pairing_pair *pair, bool is_reply);

/* The beginning of a message of `side` is missing, and nothing of it will come. */
void um_pairing_lose(struct um_pairing *pairing, int side);

/*
 * More bytes of `side` are missing before its next message was found. What the hole before took of
 * requests was answered, if a reply to all of it has come: then they are another request's.
 */
void um_pairing_lose_more(struct um_pairing *pairing, int side);

/*
 * Nothing tells where `side` began, though it is known of the other: replies of it may be missing
 * before the first that comes.
 */
void um_pairing_miss_start(struct um_pairing *pairing, int side);

/* Bytes of `side` are missing, so that its next message has to be looked for. */
void um_pairing_lose_place(struct um_pairing *pairing, int side);

/*
 * What comes first of `side` is the middle of something, though no hole was before it: its next
 * message has to be looked for. A reply to it is to come when interim ones have; when a whole one
 * has, that was it, and when nothing has it may be no request at all.
 */
void um_pairing_begin_inside(struct um_pairing *pairing, int side);

/* The pair that the next reply answers; NULL: none, or it is to a request that nobody knows. */
struct um_pairing_pair *um_pairing_waiting(const struct um_pairing *pairing);

/* No reply will come any more: are bytes of it missing, as far as can be told? */
bool um_pairing_is_lost(const struct um_pairing_pair *pair);

/* Each takes a pair off the queue, the caller's from here on; NULL: there is none such. */

/* The oldest, when nothing more can come of it. */
struct um_pairing_pair *um_pairing_take_finished(struct um_pairing *pairing);

/* With more than `max` pairs: the oldest of which nothing is being read, whether or not an older
 * one is still open. A reply that it waits for, when it comes, is of a request that nobody knows.
 */
struct um_pairing_pair *um_pairing_take_excess(struct um_pairing *pairing, uint64_t max);

/* The oldest, whatever it still waits for. */
struct um_pairing_pair *um_pairing_take_first(struct um_pairing *pairing);

/* One that is in the queue. */
void um_pairing_take(struct um_pairing *pairing, struct um_pairing_pair *pair);

#endif
