/* SPDX-License-Identifier: GPL-2.0-or-later */
/* P_hash and HKDF-Expand are both chains of HMACs; only what each link is made of differs. */
#include "offline/tls/keys.h"

enum {
    BLOCK_MAX = 2 * (UM_HASH_MAX_BYTES + 32 + 16),
    NONCE_BYTES = 12,
    FIXED_NONCE_BYTES = 4, /* of GCM and CCM in TLS 1.2 */
};

static struct um_span
random_of(const uint8_t random[UM_TLS_RANDOM_BYTES])
{
    return um_span_of(random, UM_TLS_RANDOM_BYTES);
}

/* out ^= P_hash(secret, label + seeds). RFC 5246 section 5: A(i) = HMAC(A(i-1)). */
static int
mix_p_hash(enum um_hash hash, struct um_span secret, const struct um_span seed[3], uint8_t *out,
           size_t len)
{
    struct um_mac *mac;
    uint8_t a[UM_HASH_MAX_BYTES], piece[UM_HASH_MAX_BYTES];
    size_t size = um_crypto_hash_bytes(hash);
    int err = um_mac_new(hash, secret, &mac);
    if (err)
        return err;
    err = um_mac_make(mac, seed, 3, a);
    for (size_t done = 0; !err && done < len; done += size) {
        const struct um_span parts[] = {um_span_of(a, size), seed[0], seed[1], seed[2]};
        err = um_mac_make(mac, parts, 4, piece);
        for (size_t i = 0; !err && i < size && done + i < len; i++)
            out[done + i] ^= piece[i];
        if (!err && done + size < len)
            err = um_mac_make(mac, parts, 1, a);
    }
    um_mac_free(mac);
    um_crypto_wipe(a, sizeof a);
    um_crypto_wipe(piece, sizeof piece);
    return err;
}

/* Before TLS 1.2: half the secret (the middle byte in both) for MD5, half for SHA-1. */
int
um_keys_prf(uint16_t version, enum um_hash prf, struct um_span secret, const char *label,
            struct um_span seed1, struct um_span seed2, uint8_t *out, size_t len)
{
    const struct um_span seed[] = {um_span_text(label), seed1, seed2};
    memset(out, 0, len);
    if (version >= UM_TLS_VERSION_12)
        return mix_p_hash(prf, secret, seed, out, len);
    size_t half = (secret.len + 1) / 2;
    int err = mix_p_hash(UM_HASH_MD5, um_span_first(secret, half), seed, out, len);
    if (err)
        return err;
    return mix_p_hash(UM_HASH_SHA1, um_span_from(secret, secret.len - half), seed, out, len);
}

/* SSL 3: MD5(secret + SHA("A" + secret + seeds)), then with "BB", "CCC" and so on. */
static int
make_ssl3(struct um_span secret, struct um_span seed1, struct um_span seed2, uint8_t *out,
          size_t len)
{
    uint8_t letters[16], sha[UM_HASH_MAX_BYTES], md5[UM_HASH_MAX_BYTES];
    int err = UM_OK;
    size_t done = 0;
    for (size_t n = 1; !err && done < len && n <= sizeof letters; n++) {
        memset(letters, (int)('A' + n - 1), n);
        const struct um_span inner[] = {um_span_of(letters, n), secret, seed1, seed2};
        err = um_crypto_digest(UM_HASH_SHA1, inner, 4, sha);
        const struct um_span outer[] = {secret, um_span_of(sha, 20)};
        if (!err)
            err = um_crypto_digest(UM_HASH_MD5, outer, 2, md5);
        for (size_t i = 0; !err && i < 16 && done < len; i++)
            out[done++] = md5[i];
    }
    um_crypto_wipe(sha, sizeof sha);
    um_crypto_wipe(md5, sizeof md5);
    return err;
}

int
um_keys_master(uint16_t version, const struct um_tls_suite *suite, struct um_span premaster,
               const struct um_tls_randoms *randoms, struct um_span session_hash,
               uint8_t out[UM_TLS_MASTER_BYTES])
{
    struct um_span client = random_of(randoms->client), server = random_of(randoms->server);
    if (version <= UM_TLS_VERSION_SSL3)
        return make_ssl3(premaster, client, server, out, UM_TLS_MASTER_BYTES);
    if (session_hash.len > 0)
        return um_keys_prf(version, suite->prf, premaster, "extended master secret", session_hash,
                           um_span_of(NULL, 0), out, UM_TLS_MASTER_BYTES);
    return um_keys_prf(version, suite->prf, premaster, "master secret", client, server, out,
                       UM_TLS_MASTER_BYTES);
}

