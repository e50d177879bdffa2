/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Requests and replies in their order, with holes between them. A story is a line of words. ">"
 * is the side that asks, "<" the other one; behind it stands what happens there:
 *
 *   a       a whole request (letters) or reply (digits) of that name; "i" is an interim reply
 *   a?      the same, found behind a place that was lost
 *   a~  a.  the same in two words: it begins, it ends
 *   !       the beginning of a message is missing
 *   ^       the direction begins in the middle of a message
 *   #       bytes are missing, so that a message has to be looked for
 *   =       more of them, before it was found
 *   _       nothing tells where the direction began
 *
 * Told are pairs in the order in which they leave the queue: "a+1", "-+1" for a reply to a request
 * that nobody knows, "a+lost", "a+none"; and "|" where that stands in the story.
 */
#include "core/um/pairing.h"

#include <stdio.h>

#include "tests/support/support.h"

enum { MESSAGES_MAX = 128 };

struct message {
    struct um_pairing_pair own;   /* of a request, or of a reply alone */
    struct um_pairing_pair *pair; /* that it is in */
    const char *request, *reply;  /* names, with `own` in the queue */
};

struct story {
    struct um_pairing pairing;
    uint64_t max;
    struct message messages[MESSAGES_MAX]; /* by name */
    char told[512];
};

static void
tell_word(struct story *story, const char *word)
{
    size_t len = strlen(story->told);
    (void)snprintf(story->told + len, sizeof story->told - len, "%s%s", len > 0 ? " " : "", word);
}

static void
tell(struct story *story, const struct um_pairing_pair *pair)
{
    char word[16];
    const struct message *opener = pair->owner;
    const char *unanswered = um_pairing_is_lost(pair) ? "lost" : "none";
    bool has_reply = opener->reply != NULL;
    (void)snprintf(word, sizeof word, "%.1s+%.*s", opener->request ? opener->request : "-",
                   has_reply ? 1 : 4, has_reply ? opener->reply : unanswered);
    tell_word(story, word);
}

static void
tell_ready(struct story *story)
{
    const struct um_pairing_pair *pair;
    while ((pair = um_pairing_take_finished(&story->pairing)))
        tell(story, pair);
    while ((pair = um_pairing_take_excess(&story->pairing, story->max)))
        tell(story, pair);
}

static void
ask(struct story *story, int side, bool is_found, const char *name)
{
    struct message *message = &story->messages[(size_t)*name];
    message->own.owner = message;
    message->request = name;
    message->pair = &message->own;
    um_pairing_ask(&story->pairing, side, is_found, &message->own);
}

static void
answer(struct story *story, int side, bool is_found, const char *name)
{
    struct message *message = &story->messages[(size_t)*name];
    struct um_pairing_pair *pair = um_pairing_asked(&story->pairing, side, is_found);
    if (*name == 'i')
        return;
    message->own.owner = message;
    message->pair = pair ? pair : &message->own;
    um_pairing_answer(&story->pairing, side, message->pair);
    struct message *opener = message->pair->owner;
    opener->reply = name;
}

static void
happen(struct story *story, int side, const char *what)
{
    bool is_reply = (what[0] >= '0' && what[0] <= '9') || what[0] == 'i';
    bool has_begun = what[1] == '.', goes_on = what[1] == '~';
    if (what[0] == '!')
        um_pairing_lose(&story->pairing, side);
    else if (what[0] == '=')
        um_pairing_lose_more(&story->pairing, side);
    else if (what[0] == '_')
        um_pairing_miss_start(&story->pairing, side);
    else if (what[0] == '^')
        um_pairing_begin_inside(&story->pairing, side);
    else if (what[0] == '#')
        um_pairing_lose_place(&story->pairing, side);
    else if (!has_begun && is_reply)
        answer(story, side, what[1] == '?', what);
    else if (!has_begun)
        ask(story, side, what[1] == '?', what);
    struct um_pairing_pair *pair = story->messages[(size_t)what[0]].pair;
    if (pair && !goes_on)
        um_pairing_done(pair, is_reply);
    tell_ready(story);
}

