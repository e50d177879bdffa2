/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store that is followed: what is news, which calls leave, and that the others never notice. */
#include "core/um/follow.h"

#include <stdio.h>

#include "core/base/err.h"
#include "tests/support/support.h"
#include "tests/um/build.h"

static const int64_t SECOND_NS = 1000000000;

/* Three calls: over early; over late; one that goes on. And exchanges of no call. */
static const char script[] =
    "play 0 0.1; on 2; id second; play 0.5 0.6; on 1; id pipe; poll 1 1.1 Connecting None;"
    "poll 2 2.1 Connected None; poll 3 3.1 Disconnected None; orphan 3.5 Connected;"
    "on 2; id second; poll 4 4.1 Connected None; on 3; id opaque; poll 5 5.1 Connecting None;"
    "on 2; id second; poll 6 6.1 Disconnected UserBusy; on 3; id opaque; poll 60 60.1 Connected -;"
    "dial 5550000; fault 61 61.1 PlayOnPhone DialingRulesException";

struct told {
    char text[1024];
    int err; /* to be returned; 0 */
};

static int
tell(void *ctx, const struct um_calls *calls, const struct um_call *call)
{
    struct told *told = ctx;
    size_t len = strlen(told->text);
    assert_true(um_calls_exchange_count(calls) > call->members[0].exchange);
    (void)snprintf(told->text + len, sizeof told->text - len, "%u %s %zu; ", call->number,
                   um_outcome_text(call->outcome), call->exchanges);
    return told->err;
}

static struct um_calls *
follow_new(const struct um_build *b)
{
    struct um_calls *calls;
    assert_int_equal(um_calls_new(&b->limits, &b->thresholds, &calls), UM_OK);
    um_follow_begin(calls);
    return calls;
}

static struct um_release_rule
rule_at(const struct um_build *b, int64_t over_s, int64_t silent_s)
{
    int64_t zero_ns = b->items[0]->exchange.request.last.time_ns;
    return (struct um_release_rule){.over_before_ns = zero_ns + over_s * SECOND_NS,
                                    .silent_before_ns = zero_ns + silent_s * SECOND_NS};
}

/* The script's exchanges, and a store that follows them. */
static struct um_calls *
follow_script(struct um_build *b)
{
    um_build_init(b);
    um_build_script(b, script);
    return follow_new(b);
}

static void
add_all(const struct um_build *b, struct um_calls *calls)
{
    for (size_t i = 0; i < b->count; i++)
        assert_int_equal(um_calls_add(calls, &b->items[i]->exchange), UM_OK);
}

static void
news_are_told_once_with_the_number_of_first_appearance(void **state)
{
    (void)state;
    struct um_build b;
    struct um_calls *calls = follow_script(&b);
    char text[1024] = "";
    for (size_t i = 0; i < b.count; i++) {
        struct um_news news;
        assert_int_equal(um_calls_add(calls, &b.items[i]->exchange), UM_OK);
        size_t len = strlen(text);
        if (!um_follow_note(calls, i, &news))
            continue;
        struct um_span from = news.change.from_text, to = news.change.to.state_text;
        if (news.is_refusal)
            (void)snprintf(text + len, sizeof text - len, "%u refused; ", news.number);
        else
            (void)snprintf(text + len, sizeof text - len, "%u %.*s>%.*s; ", news.number,
                           (int)from.len, from.data ? (const char *)from.data : "", (int)to.len,
                           (const char *)to.data);
    }
    assert_string_equal(text, "1 >Connecting; 2 >Connecting; 1 Connecting>Connected; "
                              "1 Connected>Disconnected; 2 Connecting>Connected; 3 >Connecting; "
                              "2 Connected>Disconnected; 3 Connecting>Connected; 4 refused; ");
    um_calls_free(calls);
    um_build_done(&b);
}

