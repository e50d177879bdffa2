/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Holes in HTTP/1 connections: nothing is invented, and nothing paired with what it is not of. */
#include "offline/http/connection.h"

#include <stdio.h>

#include "tests/http/h1_talk.h"

/* Hole in the middle of a body of known length: the place is kept. */
static void
hole_inside_a_body_costs_that_body_only(void **state)
{
    (void)state;
    const char *dialogue =
        UM_H1_GET("/a") UM_H1_OK("0123456789", "10") UM_H1_GET("/b") UM_H1_OK("x", "1");
    struct um_h1_heard heard = {0};
    /* 32 bytes of request, 39 of head, then two bytes of the body */
    struct um_h1_talk play = {.piece = 5,
                              .hole_at = strlen("GET /a HTTP/1.1rnHost: xrnrn") + 4 +
                                         strlen("HTTP/1.1 200 OKrnContent-Length: 10rnrn") + 2,
                              .hole_len = 4};
    assert_int_equal(um_h1_talk_play(&play, dialogue, UM_END_FIN, &heard), UM_OK);
    struct um_span told = um_span_trim(um_buf_span(&heard.text));
    assert_true(um_span_starts(told, S("GET /a()+200(")));
    assert_true(um_span_search(told, S(")! GET /b()+200(x)")) < told.len);
    um_buf_done(&heard.text);
}

/*
 * A reply whose last line end was lost, or a trailer field, was once told as incomplete, though the
 * capture has all its chunks and a reply that ends so with the connection was not.
 */
static void
hole_behind_the_last_chunk_costs_nothing_of_the_body(void **state)
{
    (void)state;
    const char *dialogue =
        UM_H1_GET("/a") "<HTTP/1.1 200 OK\\r\\nTransfer-Encoding: "
                        "chunked\\r\\n\\r\\n2\\r\\nhi\\r\\n0\\r\\nX: y\\r\\n\\r\\n\n" UM_H1_GET(
                            "/b") UM_H1_OK("x", "1");
    size_t trailer = strlen("GET /a HTTP/1.1rnHost: xrnrn") +
                     strlen("HTTP/1.1 200 OKrnTransfer-Encoding: chunkedrnrn2rnhirn0rn");
    size_t end = trailer + strlen("X: yrnrn");
    for (size_t at = trailer; at < end; at++) {
        struct um_h1_heard heard = {0};
        struct um_h1_talk play = {.piece = 5, .hole_at = at, .hole_len = end - at};
        assert_int_equal(um_h1_talk_play(&play, dialogue, UM_END_FIN, &heard), UM_OK);
        assert_span_equal(um_span_trim(um_buf_span(&heard.text)),
                          S("GET /a()+200(hi) GET /b()+200(x)"));
        um_buf_done(&heard.text);
    }
}

/*
 * How much is missing of TLS is known to within a block of its cipher: a hole that ended with a
 * body was once taken for one that had swallowed a request behind it, and the replies to all that
 * came later found no request.
 */
static void
hole_that_seems_to_end_shortly_behind_a_body_swallows_no_message(void **state)
{
    (void)state;
    static const char filler[] = "0123456789abcde";
    const char *requests = UM_H1_POST("/1", "q1", "2");
    for (size_t beyond = 0; beyond < sizeof filler; beyond++) {
        char dialogue[512];
        struct um_h1_heard heard = {0};
        struct um_h1_talk play = {.piece = UM_H1_TALK_WHOLE, .hole_len = 1 + beyond};
        snprintf(dialogue, sizeof dialogue, "%.*s%.*s\n%s", (int)(strlen(requests) - 1), requests,
                 (int)beyond, filler,
                 UM_H1_OK("a1", "2") UM_H1_POST("/2", "q2", "2") UM_H1_OK("a2", "2"));
        play.hole_at = strlen("POST /1 HTTP/1.1rnContent-Length: 2rnrnq");
        assert_int_equal(um_h1_talk_play(&play, dialogue, UM_END_FIN, &heard), UM_OK);
        assert_span_equal(um_span_trim(um_buf_span(&heard.text)),
                          S("POST /1(q)!+200(a1) POST /2(q2)+200(a2)"));
        um_buf_done(&heard.text);
    }
}

