/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP/2 dialogues: what is told of them, whole and damaged. */
#include "offline/http/http2.h"

#include "tests/http/h2_talk.h"

enum { CLIENT = UM_H2_TALK_CLIENT, SERVER = UM_H2_TALK_SERVER };

static void
finish(struct um_h2_talk *t, const char *expected)
{
    um_h2_talk_assert(t, expected);
    um_h2_talk_end(t);
}

static void
an_upgraded_request_is_answered_on_stream_1(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    t->is_upgraded = true;
    um_h2_talk_answer(t, 1, "one");
    um_h2_talk_ask(t, 3, "/b");
    um_h2_talk_answer(t, 3, "b");
    finish(t, "0 GET /up 0  []\n0   101  []\n1   200 text/xml [one]\n?!\n"
              "3 GET /b 0 text/xml []\n3   200 text/xml [b]\n?!\n");
}

static void
streams_interleave_and_are_paired(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    um_h2_talk_ask(t, 1, "/a");
    um_h2_talk_ask(t, 3, "/b");
    um_h2_talk_answer(t, 3, "three");
    um_h2_talk_answer(t, 1, "one");
    finish(t, "1 GET /a 0 text/xml []\n3 GET /b 0 text/xml []\n"
              "3   200 text/xml [three]\n?!\n1   200 text/xml [one]\n?!\n");
}

static void
padding_continuation_and_unknown_frames_change_nothing(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    struct um_span block = um_h2_talk_request(t, CLIENT, "POST", "/ews");
    struct um_buf *to = um_h2_talk_turn(t, CLIENT);
    struct um_buf padded = {0};
    um_h2_talk_put(&padded, "\2\0\0\0\0\17", 6); /* two bytes of padding, priority */
    um_h2_talk_put(&padded, block.data, 5);
    um_h2_talk_put(&padded, "\0\0", 2);
    um_h2_talk_frame(to, UM_H2_HEADERS, UM_H2_PADDED | UM_H2_PRIORITISED, 1, um_buf_span(&padded));
    um_buf_done(&padded);
    um_h2_talk_frame(to, UM_H2_CONTINUATION, 0, 1, S(""));
    um_h2_talk_frame(to, UM_H2_CONTINUATION, UM_H2_END_HEADERS, 1, um_span_from(block, 5));
    um_h2_talk_frame(to, 0x77, 0xff, 1, S("what is this"));
    um_h2_talk_frame(to, UM_H2_DATA, UM_H2_PADDED, 1, um_span_of("\3call\0\0\0", 8));
    um_h2_talk_frame(to, UM_H2_PING, 0, 0, S("12345678"));
    um_h2_talk_frame(to, UM_H2_DATA, 0, 1, S("ing"));
    um_h2_talk_frame(to, UM_H2_DATA, UM_H2_END_STREAM, 1, S(""));
    um_h2_talk_answer(t, 1, "ok");
    finish(t, "1 POST /ews 0 text/xml [calling]\n1   200 text/xml [ok]\n?!\n");
}

static void
a_promise_is_the_request_of_the_pushed_reply(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    um_h2_talk_ask(t, 1, "/a");
    struct um_buf promise = {0};
    um_h2_talk_put(&promise, "\0\0\0\2", 4);
    struct um_span block = um_h2_talk_request(t, SERVER, "GET", "/style");
    um_h2_talk_put(&promise, block.data, block.len);
    um_h2_talk_frame(um_h2_talk_turn(t, SERVER), UM_H2_PUSH_PROMISE, UM_H2_END_HEADERS, 1,
                     um_buf_span(&promise));
    um_buf_done(&promise);
    um_h2_talk_answer(t, 2, "pushed");
    um_h2_talk_answer(t, 1, "one");
    finish(t, "1 GET /a 0 text/xml []\n2 GET /style 0 text/xml []\n"
              "2   200 text/xml [pushed]\n?!\n1   200 text/xml [one]\n?!\n");
}

static void
a_reset_stream_is_unanswered(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    um_h2_talk_ask(t, 1, "/a");
    um_h2_talk_frame(um_h2_talk_turn(t, SERVER), UM_H2_RST_STREAM, 0, 1, um_span_of("\0\0\0\7", 4));
    um_h2_talk_ask(t, 3, "/b");
    finish(t, "1 GET /a 0 text/xml []\n? reset\n3 GET /b 0 text/xml []\n? closed\n");
}

