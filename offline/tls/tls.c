/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ciphertext -> records -> opened -> handshake messages (which give the next keys) or clear bytes.
 *
 * Where a direction stands: it has its place when the next byte begins a record or goes on with the
 * one held. A hole inside a record leaves the place known; a longer one, or bytes that are no
 * record, lose it: then the next bytes that look like a record and authenticate give it back. What
 * was lost is told when that happens, since only then the number of records in it is known.
 */
#include "offline/tls/tls.h"

#include <stdlib.h>

#include "offline/tls/session.h"

enum {
    MESSAGE_MAX = 64 * 1024,    /* bytes of a handshake message that is wanted */
    SEARCH_MAX = 4096,          /* sequence numbers tried for one record */
    SEARCH_BYTES_MAX = 1 << 26, /* ciphertext tried in vain on a connection */
    UNVERIFIED_MAX = 32,        /* records not opened before the secrets are held to be wrong */
    WAITED_END_BYTES = 64,      /* a block and the longest MAC */
    LEAST_RECORD_BYTES = UM_TLS_HEADER_BYTES + 8,
    NAME_MAX_BYTES = 255,
    METERED_BYTES = 8 * 1024, /* a um_tls with its keys */
};

enum epoch { EPOCH_NONE, EPOCH_EARLY, EPOCH_HANDSHAKE, EPOCH_APPLICATION };

struct loss {
    uint64_t bytes;   /* ciphertext, headers included; 0: nothing is lost */
    uint64_t records; /* at most so many */
    enum um_gap_cause cause;
    struct um_mark where;
};

struct side {
    struct um_tls *tls;
    int index;
    struct um_sink clear;
    uint64_t clear_offset;
    bool is_enough, is_ended;

    struct um_buf held; /* a record's beginning, or where one is looked for */
    struct um_mark held_first;
    bool has_place;
    uint64_t skip; /* bytes of a record with a hole in it that are still to come */
    struct loss loss;

    struct um_buf messages; /* handshake bytes that do not make up a whole message yet */
    size_t message_skip;    /* bytes of an unwanted message that are still to come */

    struct um_unseal *unseal; /* NULL: records are clear, is_waiting or is_opaque */
    bool is_waiting;          /* protected, and its secret may still come */
    bool has_waited;          /* what is lost was lost for want of a secret */
    size_t waited_bytes;      /* bodies of the records that went by, and how they ended */
    uint8_t waited_end[WAITED_END_BYTES];
    size_t waited_end_len;
    uint64_t known_secrets; /* when it was looked for last */
    bool is_opaque;         /* protected, and cannot be read */
    bool is_verified;       /* a record was opened with these keys */
    unsigned unverified;
    uint64_t sequence;
    enum epoch epoch; /* TLS 1.3 */
    uint8_t secret[UM_SECRET_MAX];
    size_t secret_len;
};

struct um_tls {
    struct um_meter *meter;
    struct um_secrets *secrets;
    struct um_session session;
    struct um_tls_info info;
    uint8_t server_name[NAME_MAX_BYTES], alpn[NAME_MAX_BYTES];
    uint8_t early_suites[NAME_MAX_BYTES]; /* of a hello with early data, two bytes each */
    size_t early_suites_len;
    uint64_t search_left; /* bytes */
    struct side sides[2];
};

/* A record that is being read, and the packets that brought it. */
struct arrival {
    struct um_tls_record record;
    struct um_mark first, last;
};

static bool
is_server(const struct side *side)
{
    return side->tls->info.client == 1 - side->index;
}

static bool
is_13(const struct um_tls *tls)
{
    return tls->session.has_server && tls->session.version >= UM_TLS_VERSION_13;
}

/* ---- what leaves ---- */

static int
note_enough(struct side *side, int result)
{
    if (result == UM_SINK_ENOUGH) {
        side->is_enough = true;
        return UM_OK;
    }
    return result;
}

static int
tell_gap(struct side *side, uint64_t clear_bytes)
{
    struct loss loss = side->loss;
    side->loss = (struct loss){0};
    side->clear_offset += clear_bytes;
    if (clear_bytes == 0 || side->is_enough)
        return UM_OK;
    return note_enough(side,
                       side->clear.gap(side->clear.ctx, clear_bytes, loss.cause, &loss.where));
}

