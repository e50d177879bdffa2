/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store: which exchanges are one call, whatever the order they come in; what fails, fails
 * whole.
 */
#include "core/um/call.h"

#include <stdio.h>

#include "core/um/compact.h"

#include "core/base/err.h"
#include "tests/support/support.h"
#include "tests/um/build.h"
#include "tests/um/shelf.h"

/* Two calls that interleave, with hops, two spellings, refusals, and exchanges of no call. */
static const char busy_script[] =
    "play 0 0.1; on 2; play 0.01 0.09; on 3; id second; play 0.5 0.6;"
    "on 1; id pipe; poll 1 1.1 Connecting None; on 3; id second; poll 1.2 1.3 Connected None;"
    "orphan 1.4 Connected; on 4; id opaque; fault 1.5 1.6 GetCallInfo InvalidCallIdException;"
    "on 1; id pipe; poll 2 2.1 Disconnected UserBusy; poll 2.2 2.3 - -; no-id;"
    "fault 3 3.1 GetCallInfo InvalidCallIdException; on 5; dial 5550000;"
    "fault 4 4.1 PlayOnPhone DialingRulesException; none 5 PlayOnPhone end";

static const char busy_told[] =
    "failed call-failed[2101] call-two-hops[1,11] call-id-two-spellings[101,1001] "
    "call-expired[3001,3101]"
    " / open call-open-at-end[1301]"
    " / rejected call-unknown-to-server[1501,1601] call-origin-missing[1501] call-id-opaque[1501]"
    " / rejected soap-fault[4001,4101]"
    " / unknown request-unanswered[5001]"
    " + reply-orphan[1401] call-id-missing[2201,2301]";

static void
store_tells_calls_apart(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b, busy_script);
    assert_string_equal(um_build_told(&b), busy_told);
    um_build_done(&b);
}

/* What one store kept is all that another needs. */
static void
store_tells_the_same_of_the_records_of_another(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b, busy_script);
    um_build_judge(&b);
    struct um_calls *first = b.calls, *second;
    assert_int_equal(um_calls_new(&b.limits, &b.thresholds, &second), UM_OK);
    for (size_t i = um_calls_exchange_count(first); i-- > 0;)
        assert_int_equal(um_calls_add_record(second, um_calls_exchange(first, i)), UM_OK);
    assert_int_equal(um_calls_finish(second), UM_OK);
    b.calls = second;
    assert_string_equal(um_build_told(&b), busy_told);
    um_build_done(&b);
    um_calls_free(first);
}

static void
store_tells_the_same_in_whatever_order_exchanges_come(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (unsigned round = 0; round < 200; round++) {
        struct um_build b;
        um_build_init(&b);
        um_build_script(&b, busy_script);
        for (size_t i = b.count; i-- > 1;) {
            size_t k = um_test_random(&seed) % (i + 1);
            struct um_build_item *swap = b.items[i];
            b.items[i] = b.items[k];
            b.items[k] = swap;
        }
        assert_string_equal(um_build_told(&b), busy_told);
        um_build_done(&b);
    }
}

static void
store_numbers_exchanges_and_calls_by_their_first_frame(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b, "id second; poll 5 5.1 Connected None; id pipe; poll 3 3.1 Connected None;"
                        "id second; poll 1 1.1 Connecting None; orphan 4 Connected");
    um_build_judge(&b);
    assert_int_equal(um_calls_exchange_count(b.calls), 4);
    static const uint64_t first[] = {1001, 3001, 4001, 5001};
    static const size_t call_of[] = {0, 1, SIZE_MAX, 0};
    for (size_t i = 0; i < 4; i++) {
        const struct um_exchange_record *record = um_calls_exchange(b.calls, i);
        assert_int_equal(record->number, i + 1);
        assert_int_equal(record->has_request ? record->request_first.frame
                                             : record->reply_first.frame,
                         first[i]);
        assert_int_equal(record->call, call_of[i]);
    }
    assert_int_equal(um_calls_count(b.calls), 2);
    assert_int_equal(um_build_call(&b, 0)->number, 1);
    assert_span_equal(um_build_call(&b, 0)->call_id, S(UM_BUILD_ID_SECOND));
    assert_int_equal(um_build_call(&b, 1)->number, 2);
    um_build_done(&b);
}

