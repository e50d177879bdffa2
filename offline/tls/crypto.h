/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The primitives of TLS as OpenSSL has them, behind plain C: digests, HMAC, ciphers and RSA. The
 * only module (with digest) that includes OpenSSL. Only what a reader needs: nothing is encrypted.
 */
#ifndef UM_TLS_CRYPTO_H
#define UM_TLS_CRYPTO_H

#include "core/base/err.h"
#include "core/base/span.h"

/* Besides 0 and a negative enum um_err: what was to be opened is not what the key's owner made. */
enum { UM_CRYPTO_FORGED = 1 };

enum um_hash {
    UM_HASH_NONE,
    UM_HASH_MD5,
    UM_HASH_SHA1,
    UM_HASH_SHA256,
    UM_HASH_SHA384,
};

enum { UM_HASH_MAX_BYTES = 64 };

/* Bytes of a digest. */
size_t um_crypto_hash_bytes(enum um_hash hash);

/* The digest of `count` parts one after the other. 0 or UM_ERR_NOMEM. */
int um_crypto_digest(enum um_hash hash, const struct um_span *parts, size_t count,
                     uint8_t out[UM_HASH_MAX_BYTES]);

/* Overwrites what must not stay in memory; the compiler cannot leave it out. */
void um_crypto_wipe(void *bytes, size_t len);

/* True when both have the same bytes; takes as long for any. */
bool um_crypto_equal(struct um_span a, struct um_span b);

/* ---- HMAC, one key for many messages. Source: RFC 2104 ---- */

struct um_mac;

/* 0 or UM_ERR_NOMEM. Freed with um_mac_free, which wipes the key. */
int um_mac_new(enum um_hash hash, struct um_span key, struct um_mac **out);
void um_mac_free(struct um_mac *mac);
int um_mac_make(struct um_mac *mac, const struct um_span *parts, size_t count,
                uint8_t out[UM_HASH_MAX_BYTES]);

/* ---- ciphers ---- */

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
 * A cipher with its key. 0, UM_ERR_NOMEM, or UM_ERR_USAGE when the library does not have it (RC4
 * without the legacy provider). Freed with um_crypt_free, which wipes the key.
 */
int um_crypt_new(enum um_cipher cipher, struct um_span key, struct um_crypt **out);
void um_crypt_free(struct um_crypt *crypt);

/*
 * AEAD: opens `sealed` (its tag at the end) into `out`, which has room for as many bytes without
 * the tag. `nonce` has 12 bytes. 0, UM_CRYPTO_FORGED (then `out` means nothing), UM_ERR_NOMEM.
 */
int um_crypt_open(struct um_crypt *crypt, struct um_span nonce, struct um_span extra,
                  struct um_span sealed, uint8_t *out);

/*
 * CBC: decrypts whole blocks, padding left on. Stream: decrypts and moves on; `iv` is empty then.
 * 0 or UM_ERR_NOMEM.
 */
int um_crypt_decrypt(struct um_crypt *crypt, struct um_span iv, struct um_span in, uint8_t *out);

/* ---- RSA ---- */

struct um_rsa;

/* Besides 0 and a negative enum um_err: there is a key, but the password does not open it. */
enum { UM_RSA_SEALED = 1 };

/*
 * Takes the next private key out of a file's content: PEM, which may hold several, DER or PKCS#12;
 * `password` may be NULL. 0 with `file` moved past the key, UM_ERR_NOMEM, UM_RSA_SEALED when there
 * is none but a key that the password does not open, or UM_ERR_FORMAT when there is no RSA key at
 * all. `file` may be empty.
 */
int um_rsa_next(struct um_span *file, const char *password, struct um_rsa **out);
void um_rsa_free(struct um_rsa *rsa);

enum { UM_PREMASTER_BYTES = 48 };

/*
 * Decrypts a premaster secret (RFC 8017 section 7.2, PKCS #1 version 1.5). 0, UM_CRYPTO_FORGED when
 * this key was not the one, or UM_ERR_NOMEM.
 */
int um_rsa_premaster(struct um_rsa *rsa, struct um_span sealed, uint8_t out[UM_PREMASTER_BYTES]);

#endif
