/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * AEAD, TLS 1.2:    [explicit nonce 8] | sealed | tag       nonce = fixed 4 + explicit 8
 * AEAD, TLS 1.3:    sealed (bytes | type | zeros) | tag     nonce = iv xor sequence
 *                                                           (ChaCha20 of TLS 1.2 likewise)
 * CBC, MAC inside:  [IV] | blocks (bytes | MAC | padding)   no IV before TLS 1.1
 * CBC, MAC outside: [IV] | blocks (bytes | padding) | MAC
 * stream:           bytes | MAC
 */
#include "offline/tls/unseal.h"

#include <assert.h>
#include <stdlib.h>

#include "core/base/cursor.h"
#include "offline/tls/gcm.h"
#include "offline/tls/record_mac.h"

enum {
    NONCE_BYTES = 12,
    FIXED_BYTES = 4,
    EXPLICIT_BYTES = 8,
    BLOCK_MAX = 16,
    GLANCE_COSTS = 256, /* a byte revealed takes as long as to open so many; that one glance in 50
                           is followed by an attempt is in it */
};

struct um_unseal {
    uint16_t version;
    const struct um_tls_suite *suite;
    const struct um_cipher_info *info;
    bool encrypt_then_mac, verifies;
    struct um_crypt *crypt;    /* NULL with GCM */
    struct um_gcm *gcm;        /* NULL with any other */
    struct um_record_mac *mac; /* NULL with AEAD */
    struct um_tls_keys keys;   /* what is still needed: the IV */
    size_t padding_seen;       /* TLS 1.3: the most that a record had */
    uint64_t nonce_ahead; /* of the sequence number, in the last authentic record; modulo 2^64 */
    bool is_chained;      /* IV and key stream go on from record to record */
    bool is_lost;         /* the chain is broken: CBC until the next record, streams for good */
};

bool
um_unseal_would_chain(uint16_t version, const struct um_tls_suite *suite)
{
    enum um_cipher_mode mode = um_cipher_info(suite->cipher)->mode;
    return mode == UM_CIPHER_MODE_STREAM ||
           (mode == UM_CIPHER_MODE_CBC && version < UM_TLS_VERSION_11);
}

int
um_unseal_new(uint16_t version, const struct um_tls_suite *suite, bool encrypt_then_mac,
              const struct um_tls_keys *keys, struct um_unseal **out)
{
    struct um_unseal *unseal = calloc(1, sizeof *unseal);
    if (!unseal)
        return UM_ERR_NOMEM;
    unseal->version = version;
    unseal->suite = suite;
    unseal->info = um_cipher_info(suite->cipher);
    unseal->encrypt_then_mac = encrypt_then_mac && unseal->info->mode == UM_CIPHER_MODE_CBC;
    unseal->keys = *keys;
    unseal->is_chained = um_unseal_would_chain(version, suite);
    struct um_span key = um_span_of(keys->key, keys->key_len);
    int err = um_gcm_has(suite->cipher) ? um_gcm_new(suite->cipher, key, &unseal->gcm)
                                        : um_crypt_new(suite->cipher, key, &unseal->crypt);
    unseal->verifies = suite->cipher != UM_CIPHER_NULL || keys->mac_len > 0;
    struct um_span mac_key = um_span_of(keys->mac, unseal->verifies ? keys->mac_len : 0);
    if (!err && unseal->info->mode != UM_CIPHER_MODE_AEAD)
        err = um_record_mac_new(version, suite->mac, mac_key, &unseal->mac);
    um_crypto_wipe(unseal->keys.key, sizeof unseal->keys.key);
    um_crypto_wipe(unseal->keys.mac, sizeof unseal->keys.mac);
    if (err)
        um_unseal_free(unseal);
    else
        *out = unseal;
    return err;
}

void
um_unseal_free(struct um_unseal *unseal)
{
    if (!unseal)
        return;
    um_gcm_free(unseal->gcm);
    um_crypt_free(unseal->crypt);
    um_record_mac_free(unseal->mac);
    um_crypto_wipe(unseal, sizeof *unseal);
    free(unseal);
}

