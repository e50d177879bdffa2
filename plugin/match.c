/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/match.h"

#include <stdlib.h>

#include "core/base/err.h"
#include "plugin/calls.h"
#include "plugin/carrier.h"
#include "plugin/replies.h"

enum {
    PLACE_KEY = 0, /* of the count of bodies, in the packet's own data; messages have place + 1 */
    CUT_BODY_KEY = UINT16_MAX, /* of the place of a body that was cut */
};

/* What a connection waits for. File scope. */
struct connection {
    struct umws_exchange *oldest, *newest; /* unanswered */
    struct umws_replies replies;
    wmem_map_t *stream_starts; /* HTTP/2: stream and direction -> struct um_mark; NULL: none yet */
};

static int proto_umws = -1;
static wmem_array_t *exchanges; /* struct umws_exchange * by tag */
static GPtrArray *contents;     /* struct um_message *, on the heap */
static bool has_cut_bodies;
static size_t waiting; /* unanswered requests of all connections */

void
umws_match_handoff(int umws_protocol)
{
    proto_umws = umws_protocol;
    umws_carrier_handoff();
    umws_carrier_watch_http2(umws_match_http2_seen);
}

void
umws_match_init(void)
{
    exchanges = wmem_array_new(wmem_file_scope(), sizeof(struct umws_exchange *));
    contents = g_ptr_array_new_with_free_func(free);
    waiting = 0;
    has_cut_bodies = false;
}

void
umws_match_cleanup(void)
{
    if (contents)
        g_ptr_array_free(contents, TRUE);
    contents = NULL;
    exchanges = NULL;
}

size_t
umws_match_count(void)
{
    return exchanges ? wmem_array_get_count(exchanges) : 0;
}

struct umws_exchange *
umws_match_at(size_t tag)
{
    return *(struct umws_exchange **)wmem_array_index(exchanges, (guint)tag);
}

/* ---- bodies of a frame ---- */

unsigned
umws_match_place(packet_info *pinfo)
{
    unsigned *count = p_get_proto_data(pinfo->pool, pinfo, proto_umws, PLACE_KEY);
    if (!count) {
        count = wmem_new0(pinfo->pool, unsigned);
        p_add_proto_data(pinfo->pool, pinfo, proto_umws, PLACE_KEY, count);
    }
    return (*count)++;
}

struct umws_message *
umws_match_find(packet_info *pinfo, unsigned place)
{
    return p_get_proto_data(wmem_file_scope(), pinfo, proto_umws, place + 1);
}

/* ---- connections ---- */

static struct connection *
connection_of(conversation_t *conversation)
{
    struct connection *connection = conversation_get_proto_data(conversation, proto_umws);
    if (!connection) {
        connection = wmem_new0(wmem_file_scope(), struct connection);
        conversation_add_proto_data(conversation, proto_umws, connection);
    }
    return connection;
}

static void
wait_for_reply(struct connection *connection, struct umws_exchange *exchange)
{
    exchange->older = connection->newest;
    if (connection->newest)
        connection->newest->newer = exchange;
    else
        connection->oldest = exchange;
    connection->newest = exchange;
    waiting++;
}

static void
take_off(struct connection *connection, struct umws_exchange *exchange)
{
    if (exchange->older)
        exchange->older->newer = exchange->newer;
    else
        connection->oldest = exchange->newer;
    if (exchange->newer)
        exchange->newer->older = exchange->older;
    else
        connection->newest = exchange->older;
    exchange->older = exchange->newer = NULL;
    waiting--;
}

static bool
is_sent_by(const packet_info *pinfo, const struct umws_end_point *end)
{
    return pinfo->srcport == end->port && addresses_equal(&pinfo->src, &end->address);
}

