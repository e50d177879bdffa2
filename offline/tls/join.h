/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection of TLS 1.3 that is joined late: its ServerHello was not captured, and perhaps not
 * its ClientHello either, as when a capture begins while the client is connected. The keys of 1.3
 * come from a secret alone, so that a record can be tried with secrets, suites and numbers until
 * one opens it. (Those of TLS 1.2 come from both hellos too.)
 */
#ifndef UM_TLS_JOIN_H
#define UM_TLS_JOIN_H

#include "offline/tls/side.h"

/*
 * Gives the direction, which has no keys, those that open this record of data, and its number; or
 * notes that it is protected, and unjoined. With the ClientHello its secrets are tried, with all
 * suites; without it all secrets there are, the latest first, with the suites that browsers and
 * servers choose. Not tried are numbers from 32,768 on (with others than AES-GCM: 4,096), keys
 * behind a KeyUpdate, early data, and what the run cannot afford (um_secrets_spend). 0 or
 * UM_ERR_NOMEM.
 */
int um_join(struct um_tls_side *side, const struct um_tls_arrival *arrival);

#endif
