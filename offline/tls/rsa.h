/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RSA private keys as files hold them, and what RSA key exchange seals with them. */
#ifndef UM_TLS_RSA_H
#define UM_TLS_RSA_H

#include "offline/tls/crypto.h"

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
