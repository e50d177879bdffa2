/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Heads of HTTP/1 messages: where one begins, and what it says of its body. */
#include "core/http/head.h"

#include <stdio.h>

#include "tests/support/support.h"

#define CRLF "\r\n"
#define ASK "POST /a HTTP/1.1" CRLF
#define SAY "HTTP/1.1 200 OK" CRLF

static struct um_http_message *
parse(const char *head)
{
    size_t len = strlen(head);
    uint8_t *exact = um_test_exact_copy(head, len);
    struct um_http_message *message = NULL;
    int err = um_http_head_parse(um_span_of(exact, len), &message);
    free(exact); /* what was read is a copy */
    assert_int_equal(err, message ? UM_OK : UM_ERR_FORMAT);
    return message;
}

static enum um_step
look(const char *bytes, size_t len, enum um_http_look what)
{
    uint8_t *exact = um_test_exact_copy(bytes, len);
    enum um_step step = um_http_head_look(um_span_of(exact, len), what);
    free(exact);
    return step;
}

static void
start_line_is_known_once_it_is_whole_and_possible_before(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "GET / HTTP/1.1\r\n",
        "POST /EWS/Exchange.asmx HTTP/1.0\n",
        "M-SEARCH * HTTP/1.1\r\n",
        "GET http://host:80/a?b=c HTTP/1.1\r\n",
        "CONNECT host:443 HTTP/1.1\r\n",
        "GET /a b HTTP/1.1 c HTTP/1.1\r\n",
        "GET / HTTP/1.1  \r\n",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.0 404\r\n",
        "HTTP/1.1 500 \n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        size_t len = strlen(lines[i]);
        for (size_t n = 0; n < len; n++) {
            /* an empty beginning could be a status line */
            assert_int_equal(look(lines[i], n, UM_HTTP_LOOK_ANY), UM_MORE);
            assert_int_equal(look(lines[i], n, UM_HTTP_LOOK_KNOWN), UM_MORE);
        }
        assert_int_equal(look(lines[i], len, UM_HTTP_LOOK_ANY), UM_DONE);
        assert_int_equal(look(lines[i], len, UM_HTTP_LOOK_KNOWN), UM_DONE);
    }
}

static void
what_is_no_start_line_is_refused(void **state)
{
    (void)state;
    static const char *const lines[] = {
        " GET / HTTP/1.1\r\n",   "GET /\r\n",           "GET / HTTP/2.0\r\n",
        "GET / HTTP/1.1x\r\n",   "GET\t/ HTTP/1.1\r\n", "G(T / HTTP/1.1\r\n",
        "HTTP/2 200 OK\r\n",     "HTTP/1.1 20 OK\r\n",  "HTTP/1.1 2000 OK\r\n",
        "http/1.1 200 OK\r\n",   "HTTP/1.1 -12 OK\r\n", "\r\nGET / HTTP/1.1\r\n",
        "GET / HTTP/1.1\rX\r\n", "\x16\x03\x01\x02",    "ABCDEFGHIJKLMNOPQRSTUVWXYZ / HTTP/1.1\r\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_int_equal(look(lines[i], strlen(lines[i]), UM_HTTP_LOOK_ANY), UM_BAD);
}

static void
made_up_method_is_taken_where_a_message_must_begin_only(void **state)
{
    (void)state;
    assert_int_equal(look("FETCH / HTTP/1.1\r\n", 18, UM_HTTP_LOOK_ANY), UM_DONE);
    assert_int_equal(look("FETCH / HTTP/1.1\r\n", 18, UM_HTTP_LOOK_KNOWN), UM_BAD);
    assert_int_equal(look("get / HTTP/1.1\r\n", 16, UM_HTTP_LOOK_KNOWN), UM_BAD);
    assert_int_equal(look("FET", 3, UM_HTTP_LOOK_KNOWN), UM_BAD);
    /* the rest of a body was once taken for a request as long as a version stood on its line */
    assert_int_equal(look("rest of it</x>POST / HTTP/1.1\r\n", 32, UM_HTTP_LOOK_ANY), UM_BAD);
}

static void
side_whose_part_is_known_begins_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(look("GET / HTTP/1.1\r\n", 16, UM_HTTP_LOOK_REQUEST), UM_DONE);
    assert_int_equal(look("GET / HTTP/1.1\r\n", 16, UM_HTTP_LOOK_REPLY), UM_BAD);
    assert_int_equal(look("HTTP/1.1 200\r\n", 14, UM_HTTP_LOOK_REPLY), UM_DONE);
    assert_int_equal(look("HTTP/1.1 200\r\n", 14, UM_HTTP_LOOK_REQUEST), UM_BAD);
    const char *both = "GET / HTTP/1.1\r\nHTTP/1.1 200\r\nGET / HTTP/1.1\r\n";
    assert_int_equal(um_http_head_find(S(both), 0, ' ', UM_HTTP_LOOK_REPLY), 16);
    assert_int_equal(um_http_head_find(S(both), 1, ' ', UM_HTTP_LOOK_REQUEST), 30);
}

