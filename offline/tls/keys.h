/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The key schedules: from premaster and master secrets (SSL 3 to TLS 1.2) and traffic secrets (TLS
 * 1.3) to the keys of each direction. Pure. All functions give 0 or UM_ERR_NOMEM.
 * Source: RFC 6101 section 6, RFC 2246, RFC 5246 sections 5, 6.3 and 8.1, RFC 7627, RFC 8446
 * section 7.
 */
#ifndef UM_TLS_KEYS_H
#define UM_TLS_KEYS_H

#include "offline/tls/record.h"
#include "offline/tls/suites.h"

enum { UM_TLS_RANDOM_BYTES = 32, UM_TLS_MASTER_BYTES = 48 };

/* The keys of one direction. */
struct um_tls_keys {
    uint8_t mac[UM_HASH_MAX_BYTES];
    uint8_t key[32];
    uint8_t iv[16]; /* fixed part of the nonce, or the first IV of SSL 3 and TLS 1.0 */
    size_t mac_len, key_len, iv_len;
};

struct um_tls_randoms {
    uint8_t client[UM_TLS_RANDOM_BYTES];
    uint8_t server[UM_TLS_RANDOM_BYTES];
};

/* The pseudo-random function of `version` (TLS 1.0 to 1.2), for any length of `out`. */
int um_keys_prf(uint16_t version, enum um_hash prf, struct um_span secret, const char *label,
                struct um_span seed1, struct um_span seed2, uint8_t *out, size_t len);

/*
 * The master secret. `session_hash` is that of the handshake so far with the extended master
 * secret, else empty.
 */
int um_keys_master(uint16_t version, const struct um_tls_suite *suite, struct um_span premaster,
                   const struct um_tls_randoms *randoms, struct um_span session_hash,
                   uint8_t out[UM_TLS_MASTER_BYTES]);

/* The keys of the client's direction (0) and the server's (1). */
int um_keys_block(uint16_t version, const struct um_tls_suite *suite, struct um_span master,
                  const struct um_tls_randoms *randoms, struct um_tls_keys out[2]);

/* HKDF-Expand-Label with an empty context; at most 255 bytes. */
int um_keys_expand_label(enum um_hash hash, struct um_span secret, const char *label, uint8_t *out,
                         size_t len);

/* The keys that a traffic secret of TLS 1.3 gives. */
int um_keys_traffic(const struct um_tls_suite *suite, struct um_span secret,
                    struct um_tls_keys *out);

#endif
