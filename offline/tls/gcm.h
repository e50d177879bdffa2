/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AES-GCM with its two halves apart: whether what is sealed is authentic, and what a part of it
 * says. Of most of what TLS carries nobody wants to know more than the first.
 * Source: NIST SP 800-38D.
 */
#ifndef UM_TLS_GCM_H
#define UM_TLS_GCM_H

#include "offline/tls/cipher.h"

struct um_gcm;

/* True for the ciphers that this can. */
bool um_gcm_has(enum um_cipher cipher);

/* 0 or UM_ERR_NOMEM. Freed with um_gcm_free, which wipes the key. */
int um_gcm_new(enum um_cipher cipher, struct um_span key, struct um_gcm **out);
void um_gcm_free(struct um_gcm *gcm);

/*
 * Is `sealed`, its tag at the end, authentic? Arguments and results as those of um_crypt_open, but
 * nothing is opened, which takes less than half the time.
 */
int um_gcm_check(struct um_gcm *gcm, struct um_span nonce, struct um_span extra,
                 struct um_span sealed, const void *next);

/*
 * Decrypts a part of what is sealed, which begins `from` bytes behind its beginning; `out` has room
 * for as many bytes. Whether they are authentic is um_gcm_check's to say. 0 or UM_ERR_NOMEM.
 */
int um_gcm_reveal(struct um_gcm *gcm, struct um_span nonce, struct um_span part, size_t from,
                  uint8_t *out);

/* Both, of all that is sealed: as um_crypt_open. */
int um_gcm_open(struct um_gcm *gcm, struct um_span nonce, struct um_span extra,
                struct um_span sealed, const void *next, uint8_t *out);

#endif
