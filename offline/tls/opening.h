/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole record, and what becomes of it: opened and handed on by its type, or counted as lost. All
 * functions give 0 or a negative enum um_err.
 */
#ifndef UM_TLS_OPENING_H
#define UM_TLS_OPENING_H

#include "offline/tls/side.h"

/* A record in its place. */
int um_opening_take(struct um_tls_side *side, const struct um_tls_arrival *arrival);

/*
 * True when a record of that type has nothing to be looked at but its length, since its secret is
 * not at hand: it need not be held until it is whole. It is lost by um_opening_pass.
 */
bool um_opening_is_vain(const struct um_tls_side *side, uint8_t type);
void um_opening_pass(struct um_tls_side *side, size_t record_bytes, const struct um_mark *first);

/* A direction that waits for its secret lost a record of `body_bytes`; SIZE_MAX: any number. */
void um_opening_skip_waiting(struct um_tls_side *side, size_t body_bytes);

/* Is this the record that gives a lost place back? Then it has been taken. */
int um_opening_try_place(struct um_tls_side *side, const struct um_tls_arrival *arrival,
                         bool *is_placed);

#endif
