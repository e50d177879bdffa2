/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TLS behind a CONNECT, whatever a hole took of how it was granted. */
#include "offline/http/tunnel.h"

#include "tests/http/h1_talk.h"

enum { CLIENT, SERVER };

static const uint8_t client_hello[] = {22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3, 'c'};
static const uint8_t server_hello[] = {22, 3, 3, 0, 80, 2, 0, 0, 76, 3, 3, 's'};

/* ---- the bytes ---- */

static void
hello_begins_a_tunnel_and_every_prefix_that_does_not_tell_it_none(void **state)
{
    (void)state;
    for (size_t len = 0; len <= sizeof client_hello; len++) {
        uint8_t *copy = um_test_exact_copy(client_hello, len);
        assert_int_equal(um_http_tunnel_begins_tls(um_span_of(copy, len), true), len >= 9);
        assert_false(um_http_tunnel_begins_tls(um_span_of(copy, len), false));
        free(copy);
    }
    assert_true(um_http_tunnel_begins_tls(um_span_of(server_hello, sizeof server_hello), false));
    assert_false(um_http_tunnel_begins_tls(um_span_of(server_hello, sizeof server_hello), true));
}

static void
what_is_no_hello_begins_no_tunnel(void **state)
{
    (void)state;
    static const uint8_t others[][9] = {
        {23, 3, 1, 0, 45, 1, 0, 0, 41},   /* a record of data */
        {22, 2, 1, 0, 45, 1, 0, 0, 41},   /* no version */
        {22, 3, 5, 0, 45, 1, 0, 0, 41},   /* the same */
        {22, 3, 1, 0x80, 0, 1, 0, 0, 41}, /* a record that is too long */
        {22, 3, 1, 0, 45, 11, 0, 0, 41},  /* another message */
        {22, 3, 1, 0, 45, 1, 0, 0, 37},   /* too short for any hello */
        {22, 3, 1, 0, 45, 1, 1, 0, 41},   /* too long */
        {0x80, 46, 1, 3, 1, 0, 0, 0, 41}, /* as in SSL 2: text may look like it */
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_false(um_http_tunnel_begins_tls(um_span_of(others[i], sizeof others[i]), true));
}

/* ---- connections ---- */

/* What comes out at the other end of the tunnel, of one side. */
struct tunnelled {
    struct um_buf bytes;
    unsigned gaps, ends;
};

static int
take_data(void *ctx, const struct um_chunk *chunk)
{
    struct tunnelled *out = ctx;
    return um_buf_append(&out->bytes, chunk->bytes);
}

static int
take_gap(void *ctx, struct um_missing missing, enum um_gap_cause cause, const struct um_mark *where)
{
    struct tunnelled *out = ctx;
    (void)missing;
    (void)cause;
    (void)where;
    out->gaps++;
    return UM_OK;
}

static int
take_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    struct tunnelled *out = ctx;
    (void)why;
    (void)where;
    out->ends++;
    return UM_OK;
}

struct proxied {
    struct um_h1_talk play;
    struct um_h1_heard heard;
    struct tunnelled out[2];
};

static void
begin(struct proxied *proxied)
{
    struct um_sink sinks[2];
    *proxied = (struct proxied){.play = {.piece = UM_H1_TALK_WHOLE}};
    assert_int_equal(um_h1_talk_open(&proxied->play, &proxied->heard), UM_OK);
    for (int side = 0; side < 2; side++)
        sinks[side] = (struct um_sink){
            .ctx = &proxied->out[side], .data = take_data, .gap = take_gap, .end = take_end};
    um_http_connection_set_tunnel(proxied->play.connection, sinks);
}

static void
say(struct proxied *proxied, const char *dialogue)
{
    assert_int_equal(um_h1_talk_say(&proxied->play, dialogue), UM_OK);
}

static void
lose(struct proxied *proxied, int side, uint64_t bytes)
{
    const struct um_sink *sink = &proxied->play.sinks[side];
    const struct um_mark mark = {.frame = ++proxied->play.frame};
    assert_int_equal(sink->gap(sink->ctx, um_missing_exactly(bytes), UM_GAP_LOST, &mark), UM_OK);
}

static void
greet(struct proxied *proxied, int side)
{
    const struct um_sink *sink = &proxied->play.sinks[side];
    const struct um_mark mark = {.frame = ++proxied->play.frame};
    struct um_span hello = side == CLIENT ? um_span_of(client_hello, sizeof client_hello)
                                          : um_span_of(server_hello, sizeof server_hello);
    const struct um_chunk chunk = {.bytes = hello, .first = mark, .last = mark};
    assert_true(sink->data(sink->ctx, &chunk) >= 0);
}

