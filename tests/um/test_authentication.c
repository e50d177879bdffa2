/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes out is text: operation's CallId, status, legs, '!' when authentication failed. */
#include "tests/support/support.h"

#include <stdio.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/um/authentication.h"

struct world {
    struct um_authentication *authentication;
    struct um_buf told;
    uint64_t frame;
    uint64_t asked;       /* frame of the next request, when that is not the next one; else 0 */
    bool has_credentials; /* the next request has some */
};

static int
take(void *ctx, const struct um_exchange *exchange)
{
    struct um_buf *told = ctx;
    char text[160];
    const struct um_message *request = exchange->request.message;
    struct um_span id = request ? um_message_text(request, UM_FIELD_CALL_ID) : S("-");
    (void)snprintf(text, sizeof text, "%.*s/%u/%u%s ", (int)id.len, (const char *)id.data,
                   exchange->http_status, exchange->authentication_legs,
                   exchange->authentication_failed ? "!" : "");
    return um_buf_append(told, um_span_text(text));
}

static void
begin(struct world *world)
{
    *world = (struct world){0};
    assert_int_equal(um_authentication_new(take, &world->told, &world->authentication), UM_OK);
}

static void
finish(struct world *world, const char *wanted)
{
    assert_int_equal(um_authentication_end(world->authentication), UM_OK);
    assert_span_equal(um_span_trim(um_buf_span(&world->told)), S(wanted));
    um_authentication_free(world->authentication);
    um_buf_done(&world->told);
}

static struct um_message
question(const char *id)
{
    struct um_message message = {.kind = UM_MESSAGE_REQUEST,
                                 .service = UM_SERVICE_UMWS,
                                 .operation = UM_OPERATION_GET_CALL_INFO};
    if (id)
        message.fields[UM_FIELD_CALL_ID] =
            (struct um_field){.text = S(id), .state = UM_FIELD_WHOLE};
    return message;
}

/* A GetCallInfo with this CallId (NULL: a request without a body) and its reply's status (0: there
 * is none). */
static int
add_result(struct world *world, uint64_t connection, const char *id, unsigned status)
{
    struct um_message message = question(id);
    struct um_mark mark = {.frame = ++world->frame};
    struct um_mark asked = {.frame = world->asked ? world->asked : mark.frame};
    world->asked = 0;
    struct um_exchange exchange = {
        .request = {.captured = true,
                    .bodiless = !id,
                    .message = id ? &message : NULL,
                    .first = asked,
                    .last = asked},
        .reply = {.captured = status > 0, .first = mark, .last = mark},
        .client = {.address = {1}, .address_len = 4, .port = (uint16_t)(40000 + connection)},
        .server = {.address = {2}, .address_len = 4, .port = 80},
        .connection = connection,
        .target = S("/EWS/UM2007Legacy.asmx"),
        .has_credentials = world->has_credentials,
        .http_status = status};
    world->has_credentials = false;
    return um_authentication_add(world->authentication, &exchange);
}

static void
add(struct world *world, uint64_t connection, const char *id, unsigned status)
{
    assert_int_equal(add_result(world, connection, id, status), UM_OK);
}

/* The same question, before its reply has come. */
static void
ask(struct world *world, uint64_t connection, const char *id)
{
    struct um_message message = question(id);
    um_authentication_asked(world->authentication, connection, S("/EWS/UM2007Legacy.asmx"),
                            &message);
}

static void
legs_belong_to_the_exchange_that_repeats_them(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    add(&world, 1, "A", 401);
    add(&world, 1, "A", 401);
    add(&world, 1, "A", 200);
    add(&world, 1, "A", 200);
    finish(&world, "A/200/2 A/200/0");
}

static void
legs_without_a_body_are_repeated_on_their_own_connection_only(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    add(&world, 1, NULL, 401);
    add(&world, 2, "A", 200);
    add(&world, 1, "A", 407);
    add(&world, 1, "A", 200);
    finish(&world, "A/200/0 A/200/2");
}

/*
 * NTLM over curl and .NET: the question is refused, goes on without its body, and is asked again
 * with the answer to the challenge. The leg in the middle once waited by itself: the exchange came
 * out with one leg too few, and an authentication that failed beside it.
 */
