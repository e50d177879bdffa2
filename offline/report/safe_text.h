/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text from the wire, made harmless for a terminal and for eyes: control characters (C0, DEL, C1),
 * line separators, characters that reorder or hide text, and bytes that are no UTF-8 are shown as
 * escapes. A backslash stays as it is: for the exact text there is JSON.
 */
#ifndef UM_REPORT_SAFE_TEXT_H
#define UM_REPORT_SAFE_TEXT_H

#include "core/base/buf.h"

/* True for a character that must not reach a terminal as it is. */
bool um_safe_text_is_harmful(uint32_t code_point);

/*
 * Appends `text`: \x1b for a control character below U+0080, \u202e or \U000e0041 for any other
 * harmful one, \xff for a byte that is no UTF-8. Unless `utf8`, every character beyond ASCII is
 * escaped too. 0 or UM_ERR_NOMEM.
 */
int um_safe_text_append(struct um_buf *buf, struct um_span text, bool utf8);

#endif
