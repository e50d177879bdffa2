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
