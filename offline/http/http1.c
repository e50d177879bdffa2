/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Each place has one function that takes what it can off the input and says where to go on. Those
 * before a body are in http1_head; bodies pass through as they lie.
 */
#include "offline/http/http1.h"

#include <assert.h>

#include "core/base/err.h"
#include "core/http/reply.h"
#include "offline/http/http1_head.h"

enum {
    LEAST_MESSAGE_BYTES = 16, /* "A / HTTP/1.1" and the end of its head */
    EMPTY_LINES_BYTES = 4,    /* two of them are read past where a body may have been left out */
};

void
um_http1_init(struct um_http1 *http, const struct um_limits *limits, struct um_meter *meter,
              const struct um_http1_events *events)
{
    *http = (struct um_http1){.limits = limits,
                              .meter = meter,
                              .events = *events,
                              .place = UM_HTTP1_START,
                              .look = UM_HTTP_LOOK_KNOWN,
                              .doubt = UM_HTTP1_DOUBT_BEGINNING,
                              .before = '\n'};
}

void
um_http1_done(struct um_http1 *http)
{
    um_http1_head_drop(http);
}

/* ---- ends and losses ---- */

static int
finish(struct um_http1 *http, bool is_complete)
{
    struct um_http_message *message = http->message;
    http->message = NULL;
    http->may_lack_body = http->is_body_refused = false;
    message->complete = is_complete && message->lost_bytes == 0 &&
                        (message->flags & (UM_HTTP_HEAD_CUT | UM_HTTP_CHUNK_BAD)) == 0;
    return http->events.done(http->events.ctx, message);
}

/* The body ended as it should: the next byte begins a message. */
static int
finish_whole(struct um_http1 *http)
{
    http->place = UM_HTTP1_START;
    return finish(http, true);
}

/* Lost inside a body, or behind all of its chunks: what is known of the message is told, and the
 * next one looked for. */
static int
finish_lost(struct um_http1 *http)
{
    bool is_whole = http->place == UM_HTTP1_CHUNKED && um_chunked_has_all_data(&http->chunked);
    http->place = UM_HTTP1_SEARCH;
    return finish(http, is_whole);
}

/* ---- heads ---- */

/* Where the body goes by the framing that the receiver settled. */
static int
begin_body(struct um_http1 *http)
{
    const struct um_http_message *message = http->message;
    http->may_lack_body = !message->is_reply;
    http->head_limits = 0;
    http->first = http->last = (struct um_mark){0};
    switch (message->framing) {
    case UM_HTTP_FRAMING_LENGTH:
        http->place = UM_HTTP1_LENGTH;
        http->left = message->content_length;
        return http->left == 0 ? finish_whole(http) : UM_OK;
    case UM_HTTP_FRAMING_CHUNKED:
        http->place = UM_HTTP1_CHUNKED;
        http->chunked = (struct um_chunked){0};
        return UM_OK;
    case UM_HTTP_FRAMING_CLOSE:
        http->place = UM_HTTP1_CLOSE;
        return UM_OK;
    default:
        return finish_whole(http);
    }
}

/* Tells a head that was read. `flags`: what was odd about its end. */
static int
take_head(struct um_http1 *http, struct um_http_message *message, unsigned flags)
{
    if (http->head_limits & UM_HTTP_LIMIT_MEMORY)
        flags |= UM_HTTP_HEAD_CUT;
    message->flags |= flags | http->head_limits;
    message->first = http->first;
    message->last = http->last;
    if (flags & UM_HTTP_HEAD_CUT)
        message->framing = UM_HTTP_FRAMING_NONE;
    http->message = message;
    http->wants_body = true;
    http->doubt = UM_HTTP1_DOUBT_NONE;
    http->slack = 0;
    int err = http->events.head(http->events.ctx, message, http->is_found_again, &http->wants_body);
    if (err)
        return err;
    if (flags & UM_HTTP_HEAD_CUT)
        return finish_lost(http);
    if (http->place != UM_HTTP1_OVER)
        return begin_body(http);
    return finish(http, message->framing == UM_HTTP_FRAMING_NONE); /* the receiver has left */
}

static int
read_head(struct um_http1 *http, struct um_span *input)
{
    struct um_http_message *message;
    int err = um_http1_head_read(http, input, &message);
    return err || !message ? err : take_head(http, message, 0);
}