static void
store_keeps_opaque_ids_apart_by_case_and_form(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b, "id UM-CALL-0042; poll 1 1.1 Connected None;"
                        "id um-call-0042; poll 2 2.1 Connected None;"
                        "id g" UM_BUILD_GUID "; poll 3 3.1 Connected None;"
                        "id " UM_BUILD_GUID "; poll 4 4.1 Connected None;"
                        "id " UM_BUILD_ID "; poll 5 5.1 Connected None; id n4;"
                        "poll 6 6.1 Connected None; none 7 PlayOnPhone end");
    um_build_judge(&b);
    assert_int_equal(um_calls_count(b.calls), 7);
    um_build_done(&b);
}

static void
store_joins_an_id_that_is_broken_by_white_space(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b, "play 0 0.1; poll 1 1.1 Connected None; poll 2 2.1 Disconnected None");
    um_build_set(&b.items[1]->request, UM_FIELD_CALL_ID,
                 "\r\n  M2YyYTljMTAtNWI3ZS00ZDIxLTlhNmYt\r\n  "
                 "MGMxZDJlM2YwMDAxQHVtMS5leGFtcGxl\r\n");
    assert_string_equal(um_build_told(&b), "completed");
    assert_int_equal(um_build_call(&b, 0)->spelling_count, 1);
    um_build_done(&b);
}

static void
store_leaves_out_what_is_not_ours(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b, "poll 1 1.1 Connected None; unread request; unread reply;"
                        "fault 2 2.1 GetCallInfo InvalidCallIdException; unread request");
    assert_string_equal(um_build_told(&b), "");
    assert_int_equal(um_calls_exchange_count(b.calls), 0);
    um_build_done(&b);
}

static void
store_keeps_what_it_needs_of_an_exchange(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b,
                    "play 0 0.1; epoll 1 1.1 Disconnected UserBusy; legs 2; action GetCallInfo");
    um_build_set(&b.items[1]->reply, UM_FIELD_SIP_CODE, "486");
    um_build_set(&b.items[1]->reply, UM_FIELD_SIP_TEXT, "Busy Here");
    um_build_judge(&b);
    for (size_t i = 0; i < b.count; i++) /* nothing may point into the exchange */
        memset(b.items[i], 0xA5, sizeof *b.items[i]);
    const struct um_exchange_record *play = um_calls_exchange(b.calls, 0),
                                    *poll = um_calls_exchange(b.calls, 1);
    assert_span_equal(play->dial_string, S("5551234"));
    assert_span_equal(play->call_id, S(UM_BUILD_ID));
    assert_span_equal(play->target, S("/EWS/UM2007Legacy.asmx"));
    assert_int_equal(play->service, UM_SERVICE_UMWS);
    assert_int_equal(play->state.len, 0);
    assert_null(play->state.data);
    assert_int_equal(poll->service, UM_SERVICE_EWS);
    assert_span_equal(poll->state, S("Disconnected"));
    assert_span_equal(poll->cause, S("UserBusy"));
    assert_span_equal(poll->sip_code, S("486"));
    assert_span_equal(poll->soap_action, S("GetCallInfo"));
    assert_int_equal(poll->authentication_legs, 2);
    assert_int_equal(poll->http_status, 200);
    assert_string_equal(poll->id.guid, UM_BUILD_GUID);
    assert_non_null(strstr(um_build_call(&b, 0)->findings.items[0].text, "SIP 486 Busy Here"));
    um_build_done(&b);
}

