/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The beginning of TLS where a message of HTTP/1 would begin: what follows a CONNECT, though a hole
 * took that or its reply. Pure. Source: RFC 9110 section 9.3.6, RFC 8446 sections 4 and 5.1.
 */
#ifndef UM_HTTP_TUNNEL_H
#define UM_HTTP_TUNNEL_H

#include "core/base/span.h"

/*
 * Does a TLS record begin here that a client, or else a server, begins with: its hello? Strict, as
 * anything may stand here. False when there are fewer bytes than tell it, nine; no client sends its
 * hello in pieces as short.
 */
bool um_http_tunnel_begins_tls(struct um_span bytes, bool is_client);

#endif
