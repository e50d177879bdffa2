/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/match.h"

#include <stdlib.h>

#include "core/base/err.h"
#include "plugin/calls.h"
#include "plugin/carrier.h"

enum {
    PLACE_KEY = 0, /* of the count of bodies, in the packet's own data; messages have place + 1 */
    MARKS = 32,    /* packets of replies that are remembered of a connection */
};

/* What a connection waits for. File scope. */
struct connection {
    struct umws_exchange *oldest, *newest; /* unanswered */
    struct um_mark marks[MARKS];           /* of packets of the replies' direction, a ring */
    size_t mark_count;
    struct um_mark reply_start; /* the reply that has begun and is not whole yet; frame 0: none */
    uint32_t whole_in;          /* frame of the latest whole reply */
    wmem_map_t *stream_starts;  /* HTTP/2: stream and direction -> struct um_mark; NULL: none yet */
};

static int proto_umws = -1;
static wmem_array_t *exchanges; /* struct umws_exchange * by tag */
static GPtrArray *contents;     /* struct um_message *, on the heap */
static size_t waiting_http1;    /* unanswered HTTP/1 requests of all connections */

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
    waiting_http1 = 0;
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
    waiting_http1 += exchange->is_http2 ? 0 : 1;
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
    waiting_http1 -= exchange->is_http2 ? 0 : 1;
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
        if ((is_carried || is_upgraded) &&
            (reply->kind == UM_MESSAGE_FAULT || reply->operation == exchange->operation))
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

/* The mark of an earlier packet of the replies; that of this packet when it is not remembered. */
static struct um_mark
mark_of_frame(const struct connection *connection, uint32_t frame, struct um_mark now)
{
    size_t kept = connection->mark_count < MARKS ? connection->mark_count : MARKS;
    for (size_t i = 0; i < kept; i++) {
        if (connection->marks[i].frame == frame)
            return connection->marks[i];
    }
    return now;
}

static struct um_mark
first_of_http1(packet_info *pinfo, const struct connection *connection,
               conversation_t *conversation, bool is_first_of_frame, bool is_reply)
{
    struct um_mark now = umws_carrier_mark(pinfo);
    bool is_begun = is_reply && connection->reply_start.frame != 0;
    if (!is_first_of_frame)
        return now;
    if (is_begun && umws_carrier_has_tls(pinfo))
        return connection->reply_start;
    uint32_t frame = umws_carrier_first_frame(pinfo, conversation);
    struct um_mark first = mark_of_frame(connection, frame, now);
    if (first.frame != frame) /* only its number is known: good for a request */
        first.frame = is_reply ? first.frame : frame;
    return first;
}

