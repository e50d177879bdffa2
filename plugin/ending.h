/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a message that a follower has open ends, and how the place of a side's next one is lost: what
 * the pairs are told of it, and where the next one begins.
 */
#ifndef UM_PLUGIN_ENDING_H
#define UM_PLUGIN_ENDING_H

#include "plugin/follower.h"

/* The open message of the side is there wholly. */
void umws_ending_whole(struct umws_follower *follower, struct umws_follower_side *side);

/*
 * It will not become whole; without its start line nobody knows what it was. 0 or UM_ERR_NOMEM,
 * as the next.
 */
int umws_ending_give_up(struct umws_follower *follower, struct umws_follower_side *side);

/* The same, and with it goes the place of the next where its end is not known. */
int umws_ending_give_up_place(struct umws_follower *follower, int side_index);

/* What was taken for a message is none. */
void umws_ending_drop(struct umws_follower *follower, int side_index);

/* Bytes are missing before the next message of the side, or what is there of it: it must be looked
 * for. */
void umws_ending_lose_place(struct umws_follower *follower, int side_index);

/* The first that comes of the side begins no message: it is the middle of one. */
void umws_ending_begin_inside(struct umws_follower *follower, int side_index);

#endif
