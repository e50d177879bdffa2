/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/follower.h"

#include "plugin/ending.h"

/* ---- reading on ---- */

/* A server that refuses a request may never get its body: the next request stands in its place. */
static bool
lacks_body(const struct um_http_message *head, struct um_span prefix)
{
    return !head->is_reply && umws_head_begins(um_span_from(prefix, head->head.len));
}

/* RFC 9112 section 6.3: whatever the reply's fields say, by what was asked. */
static bool
has_no_body(const struct umws_follower_side *client, unsigned status)
{
    return client->asked_head || (client->asked_connect && status / 100 == 2);
}

/* The head has been read: what the message is, and where it ends if that is known. */
static int
take_head(struct umws_follower *follower, struct umws_follower_side *side,
          const struct um_http_message *head, struct um_span prefix)
{
    struct umws_followed *message = side->open;
    message->has_head = true;
    message->head_len = head->head.len;
    message->framing = head->framing;
    side->asked_head = um_span_equal(head->method, um_span_text("HEAD"));
    side->asked_connect = um_span_equal(head->method, um_span_text("CONNECT"));
    if (head->is_reply && has_no_body(&follower->sides[1 - message->side], head->status))
        message->framing = UM_HTTP_FRAMING_NONE;
    follower->is_over = head->status == 101;
    if (message->framing == UM_HTTP_FRAMING_NONE || lacks_body(head, prefix))
        message->end = head->head.len;
    else if (message->framing == UM_HTTP_FRAMING_LENGTH && head->content_length <= INT32_MAX)
        message->end = head->head.len + head->content_length;
    return umws_followed_pair(message, &follower->pairing, head);
}

static enum um_step
read_head(struct umws_follower *follower, struct umws_follower_side *side, struct um_span prefix,
          int *err)
{
    struct um_http_message head;
    enum um_step step = umws_head_read(prefix, &head);
    if (step == UM_MORE && prefix.len == UMWS_PIECES_KEPT)
        return UM_BAD;
    if (step != UM_DONE)
        return step;
    *err = take_head(follower, side, &head, prefix);
    return UM_DONE;
}

/* Reads on in a chunked body, which tells where the message ends. */
static enum um_step
read_chunks(struct umws_followed *message, struct um_span body)
{
    struct um_span rest = um_span_from(body, message->chunked_bytes), data;
    enum um_step step = UM_MORE;
    while (step == UM_MORE && rest.len > 0)
        step = um_chunked_next(&message->chunked, &rest, &data);
    message->chunked_bytes = body.len - rest.len;
    if (step == UM_DONE)
        message->end = message->head_len + message->chunked_bytes;
    return step;
}

/* Looks at what there is of the open message: UM_DONE when it is whole. */
static enum um_step
read_on(struct umws_follower *follower, struct umws_follower_side *side, int *err)
{
    struct umws_followed *message = side->open;
    struct um_span prefix = umws_pieces_prefix(&message->pieces);
    enum um_step step = message->has_head ? UM_DONE : read_head(follower, side, prefix, err);
    if (step != UM_DONE)
        return step;
    if (message->framing == UM_HTTP_FRAMING_CHUNKED && message->end == UINT64_MAX)
        step = read_chunks(message, um_span_from(prefix, message->head_len));
    if (umws_pieces_whole(&message->pieces) >= message->end)
        return UM_DONE;
    return step == UM_BAD ? UM_BAD : UM_MORE;
}

/* ---- the bytes of a segment ---- */

/* What a side sends, once a message whose place was certain has told which of them asks. */
static enum um_http_look
look_of(const struct um_pairing *pairing, int side)
{
    if (!pairing->is_client_sure)
        return UM_HTTP_LOOK_KNOWN;
    return pairing->client == side ? UM_HTTP_LOOK_REQUEST : UM_HTTP_LOOK_REPLY;
}

