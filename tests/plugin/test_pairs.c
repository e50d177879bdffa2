/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What becomes of pairs, and who is told. By which rules is told in tests/um/test_pairing.c. */
#include "plugin/pairs.h"

#include "tests/support/support.h"

enum { CLIENT, SERVER };

static struct umws_pair *
ask(struct um_pairing *pairing)
{
    struct umws_pair *pair = NULL;
    assert_int_equal(umws_pairs_request(pairing, CLIENT, false, &pair), UM_OK);
    assert_non_null(pair);
    return pair;
}

static struct umws_pair *
answer(struct um_pairing *pairing, bool is_found, bool is_interim)
{
    struct umws_pair *pair = NULL;
    assert_int_equal(umws_pairs_reply(pairing, SERVER, is_found, is_interim, &pair), UM_OK);
    return pair;
}

static void
pairs_go_by_order_and_interim_replies_have_none(void **state)
{
    (void)state;
    struct um_pairing pairing = {0};
    const struct umws_pair *first = ask(&pairing), *second = ask(&pairing);
    assert_null(answer(&pairing, false, true));
    assert_ptr_equal(answer(&pairing, false, false), first);
    assert_ptr_equal(answer(&pairing, false, false), second);
    const struct umws_pair *orphan = answer(&pairing, false, false);
    assert_non_null(orphan);
    assert_int_equal(orphan->pair.request, UM_PAIRING_NONE);
    umws_pairs_done(&pairing);
}

static void
pair_is_told_that_its_reply_is_lost_as_soon_as_that_is_known(void **state)
{
    (void)state;
    struct um_pairing pairing = {0};
    struct umws_fate fates[4] = {{0}};
    int exchange;
    umws_pair_follow(ask(&pairing), &exchange, &fates[0]);
    umws_pairs_lose(&pairing, SERVER);
    assert_true(fates[0].is_lost);
    umws_pairs_lose_place(&pairing, SERVER);
    umws_pair_follow(ask(&pairing), &exchange, &fates[1]);
    umws_pairs_lose_place(&pairing, SERVER);
    assert_true(fates[1].is_lost);
    /* found again: it was not */
    assert_ptr_equal(answer(&pairing, true, false)->fate, &fates[1]);
    assert_false(fates[1].is_lost);
    /* it pipelines: of these nobody knows */
    ask(&pairing);
    umws_pair_follow(ask(&pairing), &exchange, &fates[2]);
    assert_true(fates[2].is_lost);
    umws_pairs_done(&pairing);
}

/* A hole that came to light before the request was read to its end was once forgotten. */
static void
pair_is_told_late_what_was_known_before(void **state)
{
    (void)state;
    struct um_pairing pairing = {0};
    struct umws_fate fate = {0};
    int exchange;
    struct umws_pair *pair = ask(&pairing);
    umws_pairs_lose_place(&pairing, SERVER);
    umws_pair_follow(pair, &exchange, &fate);
    assert_true(fate.is_lost);
    umws_pairs_done(&pairing);
}

static void
pair_lives_until_both_its_messages_are_done_with(void **state)
{
    (void)state;
    struct um_pairing pairing = {0};
    struct umws_pair *pair = ask(&pairing);
    um_pairing_done(&pair->pair, false);
    umws_pairs_prune(&pairing);
    assert_int_equal(pairing.count, 1); /* a reply may come */
    assert_ptr_equal(answer(&pairing, false, false), pair);
    umws_pairs_prune(&pairing);
    assert_int_equal(pairing.count, 1); /* it is being read */
    um_pairing_done(&pair->pair, true);
    umws_pairs_prune(&pairing);
    assert_int_equal(pairing.count, 0);
    umws_pairs_done(&pairing);
}

/* The reply to the oldest once went to the request behind it, and so on for all. */
static void
pairs_above_the_limit_go_and_keep_their_replies(void **state)
{
    (void)state;
    struct um_pairing pairing = {0};
    struct umws_fate fates[UMWS_PAIRS_MAX + 1] = {{0}};
    int exchange;
    for (size_t i = 0; i <= UMWS_PAIRS_MAX; i++) {
        struct umws_pair *pair = ask(&pairing);
        umws_pair_follow(pair, &exchange, &fates[i]);
        um_pairing_done(&pair->pair, false);
        umws_pairs_prune(&pairing);
        assert_int_equal(pairing.count, i < UMWS_PAIRS_MAX ? i + 1 : UMWS_PAIRS_MAX);
    }
    assert_true(fates[0].is_gone && !fates[0].is_lost && !fates[1].is_gone);
    assert_null(answer(&pairing, false, false)->fate);
    assert_ptr_equal(answer(&pairing, false, false)->fate, &fates[1]);
    umws_pairs_done(&pairing);
}

static void
pairs_pass_a_failing_allocation_up(void **state)
{
    (void)state;
    struct um_pairing pairing = {0};
    struct umws_pair *pair = NULL;
    um_test_alloc_fail_at(0);
    assert_int_equal(umws_pairs_request(&pairing, CLIENT, false, &pair), UM_ERR_NOMEM);
    um_test_alloc_fail_at(0);
    assert_int_equal(umws_pairs_reply(&pairing, SERVER, false, false, &pair), UM_ERR_NOMEM);
    assert_true(um_test_alloc_reset());
    assert_null(pair);
    assert_int_equal(pairing.count, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_go_by_order_and_interim_replies_have_none),
        cmocka_unit_test(pair_is_told_that_its_reply_is_lost_as_soon_as_that_is_known),
        cmocka_unit_test(pair_is_told_late_what_was_known_before),
        cmocka_unit_test(pair_lives_until_both_its_messages_are_done_with),
        cmocka_unit_test(pairs_above_the_limit_go_and_keep_their_replies),
        cmocka_unit_test(pairs_pass_a_failing_allocation_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
