/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/match.h"

#include "core/http/reply.h"
#include "plugin/calls.h"
#include "plugin/parts.h"
#include "plugin/segment.h"

enum { PLACE_KEY = 0 }; /* of the count of bodies, in a packet's data; messages have body + 1 */

/* What was handed over of a frame by now. */
struct handed_over {
    unsigned bodies, messages;
    bool is_multipart; /* the last message is, and more of its parts may come */
    const um_media_info *info;
};

static int proto_umws = -1;

void
umws_match_handoff(int umws_protocol)
{
    proto_umws = umws_protocol;
    umws_connection_handoff(umws_protocol);
    umws_carrier_handoff();
    umws_carrier_watch_http2(umws_protocol, umws_connection_see_http2);
}

/* ---- bodies of a frame ---- */

static struct handed_over *
handed_over_of(packet_info *pinfo)
{
    struct handed_over *all = p_get_proto_data(pinfo->pool, pinfo, proto_umws, PLACE_KEY);
    if (!all) {
        all = wmem_new0(pinfo->pool, struct handed_over);
        p_add_proto_data(pinfo->pool, pinfo, proto_umws, PLACE_KEY, all);
    }
    return all;
}

struct umws_place
umws_match_place(packet_info *pinfo)
{
    struct handed_over *all = handed_over_of(pinfo);
    if (!all->is_multipart)
        all->messages++;
    return (struct umws_place){
        .body = all->bodies++, .message = all->messages - 1, .info = all->info};
}

bool
umws_match_enter_multipart(packet_info *pinfo, const um_media_info *info)
{
    struct handed_over *all = handed_over_of(pinfo);
    if (all->is_multipart)
        return false;
    all->is_multipart = true;
    all->messages++;
    all->info = info;
    return true;
}

void
umws_match_leave_multipart(packet_info *pinfo)
{
    struct handed_over *all = handed_over_of(pinfo);
    all->is_multipart = false;
    all->info = NULL;
}

unsigned
umws_match_handed_over(packet_info *pinfo)
{
    return handed_over_of(pinfo)->messages;
}

struct umws_message *
umws_match_find(packet_info *pinfo, unsigned body)
{
    return p_get_proto_data(wmem_file_scope(), pinfo, proto_umws, body + 1);
}

static bool
is_sent_by(const packet_info *pinfo, const struct umws_end_point *end)
{
    return pinfo->srcport == end->port && addresses_equal(&pinfo->src, &end->address);
}

/* TCP remembers the number of a PDU's first frame. Its time may be gone: it matters only where the
 * reply came before the last frame. */
static struct um_mark
first_by_number(packet_info *pinfo, const struct umws_connection *connection)
{
    struct um_mark now = umws_carrier_mark(pinfo);
    uint32_t frame = umws_carrier_first_frame(pinfo, connection->conversation);
    struct um_mark first = umws_marks_of(&connection->seen, frame, now);
    first.frame = frame;
    return first;
}

