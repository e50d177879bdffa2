/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ciphers of TLS records as OpenSSL has them. Only what a reader needs: nothing is encrypted.
 */
#ifndef UM_TLS_CIPHER_H
#define UM_TLS_CIPHER_H

#include "core/base/span.h"
#include "offline/tls/crypto.h"

enum um_cipher {
    UM_CIPHER_NULL,
    UM_CIPHER_AES_128_GCM,
    UM_CIPHER_AES_256_GCM,
    UM_CIPHER_AES_128_CCM,
    UM_CIPHER_AES_256_CCM,
    UM_CIPHER_AES_128_CCM_8,
    UM_CIPHER_AES_256_CCM_8,
    UM_CIPHER_CHACHA20_POLY1305,
    UM_CIPHER_AES_128_CBC,
    UM_CIPHER_AES_256_CBC,
    UM_CIPHER_CAMELLIA_128_CBC,
    UM_CIPHER_CAMELLIA_256_CBC,
    UM_CIPHER_3DES_CBC,
    UM_CIPHER_RC4,
    UM_CIPHER_COUNT
};

enum um_cipher_mode { UM_CIPHER_MODE_STREAM, UM_CIPHER_MODE_CBC, UM_CIPHER_MODE_AEAD };

struct um_cipher_info {
    enum um_cipher_mode mode;
    size_t key_bytes;
    size_t block_bytes; /* CBC; its initialisation vector has as many */
    size_t tag_bytes;   /* AEAD */
};

/* Static. */
const struct um_cipher_info *um_cipher_info(enum um_cipher cipher);

struct um_crypt;

/*
 * A cipher with its key, but none of GCM, which is gcm.h's. 0, UM_ERR_NOMEM, or UM_ERR_USAGE when
 * the library does not have it (RC4 without the legacy provider). Freed with um_crypt_free, which
 * wipes the key.
 */
int um_crypt_new(enum um_cipher cipher, struct um_span key, struct um_crypt **out);
void um_crypt_free(struct um_crypt *crypt);

/*
 * AEAD: opens `sealed` (its tag at the end) into `out`, which has room for as many bytes without
 * the tag. `nonce` has 12 bytes. Meanwhile as much is expected (expect.h) of what lies at `next`,
 * perhaps, and is opened after. 0, UM_CRYPTO_FORGED (then `out` means nothing), UM_ERR_NOMEM.
 */
int um_crypt_open(struct um_crypt *crypt, struct um_span nonce, struct um_span extra,
                  struct um_span sealed, const void *next, uint8_t *out);

/*
 * CBC: decrypts whole blocks, padding left on. Stream: decrypts and moves on; `iv` is empty then. 0
 * or UM_ERR_NOMEM.
 */
int um_crypt_decrypt(struct um_crypt *crypt, struct um_span iv, struct um_span in, uint8_t *out);

#endif
