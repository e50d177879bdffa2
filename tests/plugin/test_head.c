/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Heads of messages that Wireshark did not put together; tests/http/test_head.c has what any head
 * says. */
#include "plugin/head.h"

#include "tests/support/support.h"

static void
head_of_a_reply_tells_where_its_body_ends(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        enum um_http_framing framing;
        unsigned status;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\n\r\n", UM_HTTP_FRAMING_CLOSE, 200},
        {"HTTP/1.1 200 OK\nContent-Length: 3\n\n", UM_HTTP_FRAMING_LENGTH, 200},
        {"HTTP/1.1 200\r\nTransfer-Encoding: gzip, chunked\r\nContent-Length: 3\r\n\r\n",
         UM_HTTP_FRAMING_CHUNKED, 200},
        {"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", UM_HTTP_FRAMING_CLOSE, 200},
        {"HTTP/1.1 100 Continue\r\n\r\n", UM_HTTP_FRAMING_NONE, 100},
        {"HTTP/1.1 304 Not Modified\r\nContent-Length: 3\r\n\r\n", UM_HTTP_FRAMING_NONE, 304},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_http_message head;
        assert_int_equal(umws_head_read(S(cases[i].head), &head), UM_DONE);
        assert_true(head.is_reply);
        assert_int_equal(head.framing, cases[i].framing);
        assert_int_equal(head.status, cases[i].status);
    }
}

static void
body_may_be_soap_if_its_type_does_not_say_otherwise(void **state)
{
    (void)state;
    static const struct {
        const char *head;
        bool may_be;
    } cases[] = {
        {"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Type: text/xml; a=b\r\n\r\n", true},
        {"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Type: a/SOAP+XML\r\n\r\n", true},
        {"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\n", true},
        {"POST / HTTP/1.1\r\nContent-Length: 3\r\ncontent-type: Multipart/Related; type=a\r\n\r\n",
         true},
        {"POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Type: text/html; a=xml\r\n\r\n", false},
        {"POST / HTTP/1.1\r\nContent-Type: text/xml\r\n\r\n", false}, /* there is none */
        {"HTTP/1.1 304 No\r\nContent-Type: text/xml\r\n\r\n", false},
        {"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_http_message head;
        assert_int_equal(umws_head_read(S(cases[i].head), &head), UM_DONE);
        assert_int_equal(um_http_message_may_be_soap(&head), cases[i].may_be);
    }
}

static void
message_begins_where_a_method_or_a_version_is_whole(void **state)
{
    (void)state;
    assert_true(umws_head_begins(S("POST /x HTTP/1.1\r\n")));
    assert_true(umws_head_begins(S("GET http://a/b")));
    assert_true(umws_head_begins(S("HTTP/1.1 200 OK\r\n")));
    assert_false(umws_head_begins(S("PO"))); /* a body may begin so */
    assert_false(umws_head_begins(S("")));
    assert_false(umws_head_begins(S("post /x")));
    assert_false(umws_head_begins(S("SUBSCRIBE sip:x SIP/2.0\r\n")));
    assert_false(umws_head_begins(S("<a>POST /x HTTP/1.1\r\n")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(head_of_a_reply_tells_where_its_body_ends),
        cmocka_unit_test(body_may_be_soap_if_its_type_does_not_say_otherwise),
        cmocka_unit_test(message_begins_where_a_method_or_a_version_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
