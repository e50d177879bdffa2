/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests and their replies. Wireshark's HTTP dissectors hand over bodies only, and their own
 * links fail with pipelining, so the pairs are made here: a reply takes the oldest unanswered
 * request of its operation on its connection (HTTP/2: on its stream), a fault the oldest of any.
 * State changes on the first pass only; what a frame then said is found again by its number and the
 * place of the message in it. Of HTTP/1 in the clear the connection's follower tells the pairs.
 */
#ifndef UM_PLUGIN_MATCH_H
#define UM_PLUGIN_MATCH_H

#include "plugin/connection.h"

/* Which protocol numbers are HTTP's; called once all dissectors are registered. */
void umws_match_handoff(int umws_protocol);

/* Where a body stands in its frame. */
struct umws_place {
    unsigned body;             /* among the bodies that were handed over */
    unsigned message;          /* the HTTP message that it is of, among those handed over */
    const um_media_info *info; /* of a multipart one around it; NULL: there is none */
};

/* The place of the body that is now looked at; counts up. */
struct umws_place umws_match_place(packet_info *pinfo);

/* The bodies from here to `leave` are parts of one HTTP message, of which HTTP said `info`. False
 * when that is so already. */
bool umws_match_enter_multipart(packet_info *pinfo, const um_media_info *info);
void umws_match_leave_multipart(packet_info *pinfo);

/* HTTP messages of the frame of which bodies were handed over by now. */
unsigned umws_match_handed_over(packet_info *pinfo);

/*
 * First pass: files a body that was read as a message of ours and finds its partner. NULL when it
 * is a fault that answers no request of ours, or a body that was given up before it said anything
 * (kind UM_MESSAGE_NONE with flags) and answers none. `content` is copied; `info` is what HTTP said
 * of the message, or NULL.
 */
struct umws_message *umws_match_add(packet_info *pinfo, tvbuff_t *tvb,
                                    const struct umws_place *place,
                                    const struct um_message *content, const um_media_info *info);

/* Later passes: what the first one filed; NULL when the body was none of ours. */
struct umws_message *umws_match_find(packet_info *pinfo, unsigned body);

/* A message that Wireshark did not hand over: what there is of it. */
struct umws_part {
    struct umws_end_point from, to;
    const struct umws_followed *followed;
    const struct um_http_message *head;
    struct um_span body;              /* decoded; empty when there is none */
    const struct um_message *content; /* that was read in it; kind NONE: nothing */
};

/*
 * First pass: files it, if it is a message of ours or the reply to one, to be shown in its last
 * frame. NULL: there is nothing to show.
 */
struct umws_message *umws_match_add_part(struct umws_connection *connection,
                                         const struct umws_part *part);

/* First pass: files the reply to a request that tells nothing as a leg of an authentication. */
void umws_match_add_leg(struct umws_connection *connection, const struct umws_followed *reply);

/*
 * First pass, after every dissector has seen the frame: notes replies that brought no message of
 * ours and the first packets of replies that come in several.
 */
void umws_match_frame_seen(packet_info *pinfo, struct umws_connection *connection);

#endif
