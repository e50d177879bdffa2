/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The queue of requests and replies of an HTTP/1 connection, oldest first. Owns the pairs, not the
 * messages in them.
 */
#ifndef UM_HTTP_PAIRS_H
#define UM_HTTP_PAIRS_H

#include "core/base/err.h"
#include "offline/http/message.h"

struct um_http_pair {
    struct um_http_message *request, *reply; /* either may be NULL */
    bool is_request_done, is_reply_done;
    bool is_asked_on;   /* 100 Continue came */
    bool is_reply_lost; /* no reply will come: it is missing from the capture */
    bool has_hole;      /* bytes of the replies went missing since the request */
    struct um_http_pair *next;
};

/* A zeroed one is empty. */
struct um_http_pairs {
    struct um_http_pair *first, *last;
    size_t count;
    uint64_t gone; /* requests told without their replies, which will come before all others */
};

/* Adds an empty pair behind the others. 0 or UM_ERR_NOMEM. */
int um_http_pairs_open(struct um_http_pairs *pairs, struct um_http_pair **out);

/* The same before the others, for the reply to one that is gone. */
int um_http_pairs_open_gone(struct um_http_pairs *pairs, struct um_http_pair **out);

/* Takes a pair off the queue; it is the caller's from here on, freed with free(). */
void um_http_pairs_take(struct um_http_pairs *pairs, struct um_http_pair *pair);

/* The oldest pair that waits for a reply; NULL when none does. */
struct um_http_pair *um_http_pairs_waiting(const struct um_http_pairs *pairs);

/* The pair that a message is in, or NULL. */
struct um_http_pair *um_http_pairs_of(const struct um_http_pairs *pairs,
                                      const struct um_http_message *message);

/* The pairs that wait for a reply get none: a hole has swallowed it. Not the last `kept` of all. */
void um_http_pairs_lose_replies(struct um_http_pairs *pairs, bool only_with_hole, size_t kept);

/* Bytes of the replies are missing here. */
void um_http_pairs_note_hole(struct um_http_pairs *pairs);

#endif
