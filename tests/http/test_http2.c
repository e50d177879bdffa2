/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP/2 dialogues, written with nghttp2's encoder: what is told of them, whole and damaged. */
#include "offline/http/http2.h"

#include <nghttp2/nghttp2.h>
#include <stdio.h>

#include "core/base/buf.h"
#include "offline/http/h2_frame.h"
#include "tests/support/support.h"

enum { CLIENT, SERVER };

static const struct um_endpoint ends[2] = {{.port = 40000}, {.port = 80}};

/* ---- writing frames ---- */

static void
put(struct um_buf *to, const void *bytes, size_t len)
{
    assert_int_equal(um_buf_append(to, um_span_of(bytes, len)), UM_OK);
}

static void
put_frame(struct um_buf *to, uint8_t type, uint8_t flags, uint8_t stream, struct um_span payload)
{
    uint8_t head[UM_H2_FRAME_HEAD_BYTES] = {(uint8_t)(payload.len >> 16),
                                            (uint8_t)(payload.len >> 8),
                                            (uint8_t)payload.len,
                                            type,
                                            flags,
                                            0,
                                            0,
                                            0,
                                            stream};
    put(to, head, sizeof head);
    put(to, payload.data, payload.len);
}

static nghttp2_nv
field(const char *name, const char *value)
{
    return (nghttp2_nv){.name = (uint8_t *)(uintptr_t)name,
                        .value = (uint8_t *)(uintptr_t)value,
                        .namelen = strlen(name),
                        .valuelen = strlen(value)};
}

/* One side's encoder; its blocks live until the next. */
struct encoder {
    nghttp2_hd_deflater *deflater;
    uint8_t block[4096];
};

static struct um_span
encode(struct encoder *encoder, const nghttp2_nv *fields, size_t count)
{
    ssize_t len = nghttp2_hd_deflate_hd(encoder->deflater, encoder->block, sizeof encoder->block,
                                        fields, count);
    assert_true(len > 0);
    return um_span_of(encoder->block, (size_t)len);
}

static struct um_span
request(struct encoder *encoder, const char *method, const char *path)
{
    nghttp2_nv fields[] = {field(":method", method),          field(":path", path),
                           field(":scheme", "https"),         field(":authority", "um.example"),
                           field("content-type", "text/xml"), field("soapaction", "\"x\"")};
    return encode(encoder, fields, sizeof fields / sizeof *fields);
}

static struct um_span
reply(struct encoder *encoder, const char *status)
{
    nghttp2_nv fields[] = {field(":status", status), field("server", "nginx"),
                           field("content-type", "text/xml")};
    return encode(encoder, fields, sizeof fields / sizeof *fields);
}

/* ---- what is told, as text ---- */

struct told {
    char text[2048];
    size_t len;
    size_t begun, forgotten;
};

static void
tell(struct told *told, const char *text)
{
    size_t len = strlen(text);
    assert_true(len < sizeof told->text - told->len);
    memcpy(told->text + told->len, text, len + 1);
    told->len += len;
}

static int
hear_head(void *ctx, struct um_http_message *message, bool *wants_body)
{
    struct told *told = ctx;
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
    return um_buf_append(message->user, bytes);
}

static int
hear_done(void *ctx, struct um_http_message *message)
{
    struct told *told = ctx;
    struct um_buf *body = message->user;
    char line[512];
    (void)snprintf(line, sizeof line, "%u %.*s %.*s %u %.*s [%.*s]%s\n", message->stream_id,
                   (int)message->method.len, (const char *)message->method.data,
                   (int)message->target.len, (const char *)message->target.data, message->status,
                   (int)message->content_type.len, (const char *)message->content_type.data,
                   (int)body->len, (const char *)body->data, message->complete ? "" : " cut");
    tell(told, line);
    return UM_OK;
}

