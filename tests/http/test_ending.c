/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/support.h"

#include "offline/http/ending.h"

static const struct um_http_ending silent = {0}, alive = {.has_bytes = true},
                                   missing = {.is_unseen = true};

static struct um_http_ending
ended(enum um_end why)
{
    struct um_http_ending ending = alive;
    um_http_ending_set(&ending, why);
    return ending;
}

static void
ending_that_has_not_come_is_no_reason(void **state)
{
    (void)state;
    assert_int_equal(um_http_ending_why(&alive, &alive, UM_UNANSWERED_NO),
                     UM_UNANSWERED_CAPTURE_END);
    assert_int_equal(um_http_ending_why(&alive, &silent, UM_UNANSWERED_NO),
                     UM_UNANSWERED_CAPTURE_END);
}

static void
missing_direction_comes_before_what_is_known_and_that_before_the_end(void **state)
{
    (void)state;
    struct um_http_ending reset = ended(UM_END_RESET);
    assert_int_equal(um_http_ending_why(&reset, &missing, UM_UNANSWERED_LOST),
                     UM_UNANSWERED_ONE_SIDED);
    assert_int_equal(um_http_ending_why(&reset, &reset, UM_UNANSWERED_LOST), UM_UNANSWERED_LOST);
    assert_int_equal(um_http_ending_why(&alive, &reset, UM_UNANSWERED_NO), UM_UNANSWERED_RESET);
}

static void
each_end_has_its_reason(void **state)
{
    (void)state;
    static const struct {
        enum um_end requests, replies;
        enum um_unanswered why;
    } cases[] = {
        {UM_END_FIN, UM_END_FIN, UM_UNANSWERED_CLOSED},
        {UM_END_FIN, UM_END_CAPTURE, UM_UNANSWERED_CAPTURE_END}, /* half closed: it may answer */
        {UM_END_CAPTURE, UM_END_FIN, UM_UNANSWERED_CLOSED},
        {UM_END_RESET, UM_END_FIN, UM_UNANSWERED_RESET},
        {UM_END_FIN, UM_END_RESET, UM_UNANSWERED_RESET},
        {UM_END_REPLACED, UM_END_REPLACED, UM_UNANSWERED_CLOSED},
        {UM_END_EVICTED, UM_END_EVICTED, UM_UNANSWERED_GIVEN_UP},
        {UM_END_CAPTURE, UM_END_CAPTURE, UM_UNANSWERED_CAPTURE_END},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_http_ending requests = ended(cases[i].requests);
        struct um_http_ending replies = ended(cases[i].replies);
        assert_int_equal(um_http_ending_why(&requests, &replies, UM_UNANSWERED_NO), cases[i].why);
    }
}

static void
direction_without_a_packet_and_one_that_is_sealed_are_missing(void **state)
{
    (void)state;
    static const struct {
        enum um_gap_cause cause;
        bool is_unseen;
    } cases[] = {{UM_GAP_LOST, false},
                 {UM_GAP_CUT, false},
                 {UM_GAP_LIMIT, false},
                 {UM_GAP_UNSEEN, true},
                 {UM_GAP_SEALED, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_http_ending ending = silent;
        um_http_ending_miss(&ending, cases[i].cause);
        assert_int_equal(ending.is_unseen, cases[i].is_unseen);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ending_that_has_not_come_is_no_reason),
        cmocka_unit_test(missing_direction_comes_before_what_is_known_and_that_before_the_end),
        cmocka_unit_test(each_end_has_its_reason),
        cmocka_unit_test(direction_without_a_packet_and_one_that_is_sealed_are_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