/* Bytes of IV that the key block holds for a direction. */
static size_t
block_iv_bytes(uint16_t version, const struct um_tls_suite *suite)
{
    const struct um_cipher_info *info = um_cipher_info(suite->cipher);
    if (info->mode == UM_CIPHER_MODE_CBC)
        return version <= UM_TLS_VERSION_10 ? info->block_bytes : 0;
    if (info->mode == UM_CIPHER_MODE_AEAD)
        return suite->cipher == UM_CIPHER_CHACHA20_POLY1305 ? NONCE_BYTES : FIXED_NONCE_BYTES;
    return 0;
}

static size_t
take(const uint8_t *block, size_t at, uint8_t *out, size_t len)
{
    if (len > 0)
        memcpy(out, block + at, len);
    return at + len;
}

/* RFC 5246 section 6.3: MAC keys of client and server, then keys, then IVs. */
int
um_keys_block(uint16_t version, const struct um_tls_suite *suite, struct um_span master,
              const struct um_tls_randoms *randoms, struct um_tls_keys out[2])
{
    uint8_t block[BLOCK_MAX];
    struct um_span client = random_of(randoms->client), server = random_of(randoms->server);
    size_t mac = um_crypto_hash_bytes(suite->mac);
    size_t key = um_cipher_info(suite->cipher)->key_bytes, iv = block_iv_bytes(version, suite);
    size_t len = 2 * (mac + key + iv);
    int err =
        version <= UM_TLS_VERSION_SSL3
            ? make_ssl3(master, server, client, block, len)
            : um_keys_prf(version, suite->prf, master, "key expansion", server, client, block, len);
    size_t at = 0;
    for (int i = 0; !err && i < 2; i++) {
        out[i] = (struct um_tls_keys){.mac_len = mac, .key_len = key, .iv_len = iv};
        at = take(block, at, out[i].mac, mac);
    }
    for (int i = 0; !err && i < 2; i++)
        at = take(block, at, out[i].key, key);
    for (int i = 0; !err && i < 2; i++)
        at = take(block, at, out[i].iv, iv);
    um_crypto_wipe(block, sizeof block);
    return err;
}

/* RFC 5869 section 2.3, with the info of RFC 8446 section 7.1: length 2 | label <1> | context <1>.
 * `mac` has the secret. */
static int
expand_label(struct um_mac *mac, enum um_hash hash, const char *label, uint8_t *out, size_t len)
{
    static const uint8_t empty[1] = {0};
    const struct um_span prefix = um_span_text("tls13 ");
    const struct um_span name = um_span_text(label);
    const uint8_t head[3] = {(uint8_t)(len >> 8), (uint8_t)len, (uint8_t)(prefix.len + name.len)};
    uint8_t piece[UM_HASH_MAX_BYTES], number = 1;
    size_t size = um_crypto_hash_bytes(hash), have = 0;
    int err = UM_OK;
    for (size_t done = 0; !err && done < len; done += size) {
        const struct um_span parts[] = {
            um_span_of(piece, have), um_span_of(head, sizeof head), prefix, name,
            um_span_of(empty, 1),    um_span_of(&number, 1)};
        err = um_mac_make(mac, parts, 6, piece);
        have = size;
        number++;
        if (!err)
            memcpy(out + done, piece, len - done < size ? len - done : size);
    }
    um_crypto_wipe(piece, sizeof piece);
    return err;
}

int
um_keys_expand_label(enum um_hash hash, struct um_span secret, const char *label, uint8_t *out,
                     size_t len)
{
    struct um_mac *mac;
    int err = um_mac_new(hash, secret, &mac);
    if (err)
        return err;
    err = expand_label(mac, hash, label, out, len);
    um_mac_free(mac);
    return err;
}

int
um_keys_traffic(const struct um_tls_suite *suite, struct um_span secret, struct um_tls_keys *out)
{
    *out = (struct um_tls_keys){.key_len = um_cipher_info(suite->cipher)->key_bytes,
                                .iv_len = NONCE_BYTES};
    struct um_mac *mac;
    int err = um_mac_new(suite->prf, secret, &mac);
    if (err)
        return err;
    err = expand_label(mac, suite->prf, "key", out->key, out->key_len);
    if (!err)
        err = expand_label(mac, suite->prf, "iv", out->iv, out->iv_len);
    um_mac_free(mac);
    return err;
}
