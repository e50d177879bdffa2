/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of observations against brute force: of all orders that break no sure one, ours has the
 * fewest changes, and of those the fewest returns from Disconnected.
 */
#include "core/um/order.h"

#include "core/base/err.h"
#include "tests/support/support.h"

enum { BRUTE_MAX = 7 };

static struct um_observation
sample(int64_t q, int64_t r, const char *state)
{
    return (struct um_observation){
        .q_ns = q, .r_ns = r, .state = um_state_of(S(state)), .state_text = S(state)};
}

static bool
is_same_state(const struct um_observation *a, const struct um_observation *b)
{
    return a->state == b->state &&
           (a->state != UM_STATE_UNKNOWN || um_span_equal(a->state_text, b->state_text));
}

/* What makes one order better than another. */
struct merit {
    size_t changes;
    size_t revivals;
};

static struct merit
merit_of(const struct um_observation *ordered, size_t count)
{
    struct merit merit = {0};
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || is_same_state(&ordered[i - 1], &ordered[i]))
            continue;
        merit.changes++;
        merit.revivals += ordered[i - 1].state == UM_STATE_DISCONNECTED ? 1 : 0;
    }
    return merit;
}

static int
compare(const struct merit *a, const struct merit *b)
{
    if (a->changes != b->changes)
        return a->changes < b->changes ? -1 : 1;
    return (a->revivals > b->revivals) - (a->revivals < b->revivals);
}

static bool
breaks_a_sure_order(const struct um_observation *ordered, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < i; k++) {
            if (um_order_surely_before(&ordered[i], &ordered[k]))
                return true;
        }
    }
    return false;
}

/* Tries every permutation (Heap's algorithm, without recursion); the best possible merit. */
static struct merit
best_of_all(struct um_observation *o, size_t count)
{
    struct merit best = {.changes = SIZE_MAX};
    size_t turns[BRUTE_MAX] = {0};
    for (size_t i = 0; i < count;) {
        if (i == 0 && !breaks_a_sure_order(o, count)) {
            struct merit merit = merit_of(o, count);
            if (compare(&merit, &best) < 0)
                best = merit;
        }
        if (turns[i] >= i) {
            turns[i++] = 0;
            continue;
        }
        size_t other = i % 2 == 0 ? 0 : turns[i];
        struct um_observation swap = o[other];
        o[other] = o[i];
        o[i] = swap;
        turns[i]++;
        i = 0;
    }
    return best;
}

/* Every observation is there once; runs of one state are in order of their replies. */
static void
check_shape(const struct um_observation *ordered, size_t count)
{
    bool *seen = calloc(count, sizeof *seen);
    assert_non_null(seen);
    for (size_t i = 0; i < count; i++) {
        assert_true(ordered[i].exchange < count && !seen[ordered[i].exchange]);
        seen[ordered[i].exchange] = true;
        if (i > 0 && is_same_state(&ordered[i - 1], &ordered[i]))
            assert_true(ordered[i - 1].r_ns <= ordered[i].r_ns);
    }
    free(seen);
}

/* Fills in `count` random observations whose times fall into [0, spread + 8). */
static void
make_random(struct um_observation *o, size_t count, size_t kinds, uint64_t spread, uint64_t *seed)
{
    static const char *const states[] = {"Connecting", "Connected", "Disconnected", "x", "y"};
    for (size_t i = 0; i < count; i++) {
        int64_t q = (int64_t)(um_test_random(seed) % spread);
        o[i] = sample(q, q + (int64_t)(um_test_random(seed) % 8),
                      states[um_test_random(seed) % kinds]);
        o[i].exchange = i;
    }
}