static int
tell_data(struct side *side, const struct arrival *arrival, struct um_span bytes)
{
    const struct um_chunk chunk = {.bytes = bytes,
                                   .offset = side->clear_offset,
                                   .first = arrival->first,
                                   .last = arrival->last};
    side->clear_offset += bytes.len;
    if (bytes.len == 0 || side->is_enough)
        return UM_OK;
    return note_enough(side, side->clear.data(side->clear.ctx, &chunk));
}

/* ---- keys ---- */

static void
use_keys(struct side *side, struct um_unseal *unseal)
{
    um_unseal_free(side->unseal);
    side->unseal = unseal;
    const struct um_session *session = &side->tls->session;
    bool is_readable = session->suite && !session->is_compressed;
    side->is_waiting = !unseal && is_readable;
    side->has_waited |= side->is_waiting;
    side->is_opaque = !unseal && !is_readable;
    side->known_secrets = um_secrets_total(side->tls->secrets);
    side->is_verified = false;
    side->unverified = 0;
    side->sequence = 0;
    if (unseal)
        side->tls->info.has_secrets = true;
    else
        side->tls->info.is_protected = true;
}

/* SSL 3 to TLS 1.2: from here on this direction is protected. */
static int
change_cipher(struct side *side)
{
    struct um_unseal *unseal;
    int err = um_session_unseal(&side->tls->session, is_server(side), &unseal);
    if (!err)
        use_keys(side, unseal);
    return err;
}

static struct um_span
traffic_secret(const struct side *side, enum epoch epoch)
{
    bool of_server = is_server(side);
    enum um_secret_label label =
        epoch == EPOCH_EARLY ? UM_SECRET_CLIENT_EARLY
        : epoch == EPOCH_HANDSHAKE
            ? (of_server ? UM_SECRET_SERVER_HANDSHAKE : UM_SECRET_CLIENT_HANDSHAKE)
            : (of_server ? UM_SECRET_SERVER_APPLICATION : UM_SECRET_CLIENT_APPLICATION);
    return um_session_secret(&side->tls->session, label);
}

static void
enter(struct side *side, enum epoch epoch, struct um_span secret, struct um_unseal *unseal)
{
    use_keys(side, unseal);
    side->epoch = epoch;
    side->secret_len = secret.len;
    if (secret.len > 0)
        memmove(side->secret, secret.data, secret.len);
}

/* TLS 1.3: the keys of that epoch; without its secret those of a later one, if there are any. */
static int
begin_epoch(struct side *side, enum epoch epoch)
{
    struct um_unseal *unseal = NULL;
    struct um_span secret = um_span_of(NULL, 0);
    int err = UM_OK;
    for (; !unseal && !err && epoch <= EPOCH_APPLICATION; epoch++) {
        secret = traffic_secret(side, epoch);
        err = um_session_unseal_traffic(&side->tls->session, side->tls->session.suite, secret,
                                        &unseal);
    }
    if (!err)
        enter(side, epoch - 1, secret, unseal);
    return err;
}

/* RFC 8446 section 7.2: the secret after a KeyUpdate. */
static int
next_secret(const struct side *side, uint8_t out[UM_SECRET_MAX], struct um_span *secret)
{
    *secret = um_span_of(out, side->secret_len);
    return um_keys_expand_label(side->tls->session.suite->prf,
                                um_span_of(side->secret, side->secret_len), "traffic upd", out,
                                side->secret_len);
}

static int
update_keys(struct side *side)
{
    uint8_t next[UM_SECRET_MAX];
    struct um_span secret;
    struct um_unseal *unseal = NULL;
    if (!is_13(side->tls) || side->epoch != EPOCH_APPLICATION || !side->unseal)
        return UM_OK;
    int err = next_secret(side, next, &secret);
    if (!err)
        err = um_session_unseal_traffic(&side->tls->session, side->tls->session.suite, secret,
                                        &unseal);
    if (!err)
        enter(side, EPOCH_APPLICATION, secret, unseal);
    um_crypto_wipe(next, sizeof next);
    return err;
}

/* ---- handshake ---- */

static struct um_span
keep_text(uint8_t out[NAME_MAX_BYTES], struct um_span text)
{
    struct um_span fits = um_span_first(text, NAME_MAX_BYTES);
    if (fits.len > 0)
        memcpy(out, fits.data, fits.len);
    return um_span_of(out, fits.len);
}

