/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A message whose Content-Type may be XML becomes a candidate: its body is kept, encoded as it
 * came, until it ends, and looked at on the way as soon as there is enough of it to refuse it. One
 * decoder and one recogniser serve all candidates, one body at a time.
 */
#include "offline/http/recognise.h"

#include <stdlib.h>

#include "core/base/buf.h"
#include "core/http/multipart.h"
#include "core/um/glance.h"
#include "core/um/soap.h"
#include "offline/http/body.h"
#include "offline/http/repeats.h"
#include "offline/net/list.h"

enum { PROBE_BYTES = 512 }; /* a body longer than this is looked at before it ends */

struct candidate {
    struct um_buf body;     /* content codings not undone */
    uint64_t metered_bytes; /* of the body, then of the message */
    size_t probe_at;        /* look again when so much is there */
    uint32_t limits_reached;
    bool is_refused;
    bool is_undecodable;
    struct um_message *message; /* once the body has ended; NULL: nothing to be told of it */
    struct um_list asked;       /* of a request: its place in the recogniser's list */
};

struct um_recogniser {
    const struct um_limits *limits;
    struct um_meter *meter;
    struct um_soap *soap;
    struct um_body *body;
    struct um_buf parts; /* a decoded multipart body */
    struct um_glance glance;
    struct um_repeats repeats;
    struct um_authentication *authentication;
    struct um_list asked; /* candidates that are questions of ours, until they are forgotten */
    struct um_recogniser_stats stats;
};

/* ---- reading a body ---- */

static int
push_soap(void *ctx, struct um_span decoded)
{
    int result = um_soap_push(ctx, decoded);
    return result < 0 ? result : result == UM_MORE;
}

static int
push_parts(void *ctx, struct um_span decoded)
{
    int err = um_buf_append(ctx, decoded);
    return err ? err : 1;
}

static int
read_single(struct um_recogniser *recogniser, const struct um_http_message *message,
            struct um_span encoded)
{
    struct um_span charset =
        um_http_message_parameter(message->content_type, um_span_text("charset"));
    int err = um_soap_begin(recogniser->soap, charset);
    if (!err)
        err = um_body_begin(recogniser->body, message->codings, message->coding_count, push_soap,
                            recogniser->soap);
    if (err)
        return err;
    int result = um_body_push(recogniser->body, encoded);
    return result < 0 ? result : UM_OK;
}

static int
read_multipart(struct um_recogniser *recogniser, const struct um_http_message *message,
               struct um_span encoded)
{
    um_buf_clear(&recogniser->parts);
    int err = um_body_begin(recogniser->body, message->codings, message->coding_count, push_parts,
                            &recogniser->parts);
    if (err)
        return err;
    int result = um_body_push(recogniser->body, encoded);
    if (result < 0)
        return result;
    struct um_multipart_part part;
    (void)um_multipart_root(message->content_type, um_buf_span(&recogniser->parts), &part);
    um_multipart_undo_encoding(&part, &recogniser->parts);
    err = um_soap_begin(recogniser->soap,
                        um_http_message_parameter(part.content_type, um_span_text("charset")));
    result = err ? err : um_soap_push(recogniser->soap, part.content);
    return result < 0 ? result : UM_OK;
}

/* Reads what there is of the body; the answer stands in recogniser->soap. */
static int
read_body(struct um_recogniser *recogniser, const struct um_http_message *message,
          struct um_span encoded)
{
    if (um_multipart_is_related(message->content_type))
        return read_multipart(recogniser, message, encoded);
    return read_single(recogniser, message, encoded);
}

static uint32_t
bit(enum um_limit limit)
{
    return (uint32_t)1 << limit;
}

static uint32_t
limit_of(enum um_body_state state)
{
    if (state == UM_BODY_LIMIT_BYTES)
        return bit(UM_LIMIT_INFLATE);
    return state == UM_BODY_LIMIT_RATIO ? bit(UM_LIMIT_INFLATE_RATIO) : 0;
}

