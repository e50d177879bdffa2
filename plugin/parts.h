/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages that never became whole: of HTTP/1 in the clear, what was captured of them is read here
 * and filed as if Wireshark had handed it over. Each is shown in the last packet with bytes of it.
 */
#ifndef UM_PLUGIN_PARTS_H
#define UM_PLUGIN_PARTS_H

#include "plugin/match.h"

void umws_parts_init(void);
void umws_parts_cleanup(void);
void umws_parts_shut_down(void);

/*
 * May the payload begin a message of ours that goes on in other segments, or a request that will be
 * asked to authenticate? What is whole is handed over and needs no look.
 */
bool umws_parts_may_begin(const struct umws_segment *segment);

/*
 * First pass, when Wireshark hands over a message of ours: that message as the follower knows it,
 * or NULL. `place` is its place among those of the frame that are handed over. Files what was given
 * up before it.
 */
struct umws_followed *umws_parts_claim(packet_info *pinfo, struct umws_connection *connection,
                                       unsigned place);

/*
 * First pass, when all dissectors have seen the frame: follows what it brings, and files what is
 * given up, and what is whole but was not handed over. `handed_over`: messages of the frame
 * that were.
 */
void umws_parts_see(packet_info *pinfo, struct umws_connection *connection, unsigned handed_over);

/* All frames so far were seen: what is still open is filed as it stands. */
void umws_parts_settle(void);

/* The first part that is shown in the frame, `next_part` leads to more; NULL: none. */
struct umws_message *umws_parts_in(uint32_t frame);

#endif
