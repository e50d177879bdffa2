/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every operation of the UM web service and of its EWS successor, and every element of their
 * messages, in one table. Knows names, not XML: the recogniser walks the table with what it reads.
 * Source: [MS-OXWUMS] and the Exchange web service reference, UM web service pages.
 */
#ifndef UM_UM_OPERATION_H
#define UM_UM_OPERATION_H

#include "core/base/span.h"

enum um_service {
    UM_SERVICE_UNKNOWN, /* PlayOnPhone without a child that tells the two apart */
    UM_SERVICE_UMWS,    /* UM web service */
    UM_SERVICE_EWS,     /* its successor in Exchange Web Services */
};

enum um_operation {
    UM_OPERATION_NONE, /* a fault names no operation */
    UM_OPERATION_IS_UM_ENABLED,
    UM_OPERATION_GET_UM_PROPERTIES,
    UM_OPERATION_SET_OOF_STATUS,
    UM_OPERATION_SET_MISSED_CALL_NOTIFICATION_ENABLED,
    UM_OPERATION_SET_PLAY_ON_PHONE_DIAL_STRING,
    UM_OPERATION_SET_TELEPHONE_ACCESS_FOLDER_EMAIL,
    UM_OPERATION_RESET_PIN,
    UM_OPERATION_PLAY_ON_PHONE, /* of both services */
    UM_OPERATION_PLAY_ON_PHONE_GREETING,
    UM_OPERATION_GET_CALL_INFO,
    UM_OPERATION_DISCONNECT,
    UM_OPERATION_GET_PHONE_CALL_INFORMATION,
    UM_OPERATION_DISCONNECT_PHONE_CALL,
    UM_OPERATION_COUNT
};

/* What a value in a message is, by meaning: both services' names for one thing share a field. */
enum um_field_id {
    UM_FIELD_CALL_ID,       /* CallId, PhoneCallId/@Id, the text of a PlayOnPhone reply */
    UM_FIELD_CALL_STATE,    /* CallState, PhoneCallState */
    UM_FIELD_EVENT_CAUSE,   /* EventCause, ConnectionFailureCause */
    UM_FIELD_DIAL_STRING,   /* DialString, dialString, PlayOnPhoneDialString */
    UM_FIELD_ENTRY_ID,      /* entryId */
    UM_FIELD_ITEM_ID,       /* ItemId/@Id */
    UM_FIELD_GREETING_TYPE, /* GreetingType */
    UM_FIELD_STATUS,        /* status */
    UM_FIELD_FOLDER_ID,     /* base64FolderId, base64FolderID */
    UM_FIELD_UM_ENABLED,    /* the text of an IsUMEnabled reply */
    UM_FIELD_OOF_STATUS,    /* OofStatus */
    UM_FIELD_MISSED_CALL_NOTIFICATION, /* MissedCallNotificationEnabled */
    UM_FIELD_ACCESS_NUMBERS,           /* TelephoneAccessNumbers */
    UM_FIELD_ACCESS_FOLDER_EMAIL,      /* TelephoneAccessFolderEmail */
    UM_FIELD_SIP_CODE,                 /* SIPResponseCode */
    UM_FIELD_SIP_TEXT,                 /* SIPResponseText */
    UM_FIELD_RESPONSE_CLASS,           /* @ResponseClass */
    UM_FIELD_RESPONSE_CODE,            /* ResponseCode of a successor's reply */
    UM_FIELD_MESSAGE_TEXT,             /* MessageText */
    UM_FIELD_LINK_KEY,                 /* DescriptiveLinkKey */
    UM_FIELD_MESSAGE_XML,              /* MessageXml: its text, elements inside it left out */
    UM_FIELD_FAULT_CODE,               /* faultcode (SOAP 1.2: Code/Value), as written */
    UM_FIELD_FAULT_TEXT,               /* faultstring (SOAP 1.2: Reason/Text) */
    UM_FIELD_FAULT_EXCEPTION,          /* detail/ExceptionType */
    UM_FIELD_FAULT_RESPONSE_CODE,      /* detail/ResponseCode */
    UM_FIELD_FAULT_MESSAGE,            /* detail/Message */
    UM_FIELD_COUNT
};

/* "GetCallInfo" and the like; "" for UM_OPERATION_NONE. Static. */
const char *um_operation_name(enum um_operation operation);

/* "umws", "ews"; "umws" for UM_SERVICE_UNKNOWN, whose only member is PlayOnPhone. Static. */
const char *um_service_name(enum um_service service);

/* The operation with exactly this name, or UM_OPERATION_NONE. */
enum um_operation um_operation_of(struct um_span name);

/* The service an operation belongs to; UM_SERVICE_UNKNOWN for PlayOnPhone and NONE. */
enum um_service um_operation_service(enum um_operation operation);

/* True for PlayOnPhone and PlayOnPhoneGreeting: a call begins with it. */
bool um_operation_starts_call(enum um_operation operation);

/* True for the operations whose request names a call. */
bool um_operation_names_call(enum um_operation operation);

/* True for GetCallInfo and GetPhoneCallInformation: the reply tells a state. */
bool um_operation_polls(enum um_operation operation);

/*
 * The field that an element or attribute is, `path` being local names below the operation's own
 * element joined by '/', attributes with '@' ("PhoneCallId/@Id", "CallState"; "" is the operation
 * element's own text). `reply` says whether it stands in a reply. UM_FIELD_COUNT: none of ours.
 * Nested replies are told without the inner repeat of their name. A fault is the reply of
 * UM_OPERATION_NONE ("faultcode", "detail/ExceptionType", SOAP 1.2 "Code/Value").
 */
enum um_field_id um_operation_field(enum um_operation operation, bool reply, struct um_span path);

/* The element's or attribute's documented name, e.g. "CallState"; for reports and trees. Static. */
const char *um_field_name(enum um_field_id field);

#endif
