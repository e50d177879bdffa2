/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Long input for one of OpenSSL's cipher contexts. */
#ifndef UM_TLS_PIECES_H
#define UM_TLS_PIECES_H

#include <openssl/evp.h>

#include "core/base/span.h"

/*
 * EVP_CipherUpdate with all of `bytes`, in pieces; not for CCM, which takes all at once. `out` has
 * room for as many; NULL: they are additional data. With each piece as much is expected (expect.h)
 * of what lies at `next`, perhaps, and is read after; NULL: nobody knows. False: OpenSSL failed.
 */
bool um_pieces_update(EVP_CIPHER_CTX *context, struct um_span bytes, const void *next,
                      uint8_t *out);

#endif