static void
calls_that_are_over_and_quiet_leave_and_others_stay(void **state)
{
    (void)state;
    struct um_build b;
    struct um_calls *calls = follow_script(&b);
    add_all(&b, calls);
    struct told told = {0};
    struct um_release_rule rule = rule_at(&b, 3, 0);
    assert_int_equal(um_follow_release(calls, &rule, tell, &told), UM_OK);
    assert_string_equal(told.text, ""); /* the first one ended at 3.1 */
    rule = rule_at(&b, 5, 0);
    assert_int_equal(um_follow_release(calls, &rule, tell, &told), UM_OK);
    assert_string_equal(told.text, "1 completed 4; ");
    assert_int_equal(um_calls_exchange_count(calls), b.count - 5); /* the orphan too */
    assert_int_equal(um_follow_release(calls, &rule, tell, &told), UM_OK);
    assert_string_equal(told.text, "1 completed 4; "); /* told once */
    rule = rule_at(&b, 30, 0);
    assert_int_equal(um_follow_release(calls, &rule, tell, &told), UM_OK);
    assert_string_equal(told.text, "1 completed 4; 2 failed 3; ");
    rule = rule_at(&b, 70, 70);
    assert_int_equal(um_follow_release(calls, &rule, tell, &told), UM_OK);
    assert_string_equal(told.text, "1 completed 4; 2 failed 3; 3 open 2; 4 rejected 1; ");
    assert_int_equal(um_calls_exchange_count(calls), 0);
    assert_int_equal(um_follow_released(calls), 4);
    um_calls_free(calls);
    um_build_done(&b);
}

/* The rest is judged as in a store that never held the others, but for the numbers. */
static void
calls_that_stay_are_judged_as_if_the_others_had_never_been(void **state)
{
    (void)state;
    struct um_build b;
    struct um_calls *calls = follow_script(&b);
    struct told told = {0};
    struct um_release_rule rule = rule_at(&b, 5, 0);
    for (size_t i = 0; i < b.count; i++) { /* asked after each exchange */
        struct um_news news;
        assert_int_equal(um_calls_add(calls, &b.items[i]->exchange), UM_OK);
        (void)um_follow_note(calls, um_calls_exchange_count(calls) - 1, &news);
        rule.over_before_ns = b.items[i]->exchange.reply.last.time_ns - 2 * SECOND_NS;
        assert_int_equal(um_follow_release(calls, &rule, tell, &told), UM_OK);
    }
    assert_string_equal(told.text, "1 completed 4; 2 failed 3; ");
    assert_int_equal(um_calls_finish(calls), UM_OK);
    assert_int_equal(um_calls_count(calls), 2);
    const struct um_call *open = um_calls_at(calls, 0), *refused = um_calls_at(calls, 1);
    assert_int_equal(open->number, 3);
    assert_int_equal(open->outcome, UM_OUTCOME_OPEN);
    assert_int_equal(open->timeline.span_count, 2);
    assert_span_equal(open->call_id, S(UM_BUILD_ID_OPAQUE));
    assert_span_equal(open->timeline.spans[1].state_text, S("Connected"));
    assert_int_equal(refused->number, 4);
    assert_int_equal(um_calls_findings(calls)->count, 0); /* that of the orphan has gone */
    um_calls_free(calls);
    um_build_done(&b);
}

/* Its next exchange finds the call again in the store that was made anew. */
static void
call_that_stays_goes_on_after_a_release(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b,
                    "play 0 0.1; poll 0.2 0.3 Disconnected None; id second; play 1 1.1; none 1.2 "
                    "PlayOnPhone end; poll 9 9.1 Connecting None; poll 10 10.1 Connected None");
    struct um_calls *calls = follow_new(&b);
    struct told told = {0};
    struct um_release_rule rule = rule_at(&b, 1, 0);
    struct um_news news;
    for (size_t i = 0; i < b.count; i++) {
        assert_int_equal(um_calls_add(calls, &b.items[i]->exchange), UM_OK);
        int is_news = um_follow_note(calls, um_calls_exchange_count(calls) - 1, &news);
        if (i == 3)
            assert_int_equal(um_follow_release(calls, &rule, tell, &told), UM_OK);
        assert_int_equal(is_news, i == 3 || i == 4 ? 0 : 1); /* Connecting was known */
    }
    assert_string_equal(told.text, "1 not-connected 2; ");
    assert_int_equal(news.number, 2);
    assert_span_equal(news.change.from_text, S("Connecting"));
    assert_int_equal(um_calls_finish(calls), UM_OK);
    assert_int_equal(um_calls_count(calls), 2);
    assert_int_equal(um_calls_at(calls, 0)->exchanges, 3);
    um_calls_free(calls);
    um_build_done(&b);
}

