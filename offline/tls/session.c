/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a master secret may come from, in this order: the key log by client random; the premaster
 * secret by key log or private key; a session before, by session id or ticket.
 */
#include "offline/tls/session.h"

enum { TRANSCRIPT_MAX = 256 * 1024 };

static void
drop_transcript(struct um_session *session)
{
    session->keeps_transcript = false;
    um_buf_done(&session->transcript);
}

void
um_session_done(struct um_session *session)
{
    drop_transcript(session);
    um_crypto_wipe(session, sizeof *session);
}

static size_t
copy(uint8_t *out, size_t max, struct um_span from)
{
    struct um_span fits = um_span_first(from, max);
    if (fits.len > 0)
        memcpy(out, fits.data, fits.len);
    return fits.len;
}

int
um_session_client_hello(struct um_session *session, const struct um_client_hello *hello)
{
    struct um_secrets *secrets = session->secrets;
    bool is_repeated =
        session->has_client && (!session->has_server || session->is_joined) &&
        um_span_equal(hello->random, um_span_of(session->randoms.client, UM_TLS_RANDOM_BYTES));
    if (!is_repeated) {
        um_session_done(session);
        session->secrets = secrets;
        session->has_client = true;
        session->keeps_transcript = um_secrets_know_rsa(secrets);
    }
    session->has_early_data = hello->has_early_data;
    (void)copy(session->randoms.client, UM_TLS_RANDOM_BYTES, hello->random);
    session->offered_id_len =
        copy(session->offered_id, sizeof session->offered_id, hello->session_id);
    if (hello->ticket.len == 0)
        return UM_OK;
    session->ticket_len = um_crypto_hash_bytes(UM_HASH_SHA256);
    return um_crypto_digest(UM_HASH_SHA256, &hello->ticket, 1, session->ticket);
}

int
um_session_server_hello(struct um_session *session, const struct um_server_hello *hello)
{
    if (hello->is_retry || !session->has_client)
        return UM_OK;
    session->has_server = true;
    session->has_keys = false;
    session->is_full = session->has_exchange = false;
    session->version = hello->version;
    session->suite_id = hello->suite;
    session->suite = um_tls_suite_find(hello->suite);
    session->is_compressed = hello->compression != 0;
    session->has_extended_master = hello->has_extended_master;
    session->has_encrypt_then_mac = hello->has_encrypt_then_mac;
    (void)copy(session->randoms.server, UM_TLS_RANDOM_BYTES, hello->random);
    session->session_id_len =
        copy(session->session_id, sizeof session->session_id, hello->session_id);
    if (!session->suite || !session->suite->is_rsa || !session->has_extended_master)
        drop_transcript(session);
    return UM_OK;
}

int
um_session_message(struct um_session *session, struct um_span whole)
{
    if (!session->keeps_transcript)
        return UM_OK;
    if (whole.len > TRANSCRIPT_MAX - session->transcript.len) {
        drop_transcript(session);
        return UM_OK;
    }
    return um_buf_append(&session->transcript, whole);
}

void
um_session_tear(struct um_session *session)
{
    drop_transcript(session);
}

struct um_span
um_session_secret(const struct um_session *session, enum um_secret_label label)
{
    return um_secrets_find(session->secrets, label,
                           um_span_of(session->randoms.client, UM_TLS_RANDOM_BYTES));
}

/* RFC 7627 section 3: with the hash of Finished; before TLS 1.2 that is MD5 and SHA-1. */
static int
hash_transcript(const struct um_session *session, uint8_t out[2 * UM_HASH_MAX_BYTES], size_t *len)
{
    struct um_span all = um_buf_span(&session->transcript);
    bool is_12 = session->version >= UM_TLS_VERSION_12;
    enum um_hash hash = is_12 ? session->suite->prf : UM_HASH_MD5;
    int err = um_crypto_digest(hash, &all, 1, out);
    *len = um_crypto_hash_bytes(hash);
    if (!err && !is_12) {
        err = um_crypto_digest(UM_HASH_SHA1, &all, 1, out + *len);
        *len += um_crypto_hash_bytes(UM_HASH_SHA1);
    }
    return err;
}

static int
derive_master(struct um_session *session, struct um_span premaster)
{
    uint8_t hash[2 * UM_HASH_MAX_BYTES];
    size_t len = 0;
    if (session->has_extended_master && !session->keeps_transcript)
        return UM_OK;
    int err = session->has_extended_master ? hash_transcript(session, hash, &len) : UM_OK;
    if (!err)
        err = um_keys_master(session->version, session->suite, premaster, &session->randoms,
                             um_span_of(hash, len), session->master);
    session->has_master = !err;
    session->has_keys = false;
    return err;
}

