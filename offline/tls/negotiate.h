/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The handshake as it goes by: messages are joined out of the content of records, those that decide
 * about keys and the report are taken, the others passed over by their length.
 */
#ifndef UM_TLS_NEGOTIATE_H
#define UM_TLS_NEGOTIATE_H

#include "offline/tls/side.h"

/* The content of a handshake record. 0 or UM_ERR_NOMEM. */
int um_negotiate_push(struct um_tls_side *side, struct um_span bytes);

/* The rest of a message will not come: takes what there is of a ClientHello. 0 or UM_ERR_NOMEM. */
int um_negotiate_tear(struct um_tls_side *side);

/* Forgets what has come of a message: the rest of it will not. */
void um_negotiate_drop(struct um_tls_side *side);

/* The body of a record in the form of SSL 2. 0 or UM_ERR_NOMEM. */
int um_negotiate_hello2(struct um_tls_side *side, struct um_span body);

#endif
