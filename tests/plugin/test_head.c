/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Heads and chunks of messages that Wireshark did not put together. */
#include "plugin/head.h"

#include <stdio.h>

#include "tests/support/support.h"

static const char request[] = "POST /EWS/UM2007Legacy.asmx HTTP/1.1\r\nHost: a\r\n"
                              "Content-Type: multipart/related; boundary=\"b c\"; x=y\r\n"
                              "SOAPAction: \"urn:a\"\r\ncontent-length: 12\r\n\r\nbody";

static void
head_of_a_request_is_read(void **state)
{
    (void)state;
    struct umws_head head;
    assert_int_equal(umws_head_read(S(request), &head), UM_DONE);
    assert_int_equal(head.len, sizeof request - 1 - 4);
    assert_false(head.is_reply);
    assert_span_equal(head.method, S("POST"));
    assert_span_equal(head.target, S("/EWS/UM2007Legacy.asmx"));
    assert_span_equal(head.soap_action, S("\"urn:a\""));
    assert_int_equal(head.framing, UMWS_FRAMING_LENGTH);
    assert_int_equal(head.length, 12);
    assert_true(umws_head_may_be_soap(&head));
    assert_span_equal(umws_head_parameter(head.content_type, S("boundary")), S("b c"));
    assert_span_equal(umws_head_parameter(head.content_type, S("X")), S("y"));
    assert_int_equal(umws_head_parameter(head.content_type, S("z")).len, 0);
}

