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

/* May the payload begin a message of ours that goes on in other segments? */
bool umws_parts_may_begin(const struct umws_segment *segment);

/*
 * First pass: follows what this frame brings, once, and files what it shows to be given up. Called
 * before a message of the frame is filed, as it may answer one of these, and when all dissectors
 * have seen the frame: only then it is clear whether they were handed what this frame cut.
 */
void umws_parts_see(packet_info *pinfo, struct umws_connection *connection, bool is_frame_over);

/* A message of ours was handed over in this frame: follow its connection; note one that is cut. */
void umws_parts_note_message(packet_info *pinfo, struct umws_connection *connection, bool is_cut);

/* All frames so far were seen: what is still open is filed as it stands. */
void umws_parts_settle(void);

/* The first part that is shown in the frame, `next_part` leads to more; NULL: none. */
struct umws_message *umws_parts_in(uint32_t frame);

#endif