static void
assert_story(uint64_t max, const char *words, const char *told)
{
    struct story story = {.max = max};
    for (const char *word = words; *word != '\0'; word += strcspn(word, " ")) {
        word += strspn(word, " ");
        if (*word == '|')
            tell_word(&story, "|");
        else
            happen(&story, *word == '>' ? 0 : 1, word + 1);
    }
    const struct um_pairing_pair *pair;
    while ((pair = um_pairing_take_first(&story.pairing)))
        tell(&story, pair);
    assert_int_equal(story.pairing.count, 0);
    if (strcmp(story.told, told) != 0)
        fail_msg("'%s' told '%s', not '%s'", words, story.told, told);
}

#define ASSERT_STORY(words, told) assert_story(64, words, told)

/* ---- without holes ---- */

static void
pairs_go_by_order_whether_or_not_the_client_waits(void **state)
{
    (void)state;
    ASSERT_STORY(">a <1 >b <2", "a+1 b+2");
    ASSERT_STORY(">a >b >c <1 <2 >d <3 <4", "a+1 b+2 c+3 d+4");
    ASSERT_STORY(">a >b <1", "a+1 b+none");
}

static void
pair_leaves_when_both_its_messages_are_over(void **state)
{
    (void)state;
    ASSERT_STORY(">a <1 | >b <2", "a+1 | b+2");
    ASSERT_STORY(">a~ <1 | >a. >b <2", "| a+1 b+2");
    /* what is answered early waits for those before it */
    ASSERT_STORY(">a~ <1 >b <2 | >a.", "| a+1 b+2");
    ASSERT_STORY(">a <1~ >b | <1. <2", "| a+1 b+2");
}

static void
interim_reply_answers_nothing(void **state)
{
    (void)state;
    ASSERT_STORY(">a <i <i <1 >b <2", "a+1 b+2");
    ASSERT_STORY("<i >a <1", "a+1");
}

static void
reply_without_a_request_stands_alone(void **state)
{
    (void)state;
    ASSERT_STORY("<1 >a <2 <3", "-+1 a+2 -+3");
}

/* ---- requests are missing ---- */

static void
reply_to_a_request_that_is_missing_is_not_that_of_the_next(void **state)
{
    (void)state;
    ASSERT_STORY(">a <1 >! ># <2 >c? <3", "a+1 -+2 c+3");
    /* an interim reply is none */
    ASSERT_STORY(">a <1 >! ># <i <2 >c? <3", "a+1 -+2 c+3");
    /* a start line was too long to be kept: no place was lost, also not to one who pipelines */
    ASSERT_STORY(">a >! >c <1 <2 <3", "a+1 -+2 c+3");
    ASSERT_STORY(">! >c <1 <2 >! <3 >d <4", "-+1 c+2 -+3 d+4");
}

static void
what_is_missing_before_the_sides_are_known_counts_as_soon_as_they_are(void **state)
{
    (void)state;
    ASSERT_STORY(">! ># <1 >b? <2", "-+1 b+2");
    /* the first reply of a capture that begins in the middle of things */
    ASSERT_STORY("<! <# >a <1?", "a+1");
    /* both: the reply that is missing is that to the request that is */
    ASSERT_STORY(">! ># <! <# >b? <2?", "b+2");
    ASSERT_STORY("<! >! >b <2", "b+2");
}

/* A hole in the very first request was once forgotten: its reply went to the request behind it. */
static void
hole_in_the_first_of_pipelined_requests_leaves_each_by_itself(void **state)
{
    (void)state;
    ASSERT_STORY(">! ># >b? <1 <2", "b+lost -+1 -+2");
}

/* ---- replies are missing ---- */

static void
reply_whose_beginning_is_missing_was_that_awaited_longest(void **state)
{
    (void)state;
    ASSERT_STORY(">a <! <# >b <2?", "a+lost b+2");
    /* one was too long to be kept: no place was lost */
    ASSERT_STORY(">a >b <! <2", "a+lost b+2");
    ASSERT_STORY(">! >b <! <2", "b+2");
}

/*
 * Behind a lost "100 Continue", or a lost session ticket of TLS, the reply was once told without
 * its request, and the request as unanswered: none but that client's last request can be answered.
 */