static void
search_finds_the_first_place_where_a_message_could_begin(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t at;
    } cases[] = {
        {"POST / HTTP/1.1\r\n", 0},
        {"</s:Envelope>POST / HTTP/1.1\r\n", 13},
        {"</s:Envelope>HTTP/1.1 200 OK\r\n", 13},
        {"REPOST / HTTP/1.1\r\n", 19}, /* not inside a word */
        {"a GET b POST / HTTP/1.1\r\n", 2},
        {"a GET b\r\nPOST / HTTP/1.1\r\n", 9},
        {"bytes\r\nPO", 7}, /* cut by the end */
        {"bytes\r\nHTTP/1", 7},
        {"a P", 2},
        {"nothing here", 12},
        {"", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t len = strlen(cases[i].bytes);
        uint8_t *exact = um_test_exact_copy(cases[i].bytes, len);
        assert_int_equal(um_http_head_find(um_span_of(exact, len), 0, ' ', UM_HTTP_LOOK_KNOWN),
                         cases[i].at);
        free(exact);
    }
    assert_int_equal(um_http_head_find(S("GET / HTTP/1.1\r\n"), 0, 'x', UM_HTTP_LOOK_KNOWN), 16);
    assert_int_equal(um_http_head_find(S("HTTP/1.1 200\r\n"), 0, 'x', UM_HTTP_LOOK_KNOWN), 0);
}

static void
request_line_is_read_from_both_ends(void **state)
{
    (void)state;
    struct um_http_message *message = parse("GET /a b HTTP/1.1 \r\n\r\n");
    assert_false(message->is_reply);
    assert_span_equal(message->method, S("GET"));
    assert_span_equal(message->target, S("/a b"));
    assert_span_equal(message->version, S("HTTP/1.1"));
    assert_int_equal(message->framing, UM_HTTP_FRAMING_NONE);
    free(message);
    assert_null(parse("GET /\r\n\r\n"));
    assert_null(parse("GET HTTP/1.1\r\n\r\n"));
    assert_null(parse("HTTP/1.1 abc\r\n\r\n"));
    assert_null(parse(""));
}

