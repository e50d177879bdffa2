/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is likely and quick is tried with all secrets first: low numbers, since most connections
 * that are joined are short, and AES-GCM, of which a glance refuses a number (unseal.h).
 */
#include "offline/tls/join.h"

#include "offline/tls/epoch.h"
#include "offline/tls/gcm.h"
#include "offline/tls/suites.h"

enum {
    KEY_COSTS = 256,    /* to make keys takes as long as so many tries with AES-GCM */
    OTHER_COSTS = 16,   /* and a try with others */
    OTHER_BYTES = 128,  /* and so many bytes of it */
    LOOKS_FOR_ONE = 32, /* secrets passed over in the time of a try */
    SHARE = 4,          /* a fourth of what the run has left is the most for one record */
    NAMED_RECORDS = 32, /* are tried where few secrets are in question; else one */
};

static const struct pass {
    bool is_quick;     /* with AES-GCM; else with the others */
    bool is_handshake; /* with its secrets, for a few records; else with those of data */
    uint64_t first, end;
} passes[] = {
    {true, false, 0, 1 << 8},        {true, true, 0, 1 << 4},  {true, false, 1 << 8, 1 << 12},
    {false, false, 0, 1 << 8},       {false, true, 0, 1 << 4}, {true, false, 1 << 12, 1 << 15},
    {false, false, 1 << 8, 1 << 12},
};
enum {
    PASSES = sizeof passes / sizeof *passes,
    PASSES_FOR_ALL = 5, /* behind these every secret has been tried, with low numbers */
};

static const uint16_t suites[] = {0x1301, 0x1302, 0x1303, 0x1304, 0x1305};
enum { SUITES = sizeof suites / sizeof *suites };
enum { SECRET_BYTES = 32, LONG_SECRET_BYTES = 48 }; /* of SHA-256 and SHA-384 */

/* A record that is tried. */
struct join {
    struct um_tls_side *side;
    const struct um_tls_record *record;
    uint64_t reserve; /* tries that are left to others */
    bool is_over;     /* found, or there are no more */
    bool is_found;
};

/* What it is tried with. */
struct key {
    struct um_secret secret;
    const struct um_tls_suite *suite;
};

static bool
is_of_client(enum um_secret_label label)
{
    return label == UM_SECRET_CLIENT_HANDSHAKE || label == UM_SECRET_CLIENT_APPLICATION;
}

static bool
is_of_handshake(enum um_secret_label label)
{
    return label == UM_SECRET_CLIENT_HANDSHAKE || label == UM_SECRET_SERVER_HANDSHAKE;
}

/* Keeps to what is known of who is the client. */
static bool
is_of_side(const struct um_tls_side *side, enum um_secret_label label)
{
    int client = side->tls->info.client;
    return client < 0 || is_of_client(label) == (client == side->index);
}

/* From here on the handshake is as if its hellos had told so. */
static void
adopt(struct um_tls_side *side, const struct key *key, struct um_unseal *unseal, uint64_t number)
{
    struct um_tls *tls = side->tls;
    struct um_session *session = &tls->session;
    enum um_secret_label label = key->secret.label;
    tls->info.is_late |= !session->has_client;
    session->has_client = session->has_server = session->is_joined = true;
    session->version = tls->info.version = UM_TLS_VERSION_13;
    session->suite_id = tls->info.suite = key->suite->id;
    session->suite = key->suite;
    tls->info.suite_name = key->suite->name;
    tls->info.client = is_of_client(label) ? side->index : 1 - side->index;
    memcpy(session->randoms.client, key->secret.id.data, UM_TLS_RANDOM_BYTES);
    um_epoch_enter(side, is_of_handshake(label) ? UM_EPOCH_HANDSHAKE : UM_EPOCH_APPLICATION,
                   key->secret.secret, unseal);
    side->sequence = number;
    side->is_joined = true;
}

/* The numbers of a pass with one key. */
static int
try_key(struct join *join, const struct key *key, const struct pass *pass)
{
    uint8_t out[UM_TLS_BODY_MAX];
    struct um_unsealed opened;
    struct um_unseal *unseal;
    struct um_tls_search search = {.bytes_left = UINT64_MAX};
    struct um_tls_numbers numbers = {pass->first, pass->end - 1, &search};
    int result = um_session_unseal_traffic(&join->side->tls->session, key->suite,
                                           key->secret.secret, &unseal);
    if (result || !unseal)
        return result;
    result = um_unseal_record(unseal, join->record, numbers, out, &opened);
    join->is_found = join->is_over = result == UM_OK;
    if (join->is_found)
        adopt(join->side, key, unseal, opened.sequence);
    else
        um_unseal_free(unseal);
    return result < 0 ? result : UM_OK;
}

/* Can it be a secret of that suite, and of this direction? */
static bool
fits(const struct um_tls_side *side, const struct key *key, const struct pass *pass)
{
    enum um_secret_label label = key->secret.label;
    return key->suite && key->secret.secret.len == um_crypto_hash_bytes(key->suite->prf) &&
           is_of_side(side, label) && is_of_handshake(label) == pass->is_handshake;
}