static void
store_gives_exchanges_the_findings_about_them(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b, busy_script);
    um_build_judge(&b);
    size_t of_exchanges = 0, of_calls = 0;
    for (size_t i = 0; i < um_calls_exchange_count(b.calls); i++) {
        const struct um_findings *findings = &um_calls_exchange(b.calls, i)->findings;
        for (size_t k = 0; k < findings->count; k++)
            assert_int_equal(findings->items[k].exchange, i);
        of_exchanges += findings->count;
    }
    for (size_t i = 0; i < um_calls_count(b.calls); i++) {
        const struct um_findings *findings = &um_calls_at(b.calls, i)->findings;
        for (size_t k = 0; k < findings->count; k++)
            of_calls += findings->items[k].exchange != SIZE_MAX ? 1 : 0;
    }
    assert_int_equal(of_exchanges, of_calls + um_calls_findings(b.calls)->count);
    assert_int_equal(of_exchanges, 6);
    um_build_done(&b);
}

static void
store_may_grow_after_it_was_finished(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b, busy_script);
    assert_int_equal(um_calls_new(&b.limits, &b.thresholds, &b.calls), UM_OK);
    for (size_t i = 0; i < b.count; i++) {
        assert_int_equal(um_calls_add(b.calls, &b.items[i]->exchange), UM_OK);
        assert_int_equal(um_calls_finish(b.calls), UM_OK);
    }
    assert_string_equal(um_build_told(&b), busy_told);
    assert_int_equal(um_calls_finish(b.calls), UM_OK);
    assert_string_equal(um_build_told(&b), busy_told);
    um_build_done(&b);
}

static void
store_judges_a_growing_call_as_it_would_in_the_end(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b, busy_script);
    assert_int_equal(um_calls_new(&b.limits, &b.thresholds, &b.calls), UM_OK);
    for (size_t i = 0; i < b.count; i++)
        assert_int_equal(um_calls_add(b.calls, &b.items[i]->exchange), UM_OK);
    struct um_arena arena = {0};
    struct um_call grown[UM_BUILD_MAX];
    int told[UM_BUILD_MAX];
    size_t count = um_calls_exchange_count(b.calls);
    uint64_t first_frame[UM_BUILD_MAX];
    for (size_t i = 0; i < count; i++) {
        told[i] = um_calls_judge(b.calls, i, true, &arena, &grown[i]);
        first_frame[i] = um_calls_exchange(b.calls, i)->request_first.frame;
    }
    assert_int_equal(um_calls_finish(b.calls), UM_OK);
    for (size_t i = 0; i < count; i++) {
        size_t at = 0; /* finishing has put exchanges in order */
        while (um_calls_exchange(b.calls, at)->request_first.frame != first_frame[i])
            at++;
        size_t index = um_calls_exchange(b.calls, at)->call;
        assert_int_equal(told[i], index == SIZE_MAX ? 0 : 1);
        if (!told[i])
            continue;
        const struct um_call *call = um_calls_at(b.calls, index);
        assert_int_equal(grown[i].outcome, call->outcome);
        assert_int_equal(grown[i].findings.count, call->findings.count);
        assert_int_equal(grown[i].timeline.span_count, call->timeline.span_count);
        assert_int_equal(grown[i].exchanges, call->exchanges);
    }
    um_arena_done(&arena);
    um_build_done(&b);
}

static void
store_at_its_limit_takes_more_of_calls_it_knows_and_no_new_one(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    b.limits.max[UM_LIMIT_CALLS] = 2;
    um_build_script(&b, "play 0 0.1; id second; play 0.5 0.6; id opaque;"
                        "poll 1 1.1 Connected None; poll 2 2.1 Connected None;"
                        "id second; poll 3 3.1 Connected None");
    assert_string_equal(um_build_told(&b), "open call-open-at-end[101]"
                                           " / open call-open-at-end[3101] + limit-reached[1001]");
    assert_int_equal(um_calls_exchange_count(b.calls), 3);
    assert_non_null(strstr(um_calls_findings(b.calls)->items[0].text, "2 exchanges"));
    um_build_done(&b);

    um_build_init(&b);
    b.limits.max[UM_LIMIT_CALLS] = 3;
    um_build_script(&b, "play 0 0.1; id second; play 0.5 0.6; id opaque; poll 1 1.1 - -");
    assert_null(strstr(um_build_told(&b), "limit-reached"));
    um_build_done(&b);
}

static void
store_of_nothing_has_nothing_to_tell(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    assert_string_equal(um_build_told(&b), "");
    assert_int_equal(um_calls_count(b.calls), 0);
    um_calls_free(NULL);
    um_build_done(&b);
}

