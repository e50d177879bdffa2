/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packets of a connection's replies while a request waits for one: Wireshark hands a body over
 * in the frame that makes it whole, a timeline needs the packet in which the reply began. First
 * pass only.
 */
#ifndef UM_PLUGIN_REPLIES_H
#define UM_PLUGIN_REPLIES_H

#include "plugin/compat.h"
#include "plugin/marks.h"

/* Zeroed: of a connection that nobody has asked anything yet. */
struct umws_replies {
    struct umws_marks seen;    /* packets from the server */
    uint32_t next_seq;         /* behind all bytes seen so far */
    struct um_mark last_bytes; /* the latest packet with bytes that were new; frame 0: none */
    struct um_mark start;      /* where the reply began that is not whole yet; frame 0: not seen */
    uint32_t whole_in;         /* frame of the latest whole reply */
    bool is_unread;            /* the latest of those bytes TLS did not decrypt */
    bool is_closed;            /* by a FIN of the server */
    bool had_fin;              /* of either side */
};

/* A request was filed in this frame. */
void umws_replies_expect(struct umws_replies *replies, conversation_t *conversation);

/*
 * All dissectors have seen this frame of the connection. Returns how many bytes of the server's it
 * brought that were not seen before.
 */
uint32_t umws_replies_see(struct umws_replies *replies, packet_info *pinfo,
                          conversation_t *conversation, bool is_from_server);

/* The first packet of the reply that became whole in this frame, and the last with bytes of it. */
struct um_mark umws_replies_first(const struct umws_replies *replies, packet_info *pinfo,
                                  conversation_t *conversation);
struct um_mark umws_replies_last(const struct umws_replies *replies, packet_info *pinfo,
                                 conversation_t *conversation);

/* The reply is whole: what comes next is another one. */
void umws_replies_whole(struct umws_replies *replies, uint32_t frame);

/* What began is no reply yet (100 Continue). */
void umws_replies_forget_start(struct umws_replies *replies);

#endif
