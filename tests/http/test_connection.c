/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP/1 connections: messages paired, limits kept, whatever fails told. */
#include "offline/http/connection.h"

#include <stdio.h>

#include "tests/http/h1_talk.h"

static void
messages_pair_in_order(void **state)
{
    (void)state;
    um_h1_talk_assert(UM_H1_POST("/a", "one", "3") UM_H1_OK("uno", "3") UM_H1_GET("/b")
                          UM_H1_OK("", "0"),
                      UM_END_FIN, "POST /a(one)+200(uno) GET /b()+200()");
}

static void
pipelined_requests_find_their_replies(void **state)
{
    (void)state;
    um_h1_talk_assert(UM_H1_GET("/a") UM_H1_GET("/b") UM_H1_GET("/c") UM_H1_OK("1", "1")
                          UM_H1_OK("22", "2") UM_H1_OK("333", "3"),
                      UM_END_FIN, "GET /a()+200(1) GET /b()+200(22) GET /c()+200(333)");
}

static void
every_framing_ends_where_it_should(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {UM_H1_GET("/a") "<HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n"
                         "3\\r\\nabc\\r\\n00A;x=y\\r\\n0123456789\\r\\n0\\r\\nTrailer: "
                         "t\\r\\n\\r\\n\n" UM_H1_GET("/b") UM_H1_OK("", "0"),
         "GET /a()+200(abc0123456789) GET /b()+200()"},
        {UM_H1_GET("/a") "<HTTP/1.0 200 OK\\r\\n\\r\\nto the end\n", "GET /a()+200(to the end)"},
        {">HEAD /a HTTP/1.1\\r\\n\\r\\n\n<HTTP/1.1 200 OK\\r\\nContent-Length: "
         "99\\r\\n\\r\\n\n" UM_H1_GET("/b") "<HTTP/1.1 304 Not Modified\\r\\nContent-Length: "
                                            "99\\r\\n\\r\\n\n" UM_H1_GET(
                                                "/c") "<HTTP/1.1 204 No Content\\r\\n\\r\\n\n",
         "HEAD /a()+200() GET /b()+304() GET /c()+204()"},
        {">POST /a HTTP/1.1\\r\\nExpect: 100-continue\\r\\nContent-Length: 2\\r\\n\\r\\n\n"
         "<HTTP/1.1 100 Continue\\r\\n\\r\\n\n>hi\n" UM_H1_OK("ok", "2"),
         "POST /a(hi)+200(ok)"},
        {UM_H1_POST("/a", "late", "9") UM_H1_OK("no", "2"), "POST /a(late)!+200(no)"},
        {">GET /a HTTP/1.1\\nHost: x\\n\\n\n<HTTP/1.1 200 OK\\nContent-Length:\\n\\t2\\n\\nhi\n",
         "GET /a()+200(hi)"},
        {">\\r\\n\\r\\nGET /a HTTP/1.1\\r\\n\\r\\n\n" UM_H1_OK("x", "1"), "GET /a()+200(x)"},
        {UM_H1_GET("/a") "<HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nContent-Length: "
                         "2\\r\\n\\r\\nhi\n" UM_H1_GET("/b") UM_H1_OK("", "0"),
         "GET /a()+200(hi) GET /b()+200()"},
        {UM_H1_GET(
             "/a") "<HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\nTransfer-Encoding: chunked\\r\\n"
                   "\\r\\n2\\r\\nhi\\r\\n0\\r\\n\\r\\n\n" UM_H1_GET("/b") UM_H1_OK("", "0"),
         "GET /a()+200(hi) GET /b()+200()"},
        {UM_H1_GET("/a") "<HTTP/1.1 200 OK\\r\\nTransfer-Encoding: "
                         "chunked\\r\\n\\r\\n2\\r\\nhi\\r\\n0\\r\\n"
                         "\n",
         "GET /a()+200(hi)"},
        {UM_H1_GET("/a") "<HTTP/1.1 200 OK\\r\\nContent-Length: -1\\r\\n\\r\\nall\n",
         "GET /a()+200(all)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        um_h1_talk_assert(cases[i][0], UM_END_FIN, cases[i][1]);
}

static void
broken_chunks_lose_the_message_but_not_the_next_one(void **state)
{
    (void)state;
    um_h1_talk_assert(UM_H1_GET("/a") "<HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n"
                                      "2\\r\\nhi\\r\\nzz\\r\\n\n" UM_H1_GET("/b")
                                          UM_H1_OK("x", "1"),
                      UM_END_FIN, "GET /a()+200(hi)! GET /b()+200(x)");
}

static void
nothing_is_read_behind_an_upgrade_or_in_a_tunnel(void **state)
{
    (void)state;
    um_h1_talk_assert(
        UM_H1_GET("/a") "<HTTP/1.1 101 Switching\\r\\nUpgrade: x\\r\\n\\r\\n\n" UM_H1_GET("/b")
            UM_H1_OK("", "0"),
        UM_END_FIN, "GET /a()+101()");
    um_h1_talk_assert(
        ">CONNECT h:443 HTTP/1.1\\r\\n\\r\\n\n<HTTP/1.1 200 OK\\r\\n\\r\\n\n" UM_H1_GET("/b"),
        UM_END_FIN, "CONNECT h:443()+200()");
    um_h1_talk_assert(">CONNECT h:443 HTTP/1.1\\r\\n\\r\\n\n"
                      "<HTTP/1.1 407 No\\r\\nContent-Length: 2\\r\\n\\r\\nno\n" UM_H1_GET("/b")
                          UM_H1_OK("", "0"),
                      UM_END_FIN, "CONNECT h:443()+407(no) GET /b()+200()");
}

static void
reason_of_a_missing_reply_is_told(void **state)
{
    (void)state;
    um_h1_talk_assert(UM_H1_GET("/a"), UM_END_FIN, "GET /a()+-closed");
    um_h1_talk_assert(UM_H1_GET("/a"), UM_END_RESET, "GET /a()+-reset");
    um_h1_talk_assert(UM_H1_GET("/a"), UM_END_CAPTURE, "GET /a()+-end");
}

static void
request_above_the_limit_goes_unanswered(void **state)
{
    (void)state;
    um_h1_talk_assert(
        UM_H1_GET("/1") UM_H1_GET("/2") UM_H1_GET("/3") UM_H1_GET("/4") UM_H1_GET("/5"),
        UM_END_CAPTURE, "GET /1()+-end GET /2()+-end GET /3()+-end GET /4()+-end GET /5()+-end");
}

/*
 * The oldest pair once went at the limit while its reply was being read, and the rest of that reply
 * was written into freed memory. Found by fuzz_http.
 */
static void
reply_that_is_being_read_does_not_go_at_the_limit(void **state)
{
    (void)state;
    um_h1_talk_assert(
        UM_H1_GET("/1") "<HTTP/1.1 200 OK\\r\\nContent-Length: 10\\r\\n\\r\\n01234\n" UM_H1_GET(
            "/2") UM_H1_GET("/3") UM_H1_GET("/4") UM_H1_GET("/5") UM_H1_GET("/6") "<56789\n",
        UM_END_FIN,
        "GET /2()+-end GET /3()+-end GET /1()+200(0123456789) GET /4()+-closed "
        "GET /5()+-closed GET /6()+-closed");
}

/* The reply to a request that was given up once went to the one behind it, and so on for all. */
static void
late_reply_to_a_request_that_is_gone_is_not_that_of_the_next(void **state)
{
    (void)state;
    um_h1_talk_assert(UM_H1_GET("/1") UM_H1_GET("/2") UM_H1_GET("/3") UM_H1_GET("/4")
                          UM_H1_GET("/5") UM_H1_GET("/6") UM_H1_OK("1", "1") UM_H1_OK("2", "1")
                              UM_H1_OK("3", "1") UM_H1_OK("4", "1") UM_H1_OK("5", "1")
                                  UM_H1_OK("6", "1"),
                      UM_END_FIN,
                      "GET /1()+-end GET /2()+-end -+200(1) -+200(2) GET /3()+200(3) "
                      "GET /4()+200(4) GET /5()+200(5) GET /6()+200(6)");
}

/* A start line above the limit `head` took the place of the next message of its side. */
static void
start_line_that_is_too_long_loses_its_own_message_alone(void **state)
{
    (void)state;
    char dialogue[2048], filler[400];
    memset(filler, 'f', sizeof filler - 1);
    filler[sizeof filler - 1] = '\0';
    (void)snprintf(
        dialogue, sizeof dialogue,
        UM_H1_GET("/a") "<HTTP/1.1 200 %s\\r\\nContent-Length: 0\\r\\n\\r\\n\n" UM_H1_GET("/b")
            UM_H1_OK("b", "1") ">GET /%s HTTP/1.1\\r\\n\\r\\n\n" UM_H1_OK("c", "1") UM_H1_GET("/d")
                UM_H1_OK("d", "1"),
        filler, filler);
    um_h1_talk_assert(dialogue, UM_END_FIN,
                      "GET /a()+-lost GET /b()+200(b) -+200(c) GET /d()+200(d)");
}

static void
long_head_is_read_past_and_framed_by_what_was_kept(void **state)
{
    (void)state;
    char dialogue[1024];
    char filler[400];
    memset(filler, 'f', sizeof filler - 1);
    filler[sizeof filler - 1] = '\0';
    (void)snprintf(dialogue, sizeof dialogue,
                   UM_H1_GET("/a") "<HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nFiller: "
                                   "%s\\r\\n\\r\\nhi\n" UM_H1_GET("/b") UM_H1_OK("", "0"),
                   filler);
    um_h1_talk_assert(dialogue, UM_END_FIN, "GET /a()+200(hi) GET /b()+200()");
}

/*
 * Pairs opened by holes did not go at the limit `requests`: one more was held for each hole, and
 * each message looked for in all of them.
 */
static void
requests_lost_to_holes_count_against_the_limit(void **state)
{
    (void)state;
    struct um_h1_heard heard = {0};
    struct um_h1_talk play = {.piece = UM_H1_TALK_WHOLE};
    assert_int_equal(um_h1_talk_open(&play, &heard), UM_OK);
    for (size_t i = 0; i < 100; i++) {
        struct um_mark mark = {.frame = ++play.frame};
        assert_int_equal(um_h1_talk_say(&play, UM_H1_GET("/a")), UM_OK);
        assert_int_equal(
            play.sinks[0].gap(play.sinks[0].ctx, um_missing_exactly(1), UM_GAP_LOST, &mark), UM_OK);
    }
    assert_true(heard.forgotten >= 96);
    um_http_connection_free(play.connection);
    um_buf_done(&heard.text);
}

/* Replies behind an upload that was still open were held for as long as it was. */
static void
replies_behind_an_open_upload_count_against_the_limit(void **state)
{
    (void)state;
    struct um_h1_heard heard = {0};
    struct um_h1_talk play = {.piece = UM_H1_TALK_WHOLE};
    assert_int_equal(um_h1_talk_open(&play, &heard), UM_OK);
    assert_int_equal(um_h1_talk_say(&play, UM_H1_POST("/a", "h", "99")), UM_OK);
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(um_h1_talk_say(&play, UM_H1_OK("", "0")), UM_OK);
    assert_true(heard.forgotten >= 96);
    um_http_connection_free(play.connection);
    um_buf_done(&heard.text);
}

/* Heads that never end were once held by the thousand, and nobody counted them. */
static void
head_that_is_being_read_counts_against_the_limit_memory(void **state)
{
    (void)state;
    struct um_h1_heard heard = {0};
    struct um_h1_talk play = {.piece = 7};
    assert_int_equal(um_h1_talk_open(&play, &heard), UM_OK);
    uint64_t before = play.meter.used;
    assert_int_equal(um_h1_talk_say(&play, ">GET /a HTTP/1.1\\r\\nX: 0123456789\\r\\n\n"), UM_OK);
    assert_int_equal(play.meter.used, before + strlen("GET /a HTTP/1.1rnX: 0123456789rn"));
    um_http_connection_free(play.connection);
    assert_int_equal(play.meter.used, 0);
}

/* A message given up at its head was once told as complete although it had a body. */
static void
message_at_the_limit_memory_is_incomplete(void **state)
{
    (void)state;
    for (uint64_t memory = 1; memory < 20000; memory += 7) {
        struct um_h1_heard heard = {0};
        struct um_h1_talk play = {.piece = UM_H1_TALK_WHOLE, .memory = memory};
        assert_int_equal(um_h1_talk_open(&play, &heard), UM_OK);
        if (!play.connection)
            continue; /* not even the connection has room: nothing to be told */
        uint64_t connection = play.meter.used;
        um_http_connection_free(play.connection);
        assert_int_equal(
            um_h1_talk_play(&play, UM_H1_POST("/a", "body", "4"), UM_END_CAPTURE, &heard), UM_OK);
        bool has_room = um_span_equal(um_buf_span(&heard.text), S("POST /a(body)+-end "));
        if (!has_room)
            assert_span_equal(um_buf_span(&heard.text), S("POST /a()!+-end "));
        assert_true(has_room || memory < connection + 2000);
        um_buf_done(&heard.text);
    }
}

static void
nth_allocation_failing_is_told_and_leaks_nothing(void **state)
{
    (void)state;
    const char *dialogue = UM_H1_POST("/1", "q1", "2") UM_H1_OK("a1", "2")
        UM_H1_GET("/2") "<HTTP/1.1 200 OK\\r\\nTransfer-Encoding: "
                        "chunked\\r\\n\\r\\n2\\r\\na2\\r\\n0\\r\\n\\r\\n\n";
    for (size_t n = 0;; n++) {
        struct um_h1_heard heard = {0};
        struct um_h1_talk play = {.piece = 10};
        um_test_alloc_fail_at(n);
        int err = um_h1_talk_play(&play, dialogue, UM_END_FIN, &heard);
        bool has_failed = um_test_alloc_reset();
        assert_int_equal(err, has_failed ? UM_ERR_NOMEM : UM_OK);
        um_buf_done(&heard.text);
        if (!has_failed)
            break;
        assert_true(n < 1000);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_pair_in_order),
        cmocka_unit_test(pipelined_requests_find_their_replies),
        cmocka_unit_test(every_framing_ends_where_it_should),
        cmocka_unit_test(broken_chunks_lose_the_message_but_not_the_next_one),
        cmocka_unit_test(nothing_is_read_behind_an_upgrade_or_in_a_tunnel),
        cmocka_unit_test(reason_of_a_missing_reply_is_told),
        cmocka_unit_test(request_above_the_limit_goes_unanswered),
        cmocka_unit_test(reply_that_is_being_read_does_not_go_at_the_limit),
        cmocka_unit_test(late_reply_to_a_request_that_is_gone_is_not_that_of_the_next),
        cmocka_unit_test(start_line_that_is_too_long_loses_its_own_message_alone),
        cmocka_unit_test(long_head_is_read_past_and_framed_by_what_was_kept),
        cmocka_unit_test(requests_lost_to_holes_count_against_the_limit),
        cmocka_unit_test(replies_behind_an_open_upload_count_against_the_limit),
        cmocka_unit_test(head_that_is_being_read_counts_against_the_limit_memory),
        cmocka_unit_test(message_at_the_limit_memory_is_incomplete),
        cmocka_unit_test(nth_allocation_failing_is_told_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