static const struct framing {
    const char *head;
    enum um_http_framing framing;
    uint64_t length;
    unsigned flags;
} framings[] = {
    {ASK CRLF, UM_HTTP_FRAMING_NONE, 0, 0},
    {SAY CRLF, UM_HTTP_FRAMING_CLOSE, 0, 0},
    {ASK "Content-Length: 12" CRLF CRLF, UM_HTTP_FRAMING_LENGTH, 12, 0},
    {ASK "CONTENT-LENGTH \t:  12 \t" CRLF CRLF, UM_HTTP_FRAMING_LENGTH, 12, 0},
    {ASK "Content-Length:\r\n 12" CRLF CRLF, UM_HTTP_FRAMING_LENGTH, 12, 0},
    {SAY "Content-Length: 0" CRLF CRLF, UM_HTTP_FRAMING_LENGTH, 0, 0},
    {SAY "Content-Length: 5, 5" CRLF CRLF, UM_HTTP_FRAMING_LENGTH, 5, 0},
    {SAY "Content-Length: 5" CRLF "Content-Length: 5" CRLF CRLF, UM_HTTP_FRAMING_LENGTH, 5, 0},
    {SAY "Content-Length: 5" CRLF "Content-Length: 6" CRLF CRLF, UM_HTTP_FRAMING_LENGTH, 5,
     UM_HTTP_LENGTH_CONFLICT},
    {SAY "Content-Length: 5, 6, 5" CRLF CRLF, UM_HTTP_FRAMING_LENGTH, 5, UM_HTTP_LENGTH_CONFLICT},
    {SAY "Content-Length: -5" CRLF CRLF, UM_HTTP_FRAMING_CLOSE, 0, UM_HTTP_LENGTH_BAD},
    {ASK "Content-Length: +5" CRLF CRLF, UM_HTTP_FRAMING_NONE, 0, UM_HTTP_LENGTH_BAD},
    {SAY "Content-Length: 0x5" CRLF CRLF, UM_HTTP_FRAMING_CLOSE, 0, UM_HTTP_LENGTH_BAD},
    {SAY "Content-Length: 5 5" CRLF CRLF, UM_HTTP_FRAMING_CLOSE, 0, UM_HTTP_LENGTH_BAD},
    {SAY "Content-Length: 18446744073709551615" CRLF CRLF, UM_HTTP_FRAMING_LENGTH, UINT64_MAX, 0},
    {SAY "Content-Length: 18446744073709551616" CRLF CRLF, UM_HTTP_FRAMING_CLOSE, 0,
     UM_HTTP_LENGTH_BAD},
    {SAY "Content-Length:" CRLF CRLF, UM_HTTP_FRAMING_CLOSE, 0, 0},
    {SAY "Content-Lengths: 5" CRLF CRLF, UM_HTTP_FRAMING_CLOSE, 0, 0},
    {SAY "Content-Length 5" CRLF CRLF, UM_HTTP_FRAMING_CLOSE, 0, 0},
    {SAY "Transfer-Encoding: chunked" CRLF CRLF, UM_HTTP_FRAMING_CHUNKED, 0, 0},
    {SAY "transfer-encoding: gzip , CHUNKED" CRLF CRLF, UM_HTTP_FRAMING_CHUNKED, 0, 0},
    {SAY "Transfer-Encoding: chunked;" CRLF CRLF, UM_HTTP_FRAMING_CLOSE, 0,
     0}, /* has no parameters */
    {SAY "Transfer-Encoding: chunked, gzip" CRLF CRLF, UM_HTTP_FRAMING_CLOSE, 0, 0},
    {SAY "Transfer-Encoding: gzip" CRLF "Transfer-Encoding: chunked" CRLF CRLF,
     UM_HTTP_FRAMING_CHUNKED, 0, 0},
    /* several lines are one list, and items without text none (RFC 9110 sections 5.3, 5.6.1.2) */
    {SAY "Transfer-Encoding: chunked" CRLF "Transfer-Encoding:" CRLF CRLF, UM_HTTP_FRAMING_CHUNKED,
     0, 0},
    {SAY "Transfer-Encoding: chunked, ," CRLF "Transfer-Encoding: ," CRLF CRLF,
     UM_HTTP_FRAMING_CHUNKED, 0, 0},
    {SAY "Transfer-Encoding: chunked" CRLF "Transfer-Encoding: gzip" CRLF CRLF,
     UM_HTTP_FRAMING_CLOSE, 0, 0},
    {SAY "Transfer-Encoding:" CRLF CRLF, UM_HTTP_FRAMING_CLOSE, 0, 0},
    {ASK "Transfer-Encoding: chunked" CRLF "Content-Length: 7" CRLF CRLF, UM_HTTP_FRAMING_CHUNKED,
     7, UM_HTTP_LENGTH_CONFLICT},
    {SAY "Content-Length: 7" CRLF "Transfer-Encoding: none" CRLF CRLF, UM_HTTP_FRAMING_CLOSE, 7,
     UM_HTTP_LENGTH_CONFLICT},
    {"HTTP/1.1 200 OK\nContent-Length: 12\n\n", UM_HTTP_FRAMING_LENGTH, 12, 0},
    {SAY "Content-Length: 12", UM_HTTP_FRAMING_CLOSE, 0, 0}, /* cut: it could be 123 */
};

static void
framing_follows_the_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof framings / sizeof *framings; i++) {
        struct um_http_message *message = parse(framings[i].head);
        assert_non_null(message);
        if (message->framing != framings[i].framing || message->flags != framings[i].flags ||
            message->content_length != framings[i].length)
            fail_msg("%s: %s, length %ju, flags %x", framings[i].head,
                     um_http_framing_text(message->framing), (uintmax_t)message->content_length,
                     message->flags);
        free(message);
    }
}