static void
reset_by_client(struct um_h2_talk *t, uint8_t stream)
{
    um_h2_talk_frame(um_h2_talk_turn(t, CLIENT), UM_H2_RST_STREAM, 0, stream,
                     um_span_of("\0\0\0\10", 4));
}

/* RFC 9113 section 5.4.2. Such a reply was once told to be one without a request. */
static void
a_reply_that_crosses_the_clients_reset_is_paired(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    um_h2_talk_ask(t, 1, "/a");
    um_h2_talk_ask(t, 3, "/b");
    reset_by_client(t, 1);
    um_h2_talk_answer(t, 3, "b"); /* asked before the reset: says nothing of it */
    um_h2_talk_answer(t, 1, "a");
    finish(t, "1 GET /a 0 text/xml []\n3 GET /b 0 text/xml []\n"
              "3   200 text/xml [b]\n?!\n1   200 text/xml [a]\n?!\n");
}

static void
a_reply_that_crosses_the_reset_of_an_upgraded_request_is_paired(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    t->is_upgraded = true;
    reset_by_client(t, 1);
    um_h2_talk_answer(t, 1, "one");
    finish(t, "0 GET /up 0  []\n0   101  []\n1   200 text/xml [one]\n?!\n");
}

static void
a_reset_while_the_reply_comes_keeps_what_still_comes_of_it(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    um_h2_talk_ask(t, 1, "/a");
    struct um_buf *to = um_h2_talk_turn(t, SERVER);
    um_h2_talk_frame(to, UM_H2_HEADERS, UM_H2_END_HEADERS, 1, um_h2_talk_reply(t, "200"));
    um_h2_talk_frame(to, UM_H2_DATA, 0, 1, S("half "));
    reset_by_client(t, 1);
    um_h2_talk_frame(um_h2_talk_turn(t, SERVER), UM_H2_DATA, 0, 1, S("and more"));
    finish(t, "1 GET /a 0 text/xml []\n1   200 text/xml [half and more] cut\n?!\n");
}

static void
a_client_that_resets_is_unanswered_once_the_server_answers_what_followed(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    um_h2_talk_ask(t, 1, "/a");
    reset_by_client(t, 1);
    um_h2_talk_ask(t, 3, "/b");
    um_h2_talk_answer(t, 3, "b");
    um_h2_talk_ask(t, 5, "/c");
    reset_by_client(t, 5);
    finish(t, "1 GET /a 0 text/xml []\n3 GET /b 0 text/xml []\n? reset\n"
              "3   200 text/xml [b]\n?!\n5 GET /c 0 text/xml []\n? reset\n");
}

static void
at_the_limit_a_stream_that_was_reset_goes_before_an_older_one(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    t->limits.max[UM_LIMIT_H2_STREAMS] = 2;
    um_h2_talk_ask(t, 1, "/a");
    um_h2_talk_ask(t, 3, "/b");
    reset_by_client(t, 3);
    um_h2_talk_ask(t, 5, "/c");
    um_h2_talk_answer(t, 3, "late"); /* takes no other with it */
    um_h2_talk_answer(t, 1, "a");
    um_h2_talk_answer(t, 5, "c");
    finish(t, "1 GET /a 0 text/xml []\n3 GET /b 0 text/xml []\n? reset\n5 GET /c 0 text/xml []\n"
              "1   200 text/xml [a]\n?!\n5   200 text/xml [c]\n?!\n");
}

static void
a_hole_inside_a_body_keeps_the_place(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    um_h2_talk_ask(t, 1, "/a");
    um_h2_talk_answer(t, 1, "0123456789");
    t->turns[t->count - 1].bytes.len -= 8;
    um_h2_talk_lose(t, SERVER, 8);
    um_h2_talk_ask(t, 3, "/b");
    um_h2_talk_answer(t, 3, "b");
    finish(t, "1 GET /a 0 text/xml []\n1   200 text/xml [01] cut\n?!\n"
              "3 GET /b 0 text/xml []\n3   200 text/xml [b]\n?!\n");
}