static void
mark_message(packet_info *pinfo, const struct umws_connection *connection,
             const struct umws_carrier *carrier, const struct umws_followed *followed,
             struct umws_message *message)
{
    conversation_t *conversation = carrier->conversation;
    message->first = message->last = umws_carrier_mark(pinfo);
    if (followed) {
        message->first = followed->first;
        message->last = followed->last;
    } else if (carrier->is_http2) {
        message->first =
            umws_connection_stream_start(connection, pinfo, carrier->stream, message->last);
    } else if (message->is_reply && message->exchange->request_frame != 0) {
        message->first = umws_replies_first(&connection->replies, pinfo, conversation);
        message->last = umws_replies_last(&connection->replies, pinfo, conversation);
    } else {
        message->first = first_by_number(pinfo, connection);
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
    struct umws_end_point from = {.address = pinfo->src, .port = pinfo->srcport};
    struct umws_end_point to = {.address = pinfo->dst, .port = pinfo->destport};
    return umws_exchanges_new(carrier, content, is_from_client ? &from : &to,
                              is_from_client ? &to : &from);
}

static struct umws_message *
new_message(packet_info *pinfo, tvbuff_t *tvb, unsigned body, const struct um_message *content)
{
    struct umws_message *message = umws_exchanges_message(content);
    message->frame = pinfo->num;
    message->body_bytes = tvb_captured_length(tvb);
    message->is_cut = tvb_captured_length(tvb) < tvb_reported_length(tvb);
    p_add_proto_data(wmem_file_scope(), pinfo, proto_umws, body + 1, message);
    return message;
}

/* A field of the request by its name in small letters; NULL: HTTP tells of none. */
static const char *
request_field(const um_media_info *info, const char *name)
{
    if (!info || !info->data || info->type != UM_MEDIA_REQUEST)
        return NULL;
    return wmem_map_lookup(info->data, name);
}

/*
 * A client that had only this request outstanding asks the next thing: it has its reply, of which
 * the capture has a part or nothing. With more of them outstanding it may just be pipelining.
 */
static void
give_up_lost_reply(struct umws_connection *connection, conversation_t *conversation)
{
    struct umws_exchange *exchange = connection->oldest;
    const struct umws_replies *replies = &connection->replies;
    if (!exchange || exchange != connection->newest || exchange->is_http2)
        return;
    bool is_unread = replies->start.frame == 0 && replies->is_unread;
    if (replies->start.frame == 0 && !is_unread &&
        !umws_carrier_has_acked_beyond(conversation, replies->next_seq))
        return;
    exchange->reply_first = replies->start;
    exchange->reply_last = replies->last_bytes;
    exchange->reply_frame = (uint32_t)replies->start.frame; /* Wireshark counts in 32 bits */
    exchange->fate.is_unread = is_unread;
    exchange->fate.is_lost = !is_unread;
    umws_connection_take_off(connection, exchange);
    umws_replies_forget_start(&connection->replies);
    umws_calls_complete(exchange);
}

static void
note_request(struct umws_exchange *exchange, struct umws_message *message)
{
    exchange->request = message;
    exchange->request_frame = message->frame;
    exchange->request_first = message->first;
    exchange->request_last = message->last;
}

/* The follower's pair tells what the request's head said, and when the reply is lost. */
static void
join_pair(struct umws_exchange *exchange, struct umws_pair *pair)
{
    exchange->has_credentials = pair->has_credentials;
    umws_pair_follow(pair, exchange, &exchange->fate);
}

static void
file_request(struct umws_connection *connection, const struct umws_followed *followed,
             struct umws_message *message, struct umws_exchange *exchange)
{
    note_request(exchange, message);
    if (followed && followed->pair) {
        join_pair(exchange, followed->pair);
        return;
    }
    give_up_lost_reply(connection, exchange->conversation);
    umws_connection_wait(connection, exchange);
    umws_replies_expect(&connection->replies, exchange->conversation);
}

static void
end_exchange(struct umws_connection *connection, struct umws_exchange *exchange, uint32_t frame,
             unsigned status)
{
    umws_connection_take_off(connection, exchange);
    exchange->is_answered = true;
    exchange->http_status = status;
    umws_replies_whole(&connection->replies, frame);
}

static void
file_reply(struct umws_connection *connection, unsigned status, struct umws_message *message,
           struct umws_exchange *exchange)
{
    exchange->reply = message;
    exchange->reply_frame = message->frame;
    exchange->reply_first = message->first;
    exchange->reply_last = message->last;
    end_exchange(connection, exchange, message->frame, status);
}

/* The request of the pair was captured, but is no message of ours, or tells nothing any more. */
static void
note_foreign_request(struct umws_exchange *exchange, const struct umws_pair *pair)
{
    exchange->request_frame = (uint32_t)pair->request_last.frame; /* Wireshark counts in 32 bits */
    exchange->request_first = pair->request_first;
    exchange->request_last = pair->request_last;
    exchange->is_request_cut = pair->is_request_cut;
    exchange->has_credentials = pair->has_credentials;
    exchange->target = pair->target[0] ? keep_text(pair->target) : NULL;
    exchange->soap_action = pair->soap_action[0] ? keep_text(pair->soap_action) : NULL;
}

/* What a reply of ours answers, a new exchange when its request is not known; NULL: not ours. */
static struct umws_exchange *
answered_in_pair(const struct umws_carrier *carrier, const struct umws_pair *pair,
                 const struct um_message *content, const struct umws_end_point *client,
                 const struct umws_end_point *server)
{
    bool has_request = pair->pair.request != UM_PAIRING_NONE;
    if (pair->exchange)
        return pair->exchange;
    /* what is fetched by other methods may be a file that a message was kept in */
    if (content->kind != UM_MESSAGE_REPLY || (has_request && !pair->is_post))
        return NULL;
    struct umws_exchange *exchange = umws_exchanges_new(carrier, content, client, server);
    if (has_request)
        note_foreign_request(exchange, pair);
    return exchange;
}

static struct umws_exchange *
answered_in_list(packet_info *pinfo, const struct umws_connection *connection,
                 const struct umws_carrier *carrier, const struct um_message *content)
{
    struct umws_exchange *exchange = umws_connection_waiting(connection, carrier, content);
    if (content->kind == UM_MESSAGE_NONE && exchange && !is_sent_by(pinfo, &exchange->server))
        return NULL;
    bool is_fetched = !exchange && carrier->is_http2 &&
                      umws_connection_is_fetched(connection, pinfo, carrier->stream);
    if (!exchange && content->kind == UM_MESSAGE_REPLY && !is_fetched)
        exchange = new_exchange(pinfo, carrier, content, false);
    return exchange;
}

static struct umws_exchange *
exchange_of(packet_info *pinfo, const struct umws_connection *connection,
            const struct umws_carrier *carrier, const struct umws_followed *followed,
            const struct um_message *content)
{
    struct umws_end_point from = {.address = pinfo->src, .port = pinfo->srcport};
    struct umws_end_point to = {.address = pinfo->dst, .port = pinfo->destport};
    if (content->kind == UM_MESSAGE_REQUEST)
        return umws_exchanges_new(carrier, content, &from, &to);
    if (followed && followed->pair && followed->is_reply && !connection->oldest)
        return answered_in_pair(carrier, followed->pair, content, &to, &from);
    return answered_in_list(pinfo, connection, carrier, content);
}

/* As umws_match_add, once the packet has its own ports. */
static struct umws_message *
add(packet_info *pinfo, tvbuff_t *tvb, const struct umws_place *place,
    const struct um_message *content, const um_media_info *info, const struct umws_carrier *carrier,
    conversation_t *of_http)
{
    struct umws_connection *connection = umws_connection_of(carrier->conversation);
    connection->of_http = of_http;
    if (carrier->is_http2)
        umws_connection_leave_http1(connection);
    const struct umws_followed *followed =
        carrier->is_http2 ? NULL : umws_parts_claim(pinfo, connection, place->message);
    struct umws_exchange *exchange = exchange_of(pinfo, connection, carrier, followed, content);
    if (!exchange)
        return NULL;
    struct umws_message *message = new_message(pinfo, tvb, place->body, content);
    message->exchange = exchange;
    if (followed && followed->lacks_some) /* of a coded one the body does not tell */
        message->is_cut |= umws_followed_is_cut(followed);
    mark_message(pinfo, connection, carrier, followed, message);
    if (message->is_reply) {
        file_reply(connection, followed ? followed->status : carrier->status, message, exchange);
    } else {
        exchange->target = keep_text(carrier->target);
        exchange->soap_action = keep_text(request_field(info, "soapaction"));
        exchange->has_credentials =
            request_field(info, "authorization") || request_field(info, "proxy-authorization");
        file_request(connection, followed, message, exchange);
    }
    umws_calls_message(message);
    if (message->is_reply)
        umws_calls_complete(exchange);
    return message;
}

struct umws_message *
umws_match_add(packet_info *pinfo, tvbuff_t *tvb, const struct umws_place *place,
               const struct um_message *content, const um_media_info *info)
{
    conversation_t *of_http = find_or_create_conversation(pinfo);
    struct umws_carrier carrier = umws_carrier_of(pinfo, of_http);
    struct umws_ports faked;
    umws_segment_own_ports(pinfo, &faked);
    carrier.conversation = find_or_create_conversation(pinfo);
    struct umws_message *message = add(pinfo, tvb, place, content, info, &carrier, of_http);
    umws_segment_put_back_ports(pinfo, &faked);
    return message;
}

/* ---- replies without a message ---- */

/* HTTP filed a reply here and no body of it was a message: the oldest request has its answer. */
static void
end_without_message(packet_info *pinfo, struct umws_connection *connection,
                    const struct umws_carrier *carrier)
{
    struct umws_exchange *exchange = connection->oldest;
    struct um_mark now = umws_carrier_mark(pinfo);
    struct um_mark start = connection->replies.start;
    exchange->reply_first = start.frame != 0 ? start : now;
    exchange->reply_last = now;
    exchange->reply_frame = (uint32_t)exchange->reply_first.frame;
    end_exchange(connection, exchange, pinfo->num, carrier->status);
    umws_calls_complete(exchange);
}

/* A frame from the server in which no message of ours became whole. */
static void
see_reply_frame(packet_info *pinfo, struct umws_connection *connection)
{
    struct umws_carrier carrier = umws_carrier_of(
        pinfo, connection->of_http ? connection->of_http : connection->conversation);
    if (!carrier.has_reply_head)
        return;
    if (um_http_reply_is_interim(carrier.status))
        umws_replies_forget_start(&connection->replies);
    else
        end_without_message(pinfo, connection, &carrier);
}

void
umws_match_frame_seen(packet_info *pinfo, struct umws_connection *connection)
{
    bool has_http2 = umws_carrier_has_http2(pinfo);
    struct umws_segment segment;
    umws_marks_note(&connection->seen, umws_carrier_mark(pinfo));
    if (has_http2)
        umws_connection_leave_http1(connection);
    if (has_http2 && !umws_carrier_has_tls(pinfo) && umws_segment_of(pinfo, &segment))
        umws_connection_see_upgraded(connection, pinfo, &segment);
    const struct umws_exchange *oldest = connection->oldest;
    if (!oldest)
        return;
    bool is_from_server = is_sent_by(pinfo, &oldest->server);
    conversation_t *conversation = connection->conversation;
    umws_calls_touch();
    umws_replies_see(&connection->replies, pinfo, conversation, is_from_server);
    if (oldest->is_http2 || has_http2)
        umws_carrier_watch_clear_http2(pinfo, conversation);
    else if (is_from_server && connection->replies.whole_in != pinfo->num)
        see_reply_frame(pinfo, connection);
}

/* ---- parts ---- */

static struct umws_message *
message_of_part(const struct umws_part *part, struct umws_exchange *exchange)
{
    struct umws_message *message = umws_exchanges_message(part->content);
    message->exchange = exchange;
    message->is_reply = part->head->is_reply;
    message->is_cut = umws_followed_is_cut(part->followed);
    message->frame = (uint32_t)part->followed->last.frame;
    message->first = part->followed->first;
    message->last = part->followed->last;
    message->body_bytes = (unsigned)part->body.len;
    message->part = wmem_memdup(wmem_file_scope(), part->body.data, part->body.len);
    return message;
}

static const char *
keep_span(struct um_span text)
{
    return text.len > 0 ? wmem_strndup(wmem_file_scope(), (const char *)text.data, text.len) : NULL;
}

/* A request that was lost before it said what it asks is left to the pair: its reply may tell. */
static struct umws_message *
add_part_of_request(const struct umws_carrier *carrier, const struct umws_part *part)
{
    if (part->content->kind != UM_MESSAGE_REQUEST)
        return NULL;
    struct umws_exchange *exchange =
        umws_exchanges_new(carrier, part->content, &part->from, &part->to);
    note_request(exchange, message_of_part(part, exchange));
    exchange->target = keep_span(part->head->target);
    exchange->soap_action = keep_span(part->head->soap_action);
    join_pair(exchange, part->followed->pair);
    umws_calls_message(exchange->request);
    return exchange->request;
}

static struct umws_message *
add_part_of_reply(struct umws_connection *connection, const struct umws_carrier *carrier,
                  const struct umws_part *part)
{
    const struct umws_followed *followed = part->followed;
    const struct um_message *content = part->content;
    struct umws_exchange *exchange =
        answered_in_pair(carrier, followed->pair, content, &part->to, &part->from);
    if (!exchange)
        return NULL;
    if (content->kind != UM_MESSAGE_NONE || content->flags != 0) {
        struct umws_message *message = message_of_part(part, exchange);
        file_reply(connection, followed->status, message, exchange);
        umws_calls_message(message);
    } else {
        exchange->is_reply_cut = umws_followed_is_cut(followed);
        exchange->reply_frame = (uint32_t)followed->first.frame;
        exchange->reply_first = followed->first;
        exchange->reply_last = followed->last;
        end_exchange(connection, exchange, exchange->reply_frame, followed->status);
    }
    umws_calls_complete(exchange);
    return exchange->reply;
}

struct umws_message *
umws_match_add_part(struct umws_connection *connection, const struct umws_part *part)
{
    struct umws_carrier carrier = {.conversation = connection->conversation};
    return part->head->is_reply ? add_part_of_reply(connection, &carrier, part)
                                : add_part_of_request(&carrier, part);
}

void
umws_match_add_leg(struct umws_connection *connection, const struct umws_followed *reply)
{
    static const struct um_message nothing = {.kind = UM_MESSAGE_NONE};
    struct umws_carrier carrier = {.conversation = connection->conversation};
    const struct umws_pair *pair = reply->pair;
    struct umws_exchange *exchange = umws_exchanges_new(
        &carrier, &nothing, &connection->ends[1 - reply->side], &connection->ends[reply->side]);
    note_foreign_request(exchange, pair);
    exchange->is_request_bodiless = pair->is_request_bodiless;
    exchange->reply_frame = (uint32_t)reply->first.frame;
    exchange->reply_first = reply->first;
    exchange->reply_last = reply->last;
    end_exchange(connection, exchange, exchange->reply_frame, reply->status);
    umws_calls_complete(exchange);
}