static int
hear_exchange(void *ctx, struct um_http_message *asked, struct um_http_message *answer,
              enum um_unanswered why)
{
    char line[64];
    (void)snprintf(line, sizeof line, "%s%s %d\n", asked ? "?" : "", answer ? "!" : "", (int)why);
    tell(ctx, line);
    return UM_OK;
}

static void
hear_forget(void *ctx, struct um_http_message *message)
{
    struct told *told = ctx;
    told->forgotten++;
    if (message->user)
        um_buf_done(message->user);
    free(message->user);
}

/* ---- dialogues ---- */

struct turn {
    int side;
    struct um_buf bytes;
    uint64_t lost; /* instead */
};

struct dialogue {
    struct encoder encoders[2];
    struct turn turns[16];
    size_t count;
};

static struct um_buf *
turn(struct dialogue *dialogue, int side)
{
    struct turn *next = &dialogue->turns[dialogue->count++];
    next->side = side;
    return &next->bytes;
}

/* Both prefaces. */
static struct dialogue *
begin(void)
{
    struct dialogue *dialogue = calloc(1, sizeof *dialogue);
    assert_non_null(dialogue);
    for (int side = 0; side < 2; side++)
        assert_int_equal(nghttp2_hd_deflate_new(&dialogue->encoders[side].deflater, 4096), 0);
    struct um_buf *client = turn(dialogue, CLIENT);
    put(client, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
    put_frame(client, UM_H2_SETTINGS, 0, 0, S(""));
    put_frame(turn(dialogue, SERVER), UM_H2_SETTINGS, 0, 0, S(""));
    return dialogue;
}

static void
end(struct dialogue *dialogue)
{
    for (int side = 0; side < 2; side++)
        nghttp2_hd_deflate_del(dialogue->encoders[side].deflater);
    for (size_t i = 0; i < dialogue->count; i++)
        um_buf_done(&dialogue->turns[i].bytes);
    free(dialogue);
}

static void
ask(struct dialogue *dialogue, uint8_t stream, const char *path)
{
    put_frame(turn(dialogue, CLIENT), UM_H2_HEADERS, UM_H2_END_HEADERS | UM_H2_END_STREAM, stream,
              request(&dialogue->encoders[CLIENT], "GET", path));
}

static void
answer(struct dialogue *dialogue, uint8_t stream, const char *body)
{
    struct um_buf *to = turn(dialogue, SERVER);
    put_frame(to, UM_H2_HEADERS, UM_H2_END_HEADERS, stream,
              reply(&dialogue->encoders[SERVER], "200"));
    put_frame(to, UM_H2_DATA, UM_H2_END_STREAM, stream, S(body));
}

static int
push_turn(struct um_http2_connection *connection, const struct turn *turn, size_t step,
          uint64_t frame)
{
    struct um_sink sink = um_http2_connection_sink(connection, turn->side);
    struct um_mark mark = {.frame = frame};
    if (turn->lost > 0)
        return sink.gap(sink.ctx, turn->lost, UM_GAP_LOST, &mark);
    struct um_span rest = um_buf_span(&turn->bytes);
    int err = UM_OK;
    while (err >= 0 && rest.len > 0) {
        size_t len = step < rest.len ? step : rest.len;
        uint8_t *copy = um_test_exact_copy(rest.data, len);
        struct um_chunk chunk = {.bytes = um_span_of(copy, len), .first = mark, .last = mark};
        err = sink.data(sink.ctx, &chunk);
        free(copy);
        rest = um_span_from(rest, len);
    }
    return err;
}

static int
play_all(const struct dialogue *dialogue, size_t step, struct um_http2_connection *connection)
{
    int err = UM_OK;
    for (size_t i = 0; err >= 0 && i < dialogue->count; i++)
        err = push_turn(connection, &dialogue->turns[i], step, i + 1);
    for (int side = 0; err >= 0 && side < 2; side++) {
        struct um_sink sink = um_http2_connection_sink(connection, side);
        err = sink.end(sink.ctx, UM_END_FIN, &(struct um_mark){.frame = 99});
    }
    if (err >= 0)
        return um_http2_connection_close(connection);
    um_http2_connection_free(connection);
    return err;
}

/* Plays it in pieces of `step` bytes; the result of the last function. */
static int
play(const struct dialogue *dialogue, size_t step, const struct um_limits *limits,
     struct told *told)
{
    struct um_meter meter = {.max = limits->max[UM_LIMIT_MEMORY]};
    struct um_http_events events = {.ctx = told,
                                    .head = hear_head,
                                    .body = hear_body,
                                    .done = hear_done,
                                    .exchange = hear_exchange,
                                    .forget = hear_forget};
    struct um_http2_connection *connection;
    *told = (struct told){0};
    int err = um_http2_connection_new(limits, &meter, &events, 1, ends, &connection);
    if (!err && connection)
        err = play_all(dialogue, step, connection);
    assert_int_equal(meter.used, 0);
    assert_int_equal(told->begun, told->forgotten);
    return err;
}

static void
assert_told(const struct dialogue *dialogue, const struct um_limits *limits, const char *expected)
{
    static const size_t steps[] = {SIZE_MAX, 1, 7};
    struct um_limits usual;
    um_limits_init(&usual);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        struct told told;
        assert_int_equal(play(dialogue, steps[i], limits ? limits : &usual, &told), UM_OK);
        assert_string_equal(told.text, expected);
    }
}