static void
behind_a_hole_static_and_literal_names_are_read(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    um_h2_talk_ask(t, 1, "/a");
    um_h2_talk_answer(t, 1, "lost");
    um_h2_talk_lose_last(t, 0);
    um_h2_talk_ask(t, 3, "/b");
    um_h2_talk_answer(t, 3, "b"); /* its content-type stands in the lost part of the table */
    finish(t, "1 GET /a 0 text/xml []\n3 GET /b 0 text/xml []\n"
              "3   200  [b] coded?\n?!\n? lost\n");
}

static void
where_the_place_is_lost_the_next_frame_is_found(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    um_h2_talk_ask(t, 1, "/a");
    um_h2_talk_ask(t, 3, "/b");
    um_h2_talk_answer(t, 1, "lost");
    um_h2_talk_lose_last(t, 4);
    um_h2_talk_answer(t, 3, "headless");
    um_buf_drop(&t->turns[t->count - 1].bytes, 4);
    um_h2_talk_ask(t, 5, "/c");
    um_h2_talk_answer(t, 5, "c");
    finish(t, "1 GET /a 0 text/xml []\n3 GET /b 0 text/xml []\n"
              "3   0  [headless] cut coded?\n?!\n"
              "5 GET /c 0 text/xml []\n5   200  [c] coded?\n?!\n? lost\n");
}

/*
 * Servers and clients send a head in a packet of its own. Where that was lost the whole body was
 * once thrown away, though every byte of it was captured.
 */
static void
data_whose_head_was_lost_begins_its_message(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    um_h2_talk_ask(t, 1, "/a");
    um_h2_talk_frame(um_h2_talk_turn(t, SERVER), UM_H2_HEADERS, UM_H2_END_HEADERS, 1,
                     um_h2_talk_reply(t, "200"));
    um_h2_talk_lose_last(t, 0);
    struct um_buf *to = um_h2_talk_turn(t, SERVER);
    um_h2_talk_frame(to, UM_H2_DATA, 0, 1, S("what is "));
    um_h2_talk_frame(to, UM_H2_DATA, UM_H2_END_STREAM, 1, S("there"));
    um_h2_talk_frame(um_h2_talk_turn(t, CLIENT), UM_H2_HEADERS, UM_H2_END_HEADERS, 3,
                     um_h2_talk_request(t, CLIENT, "POST", "/b"));
    um_h2_talk_lose_last(t, 0);
    um_h2_talk_frame(um_h2_talk_turn(t, CLIENT), UM_H2_DATA, UM_H2_END_STREAM, 3, S("asked"));
    um_h2_talk_answer(t, 3, "b");
    finish(t, "1 GET /a 0 text/xml []\n1   0  [what is there] cut coded?\n?!\n"
              "3 ? ? 0  [asked] cut coded?\n3   200  [b] coded?\n?!\n");
}

/* The zeros were taken for a frame, and the text of a body for the heads of those behind it: with
 * the lengths that they seemed to tell every later reply was lost. */
static void
behind_a_hole_that_ends_in_padding_the_next_frame_is_found(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    um_h2_talk_ask(t, 1, "/a");
    um_h2_talk_ask(t, 3, "/b");
    um_h2_talk_answer(t, 3, "lost");
    um_h2_talk_lose_last(t, 9);
    struct um_buf *to = um_h2_talk_turn(t, SERVER);
    um_h2_talk_put(to, "\0\0\0\0\0", 5);
    um_h2_talk_frame(to, UM_H2_DATA, 0, 1, S("body of some bytes"));
    um_h2_talk_frame(to, UM_H2_DATA, UM_H2_END_STREAM, 1, S(" and end"));
    um_h2_talk_ask(t, 5, "/c");
    um_h2_talk_answer(t, 5, "c");
    finish(t, "1 GET /a 0 text/xml []\n3 GET /b 0 text/xml []\n"
              "1   0  [body of some bytes and end] cut coded?\n?!\n"
              "5 GET /c 0 text/xml []\n5   200  [c] coded?\n?!\n? lost\n");
}

