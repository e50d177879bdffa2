/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/connection.h"

#include "plugin/hpack.h"
#include "plugin/segment.h"

static int proto_umws = -1;

void
umws_connection_handoff(int protocol)
{
    proto_umws = protocol;
}

struct umws_connection *
umws_connection_find(conversation_t *conversation)
{
    return conversation ? conversation_get_proto_data(conversation, proto_umws) : NULL;
}

struct umws_connection *
umws_connection_of(conversation_t *conversation)
{
    struct umws_connection *connection = umws_connection_find(conversation);
    if (!connection) {
        connection = wmem_new0(wmem_file_scope(), struct umws_connection);
        connection->conversation = conversation;
        conversation_add_proto_data(conversation, proto_umws, connection);
    }
    return connection;
}

/* ---- requests that wait ---- */

void
umws_connection_wait(struct umws_connection *connection, struct umws_exchange *exchange)
{
    exchange->older = connection->newest;
    if (connection->newest)
        connection->newest->newer = exchange;
    else
        connection->oldest = exchange;
    connection->newest = exchange;
    exchange->is_waiting = true;
}

void
umws_connection_take_off(struct umws_connection *connection, struct umws_exchange *exchange)
{
    if (!exchange->is_waiting)
        return;
    if (exchange->older)
        exchange->older->newer = exchange->newer;
    else
        connection->oldest = exchange->newer;
    if (exchange->newer)
        exchange->newer->older = exchange->older;
    else
        connection->newest = exchange->older;
    exchange->older = exchange->newer = NULL;
    exchange->is_waiting = false;
}

void
umws_connection_leave_http1(struct umws_connection *connection)
{
    if (!connection->follower)
        return;
    const struct um_pairing_pair *waiting = um_pairing_waiting(&connection->follower->pairing);
    const struct umws_pair *pair = waiting ? waiting->owner : NULL;
    struct umws_exchange *exchange = pair ? pair->exchange : NULL;
    if (exchange && !exchange->is_waiting && !exchange->is_answered)
        umws_connection_wait(connection, exchange);
}

struct umws_exchange *
umws_connection_waiting(const struct umws_connection *connection,
                        const struct umws_carrier *carrier, const struct um_message *reply)
{
    for (struct umws_exchange *exchange = connection->oldest; exchange;
         exchange = exchange->newer) {
        bool is_carried = exchange->is_http2 == carrier->is_http2 &&
                          (!carrier->is_http2 || exchange->stream == carrier->stream);
        /* the reply to a request that was upgraded comes on stream 1 */
        bool is_upgraded = !exchange->is_http2 && carrier->is_http2 && carrier->stream == 1;
        bool is_fitting = reply->kind != UM_MESSAGE_REPLY ||
                          exchange->operation == UM_OPERATION_NONE ||
                          reply->operation == exchange->operation;
        if ((is_carried || is_upgraded) && is_fitting)
            return exchange;
    }
    return NULL;
}

bool
umws_connection_is_closed(const struct umws_connection *connection,
                          const struct umws_end_point *server)
{
    if (!connection->follower || connection->is_opaque)
        return connection->replies.is_closed;
    const struct umws_end_point *first = &connection->ends[0];
    bool is_first =
        first->port == server->port && addresses_equal(&first->address, &server->address);
    return connection->follower->sides[is_first ? 0 : 1].has_fin;
}

/* ---- HTTP/2's streams ---- */

static void *
stream_key(uint32_t stream, bool is_from_greater)
{
    return GUINT_TO_POINTER(stream * 2 + (is_from_greater ? 1 : 0));
}

/* How one side began a stream. */
struct stream_start {
    struct um_mark mark;
    bool is_get;
};

static const struct stream_start *
start_of(const struct umws_connection *connection, uint32_t stream, bool is_from_greater)
{
    return connection->stream_starts
               ? wmem_map_lookup(connection->stream_starts, stream_key(stream, is_from_greater))
               : NULL;
}

enum { FRAME_HEAD = 9, PREFACE = 24, HEADERS = 1 };

/* What begins an HTTP/2 frame. RFC 9113 section 4.1. */
struct frame_head {
    uint32_t length; /* of what follows */
    uint32_t stream;
    uint8_t type, flags;
};

static struct frame_head
read_frame_head(struct um_span bytes)
{
    const uint8_t *at = bytes.data;
    return (struct frame_head){
        .length = (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2],
        .type = at[3],
        .flags = at[4],
        .stream =
            ((uint32_t)at[5] & 0x7f) << 24 | (uint32_t)at[6] << 16 | (uint32_t)at[7] << 8 | at[8],
    };
}