/* ---- tests ---- */

static int
send(struct um_http_connection *connection, int side, struct um_span bytes, size_t step)
{
    struct um_sink sink = um_http_connection_sink(connection, side);
    int err = UM_OK;
    while (!err && bytes.len > 0) {
        struct um_chunk chunk = {.bytes = um_span_first(bytes, step)};
        bytes = um_span_from(bytes, step);
        err = sink.data(sink.ctx, &chunk);
    }
    return err;
}

/* The upgrade, then the dialogue, all in pieces of `step` bytes. */
static int
play_upgrade(const struct dialogue *dialogue, size_t step, struct told *told)
{
    struct um_limits limits;
    um_limits_init(&limits);
    struct um_meter meter = {.max = 1 << 20};
    struct um_http_events events = {.ctx = told,
                                    .head = hear_head,
                                    .body = hear_body,
                                    .done = hear_done,
                                    .exchange = hear_exchange,
                                    .forget = hear_forget};
    struct um_http_connection *connection;
    struct um_buf upgraded = {0};
    struct um_span switching = S("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n");
    put(&upgraded, switching.data, switching.len);
    struct um_span settings = um_buf_span(&dialogue->turns[SERVER].bytes);
    put(&upgraded, settings.data, settings.len); /* in the same segment */
    assert_int_equal(um_http_connection_new(&limits, &meter, &events, 1, ends, &connection), UM_OK);
    int err = send(connection, CLIENT, S("GET /up HTTP/1.1\r\nUpgrade: h2c\r\n\r\n"), step);
    if (!err)
        err = send(connection, SERVER, um_buf_span(&upgraded), step);
    if (!err)
        err = send(connection, CLIENT, um_buf_span(&dialogue->turns[CLIENT].bytes), step);
    for (size_t i = 2; !err && i < dialogue->count; i++)
        err =
            send(connection, dialogue->turns[i].side, um_buf_span(&dialogue->turns[i].bytes), step);
    if (!err)
        err = um_http_connection_close(connection);
    else
        um_http_connection_free(connection);
    um_buf_done(&upgraded);
    assert_int_equal(meter.used, 0);
    assert_int_equal(told->begun, told->forgotten);
    return err;
}

