/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/parts.h"

#include "core/http/reply.h"
#include "plugin/body.h"
#include "plugin/segment.h"

/* A reset that nothing contradicts for so long is believed. */
static const int64_t RESET_NS = 1000000000;

static GPtrArray *followed; /* struct umws_connection *, those with a follower */
static GPtrArray *reset;    /* those of them that were reset a moment ago */
static struct umws_body_reader reader;
static bool is_settled;
static wmem_map_t *by_frame; /* of the last packet -> struct umws_message */

static void
check(int err)
{
    if (err)
        um_out_of_memory(); /* the only error there is */
}

/* ---- the file ---- */

static void
stop_following(void *connection_of_array)
{
    struct umws_connection *connection = connection_of_array;
    umws_follower_done(connection->follower);
    g_free(connection->follower);
    connection->follower = NULL;
}

void
umws_parts_init(void)
{
    followed = g_ptr_array_new_with_free_func(stop_following);
    reset = g_ptr_array_new();
    by_frame = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
}

void
umws_parts_cleanup(void)
{
    if (followed)
        g_ptr_array_free(followed, TRUE);
    if (reset)
        g_ptr_array_free(reset, TRUE);
    followed = reset = NULL;
}

void
umws_parts_shut_down(void)
{
    umws_body_reader_done(&reader);
}

struct umws_message *
umws_parts_in(uint32_t frame)
{
    return wmem_map_lookup(by_frame, GUINT_TO_POINTER(frame));
}

/* ---- which connections ---- */

bool
umws_parts_may_begin(const struct umws_segment *segment)
{
    struct um_http_message head;
    enum um_step step = umws_head_read(segment->bytes, &head);
    bool is_request = um_span_starts(segment->bytes, um_span_text("POST "));
    if (um_span_starts(segment->bytes, um_span_text("CONNECT ")))
        return true; /* what stands in a tunnel Wireshark reads of one side only */
    bool is_reply = um_span_starts(segment->bytes, um_span_text("HTTP/1."));
    if (step != UM_DONE)
        return step == UM_MORE && (is_request || is_reply); /* the rest of the head may tell */
    if (um_http_reply_is_interim(head.status))
        return true; /* the rest of its request may come without the head */
    if (is_request && head.content_length == 0 && head.framing <= UM_HTTP_FRAMING_LENGTH)
        return true; /* it may be a leg of an authentication */
    bool is_whole = head.framing == UM_HTTP_FRAMING_LENGTH &&
                    head.content_length <= segment->bytes.len - head.head.len;
    return um_http_message_may_be_soap(&head) && !is_whole;
}

static int
side_of(const packet_info *pinfo)
{
    return umws_carrier_is_from_greater(pinfo) ? 1 : 0;
}

/* What stands before a segment that is not the first of its side was passed over, or is missing;
 * then it is waited for. */
static void
place(struct umws_connection *connection, struct umws_follower_side *side,
      const struct umws_segment *segment)
{
    uint32_t start;
    side->has_begun = !umws_carrier_is_first(connection->conversation, segment->seq);
    if (!umws_carrier_lacks_start(connection->conversation, segment->seq, &start))
        return;
    side->is_placed = true;
    side->next_seq = start;
}

/* What the other side is said to have sent, and the capture has not, is missing. */
static void
place_other(struct umws_connection *connection, struct umws_follower_side *other)
{
    uint32_t start;
    if (!umws_carrier_is_other_silent(connection->conversation, &start))
        return;
    other->is_placed = true;
    other->next_seq = start;
}

static void
follow(packet_info *pinfo, struct umws_connection *connection, const struct umws_segment *segment)
{
    struct umws_end_point *ends = connection->ends;
    int side = side_of(pinfo);
    connection->follower = g_new0(struct umws_follower, 1);
    copy_address_wmem(wmem_file_scope(), &ends[side].address, &pinfo->src);
    copy_address_wmem(wmem_file_scope(), &ends[1 - side].address, &pinfo->dst);
    ends[side].port = pinfo->srcport;
    ends[1 - side].port = pinfo->destport;
    place(connection, &connection->follower->sides[side], segment);
    place_other(connection, &connection->follower->sides[1 - side]);
    g_ptr_array_add(followed, connection);
}

/* ---- filing ---- */