/* Of secrets that nothing names there may be many: only with what browsers and servers choose.
 * Where the other direction was joined the suite is known. */
static bool
is_worth_trying(const struct um_tls_side *side, const struct um_tls_suite *suite,
                const struct pass *pass)
{
    const struct um_session *session = &side->tls->session;
    bool is_quick = um_gcm_has(suite->cipher);
    bool is_common = is_quick || suite->cipher == UM_CIPHER_CHACHA20_POLY1305;
    bool is_chosen = !session->has_server || session->suite == suite;
    return is_quick == pass->is_quick && is_chosen && (is_common || session->has_client);
}

static bool
spend(struct join *join, uint64_t tries)
{
    join->is_over = !um_secrets_spend(join->side->tls->secrets, tries, join->reserve);
    return !join->is_over;
}

/* The suites of a pass with one secret. */
static int
try_secret(struct join *join, struct um_secret secret, const struct pass *pass)
{
    uint64_t each = pass->is_quick ? 1 : OTHER_COSTS + join->record->body.len / OTHER_BYTES;
    uint64_t costs = KEY_COSTS + each * (pass->end - pass->first);
    int err = UM_OK;
    for (size_t i = 0; i < SUITES && !join->is_over && !err; i++) {
        struct key key = {secret, um_tls_suite_find(suites[i])};
        if (!fits(join->side, &key, pass) || !is_worth_trying(join->side, key.suite, pass))
            continue;
        if (spend(join, costs))
            err = try_key(join, &key, pass);
    }
    return err;
}

/* The secrets of the handshake whose ClientHello is known. */
static int
try_named(struct join *join, const struct pass *pass)
{
    const struct um_session *session = &join->side->tls->session;
    int err = UM_OK;
    for (enum um_secret_label label = UM_SECRET_CLIENT_HANDSHAKE;
         label <= UM_SECRET_SERVER_APPLICATION && !join->is_over && !err; label++) {
        const struct um_secret secret = {
            .label = label,
            .id = um_span_of(session->randoms.client, UM_TLS_RANDOM_BYTES),
            .secret = um_session_secret(session, label),
        };
        err = try_secret(join, secret, pass);
    }
    return err;
}

/* Is it one of TLS 1.3, but of early data? Most secrets are not. */
static bool
may_be_tried(const struct um_secret *secret)
{
    return secret->label >= UM_SECRET_CLIENT_HANDSHAKE &&
           secret->label <= UM_SECRET_SERVER_APPLICATION &&
           (secret->secret.len == SECRET_BYTES || secret->secret.len == LONG_SECRET_BYTES);
}

/* Any secret, the latest first. */
static int
try_all(struct join *join, const struct pass *pass)
{
    const struct um_secrets *secrets = join->side->tls->secrets;
    int err = UM_OK;
    (void)spend(join, um_secrets_total(secrets) / LOOKS_FOR_ONE); /* or it is over */
    for (uint64_t n = um_secrets_total(secrets); n-- > 0 && !join->is_over && !err;) {
        struct um_secret secret = um_secrets_at(secrets, n);
        if (may_be_tried(&secret))
            err = try_secret(join, secret, pass);
    }
    return err;
}

/* Of TLS 1.3, but for early data. */
static uint64_t
count_secrets(const struct um_secrets *secrets)
{
    uint64_t count = 0;
    for (enum um_secret_label label = UM_SECRET_CLIENT_HANDSHAKE;
         label <= UM_SECRET_SERVER_APPLICATION; label++)
        count += um_secrets_count(secrets, label);
    return count;
}

/* Is there a reason to try this record? What a failure costs is known then. */
static bool
may_try(struct um_tls_side *side)
{
    const struct um_tls *tls = side->tls;
    uint64_t count = count_secrets(tls->secrets);
    uint16_t version = tls->info.version; /* perhaps told without a ClientHello */
    unsigned most = tls->session.has_client ? NAMED_RECORDS : 1;
    if (side->tried_secrets != count)
        side->join_tries = 0;
    side->tried_secrets = count;
    if (count == 0 || (version != 0 && version < UM_TLS_VERSION_13) || side->join_tries >= most)
        return false;
    side->join_tries++;
    return true;
}

/* All passes, until one opens the record or the run can afford no more. */
static int
try_passes(struct join *join)
{
    bool is_named = join->side->tls->session.has_client;
    size_t done = 0;
    for (; done < PASSES; done++) {
        const struct pass *pass = &passes[done];
        int err = is_named ? try_named(join, pass) : try_all(join, pass);
        if (err)
            return err;
        if (join->is_over)
            break;
    }
    join->side->is_tried_in_part = !join->is_found && done < PASSES_FOR_ALL;
    return UM_OK;
}

int
um_join(struct um_tls_side *side, const struct um_tls_arrival *arrival)
{
    uint64_t left = um_secrets_tries_left(side->tls->secrets);
    struct join join = {.side = side, .record = &arrival->record, .reserve = left - left / SHARE};
    int err = may_try(side) ? try_passes(&join) : UM_OK;
    side->is_unjoined = !join.is_found;
    side->tls->info.is_protected |= !join.is_found;
    return err;
}
