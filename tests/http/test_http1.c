/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One direction of HTTP/1, framed. A script is the bytes sent; '~' and a digit in it are a hole of
 * so many bytes. What is told is text: "[POST /a:body]" for a message, "!" before the bracket when
 * it is not complete, '?' before it when the place had been lost, "lost" for a lost beginning,
 * "inside" where a direction begins in the middle of a message.
 * However a script is cut, the same must be told.
 */
#include "offline/http/http1.h"

#include <stdio.h>

#include "tests/support/support.h"

struct ear {
    struct um_buf told;
    struct um_http_message *message;
    size_t skip_at;  /* bodies: no more is wanted once so many bytes have come; 0: all is */
    bool leaves_out; /* what has no use is not given */
    size_t bytes_given;
    size_t done_count;
    uint64_t encodeds[4]; /* bytes of the bodies */
    size_t body_bytes;
    uint64_t first, last; /* of the message that ended last */
};

static void
say(struct ear *ear, struct um_span text)
{
    assert_int_equal(um_buf_append(&ear->told, text), UM_OK);
}

static int
take_head(void *ctx, struct um_http_message *message, bool is_found_again, bool *wants_body)
{
    struct ear *ear = ctx;
    char status[8];
    assert_null(ear->message);
    assert_true(*wants_body);
    ear->message = message;
    ear->body_bytes = 0;
    if (is_found_again)
        say(ear, S("?"));
    say(ear, S("["));
    (void)snprintf(status, sizeof status, "%u", message->status);
    say(ear, message->is_reply ? S(status) : message->method);
    if (!message->is_reply)
        say(ear, S(" "));
    say(ear, message->target);
    say(ear, S(":"));
    return UM_OK;
}

static int
take_body(void *ctx, struct um_http_message *message, struct um_span bytes, bool *wants_more)
{
    struct ear *ear = ctx;
    assert_ptr_equal(message, ear->message);
    assert_true(bytes.len > 0);
    say(ear, bytes);
    ear->body_bytes += bytes.len;
    if (ear->skip_at && ear->body_bytes >= ear->skip_at)
        *wants_more = false;
    return UM_OK;
}

static int
take_done(void *ctx, struct um_http_message *message)
{
    struct ear *ear = ctx;
    assert_ptr_equal(message, ear->message);
    say(ear, message->complete ? S("]") : S("!]"));
    ear->first = message->first.frame;
    ear->last = message->last.frame;
    if (ear->done_count < sizeof ear->encodeds / sizeof *ear->encodeds)
        ear->encodeds[ear->done_count++] = message->encoded_bytes;
    ear->message = NULL;
    free(message);
    return UM_OK;
}

static int
take_loss(void *ctx)
{
    say(ctx, S("lost "));
    return UM_OK;
}

static int
take_beginning_inside(void *ctx)
{
    say(ctx, S("inside "));
    return UM_OK;
}

static int
take_too_long(void *ctx, unsigned flag, const struct um_mark *where, bool is_found_again)
{
    assert_int_equal(flag, UM_HTTP_LIMIT_HEAD);
    assert_int_not_equal(where->frame, 0);
    say(ctx, is_found_again ? S("long? ") : S("long "));
    return UM_OK;
}

enum { HEAD_MAX = 100 };

static void
begin(struct um_http1 *http, struct ear *ear)
{
    static struct um_limits limits;
    static struct um_meter meter = {.max = UINT64_MAX};
    struct um_http1_events events = {.ctx = ear,
                                     .head = take_head,
                                     .body = take_body,
                                     .done = take_done,
                                     .lost = take_loss,
                                     .began_inside = take_beginning_inside,
                                     .too_long = take_too_long};
    um_limits_init(&limits);
    limits.max[UM_LIMIT_HEAD] = HEAD_MAX;
    um_http1_init(http, &limits, &meter, &events);
}

/* The length of the next piece: `piece`, or with 0 a random one. */
static size_t
cut(size_t piece, uint64_t *seed)
{
    return piece ? piece : (size_t)(um_test_random(seed) % 9 + 1);
}