static int
take_client_hello(struct side *side, const struct um_client_hello *hello)
{
    struct um_tls *tls = side->tls;
    if (tls->info.client == 1 - side->index)
        return UM_OK;
    tls->info.client = side->index;
    if (hello->server_name.len > 0)
        tls->info.server_name = keep_text(tls->server_name, hello->server_name);
    tls->early_suites_len =
        hello->has_early_data ? keep_text(tls->early_suites, hello->suites).len & ~(size_t)1 : 0;
    return um_session_client_hello(&tls->session, hello);
}

static int
take_server_hello(struct side *side, const struct um_server_hello *hello)
{
    struct um_tls *tls = side->tls;
    struct side *other = &tls->sides[1 - side->index];
    if (tls->info.client == side->index)
        return UM_OK;
    int err = um_session_server_hello(&tls->session, hello);
    if (err || hello->is_retry)
        return err;
    tls->info.version = hello->version;
    tls->info.suite = hello->suite;
    const struct um_tls_suite *suite = um_tls_suite_find(hello->suite);
    tls->info.suite_name = suite ? suite->name : NULL;
    if (hello->alpn.len > 0)
        tls->info.alpn = keep_text(tls->alpn, hello->alpn);
    if (!is_13(tls))
        return UM_OK;
    err = begin_epoch(side, EPOCH_HANDSHAKE);
    if (!err && (other->epoch != EPOCH_EARLY || !other->unseal))
        err = begin_epoch(other, EPOCH_HANDSHAKE);
    return err;
}

static int
take_message(struct side *side, const struct um_handshake *message)
{
    struct um_tls *tls = side->tls;
    struct um_client_hello client;
    struct um_server_hello server;
    switch (message->type) {
    case UM_HANDSHAKE_CLIENT_HELLO:
        return um_handshake_client_hello(message->body, &client) == UM_DONE
                   ? take_client_hello(side, &client)
                   : UM_OK;
    case UM_HANDSHAKE_SERVER_HELLO:
        return um_handshake_server_hello(message->body, &server) == UM_DONE
                   ? take_server_hello(side, &server)
                   : UM_OK;
    case UM_HANDSHAKE_NEW_SESSION_TICKET:
        return um_session_new_ticket(&tls->session, message->body);
    case UM_HANDSHAKE_END_OF_EARLY_DATA:
        return side->epoch == EPOCH_EARLY ? begin_epoch(side, EPOCH_HANDSHAKE) : UM_OK;
    case UM_HANDSHAKE_ENCRYPTED_EXTENSIONS:
        tls->info.alpn = keep_text(tls->alpn, um_handshake_chosen_alpn(message->body));
        return UM_OK;
    case UM_HANDSHAKE_FINISHED:
        return side->epoch == EPOCH_HANDSHAKE ? begin_epoch(side, EPOCH_APPLICATION) : UM_OK;
    case UM_HANDSHAKE_KEY_UPDATE:
        return update_keys(side);
    default:
        return UM_OK;
    }
}

static bool
is_wanted(uint8_t type)
{
    return type == UM_HANDSHAKE_CLIENT_HELLO || type == UM_HANDSHAKE_SERVER_HELLO ||
           type == UM_HANDSHAKE_NEW_SESSION_TICKET || type == UM_HANDSHAKE_END_OF_EARLY_DATA ||
           type == UM_HANDSHAKE_ENCRYPTED_EXTENSIONS || type == UM_HANDSHAKE_FINISHED ||
           type == UM_HANDSHAKE_CLIENT_KEY_EXCHANGE || type == UM_HANDSHAKE_KEY_UPDATE;
}

