/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions about a message: only whole values count, and a fault's name is a local one. */
#include "core/um/message.h"

#include "core/base/err.h"
#include "tests/support/support.h"

static struct um_field
whole(const char *text)
{
    return (struct um_field){.text = S(text), .state = UM_FIELD_WHOLE};
}

static void
message_counts_whole_values_only(void **state)
{
    (void)state;
    struct um_message message = {.kind = UM_MESSAGE_REPLY};
    assert_false(um_message_has(&message, UM_FIELD_CALL_STATE));
    assert_int_equal(um_message_text(&message, UM_FIELD_CALL_STATE).len, 0);

    message.fields[UM_FIELD_CALL_STATE] =
        (struct um_field){.text = S("Conn"), .state = UM_FIELD_CUT};
    assert_false(um_message_has(&message, UM_FIELD_CALL_STATE));
    assert_int_equal(um_message_text(&message, UM_FIELD_CALL_STATE).len, 0);

    message.fields[UM_FIELD_CALL_STATE] = whole("\r\n  Connected\t");
    assert_true(um_message_has(&message, UM_FIELD_CALL_STATE));
    assert_span_equal(um_message_text(&message, UM_FIELD_CALL_STATE), S("Connected"));

    message.fields[UM_FIELD_CALL_STATE] = whole("");
    assert_true(um_message_has(&message, UM_FIELD_CALL_STATE));
}

static void
message_fault_name_is_the_exception_else_the_code_without_prefix(void **state)
{
    (void)state;
    static const struct {
        const char *code, *exception, *name;
    } cases[] = {
        {"a:ErrorInvalidRequest", NULL, "ErrorInvalidRequest"},
        {"ErrorInvalidRequest", "", "ErrorInvalidRequest"},
        {"a:b:Last", NULL, "Last"},
        {"soap:Server", "InvalidCallIdException", "InvalidCallIdException"},
        {"soap:Server", "m:InvalidCallIdException", "InvalidCallIdException"},
        {"soap:Server", " m: InvalidCallIdException ", "InvalidCallIdException"},
        {"soap:Server", "m:", "Server"}, /* a prefix of nothing is no name */
        {"a:", NULL, ""},
        {NULL, NULL, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_message fault = {.kind = UM_MESSAGE_FAULT};
        if (cases[i].code)
            fault.fields[UM_FIELD_FAULT_CODE] = whole(cases[i].code);
        if (cases[i].exception)
            fault.fields[UM_FIELD_FAULT_EXCEPTION] = whole(cases[i].exception);
        assert_span_equal(um_message_fault_name(&fault), S(cases[i].name));
        fault.kind = UM_MESSAGE_REPLY;
        assert_int_equal(um_message_fault_name(&fault).len, 0);
    }
}

static void
message_is_a_service_error_by_its_response_class_alone(void **state)
{
    (void)state;
    struct um_message reply = {.kind = UM_MESSAGE_REPLY};
    reply.fields[UM_FIELD_RESPONSE_CODE] = whole("ErrorInvalidPhoneCallId");
    assert_false(um_message_is_service_error(&reply));
    reply.fields[UM_FIELD_RESPONSE_CLASS] = whole("Warning");
    assert_false(um_message_is_service_error(&reply));
    reply.fields[UM_FIELD_RESPONSE_CLASS] = whole("Error");
    assert_true(um_message_is_service_error(&reply));
    assert_span_equal(um_message_fault_name(&reply), S("ErrorInvalidPhoneCallId"));
    reply.kind = UM_MESSAGE_REQUEST;
    assert_false(um_message_is_service_error(&reply));
}

static void
message_copy_stands_by_itself(void **state)
{
    (void)state;
    char *text = malloc(16);
    assert_non_null(text);
    (void)strcpy(text, "Connected");
    struct um_message message = {
        .kind = UM_MESSAGE_REPLY, .service = UM_SERVICE_EWS, .flags = UM_MESSAGE_CUT};
    message.fields[UM_FIELD_CALL_STATE] = whole(text);
    message.fields[UM_FIELD_EVENT_CAUSE] = whole("");
    message.fields[UM_FIELD_CALL_ID] = (struct um_field){.text = S("cut"), .state = UM_FIELD_CUT};

    struct um_message *copy = NULL;
    assert_int_equal(um_message_copy(&message, &copy), UM_OK);
    free(text);
    assert_int_equal(copy->service, UM_SERVICE_EWS);
    assert_int_equal(copy->flags, UM_MESSAGE_CUT);
    assert_span_equal(um_message_text(copy, UM_FIELD_CALL_STATE), S("Connected"));
    assert_true(um_message_has(copy, UM_FIELD_EVENT_CAUSE));
    assert_int_equal(copy->fields[UM_FIELD_CALL_ID].state, UM_FIELD_CUT);
    assert_int_equal(um_message_size(copy), sizeof *copy + strlen("Connected") + strlen("cut"));
    free(copy);
}

static void
message_copy_that_fails_leaves_the_output_alone(void **state)
{
    (void)state;
    struct um_message message = {.kind = UM_MESSAGE_REPLY}, *copy = &message;
    um_test_alloc_fail_at(0);
    assert_int_equal(um_message_copy(&message, &copy), UM_ERR_NOMEM);
    assert_true(um_test_alloc_reset());
    assert_ptr_equal(copy, &message);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(message_counts_whole_values_only),
        cmocka_unit_test(message_fault_name_is_the_exception_else_the_code_without_prefix),
        cmocka_unit_test(message_is_a_service_error_by_its_response_class_alone),
        cmocka_unit_test(message_copy_stands_by_itself),
        cmocka_unit_test(message_copy_that_fails_leaves_the_output_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