/* ---- AEAD ---- */

static void
make_nonce(const struct um_unseal *unseal, struct um_span explicit_part, uint64_t sequence,
           uint8_t nonce[NONCE_BYTES])
{
    memcpy(nonce, unseal->keys.iv, NONCE_BYTES);
    if (explicit_part.len > 0) {
        memcpy(nonce + FIXED_BYTES, explicit_part.data, EXPLICIT_BYTES);
        return;
    }
    uint8_t bytes[UM_TLS_NUMBER_BYTES];
    um_tls_number_put(bytes, sequence);
    for (int i = 0; i < UM_TLS_NUMBER_BYTES; i++)
        nonce[NONCE_BYTES - UM_TLS_NUMBER_BYTES + i] ^= bytes[i];
}

/* TLS 1.3 seals the record's header with it; before, sequence | type | version | clear length. */
static struct um_span
make_extra(const struct um_unseal *unseal, const struct um_tls_record *record, size_t clear_len,
           uint64_t sequence, uint8_t out[UM_TLS_NUMBER_BYTES + UM_TLS_HEADER_BYTES])
{
    if (unseal->version >= UM_TLS_VERSION_13)
        return record->header;
    um_tls_number_put(out, sequence);
    memcpy(out + UM_TLS_NUMBER_BYTES, record->header.data, 3);
    out[UM_TLS_NUMBER_BYTES + 3] = (uint8_t)(clear_len >> 8);
    out[UM_TLS_NUMBER_BYTES + 4] = (uint8_t)clear_len;
    return um_span_of(out, UM_TLS_NUMBER_BYTES + UM_TLS_HEADER_BYTES);
}

/* The last byte that is not zero is the type. Only zeros: no record says so, type 0. */
static void
strip_inner(struct um_unseal *unseal, struct um_unsealed *opened)
{
    size_t len = opened->bytes.len;
    while (len > 0 && opened->bytes.data[len - 1] == 0)
        len--;
    size_t padding = opened->bytes.len - len;
    if (padding > unseal->padding_seen)
        unseal->padding_seen = padding;
    opened->type = len > 0 ? opened->bytes.data[len - 1] : 0;
    opened->bytes = um_span_first(opened->bytes, len > 0 ? len - 1 : 0);
}

static bool
has_explicit_nonce(const struct um_unseal *unseal)
{
    return unseal->version < UM_TLS_VERSION_13 &&
           unseal->suite->cipher != UM_CIPHER_CHACHA20_POLY1305;
}

/* A record as an AEAD takes it. */
struct aead {
    uint8_t nonce_bytes[NONCE_BYTES], extra_bytes[UM_TLS_NUMBER_BYTES + UM_TLS_HEADER_BYTES];
    struct um_span nonce, extra, sealed; /* the last with its tag */
};

/* `out`, which must not move in memory, of a record that is long enough for nonce and tag. */
static void
see_aead(const struct um_unseal *unseal, const struct um_tls_record *record, uint64_t sequence,
         struct aead *out)
{
    size_t explicit_len = has_explicit_nonce(unseal) ? EXPLICIT_BYTES : 0;
    out->sealed = um_span_from(record->body, explicit_len);
    out->nonce = um_span_of(out->nonce_bytes, NONCE_BYTES);
    make_nonce(unseal, um_span_first(record->body, explicit_len), sequence, out->nonce_bytes);
    out->extra = make_extra(unseal, record, out->sealed.len - unseal->info->tag_bytes, sequence,
                            out->extra_bytes);
}

static uint64_t
explicit_nonce(const struct um_tls_record *record)
{
    struct um_cursor c = um_cursor_of(record->body);
    uint64_t high = um_cursor_be32(&c);
    return high << 32 | um_cursor_be32(&c);
}

/* An authentic record: how far its nonce is ahead of its number; of most peers they are the same.
 */