static int
cut_head(struct um_http1 *http)
{
    struct um_http_message *message;
    int err = um_http1_head_cut(http, &message);
    return err || !message ? err : take_head(http, message, UM_HTTP_HEAD_CUT);
}

/* ---- bodies ---- */

static int
give_body(struct um_http1 *http, struct um_span bytes)
{
    struct um_http_message *message = http->message;
    assert(message);
    if (message->lost_bytes > 0)
        return UM_OK; /* nothing comes after the first hole */
    message->encoded_bytes += bytes.len;
    if (!http->wants_body || bytes.len == 0)
        return UM_OK;
    return http->events.body(http->events.ctx, message, bytes, &http->wants_body);
}

static int
read_length(struct um_http1 *http, struct um_span *input)
{
    struct um_span bytes =
        um_span_first(*input, http->left < input->len ? (size_t)http->left : input->len);
    *input = um_span_from(*input, bytes.len);
    http->left -= bytes.len;
    int err = give_body(http, bytes);
    return !err && http->left == 0 ? finish_whole(http) : err;
}

static int
read_chunked(struct um_http1 *http, struct um_span *input)
{
    struct um_span bytes;
    enum um_step step = um_chunked_next(&http->chunked, input, &bytes);
    int err = give_body(http, bytes);
    if (err || step == UM_MORE)
        return err;
    if (step == UM_DONE)
        return finish_whole(http);
    http->message->flags |= UM_HTTP_CHUNK_BAD;
    return finish_lost(http);
}

static int
read_close(struct um_http1 *http, struct um_span *input)
{
    struct um_span bytes = *input;
    *input = um_span_from(bytes, bytes.len);
    return give_body(http, bytes);
}

static int
read_on(struct um_http1 *http, struct um_span *input)
{
    switch (http->place) {
    case UM_HTTP1_START:
        um_http1_head_await(http, input);
        return UM_OK;
    case UM_HTTP1_HEAD:
        return read_head(http, input);
    case UM_HTTP1_LENGTH:
        return read_length(http, input);
    case UM_HTTP1_CHUNKED:
        return read_chunked(http, input);
    case UM_HTTP1_CLOSE:
        return read_close(http, input);
    case UM_HTTP1_SEARCH:
        return um_http1_head_search(http, input);
    default:
        http->left_over = *input;
        *input = um_span_of(NULL, 0);
        return UM_OK;
    }
}

/* ---- bodies that may have been left out ---- */

void
um_http1_refuse_body(struct um_http1 *http)
{
    http->is_body_refused = http->may_lack_body;
}

static int
leave_out_body(struct um_http1 *http)
{
    assert(http->message);
    http->message->framing = UM_HTTP_FRAMING_NONE;
    return finish_whole(http);
}

static int read_all(struct um_http1 *http, struct um_span input);

/* It is known what the bytes are that were kept: read as such. */
static int
read_kept(struct um_http1 *http, bool is_left_out)
{
    struct um_buf kept = http->head;
    um_meter_give(http->meter, kept.len);
    const struct um_chunk *chunk = http->chunk;
    const struct um_chunk all = {.first = http->first, .last = http->last};
    http->head = (struct um_buf){0};
    http->may_lack_body = false;
    http->chunk = &all;
    int err = is_left_out ? leave_out_body(http) : UM_OK;
    if (!err)
        err = read_all(http, um_buf_span(&kept));
    http->chunk = chunk;
    http->left_over = um_span_of(NULL, 0);
    um_buf_done(&kept);
    return err;
}

/* What follows the empty lines that some clients send before a request; RFC 9112 section 2.2. */
static struct um_span
past_empty_lines(struct um_span bytes)
{
    size_t at = 0;
    while (at < bytes.len && at < EMPTY_LINES_BYTES &&
           (bytes.data[at] == '\r' || bytes.data[at] == '\n'))
        at++;
    return um_span_from(bytes, at);
}

static enum um_step
look_for_next(struct um_span bytes)
{
    struct um_span rest = past_empty_lines(bytes);
    return rest.len == 0 ? UM_MORE : um_http_head_look(rest, UM_HTTP_LOOK_REQUEST);
}

/* Keeps bytes, at most to the end of their line, until they are a start line, or are none. */
static int
keep_for_look(struct um_http1 *http, struct um_span *input)
{
    struct um_span line = um_span_first(*input, um_span_find(*input, '\n') + 1);
    size_t before = http->head.len;
    um_mark_widen(&http->first, &http->last, http->chunk->first, http->chunk->last);
    int err = um_http1_head_keep(http, um_span_first(line, um_http1_head_room(http)));
    *input = um_span_from(*input, http->head.len - before);
    if (err)
        return err;
    enum um_step step = look_for_next(um_buf_span(&http->head));
    if (step == UM_MORE && um_http1_head_room(http) > 0)
        return UM_OK;
    return read_kept(http, step == UM_DONE);
}

