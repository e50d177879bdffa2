/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The secrets of a run: what key logs, captures and the sessions themselves told, found by label
 * and by what names it, and RSA private keys. Wiped when freed; nothing in here is ever printed.
 *
 * Who writes packets out again with the secrets that they need asks um_tls_info for the client
 * randoms of their connections, and um_keylog_lines for the lines of each. A master secret that was
 * found in another way (private key, resumption) is kept by client random too, so that every
 * connection that was read has its lines, and no line opens any other.
 */
#ifndef UM_TLS_SECRETS_H
#define UM_TLS_SECRETS_H

#include "core/base/limits.h"
#include "offline/tls/rsa.h"

enum um_secret_label {
    UM_SECRET_MASTER, /* by client random, 32 bytes, as all up to SERVER_APPLICATION */
    UM_SECRET_CLIENT_EARLY,
    UM_SECRET_CLIENT_HANDSHAKE,
    UM_SECRET_SERVER_HANDSHAKE,
    UM_SECRET_CLIENT_APPLICATION,
    UM_SECRET_SERVER_APPLICATION,
    UM_SECRET_PREMASTER,        /* by the first 8 bytes of the encrypted premaster secret */
    UM_SECRET_PREMASTER_RANDOM, /* by client random */
    UM_SECRET_SESSION,          /* a master secret by session id, 1 to 32 bytes */
    UM_SECRET_TICKET,           /* a master secret by the SHA-256 of a ticket */
    UM_SECRET_COUNT
};

enum { UM_SECRET_ID_MAX = 32, UM_SECRET_MAX = 64 };

struct um_secrets;

/* `meter` must outlive the secrets. 0 or UM_ERR_NOMEM. */
int um_secrets_new(struct um_meter *meter, struct um_secrets **out);
void um_secrets_free(struct um_secrets *secrets);

/*
 * Keeps a copy; one that is there already is left as it is. What does not fit half of the meter's
 * ceiling is counted and left out. `id` of 1 to UM_SECRET_ID_MAX bytes, `secret` of 1 to
 * UM_SECRET_MAX: others are left out. 0 or UM_ERR_NOMEM.
 */
int um_secrets_add(struct um_secrets *secrets, enum um_secret_label label, struct um_span id,
                   struct um_span secret);

/* The secret, valid until um_secrets_free; empty when there is none. */
struct um_span um_secrets_find(const struct um_secrets *secrets, enum um_secret_label label,
                               struct um_span id);

/* Is there one that goes by this client random, of 32 bytes? Those of early data open too little.
 */
bool um_secrets_know_client(const struct um_secrets *secrets, struct um_span client_random);

struct um_secret {
    enum um_secret_label label;
    struct um_span id, secret; /* valid until um_secrets_free */
};

/* The secret that was the `number`th to be added, from 0 to below um_secrets_total. */
struct um_secret um_secrets_at(const struct um_secrets *secrets, uint64_t number);

/*
 * Secrets may be tried that nothing names (join.h), as often as a run can afford. False: that would
 * leave less than `reserve`; nothing is spent then.
 */
bool um_secrets_spend(struct um_secrets *secrets, uint64_t tries, uint64_t reserve);
uint64_t um_secrets_tries_left(const struct um_secrets *secrets);

/* Secrets with that label. */
uint64_t um_secrets_count(const struct um_secrets *secrets, enum um_secret_label label);

/* Secrets of any label; one who waits for a secret sees by it whether looking again is worth it. */
uint64_t um_secrets_total(const struct um_secrets *secrets);

/* Secrets left out at the limit `memory`. */
uint64_t um_secrets_dropped(const struct um_secrets *secrets);

/* Takes an RSA key over, also when it fails. 0 or UM_ERR_NOMEM. */
int um_secrets_add_rsa(struct um_secrets *secrets, struct um_rsa *rsa);

/* True when RSA key exchanges may be readable: there is a private key or a premaster secret. */
bool um_secrets_know_rsa(const struct um_secrets *secrets);

/* True when there is anything: a secret or a private key. */
bool um_secrets_know_any(const struct um_secrets *secrets);

/*
 * The premaster secret that `sealed` was, by a key log's line or a private key. 0 with *found told,
 * or UM_ERR_NOMEM.
 */
int um_secrets_premaster(struct um_secrets *secrets, struct um_span sealed,
                         uint8_t out[UM_PREMASTER_BYTES], bool *found);

#endif
