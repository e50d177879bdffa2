/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/exchanges.h"

#include <stdlib.h>

#include "core/base/err.h"
#include "plugin/connection.h"

static wmem_array_t *exchanges; /* struct umws_exchange * by tag */
static GPtrArray *contents;     /* struct um_message *, on the heap */

void
umws_exchanges_init(void)
{
    exchanges = wmem_array_new(wmem_file_scope(), sizeof(struct umws_exchange *));
    contents = g_ptr_array_new_with_free_func(free);
}

void
umws_exchanges_cleanup(void)
{
    if (contents)
        g_ptr_array_free(contents, TRUE);
    contents = NULL;
    exchanges = NULL;
}

size_t
umws_exchanges_count(void)
{
    return exchanges ? wmem_array_get_count(exchanges) : 0;
}

struct umws_exchange *
umws_exchanges_at(size_t tag)
{
    return *(struct umws_exchange **)wmem_array_index(exchanges, (guint)tag);
}

static struct umws_end_point
keep_end(const struct umws_end_point *end)
{
    struct umws_end_point kept = {.port = end->port};
    copy_address_wmem(wmem_file_scope(), &kept.address, &end->address);
    return kept;
}

struct umws_exchange *
umws_exchanges_new(const struct umws_carrier *carrier, const struct um_message *content,
                   const struct umws_end_point *client, const struct umws_end_point *server)
{
    struct umws_exchange *exchange = wmem_new0(wmem_file_scope(), struct umws_exchange);
    exchange->tag = umws_exchanges_count();
    exchange->operation = content->operation;
    exchange->service = content->service;
    exchange->conversation = carrier->conversation;
    exchange->is_http2 = carrier->is_http2;
    exchange->stream = carrier->stream;
    exchange->stored = SIZE_MAX;
    exchange->client = keep_end(client);
    exchange->server = keep_end(server);
    wmem_array_append_one(exchanges, exchange);
    return exchange;
}

struct umws_message *
umws_exchanges_message(const struct um_message *content)
{
    struct um_message *copy = NULL;
    if (um_message_copy(content, &copy) != UM_OK)
        um_out_of_memory();
    g_ptr_array_add(contents, copy);
    struct umws_message *message = wmem_new0(wmem_file_scope(), struct umws_message);
    message->is_reply = content->kind != UM_MESSAGE_REQUEST;
    message->content = copy;
    return message;
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

/* A side of which there is a part, or a whole without a message. */
static struct um_exchange_side
side_without_message(bool is_incomplete, struct um_mark first, struct um_mark last)
{
    return (struct um_exchange_side){
        .captured = true, .incomplete = is_incomplete, .first = first, .last = last};
}

/* No reply was read whole: either a part of it was captured, or there is a reason. */
static void
tell_unanswered(const struct umws_exchange *exchange, struct um_exchange *out)
{
    if (exchange->fate.is_lost && exchange->reply_first.frame != 0) {
        out->reply = side_without_message(true, exchange->reply_first, exchange->reply_last);
        return;
    }
    const struct umws_connection *connection = umws_connection_find(exchange->conversation);
    const struct umws_end_point *server = &exchange->server, *client = &exchange->client;
    const struct umws_replies *replies = &connection->replies;
    if (!exchange->fate.is_lost && connection->oldest == exchange && replies->start.frame != 0) {
        out->reply = side_without_message(true, replies->start, replies->last_bytes);
        return;
    }
    if (exchange->fate.is_unread || (exchange->is_waiting && replies->is_unread)) {
        out->unanswered = UM_UNANSWERED_ONE_SIDED;
        return;
    }
    out->unanswered = umws_carrier_ending(exchange->conversation, &server->address, server->port,
                                          &client->address, client->port);
    if (exchange->fate.is_gone)
        out->limits_reached |= (uint32_t)1 << UM_LIMIT_REQUESTS;
    if (out->unanswered == UM_UNANSWERED_ONE_SIDED)
        return;
    if (exchange->fate.is_lost)
        out->unanswered = UM_UNANSWERED_LOST;
    else if (exchange->fate.is_gone)
        out->unanswered = UM_UNANSWERED_CAPTURE_END; /* nobody knows how it went on */
    else if (out->unanswered == UM_UNANSWERED_CAPTURE_END &&
             umws_connection_is_closed(connection, server))
        out->unanswered = UM_UNANSWERED_CLOSED;
}

struct um_exchange
umws_exchanges_tell(const struct umws_exchange *exchange)
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
        .has_credentials = exchange->has_credentials,
        .http_status = exchange->http_status,
    };
    if (!exchange->request && exchange->request_frame != 0) {
        out.request = side_without_message(exchange->is_request_cut, exchange->request_first,
                                           exchange->request_last);
        out.request.bodiless = exchange->is_request_bodiless;
    }
    if (!exchange->reply && exchange->is_answered)
        out.reply = side_without_message(exchange->is_reply_cut, exchange->reply_first,
                                         exchange->reply_last);
    else if (!exchange->reply)
        tell_unanswered(exchange, &out);
    return out;
}