/*
 * The first bytes behind a head that waits for leave to send its body: whether the other side
 * refused is not asked, as its reply may not have been captured.
 */
static int
tell_body_from_head(struct um_http1 *http, struct um_span *input)
{
    if (http->head.len > 0)
        return keep_for_look(http, input);
    enum um_step step = look_for_next(*input);
    if (step == UM_BAD ||
        !(http->is_body_refused || um_http_reply_may_refuse_body(http->message))) {
        http->may_lack_body = false;
        return UM_OK;
    }
    return step == UM_DONE ? leave_out_body(http) : keep_for_look(http, input);
}

/* ---- what comes in ---- */

static void
add_chunk_marks(struct um_http1 *http)
{
    if (http->place == UM_HTTP1_START || http->place == UM_HTTP1_SEARCH)
        return; /* nothing is being read yet */
    if (http->message)
        um_mark_widen(&http->message->first, &http->message->last, http->chunk->first,
                      http->chunk->last);
    else
        um_mark_widen(&http->first, &http->last, http->chunk->first, http->chunk->last);
}

static int
read_all(struct um_http1 *http, struct um_span input)
{
    int err = UM_OK;
    while (!err && input.len > 0) {
        struct um_span old = input;
        if (http->may_lack_body) {
            err = tell_body_from_head(http, &input);
        } else {
            add_chunk_marks(http);
            err = read_on(http, &input);
        }
        if (!http->message && input.len < old.len)
            http->before = old.data[old.len - input.len - 1];
    }
    return err;
}

int
um_http1_data(struct um_http1 *http, const struct um_chunk *chunk)
{
    http->left_over = um_span_of(NULL, 0);
    http->chunk = chunk;
    int err = read_all(http, chunk->bytes);
    http->chunk = NULL;
    return err;
}

/* Bytes of the body that come before the reader must look again; 0 outside of one. */
static uint64_t
body_left(const struct um_http1 *http)
{
    switch (http->place) {
    case UM_HTTP1_LENGTH:
        return http->left;
    case UM_HTTP1_CHUNKED:
        return http->chunked.place == UM_CHUNKED_DATA ? http->chunked.left : 0;
    case UM_HTTP1_CLOSE:
        return UINT64_MAX;
    default:
        return 0;
    }
}

/*
 * Only of replies that have begun: what the other side says may turn what follows a request into
 * something else (an upgrade, a body that was refused).
 */
int
um_http1_unneeded(const struct um_http1 *http)
{
    const struct um_http_message *message = http->message;
    if (!message || !message->is_reply || message->encoded_bytes == 0)
        return 0;
    bool is_wanted = http->wants_body && message->lost_bytes == 0;
    uint64_t left = is_wanted ? 0 : body_left(http);
    if (left <= 1)
        return 0; /* with the last byte the message ends: its packet is to be known */
    return left - 1 < UM_SINK_ENOUGH ? (int)(left - 1) : UM_SINK_ENOUGH - 1;
}

void
um_http1_passed(struct um_http1 *http, uint64_t bytes, const struct um_mark *last)
{
    struct um_http_message *message = http->message;
    if (!message)
        return; /* it was left meanwhile */
    assert(bytes < body_left(http));
    message->last = um_mark_later(message->last, *last);
    if (message->lost_bytes == 0)
        message->encoded_bytes += bytes;
    if (http->place == UM_HTTP1_LENGTH)
        http->left -= bytes;
    else if (http->place == UM_HTTP1_CHUNKED)
        http->chunked.left -= bytes;
}

/* What is left of `from` when as much as it has of `taken` is taken off. */
static uint64_t
take_off(uint64_t from, uint64_t taken)
{
    return taken < from ? from - taken : 0;
}

/*
 * A hole in a body of known length, or one that goes on behind its end. With too few bytes there
 * for any message the next ones tell whether one begins. Where a hole's length is not known, nor is
 * how much of the body is left: it ends with the first message that begins where it may.
 */