static void
what_is_missing_before_the_only_reply_awaited_was_another(void **state)
{
    (void)state;
    ASSERT_STORY(">a~ <! <# >a. <1?", "a+1");
    ASSERT_STORY(">a <! <# <1? >b <2", "a+1 b+2");
    ASSERT_STORY(">a <! <# <! <# <1?", "a+1");
    ASSERT_STORY(">a <! <#", "a+lost");
    /* unless a request that is missing may be what is answered */
    ASSERT_STORY(">a <! <# >! ># <2?", "a+lost -+2");
    ASSERT_STORY(">a ># <! <# <2?", "a+lost -+2");
}

/* Bytes were missing in what was searched for the next reply; it may have been among them. */
static void
client_that_waits_for_replies_goes_on_when_it_has_them(void **state)
{
    (void)state;
    ASSERT_STORY(">a <# >b <2", "a+lost b+2");
    /* no hole: it pipelines */
    ASSERT_STORY(">a >b <1 <2", "a+1 b+2");
    /* also where the request that it goes on with is missing */
    ASSERT_STORY(">a <# >! ># <2", "a+lost -+2");
    ASSERT_STORY(">a <1 >! ># <# >c? <3?", "a+1 c+3");
    ASSERT_STORY(">a <1 >! ># <# >c? <3? >! ># >d? <4", "a+1 c+3 d+lost -+4");
}

/* Of two holes that among the replies came to light first; the request was lost with its reply. */
static void
hole_among_replies_took_those_to_requests_that_turn_out_to_be_missing(void **state)
{
    (void)state;
    ASSERT_STORY(">a <1 <! <# >! ># >c? <3?", "a+1 c+3");
    ASSERT_STORY(">a <1 <! <# >! >! ># >d? <4? >e <5", "a+1 d+4 e+5");
    ASSERT_STORY(">a <! <# >! ># >c? <3? >d <4", "a+lost c+3 d+4");
    /* unless the client goes on when it has the reply */
    ASSERT_STORY(">a <1 <! <# >! ># <2? >c? <3", "a+1 -+2 c+3");
    /* not one that is missing later */
    ASSERT_STORY(">a <1 <# >b <2? >! >d <3 <4", "a+1 b+2 d+lost -+3 -+4");
    ASSERT_STORY(">a <1 <# <1 >! ># >d? <3 <4", "a+1 -+1 d+lost -+3 -+4");
}

static void
reply_that_is_found_again_is_that_of_the_last_request(void **state)
{
    (void)state;
    ASSERT_STORY(">a <# <1?", "a+1");
    ASSERT_STORY(">a >! ># <! <# <2?", "a+lost -+2");
    ASSERT_STORY(">a <! >! ># <# <# <2?", "a+lost -+2");
    /* the hole among the requests came to light before the one among the replies */
    ASSERT_STORY(">a >! ># <# <2?", "a+lost -+2");
    ASSERT_STORY(">a >! >! ># <2? <3", "a+lost -+2 -+3");
    /* an interim one shows that the other was not swallowed: who asks again pipelines */
    ASSERT_STORY(">a <1 <# >! <i? >c <2", "a+1 c+lost -+2");
    ASSERT_STORY(">a <# <i?", "a+none");
    ASSERT_STORY(">a <# <i? >b <1 <2", "a+1 b+lost -+2");
    /* of one who pipelines it is the next: only the rest of a body was passed over */
    ASSERT_STORY(">a >b >c <1 <2? <3?", "a+1 b+2 c+3");
}

/*
 * The rest of a request, a whole next one and both replies were lost at once, out of TLS, where a
 * hole's length is not known. The reply behind it once went to the request before it.
 */
static void
reply_that_is_found_again_is_of_nobody_where_requests_may_be_missing_too(void **state)
{
    (void)state;
    ASSERT_STORY(">a ># <# <2? >c? <3", "a+lost -+2 c+3");
    ASSERT_STORY(">a <# ># <2? >c? <3", "a+lost -+2 c+3");
    /* no reply was lost since it was asked: the next is its own */
    ASSERT_STORY(">a <1 <# >b ># <2?", "a+1 b+2");
}

/*
 * Without a hole before it, the middle of a reply was once nothing at all: who went on seemed to
 * pipeline, and the next reply was taken for the one that is missing.
 */