static void
an_upgraded_request_is_answered_on_stream_1(void **state)
{
    (void)state;
    struct dialogue *d = begin();
    answer(d, 1, "one");
    ask(d, 3, "/b");
    answer(d, 3, "b");
    for (size_t step = 1; step < 200; step += 66) {
        struct told told = {0};
        assert_int_equal(play_upgrade(d, step, &told), UM_OK);
        assert_string_equal(told.text,
                            "0 GET /up 0  []\n0   101  []\n1   200 text/xml [one]\n?! 0\n"
                            "3 GET /b 0 text/xml []\n3   200 text/xml [b]\n?! 0\n");
    }
    end(d);
}

static void
streams_interleave_and_are_paired(void **state)
{
    (void)state;
    struct dialogue *d = begin();
    ask(d, 1, "/a");
    ask(d, 3, "/b");
    answer(d, 3, "three");
    answer(d, 1, "one");
    assert_told(d, NULL,
                "1 GET /a 0 text/xml []\n3 GET /b 0 text/xml []\n"
                "3   200 text/xml [three]\n?! 0\n1   200 text/xml [one]\n?! 0\n");
    end(d);
}

static void
padding_continuation_and_unknown_frames_change_nothing(void **state)
{
    (void)state;
    struct dialogue *d = begin();
    struct um_span block = request(&d->encoders[CLIENT], "POST", "/ews");
    struct um_buf *to = turn(d, CLIENT);
    struct um_buf padded = {0};
    put(&padded, "\2\0\0\0\0\17", 6); /* two bytes of padding, priority */
    put(&padded, block.data, 5);
    put(&padded, "\0\0", 2);
    put_frame(to, UM_H2_HEADERS, UM_H2_PADDED | UM_H2_PRIORITISED, 1, um_buf_span(&padded));
    um_buf_done(&padded);
    put_frame(to, UM_H2_CONTINUATION, 0, 1, S(""));
    put_frame(to, UM_H2_CONTINUATION, UM_H2_END_HEADERS, 1, um_span_from(block, 5));
    put_frame(to, 0x77, 0xff, 1, S("what is this"));
    put_frame(to, UM_H2_DATA, UM_H2_PADDED, 1, um_span_of("\3call\0\0\0", 8));
    put_frame(to, UM_H2_PING, 0, 0, S("12345678"));
    put_frame(to, UM_H2_DATA, 0, 1, S("ing"));
    put_frame(to, UM_H2_DATA, UM_H2_END_STREAM, 1, S(""));
    answer(d, 1, "ok");
    assert_told(d, NULL, "1 POST /ews 0 text/xml [calling]\n1   200 text/xml [ok]\n?! 0\n");
    end(d);
}

static void
a_promise_is_the_request_of_the_pushed_reply(void **state)
{
    (void)state;
    struct dialogue *d = begin();
    ask(d, 1, "/a");
    struct um_buf promise = {0};
    put(&promise, "\0\0\0\2", 4);
    struct um_span block = request(&d->encoders[SERVER], "GET", "/style");
    put(&promise, block.data, block.len);
    put_frame(turn(d, SERVER), UM_H2_PUSH_PROMISE, UM_H2_END_HEADERS, 1, um_buf_span(&promise));
    um_buf_done(&promise);
    answer(d, 2, "pushed");
    answer(d, 1, "one");
    assert_told(d, NULL,
                "1 GET /a 0 text/xml []\n2 GET /style 0 text/xml []\n"
                "2   200 text/xml [pushed]\n?! 0\n1   200 text/xml [one]\n?! 0\n");
    end(d);
}

static void
a_reset_stream_is_unanswered(void **state)
{
    (void)state;
    struct dialogue *d = begin();
    ask(d, 1, "/a");
    put_frame(turn(d, SERVER), UM_H2_RST_STREAM, 0, 1, um_span_of("\0\0\0\7", 4));
    ask(d, 3, "/b");
    char expected[128];
    (void)snprintf(expected, sizeof expected,
                   "1 GET /a 0 text/xml []\n? %d\n3 GET /b 0 text/xml []\n? %d\n",
                   UM_UNANSWERED_RESET, UM_UNANSWERED_CLOSED);
    assert_told(d, NULL, expected);
    end(d);
}

