/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A record may be of later keys than a direction stands at, when a hole hid the change; of keys
 * whose secret comes late; or of early data, whose suite nobody has named yet.
 */
#include "offline/tls/opening.h"

#include "offline/tls/alert.h"
#include "offline/tls/early.h"
#include "offline/tls/epoch.h"
#include "offline/tls/join.h"
#include "offline/tls/negotiate.h"

enum {
    SEARCH_SHARE = 2,        /* for one record at most so much of what its connection has left */
    OTHER_EARLY_MAX = 1024,  /* records of early data that the server refused, or of no secret */
    END_OF_EARLY_BYTES = 21, /* the message, with its type and its tag */
    KEY_CHANGES_MAX = 4,     /* in one hole of TLS 1.3 */
    CHANGE_COSTS = 1 << 14,  /* bytes of ciphertext that could be tried in the time of one */
    LONG_BYTES = 8192,       /* of a record: to open it takes longer than to ask what is wanted */
    REVEALED_FIRST = 2048,   /* bytes of it: as a rule a head, and where a body begins */
    FINISHED_BYTES = 16,     /* the message with its header */
    FINISHED_BYTES_SSL3 = 40,
};

/* What a record held, once it is clear. */
static int
take_content(struct um_tls_side *side, const struct um_tls_arrival *arrival, uint8_t type,
             struct um_span bytes)
{
    switch (type) {
    case UM_TLS_TYPE_HANDSHAKE:
        return um_negotiate_push(side, bytes);
    case UM_TLS_TYPE_CHANGE:
        /* of TLS 1.3, and before its early data: says nothing */
        return um_side_is_13(side->tls) || !side->tls->session.has_server
                   ? UM_OK
                   : um_epoch_change_cipher(side);
    case UM_TLS_TYPE_DATA:
        if (side->epoch == UM_EPOCH_EARLY)
            return um_early_data(side, arrival, bytes);
        side->tls->has_data = true;
        return um_side_data(side, arrival, bytes);
    case UM_TLS_TYPE_ALERT:
        um_alert_take(side, arrival, bytes);
        return UM_OK;
    case UM_TLS_TYPE_HELLO2:
        return um_negotiate_hello2(side, bytes);
    default:
        return UM_OK; /* heartbeats */
    }
}

/* Are the keys those behind a KeyUpdate? */
static bool
is_updated(const struct um_tls_side *side)
{
    return side->epoch == UM_EPOCH_APPLICATION &&
           !um_span_equal(um_span_of(side->secret, side->secret_len),
                          um_epoch_secret(side, UM_EPOCH_APPLICATION));
}

/* With nothing read before but clear handshake and so many records, was any data among them? */
static bool
is_all_handshake(const struct um_tls_side *side, uint64_t records)
{
    if (!um_side_is_13(side->tls))
        return records <= 1; /* Finished */
    if ((side->is_joined && side->epoch == UM_EPOCH_APPLICATION) || is_updated(side))
        return false; /* who knows what was said before */
    return side->epoch == UM_EPOCH_HANDSHAKE || records == 0;
}

/*
 * Clear bytes lost before a record that `records` records of the same keys were lost before.
 * Handshake and data that went by before the secret came cannot be told apart; since secrets come
 * early, it is taken for handshake.
 */
static struct um_missing
lost_before(const struct um_tls_side *side, uint64_t records)
{
    bool is_beginning =
        !side->is_verified && side->clear_offset == 0 && side->tls->early_suites_len == 0;
    if (side->has_waited || (is_beginning && is_all_handshake(side, records)))
        return um_missing_exactly(0);
    struct um_missing lost = um_side_lost_clear(side, records);
    if (is_beginning)
        lost.least = 0; /* the clear handshake is among the bytes */
    return lost;
}

/* An authentic record: what was lost before it is known now. */
static int
note_authentic(struct um_tls_side *side, uint64_t sequence)
{
    int err = UM_OK;
    struct um_missing lost = lost_before(side, sequence - side->sequence);
    if (side->loss.records > 0)
        err = side->epoch == UM_EPOCH_EARLY ? um_early_gap(side, lost) : um_side_gap(side, lost);
    side->has_waited = false;
    side->sequence = sequence + 1;
    side->is_verified = true;
    side->unverified = 0;
    side->tls->info.is_read = true;
    return err;
}

