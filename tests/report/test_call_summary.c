/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each outcome in a sentence, with the bounds the timeline gives and no more. */
#include "offline/report/call_summary.h"

#include "core/base/err.h"
#include "tests/report/story.h"
#include "tests/support/support.h"

/* The sentence about the call `number` of a story. */
static void
assert_told(const char *name, size_t number, const char *wanted)
{
    struct um_story story;
    struct um_buf told = {0};
    assert_true(um_story_tell(&story, name));
    assert_int_equal(story.err, UM_OK);
    const struct um_call *call = um_calls_at(story.calls, number - 1);
    assert_int_equal(um_call_summary_append(&told, &story.report, call), UM_OK);
    assert_span_equal(um_buf_span(&told), um_span_text(wanted));
    um_buf_done(&told);
    um_story_done(&story);
}

static void
summary_tells_each_outcome_in_a_sentence(void **state)
{
    (void)state;
    assert_told("day", 1,
                "Call 1 to 5550100 was answered 2.280 to 3.360 s after it was placed, was up for "
                "1.000 to 3.160 s and is over.");
    assert_told("day", 2,
                "Call 2 to 5550101 ended with UserBusy (the line was busy) 1.000 to 3.300 s after "
                "it was placed; the gateway answered 486 Busy Here.");
    assert_told("day", 3,
                "Call 3 to 999 was refused by the server: PlayOnPhone drew DialingRulesException "
                "(\"The number cannot be dialled under the dialing rules.\").");
    assert_told("day", 4,
                "Call 4 to 5550103 ended without a cause at most 1.040 s after it was placed; no "
                "poll saw it connected.");
    assert_told("day", 5, "Call 5 was last seen Connected; its end is not in the capture.");
    assert_told("day", 6, "What became of call 6 is unknown: no reply tells its state.");
    assert_told("day", 8, "Call 8 was placed; no reply in the capture tells its state.");
}

static void
summary_says_how_long_an_unanswered_call_rang_at_most(void **state)
{
    (void)state;
    assert_told("unanswered", 1,
                "Call 1 to 5550100 rang for at most 21.440 s and ended with NoAnswer (nobody "
                "answered); the gateway answered 480 or the like.");
}

static void
summary_tells_no_time_since_the_placing_that_was_not_captured(void **state)
{
    (void)state;
    assert_told("unanswered", 2,
                "Call 2 ended with NoAnswer (nobody answered); the gateway answered 480 or the "
                "like.");
}

static void
summary_of_a_call_that_failed_after_it_was_up_tells_for_how_long(void **state)
{
    (void)state;
    assert_told("unanswered", 3,
                "Call 3 to 5550102 ended with Other (set-up failed for another reason) 3.000 to "
                "4.040 s after it was placed, having been up for 0.960 to 4.040 s.");
}

static void
summary_cuts_long_texts_between_characters(void **state)
{
    (void)state;
    struct um_story story;
    struct um_buf told = {0};
    assert_true(um_story_tell(&story, "hostile"));
    const struct um_call *call = um_calls_at(story.calls, 0);
    assert_int_equal(um_call_summary_append(&told, &story.report, call), UM_OK);
    struct um_span cut = S("abcdefghijklm\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2... ended with");
    assert_true(um_span_search(um_buf_span(&told), cut) < told.len);
    um_buf_done(&told);
    um_story_done(&story);
}

static void
summary_tells_when_the_nth_allocation_fails(void **state)
{
    (void)state;
    struct um_story story;
    assert_true(um_story_tell(&story, "day"));
    for (size_t i = 0; i < um_calls_count(story.calls); i++) {
        bool failed = true;
        for (size_t n = 0; failed; n++) {
            struct um_buf told = {0};
            um_test_alloc_fail_at(n);
            int err = um_call_summary_append(&told, &story.report, um_calls_at(story.calls, i));
            failed = um_test_alloc_reset();
            assert_int_equal(err, failed ? UM_ERR_NOMEM : UM_OK);
            um_buf_done(&told);
        }
    }
    um_story_done(&story);
}

/* It was said to be over. */
static void
summary_of_a_call_that_came_back_does_not_say_it_is_over(void **state)
{
    (void)state;
    assert_told("unanswered", 4,
                "Call 4 to 5550103 was answered at most 1.040 s after it was placed, was up for an "
                "unknown time in 2 stretches; it was told Disconnected, and Connected after that.");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(summary_tells_each_outcome_in_a_sentence),
        cmocka_unit_test(summary_says_how_long_an_unanswered_call_rang_at_most),
        cmocka_unit_test(summary_tells_no_time_since_the_placing_that_was_not_captured),
        cmocka_unit_test(summary_of_a_call_that_failed_after_it_was_up_tells_for_how_long),
        cmocka_unit_test(summary_of_a_call_that_came_back_does_not_say_it_is_over),
        cmocka_unit_test(summary_cuts_long_texts_between_characters),
        cmocka_unit_test(summary_tells_when_the_nth_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
