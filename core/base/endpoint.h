/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One end of a connection: an address of 4 or 16 bytes and a port. */
#ifndef UM_BASE_ENDPOINT_H
#define UM_BASE_ENDPOINT_H

#include "core/base/span.h"

struct um_endpoint {
    uint8_t address[16]; /* network order; the first address_len bytes count, the rest is 0 */
    uint8_t address_len; /* 4, 16, or 0: unknown */
    uint16_t port;
};

enum { UM_ENDPOINT_TEXT_MAX = 64 }; /* enough for any endpoint and its NUL */

static inline bool
um_endpoint_equal(const struct um_endpoint *a, const struct um_endpoint *b)
{
    return a->port == b->port && a->address_len == b->address_len &&
           memcmp(a->address, b->address, sizeof a->address) == 0;
}

/*
 * Writes "10.0.0.1:443" or "[2001:db8::1]:443" (RFC 5952), "?" for an unknown address, with a NUL.
 * Returns `out`.
 */
const char *um_endpoint_text(const struct um_endpoint *endpoint, char out[UM_ENDPOINT_TEXT_MAX]);

/* Reads what um_endpoint_text writes. False when it is nothing of that; `out` is then untouched. */
bool um_endpoint_parse(struct um_span text, struct um_endpoint *out);

#endif