static void
release_body(struct um_recogniser *recogniser, struct candidate *candidate)
{
    um_buf_done(&candidate->body);
    um_meter_give(recogniser->meter, candidate->metered_bytes);
    candidate->metered_bytes = 0;
}

/* Keeps what was read until the other half of the exchange is there, under the limit `memory`. */
static int
keep_message(struct um_recogniser *recogniser, struct candidate *candidate,
             const struct um_message *read)
{
    size_t size = um_message_size(read);
    um_meter_give(recogniser->meter, candidate->metered_bytes);
    candidate->metered_bytes = 0;
    if (!um_meter_take(recogniser->meter, size)) {
        candidate->limits_reached |= bit(UM_LIMIT_MEMORY);
        return UM_OK;
    }
    candidate->metered_bytes = size;
    return um_message_copy(read, &candidate->message);
}

static void
refuse(struct um_http_message *message, struct candidate *candidate)
{
    candidate->is_refused = true;
    message->is_foreign = !message->is_reply;
}

/* Where the field that names it is not known, gzip is told by its magic number. */
static void
guess_coding(struct um_http_message *message, struct um_span encoded)
{
    if (!message->is_coding_unknown || !um_span_starts(encoded, um_span_text("\x1f\x8b")))
        return;
    message->is_coding_unknown = false;
    message->coding_names[0] = um_span_text("gzip");
    message->codings[0] = UM_HTTP_CODING_GZIP;
    message->coding_count = 1;
}

/* Reads a body that has ended. `*out`: what it said, valid until the next body; NULL: nothing. */
static int
read_ended(struct um_recogniser *recogniser, struct um_http_message *message,
           struct candidate *candidate, const struct um_message **out)
{
    struct um_span encoded = um_buf_span(&candidate->body);
    guess_coding(message, encoded);
    *out = um_repeats_find(&recogniser->repeats, message, encoded);
    if (*out)
        return UM_OK;
    int err = read_body(recogniser, message, encoded);
    if (err)
        return err;
    const struct um_message *read = um_soap_end(recogniser->soap);
    enum um_body_state state = um_body_end(recogniser->body);
    candidate->limits_reached |= limit_of(state);
    candidate->is_undecodable = state == UM_BODY_BAD || state == UM_BODY_SHORT;
    if (read->kind == UM_MESSAGE_NONE && read->flags == 0) {
        if (um_soap_push(recogniser->soap, um_span_of(NULL, 0)) == UM_DONE)
            refuse(message, candidate);
        return UM_OK;
    }
    *out = read;
    if (candidate->limits_reached || candidate->is_undecodable)
        return UM_OK;
    return um_repeats_add(&recogniser->repeats, message, encoded, read);
}

/* The body has ended: keeps what it said, when it said anything. */
static int
conclude(struct um_recogniser *recogniser, struct um_http_message *message,
         struct candidate *candidate)
{
    const struct um_message *read;
    int err = read_ended(recogniser, message, candidate, &read);
    if (err || !read)
        return err;
    if (read->kind == UM_MESSAGE_REQUEST || read->kind == UM_MESSAGE_REPLY)
        recogniser->stats.messages++;
    return keep_message(recogniser, candidate, read);
}

/* Enough is there to tell that it is not ours? */
static int
probe(struct um_recogniser *recogniser, struct um_http_message *message,
      struct candidate *candidate)
{
    candidate->probe_at = candidate->body.len * 2;
    if (um_multipart_is_related(message->content_type))
        return UM_OK;
    guess_coding(message, um_buf_span(&candidate->body));
    int err = read_body(recogniser, message, um_buf_span(&candidate->body));
    if (err)
        return err;
    int result = um_soap_push(recogniser->soap, um_span_of(NULL, 0));
    if (um_soap_is_message(recogniser->soap))
        candidate->probe_at = SIZE_MAX;
    else if (result == UM_DONE)
        refuse(message, candidate);
    return result < 0 ? result : UM_OK;
}