/* Between messages: finds where the next one begins. */
static int
begin(struct umws_follower *follower, int side_index, struct umws_rest *rest)
{
    struct umws_follower_side *side = &follower->sides[side_index];
    bool was_placed = side->is_placed;
    if (was_placed && umws_rest_skip_to(rest, side->next_seq) > 0)
        umws_ending_lose_place(follower, side_index);
    while (rest->bytes.len > 0 && (rest->bytes.data[0] == '\r' || rest->bytes.data[0] == '\n'))
        umws_rest_skip(rest, 1);
    size_t found_at = 0;
    if (!was_placed || side->is_lost)
        found_at = um_http_head_find(rest->bytes, 0, ' ', look_of(&follower->pairing, side_index));
    if (found_at > 0 && !side->has_begun)
        umws_ending_begin_inside(follower, side_index);
    umws_rest_skip(rest, found_at);
    if (rest->bytes.len > 0)
        return umws_followed_new(side_index, rest->seq, side->is_lost, &side->open);
    if (umws_rest_is_empty(rest) && was_placed && !side->is_lost)
        return UM_OK; /* nothing new */
    side->is_placed = true;
    if (rest->cut > 0 && !side->is_lost)
        umws_ending_lose_place(follower, side_index);
    side->is_lost = true;
    umws_rest_skip(rest, rest->cut);
    side->next_seq = rest->seq;
    return UM_OK;
}

/* Ends the open message when nothing of it can come any more. `at` is the rest's place in it. */
static int
settle(struct umws_follower *follower, struct umws_follower_side *side, enum um_step step,
       const struct umws_rest *rest, uint64_t at)
{
    struct umws_followed *message = side->open;
    uint64_t end = at + rest->bytes.len + rest->cut;
    message->lacks_some |= rest->cut > 0 && at + rest->bytes.len < message->end;
    bool is_cut = rest->cut > 0 &&
                  (end == message->end ||
                   (message->end == UINT64_MAX && message->framing != UM_HTTP_FRAMING_CLOSE));
    if (step == UM_DONE) {
        umws_ending_whole(follower, side);
    } else if (step == UM_BAD && !message->has_head) {
        umws_ending_drop(follower, message->side);
        side->next_seq = rest->seq + (at == 0 ? 1 : 0); /* one may begin behind */
    } else if (step == UM_BAD || is_cut || end > message->end) {
        message->cut_in = rest->cut > 0 ? rest->mark.frame : 0;
        return umws_ending_give_up_place(follower, message->side);
    }
    return UM_OK;
}

/*
 * Most messages stand in one packet: nothing of them needs to be kept. True when the open message,
 * of which nothing has come, does; then it is finished, and the rest is what follows it.
 */
static bool
finish_at_once(struct umws_follower *follower, struct umws_follower_side *side,
               struct umws_rest *rest, int *err)
{
    struct umws_followed *message = side->open;
    struct um_http_message head;
    bool is_new = message->pieces.count == 0 && rest->seq == message->seq;
    if (!is_new || rest->is_held || umws_head_read(rest->bytes, &head) != UM_DONE ||
        head.framing != UM_HTTP_FRAMING_LENGTH ||
        head.content_length > rest->bytes.len - head.head.len)
        return false;
    *err = take_head(follower, side, &head, rest->bytes);
    message->first = message->last = rest->mark;
    message->sent = um_span_first(rest->bytes, (size_t)message->end);
    umws_ending_whole(follower, side);
    umws_rest_skip(rest, message->end);
    return true;
}

/* The rest is read. */
static void
move_on(struct umws_follower_side *side, const struct umws_rest *rest)
{
    uint32_t behind = rest->seq + (uint32_t)rest->bytes.len + rest->cut;
    if ((int32_t)(behind - side->next_seq) > 0)
        side->next_seq = behind;
}

/* Puts down what the rest has of the open message, and skips it. */
static int
add_bytes(struct umws_follower *follower, struct umws_follower_side *side, struct umws_rest *rest)
{
    struct umws_followed *message = side->open;
    int err = UM_OK;
    if (finish_at_once(follower, side, rest, &err))
        return err;
    uint64_t at = umws_rest_skip_to(rest, message->seq);
    if (umws_rest_is_empty(rest))
        return UM_OK;
    err = umws_followed_put(message, at, rest->bytes, rest->mark);
    if (err)
        return err;
    move_on(side, rest);
    enum um_step step = read_on(follower, side, &err);
    bool is_no_head = step == UM_BAD && !message->has_head;
    uint64_t taken = message->end == UINT64_MAX ? UINT64_MAX
                     : message->end > at        ? message->end - at
                                                : 0;
    int settled = settle(follower, side, step, rest, at);
    umws_rest_skip(rest, is_no_head ? at == 0 : side->open ? UINT64_MAX : taken);
    return err ? err : settled;
}

