/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one call was: its outcome, its hops, its members, and where it begins and ends. */
#include "core/um/judge.h"

#include "core/um/record.h"
#include "tests/support/support.h"
#include "tests/um/build.h"

static void
outcome_is_the_first_that_holds(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        enum um_outcome outcome;
    } cases[] = {
        /* its PlayOnPhone drew a fault, an error or an HTTP error */
        {"fault 0 0.1 PlayOnPhone DialingRulesException", UM_OUTCOME_REJECTED},
        {"fault 0 0.1 PlayOnPhoneGreeting DialingRulesException", UM_OUTCOME_REJECTED},
        {"error 0 0.1 PlayOnPhone ErrorPhoneNumberNotDialable", UM_OUTCOME_REJECTED},
        {"http 0 0.1 PlayOnPhone 500", UM_OUTCOME_REJECTED},
        {"http 0 0.1 PlayOnPhone 502; on 2; play 0.01 0.09; poll 1 1.1 Connected None",
         UM_OUTCOME_OPEN}, /* so the client was told, whatever the hop behind it did */
        /* all replies that name it are faults or errors */
        {"fault 1 1.1 GetCallInfo InvalidCallIdException", UM_OUTCOME_REJECTED},
        {"fault 1 1.1 GetCallInfo X; error 2 2.1 DisconnectPhoneCall Y", UM_OUTCOME_REJECTED},
        {"fault 1 1.1 GetCallInfo X; none 2 GetCallInfo end", UM_OUTCOME_REJECTED},
        {"fault 1 1.1 GetCallInfo X; http 2 2.1 GetCallInfo 401; auth-failed", UM_OUTCOME_REJECTED},
        {"fault 1 1.1 GetCallInfo X; hangup 2 2.1", UM_OUTCOME_UNKNOWN},
        {"play 0 0.1; fault 1 1.1 GetCallInfo X", UM_OUTCOME_OPEN},
        /* an end with a cause */
        {"play 0 0.1; poll 1 1.1 Disconnected UserBusy", UM_OUTCOME_FAILED},
        {"play 0 0.1; poll 1 1.1 Connected None; poll 2 2.1 Disconnected Other", UM_OUTCOME_FAILED},
        {"epoll 1 1.1 Disconnected NoAnswer", UM_OUTCOME_FAILED},
        /* up, then over */
        {"poll 1 1.1 Connected None; poll 2 2.1 Disconnected None", UM_OUTCOME_COMPLETED},
        {"poll 1 1.1 Connected Other; poll 2 2.1 Disconnected None", UM_OUTCOME_COMPLETED},
        {"poll 1 1.1 Connected None; fault 2 2.1 GetCallInfo X; poll 3 3.1 Disconnected None",
         UM_OUTCOME_COMPLETED},
        /* over, never seen up */
        {"play 0 0.1; poll 1 1.1 Connecting None; poll 2 2.1 Disconnected None",
         UM_OUTCOME_NOT_CONNECTED},
        {"poll 1 1.1 Alerted None; poll 2 2.1 Disconnected -", UM_OUTCOME_NOT_CONNECTED},
        {"poll 1 1.1 Disconnected None", UM_OUTCOME_NOT_CONNECTED},
        /* something was seen or implied, no end */
        {"play 0 0.1", UM_OUTCOME_OPEN},
        {"poll 1 1.1 Connected UserBusy", UM_OUTCOME_OPEN},
        {"poll 1 1.1 Ringing None", UM_OUTCOME_OPEN},
        {"poll 1 1.1 Connected None; hangup 2 2.1", UM_OUTCOME_OPEN},
        {"poll 1 1.1 Connected None; fault 2 2.1 GetCallInfo InvalidCallIdException",
         UM_OUTCOME_OPEN},
        /* nothing is known */
        {"none 1 GetCallInfo end", UM_OUTCOME_UNKNOWN},
        {"none 1 PlayOnPhone reset", UM_OUTCOME_UNKNOWN},
        {"hangup 1 1.1", UM_OUTCOME_UNKNOWN},
        {"http 1 1.1 GetCallInfo 401; auth-failed", UM_OUTCOME_UNKNOWN},
        {"http 1 1.1 PlayOnPhone 407; auth-failed", UM_OUTCOME_UNKNOWN},
        {"poll 1 1.1 - -", UM_OUTCOME_UNKNOWN},
        {"play 0 0.1; unread reply; cut reply", UM_OUTCOME_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_build b;
        um_build_init(&b);
        um_build_script(&b, cases[i].script);
        const struct um_call *call = um_build_call(&b, 0);
        if (call->outcome != cases[i].outcome)
            print_error("%s\n", cases[i].script);
        assert_string_equal(um_outcome_text(call->outcome), um_outcome_text(cases[i].outcome));
        assert_int_equal(um_calls_count(b.calls), 1);
        um_build_done(&b);
    }
}