static int
accept(struct um_tls_side *side, const struct um_tls_arrival *arrival,
       const struct um_unsealed *opened)
{
    int err = note_authentic(side, opened->sequence);
    return err ? err : take_content(side, arrival, opened->type, opened->bytes);
}

/* The same of one whose clear bytes are revealed as far as they are of use; `out` has room for them
 * all. */
static int
accept_revealing(struct um_tls_side *side, const struct um_tls_arrival *arrival, size_t clear_bytes,
                 uint8_t *out)
{
    uint64_t sequence = side->sequence;
    size_t most = REVEALED_FIRST, revealed = 0;
    int err = note_authentic(side, sequence);
    side->tls->has_data = true;
    for (size_t at = 0; at < clear_bytes && !err; most *= 2) {
        at += um_side_pass(side, clear_bytes - at, &arrival->last);
        size_t left = clear_bytes - at, len = left < most ? left : most;
        if (len > 0)
            err = um_unseal_reveal(side->unseal, &arrival->record, sequence, at, len, out);
        if (!err)
            err = um_side_data(side, arrival, um_span_of(out, len));
        at += len;
        revealed += len;
    }
    side->wants_all = revealed == clear_bytes && side->passing.unwanted == 0;
    return err;
}

/* Tries a record with these keys, in the range of sequence numbers that what is lost allows. What a
 * search costs in vain is taken off what the connection has left. */
static int
try_keys(struct um_tls_side *side, struct um_unseal *unseal, const struct um_tls_arrival *arrival,
         uint64_t first, uint8_t *out, struct um_unsealed *opened)
{
    struct um_tls *tls = side->tls;
    uint64_t granted = tls->search_left / SEARCH_SHARE;
    struct um_tls_search search = {.bytes_left = granted};
    struct um_tls_numbers numbers = {first, first + side->loss.records, &search};
    int result = um_unseal_record(unseal, &arrival->record, numbers, out, opened);
    if (unseal == side->unseal)
        tls->is_search_cut_short = search.is_cut_short;
    if (result == UM_CRYPTO_FORGED)
        tls->search_left -= granted - search.bytes_left;
    return result;
}

/* Keys of a direction, with what they come from. */
struct next_keys {
    struct um_unseal *unseal; /* NULL: there are none */
    enum um_tls_epoch epoch;
    struct um_span secret; /* may be in `room` */
    uint8_t room[UM_SECRET_MAX];
};

/* From keys to those behind them. */
static int
find_next_13(const struct um_tls_side *side, struct next_keys *next)
{
    const struct um_session *session = &side->tls->session;
    int err = UM_OK;
    if (next->epoch != UM_EPOCH_APPLICATION) {
        next->epoch++;
        next->secret = um_epoch_secret(side, next->epoch);
    } else if (next->secret.len > 0) {
        err = um_epoch_next_secret(side, next->secret, next->room, &next->secret);
    }
    return err ? err
               : um_session_unseal_traffic(session, session->suite, next->secret, &next->unseal);
}

static int
find_next(struct um_tls_side *side, struct next_keys *next)
{
    next->unseal = NULL;
    return um_side_is_13(side->tls)
               ? find_next_13(side, next)
               : um_session_unseal(&side->tls->session, um_side_is_server(side), &next->unseal);
}

/*
 * How often keys may have changed before this record: where nothing is lost neither by an update
 * nor by a renegotiation, but by a Finished, which may have been in a hole that was told already.
 */
static unsigned
changes_max(const struct um_tls_side *side)
{
    bool has_hole = side->loss.bytes > 0;
    if (!um_side_is_13(side->tls))
        return has_hole && side->is_renegotiating ? 1 : 0;
    if (!side->tls->session.suite)
        return 0;
    return has_hole ? KEY_CHANGES_MAX : side->epoch != UM_EPOCH_APPLICATION ? 1 : 0;
}

/* To make keys takes its time: those behind the next ones are made as often as a search may last.
 */
static bool
may_go_further(struct um_tls *tls, unsigned changes)
{
    if (changes > 0 && tls->search_left < CHANGE_COSTS)
        return false;
    tls->search_left -= changes > 0 ? CHANGE_COSTS : 0;
    return true;
}