/* Plays a dialogue with a hole that is known to within `less` and `more` bytes. */
static struct um_h1_heard
hear_with_hole(const char *dialogue, uint64_t at, uint64_t len, uint64_t less, uint64_t more)
{
    struct um_h1_heard heard = {0};
    struct um_h1_talk play = {
        .piece = UM_H1_TALK_WHOLE, .hole_at = at, .hole_len = len, .less = less, .more = more};
    assert_int_equal(um_h1_talk_play(&play, dialogue, UM_END_FIN, &heard), UM_OK);
    return heard;
}

#define BODY_OF_50 "q1..5...10...15...20...25...30...35...40...45.</a>"

/*
 * Of a hole that took many records of TLS 1.0 it is known only to within a block for each how many
 * clear bytes it took. The most they may be was once taken for what they are: a body seemed to end
 * early and a request behind it to be lost, so that the replies went astray.
 */
static void
hole_of_unsure_length_swallows_no_message_that_is_there(void **state)
{
    (void)state;
    const char *dialogue = UM_H1_POST("/1", BODY_OF_50, "50") UM_H1_OK("a1", "2")
        UM_H1_POST("/2", "q2", "2") UM_H1_OK("a2", "2");
    size_t body = strlen("POST /1 HTTP/1.1rnContent-Length: 50rnrn");
    for (uint64_t len = 1; len < 48; len++) {
        for (uint64_t more = 0; more < 120; more += 7) {
            struct um_h1_heard heard = hear_with_hole(dialogue, body + 2, len, len / 2, more);
            assert_span_equal(um_span_trim(um_buf_span(&heard.text)),
                              S("POST /1(q1)!+200(a1) POST /2(q2)+200(a2)"));
            um_buf_done(&heard.text);
        }
    }
}

/* Of a client that does not wait for replies: all bounds lie inside the body, so none is lost. */
static void
hole_of_unsure_length_inside_a_body_keeps_the_order_of_replies(void **state)
{
    (void)state;
#define THREE UM_H1_GET("/1") UM_H1_GET("/2") UM_H1_GET("/3")
#define CHUNKED "HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n"
    const char *const dialogues[] = {
        THREE UM_H1_OK(BODY_OF_50, "50") UM_H1_OK("a2", "2") UM_H1_OK("a3", "2"),
        THREE "<" CHUNKED "32\\r\\n" BODY_OF_50 "\\r\\n0\\r\\n\\r\\n\n" UM_H1_OK("a2", "2")
            UM_H1_OK("a3", "2")};
    size_t heads = 3 * strlen("GET /1 HTTP/1.1rnHost: xrnrn");
    const size_t bodies[] = {heads + strlen("HTTP/1.1 200 OKrnContent-Length: 50rnrn"),
                             heads + strlen("HTTP/1.1 200 OKrnTransfer-Encoding: chunkedrnrn32rn")};
    for (int i = 0; i < 2; i++) {
        for (uint64_t more = 0; more < 28; more++) {
            struct um_h1_heard heard = hear_with_hole(dialogues[i], bodies[i] + 2, 20, 9, more);
            assert_span_equal(um_span_trim(um_buf_span(&heard.text)),
                              S("GET /1()+200(q1)! GET /2()+200(a2) GET /3()+200(a3)"));
            um_buf_done(&heard.text);
        }
    }
}