/* The oldest request that this reply can answer. */
static struct umws_exchange *
find_waiting(const struct connection *connection, const struct umws_carrier *carrier,
             const struct um_message *reply)
{
    for (struct umws_exchange *exchange = connection->oldest; exchange;
         exchange = exchange->newer) {
        bool is_carried = exchange->is_http2 == carrier->is_http2 &&
                          (!carrier->is_http2 || exchange->stream == carrier->stream);
        /* the reply to a request that was upgraded comes on stream 1 */
        bool is_upgraded = !exchange->is_http2 && carrier->is_http2 && carrier->stream == 1;
        bool is_fitting =
            reply->kind != UM_MESSAGE_REPLY || reply->operation == exchange->operation;
        if ((is_carried || is_upgraded) && is_fitting)
            return exchange;
    }
    return NULL;
}

/* ---- where messages began ---- */

static void *
stream_key(uint32_t stream, bool is_from_greater)
{
    return GUINT_TO_POINTER(stream * 2 + (is_from_greater ? 1 : 0));
}

static void
note_stream(packet_info *pinfo, struct connection *connection, uint32_t stream)
{
    void *key = stream_key(stream, umws_carrier_is_from_greater(pinfo));
    if (!connection->stream_starts)
        connection->stream_starts = wmem_map_new(wmem_file_scope(), g_direct_hash, g_direct_equal);
    if (wmem_map_lookup(connection->stream_starts, key))
        return;
    struct um_mark *mark = wmem_new(wmem_file_scope(), struct um_mark);
    *mark = umws_carrier_mark(pinfo);
    wmem_map_insert(connection->stream_starts, key, mark);
}

void
umws_match_http2_seen(tvbuff_t *tvb, packet_info *pinfo)
{
    enum { FRAME_HEAD = 9, PREFACE = 24, HEADERS = 1, STREAM_MASK = 0x7fffffff };
    struct connection *connection = connection_of(find_or_create_conversation(pinfo));
    unsigned left = tvb_captured_length(tvb);
    unsigned at = 0;
    if (left >= PREFACE && tvb_memeql(tvb, 0, (const guint8 *)"PRI * HTTP/2.0", 14) == 0)
        at = PREFACE;
    while (left >= FRAME_HEAD && at <= left - FRAME_HEAD) {
        uint32_t length = tvb_get_ntoh24(tvb, (gint)at);
        if (um_tvb_get_uint8(tvb, (gint)at + 3) == HEADERS)
            note_stream(pinfo, connection, tvb_get_ntohl(tvb, (gint)at + 5) & STREAM_MASK);
        at += FRAME_HEAD + length;
    }
}

/* TCP remembers the number of a PDU's first frame; its time matters only of a reply in a pair. */
static struct um_mark
first_by_number(packet_info *pinfo, conversation_t *conversation)
{
    struct um_mark first = umws_carrier_mark(pinfo);
    first.frame = umws_carrier_first_frame(pinfo, conversation);
    return first;
}

static void
mark_message(packet_info *pinfo, const struct connection *connection,
             const struct umws_carrier *carrier, struct umws_message *message)
{
    conversation_t *conversation = carrier->conversation;
    message->first = message->last = umws_carrier_mark(pinfo);
    if (carrier->is_http2) {
        void *key = stream_key(carrier->stream, umws_carrier_is_from_greater(pinfo));
        const struct um_mark *start =
            connection->stream_starts ? wmem_map_lookup(connection->stream_starts, key) : NULL;
        message->first = start ? *start : message->last;
    } else if (message->is_reply && message->exchange->request) {
        message->first = umws_replies_first(&connection->replies, pinfo, conversation);
        message->last = umws_replies_last(&connection->replies, pinfo, conversation);
    } else {
        message->first = first_by_number(pinfo, conversation);
    }
}

/* ---- filing ---- */

static const char *
keep_text(const char *text)
{
    return text ? wmem_strdup(wmem_file_scope(), text) : NULL;
}