/* A release asks anew who is held, and what is not in the store is not held. */
static void
call_that_is_held_stays_for_one_release(void **state)
{
    (void)state;
    struct um_build b;
    struct um_calls *calls = follow_script(&b);
    add_all(&b, calls);
    struct told told = {0};
    struct um_release_rule rule = rule_at(&b, 70, 70);
    static const char *const held[] = {UM_BUILD_ID_PIPE, " " UM_BUILD_ID_OPAQUE "\n", "", "other"};
    for (size_t i = 0; i < sizeof held / sizeof *held; i++)
        assert_int_equal(um_follow_hold(calls, S(held[i])), UM_OK);
    assert_int_equal(um_follow_release(calls, &rule, tell, &told), UM_OK);
    assert_string_equal(told.text, "2 failed 3; 4 rejected 1; ");
    assert_int_equal(um_follow_hold(calls, S(UM_BUILD_ID_SECOND)), UM_OK); /* has left */
    assert_int_equal(um_follow_release(calls, &rule, tell, &told), UM_OK);
    assert_string_equal(told.text, "2 failed 3; 4 rejected 1; 1 completed 4; 3 open 2; ");
    um_calls_free(calls);
    um_build_done(&b);
}

static void
what_the_teller_returns_is_passed_on(void **state)
{
    (void)state;
    struct um_build b;
    struct um_calls *calls = follow_script(&b);
    add_all(&b, calls);
    struct told told = {.err = UM_ERR_IO};
    struct um_release_rule rule = rule_at(&b, 70, 70);
    assert_int_equal(um_follow_release(calls, &rule, tell, &told), UM_ERR_IO);
    assert_int_equal(um_calls_exchange_count(calls), b.count);
    um_calls_free(calls);
    um_build_done(&b);
}

static void
store_is_as_it_was_when_memory_ends(void **state)
{
    (void)state;
    for (size_t n = 0;; n++) {
        struct um_build b;
        struct um_calls *calls = follow_script(&b);
        add_all(&b, calls);
        struct told told = {0};
        struct um_release_rule rule = rule_at(&b, 5, 0);
        um_test_alloc_fail_at(n);
        int err = um_follow_hold(calls, S(UM_BUILD_ID_SECOND));
        if (!err)
            err = um_follow_release(calls, &rule, tell, &told);
        bool failed = um_test_alloc_reset();
        assert_int_equal(err, failed ? UM_ERR_NOMEM : UM_OK);
        assert_int_equal(um_calls_exchange_count(calls), failed ? b.count : b.count - 5);
        assert_int_equal(um_calls_finish(calls), UM_OK);
        um_calls_free(calls);
        um_build_done(&b);
        if (!failed)
            break;
        assert_true(n < 100000);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(news_are_told_once_with_the_number_of_first_appearance),
        cmocka_unit_test(calls_that_are_over_and_quiet_leave_and_others_stay),
        cmocka_unit_test(calls_that_stay_are_judged_as_if_the_others_had_never_been),
        cmocka_unit_test(call_that_stays_goes_on_after_a_release),
        cmocka_unit_test(call_that_is_held_stays_for_one_release),
        cmocka_unit_test(what_the_teller_returns_is_passed_on),
        cmocka_unit_test(store_is_as_it_was_when_memory_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