/* Leaves out of what follows, up to the next hole, bytes that have no use; how many. */
static size_t
leave_out(struct um_http1 *http, struct um_span rest, uint64_t *frame)
{
    size_t unneeded = (size_t)um_http1_unneeded(http), there = um_span_find(rest, '~');
    size_t count = unneeded < there ? unneeded : there;
    struct um_mark mark = {.frame = ++*frame, .time_ns = 1};
    if (count > 0)
        um_http1_passed(http, count, &mark);
    return count;
}

static void
play(struct ear *ear, const char *script, size_t len, size_t piece, uint64_t *seed, enum um_end why)
{
    struct um_http1 http;
    uint64_t frame = 0;
    begin(&http, ear);
    for (size_t at = 0; at < len;) {
        frame++;
        if (script[at] == '~') {
            uint64_t missing = at + 1 < len ? (uint64_t)(script[at + 1] - '0') : 1;
            assert_int_equal(um_http1_gap(&http, um_missing_exactly(missing)), UM_OK);
            at += 2;
            continue;
        }
        struct um_span rest = um_span_of(script + at, len - at);
        size_t step = um_span_first(rest, um_span_find(rest, '~')).len, size = cut(piece, seed);
        step = size < step ? size : step;
        uint8_t *exact = um_test_exact_copy(script + at, step);
        struct um_mark mark = {.frame = frame, .time_ns = 1};
        struct um_chunk chunk = {.bytes = um_span_of(exact, step), .first = mark, .last = mark};
        assert_int_equal(um_http1_data(&http, &chunk), UM_OK);
        free(exact);
        at += step;
        ear->bytes_given += step;
        if (ear->leaves_out)
            at += leave_out(&http, um_span_of(script + at, len - at), &frame);
    }
    assert_int_equal(um_http1_end(&http, why), UM_OK);
    assert_null(ear->message);
    um_http1_done(&http);
}

#define GET "GET /a HTTP/1.1\r\n"
#define POST "POST /a HTTP/1.1\r\n"
#define OK "HTTP/1.1 200 OK\r\n"
#define LENGTH(n) "Content-Length: " n "\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define END "\r\n"