/* `told` was told of HTTP; with `is_tunnel` both hellos came out of it, and else nothing. */
static void
finish(struct proxied *proxied, const char *told, bool is_tunnel)
{
    const struct um_mark mark = {.frame = ++proxied->play.frame};
    for (int side = 0; side < 2; side++) {
        const struct um_sink *sink = &proxied->play.sinks[side];
        assert_int_equal(sink->end(sink->ctx, UM_END_FIN, &mark), UM_OK);
    }
    assert_int_equal(um_http_connection_close(proxied->play.connection), UM_OK);
    assert_int_equal(proxied->play.meter.used, 0);
    assert_span_equal(um_span_trim(um_buf_span(&proxied->heard.text)), um_span_text(told));
    um_buf_done(&proxied->heard.text);
    for (int side = 0; side < 2; side++) {
        const uint8_t *hello = side == CLIENT ? client_hello : server_hello;
        size_t len = is_tunnel ? sizeof client_hello : 0;
        assert_span_equal(um_buf_span(&proxied->out[side].bytes), um_span_of(hello, len));
        assert_int_equal(proxied->out[side].ends, is_tunnel);
        assert_int_equal(proxied->out[side].gaps, 0);
        um_buf_done(&proxied->out[side].bytes);
    }
}

#define CONNECT ">CONNECT h:443 HTTP/1.1\\r\\nHost: h:443\\r\\n\\r\\n\n"
#define GRANTED "<HTTP/1.1 200 Connection established\\r\\n\\r\\n\n"

/* Without its reply nothing of the tunnel was once read, though all of it was captured. */
static void
tunnel_begins_when_the_reply_to_connect_was_lost(void **state)
{
    (void)state;
    struct proxied proxied;
    begin(&proxied);
    say(&proxied, CONNECT);
    lose(&proxied, SERVER, 39);
    greet(&proxied, CLIENT);
    greet(&proxied, SERVER);
    finish(&proxied, "CONNECT h:443()+-lost", true);

    begin(&proxied); /* the hole comes to light when the server goes on */
    say(&proxied, CONNECT);
    greet(&proxied, CLIENT);
    lose(&proxied, SERVER, 39);
    greet(&proxied, SERVER);
    finish(&proxied, "CONNECT h:443()+-lost", true);
}

/* Without the request all that the server sent in the tunnel was once the body of that reply. */
static void
tunnel_begins_when_the_connect_was_lost(void **state)
{
    (void)state;
    struct proxied proxied;
    begin(&proxied);
    lose(&proxied, CLIENT, 57);
    say(&proxied, GRANTED);
    greet(&proxied, CLIENT);
    greet(&proxied, SERVER);
    finish(&proxied, "-+200()", true);

    begin(&proxied); /* it was before the capture */
    say(&proxied, GRANTED);
    greet(&proxied, CLIENT);
    greet(&proxied, SERVER);
    finish(&proxied, "-+200()", true);

    begin(&proxied); /* the second one was, behind a refusal */
    say(&proxied, CONNECT "<HTTP/1.1 407 No\\r\\nContent-Length: 2\\r\\n\\r\\nno\n");
    lose(&proxied, CLIENT, 90);
    say(&proxied, GRANTED);
    greet(&proxied, CLIENT);
    greet(&proxied, SERVER);
    finish(&proxied, "CONNECT h:443()+407(no) -+200()", true);
}

/* The reply that came after the hello once threw that away. */
static void
hello_that_does_not_wait_for_the_reply_is_in_the_tunnel(void **state)
{
    (void)state;
    struct proxied proxied;
    begin(&proxied);
    say(&proxied, CONNECT);
    greet(&proxied, CLIENT);
    say(&proxied, GRANTED);
    greet(&proxied, SERVER);
    finish(&proxied, "CONNECT h:443()+200()", true);
}

static void
hello_that_no_connect_can_explain_begins_no_tunnel(void **state)
{
    (void)state;
    struct proxied proxied;
    begin(&proxied);
    say(&proxied, UM_H1_GET("/a"));
    lose(&proxied, SERVER, 39);
    greet(&proxied, CLIENT);
    greet(&proxied, SERVER);
    finish(&proxied, "GET /a()+-lost", false);

    begin(&proxied); /* the reply answers something else, and has begun its body */
    say(&proxied, UM_H1_GET("/a") GRANTED "<body\n");
    greet(&proxied, CLIENT);
    finish(&proxied, "GET /a()+200(body)", false);

    begin(&proxied);
    say(&proxied, GRANTED "<body\n");
    greet(&proxied, CLIENT);
    finish(&proxied, "-+200(body)", false);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hello_begins_a_tunnel_and_every_prefix_that_does_not_tell_it_none),
        cmocka_unit_test(what_is_no_hello_begins_no_tunnel),
        cmocka_unit_test(tunnel_begins_when_the_reply_to_connect_was_lost),
        cmocka_unit_test(tunnel_begins_when_the_connect_was_lost),
        cmocka_unit_test(hello_that_does_not_wait_for_the_reply_is_in_the_tunnel),
        cmocka_unit_test(hello_that_no_connect_can_explain_begins_no_tunnel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