static void
note_nonce(struct um_unseal *unseal, const struct um_tls_record *record, uint64_t sequence)
{
    if (has_explicit_nonce(unseal))
        unseal->nonce_ahead = explicit_nonce(record) - sequence;
}

/* With that number. The record is long enough for nonce and tag. */
static int
open_numbered(struct um_unseal *unseal, const struct um_tls_record *record, uint64_t sequence,
              uint8_t *out, struct um_unsealed *opened)
{
    struct aead aead;
    see_aead(unseal, record, sequence, &aead);
    int result =
        unseal->gcm
            ? um_gcm_open(unseal->gcm, aead.nonce, aead.extra, aead.sealed, record->next, out)
            : um_crypt_open(unseal->crypt, aead.nonce, aead.extra, aead.sealed, record->next, out);
    if (result)
        return result;
    note_nonce(unseal, record, sequence);
    *opened = (struct um_unsealed){
        .bytes = um_span_of(out, aead.sealed.len - unseal->info->tag_bytes),
        .type = record->type,
        .sequence = sequence,
    };
    if (unseal->version >= UM_TLS_VERSION_13)
        strip_inner(unseal, opened);
    return UM_OK;
}

/* May a record of TLS 1.3 have that number? Its last byte is its type, or padding. */
static bool
ends_likely(struct um_unseal *unseal, const struct um_tls_record *record, uint64_t sequence)
{
    uint8_t last;
    size_t clear_len = record->body.len - um_unseal_overhead(unseal);
    int err = um_unseal_reveal(unseal, record, sequence, clear_len, 1, &last);
    return err || last == 0 || (last >= UM_TLS_TYPE_ALERT && last <= UM_TLS_TYPE_HEARTBEAT);
}

/* The numbers behind the first, in turn. Where it can be had, a glance tells most of them wrong. */
static int
search_aead(struct um_unseal *unseal, const struct um_tls_record *record,
            struct um_tls_numbers numbers, uint8_t *out, struct um_unsealed *opened)
{
    bool has_glance =
        unseal->gcm && unseal->version >= UM_TLS_VERSION_13 && record->body.len > GLANCE_COSTS;
    size_t costs = has_glance ? GLANCE_COSTS : record->body.len;
    for (uint64_t sequence = numbers.first; sequence < numbers.last;) {
        int result = UM_CRYPTO_FORGED;
        sequence++;
        if (!um_tls_numbers_spend(&numbers, costs))
            break;
        if (!has_glance || ends_likely(unseal, record, sequence))
            result = open_numbered(unseal, record, sequence, out, opened);
        if (result != UM_CRYPTO_FORGED)
            return result;
    }
    return UM_CRYPTO_FORGED;
}

static int
open_aead(struct um_unseal *unseal, const struct um_tls_record *record,
          struct um_tls_numbers numbers, uint8_t *out, struct um_unsealed *opened)
{
    size_t explicit_len = has_explicit_nonce(unseal) ? EXPLICIT_BYTES : 0;
    if (record->body.len < explicit_len + unseal->info->tag_bytes)
        return UM_CRYPTO_FORGED;
    int result = open_numbered(unseal, record, numbers.first, out, opened);
    if (result != UM_CRYPTO_FORGED || numbers.first == numbers.last)
        return result;
    uint64_t told = has_explicit_nonce(unseal) ? explicit_nonce(record) - unseal->nonce_ahead : 0;
    if (told > numbers.first && told <= numbers.last)
        result = open_numbered(unseal, record, told, out, opened);
    return result == UM_CRYPTO_FORGED ? search_aead(unseal, record, numbers, out, opened) : result;
}

/* ---- GCM in two steps ---- */