/* ---- candidates ---- */

static bool
may_be_soap(const struct um_http_message *message)
{
    struct um_span type =
        um_span_first(message->content_type, um_span_find(message->content_type, ';'));
    bool is_text = message->framing != UM_HTTP_FRAMING_NONE &&
                   um_span_equal_nocase(um_span_trim(type), um_span_text("text/plain"));
    return is_text || um_http_message_may_be_soap(message);
}

static int
take_head(void *ctx, struct um_http_message *message, bool *wants_body)
{
    (void)ctx;
    *wants_body = !message->answers_foreign && may_be_soap(message);
    if (!*wants_body)
        return UM_OK;
    struct candidate *candidate = malloc(sizeof *candidate);
    if (!candidate)
        return UM_ERR_NOMEM;
    *candidate = (struct candidate){.probe_at = PROBE_BYTES};
    um_list_init(&candidate->asked);
    message->user = candidate;
    return UM_OK;
}

/* Keeps body bytes under the limits `body` and `memory`; false when some had to be left out. */
static int
keep_bytes(struct um_recogniser *recogniser, struct candidate *candidate, struct um_span bytes,
           bool *is_kept)
{
    uint64_t max = recogniser->limits->max[UM_LIMIT_BODY];
    size_t left = (size_t)(max - candidate->body.len);
    struct um_span kept = um_span_first(bytes, left);
    *is_kept = kept.len == bytes.len;
    if (!*is_kept)
        candidate->limits_reached |= bit(UM_LIMIT_BODY);
    if (!um_meter_take(recogniser->meter, kept.len)) {
        candidate->limits_reached |= bit(UM_LIMIT_MEMORY);
        *is_kept = false;
        return UM_OK;
    }
    candidate->metered_bytes += kept.len;
    return um_buf_append(&candidate->body, kept);
}

/* The first bytes of a body that is sent as it is may say at once that it is none of ours. */
static bool
is_foreign_at_once(struct um_recogniser *recogniser, const struct um_http_message *message,
                   const struct candidate *candidate, struct um_span bytes)
{
    return candidate->body.len == 0 && message->coding_count == 0 &&
           !um_multipart_is_related(message->content_type) &&
           um_glance_is_foreign(&recogniser->glance, bytes);
}

static int
take_body(void *ctx, struct um_http_message *message, struct um_span bytes, bool *wants_more)
{
    struct um_recogniser *recogniser = ctx;
    struct candidate *candidate = message->user;
    if (is_foreign_at_once(recogniser, message, candidate, bytes)) {
        refuse(message, candidate);
        *wants_more = false;
        return UM_OK;
    }
    int err = keep_bytes(recogniser, candidate, bytes, wants_more);
    bool is_whole = message->framing == UM_HTTP_FRAMING_LENGTH &&
                    candidate->body.len == message->content_length;
    if (err || is_whole || candidate->body.len < candidate->probe_at)
        return err;
    err = probe(recogniser, message, candidate);
    if (candidate->is_refused) {
        release_body(recogniser, candidate);
        *wants_more = false;
    }
    return err;
}

/* The message is a question of ours: it waits for its reply. */
static void
note_asked(struct um_recogniser *recogniser, const struct um_http_message *message,
           struct candidate *candidate)
{
    um_list_append(&recogniser->asked, &candidate->asked);
    um_authentication_asked(recogniser->authentication, message->connection, message->target,
                            candidate->message);
}

static int
take_done(void *ctx, struct um_http_message *message)
{
    struct um_recogniser *recogniser = ctx;
    struct candidate *candidate = message->user;
    recogniser->stats.http_messages++;
    if (!candidate || candidate->is_refused)
        return UM_OK;
    int err = conclude(recogniser, message, candidate);
    if (!err && !message->is_reply && candidate->message)
        note_asked(recogniser, message, candidate);
    um_buf_done(&candidate->body);
    if (!candidate->message)
        release_body(recogniser, candidate);
    return err;
}

