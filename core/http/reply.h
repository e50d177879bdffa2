/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a reply of HTTP/1 is to its request and to the connection, beside its fields. `request` is
 * the one that it answers; NULL: not known.
 * Source: RFC 9110 sections 7.8, 9.3.6, 10.1.1 and 15; RFC 9112 section 6.3.
 */
#ifndef UM_HTTP_REPLY_H
#define UM_HTTP_REPLY_H

#include "core/http/message.h"

/* Another one will come behind one of that status: 1xx, but not 101. */
bool um_http_reply_is_interim(unsigned status);

/* It has no body, whatever its fields say. */
bool um_http_reply_is_bodiless(const struct um_http_message *reply,
                               const struct um_http_message *request);

/* What follows on the connection is for whoever reads the tunnel: a CONNECT was granted. */
bool um_http_reply_opens_tunnel(const struct um_http_message *reply,
                                const struct um_http_message *request);

/* What follows on the connection is not HTTP/1: a tunnel, or another protocol. */
bool um_http_reply_ends_http1(const struct um_http_message *reply,
                              const struct um_http_message *request);

/* The connection goes on as HTTP/2, and the request is answered there. */
bool um_http_reply_begins_http2(const struct um_http_message *reply);

/* The request waits for leave to send its body, and was not given it: that may never come. */
bool um_http_reply_may_refuse_body(const struct um_http_message *request);

#endif