static const struct stream {
    const char *script;
    enum um_end why;
    const char *told;
} streams[] = {
    /* whole */
    {"", UM_END_FIN, ""},
    {GET END GET END, UM_END_FIN, "[GET /a:][GET /a:]"},
    {POST LENGTH("3") END "abc" GET END, UM_END_FIN, "[POST /a:abc][GET /a:]"},
    {"\r\n\n\r\n" GET END "\r\n\r\n" GET END, UM_END_FIN, "[GET /a:][GET /a:]"},
    {"GET /a HTTP/1.1\nHost: x\n\nGET /b HTTP/1.1\n\n", UM_END_FIN, "[GET /a:][GET /b:]"},
    {"FETCH http://h:80/a HTTP/1.1\r\n\r\n", UM_END_FIN, "[FETCH http://h:80/a:]"},
    {OK CHUNKED END "1\r\na\r\n02;x=\"y\"\r\nbc\r\n0\r\nT: t\r\n\r\n" OK LENGTH("0") END,
     UM_END_FIN, "[200:abc][200:]"},
    {OK CHUNKED END "1\na\n0\n\n" OK LENGTH("0") END, UM_END_FIN, "[200:a][200:]"},
    {OK CHUNKED END "0\r\n\r\n" OK LENGTH("0") END, UM_END_FIN, "[200:][200:]"},
    {OK END "to the end " OK, UM_END_FIN, "[200:to the end " OK "]"},

    /* ends too early */
    {"GET /a HT", UM_END_FIN, ""},
    {GET, UM_END_FIN, "[GET /a:!]"},
    {GET "Host: x", UM_END_FIN, "[GET /a:!]"},
    {POST LENGTH("3"), UM_END_FIN, "[POST /a:!]"},
    {POST LENGTH("3") END, UM_END_FIN, "[POST /a:!]"},
    {POST LENGTH("3") END "ab", UM_END_FIN, "[POST /a:ab!]"},
    {POST LENGTH("18446744073709551615") END "ab", UM_END_FIN, "[POST /a:ab!]"},
    {OK CHUNKED END "3\r\nab", UM_END_FIN, "[200:ab!]"},
    {OK CHUNKED END "2\r\nab", UM_END_FIN, "[200:ab!]"},
    {OK CHUNKED END "2\r\nab\r\n0\r\n", UM_END_FIN, "[200:ab]"}, /* all data is there */
    {OK END "ab", UM_END_RESET, "[200:ab!]"},
    {OK END "ab", UM_END_CAPTURE, "[200:ab!]"},

    /* broken */
    {OK CHUNKED END "1\r\na\r\nxyz\r\n" OK LENGTH("0") END, UM_END_FIN, "[200:a!]?[200:]"},
    {OK CHUNKED END "ffffffffffffffff0\r\n" OK LENGTH("0") END, UM_END_FIN, "[200:!]?[200:]"},
    {OK CHUNKED END "-1\r\n" OK LENGTH("0") END, UM_END_FIN, "[200:!]?[200:]"},
    {OK CHUNKED END "1\r\nabc" OK LENGTH("0") END, UM_END_FIN, "[200:a!]?[200:]"},
    {"no HTTP at all\r\n and more", UM_END_FIN, "inside "},
    {"rest of a body</x>" POST LENGTH("1") END "a", UM_END_FIN, "inside ?[POST /a:a]"},
    {"rest\r\n" OK LENGTH("1") END "a", UM_END_FIN, "inside ?[200:a]"},
    {"rest of " GET END, UM_END_FIN, "inside ?[GET /a:]"},
    {GET END "rest of " GET END, UM_END_FIN, "[GET /a:]?[GET /a:]"}, /* not the beginning */
    {"restGET /a HTTP/1.1\r\n\r\n", UM_END_FIN, "[restGET /a:]"},    /* who could tell? */
    {"GET GET GET /a HTTP/1.1\r\n\r\n", UM_END_FIN, "[GET GET GET /a:]"},

    /* holes */
    {"~1" GET END, UM_END_FIN, "lost ?[GET /a:]"},
    {GET END "~5abc\r\n\r\n" GET END, UM_END_FIN, "[GET /a:]lost ?[GET /a:]"},
    {"GE~1 /a HTTP/1.1\r\n\r\n" GET END, UM_END_FIN, "lost ?[GET /a:]"},
    {GET "Ho~2: x\r\n\r\n" GET END, UM_END_FIN, "[GET /a:!]?[GET /a:]"},
    {POST LENGTH("5") END "ab~2c" GET END, UM_END_FIN, "[POST /a:ab!][GET /a:]"},
    {POST LENGTH("5") END "ab~3" GET END, UM_END_FIN, "[POST /a:ab!][GET /a:]"},
    {POST LENGTH("5") END "~5" GET END, UM_END_FIN, "[POST /a:!][GET /a:]"},
    {POST LENGTH("5") END "ab~4ET /a HTTP/1.1\r\n\r\n" GET END, UM_END_FIN,
     "[POST /a:ab!]lost ?[GET /a:]"},
    {OK CHUNKED END "4\r\na~2d\r\n0\r\n\r\n" OK LENGTH("0") END, UM_END_FIN, "[200:a!][200:]"},
    {OK CHUNKED END "4\r\na~6\r\n0\r\n\r\n" OK LENGTH("0") END, UM_END_FIN, "[200:a!]?[200:]"},
    {OK CHUNKED END "4~1\nabcd\r\n0\r\n\r\n" OK LENGTH("0") END, UM_END_FIN, "[200:!]?[200:]"},
    {OK END "ab~5cd", UM_END_FIN, "[200:ab!]"},
    {"~1</x>POSTER /a HTTP/1.1 " GET END, UM_END_FIN, "lost ?[GET /a:]"},
    {"~1a REPOST /a HTTP/1.1\r\n\r\n" GET END, UM_END_FIN, "lost ?[GET /a:]"},
    {"~1a GET b POST c\r\nP POST /d HTTP/1.1\r\n\r\n", UM_END_FIN, "lost ?[POST /d:]"},
    {"~1a HTTP/1.1 20x HTTP/1.1 2HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200", UM_END_FIN,
     "lost ?[200:HTTP/1.1 200]"},
    {"~1~1" GET "~1~2" GET END, UM_END_FIN, "lost ?[GET /a:!]?[GET /a:]"},

    /* the limit `head`: 100 bytes */
    {OK LENGTH("1") "X: "
                    "1234567890123456789012345678901234567890123456789012345678901234567890"
                    "1234567890\r\nY: y\r\n\r\na" OK LENGTH("0") END,
     UM_END_FIN, "[200:a][200:]"},
    {"GET /1234567890123456789012345678901234567890123456789012345678901234567890"
     "12345678901234567890123456789012345 GET /b HTTP/1.1\r\n\r\n" GET END,
     UM_END_FIN, "long ?[GET /b:][GET /a:]"},
};