static struct umws_exchange *
new_exchange(packet_info *pinfo, const struct umws_carrier *carrier,
             const struct um_message *content, bool is_from_client)
{
    struct umws_exchange *exchange = wmem_new0(wmem_file_scope(), struct umws_exchange);
    struct umws_end_point *from = is_from_client ? &exchange->client : &exchange->server;
    struct umws_end_point *to = is_from_client ? &exchange->server : &exchange->client;
    exchange->tag = umws_match_count();
    exchange->operation = content->operation;
    exchange->service = content->service;
    exchange->conversation = carrier->conversation;
    exchange->is_http2 = carrier->is_http2;
    exchange->stream = carrier->stream;
    exchange->stored = SIZE_MAX;
    copy_address_wmem(wmem_file_scope(), &from->address, &pinfo->src);
    copy_address_wmem(wmem_file_scope(), &to->address, &pinfo->dst);
    from->port = pinfo->srcport;
    to->port = pinfo->destport;
    wmem_array_append_one(exchanges, exchange);
    return exchange;
}

static struct umws_message *
new_message(packet_info *pinfo, tvbuff_t *tvb, unsigned place, const struct um_message *content)
{
    struct um_message *copy = NULL;
    if (um_message_copy(content, &copy) != UM_OK)
        um_out_of_memory();
    g_ptr_array_add(contents, copy);
    struct umws_message *message = wmem_new0(wmem_file_scope(), struct umws_message);
    message->frame = pinfo->num;
    message->body_bytes = tvb_captured_length(tvb);
    message->is_cut = tvb_captured_length(tvb) < tvb_reported_length(tvb);
    message->is_reply = content->kind != UM_MESSAGE_REQUEST;
    message->content = copy;
    p_add_proto_data(wmem_file_scope(), pinfo, proto_umws, place + 1, message);
    return message;
}

static const char *
soap_action_of(const um_media_info *info)
{
    if (!info || !info->data || info->type != UM_MEDIA_REQUEST)
        return NULL;
    return keep_text(wmem_map_lookup(info->data, "soapaction"));
}

/*
 * A client that had only this request outstanding asks the next thing: it has its reply, of which
 * the capture has a part or nothing. With more of them outstanding it may just be pipelining.
 */
static void
give_up_lost_reply(struct connection *connection, conversation_t *conversation)
{
    struct umws_exchange *exchange = connection->oldest;
    const struct umws_replies *replies = &connection->replies;
    if (!exchange || exchange != connection->newest || exchange->is_http2)
        return;
    if (replies->start.frame == 0 &&
        !umws_carrier_has_acked_beyond(conversation, replies->next_seq))
        return;
    exchange->reply_first = replies->start;
    exchange->reply_last = replies->last_bytes;
    exchange->reply_frame = (uint32_t)replies->start.frame; /* Wireshark counts in 32 bits */
    exchange->is_given_up = true;
    take_off(connection, exchange);
    umws_replies_forget_start(&connection->replies);
    umws_calls_complete(exchange);
}

static void
file_request(struct connection *connection, const struct umws_carrier *carrier,
             const um_media_info *info, struct umws_message *message,
             struct umws_exchange *exchange)
{
    give_up_lost_reply(connection, exchange->conversation);
    exchange->request = message;
    exchange->target = keep_text(carrier->target);
    exchange->soap_action = soap_action_of(info);
    wait_for_reply(connection, exchange);
    umws_replies_expect(&connection->replies, exchange->conversation);
}

static void
end_exchange(struct connection *connection, struct umws_exchange *exchange, uint32_t frame,
             unsigned status)
{
    if (exchange->request)
        take_off(connection, exchange);
    exchange->is_answered = true;
    exchange->http_status = status;
    umws_replies_whole(&connection->replies, frame);
}

static void
file_reply(struct connection *connection, const struct umws_carrier *carrier,
           struct umws_message *message, struct umws_exchange *exchange)
{
    exchange->reply = message;
    exchange->reply_frame = message->frame;
    exchange->reply_first = message->first;
    exchange->reply_last = message->last;
    end_exchange(connection, exchange, message->frame, carrier->status);
}