static void
outcome_failed_has_the_last_cause_that_is_not_none(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b, "play 0 0.1; poll 1 1.1 Disconnected NoAnswer;"
                        "poll 2 2.1 Disconnected UserBusy; poll 3 3.1 Disconnected None");
    assert_int_equal(um_build_call(&b, 0)->cause, UM_CAUSE_USER_BUSY);
    assert_span_equal(um_build_call(&b, 0)->cause_text, S("UserBusy"));
    um_build_done(&b);

    um_build_init(&b);
    um_build_script(&b, "play 0 0.1; poll 1 1.1 Connecting UserBusy; poll 2 2.1 Disconnected None");
    assert_int_equal(um_build_call(&b, 0)->cause, UM_CAUSE_NONE);
    assert_int_equal(um_build_call(&b, 0)->cause_text.len, 0);
    um_build_done(&b);
}

/*
 * A request's last packet was captured behind the reply: the first one sent was lost to the
 * capture. The state was once said to be no older than the reply: an instant.
 */
static void
request_that_ends_behind_its_reply_was_asked_when_it_began(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b, "poll 1 1.1 Connecting None; poll 2 2.1 Connected None;"
                        "poll 3 3.1 Disconnected None");
    b.items[1]->exchange.request.last.time_ns = 2300000000;
    const struct um_span_of_state *spans = um_build_call(&b, 0)->timeline.spans;
    assert_int_equal(um_build_call(&b, 0)->timeline.span_count, 3);
    assert_int_equal(spans[1].began_by_ns, 2100000000);
    assert_int_equal(spans[1].ended_after_ns, 2000000000);
    assert_int_equal(spans[1].min_ns, 0);
    assert_int_equal(spans[2].began_after_ns, 2000000000);
    um_build_done(&b);
}

static void
call_knows_its_origin_members_ends_and_counts(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b, "play 1 1.1; on 2; poll 2 2.1 Connected None; on 1; hangup 3 3.1;"
                        "poll 4 4.1 Disconnected None; poll 5 9 - -");
    const struct um_call *call = um_build_call(&b, 0);
    assert_int_equal(call->number, 1);
    assert_int_equal(call->origin, 0);
    assert_int_equal(call->member_count, 5);
    assert_int_equal(call->exchanges, 5);
    assert_int_equal(call->polls, 3);
    assert_int_equal(call->first.frame, um_build_frame(1));
    assert_int_equal(call->last.frame, um_build_frame(9));
    assert_span_equal(call->call_id, S(UM_BUILD_ID));
    assert_string_equal(call->id.guid, UM_BUILD_GUID);
    assert_int_equal(call->client_count, 2);
    assert_int_equal(call->clients[0].port, 40001);
    assert_int_equal(call->clients[1].port, 40002);
    assert_int_equal(call->server_count, 1);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(call->members[i].exchange, i);
        assert_int_equal(call->members[i].hop_of, SIZE_MAX);
    }
    assert_true(call->timeline.spans[0].has_began_after); /* after PlayOnPhone's request */
    assert_int_equal(call->timeline.spans[0].began_after_ns, 1000000000);
    assert_true(call->timeline.spans[0].implied);
    um_build_done(&b);
}

