/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dialogues on the heap, so that no test has to think of their size. */
#include "tests/http/h2_talk.h"

#include <stdio.h>

static const struct um_endpoint ends[2] = {{.port = 40000}, {.port = 80}};

/* ---- writing ---- */

void
um_h2_talk_put(struct um_buf *to, const void *bytes, size_t len)
{
    assert_int_equal(um_buf_append(to, um_span_of(bytes, len)), UM_OK);
}

void
um_h2_talk_frame(struct um_buf *to, uint8_t type, uint8_t flags, uint32_t stream,
                 struct um_span payload)
{
    uint8_t head[UM_H2_FRAME_HEAD_BYTES] = {(uint8_t)(payload.len >> 16),
                                            (uint8_t)(payload.len >> 8),
                                            (uint8_t)payload.len,
                                            type,
                                            flags,
                                            (uint8_t)(stream >> 24),
                                            (uint8_t)(stream >> 16),
                                            (uint8_t)(stream >> 8),
                                            (uint8_t)stream};
    um_h2_talk_put(to, head, sizeof head);
    um_h2_talk_put(to, payload.data, payload.len);
}

nghttp2_nv
um_h2_talk_field(const char *name, const char *value)
{
    return (nghttp2_nv){.name = (uint8_t *)(uintptr_t)name,
                        .value = (uint8_t *)(uintptr_t)value,
                        .namelen = strlen(name),
                        .valuelen = strlen(value)};
}

struct um_span
um_h2_talk_encode(struct um_h2_talk_encoder *encoder, const nghttp2_nv *fields, size_t count)
{
    ssize_t len = nghttp2_hd_deflate_hd(encoder->deflater, encoder->block, sizeof encoder->block,
                                        fields, count);
    assert_true(len > 0);
    return um_span_of(encoder->block, (size_t)len);
}

struct um_span
um_h2_talk_request(struct um_h2_talk *talk, int side, const char *method, const char *path)
{
    nghttp2_nv fields[] = {
        um_h2_talk_field(":method", method),          um_h2_talk_field(":path", path),
        um_h2_talk_field(":scheme", "https"),         um_h2_talk_field(":authority", "um.example"),
        um_h2_talk_field("content-type", "text/xml"), um_h2_talk_field("soapaction", "\"x\"")};
    return um_h2_talk_encode(&talk->encoders[side], fields, sizeof fields / sizeof *fields);
}

struct um_span
um_h2_talk_reply(struct um_h2_talk *talk, const char *status)
{
    nghttp2_nv fields[] = {um_h2_talk_field(":status", status), um_h2_talk_field("server", "nginx"),
                           um_h2_talk_field("content-type", "text/xml")};
    return um_h2_talk_encode(&talk->encoders[UM_H2_TALK_SERVER], fields,
                             sizeof fields / sizeof *fields);
}

struct um_buf *
um_h2_talk_turn(struct um_h2_talk *talk, int side)
{
    assert_true(talk->count < UM_H2_TALK_TURNS_MAX);
    struct um_h2_talk_turn *next = &talk->turns[talk->count++];
    next->side = side;
    return &next->bytes;
}

void
um_h2_talk_lose(struct um_h2_talk *talk, int side, uint64_t lost)
{
    (void)um_h2_talk_turn(talk, side);
    talk->turns[talk->count - 1].lost = lost;
}

void
um_h2_talk_lose_last(struct um_h2_talk *talk, uint64_t more)
{
    struct um_h2_talk_turn *last = &talk->turns[talk->count - 1];
    last->lost = last->bytes.len + more;
}

