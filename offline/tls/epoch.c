/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys are made where a direction changes to them, and again when a late secret may have come. */
#include "offline/tls/epoch.h"

/* The handshake whose keys are used now, once. */
static void
note_random(struct um_tls *tls)
{
    struct um_span *told = &tls->info.client_randoms;
    const uint8_t *random = tls->session.randoms.client;
    size_t last = told->len > 0 ? told->len - UM_TLS_RANDOM_BYTES : 0;
    if (told->len == sizeof tls->randoms ||
        (told->len > 0 && memcmp(tls->randoms + last, random, UM_TLS_RANDOM_BYTES) == 0))
        return;
    memcpy(tls->randoms + told->len, random, UM_TLS_RANDOM_BYTES);
    *told = um_span_of(tls->randoms, told->len + UM_TLS_RANDOM_BYTES);
}

static void
use_keys(struct um_tls_side *side, struct um_unseal *unseal)
{
    um_unseal_free(side->unseal);
    side->unseal = unseal;
    const struct um_session *session = &side->tls->session;
    bool is_readable = session->suite && !session->is_compressed;
    side->is_waiting = !unseal && is_readable;
    side->has_waited |= side->is_waiting;
    side->is_opaque = !unseal && !is_readable;
    side->known_secrets = um_secrets_total(side->tls->secrets);
    side->is_unjoined = side->is_tried_in_part = false;
    side->is_verified = side->is_renegotiating = false;
    side->unverified = 0;
    side->sequence = 0;
    if (!unseal) {
        side->tls->info.is_protected = true;
        return;
    }
    if (!um_unseal_verifies(unseal)) {
        side->tls->info.is_unverified = true;
        return;
    }
    side->tls->info.has_secrets = true;
    note_random(side->tls);
}

/* SSL 3 to TLS 1.2: from here on this direction is protected. */
int
um_epoch_change_cipher(struct um_tls_side *side)
{
    struct um_unseal *unseal;
    int err = um_session_unseal(&side->tls->session, um_side_is_server(side), &unseal);
    if (!err)
        use_keys(side, unseal);
    return err;
}

struct um_span
um_epoch_secret(const struct um_tls_side *side, enum um_tls_epoch epoch)
{
    bool of_server = um_side_is_server(side);
    enum um_secret_label label =
        epoch == UM_EPOCH_EARLY ? UM_SECRET_CLIENT_EARLY
        : epoch == UM_EPOCH_HANDSHAKE
            ? (of_server ? UM_SECRET_SERVER_HANDSHAKE : UM_SECRET_CLIENT_HANDSHAKE)
            : (of_server ? UM_SECRET_SERVER_APPLICATION : UM_SECRET_CLIENT_APPLICATION);
    return um_session_secret(&side->tls->session, label);
}

void
um_epoch_enter(struct um_tls_side *side, enum um_tls_epoch epoch, struct um_span secret,
               struct um_unseal *unseal)
{
    use_keys(side, unseal);
    side->epoch = epoch;
    side->secret_len = secret.len;
    if (secret.len > 0)
        memmove(side->secret, secret.data, secret.len);
}

void
um_epoch_leave(struct um_tls_side *side)
{
    um_unseal_free(side->unseal);
    side->unseal = NULL;
    side->epoch = UM_EPOCH_NONE;
    side->is_waiting = side->is_opaque = side->is_joined = false;
    side->loss = (struct um_tls_loss){0};
}

/* TLS 1.3: the keys of that epoch; without its secret those of a later one, if there are any. */
int
um_epoch_begin(struct um_tls_side *side, enum um_tls_epoch epoch)
{
    struct um_unseal *unseal = NULL;
    struct um_span secret = um_span_of(NULL, 0);
    int err = UM_OK;
    for (; !unseal && !err && epoch <= UM_EPOCH_APPLICATION; epoch++) {
        secret = um_epoch_secret(side, epoch);
        err = um_session_unseal_traffic(&side->tls->session, side->tls->session.suite, secret,
                                        &unseal);
    }
    if (!err)
        um_epoch_enter(side, epoch - 1, secret, unseal);
    return err;
}

/* RFC 8446 section 7.2: the secret after a KeyUpdate. */
int
um_epoch_next_secret(const struct um_tls_side *side, struct um_span from,
                     uint8_t out[UM_SECRET_MAX], struct um_span *secret)
{
    *secret = um_span_of(out, from.len);
    return um_keys_expand_label(side->tls->session.suite->prf, from, "traffic upd", out, from.len);
}

int
um_epoch_update(struct um_tls_side *side)
{
    uint8_t next[UM_SECRET_MAX];
    struct um_span secret;
    struct um_unseal *unseal = NULL;
    bool is_known = um_side_is_13(side->tls) && side->tls->session.suite;
    if (!is_known || side->epoch != UM_EPOCH_APPLICATION || !side->unseal)
        return UM_OK;
    int err = um_epoch_next_secret(side, um_span_of(side->secret, side->secret_len), next, &secret);
    if (!err)
        err = um_session_unseal_traffic(&side->tls->session, side->tls->session.suite, secret,
                                        &unseal);
    if (!err)
        um_epoch_enter(side, UM_EPOCH_APPLICATION, secret, unseal);
    um_crypto_wipe(next, sizeof next);
    return err;
}
