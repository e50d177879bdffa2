/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which keys a direction reads with: none, those after a ChangeCipherSpec (SSL 3 to TLS 1.2), those
 * of an epoch of TLS 1.3. All functions give 0 or UM_ERR_NOMEM; without a secret a direction waits
 * for it or, when it could not be read with any, becomes opaque.
 * Source: RFC 5246 section 6.3, RFC 8446 section 7.
 */
#ifndef UM_TLS_EPOCH_H
#define UM_TLS_EPOCH_H

#include "offline/tls/side.h"

/* SSL 3 to TLS 1.2: from here on this direction is protected. */
int um_epoch_change_cipher(struct um_tls_side *side);

/* TLS 1.3: the keys of that epoch; without its secret those of a later one, if there are any. */
int um_epoch_begin(struct um_tls_side *side, enum um_tls_epoch epoch);

/* TLS 1.3, after a KeyUpdate. */
int um_epoch_update(struct um_tls_side *side);

/* Takes keys over that turned out to be the right ones, with the secret they came from. */
void um_epoch_enter(struct um_tls_side *side, enum um_tls_epoch epoch, struct um_span secret,
                    struct um_unseal *unseal);

/* TLS 1.3, after early data that was refused before the server chose: no keys for now. */
void um_epoch_leave(struct um_tls_side *side);

/* The secret that key logs tell of an epoch; empty when there is none. */
struct um_span um_epoch_secret(const struct um_tls_side *side, enum um_tls_epoch epoch);

/* The secret that a KeyUpdate brings after `from`, which may be in `out`; `*secret` becomes a view
 * of `out`. */
int um_epoch_next_secret(const struct um_tls_side *side, struct um_span from,
                         uint8_t out[UM_SECRET_MAX], struct um_span *secret);

#endif