static void
forget(void *ctx, struct um_http_message *message)
{
    struct candidate *candidate = message->user;
    if (!candidate)
        return;
    release_body(ctx, candidate);
    um_list_remove(&candidate->asked);
    free(candidate->message);
    free(candidate);
    message->user = NULL;
}

/* ---- exchanges ---- */

static void
take_too_long(void *ctx, unsigned flag, const struct um_mark *where)
{
    struct um_recogniser *recogniser = ctx;
    enum um_limit limit = flag & UM_HTTP_LIMIT_MEMORY ? UM_LIMIT_MEMORY : UM_LIMIT_HEAD;
    um_limit_hit(&recogniser->stats.unread[limit], where->frame);
}

static uint32_t
limits_of(const struct um_http_message *message)
{
    const struct candidate *candidate = message->user;
    uint32_t limits = candidate ? candidate->limits_reached : 0;
    unsigned read = candidate && candidate->message ? candidate->message->flags : 0;
    if (read & UM_MESSAGE_LIMIT_DEPTH)
        limits |= bit(UM_LIMIT_XML_DEPTH);
    if (read & UM_MESSAGE_LIMIT_TEXT)
        limits |= bit(UM_LIMIT_XML_TEXT);
    if (message->flags & UM_HTTP_LIMIT_HEAD)
        limits |= bit(UM_LIMIT_HEAD);
    if (message->flags & UM_HTTP_LIMIT_REQUESTS)
        limits |= bit(UM_LIMIT_REQUESTS);
    if (message->flags & UM_HTTP_LIMIT_H2_STREAMS)
        limits |= bit(UM_LIMIT_H2_STREAMS);
    if (message->flags & UM_HTTP_LIMIT_MEMORY)
        limits |= bit(UM_LIMIT_MEMORY);
    return limits;
}

static bool
is_ours(const struct um_http_message *message)
{
    const struct candidate *candidate = message ? message->user : NULL;
    const struct um_message *read = candidate ? candidate->message : NULL;
    return read && (read->kind == UM_MESSAGE_REQUEST || read->kind == UM_MESSAGE_REPLY);
}

/* The limits because of which nothing is known of what the message says. */
static uint32_t
limits_before_reading(const struct um_http_message *message)
{
    const struct candidate *candidate = message->user;
    uint32_t at_head = bit(UM_LIMIT_HEAD) | bit(UM_LIMIT_MEMORY);
    bool may_post = message->is_reply || um_span_equal(message->method, um_span_text("POST"));
    if (candidate && !candidate->is_refused)
        return limits_of(message) & ~(bit(UM_LIMIT_REQUESTS) | bit(UM_LIMIT_H2_STREAMS));
    /* cut before it said what is in it */
    return !candidate && may_post && message->content_type.len == 0 ? limits_of(message) & at_head
                                                                    : 0;
}

static void
count_unread(struct um_recogniser *recogniser, const struct um_http_message *message)
{
    uint32_t limits = message ? limits_before_reading(message) : 0;
    for (unsigned i = 0; limits >> i > 0; i++) {
        if (limits >> i & 1)
            um_limit_hit(&recogniser->stats.unread[i], message->first.frame);
    }
}

static struct um_exchange_side
side_of(const struct um_http_message *message)
{
    if (!message)
        return (struct um_exchange_side){0};
    const struct candidate *candidate = message->user;
    return (struct um_exchange_side){
        .captured = true,
        .bodiless = message->complete && message->encoded_bytes == 0,
        .incomplete = !message->complete || (candidate && candidate->is_undecodable),
        .message = candidate ? candidate->message : NULL,
        .first = message->first,
        .last = message->last,
    };
}

/* No reply begins before its request but by another clock. */
static void
count_early_reply(struct um_recogniser *recogniser, const struct um_http_message *request,
                  const struct um_http_message *reply)
{
    if (request && reply && reply->first.time_ns < request->first.time_ns)
        um_limit_hit(&recogniser->stats.early_replies, reply->first.frame);
}