/* Behind all that the body may be long there is no message: the beginning of one is lost. */
static void
hole_of_unsure_length_that_took_a_requests_beginning_is_told(void **state)
{
    (void)state;
    const char *dialogue =
        ">POST /1 HTTP/1.1\\r\\nContent-Length: 50\\r\\n\\r\\n" BODY_OF_50
        "POST /2 HTTP/1.1\\r\\nContent-Length: 2\\r\\n\\r\\nq\\n\n" UM_H1_POST("/3", "q3", "2")
            UM_H1_OK("a1", "2") UM_H1_OK("a2", "2") UM_H1_OK("a3", "2");
    size_t at = strlen("POST /1 HTTP/1.1rnContent-Length: 50rnrn") + 22;
    for (uint64_t more = 0; more < 8; more++) {
        struct um_h1_heard heard = hear_with_hole(dialogue, at, 28 + strlen("POST /2"), 15, more);
        assert_span_equal(
            um_span_trim(um_buf_span(&heard.text)),
            S("POST /1(q1..5...10...15...20..)!+200(a1) -+200(a2) POST /3(q3)+200(a3)"));
        um_buf_done(&heard.text);
    }
}

/* An alert of TLS may be all that was lost, which is nothing of what the peers said. */
static void
hole_between_messages_that_may_be_none_swallows_none(void **state)
{
    (void)state;
    const char *dialogue =
        UM_H1_GET("/1") UM_H1_GET("/2") UM_H1_OK("a1", "2") "<\\r\\n\n" UM_H1_OK("a2", "2");
    size_t at = 2 * strlen("GET /1 HTTP/1.1rnHost: xrnrn") +
                strlen("HTTP/1.1 200 OKrnContent-Length: 2rnrna1");
    struct um_h1_heard heard = hear_with_hole(dialogue, at, 2, 2, 9);
    assert_span_equal(um_span_trim(um_buf_span(&heard.text)),
                      S("GET /1()+200(a1) GET /2()+200(a2)"));
    um_buf_done(&heard.text);
}

/* Was the beginning of a message there after all, its reply is that to a request nobody knows. */
static void
hole_that_ends_shortly_behind_the_beginning_of_a_request_swallows_that(void **state)
{
    (void)state;
    struct um_h1_heard heard = {0};
    struct um_h1_talk play = {.piece = UM_H1_TALK_WHOLE,
                              .hole_at = strlen("POST /1 HTTP/1.1rnContent-Length: 2rnrnq"),
                              .hole_len = strlen("1POST /2")};
    const char *dialogue =
        ">POST /1 HTTP/1.1\\r\\nContent-Length: 2\\r\\n\\r\\nq1"
        "POST /2 HTTP/1.1\\r\\nContent-Length: 2\\r\\n\\r\\nq\\n\n" UM_H1_POST("/3", "q3", "2")
            UM_H1_OK("a1", "2") UM_H1_OK("a2", "2") UM_H1_OK("a3", "2");
    assert_int_equal(um_h1_talk_play(&play, dialogue, UM_END_FIN, &heard), UM_OK);
    assert_span_equal(um_span_trim(um_buf_span(&heard.text)),
                      S("POST /1(q)!+200(a1) -+200(a2) POST /3(q3)+200(a3)"));
    um_buf_done(&heard.text);
}

/*
 * A hole of any length at any byte: nothing is invented, and nothing is paired with what it does
 * not belong to. Bodies say which exchange they are of.
 */
static void
hole_anywhere_pairs_nothing_wrongly(void **state)
{
    (void)state;
    const char *dialogue = UM_H1_POST("/1", "q1", "2") UM_H1_OK("a1", "2")
        UM_H1_POST("/2", "q2", "2") "<HTTP/1.1 200 OK\\r\\nTransfer-Encoding: "
                                    "chunked\\r\\n\\r\\n2\\r\\na2\\r\\n0\\r\\n\\r\\n\n" UM_H1_POST(
                                        "/3", "q3", "2") UM_H1_OK("a3", "2")
                                        UM_H1_POST("/4", "q4", "2") UM_H1_OK("a4", "2");
    for (uint64_t len = 1; len < 120; len += 7) {
        for (uint64_t at = 0; at < 400; at++) {
            struct um_h1_heard heard = {0};
            struct um_h1_talk play = {.piece = UM_H1_TALK_WHOLE, .hole_at = at, .hole_len = len};
            assert_int_equal(um_h1_talk_play(&play, dialogue, UM_END_FIN, &heard), UM_OK);
            struct um_span rest = um_buf_span(&heard.text);
            while (rest.len > 0) {
                /* "POST /n(qn)+200(an) " */
                struct um_span word = um_span_split(&rest, '+');
                size_t asked = um_span_find(word, '/'), replied = um_span_search(rest, S("(a"));
                struct um_span pair = um_span_first(rest, um_span_find(rest, ' '));
                if (asked + 1 < word.len && replied < pair.len && rest.data[replied + 2] != ')')
                    assert_int_equal(word.data[asked + 1], rest.data[replied + 2]);
                (void)um_span_split(&rest, ' ');
            }
            um_buf_done(&heard.text);
        }
    }
}

