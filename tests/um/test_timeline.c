/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Spans and their bounds: by hand, by a plain second way, and against calls whose truth is known.
 */
#include "core/um/timeline.h"

#include "core/base/err.h"
#include "tests/support/support.h"

static struct um_observation
sample(int64_t q, int64_t r, const char *state, const char *cause)
{
    return (struct um_observation){.q_ns = q,
                                   .r_ns = r,
                                   .q_frame = (uint64_t)q + 1,
                                   .r_frame = (uint64_t)r + 1,
                                   .state = um_state_of(S(state)),
                                   .state_text = S(state),
                                   .cause = um_cause_of(S(cause)),
                                   .cause_text = S(cause)};
}

static struct um_timeline
build(struct um_arena *arena, const struct um_observation *o, size_t count, const int64_t *origin)
{
    struct um_timeline timeline;
    assert_int_equal(um_timeline_build(o, count, origin, arena, &timeline), UM_OK);
    return timeline;
}

static void
timeline_of_a_plain_call_has_the_bounds_of_the_table(void **state)
{
    (void)state;
    struct um_arena arena = {0};
    const int64_t origin = 100;
    struct um_observation o[] = {
        sample(100, 150, "Connecting", ""),        sample(1000, 1050, "Connecting", "None"),
        sample(2000, 2050, "Connecting", "None"),  sample(3000, 3050, "Connected", "None"),
        sample(4000, 4050, "Connected", "None"),   sample(5000, 5050, "Disconnected", "None"),
        sample(6000, 6050, "Disconnected", "None")};
    o[0].implied = true;
    struct um_timeline t = build(&arena, o, 7, &origin);
    assert_int_equal(t.span_count, 3);

    const struct um_span_of_state *connecting = &t.spans[0], *connected = &t.spans[1],
                                  *end = &t.spans[2];
    assert_int_equal(connecting->state, UM_STATE_CONNECTING);
    assert_int_equal(connecting->cause, UM_CAUSE_NONE);
    assert_false(connecting->implied); /* two polls saw it too */
    assert_true(connecting->has_began_after);
    assert_int_equal(connecting->began_after_ns, 100);
    assert_int_equal(connecting->began_by_ns, 150);
    assert_int_equal(connecting->ended_after_ns, 2000);
    assert_true(connecting->has_ended_by);
    assert_int_equal(connecting->ended_by_ns, 3050);
    assert_int_equal(connecting->min_ns, 1850);
    assert_true(connecting->has_max);
    assert_int_equal(connecting->max_ns, 2950);
    assert_int_equal(connecting->first_frame, 151);
    assert_int_equal(connecting->last_frame, 2051);

    assert_int_equal(connected->began_after_ns, 2000);
    assert_int_equal(connected->began_by_ns, 3050);
    assert_int_equal(connected->ended_after_ns, 4000);
    assert_int_equal(connected->ended_by_ns, 5050);
    assert_int_equal(connected->min_ns, 950);
    assert_int_equal(connected->max_ns, 3050);

    assert_int_equal(end->began_after_ns, 4000);
    assert_int_equal(end->began_by_ns, 5050);
    assert_int_equal(end->ended_after_ns, 6000);
    assert_false(end->has_ended_by);
    assert_false(end->has_max);
    assert_int_equal(end->min_ns, 950);
    um_arena_done(&arena);
}

static void
timeline_without_origin_does_not_know_when_its_first_span_began(void **state)
{
    (void)state;
    struct um_arena arena = {0};
    struct um_observation o[] = {sample(0, 10, "Connected", "None"),
                                 sample(100, 110, "Disconnected", "None")};
    struct um_timeline t = build(&arena, o, 2, NULL);
    assert_int_equal(t.span_count, 2);
    assert_false(t.spans[0].has_began_after);
    assert_false(t.spans[0].has_max);
    assert_int_equal(t.spans[0].began_by_ns, 10);
    assert_int_equal(t.spans[0].ended_by_ns, 110);
    assert_int_equal(t.spans[0].min_ns, 0); /* seen once: it may have lasted no time at all */
    assert_true(t.spans[1].has_began_after);
    um_arena_done(&arena);
}

