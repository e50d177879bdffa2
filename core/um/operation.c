/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables behind operation.h: the operations with their service, and the place of every value in
 * their messages. The order of the operations is the enumeration's; a row of the second table may
 * serve several operations.
 * Source: [MS-OXWUMS] 3.1.4 and 7.2; SOAP 1.1 section 4.4 and SOAP 1.2 part 1 section 5.4 for the
 * fault; the Exchange web service reference for the rest.
 */
#include "core/um/operation.h"

#include <assert.h>

enum {
    STARTS_CALL = 1 << 0,
    NAMES_CALL = 1 << 1,
    POLLS = 1 << 2,
};

static const struct {
    const char *name;
    enum um_service service;
    unsigned traits;
} operations[UM_OPERATION_COUNT] = {
    [UM_OPERATION_NONE] = {"", UM_SERVICE_UNKNOWN, 0},
    [UM_OPERATION_IS_UM_ENABLED] = {"IsUMEnabled", UM_SERVICE_UMWS, 0},
    [UM_OPERATION_GET_UM_PROPERTIES] = {"GetUMProperties", UM_SERVICE_UMWS, 0},
    [UM_OPERATION_SET_OOF_STATUS] = {"SetOofStatus", UM_SERVICE_UMWS, 0},
    [UM_OPERATION_SET_MISSED_CALL_NOTIFICATION_ENABLED] = {"SetMissedCallNotificationEnabled",
                                                           UM_SERVICE_UMWS, 0},
    [UM_OPERATION_SET_PLAY_ON_PHONE_DIAL_STRING] = {"SetPlayOnPhoneDialString", UM_SERVICE_UMWS, 0},
    [UM_OPERATION_SET_TELEPHONE_ACCESS_FOLDER_EMAIL] = {"SetTelephoneAccessFolderEmail",
                                                        UM_SERVICE_UMWS, 0},
    [UM_OPERATION_RESET_PIN] = {"ResetPIN", UM_SERVICE_UMWS, 0},
    [UM_OPERATION_PLAY_ON_PHONE] = {"PlayOnPhone", UM_SERVICE_UNKNOWN, STARTS_CALL},
    [UM_OPERATION_PLAY_ON_PHONE_GREETING] = {"PlayOnPhoneGreeting", UM_SERVICE_UMWS, STARTS_CALL},
    [UM_OPERATION_GET_CALL_INFO] = {"GetCallInfo", UM_SERVICE_UMWS, NAMES_CALL | POLLS},
    [UM_OPERATION_DISCONNECT] = {"Disconnect", UM_SERVICE_UMWS, NAMES_CALL},
    [UM_OPERATION_GET_PHONE_CALL_INFORMATION] = {"GetPhoneCallInformation", UM_SERVICE_EWS,
                                                 NAMES_CALL | POLLS},
    [UM_OPERATION_DISCONNECT_PHONE_CALL] = {"DisconnectPhoneCall", UM_SERVICE_EWS, NAMES_CALL},
};

/* Sets of operations, one bit each. */
#define OF(operation) (1U << UM_OPERATION_##operation)
#define FAULT OF(NONE)
#define SUCCESSOR (OF(PLAY_ON_PHONE) | OF(GET_PHONE_CALL_INFORMATION) | OF(DISCONNECT_PHONE_CALL))
#define PHONE_CALL_ID (OF(GET_PHONE_CALL_INFORMATION) | OF(DISCONNECT_PHONE_CALL))
#define STATUS (OF(SET_OOF_STATUS) | OF(SET_MISSED_CALL_NOTIFICATION_ENABLED))

