/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of the view http: what is told of each body. A line is text: "GET /a" or "200", the
 * bytes as sent and decoded, the first digits of the digest; "cut" when the message is not
 * complete, "coded" when its codings could not be undone.
 */
#include "offline/http/http_lines.h"

#include <stdio.h>

#include "core/base/buf.h"
#include "offline/tls/digest.h"
#include "tests/http/pack.h"
#include "tests/support/support.h"

#define NOTHING "e3b0c442" /* SHA-256 of no bytes */
#define HELLO "2cf24dba"   /* of "hello" */

static int
take_line(void *ctx, const struct um_http_line *line)
{
    const struct um_http_message *message = line->message;
    char start[64], text[160];
    if (message->is_reply)
        (void)snprintf(start, sizeof start, "%u", message->status);
    else
        (void)snprintf(start, sizeof start, "%.*s %.*s", (int)message->method.len,
                       (const char *)message->method.data, (int)message->target.len,
                       (const char *)message->target.data);
    assert_int_equal(strlen(line->body_sha256), UM_DIGEST_HEX_MAX - 1);
    if (line->is_decoded)
        (void)snprintf(text, sizeof text, "%s %ju>%ju %.8s%s; ", start,
                       (uintmax_t)message->encoded_bytes, (uintmax_t)line->body_bytes,
                       line->body_sha256, message->complete ? "" : " cut");
    else
        (void)snprintf(text, sizeof text, "%s %ju coded%s; ", start,
                       (uintmax_t)message->encoded_bytes, message->complete ? "" : " cut");
    return um_buf_append(ctx, um_span_text(text));
}

static int
send_bytes(struct um_sink sink, struct um_span bytes, size_t step)
{
    int err = UM_OK;
    while (err >= 0 && bytes.len > 0) {
        struct um_span piece = um_span_first(bytes, step);
        uint8_t *exact = um_test_exact_copy(piece.data, piece.len);
        struct um_chunk chunk = {.bytes = um_span_of(exact, piece.len)};
        err = sink.data(sink.ctx, &chunk);
        free(exact);
        bytes = um_span_from(bytes, piece.len);
    }
    return err;
}

/* A field "?" is one that nobody knows, as HTTP/2 has them behind a loss. */
static int
take_head(void *ctx, struct um_http_message *message, bool *wants_body)
{
    struct um_span value;
    message->is_coding_unknown = um_http_message_field(message, S("?"), &value);
    return um_http_lines_events(ctx).head(ctx, message, wants_body);
}

/* One reply after a request for it, both in pieces of `step` bytes. */
static int
play(struct um_span reply, size_t step, struct um_buf *told)
{
    static const struct um_endpoint ends[2] = {{.port = 40000}, {.port = 80}};
    struct um_limits limits;
    struct um_meter meter = {.max = UINT64_MAX};
    struct um_http_lines *lines = NULL;
    struct um_http_connection *connection = NULL;
    um_limits_init(&limits);
    limits.max[UM_LIMIT_INFLATE] = 1000;
    int err = um_http_lines_new(&limits, &meter, take_line, told, &lines);
    if (!err) {
        struct um_http_events events = um_http_lines_events(lines);
        events.head = take_head;
        err = um_http_connection_new(&limits, &meter, &events, 1, ends, &connection);
    }
    if (!err)
        err =
            send_bytes(um_http_connection_sink(connection, 0), S("GET /a HTTP/1.1\r\n\r\n"), step);
    if (!err)
        err = send_bytes(um_http_connection_sink(connection, 1), reply, step);
    for (int side = 0; side < 2 && !err; side++) {
        struct um_sink sink = um_http_connection_sink(connection, side);
        err = sink.end(sink.ctx, UM_END_FIN, &(struct um_mark){0});
    }
    if (err)
        um_http_connection_free(connection);
    else
        err = um_http_connection_close(connection);
    um_http_lines_free(lines);
    assert_int_equal(meter.used, 0);
    return err;
}