static void
show_in_last_frame(struct umws_message *message)
{
    void *key = GUINT_TO_POINTER(message->frame);
    struct umws_message *last = wmem_map_lookup(by_frame, key);
    while (last && last->next_part)
        last = last->next_part;
    if (last)
        last->next_part = message;
    else
        wmem_map_insert(by_frame, key, message);
}

static struct um_span
body_of(const struct umws_followed *message, const struct um_http_message *head)
{
    struct um_span sent = umws_followed_bytes(message);
    return message->has_head ? um_span_from(sent, head->head.len) : um_span_of(NULL, 0);
}

static void
file(struct umws_connection *connection, const struct umws_followed *message)
{
    static const struct um_message nothing = {.kind = UM_MESSAGE_NONE};
    struct um_http_message head;
    if (!message->pair || umws_head_read(umws_followed_bytes(message), &head) == UM_BAD)
        return;
    head.framing = message->has_head ? message->framing : UM_HTTP_FRAMING_NONE;
    struct umws_part part = {
        .from = connection->ends[message->side],
        .to = connection->ends[1 - message->side],
        .followed = message,
        .head = &head,
        .content = &nothing,
    };
    struct umws_body body = {0};
    if (um_http_message_may_be_soap(&head)) {
        check(umws_body_decode(&head, body_of(message, &head), &body));
        part.body = body.envelope;
        part.content = umws_body_read(&reader, body.envelope, body.charset);
    }
    struct umws_message *filed = umws_match_add_part(connection, &part);
    if (filed)
        show_in_last_frame(filed);
    umws_body_done(&body);
}

/* Files what was given up, but not what the frame `kept_of` cut; UINT64_MAX: all. */
static void
file_ended(struct umws_connection *connection, uint64_t kept_of)
{
    struct umws_follower *follower = connection->follower;
    while (follower->ended && follower->ended->cut_in != kept_of) {
        struct umws_followed *message = umws_follower_take(follower);
        if (!message->is_handed_over)
            file(connection, message);
        umws_followed_free(message);
    }
}

/* A request that tells nothing and was asked to authenticate: a leg of some other one, perhaps. */
static bool
is_refused_leg(const struct umws_followed *message)
{
    const struct umws_pair *pair = message->pair;
    return message->is_reply && (message->status == 401 || message->status == 407) && pair &&
           !pair->exchange && pair->is_post && (pair->is_request_bodiless || pair->is_request_torn);
}

static bool
is_candidate(const struct umws_followed *message, int side, uint32_t frame)
{
    return message->may_be_soap && message->side == side &&
           (frame == 0 || message->last.frame == frame);
}

/*
 * Of what became whole: replies without a message, and what Wireshark failed to put together. It
 * has looked at the first `handed_over` that `side` ended in `frame`.
 */
static void
file_whole(struct umws_connection *connection, int side, uint32_t frame, unsigned handed_over)
{
    for (const struct umws_followed *message = connection->follower->whole; message;
         message = message->next) {
        bool is_looked_at = handed_over > 0 && is_candidate(message, side, frame);
        bool is_missed = message->may_be_soap && !is_looked_at;
        bool is_answer = message->is_reply && message->pair && message->pair->exchange;
        handed_over -= is_looked_at;
        if (is_refused_leg(message))
            umws_match_add_leg(connection, message);
        else if (!message->is_handed_over && (is_missed || is_answer))
            file(connection, message);
    }
}

/* ---- ends ---- */

/* No more will come of the connection: what is open will not become whole. */
static void
end_connection(struct umws_connection *connection)
{
    check(umws_follower_end(connection->follower));
    file_ended(connection, UINT64_MAX);
    file_whole(connection, 0, 0, 0);
    umws_follower_forget_whole(connection->follower);
}

static void
note_reset(struct umws_connection *connection, struct um_mark mark)
{
    connection->reset_ns = mark.time_ns;
    if (!g_ptr_array_find(reset, connection, NULL))
        g_ptr_array_add(reset, connection);
}

/* So that a call's next messages know of what a reset has cut. */
static void
end_those_reset(struct um_mark now)
{
    for (guint i = reset->len; i-- > 0;) {
        struct umws_connection *connection = g_ptr_array_index(reset, i);
        if (um_mark_elapsed_ns(connection->reset_ns, now.time_ns) < RESET_NS)
            continue;
        g_ptr_array_remove_index_fast(reset, i);
        if (!connection->is_opaque && connection->follower->is_reset)
            end_connection(connection);
    }
}