/* The first message in side->messages; UM_MORE when it is not whole. */
static int
take_first_message(struct side *side, enum um_step *step)
{
    struct um_session *session = &side->tls->session;
    struct um_span rest = um_buf_span(&side->messages);
    struct um_handshake message;
    uint8_t type;
    size_t length;
    *step = um_handshake_length(rest, &type, &length);
    if (*step != UM_DONE)
        return UM_OK;
    if (length > MESSAGE_MAX || (!is_wanted(type) && !session->keeps_transcript)) {
        size_t have = length < rest.len ? length : rest.len;
        side->message_skip = length - have;
        um_buf_drop(&side->messages, have);
        return UM_OK;
    }
    *step = um_handshake_split(&rest, &message);
    if (*step != UM_DONE)
        return UM_OK;
    /* a ClientHello begins the transcript that it belongs to; KeyExchange ends it */
    bool is_hello = message.type == UM_HANDSHAKE_CLIENT_HELLO;
    int err = is_hello ? take_message(side, &message) : UM_OK;
    if (!err)
        err = um_session_message(session, message.whole);
    if (!err && message.type == UM_HANDSHAKE_CLIENT_KEY_EXCHANGE)
        err = um_session_key_exchange(session, message.body);
    else if (!err && !is_hello)
        err = take_message(side, &message);
    um_buf_drop(&side->messages, message.whole.len);
    return err;
}

static int
take_handshake(struct side *side, struct um_span bytes)
{
    size_t skipped = bytes.len < side->message_skip ? bytes.len : side->message_skip;
    side->message_skip -= skipped;
    int err = um_buf_append(&side->messages, um_span_from(bytes, skipped));
    enum um_step step = UM_DONE;
    while (!err && step == UM_DONE && side->messages.len > 0)
        err = take_first_message(side, &step);
    if (!err && side->messages.len == 0)
        um_buf_done(&side->messages);
    return err;
}

static int
take_hello2(struct side *side, struct um_span body)
{
    struct um_client_hello hello;
    if (side->tls->session.has_client || um_handshake_hello2(body, &hello) != UM_DONE)
        return UM_OK;
    return take_client_hello(side, &hello);
}

/* ---- records ---- */

/* What a record held, once it is clear. */
static int
take_content(struct side *side, const struct arrival *arrival, uint8_t type, struct um_span bytes)
{
    switch (type) {
    case UM_TLS_TYPE_HANDSHAKE:
        return take_handshake(side, bytes);
    case UM_TLS_TYPE_CHANGE:
        /* of TLS 1.3, and before its early data: says nothing */
        return is_13(side->tls) || !side->tls->session.has_server ? UM_OK : change_cipher(side);
    case UM_TLS_TYPE_DATA:
        return tell_data(side, arrival, bytes);
    case UM_TLS_TYPE_HELLO2:
        return take_hello2(side, bytes);
    default:
        return UM_OK; /* alerts, heartbeats */
    }
}

/* Adds a record that could not be opened to what is lost. */
static void
lose_record(struct side *side, const struct arrival *arrival)
{
    if (side->loss.bytes == 0) {
        side->loss.cause = UM_GAP_LOST;
        side->loss.where = arrival->first;
    }
    side->loss.bytes += arrival->record.header.len + arrival->record.body.len;
    side->loss.records++;
}

/* The clear bytes in what is lost, which was `records` records. */
static uint64_t
lost_clear_bytes(const struct side *side, uint64_t records)
{
    uint64_t each = UM_TLS_HEADER_BYTES + um_unseal_overhead(side->unseal);
    if (side->loss.bytes == 0)
        return 0;
    if (records > side->loss.bytes / each || side->loss.bytes == records * each)
        return 1; /* nothing in it, as it seems; that something was lost must be told all the same
                   */
    return side->loss.bytes - records * each;
}

/*
 * An opened record: what was lost before it is known now. Handshake and data that went by before
 * the secret came cannot be told apart; since secrets come early, it is taken for handshake.
 */
static int
accept(struct side *side, const struct arrival *arrival, const struct um_unsealed *opened)
{
    uint64_t missing = opened->sequence - side->sequence;
    int err = UM_OK;
    if (side->loss.records > 0)
        err = tell_gap(side, side->has_waited ? 0 : lost_clear_bytes(side, missing));
    side->has_waited = false;
    side->sequence = opened->sequence + 1;
    side->is_verified = true;
    side->unverified = 0;
    side->tls->info.is_read = true;
    return err ? err : take_content(side, arrival, opened->type, opened->bytes);
}