static int
read_rest(struct umws_follower *follower, int side_index, struct umws_rest *rest)
{
    struct umws_follower_side *side = &follower->sides[side_index];
    int err = UM_OK;
    while (!err && !umws_rest_is_empty(rest) && !follower->is_over)
        err = side->open ? add_bytes(follower, side, rest) : begin(follower, side_index, rest);
    return err;
}

/* ---- bytes that come too early ---- */

static bool
is_early(const struct umws_follower_side *side, uint32_t seq)
{
    return side->is_placed && (int32_t)(seq - side->next_seq) > 0;
}

/* Reads what is not too early any more. */
static int
release(struct umws_follower *follower, int side_index)
{
    struct umws_follower_side *side = &follower->sides[side_index];
    struct umws_waiting *waiting = &side->waiting;
    int err = UM_OK;
    while (!err && waiting->first && !is_early(side, waiting->first->rest.seq)) {
        err = read_rest(follower, side_index, &waiting->first->rest);
        umws_rest_drop_first(waiting);
    }
    return err;
}

/* Is it unknown where the next message begins, without the bytes that are missing? */
static bool
is_end_missing(const struct umws_followed *message)
{
    return message->end == UINT64_MAX && message->framing != UM_HTTP_FRAMING_CLOSE;
}

int
umws_follower_stop_waiting(struct umws_follower *follower, int side_index)
{
    struct umws_follower_side *side = &follower->sides[side_index];
    int err = UM_OK;
    if (!side->waiting.first)
        return UM_OK;
    if (side->open && is_end_missing(side->open))
        err = umws_ending_give_up_place(follower, side_index);
    else if (!side->open)
        umws_ending_lose_place(follower, side_index);
    side->next_seq = side->waiting.first->rest.seq;
    return err ? err : release(follower, side_index);
}

static int
take_bytes(struct umws_follower *follower, int side_index, const struct umws_segment *segment)
{
    struct umws_follower_side *side = &follower->sides[side_index];
    struct umws_rest rest = {
        .seq = segment->seq, .bytes = segment->bytes, .cut = segment->cut, .mark = segment->mark};
    if (!is_early(side, rest.seq)) {
        int err = read_rest(follower, side_index, &rest);
        return err ? err : release(follower, side_index);
    }
    int err = umws_rest_hold(&rest, &side->waiting);
    while (!err && side->waiting.cost > UMWS_FOLLOWER_HELD_MAX)
        err = umws_follower_stop_waiting(follower, side_index);
    return err;
}

/* ---- giving up ---- */

/* Is the open message over, now that the other side has so much of this one and goes on? */
static bool
is_acked_away(const struct umws_follower_side *side, uint32_t ack)
{
    const struct umws_followed *message = side->open;
    int32_t acked = (int32_t)(ack - message->seq);
    uint64_t whole = umws_pieces_whole(&message->pieces);
    bool has_more = side->waiting.first || message->pieces.count > (whole > 0 ? 1 : 0);
    /* one number ahead of all bytes is as likely a FIN that was not captured */
    if (acked < 0 || (uint64_t)acked <= whole + (has_more ? 0 : 1))
        return false;
    if (side->has_fin && (int32_t)(ack - side->fin_seq) > 0)
        return true;
    return is_end_missing(message) ||
           (message->end != UINT64_MAX && (uint64_t)acked >= message->end);
}

/* What the other side has got by now, and the capture has not, will not come. */
static int
lose_acked(struct umws_follower *follower, int side_index, uint32_t ack)
{
    struct umws_follower_side *side = &follower->sides[side_index];
    int err = UM_OK;
    while (!err && side->waiting.first && (int32_t)(ack - side->next_seq) > 0)
        err = umws_follower_stop_waiting(follower, side_index);
    return err;
}

int
umws_follower_note_ack(struct umws_follower *follower, int side_index, uint32_t ack)
{
    int other = 1 - side_index;
    struct umws_follower_side *side = &follower->sides[other];
    int err = lose_acked(follower, other, ack);
    if (!err && side->open && is_acked_away(side, ack))
        err = umws_ending_give_up_place(follower, other);
    if (err || side->open || !side->is_placed || !side->is_seen)
        return err;
    int32_t ahead = (int32_t)(ack - side->next_seq);
    if (ahead <= 1)
        return UM_OK;
    umws_ending_lose_place(follower, other);
    side->next_seq = ack;
    return UM_OK;
}