/* Bodies say which exchange they are of: "GET /n()+200(an)", and either side may be missing. */
static void
assert_paired_rightly(const struct um_h1_heard *heard, uint64_t at, uint64_t len)
{
    struct um_span rest = um_buf_span(&heard->text);
    while (rest.len > 0) {
        struct um_span reply = um_span_split(&rest, ' ');
        if (!um_span_starts(reply, S("-"))) /* else there is no request: the word is whole */
            reply = um_span_split(&rest, ' ');
        struct um_span request = um_span_split(&reply, '+');
        bool is_read = request.len > 1 && um_span_starts(reply, S("200(a")) &&
                       reply.len > strlen("200(a") && reply.data[5] != ')';
        if (is_read && request.data[1] != reply.data[5])
            fail_msg("hole of %ju at %ju: '%.*s'", (uintmax_t)len, (uintmax_t)at,
                     (int)heard->text.len, (const char *)heard->text.data);
    }
}

static void
assert_holes_pair_nothing_wrongly(uint64_t from, const char *dialogue)
{
    for (uint64_t len = 1; len < 150; len += 4) {
        for (uint64_t at = from; at < 500; at++) {
            struct um_h1_heard heard = {0};
            struct um_h1_talk play = {.piece = UM_H1_TALK_WHOLE, .hole_at = at, .hole_len = len};
            assert_int_equal(um_h1_talk_play(&play, dialogue, UM_END_FIN, &heard), UM_OK);
            assert_paired_rightly(&heard, at, len);
            um_buf_done(&heard.text);
        }
    }
}

/*
 * With several requests under way nobody can tell which of their replies a hole has swallowed. Once
 * the first reply found behind it was paired with the oldest request left.
 */
static void
hole_among_pipelined_replies_pairs_nothing_wrongly(void **state)
{
    (void)state;
    assert_holes_pair_nothing_wrongly(
        67, UM_H1_GET("/0") UM_H1_OK("a0", "2") UM_H1_GET("/1") UM_H1_GET("/2") UM_H1_GET("/3")
                UM_H1_OK("a1", "2") UM_H1_OK("a2", "2") UM_H1_OK("a3", "2") UM_H1_GET("/4")
                    UM_H1_GET("/5") UM_H1_OK("a4", "2") UM_H1_OK("a5", "2") UM_H1_GET("/6")
                        UM_H1_OK("a6", "2"));
}

/*
 * A hole in the very first request, before it is known which side asks, was once forgotten: its
 * reply went to the request behind it.
 */
static void
hole_in_the_first_of_pipelined_requests_pairs_nothing_wrongly(void **state)
{
    (void)state;
    assert_holes_pair_nothing_wrongly(0,
                                      UM_H1_GET("/0") UM_H1_GET("/1") UM_H1_OK("a0", "2")
                                          UM_H1_OK("a1", "2") UM_H1_GET("/2") UM_H1_OK("a2", "2"));
    assert_holes_pair_nothing_wrongly(0, UM_H1_GET("/0") UM_H1_GET("/1") UM_H1_GET("/2") UM_H1_OK(
                                             "a0", "2") UM_H1_OK("a1", "2") UM_H1_OK("a2", "2"));
}

