/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names by their meaning, without a parser: what it hands over is a name and its vocabulary. */
#include "core/um/soap_names.h"

#include "tests/support/support.h"

static struct um_message
decide(const char *name, enum um_vocabulary vocabulary)
{
    struct um_message message = {0};
    um_soap_names_decide(&message, S(name), vocabulary);
    return message;
}

static void
path_grows_and_shrinks_by_whole_names(void **state)
{
    (void)state;
    struct um_soap_path path = {0};
    assert_true(um_soap_names_push(&path, S("PhoneCallId")));
    assert_true(um_soap_names_push(&path, S("@Id")));
    assert_span_equal(um_span_of(path.names, path.len), S("PhoneCallId/@Id"));
    um_soap_names_pop(&path);
    assert_span_equal(um_span_of(path.names, path.len), S("PhoneCallId"));
    um_soap_names_pop(&path);
    assert_int_equal(path.len, 0);
    um_soap_names_pop(&path); /* the operation's own element: none is above it */
    assert_int_equal(path.len, 0);
}

/* A name that does not fit leaves the path as it was: its parent is not to be popped for it. */
static void
name_that_makes_the_path_too_long_leaves_it_alone(void **state)
{
    (void)state;
    char name[UM_SOAP_PATH_MAX];
    memset(name, 'x', sizeof name);
    struct um_soap_path path = {0};
    assert_true(um_soap_names_push(&path, um_span_of(name, sizeof name)));
    assert_false(um_soap_names_push(&path, S("")));
    path.len = 0;
    assert_true(um_soap_names_push(&path, S("a")));
    assert_true(um_soap_names_push(&path, um_span_of(name, sizeof name - 2)));
    um_soap_names_pop(&path);
    assert_false(um_soap_names_push(&path, um_span_of(name, sizeof name - 1)));
    assert_span_equal(um_span_of(path.names, path.len), S("a"));
}

static void
envelope_must_be_of_soap_and_what_is_in_it_may_lack_its_namespace(void **state)
{
    (void)state;
    assert_true(um_soap_names_is_envelope(S("Envelope"), UM_VOCABULARY_SOAP11));
    assert_true(um_soap_names_is_envelope(S("Envelope"), UM_VOCABULARY_SOAP12));
    assert_false(um_soap_names_is_envelope(S("Envelope"), UM_VOCABULARY_NONE));
    assert_false(um_soap_names_is_envelope(S("envelope"), UM_VOCABULARY_SOAP11));
    assert_true(um_soap_names_is_body(S("Body"), UM_VOCABULARY_NONE));
    assert_false(um_soap_names_is_body(S("Body"), UM_VOCABULARY_MESSAGES));
    assert_int_equal(decide("Fault", UM_VOCABULARY_NONE).kind, UM_MESSAGE_FAULT);
    assert_int_equal(decide("Fault", UM_VOCABULARY_MESSAGES).kind, UM_MESSAGE_NONE);
}

static void
operation_is_told_by_its_whole_name_in_its_namespace(void **state)
{
    (void)state;
    struct um_message asks = decide("GetCallInfo", UM_VOCABULARY_MESSAGES);
    assert_int_equal(asks.kind, UM_MESSAGE_REQUEST);
    assert_int_equal(asks.operation, UM_OPERATION_GET_CALL_INFO);
    assert_int_equal(asks.service, UM_SERVICE_UMWS);
    struct um_message tells = decide("GetPhoneCallInformationResponse", UM_VOCABULARY_MESSAGES);
    assert_int_equal(tells.kind, UM_MESSAGE_REPLY);
    assert_int_equal(tells.operation, UM_OPERATION_GET_PHONE_CALL_INFORMATION);
    assert_int_equal(tells.service, UM_SERVICE_EWS);
    assert_int_equal(decide("GetCallInfo", UM_VOCABULARY_NONE).kind, UM_MESSAGE_NONE);
    assert_int_equal(decide("GetCallInfoRespons", UM_VOCABULARY_MESSAGES).kind, UM_MESSAGE_NONE);
    assert_int_equal(decide("Response", UM_VOCABULARY_MESSAGES).kind, UM_MESSAGE_NONE);
    assert_int_equal(decide("FindItem", UM_VOCABULARY_MESSAGES).kind, UM_MESSAGE_NONE);
}

/* The service wraps a reply into an element of the same name. */
static void
only_the_reply_s_own_name_repeats_it(void **state)
{
    (void)state;
    struct um_message reply = decide("GetCallInfoResponse", UM_VOCABULARY_MESSAGES);
    enum um_vocabulary ours = UM_VOCABULARY_MESSAGES;
    assert_true(um_soap_names_is_repeated(&reply, S("GetCallInfoResponse"), ours));
    assert_false(um_soap_names_is_repeated(&reply, S("GetCallInfoResponse"), UM_VOCABULARY_NONE));
    assert_false(um_soap_names_is_repeated(&reply, S("GetCallInfo"), ours));
    assert_false(um_soap_names_is_repeated(&reply, S("DisconnectResponse"), ours));
    struct um_message request = decide("GetCallInfo", ours);
    assert_false(um_soap_names_is_repeated(&request, S("GetCallInfoResponse"), ours));
}

static void
first_whole_value_of_a_field_stays(void **state)
{
    (void)state;
    struct um_message request = decide("GetCallInfo", UM_VOCABULARY_MESSAGES);
    struct um_soap_path path = {0};
    assert_true(um_soap_names_push(&path, S("CallId")));
    assert_int_equal(um_soap_names_field(&path, &request), UM_FIELD_CALL_ID);
    request.fields[UM_FIELD_CALL_ID].state = UM_FIELD_WHOLE;
    assert_int_equal(um_soap_names_field(&path, &request), UM_FIELD_COUNT);
}

static enum um_service
service_with(const char *name, enum um_field_id field)
{
    struct um_message message = decide("PlayOnPhone", UM_VOCABULARY_MESSAGES);
    struct um_soap_path path = {0};
    assert_int_equal(message.service, UM_SERVICE_UNKNOWN);
    if (*name)
        assert_true(um_soap_names_push(&path, S(name)));
    um_soap_names_tell_service(&path, field, &message);
    return message.service;
}

static void
play_on_phone_is_of_the_service_whose_fields_it_has(void **state)
{
    (void)state;
    assert_int_equal(service_with("entryId", UM_FIELD_ENTRY_ID), UM_SERVICE_UMWS);
    assert_int_equal(service_with("", UM_FIELD_CALL_ID), UM_SERVICE_UMWS);
    assert_int_equal(service_with("PhoneCallId", UM_FIELD_CALL_ID), UM_SERVICE_EWS);
    assert_int_equal(service_with("ItemId", UM_FIELD_ITEM_ID), UM_SERVICE_EWS);
    assert_int_equal(service_with("DialString", UM_FIELD_DIAL_STRING), UM_SERVICE_UNKNOWN);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(path_grows_and_shrinks_by_whole_names),
        cmocka_unit_test(name_that_makes_the_path_too_long_leaves_it_alone),
        cmocka_unit_test(envelope_must_be_of_soap_and_what_is_in_it_may_lack_its_namespace),
        cmocka_unit_test(operation_is_told_by_its_whole_name_in_its_namespace),
        cmocka_unit_test(only_the_reply_s_own_name_repeats_it),
        cmocka_unit_test(first_whole_value_of_a_field_stays),
        cmocka_unit_test(play_on_phone_is_of_the_service_whose_fields_it_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