static void
timeline_of_the_overlap_example_is_connected_then_disconnected(void **state)
{
    (void)state;
    struct um_arena arena = {0};
    struct um_observation o[] = {sample(5100, 5300, "Disconnected", "None"),
                                 sample(5000, 5800, "Connected", "None")};
    struct um_timeline t = build(&arena, o, 2, NULL);
    assert_int_equal(t.span_count, 2);
    assert_int_equal(t.spans[0].state, UM_STATE_CONNECTED);
    assert_int_equal(t.spans[0].began_by_ns, 5300); /* U: the least r from it on, not its own r */
    assert_int_equal(t.spans[0].ended_after_ns, 5000);
    assert_int_equal(t.spans[0].ended_by_ns, 5300);
    assert_int_equal(t.spans[0].min_ns, 0);
    assert_int_equal(t.spans[1].state, UM_STATE_DISCONNECTED);
    assert_int_equal(t.spans[1].began_after_ns, 5000);
    assert_int_equal(t.spans[1].ended_after_ns, 5100); /* L: the greatest q up to it */
    um_arena_done(&arena);
}

static void
timeline_keeps_two_spans_of_one_state_apart(void **state)
{
    (void)state;
    struct um_arena arena = {0};
    struct um_observation o[] = {
        sample(0, 1, "Connected", "None"), sample(10, 11, "Disconnected", "None"),
        sample(20, 21, "Connected", "None"), sample(30, 31, "Disconnected", "None")};
    assert_int_equal(build(&arena, o, 4, NULL).span_count, 4);

    struct um_observation odd[] = {sample(0, 1, "Ringing", "None"), sample(10, 11, "Ringing", ""),
                                   sample(20, 21, "Held", "None")};
    struct um_timeline t = build(&arena, odd, 3, NULL);
    assert_int_equal(t.span_count, 2); /* other text, other state */
    assert_span_equal(t.spans[0].state_text, S("Ringing"));
    assert_span_equal(t.spans[1].state_text, S("Held"));
    um_arena_done(&arena);
}

static void
timeline_span_tells_the_last_cause_that_is_not_none(void **state)
{
    (void)state;
    static const struct {
        const char *causes[3];
        enum um_cause told;
        const char *text;
    } cases[] = {
        {{"None", "UserBusy", "None"}, UM_CAUSE_USER_BUSY, "UserBusy"},
        {{"NoAnswer", "UserBusy", ""}, UM_CAUSE_USER_BUSY, "UserBusy"},
        {{"", "None", ""}, UM_CAUSE_NONE, "None"},
        {{"", "", ""}, UM_CAUSE_ABSENT, ""},
        {{"Other", "Meltdown", "None"}, UM_CAUSE_UNKNOWN, "Meltdown"},
    };
    struct um_arena arena = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_observation o[3];
        for (int k = 0; k < 3; k++)
            o[k] = sample(k * 10, k * 10 + 1, "Disconnected", cases[i].causes[k]);
        struct um_timeline t = build(&arena, o, 3, NULL);
        assert_int_equal(t.span_count, 1);
        assert_int_equal(t.spans[0].cause, cases[i].told);
        assert_span_equal(t.spans[0].cause_text, S(cases[i].text));
    }
    um_arena_done(&arena);
}

static void
timeline_span_is_implied_while_nobody_asked(void **state)
{
    (void)state;
    struct um_arena arena = {0};
    const int64_t origin = 0;
    struct um_observation o[] = {sample(0, 5, "Connecting", ""),
                                 sample(10, 15, "Connected", "None")};
    o[0].implied = true;
    struct um_timeline t = build(&arena, o, 2, &origin);
    assert_true(t.spans[0].implied);
    assert_false(t.spans[1].implied);
    um_arena_done(&arena);
}

static void
timeline_takes_a_reply_that_began_before_its_request_had_ended(void **state)
{
    (void)state;
    struct um_arena arena = {0};
    const int64_t origin = 8;
    struct um_observation o[] = {sample(8, 5, "Connecting", ""),
                                 sample(20, 21, "Connected", "None")};
    struct um_timeline t = build(&arena, o, 2, &origin);
    for (size_t i = 0; i < t.span_count; i++) {
        const struct um_span_of_state *span = &t.spans[i];
        assert_true(!span->has_began_after || span->began_after_ns <= span->began_by_ns);
        assert_true(!span->has_ended_by || span->ended_after_ns <= span->ended_by_ns);
        assert_true(span->min_ns >= 0 && (!span->has_max || span->min_ns <= span->max_ns));
    }
    um_arena_done(&arena);
}

