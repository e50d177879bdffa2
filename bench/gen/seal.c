/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS 1.2:  header 5 | sequence 8 | sealed | tag 16     nonce = iv 4 + sequence 8
 * TLS 1.3:  header 5 | sealed (bytes | type) | tag 16   nonce = iv 12 xor sequence
 */
#include "bench/gen/seal.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <stdlib.h>
#include <string.h>

enum {
    CHANGE = 20,
    HANDSHAKE = 22,
    DATA = 23,
    HEADER = 5,
    TAG = 16,
    KEY = 16,
    HASH = 32,
    RECORD_BYTES = 1 << 14,
    EXPLICIT_BYTES = 8,
};

static void
need(bool good)
{
    if (good)
        return;
    (void)fputs("gen: OpenSSL does not do what TLS needs\n", stderr);
    exit(1);
}

/* ---- secrets and keys ---- */

static void
roll(struct um_dice *dice, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(um_dice_roll(dice) >> 24);
}

static void
put_hex(FILE *keys, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        (void)fprintf(keys, "%02x", bytes[i]);
}

static void
tell_secret(FILE *keys, const char *label, const struct um_seal *seal, const uint8_t *secret,
            size_t len)
{
    (void)fprintf(keys, "%s ", label);
    put_hex(keys, seal->randoms[0], UM_SEAL_RANDOM_BYTES);
    (void)fputc(' ', keys);
    put_hex(keys, secret, len);
    (void)fputc('\n', keys);
}

static void
derive(const char *algorithm, const OSSL_PARAM *params, uint8_t *out, size_t len)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, algorithm, NULL);
    EVP_KDF_CTX *context = EVP_KDF_CTX_new(kdf);
    need(context && EVP_KDF_derive(context, out, len, params) == 1);
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
}

static OSSL_PARAM
bytes_param(const char *name, const void *bytes, size_t len)
{
    return OSSL_PARAM_construct_octet_string(name, (void *)bytes, len);
}

static void
set_key(struct um_seal_side *side, const uint8_t *key)
{
    if (!side->cipher)
        side->cipher = EVP_CIPHER_CTX_new();
    need(side->cipher && EVP_EncryptInit_ex(side->cipher, EVP_aes_128_gcm(), NULL, key, NULL) == 1);
    side->sequence = 0;
}

/* The key block: client's key, server's key, client's fixed IV, server's. */
static void
set_keys_12(struct um_seal *seal, const uint8_t *master)
{
    char hash[] = "SHA256", label[] = "key expansion";
    uint8_t block[2 * KEY + 8];
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash, 0),
        bytes_param(OSSL_KDF_PARAM_SECRET, master, UM_SEAL_SECRET_BYTES),
        bytes_param(OSSL_KDF_PARAM_SEED, label, strlen(label)),
        bytes_param(OSSL_KDF_PARAM_SEED, seal->randoms[1], UM_SEAL_RANDOM_BYTES),
        bytes_param(OSSL_KDF_PARAM_SEED, seal->randoms[0], UM_SEAL_RANDOM_BYTES),
        OSSL_PARAM_construct_end(),
    };
    derive("TLS1-PRF", params, block, sizeof block);
    for (size_t i = 0; i < 2; i++) {
        set_key(&seal->sides[i], block + i * KEY);
        memcpy(seal->sides[i].iv, block + (size_t)2 * KEY + i * 4, 4);
    }
}

static void
expand(const uint8_t *secret, const char *label, uint8_t *out, size_t len)
{
    char hash[] = "SHA256", prefix[] = "tls13 ";
    int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, hash, 0),
        bytes_param(OSSL_KDF_PARAM_KEY, secret, HASH),
        bytes_param(OSSL_KDF_PARAM_PREFIX, prefix, strlen(prefix)),
        bytes_param(OSSL_KDF_PARAM_LABEL, label, strlen(label)),
        OSSL_PARAM_construct_end(),
    };
    derive("TLS13-KDF", params, out, len);
}

static void
set_keys_13(struct um_seal_side *side, const uint8_t *secret)
{
    uint8_t key[KEY];
    expand(secret, "key", key, sizeof key);
    expand(secret, "iv", side->iv, UM_SEAL_IV_BYTES);
    set_key(side, key);
}