static int
take_exchange(void *ctx, struct um_http_message *request, struct um_http_message *reply,
              enum um_unanswered why)
{
    struct um_recogniser *recogniser = ctx;
    struct um_exchange exchange = {
        .request = side_of(request),
        .reply = side_of(reply),
        .client = request ? request->source : reply->destination,
        .server = request ? request->destination : reply->source,
        .connection = request ? request->connection : reply->connection,
        .tls = request ? request->tls : reply->tls,
        .http_version = reply ? reply->version : request->version,
        .http_status = reply ? reply->status : 0,
        .unanswered = why,
        .limits_reached = (request ? limits_of(request) : 0) | (reply ? limits_of(reply) : 0),
    };
    count_early_reply(recogniser, request, reply);
    if (request) {
        exchange.target = request->target;
        exchange.soap_action = request->soap_action;
        exchange.has_credentials = request->has_authorization;
        if (!um_span_equal(request->method, um_span_text("POST")) && !exchange.request.message)
            return UM_OK;
    }
    if (!is_ours(request) && !is_ours(reply)) {
        count_unread(recogniser, request);
        count_unread(recogniser, reply);
    }
    if (reply && reply->user && exchange.request.message && exchange.reply.message &&
        exchange.reply.message->kind == UM_MESSAGE_FAULT)
        recogniser->stats.messages++;
    return um_authentication_add(recogniser->authentication, &exchange);
}

/* ---- life ---- */

int
um_recogniser_new(const struct um_limits *limits, struct um_meter *meter, um_exchange_fn emit,
                  void *ctx, struct um_recogniser **out)
{
    struct um_recogniser *recogniser = calloc(1, sizeof *recogniser);
    if (!recogniser)
        return UM_ERR_NOMEM;
    recogniser->limits = limits;
    recogniser->meter = recogniser->repeats.meter = meter;
    um_list_init(&recogniser->asked);
    int err = um_soap_new(limits, &recogniser->soap);
    if (!err)
        err = um_body_new(limits, &recogniser->body);
    if (!err)
        err = um_authentication_new(emit, ctx, &recogniser->authentication);
    if (err) {
        um_recogniser_free(recogniser);
        return err;
    }
    *out = recogniser;
    return UM_OK;
}

struct um_http_events
um_recogniser_events(struct um_recogniser *recogniser)
{
    return (struct um_http_events){
        .ctx = recogniser,
        .head = take_head,
        .body = take_body,
        .done = take_done,
        .exchange = take_exchange,
        .too_long = take_too_long,
        .forget = forget,
    };
}

int
um_recogniser_give_up(struct um_recogniser *recogniser, int64_t before_ns)
{
    return um_authentication_give_up(recogniser->authentication, before_ns);
}

int
um_recogniser_each_waiting(const struct um_recogniser *recogniser, um_question_fn take, void *ctx)
{
    const struct um_list *asked = &recogniser->asked;
    int err = um_authentication_each_waiting(recogniser->authentication, take, ctx);
    for (struct um_list *at = asked->next; at != asked && !err; at = at->next)
        err = take(ctx, UM_LIST_ENTRY(at, struct candidate, asked)->message);
    return err;
}

int
um_recogniser_end(struct um_recogniser *recogniser)
{
    return um_authentication_end(recogniser->authentication);
}

const struct um_recogniser_stats *
um_recogniser_stats(const struct um_recogniser *recogniser)
{
    return &recogniser->stats;
}

void
um_recogniser_free(struct um_recogniser *recogniser)
{
    if (!recogniser)
        return;
    um_soap_free(recogniser->soap);
    um_body_free(recogniser->body);
    um_buf_done(&recogniser->parts);
    um_repeats_done(&recogniser->repeats);
    um_authentication_free(recogniser->authentication);
    free(recogniser);
}