size_t
um_unseal_clear_bytes(struct um_unseal *unseal, const struct um_tls_record *record,
                      uint64_t sequence)
{
    uint8_t type;
    size_t around = um_unseal_overhead(unseal);
    if (!unseal->gcm || record->type != UM_TLS_TYPE_DATA || record->body.len < around)
        return SIZE_MAX;
    size_t clear_len = record->body.len - around;
    if (unseal->version < UM_TLS_VERSION_13)
        return clear_len;
    bool is_data = um_unseal_reveal(unseal, record, sequence, clear_len, 1, &type) == UM_OK &&
                   type == UM_TLS_TYPE_DATA;
    return is_data ? clear_len : SIZE_MAX;
}

int
um_unseal_check(struct um_unseal *unseal, const struct um_tls_record *record, uint64_t sequence)
{
    struct aead aead;
    see_aead(unseal, record, sequence, &aead);
    int result = um_gcm_check(unseal->gcm, aead.nonce, aead.extra, aead.sealed, record->next);
    if (!result)
        note_nonce(unseal, record, sequence);
    return result;
}

int
um_unseal_reveal(struct um_unseal *unseal, const struct um_tls_record *record, uint64_t sequence,
                 size_t from, size_t len, uint8_t *out)
{
    struct aead aead;
    see_aead(unseal, record, sequence, &aead);
    struct um_span part = um_span_first(um_span_from(aead.sealed, from), len);
    return um_gcm_reveal(unseal->gcm, aead.nonce, part, from, out);
}

/* ---- CBC and streams ---- */

/* The last byte tells how many there are before it; all must say so, but in SSL 3. */
static bool
strip_padding(const struct um_unseal *unseal, struct um_span *bytes)
{
    if (bytes->len == 0)
        return false;
    size_t count = bytes->data[bytes->len - 1];
    if (count + 1 > bytes->len)
        return false;
    size_t left = bytes->len - count - 1;
    for (size_t i = left; i < bytes->len && unseal->version > UM_TLS_VERSION_SSL3; i++) {
        if (bytes->data[i] != count)
            return false;
    }
    *bytes = um_span_first(*bytes, left);
    return true;
}

/* The initialisation vector, and the blocks behind it. */
static struct um_span
take_iv(const struct um_unseal *unseal, struct um_span *body)
{
    size_t block = unseal->info->block_bytes;
    if (unseal->is_chained)
        return um_span_of(unseal->keys.iv, block);
    struct um_span iv = um_span_first(*body, block);
    *body = um_span_from(*body, block);
    return iv;
}

/* The last block is the next record's IV. */
static void
chain(struct um_unseal *unseal, struct um_span blocks)
{
    size_t block = unseal->info->block_bytes;
    if (!unseal->is_chained || blocks.len < block)
        return;
    memcpy(unseal->keys.iv, blocks.data + blocks.len - block, block);
    unseal->is_lost = false;
}

static int
open_cbc(struct um_unseal *unseal, const struct um_tls_record *record,
         struct um_tls_numbers numbers, uint8_t *out, struct um_unsealed *opened)
{
    struct um_span body = record->body, mac = um_span_of(NULL, 0);
    size_t block = unseal->info->block_bytes;
    assert(block > 0 && block <= BLOCK_MAX);
    if (unseal->encrypt_then_mac && !um_record_mac_split(unseal->mac, &body, &mac))
        return UM_CRYPTO_FORGED;
    struct um_span outside = body;
    uint8_t iv[BLOCK_MAX];
    struct um_span iv_at = take_iv(unseal, &body);
    if (iv_at.len < block || body.len < block || body.len % block != 0)
        return UM_CRYPTO_FORGED;
    memcpy(iv, iv_at.data, block);
    bool was_lost = unseal->is_lost;
    chain(unseal, body);
    if (unseal->encrypt_then_mac) {
        int result =
            um_record_mac_find(unseal->mac, record, outside, mac, numbers, &opened->sequence);
        if (result)
            return result;
    }
    int err = um_crypt_decrypt(unseal->crypt, um_span_of(iv, block), body, out);
    if (err)
        return err;
    struct um_span bytes = um_span_of(out, body.len);
    if (was_lost || !strip_padding(unseal, &bytes))
        return UM_CRYPTO_FORGED;
    int result = UM_OK;
    if (!unseal->encrypt_then_mac)
        result =
            um_record_mac_split(unseal->mac, &bytes, &mac)
                ? um_record_mac_find(unseal->mac, record, bytes, mac, numbers, &opened->sequence)
                : UM_CRYPTO_FORGED;
    opened->bytes = bytes;
    opened->type = record->type;
    return result;
}

