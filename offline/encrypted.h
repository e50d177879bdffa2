/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TLS connections of a capture that could not be read, counted by server. */
#ifndef UM_OFFLINE_ENCRYPTED_H
#define UM_OFFLINE_ENCRYPTED_H

#include "core/base/endpoint.h"
#include "core/base/symbols.h"
#include "core/um/finding.h"
#include "offline/tls/secrets.h"

enum {
    UM_ENCRYPTED_SERVERS_MAX = 1024, /* servers told apart; the rest is one number */
    UM_ENCRYPTED_AWAITED_MAX = 8192, /* connections whose secrets may come behind them */
};

/* What is known of one server's connections. */
struct um_encrypted_server {
    uint64_t connections;
    uint64_t bytes;
    uint64_t first_frame;
    uint16_t version, suite; /* of the first that told; 0: no ServerHello was seen */
    bool had_secrets;        /* of one, and they were wrong */
    uint64_t partly_read;
    uint64_t without_beginning; /* neither hello was captured */
    uint64_t tried_in_part;     /* there was more to try than a run could afford */
    uint64_t secrets_known;     /* their secrets were at hand in the end, and were of no use */
    uint64_t lack_exchange;     /* RSA secrets were at hand, but what they open was not captured; in
                                   lines of messages it is not told */
};

struct um_encrypted_awaited;

/* A zeroed one is empty. */
struct um_encrypted {
    struct um_symbols names;             /* "name (address)" */
    struct um_encrypted_server *servers; /* by number of the name */
    size_t server_cap;
    struct um_encrypted_server others; /* past UM_ENCRYPTED_SERVERS_MAX */
    struct um_encrypted_awaited *awaited;
    size_t awaited_count, awaited_cap;
};

struct um_encrypted_connection {
    struct um_span name; /* what the client asked for; empty: unknown */
    const struct um_endpoint *server;
    uint64_t frame; /* its first packet of interest */
    uint16_t version, suite;
    uint64_t bytes;
    bool has_secrets;
    bool is_partly_read;   /* some records could be read, others not for want of a secret */
    bool has_no_beginning; /* neither hello was captured */
    bool is_tried_in_part; /* there was more to try than the run could afford */
    bool lacks_exchange;   /* RSA secrets were at hand, but what they open was not captured */
    struct um_span client_random; /* which its secrets go by; empty: unknown */
};

/* Counts a connection. 0 or UM_ERR_NOMEM. */
int um_encrypted_add(struct um_encrypted *encrypted,
                     const struct um_encrypted_connection *connection);

/*
 * A capture may bring its secrets at its end, when the connections that need them are long over:
 * counts, of the first UM_ENCRYPTED_AWAITED_MAX, those whose secrets are known by now. They are not
 * counted again.
 */
void um_encrypted_settle(struct um_encrypted *encrypted, const struct um_secrets *secrets);

/* Adds what was counted of one server elsewhere; without a name it is among the others. */
int um_encrypted_add_server(struct um_encrypted *encrypted, struct um_span name,
                            const struct um_encrypted_server *counted);

struct um_encrypted_named {
    struct um_span name; /* followed by a NUL; empty: the others, last */
    const struct um_encrypted_server *server;
};

/* The servers by their first frame, views into `encrypted`; freed with free(). 0 or UM_ERR_NOMEM.
 */
int um_encrypted_list(const struct um_encrypted *encrypted, struct um_encrypted_named **out,
                      size_t *count);

/* Adds a finding `encrypted` for each server; `were_given`: there were secrets. 0 or UM_ERR_NOMEM.
 */
int um_encrypted_find(const struct um_encrypted *encrypted, bool were_given,
                      struct um_findings *findings);

void um_encrypted_done(struct um_encrypted *encrypted);

#endif
