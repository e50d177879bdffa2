/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Recognises the first bytes of a TLS connection and reads the server name a client asks for. Knows
 * no secrets and decrypts nothing.
 * Source: RFC 8446 sections 4.1.2 and 5.1, RFC 6066 section 3.
 */
#ifndef UM_TLS_HELLO_H
#define UM_TLS_HELLO_H

#include "core/base/err.h"
#include "core/base/span.h"

/* True when a payload could be the beginning of a TLS record of a plausible version and length. */
bool um_tls_hello_wanted(struct um_span payload);

/*
 * Reads the server name of a ClientHello that stands at the beginning of `bytes` (records of
 * content type handshake, the message may span several). UM_DONE: `name` is a view into `scratch`,
 * empty when the hello names none; UM_MORE: the hello goes on; UM_BAD: no ClientHello. `scratch` of
 * `scratch_len` bytes holds the message put together from its records; one that does not fit is
 * UM_BAD.
 */
enum um_step um_tls_hello_server_name(struct um_span bytes, uint8_t *scratch, size_t scratch_len,
                                      struct um_span *name);

#endif
