/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A list, oldest first: it is short, and the oldest is what goes at the limit. */
#include "offline/http/h2_streams.h"

#include <stdlib.h>

/* One message of a stream. */
struct half {
    struct um_http_message *message;
    bool is_done;   /* with no message: it is missing from the capture */
    bool is_broken; /* a hole lost the place since its head */
    bool wants_body;
};

struct um_h2_stream {
    uint32_t id;
    struct half request, reply;
    bool is_reset;
    uint32_t asked_before_reset; /* the last stream opened before it was reset */
    bool has_hole;               /* bytes of the replies went missing since the request */
    struct um_h2_stream *next;
};

/* ---- the list ---- */

static struct um_h2_stream *
find(const struct um_h2_streams *streams, uint32_t id)
{
    struct um_h2_stream *stream = streams->first;
    while (stream && stream->id != id)
        stream = stream->next;
    return stream;
}

static void
unlink_stream(struct um_h2_streams *streams, const struct um_h2_stream *stream)
{
    struct um_h2_stream *before = NULL;
    for (struct um_h2_stream *at = streams->first; at != stream; at = at->next)
        before = at;
    if (before)
        before->next = stream->next;
    else
        streams->first = stream->next;
    if (streams->last == stream)
        streams->last = before;
    streams->count--;
}

static void
free_message(struct um_h2_streams *streams, struct um_http_message *message)
{
    um_http_connection_free_message(&streams->events, streams->meter, message);
}

static void
free_stream(struct um_h2_streams *streams, struct um_h2_stream *stream)
{
    free_message(streams, stream->request.message);
    free_message(streams, stream->reply.message);
    free(stream);
}

/* ---- ends ---- */

static bool
is_asked_by_client(uint32_t id)
{
    return id % 2 == 1; /* the others are promises */
}

/* What is known of the stream by itself. */
static enum um_unanswered
why_of_stream(const struct um_h2_streams *streams, const struct um_h2_stream *stream)
{
    if (stream->is_reset)
        return UM_UNANSWERED_RESET;
    int server = 1 - streams->client;
    if (is_asked_by_client(stream->id) && streams->is_going_away[server] &&
        stream->id > streams->last_taken[server])
        return UM_UNANSWERED_CLOSED;
    return stream->reply.is_done || stream->has_hole ? UM_UNANSWERED_LOST : UM_UNANSWERED_NO;
}

static enum um_unanswered
why_unanswered(const struct um_h2_streams *streams, const struct um_h2_stream *stream)
{
    if (stream->reply.message)
        return UM_UNANSWERED_NO;
    if (!stream->request.message)
        return UM_UNANSWERED_LOST;
    return um_http_ending_why(&streams->endings[streams->client],
                              &streams->endings[1 - streams->client],
                              why_of_stream(streams, stream));
}

/* Takes the stream off, tells it, frees it. */
static int
emit(struct um_h2_streams *streams, struct um_h2_stream *stream)
{
    unlink_stream(streams, stream);
    struct um_http_message *request = stream->request.message, *reply = stream->reply.message;
    int err = UM_OK;
    if (streams->events.exchange && (request || reply))
        err = streams->events.exchange(streams->events.ctx, request, reply,
                                       why_unanswered(streams, stream));
    free_stream(streams, stream);
    return err;
}

/* Ends one message of a stream; without one it is missing. */
static int
finish(struct um_h2_streams *streams, struct half *half, bool is_complete)
{
    if (half->is_done)
        return UM_OK;
    half->is_done = true;
    struct um_http_message *message = half->message;
    if (!message)
        return UM_OK;
    message->complete = is_complete && !half->is_broken && message->lost_bytes == 0 &&
                        (message->flags & UM_HTTP_HEAD_CUT) == 0;
    return streams->events.done(streams->events.ctx, message);
}

/* Tells the stream when nothing more can come of it. It may be gone afterwards. */
static int
emit_if_over(struct um_h2_streams *streams, struct um_h2_stream *stream)
{
    bool has_request = !stream->request.message || stream->request.is_done;
    return has_request && stream->reply.is_done ? emit(streams, stream) : UM_OK;
}

/* What is open of it stays incomplete. */
static int
give_up(struct um_h2_streams *streams, struct um_h2_stream *stream)
{
    int err = UM_OK;
    if (stream->request.message)
        err = finish(streams, &stream->request, false);
    if (!err && stream->reply.message)
        err = finish(streams, &stream->reply, false);
    return err ? err : emit(streams, stream);
}

/* ---- beginnings ---- */

/* The oldest that was reset, else the oldest. */
static struct um_h2_stream *
least_wanted(const struct um_h2_streams *streams)
{
    struct um_h2_stream *stream = streams->first;
    while (stream && !stream->is_reset)
        stream = stream->next;
    return stream ? stream : streams->first;
}

