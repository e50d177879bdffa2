/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Request targets and what they are made of, rewritten. Source: RFC 9110 section 7.1, RFC 3986. */
#ifndef UM_OFFLINE_SCRUB_TARGET_H
#define UM_OFFLINE_SCRUB_TARGET_H

#include "offline/rewriting.h"

/* Any form: path, URL, host and port of CONNECT, "*". */
void um_scrub_target_put(struct um_rewriting *rewriting, struct um_span target);

/* host, host:port, user@host:port */
void um_scrub_target_authority(struct um_rewriting *rewriting, struct um_span authority);

/* Parts of a path or query with separators between them. */
void um_scrub_target_parts(struct um_rewriting *rewriting, struct um_span text);

#endif