static void
direction_that_begins_in_the_middle_of_a_reply_has_lost_that(void **state)
{
    (void)state;
    ASSERT_STORY(">a <^ >b <2? >c <3", "a+lost b+2 c+3");
    /* or it was of a request before: the client has not gone on */
    ASSERT_STORY(">b <^ <2? >c <3", "b+2 c+3");
    ASSERT_STORY("<^ >b <2? >c <3", "b+2 c+3");
    ASSERT_STORY(">b >c <^ <2? <3", "b+lost c+lost -+2 -+3");
}

/*
 * Of a client whose first packets were lost nothing is waited for, so that its first request turned
 * out to be missing behind the reply to it. Another reply was expected then, and the next one taken
 * for that.
 */
static void
first_request_that_is_missed_behind_its_reply_has_had_that(void **state)
{
    (void)state;
    ASSERT_STORY("<1 >! ># >b? <2", "-+1 b+2");
    ASSERT_STORY("<1 <2 >! ># >b? <3 >c <4", "-+1 -+2 b+3 c+4");
    /* a later one has not */
    ASSERT_STORY("<1 >a <2 >! ># <3 >b? <4", "-+1 a+2 -+3 b+4");
}

/*
 * With the server's part of the handshake the reply to a lost request may have been missed, and
 * no hole tells of it; the next reply was once taken for that.
 */
static void
reply_may_be_missing_before_a_start_that_nothing_tells(void **state)
{
    (void)state;
    ASSERT_STORY("<_ >! ># >b? <2", "b+2");
    ASSERT_STORY("<_ >! ># <1 >b? <2", "-+1 b+2");
    ASSERT_STORY("<_ >a <1 >! ># <2 >b? <3", "a+1 -+2 b+3");
}

static void
direction_that_begins_in_the_middle_of_a_request_has_its_reply_to_come(void **state)
{
    (void)state;
    ASSERT_STORY(">^ <1 >b? <2", "-+1 b+2");
    ASSERT_STORY("<i >^ <1 >b? <2", "-+1 b+2");
    ASSERT_STORY("<i >^ >b? <1 <2", "b+lost -+1 -+2");
    ASSERT_STORY(">^ >b? >c <1 <2 <3", "b+lost c+lost -+1 -+2 -+3");
    /* it was refused before all of it was sent */
    ASSERT_STORY("<1 >^ >b? <2", "-+1 b+2");
    /* it was no request */
    ASSERT_STORY(">^ >b? <2", "b+2");
}

static void
hole_since_the_request_is_the_reason_that_it_is_not_answered(void **state)
{
    (void)state;
    ASSERT_STORY(">a <#", "a+lost");
    ASSERT_STORY(">a ># >b? <#", "a+lost b+lost");
    ASSERT_STORY("<# >a", "a+none");
    ASSERT_STORY(">a >#", "a+none");
}

/* ---- the client pipelines ---- */

/* With several requests under way nobody can tell which of their replies a hole has swallowed. */
static void
hole_among_pipelined_messages_leaves_each_by_itself(void **state)
{
    (void)state;
    ASSERT_STORY(">a >b <# <1? <2", "a+lost b+lost -+1 -+2");
    ASSERT_STORY(">a ># >b? <# <1? <2", "a+lost b+lost -+1 -+2");
    /* for good: how many were swallowed stays unknown */
    ASSERT_STORY(">a >b <# <1? >c <2", "a+lost b+lost -+1 c+lost -+2");
    /* a reply that is being read is told from others */
    ASSERT_STORY(">a >b <1~ <# <1.", "a+1 b+lost");
}

/*
 * They were once told each by itself too, as those behind the hole are: by a snap length, say, that
 * cut the second of ten requests.
 */
static void
pipelined_requests_before_a_hole_among_requests_have_their_replies(void **state)
{
    (void)state;
    ASSERT_STORY(">a >b ># >c? <1 <2 <3", "a+1 b+2 c+lost -+3");
    ASSERT_STORY(">a >b >! ># >c? <1 <2 <3 <4", "a+1 b+2 c+lost -+3 -+4");
    ASSERT_STORY(">a ># >b? <1 <2", "a+1 b+lost -+2");
    ASSERT_STORY(">a >b ># >c? <1 >d <2 <3", "a+1 b+2 c+lost d+lost -+3");
    /* a hole among the replies takes them all */
    ASSERT_STORY(">a >b ># <# >c? <1? <2", "a+lost b+lost c+lost -+1 -+2");
    ASSERT_STORY(">a >b ># >c? <1 <# <3?", "a+1 b+lost c+lost -+3");
}

