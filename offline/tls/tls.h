/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TLS connection, read with secrets from outside: ciphertext comes in by one sink a direction,
 * clear bytes leave by another. Holes are survived: what was in them is told as a gap of clear
 * bytes, and reading goes on at the next record that authenticates. Without secrets it only tells
 * what the hellos say. Knows nothing of what the clear bytes are.
 */
#ifndef UM_TLS_TLS_H
#define UM_TLS_TLS_H

#include "core/base/limits.h"
#include "core/um/finding.h"
#include "offline/sink.h"
#include "offline/tls/secrets.h"

struct um_tls;

/* An alert that ended a connection. */
struct um_tls_alert {
    bool is_there;
    bool in_handshake; /* before any application data */
    uint8_t description;
    int side; /* who sent it */
    uint64_t frame;
};

/* "handshake_failure" and the like. Static. */
const char *um_tls_alert_text(uint8_t description);

/* What is known of a connection so far. */
struct um_tls_info {
    uint16_t version;           /* 0: no ServerHello was seen */
    uint16_t suite;             /* with a version */
    const char *suite_name;     /* NULL: not one that can be read */
    int client;                 /* 0, 1, or -1: no ClientHello was seen */
    struct um_span server_name; /* SNI, from the wire; empty: none. Valid as long as the um_tls */
    struct um_span alpn;        /* chosen by the server */
    uint64_t bytes;             /* of both directions, holes included */
    bool has_secrets;           /* some were at hand */
    bool is_read;               /* at least one protected record was opened */
    bool is_protected;          /* at least one could not be */
    bool is_given_up;           /* a direction, at the limit `memory` */
    bool is_unverified;         /* what was read is in the clear; its MAC wanted a secret */
    bool is_late;               /* joined without its ClientHello: no packet names its secrets */
    bool is_unread;             /* a direction carries protected records and cannot be read */
    bool is_tried_in_part;      /* unread and joined late: not all that might open it was tried */
    uint64_t failures;          /* records that failed authentication, of directions once read */
    struct um_finding_frames failed_frames;
    struct um_tls_alert alert;
    bool lacks_exchange; /* RSA secrets are at hand, and no key exchange whole that they may open */
    struct um_span client_random;  /* of the last handshake, 32 bytes; empty: no ClientHello seen */
    struct um_span client_randoms; /* 32 bytes each, of the handshakes whose keys were at hand */
};

/*
 * `clear[i]` gets what ends[i] sent; its functions are called during those of um_tls_sink. `meter`
 * and `secrets` must outlive it. 0 or UM_ERR_NOMEM; 0 with `out` NULL when the meter has no room:
 * the limit `memory`.
 */
int um_tls_new(struct um_meter *meter, struct um_secrets *secrets, const struct um_sink clear[2],
               struct um_tls **out);
void um_tls_free(struct um_tls *tls);

/* The sink for the bytes sent by ends[side]; side is 0 or 1. Lives as long as the um_tls. */
struct um_sink um_tls_sink(struct um_tls *tls, int side);

struct um_tls_info um_tls_info(const struct um_tls *tls);

#endif