struct umws_message *
umws_match_add(packet_info *pinfo, tvbuff_t *tvb, unsigned place, const struct um_message *content,
               const um_media_info *info)
{
    conversation_t *conversation = find_or_create_conversation(pinfo);
    struct connection *connection = connection_of(conversation);
    struct umws_carrier carrier = umws_carrier_of(pinfo, conversation);
    bool is_reply = content->kind != UM_MESSAGE_REQUEST;
    struct umws_exchange *exchange = is_reply ? find_waiting(connection, &carrier, content) : NULL;
    if (content->kind == UM_MESSAGE_NONE && exchange && !is_sent_by(pinfo, &exchange->server))
        exchange = NULL;
    if (!exchange && content->kind != UM_MESSAGE_REQUEST && content->kind != UM_MESSAGE_REPLY)
        return NULL;
    if (!exchange)
        exchange = new_exchange(pinfo, &carrier, content, !is_reply);

    struct umws_message *message = new_message(pinfo, tvb, place, content);
    message->exchange = exchange;
    mark_message(pinfo, connection, &carrier, message);
    if (is_reply)
        file_reply(connection, &carrier, message, exchange);
    else
        file_request(connection, &carrier, info, message, exchange);
    umws_calls_message(message);
    if (is_reply)
        umws_calls_complete(exchange);
    return message;
}

/* ---- replies without a message ---- */

static bool
is_informational(unsigned status)
{
    return status >= 100 && status < 200 && status != 101;
}

/* HTTP filed a reply here and no body of it was a message: the oldest request has its answer. */
static void
end_without_message(packet_info *pinfo, struct connection *connection,
                    const struct umws_carrier *carrier)
{
    struct umws_exchange *exchange = connection->oldest;
    struct um_mark now = umws_carrier_mark(pinfo);
    struct um_mark start = connection->replies.start;
    exchange->reply_first = start.frame != 0 ? start : now;
    exchange->reply_last = now;
    exchange->reply_frame = pinfo->num;
    end_exchange(connection, exchange, pinfo->num, carrier->status);
    umws_calls_complete(exchange);
}

/*
 * Bytes of a segment that is cut go no further than HTTP. They end the packet as it was on the
 * wire, so that their number tells where they begin; one that does not begin like XML is no body.
 */
static unsigned
find_cut_body(tvbuff_t *tvb, packet_info *pinfo, const struct connection *connection,
              uint32_t bytes)
{
    unsigned captured = tvb_captured_length(tvb), reported = tvb_reported_length(tvb);
    bool is_cut = captured < reported && bytes > reported - captured && bytes < reported;
    if (!is_cut || connection->replies.start.frame == 0 || umws_carrier_has_tls(pinfo))
        return 0;
    unsigned at = reported - bytes;
    if (um_tvb_get_uint8(tvb, (gint)at) != '<')
        return 0;
    p_add_proto_data(wmem_file_scope(), pinfo, proto_umws, CUT_BODY_KEY, GUINT_TO_POINTER(at));
    has_cut_bodies = true;
    return at;
}

/* A frame from the server in which no message of ours became whole, with so many new bytes. */
static unsigned
see_reply_frame(tvbuff_t *tvb, packet_info *pinfo, struct connection *connection,
                conversation_t *conversation, uint32_t bytes)
{
    struct umws_carrier carrier = umws_carrier_of(pinfo, conversation);
    if (!carrier.has_reply_head)
        return find_cut_body(tvb, pinfo, connection, bytes);
    if (is_informational(carrier.status))
        umws_replies_forget_start(&connection->replies);
    else
        end_without_message(pinfo, connection, &carrier);
    return 0;
}

