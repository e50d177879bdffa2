/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All but the head is handed on as it comes. */
#include "offline/tls_events.h"

#include "offline/tls/record.h"

static int
take_head(void *ctx, struct um_http_message *message, bool *wants_body)
{
    const struct um_tls_events *events = ctx;
    struct um_tls_info info = um_tls_info(events->tls);
    message->tls = (struct um_exchange_tls){.version = um_tls_version_text(info.version),
                                            .suite = info.suite_name,
                                            .server_name = info.server_name,
                                            .is_unverified = info.is_unverified};
    return events->observer->head(events->observer->ctx, message, wants_body);
}

static int
take_body(void *ctx, struct um_http_message *message, struct um_span bytes, bool *wants_more)
{
    const struct um_http_events *observer = ((struct um_tls_events *)ctx)->observer;
    return observer->body(observer->ctx, message, bytes, wants_more);
}

static int
take_done(void *ctx, struct um_http_message *message)
{
    const struct um_http_events *observer = ((struct um_tls_events *)ctx)->observer;
    return observer->done(observer->ctx, message);
}

static int
take_exchange(void *ctx, struct um_http_message *request, struct um_http_message *reply,
              enum um_unanswered why)
{
    const struct um_http_events *observer = ((struct um_tls_events *)ctx)->observer;
    return observer->exchange(observer->ctx, request, reply, why);
}

static void
take_too_long(void *ctx, unsigned flag, const struct um_mark *where)
{
    const struct um_http_events *observer = ((struct um_tls_events *)ctx)->observer;
    observer->too_long(observer->ctx, flag, where);
}

static void
forget(void *ctx, struct um_http_message *message)
{
    const struct um_http_events *observer = ((struct um_tls_events *)ctx)->observer;
    observer->forget(observer->ctx, message);
}

struct um_http_events
um_tls_events_wrap(struct um_tls_events *events)
{
    const struct um_http_events *observer = events->observer;
    return (struct um_http_events){.ctx = events,
                                   .head = take_head,
                                   .body = take_body,
                                   .done = take_done,
                                   .exchange = observer->exchange ? take_exchange : NULL,
                                   .too_long = observer->too_long ? take_too_long : NULL,
                                   .forget = observer->forget ? forget : NULL};
}