static struct um_mark
first_of(packet_info *pinfo, const struct connection *connection,
         const struct umws_carrier *carrier, bool is_reply)
{
    if (!carrier->is_http2)
        return first_of_http1(pinfo, connection, carrier->conversation,
                              connection->whole_in != pinfo->num, is_reply);
    void *key = stream_key(carrier->stream, umws_carrier_is_from_greater(pinfo));
    const struct um_mark *start =
        connection->stream_starts ? wmem_map_lookup(connection->stream_starts, key) : NULL;
    return start ? *start : umws_carrier_mark(pinfo);
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
        g_error("umws: out of memory"); /* as wmem does */
    g_ptr_array_add(contents, copy);
    struct umws_message *message = wmem_new0(wmem_file_scope(), struct umws_message);
    message->frame = pinfo->num;
    message->body_bytes = tvb_captured_length(tvb);
    message->is_cut = tvb_captured_length(tvb) < tvb_reported_length(tvb);
    message->is_reply = content->kind != UM_MESSAGE_REQUEST;
    message->last = umws_carrier_mark(pinfo);
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

static void
file_request(struct connection *connection, const struct umws_carrier *carrier,
             const um_media_info *info, struct umws_message *message,
             struct umws_exchange *exchange)
{
    exchange->request = message;
    exchange->target = keep_text(carrier->target);
    exchange->soap_action = soap_action_of(info);
    wait_for_reply(connection, exchange);
}

static void
end_exchange(struct connection *connection, struct umws_exchange *exchange, unsigned status)
{
    if (exchange->request)
        take_off(connection, exchange);
    exchange->is_answered = true;
    exchange->http_status = status;
    connection->reply_start = (struct um_mark){0};
    connection->whole_in = (uint32_t)exchange->reply_last.frame; /* Wireshark counts in 32 bits */
}

static void
file_reply(struct connection *connection, const struct umws_carrier *carrier,
           struct umws_message *message, struct umws_exchange *exchange)
{
    exchange->reply = message;
    exchange->reply_first = message->first;
    exchange->reply_last = message->last;
    end_exchange(connection, exchange, carrier->status);
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
    if (!exchange && content->kind == UM_MESSAGE_FAULT)
        return NULL;
    if (!exchange)
        exchange = new_exchange(pinfo, &carrier, content, !is_reply);

    struct umws_message *message = new_message(pinfo, tvb, place, content);
    message->exchange = exchange;
    message->first = first_of(pinfo, connection, &carrier, is_reply);
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
end_without_message(struct connection *connection, struct um_mark first, struct um_mark last,
                    unsigned status)
{
    struct umws_exchange *exchange = connection->oldest;
    exchange->reply_first = first;
    exchange->reply_last = last;
    end_exchange(connection, exchange, status);
    umws_calls_complete(exchange);
}

static void
see_reply_frame(packet_info *pinfo, struct connection *connection, conversation_t *conversation)
{
    struct um_mark now = umws_carrier_mark(pinfo);
    connection->marks[connection->mark_count++ % MARKS] = now;
    if (connection->whole_in == pinfo->num || !umws_carrier_has_http(pinfo))
        return;
    struct umws_carrier carrier = umws_carrier_of(pinfo, conversation);
    if (carrier.has_reply_head && is_informational(carrier.status)) {
        connection->reply_start = (struct um_mark){0};
        return;
    }
    if (connection->reply_start.frame == 0)
        connection->reply_start =
            mark_of_frame(connection, umws_carrier_first_frame(pinfo, conversation), now);
    if (carrier.has_reply_head)
        end_without_message(connection, connection->reply_start, now, carrier.status);
}

void
umws_match_frame_seen(packet_info *pinfo)
{
    if (waiting_http1 == 0)
        return;
    conversation_t *conversation = find_conversation_pinfo(pinfo, 0);
    struct connection *connection =
        conversation ? conversation_get_proto_data(conversation, proto_umws) : NULL;
    if (!connection || !connection->oldest)
        return;
    const struct umws_exchange *oldest = connection->oldest;
    bool is_from_server = pinfo->srcport == oldest->server.port &&
                          addresses_equal(&pinfo->src, &oldest->server.address);
    umws_calls_touch();
    if (oldest->is_http2 || umws_carrier_has_http2(pinfo))
        umws_carrier_watch_clear_http2(pinfo, conversation);
    else if (is_from_server)
        see_reply_frame(pinfo, connection, conversation);
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

/* No reply was read whole: either a part of it was captured, or there is a reason. */
static void
tell_unanswered(const struct umws_exchange *exchange, struct um_exchange *out)
{
    const struct connection *connection =
        conversation_get_proto_data(exchange->conversation, proto_umws);
    const struct umws_end_point *server = &exchange->server, *client = &exchange->client;
    if (connection->oldest == exchange && connection->reply_start.frame != 0) {
        out->reply.captured = out->reply.incomplete = true;
        out->reply.first = out->reply.last = connection->reply_start;
        return;
    }
    out->unanswered = umws_carrier_ending(exchange->conversation, &server->address, server->port,
                                          &client->address, client->port);
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