/* Adds, judges and finishes; the first failure, or 0. */
static int
run_all(struct um_build *b, struct um_arena *arena)
{
    int err = um_calls_new(&b->limits, &b->thresholds, &b->calls);
    for (size_t i = 0; i < b->count && !err; i++)
        err = um_calls_add(b->calls, &b->items[i]->exchange);
    for (size_t i = 0; b->calls && i < um_calls_exchange_count(b->calls) && !err; i++) {
        struct um_call call;
        int judged = um_calls_judge(b->calls, i, true, arena, &call);
        err = judged < 0 ? judged : UM_OK;
    }
    return err ? err : um_calls_finish(b->calls);
}

static void
store_survives_each_failing_allocation(void **state)
{
    (void)state;
    for (size_t n = 0;; n++) {
        struct um_build b;
        struct um_arena arena = {0};
        um_build_init(&b);
        um_build_script(&b, busy_script);
        um_test_alloc_fail_at(n);
        int err = run_all(&b, &arena);
        bool failed = um_test_alloc_reset();
        assert_int_equal(err, failed ? UM_ERR_NOMEM : UM_OK);
        if (!failed)
            assert_string_equal(um_build_told(&b), busy_told);
        um_arena_done(&arena);
        um_build_done(&b);
        if (!failed)
            break;
        assert_true(n < 100000);
    }
}

/* A compact store, and each of its calls asked for. */
static int
run_compact(struct um_build *b)
{
    int err = um_calls_new(&b->limits, &b->thresholds, &b->calls);
    if (!err)
        err = um_calls_be_compact(b->calls, NULL);
    for (size_t i = 0; i < b->count && !err; i++)
        err = um_calls_add(b->calls, &b->items[i]->exchange);
    if (!err)
        err = um_calls_finish(b->calls);
    for (size_t i = 0; !err && i < um_calls_count(b->calls); i++)
        (void)um_calls_at(b->calls, i);
    return err ? err : um_calls_error(b->calls);
}

static void
compact_store_survives_each_failing_allocation(void **state)
{
    (void)state;
    for (size_t n = 0;; n++) {
        struct um_build b;
        um_build_init(&b);
        um_build_script(&b, busy_script);
        um_test_alloc_fail_at(n);
        int err = run_compact(&b);
        bool failed = um_test_alloc_reset();
        assert_int_equal(err, failed ? UM_ERR_NOMEM : UM_OK);
        if (!failed)
            assert_string_equal(um_build_told(&b), busy_told);
        um_build_done(&b);
        if (!failed)
            break;
        assert_true(n < 100000);
    }
}

static size_t
bytes_of_symbols(const struct um_symbols *symbols)
{
    return symbols->arena.total + symbols->count * sizeof *symbols->items +
           symbols->slots.count * sizeof *symbols->slots.places;
}

/* What is held, but for outlines, which come at the end. */
static size_t
bytes_held(const struct um_calls *calls)
{
    const struct um_compact *compact = calls->compact;
    size_t bytes = bytes_of_symbols(&compact->packing.texts) +
                   bytes_of_symbols(&compact->packing.commons) +
                   compact->group_count * sizeof *compact->groups +
                   compact->slots.count * sizeof *compact->slots.places;
    for (size_t i = 0; i < compact->packing.pages.count; i++)
        bytes += compact->packing.pages.items[i].bytes ? UM_PAGE_BYTES : 0;
    return bytes;
}

enum { CALLS = 4000, POLLS = 6 };

/* Adds so many calls of a few polls each. */
static int
add_calls(struct um_build *b)
{
    int err = UM_OK;
    um_build_play(b, 0, 0.1);
    um_build_poll(b, 1, 1.1, "Connected", "None");
    for (size_t call = 0; call < CALLS; call++) {
        for (size_t poll = 0; poll < POLLS && !err; poll++) {
            struct um_build_item *item = b->items[poll > 0];
            char id[64];
            (void)snprintf(id, sizeof id, "M2YyYTljMTAtNWI3ZS00ZDIxLTlhNmYtMGMxZDJlM2Z%06zu", call);
            um_build_set(poll > 0 ? &item->request : &item->reply, UM_FIELD_CALL_ID, id);
            item->exchange.request.first.time_ns += 1000000007;
            item->exchange.request.last.time_ns += 1000000007;
            item->exchange.reply.first.time_ns += 1000000007;
            err = um_calls_add(b->calls, &item->exchange);
        }
    }
    return err;
}

