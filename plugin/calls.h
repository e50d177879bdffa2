/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls of the open file, by core's store. On the first pass a store holds the exchanges that are
 * complete so far, and a call is judged from these; once a frame is looked at again a second store
 * is made of all exchanges, with those that nobody answered, and holds what the command line tool
 * says too. It is made again when more frames have come.
 */
#ifndef UM_PLUGIN_CALLS_H
#define UM_PLUGIN_CALLS_H

#include "core/um/call.h"
#include "plugin/exchanges.h"

/* A call as far as the first pass has come. */
struct umws_call_so_far {
    uint32_t number;
    uint32_t first_frame, last_frame; /* of its messages so far */
    size_t exchanges;                 /* that are complete */
    size_t latest;                    /* index of the latest of them in the store; SIZE_MAX: none */
    const struct um_call *whole;      /* the same call in the store of the whole file */
    struct umws_call_so_far *merged;  /* the call it turned out to be a part of; NULL: none */
};

/* What is known of a message's call. */
struct umws_call_view {
    const struct um_call *call;                /* NULL: only its number is known */
    const struct um_exchange_record *exchange; /* NULL: not complete yet, or a leg of another */
    const struct um_calls *store;              /* what `call` and `exchange` came from */
    uint32_t number;                           /* 0: the message belongs to no call */
    uint32_t first_frame, previous_frame, next_frame; /* 0: not known, or none */
    bool is_leg;      /* an authentication leg of another exchange */
    bool is_whole;    /* the whole file stands behind it, not only the frames up to here */
    bool is_left_out; /* too many exchanges to judge the call anew with each of its messages */
};

void umws_calls_init(void);
void umws_calls_cleanup(void);

/* First pass: a request or reply was filed; gives it its call. */
void umws_calls_message(struct umws_message *message);

/* First pass: the exchange has come to its end. */
void umws_calls_complete(struct umws_exchange *exchange);

/* First pass: something of a connection that waits for a reply has been seen. */
void umws_calls_touch(void);

/* How much of a call is told on the first pass: judging it costs. */
enum umws_wanted { UMWS_WANTED_NUMBER, UMWS_WANTED_STORY, UMWS_WANTED_FINDINGS };

/*
 * What is known of the call of `message`. On the first pass `call` lives in `scratch` and is judged
 * only as far as `wanted`; later it lives until more frames come or the file is closed.
 */
struct umws_call_view umws_calls_view(const struct umws_message *message, bool is_first_pass,
                                      enum umws_wanted wanted, struct um_arena *scratch);

/* What the calls are judged by. */
const struct um_thresholds *umws_calls_thresholds(void);

#endif
