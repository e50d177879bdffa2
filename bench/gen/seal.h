/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TLS connection with AES-128-GCM as its two peers would write it, and its secrets as a line of a
 * key log. The session is one that is resumed (TLS 1.2) or comes without certificates (1.3): nobody
 * who reads along checks who the peers are. OpenSSL derives the keys and seals, so that nothing of
 * what is measured is used to make what it is measured with.
 * Source: RFC 5246, RFC 5288, RFC 8446.
 */
#ifndef UM_BENCH_SEAL_H
#define UM_BENCH_SEAL_H

#include <stdbool.h>
#include <stdio.h>

#include "bench/gen/text.h"

enum um_seal_version { UM_SEAL_NONE, UM_SEAL_TLS12, UM_SEAL_TLS13 };

enum { UM_SEAL_RANDOM_BYTES = 32, UM_SEAL_SECRET_BYTES = 48, UM_SEAL_IV_BYTES = 12 };

/* The keys of one direction. */
struct um_seal_side {
    void *cipher; /* OpenSSL's context, with its key; made once, keyed anew for each connection */
    uint8_t iv[UM_SEAL_IV_BYTES];
    uint64_t sequence;
    uint8_t next_secret[UM_SEAL_SECRET_BYTES]; /* TLS 1.3: of application data */
};

struct um_seal {
    enum um_seal_version version;
    uint8_t randoms[2][UM_SEAL_RANDOM_BYTES];
    struct um_seal_side sides[2]; /* the client first */
    bool is_open;                 /* the handshake is over */
};

/* A new connection; its secrets go to `keys`. A zeroed struct is ready, and is kept for the next.
 */
void um_seal_begin(struct um_seal *seal, enum um_seal_version version, struct um_dice *dice,
                   FILE *keys);

/* Each adds the records of a flight: the client's first, the server's, the client's last. */
void um_seal_hello(const struct um_seal *seal, struct um_text *out);
void um_seal_answer(struct um_seal *seal, struct um_text *out);
void um_seal_finish(struct um_seal *seal, struct um_text *out);

/* Adds application data as records of at most 16 KB; gives how many they are. */
uint64_t um_seal_data(struct um_seal *seal, int side, const uint8_t *data, size_t len,
                      struct um_text *out);

#endif