static const struct {
    unsigned operations;
    bool reply;
    const char *path;
    enum um_field_id field;
} places[] = {
    {OF(GET_CALL_INFO) | OF(DISCONNECT), false, "CallId", UM_FIELD_CALL_ID},
    {OF(GET_CALL_INFO), true, "CallState", UM_FIELD_CALL_STATE},
    {OF(GET_CALL_INFO), true, "EventCause", UM_FIELD_EVENT_CAUSE},
    {OF(PLAY_ON_PHONE), false, "entryId", UM_FIELD_ENTRY_ID},
    {OF(PLAY_ON_PHONE), false, "ItemId/@Id", UM_FIELD_ITEM_ID},
    {OF(PLAY_ON_PHONE_GREETING), false, "GreetingType", UM_FIELD_GREETING_TYPE},
    {OF(PLAY_ON_PHONE) | OF(PLAY_ON_PHONE_GREETING), false, "DialString", UM_FIELD_DIAL_STRING},
    {OF(PLAY_ON_PHONE) | OF(PLAY_ON_PHONE_GREETING), true, "", UM_FIELD_CALL_ID},
    {OF(IS_UM_ENABLED), true, "", UM_FIELD_UM_ENABLED},
    {OF(GET_UM_PROPERTIES), true, "OofStatus", UM_FIELD_OOF_STATUS},
    {OF(GET_UM_PROPERTIES), true, "MissedCallNotificationEnabled",
     UM_FIELD_MISSED_CALL_NOTIFICATION},
    {OF(GET_UM_PROPERTIES), true, "PlayOnPhoneDialString", UM_FIELD_DIAL_STRING},
    {OF(GET_UM_PROPERTIES), true, "TelephoneAccessNumbers", UM_FIELD_ACCESS_NUMBERS},
    {OF(GET_UM_PROPERTIES), true, "TelephoneAccessFolderEmail", UM_FIELD_ACCESS_FOLDER_EMAIL},
    {STATUS, false, "status", UM_FIELD_STATUS},
    {OF(SET_PLAY_ON_PHONE_DIAL_STRING), false, "dialString", UM_FIELD_DIAL_STRING},
    {OF(SET_TELEPHONE_ACCESS_FOLDER_EMAIL), false, "base64FolderId", UM_FIELD_FOLDER_ID},
    {OF(SET_TELEPHONE_ACCESS_FOLDER_EMAIL), false, "base64FolderID", UM_FIELD_FOLDER_ID},

    {PHONE_CALL_ID, false, "PhoneCallId/@Id", UM_FIELD_CALL_ID},
    {OF(PLAY_ON_PHONE), true, "PhoneCallId/@Id", UM_FIELD_CALL_ID},
    {OF(GET_PHONE_CALL_INFORMATION), true, "PhoneCallInformation/PhoneCallState",
     UM_FIELD_CALL_STATE},
    {OF(GET_PHONE_CALL_INFORMATION), true, "PhoneCallInformation/ConnectionFailureCause",
     UM_FIELD_EVENT_CAUSE},
    {OF(GET_PHONE_CALL_INFORMATION), true, "PhoneCallInformation/SIPResponseText",
     UM_FIELD_SIP_TEXT},
    {OF(GET_PHONE_CALL_INFORMATION), true, "PhoneCallInformation/SIPResponseCode",
     UM_FIELD_SIP_CODE},
    {SUCCESSOR, true, "@ResponseClass", UM_FIELD_RESPONSE_CLASS},
    {SUCCESSOR, true, "ResponseCode", UM_FIELD_RESPONSE_CODE},
    {SUCCESSOR, true, "MessageText", UM_FIELD_MESSAGE_TEXT},
    {SUCCESSOR, true, "DescriptiveLinkKey", UM_FIELD_LINK_KEY},
    {SUCCESSOR, true, "MessageXml", UM_FIELD_MESSAGE_XML},

    {FAULT, true, "faultcode", UM_FIELD_FAULT_CODE},
    {FAULT, true, "faultstring", UM_FIELD_FAULT_TEXT},
    {FAULT, true, "detail/ExceptionType", UM_FIELD_FAULT_EXCEPTION},
    {FAULT, true, "detail/ResponseCode", UM_FIELD_FAULT_RESPONSE_CODE},
    {FAULT, true, "detail/Message", UM_FIELD_FAULT_MESSAGE},
    {FAULT, true, "Code/Value", UM_FIELD_FAULT_CODE},
    {FAULT, true, "Reason/Text", UM_FIELD_FAULT_TEXT},
    {FAULT, true, "Detail/ExceptionType", UM_FIELD_FAULT_EXCEPTION},
    {FAULT, true, "Detail/ResponseCode", UM_FIELD_FAULT_RESPONSE_CODE},
    {FAULT, true, "Detail/Message", UM_FIELD_FAULT_MESSAGE},
};