/*
 * A line that begins with white space right behind the start line was once joined to it: a request
 * then ended with no version, and the whole message was dropped. RFC 9112 section 2.2 has such
 * lines left out.
 */
static void
folded_line_behind_the_start_line_belongs_to_nothing(void **state)
{
    (void)state;
    struct um_http_message *message =
        parse(ASK " Content-Length: 3" CRLF "\tHost: x" CRLF "Content-Length: 4" CRLF CRLF);
    assert_non_null(message);
    assert_span_equal(message->target, S("/a"));
    assert_int_equal(message->content_length, 4);
    assert_int_equal(message->flags, 0);
    free(message);
}

/*
 * A field may go on in a line of white space alone (obs-fold, RFC 9112 section 5.2): that once
 * ended the head, and the fields behind were the body.
 */
static void
line_of_white_space_does_not_end_the_head(void **state)
{
    (void)state;
    struct um_http_message *message =
        parse(SAY "X: 1" CRLF " " CRLF " b" CRLF "Content-Type: a;" CRLF "\t" CRLF " c=d" CRLF
                  "Content-Length: 3" CRLF CRLF);
    assert_non_null(message);
    assert_int_equal(message->content_length, 3);
    assert_span_equal(um_http_message_parameter(message->content_type, S("c")), S("d"));
    free(message);
}

static const struct coded {
    const char *fields;
    size_t count;
    enum um_http_coding codings[4];
} coded[] = {
    {"", 0, {0}},
    {"Content-Encoding: gzip" CRLF, 1, {UM_HTTP_CODING_GZIP}},
    {"Content-Encoding: X-GZIP, br" CRLF, 2, {UM_HTTP_CODING_GZIP, UM_HTTP_CODING_BROTLI}},
    {"Content-Encoding: identity, deflate ,, zstd;q=1" CRLF,
     2,
     {UM_HTTP_CODING_DEFLATE, UM_HTTP_CODING_ZSTD}},
    {"Content-Encoding: gzip" CRLF "Content-Encoding: compress" CRLF,
     2,
     {UM_HTTP_CODING_GZIP, UM_HTTP_CODING_OTHER}},
    {"Transfer-Encoding: gzip, chunked" CRLF "Content-Encoding: br" CRLF,
     2,
     {UM_HTTP_CODING_BROTLI, UM_HTTP_CODING_GZIP}},
    {"Transfer-Encoding: deflate" CRLF "Transfer-Encoding: gzip" CRLF
     "Transfer-Encoding: chunked" CRLF,
     2,
     {UM_HTTP_CODING_DEFLATE, UM_HTTP_CODING_GZIP}},
    {"Transfer-Encoding: made-up, chunked" CRLF, 0, {0}},
    {"Transfer-Encoding: gzip;q=1, deflate ; a=b, chunked" CRLF,
     2,
     {UM_HTTP_CODING_GZIP, UM_HTTP_CODING_DEFLATE}},
};

/* Transfer codings on a line of their own before that of "chunked" were once forgotten, and those
 * with a parameter not known. */
static void
codings_stand_in_the_order_in_which_they_were_applied(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof coded / sizeof *coded; i++) {
        char head[300] = SAY;
        strcat(head, coded[i].fields);
        strcat(head, CRLF);
        struct um_http_message *message = parse(head);
        assert_non_null(message);
        if (message->coding_count != coded[i].count)
            fail_msg("%s: %zu codings", coded[i].fields, message->coding_count);
        for (size_t k = 0; k < coded[i].count; k++)
            assert_int_equal(message->codings[k], coded[i].codings[k]);
        free(message);
    }
}

static void
codings_above_the_most_are_told(void **state)
{
    (void)state;
    struct um_http_message *message =
        parse(SAY "Content-Encoding: gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip" CRLF CRLF);
    assert_int_equal(message->coding_count, UM_HTTP_CODINGS_MAX);
    assert_int_equal(message->flags, 0);
    free(message);
    message = parse(SAY "Content-Encoding: gzip,gzip,gzip,gzip,gzip,gzip,gzip,gzip,br" CRLF CRLF);
    assert_int_equal(message->coding_count, UM_HTTP_CODINGS_MAX);
    assert_int_equal(message->flags, UM_HTTP_CODINGS_MANY);
    free(message);
}

