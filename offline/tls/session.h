/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One handshake: what both hellos agreed upon, and from it and the secrets at hand the keys of each
 * direction. Remembers the master secret of a session for those that resume it.
 */
#ifndef UM_TLS_SESSION_H
#define UM_TLS_SESSION_H

#include "core/base/buf.h"
#include "offline/tls/handshake.h"
#include "offline/tls/secrets.h"
#include "offline/tls/unseal.h"

struct um_session {
    struct um_secrets *secrets;
    bool has_client, has_server; /* hellos */
    bool is_joined;              /* they were not, but guessed right (join.h) */
    struct um_tls_randoms randoms;
    uint16_t version;  /* chosen by the server */
    uint16_t suite_id; /* likewise */
    const struct um_tls_suite *suite;
    bool is_compressed, has_extended_master, has_encrypt_then_mac, has_early_data;
    uint8_t offered_id[UM_SECRET_ID_MAX], session_id[UM_SECRET_ID_MAX];
    size_t offered_id_len, session_id_len;
    uint8_t ticket[UM_HASH_MAX_BYTES]; /* digest of the ticket offered */
    size_t ticket_len;
    uint8_t master[UM_TLS_MASTER_BYTES];
    bool has_master;
    struct um_tls_keys keys[2]; /* that the master secret gives the client and the server */
    bool has_keys;
    bool is_full;          /* it has a key exchange of its own: nothing is resumed */
    bool has_exchange;     /* that went by, with all that its master secret comes from */
    bool keeps_transcript; /* its hash may be needed */
    struct um_buf transcript;
};

/* A zeroed session with `secrets` set is ready. Wipes and frees what it holds. */
void um_session_done(struct um_session *session);

/* All give 0 or UM_ERR_NOMEM. */

/* A ClientHello begins a handshake anew, unless it repeats its random after a HelloRetryRequest. */
int um_session_client_hello(struct um_session *session, const struct um_client_hello *hello);
int um_session_server_hello(struct um_session *session, const struct um_server_hello *hello);

/* Any handshake message, as it goes by, for the hash of the extended master secret. */
int um_session_message(struct um_session *session, struct um_span whole);

/* Messages are missing, and with them that hash. */
void um_session_tear(struct um_session *session);

int um_session_key_exchange(struct um_session *session, struct um_span body);

/*
 * True when the secrets at hand open key exchanges with RSA, and the one that this handshake or the
 * session that it resumes began with has not gone by whole.
 */
bool um_session_lacks_exchange(const struct um_session *session);
int um_session_new_ticket(struct um_session *session, struct um_span body);

/*
 * The keys of a direction after its ChangeCipherSpec (SSL 3 to TLS 1.2); `*out` is NULL when no
 * secret is at hand or the suite cannot be read. A suite that does not encrypt needs none: without
 * it, nothing is verified.
 */
int um_session_unseal(struct um_session *session, bool of_server, struct um_unseal **out);

/* The keys that a traffic secret of TLS 1.3 gives; likewise. */
int um_session_unseal_traffic(const struct um_session *session, const struct um_tls_suite *suite,
                              struct um_span secret, struct um_unseal **out);

/* A secret of this handshake. Empty when there is none. */
struct um_span um_session_secret(const struct um_session *session, enum um_secret_label label);

#endif