/* The limit `h2-streams`. To a stream that was reset it does nothing: it was over. */
static int
keep_limit(struct um_h2_streams *streams)
{
    if (streams->count < streams->limits->max[UM_LIMIT_H2_STREAMS])
        return UM_OK;
    struct um_h2_stream *stream = least_wanted(streams);
    if (stream->request.message && !stream->is_reset)
        stream->request.message->flags |= UM_HTTP_LIMIT_H2_STREAMS;
    if (stream->id > streams->last_gone)
        streams->last_gone = stream->id;
    return give_up(streams, stream);
}

static int
open_stream(struct um_h2_streams *streams, uint32_t id, struct um_h2_stream **out)
{
    *out = find(streams, id);
    if (*out)
        return UM_OK;
    int err = keep_limit(streams);
    if (err)
        return err;
    struct um_h2_stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return UM_ERR_NOMEM;
    stream->id = id;
    if (streams->last)
        streams->last->next = stream;
    else
        streams->first = stream;
    streams->last = stream;
    streams->count++;
    *out = stream;
    return UM_OK;
}

/* The limit `memory`: nothing more of the connection is read. */
static int
leave(struct um_h2_streams *streams)
{
    int err = UM_OK;
    for (struct um_h2_stream *stream = streams->first, *next; !err && stream; stream = next) {
        next = stream->next;
        err = give_up(streams, stream);
    }
    return err ? err : UM_SINK_ENOUGH;
}

static int
begin_half(struct um_h2_streams *streams, struct half *half, struct um_http_message *message)
{
    bool has_room = um_http_connection_meter_message(streams->meter, message);
    half->message = message;
    half->wants_body = true;
    int err = streams->events.head(streams->events.ctx, message, &half->wants_body);
    if (err || has_room)
        return err;
    message->flags |= UM_HTTP_LIMIT_MEMORY;
    return UM_SINK_ENOUGH;
}

static int
tell_interim(struct um_h2_streams *streams, struct um_http_message *message)
{
    struct half half = {0};
    int result = begin_half(streams, &half, message);
    int err = result < 0 ? result : finish(streams, &half, true);
    free_message(streams, message);
    if (err || result == UM_OK)
        return err;
    return leave(streams);
}

static bool
is_interim(const struct um_http_message *message)
{
    return message->is_reply && message->status >= 100 && message->status < 200;
}

bool
um_h2_streams_has_begun(const struct um_h2_streams *streams, bool is_reply, uint32_t id)
{
    const struct um_h2_stream *stream = find(streams, id);
    const struct half *half = !stream ? NULL : is_reply ? &stream->reply : &stream->request;
    return half && (half->message || half->is_done);
}

bool
um_h2_streams_lacks_head(const struct um_h2_streams *streams, bool is_reply, uint32_t id)
{
    if (streams->client == UM_H2_SIDE_UNKNOWN || (!is_reply && !is_asked_by_client(id)))
        return false;
    bool may_be_gone = !find(streams, id) && id <= streams->last_asked;
    return !may_be_gone && !um_h2_streams_has_begun(streams, is_reply, id);
}

/*
 * The reply on a stream that was given up at the limit: to make room for it the stream that is now
 * the oldest would have to go, and so on for all of them.
 */
static bool
is_of_gone(const struct um_h2_streams *streams, const struct um_http_message *message)
{
    return message->is_reply && streams->count >= streams->limits->max[UM_LIMIT_H2_STREAMS] &&
           message->stream_id <= streams->last_gone && !find(streams, message->stream_id);
}

/*
 * The server answers what the client asked on `id`: it has read what came before that, and on the
 * streams that were reset there it sends no more.
 */
static int
give_up_resets_before(struct um_h2_streams *streams, uint32_t id)
{
    int err = UM_OK;
    for (struct um_h2_stream *stream = streams->first, *next; !err && stream; stream = next) {
        next = stream->next;
        if (stream->is_reset && stream->asked_before_reset < id)
            err = give_up(streams, stream);
    }
    return err;
}

/* A head has begun on the stream: what that tells of the others. */
static int
learn_from_head(struct um_h2_streams *streams, const struct um_h2_stream *stream, bool is_reply)
{
    if (!is_asked_by_client(stream->id) || !stream->request.message)
        return UM_OK;
    if (is_reply)
        return give_up_resets_before(streams, stream->id);
    if (stream->id > streams->last_asked)
        streams->last_asked = stream->id;
    return UM_OK;
}