static void
note_fin(struct umws_follower_side *side, const struct umws_segment *segment)
{
    side->fin_seq = segment->seq + (uint32_t)segment->bytes.len + segment->cut;
    side->has_fin = true;
}

/* The open message is over with the last byte before the FIN, whichever of the two comes last. */
static int
end_at_fin(struct umws_follower *follower, struct umws_follower_side *side)
{
    const struct umws_followed *message = side->open;
    if (!message || !side->has_fin)
        return UM_OK;
    uint64_t whole = umws_pieces_whole(&message->pieces);
    int32_t end = (int32_t)(side->fin_seq - message->seq);
    if (end < 0 || (uint64_t)end > whole)
        return UM_OK; /* bytes may come yet */
    if (!message->has_head || message->framing != UM_HTTP_FRAMING_CLOSE)
        return umws_ending_give_up(follower, side);
    umws_ending_whole(follower, side);
    return UM_OK;
}

/* Are bytes missing between the last message and the FIN? */
static bool
lacks_end(const struct umws_follower_side *side)
{
    return side->has_fin && side->is_placed && (int32_t)(side->fin_seq - side->next_seq) > 0;
}

int
umws_follower_end(struct umws_follower *follower)
{
    int err = UM_OK;
    for (int side = 0; side < 2 && !err; side++) {
        while (!err && follower->sides[side].waiting.first)
            err = umws_follower_stop_waiting(follower, side);
        if (!err && follower->sides[side].open)
            err = umws_ending_give_up(follower, &follower->sides[side]);
        if (lacks_end(&follower->sides[side]))
            umws_ending_lose_place(follower, side);
    }
    return err;
}

void
umws_follower_forget_whole(struct umws_follower *follower)
{
    while (follower->whole) {
        struct umws_followed *message = follower->whole;
        follower->whole = message->next;
        umws_followed_free(message);
    }
    follower->last_whole = NULL;
}

/* A side of which no bytes were seen yet goes on where the other one has acknowledged it. */
static void
place(struct umws_follower_side *side, uint32_t ack)
{
    if (side->is_placed)
        return;
    side->is_placed = true;
    side->next_seq = ack;
}

int
umws_follower_see(struct umws_follower *follower, int side, const struct umws_segment *segment)
{
    umws_follower_forget_whole(follower);
    umws_pairs_prune(&follower->pairing);
    if (follower->is_over)
        return UM_OK;
    /* what a reset carries is no part of the stream, and it may be another's that nobody heeds */
    bool has_bytes = (segment->bytes.len > 0 || segment->cut > 0) && !segment->has_reset;
    int err = UM_OK;
    follower->sides[side].is_seen = true;
    if (segment->has_reset || has_bytes)
        follower->is_reset = segment->has_reset;
    if (segment->has_ack)
        place(&follower->sides[1 - side], segment->ack);
    if (segment->has_ack && (has_bytes || segment->has_fin))
        err = umws_follower_note_ack(follower, side, segment->ack);
    if (!err && has_bytes)
        err = take_bytes(follower, side, segment);
    if (segment->has_fin)
        note_fin(&follower->sides[side], segment);
    return err ? err : end_at_fin(follower, &follower->sides[side]);
}

struct umws_followed *
umws_follower_take(struct umws_follower *follower)
{
    struct umws_followed *message = follower->ended;
    if (!message)
        return NULL;
    follower->ended = message->next;
    if (!follower->ended)
        follower->last_ended = NULL;
    message->next = NULL;
    return message;
}

void
umws_follower_done(struct umws_follower *follower)
{
    for (int i = 0; i < 2; i++) {
        struct umws_follower_side *side = &follower->sides[i];
        umws_followed_free(side->open);
        while (side->waiting.first)
            umws_rest_drop_first(&side->waiting);
    }
    struct umws_followed *message;
    while ((message = umws_follower_take(follower)))
        umws_followed_free(message);
    umws_follower_forget_whole(follower);
    umws_pairs_done(&follower->pairing);
    *follower = (struct umws_follower){0};
}