static void
order_is_the_best_of_all_permutations(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (unsigned round = 0; round < 4000; round++) {
        struct um_observation ours[BRUTE_MAX], all[BRUTE_MAX];
        size_t count = um_test_random(&seed) % BRUTE_MAX + 1;
        make_random(ours, count, um_test_random(&seed) % 4 + 2, um_test_random(&seed) % 20 + 1,
                    &seed);
        memcpy(all, ours, sizeof all);
        assert_int_equal(um_order_observations(ours, count), UM_OK);
        assert_false(breaks_a_sure_order(ours, count));
        check_shape(ours, count);
        struct merit best = best_of_all(all, count), got = merit_of(ours, count);
        assert_int_equal(got.changes, best.changes);
        assert_int_equal(got.revivals, best.revivals);
    }
}

static void
order_of_the_documents_example_is_connected_then_disconnected(void **state)
{
    (void)state;
    struct um_observation o[] = {sample(5100, 5300, "Disconnected"),
                                 sample(5000, 5800, "Connected")};
    assert_int_equal(um_order_observations(o, 2), UM_OK);
    assert_int_equal(o[0].state, UM_STATE_CONNECTED);
    assert_int_equal(o[1].state, UM_STATE_DISCONNECTED);

    struct um_observation seen_before[] = {sample(5100, 5300, "Disconnected"),
                                           sample(5000, 5800, "Connected"),
                                           sample(4000, 4100, "Connecting")};
    assert_int_equal(um_order_observations(seen_before, 3), UM_OK);
    assert_int_equal(seen_before[0].state, UM_STATE_CONNECTING);
    assert_int_equal(seen_before[1].state, UM_STATE_CONNECTED);
    assert_int_equal(seen_before[2].state, UM_STATE_DISCONNECTED);
}

static void
order_follows_replies_where_changes_are_equal(void **state)
{
    (void)state;
    struct um_observation o[] = {sample(0, 9, "Connected"), sample(1, 5, "Connecting")};
    assert_int_equal(um_order_observations(o, 2), UM_OK);
    assert_int_equal(o[0].state, UM_STATE_CONNECTING);
    assert_int_equal(o[1].state, UM_STATE_CONNECTED);
}

static void
order_that_touches_at_one_instant_is_not_sure(void **state)
{
    (void)state;
    struct um_observation a = sample(0, 5, "Connected"), b = sample(5, 6, "Connected"),
                          c = sample(6, 6, "Connected");
    assert_false(um_order_surely_before(&a, &b));
    assert_true(um_order_surely_before(&a, &c));
    assert_false(um_order_surely_before(&c, &a));
    /* so the end, though asked for at the instant of the first reply, may be put last */
    struct um_observation o[] = {sample(0, 5, "Disconnected"), sample(5, 6, "Connected")};
    assert_int_equal(um_order_observations(o, 2), UM_OK);
    assert_int_equal(o[0].state, UM_STATE_CONNECTED);
    struct um_observation sure[] = {sample(0, 5, "Disconnected"), sample(6, 6, "Connected")};
    assert_int_equal(um_order_observations(sure, 2), UM_OK);
    assert_int_equal(sure[0].state, UM_STATE_DISCONNECTED);
}

static void
order_tells_unknown_texts_apart(void **state)
{
    (void)state;
    struct um_observation o[] = {sample(0, 10, "x"), sample(1, 11, "y"), sample(2, 12, "x"),
                                 sample(3, 13, "y")};
    for (size_t i = 0; i < 4; i++)
        o[i].exchange = i;
    assert_int_equal(um_order_observations(o, 4), UM_OK);
    assert_int_equal(merit_of(o, 4).changes, 1);
    assert_span_equal(o[0].state_text, S("x"));
}

static void
order_of_nothing_and_of_one_is_itself(void **state)
{
    (void)state;
    struct um_observation one = sample(3, 4, "Connected");
    assert_int_equal(um_order_observations(NULL, 0), UM_OK);
    assert_int_equal(um_order_observations(&one, 1), UM_OK);
    assert_int_equal(one.q_ns, 3);
}