/*
 * Trailers that refer to a lost table may be a head of which nothing is known. They were once told
 * as a reply that is complete and has no body, when its head and its body were lost.
 */
static void
trailers_behind_a_lost_message_are_no_message_that_is_complete(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    nghttp2_nv trailers[] = {um_h2_talk_field("x-end", "yes")};
    um_h2_talk_ask(t, 1, "/a");
    um_h2_talk_answer(t, 1, "lost");
    (void)um_h2_talk_encode(&t->encoders[SERVER], trailers, 1); /* of an earlier reply */
    um_h2_talk_lose_last(t, 0);
    um_h2_talk_frame(um_h2_talk_turn(t, SERVER), UM_H2_HEADERS,
                     UM_H2_END_HEADERS | UM_H2_END_STREAM, 1,
                     um_h2_talk_encode(&t->encoders[SERVER], trailers, 1));
    finish(t, "1 GET /a 0 text/xml []\n1   0  [] cut coded?\n?!\n");
}

/* The client had not heard of the reset yet: its request was told before. */
static void
data_of_a_stream_that_is_gone_begins_no_message(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    um_h2_talk_lose(t, CLIENT, 100);
    struct um_buf *to = um_h2_talk_turn(t, CLIENT);
    um_h2_talk_frame(to, UM_H2_HEADERS, UM_H2_END_HEADERS, 3,
                     um_h2_talk_request(t, CLIENT, "POST", "/b"));
    um_h2_talk_frame(to, UM_H2_DATA, 0, 3, S("ha"));
    um_h2_talk_frame(um_h2_talk_turn(t, SERVER), UM_H2_RST_STREAM, 0, 3, um_span_of("\0\0\0\0", 4));
    to = um_h2_talk_turn(t, CLIENT);
    um_h2_talk_frame(to, UM_H2_DATA, UM_H2_END_STREAM, 3, S("lf"));
    um_h2_talk_frame(to, UM_H2_DATA, 0, 4, S("what no client opens"));
    finish(t, "3 POST /b 0 text/xml [ha] cut\n? reset\n");
}

static void
from_the_middle_new_table_entries_are_known(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    struct um_h2_talk_encoder *encoder = &t->encoders[CLIENT];
    um_h2_talk_ask(t, 1, "/a");
    for (size_t i = 0; i < t->count; i++)
        um_buf_clear(&t->turns[i].bytes); /* before the capture */
    nghttp2_nv fields[] = {um_h2_talk_field(":method", "GET"), um_h2_talk_field(":path", "/new"),
                           um_h2_talk_field("content-type", "text/plain")};
    for (uint8_t stream = 3; stream <= 5; stream = (uint8_t)(stream + 2))
        um_h2_talk_frame(um_h2_talk_turn(t, CLIENT), UM_H2_HEADERS,
                         UM_H2_END_HEADERS | UM_H2_END_STREAM, stream,
                         um_h2_talk_encode(encoder, fields, sizeof fields / sizeof *fields));
    um_h2_talk_ask(t, 7, "/a"); /* what it refers to stands before the capture */
    finish(t, "3 GET /new 0 text/plain []\n5 GET /new 0 text/plain []\n"
              "7 GET /a 0  [] coded?\n? closed\n? closed\n? closed\n");
}

static void
the_oldest_stream_goes_at_the_limit(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    t->limits.max[UM_LIMIT_H2_STREAMS] = 2;
    um_h2_talk_ask(t, 1, "/a");
    um_h2_talk_ask(t, 3, "/b");
    um_h2_talk_answer(t, 1, "one"); /* at the limit nothing is given up */
    um_h2_talk_ask(t, 5, "/c");
    um_h2_talk_ask(t, 7, "/d"); /* one above it: stream 3 is */
    finish(t, "1 GET /a 0 text/xml []\n3 GET /b 0 text/xml []\n"
              "1   200 text/xml [one]\n?!\n5 GET /c 0 text/xml []\n"
              "? capture-end\n7 GET /d 0 text/xml []\n? closed\n? closed\n");
}

