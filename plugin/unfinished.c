/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/unfinished.h"

#include <stdlib.h>

/* ---- messages ---- */

void
umws_unfinished_free(struct umws_unfinished *message)
{
    if (!message)
        return;
    umws_pieces_done(&message->pieces);
    free(message);
}

static int
open_message(struct umws_follower *follower, int side, uint32_t seq)
{
    struct umws_unfinished *message = calloc(1, sizeof *message);
    if (!message)
        return UM_ERR_NOMEM;
    message->side = side;
    message->seq = seq;
    message->end = UINT64_MAX;
    follower->sides[side].open = message;
    return UM_OK;
}

/* The open message is done with; the next one begins at its end, or must be looked for. */
static struct umws_unfinished *
close_message(struct umws_follower_side *side)
{
    struct umws_unfinished *message = side->open;
    const struct umws_pieces *pieces = &message->pieces;
    uint64_t behind = pieces->count > 0 ? pieces->ranges[pieces->count - 1].to : 0;
    side->open = NULL;
    side->is_placed = true;
    side->is_lost = message->end == UINT64_MAX;
    side->next_seq = message->seq + (uint32_t)(side->is_lost ? behind : message->end);
    return message;
}

static void
forget(struct umws_follower_side *side)
{
    umws_unfinished_free(close_message(side));
}

static void
give_up(struct umws_follower *follower, struct umws_follower_side *side)
{
    struct umws_unfinished *message = close_message(side);
    if (follower->last)
        follower->last->next = message;
    else
        follower->ended = message;
    follower->last = message;
}

/* ---- reading on ---- */

/* A server that refuses a request may never get its body: the next request stands in its place. */
static bool
lacks_body(const struct umws_head *head, struct um_span prefix)
{
    return !head->is_reply && umws_head_begins(um_span_from(prefix, head->len));
}

static enum um_step
read_head(struct umws_follower *follower, struct umws_follower_side *side, struct um_span prefix)
{
    struct umws_unfinished *message = side->open;
    struct umws_head head;
    enum um_step step = umws_head_read(prefix, &head);
    if (step == UM_MORE && prefix.len == UMWS_PIECES_KEPT)
        return UM_BAD;
    if (step != UM_DONE)
        return step;
    message->has_head = true;
    message->head_len = head.len;
    message->framing = head.framing;
    side->asked_head = um_span_equal(head.method, um_span_text("HEAD"));
    if (head.is_reply && follower->sides[1 - message->side].asked_head)
        message->framing = UMWS_FRAMING_NONE;
    follower->is_over = head.is_upgrade;
    if (message->framing == UMWS_FRAMING_NONE || lacks_body(&head, prefix))
        message->end = head.len;
    else if (message->framing == UMWS_FRAMING_LENGTH && head.length <= INT32_MAX)
        message->end = head.len + head.length;
    return UM_DONE;
}

/* Looks at what there is of the open message: UM_DONE when it is whole. */
static enum um_step
read_on(struct umws_follower *follower, struct umws_follower_side *side)
{
    struct umws_unfinished *message = side->open;
    struct um_span prefix = umws_pieces_prefix(&message->pieces);
    enum um_step step = message->has_head ? UM_DONE : read_head(follower, side, prefix);
    if (step != UM_DONE)
        return step;
    if (message->framing == UMWS_FRAMING_CHUNKED && message->end == UINT64_MAX) {
        step = umws_head_chunks(um_span_from(prefix, message->head_len), &message->chunk_at);
        if (step == UM_DONE)
            message->end = message->head_len + message->chunk_at;
    }
    if (umws_pieces_whole(&message->pieces) >= message->end)
        return UM_DONE;
    return step == UM_BAD ? UM_BAD : UM_MORE;
}

/* ---- the bytes of a segment ---- */

/* What is left of a segment. */
struct rest {
    uint32_t seq;
    struct um_span bytes;
    uint32_t cut;
};

static bool
is_empty(const struct rest *rest)
{
    return rest->bytes.len == 0 && rest->cut == 0;
}

static void
skip(struct rest *rest, uint64_t n)
{
    uint64_t of_bytes = n < rest->bytes.len ? n : rest->bytes.len;
    uint64_t of_cut = n - of_bytes < rest->cut ? n - of_bytes : rest->cut;
    rest->bytes = um_span_from(rest->bytes, (size_t)of_bytes);
    rest->cut -= (uint32_t)of_cut;
    rest->seq += (uint32_t)(of_bytes + of_cut);
}

/* Skips what is older than `seq`; tells how far behind it the rest begins. */
static uint32_t
skip_to(struct rest *rest, uint32_t seq)
{
    int32_t ahead = (int32_t)(rest->seq - seq); /* modulo 2^32: the wrap is in it */
    if (ahead >= 0)
        return (uint32_t)ahead;
    skip(rest, (uint64_t) - (int64_t)ahead);
    return 0;
}

/* Between messages: finds where the next one begins. */
static int
begin(struct umws_follower *follower, int side_index, struct rest *rest)
{
    struct umws_follower_side *side = &follower->sides[side_index];
    if (side->is_placed && skip_to(rest, side->next_seq) > 0)
        side->is_lost = true;
    if (!side->is_placed || side->is_lost)
        skip(rest, umws_head_find(rest->bytes));
    while (rest->bytes.len > 0 && (rest->bytes.data[0] == '\r' || rest->bytes.data[0] == '\n'))
        skip(rest, 1);
    if (rest->bytes.len > 0)
        return open_message(follower, side_index, rest->seq);
    if (is_empty(rest) && side->is_placed && !side->is_lost)
        return UM_OK; /* nothing new */
    side->is_lost = true;
    side->is_placed = true;
    skip(rest, rest->cut);
    side->next_seq = rest->seq;
    return UM_OK;
}

