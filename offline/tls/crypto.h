/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Digests and HMAC as OpenSSL has them, and what all that deals with secrets needs. Only this,
 * cipher, digest, gcm, library and rsa include OpenSSL.
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

#endif