/* The late reply to a stream that was given up once took the next one's place, and so on. */
static void
a_late_reply_to_a_stream_that_is_gone_takes_no_other_with_it(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    t->limits.max[UM_LIMIT_H2_STREAMS] = 2;
    um_h2_talk_ask(t, 1, "/a");
    um_h2_talk_ask(t, 3, "/b");
    um_h2_talk_ask(t, 5, "/c");
    um_h2_talk_answer(t, 1, "one");
    um_h2_talk_answer(t, 3, "two");
    um_h2_talk_answer(t, 5, "three");
    finish(t, "1 GET /a 0 text/xml []\n3 GET /b 0 text/xml []\n"
              "? capture-end\n5 GET /c 0 text/xml []\n3   200 text/xml [two]\n?!\n"
              "5   200 text/xml [three]\n?!\n");
}

static void
of_a_head_above_the_limit_the_beginning_is_read(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    t->limits.max[UM_LIMIT_HEAD] = 24;
    um_h2_talk_ask(t, 1, "/a");
    finish(t, "1 GET /a 0  [] coded?\n? closed\n");
}

/*
 * A frame that only its successor can prove was once told when that came: after the reply to it,
 * which then had no request.
 */
static void
a_frame_found_behind_a_hole_is_told_before_its_reply(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    um_h2_talk_lose(t, CLIENT, 100);
    struct um_buf *to = um_h2_talk_turn(t, CLIENT);
    um_h2_talk_put(to, "the rest of a frame", 19);
    um_h2_talk_frame(to, UM_H2_HEADERS, UM_H2_END_HEADERS | UM_H2_END_STREAM, 3,
                     um_h2_talk_request(t, CLIENT, "GET", "/b"));
    um_h2_talk_answer(t, 3, "b");
    um_h2_talk_ask(t, 5, "/c");
    um_h2_talk_answer(t, 5, "c");
    finish(t, "3 GET /b 0 text/xml []\n3   200 text/xml [b]\n?!\n"
              "5 GET /c 0 text/xml []\n5   200 text/xml [c]\n?!\n");
}

/* What waits is not dropped when the other side speaks while the frame is still coming. */
static void
a_frame_that_is_not_all_there_waits_on(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    um_h2_talk_lose(t, CLIENT, 100);
    struct um_buf *to = um_h2_talk_turn(t, CLIENT);
    um_h2_talk_put(to, "the rest of a frame", 19);
    struct um_span block = um_h2_talk_request(t, CLIENT, "GET", "/b");
    um_h2_talk_frame(to, UM_H2_HEADERS, UM_H2_END_HEADERS | UM_H2_END_STREAM, 3, block);
    uint8_t tail[4];
    memcpy(tail, to->data + to->len - 4, 4);
    to->len -= 4;
    um_h2_talk_frame(um_h2_talk_turn(t, SERVER), UM_H2_PING, 0, 0, S("12345678"));
    um_h2_talk_put(um_h2_talk_turn(t, CLIENT), tail, 4);
    um_h2_talk_answer(t, 3, "b");
    finish(t, "3 GET /b 0 text/xml []\n3   200 text/xml [b]\n?!\n");
}

/* RFC 9113 section 6.8. GOAWAY was once read past: such a request waited for the capture's end. */
static void
streams_above_what_a_server_takes_are_refused(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    t->why = UM_END_CAPTURE;
    um_h2_talk_ask(t, 1, "/a");
    um_h2_talk_ask(t, 3, "/b");
    um_h2_talk_ask(t, 5, "/c");
    struct um_buf *to = um_h2_talk_turn(t, SERVER);
    um_h2_talk_frame(to, UM_H2_GOAWAY, 0, 0, um_span_of("\x7f\xff\xff\xff\0\0\0\0wait", 12));
    um_h2_talk_frame(to, UM_H2_GOAWAY, 0, 0, um_span_of("\0\0\0\3\0\0\0\0", 8));
    um_h2_talk_answer(t, 1, "a");
    um_h2_talk_ask(t, 7, "/d"); /* was under way */
    finish(t,
           "1 GET /a 0 text/xml []\n3 GET /b 0 text/xml []\n5 GET /c 0 text/xml []\n"
           "1   200 text/xml [a]\n?!\n7 GET /d 0 text/xml []\n? capture-end\n? closed\n? closed\n");
}