/* Tries a record with these keys, in the range of sequence numbers that what is lost allows. */
static int
try_keys(struct side *side, struct um_unseal *unseal, const struct arrival *arrival, uint64_t first,
         uint8_t *out, struct um_unsealed *opened)
{
    struct um_tls *tls = side->tls;
    uint64_t span = side->loss.records < SEARCH_MAX ? side->loss.records : SEARCH_MAX;
    uint64_t affordable = tls->search_left / (arrival->record.body.len + 1);
    if (span > affordable)
        span = affordable;
    int result = um_unseal_record(unseal, &arrival->record, first, first + span, out, opened);
    if (result == UM_CRYPTO_FORGED)
        tls->search_left -= span * (arrival->record.body.len + 1);
    return result;
}

/* TLS 1.3: a hole, or early data that was refused, may have hidden the change to the next keys. */
static int
try_next_epoch(struct side *side, const struct arrival *arrival, uint8_t *out,
               struct um_unsealed *opened)
{
    uint8_t next[UM_SECRET_MAX];
    struct um_unseal *unseal = NULL;
    struct um_span secret = um_span_of(NULL, 0);
    enum epoch epoch = side->epoch == EPOCH_APPLICATION ? EPOCH_APPLICATION : side->epoch + 1;
    if (!is_13(side->tls) || (side->loss.bytes == 0 && side->epoch != EPOCH_EARLY))
        return UM_CRYPTO_FORGED;
    int result = UM_OK;
    if (side->epoch == EPOCH_APPLICATION)
        result = next_secret(side, next, &secret);
    else
        secret = traffic_secret(side, epoch);
    if (!result)
        result = um_session_unseal_traffic(&side->tls->session, side->tls->session.suite, secret,
                                           &unseal);
    if (!result)
        result = unseal ? try_keys(side, unseal, arrival, 0, out, opened) : UM_CRYPTO_FORGED;
    if (result == UM_OK)
        enter(side, epoch, secret, unseal);
    else
        um_unseal_free(unseal);
    um_crypto_wipe(next, sizeof next);
    return result;
}

/* UM_CRYPTO_FORGED when it could not be opened; the caller says what that means. */
static int
open_record(struct side *side, const struct arrival *arrival)
{
    uint8_t out[UM_TLS_BODY_MAX];
    struct um_unsealed opened;
    int result = try_keys(side, side->unseal, arrival, side->sequence, out, &opened);
    if (result == UM_CRYPTO_FORGED)
        result = try_next_epoch(side, arrival, out, &opened);
    return result ? result : accept(side, arrival, &opened);
}

/* A record in its place that does not authenticate: corrupt, or the secrets are not its own. */
static void
note_failure(struct side *side, const struct arrival *arrival)
{
    struct um_tls_info *info = &side->tls->info;
    info->is_protected = true;
    lose_record(side, arrival);
    if (side->is_verified) {
        if (info->failures++ == 0)
            info->first_failed_frame = arrival->first.frame;
    } else if (++side->unverified >= UNVERIFIED_MAX) {
        side->is_opaque = true;
    }
}

/* Early data comes before the server has said which suite: the one of those offered that fits. */
static int
begin_early(struct side *side, const struct arrival *arrival)
{
    struct um_tls *tls = side->tls;
    struct um_span secret = traffic_secret(side, EPOCH_EARLY);
    uint8_t out[UM_TLS_BODY_MAX];
    struct um_unsealed opened;
    for (size_t i = 0; i + 1 < tls->early_suites_len; i += 2) {
        uint16_t id = (uint16_t)(tls->early_suites[i] << 8 | tls->early_suites[i + 1]);
        struct um_unseal *unseal = NULL;
        int result =
            um_session_unseal_traffic(&tls->session, um_tls_suite_find(id), secret, &unseal);
        if (!result && unseal)
            result = try_keys(side, unseal, arrival, 0, out, &opened);
        if (unseal && result == UM_OK) {
            enter(side, EPOCH_EARLY, secret, unseal);
            return UM_OK;
        }
        um_unseal_free(unseal);
        if (result < 0)
            return result;
    }
    tls->info.is_protected = true;
    return UM_OK;
}

