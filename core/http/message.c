/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Questions about a message whose head was read. */
#include "core/http/message.h"

#include "core/http/multipart.h"

const char *
um_http_framing_text(enum um_http_framing framing)
{
    switch (framing) {
    case UM_HTTP_FRAMING_LENGTH:
        return "length";
    case UM_HTTP_FRAMING_CHUNKED:
        return "chunked";
    case UM_HTTP_FRAMING_CLOSE:
        return "close";
    case UM_HTTP_FRAMING_H2:
        return "h2";
    default:
        return "none";
    }
}

bool
um_http_message_field(const struct um_http_message *message, struct um_span name,
                      struct um_span *value)
{
    struct um_span rest = message->head;
    (void)um_span_split(&rest, '\n'); /* the start line */
    while (rest.len > 0) {
        struct um_span line = um_span_split(&rest, '\n');
        if (um_span_find(line, ':') == line.len)
            continue;
        struct um_span found = um_span_trim(um_span_split(&line, ':'));
        if (um_span_equal_nocase(found, name)) {
            *value = um_span_trim(line);
            return true;
        }
    }
    return false;
}

bool
um_http_message_may_be_soap(const struct um_http_message *message)
{
    struct um_span type =
        um_span_first(message->content_type, um_span_find(message->content_type, ';'));
    if (message->framing == UM_HTTP_FRAMING_NONE)
        return false;
    if (type.len == 0 || um_multipart_is_related(type))
        return true;
    for (size_t i = 0; i + 3 <= type.len; i++) {
        bool is_x = type.data[i] == 'x' || type.data[i] == 'X';
        if (is_x && um_span_equal_nocase(um_span_of(type.data + i, 3), um_span_text("xml")))
            return true;
    }
    return false;
}

/* The length of the parameter that begins `rest`: up to a semicolon outside quotes. */
static size_t
parameter_len(struct um_span rest)
{
    bool is_quoted = false;
    for (size_t i = 0; i < rest.len; i++) {
        if (is_quoted && rest.data[i] == '\\')
            i++;
        else if (rest.data[i] == '"')
            is_quoted = !is_quoted;
        else if (rest.data[i] == ';' && !is_quoted)
            return i;
    }
    return rest.len;
}

static struct um_span
without_quotes(struct um_span value)
{
    if (value.len >= 2 && value.data[0] == '"' && value.data[value.len - 1] == '"')
        return um_span_of(value.data + 1, value.len - 2);
    return value;
}

struct um_span
um_http_message_parameter(struct um_span content_type, struct um_span name)
{
    return um_http_parameter(um_span_from(content_type, parameter_len(content_type) + 1), name);
}

struct um_span
um_http_parameter(struct um_span parameters, struct um_span name)
{
    while (parameters.len > 0) {
        size_t len = parameter_len(parameters);
        struct um_span value = um_span_first(parameters, len);
        parameters = um_span_from(parameters, len + 1);
        if (um_span_equal_nocase(um_span_trim(um_span_split(&value, '=')), name))
            return without_quotes(um_span_trim(value));
    }
    return um_span_of(NULL, 0);
}