/* The header block of a HEADERS frame whose head is read, as far as it stands in `rest`. */
static struct um_span
header_block(struct um_span rest, const struct frame_head *head)
{
    enum { PADDED = 0x8, PRIORITY = 0x20, PRIORITY_BYTES = 5 };
    size_t before =
        (head->flags & PADDED ? 1U : 0U) + (head->flags & PRIORITY ? (size_t)PRIORITY_BYTES : 0U);
    if (head->length > rest.len || before > head->length)
        return um_span_of(NULL, 0);
    return um_span_from(um_span_first(rest, head->length), before);
}

static void
note_stream(packet_info *pinfo, struct umws_connection *connection, uint32_t stream,
            struct um_span block)
{
    bool is_from_greater = umws_carrier_is_from_greater(pinfo);
    if (!connection->stream_starts)
        connection->stream_starts = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    if (start_of(connection, stream, is_from_greater))
        return;
    struct stream_start *start = wmem_new(wmem_file_scope(), struct stream_start);
    start->mark = umws_carrier_mark(pinfo);
    start->is_get = umws_hpack_is_get(block);
    wmem_map_insert(connection->stream_starts, stream_key(stream, is_from_greater), start);
}

/* Offset behind the preface of a client, or behind the head that agreed to HTTP/2. */
static size_t
skip_to_frames(struct um_span bytes)
{
    static const char end_of_head[] = "\r\n\r\n";
    if (um_span_starts(bytes, um_span_text("PRI * HTTP/2.0")))
        return PREFACE;
    if (!um_span_starts(bytes, um_span_text("HTTP/1.")))
        return 0;
    const uint8_t *end = memmem(bytes.data, bytes.len, end_of_head, sizeof end_of_head - 1);
    return end ? (size_t)(end - bytes.data) + sizeof end_of_head - 1 : 0;
}

/* Notes where streams begin, in frames from the beginning of `bytes` on. Offset of the next frame,
 * which may lie behind them; where its head is cut, of that. */
static size_t
see_frames(packet_info *pinfo, struct umws_connection *connection, struct um_span bytes)
{
    size_t at = skip_to_frames(bytes);
    while (at < bytes.len && bytes.len - at >= FRAME_HEAD) {
        struct frame_head head = read_frame_head(um_span_from(bytes, at));
        at += FRAME_HEAD;
        if (head.type == HEADERS)
            note_stream(pinfo, connection, head.stream,
                        header_block(um_span_from(bytes, at), &head));
        at += head.length;
    }
    return at;
}

void
umws_connection_see_http2(tvbuff_t *tvb, packet_info *pinfo)
{
    struct umws_ports faked;
    umws_segment_own_ports(pinfo, &faked);
    unsigned length = tvb_captured_length(tvb);
    if (length > 0)
        see_frames(pinfo, umws_connection_of(find_or_create_conversation(pinfo)),
                   um_span_of(tvb_get_ptr(tvb, 0, (gint)length), length));
    umws_segment_put_back_ports(pinfo, &faked);
}

/* Of a side whose bytes are seen in order, and whose frames' heads are not cut in two; of another
 * nothing is noted any more. */
void
umws_connection_see_upgraded(struct umws_connection *connection, packet_info *pinfo,
                             const struct umws_segment *segment)
{
    if (!connection->follower)
        return;
    struct umws_follower_side *side =
        &connection->follower->sides[umws_carrier_is_from_greater(pinfo) ? 1 : 0];
    uint32_t at = side->next_seq - segment->seq;
    if (!side->is_placed || at >= segment->bytes.len)
        return;
    side->next_seq += (uint32_t)see_frames(pinfo, connection, um_span_from(segment->bytes, at));
}

bool
umws_connection_is_fetched(const struct umws_connection *connection, packet_info *pinfo,
                           uint32_t stream)
{
    const struct stream_start *start =
        start_of(connection, stream, !umws_carrier_is_from_greater(pinfo));
    return start && start->is_get;
}

struct um_mark
umws_connection_stream_start(const struct umws_connection *connection, packet_info *pinfo,
                             uint32_t stream, struct um_mark now)
{
    const struct stream_start *start =
        start_of(connection, stream, umws_carrier_is_from_greater(pinfo));
    return start ? start->mark : now;
}