/* Before its first protected record a direction may have to be given keys that a hole hid. */
static int
prepare(struct side *side, const struct arrival *arrival)
{
    struct um_tls *tls = side->tls;
    if (side->unseal || side->is_opaque || side->is_waiting ||
        arrival->record.type != UM_TLS_TYPE_DATA)
        return UM_OK;
    if (!tls->session.has_server && tls->info.client == side->index && tls->early_suites_len > 0)
        return begin_early(side, arrival);
    if (!tls->session.has_server || is_13(tls)) {
        tls->info.is_protected = true;
        return UM_OK;
    }
    return change_cipher(side);
}

/* What went by without keys, for ciphers that go on from record to record. */
static void
note_waited(struct side *side, struct um_span body)
{
    struct um_span end =
        um_span_from(body, body.len > WAITED_END_BYTES ? body.len - WAITED_END_BYTES : 0);
    memcpy(side->waited_end, end.data, end.len);
    side->waited_end_len = end.len;
    side->waited_bytes += body.len;
}

/* The keys of a direction whose first records have gone by. */
static int
change_cipher_late(struct side *side)
{
    int err = change_cipher(side);
    if (err || !side->unseal)
        return err;
    err = um_unseal_skip(side->unseal, side->waited_bytes);
    if (side->waited_end_len > 0)
        um_unseal_resume(side->unseal, um_span_of(side->waited_end, side->waited_end_len));
    side->waited_bytes = side->waited_end_len = 0;
    return err;
}

/* A protected record without keys: looks again when there are more secrets than there were. */
static int
wait_for_secret(struct side *side, const struct arrival *arrival)
{
    struct um_tls *tls = side->tls;
    if (arrival->record.type == UM_TLS_TYPE_DATA &&
        um_secrets_total(tls->secrets) != side->known_secrets) {
        int err = is_13(tls) ? begin_epoch(side, EPOCH_HANDSHAKE) : change_cipher_late(side);
        if (err || side->unseal)
            return err;
    }
    if (arrival->record.type != UM_TLS_TYPE_CHANGE) {
        lose_record(side, arrival);
        note_waited(side, arrival->record.body);
    }
    if (side->loss.records >= UNVERIFIED_MAX)
        side->is_opaque = true;
    return UM_OK;
}

/* A record in its place. */
static int
take_record(struct side *side, const struct arrival *arrival)
{
    const struct um_tls_record *record = &arrival->record;
    int result = prepare(side, arrival);
    if (!result && side->is_waiting)
        result = wait_for_secret(side, arrival);
    if (result || side->is_opaque || side->is_waiting)
        return result;
    bool is_clear = !side->unseal || (is_13(side->tls) && record->type != UM_TLS_TYPE_DATA);
    if (is_clear && record->type == UM_TLS_TYPE_DATA)
        return UM_OK; /* protected, before any keys */
    if (is_clear) {
        if (!side->unseal)
            side->loss = (struct loss){0}; /* of the handshake: nobody misses it */
        return take_content(side, arrival, record->type, record->body);
    }
    bool was_lost = um_unseal_is_lost(side->unseal);
    result = open_record(side, arrival);
    if (result != UM_CRYPTO_FORGED)
        return result;
    if (was_lost)
        lose_record(side, arrival); /* no fault of its own; it gives the next one its IV */
    else
        note_failure(side, arrival);
    return UM_OK;
}

/* ---- bytes ---- */

static void
empty_held(struct side *side)
{
    um_meter_give(side->tls->meter, side->held.cap);
    um_buf_done(&side->held);
}

/* Without room for it the connection cannot be read any further. */
static int
hold(struct side *side, struct um_span bytes, size_t expected)
{
    struct um_buf *held = &side->held;
    if (held->len == 0 || held->cap - held->len < bytes.len) {
        size_t more = expected > held->len + bytes.len ? expected - held->len : bytes.len;
        size_t before = held->cap;
        if (um_buf_reserve(held, more) != UM_OK)
            return UM_ERR_NOMEM;
        if (!um_meter_take(side->tls->meter, held->cap - before)) {
            um_meter_give(side->tls->meter, before);
            um_buf_done(held);
            side->is_opaque = true;
            side->tls->info.is_protected = true;
            return UM_OK;
        }
    }
    return um_buf_append(held, bytes);
}

static void
lose_place(struct side *side, uint64_t missing, enum um_gap_cause cause,
           const struct um_mark *where)
{
    if (side->loss.bytes == 0) {
        side->loss.cause = cause;
        side->loss.where = *where;
    }
    side->loss.bytes += missing;
    side->loss.records += missing / LEAST_RECORD_BYTES + 1;
    side->has_place = false;
    side->skip = 0;
}

