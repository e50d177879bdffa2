/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From an exchange as it was seen to the record that the store keeps of it. */
#ifndef UM_UM_RECORD_H
#define UM_UM_RECORD_H

#include "core/base/symbols.h"
#include "core/um/call.h"

/*
 * Fills in `out` from `exchange`; every text is kept once, in `texts`. 0 or UM_ERR_NOMEM. `number`,
 * `call` and `findings` are left to the store.
 */
int um_record_fill(const struct um_exchange *exchange, struct um_symbols *texts,
                   struct um_exchange_record *out);

/* True for a 4xx or 5xx status that does not ask for authentication (401, 407). */
bool um_record_is_http_error(const struct um_exchange_record *record);

/*
 * True when the server refused: a fault, a successor's error or an HTTP error. Authentication that
 * failed is none of them: nobody judged the request.
 */
bool um_record_is_refused(const struct um_exchange_record *record);

/* True when the fault or error says that the server does not know the call. */
bool um_record_is_unknown_call(const struct um_exchange_record *record);

/* True for a PlayOnPhone or PlayOnPhoneGreeting with a reply that refuses nothing. */
bool um_record_began_call(const struct um_exchange_record *record);

/*
 * True when both are the same request on two connections, near enough in time (50 ms) to be one on
 * its way from hop to hop, and their replies, where both were read, tell the same: two pollers that
 * ask at once are no hops. Nor is a client that asks again on a new connection, answered or cut off
 * on the one before. Both must be of one call, or be PlayOnPhone requests.
 */
bool um_record_is_hop(const struct um_exchange_record *a, const struct um_exchange_record *b);

/* qsort order of `const struct um_exchange_record *`: by frame of the request, else of the reply.
 */
int um_record_compare(const void *left, const void *right);

#endif
