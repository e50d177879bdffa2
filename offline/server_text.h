/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A TLS server as a sentence names it: "mail.example (192.0.2.1:443)". */
#ifndef UM_OFFLINE_SERVER_TEXT_H
#define UM_OFFLINE_SERVER_TEXT_H

#include "core/base/endpoint.h"
#include "core/base/span.h"

enum { UM_SERVER_TEXT_MAX = 384 };

/* `name` is what the client asked for, as it came; empty: the address alone. */
void um_server_text(struct um_span name, const struct um_endpoint *server,
                    char out[UM_SERVER_TEXT_MAX]);

#endif