/* Early data without its end was refused, unless a hole may have hidden the end. */
static int
enter_next(struct um_tls_side *side, const struct next_keys *next)
{
    bool was_early = side->epoch == UM_EPOCH_EARLY;
    um_negotiate_drop(side); /* no message goes on behind a change of keys */
    um_epoch_enter(side, next->epoch, next->secret, next->unseal);
    if (!was_early)
        return UM_OK;
    return side->loss.bytes > 0 ? um_early_accept(side->tls) : um_early_refuse(side->tls);
}

static int
try_next(struct um_tls_side *side, const struct um_tls_arrival *arrival, struct next_keys *next,
         uint8_t *out, struct um_unsealed *opened)
{
    int result = find_next(side, next);
    if (result || !next->unseal)
        return result ? result : UM_CRYPTO_FORGED;
    result = try_keys(side, next->unseal, arrival, 0, out, opened);
    if (result == UM_OK)
        return enter_next(side, next);
    um_unseal_free(next->unseal);
    return result;
}

/*
 * A hole may have hidden the change to the next keys, or several, or early data that was refused;
 * of TLS 1.3 also a hole that was told already, when it left a part of a message that seems to go
 * on.
 */
static int
try_next_keys(struct um_tls_side *side, const struct um_tls_arrival *arrival, uint8_t *out,
              struct um_unsealed *opened)
{
    struct next_keys next = {.epoch = side->epoch,
                             .secret = um_span_of(side->secret, side->secret_len)};
    unsigned most = changes_max(side);
    int result = UM_CRYPTO_FORGED;
    for (unsigned n = 0; n < most && result == UM_CRYPTO_FORGED; n++) {
        if (!may_go_further(side->tls, n))
            break;
        result = try_next(side, arrival, &next, out, opened);
    }
    um_crypto_wipe(next.room, sizeof next.room);
    return result;
}

/*
 * Clear bytes of a record that is revealed in parts, if it is authentic; SIZE_MAX: it is opened in
 * one go. Parts pay where half of it is of no use, or where it is long and some of it may be, to a
 * sink that can do without; where records are lost, or early data waits for a decision, all of a
 * record may be needed.
 */
static size_t
clear_bytes_of(const struct um_tls_side *side, const struct um_tls_record *record)
{
    bool is_long = (record->body.len >= LONG_BYTES && !side->wants_all) ||
                   side->passing.unwanted >= record->body.len / 2;
    bool is_certain = side->loss.records == 0 && side->epoch != UM_EPOCH_EARLY;
    return is_long && is_certain && side->clear.passed
               ? um_unseal_clear_bytes(side->unseal, record, side->sequence)
               : SIZE_MAX;
}

/* UM_CRYPTO_FORGED when it could not be opened; the caller says what that means. */
static int
open_record(struct um_tls_side *side, const struct um_tls_arrival *arrival)
{
    uint8_t out[UM_TLS_BODY_MAX];
    struct um_unsealed opened;
    size_t clear_bytes = clear_bytes_of(side, &arrival->record);
    if (clear_bytes != SIZE_MAX) {
        int result = um_unseal_check(side->unseal, &arrival->record, side->sequence);
        return result ? result : accept_revealing(side, arrival, clear_bytes, out);
    }
    int result = try_keys(side, side->unseal, arrival, side->sequence, out, &opened);
    if (result == UM_CRYPTO_FORGED)
        result = try_next_keys(side, arrival, out, &opened);
    return result ? result : accept(side, arrival, &opened);
}

/*
 * Early data of which the keys of a direction are not: those are the keys after it. It was on its
 * way when the server refused it, or its secret is not at hand.
 */
static bool
is_other_early(struct um_tls_side *side)
{
    const struct um_tls *tls = side->tls;
    bool is_offered = tls->early == UM_EARLY_REFUSED || tls->early_suites_len > 0;
    bool may_be = is_offered && tls->info.client == side->index && !side->is_verified &&
                  side->epoch != UM_EPOCH_EARLY;
    return may_be && side->unverified++ < OTHER_EARLY_MAX;
}

/* Unless the server refuses it, it is a part of what the client said. The end of early data may
 * come without any. */
static void
lose_early(struct um_tls_side *side, const struct um_tls_arrival *arrival)
{
    struct um_tls *tls = side->tls;
    if (tls->early == UM_EARLY_REFUSED)
        return;
    tls->is_early_sealed |= arrival->record.body.len > END_OF_EARLY_BYTES;
    tls->info.is_protected = true;
    um_side_lose_record(side, arrival, UM_GAP_SEALED);
}

