/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP/1.1 messages: a SOAP body with its head, or a bare status. */
#ifndef UM_MAKER_HTTP_H
#define UM_MAKER_HTTP_H

#include "samples/maker/soap.h"

/*
 * Adds the whole message of a request, reply, fault or status: the body is put into its character
 * set, packing and coding, and its length is told. Source: RFC 9112; RFC 1952; RFC 2387.
 */
void um_http_make(struct um_pool *pool, const struct um_event *event, struct um_bytes *out);

#endif