static void
assert_told(struct um_span reply, const char *wanted)
{
    for (size_t step = 1; step <= 4096; step *= 8) {
        struct um_buf told = {0};
        assert_int_equal(play(reply, step, &told), UM_OK);
        struct um_span text = um_span_trim(um_buf_span(&told));
        if (!um_span_equal(text, S(wanted)))
            fail_msg("in pieces of %zu told '%.*s', not '%s'", step, (int)text.len,
                     (const char *)text.data, wanted);
        um_buf_done(&told);
    }
}

/* A reply with this body; `fields` end with an empty line. */
static struct um_buf
reply_of(const char *fields, struct um_span body)
{
    struct um_buf reply = {0};
    assert_int_equal(um_buf_append(&reply, S("HTTP/1.1 200 OK\r\n")), UM_OK);
    assert_int_equal(um_buf_append(&reply, S(fields)), UM_OK);
    assert_int_equal(um_buf_append(&reply, body), UM_OK);
    return reply;
}

static void
body_is_told_as_sent_and_as_meant(void **state)
{
    (void)state;
    assert_told(S("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
                "GET /a 0>0 " NOTHING "; 200 5>5 " HELLO ";");
    assert_told(S("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x\r\nllo\r\n"
                  "0\r\n\r\n"),
                "GET /a 0>0 " NOTHING "; 200 5>5 " HELLO ";");
    assert_told(S("HTTP/1.1 304 Same\r\nContent-Length: 5\r\n\r\n"),
                "GET /a 0>0 " NOTHING "; 304 0>0 " NOTHING ";");
    assert_told(S("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello"),
                "GET /a 0>0 " NOTHING "; 200 5>5 " HELLO " cut;");
}

static void
every_coding_is_undone_before_the_digest(void **state)
{
    (void)state;
    static const struct {
        enum um_http_coding coding;
        bool is_raw;
        const char *fields;
    } cases[] = {
        {UM_HTTP_CODING_GZIP, false, "Content-Encoding: gzip\r\n\r\n"},
        {UM_HTTP_CODING_GZIP, false, "Transfer-Encoding: gzip\r\n\r\n"},
        {UM_HTTP_CODING_DEFLATE, false, "Content-Encoding: deflate\r\n\r\n"},
        {UM_HTTP_CODING_DEFLATE, true, "Content-Encoding: deflate\r\n\r\n"},
        {UM_HTTP_CODING_BROTLI, false, "Content-Encoding: br\r\n\r\n"},
        {UM_HTTP_CODING_ZSTD, false, "Content-Encoding: zstd\r\n\r\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_buf packed = um_pack(S("hello"), cases[i].coding, cases[i].is_raw);
        struct um_buf reply = reply_of(cases[i].fields, um_buf_span(&packed));
        char wanted[128];
        (void)snprintf(wanted, sizeof wanted, "GET /a 0>0 " NOTHING "; 200 %zu>5 " HELLO ";",
                       packed.len);
        assert_told(um_buf_span(&reply), wanted);
        um_buf_done(&packed);
        um_buf_done(&reply);
    }
}

static void
what_cannot_be_undone_has_no_digest(void **state)
{
    (void)state;
    assert_told(
        S("HTTP/1.1 200 OK\r\nContent-Encoding: compress\r\nContent-Length: 5\r\n\r\nhello"),
        "GET /a 0>0 " NOTHING "; 200 5 coded;");
    assert_told(S("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"),
                "GET /a 0>0 " NOTHING "; 200 5 coded;");
    char zeros[2000] = {0};
    struct um_buf packed = um_pack(um_span_of(zeros, sizeof zeros), UM_HTTP_CODING_GZIP, false);
    struct um_buf reply = reply_of("Content-Encoding: gzip\r\n\r\n", um_buf_span(&packed));
    char wanted[128]; /* above the limit `inflate`; its length as sent is counted to the end */
    (void)snprintf(wanted, sizeof wanted, "GET /a 0>0 " NOTHING "; 200 %zu coded;", packed.len);
    assert_told(um_buf_span(&reply), wanted);
    um_buf_done(&packed);
    um_buf_done(&reply);
}

/* Compressed bytes were once told as the body when the field that says so was lost. */
static void
body_of_an_unknown_coding_is_told_when_it_is_text(void **state)
{
    (void)state;
    struct um_buf packed = um_pack(S("hello"), UM_HTTP_CODING_GZIP, false);
    struct um_buf reply = reply_of("?: ?\r\n\r\n", um_buf_span(&packed));
    char wanted[128];
    (void)snprintf(wanted, sizeof wanted, "GET /a 0>0 " NOTHING "; 200 %zu coded;", packed.len);
    assert_told(um_buf_span(&reply), wanted);
    um_buf_done(&packed);
    um_buf_done(&reply);

    assert_told(S("HTTP/1.1 200 OK\r\n?: ?\r\n\r\n<x>\thello, hello\r\n</x>"),
                "GET /a 0>0 " NOTHING "; 200 22>22 e8a12c5f;");
    assert_told(S("HTTP/1.1 200 OK\r\n?: ?\r\n\r\nhello"), /* too short to tell */
                "GET /a 0>0 " NOTHING "; 200 5 coded;");
    assert_told(S("HTTP/1.1 200 OK\r\n?: ?\r\n\r\n"),
                "GET /a 0>0 " NOTHING "; 200 0>0 " NOTHING ";");
}

/* Of a body that was cut, what there is can be told; of one that ends too early by itself not. */
static void
cut_body_is_decoded_as_far_as_it_is_there(void **state)
{
    (void)state;
    struct um_buf packed = um_pack(S("hello"), UM_HTTP_CODING_GZIP, false);
    struct um_span most = um_span_first(um_buf_span(&packed), packed.len - 4); /* of the checksum */
    struct um_buf reply = reply_of("Content-Encoding: gzip\r\nContent-Length: 1000\r\n\r\n", most);
    char wanted[128];
    (void)snprintf(wanted, sizeof wanted, "GET /a 0>0 " NOTHING "; 200 %zu>5 " HELLO " cut;",
                   most.len);
    assert_told(um_buf_span(&reply), wanted);
    um_buf_done(&reply);
    reply = reply_of("Content-Encoding: gzip\r\n\r\n", most);
    (void)snprintf(wanted, sizeof wanted, "GET /a 0>0 " NOTHING "; 200 %zu coded;", most.len);
    assert_told(um_buf_span(&reply), wanted);
    um_buf_done(&reply);
    um_buf_done(&packed);
}

static void
nth_allocation_failing_is_told_and_leaks_nothing(void **state)
{
    (void)state;
    struct um_buf packed = um_pack(S("hello"), UM_HTTP_CODING_DEFLATE, false);
    struct um_buf reply = reply_of("Content-Encoding: deflate\r\n\r\n", um_buf_span(&packed));
    bool has_failed = true;
    for (size_t n = 0; has_failed; n++) {
        struct um_buf told = {0};
        um_test_alloc_fail_at(n);
        int err = play(um_buf_span(&reply), 4096, &told);
        has_failed = um_test_alloc_reset();
        assert_int_equal(err, has_failed ? UM_ERR_NOMEM : UM_OK);
        um_buf_done(&told);
        assert_true(n < 1000);
    }
    um_buf_done(&packed);
    um_buf_done(&reply);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(body_is_told_as_sent_and_as_meant),
        cmocka_unit_test(every_coding_is_undone_before_the_digest),
        cmocka_unit_test(what_cannot_be_undone_has_no_digest),
        cmocka_unit_test(body_of_an_unknown_coding_is_told_when_it_is_text),
        cmocka_unit_test(cut_body_is_decoded_as_far_as_it_is_there),
        cmocka_unit_test(nth_allocation_failing_is_told_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