void
um_seal_begin(struct um_seal *seal, enum um_seal_version version, struct um_dice *dice, FILE *keys)
{
    static const char *const labels[2][2] = {
        {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0"},
        {"SERVER_HANDSHAKE_TRAFFIC_SECRET", "SERVER_TRAFFIC_SECRET_0"}};
    uint8_t secret[UM_SEAL_SECRET_BYTES];
    seal->version = version;
    seal->is_open = false;
    roll(dice, seal->randoms[0], sizeof seal->randoms);
    if (version == UM_SEAL_TLS12) {
        roll(dice, secret, sizeof secret);
        tell_secret(keys, "CLIENT_RANDOM", seal, secret, sizeof secret);
        set_keys_12(seal, secret);
        return;
    }
    for (int i = 0; i < 2; i++) {
        struct um_seal_side *side = &seal->sides[i];
        roll(dice, secret, HASH);
        roll(dice, side->next_secret, HASH);
        tell_secret(keys, labels[i][0], seal, secret, HASH);
        tell_secret(keys, labels[i][1], seal, side->next_secret, HASH);
        set_keys_13(side, secret);
    }
}

/* ---- records ---- */

static uint8_t *
put_header(uint8_t *to, uint8_t type, size_t len)
{
    const uint8_t header[HEADER] = {type, 3, 3, (uint8_t)(len >> 8), (uint8_t)len};
    memcpy(to, header, HEADER);
    return to + HEADER;
}

/* Seals in place. */
static void
seal_bytes(EVP_CIPHER_CTX *cipher, const uint8_t *nonce, const uint8_t *extra, int extra_len,
           uint8_t *bytes, size_t len)
{
    int done;
    need(EVP_EncryptInit_ex(cipher, NULL, NULL, NULL, nonce) == 1 &&
         EVP_EncryptUpdate(cipher, NULL, &done, extra, extra_len) == 1 &&
         EVP_EncryptUpdate(cipher, bytes, &done, bytes, (int)len) == 1 &&
         EVP_EncryptFinal_ex(cipher, bytes + len, &done) == 1 &&
         EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, TAG, bytes + len) == 1);
}

static void
put_sequence(uint8_t *to, struct um_seal_side *side)
{
    for (int i = 0; i < EXPLICIT_BYTES; i++)
        to[i] = (uint8_t)(side->sequence >> (56 - 8 * i));
    side->sequence++;
}

static void
add_record_12(struct um_seal_side *side, uint8_t type, const uint8_t *data, size_t len,
              struct um_text *out)
{
    uint8_t nonce[UM_SEAL_IV_BYTES], extra[EXPLICIT_BYTES + HEADER];
    size_t body = EXPLICIT_BYTES + len + TAG;
    uint8_t *to = put_header(um_text_room(out, HEADER + body), type, body);
    put_sequence(to, side);
    memcpy(nonce, side->iv, 4);
    memcpy(nonce + 4, to, EXPLICIT_BYTES);
    memcpy(extra, to, EXPLICIT_BYTES);
    (void)put_header(extra + EXPLICIT_BYTES, type, len);
    memcpy(to + EXPLICIT_BYTES, data, len);
    seal_bytes(side->cipher, nonce, extra, sizeof extra, to + EXPLICIT_BYTES, len);
    out->len += HEADER + body;
}

static void
add_record_13(struct um_seal_side *side, uint8_t type, const uint8_t *data, size_t len,
              struct um_text *out)
{
    uint8_t nonce[UM_SEAL_IV_BYTES], sequence[EXPLICIT_BYTES];
    size_t body = len + 1 + TAG;
    uint8_t *header = um_text_room(out, HEADER + body);
    uint8_t *to = put_header(header, DATA, body);
    put_sequence(sequence, side);
    memcpy(nonce, side->iv, sizeof nonce);
    for (int i = 0; i < EXPLICIT_BYTES; i++)
        nonce[4 + i] ^= sequence[i];
    memcpy(to, data, len);
    to[len] = type;
    seal_bytes(side->cipher, nonce, header, HEADER, to, len + 1);
    out->len += HEADER + body;
}

static void
add_record(struct um_seal *seal, int side, uint8_t type, const uint8_t *data, size_t len,
           struct um_text *out)
{
    if (seal->version == UM_SEAL_TLS12)
        add_record_12(&seal->sides[side], type, data, len, out);
    else
        add_record_13(&seal->sides[side], type, data, len, out);
}