/* Ends the open message when nothing of it can come any more. `at` is the rest's place in it. */
static void
settle(struct umws_follower *follower, struct umws_follower_side *side, enum um_step step,
       const struct rest *rest, uint64_t at, uint64_t frame)
{
    struct umws_unfinished *message = side->open;
    uint64_t end = at + rest->bytes.len + rest->cut;
    bool is_cut =
        rest->cut > 0 && (end == message->end ||
                          (message->end == UINT64_MAX && message->framing != UMWS_FRAMING_CLOSE));
    if (step == UM_DONE) {
        forget(side);
    } else if (step == UM_BAD && !message->has_head) {
        forget(side);
        side->next_seq = rest->seq + 1; /* one may begin behind */
    } else if (step == UM_BAD || is_cut || end > message->end) {
        message->cut_in = rest->cut > 0 ? frame : 0;
        give_up(follower, side);
    }
}

/* Puts down what the rest has of the open message, and skips it. */
static int
add_bytes(struct umws_follower *follower, struct umws_follower_side *side, struct rest *rest,
          struct um_mark mark)
{
    struct umws_unfinished *message = side->open;
    uint64_t at = skip_to(rest, message->seq);
    if (is_empty(rest))
        return UM_OK;
    uint64_t room = message->end > at ? message->end - at : 0;
    int err = UM_OK;
    if (room > 0) {
        message->first = um_mark_earlier(message->first, mark);
        message->last = um_mark_later(message->last, mark);
        err = umws_pieces_put(&message->pieces, at,
                              room < rest->bytes.len ? um_span_first(rest->bytes, (size_t)room)
                                                     : rest->bytes);
    }
    if (err)
        return err;
    enum um_step step = read_on(follower, side);
    bool is_no_head = step == UM_BAD && !message->has_head;
    uint64_t taken = message->end == UINT64_MAX ? UINT64_MAX
                     : message->end > at        ? message->end - at
                                                : 0;
    settle(follower, side, step, rest, at, mark.frame);
    skip(rest, is_no_head ? 1 : side->open ? UINT64_MAX : taken);
    return UM_OK;
}

static int
take_bytes(struct umws_follower *follower, int side, const struct umws_segment *segment)
{
    struct rest rest = {.seq = segment->seq, .bytes = segment->bytes, .cut = segment->cut};
    int err = UM_OK;
    while (!err && !is_empty(&rest) && !follower->is_over) {
        struct umws_follower_side *from = &follower->sides[side];
        err = from->open ? add_bytes(follower, from, &rest, segment->mark)
                         : begin(follower, side, &rest);
    }
    return err;
}

/* ---- giving up ---- */

/* The other side goes on, and has acknowledged so much of this one. */
static void
note_ack(struct umws_follower *follower, struct umws_follower_side *side, uint32_t ack)
{
    const struct umws_unfinished *message = side->open;
    if (!message)
        return;
    int32_t acked = (int32_t)(ack - message->seq);
    uint64_t whole = umws_pieces_whole(&message->pieces);
    bool has_more = message->pieces.count > (whole > 0 ? 1 : 0);
    /* one number ahead of all bytes is as likely a FIN that was not captured */
    if (acked < 0 || (uint64_t)acked <= whole + (has_more ? 0 : 1))
        return;
    bool is_at_end = side->has_fin && (int32_t)(ack - side->fin_seq) > 0;
    if (message->end != UINT64_MAX)
        is_at_end = is_at_end || (uint64_t)acked >= message->end;
    else
        is_at_end = is_at_end || message->framing != UMWS_FRAMING_CLOSE;
    if (is_at_end)
        give_up(follower, side);
}

static void
note_fin(struct umws_follower *follower, struct umws_follower_side *side,
         const struct umws_segment *segment)
{
    const struct umws_unfinished *message = side->open;
    side->fin_seq = segment->seq + (uint32_t)segment->bytes.len + segment->cut;
    side->has_fin = true;
    if (!message)
        return;
    uint64_t whole = umws_pieces_whole(&message->pieces);
    int32_t end = (int32_t)(side->fin_seq - message->seq);
    if (end < 0 || (uint64_t)end > whole)
        return; /* bytes may come yet */
    if (message->has_head && message->framing == UMWS_FRAMING_CLOSE)
        forget(side);
    else
        give_up(follower, side);
}

void
umws_follower_end(struct umws_follower *follower)
{
    for (int side = 0; side < 2; side++) {
        if (follower->sides[side].open)
            give_up(follower, &follower->sides[side]);
    }
}

int
umws_follower_see(struct umws_follower *follower, int side, const struct umws_segment *segment)
{
    if (follower->is_over)
        return UM_OK;
    bool has_bytes = segment->bytes.len > 0 || segment->cut > 0;
    if (segment->has_ack && (has_bytes || segment->has_fin))
        note_ack(follower, &follower->sides[1 - side], segment->ack);
    int err = has_bytes ? take_bytes(follower, side, segment) : UM_OK;
    if (!err && segment->has_fin)
        note_fin(follower, &follower->sides[side], segment);
    if (!err && segment->has_reset)
        umws_follower_end(follower);
    return err;
}

struct umws_unfinished *
umws_follower_take(struct umws_follower *follower)
{
    struct umws_unfinished *message = follower->ended;
    if (!message)
        return NULL;
    follower->ended = message->next;
    if (!follower->ended)
        follower->last = NULL;
    message->next = NULL;
    return message;
}

void
umws_follower_done(struct umws_follower *follower)
{
    for (int side = 0; side < 2; side++)
        umws_unfinished_free(follower->sides[side].open);
    struct umws_unfinished *message;
    while ((message = umws_follower_take(follower)))
        umws_unfinished_free(message);
    *follower = (struct umws_follower){0};
}