/* Some thirty bytes a call, and pages; seven thousand for each were held, once. */
static void
compact_store_holds_a_call_in_a_few_bytes(void **state)
{
    (void)state;
    struct test_shelf shelf = {0};
    struct um_build b;
    um_build_init(&b);
    assert_int_equal(um_calls_new(&b.limits, &b.thresholds, &b.calls), UM_OK);
    struct um_shelf roomy = test_shelf(&shelf);
    assert_int_equal(um_calls_be_compact(b.calls, &roomy), UM_OK);
    assert_int_equal(add_calls(&b), UM_OK);
    size_t pages = UM_PAGES_AT_HAND * UM_PAGE_BYTES;
    print_message("%zu bytes a call\n", (bytes_held(b.calls) - pages) / CALLS);
    assert_in_range(bytes_held(b.calls) - pages, CALLS * 16, CALLS * 60);
    assert_int_equal(um_calls_finish(b.calls), UM_OK);
    assert_int_equal(um_calls_count(b.calls), CALLS);
    for (size_t i = 0; i < CALLS; i++)
        assert_int_equal(um_calls_at(b.calls, i)->polls, POLLS - 1);
    assert_int_equal(um_calls_error(b.calls), UM_OK);
    um_build_done(&b);
    test_shelf_done(&shelf);
}

/* Nothing is made up where what was put away does not come back. */
static void
compact_store_tells_that_its_shelf_lost_something(void **state)
{
    (void)state;
    struct test_shelf shelf = {0};
    struct um_shelf lossy = test_shelf(&shelf);
    struct um_build b;
    um_build_init(&b);
    assert_int_equal(um_calls_new(&b.limits, &b.thresholds, &b.calls), UM_OK);
    assert_int_equal(um_calls_be_compact(b.calls, &lossy), UM_OK);
    assert_int_equal(add_calls(&b), UM_OK);
    assert_int_equal(um_calls_finish(b.calls), UM_OK);
    shelf.is_lost = true;
    assert_int_equal(um_calls_at(b.calls, 0)->polls, 0);
    assert_int_equal(um_calls_error(b.calls), UM_ERR_IO);
    assert_int_equal(um_calls_finish(b.calls), UM_ERR_IO);
    um_build_done(&b);
    test_shelf_done(&shelf);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(store_tells_calls_apart),
        cmocka_unit_test(store_tells_the_same_of_the_records_of_another),
        cmocka_unit_test(store_tells_the_same_in_whatever_order_exchanges_come),
        cmocka_unit_test(store_numbers_exchanges_and_calls_by_their_first_frame),
        cmocka_unit_test(store_keeps_opaque_ids_apart_by_case_and_form),
        cmocka_unit_test(store_joins_an_id_that_is_broken_by_white_space),
        cmocka_unit_test(store_leaves_out_what_is_not_ours),
        cmocka_unit_test(store_keeps_what_it_needs_of_an_exchange),
        cmocka_unit_test(store_gives_exchanges_the_findings_about_them),
        cmocka_unit_test(store_may_grow_after_it_was_finished),
        cmocka_unit_test(store_judges_a_growing_call_as_it_would_in_the_end),
        cmocka_unit_test(store_at_its_limit_takes_more_of_calls_it_knows_and_no_new_one),
        cmocka_unit_test(store_of_nothing_has_nothing_to_tell),
        cmocka_unit_test(store_survives_each_failing_allocation),
        cmocka_unit_test(compact_store_survives_each_failing_allocation),
        cmocka_unit_test(compact_store_holds_a_call_in_a_few_bytes),
        cmocka_unit_test(compact_store_tells_that_its_shelf_lost_something),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
