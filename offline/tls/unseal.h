/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opens the protected records of one direction under one set of keys: AEAD, CBC with the MAC inside
 * or outside, stream. Every record is authenticated, unless nothing is encrypted and there is no
 * key; the sequence number is searched in a range, so that records missing before it do no harm.
 * Source: RFC 6101 section 5.2.3, RFC 5246 section 6.2.3, RFC 7366, RFC 8446 section 5.2.
 */
#ifndef UM_TLS_UNSEAL_H
#define UM_TLS_UNSEAL_H

#include "offline/tls/keys.h"
#include "offline/tls/numbers.h"

struct um_unseal;

/*
 * `encrypt_then_mac` as negotiated (RFC 7366). 0, UM_ERR_NOMEM, or UM_ERR_USAGE when the library
 * lacks the cipher. `keys` are copied as far as they are needed. With a cipher that does not
 * encrypt they may be all zero: then each record's MAC is only taken off.
 */
int um_unseal_new(uint16_t version, const struct um_tls_suite *suite, bool encrypt_then_mac,
                  const struct um_tls_keys *keys, struct um_unseal **out);
void um_unseal_free(struct um_unseal *unseal);

struct um_unsealed {
    struct um_span bytes; /* in the caller's buffer */
    uint8_t type;         /* the inner one with TLS 1.3 */
    uint64_t sequence;
};

/*
 * Opens a record. `out` has room for UM_TLS_BODY_MAX bytes. 0, UM_CRYPTO_FORGED (no number of the
 * range that could be tried authenticates it), UM_ERR_NOMEM. Peers that count their explicit nonces
 * (RFC 5288 section 3) tell by them how many records are missing: that number is tried before those
 * between. CBC before TLS 1.1 and streams go on from the record before: a record that is lost must
 * be told with um_unseal_skip, and cannot be told when its bytes are not known.
 */
int um_unseal_record(struct um_unseal *unseal, const struct um_tls_record *record,
                     struct um_tls_numbers numbers, uint8_t *out, struct um_unsealed *opened);

/*
 * The same in two steps, where they are apart (gcm.h), of a record of data that is not padded and
 * whose sequence number is known: is it authentic, and what does a part of it say?
 */

/* Clear bytes of such a record; SIZE_MAX: it is none, or there is but one step. */
size_t um_unseal_clear_bytes(struct um_unseal *unseal, const struct um_tls_record *record,
                             uint64_t sequence);

/* 0, UM_CRYPTO_FORGED, UM_ERR_NOMEM. */
int um_unseal_check(struct um_unseal *unseal, const struct um_tls_record *record,
                    uint64_t sequence);

/* `len` clear bytes from that place on. 0 or UM_ERR_NOMEM. */
int um_unseal_reveal(struct um_unseal *unseal, const struct um_tls_record *record,
                     uint64_t sequence, size_t from, size_t len, uint8_t *out);

/* True when a record could not be opened without the one before it. */
bool um_unseal_would_chain(uint16_t version, const struct um_tls_suite *suite);

/* A record of `body_bytes` was lost; SIZE_MAX: any number of records were, of unknown lengths. */
int um_unseal_skip(struct um_unseal *unseal, size_t body_bytes);

/* The body of the record before the next one ended like this: CBC before TLS 1.1 goes on from it.
 */
void um_unseal_resume(struct um_unseal *unseal, struct um_span body_end);

/* False when it was made without keys, and takes every record of its version for what it says. */
bool um_unseal_verifies(const struct um_unseal *unseal);

/* True when the next record cannot be told right from wrong: what it goes on from is not known. */
bool um_unseal_is_lost(const struct um_unseal *unseal);

/* Bytes of a body that are not clear bytes; where there is padding, which varies, the least. */
size_t um_unseal_overhead(const struct um_unseal *unseal);

/*
 * How many more they may be, of a peer that pads no further than to the end of a block, or in TLS
 * 1.3 than it has been seen to do.
 */
size_t um_unseal_padding_max(const struct um_unseal *unseal);

#endif