static void
leg_without_a_body_goes_on_with_the_question_before_it(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    add(&world, 1, "A", 401);
    add(&world, 1, NULL, 401);
    add(&world, 1, "A", 200);
    add(&world, 2, "B", 401);
    add(&world, 3, NULL, 401); /* another connection's */
    add(&world, 2, NULL, 200); /* no leg */
    add(&world, 2, "B", 200);
    add(&world, 3, "C", 200);
    finish(&world, "A/200/2 -/200/0 B/200/1 C/200/1");
}

static void
another_connection_of_the_same_client_may_repeat_the_same_question(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    add(&world, 1, "A", 401);
    add(&world, 2, "B", 200);
    add(&world, 2, "A", 200);
    finish(&world, "B/200/0 A/200/1");
}

/*
 * NTLM where the server closes with its first refusal: the challenge is answered on a new
 * connection, and there refused once more. Such a one is no client that asks for the first time.
 */
static void
refusal_of_credentials_goes_on_with_a_leg_of_another_connection(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    add(&world, 1, "A", 401);
    world.has_credentials = true;
    add(&world, 2, "A", 401);
    world.has_credentials = true;
    add(&world, 2, "A", 200);
    add(&world, 3, "A", 200);
    finish(&world, "A/200/2 A/200/0");
}

/*
 * A reply that the capture lost is given up only after a while, so that its exchange came after
 * those of the client's next connection: the leg before it was counted there, where a client that
 * sends its credentials at once had none.
 */
static void
leg_waits_for_the_question_asked_again_on_its_connection(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    add(&world, 1, "A", 401);
    ask(&world, 1, "B"); /* another question */
    ask(&world, 2, "A"); /* another connection */
    add(&world, 2, "A", 200);
    add(&world, 3, "A", 401);
    ask(&world, 3, "A");
    world.has_credentials = true;
    add(&world, 4, "A", 401);
    add(&world, 4, "A", 200);
    add(&world, 3, "A", 0);
    finish(&world, "A/200/1 A/200/1 A/0/1");
}

/* A reply to a request that is lost: of the operation that add() asks, or of another. */
static void
add_reply_alone(struct world *world, uint64_t connection, enum um_operation operation)
{
    const struct um_message message = {.kind = UM_MESSAGE_REPLY, .operation = operation};
    const struct um_mark mark = {.frame = ++world->frame};
    struct um_exchange exchange = {
        .reply = {.captured = true, .message = &message, .first = mark, .last = mark},
        .connection = connection,
        .http_status = 200};
    assert_int_equal(um_authentication_add(world->authentication, &exchange), UM_OK);
}

/*
 * The question asked again was lost, its reply was not. The leg was once counted for the next
 * question of that connection, which had one itself.
 */
static void
leg_belongs_to_the_reply_whose_request_is_lost(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    add(&world, 1, "A", 401);
    add_reply_alone(&world, 2, UM_OPERATION_GET_CALL_INFO); /* another connection */
    add_reply_alone(&world, 1, UM_OPERATION_DISCONNECT);    /* another question */
    add_reply_alone(&world, 1, UM_OPERATION_GET_CALL_INFO);
    add(&world, 1, "A", 401);
    ask(&world, 1, "A"); /* it is not lost */
    add_reply_alone(&world, 1, UM_OPERATION_GET_CALL_INFO);
    add(&world, 1, "A", 200);
    finish(&world, "-/200/0 -/200/0 -/200/1 -/200/0 A/200/1");
}

/*
 * Two programs of one host that poll one call: each is refused, then let in. The oldest leg of any
 * connection was once taken for what is repeated, so that the one got the legs of the other.
 */
static void
clients_that_interleave_keep_their_own_legs(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    add(&world, 1, "A", 401);
    add(&world, 2, "A", 401);
    add(&world, 1, "A", 200);
    add(&world, 2, "A", 200);
    add(&world, 1, "A", 401);
    add(&world, 2, "A", 401);
    add(&world, 2, "A", 401);
    add(&world, 2, "A", 200);
    add(&world, 1, "A", 200);
    finish(&world, "A/200/1 A/200/1 A/200/2 A/200/1");
}

static void
leg_without_a_body_is_kept_for_its_own_connection_beside_older_ones(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    add(&world, 1, "A", 401);
    add(&world, 2, NULL, 401);
    add(&world, 2, "A", 200);
    add(&world, 1, NULL, 401);
    add(&world, 1, "A", 200);
    finish(&world, "A/200/1 A/200/2");
}