static void
a_client_that_goes_away_refuses_none_of_its_own_requests(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    t->why = UM_END_CAPTURE;
    um_h2_talk_ask(t, 1, "/a");
    um_h2_talk_frame(um_h2_talk_turn(t, CLIENT), UM_H2_GOAWAY, 0, 0,
                     um_span_of("\0\0\0\0\0\0\0\0", 8));
    finish(t, "1 GET /a 0 text/xml []\n? capture-end\n");
}

/* Not even when it says so before it is known which side asks. */
static void
a_client_that_goes_away_before_it_is_known_refuses_nothing(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    t->why = UM_END_CAPTURE;
    for (size_t i = 0; i < t->count; i++)
        um_buf_clear(&t->turns[i].bytes); /* before the capture */
    um_h2_talk_frame(um_h2_talk_turn(t, CLIENT), UM_H2_GOAWAY, 0, 0,
                     um_span_of("\0\0\0\0\0\0\0\0", 8));
    um_h2_talk_ask(t, 1, "/a");
    finish(t, "1 GET /a 0 text/xml []\n? capture-end\n");
}

static void
a_go_away_with_a_hole_in_its_number_refuses_nothing(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    t->why = UM_END_CAPTURE;
    um_h2_talk_ask(t, 3, "/a");
    struct um_buf *to = um_h2_talk_turn(t, SERVER);
    um_h2_talk_frame(to, UM_H2_GOAWAY, 0, 0, um_span_of("\0\0\0\1\0\0\0\0", 8));
    to->len -= 6;
    um_h2_talk_lose(t, SERVER, 1);
    um_h2_talk_put(um_h2_talk_turn(t, SERVER), "\1\0\0\0\0", 5);
    um_h2_talk_answer(t, 3, "a");
    finish(t, "3 GET /a 0 text/xml []\n3   200 text/xml [a]\n?!\n");
}

/* Frames that steer the flow or tell priorities, on streams, on the connection and on none. */
static void
flow_control_priority_and_settings_change_nothing(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    um_h2_talk_frame(um_h2_talk_turn(t, CLIENT), UM_H2_SETTINGS, 0, 0,
                     um_span_of("\0\1\0\0\0\0\0\4\0\0\xff\xff", 12));
    um_h2_talk_ask(t, 1, "/a");
    struct um_buf *to = um_h2_talk_turn(t, SERVER);
    um_h2_talk_frame(to, UM_H2_SETTINGS, UM_H2_ACK, 0, S(""));
    um_h2_talk_frame(to, UM_H2_WINDOW_UPDATE, 0, 0, um_span_of("\0\0\1\0", 4));
    um_h2_talk_frame(to, UM_H2_WINDOW_UPDATE, 0, 1, um_span_of("\0\0\1\0", 4));
    um_h2_talk_frame(to, UM_H2_HEADERS, UM_H2_END_HEADERS, 1, um_h2_talk_reply(t, "200"));
    um_h2_talk_frame(to, UM_H2_DATA, 0, 1, S("half "));
    um_h2_talk_frame(um_h2_talk_turn(t, CLIENT), UM_H2_WINDOW_UPDATE, 0, 1,
                     um_span_of("\0\0\0\5", 4));
    um_h2_talk_frame(um_h2_talk_turn(t, CLIENT), UM_H2_PRIORITY, 0, 9,
                     um_span_of("\0\0\0\1\17", 5));
    um_h2_talk_frame(um_h2_talk_turn(t, SERVER), UM_H2_DATA, UM_H2_END_STREAM, 1, S("and half"));
    finish(t, "1 GET /a 0 text/xml []\n1   200 text/xml [half and half]\n?!\n");
}