static void
a_hole_inside_a_body_keeps_the_place(void **state)
{
    (void)state;
    struct dialogue *d = begin();
    ask(d, 1, "/a");
    answer(d, 1, "0123456789");
    d->turns[d->count - 1].bytes.len -= 8;
    turn(d, SERVER);
    d->turns[d->count - 1].lost = 8;
    ask(d, 3, "/b");
    answer(d, 3, "b");
    assert_told(d, NULL,
                "1 GET /a 0 text/xml []\n1   200 text/xml [01] cut\n?! 0\n"
                "3 GET /b 0 text/xml []\n3   200 text/xml [b]\n?! 0\n");
    end(d);
}

static void
behind_a_hole_static_and_literal_names_are_read(void **state)
{
    (void)state;
    struct dialogue *d = begin();
    ask(d, 1, "/a");
    answer(d, 1, "lost");
    struct turn *lost = &d->turns[d->count - 1];
    lost->lost = lost->bytes.len;
    ask(d, 3, "/b");
    answer(d, 3, "b"); /* its content-type stands in the lost part of the table */
    char expected[256];
    (void)snprintf(expected, sizeof expected,
                   "1 GET /a 0 text/xml []\n3 GET /b 0 text/xml []\n"
                   "3   200  [b]\n?! 0\n? %d\n",
                   UM_UNANSWERED_LOST);
    assert_told(d, NULL, expected);
    end(d);
}

static void
where_the_place_is_lost_the_next_frame_is_found(void **state)
{
    (void)state;
    struct dialogue *d = begin();
    ask(d, 1, "/a");
    ask(d, 3, "/b");
    answer(d, 1, "lost");
    struct turn *lost = &d->turns[d->count - 1];
    lost->lost = lost->bytes.len + 4;
    answer(d, 3, "headless");
    um_buf_drop(&d->turns[d->count - 1].bytes, 4);
    ask(d, 5, "/c");
    answer(d, 5, "c");
    char expected[256];
    (void)snprintf(expected, sizeof expected,
                   "1 GET /a 0 text/xml []\n3 GET /b 0 text/xml []\n5 GET /c 0 text/xml []\n"
                   "? %d\n5   200  [c]\n?! 0\n? %d\n",
                   UM_UNANSWERED_LOST, UM_UNANSWERED_LOST);
    assert_told(d, NULL, expected);
    end(d);
}

static void
from_the_middle_new_table_entries_are_known(void **state)
{
    (void)state;
    struct dialogue *d = begin();
    struct encoder *encoder = &d->encoders[CLIENT];
    ask(d, 1, "/a");
    for (size_t i = 0; i < d->count; i++)
        um_buf_clear(&d->turns[i].bytes); /* before the capture */
    nghttp2_nv fields[] = {field(":method", "GET"), field(":path", "/new"),
                           field("content-type", "text/plain")};
    for (uint8_t stream = 3; stream <= 5; stream = (uint8_t)(stream + 2))
        put_frame(turn(d, CLIENT), UM_H2_HEADERS, UM_H2_END_HEADERS | UM_H2_END_STREAM, stream,
                  encode(encoder, fields, sizeof fields / sizeof *fields));
    ask(d, 7, "/a"); /* what it refers to stands before the capture */
    char expected[256];
    (void)snprintf(expected, sizeof expected,
                   "3 GET /new 0 text/plain []\n5 GET /new 0 text/plain []\n"
                   "7 GET /a 0  []\n? %d\n? %d\n? %d\n",
                   UM_UNANSWERED_CLOSED, UM_UNANSWERED_CLOSED, UM_UNANSWERED_CLOSED);
    assert_told(d, NULL, expected);
    end(d);
}

