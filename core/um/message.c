/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Questions about a message that was read, and copies of it. Looks only at values that stood whole
 * in the body: a cut one could be taken for another.
 */
#include "core/um/message.h"

#include <assert.h>
#include <stdlib.h>

#include "core/base/err.h"

const char *
um_message_flag_text(unsigned bit)
{
    static const char *const texts[UM_MESSAGE_FLAGS] = {
        "namespace-https", "malformed", "doctype", "xml-depth", "xml-text", "cut", "soap12",
    };
    assert(bit < UM_MESSAGE_FLAGS);
    return texts[bit];
}

bool
um_message_has(const struct um_message *message, enum um_field_id field)
{
    assert(field < UM_FIELD_COUNT);
    return message->fields[field].state == UM_FIELD_WHOLE;
}

struct um_span
um_message_text(const struct um_message *message, enum um_field_id field)
{
    if (!um_message_has(message, field))
        return um_span_of(NULL, 0);
    return um_span_trim(message->fields[field].text);
}

struct um_span
um_message_local_name(struct um_span name)
{
    size_t begin = name.len;
    while (begin > 0 && name.data[begin - 1] != ':')
        begin--;
    return um_span_trim(um_span_from(name, begin));
}

struct um_span
um_message_fault_name(const struct um_message *message)
{
    if (um_message_is_service_error(message))
        return um_message_text(message, UM_FIELD_RESPONSE_CODE);
    if (message->kind != UM_MESSAGE_FAULT)
        return um_span_of(NULL, 0);
    struct um_span exception =
        um_message_local_name(um_message_text(message, UM_FIELD_FAULT_EXCEPTION));
    if (exception.len > 0)
        return exception;
    return um_message_local_name(um_message_text(message, UM_FIELD_FAULT_CODE));
}

bool
um_message_is_service_error(const struct um_message *message)
{
    return message->kind == UM_MESSAGE_REPLY &&
           um_span_equal(um_message_text(message, UM_FIELD_RESPONSE_CLASS), um_span_text("Error"));
}

size_t
um_message_size(const struct um_message *message)
{
    /* the texts lie in memory side by side, so their sum cannot overflow */
    size_t size = sizeof *message;
    for (size_t i = 0; i < UM_FIELD_COUNT; i++)
        size += message->fields[i].text.len;
    return size;
}

int
um_message_copy(const struct um_message *message, struct um_message **out)
{
    struct um_message *copy = malloc(um_message_size(message));
    if (!copy)
        return UM_ERR_NOMEM;
    *copy = *message;
    uint8_t *at = (uint8_t *)(copy + 1);
    for (size_t i = 0; i < UM_FIELD_COUNT; i++) {
        struct um_span *text = &copy->fields[i].text;
        if (text->len > 0)
            memcpy(at, text->data, text->len);
        text->data = at;
        at += text->len;
    }
    *out = copy;
    return UM_OK;
}