/* Drops bytes where no record begins. */
static void
pass_over(struct side *side, size_t n)
{
    side->loss.bytes += n;
    um_buf_drop(&side->held, n);
}

/* Is this the record that gives the place back? Then it has been taken. */
static int
try_place(struct side *side, const struct arrival *arrival, bool *is_placed)
{
    const struct um_tls *tls = side->tls;
    int result = prepare(side, arrival);
    *is_placed = true;
    if (result || side->is_opaque)
        return result;
    bool is_bare = is_13(tls) && arrival->record.type != UM_TLS_TYPE_DATA;
    if (!side->unseal || (is_bare && !side->is_verified))
        return take_record(side, arrival);
    if (um_unseal_is_lost(side->unseal))
        return take_record(side, arrival);
    result = is_bare ? UM_CRYPTO_FORGED : open_record(side, arrival);
    *is_placed = result != UM_CRYPTO_FORGED;
    return *is_placed ? result : UM_OK;
}

/* Looks at what is held, with the place lost, for a record that authenticates, and takes it. */
static int
find_place(struct side *side, const struct um_chunk *chunk)
{
    struct um_span rest = um_buf_span(&side->held);
    struct arrival arrival = {.first = side->held_first, .last = chunk->last};
    enum um_step step = um_tls_record_split(&rest, &arrival.record);
    if (step == UM_DONE && arrival.record.type <= UM_TLS_TYPE_DATA) {
        int err = try_place(side, &arrival, &side->has_place);
        if (err)
            return err;
    }
    if (side->has_place)
        um_buf_drop(&side->held, side->held.len - rest.len);
    else
        pass_over(side, 1);
    side->held_first = chunk->first;
    return UM_OK;
}

/* Reads what is held, which may be more than one record, as far as it goes. */
static int
settle(struct side *side, const struct um_chunk *chunk)
{
    int err = UM_OK;
    while (!err && !side->is_opaque && side->held.len > 0) {
        struct um_span rest = um_buf_span(&side->held);
        struct arrival arrival = {.first = side->held_first, .last = chunk->last};
        enum um_step step = um_tls_record_split(&rest, &arrival.record);
        if (step == UM_MORE)
            return UM_OK;
        if (!side->has_place) {
            err = find_place(side, chunk);
        } else if (step == UM_BAD) {
            lose_place(side, 0, UM_GAP_LOST, &side->held_first);
        } else {
            err = take_record(side, &arrival);
            um_buf_drop(&side->held, side->held.len - rest.len);
            side->held_first = chunk->first;
        }
    }
    if (!err && (side->held.len == 0 || side->is_opaque))
        empty_held(side);
    return err;
}

/* Goes on with the record that is held; moves `rest` past what belongs to it. */
static int
fill_held(struct side *side, const struct um_chunk *chunk, struct um_span *rest)
{
    size_t want = UM_TLS_HEADER_BYTES;
    if (side->held.len == 0)
        side->held_first = chunk->first;
    if (um_tls_record_length(um_buf_span(&side->held), &want) == UM_BAD)
        want = 0; /* settle will see */
    size_t lacks = want > side->held.len ? want - side->held.len : 0;
    struct um_span piece = um_span_first(*rest, lacks);
    *rest = um_span_from(*rest, piece.len);
    int err = hold(side, piece, want);
    return err ? err : settle(side, chunk);
}

/* Bytes with the place known: whole records are read where they lie. */
static int
take_placed(struct side *side, const struct um_chunk *chunk, struct um_span *rest)
{
    struct arrival arrival = {.first = chunk->first, .last = chunk->last};
    size_t skipped = side->skip < rest->len ? (size_t)side->skip : rest->len;
    side->skip -= skipped;
    *rest = um_span_from(*rest, skipped);
    if (rest->len == 0)
        return UM_OK;
    if (side->held.len > 0)
        return fill_held(side, chunk, rest);
    switch (um_tls_record_split(rest, &arrival.record)) {
    case UM_DONE:
        return take_record(side, &arrival);
    case UM_MORE:
        return fill_held(side, chunk, rest);
    default:
        lose_place(side, 0, UM_GAP_LOST, &chunk->first);
        return UM_OK;
    }
}