static void
timeline_of_nothing_has_no_spans(void **state)
{
    (void)state;
    struct um_arena arena = {0};
    struct um_timeline t = build(&arena, NULL, 0, NULL);
    assert_int_equal(t.observation_count, 0);
    assert_int_equal(t.span_count, 0);
    um_arena_done(&arena);
}

static int64_t
greatest_q(const struct um_timeline *t, size_t upto)
{
    int64_t greatest = t->observations[0].q_ns;
    for (size_t i = 1; i <= upto; i++)
        greatest = t->observations[i].q_ns > greatest ? t->observations[i].q_ns : greatest;
    return greatest;
}

static int64_t
least_r(const struct um_timeline *t, size_t from)
{
    int64_t least = t->observations[from].r_ns;
    for (size_t i = from + 1; i < t->observation_count; i++)
        least = t->observations[i].r_ns < least ? t->observations[i].r_ns : least;
    return least;
}

/* The table of bounds word for word, for any overlaps. */
static void
check_against_the_table(const struct um_timeline *t, const int64_t *origin)
{
    size_t next = 0;
    for (size_t i = 0; i < t->span_count; i++) {
        const struct um_span_of_state *span = &t->spans[i];
        assert_int_equal(span->first, next);
        assert_true(span->last >= span->first);
        next = span->last + 1;
        int64_t u_f = least_r(t, span->first), l_l = greatest_q(t, span->last);
        assert_int_equal(span->began_by_ns, u_f);
        assert_int_equal(span->ended_after_ns, l_l);
        assert_int_equal(span->min_ns, l_l > u_f ? l_l - u_f : 0);
        assert_int_equal(span->has_began_after, span->first > 0 || origin);
        assert_int_equal(span->has_ended_by, next < t->observation_count);
        if (span->first > 0)
            assert_int_equal(span->began_after_ns, greatest_q(t, span->first - 1));
        else if (origin)
            assert_int_equal(span->began_after_ns, *origin);
        if (span->has_ended_by)
            assert_int_equal(span->ended_by_ns, least_r(t, next));
        assert_int_equal(span->has_max, span->has_began_after && span->has_ended_by);
        if (span->has_max)
            assert_int_equal(span->max_ns, span->ended_by_ns - span->began_after_ns);
    }
    assert_int_equal(next, t->observation_count);
}

static void
timeline_agrees_with_the_table_for_random_overlaps(void **state)
{
    (void)state;
    static const char *const states[] = {"Connecting", "Connected", "Disconnected"};
    uint64_t seed = 5;
    const int64_t origin = -1;
    for (unsigned round = 0; round < 3000; round++) {
        struct um_arena arena = {0};
        struct um_observation o[12];
        size_t count = um_test_random(&seed) % 12 + 1;
        for (size_t i = 0; i < count; i++) {
            int64_t q = (int64_t)(um_test_random(&seed) % 60);
            o[i] = sample(q, q + (int64_t)(um_test_random(&seed) % 20),
                          states[um_test_random(&seed) % 3], "None");
            o[i].exchange = i;
        }
        const int64_t *begin = round % 2 ? &origin : NULL;
        struct um_timeline t = build(&arena, o, count, begin);
        assert_int_equal(t.observation_count, count);
        check_against_the_table(&t, begin);
        um_arena_done(&arena);
    }
}

/* A call that changes state at known times, sampled at known instants: the truth must lie inside.
 */