/* The reply to what was lost tells that side's part; the pairs behind it stay right. */
static void
hole_before_anything_is_known_costs_that_request_only(void **state)
{
    (void)state;
    struct um_h1_heard heard = {0};
    struct um_h1_talk play = {.piece = UM_H1_TALK_WHOLE, .hole_len = 5};
    assert_int_equal(um_h1_talk_play(&play,
                                     UM_H1_GET("/0") UM_H1_OK("a0", "2") UM_H1_GET("/1")
                                         UM_H1_OK("a1", "2"),
                                     UM_END_FIN, &heard),
                     UM_OK);
    assert_span_equal(um_buf_span(&heard.text), S("-+200(a0) GET /1()+200(a1) "));
    um_buf_done(&heard.text);
}

/* A connection whose sinks a test calls itself. */
struct open_talk {
    struct um_h1_heard heard;
    struct um_h1_talk play;
};

static void
open_talk(struct open_talk *talk)
{
    *talk = (struct open_talk){.play = {.piece = UM_H1_TALK_WHOLE}};
    assert_int_equal(um_h1_talk_open(&talk->play, &talk->heard), UM_OK);
}

static void
close_talk(struct open_talk *talk, const char *heard)
{
    assert_int_equal(um_http_connection_close(talk->play.connection), UM_OK);
    assert_span_equal(um_buf_span(&talk->heard.text), um_span_text(heard));
    um_buf_done(&talk->heard.text);
}

static void
say(struct open_talk *talk, const char *dialogue)
{
    assert_int_equal(um_h1_talk_say(&talk->play, dialogue), UM_OK);
}

static void
tell_ahead(struct open_talk *talk, int side, uint64_t most)
{
    const struct um_sink *sink = &talk->play.sinks[side];
    assert_true(sink->gap_ahead(sink->ctx, most, UM_GAP_LOST) >= 0);
}

static void
miss(struct open_talk *talk, int side, uint64_t bytes, enum um_gap_cause cause)
{
    const struct um_sink *sink = &talk->play.sinks[side];
    const struct um_mark mark = {.frame = 1};
    assert_true(sink->gap(sink->ctx, um_missing_exactly(bytes), cause, &mark) >= 0);
}

static void
lose(struct open_talk *talk, int side, uint64_t bytes)
{
    miss(talk, side, bytes, UM_GAP_LOST);
}

/*
 * How much TLS lost comes to light with its next record. That a reply was lost was once told only
 * behind the next request: its client was taken for one that pipelines, and nothing was paired from
 * there on.
 */
static void
reply_whose_loss_is_told_ahead_was_waited_for(void **state)
{
    (void)state;
    struct open_talk talk;
    open_talk(&talk);
    say(&talk, UM_H1_GET("/0") UM_H1_OK("a0", "2") UM_H1_GET("/1"));
    tell_ahead(&talk, 1, 90);
    say(&talk, UM_H1_GET("/2"));
    lose(&talk, 1, 80);
    say(&talk, UM_H1_OK("a2", "2") UM_H1_GET("/3") UM_H1_OK("a3", "2"));
    close_talk(&talk, "GET /0()+200(a0) GET /1()+-lost GET /2()+200(a2) GET /3()+200(a3) ");
}

/* Told only behind its reply, a lost request would be taken for one whose reply is to come. */
static void
request_whose_loss_is_told_ahead_was_answered_by_what_followed(void **state)
{
    (void)state;
    struct open_talk talk;
    open_talk(&talk);
    say(&talk, UM_H1_GET("/0") UM_H1_OK("a0", "2"));
    tell_ahead(&talk, 0, 90);
    say(&talk, UM_H1_OK("a1", "2"));
    lose(&talk, 0, 80);
    say(&talk, UM_H1_GET("/2") UM_H1_OK("a2", "2"));
    close_talk(&talk, "GET /0()+200(a0) -+200(a1) GET /2()+200(a2) ");
}