static void
tell_failure(struct um_tls_side *side, const struct um_tls_arrival *arrival)
{
    struct um_tls_info *info = &side->tls->info;
    info->failures++;
    um_finding_frames_add(&info->failed_frames, arrival->first.frame);
}

/* A record in its place that does not authenticate: corrupt, or the secrets are not its own. */
static void
note_failure(struct um_tls_side *side, const struct um_tls_arrival *arrival)
{
    if (is_other_early(side)) {
        lose_early(side, arrival);
        return;
    }
    side->tls->info.is_protected = true;
    um_side_lose_record(side, arrival, UM_GAP_LOST);
    if (side->is_verified) {
        tell_failure(side, arrival);
    } else if (++side->unverified >= UM_TLS_UNVERIFIED_MAX) {
        side->is_opaque = true;
    }
}

/* Early data comes before the server has said which suite: the one of those offered that fits. */
static int
begin_early(struct um_tls_side *side, const struct um_tls_arrival *arrival)
{
    struct um_tls *tls = side->tls;
    struct um_span secret = um_epoch_secret(side, UM_EPOCH_EARLY);
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
            um_epoch_enter(side, UM_EPOCH_EARLY, secret, unseal);
            return UM_OK;
        }
        um_unseal_free(unseal);
        if (result < 0)
            return result;
    }
    return UM_OK;
}

/* Is it the client that offered early data, and has the server not chosen yet? */
static bool
is_before_server(const struct um_tls_side *side)
{
    const struct um_tls *tls = side->tls;
    return !tls->session.has_server && tls->info.client == side->index && tls->early_suites_len > 0;
}

/* A hole hid the change of keys, and Finished with it; perhaps more. */
static int
change_cipher_hidden(struct um_tls_side *side)
{
    size_t finished =
        side->tls->session.version <= UM_TLS_VERSION_SSL3 ? FINISHED_BYTES_SSL3 : FINISHED_BYTES;
    int err = um_epoch_change_cipher(side);
    if (err || !side->unseal)
        return err;
    if (side->loss.records == 0)
        side->loss.records = 1; /* only the change: Finished was taken for a clear message */
    return um_unseal_skip(side->unseal, finished + um_unseal_overhead(side->unseal));
}

/* Before its first protected record a direction may have to be given keys that a hole hid. */
static int
prepare(struct um_tls_side *side, const struct um_tls_arrival *arrival)
{
    struct um_tls *tls = side->tls;
    if (side->unseal || side->is_opaque || side->is_waiting ||
        arrival->record.type != UM_TLS_TYPE_DATA)
        return UM_OK;
    if (!tls->session.has_server && tls->early == UM_EARLY_REFUSED)
        return UM_OK;
    if (is_before_server(side))
        return begin_early(side, arrival);
    if (!tls->session.has_server || um_side_is_13(tls))
        return um_join(side, arrival);
    return change_cipher_hidden(side);
}

void
um_opening_skip_waiting(struct um_tls_side *side, size_t body_bytes)
{
    bool is_known = body_bytes < SIZE_MAX - side->waited_bytes;
    side->waited_bytes = is_known ? side->waited_bytes + body_bytes : SIZE_MAX;
    side->waited_end_len = 0;
}

/* What went by without keys, for ciphers that go on from record to record. */
static void
note_waited(struct um_tls_side *side, struct um_span body)
{
    struct um_span end = um_span_from(
        body, body.len > UM_TLS_WAITED_END_BYTES ? body.len - UM_TLS_WAITED_END_BYTES : 0);
    um_opening_skip_waiting(side, body.len);
    memcpy(side->waited_end, end.data, end.len);
    side->waited_end_len = end.len;
}

/* The keys of a direction whose first records have gone by. */
static int
change_cipher_late(struct um_tls_side *side)
{
    int err = um_epoch_change_cipher(side);
    if (err || !side->unseal)
        return err;
    err = um_unseal_skip(side->unseal, side->waited_bytes);
    if (side->waited_end_len > 0)
        um_unseal_resume(side->unseal, um_span_of(side->waited_end, side->waited_end_len));
    side->waited_bytes = side->waited_end_len = 0;
    return err;
}

