/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of operations against the protocol's grammar: every documented value is found where it
 * stands, and only there. `grammar` below has a row for each value of each operation, its path as a
 * body has it with the reply's repeated name left out.
 */
#include "core/um/operation.h"

#include "tests/support/support.h"

enum direction { REQUEST, REPLY };

static const struct {
    const char *operation;
    enum direction direction;
    const char *path;
    enum um_field_id field;
} grammar[] = {
    {"IsUMEnabled", REPLY, "", UM_FIELD_UM_ENABLED},
    {"GetUMProperties", REPLY, "OofStatus", UM_FIELD_OOF_STATUS},
    {"GetUMProperties", REPLY, "MissedCallNotificationEnabled", UM_FIELD_MISSED_CALL_NOTIFICATION},
    {"GetUMProperties", REPLY, "PlayOnPhoneDialString", UM_FIELD_DIAL_STRING},
    {"GetUMProperties", REPLY, "TelephoneAccessNumbers", UM_FIELD_ACCESS_NUMBERS},
    {"GetUMProperties", REPLY, "TelephoneAccessFolderEmail", UM_FIELD_ACCESS_FOLDER_EMAIL},
    {"SetOofStatus", REQUEST, "status", UM_FIELD_STATUS},
    {"SetMissedCallNotificationEnabled", REQUEST, "status", UM_FIELD_STATUS},
    {"SetPlayOnPhoneDialString", REQUEST, "dialString", UM_FIELD_DIAL_STRING},
    {"SetTelephoneAccessFolderEmail", REQUEST, "base64FolderId", UM_FIELD_FOLDER_ID},
    {"SetTelephoneAccessFolderEmail", REQUEST, "base64FolderID", UM_FIELD_FOLDER_ID},
    {"PlayOnPhone", REQUEST, "entryId", UM_FIELD_ENTRY_ID},
    {"PlayOnPhone", REQUEST, "DialString", UM_FIELD_DIAL_STRING},
    {"PlayOnPhone", REPLY, "", UM_FIELD_CALL_ID},
    {"PlayOnPhoneGreeting", REQUEST, "GreetingType", UM_FIELD_GREETING_TYPE},
    {"PlayOnPhoneGreeting", REQUEST, "DialString", UM_FIELD_DIAL_STRING},
    {"PlayOnPhoneGreeting", REPLY, "", UM_FIELD_CALL_ID},
    {"GetCallInfo", REQUEST, "CallId", UM_FIELD_CALL_ID},
    {"GetCallInfo", REPLY, "CallState", UM_FIELD_CALL_STATE},
    {"GetCallInfo", REPLY, "EventCause", UM_FIELD_EVENT_CAUSE},
    {"Disconnect", REQUEST, "CallId", UM_FIELD_CALL_ID},

    {"PlayOnPhone", REQUEST, "ItemId/@Id", UM_FIELD_ITEM_ID},
    {"PlayOnPhone", REPLY, "PhoneCallId/@Id", UM_FIELD_CALL_ID},
    {"PlayOnPhone", REPLY, "@ResponseClass", UM_FIELD_RESPONSE_CLASS},
    {"PlayOnPhone", REPLY, "MessageText", UM_FIELD_MESSAGE_TEXT},
    {"PlayOnPhone", REPLY, "ResponseCode", UM_FIELD_RESPONSE_CODE},
    {"PlayOnPhone", REPLY, "DescriptiveLinkKey", UM_FIELD_LINK_KEY},
    {"PlayOnPhone", REPLY, "MessageXml", UM_FIELD_MESSAGE_XML},
    {"GetPhoneCallInformation", REQUEST, "PhoneCallId/@Id", UM_FIELD_CALL_ID},
    {"GetPhoneCallInformation", REPLY, "@ResponseClass", UM_FIELD_RESPONSE_CLASS},
    {"GetPhoneCallInformation", REPLY, "MessageText", UM_FIELD_MESSAGE_TEXT},
    {"GetPhoneCallInformation", REPLY, "ResponseCode", UM_FIELD_RESPONSE_CODE},
    {"GetPhoneCallInformation", REPLY, "DescriptiveLinkKey", UM_FIELD_LINK_KEY},
    {"GetPhoneCallInformation", REPLY, "MessageXml", UM_FIELD_MESSAGE_XML},
    {"GetPhoneCallInformation", REPLY, "PhoneCallInformation/PhoneCallState", UM_FIELD_CALL_STATE},
    {"GetPhoneCallInformation", REPLY, "PhoneCallInformation/ConnectionFailureCause",
     UM_FIELD_EVENT_CAUSE},
    {"GetPhoneCallInformation", REPLY, "PhoneCallInformation/SIPResponseText", UM_FIELD_SIP_TEXT},
    {"GetPhoneCallInformation", REPLY, "PhoneCallInformation/SIPResponseCode", UM_FIELD_SIP_CODE},
    {"DisconnectPhoneCall", REQUEST, "PhoneCallId/@Id", UM_FIELD_CALL_ID},
    {"DisconnectPhoneCall", REPLY, "@ResponseClass", UM_FIELD_RESPONSE_CLASS},
    {"DisconnectPhoneCall", REPLY, "MessageText", UM_FIELD_MESSAGE_TEXT},
    {"DisconnectPhoneCall", REPLY, "ResponseCode", UM_FIELD_RESPONSE_CODE},
    {"DisconnectPhoneCall", REPLY, "DescriptiveLinkKey", UM_FIELD_LINK_KEY},
    {"DisconnectPhoneCall", REPLY, "MessageXml", UM_FIELD_MESSAGE_XML},

    {"", REPLY, "faultcode", UM_FIELD_FAULT_CODE},
    {"", REPLY, "faultstring", UM_FIELD_FAULT_TEXT},
    {"", REPLY, "detail/ExceptionType", UM_FIELD_FAULT_EXCEPTION},
    {"", REPLY, "detail/ResponseCode", UM_FIELD_FAULT_RESPONSE_CODE},
    {"", REPLY, "detail/Message", UM_FIELD_FAULT_MESSAGE},
    {"", REPLY, "Code/Value", UM_FIELD_FAULT_CODE},
    {"", REPLY, "Reason/Text", UM_FIELD_FAULT_TEXT},
    {"", REPLY, "Detail/ExceptionType", UM_FIELD_FAULT_EXCEPTION},
    {"", REPLY, "Detail/ResponseCode", UM_FIELD_FAULT_RESPONSE_CODE},
    {"", REPLY, "Detail/Message", UM_FIELD_FAULT_MESSAGE},
};

