/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests and replies in their order, with losses between them. */
#include "plugin/pairs.h"

#include "tests/support/support.h"

enum { CLIENT, SERVER };

static struct umws_pair *
ask(struct umws_pairs *pairs, bool is_found)
{
    struct umws_pair *pair = NULL;
    assert_int_equal(umws_pairs_request(pairs, CLIENT, is_found, &pair), UM_OK);
    assert_non_null(pair);
    return pair;
}

static struct umws_pair *
answer(struct umws_pairs *pairs, bool is_found)
{
    struct umws_pair *pair = NULL;
    assert_int_equal(umws_pairs_reply(pairs, SERVER, is_found, 200, &pair), UM_OK);
    return pair;
}

static void
pairs_of_a_pipelining_client_go_by_order(void **state)
{
    (void)state;
    struct umws_pairs pairs = {0};
    struct umws_pair *first = ask(&pairs, false), *second = ask(&pairs, false);
    assert_ptr_equal(answer(&pairs, false), first);
    assert_ptr_equal(answer(&pairs, false), second);
    assert_null(umws_pairs_waiting(&pairs));
    umws_pairs_done(&pairs);
}

static void
pairs_leave_informational_replies_out(void **state)
{
    (void)state;
    struct umws_pairs pairs = {0};
    struct umws_pair *first = ask(&pairs, false), *none = first;
    assert_int_equal(umws_pairs_reply(&pairs, SERVER, false, 100, &none), UM_OK);
    assert_null(none);
    assert_ptr_equal(answer(&pairs, false), first);
    umws_pairs_done(&pairs);
}

static void
pairs_reply_without_a_request_has_its_own(void **state)
{
    (void)state;
    struct umws_pairs pairs = {0};
    const struct umws_pair *orphan = answer(&pairs, false);
    assert_non_null(orphan);
    assert_false(orphan->has_request);
    umws_pairs_done(&pairs);
}

static void
pairs_lost_request_takes_its_reply(void **state)
{
    (void)state;
    struct umws_pairs pairs = {0};
    answer(&pairs, false); /* tells the sides */
    assert_int_equal(umws_pairs_lose(&pairs, CLIENT), UM_OK);
    umws_pairs_lose_place(&pairs, CLIENT);
    const struct umws_pair *orphan = answer(&pairs, false);
    assert_false(orphan->has_request);
    struct umws_pair *next = ask(&pairs, true);
    assert_ptr_equal(answer(&pairs, false), next);
    umws_pairs_done(&pairs);
}

static void
pairs_lost_reply_is_told_to_the_user(void **state)
{
    (void)state;
    struct umws_pairs pairs = {0};
    bool is_lost = false;
    struct umws_pair *first = ask(&pairs, false);
    first->is_lost = &is_lost;
    assert_int_equal(umws_pairs_lose(&pairs, SERVER), UM_OK);
    umws_pairs_lose_place(&pairs, SERVER);
    assert_true(is_lost);
    struct umws_pair *second = ask(&pairs, false);
    assert_ptr_equal(answer(&pairs, true), second);
    umws_pairs_done(&pairs);
}

static void
pairs_behind_a_loss_of_a_pipelining_client_are_not_guessed(void **state)
{
    (void)state;
    struct umws_pairs pairs = {0};
    bool is_lost[2] = {false};
    ask(&pairs, false)->is_lost = &is_lost[0];
    ask(&pairs, false)->is_lost = &is_lost[1];
    umws_pairs_lose_place(&pairs, CLIENT);
    assert_true(is_lost[0] && is_lost[1]);
    assert_true(ask(&pairs, true)->is_reply_lost);
    assert_false(answer(&pairs, false)->has_request);
    umws_pairs_done(&pairs);
}

static void
pairs_lost_before_the_sides_are_known_count_later(void **state)
{
    (void)state;
    struct umws_pairs pairs = {0};
    assert_int_equal(umws_pairs_lose(&pairs, CLIENT), UM_OK);
    assert_false(answer(&pairs, false)->has_request);
    struct umws_pair *second = ask(&pairs, true);
    assert_ptr_equal(answer(&pairs, false), second);
    umws_pairs_done(&pairs);
}

static void
pairs_that_are_done_with_are_freed_and_the_oldest_give_way(void **state)
{
    (void)state;
    struct umws_pairs pairs = {0};
    struct umws_pair *first = ask(&pairs, false);
    answer(&pairs, false);
    umws_pairs_prune(&pairs);
    assert_int_equal(pairs.count, 1); /* its messages are still read */
    first->users = 0;
    umws_pairs_prune(&pairs);
    assert_int_equal(pairs.count, 0);
    for (int i = 0; i <= UMWS_PAIRS_MAX; i++)
        ask(&pairs, false)->users = 0;
    assert_true(pairs.first->is_reply_lost);
    umws_pairs_prune(&pairs);
    assert_true(pairs.count <= UMWS_PAIRS_MAX);
    umws_pairs_done(&pairs);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_of_a_pipelining_client_go_by_order),
        cmocka_unit_test(pairs_leave_informational_replies_out),
        cmocka_unit_test(pairs_reply_without_a_request_has_its_own),
        cmocka_unit_test(pairs_lost_request_takes_its_reply),
        cmocka_unit_test(pairs_lost_reply_is_told_to_the_user),
        cmocka_unit_test(pairs_behind_a_loss_of_a_pipelining_client_are_not_guessed),
        cmocka_unit_test(pairs_lost_before_the_sides_are_known_count_later),
        cmocka_unit_test(pairs_that_are_done_with_are_freed_and_the_oldest_give_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