static int
take_data(void *ctx, const struct um_chunk *chunk)
{
    struct side *side = ctx;
    struct um_span rest = chunk->bytes;
    int err = UM_OK;
    side->tls->info.bytes += rest.len;
    while (!err && !side->is_opaque && rest.len > 0) {
        if (side->has_place) {
            err = take_placed(side, chunk, &rest);
            continue;
        }
        if (side->held.len == 0)
            side->held_first = chunk->first;
        err = hold(side, rest, 0);
        rest = um_span_from(rest, rest.len);
        if (!err)
            err = settle(side, chunk);
    }
    if (err)
        return err;
    return side->is_enough ? UM_SINK_ENOUGH : UM_OK;
}

static int
take_gap(void *ctx, uint64_t missing, enum um_gap_cause cause, const struct um_mark *where)
{
    struct side *side = ctx;
    size_t whole = 0;
    side->tls->info.bytes += missing;
    if (side->is_opaque)
        return UM_OK;
    um_buf_done(&side->messages);
    side->message_skip = 0;
    uint64_t held = side->held.len, left = side->skip;
    if (side->has_place && left == 0 &&
        um_tls_record_length(um_buf_span(&side->held), &whole) == UM_DONE)
        left = whole - held;
    empty_held(side);
    if (!side->has_place || left < missing) {
        lose_place(side, side->skip > 0 ? missing - side->skip : missing + held, cause, where);
        return side->unseal ? um_unseal_skip(side->unseal, SIZE_MAX) : UM_OK;
    }
    side->skip = left - missing;
    if (whole == 0)
        return UM_OK; /* one more hole in the same record */
    if (side->loss.bytes == 0) {
        side->loss.cause = cause;
        side->loss.where = *where;
    }
    side->loss.bytes += whole;
    side->loss.records++;
    return side->unseal ? um_unseal_skip(side->unseal, whole - UM_TLS_HEADER_BYTES) : UM_OK;
}

static int
take_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    struct side *side = ctx;
    int err = UM_OK;
    if (side->held.len > 0 && side->unseal)
        lose_place(side, side->held.len, why == UM_END_CAPTURE ? UM_GAP_CUT : UM_GAP_LOST, where);
    empty_held(side);
    if (side->loss.bytes > 0 && side->unseal && side->is_verified)
        err = tell_gap(side, lost_clear_bytes(side, 1));
    if (err || side->is_ended)
        return err;
    side->is_ended = true;
    return side->clear.end(side->clear.ctx, why, where);
}

/* ---- its life ---- */

int
um_tls_new(struct um_meter *meter, struct um_secrets *secrets, const struct um_sink clear[2],
           struct um_tls **out)
{
    *out = NULL;
    if (!um_meter_take(meter, METERED_BYTES))
        return UM_OK;
    struct um_tls *tls = calloc(1, sizeof *tls);
    if (!tls) {
        um_meter_give(meter, METERED_BYTES);
        return UM_ERR_NOMEM;
    }
    tls->meter = meter;
    tls->secrets = secrets;
    tls->session.secrets = secrets;
    tls->info.client = -1;
    tls->search_left = SEARCH_BYTES_MAX;
    for (int i = 0; i < 2; i++) {
        tls->sides[i].tls = tls;
        tls->sides[i].index = i;
        tls->sides[i].clear = clear[i];
        tls->sides[i].has_place = true;
    }
    *out = tls;
    return UM_OK;
}

void
um_tls_free(struct um_tls *tls)
{
    if (!tls)
        return;
    for (int i = 0; i < 2; i++) {
        struct side *side = &tls->sides[i];
        empty_held(side);
        um_buf_done(&side->messages);
        um_unseal_free(side->unseal);
    }
    um_session_done(&tls->session);
    um_meter_give(tls->meter, METERED_BYTES);
    um_crypto_wipe(tls, sizeof *tls);
    free(tls);
}

struct um_sink
um_tls_sink(struct um_tls *tls, int side)
{
    return (struct um_sink){
        .ctx = &tls->sides[side], .data = take_data, .gap = take_gap, .end = take_end};
}

struct um_tls_info
um_tls_info(const struct um_tls *tls)
{
    return tls->info;
}
