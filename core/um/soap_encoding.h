/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the bytes of a body to UTF-8: which encoding they are in, and the conversion. Done here and
 * not by the XML library, because its converters report bad input on the standard error of whoever
 * uses it, and because a declaration that the bytes contradict ("utf-16" over plain ASCII) is usual
 * and harmless.
 */
#ifndef UM_UM_SOAP_ENCODING_H
#define UM_UM_SOAP_ENCODING_H

#include "core/base/buf.h"
#include "core/base/err.h"

enum um_soap_encoding {
    UM_SOAP_ENCODING_UTF8, /* and every label that is not known: markup is ASCII all the same */
    UM_SOAP_ENCODING_UTF16LE,
    UM_SOAP_ENCODING_UTF16BE,
    UM_SOAP_ENCODING_LATIN1, /* read as its superset windows-1252, as browsers do */
};

enum { UM_SOAP_HEAD_MAX = 256 }; /* bytes of a body within which its declaration must end */

/*
 * The encoding a label names ("iso-8859-1", any case). UTF-16 is never told by a label alone: the
 * zero bytes of its first characters are.
 */
enum um_soap_encoding um_soap_encoding_of(struct um_span label);

/*
 * Finds the encoding of a body that begins with `head`: byte order mark, else zero bytes, else XML
 * declaration, else `charset` of the HTTP field. UM_DONE sets `encoding` and the length of the mark
 * to be skipped; UM_MORE when more of the body is needed, never with UM_SOAP_HEAD_MAX bytes.
 * Source: XML 1.0 appendix F; RFC 7303 section 3.
 */
enum um_step um_soap_encoding_detect(struct um_span head, enum um_soap_encoding charset,
                                     enum um_soap_encoding *encoding, size_t *mark_len);

/* Converts a body piece by piece. Zeroed but for its encoding, it is at the body's beginning. */
struct um_soap_decoder {
    enum um_soap_encoding encoding;
    bool has_byte; /* a piece ended inside a UTF-16 unit */
    uint8_t byte;  /* the unit's first byte */
    uint16_t high; /* a high surrogate that waits for its low one; 0: none */
};

/*
 * Appends `bytes` to `out` as UTF-8. A surrogate without its other half is written as three bytes
 * that no XML parser takes for a character. 0 or UM_ERR_NOMEM.
 */
int um_soap_decode(struct um_soap_decoder *decoder, struct um_span bytes, struct um_buf *out);

#endif