static void
question_asked_before_another_was_refused_does_not_repeat_it(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    uint64_t asked = ++world.frame;
    add(&world, 1, "A", 401);
    world.asked = asked;
    add(&world, 2, "A", 200);
    add(&world, 1, "A", 200);
    finish(&world, "A/200/0 A/200/1");
}

/* Whether the client went on there, or another one asked the same, nobody can tell: no failure. */
static void
question_that_got_through_elsewhere_has_not_failed_where_it_was_refused(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    add(&world, 1, "A", 401);
    add(&world, 2, "A", 401);
    add(&world, 2, "A", 200);
    add(&world, 3, "A", 401);
    finish(&world, "A/200/1 A/401/0!");
}

static void
question_that_nobody_repeats_has_failed_and_keeps_what_it_asked(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    add(&world, 1, "A", 401);
    add(&world, 1, NULL, 401);
    add(&world, 2, "B", 401);
    add(&world, 2, "B", 401);
    finish(&world, "A/401/1! B/401/1!");
}

/* A capture that went on for hours told of a refused request at its end. */
static void
question_refused_long_ago_and_not_asked_again_has_failed(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    add(&world, 1, "A", 401);
    add(&world, 2, "B", 401);
    ask(&world, 1, "A");
    assert_int_equal(um_authentication_give_up(world.authentication, 0), UM_OK);
    assert_int_equal(world.told.len, 0);
    assert_int_equal(um_authentication_give_up(world.authentication, 1), UM_OK);
    assert_span_equal(um_buf_span(&world.told), S("B/401/0! "));
    add(&world, 1, "A", 200);
    finish(&world, "B/401/0! A/200/1");
}

static void
more_waiting_legs_than_the_limit_make_the_oldest_fail(void **state)
{
    (void)state;
    struct world world;
    begin(&world);
    char id[16];
    for (unsigned i = 0; i <= UM_AUTHENTICATION_WAITING_MAX; i++) {
        (void)snprintf(id, sizeof id, "%u", i);
        add(&world, i + 1, id, 401);
        assert_int_equal(world.told.len > 0, i == UM_AUTHENTICATION_WAITING_MAX);
    }
    assert_span_equal(um_span_first(um_buf_span(&world.told), 9), S("0/401/0! "));
    um_authentication_free(world.authentication);
    um_buf_done(&world.told);
}

static void
nth_allocation_failing_is_told_and_leaks_nothing(void **state)
{
    (void)state;
    for (size_t n = 0;; n++) {
        struct world world;
        begin(&world);
        um_test_alloc_fail_at(n);
        int err = add_result(&world, 1, "A", 401);
        if (!err)
            err = add_result(&world, 1, "A", 200);
        bool has_failed = um_test_alloc_reset();
        assert_int_equal(err, has_failed ? UM_ERR_NOMEM : UM_OK);
        um_authentication_free(world.authentication);
        um_buf_done(&world.told);
        if (!has_failed)
            break;
        assert_true(n < 100);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(legs_belong_to_the_exchange_that_repeats_them),
        cmocka_unit_test(legs_without_a_body_are_repeated_on_their_own_connection_only),
        cmocka_unit_test(leg_without_a_body_goes_on_with_the_question_before_it),
        cmocka_unit_test(another_connection_of_the_same_client_may_repeat_the_same_question),
        cmocka_unit_test(refusal_of_credentials_goes_on_with_a_leg_of_another_connection),
        cmocka_unit_test(leg_waits_for_the_question_asked_again_on_its_connection),
        cmocka_unit_test(leg_belongs_to_the_reply_whose_request_is_lost),
        cmocka_unit_test(clients_that_interleave_keep_their_own_legs),
        cmocka_unit_test(leg_without_a_body_is_kept_for_its_own_connection_beside_older_ones),
        cmocka_unit_test(question_asked_before_another_was_refused_does_not_repeat_it),
        cmocka_unit_test(question_that_got_through_elsewhere_has_not_failed_where_it_was_refused),
        cmocka_unit_test(question_that_nobody_repeats_has_failed_and_keeps_what_it_asked),
        cmocka_unit_test(question_refused_long_ago_and_not_asked_again_has_failed),
        cmocka_unit_test(more_waiting_legs_than_the_limit_make_the_oldest_fail),
        cmocka_unit_test(nth_allocation_failing_is_told_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
