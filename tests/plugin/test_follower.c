/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection's messages out of its segments: whole ones, parts, losses. */
#include "plugin/follower.h"

#include <stdio.h>

#include "tests/support/support.h"

enum { CLIENT, SERVER, BASE = UINT32_MAX - 40 }; /* sequence numbers wrap soon */

static const char request[] = "POST /a HTTP/1.1\r\nContent-Type: text/xml\r\n"
                              "Content-Length: 6\r\n\r\n<ask/>";
static const char reply[] = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
                            "Content-Length: 9\r\n\r\n<answer/>";
static const char chunked[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
    "Transfer-Encoding: chunked\r\n\r\n4\r\n<ans\r\n5\r\nwer/>\r\n0\r\n\r\n";

/* A conversation: what each side has sent, and what was heard of it. */
struct talk {
    struct umws_follower follower;
    uint32_t sent[2];
    uint64_t frame;
    int err;
    unsigned sum;
    char heard[1024]; /* a line a message: side, how it ended, first and last frame, body or so */
};

static void
hear(struct talk *talk, const struct umws_followed *message)
{
    size_t len = strlen(talk->heard);
    struct um_span bytes = umws_followed_bytes(message);
    for (size_t i = 0; i < bytes.len; i++)
        talk->sum += bytes.data[i]; /* they are there */
    snprintf(talk->heard + len, sizeof talk->heard - len, "%c%s%c%zu-%zu:%zu\n",
             message->side == CLIENT ? 'q' : 'r', message->is_whole ? "" : "!",
             !message->pair                                   ? '?'
             : message->pair->pair.request != UM_PAIRING_NONE ? '+'
                                                              : '-',
             (size_t)message->first.frame, (size_t)message->last.frame, bytes.len);
}

static void
hear_ended(struct talk *talk)
{
    struct umws_followed *message;
    while ((message = umws_follower_take(&talk->follower))) {
        hear(talk, message);
        umws_followed_free(message);
    }
}

static void
see(struct talk *talk, int side, struct umws_segment segment)
{
    if (talk->err)
        return;
    uint8_t *heap = um_test_exact_copy(segment.bytes.data, segment.bytes.len);
    segment.bytes = um_span_of(heap, segment.bytes.len);
    segment.mark = (struct um_mark){.frame = ++talk->frame};
    segment.ack = BASE + talk->sent[1 - side];
    segment.has_ack = true;
    talk->err = umws_follower_see(&talk->follower, side, &segment);
    if (!talk->err)
        hear_ended(talk);
    for (const struct umws_followed *message = talk->follower.whole; message && !talk->err;
         message = message->next)
        hear(talk, message);
    free(heap);
}

/* The next bytes of a side in pieces of so many; lost ones have a number in the bits of `lost`. */
static void
say(struct talk *talk, int side, const char *text, size_t piece, unsigned lost)
{
    struct um_span rest = um_span_text(text);
    for (unsigned i = 0; rest.len > 0; i++) {
        struct umws_segment segment = {.seq = BASE + talk->sent[side],
                                       .bytes = um_span_first(rest, piece)};
        rest = um_span_from(rest, piece);
        talk->sent[side] += (uint32_t)segment.bytes.len;
        if (!(i < 32 && (lost >> i & 1)))
            see(talk, side, segment);
    }
}

static void
end(struct talk *talk, int side)
{
    see(talk, side, (struct umws_segment){.seq = BASE + talk->sent[side], .has_fin = true});
}

static void
finish(struct talk *talk, const char *wanted)
{
    assert_int_equal(talk->err, UM_OK);
    assert_int_equal(umws_follower_end(&talk->follower), UM_OK);
    hear_ended(talk);
    umws_follower_done(&talk->follower);
    if (wanted)
        assert_string_equal(talk->heard, wanted);
}

static void
follower_tells_messages_that_stand_in_one_packet(void **state)
{
    (void)state;
    struct talk talk = {0};
    for (int i = 0; i < 2; i++) {
        say(&talk, CLIENT, request, 1000, 0);
        say(&talk, SERVER, reply, 1000, 0);
    }
    finish(&talk, "q+1-1:69\nr+2-2:71\nq+3-3:69\nr+4-4:71\n");
}

static void
follower_makes_the_same_of_bytes_cut_anywhere(void **state)
{
    (void)state;
    for (size_t piece = 6; piece < 80; piece++) { /* the first must show that it is HTTP */
        struct talk talk = {0};
        char wanted[64];
        size_t q = (69 + piece - 1) / piece, r = (strlen(chunked) + piece - 1) / piece;
        say(&talk, CLIENT, request, piece, 0);
        say(&talk, SERVER, chunked, piece, 0);
        snprintf(wanted, sizeof wanted, "q+1-%zu:69\nr+%zu-%zu:%zu\n", q, q + 1, q + r,
                 strlen(chunked));
        finish(&talk, wanted);
    }
}

static void
follower_gives_up_a_reply_whose_end_was_lost_when_the_client_goes_on(void **state)
{
    (void)state;
    struct talk talk = {0};
    say(&talk, CLIENT, request, 1000, 0);
    say(&talk, SERVER, reply, 30, 4); /* the last of three */
    say(&talk, CLIENT, request, 1000, 0);
    say(&talk, SERVER, reply, 1000, 0);
    finish(&talk, "q+1-1:69\nr!+2-3:60\nq+4-4:69\nr+5-5:71\n");
}

static void
follower_tells_what_stands_before_a_hole(void **state)
{
    (void)state;
    struct talk talk = {0};
    say(&talk, CLIENT, request, 22, 4); /* the third of four */
    say(&talk, SERVER, chunked, 40, 2); /* the second of three */
    say(&talk, CLIENT, request, 1000, 0);
    finish(&talk, "q!+1-2:44\nr!+4-4:40\nq+6-6:69\n");
}

static void
follower_puts_reordered_segments_in_order(void **state)
{
    (void)state;
    struct talk talk = {0};
    struct um_span bytes = um_span_text(request);
    say(&talk, CLIENT, request, 1000, 0);
    say(&talk, SERVER, reply, 1000, 0);
    uint32_t seq = BASE + talk.sent[CLIENT];
    see(&talk, CLIENT, (struct umws_segment){.seq = seq + 40, .bytes = um_span_from(bytes, 40)});
    see(&talk, CLIENT,
        (struct umws_segment){.seq = seq + 20,
                              .bytes = um_span_first(um_span_from(bytes, 20), 20)});
    see(&talk, CLIENT, (struct umws_segment){.seq = seq, .bytes = um_span_first(bytes, 20)});
    finish(&talk, "q+1-1:69\nr+2-2:71\nq+3-5:69\n");
}

/* The text was once taken into the message that lacked its end, and what stood in it was lost. */
static void
follower_waits_for_a_segment_of_an_open_message(void **state)
{
    (void)state;
    struct talk talk = {0};
    struct um_span bytes = um_span_text(chunked);
    say(&talk, CLIENT, request, 1000, 0);
    say(&talk, CLIENT, request, 1000, 0);
    say(&talk, SERVER, chunked, 40, 2); /* the second of three */
    say(&talk, SERVER, reply, 1000, 0);
    see(&talk, SERVER,
        (struct umws_segment){.seq = BASE + 40,
                              .bytes = um_span_first(um_span_from(bytes, 40), 40)});
    finish(&talk, "q+1-1:69\nq+2-2:69\nr+3-6:95\nr+5-5:71\n");
}

static void
follower_waits_until_too_much_is_held(void **state)
{
    (void)state;
    struct talk talk = {0};
    static char text[1000];
    memset(text, 'x', sizeof text - 1);
    say(&talk, CLIENT, request, 1000, 0);
    say(&talk, CLIENT, request, 1000, 0);
    say(&talk, SERVER, chunked, 40, 2);
    say(&talk, SERVER, reply, 1000, 0);
    for (size_t held = 0; held < UMWS_FOLLOWER_HELD_MAX; held += sizeof text - 1) {
        assert_string_equal(talk.heard, "q+1-1:69\nq+2-2:69\n");
        say(&talk, SERVER, text, sizeof text, 0);
        if (talk.follower.whole)
            break;
    }
    finish(&talk, "q+1-1:69\nq+2-2:69\nr!+3-3:40\nr-5-5:71\n");
}

/* The text was once taken into the method of the request behind it. */
static void
follower_knows_a_side_that_begins_in_the_middle(void **state)
{
    (void)state;
    static const char *const middles[] = {"ID></ask>", "of it</ask>"}; /* no line; perhaps one */
    for (size_t i = 0; i < sizeof middles / sizeof *middles; i++) {
        struct talk talk = {0};
        say(&talk, SERVER, reply, 30, 6); /* the first of three */
        talk.sent[SERVER] -= 41;
        say(&talk, CLIENT, middles[i], 1000, 0);
        say(&talk, SERVER, reply + 30, 1000, 0);
        assert_int_equal(talk.follower.pairing.is_place_lost[CLIENT], i == 0);
        say(&talk, CLIENT, request, 1000, 0);
        assert_true(talk.follower.pairing.has_lost_place);
        say(&talk, SERVER, reply, 1000, 0);
        finish(&talk, "r-1-3:71\nq+4-4:69\nr+5-5:71\n");
    }
}

static void
follower_reads_past_line_ends_before_the_first_message(void **state)
{
    (void)state;
    struct talk talk = {0};
    say(&talk, CLIENT, "\r\n", 1000, 0);
    say(&talk, CLIENT, request, 1000, 0);
    assert_false(talk.follower.pairing.has_lost_place);
    say(&talk, SERVER, reply, 1000, 0);
    finish(&talk, "q+2-2:69\nr+3-3:71\n");
}

static void
follower_reply_to_a_lost_request_has_none(void **state)
{
    (void)state;
    struct talk talk = {0};
    say(&talk, CLIENT, request, 1000, 0);
    say(&talk, SERVER, reply, 1000, 0);
    say(&talk, CLIENT, request, 1000, 1);
    say(&talk, SERVER, reply, 1000, 0);
    say(&talk, CLIENT, request, 1000, 0);
    say(&talk, SERVER, reply, 1000, 0);
    finish(&talk, "q+1-1:69\nr+2-2:71\nr-3-3:71\nq+4-4:69\nr+5-5:71\n");
}

static void
follower_ends_what_is_open_with_the_connection(void **state)
{
    (void)state;
    struct talk talk = {0};
    say(&talk, CLIENT, request, 1000, 0);
    say(&talk, SERVER, reply, 30, 4);
    talk.sent[SERVER] -= 11;
    end(&talk, SERVER);
    assert_string_equal(talk.heard, "q+1-1:69\nr!+2-3:60\n");
    finish(&talk, NULL);
}

/* A reply with one in its middle was told in two parts. */
static void
follower_goes_on_behind_a_reset_that_nobody_heeds(void **state)
{
    (void)state;
    struct talk talk = {0};
    say(&talk, CLIENT, request, 1000, 0);
    say(&talk, SERVER, reply, 30, 4);
    talk.sent[SERVER] -= 11;
    see(&talk, SERVER, (struct umws_segment){.seq = BASE + talk.sent[SERVER], .has_reset = true});
    assert_string_equal(talk.heard, "q+1-1:69\n");
    talk.sent[SERVER] = 60;
    see(&talk, SERVER,
        (struct umws_segment){.seq = BASE + 60, .bytes = um_span_from(um_span_text(reply), 60)});
    finish(&talk, "q+1-1:69\nr+2-5:71\n");
}

/* The server was once said to have closed in silence. */
static void
follower_tells_that_what_stood_before_a_fin_is_missing(void **state)
{
    (void)state;
    for (uint32_t missing = 0; missing < 2; missing++) {
        struct talk talk = {0};
        struct umws_fate fate = {0};
        say(&talk, CLIENT, request, 1000, 0);
        umws_pair_follow(talk.follower.whole->pair, NULL, &fate);
        talk.sent[SERVER] += missing;
        end(&talk, SERVER);
        assert_false(fate.is_lost); /* it may come yet */
        finish(&talk, "q+1-1:69\n");
        assert_int_equal(fate.is_lost, missing > 0);
    }
}

static void
follower_body_until_the_end_is_whole_then(void **state)
{
    (void)state;
    struct talk talk = {0};
    say(&talk, CLIENT, request, 1000, 0);
    say(&talk, SERVER, "HTTP/1.0 200 OK\r\n\r\n<answer/>", 20, 0);
    end(&talk, SERVER);
    finish(&talk, "q+1-1:69\nr+2-3:28\n");
}

/* A line that turned packets round: the body was once taken for one whose end is missing. */
static void
follower_body_until_the_end_is_whole_when_the_end_came_first(void **state)
{
    (void)state;
    static const char head[] = "HTTP/1.0 200 OK\r\n\r\n";
    struct talk talk = {0};
    say(&talk, CLIENT, request, 1000, 0);
    see(&talk, SERVER,
        (struct umws_segment){.seq = BASE + (uint32_t)strlen(head),
                              .bytes = um_span_text("<answer/>"),
                              .has_fin = true});
    see(&talk, SERVER, (struct umws_segment){.seq = BASE, .bytes = um_span_text(head)});
    talk.sent[SERVER] = (uint32_t)strlen(head) + 10;
    end(&talk, CLIENT);
    finish(&talk, "q+1-1:69\nr+2-3:28\n");
}

static void
follower_reply_to_head_has_no_body(void **state)
{
    (void)state;
    struct talk talk = {0};
    say(&talk, CLIENT, "HEAD / HTTP/1.1\r\n\r\n", 1000, 0);
    say(&talk, SERVER, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", 1000, 0);
    say(&talk, CLIENT, request, 1000, 0);
    say(&talk, SERVER, reply, 1000, 0);
    finish(&talk, "q+1-1:19\nr+2-2:38\nq+3-3:69\nr+4-4:71\n");
}

/* What a server writes of requests was once taken for the beginning of one, and lost the reply. */
static void
follower_looks_for_what_the_side_sends(void **state)
{
    (void)state;
    static const char text[] =
        "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
        "Content-Length: 72\r\n\r\n<answer>"
        "POST /a HTTP/1.1\r\nContent-Length: 300\r\n\r\n</answer>...........";
    struct talk talk = {0};
    say(&talk, CLIENT, request, 1000, 0);
    say(&talk, SERVER, text, 50, 1); /* its beginning */
    say(&talk, CLIENT, request, 1000, 0);
    say(&talk, SERVER, reply, 1000, 0);
    finish(&talk, "q+1-1:69\nq+4-4:69\nr+5-5:71\n");
}

static void
follower_goes_on_in_a_tunnel(void **state)
{
    (void)state;
    struct talk talk = {0};
    say(&talk, CLIENT, "CONNECT a:80 HTTP/1.1\r\n\r\n", 1000, 0);
    say(&talk, SERVER, "HTTP/1.1 407 Who?\r\nContent-Length: 0\r\n\r\n", 1000, 0);
    say(&talk, CLIENT, "CONNECT a:80 HTTP/1.1\r\n\r\n", 1000, 0);
    say(&talk, SERVER, "HTTP/1.1 200 Connected\r\n\r\n", 1000, 0);
    say(&talk, CLIENT, request, 1000, 0);
    say(&talk, SERVER, reply, 1000, 0);
    finish(&talk, "q+1-1:25\nr+2-2:40\nq+3-3:25\nr+4-4:26\nq+5-5:69\nr+6-6:71\n");
}

static void
follower_ends_what_the_snap_length_cut(void **state)
{
    (void)state;
    struct talk talk = {0};
    say(&talk, CLIENT, request, 1000, 0);
    see(&talk, SERVER,
        (struct umws_segment){
            .seq = BASE, .bytes = um_span_first(um_span_text(reply), 64), .cut = 7});
    finish(&talk, "q+1-1:69\nr!+2-2:64\n");
}

static void
follower_starts_in_the_middle_at_the_next_start_line(void **state)
{
    (void)state;
    struct talk talk = {0};
    say(&talk, SERVER, "the end of something\r\n", 1000, 0);
    say(&talk, CLIENT, request, 1000, 0);
    say(&talk, SERVER, reply, 1000, 0);
    finish(&talk, "q+2-2:69\nr+3-3:71\n");
}

static void
follower_survives_any_segments(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int round = 0; round < 3000; round++) {
        struct talk talk = {0};
        for (int i = 0; i < 12; i++) {
            const char *texts[] = {request, reply, chunked, "x", "\r\n\r\n", "HTTP/1.1 200"};
            struct um_span text = um_span_text(texts[um_test_random(&seed) % 6]);
            size_t from = um_test_random(&seed) % text.len;
            struct umws_segment segment = {
                .seq = BASE + (uint32_t)(um_test_random(&seed) % 200),
                .bytes = um_span_from(text, from),
                .cut = um_test_random(&seed) % 8 == 0 ? (uint32_t)(um_test_random(&seed) % 50) : 0,
                .has_fin = um_test_random(&seed) % 16 == 0,
                .has_reset = um_test_random(&seed) % 32 == 0,
            };
            int side = (int)(um_test_random(&seed) % 2);
            talk.heard[0] = '\0';
            talk.sent[1 - side] = (uint32_t)(um_test_random(&seed) % 250);
            see(&talk, side, segment);
        }
        finish(&talk, NULL);
    }
}

static void
follower_passes_each_failing_allocation_up(void **state)
{
    (void)state;
    bool has_failed = true;
    for (size_t n = 0; has_failed; n++) {
        struct talk talk = {0};
        um_test_alloc_fail_at(n);
        say(&talk, CLIENT, request, 20, 2);
        say(&talk, SERVER, chunked, 20, 0);
        say(&talk, CLIENT, request, 1000, 0);
        int err = umws_follower_end(&talk.follower);
        has_failed = um_test_alloc_reset();
        assert_int_equal(has_failed, talk.err == UM_ERR_NOMEM || err == UM_ERR_NOMEM);
        umws_follower_done(&talk.follower);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follower_tells_messages_that_stand_in_one_packet),
        cmocka_unit_test(follower_makes_the_same_of_bytes_cut_anywhere),
        cmocka_unit_test(follower_gives_up_a_reply_whose_end_was_lost_when_the_client_goes_on),
        cmocka_unit_test(follower_tells_what_stands_before_a_hole),
        cmocka_unit_test(follower_puts_reordered_segments_in_order),
        cmocka_unit_test(follower_waits_for_a_segment_of_an_open_message),
        cmocka_unit_test(follower_waits_until_too_much_is_held),
        cmocka_unit_test(follower_knows_a_side_that_begins_in_the_middle),
        cmocka_unit_test(follower_reads_past_line_ends_before_the_first_message),
        cmocka_unit_test(follower_reply_to_a_lost_request_has_none),
        cmocka_unit_test(follower_ends_what_is_open_with_the_connection),
        cmocka_unit_test(follower_goes_on_behind_a_reset_that_nobody_heeds),
        cmocka_unit_test(follower_tells_that_what_stood_before_a_fin_is_missing),
        cmocka_unit_test(follower_body_until_the_end_is_whole_then),
        cmocka_unit_test(follower_body_until_the_end_is_whole_when_the_end_came_first),
        cmocka_unit_test(follower_reply_to_head_has_no_body),
        cmocka_unit_test(follower_looks_for_what_the_side_sends),
        cmocka_unit_test(follower_goes_on_in_a_tunnel),
        cmocka_unit_test(follower_ends_what_the_snap_length_cut),
        cmocka_unit_test(follower_starts_in_the_middle_at_the_next_start_line),
        cmocka_unit_test(follower_survives_any_segments),
        cmocka_unit_test(follower_passes_each_failing_allocation_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
