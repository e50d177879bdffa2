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

/* The header block of a HEADERS frame, as far as it stands in `tvb`. */
static struct um_span
header_block(tvbuff_t *tvb, unsigned at, uint32_t length)
{
    enum { FRAME_HEAD = 9, PADDED = 0x8, PRIORITY = 0x20, PRIORITY_BYTES = 5 };
    unsigned flags = um_tvb_get_uint8(tvb, (gint)at + 4);
    unsigned before =
        (flags & PADDED ? 1U : 0U) + (flags & PRIORITY ? (unsigned)PRIORITY_BYTES : 0U);
    unsigned left = tvb_captured_length(tvb) - at - FRAME_HEAD;
    if (length > left || before > length)
        return um_span_of(NULL, 0);
    const uint8_t *block = tvb_get_ptr(tvb, (gint)(at + FRAME_HEAD), (gint)length);
    return um_span_of(block + before, length - before);
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

void
umws_connection_see_http2(tvbuff_t *tvb, packet_info *pinfo)
{
    enum { FRAME_HEAD = 9, PREFACE = 24, HEADERS = 1, STREAM_MASK = 0x7fffffff };
    struct umws_ports faked;
    umws_segment_own_ports(pinfo, &faked);
    struct umws_connection *connection = umws_connection_of(find_or_create_conversation(pinfo));
    unsigned left = tvb_captured_length(tvb);
    unsigned at = 0;
    if (left >= PREFACE && tvb_memeql(tvb, 0, (const guint8 *)"PRI * HTTP/2.0", 14) == 0)
        at = PREFACE;
    while (left >= FRAME_HEAD && at <= left - FRAME_HEAD) {
        uint32_t length = tvb_get_ntoh24(tvb, (gint)at);
        if (um_tvb_get_uint8(tvb, (gint)at + 3) == HEADERS)
            note_stream(pinfo, connection, tvb_get_ntohl(tvb, (gint)at + 5) & STREAM_MASK,
                        header_block(tvb, at, length));
        at += FRAME_HEAD + length;
    }
    umws_segment_put_back_ports(pinfo, &faked);
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
