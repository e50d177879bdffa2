/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SHA-256 of a stream of bytes, by OpenSSL. Source: FIPS 180-4. */
#ifndef UM_TLS_DIGEST_H
#define UM_TLS_DIGEST_H

#include "core/base/err.h"
#include "core/base/span.h"

struct um_digest;

enum { UM_DIGEST_HEX_MAX = 65 }; /* 64 hexadecimal digits and a NUL */

/* A new digest of no bytes yet. 0 or UM_ERR_NOMEM. Freed with um_digest_free. */
int um_digest_new(struct um_digest **out);
void um_digest_free(struct um_digest *digest);

/* 0 or UM_ERR_NOMEM. */
int um_digest_add(struct um_digest *digest, struct um_span bytes);

/* The digest of everything added, lower case; the digest cannot be added to afterwards. */
int um_digest_hex(struct um_digest *digest, char out[UM_DIGEST_HEX_MAX]);

#endif
