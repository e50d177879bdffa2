/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Long input for OpenSSL, piece by piece: the memory is asked for what comes next no faster than it
 * answers, so that to wait for it and to decrypt take the same time.
 */
#ifndef UM_TLS_PIECES_H
#define UM_TLS_PIECES_H

#include "core/base/span.h"

enum { UM_PIECE_BYTES = 8 * 96 };

/*
 * Takes the next piece, at most UM_PIECE_BYTES, off `rest`. As much is expected (expect.h) of what
 * lies at `next`, perhaps, and is read after; NULL: nobody knows.
 */
struct um_span um_pieces_take(struct um_span *rest, const void *next);

#endif