static void
call_without_an_id_is_null_and_with_two_spellings_has_the_first(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b, "fault 0 0.1 PlayOnPhone X; id pipe; play 1 1.1; id moved;"
                        "poll 2 2.1 Connected None; id pipe; poll 3 3.1 Disconnected None");
    assert_int_equal(um_calls_count((um_build_judge(&b), b.calls)), 2);
    const struct um_call *nameless = um_build_call(&b, 0), *named = um_build_call(&b, 1);
    assert_null(nameless->call_id.data);
    assert_int_equal(nameless->spelling_count, 0);
    assert_span_equal(named->call_id, S(UM_BUILD_ID_PIPE));
    assert_int_equal(named->spelling_count, 2);
    assert_span_equal(named->spellings[0], S(UM_BUILD_ID_PIPE));
    assert_span_equal(named->spellings[1], S(UM_BUILD_ID_MOVED));
    assert_int_equal(named->id.separator, '|');
    um_build_done(&b);
}

/* ---- hops ---- */

static void
hops_are_kept_and_counted_once(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b, "play 0 0.1; on 2; play 0.01 0.09; on 3; play 0.02 0.08;"
                        "on 1; poll 1 1.1 Connected None; on 2; poll 1.01 1.09 Connected None;"
                        "on 1; poll 2 2.1 Disconnected None");
    assert_string_equal(um_build_told(&b), "completed call-two-hops[1,11,21,1001,1011]");
    const struct um_call *call = um_build_call(&b, 0);
    assert_int_equal(call->member_count, 6);
    assert_int_equal(call->exchanges, 3);
    assert_int_equal(call->polls, 2);
    static const size_t hop_of[] = {SIZE_MAX, 0, 0, SIZE_MAX, 3, SIZE_MAX};
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(call->members[i].hop_of, hop_of[i]);
    assert_int_equal(call->timeline.observation_count, 3);
    um_build_done(&b);
}

static void
hop_with_the_reply_counts_where_only_the_later_one_has_it(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b, "play 0 0.1; none 1 GetCallInfo lost; on 2; none 1.01 GetCallInfo lost;"
                        "on 3; poll 1.02 1.09 Connected None; on 1;"
                        "poll 2 2.1 Disconnected None");
    assert_string_equal(um_build_told(&b), "completed call-two-hops[1001,1011,1021]");
    const struct um_call *call = um_build_call(&b, 0);
    static const size_t hop_of[] = {SIZE_MAX, 3, 3, SIZE_MAX, SIZE_MAX};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(call->members[i].hop_of, hop_of[i]);
    um_build_done(&b);
}

/* The first hop's reply counted although only the second's could be read: the state was lost. */
static void
hop_whose_reply_tells_most_counts(void **state)
{
    (void)state;
    static const struct {
        const char *script, *told;
    } cases[] = {
        {"play 0 0.1; poll 1 1.1 Connected None; unread reply; on 2;"
         "poll 1.01 1.09 Connected None; on 1; poll 2 2.1 Disconnected None",
         "completed call-two-hops[1001,1011]"},
        {"play 0 0.1; poll 1 1.1 Connected None; http 2 2.1 GetCallInfo 502; on 2;"
         "poll 2.01 2.09 Disconnected None",
         "completed http-error[2001,2101] call-two-hops[2001,2011]"},
        {"play 0 0.1; unread reply; on 2; play 0.01 0.09; on 1; poll 1 1.1 Disconnected UserBusy",
         "failed call-failed[1101] call-two-hops[1,11]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_build b;
        um_build_init(&b);
        um_build_script(&b, cases[i].script);
        assert_string_equal(um_build_told(&b), cases[i].told);
        um_build_done(&b);
    }
}

/* What the client saw on its own hop was not said when the one behind it was answered. */
static void
connection_that_ended_on_one_hop_is_said(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b, "play 0 0.1; none 1 GetCallInfo reset; on 2; from 2;"
                        "poll 1.01 1.09 Connected None;"
                        "on 1; poll 2 2.1 Disconnected None");
    assert_string_equal(um_build_told(&b),
                        "completed request-unanswered[1001] call-two-hops[1001,1011]");
    um_build_done(&b);
}