static void
assert_told(const struct ear *ear, const char *wanted, size_t piece, const char *script)
{
    if (!um_span_equal(um_buf_span(&ear->told), S(wanted)))
        fail_msg("in pieces of %zu '%s' told '%.*s', not '%s'", piece, script, (int)ear->told.len,
                 ear->told.len ? (const char *)ear->told.data : "", wanted);
}

/*
 * What was found behind a hole once hung on how the bytes were cut: whether a method stands inside
 * a word was forgotten from one packet to the next, and a start line too long to be kept was left
 * where its packet ended.
 */
static void
stream_tells_its_messages_however_it_is_cut(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        const struct stream *stream = &streams[i];
        size_t len = strlen(stream->script);
        for (size_t round = 0; round < 40; round++) {
            size_t piece = round == 0 ? 4096 : round <= 16 ? round : 0;
            struct ear ear = {.leaves_out = round % 2};
            play(&ear, stream->script, len, piece, &seed, stream->why);
            assert_told(&ear, stream->told, piece, stream->script);
            um_buf_done(&ear.told);
        }
    }
}

/* A stream that stops anywhere tells the same as it did up to there, then perhaps an end. */
static void
every_prefix_tells_nothing_that_the_whole_does_not(void **state)
{
    (void)state;
    const char *script = POST LENGTH("3") END "abc" POST CHUNKED END "2\r\nab\r\n0\r\n\r\n" GET END;
    const char *wanted = "[POST /a:abc][POST /a:ab][GET /a:]";
    for (size_t len = 0; len <= strlen(script); len++) {
        struct ear ear = {0};
        uint64_t seed = len;
        play(&ear, script, len, 0, &seed, UM_END_CAPTURE);
        struct um_span told = um_buf_span(&ear.told);
        bool is_cut = told.len >= 2 && told.data[told.len - 2] == '!';
        if (is_cut)
            told = um_span_first(told, told.len - 2);
        assert_true(um_span_starts(S(wanted), told));
        um_buf_done(&ear.told);
    }
}

static void
body_that_is_not_wanted_is_counted_and_read_past(void **state)
{
    (void)state;
    struct ear ear = {.skip_at = 1};
    play(&ear, POST LENGTH("6") END "abcdef", strlen(POST LENGTH("6") END "abcdef"), 2, NULL,
         UM_END_FIN);
    assert_int_equal(ear.encodeds[0], 6);
    assert_true(ear.told.len <= strlen("[POST /a:ab]"));
    um_buf_done(&ear.told);
}

/* Bytes of a body that has no use need not be given: the message is told as if they had been. */
static void
body_that_is_not_wanted_may_be_left_out(void **state)
{
    (void)state;
    static const struct {
        const char *script, *told;
        uint64_t encoded;
    } cases[] = {
        {OK LENGTH("6") END "abcdef" OK LENGTH("0") END, "[200:a][200:]", 6},
        {OK CHUNKED END "4\r\nabcd\r\n3\r\nefg\r\n0\r\n\r\n" OK LENGTH("0") END, "[200:a][200:]",
         7},
        {OK END "to the end", "[200:t]", 10},
        {OK LENGTH("9") END "abcd~1fghi" OK LENGTH("0") END, "[200:a!][200:]", 4},
        {OK LENGTH("9") END "abcd", "[200:a!]", 4},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *script = cases[i].script;
        struct ear given = {.skip_at = 1}, left_out = {.skip_at = 1, .leaves_out = true};
        struct ear *ears[] = {&given, &left_out};
        for (size_t k = 0; k < 2; k++) {
            play(ears[k], script, strlen(script), 1, NULL, UM_END_FIN);
            assert_told(ears[k], cases[i].told, 1, script);
            assert_int_equal(ears[k]->encodeds[0], cases[i].encoded);
            um_buf_done(&ears[k]->told);
        }
        assert_true(left_out.bytes_given < given.bytes_given);
    }
}