/* More than is weighed at once: all overlap, and their number is past every window. */
static void
order_past_its_limits_still_breaks_no_sure_one(void **state)
{
    (void)state;
    enum { COUNT = 400 };
    uint64_t seed = 3;
    for (uint64_t spread = 1; spread <= 1000; spread *= 10) {
        struct um_observation *o = calloc(COUNT, sizeof *o);
        assert_non_null(o);
        make_random(o, COUNT, 5, spread, &seed);
        assert_int_equal(um_order_observations(o, COUNT), UM_OK);
        check_shape(o, COUNT);
        assert_false(breaks_a_sure_order(o, COUNT));
        free(o);
    }
}

/* Two pollers of one long call, always half overlapping: one change each is all there is to see. */
static void
order_of_a_long_call_with_two_pollers_keeps_its_few_changes(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    static const char *const states[] = {"Connecting", "Connected", "Disconnected"};
    struct um_observation *o = calloc(COUNT, sizeof *o);
    assert_non_null(o);
    for (size_t i = 0; i < COUNT; i++) {
        o[i] = sample((int64_t)i * 10, (int64_t)i * 10 + 15, states[i * 3 / COUNT]);
        o[i].exchange = i;
    }
    assert_int_equal(um_order_observations(o, COUNT), UM_OK);
    check_shape(o, COUNT);
    assert_int_equal(merit_of(o, COUNT).changes, 2);
    free(o);
}

/* Polls that hung while more than 64 others were answered were put first, and made spans that never
 * were. */
static void
order_lets_a_hanging_poll_come_last(void **state)
{
    (void)state;
    enum { HANGING = 4, OTHERS = 300 };
    struct um_observation o[HANGING + OTHERS];
    for (int i = 0; i < HANGING; i++)
        o[i] = sample(10 * i, 100000 + i, "Disconnected");
    for (int i = 0; i < OTHERS; i++)
        o[HANGING + i] = sample(100 + 10 * i, 105 + 10 * i, i < 100 ? "Connecting" : "Connected");
    assert_int_equal(um_order_observations(o, HANGING + OTHERS), UM_OK);
    assert_false(breaks_a_sure_order(o, HANGING + OTHERS));
    assert_int_equal(merit_of(o, HANGING + OTHERS).changes, 2);
    for (int i = 0; i < HANGING; i++)
        assert_int_equal(o[OTHERS + i].state, UM_STATE_DISCONNECTED);
}

static void
order_survives_each_failing_allocation(void **state)
{
    (void)state;
    enum { COUNT = 60 };
    for (size_t n = 0;; n++) {
        struct um_observation o[COUNT];
        uint64_t seed = 11;
        make_random(o, COUNT, 4, 10, &seed);
        um_test_alloc_fail_at(n);
        int err = um_order_observations(o, COUNT);
        bool failed = um_test_alloc_reset();
        assert_int_equal(err, failed ? UM_ERR_NOMEM : UM_OK);
        for (size_t i = 1; i < COUNT && failed; i++)
            assert_true(o[i - 1].q_ns <= o[i].q_ns);
        assert_false(breaks_a_sure_order(o, COUNT));
        if (!failed)
            break;
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_is_the_best_of_all_permutations),
        cmocka_unit_test(order_of_the_documents_example_is_connected_then_disconnected),
        cmocka_unit_test(order_follows_replies_where_changes_are_equal),
        cmocka_unit_test(order_that_touches_at_one_instant_is_not_sure),
        cmocka_unit_test(order_tells_unknown_texts_apart),
        cmocka_unit_test(order_of_nothing_and_of_one_is_itself),
        cmocka_unit_test(order_past_its_limits_still_breaks_no_sure_one),
        cmocka_unit_test(order_of_a_long_call_with_two_pollers_keeps_its_few_changes),
        cmocka_unit_test(order_lets_a_hanging_poll_come_last),
        cmocka_unit_test(order_survives_each_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