/* The rest of a request, its reply and the next request: the reply found is not of the first. */
static void
request_that_may_end_in_what_is_told_ahead_is_not_answered_by_a_later_reply(void **state)
{
    (void)state;
    const struct um_mark mark = {.frame = 1};
    for (uint64_t more = 0; more < 2; more++) { /* with a hole of unknown length before it or not */
        struct open_talk talk;
        open_talk(&talk);
        say(&talk, UM_H1_GET("/0") UM_H1_OK("a0", "2") UM_H1_POST("/1", "q", "50"));
        const struct um_sink *asks = &talk.play.sinks[0];
        const struct um_missing missing = {.least = 5, .most = 5 + more};
        assert_true(asks->gap(asks->ctx, missing, UM_GAP_LOST, &mark) >= 0);
        say(&talk, ">xyz");
        tell_ahead(&talk, 0, 300);
        lose(&talk, 1, 80);
        say(&talk, UM_H1_OK("a2", "2"));
        lose(&talk, 0, 280);
        say(&talk, UM_H1_GET("/3") UM_H1_OK("a3", "2"));
        close_talk(&talk, "GET /0()+200(a0) POST /1(q)!+-lost -+200(a2) GET /3()+200(a3) ");
    }
}

/*
 * Of replies nothing was lost since the request; when its own came the hole before it was told in
 * full, and once counted as one since.
 */
static void
hole_that_was_told_ahead_of_a_request_is_not_one_behind_it(void **state)
{
    (void)state;
    struct open_talk talk;
    open_talk(&talk);
    say(&talk, UM_H1_GET("/0") UM_H1_OK("a0", "50") UM_H1_GET("/1"));
    tell_ahead(&talk, 1, 300);
    say(&talk, UM_H1_POST("/2", "q", "50"));
    tell_ahead(&talk, 0, 60);
    lose(&talk, 1, 280);
    say(&talk, UM_H1_OK("a2", "2"));
    lose(&talk, 0, 49);
    say(&talk, UM_H1_GET("/3") UM_H1_OK("a3", "2"));
    close_talk(&talk, "GET /0()+200(a0)! GET /1()+-lost POST /2(q)!+200(a2) GET /3()+200(a3) ");
}

static void
hole_that_has_grown_since_a_request_is_one_behind_it(void **state)
{
    (void)state;
    struct open_talk talk;
    open_talk(&talk);
    say(&talk, UM_H1_GET("/0") UM_H1_OK("a0", "50") UM_H1_GET("/1"));
    tell_ahead(&talk, 1, 300);
    say(&talk, UM_H1_GET("/2"));
    tell_ahead(&talk, 1, 600);
    lose(&talk, 1, 560);
    say(&talk, UM_H1_GET("/3") UM_H1_OK("a3", "2"));
    close_talk(&talk, "GET /0()+200(a0)! GET /1()+-lost GET /2()+-lost GET /3()+200(a3) ");
}

static void
body_that_is_longer_than_what_is_told_ahead_keeps_its_place(void **state)
{
    (void)state;
    const char *const heads[] = {"Content-Length: 50\\r\\n\\r\\n",
                                 "Transfer-Encoding: chunked\\r\\n\\r\\n32\\r\\n"};
    const char *const ends[] = {"", "\\r\\n0\\r\\n\\r\\n"};
    for (int i = 0; i < 2; i++) {
        char begins[200], goes_on[200];
        struct open_talk talk;
        open_talk(&talk);
        (void)snprintf(begins, sizeof begins, "<HTTP/1.1 200 OK\\r\\n%s0123456789\n", heads[i]);
        (void)snprintf(goes_on, sizeof goes_on, "<HTTP/1.1 404 not one\\r\\n%s\n", ends[i]);
        say(&talk, UM_H1_GET("/1"));
        say(&talk, begins);
        tell_ahead(&talk, 1, 25);
        say(&talk, UM_H1_GET("/2"));
        lose(&talk, 1, 40 - strlen("HTTP/1.1 404 not onern"));
        say(&talk, goes_on);
        say(&talk, UM_H1_OK("a2", "2"));
        close_talk(&talk, "GET /1()+200(0123456789)! GET /2()+200(a2) ");
    }
}

/*
 * Without a hole before it the middle of a message was once nothing at all: the client that asked
 * again seemed to pipeline, and the next reply was taken for the one whose beginning is missing.
 */
