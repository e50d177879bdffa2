/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/tls/pieces.h"

#include "core/base/expect.h"

enum { HEADERS_SHARE = 8 }; /* for so many bytes of records, one of the packets' headers */

struct um_span
um_pieces_take(struct um_span *rest, const void *next)
{
    static uintptr_t expected; /* by all: what they take lies in the same capture */
    struct um_span piece = um_span_first(*rest, UM_PIECE_BYTES);
    *rest = um_span_from(*rest, piece.len);
    um_expect_on(&expected, next, piece.len + piece.len / HEADERS_SHARE);
    return piece;
}
