/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/support.h"

#include "core/um/change.h"

static struct um_observation
observed(int64_t q, int64_t r, const char *state, const char *cause)
{
    return (struct um_observation){.q_ns = q,
                                   .r_ns = r,
                                   .state = um_state_of(S(state)),
                                   .state_text = S(state),
                                   .cause = um_cause_of(S(cause)),
                                   .cause_text = S(cause)};
}

struct step {
    int64_t q, r;
    const char *state, *cause;
    bool is_news;
};

static void
take(const struct step *steps, size_t count)
{
    struct um_standing standing = {0};
    for (size_t i = 0; i < count; i++) {
        struct um_change change = {0};
        struct um_observation one =
            observed(steps[i].q, steps[i].r, steps[i].state, steps[i].cause);
        if (um_standing_note(&standing, &one, &change) != steps[i].is_news)
            fail_msg("step %zu", i);
        if (steps[i].is_news)
            assert_span_equal(change.to.state_text, S(steps[i].state));
        if (steps[i].is_news)
            assert_int_equal(change.from_text.data == NULL, i == 0);
    }
}

#define TAKE(...)                                                                                  \
    take((const struct step[]){__VA_ARGS__},                                                       \
         sizeof((const struct step[]){__VA_ARGS__}) / sizeof(struct step))

static void
state_is_told_once_however_often_it_is_seen(void **state)
{
    (void)state;
    TAKE({0, 1, "Connecting", "None", true}, {2, 3, "Connecting", "None", false},
         {4, 5, "Connected", "None", true}, {6, 7, "Connected", "None", false},
         {8, 9, "Disconnected", "None", true}, {10, 11, "Disconnected", "None", false});
}

static void
state_that_comes_back_is_told_again(void **state)
{
    (void)state;
    TAKE({0, 1, "Connecting", "None", true}, {2, 3, "Connected", "None", true},
         {4, 5, "Connecting", "None", true}, {6, 7, "Disconnected", "None", true},
         {8, 9, "Connected", "None", true});
}

static void
cause_that_settles_late_is_told_and_not_taken_back(void **state)
{
    (void)state;
    TAKE({0, 1, "Disconnected", "None", true}, {2, 3, "Disconnected", "UserBusy", true},
         {4, 5, "Disconnected", "UserBusy", false}, {6, 7, "Disconnected", "None", false},
         {8, 9, "Disconnected", "UserBusy", false}, {10, 11, "Disconnected", "NoAnswer", true});
}

/* Two pollers: the slower one's answer tells what held before the faster one asked. */
static void
answers_that_overlap_do_not_go_back(void **state)
{
    (void)state;
    TAKE({0, 1, "Connecting", "None", true}, {4, 5, "Connected", "None", true},
         {3, 6, "Connecting", "None", false}, {7, 8, "Disconnected", "None", true},
         {6, 9, "Connected", "None", false}, {6, 10, "Alerted", "None", false},
         {11, 12, "Connected", "None", true});
}

static void
answer_from_before_all_others_is_no_news(void **state)
{
    (void)state;
    TAKE({4, 5, "Connected", "None", true}, {0, 1, "Idle", "None", false});
}

static void
states_outside_the_schema_are_told_apart(void **state)
{
    (void)state;
    TAKE({0, 1, "Dreaming", "None", true}, {2, 3, "Dreaming", "None", false},
         {4, 5, "Waking", "None", true}, {4, 6, "Dreaming", "None", false},
         {4, 6, "Yawning", "None", true});
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(state_is_told_once_however_often_it_is_seen),
        cmocka_unit_test(state_that_comes_back_is_told_again),
        cmocka_unit_test(cause_that_settles_late_is_told_and_not_taken_back),
        cmocka_unit_test(answers_that_overlap_do_not_go_back),
        cmocka_unit_test(answer_from_before_all_others_is_no_news),
        cmocka_unit_test(states_outside_the_schema_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