enum { ROWS = sizeof grammar / sizeof *grammar };

/* The field that the grammar has for this place, or UM_FIELD_COUNT. */
static enum um_field_id
by_grammar(const char *operation, enum direction direction, const char *path)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(grammar[i].operation, operation) == 0 && grammar[i].direction == direction &&
            strcmp(grammar[i].path, path) == 0)
            return grammar[i].field;
    }
    return UM_FIELD_COUNT;
}

static void
operation_table_is_the_grammar_no_less_and_no_more(void **state)
{
    (void)state;
    for (unsigned op = UM_OPERATION_NONE; op < UM_OPERATION_COUNT; op++) {
        const char *name = um_operation_name((enum um_operation)op);
        for (size_t i = 0; i < ROWS; i++) { /* every path there is, at every operation */
            for (int direction = REQUEST; direction <= REPLY; direction++)
                assert_int_equal(um_operation_field((enum um_operation)op, direction == REPLY,
                                                    S(grammar[i].path)),
                                 by_grammar(name, (enum direction)direction, grammar[i].path));
        }
    }
}

static void
operation_names_are_told_with_their_case(void **state)
{
    (void)state;
    static const char *const names[] = {
        "IsUMEnabled", "GetUMProperties",          "SetOofStatus",
        "ResetPIN",    "SetPlayOnPhoneDialString", "SetMissedCallNotificationEnabled",
        "PlayOnPhone", "PlayOnPhoneGreeting",      "SetTelephoneAccessFolderEmail",
        "GetCallInfo", "GetPhoneCallInformation",  "DisconnectPhoneCall",
        "Disconnect",
    };
    assert_int_equal(sizeof names / sizeof *names, UM_OPERATION_COUNT - 1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        enum um_operation operation = um_operation_of(S(names[i]));
        assert_int_not_equal(operation, UM_OPERATION_NONE);
        assert_string_equal(um_operation_name(operation), names[i]);
    }
    static const char *const others[] = {
        "",         "getcallinfo", "GetCallInf", "GetCallInfoX", "playOnPhone", "PlayOnPhone2",
        "ResetPin", "Fault"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_int_equal(um_operation_of(S(others[i])), UM_OPERATION_NONE);
}

static void
operation_traits_are_those_of_its_service(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum um_service service;
        bool starts, names, polls;
    } traits[] = {
        {"PlayOnPhone", UM_SERVICE_UNKNOWN, true, false, false},
        {"PlayOnPhoneGreeting", UM_SERVICE_UMWS, true, false, false},
        {"GetCallInfo", UM_SERVICE_UMWS, false, true, true},
        {"Disconnect", UM_SERVICE_UMWS, false, true, false},
        {"GetPhoneCallInformation", UM_SERVICE_EWS, false, true, true},
        {"DisconnectPhoneCall", UM_SERVICE_EWS, false, true, false},
        {"IsUMEnabled", UM_SERVICE_UMWS, false, false, false},
        {"", UM_SERVICE_UNKNOWN, false, false, false},
    };
    for (size_t i = 0; i < sizeof traits / sizeof *traits; i++) {
        enum um_operation operation = um_operation_of(S(traits[i].name));
        assert_int_equal(um_operation_service(operation), traits[i].service);
        assert_int_equal(um_operation_starts_call(operation), traits[i].starts);
        assert_int_equal(um_operation_names_call(operation), traits[i].names);
        assert_int_equal(um_operation_polls(operation), traits[i].polls);
    }
    assert_string_equal(um_service_name(UM_SERVICE_UMWS), "umws");
    assert_string_equal(um_service_name(UM_SERVICE_EWS), "ews");
    assert_string_equal(um_service_name(UM_SERVICE_UNKNOWN), "umws");
}

