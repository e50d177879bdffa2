/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Early data of TLS 1.3: a client sends it before it knows whether the server wants it. It is kept
 * back until the server has said so, and dropped when it was refused: then it was never part of
 * what the client said, and usually comes again.
 * Source: RFC 8446 sections 4.2.10 and 4.5.
 */
#ifndef UM_TLS_EARLY_H
#define UM_TLS_EARLY_H

#include "offline/tls/side.h"

enum { UM_TLS_EARLY_BYTES_MAX = 256 * 1024 }; /* kept back; what comes after is a gap */

/* All give 0 or a negative enum um_err. */

/* Opened early data: kept back, handed on or dropped, as the server decided. */
int um_early_data(struct um_tls_side *side, const struct um_tls_arrival *arrival,
                  struct um_span bytes);

/* So many clear bytes of early data are lost; the side's loss tells why, and is forgotten. */
int um_early_gap(struct um_tls_side *side, struct um_missing clear);

/* The server takes it, or the client ends it, which it does only then: what was kept leaves. */
int um_early_accept(struct um_tls *tls);

/* A HelloRetryRequest, an older version, or EncryptedExtensions that do not speak of it. */
int um_early_refuse(struct um_tls *tls);

/* Gives back what is kept. */
void um_early_empty(struct um_tls *tls);

#endif
