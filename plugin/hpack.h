/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A look at a header block of HTTP/2 without decoding it: Wireshark tells a dissector of bodies
 * nothing of the request. Pure. Source: RFC 7541 sections 5 and 6.
 */
#ifndef UM_PLUGIN_HPACK_H
#define UM_PLUGIN_HPACK_H

#include "core/base/span.h"

/* True when the block has ":method: GET" as the static table has it, the way all encoders write it.
 */
bool umws_hpack_is_get(struct um_span block);

#endif