int
um_session_key_exchange(struct um_session *session, struct um_span body)
{
    uint8_t premaster[UM_PREMASTER_BYTES];
    bool found = false;
    int err = UM_OK;
    if (!session->suite || !session->has_server)
        return UM_OK;
    session->has_exchange = !session->has_extended_master || session->keeps_transcript;
    struct um_span known = um_session_secret(session, UM_SECRET_PREMASTER_RANDOM);
    if (known.len > 0)
        err = derive_master(session, known);
    else if (session->suite->is_rsa)
        err = um_secrets_premaster(session->secrets, um_handshake_premaster(body, session->version),
                                   premaster, &found);
    if (!err && found)
        err = derive_master(session, um_span_of(premaster, sizeof premaster));
    um_crypto_wipe(premaster, sizeof premaster);
    drop_transcript(session);
    return err;
}

bool
um_session_lacks_exchange(const struct um_session *session)
{
    bool may_be_opened = session->has_server && session->suite && session->suite->is_rsa;
    return may_be_opened && um_secrets_know_rsa(session->secrets) && !session->has_master &&
           !session->has_exchange;
}

static int
find_master(struct um_session *session)
{
    struct um_span id = um_span_of(session->session_id, session->session_id_len);
    struct um_span ticket = um_span_of(session->ticket, session->ticket_len);
    struct um_span master = um_session_secret(session, UM_SECRET_MASTER);
    if (!session->has_master && master.len == 0)
        master = um_secrets_find(session->secrets, UM_SECRET_SESSION, id);
    if (!session->has_master && master.len == 0 && !session->is_full)
        master = um_secrets_find(session->secrets, UM_SECRET_TICKET, ticket);
    if (master.len == UM_TLS_MASTER_BYTES) {
        memcpy(session->master, master.data, master.len);
        session->has_master = true;
    }
    if (!session->has_master)
        return UM_OK;
    struct um_span found = um_span_of(session->master, UM_TLS_MASTER_BYTES);
    struct um_span random = um_span_of(session->randoms.client, UM_TLS_RANDOM_BYTES);
    int err = um_secrets_add(session->secrets, UM_SECRET_MASTER, random, found);
    return err ? err : um_secrets_add(session->secrets, UM_SECRET_SESSION, id, found);
}

int
um_session_new_ticket(struct um_session *session, struct um_span body)
{
    uint8_t digest[UM_HASH_MAX_BYTES];
    struct um_span ticket = um_handshake_ticket(body);
    if (ticket.len == 0 || !session->has_server || session->version >= UM_TLS_VERSION_13)
        return UM_OK;
    int err = find_master(session);
    if (err || !session->has_master)
        return err;
    err = um_crypto_digest(UM_HASH_SHA256, &ticket, 1, digest);
    if (err)
        return err;
    return um_secrets_add(session->secrets, UM_SECRET_TICKET,
                          um_span_of(digest, um_crypto_hash_bytes(UM_HASH_SHA256)),
                          um_span_of(session->master, UM_TLS_MASTER_BYTES));
}

/* A cipher that the library lacks is a suite that cannot be read. */
static int
make_unseal(const struct um_session *session, uint16_t version, const struct um_tls_suite *suite,
            const struct um_tls_keys *keys, struct um_unseal **out)
{
    int err = um_unseal_new(version, suite, session->has_encrypt_then_mac, keys, out);
    return err == UM_ERR_USAGE ? UM_OK : err;
}

/* Once for both directions: the first look for the master secret is the last that can change it. */
static int
make_keys(struct um_session *session)
{
    if (session->has_keys)
        return UM_OK;
    int err = um_keys_block(session->version, session->suite,
                            um_span_of(session->master, UM_TLS_MASTER_BYTES), &session->randoms,
                            session->keys);
    session->has_keys = !err;
    return err;
}

int
um_session_unseal(struct um_session *session, bool of_server, struct um_unseal **out)
{
    *out = NULL;
    if (!session->has_server || !session->suite || session->suite->is_13 || session->is_compressed)
        return UM_OK;
    int err = find_master(session);
    if (!err && !session->has_master && session->suite->cipher == UM_CIPHER_NULL) {
        const struct um_tls_keys none = {0};
        return make_unseal(session, session->version, session->suite, &none, out);
    }
    if (err || !session->has_master)
        return err;
    err = make_keys(session);
    if (!err)
        err =
            make_unseal(session, session->version, session->suite, &session->keys[of_server], out);
    return err;
}

int
um_session_unseal_traffic(const struct um_session *session, const struct um_tls_suite *suite,
                          struct um_span secret, struct um_unseal **out)
{
    struct um_tls_keys keys;
    *out = NULL;
    if (!suite || !suite->is_13 || secret.len != um_crypto_hash_bytes(suite->prf))
        return UM_OK;
    int err = um_keys_traffic(suite, secret, &keys);
    if (!err)
        err = make_unseal(session, UM_TLS_VERSION_13, suite, &keys, out);
    um_crypto_wipe(&keys, sizeof keys);
    return err;
}
