/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads bytes that should be UTF-8, character by character. Overlong forms, surrogates and what
 * lies beyond U+10FFFF are no characters. Source: RFC 3629.
 */
#ifndef UM_REPORT_UTF8_H
#define UM_REPORT_UTF8_H

#include "core/base/buf.h"

#define UM_UTF8_BAD UINT32_MAX

/*
 * Takes the first character off `text`, which must not be empty, and returns its code point. Where
 * no character stands one byte is taken and UM_UTF8_BAD returned.
 */
uint32_t um_utf8_next(struct um_span *text);

/* How many bytes at the beginning are printable ASCII: nearly all text is, and needs no more care.
 */
size_t um_utf8_printable(struct um_span text);

/* The columns of a terminal that a character takes: 2 for East Asian wide ones and pictures. */
size_t um_utf8_columns(uint32_t code_point);

/*
 * Appends `text` with U+FFFD for each byte that is no part of a character, and for NUL. 0 or
 * UM_ERR_NOMEM.
 */
int um_utf8_clean(struct um_buf *buf, struct um_span text);

/* True when um_utf8_clean would change nothing. */
bool um_utf8_is_clean(struct um_span text);

#endif