static void
timeline_bounds_hold_the_truth(void **state)
{
    (void)state;
    static const char *const states[] = {"Connecting", "Connected", "Disconnected"};
    uint64_t seed = 9;
    for (unsigned round = 0; round < 3000; round++) {
        struct um_arena arena = {0};
        int64_t answered = 100 + (int64_t)(um_test_random(&seed) % 1000);
        int64_t ended = answered + (int64_t)(um_test_random(&seed) % 1000);
        struct um_observation o[40];
        size_t count = 0;
        int64_t now = 0;
        const int64_t origin = 0;
        while (count < 40 && now < 2500) {
            int64_t q = now, taken = q + (int64_t)(um_test_random(&seed) % 30);
            int64_t r = taken + (int64_t)(um_test_random(&seed) % 30);
            o[count++] = sample(q, r, states[taken < answered ? 0 : taken < ended ? 1 : 2], "None");
            now = r + 1 + (int64_t)(um_test_random(&seed) % 90);
        }
        struct um_timeline t = build(&arena, o, count, &origin);
        for (size_t i = 0; i < t.span_count; i++) {
            const struct um_span_of_state *span = &t.spans[i];
            int64_t began = span->state == UM_STATE_CONNECTING  ? 0
                            : span->state == UM_STATE_CONNECTED ? answered
                                                                : ended;
            int64_t over = span->state == UM_STATE_CONNECTING ? answered : ended;
            assert_true(span->began_after_ns <= began && began <= span->began_by_ns);
            if (span->state == UM_STATE_DISCONNECTED)
                continue;
            assert_true(span->min_ns <= over - began);
            if (span->has_ended_by) {
                assert_true(span->ended_after_ns <= over);
                assert_true(over <= span->ended_by_ns);
                assert_true(over - began <= span->max_ns);
            }
        }
        um_arena_done(&arena);
    }
}

static void
state_and_cause_names_are_the_schemas(void **state)
{
    (void)state;
    static const char *const states[] = {"Idle",         "Connecting",   "Alerted",
                                         "Connected",    "Disconnected", "Incoming",
                                         "Transferring", "Forwarding"};
    static const char *const causes[] = {"None", "UserBusy", "NoAnswer", "Unavailable", "Other"};
    for (unsigned i = 0; i < UM_STATE_UNKNOWN; i++)
        assert_int_equal(um_state_of(S(states[i])), i);
    for (unsigned i = 0; i < UM_CAUSE_UNKNOWN; i++)
        assert_int_equal(um_cause_of(S(causes[i])), i);
    assert_int_equal(um_state_of(S("connected")), UM_STATE_UNKNOWN);
    assert_int_equal(um_state_of(S("")), UM_STATE_UNKNOWN);
    assert_int_equal(um_cause_of(S("none")), UM_CAUSE_UNKNOWN);
    assert_int_equal(um_cause_of(S("")), UM_CAUSE_ABSENT);
    for (unsigned i = 0; i <= UM_STATE_UNKNOWN; i++)
        assert_true(strlen(um_state_meaning((enum um_state)i)) > 0);
    for (unsigned i = 0; i <= UM_CAUSE_ABSENT; i++)
        assert_true(strlen(um_cause_meaning((enum um_cause)i)) > 0);
}

static void
timeline_survives_each_failing_allocation(void **state)
{
    (void)state;
    enum { COUNT = 300 };
    for (size_t n = 0;; n++) {
        struct um_arena arena = {0};
        struct um_observation o[COUNT];
        for (int i = 0; i < COUNT; i++)
            o[i] = sample(i * 10, i * 10 + 15, i % 3 ? "Connected" : "Connecting", "None");
        struct um_timeline t = {.span_count = 99};
        um_test_alloc_fail_at(n);
        int err = um_timeline_build(o, COUNT, NULL, &arena, &t);
        bool failed = um_test_alloc_reset();
        assert_int_equal(err, failed ? UM_ERR_NOMEM : UM_OK);
        assert_int_equal(failed, t.span_count == 99);
        um_arena_done(&arena);
        if (!failed)
            break;
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timeline_of_a_plain_call_has_the_bounds_of_the_table),
        cmocka_unit_test(timeline_without_origin_does_not_know_when_its_first_span_began),
        cmocka_unit_test(timeline_of_the_overlap_example_is_connected_then_disconnected),
        cmocka_unit_test(timeline_keeps_two_spans_of_one_state_apart),
        cmocka_unit_test(timeline_span_tells_the_last_cause_that_is_not_none),
        cmocka_unit_test(timeline_span_is_implied_while_nobody_asked),
        cmocka_unit_test(timeline_takes_a_reply_that_began_before_its_request_had_ended),
        cmocka_unit_test(timeline_of_nothing_has_no_spans),
        cmocka_unit_test(timeline_agrees_with_the_table_for_random_overlaps),
        cmocka_unit_test(timeline_bounds_hold_the_truth),
        cmocka_unit_test(state_and_cause_names_are_the_schemas),
        cmocka_unit_test(timeline_survives_each_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
