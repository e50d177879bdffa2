/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A conversation between two libssl peers in memory, with its ciphertext, clear text and secrets.
 */
#ifndef UM_TEST_PEERS_H
#define UM_TEST_PEERS_H

#include <openssl/ssl.h>

#include "core/base/buf.h"
#include "core/base/err.h"

enum { PEERS_PIECES_MAX = 4096 };

/* What one side sent at once. */
struct peers_piece {
    int side;       /* 0: the client */
    size_t at, len; /* in wire[side] */
};

struct peers_plan {
    int version;         /* TLS1_VERSION and so on */
    const char *suite;   /* in OpenSSL's names */
    uint64_t options;    /* SSL_OP_ */
    size_t pads_to;      /* TLS 1.3: records to a multiple of so many bytes */
    size_t fragment;     /* the server's records have at most so many bytes; 0: no matter */
    bool renegotiates;   /* up to TLS 1.2 */
    size_t key_updates;  /* TLS 1.3: by the server, which asks for the client's, one a turn */
    bool sends_early;    /* TLS 1.3, with a session */
    bool refuses_early;  /* with sends_early: the server takes none */
    bool other_group;    /* TLS 1.3: the server wants a HelloRetryRequest */
    SSL_SESSION *resume; /* or NULL */
};

/* Versions and suites that libssl still speaks. */
enum { PEERS_MATRIX_COUNT = 19 };
extern const struct peers_suite {
    int version;
    const char *suite;
} peers_matrix[PEERS_MATRIX_COUNT];

struct peers {
    struct um_buf wire[2], clear[2];
    struct um_buf keylog;
    struct peers_piece pieces[PEERS_PIECES_MAX];
    size_t piece_count;
    size_t handshake_bytes[2]; /* of wire[i], before the first clear bytes */
    SSL_SESSION *session;      /* to be resumed */
    bool was_resumed;
};

/* The server's certificate, key and tickets' keys; one for all. */
struct peers_server;
struct peers_server *peers_server_new(void);
void peers_server_free(struct peers_server *server);

/* One for all tests of a program, between these two as its group's set-up and tear-down. */
extern struct peers_server *peers_shared;
int peers_set_up(void **state);
int peers_tear_down(void **state);

/* The private key as PEM; the caller frees it with um_buf_done. */
struct um_buf peers_server_pem(const struct peers_server *server);

/* The same as PKCS#12 with that password. */
struct um_buf peers_server_pack(const struct peers_server *server, const char *password);

/* Holds a conversation; fails the test when the peers do not agree. */
void peers_talk(struct peers_server *server, const struct peers_plan *plan, struct peers *out);

/* A handshake that the server ends with an alert: the client speaks TLS 1.2 at most, it wants 1.3.
 */
void peers_quarrel(struct peers_server *server, struct peers *out);

void peers_done(struct peers *peers);

#endif
