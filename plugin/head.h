/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Heads of HTTP/1 messages of which Wireshark's HTTP tells nothing, as they were not put together.
 * Pure.
 */
#ifndef UM_PLUGIN_HEAD_H
#define UM_PLUGIN_HEAD_H

#include "core/base/buf.h"
#include "core/http/head.h"

/* True when these bytes tell that a message begins with them. */
bool umws_head_begins(struct um_span bytes);

/* As um_http_head_read; a reply that has no body whatever was asked is framed so. */
enum um_step umws_head_read(struct um_span bytes, struct um_http_message *out);

#endif