static int
open_stream(struct um_unseal *unseal, const struct um_tls_record *record,
            struct um_tls_numbers numbers, uint8_t *out, struct um_unsealed *opened)
{
    struct um_span mac, bytes = um_span_of(out, record->body.len);
    if (unseal->is_lost)
        return UM_CRYPTO_FORGED;
    int err = um_crypt_decrypt(unseal->crypt, um_span_of(NULL, 0), record->body, out);
    if (err)
        return err;
    if (!um_record_mac_split(unseal->mac, &bytes, &mac))
        return UM_CRYPTO_FORGED;
    opened->bytes = bytes;
    opened->type = record->type;
    return um_record_mac_find(unseal->mac, record, bytes, mac, numbers, &opened->sequence);
}

int
um_unseal_record(struct um_unseal *unseal, const struct um_tls_record *record,
                 struct um_tls_numbers numbers, uint8_t *out, struct um_unsealed *opened)
{
    switch (unseal->info->mode) {
    case UM_CIPHER_MODE_AEAD:
        return open_aead(unseal, record, numbers, out, opened);
    case UM_CIPHER_MODE_CBC:
        return open_cbc(unseal, record, numbers, out, opened);
    default:
        return open_stream(unseal, record, numbers, out, opened);
    }
}

int
um_unseal_skip(struct um_unseal *unseal, size_t body_bytes)
{
    static const uint8_t zeros[1024] = {0};
    uint8_t dropped[1024];
    if (!unseal->is_chained)
        return UM_OK;
    if (unseal->info->mode == UM_CIPHER_MODE_CBC || body_bytes == SIZE_MAX) {
        unseal->is_lost = unseal->suite->cipher != UM_CIPHER_NULL;
        return UM_OK;
    }
    int err = UM_OK;
    for (size_t left = body_bytes; left > 0 && !err;) {
        struct um_span piece = um_span_first(um_span_of(zeros, sizeof zeros), left);
        err = um_crypt_decrypt(unseal->crypt, um_span_of(NULL, 0), piece, dropped);
        left -= piece.len;
    }
    return err;
}

void
um_unseal_resume(struct um_unseal *unseal, struct um_span body_end)
{
    struct um_span mac;
    if (unseal->info->mode != UM_CIPHER_MODE_CBC)
        return;
    if (!unseal->encrypt_then_mac || um_record_mac_split(unseal->mac, &body_end, &mac))
        chain(unseal, body_end);
}

bool
um_unseal_verifies(const struct um_unseal *unseal)
{
    return unseal->verifies;
}

bool
um_unseal_is_lost(const struct um_unseal *unseal)
{
    return unseal->is_lost;
}

size_t
um_unseal_overhead(const struct um_unseal *unseal)
{
    size_t mac = um_crypto_hash_bytes(unseal->suite->mac);
    switch (unseal->info->mode) {
    case UM_CIPHER_MODE_AEAD:
        return unseal->info->tag_bytes + (has_explicit_nonce(unseal) ? EXPLICIT_BYTES : 0) +
               (unseal->version >= UM_TLS_VERSION_13 ? 1 : 0);
    case UM_CIPHER_MODE_CBC:
        return mac + 1 + (unseal->is_chained ? 0 : unseal->info->block_bytes);
    default:
        return mac;
    }
}

size_t
um_unseal_padding_max(const struct um_unseal *unseal)
{
    bool is_cbc = unseal->info->mode == UM_CIPHER_MODE_CBC;
    return is_cbc ? unseal->info->block_bytes - 1 : unseal->padding_seen;
}
