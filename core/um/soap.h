/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recognises the messages of the UM web service in SOAP bodies. The only user of libxml2 (SAX2,
 * push): no network, no entity expansion, no document type, depth and text limited, and no look at
 * more of a body than needed: it stops at Body's first element child when that is not ours.
 *
 * One recogniser reads any number of bodies, one after the other, with one parser context.
 *
 *     um_soap_begin(soap, charset);
 *     while (bytes are left && um_soap_push(soap, bytes) == UM_MORE)
 *         ...
 *     const struct um_message *m = um_soap_end(soap);
 *
 * Accepted: SOAP 1.1 and 1.2, http: and https: forms of every namespace, any prefix, byte order
 * mark or none, UTF-16 by declaration or mark, CDATA, comments, character references. A fault's
 * prefixes may be undeclared and its children in any namespace or none.
 * Source: SOAP 1.1 section 4, SOAP 1.2 part 1 section 5, [MS-OXWUMS] 2.2.
 */
#ifndef UM_UM_SOAP_H
#define UM_UM_SOAP_H

#include "core/base/err.h"
#include "core/base/limits.h"
#include "core/um/message.h"

struct um_soap;

/* A new recogniser under `limits` (copied). 0 or UM_ERR_NOMEM. Freed with um_soap_free. */
int um_soap_new(const struct um_limits *limits, struct um_soap **out);
void um_soap_free(struct um_soap *soap);

/*
 * Begins a body. `charset` is the parameter of the HTTP field Content-Type ("utf-16"), empty when
 * there is none; a byte order mark or the XML declaration wins over it. A body that was begun
 * before is forgotten.
 */
int um_soap_begin(struct um_soap *soap, struct um_span charset);

/*
 * Reads the next bytes of the body, cut anywhere. UM_MORE: go on; UM_DONE: enough was seen, the
 * rest does not matter; UM_BAD: it is not XML, or was refused (um_soap_end tells what was read
 * before); negative enum um_err: out of memory. After anything but UM_MORE further bytes are
 * ignored and the same answer is given again.
 */
int um_soap_push(struct um_soap *soap, struct um_span bytes);

/* True once it is certain that the body is a message of ours, or a fault, whatever follows. */
bool um_soap_is_message(const struct um_soap *soap);

/*
 * Ends the body and tells what it was; never NULL, kind UM_MESSAGE_NONE when not ours. Valid until
 * the next um_soap_begin or um_soap_free.
 */
const struct um_message *um_soap_end(struct um_soap *soap);

#endif