static void
fields_that_matter_are_kept_first_line_first(void **state)
{
    (void)state;
    struct um_http_message *message =
        parse(ASK "content-type: text/xml;\r\n\tcharset=utf-8" CRLF "Content-Type: b" CRLF
                  "SOAPAction: \"x\"" CRLF "Proxy-Authorization: NTLM T" CRLF "no field" CRLF CRLF);
    assert_span_equal(um_http_message_parameter(message->content_type, S("charset")), S("utf-8"));
    assert_true(message->has_soap_action);
    assert_span_equal(message->soap_action, S("\"x\""));
    assert_true(message->has_authorization);
    free(message);
    message = parse(ASK CRLF);
    assert_false(message->has_soap_action);
    assert_false(message->has_authorization);
    free(message);
}

static void
every_prefix_of_a_head_is_read_as_far_as_its_lines_are_whole(void **state)
{
    (void)state;
    const char *head = ASK "Content-Length: 12" CRLF "Content-Type: text/xml" CRLF CRLF;
    size_t line = strlen(ASK), second = line + strlen("Content-Length: 12" CRLF);
    for (size_t len = line; len <= strlen(head); len++) {
        uint8_t *exact = um_test_exact_copy(head, len);
        struct um_http_message *message;
        assert_int_equal(um_http_head_parse(um_span_of(exact, len), &message), UM_OK);
        free(exact);
        bool has_length = len >= second, has_type = len >= strlen(head) - 2;
        assert_int_equal(message->content_length, has_length ? 12 : 0);
        assert_int_equal(message->content_type.len, has_type ? strlen("text/xml") : 0);
        free(message);
    }
}

static struct um_http_message *
parse_whole(const char *bytes, size_t len)
{
    uint8_t *exact = um_test_exact_copy(bytes, len);
    struct um_http_message *message = NULL;
    assert_int_equal(um_http_head_parse_whole(um_span_of(exact, len), &message), UM_OK);
    free(exact);
    return message;
}

/* A field of 600 bytes makes a head longer than what every message has room for. */
#define TEN "0123456789"
#define LONG_FIELD                                                                                 \
    "X: " TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN  \
        TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN    \
            TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN CRLF

static const char *const heads[] = {
    ASK "Content-Length: 12" CRLF "Content-Type: text/xml" CRLF CRLF,
    ASK "Content-Type: text/xml;" CRLF " charset=utf-8" CRLF "Content-Length: 7" CRLF CRLF,
    ASK "Content-Length: 7" CRLF "\t \t" CRLF CRLF,
    ASK "Content-Length: 7" CRLF "\t \t" CRLF " x" CRLF "\r\r\n",
    "HTTP/1.1 200 OK\nContent-Encoding: gzip, br\nTransfer-Encoding: chunked\n\n",
    ASK LONG_FIELD "SOAPAction: \"x\"" CRLF CRLF,
    ASK CRLF,
};

/* What stands behind a head, a body or the next head, is none of it. */
static void
head_among_other_bytes_is_the_same_as_one_by_itself(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        char bytes[1000];
        size_t len = strlen(heads[i]);
        (void)snprintf(bytes, sizeof bytes, "%s Content-Length: 99" CRLF CRLF, heads[i]);
        struct um_http_message *message = parse_whole(bytes, strlen(bytes));
        struct um_http_message *alone = parse(heads[i]);
        assert_non_null(message);
        assert_int_equal(message->head.len, len);
        assert_span_equal(message->head, alone->head);
        assert_span_equal(message->version, alone->version);
        assert_span_equal(message->content_type, alone->content_type);
        assert_span_equal(message->soap_action, alone->soap_action);
        assert_int_equal(message->framing, alone->framing);
        assert_int_equal(message->content_length, alone->content_length);
        assert_int_equal(message->coding_count, alone->coding_count);
        for (size_t k = 0; k < message->coding_count; k++)
            assert_span_equal(message->coding_names[k], alone->coding_names[k]);
        free(message);
        free(alone);
    }
}

static void
head_is_not_whole_before_its_last_byte(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        for (size_t len = strlen(ASK); len < strlen(heads[i]); len++)
            assert_null(parse_whole(heads[i], len));
    }
    struct um_http_message *message;
    assert_int_equal(um_http_head_parse_whole(S("no start line" CRLF CRLF), &message),
                     UM_ERR_FORMAT);
    assert_null(message);
}