/* Are there more secrets than there were when it was looked for one? */
static bool
has_new_secrets(const struct um_tls_side *side)
{
    return um_secrets_total(side->tls->secrets) != side->known_secrets;
}

void
um_opening_pass(struct um_tls_side *side, size_t record_bytes, const struct um_mark *first)
{
    um_side_lose(side, record_bytes, 1, UM_GAP_LOST, first);
    if (side->loss.records >= UM_TLS_UNVERIFIED_MAX)
        side->is_opaque = true;
}

/* A protected record without keys. */
static int
wait_for_secret(struct um_tls_side *side, const struct um_tls_arrival *arrival)
{
    const struct um_tls_record *record = &arrival->record;
    if (record->type == UM_TLS_TYPE_DATA && has_new_secrets(side)) {
        int err = um_side_is_13(side->tls) ? um_epoch_begin(side, UM_EPOCH_HANDSHAKE)
                                           : change_cipher_late(side);
        if (err || side->unseal)
            return err;
    }
    if (record->type != UM_TLS_TYPE_CHANGE) {
        um_opening_pass(side, record->header.len + record->body.len, &arrival->first);
        note_waited(side, record->body);
    }
    return UM_OK;
}

bool
um_opening_is_vain(const struct um_tls_side *side, uint8_t type)
{
    const struct um_session *session = &side->tls->session;
    return side->is_waiting && type == UM_TLS_TYPE_DATA && !has_new_secrets(side) &&
           session->suite && !um_unseal_would_chain(session->version, session->suite);
}

/* A record in its place. */
int
um_opening_take(struct um_tls_side *side, const struct um_tls_arrival *arrival)
{
    const struct um_tls_record *record = &arrival->record;
    struct um_tls *tls = side->tls;
    tls->has_data |=
        record->type == UM_TLS_TYPE_DATA && tls->session.has_server && !um_side_is_13(tls);
    if (um_alert_is_clear(side, record))
        return take_content(side, arrival, record->type, record->body);
    int result = prepare(side, arrival);
    if (!result && side->is_waiting)
        result = wait_for_secret(side, arrival);
    if (result || side->is_opaque || side->is_waiting)
        return result;
    bool is_clear = !side->unseal || (um_side_is_13(tls) && record->type != UM_TLS_TYPE_DATA);
    if (is_clear && record->type == UM_TLS_TYPE_DATA) { /* protected, before any keys */
        if (side->is_unjoined)
            um_side_lose_record(side, arrival, UM_GAP_SEALED);
        else if (is_before_server(side))
            lose_early(side, arrival);
        return UM_OK;
    }
    if (is_clear && record->type == UM_TLS_TYPE_ALERT) { /* a hole hid the keys, or it is none */
        tls->info.is_protected = true;
        return UM_OK;
    }
    if (is_clear) {
        if (!side->unseal)
            side->loss = (struct um_tls_loss){0}; /* of the handshake: nobody misses it */
        return take_content(side, arrival, record->type, record->body);
    }
    bool was_lost = um_unseal_is_lost(side->unseal);
    result = open_record(side, arrival);
    if (result != UM_CRYPTO_FORGED)
        return result;
    if (was_lost)
        um_side_lose_record(side, arrival,
                            UM_GAP_LOST); /* no fault of its own; it gives the next one its IV */
    else
        note_failure(side, arrival);
    return UM_OK;
}

int
um_opening_try_place(struct um_tls_side *side, const struct um_tls_arrival *arrival,
                     bool *is_placed)
{
    struct um_tls *tls = side->tls;
    int result = prepare(side, arrival);
    *is_placed = true;
    if (result || side->is_opaque)
        return result;
    bool is_bare = um_side_is_13(tls) && arrival->record.type != UM_TLS_TYPE_DATA;
    if (!side->unseal || (is_bare && !side->is_verified))
        return um_opening_take(side, arrival);
    if (um_unseal_is_lost(side->unseal))
        return um_opening_take(side, arrival);
    tls->is_search_cut_short = false;
    result = is_bare ? UM_CRYPTO_FORGED : open_record(side, arrival);
    *is_placed = result != UM_CRYPTO_FORGED;
    if (*is_placed)
        return result;
    if (tls->is_search_cut_short && side->is_verified)
        tell_failure(side, arrival); /* nobody knows whether it was a record */
    return UM_OK;
}