uint64_t
um_seal_data(struct um_seal *seal, int side, const uint8_t *data, size_t len, struct um_text *out)
{
    uint64_t records = 0;
    for (size_t at = 0, piece; at < len; at += piece, records++) {
        piece = len - at < RECORD_BYTES ? len - at : RECORD_BYTES;
        add_record(seal, side, DATA, data + at, piece, out);
    }
    return records;
}

/* ---- the handshake ---- */

/* A hello in a record of its own: version, random, a session of no name, `rest`. */
static void
add_hello(uint8_t type, const uint8_t *random, const uint8_t *rest, size_t rest_len,
          struct um_text *out)
{
    size_t body = 2 + UM_SEAL_RANDOM_BYTES + rest_len;
    uint8_t *to = put_header(um_text_room(out, HEADER + 4 + body), HANDSHAKE, 4 + body);
    const uint8_t head[] = {type, 0, (uint8_t)(body >> 8), (uint8_t)body, 3, 3};
    memcpy(to, head, sizeof head);
    memcpy(to + sizeof head, random, UM_SEAL_RANDOM_BYTES);
    memcpy(to + sizeof head + UM_SEAL_RANDOM_BYTES, rest, rest_len);
    out->len += HEADER + 4 + body;
}

static void
add_change(struct um_text *out)
{
    const uint8_t body = 1;
    (void)put_header(um_text_room(out, HEADER), CHANGE, 1);
    out->len += HEADER;
    um_text_add(out, &body, 1);
}

/* What it would verify is nobody's business here. */
static void
add_finished(struct um_seal *seal, int side, struct um_text *out)
{
    size_t len = seal->version == UM_SEAL_TLS12 ? 12 : HASH;
    const uint8_t message[4 + HASH] = {20, 0, 0, (uint8_t)len};
    add_record(seal, side, HANDSHAKE, message, 4 + len, out);
}

void
um_seal_hello(const struct um_seal *seal, struct um_text *out)
{
    /* no session; a suite of each version; no compression; the name and, for 1.3, the version */
    static const uint8_t rest[] = {0,   0,   4,   0xc0, 0x2f, 0x13, 0x01, 1,   0,   0,   32,
                                   0,   0,   0,   21,   0,    19,   0,    0,   16,  'm', 'a',
                                   'i', 'l', '.', 'e',  'x',  'a',  'm',  'p', 'l', 'e', '.',
                                   'c', 'o', 'm', 0,    43,   0,    3,    2,   3,   4};
    static const uint8_t rest_12[] = {0, 0, 2, 0xc0, 0x2f, 1, 0, 0, 0};
    if (seal->version == UM_SEAL_TLS12)
        add_hello(1, seal->randoms[0], rest_12, sizeof rest_12, out);
    else
        add_hello(1, seal->randoms[0], rest, sizeof rest, out);
}

void
um_seal_answer(struct um_seal *seal, struct um_text *out)
{
    static const uint8_t rest_12[] = {0, 0xc0, 0x2f, 0, 0, 0};
    static const uint8_t rest_13[] = {0, 0x13, 0x01, 0, 0, 6, 0, 43, 0, 2, 3, 4};
    static const uint8_t extensions[] = {8, 0, 0, 2, 0, 0};
    if (seal->version == UM_SEAL_TLS12) {
        add_hello(2, seal->randoms[1], rest_12, sizeof rest_12, out);
        add_change(out);
        add_finished(seal, 1, out);
        return;
    }
    add_hello(2, seal->randoms[1], rest_13, sizeof rest_13, out);
    add_record(seal, 1, HANDSHAKE, extensions, sizeof extensions, out);
    add_finished(seal, 1, out);
    set_keys_13(&seal->sides[1], seal->sides[1].next_secret);
}

void
um_seal_finish(struct um_seal *seal, struct um_text *out)
{
    if (seal->version == UM_SEAL_TLS12)
        add_change(out);
    add_finished(seal, 0, out);
    if (seal->version == UM_SEAL_TLS13)
        set_keys_13(&seal->sides[0], seal->sides[0].next_secret);
    seal->is_open = true;
}
