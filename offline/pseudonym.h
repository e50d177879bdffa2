/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Stable names for private values: the same value gets the same name for as long as the key lives,
 * and nobody without the key can find out, or try, what a name stands for. The key is random, made
 * anew for each run and never told. HMAC-SHA-256.
 */
#ifndef UM_OFFLINE_PSEUDONYM_H
#define UM_OFFLINE_PSEUDONYM_H

#include "core/base/buf.h"
#include "core/base/endpoint.h"
#include "core/base/symbols.h"

struct um_pseudonyms;

/* 0, UM_ERR_NOMEM, or UM_ERR_IO when the system gives no random bytes (errno tells why). */
int um_pseudonyms_new(struct um_pseudonyms **out);

/* The same with a key of the caller's, for tests. */
int um_pseudonyms_with_key(struct um_span key, struct um_pseudonyms **out);
void um_pseudonyms_free(struct um_pseudonyms *pseudonyms);

/*
 * "KIND-" and ten letters and digits, vowels left out so that they form no words. `kind` is a
 * letter or more and keeps values of different kinds apart. Lives as long as `pseudonyms`. 0 or
 * UM_ERR_NOMEM.
 */
int um_pseudonym_word(struct um_pseudonyms *pseudonyms, const char *kind, struct um_span value,
                      struct um_span *out);

/* The same for a host name: names that differ in case only get names that do so too. */
int um_pseudonym_host(struct um_pseudonyms *pseudonyms, struct um_span value, struct um_span *out);

/*
 * Replaces the address, the port stays: one of 240.0.0.0/4 or fd00::/8, which no capture has of the
 * real world or of a report. Different addresses stay different. 0 or UM_ERR_NOMEM.
 */
int um_pseudonym_address(struct um_pseudonyms *pseudonyms, struct um_endpoint *endpoint);

enum { UM_PSEUDONYM_DIGEST_MAX = 65 };

/* 64 hexadecimal digits for any bytes. Returns 0 or UM_ERR_NOMEM. */
int um_pseudonym_digest(struct um_pseudonyms *pseudonyms, struct um_span bytes,
                        char out[UM_PSEUDONYM_DIGEST_MAX]);

#endif