/* ---- which side asks ---- */

/* A body's text may look like a message; in the side that surely does not send such it is one. */
static void
message_against_what_is_sure_belongs_to_no_other(void **state)
{
    (void)state;
    ASSERT_STORY(">a >1 <2", "a+2 -+1");
    ASSERT_STORY(">a <b <1", "a+1 b+lost");
    /* it says nothing of the client: that does not pipeline, and is not found again */
    ASSERT_STORY(">a <# <b? <1? >c <2", "a+1 b+lost c+2");
    ASSERT_STORY(">a >! ># >1? <2 <3", "a+2 -+1 -+3");
    ASSERT_STORY("<0 >! >1 <2 >b <3", "-+0 -+1 -+2 b+3");
}

static void
message_against_what_is_not_sure_takes_those_that_wait_with_it(void **state)
{
    (void)state;
    ASSERT_STORY("<a? >b <1", "a+lost b+1");
    ASSERT_STORY("<a? >1? <b? >c <2", "a+1 b+lost c+2");
    ASSERT_STORY(">! >a? <c? >1", "a+lost c+1");
    ASSERT_STORY(">a? >! <c? >1", "a+lost c+1");
}

/*
 * Of several requests that were lost one after the other, only the first was known of: the reply to
 * the last of them was taken for that to the request found behind it.
 */
static void
hole_behind_an_answered_one_took_another_request(void **state)
{
    (void)state;
    ASSERT_STORY(">a <1 >! ># <2 >= ># >c? <3 <4", "a+1 -+2 c+lost -+3 -+4");
    /* of a client that waits for its replies nothing more is lost by it */
    ASSERT_STORY(">a <1 >! ># <2 >= ># <3 >c? <4 >d <5", "a+1 -+2 -+3 c+4 d+5");
    ASSERT_STORY(">a <1 >! ># <2 >= ># <# >c? <3 >d <4", "a+1 -+2 c+3 d+4");
    ASSERT_STORY(">a <1 >! ># <2 <# >= ># >c? <3? >d <4", "a+1 -+2 c+3 d+4");
    /* before the reply has come it is the same request's, and of replies it is no request's */
    ASSERT_STORY(">a <1 >! ># >= ># <2 >c? <3", "a+1 -+2 c+3");
    ASSERT_STORY(">a <1 >! ># <2 >b? <# <= <3? >d <4", "a+1 -+2 b+3 d+4");
}

/* ---- the limit ---- */

/* The reply to a request that was given up once went to the one behind it, and so on for all. */
static void
late_reply_to_a_request_that_is_gone_is_not_that_of_the_next(void **state)
{
    (void)state;
    assert_story(2, ">a >b >c <1 <2 <3 >d <4", "a+none -+1 b+2 c+3 d+4");
    assert_story(2, ">a >b >c >d <i <1 <2 <3 <4", "a+none b+none -+1 -+2 c+3 d+4");
    assert_story(2, ">a >! >c >d <1 <2 <3 <4", "a+none -+1 -+2 c+3 d+4");
    assert_story(1, ">a <1~ >b >c <1. <2 <3", "b+none c+none a+1 -+2 -+3");
    assert_story(1, ">a <1 >! ># <# >c? <3~ >d >e <3. <4 <5", "a+1 d+none e+lost c+3 -+4 -+5");
    /* what is lost anyway leaves nothing to come */
    assert_story(2, ">a <1~ <b >c <1. <2", "b+lost a+1 c+2");
    assert_story(0, ">a <1 >b >c <2 <3", "a+none -+1 b+none c+none -+2 -+3");
}

static void
what_is_being_read_does_not_go_at_the_limit(void **state)
{
    (void)state;
    assert_story(1, ">a <1~ >b >c~ <1. >c. <2 <3", "b+none a+1 -+2 c+3");
    assert_story(1, ">a~ >b >c <1 <2 <3 >a.", "b+none c+none -+2 -+3 a+1");
}

