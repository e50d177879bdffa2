/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/head.h"

#include "core/http/reply.h"

/* One letter may begin a method; a method that is over is one. */
bool
umws_head_begins(struct um_span bytes)
{
    enum um_step step = um_http_head_look(bytes, UM_HTTP_LOOK_KNOWN);
    return step == UM_DONE || (step == UM_MORE && um_span_find(bytes, ' ') < bytes.len);
}

enum um_step
umws_head_read(struct um_span bytes, struct um_http_message *out)
{
    enum um_step step = um_http_head_read(bytes, out);
    if (out->is_reply && um_http_reply_is_bodiless(out, NULL))
        out->framing = UM_HTTP_FRAMING_NONE;
    return step;
}

bool
umws_head_may_be_soap(const struct um_http_message *head)
{
    struct um_span type = um_span_first(head->content_type, um_span_find(head->content_type, ';'));
    if (head->framing == UM_HTTP_FRAMING_NONE)
        return false;
    if (type.len == 0 || um_span_starts_nocase(type, um_span_text("multipart/related")))
        return true;
    for (size_t i = 0; i + 3 <= type.len; i++) {
        if (um_span_equal_nocase(um_span_of(type.data + i, 3), um_span_text("xml")))
            return true;
    }
    return false;
}
