/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What carried a body: HTTP/1 or HTTP/2 over which connection, what HTTP noted of the message, and
 * in which packet it began. Wireshark tells a dissector of bodies none of this; it is read from the
 * data that HTTP, HTTP/2 and TCP keep for themselves.
 */
#ifndef UM_PLUGIN_CARRIER_H
#define UM_PLUGIN_CARRIER_H

#include "core/um/exchange.h"
#include "plugin/compat.h"

struct umws_carrier {
    conversation_t *conversation;
    bool is_http2;
    uint32_t stream;     /* HTTP/2 */
    unsigned status;     /* HTTP/1: of the reply that stands in this frame; 0: none does */
    const char *target;  /* HTTP/1: of the request; valid while the packet is */
    bool has_reply_head; /* HTTP/1: HTTP filed a reply in this frame */
};

void umws_carrier_handoff(void);

/* HTTP/1: does the head of the body that is now looked at stand in this frame too? */
bool umws_carrier_has_head(packet_info *pinfo);

/* What carries the body that is now looked at. */
struct umws_carrier umws_carrier_of(packet_info *pinfo, conversation_t *conversation);

/* Is there a layer of the protocol in the frame? */
bool umws_carrier_has_http2(packet_info *pinfo);
bool umws_carrier_has_tls(packet_info *pinfo);

/* Did TLS decrypt nothing in the frame? A record may end in a later one. */
bool umws_carrier_is_unread(packet_info *pinfo);

/* Did TLS decrypt data of the application in the frame? Also when it is not handed on yet. */
bool umws_carrier_has_tls_data(packet_info *pinfo);

/*
 * The number of the frame in which the PDU began that TCP put together in this frame; this frame's
 * when it was not put together of several segments.
 */
uint32_t umws_carrier_first_frame(packet_info *pinfo, conversation_t *conversation);

/*
 * The sequence number behind all bytes of the packet's sender that were captured so far. 0 when TCP
 * does not tell. First pass only, as all that follow.
 */
uint32_t umws_carrier_sent(conversation_t *conversation);

/* The same of the other side: what was captured of it, or what the packet's sender acknowledges. */
uint32_t umws_carrier_received(conversation_t *conversation);

/*
 * Does the packet, whose bytes begin at `seq`, stand behind a hole in the first that its sender
 * says? `start` is where that begins, if so.
 */
bool umws_carrier_lacks_start(conversation_t *conversation, uint32_t seq, uint32_t *start);

/*
 * Was no byte captured yet of the side that the packet goes to, though a packet of it? `start` is
 * where its first byte stands, if so.
 */
bool umws_carrier_is_other_silent(conversation_t *conversation, uint32_t *start);

/* Is the packet, whose bytes begin at `seq`, the first with bytes that was captured of its sender?
 */
bool umws_carrier_is_first(conversation_t *conversation, uint32_t seq);

/* True when the packet's sender has acknowledged bytes beyond `seq` of the other side. */
bool umws_carrier_has_acked_beyond(conversation_t *conversation, uint32_t seq);

/*
 * The last number that the side of the greater address (or the other one) has acknowledged, by all
 * packets so far; false: none.
 */
bool umws_carrier_last_ack(conversation_t *conversation, bool of_greater, uint32_t *ack);

/* Was any packet captured that goes to the sender of this one? */
bool umws_carrier_has_other_side(conversation_t *conversation);

/* Has either side sent a FIN so far? */
bool umws_carrier_has_fin(conversation_t *conversation);

/*
 * How the connection stands for replies sent by `server` to `client`, as far as it was captured:
 * reset, one-sided, or neither of them.
 */
enum um_unanswered umws_carrier_ending(conversation_t *conversation, const address *server,
                                       uint32_t server_port, const address *client,
                                       uint32_t client_port);

/* Both ends' order: true when the packet's sender is the "greater" one; tells directions apart. */
bool umws_carrier_is_from_greater(const packet_info *pinfo);

struct um_mark umws_carrier_mark(const packet_info *pinfo);

/* Address and port; of unknown length when it is neither IPv4 nor IPv6. */
struct um_endpoint umws_carrier_endpoint(const address *from, uint32_t port);

/*
 * Has every HTTP/2 frame of the connection go through `see` before HTTP/2's own dissector: TLS by
 * its table of application protocols, clear connections one by one; also where a client begins
 * HTTP/2 on an unusual port, unless `protocol` is disabled.
 */
void umws_carrier_watch_http2(int protocol, void (*see)(tvbuff_t *tvb, packet_info *pinfo));
void umws_carrier_watch_clear_http2(packet_info *pinfo, conversation_t *conversation);

#endif
