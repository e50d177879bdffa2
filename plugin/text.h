/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts for trees and columns: valid UTF-8, one line, nothing that steers a terminal. */
#ifndef UM_PLUGIN_TEXT_H
#define UM_PLUGIN_TEXT_H

#include "core/base/span.h"
#include "core/um/timeline.h"
#include "plugin/exchanges.h"

/*
 * A text from the wire. What is not UTF-8 becomes U+FFFD, and so do control characters and those
 * that turn the direction of writing. Lives in `scope`.
 */
const char *umws_text_safe(wmem_allocator_t *scope, struct um_span wire);

/* The same of a text of ours that becomes an item: Wireshark cuts a longer one anywhere, also in a
 * character. */
const char *umws_text_item(wmem_allocator_t *scope, const char *text);

/*
 * " 3.900 to 6.100 s", " at least 3.900 s"; nothing for the last Disconnected. The lower bound is
 * rounded down, the upper one up, so that what is written holds.
 */
const char *umws_text_span_lasted(wmem_allocator_t *scope, const struct um_span_of_state *span);

/* "GetCallInfo request", "GetCallInfo fault", "GetCallInfo reply". */
const char *umws_text_title(wmem_allocator_t *scope, const struct umws_message *message);

/* The same and what the message says by itself: ", Disconnected NoAnswer". */
const char *umws_text_summary(wmem_allocator_t *scope, const struct umws_message *message);

#endif