/*
 * A client whose first server had reset the connection asked the next one at once, and that was
 * told as one request on two hops. Where both connections failed they may be two hops.
 */
static void
client_that_asks_another_server_after_a_reset_asks_again(void **state)
{
    (void)state;
    static const struct {
        const char *script, *told;
    } cases[] = {
        {"none 0 PlayOnPhone reset; on 2; play 0.02 0.1",
         "unknown request-unanswered[1] / open call-open-at-end[101]"},
        {"play 0 0.1; none 1 GetCallInfo closed; on 2; poll 1.02 1.1 Disconnected None",
         "not-connected request-unanswered[1001] call-not-connected[1101]"},
        {"play 0 0.1; none 1 GetCallInfo reset; on 2; none 1.02 GetCallInfo reset",
         "open request-unanswered[1001] call-open-at-end[101] call-two-hops[1001,1021]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_build b;
        um_build_init(&b);
        um_build_script(&b, cases[i].script);
        b.items[b.count - 1]->exchange.server.address[3] ^= 1;
        assert_string_equal(um_build_told(&b), cases[i].told);
        um_build_done(&b);
    }
}

static void
hop_of_play_on_phone_joins_the_call_its_other_hop_names(void **state)
{
    (void)state;
    static const char *const scripts[] = {
        "none 0 PlayOnPhone lost; on 2; play 0.01 0.09;", /* reply on the later hop only */
        "play 0 0.1; on 2; none 0.01 PlayOnPhone lost;",  /* on the earlier one only */
    };
    for (size_t i = 0; i < 2; i++) {
        struct um_build b;
        um_build_init(&b);
        um_build_script(&b, scripts[i]);
        um_build_script(&b, "poll 1 1.1 Connected None; poll 2 2.1 Disconnected None");
        assert_string_equal(um_build_told(&b), "completed call-two-hops[1,11]");
        const struct um_call *call = um_build_call(&b, 0);
        assert_int_equal(call->exchanges, 3);
        assert_int_equal(call->origin, i == 0 ? 1 : 0);
        assert_span_equal(call->call_id, S(UM_BUILD_ID));
        um_build_done(&b);
    }
}

/* A hop without a reply once made one call of all that were placed around it. */
static void
hop_without_a_reply_joins_the_nearest_call_and_makes_one_of_no_two(void **state)
{
    (void)state;
    static const struct {
        const char *script, *told;
    } cases[] = {
        {"play 0 0.1; on 2; none 0.02 PlayOnPhone lost; on 3; id second; play 0.03 0.09",
         "open call-two-hops[1,21] call-open-at-end[101] / open call-open-at-end[91]"},
        {"play 0 0.1; on 2; id second; play 0.02 0.09; on 3; none 0.03 PlayOnPhone lost",
         "open call-open-at-end[101] / open call-two-hops[21,31] call-open-at-end[91]"},
        {"none 0 PlayOnPhone lost; on 2; none 0.01 PlayOnPhone lost; on 3; play 0.02 0.1; on 4;"
         "id second; play 0.03 0.09; on 5; none 0.04 PlayOnPhone lost",
         "open call-two-hops[1,11,21] call-open-at-end[101] / "
         "open call-two-hops[31,41] call-open-at-end[91]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_build b;
        um_build_init(&b);
        um_build_script(&b, cases[i].script);
        assert_string_equal(um_build_told(&b), cases[i].told);
        um_build_done(&b);
    }
}

static void
hops_pair_one_to_one_when_polls_come_fast(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b,
                    "play 0 0.1;"
                    "on 1; poll 1 1.01 Connected None; on 2; poll 1.002 1.008 Connected None;"
                    "on 1; poll 1.02 1.03 Connected None; on 2; poll 1.022 1.028 Connected None;"
                    "on 1; poll 2 2.1 Disconnected None");
    const struct um_call *call = um_build_call(&b, 0);
    static const size_t hop_of[] = {SIZE_MAX, SIZE_MAX, 1, SIZE_MAX, 3, SIZE_MAX};
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(call->members[i].hop_of, hop_of[i]);
    assert_int_equal(call->polls, 3);
    um_build_done(&b);
}

static void
play_on_phone_to_another_number_is_another_call(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b, "none 0 PlayOnPhone end; on 2; dial 5559999; none 0.01 PlayOnPhone end");
    assert_string_equal(um_build_told(&b),
                        "unknown request-unanswered[1] / unknown request-unanswered[11]");
    um_build_done(&b);
}