static void
the_oldest_stream_goes_at_the_limit(void **state)
{
    (void)state;
    struct um_limits limits;
    um_limits_init(&limits);
    limits.max[UM_LIMIT_H2_STREAMS] = 2;
    struct dialogue *d = begin();
    ask(d, 1, "/a");
    ask(d, 3, "/b");
    answer(d, 1, "one"); /* at the limit nothing is given up */
    ask(d, 5, "/c");
    ask(d, 7, "/d"); /* one above it: stream 3 is */
    char expected[512];
    (void)snprintf(expected, sizeof expected,
                   "1 GET /a 0 text/xml []\n3 GET /b 0 text/xml []\n"
                   "1   200 text/xml [one]\n?! 0\n5 GET /c 0 text/xml []\n"
                   "? %d\n7 GET /d 0 text/xml []\n? %d\n? %d\n",
                   UM_UNANSWERED_CAPTURE_END, UM_UNANSWERED_CLOSED, UM_UNANSWERED_CLOSED);
    assert_told(d, &limits, expected);
    end(d);
}

static void
of_a_head_above_the_limit_the_beginning_is_read(void **state)
{
    (void)state;
    struct um_limits limits;
    um_limits_init(&limits);
    limits.max[UM_LIMIT_HEAD] = 24;
    struct dialogue *d = begin();
    ask(d, 1, "/a");
    char expected[64];
    (void)snprintf(expected, sizeof expected, "1 GET /a 0  []\n? %d\n", UM_UNANSWERED_CLOSED);
    assert_told(d, &limits, expected);
    end(d);
}

static void
whichever_allocation_fails_all_is_freed(void **state)
{
    (void)state;
    struct um_limits limits;
    um_limits_init(&limits);
    struct dialogue *d = begin();
    ask(d, 1, "/a");
    answer(d, 1, "one");
    ask(d, 3, "/b");
    d->turns[d->count - 1].bytes.len -= 3; /* a block that is cut */
    bool has_failed = true;
    for (size_t n = 0; has_failed; n++) {
        struct told told;
        um_test_alloc_fail_at(n);
        int err = play(d, SIZE_MAX, &limits, &told);
        has_failed = um_test_alloc_reset();
        assert_int_equal(err, has_failed ? UM_ERR_NOMEM : UM_OK);
    }
    end(d);
}

static void
frames_are_wanted_and_other_bytes_not(void **state)
{
    (void)state;
    struct dialogue *d = begin();
    assert_true(um_http2_connection_wanted(um_buf_span(&d->turns[CLIENT].bytes)));
    assert_true(um_http2_connection_wanted(um_buf_span(&d->turns[SERVER].bytes)));
    assert_false(um_http2_connection_wanted(S("POST / HTTP/1.1\r\n")));
    assert_false(um_http2_connection_wanted(um_span_of("\x16\3\1\0\5\1\0\0\1\0\0\0", 12)));
    assert_false(um_http2_connection_wanted(S("")));
    end(d);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_upgraded_request_is_answered_on_stream_1),
        cmocka_unit_test(streams_interleave_and_are_paired),
        cmocka_unit_test(padding_continuation_and_unknown_frames_change_nothing),
        cmocka_unit_test(a_promise_is_the_request_of_the_pushed_reply),
        cmocka_unit_test(a_reset_stream_is_unanswered),
        cmocka_unit_test(a_hole_inside_a_body_keeps_the_place),
        cmocka_unit_test(behind_a_hole_static_and_literal_names_are_read),
        cmocka_unit_test(where_the_place_is_lost_the_next_frame_is_found),
        cmocka_unit_test(from_the_middle_new_table_entries_are_known),
        cmocka_unit_test(the_oldest_stream_goes_at_the_limit),
        cmocka_unit_test(of_a_head_above_the_limit_the_beginning_is_read),
        cmocka_unit_test(whichever_allocation_fails_all_is_freed),
        cmocka_unit_test(frames_are_wanted_and_other_bytes_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
