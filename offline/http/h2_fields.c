/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that would end a line or a word of the head are replaced: no field can forge another. */
#include "offline/http/h2_fields.h"

#include "core/base/err.h"
#include "core/http/head.h"

bool
um_h2_fields_is_request(const struct um_h2_fields *fields)
{
    return fields->method.len > 0;
}

bool
um_h2_fields_is_reply(const struct um_h2_fields *fields)
{
    return fields->status.len > 0;
}

bool
um_h2_fields_has_start(const struct um_h2_fields *fields)
{
    return fields->method.len > 0 || fields->status.len > 0 || fields->path.len > 0;
}

bool
um_h2_fields_are_trailers(const struct um_h2_fields *fields)
{
    return !um_h2_fields_has_start(fields) && !fields->has_unknown;
}

/* Where a pseudo-header goes; NULL when it is left out. */
static struct um_buf *
pseudo(struct um_h2_fields *fields, struct um_span name)
{
    if (um_span_equal(name, um_span_text(":method")))
        return &fields->method;
    if (um_span_equal(name, um_span_text(":path")))
        return &fields->path;
    if (um_span_equal(name, um_span_text(":authority")))
        return &fields->authority;
    if (um_span_equal(name, um_span_text(":status")))
        return &fields->status;
    return NULL;
}

/* Appends `text` with every byte that could end it where it stands replaced. */
static int
add_clean(struct um_buf *to, struct um_span text, const char *unwanted, char instead)
{
    size_t from = to->len;
    int err = um_buf_append(to, text);
    for (size_t i = from; !err && i < to->len; i++) {
        if (to->data[i] == '\0' || strchr(unwanted, to->data[i]))
            to->data[i] = (uint8_t)instead;
    }
    return err;
}

static int
add_line(struct um_buf *to, struct um_span name, struct um_span value)
{
    int err = add_clean(to, name, " \t\r\n:", '?');
    if (!err)
        err = um_buf_append(to, um_span_text(": "));
    if (!err)
        err = add_clean(to, value, "\r\n", ' ');
    return err ? err : um_buf_append(to, um_span_text("\r\n"));
}

static uint64_t
kept_bytes(const struct um_h2_fields *fields)
{
    return (uint64_t)fields->lines.len + fields->method.len + fields->path.len +
           fields->authority.len + fields->status.len;
}

int
um_h2_fields_add(void *ctx, struct um_span name, struct um_span value)
{
    struct um_h2_fields *fields = ctx;
    uint64_t used = kept_bytes(fields);
    if (fields->is_long || used >= fields->max || name.len + value.len > fields->max - used) {
        fields->is_long = true;
        return UM_OK;
    }
    if (um_span_equal(name, um_span_text("?")))
        fields->has_unknown = true;
    if (name.len > 0 && name.data[0] == ':') {
        struct um_buf *buf = pseudo(fields, name);
        return buf && buf->len == 0 ? um_buf_append(buf, value) : UM_OK;
    }
    if (um_span_equal_nocase(name, um_span_text("transfer-encoding")))
        return UM_OK; /* there is none in HTTP/2 */
    return add_line(&fields->lines, name, value);
}

static struct um_span
or_unknown(struct um_span text)
{
    return um_span_trim(text).len > 0 ? text : um_span_text("?");
}

static int
write_request_line(const struct um_h2_fields *fields, struct um_buf *head)
{
    const struct um_buf *target = fields->path.len > 0 ? &fields->path : &fields->authority;
    int err = add_clean(head, or_unknown(um_buf_span(&fields->method)), " \t\r\n/", '?');
    if (!err)
        err = um_buf_append(head, um_span_text(" "));
    if (!err)
        err = add_clean(head, or_unknown(um_buf_span(target)), "\r\n", '?');
    if (!err)
        err = um_buf_append(head, um_span_text(" HTTP/2\r\n"));
    if (!err && fields->authority.len > 0)
        err = add_line(head, um_span_text("host"), um_buf_span(&fields->authority));
    return err;
}

static int
write_status_line(const struct um_h2_fields *fields, struct um_buf *head)
{
    uint64_t status;
    struct um_span text = um_buf_span(&fields->status);
    if (!um_span_decimal(text, &status) || status > 999)
        text = um_span_text("0");
    int err = um_buf_append(head, um_span_text("HTTP/2 "));
    if (!err)
        err = um_buf_append(head, text);
    return err ? err : um_buf_append(head, um_span_text("\r\n"));
}

int
um_h2_fields_message(const struct um_h2_fields *fields, bool is_reply, struct um_http_message **out)
{
    struct um_buf head = {0};
    int err = is_reply ? write_status_line(fields, &head) : write_request_line(fields, &head);
    if (!err)
        err = um_buf_append(&head, um_buf_span(&fields->lines));
    struct um_http_message *message;
    if (!err)
        err = um_http_head_parse(um_buf_span(&head), &message);
    um_buf_done(&head);
    if (err)
        return err;
    message->framing = UM_HTTP_FRAMING_H2;
    *out = message;
    return UM_OK;
}

void
um_h2_fields_done(struct um_h2_fields *fields)
{
    um_buf_done(&fields->lines);
    um_buf_done(&fields->method);
    um_buf_done(&fields->path);
    um_buf_done(&fields->authority);
    um_buf_done(&fields->status);
}