/* ---- frames ---- */

static void
follow_segment(packet_info *pinfo, struct umws_connection *connection,
               const struct umws_segment *segment)
{
    struct umws_follower_side *other = &connection->follower->sides[1 - side_of(pinfo)];
    other->is_seen |= umws_carrier_has_other_side(connection->conversation); /* bare, perhaps */
    check(umws_follower_see(connection->follower, side_of(pinfo), segment));
    if (segment->has_reset)
        note_reset(connection, segment->mark);
}

/* False when the connection cannot be followed. */
static bool
follow_frame(packet_info *pinfo, struct umws_connection *connection)
{
    if (connection->is_opaque || connection->followed_in == pinfo->num)
        return !connection->is_opaque;
    end_those_reset(umws_carrier_mark(pinfo));
    struct umws_segment segment;
    bool has_segment = umws_segment_of(pinfo, &segment);
    if (!connection->follower)
        follow(pinfo, connection, &segment);
    is_settled = false;
    connection->followed_in = pinfo->num;
    connection->is_opaque = umws_carrier_has_tls(pinfo) || umws_carrier_has_http2(pinfo);
    if (!connection->is_opaque && has_segment)
        follow_segment(pinfo, connection, &segment);
    return !connection->is_opaque;
}

/* That at `place` among the whole ones that end in `frame`; 0: in any. */
static struct umws_followed *
whole_at(const struct umws_follower *follower, int side, uint32_t frame, unsigned place)
{
    struct umws_followed *message = follower->whole;
    while (message && (!is_candidate(message, side, frame) || place-- > 0))
        message = message->next;
    return message;
}

/*
 * The message that the body at `place` belongs to, among those that this frame made whole: of
 * those, Wireshark may have handed over what stands behind a hole before, in its own frame.
 */
static struct umws_followed *
find_whole(const struct umws_follower *follower, int side, uint32_t frame, unsigned place)
{
    struct umws_followed *message = whole_at(follower, side, frame, place);
    return message ? message : whole_at(follower, side, 0, place);
}

/* One that Wireshark takes for whole before it is, or that this frame has cut. */
static struct umws_followed *
find_open(const struct umws_follower *follower, int side)
{
    struct umws_followed *open = follower->sides[side].open;
    if (follower->ended)
        return follower->ended;
    return open && open->has_head && !open->is_handed_over ? open : NULL;
}

struct umws_followed *
umws_parts_claim(packet_info *pinfo, struct umws_connection *connection, unsigned place)
{
    int side = side_of(pinfo);
    if (!follow_frame(pinfo, connection))
        return NULL;
    struct umws_follower *follower = connection->follower;
    struct umws_followed *message = find_whole(follower, side, pinfo->num, place);
    while (!message && follower->sides[side].waiting.first) { /* Wireshark did not wait */
        check(umws_follower_stop_waiting(follower, side));
        message = find_whole(follower, side, pinfo->num, place);
    }
    file_ended(connection, pinfo->num);
    if (!message)
        message = find_open(connection->follower, side);
    if (message)
        message->is_handed_over = true;
    return message;
}

void
umws_parts_see(packet_info *pinfo, struct umws_connection *connection, unsigned handed_over)
{
    if (!follow_frame(pinfo, connection))
        return;
    file_ended(connection, UINT64_MAX);
    file_whole(connection, side_of(pinfo), pinfo->num, handed_over);
}

/* Packets that only acknowledge are passed over; at the end the last of them may tell of bytes that
 * were never captured. */
static void
note_last_acks(struct umws_connection *connection)
{
    uint32_t ack;
    for (int side = 0; side < 2; side++) {
        if (umws_carrier_last_ack(connection->conversation, side == 1, &ack))
            check(umws_follower_note_ack(connection->follower, side, ack));
    }
}

void
umws_parts_settle(void)
{
    for (guint i = 0; !is_settled && i < followed->len; i++) {
        struct umws_connection *connection = g_ptr_array_index(followed, i);
        if (connection->is_opaque)
            continue;
        umws_follower_forget_whole(connection->follower);
        note_last_acks(connection);
        end_connection(connection);
    }
    is_settled = true;
}