struct um_h2_talk *
um_h2_talk_begin(void)
{
    struct um_h2_talk *talk = calloc(1, sizeof *talk);
    assert_non_null(talk);
    um_limits_init(&talk->limits);
    for (int side = 0; side < 2; side++)
        assert_int_equal(nghttp2_hd_deflate_new(&talk->encoders[side].deflater, 4096), 0);
    struct um_buf *client = um_h2_talk_turn(talk, UM_H2_TALK_CLIENT);
    um_h2_talk_put(client, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
    um_h2_talk_frame(client, UM_H2_SETTINGS, 0, 0, S(""));
    um_h2_talk_frame(um_h2_talk_turn(talk, UM_H2_TALK_SERVER), UM_H2_SETTINGS, 0, 0, S(""));
    return talk;
}

void
um_h2_talk_end(struct um_h2_talk *talk)
{
    for (int side = 0; side < 2; side++)
        nghttp2_hd_deflate_del(talk->encoders[side].deflater);
    for (size_t i = 0; i < talk->count; i++)
        um_buf_done(&talk->turns[i].bytes);
    free(talk);
}

void
um_h2_talk_ask(struct um_h2_talk *talk, uint32_t stream, const char *path)
{
    um_h2_talk_frame(um_h2_talk_turn(talk, UM_H2_TALK_CLIENT), UM_H2_HEADERS,
                     UM_H2_END_HEADERS | UM_H2_END_STREAM, stream,
                     um_h2_talk_request(talk, UM_H2_TALK_CLIENT, "GET", path));
}

void
um_h2_talk_answer(struct um_h2_talk *talk, uint32_t stream, const char *body)
{
    struct um_buf *to = um_h2_talk_turn(talk, UM_H2_TALK_SERVER);
    um_h2_talk_frame(to, UM_H2_HEADERS, UM_H2_END_HEADERS, stream, um_h2_talk_reply(talk, "200"));
    um_h2_talk_frame(to, UM_H2_DATA, UM_H2_END_STREAM, stream, S(body));
}

/* ---- what is told, as text ---- */

static void
tell(struct um_h2_told *told, const char *text)
{
    size_t len = strlen(text);
    if (told->is_counted_only)
        return;
    assert_true(len < sizeof told->text - told->len);
    memcpy(told->text + told->len, text, len + 1);
    told->len += len;
}

static int
hear_head(void *ctx, struct um_http_message *message, bool *wants_body)
{
    struct um_h2_told *told = ctx;
    told->begun++;
    message->user = calloc(1, sizeof(struct um_buf));
    *wants_body = true;
    return message->user ? UM_OK : UM_ERR_NOMEM;
}

static int
hear_body(void *ctx, struct um_http_message *message, struct um_span bytes, bool *wants_more)
{
    (void)ctx;
    (void)wants_more;
    assert_true(bytes.len > 0);
    return um_buf_append(message->user, bytes);
}

static int
hear_done(void *ctx, struct um_http_message *message)
{
    const struct um_buf *body = message->user;
    char line[512];
    (void)snprintf(line, sizeof line, "%u %.*s %.*s %u %.*s [%.*s]%s%s\n", message->stream_id,
                   (int)message->method.len, (const char *)message->method.data,
                   (int)message->target.len, (const char *)message->target.data, message->status,
                   (int)message->content_type.len, (const char *)message->content_type.data,
                   (int)body->len, (const char *)body->data, message->complete ? "" : " cut",
                   message->is_coding_unknown ? " coded?" : "");
    tell(ctx, line);
    return UM_OK;
}

static int
hear_exchange(void *ctx, struct um_http_message *asked, struct um_http_message *answer,
              enum um_unanswered why)
{
    struct um_h2_told *told = ctx;
    char line[64];
    told->exchanges++;
    (void)snprintf(line, sizeof line, "%s%s%s%s\n", asked ? "?" : "", answer ? "!" : "",
                   why == UM_UNANSWERED_NO ? "" : " ", um_unanswered_text(why));
    tell(told, line);
    return UM_OK;
}

static void
hear_forget(void *ctx, struct um_http_message *message)
{
    struct um_h2_told *told = ctx;
    told->forgotten++;
    if (message->user)
        um_buf_done(message->user);
    free(message->user);
}

/* ---- playing ---- */

/* The connection under test, of either kind. */
struct played {
    struct um_http_connection *http;
    struct um_http2_connection *http2;
    struct um_sink sinks[2];
    size_t step;
    uint64_t frame;
};

static int
push(struct played *played, int side, struct um_span bytes)
{
    struct um_sink sink = played->sinks[side];
    struct um_mark mark = {.frame = ++played->frame};
    int err = UM_OK;
    while (err >= 0 && bytes.len > 0) {
        struct um_span piece = um_span_first(bytes, played->step);
        uint8_t *copy = um_test_exact_copy(piece.data, piece.len);
        struct um_chunk chunk = {.bytes = um_span_of(copy, piece.len), .first = mark, .last = mark};
        err = sink.data(sink.ctx, &chunk);
        free(copy);
        bytes = um_span_from(bytes, piece.len);
    }
    return err;
}

/* The client's preface stands behind the 101, the server's in one segment with it. */
static int
push_upgrade(struct played *played, const struct um_h2_talk *talk)
{
    struct um_span switching = S("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n");
    struct um_span settings = um_buf_span(&talk->turns[UM_H2_TALK_SERVER].bytes);
    uint8_t upgraded[256];
    memcpy(upgraded, switching.data, switching.len);
    memcpy(upgraded + switching.len, settings.data, settings.len);
    int err = push(played, UM_H2_TALK_CLIENT, S("GET /up HTTP/1.1\r\nUpgrade: h2c\r\n\r\n"));
    if (!err)
        err = push(played, UM_H2_TALK_SERVER, um_span_of(upgraded, switching.len + settings.len));
    return err ? err
               : push(played, UM_H2_TALK_CLIENT,
                      um_buf_span(&talk->turns[UM_H2_TALK_CLIENT].bytes));
}

static int
push_turns(struct played *played, const struct um_h2_talk *talk)
{
    int err = talk->is_upgraded ? push_upgrade(played, talk) : UM_OK;
    for (size_t i = talk->is_upgraded ? 2 : 0; err >= 0 && i < talk->count; i++) {
        const struct um_h2_talk_turn *turn = &talk->turns[i];
        struct um_sink sink = played->sinks[turn->side];
        struct um_mark mark = {.frame = ++played->frame};
        err = turn->lost > 0
                  ? sink.gap(sink.ctx, um_missing_exactly(turn->lost), UM_GAP_LOST, &mark)
                  : push(played, turn->side, um_buf_span(&turn->bytes));
    }
    struct um_mark mark = {.frame = played->frame + 1};
    for (int side = 0; err >= 0 && side < 2; side++)
        err = played->sinks[side].end(played->sinks[side].ctx, talk->why, &mark);
    return err;
}

static int
open_connection(struct played *played, const struct um_h2_talk *talk, struct um_meter *meter,
                const struct um_http_events *events)
{
    const struct um_limits *limits = &talk->limits;
    int err = talk->is_upgraded
                  ? um_http_connection_new(limits, meter, events, 1, ends, &played->http)
                  : um_http2_connection_new(limits, meter, events, 1, ends, &played->http2);
    for (int side = 0; !err && side < 2; side++) {
        if (played->http)
            played->sinks[side] = um_http_connection_sink(played->http, side);
        if (played->http2)
            played->sinks[side] = um_http2_connection_sink(played->http2, side);
    }
    return err;
}

static int
close_connection(struct played *played, int err)
{
    if (err < 0) {
        um_http_connection_free(played->http);
        um_http2_connection_free(played->http2);
        return err;
    }
    return played->http ? um_http_connection_close(played->http)
                        : um_http2_connection_close(played->http2);
}

int
um_h2_talk_play(struct um_h2_talk *talk, size_t step, struct um_h2_told *told)
{
    struct um_meter meter = {.max = talk->limits.max[UM_LIMIT_MEMORY]};
    struct um_http_events events = {.ctx = told,
                                    .head = hear_head,
                                    .body = hear_body,
                                    .done = hear_done,
                                    .exchange = hear_exchange,
                                    .forget = hear_forget};
    struct played played = {.step = step};
    int err = open_connection(&played, talk, &meter, &events);
    if (!err && (played.http || played.http2))
        err = close_connection(&played, push_turns(&played, talk));
    talk->peak = meter.peak;
    assert_int_equal(meter.used, 0);
    if (err) /* also of one that failed before it was told */
        assert_true(told->begun <= told->forgotten);
    else
        assert_int_equal(told->begun, told->forgotten);
    return err;
}

void
um_h2_talk_assert(struct um_h2_talk *talk, const char *expected)
{
    static const size_t steps[] = {SIZE_MAX, 1, 7};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct um_h2_told told = {0};
        assert_int_equal(um_h2_talk_play(talk, steps[i], &told), UM_OK);
        assert_string_equal(told.text, expected);
    }
}
