/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a direction of an HTTP connection has come to, and what that says of a request without a
 * reply. The same for HTTP/1 and HTTP/2.
 */
#ifndef UM_HTTP_ENDING_H
#define UM_HTTP_ENDING_H

#include "core/um/exchange.h"
#include "offline/sink.h"

/* A zeroed one is a direction of which nothing has come. */
struct um_http_ending {
    bool has_bytes; /* so far */
    bool is_unseen; /* its bytes are missing: no packet of it was captured, or none can be read */
    bool has_ended;
    enum um_end end; /* with has_ended */
};

/* Bytes are missing. */
void um_http_ending_miss(struct um_http_ending *ending, enum um_gap_cause cause);

void um_http_ending_set(struct um_http_ending *ending, enum um_end why);

/*
 * Why a request has no reply, now that none will come: the replies' whole direction is missing;
 * else what is `known` of the request by itself (UM_UNANSWERED_NO: nothing); else how the
 * connection ended.
 */
enum um_unanswered um_http_ending_why(const struct um_http_ending *requests,
                                      const struct um_http_ending *replies,
                                      enum um_unanswered known);

#endif
