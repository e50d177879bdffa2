/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The memory is asked for what comes next no faster than it answers: then to wait for it and to
 * decrypt take the same time.
 */
#include "offline/tls/pieces.h"

#include "core/base/expect.h"

enum {
    PIECE_BYTES = 8 * 96, /* OpenSSL's AES-GCM is quick in steps of 96 */
    HEADERS_SHARE = 8,    /* for so many bytes of records, one of the packets' headers */
};

bool
um_pieces_update(EVP_CIPHER_CTX *context, struct um_span bytes, const void *next, uint8_t *out)
{
    static uintptr_t expected; /* of all contexts: what they take lies in the same capture */
    while (bytes.len > 0) {
        struct um_span piece = um_span_first(bytes, PIECE_BYTES);
        int len;
        um_expect_on(&expected, next, piece.len + piece.len / HEADERS_SHARE);
        if (EVP_CipherUpdate(context, out, &len, piece.data, (int)piece.len) != 1)
            return false;
        out = out ? out + piece.len : NULL;
        bytes = um_span_from(bytes, piece.len);
    }
    return true;
}