/* ---- records ---- */

static void
record_takes_the_faults_name_without_its_prefix(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b, "fault 0 0.1 GetCallInfo m:InvalidCallIdException");
    um_build_judge(&b);
    const struct um_exchange_record *record = um_calls_exchange(b.calls, 0);
    assert_true(record->is_fault && !record->is_service_error);
    assert_span_equal(record->fault_exception, S("InvalidCallIdException"));
    assert_span_equal(record->fault_code, S("Server"));
    assert_span_equal(record->fault_text, S("It cannot be done."));
    assert_int_equal(record->operation, UM_OPERATION_GET_CALL_INFO);
    assert_true(um_record_is_unknown_call(record));
    um_build_done(&b);
}

static void
record_of_a_hop_is_within_fifty_milliseconds_either_way(void **state)
{
    (void)state;
    static const struct {
        double apart;
        bool is_hop;
    } cases[] = {{0.05, true}, {0.051, false}, {0, true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_build b;
        um_build_init(&b);
        um_build_poll(&b, 1, 1.1, "Connected", "None");
        b.connection = 2;
        um_build_poll(&b, 1 + cases[i].apart, 1.1, "Connected", "None");
        um_build_judge(&b);
        const struct um_exchange_record *one = um_calls_exchange(b.calls, 0),
                                        *other = um_calls_exchange(b.calls, 1);
        assert_int_equal(um_record_is_hop(one, other), cases[i].is_hop);
        assert_int_equal(um_record_is_hop(other, one), cases[i].is_hop);
        assert_false(um_record_is_hop(one, one));
        um_build_done(&b);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outcome_is_the_first_that_holds),
        cmocka_unit_test(outcome_failed_has_the_last_cause_that_is_not_none),
        cmocka_unit_test(request_that_ends_behind_its_reply_was_asked_when_it_began),
        cmocka_unit_test(call_knows_its_origin_members_ends_and_counts),
        cmocka_unit_test(call_without_an_id_is_null_and_with_two_spellings_has_the_first),
        cmocka_unit_test(hops_are_kept_and_counted_once),
        cmocka_unit_test(hop_with_the_reply_counts_where_only_the_later_one_has_it),
        cmocka_unit_test(hop_whose_reply_tells_most_counts),
        cmocka_unit_test(connection_that_ended_on_one_hop_is_said),
        cmocka_unit_test(client_that_asks_another_server_after_a_reset_asks_again),
        cmocka_unit_test(hop_of_play_on_phone_joins_the_call_its_other_hop_names),
        cmocka_unit_test(hop_without_a_reply_joins_the_nearest_call_and_makes_one_of_no_two),
        cmocka_unit_test(hops_pair_one_to_one_when_polls_come_fast),
        cmocka_unit_test(play_on_phone_to_another_number_is_another_call),
        cmocka_unit_test(record_takes_the_faults_name_without_its_prefix),
        cmocka_unit_test(record_of_a_hop_is_within_fifty_milliseconds_either_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