/* Of each beginning: no message before the start line is whole, then what whole lines say. */
static void
head_in_its_place_says_what_its_whole_lines_do(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        size_t whole = strlen(heads[i]);
        for (size_t len = 0; len <= whole; len++) {
            uint8_t *exact = um_test_exact_copy(heads[i], len);
            struct um_http_message read, *parsed = NULL;
            bool has_line = memchr(exact, '\n', len);
            assert_int_equal(um_http_head_read(um_span_of(exact, len), &read),
                             len == whole ? UM_DONE : UM_MORE);
            if (has_line)
                assert_int_equal(um_http_head_parse(um_span_of(exact, len), &parsed), UM_OK);
            assert_int_equal(read.is_reply, parsed && parsed->is_reply);
            assert_int_equal(read.version.len, parsed ? strlen("HTTP/1.1") : 0);
            assert_int_equal(read.framing, parsed ? parsed->framing : UM_HTTP_FRAMING_NONE);
            assert_int_equal(read.content_length, parsed ? parsed->content_length : 0);
            assert_int_equal(read.coding_count, parsed ? parsed->coding_count : 0);
            if (len == whole)
                assert_int_equal(read.head.len, whole);
            free(parsed);
            free(exact);
        }
    }
}

static void
bytes_that_begin_no_message_are_read_as_none(void **state)
{
    (void)state;
    struct um_http_message read;
    assert_int_equal(um_http_head_read(S("<xml/>" CRLF CRLF), &read), UM_BAD);
    assert_int_equal(um_http_head_read(S("ID>"), &read), UM_BAD);
    assert_int_equal(um_http_head_read(S("of it</a>" ASK), &read), UM_BAD);
    assert_int_equal(um_http_head_read(S("POST /of it HTTP/1.1" CRLF), &read), UM_MORE);
    assert_span_equal(read.target, S("/of it"));
}

/* A long head is given its room in a second step. */
static void
allocation_of_room_for_a_long_head_failing_is_told(void **state)
{
    (void)state;
    struct um_http_message *message = NULL;
    for (unsigned n = 0; n < 2; n++) {
        um_test_alloc_fail_at(n);
        assert_int_equal(um_http_head_parse_whole(S(ASK LONG_FIELD CRLF), &message), UM_ERR_NOMEM);
        assert_true(um_test_alloc_reset());
        assert_null(message);
    }
}

static void
allocation_failing_is_told(void **state)
{
    (void)state;
    struct um_http_message *message = NULL;
    um_test_alloc_fail_at(0);
    assert_int_equal(um_http_head_parse(S(ASK CRLF), &message), UM_ERR_NOMEM);
    assert_true(um_test_alloc_reset());
    assert_null(message);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(start_line_is_known_once_it_is_whole_and_possible_before),
        cmocka_unit_test(what_is_no_start_line_is_refused),
        cmocka_unit_test(made_up_method_is_taken_where_a_message_must_begin_only),
        cmocka_unit_test(side_whose_part_is_known_begins_nothing_else),
        cmocka_unit_test(search_finds_the_first_place_where_a_message_could_begin),
        cmocka_unit_test(request_line_is_read_from_both_ends),
        cmocka_unit_test(framing_follows_the_fields),
        cmocka_unit_test(folded_line_behind_the_start_line_belongs_to_nothing),
        cmocka_unit_test(line_of_white_space_does_not_end_the_head),
        cmocka_unit_test(codings_stand_in_the_order_in_which_they_were_applied),
        cmocka_unit_test(codings_above_the_most_are_told),
        cmocka_unit_test(fields_that_matter_are_kept_first_line_first),
        cmocka_unit_test(every_prefix_of_a_head_is_read_as_far_as_its_lines_are_whole),
        cmocka_unit_test(head_among_other_bytes_is_the_same_as_one_by_itself),
        cmocka_unit_test(head_in_its_place_says_what_its_whole_lines_do),
        cmocka_unit_test(bytes_that_begin_no_message_are_read_as_none),
        cmocka_unit_test(head_is_not_whole_before_its_last_byte),
        cmocka_unit_test(allocation_of_room_for_a_long_head_failing_is_told),
        cmocka_unit_test(allocation_failing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