static void
interim_replies_and_trailers_belong_to_their_message(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    struct um_buf *to = um_h2_talk_turn(t, CLIENT);
    um_h2_talk_frame(to, UM_H2_HEADERS, UM_H2_END_HEADERS, 1,
                     um_h2_talk_request(t, CLIENT, "POST", "/a"));
    um_h2_talk_frame(um_h2_talk_turn(t, SERVER), UM_H2_HEADERS, UM_H2_END_HEADERS, 1,
                     um_h2_talk_reply(t, "100"));
    um_h2_talk_frame(um_h2_talk_turn(t, CLIENT), UM_H2_DATA, UM_H2_END_STREAM, 1, S("q"));
    to = um_h2_talk_turn(t, SERVER);
    um_h2_talk_frame(to, UM_H2_HEADERS, UM_H2_END_HEADERS, 1, um_h2_talk_reply(t, "200"));
    um_h2_talk_frame(to, UM_H2_DATA, 0, 1, S("a"));
    nghttp2_nv trailers[] = {um_h2_talk_field("grpc-status", "0")};
    um_h2_talk_frame(to, UM_H2_HEADERS, UM_H2_END_HEADERS | UM_H2_END_STREAM, 1,
                     um_h2_talk_encode(&t->encoders[SERVER], trailers, 1));
    finish(t, "1   100 text/xml []\n1 POST /a 0 text/xml [q]\n1   200 text/xml [a]\n?!\n");
}

/* A server that has said all it wants resets the stream instead of reading the body to its end. */
static void
a_reply_before_the_request_is_complete_stands_when_the_stream_is_reset(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    struct um_buf *to = um_h2_talk_turn(t, CLIENT);
    um_h2_talk_frame(to, UM_H2_HEADERS, UM_H2_END_HEADERS, 1,
                     um_h2_talk_request(t, CLIENT, "POST", "/a"));
    um_h2_talk_frame(to, UM_H2_DATA, 0, 1, S("hal"));
    um_h2_talk_answer(t, 1, "enough");
    um_h2_talk_frame(um_h2_talk_turn(t, SERVER), UM_H2_RST_STREAM, 0, 1, um_span_of("\0\0\0\0", 4));
    um_h2_talk_frame(um_h2_talk_turn(t, CLIENT), UM_H2_DATA, UM_H2_END_STREAM, 1, S("f"));
    finish(t, "1   200 text/xml [enough]\n1 POST /a 0 text/xml [hal] cut\n?!\n");
}

/*
 * A frame cut by the end of the capture was once read with its padding and priority for fields: of
 * the head nothing was right.
 */
static void
of_a_head_cut_by_the_end_the_fields_that_are_there_are_read(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    t->why = UM_END_CAPTURE;
    struct um_buf padded = {0};
    um_h2_talk_put(&padded, "\2\0\0\0\0\17", 6);
    struct um_span block = um_h2_talk_request(t, CLIENT, "POST", "/ews");
    um_h2_talk_put(&padded, block.data, block.len);
    um_h2_talk_put(&padded, "\0\0", 2);
    struct um_buf *to = um_h2_talk_turn(t, CLIENT);
    um_h2_talk_frame(to, UM_H2_HEADERS, UM_H2_PADDED | UM_H2_PRIORITISED | UM_H2_END_HEADERS, 1,
                     um_buf_span(&padded));
    um_buf_done(&padded);
    to->len -= 6; /* the padding, and of the last field all but its beginning */
    finish(t, "1 POST /ews 0 text/xml [] cut coded?\n? capture-end\n");
}

/* Names and values that stand in a part of the table nobody saw are told to be unknown. */
static void
what_refers_to_an_unseen_table_is_told_unknown(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    struct um_h2_talk_encoder *encoder = &t->encoders[CLIENT];
    nghttp2_nv fields[] = {um_h2_talk_field(":method", "PURGE"), um_h2_talk_field(":path", "/x"),
                           um_h2_talk_field("content-type", "a/b")};
    (void)um_h2_talk_encode(encoder, fields, 3);
    for (size_t i = 0; i < t->count; i++)
        um_buf_clear(&t->turns[i].bytes); /* before the capture, like that block */
    um_h2_talk_ask(t, 5, "/c");           /* with literals of its own */
    um_h2_talk_answer(t, 5, "c");
    um_h2_talk_frame(um_h2_talk_turn(t, CLIENT), UM_H2_HEADERS,
                     UM_H2_END_HEADERS | UM_H2_END_STREAM, 7,
                     um_h2_talk_encode(encoder, fields, 3));
    um_h2_talk_answer(t, 7, "b");
    finish(t, "5 GET /c 0 text/xml []\n5   200 text/xml [c]\n?!\n"
              "7 ? /x 0  [] coded?\n7   200 text/xml [b]\n?!\n");
}

