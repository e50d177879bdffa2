/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/parts.h"

#include "plugin/body.h"
#include "plugin/segment.h"

static GPtrArray *followed; /* struct umws_connection *, those with a follower */
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
    by_frame = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
}

void
umws_parts_cleanup(void)
{
    if (followed)
        g_ptr_array_free(followed, TRUE);
    followed = NULL;
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
    struct umws_head head;
    enum um_step step = umws_head_read(segment->bytes, &head);
    bool is_request = um_span_starts(segment->bytes, um_span_text("POST "));
    if (step != UM_DONE)
        return step == UM_MORE && is_request;
    if (!umws_head_may_be_soap(&head))
        return false;
    bool is_whole =
        head.framing == UMWS_FRAMING_LENGTH && head.length <= segment->bytes.len - head.len;
    return !is_whole;
}

static int
side_of(const packet_info *pinfo)
{
    return umws_carrier_is_from_greater(pinfo) ? 1 : 0;
}

static void
follow(packet_info *pinfo, struct umws_connection *connection)
{
    struct umws_end_point *ends = connection->ends;
    int side = side_of(pinfo);
    connection->follower = g_new0(struct umws_follower, 1);
    copy_address_wmem(wmem_file_scope(), &ends[side].address, &pinfo->src);
    copy_address_wmem(wmem_file_scope(), &ends[1 - side].address, &pinfo->dst);
    ends[side].port = pinfo->srcport;
    ends[1 - side].port = pinfo->destport;
    g_ptr_array_add(followed, connection);
}

void
umws_parts_note_message(packet_info *pinfo, struct umws_connection *connection, bool is_cut)
{
    if (is_cut)
        connection->cut_in[side_of(pinfo)] = pinfo->num;
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
body_of(const struct umws_unfinished *message, const struct umws_head *head)
{
    struct um_span sent = umws_pieces_prefix(&message->pieces);
    if (message->end < sent.len)
        sent = um_span_first(sent, (size_t)message->end);
    return message->has_head ? um_span_from(sent, head->len) : um_span_of(NULL, 0);
}

static void
file(struct umws_connection *connection, const struct umws_unfinished *message)
{
    static const struct um_message nothing = {.kind = UM_MESSAGE_NONE};
    struct umws_head head;
    if (umws_head_read(umws_pieces_prefix(&message->pieces), &head) == UM_BAD ||
        (!head.is_reply && head.method.len == 0))
        return;
    head.framing = message->has_head ? message->framing : UMWS_FRAMING_NONE;
    struct umws_part part = {
        .from = connection->ends[message->side],
        .to = connection->ends[1 - message->side],
        .first = message->first,
        .last = message->last,
        .head = &head,
        .content = &nothing,
        .reply_seq = connection->followed_side == message->side ? connection->followed_ack
                                                                : connection->followed_seq,
    };
    struct um_buf decoded = {0};
    if (umws_head_may_be_soap(&head)) {
        check(umws_body_decode(&head, body_of(message, &head), &decoded));
        part.body = um_buf_span(&decoded);
        part.content = umws_body_read(
            &reader, part.body, umws_head_parameter(head.content_type, um_span_text("charset")));
        part.is_undecided = reader.is_undecided;
    }
    struct umws_message *filed = umws_match_add_part(connection, &part);
    if (filed)
        show_in_last_frame(filed);
    um_buf_done(&decoded);
}

/* Was this frame's end handed over cut, by HTTP itself? */
static bool
is_handed_over(const struct umws_connection *connection, const struct umws_unfinished *message)
{
    return message->cut_in != 0 && message->cut_in == connection->cut_in[message->side];
}

/* Files what was given up but for what the frame `kept_of` cut; UINT64_MAX: all. */
static void
file_ended(struct umws_connection *connection, uint64_t kept_of)
{
    struct umws_follower *follower = connection->follower;
    while (follower->ended && follower->ended->cut_in != kept_of) {
        struct umws_unfinished *message = umws_follower_take(follower);
        if (!is_handed_over(connection, message))
            file(connection, message);
        umws_unfinished_free(message);
    }
}

static void
follow_frame(packet_info *pinfo, struct umws_connection *connection)
{
    struct umws_segment segment;
    is_settled = false;
    connection->followed_in = pinfo->num;
    connection->is_opaque = umws_carrier_has_tls(pinfo) || umws_carrier_has_http2(pinfo);
    if (connection->is_opaque || !umws_segment_of(pinfo, &segment))
        return;
    connection->followed_side = side_of(pinfo);
    connection->followed_seq = segment.seq;
    connection->followed_ack = segment.ack;
    check(umws_follower_see(connection->follower, connection->followed_side, &segment));
}

void
umws_parts_see(packet_info *pinfo, struct umws_connection *connection, bool is_frame_over)
{
    if (connection->is_opaque)
        return;
    if (!connection->follower)
        follow(pinfo, connection);
    if (connection->followed_in != pinfo->num)
        follow_frame(pinfo, connection);
    file_ended(connection, is_frame_over ? UINT64_MAX : pinfo->num);
}

void
umws_parts_settle(void)
{
    for (guint i = 0; !is_settled && i < followed->len; i++) {
        struct umws_connection *connection = g_ptr_array_index(followed, i);
        umws_follower_end(connection->follower);
        file_ended(connection, UINT64_MAX);
    }
    is_settled = true;
}