int
um_h2_streams_begin(struct um_h2_streams *streams, struct um_http_message *message, bool is_last)
{
    if (is_interim(message))
        return tell_interim(streams, message);
    if (is_of_gone(streams, message)) {
        free(message);
        return UM_OK;
    }
    struct um_h2_stream *stream;
    int err = open_stream(streams, message->stream_id, &stream);
    if (err) {
        free(message);
        return err;
    }
    struct half *half = message->is_reply ? &stream->reply : &stream->request;
    int result = begin_half(streams, half, message);
    if (result == UM_SINK_ENOUGH)
        return leave(streams);
    if (!result)
        result = learn_from_head(streams, stream, message->is_reply);
    if (result || !is_last)
        return result;
    err = finish(streams, half, true);
    return err ? err : emit_if_over(streams, stream);
}

int
um_h2_streams_adopt(struct um_h2_streams *streams, struct um_http_message *request)
{
    struct um_h2_stream *stream;
    int err = open_stream(streams, 1, &stream);
    if (err) {
        free_message(streams, request);
        return err;
    }
    stream->request = (struct half){.message = request, .is_done = true};
    return learn_from_head(streams, stream, false);
}

/* ---- what a side says on a stream ---- */

static struct half *
half_of(const struct um_h2_streams *streams, int side, struct um_h2_stream *stream)
{
    return side == streams->client ? &stream->request : &stream->reply;
}

/* The message of `side` that is open on the stream, or NULL. */
static struct half *
open_half(const struct um_h2_streams *streams, int side, uint32_t id)
{
    if (streams->client == UM_H2_SIDE_UNKNOWN)
        return NULL;
    struct um_h2_stream *stream = find(streams, id);
    struct half *half = stream ? half_of(streams, side, stream) : NULL;
    return half && half->message && !half->is_done ? half : NULL;
}

int
um_h2_streams_data(struct um_h2_streams *streams, int side, uint32_t id, struct um_span bytes)
{
    struct half *half = open_half(streams, side, id);
    if (!half || half->is_broken || half->message->lost_bytes > 0 || bytes.len == 0)
        return UM_OK;
    half->message->encoded_bytes += bytes.len;
    if (!half->wants_body)
        return UM_OK;
    return streams->events.body(streams->events.ctx, half->message, bytes, &half->wants_body);
}

void
um_h2_streams_lose(struct um_h2_streams *streams, int side, uint32_t id, uint32_t missing_bytes)
{
    struct half *half = open_half(streams, side, id);
    if (half)
        half->message->lost_bytes += missing_bytes;
}

void
um_h2_streams_mark(struct um_h2_streams *streams, int side, uint32_t id, struct um_mark first,
                   struct um_mark last)
{
    struct half *half = open_half(streams, side, id);
    if (half)
        um_mark_widen(&half->message->first, &half->message->last, first, last);
}

int
um_h2_streams_end(struct um_h2_streams *streams, int side, uint32_t id)
{
    struct um_h2_stream *stream = find(streams, id);
    if (!stream || streams->client == UM_H2_SIDE_UNKNOWN)
        return UM_OK;
    int err = finish(streams, half_of(streams, side, stream), true);
    return err ? err : emit_if_over(streams, stream);
}

int
um_h2_streams_reset(struct um_h2_streams *streams, int side, uint32_t id)
{
    struct um_h2_stream *stream = find(streams, id);
    if (!stream || streams->client == UM_H2_SIDE_UNKNOWN)
        return UM_OK;
    stream->is_reset = true;
    stream->asked_before_reset = streams->last_asked;
    if (side != streams->client)
        return give_up(streams, stream);
    int err = stream->request.message ? finish(streams, &stream->request, false) : UM_OK;
    return err ? err : emit_if_over(streams, stream);
}

void
um_h2_streams_lose_place(struct um_h2_streams *streams, int side)
{
    bool is_server = streams->client != UM_H2_SIDE_UNKNOWN && side != streams->client;
    for (struct um_h2_stream *stream = streams->first; stream; stream = stream->next) {
        struct half *half = half_of(streams, side, stream);
        half->is_broken = half->is_broken || (half->message && !half->is_done);
        stream->has_hole = stream->has_hole || (is_server && !half->message);
    }
}

int
um_h2_streams_end_side(struct um_h2_streams *streams, int side)
{
    int err = UM_OK;
    for (struct um_h2_stream *stream = streams->first, *next; !err && stream; stream = next) {
        next = stream->next;
        struct half *half = half_of(streams, side, stream);
        if (!half->message || half->is_done)
            continue;
        err = finish(streams, half, false);
        if (!err)
            err = emit_if_over(streams, stream);
    }
    return err;
}

int
um_h2_streams_close(struct um_h2_streams *streams)
{
    int err = UM_OK;
    while (!err && streams->first)
        err = emit(streams, streams->first);
    return err;
}

void
um_h2_streams_done(struct um_h2_streams *streams)
{
    while (streams->first) {
        struct um_h2_stream *stream = streams->first;
        streams->first = stream->next;
        free_stream(streams, stream);
    }
}
