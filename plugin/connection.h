/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is kept of a TCP connection with messages of ours, on the first pass: the requests that wait
 * for a reply, the packets of replies, where HTTP/2's streams began, and the messages that never
 * became whole. File scope.
 */
#ifndef UM_PLUGIN_CONNECTION_H
#define UM_PLUGIN_CONNECTION_H

#include "plugin/carrier.h"
#include "plugin/exchanges.h"
#include "plugin/follower.h"
#include "plugin/replies.h"

struct umws_connection {
    conversation_t *conversation;
    conversation_t *of_http; /* with what HTTP knows: another one in a proxy's tunnel; or NULL */
    struct umws_exchange *oldest, *newest; /* unanswered */
    struct umws_marks seen;                /* packets of both sides */
    struct umws_replies replies;
    wmem_map_t *stream_starts;      /* HTTP/2: stream and direction -> how it began; or NULL */
    struct umws_follower *follower; /* NULL: not followed (yet) */
    bool is_opaque;                 /* what it carries is not HTTP/1 in the clear */
    struct umws_end_point ends[2];  /* with a follower: its sides */
    uint32_t followed_in;           /* the latest frame that the follower has seen */
    int64_t reset_ns;               /* when it was reset last, with a follower */
};

/* `protocol` is the key of the data that hangs on a conversation. */
void umws_connection_handoff(int protocol);

/* That of the conversation; made when there is none, or NULL. */
struct umws_connection *umws_connection_of(conversation_t *conversation);
struct umws_connection *umws_connection_find(conversation_t *conversation);

/*
 * The exchange waits for its reply, or does not any more: of HTTP/2 and HTTP/1 in TLS, where only
 * Wireshark knows the messages. Elsewhere the follower's pairs tell.
 */
void umws_connection_wait(struct umws_connection *connection, struct umws_exchange *exchange);
void umws_connection_take_off(struct umws_connection *connection, struct umws_exchange *exchange);

/* HTTP/2 goes on with the connection: a request that the follower has waiting is answered there. */
void umws_connection_leave_http1(struct umws_connection *connection);

/* Has the server closed its direction? */
bool umws_connection_is_closed(const struct umws_connection *connection,
                               const struct umws_end_point *server);

/* The oldest request that a reply of this kind and operation can answer; NULL: none waits. */
struct umws_exchange *umws_connection_waiting(const struct umws_connection *connection,
                                              const struct umws_carrier *carrier,
                                              const struct um_message *reply);

/*
 * HTTP/2 tells nobody where a message began: `tvb` goes to its dissector, and the frames in which
 * streams' heads stand are noted.
 */
void umws_connection_see_http2(tvbuff_t *tvb, packet_info *pinfo);

/* The same of a connection that went over from HTTP/1, where HTTP calls HTTP/2's dissector. */
void umws_connection_see_upgraded(struct umws_connection *connection, packet_info *pinfo,
                                  const struct umws_segment *segment);

/* Did the other side begin the stream with a GET? */
bool umws_connection_is_fetched(const struct umws_connection *connection, packet_info *pinfo,
                                uint32_t stream);

/* Where the sender of this packet began with the stream; `now` when that was not seen. */
struct um_mark umws_connection_stream_start(const struct umws_connection *connection,
                                            packet_info *pinfo, uint32_t stream,
                                            struct um_mark now);

#endif
