/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes of a direction -> whole records, in their place.
 *
 * A direction has its place when the next byte begins a record or goes on with the one held. A hole
 * inside a record leaves the place known; a longer one, or bytes that are no record, lose it: then
 * the next bytes that look like a record and authenticate give it back. What was lost is told when
 * that happens, since only then the number of records in it is known.
 */
#ifndef UM_TLS_PLACE_H
#define UM_TLS_PLACE_H

#include "offline/tls/side.h"

/* The functions of the sink of a direction; results as sink.h has them. */
int um_place_data(struct um_tls_side *side, const struct um_chunk *chunk);
int um_place_gap(struct um_tls_side *side, uint64_t missing, enum um_gap_cause cause,
                 const struct um_mark *where);
int um_place_end(struct um_tls_side *side, enum um_end why, const struct um_mark *where);

/* Gives back what is held of a record. */
void um_place_empty(struct um_tls_side *side);

#endif