static const char *const field_names[UM_FIELD_COUNT] = {
    [UM_FIELD_CALL_ID] = "CallId",
    [UM_FIELD_CALL_STATE] = "CallState",
    [UM_FIELD_EVENT_CAUSE] = "EventCause",
    [UM_FIELD_DIAL_STRING] = "DialString",
    [UM_FIELD_ENTRY_ID] = "entryId",
    [UM_FIELD_ITEM_ID] = "ItemId",
    [UM_FIELD_GREETING_TYPE] = "GreetingType",
    [UM_FIELD_STATUS] = "status",
    [UM_FIELD_FOLDER_ID] = "base64FolderId",
    [UM_FIELD_UM_ENABLED] = "IsUMEnabledResponse",
    [UM_FIELD_OOF_STATUS] = "OofStatus",
    [UM_FIELD_MISSED_CALL_NOTIFICATION] = "MissedCallNotificationEnabled",
    [UM_FIELD_ACCESS_NUMBERS] = "TelephoneAccessNumbers",
    [UM_FIELD_ACCESS_FOLDER_EMAIL] = "TelephoneAccessFolderEmail",
    [UM_FIELD_SIP_CODE] = "SIPResponseCode",
    [UM_FIELD_SIP_TEXT] = "SIPResponseText",
    [UM_FIELD_RESPONSE_CLASS] = "ResponseClass",
    [UM_FIELD_RESPONSE_CODE] = "ResponseCode",
    [UM_FIELD_MESSAGE_TEXT] = "MessageText",
    [UM_FIELD_LINK_KEY] = "DescriptiveLinkKey",
    [UM_FIELD_MESSAGE_XML] = "MessageXml",
    [UM_FIELD_FAULT_CODE] = "faultcode",
    [UM_FIELD_FAULT_TEXT] = "faultstring",
    [UM_FIELD_FAULT_EXCEPTION] = "ExceptionType",
    [UM_FIELD_FAULT_RESPONSE_CODE] = "ResponseCode",
    [UM_FIELD_FAULT_MESSAGE] = "Message",
};

const char *
um_operation_name(enum um_operation operation)
{
    assert(operation < UM_OPERATION_COUNT);
    return operations[operation].name;
}

const char *
um_service_name(enum um_service service)
{
    return service == UM_SERVICE_EWS ? "ews" : "umws";
}

enum um_operation
um_operation_of(struct um_span name)
{
    for (int i = UM_OPERATION_NONE + 1; i < UM_OPERATION_COUNT; i++) {
        const char *known = operations[i].name;
        if (name.len > 0 && name.data[0] == (uint8_t)known[0] &&
            um_span_equal(name, um_span_text(known)))
            return (enum um_operation)i;
    }
    return UM_OPERATION_NONE;
}

enum um_service
um_operation_service(enum um_operation operation)
{
    assert(operation < UM_OPERATION_COUNT);
    return operations[operation].service;
}

static bool
has_trait(enum um_operation operation, unsigned trait)
{
    assert(operation < UM_OPERATION_COUNT);
    return (operations[operation].traits & trait) != 0;
}

bool
um_operation_starts_call(enum um_operation operation)
{
    return has_trait(operation, STARTS_CALL);
}

bool
um_operation_names_call(enum um_operation operation)
{
    return has_trait(operation, NAMES_CALL);
}

bool
um_operation_polls(enum um_operation operation)
{
    return has_trait(operation, POLLS);
}

enum um_field_id
um_operation_field(enum um_operation operation, bool reply, struct um_span path)
{
    assert(operation < UM_OPERATION_COUNT);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if ((places[i].operations & (1U << operation)) != 0 && places[i].reply == reply &&
            um_span_equal(path, um_span_text(places[i].path)))
            return places[i].field;
    }
    return UM_FIELD_COUNT;
}

const char *
um_field_name(enum um_field_id field)
{
    assert(field < UM_FIELD_COUNT);
    return field_names[field];
}
