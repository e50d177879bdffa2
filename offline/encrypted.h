/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TLS connections of a capture that could not be read, counted by server. */
#ifndef UM_OFFLINE_ENCRYPTED_H
#define UM_OFFLINE_ENCRYPTED_H

#include "core/base/endpoint.h"
#include "core/base/symbols.h"
#include "core/um/finding.h"

enum { UM_ENCRYPTED_SERVERS_MAX = 1024 }; /* servers told apart; the rest is one number */

struct um_encrypted {
    struct um_symbols servers;
    uint64_t connections[UM_ENCRYPTED_SERVERS_MAX]; /* by number of the server in `servers` */
    uint64_t first_frame;                           /* of the first such connection; 0: none */
    uint64_t total;
};

/*
 * Counts a connection whose first packet of interest was `frame`. `name` is what the client asked
 * for, empty when unknown. 0 or UM_ERR_NOMEM.
 */
int um_encrypted_add(struct um_encrypted *encrypted, struct um_span name,
                     const struct um_endpoint *server, uint64_t frame);

/* Adds the finding `encrypted` when there were any. 0 or UM_ERR_NOMEM. */
int um_encrypted_find(const struct um_encrypted *encrypted, struct um_findings *findings);

void um_encrypted_done(struct um_encrypted *encrypted);

#endif
