/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/http/reply.h"

bool
um_http_reply_is_interim(unsigned status)
{
    return status >= 100 && status < 200 && status != 101;
}

static bool
has_method(const struct um_http_message *request, const char *method)
{
    return request && um_span_equal(request->method, um_span_text(method));
}

bool
um_http_reply_is_bodiless(const struct um_http_message *reply,
                          const struct um_http_message *request)
{
    return reply->status < 200 || reply->status == 204 || reply->status == 304 ||
           has_method(request, "HEAD") || um_http_reply_ends_http1(reply, request);
}

bool
um_http_reply_opens_tunnel(const struct um_http_message *reply,
                           const struct um_http_message *request)
{
    return reply->status >= 200 && reply->status < 300 && has_method(request, "CONNECT");
}

bool
um_http_reply_ends_http1(const struct um_http_message *reply, const struct um_http_message *request)
{
    return reply->status == 101 || um_http_reply_opens_tunnel(reply, request);
}

static bool
has_field(const struct um_http_message *message, const char *name, const char *value)
{
    struct um_span found;
    return um_http_message_field(message, um_span_text(name), &found) &&
           um_span_equal_nocase(found, um_span_text(value));
}

bool
um_http_reply_begins_http2(const struct um_http_message *reply)
{
    return reply->status == 101 && has_field(reply, "upgrade", "h2c");
}

bool
um_http_reply_may_refuse_body(const struct um_http_message *request)
{
    return request && request->pair.request != UM_PAIRING_DONE && !request->is_asked_on &&
           has_field(request, "expect", "100-continue");
}