static int
lose_length(struct um_http1 *http, struct um_missing missing)
{
    uint64_t left_most = http->left + http->slack;
    uint64_t beyond = take_off(missing.most, http->left);
    uint64_t beyond_least = take_off(missing.least, left_most);
    http->message->lost_bytes += missing.most - beyond;
    if (beyond >= LEAST_MESSAGE_BYTES) {
        int err = finish_lost(http);
        bool is_sure = beyond_least >= LEAST_MESSAGE_BYTES;
        return err || !is_sure ? err : http->events.lost(http->events.ctx);
    }
    http->left = take_off(http->left, missing.most);
    http->slack = take_off(left_most, missing.least) - http->left;
    bool is_near = beyond > 0 || http->slack > 0;
    http->doubt = is_near ? UM_HTTP1_DOUBT_NEAR : UM_HTTP1_DOUBT_NONE;
    return http->left == 0 ? finish_whole(http) : UM_OK;
}

/* Bytes are missing where a message belongs; perhaps none. */
static int
lose_start(struct um_http1 *http, struct um_missing missing, bool was_near)
{
    bool is_sure = missing.least > (was_near ? http->slack : 0);
    if (!is_sure && missing.most < LEAST_MESSAGE_BYTES) {
        http->doubt = UM_HTTP1_DOUBT_NEAR;
        return UM_OK;
    }
    http->place = UM_HTTP1_SEARCH;
    http->slack = 0;
    return is_sure ? http->events.lost(http->events.ctx) : UM_OK;
}

int
um_http1_gap(struct um_http1 *http, struct um_missing missing)
{
    int err = http->may_lack_body ? read_kept(http, false) : UM_OK;
    if (err)
        return err;
    struct um_http_message *message = http->message;
    bool was_near = http->doubt == UM_HTTP1_DOUBT_NEAR;
    http->before = '\n'; /* anything may have stood there */
    http->doubt = UM_HTTP1_DOUBT_NONE;
    switch (http->place) {
    case UM_HTTP1_START:
        return lose_start(http, missing, was_near);
    case UM_HTTP1_HEAD:
        return cut_head(http);
    case UM_HTTP1_LENGTH:
        return lose_length(http, missing);
    case UM_HTTP1_CHUNKED:
        if (!um_chunked_has_all_data(&http->chunked))
            message->lost_bytes += missing.most;
        return um_chunked_gap(&http->chunked, missing.most) ? UM_OK : finish_lost(http);
    case UM_HTTP1_CLOSE:
        message->lost_bytes += missing.most;
        return UM_OK;
    default:
        return UM_OK;
    }
}

int
um_http1_gap_ahead(struct um_http1 *http, uint64_t most)
{
    bool is_in_doubt = http->may_lack_body && (http->is_body_refused || http->head.len > 0);
    bool is_open = http->message && !is_in_doubt;
    if (is_open && http->place != UM_HTTP1_CLOSE && most > body_left(http)) {
        http->doubt = UM_HTTP1_DOUBT_NONE; /* what follows may be of another message */
        return finish_lost(http);
    }
    if (http->message || http->place > UM_HTTP1_HEAD)
        return UM_OK;
    return um_http1_gap(http, um_missing_exactly(most));
}

int
um_http1_end(struct um_http1 *http, enum um_end why)
{
    bool is_left_out = http->is_body_refused && past_empty_lines(um_buf_span(&http->head)).len == 0;
    int err = http->may_lack_body ? read_kept(http, is_left_out) : UM_OK;
    if (err)
        return err;
    enum um_http1_place place = http->place;
    if (place == UM_HTTP1_HEAD)
        err = http->is_first_line ? UM_OK : cut_head(http);
    else if (place == UM_HTTP1_CHUNKED)
        err = finish(http, um_chunked_has_all_data(&http->chunked));
    else if (place == UM_HTTP1_CLOSE)
        err = finish(http, why == UM_END_FIN);
    else if (place == UM_HTTP1_LENGTH)
        err = finish(http, false);
    http->place = UM_HTTP1_OVER;
    return err;
}

int
um_http1_leave(struct um_http1 *http)
{
    enum um_http1_place place = http->place;
    http->place = UM_HTTP1_OVER;
    http->may_lack_body = false;
    um_http1_head_drop(http);
    bool is_in_body =
        place == UM_HTTP1_LENGTH || place == UM_HTTP1_CHUNKED || place == UM_HTTP1_CLOSE;
    return is_in_body ? finish(http, http->message->framing == UM_HTTP_FRAMING_NONE) : UM_OK;
}
