/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/followed.h"

#include <stdlib.h>

#include "core/http/reply.h"

int
umws_followed_new(int side, uint32_t seq, bool is_found, struct umws_followed **out)
{
    struct umws_followed *message = calloc(1, sizeof *message);
    if (!message)
        return UM_ERR_NOMEM;
    message->side = side;
    message->seq = seq;
    message->end = UINT64_MAX;
    message->is_found = is_found;
    *out = message;
    return UM_OK;
}

void
umws_followed_free(struct umws_followed *message)
{
    if (!message)
        return;
    if (message->pair)
        um_pairing_done(&message->pair->pair, message->is_reply);
    umws_pieces_done(&message->pieces);
    free(message);
}

struct um_span
umws_followed_bytes(const struct umws_followed *message)
{
    struct um_span sent =
        message->sent.len > 0 ? message->sent : umws_pieces_prefix(&message->pieces);
    return message->end < sent.len ? um_span_first(sent, (size_t)message->end) : sent;
}

int
umws_followed_pair(struct umws_followed *message, struct um_pairing *pairing,
                   const struct um_http_message *head)
{
    message->is_reply = head->is_reply;
    message->status = head->status;
    message->may_be_soap = um_http_message_may_be_soap(head);
    if (head->is_reply)
        return umws_pairs_reply(pairing, message->side, message->is_found,
                                um_http_reply_is_interim(head->status) ||
                                    um_http_reply_begins_http2(head),
                                &message->pair);
    int err = umws_pairs_request(pairing, message->side, message->is_found, &message->pair);
    if (err)
        return err;
    message->pair->is_post = um_span_equal(head->method, um_span_text("POST"));
    message->pair->has_credentials = head->has_authorization;
    return UM_OK;
}

static void
note_text(struct um_span text, char out[UMWS_PAIRS_TEXT])
{
    size_t len = text.len < UMWS_PAIRS_TEXT ? text.len : 0;
    if (len > 0)
        memcpy(out, text.data, len);
    out[len] = '\0';
}

/* Of a request that may say no more: its target tells which authentication it belongs to. */
static void
note_head(const struct umws_followed *message, struct umws_pair *pair)
{
    struct um_http_message head;
    if (umws_head_read(umws_followed_bytes(message), &head) == UM_BAD)
        return;
    note_text(head.target, pair->target);
    note_text(head.soap_action, pair->soap_action);
}

bool
umws_followed_is_cut(const struct umws_followed *message)
{
    bool has_chunks =
        message->framing == UM_HTTP_FRAMING_CHUNKED && um_chunked_has_all_data(&message->chunked);
    return !message->is_whole && !has_chunks;
}

/* The pair keeps what its request was, for one that nobody reads. */
void
umws_followed_note_end(const struct umws_followed *message)
{
    struct umws_pair *pair = message->pair;
    if (!pair || message->is_reply)
        return;
    pair->request_first = message->first;
    pair->request_last = message->last;
    pair->is_request_cut = umws_followed_is_cut(message);
    pair->is_request_bodiless = message->is_whole && message->end == message->head_len;
    pair->is_request_torn = pair->is_request_cut && message->has_head && message->may_be_soap;
    if (pair->is_request_bodiless || pair->is_request_cut)
        note_head(message, pair);
}

static void
note_prefix(struct umws_followed *message, struct um_mark mark)
{
    uint64_t whole = umws_pieces_whole(&message->pieces);
    if (whole == message->prefix)
        return;
    message->prefix = whole;
    message->last_of_prefix = message->pieces.count == 1 ? message->last : mark;
}

int
umws_followed_put(struct umws_followed *message, uint64_t at, struct um_span bytes,
                  struct um_mark mark)
{
    if (at >= message->end || umws_pieces_has(&message->pieces, at, bytes.len))
        return UM_OK;
    um_mark_widen(&message->first, &message->last, mark, mark);
    if (message->end - at < bytes.len)
        bytes = um_span_first(bytes, (size_t)(message->end - at));
    int err = umws_pieces_put(&message->pieces, at, bytes);
    if (!err)
        note_prefix(message, mark);
    return err;
}
