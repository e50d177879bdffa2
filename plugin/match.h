/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests and their replies. Wireshark's HTTP dissectors hand over bodies only, and their own
 * links fail with pipelining, so the pairs are made here: a reply takes the oldest unanswered
 * request of its operation on its connection (HTTP/2: on its stream), a fault the oldest of any.
 * State changes on the first pass only; what a frame then said is found again by its number and the
 * place of the message in it.
 */
#ifndef UM_PLUGIN_MATCH_H
#define UM_PLUGIN_MATCH_H

#include "core/um/exchange.h"
#include "plugin/compat.h"

struct umws_exchange;
struct umws_call_so_far; /* calls.h */

/* One message of ours in a frame. File scope; `content` is freed with the file. */
struct umws_message {
    uint32_t frame;
    unsigned body_bytes; /* that were captured */
    bool is_cut;         /* the body was longer */
    bool is_reply;
    struct um_mark first, last; /* its first and last packet, the head's included */
    struct um_message *content;
    struct umws_exchange *exchange;
    /* the messages of its call before and after it, by frame; 0: none, or not known yet */
    uint32_t previous_frame, next_frame;
};

/* One end of the connection. */
struct umws_end_point {
    address address; /* file scope */
    uint32_t port;
};

/* A request with its reply; either may be missing. File scope. */
struct umws_exchange {
    uint64_t tag; /* 0-based, in order of appearance: index into the list of all */
    struct umws_message *request, *reply;
    bool is_answered; /* by a message of ours, or by a reply without one */
    bool is_given_up; /* the client went on: a part of the reply is missing, or all of it */
    enum um_operation operation;
    enum um_service service;
    conversation_t *conversation;
    bool is_http2;
    uint32_t stream; /* HTTP/2 */
    struct umws_end_point client, server;
    const char *target, *soap_action; /* file scope; NULL: not known */
    unsigned http_status;
    uint32_t reply_frame;                   /* in which the reply was read; 0: not answered */
    struct um_mark reply_first, reply_last; /* once answered, or of the part there is */
    struct umws_call_so_far *call;          /* on the first pass; NULL: of none */
    size_t stored; /* its index in the first pass's store; SIZE_MAX: not there (yet) */
    struct umws_exchange *older, *newer; /* unanswered ones of the connection */
};

/* Which protocol numbers are HTTP's; called once all dissectors are registered. */
void umws_match_handoff(int umws_protocol);

/* Forgets everything of the file before. */
void umws_match_init(void);
void umws_match_cleanup(void);

/*
 * First pass: files a body that was read as a message of ours and finds its partner. NULL when it
 * is a fault that answers no request of ours, or a body that was given up before it said anything
 * (kind UM_MESSAGE_NONE with flags) and answers none. `content` is copied. `place` is the message's
 * place among the bodies of the frame; `info` is what HTTP said of it, or NULL.
 */
struct umws_message *umws_match_add(packet_info *pinfo, tvbuff_t *tvb, unsigned place,
                                    const struct um_message *content, const um_media_info *info);

/* Later passes: what the first one filed; NULL when the body was none of ours. */
struct umws_message *umws_match_find(packet_info *pinfo, unsigned place);

/* The place of the body that is now looked at, among those of its frame; counts up. */
unsigned umws_match_place(packet_info *pinfo);

/*
 * After every dissector has seen the frame `tvb`: notes, on the first pass, replies that brought no
 * message of ours and the first packets of replies that come in several. Returns where in the frame
 * the body of a reply stands that was cut by the snap length: HTTP, whose head came in another
 * segment, hands it to nobody. 0: there is none.
 */
unsigned umws_match_frame_seen(tvbuff_t *tvb, packet_info *pinfo);

/* Every exchange so far, by tag. */
size_t umws_match_count(void);
struct umws_exchange *umws_match_at(size_t tag);

/* The exchange in the form the store takes it. Views into `exchange`; valid while it is. */
struct um_exchange umws_match_exchange(const struct umws_exchange *exchange);

/*
 * HTTP/2 tells nobody where a message began; its dissector is wrapped where TLS calls it, and this
 * notes the frames in which streams' heads stand.
 */
void umws_match_http2_seen(tvbuff_t *tvb, packet_info *pinfo);

#endif
