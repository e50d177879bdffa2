/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Observes HTTP connections and finds the exchanges of the UM web service in them: decides which
 * bodies can be ours, keeps only those, has core/um read them, joins authentication legs, and emits
 * struct um_exchange. Every other body is skipped.
 */
#ifndef UM_HTTP_RECOGNISE_H
#define UM_HTTP_RECOGNISE_H

#include "core/um/authentication.h"
#include "core/um/exchange.h"
#include "offline/http/connection.h"

struct um_recogniser;

struct um_recogniser_stats {
    uint64_t http_messages;             /* all HTTP messages seen, also unrelated ones */
    uint64_t messages;                  /* UM messages recognised */
    struct um_limit_hits early_replies; /* earlier in time than their requests; of any HTTP */
    /* by the limit that cut them: HTTP messages of which could not be told whether they are ours */
    struct um_limit_hits unread[UM_LIMIT_COUNT];
};

/* `limits` and `meter` must outlive it. 0 or UM_ERR_NOMEM. */
int um_recogniser_new(const struct um_limits *limits, struct um_meter *meter, um_exchange_fn emit,
                      void *ctx, struct um_recogniser **out);

/* The events to give to every connection; one recogniser serves all of them. */
struct um_http_events um_recogniser_events(struct um_recogniser *recogniser);

/* Emits what was refused before that time and not asked again. 0 or a negative enum um_err. */
int um_recogniser_give_up(struct um_recogniser *recogniser, int64_t before_ns);

/*
 * Gives out each question of ours that was read and is in no exchange yet: it has no reply, or one
 * that asked for credentials. 0 or what `take` returned.
 */
int um_recogniser_each_waiting(const struct um_recogniser *recogniser, um_question_fn take,
                               void *ctx);

/* The capture is over: emits what still waited for the leg after it. 0 or a negative enum um_err.
 */
int um_recogniser_end(struct um_recogniser *recogniser);

const struct um_recogniser_stats *um_recogniser_stats(const struct um_recogniser *recogniser);
void um_recogniser_free(struct um_recogniser *recogniser);

#endif
