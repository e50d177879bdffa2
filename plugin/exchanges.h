/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The messages of ours in the file and the exchanges that they make: what is kept of them, and the
 * form in which the store of calls takes them. All in file scope.
 */
#ifndef UM_PLUGIN_EXCHANGES_H
#define UM_PLUGIN_EXCHANGES_H

#include "core/um/exchange.h"
#include "plugin/carrier.h"
#include "plugin/pairs.h"

struct umws_exchange;
struct umws_call_so_far; /* calls.h */

/* One message of ours; `content` is freed with the file. */
struct umws_message {
    uint32_t frame;      /* in which it is shown */
    unsigned body_bytes; /* that were captured */
    bool is_cut;         /* the body was longer */
    bool is_reply;
    const uint8_t *part;        /* the body, where Wireshark handed none over; else NULL */
    struct um_mark first, last; /* its first and last packet, the head's included */
    struct um_message *content;
    struct umws_exchange *exchange;
    struct umws_message *next_part; /* with `part`, in the same frame */
    /* the messages of its call before and after it, by frame; 0: none, or not known yet */
    uint32_t previous_frame, next_frame;
};

/* One end of the connection. */
struct umws_end_point {
    address address;
    uint32_t port;
};

/* A request with its reply; either may be missing. */
struct umws_exchange {
    uint64_t tag; /* 0-based, in order of appearance: index into the list of all */
    struct umws_message *request, *reply;
    bool is_waiting;             /* in its connection's list */
    bool is_answered;            /* by a message of ours, or by a reply without one */
    struct umws_fate fate;       /* why it has no reply, where the order of messages tells */
    bool is_request_cut;         /* with request_frame and no message: not all of it was captured */
    bool is_request_bodiless;    /* the same, and it has no body */
    bool has_credentials;        /* the request, as far as HTTP tells; HTTP/2 does not */
    bool is_reply_cut;           /* a part is all there is of a reply without a message */
    enum um_operation operation; /* NONE: of a request that tells none any more */
    enum um_service service;
    conversation_t *conversation;
    bool is_http2;
    uint32_t stream; /* HTTP/2 */
    struct umws_end_point client, server;
    const char *target, *soap_action; /* NULL: not known */
    unsigned http_status;
    uint32_t request_frame; /* in which the request was read; 0: it was not captured */
    uint32_t reply_frame; /* in which the reply is shown, or begins if it is not; 0: not answered */
    struct um_mark request_first, request_last; /* with request_frame */
    struct um_mark reply_first, reply_last;     /* once answered, or of the part there is */
    struct umws_call_so_far *call;              /* on the first pass; NULL: of none */
    size_t stored; /* its index in the first pass's store; SIZE_MAX: not there (yet) */
    struct umws_exchange *older, *newer; /* unanswered ones of the connection */
};

/* Forgets everything of the file before. */
void umws_exchanges_init(void);
void umws_exchanges_cleanup(void);

/* Every exchange so far, by tag. */
size_t umws_exchanges_count(void);
struct umws_exchange *umws_exchanges_at(size_t tag);

/* A new one, with one message of it, sent by `from`. */
struct umws_exchange *umws_exchanges_new(const struct umws_carrier *carrier,
                                         const struct um_message *content,
                                         const struct umws_end_point *client,
                                         const struct umws_end_point *server);

/* A message; `content` is copied. The rest is left to the caller. */
struct umws_message *umws_exchanges_message(const struct um_message *content);

/* The exchange in the form the store takes it. Views into `exchange`; valid while it is. */
struct um_exchange umws_exchanges_tell(const struct umws_exchange *exchange);

#endif
