/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that may come without their namespace: a fault's, and those around it. */
#include "core/um/soap_names.h"

/* ---- the path ---- */

bool
um_soap_names_push(struct um_soap_path *path, struct um_span name)
{
    size_t separator = path->len > 0 ? 1 : 0;
    if (name.len + separator > sizeof path->names - path->len)
        return false;
    if (separator)
        path->names[path->len++] = '/';
    memcpy(path->names + path->len, name.data, name.len);
    path->len += name.len;
    return true;
}

void
um_soap_names_pop(struct um_soap_path *path)
{
    while (path->len > 0 && path->names[--path->len] != '/')
        ;
}

enum um_field_id
um_soap_names_field(const struct um_soap_path *path, const struct um_message *message)
{
    enum um_field_id field =
        um_operation_field(message->operation, message->kind != UM_MESSAGE_REQUEST,
                           um_span_of(path->names, path->len));
    bool is_taken = field != UM_FIELD_COUNT && message->fields[field].state == UM_FIELD_WHOLE;
    return is_taken ? UM_FIELD_COUNT : field;
}

void
um_soap_names_tell_service(const struct um_soap_path *path, enum um_field_id field,
                           struct um_message *message)
{
    if (message->service != UM_SERVICE_UNKNOWN || message->operation != UM_OPERATION_PLAY_ON_PHONE)
        return;
    if (field == UM_FIELD_ENTRY_ID || (field == UM_FIELD_CALL_ID && path->len == 0))
        message->service = UM_SERVICE_UMWS;
    else if (field == UM_FIELD_ITEM_ID || field == UM_FIELD_RESPONSE_CLASS ||
             field == UM_FIELD_CALL_ID)
        message->service = UM_SERVICE_EWS;
}

/* ---- single names ---- */

static bool
may_be_soap(enum um_vocabulary vocabulary)
{
    return um_vocabulary_is_soap(vocabulary) || vocabulary == UM_VOCABULARY_NONE;
}

bool
um_soap_names_is_envelope(struct um_span name, enum um_vocabulary vocabulary)
{
    return um_vocabulary_is_soap(vocabulary) && um_span_equal(name, um_span_text("Envelope"));
}

bool
um_soap_names_is_body(struct um_span name, enum um_vocabulary vocabulary)
{
    return may_be_soap(vocabulary) && um_span_equal(name, um_span_text("Body"));
}

static void
decide_operation(struct um_message *message, struct um_span name)
{
    static const char response[] = "Response";
    size_t tail = sizeof response - 1;
    message->operation = um_operation_of(name);
    message->kind = UM_MESSAGE_REQUEST;
    if (message->operation == UM_OPERATION_NONE && name.len > tail &&
        um_span_equal(um_span_from(name, name.len - tail), um_span_text(response))) {
        message->operation = um_operation_of(um_span_first(name, name.len - tail));
        message->kind = UM_MESSAGE_REPLY;
    }
    message->service = um_operation_service(message->operation);
    if (message->operation == UM_OPERATION_NONE)
        message->kind = UM_MESSAGE_NONE;
}

void
um_soap_names_decide(struct um_message *message, struct um_span name, enum um_vocabulary vocabulary)
{
    if (may_be_soap(vocabulary) && um_span_equal(name, um_span_text("Fault")))
        message->kind = UM_MESSAGE_FAULT;
    else if (vocabulary == UM_VOCABULARY_MESSAGES)
        decide_operation(message, name);
}

bool
um_soap_names_is_repeated(const struct um_message *message, struct um_span name,
                          enum um_vocabulary vocabulary)
{
    struct um_span operation = um_span_text(um_operation_name(message->operation));
    return message->kind == UM_MESSAGE_REPLY && vocabulary == UM_VOCABULARY_MESSAGES &&
           um_span_starts(name, operation) &&
           um_span_equal(um_span_from(name, operation.len), um_span_text("Response"));
}