static void
side_that_begins_in_the_middle_of_a_message_has_lost_that(void **state)
{
    (void)state;
    const struct {
        const char *dialogue, *told;
    } talks[] = {
        {UM_H1_GET("/0") "<a0</x>\n" UM_H1_GET("/1") UM_H1_OK("a1", "2"),
         "GET /0()+-lost GET /1()+200(a1)"},
        {"<a0</x>\n" UM_H1_GET("/1") UM_H1_OK("a1", "2"), "GET /1()+200(a1)"},
        /* the rest of a reply whose request is missing: it came before the client went on */
        {UM_H1_GET("/1") "<a0</x>\n" UM_H1_OK("a1", "2"), "GET /1()+200(a1)"},
        {">q0</x>\n" UM_H1_OK("a0", "2") UM_H1_GET("/1") UM_H1_OK("a1", "2"),
         "-+200(a0) GET /1()+200(a1)"},
        /* let in, and refused, before all of the request was there */
        {"<HTTP/1.1 100 Continue\\r\\n\\r\\n\n>q0</x>\n" UM_H1_OK("a0", "2") UM_H1_GET("/1")
             UM_H1_OK("a1", "2"),
         "-+200(a0) GET /1()+200(a1)"},
        {"<HTTP/1.1 100 Continue\\r\\n\\r\\n\n>q0</x>\n" UM_H1_GET("/1") UM_H1_OK("a0", "2")
             UM_H1_OK("a1", "2"),
         "GET /1()+-lost -+200(a0) -+200(a1)"},
        {UM_H1_OK("a0", "2") ">q0</x>\n" UM_H1_GET("/1") UM_H1_OK("a1", "2"),
         "-+200(a0) GET /1()+200(a1)"},
    };
    for (size_t i = 0; i < sizeof talks / sizeof *talks; i++)
        um_h1_talk_assert(talks[i].dialogue, UM_END_FIN, talks[i].told);
}

/* Either side lacks its first bytes, all of its first message but one at most, or both do. */
static void
beginning_anywhere_in_a_message_pairs_nothing_wrongly(void **state)
{
    (void)state;
    const char *asked = UM_H1_POST("/0", "q0</x>", "6"), *told = UM_H1_OK("a0</x>", "6");
    const char *rest = UM_H1_GET("/1") UM_H1_OK("a1", "2") UM_H1_GET("/2") UM_H1_OK("a2", "2");
    for (size_t i = 0; asked[i + 1] != '\n'; i++) {
        for (size_t k = 0; told[k + 1] != '\n'; k++) {
            char dialogue[1024];
            struct um_h1_heard heard = {0};
            struct um_h1_talk play = {.piece = UM_H1_TALK_WHOLE};
            (void)snprintf(dialogue, sizeof dialogue, ">%s<%s%s", asked + 1 + i, told + 1 + k,
                           rest);
            assert_int_equal(um_h1_talk_play(&play, dialogue, UM_END_FIN, &heard), UM_OK);
            assert_paired_rightly(&heard, i, k);
            assert_true(um_span_search(um_buf_span(&heard.text), S("GET /2()+200(a2)")) <
                        heard.text.len);
            um_buf_done(&heard.text);
        }
    }
}

/*
 * A burst of lost packets took a request and its reply, and the hole among the replies came to
 * light first. The client was then taken for one that pipelines, and for the rest of the connection
 * nothing was paired.
 */
static void
hole_that_takes_a_request_and_its_reply_costs_those_alone(void **state)
{
    (void)state;
    struct open_talk talk;
    open_talk(&talk);
    say(&talk, UM_H1_GET("/0") UM_H1_OK("a0", "2"));
    lose(&talk, 1, 40);
    lose(&talk, 0, 40);
    say(&talk, UM_H1_GET("/2") UM_H1_OK("a2", "2") UM_H1_GET("/3") UM_H1_OK("a3", "2"));
    close_talk(&talk, "GET /0()+200(a0) GET /2()+200(a2) GET /3()+200(a3) ");
}

/*
 * That a direction was not captured is known at its end: with a request lost too, those behind it
 * were once told to lack bytes of their replies, which blames the capture's drops for a missing
 * direction.
 */
