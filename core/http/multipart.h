/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The root part of a multipart/related body: the envelope of a SOAP message with attachments
 * (MTOM). Pure. Source: RFC 2045 section 6, RFC 2046 section 5.1, RFC 2387, XOP section 4.
 */
#ifndef UM_HTTP_MULTIPART_H
#define UM_HTTP_MULTIPART_H

#include "core/base/buf.h"

struct um_multipart_part {
    struct um_span content_type;      /* field value, empty when absent */
    struct um_span transfer_encoding; /* the same of Content-Transfer-Encoding */
    struct um_span content;           /* up to the next boundary, or the end of what is there */
};

/* True for a Content-Type value of multipart/related. */
bool um_multipart_is_related(struct um_span content_type);

/*
 * Finds the root part by the field value's parameters: the part whose Content-ID is `start`, with
 * or without angle brackets; the first when there is no `start`, or when all parts are there and
 * none is it. `out` are views into `body`. False, and `out` empty, when there is no boundary, or no
 * such part.
 */
bool um_multipart_root(struct um_span content_type, struct um_span body,
                       struct um_multipart_part *out);

/*
 * Undoes a Content-Transfer-Encoding of base64 or quoted-printable in `body`, of which `part` was
 * found to be one: its content becomes shorter, and what stood there is gone. Any other encoding
 * changes nothing.
 */
void um_multipart_undo_encoding(struct um_multipart_part *part, struct um_buf *body);

#endif