/* Behind a request that never ends, replies piled up without limit, and each looked at all. */
static void
replies_behind_an_open_request_go_at_the_limit(void **state)
{
    (void)state;
    assert_story(2, ">a~ <1 <2 | <3 <4 | >a. >b <5", "| -+2 -+3 | a+1 -+4 b+5");
}

static void
reply_lost_of_a_request_that_is_gone_is_not_that_of_the_next(void **state)
{
    (void)state;
    assert_story(2, ">a >b >c <! <2 <3", "a+none b+2 c+3");
    /* which of them a hole has swallowed nobody knows */
    assert_story(2, ">a >b >c <# <2? <3", "a+none b+lost c+lost -+2 -+3");
}

/* ---- the queue ---- */

/* What becomes of a request on another protocol takes it away. */
static void
pair_is_taken_from_any_place_of_the_queue(void **state)
{
    (void)state;
    for (size_t taken = 0; taken < 3; taken++) {
        struct um_pairing pairing = {0};
        struct um_pairing_pair pairs[4] = {{0}};
        for (size_t i = 0; i < 3; i++)
            um_pairing_ask(&pairing, 0, false, &pairs[i]);
        um_pairing_take(&pairing, &pairs[taken]);
        um_pairing_ask(&pairing, 0, false, &pairs[3]);
        for (size_t i = 0; i < 4; i++) {
            if (i != taken)
                assert_ptr_equal(um_pairing_take_first(&pairing), &pairs[i]);
        }
        assert_null(um_pairing_take_first(&pairing));
        assert_null(pairing.last);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_go_by_order_whether_or_not_the_client_waits),
        cmocka_unit_test(pair_leaves_when_both_its_messages_are_over),
        cmocka_unit_test(interim_reply_answers_nothing),
        cmocka_unit_test(reply_without_a_request_stands_alone),
        cmocka_unit_test(reply_to_a_request_that_is_missing_is_not_that_of_the_next),
        cmocka_unit_test(what_is_missing_before_the_sides_are_known_counts_as_soon_as_they_are),
        cmocka_unit_test(hole_in_the_first_of_pipelined_requests_leaves_each_by_itself),
        cmocka_unit_test(reply_whose_beginning_is_missing_was_that_awaited_longest),
        cmocka_unit_test(what_is_missing_before_the_only_reply_awaited_was_another),
        cmocka_unit_test(client_that_waits_for_replies_goes_on_when_it_has_them),
        cmocka_unit_test(hole_among_replies_took_those_to_requests_that_turn_out_to_be_missing),
        cmocka_unit_test(reply_that_is_found_again_is_that_of_the_last_request),
        cmocka_unit_test(reply_that_is_found_again_is_of_nobody_where_requests_may_be_missing_too),
        cmocka_unit_test(direction_that_begins_in_the_middle_of_a_reply_has_lost_that),
        cmocka_unit_test(first_request_that_is_missed_behind_its_reply_has_had_that),
        cmocka_unit_test(reply_may_be_missing_before_a_start_that_nothing_tells),
        cmocka_unit_test(direction_that_begins_in_the_middle_of_a_request_has_its_reply_to_come),
        cmocka_unit_test(hole_since_the_request_is_the_reason_that_it_is_not_answered),
        cmocka_unit_test(hole_among_pipelined_messages_leaves_each_by_itself),
        cmocka_unit_test(pipelined_requests_before_a_hole_among_requests_have_their_replies),
        cmocka_unit_test(message_against_what_is_sure_belongs_to_no_other),
        cmocka_unit_test(message_against_what_is_not_sure_takes_those_that_wait_with_it),
        cmocka_unit_test(hole_behind_an_answered_one_took_another_request),
        cmocka_unit_test(late_reply_to_a_request_that_is_gone_is_not_that_of_the_next),
        cmocka_unit_test(what_is_being_read_does_not_go_at_the_limit),
        cmocka_unit_test(replies_behind_an_open_request_go_at_the_limit),
        cmocka_unit_test(reply_lost_of_a_request_that_is_gone_is_not_that_of_the_next),
        cmocka_unit_test(pair_is_taken_from_any_place_of_the_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