static void
operation_field_knows_no_other_case_and_no_wrapper(void **state)
{
    (void)state;
    static const struct {
        const char *operation;
        enum direction direction;
        const char *path;
    } wrong[] = {
        {"PlayOnPhone", REQUEST, "dialString"},
        {"PlayOnPhone", REQUEST, "EntryId"},
        {"SetPlayOnPhoneDialString", REQUEST, "DialString"},
        {"SetOofStatus", REQUEST, "Status"},
        {"SetTelephoneAccessFolderEmail", REQUEST, "Base64FolderId"},
        {"GetCallInfo", REPLY, "GetCallInfoResult/CallState"},
        {"GetCallInfo", REPLY, "GetCallInfoResponse/CallState"}, /* told without the repeat */
        {"GetCallInfo", REPLY, "CallState/EventCause"},
        {"GetCallInfo", REQUEST, ""},
        {"GetPhoneCallInformation", REQUEST, "PhoneCallId"},
        {"GetPhoneCallInformation", REPLY, "PhoneCallState"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(um_operation_field(um_operation_of(S(wrong[i].operation)),
                                            wrong[i].direction == REPLY, S(wrong[i].path)),
                         UM_FIELD_COUNT);
}

static void
field_has_a_name(void **state)
{
    (void)state;
    for (unsigned i = 0; i < UM_FIELD_COUNT; i++)
        assert_true(strlen(um_field_name((enum um_field_id)i)) > 0);
    assert_string_equal(um_field_name(UM_FIELD_CALL_STATE), "CallState");
    assert_string_equal(um_field_name(UM_FIELD_FAULT_EXCEPTION), "ExceptionType");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operation_table_is_the_grammar_no_less_and_no_more),
        cmocka_unit_test(operation_names_are_told_with_their_case),
        cmocka_unit_test(operation_traits_are_those_of_its_service),
        cmocka_unit_test(operation_field_knows_no_other_case_and_no_wrapper),
        cmocka_unit_test(field_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