static void
hole_in_the_only_direction_there_is_gives_no_reason(void **state)
{
    (void)state;
    struct open_talk talk;
    open_talk(&talk);
    lose(&talk, 0, 40);
    say(&talk, UM_H1_GET("/1") UM_H1_GET("/2"));
    assert_int_equal(talk.heard.text.len, 0);
    miss(&talk, 1, 120, UM_GAP_UNSEEN);
    close_talk(&talk, "GET /1()+-one-sided GET /2()+-one-sided ");
}

/*
 * A request's body may hold the text of replies; when the place in it is lost, such a text was once
 * found, and paired with the very request that it was part of.
 */
static void
side_that_asks_answers_nothing(void **state)
{
    (void)state;
    const char *dialogue = UM_H1_GET("/0") UM_H1_OK(
        "0", "1") ">POST /a HTTP/1.1\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n"
                  "33\\r\\nlog: HTTP/1.1 200 OK\\r\\nContent-Length: 1\\r\\n\\r\\nx and so "
                  "on\\r\\n0\\r\\n\\r\\n\n" UM_H1_OK("real", "4") UM_H1_GET("/b")
                      UM_H1_OK("b", "1");
    for (uint64_t at = 70; at < 150; at++) {
        struct um_h1_heard heard = {0};
        struct um_h1_talk play = {.piece = UM_H1_TALK_WHOLE, .hole_at = at, .hole_len = 1};
        assert_int_equal(um_h1_talk_play(&play, dialogue, UM_END_FIN, &heard), UM_OK);
        struct um_span told = um_buf_span(&heard.text);
        if (um_span_search(told, S("+200(x)")) < told.len ||
            um_span_search(told, S("GET /b()+200(b)")) == told.len)
            fail_msg("hole at %ju: '%.*s'", (uintmax_t)at, (int)told.len, (const char *)told.data);
        um_buf_done(&heard.text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hole_inside_a_body_costs_that_body_only),
        cmocka_unit_test(hole_behind_the_last_chunk_costs_nothing_of_the_body),
        cmocka_unit_test(hole_that_seems_to_end_shortly_behind_a_body_swallows_no_message),
        cmocka_unit_test(hole_of_unsure_length_swallows_no_message_that_is_there),
        cmocka_unit_test(hole_of_unsure_length_inside_a_body_keeps_the_order_of_replies),
        cmocka_unit_test(hole_of_unsure_length_that_took_a_requests_beginning_is_told),
        cmocka_unit_test(hole_between_messages_that_may_be_none_swallows_none),
        cmocka_unit_test(hole_that_ends_shortly_behind_the_beginning_of_a_request_swallows_that),
        cmocka_unit_test(hole_anywhere_pairs_nothing_wrongly),
        cmocka_unit_test(hole_among_pipelined_replies_pairs_nothing_wrongly),
        cmocka_unit_test(hole_in_the_first_of_pipelined_requests_pairs_nothing_wrongly),
        cmocka_unit_test(hole_before_anything_is_known_costs_that_request_only),
        cmocka_unit_test(side_that_begins_in_the_middle_of_a_message_has_lost_that),
        cmocka_unit_test(beginning_anywhere_in_a_message_pairs_nothing_wrongly),
        cmocka_unit_test(reply_whose_loss_is_told_ahead_was_waited_for),
        cmocka_unit_test(request_whose_loss_is_told_ahead_was_answered_by_what_followed),
        cmocka_unit_test(
            request_that_may_end_in_what_is_told_ahead_is_not_answered_by_a_later_reply),
        cmocka_unit_test(hole_that_was_told_ahead_of_a_request_is_not_one_behind_it),
        cmocka_unit_test(hole_that_has_grown_since_a_request_is_one_behind_it),
        cmocka_unit_test(body_that_is_longer_than_what_is_told_ahead_keeps_its_place),
        cmocka_unit_test(hole_that_takes_a_request_and_its_reply_costs_those_alone),
        cmocka_unit_test(hole_in_the_only_direction_there_is_gives_no_reason),
        cmocka_unit_test(side_that_asks_answers_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