static unsigned
see_new_frame(tvbuff_t *tvb, packet_info *pinfo)
{
    conversation_t *conversation = find_conversation_pinfo(pinfo, 0);
    struct connection *connection =
        conversation ? conversation_get_proto_data(conversation, proto_umws) : NULL;
    if (!connection || !connection->oldest)
        return 0;
    const struct umws_exchange *oldest = connection->oldest;
    bool is_from_server = is_sent_by(pinfo, &oldest->server);
    umws_calls_touch();
    uint32_t bytes = umws_replies_see(&connection->replies, pinfo, conversation, is_from_server);
    if (oldest->is_http2 || umws_carrier_has_http2(pinfo))
        umws_carrier_watch_clear_http2(pinfo, conversation);
    else if (is_from_server && connection->replies.whole_in != pinfo->num)
        return see_reply_frame(tvb, pinfo, connection, conversation, bytes);
    return 0;
}

unsigned
umws_match_frame_seen(tvbuff_t *tvb, packet_info *pinfo)
{
    if (!PINFO_FD_VISITED(pinfo))
        return waiting > 0 ? see_new_frame(tvb, pinfo) : 0;
    if (!has_cut_bodies)
        return 0;
    return GPOINTER_TO_UINT(p_get_proto_data(wmem_file_scope(), pinfo, proto_umws, CUT_BODY_KEY));
}

/* ---- handing on ---- */

static struct um_exchange_side
side_of(const struct umws_message *message)
{
    if (!message)
        return (struct um_exchange_side){0};
    return (struct um_exchange_side){
        .captured = true,
        .incomplete = message->is_cut,
        .message = message->content,
        .first = message->first,
        .last = message->last,
    };
}

static void
tell_partial(struct um_mark first, struct um_mark last, struct um_exchange *out)
{
    out->reply.captured = out->reply.incomplete = true;
    out->reply.first = first;
    out->reply.last = last;
}

/* No reply was read whole: either a part of it was captured, or there is a reason. */
static void
tell_unanswered(const struct umws_exchange *exchange, struct um_exchange *out)
{
    if (exchange->is_given_up && exchange->reply_first.frame != 0) {
        tell_partial(exchange->reply_first, exchange->reply_last, out);
        return;
    }
    const struct connection *connection =
        conversation_get_proto_data(exchange->conversation, proto_umws);
    const struct umws_end_point *server = &exchange->server, *client = &exchange->client;
    const struct umws_replies *replies = &connection->replies;
    if (!exchange->is_given_up && connection->oldest == exchange && replies->start.frame != 0) {
        tell_partial(replies->start, replies->last_bytes, out);
        return;
    }
    out->unanswered = umws_carrier_ending(exchange->conversation, &server->address, server->port,
                                          &client->address, client->port);
    if (exchange->is_given_up && out->unanswered != UM_UNANSWERED_ONE_SIDED)
        out->unanswered = UM_UNANSWERED_LOST;
    else if (out->unanswered == UM_UNANSWERED_CAPTURE_END && replies->is_closed)
        out->unanswered = UM_UNANSWERED_CLOSED;
}

struct um_exchange
umws_match_exchange(const struct umws_exchange *exchange)
{
    struct um_exchange out = {
        .request = side_of(exchange->request),
        .reply = side_of(exchange->reply),
        .client = umws_carrier_endpoint(&exchange->client.address, exchange->client.port),
        .server = umws_carrier_endpoint(&exchange->server.address, exchange->server.port),
        .connection = exchange->conversation->conv_index,
        .tag = exchange->tag,
        .target = um_span_text(exchange->target),
        .soap_action = um_span_text(exchange->soap_action),
        .http_status = exchange->http_status,
    };
    if (!exchange->reply && exchange->is_answered) {
        out.reply.captured = true;
        out.reply.first = exchange->reply_first;
        out.reply.last = exchange->reply_last;
    } else if (!exchange->reply) {
        tell_unanswered(exchange, &out);
    }
    return out;
}