static void
whichever_allocation_fails_all_is_freed(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    um_h2_talk_ask(t, 1, "/a");
    um_h2_talk_answer(t, 1, "one");
    um_h2_talk_ask(t, 3, "/b");
    t->turns[t->count - 1].bytes.len -= 3; /* a block that is cut */
    for (int is_upgraded = 0; is_upgraded < 2; is_upgraded++) {
        bool has_failed = true;
        t->is_upgraded = is_upgraded;
        for (size_t n = 0; has_failed; n++) {
            struct um_h2_told told = {0};
            um_test_alloc_fail_at(n);
            int err = um_h2_talk_play(t, SIZE_MAX, &told);
            has_failed = um_test_alloc_reset();
            assert_int_equal(err, has_failed ? UM_ERR_NOMEM : UM_OK);
        }
    }
    um_h2_talk_end(t);
}

static void
frames_are_wanted_and_other_bytes_not(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    assert_true(um_http2_connection_wanted(um_buf_span(&t->turns[CLIENT].bytes)));
    assert_true(um_http2_connection_wanted(um_buf_span(&t->turns[SERVER].bytes)));
    assert_false(um_http2_connection_wanted(S("POST / HTTP/1.1\r\n")));
    assert_false(um_http2_connection_wanted(um_span_of("\x16\3\1\0\5\1\0\0\1\0\0\0", 12)));
    assert_false(um_http2_connection_wanted(S("")));
    um_h2_talk_end(t);
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
        cmocka_unit_test(a_reply_that_crosses_the_clients_reset_is_paired),
        cmocka_unit_test(a_reply_that_crosses_the_reset_of_an_upgraded_request_is_paired),
        cmocka_unit_test(a_reset_while_the_reply_comes_keeps_what_still_comes_of_it),
        cmocka_unit_test(a_client_that_resets_is_unanswered_once_the_server_answers_what_followed),
        cmocka_unit_test(at_the_limit_a_stream_that_was_reset_goes_before_an_older_one),
        cmocka_unit_test(a_hole_inside_a_body_keeps_the_place),
        cmocka_unit_test(behind_a_hole_static_and_literal_names_are_read),
        cmocka_unit_test(where_the_place_is_lost_the_next_frame_is_found),
        cmocka_unit_test(data_whose_head_was_lost_begins_its_message),
        cmocka_unit_test(behind_a_hole_that_ends_in_padding_the_next_frame_is_found),
        cmocka_unit_test(trailers_behind_a_lost_message_are_no_message_that_is_complete),
        cmocka_unit_test(data_of_a_stream_that_is_gone_begins_no_message),
        cmocka_unit_test(from_the_middle_new_table_entries_are_known),
        cmocka_unit_test(the_oldest_stream_goes_at_the_limit),
        cmocka_unit_test(a_late_reply_to_a_stream_that_is_gone_takes_no_other_with_it),
        cmocka_unit_test(of_a_head_above_the_limit_the_beginning_is_read),
        cmocka_unit_test(a_frame_found_behind_a_hole_is_told_before_its_reply),
        cmocka_unit_test(a_frame_that_is_not_all_there_waits_on),
        cmocka_unit_test(streams_above_what_a_server_takes_are_refused),
        cmocka_unit_test(a_client_that_goes_away_refuses_none_of_its_own_requests),
        cmocka_unit_test(a_client_that_goes_away_before_it_is_known_refuses_nothing),
        cmocka_unit_test(a_go_away_with_a_hole_in_its_number_refuses_nothing),
        cmocka_unit_test(flow_control_priority_and_settings_change_nothing),
        cmocka_unit_test(interim_replies_and_trailers_belong_to_their_message),
        cmocka_unit_test(a_reply_before_the_request_is_complete_stands_when_the_stream_is_reset),
        cmocka_unit_test(of_a_head_cut_by_the_end_the_fields_that_are_there_are_read),
        cmocka_unit_test(what_refers_to_an_unseen_table_is_told_unknown),
        cmocka_unit_test(whichever_allocation_fails_all_is_freed),
        cmocka_unit_test(frames_are_wanted_and_other_bytes_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