/* What the other side says may yet make something else of what follows a request. */
static void
body_of_a_request_is_never_left_out(void **state)
{
    (void)state;
    const char *script = POST LENGTH("6") END "abcdef";
    struct ear ear = {.skip_at = 1, .leaves_out = true};
    play(&ear, script, strlen(script), 1, NULL, UM_END_FIN);
    assert_int_equal(ear.bytes_given, strlen(script));
    um_buf_done(&ear.told);
}

/*
 * Packets that brought only what stood before a message were once counted among its own.
 */
static void
message_stands_in_the_packets_that_brought_its_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *packets[4];
        uint64_t first, last;
    } cases[] = {
        {{"GET /a HT", "TP/1.1\r\n", "\r\n"}, 1, 3},
        {{"\r\n", "GET /a HTTP/1.1\r\n\r\n"}, 2, 2},
        {{"POST /a HTTP/1.1\r\nContent-Length: 2\r\n\r\n", "a", "b"}, 1, 3},
        {{"rest", " of a body</x>GET /a HTTP/1.1\r\n", "\r\n"}, 2, 3},
        {{"</x>", "</y>\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}, 3, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_http1 http;
        struct ear ear = {0};
        begin(&http, &ear);
        for (size_t k = 0; k < 4 && cases[i].packets[k]; k++) {
            struct um_mark mark = {.frame = k + 1};
            struct um_chunk chunk = {.bytes = S(cases[i].packets[k]), .first = mark, .last = mark};
            assert_int_equal(um_http1_data(&http, &chunk), UM_OK);
        }
        assert_int_equal(um_http1_end(&http, UM_END_FIN), UM_OK);
        assert_int_equal(ear.first, cases[i].first);
        assert_int_equal(ear.last, cases[i].last);
        um_http1_done(&http);
        um_buf_done(&ear.told);
    }
}

/*
 * Each method on a line was once tried with the whole rest of the line: a line of methods only, 64
 * KB long, took as long as a capture of many MB.
 */
static void
line_full_of_methods_is_looked_at_once(void **state)
{
    (void)state;
    enum { LINE = 60000, LINES = 100 };
    char *line = malloc(LINE);
    struct um_limits limits;
    struct um_http1 http;
    struct ear ear = {0};
    assert_non_null(line);
    for (size_t i = 0; i < LINE; i++)
        line[i] = "GET "[i % 4];
    line[LINE - 1] = '\n';
    begin(&http, &ear);
    um_limits_init(&limits);
    http.limits = &limits;
    for (size_t i = 0; i < LINES; i++) {
        struct um_chunk first = {.bytes = um_span_of(line, 1000)};
        struct um_chunk rest = {.bytes = um_span_of(line + 1000, LINE - 1000)};
        assert_int_equal(um_http1_data(&http, &first), UM_OK);
        assert_int_equal(um_http1_data(&http, &rest), UM_OK);
    }
    assert_span_equal(um_buf_span(&ear.told), S("inside "));
    um_http1_done(&http);
    um_buf_done(&ear.told);
    free(line);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stream_tells_its_messages_however_it_is_cut),
        cmocka_unit_test(every_prefix_tells_nothing_that_the_whole_does_not),
        cmocka_unit_test(body_that_is_not_wanted_is_counted_and_read_past),
        cmocka_unit_test(body_that_is_not_wanted_may_be_left_out),
        cmocka_unit_test(body_of_a_request_is_never_left_out),
        cmocka_unit_test(message_stands_in_the_packets_that_brought_its_bytes),
        cmocka_unit_test(line_full_of_methods_is_looked_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
