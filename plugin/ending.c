/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/ending.h"

/* The open message is done with; the next one begins at its end, or must be looked for. */
static struct umws_followed *
close_message(struct umws_follower_side *side)
{
    struct umws_followed *message = side->open;
    side->open = NULL;
    side->is_placed = true;
    side->has_begun = true;
    side->is_lost = message->end == UINT64_MAX;
    if (!side->is_lost)
        side->next_seq = message->seq + (uint32_t)message->end;
    return message;
}

static void
append(struct umws_followed **first, struct umws_followed **last, struct umws_followed *message)
{
    if (*last)
        (*last)->next = message;
    else
        *first = message;
    *last = message;
}

void
umws_ending_whole(struct umws_follower *follower, struct umws_follower_side *side)
{
    struct umws_followed *message = close_message(side);
    message->is_whole = true;
    umws_followed_note_end(message);
    append(&follower->whole, &follower->last_whole, message);
}

int
umws_ending_give_up(struct umws_follower *follower, struct umws_follower_side *side)
{
    struct umws_followed *message = close_message(side);
    struct um_http_message head;
    int err = UM_OK;
    append(&follower->ended, &follower->last_ended, message);
    if (message->end == UINT64_MAX)
        message->last = message->last_of_prefix; /* what is behind may be something else */
    if (message->has_head) {
        umws_followed_note_end(message);
        return UM_OK;
    }
    bool is_begun = umws_head_read(umws_pieces_prefix(&message->pieces), &head) == UM_MORE &&
                    (head.is_reply || head.method.len > 0);
    if (is_begun)
        err = umws_followed_pair(message, &follower->pairing, &head);
    else
        umws_pairs_lose(&follower->pairing, message->side);
    umws_followed_note_end(message);
    return err;
}

void
umws_ending_lose_place(struct umws_follower *follower, int side_index)
{
    struct umws_follower_side *side = &follower->sides[side_index];
    if (side->is_lost)
        um_pairing_lose_more(&follower->pairing, side_index);
    else
        umws_pairs_lose(&follower->pairing, side_index);
    side->is_lost = side->has_begun = true;
    umws_pairs_lose_place(&follower->pairing, side_index);
}

void
umws_ending_begin_inside(struct umws_follower *follower, int side_index)
{
    struct umws_follower_side *side = &follower->sides[side_index];
    side->is_lost = side->has_begun = true;
    umws_pairs_begin_inside(&follower->pairing, side_index);
}

int
umws_ending_give_up_place(struct umws_follower *follower, int side_index)
{
    struct umws_follower_side *side = &follower->sides[side_index];
    int err = umws_ending_give_up(follower, side);
    if (side->is_lost)
        umws_pairs_lose_place(&follower->pairing, side_index);
    return err;
}

void
umws_ending_drop(struct umws_follower *follower, int side_index)
{
    struct umws_follower_side *side = &follower->sides[side_index];
    if (!side->has_begun)
        umws_ending_begin_inside(follower, side_index);
    umws_followed_free(close_message(side));
}