static void
head_of_a_request_tells_whether_it_brings_credentials(void **state)
{
    (void)state;
    static const struct {
        const char *field;
        bool has_credentials;
    } cases[] = {
        {"Authorization: NTLM TlRM\r\n", true},
        {"proxy-authorization: Basic YTpi\r\n", true},
        {"Authentication: NTLM\r\nAccept: a\r\nPragma: Authorization\r\n", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[128];
        struct umws_head head;
        snprintf(text, sizeof text, "POST / HTTP/1.1\r\n%s\r\n", cases[i].field);
        assert_int_equal(umws_head_read(S(text), &head), UM_DONE);
        assert_int_equal(head.has_credentials, cases[i].has_credentials);
    }
}

static void
head_every_prefix_wants_more_and_tells_its_whole_lines(void **state)
{
    (void)state;
    size_t line = strlen("POST /EWS/UM2007Legacy.asmx HTTP/1.1\r\n");
    for (size_t n = 0; n < sizeof request - 1 - 4; n++) {
        struct umws_head head;
        uint8_t *heap = um_test_exact_copy(request, n);
        assert_int_equal(umws_head_read(um_span_of(heap, n), &head), UM_MORE);
        assert_int_equal(head.method.len, n < line ? 0 : 4);
        free(heap);
    }
}

static void
head_of_a_reply_tells_where_its_body_ends(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        enum umws_framing framing;
        unsigned status;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\n\r\n", UMWS_FRAMING_CLOSE, 200},
        {"HTTP/1.1 200 OK\nContent-Length: 3\n\n", UMWS_FRAMING_LENGTH, 200},
        {"HTTP/1.1 200\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 3\r\n\r\n",
         UMWS_FRAMING_CHUNKED, 200},
        {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", UMWS_FRAMING_CLOSE, 200},
        {"HTTP/1.1 100 Continue\r\n\r\n", UMWS_FRAMING_NONE, 100},
        {"HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", UMWS_FRAMING_NONE, 304},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct umws_head head;
        assert_int_equal(umws_head_read(S(cases[i].head), &head), UM_DONE);
        assert_true(head.is_reply);
        assert_int_equal(head.framing, cases[i].framing);
        assert_int_equal(head.status, cases[i].status);
    }
}

static void
head_of_a_reply_tells_what_comes_behind_it(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        bool is_upgrade, is_h2c, is_interim;
    } cases[] = {
        {"HTTP/1.1 100 Continue\r\n\r\n", false, false, true},
        {"HTTP/1.1 103 Early\r\nUpgrade: h2c\r\n\r\n", false, false, true},
        {"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n", true, false, false},
        {"HTTP/1.1 101 Switching\r\nupgrade: H2C\r\n\r\n", true, true, false},
        {"HTTP/1.1 426 No\r\nUpgrade: h2c\r\n\r\n", false, false, false},
        {"CONNECT a:443 HTTP/1.1\r\n\r\n", false, false, false},
        {"POST /a HTTP/1.1\r\nUpgrade: h2c\r\n\r\n", false, false, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct umws_head head;
        assert_int_equal(umws_head_read(S(cases[i].head), &head), UM_DONE);
        assert_int_equal(head.is_upgrade, cases[i].is_upgrade);
        assert_int_equal(head.is_h2c, cases[i].is_h2c);
        assert_int_equal(umws_head_is_interim(head.status), cases[i].is_interim);
    }
}

static void
head_that_is_none_is_refused(void **state)
{
    (void)state;
    struct umws_head head;
    assert_int_equal(umws_head_read(S("<xml/>\r\n\r\n"), &head), UM_BAD);
    assert_int_equal(umws_head_read(S("POST / SIP/2.0\r\n\r\n"), &head), UM_BAD);
    assert_int_equal(umws_head_read(S("HTTP/1.1 OK\r\n\r\n"), &head), UM_BAD);
    assert_int_equal(umws_head_read(S("POST /\r\n\r\n"), &head), UM_BAD);
    assert_int_equal(umws_head_read(S("ID>"), &head), UM_BAD); /* what cannot become one */
    assert_int_equal(umws_head_read(S("bIsaFfdNRrTkLmCb9dXyZ0aQw"), &head), UM_BAD);
    assert_int_equal(umws_head_read(S("of it</a>POST /a HTTP/1.1\r\n"), &head), UM_BAD);
    assert_int_equal(umws_head_read(S("POST /of it HTTP/1.1\r\n"), &head), UM_MORE);
}

/* A client that does not wait writes the next request right behind a body without a line's end. */
static void
head_is_found_where_a_start_line_stands_or_could(void **state)
{
    (void)state;
    const struct {
        const char *text;
        size_t any, request, reply;
    } cases[] = {
        {"HTTP/1.1 200", 0, 12, 0},
        {"HTTP/1.1 200 OK\r\n", 0, 17, 0},
        {"HTTP/1.1 2000", 13, 13, 13},
        {"HTTP/1.1 wins", 13, 13, 13},
        {"</a>HTTP/1.1 200\r\n", 4, 18, 4},
        {"doneHTTP/1.", 4, 11, 4},
        {"ab\nPOST /x HTTP/1.1", 3, 3, 11},
        {"</a>POST /x HTTP/1.1\r\n", 4, 4, 22},
        {"</a>POST /x y HTTP/1.1\r\n", 4, 4, 24},
        {"</a>GET http://a/b", 4, 4, 18},
        {"</a>CONNECT a:80 HTTP/1.1\r\n", 4, 4, 27},
        {"</a>PO", 4, 4, 6},
        {"</a>POST /x\r\n", 13, 13, 13},
        {"ab POST /x\ncd HTTP/1.1\n", 23, 23, 23},
        {"xPOST /x HTTP/1.1\r\n", 19, 19, 19},
        {"", 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t *heap = um_test_exact_copy(cases[i].text, strlen(cases[i].text));
        struct um_span bytes = um_span_of(heap, strlen(cases[i].text));
        assert_int_equal(umws_head_find(bytes, UMWS_LOOK_ANY), cases[i].any);
        assert_int_equal(umws_head_find(bytes, UMWS_LOOK_REQUEST), cases[i].request);
        assert_int_equal(umws_head_find(bytes, UMWS_LOOK_REPLY), cases[i].reply);
        free(heap);
    }
    assert_false(umws_head_begins(S("post /x")));
    assert_false(umws_head_begins(S("SUBSCRIBE sip:x")));
}

static void
chunks_end_behind_the_trailer(void **state)
{
    (void)state;
    static const char body[] = "4;a=b\r\nwiki\r\nA\r\n0123456789\r\n0\r\nX: y\r\n\r\nHTTP";
    size_t end = sizeof body - 1 - 4;
    size_t at = 0;
    for (size_t n = 0; n < end; n++) { /* goes on where it stood */
        uint8_t *heap = um_test_exact_copy(body, n);
        assert_int_equal(umws_head_chunks(um_span_of(heap, n), &at), UM_MORE);
        free(heap);
    }
    assert_int_equal(umws_head_chunks(S(body), &at), UM_DONE);
    assert_int_equal(at, end);
    at = 0;
    assert_int_equal(umws_head_chunks(S("x\r\n"), &at), UM_BAD);
    assert_int_equal(umws_head_chunks(S("1\r\nabc\r\n"), &at), UM_BAD);
}

static void
chunks_are_undone_as_far_as_they_go(void **state)
{
    (void)state;
    static const char body[] = "4\r\nwiki\r\n5\r\npedia\r\n0\r\n\r\n";
    static const char content[] = "wikipedia";
    for (size_t n = 0; n < sizeof body; n++) {
        struct um_buf out = {0};
        uint8_t *heap = um_test_exact_copy(body, n);
        assert_int_equal(umws_head_unchunk(um_span_of(heap, n), &out), UM_OK);
        size_t first = n < 3 ? 0 : n - 3 < 4 ? n - 3 : 4;
        size_t second = n < 12 ? 0 : n - 12 < 5 ? n - 12 : 5;
        assert_span_equal(um_buf_span(&out), um_span_of(content, first + second));
        um_buf_done(&out);
        free(heap);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(head_of_a_request_is_read),
        cmocka_unit_test(head_of_a_request_tells_whether_it_brings_credentials),
        cmocka_unit_test(head_every_prefix_wants_more_and_tells_its_whole_lines),
        cmocka_unit_test(head_of_a_reply_tells_where_its_body_ends),
        cmocka_unit_test(head_of_a_reply_tells_what_comes_behind_it),
        cmocka_unit_test(head_that_is_none_is_refused),
        cmocka_unit_test(head_is_found_where_a_start_line_stands_or_could),
        cmocka_unit_test(chunks_end_behind_the_trailer),
        cmocka_unit_test(chunks_are_undone_as_far_as_they_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
