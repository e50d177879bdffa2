/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OpenSSL's EVP opens GCM in one go, and takes 0.6 us to begin. In the layer below it
 * (openssl/modes.h) a function of the caller's does the decrypting: ours does nothing, so that only
 * the hash is made. The key stream is AES of EVP.
 */
#include "offline/tls/gcm.h"

#include <assert.h>
#include <endian.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/modes.h>
#include <stdlib.h>

#include "offline/tls/pieces.h"

enum {
    BLOCK_BYTES = 16,
    NONCE_BYTES = 12,
    KEY_MAX_BYTES = 32,
    FIRST_COUNTER = 2,   /* section 7.1: 1 is of the tag */
    STREAM_BYTES = 1024, /* of the key stream, at once */
    LONG_BYTES = 4096,   /* so long a part is worth the slow start of EVP's counter mode */
};

struct um_gcm {
    enum um_cipher cipher;
    uint8_t key[KEY_MAX_BYTES];
    EVP_CIPHER_CTX *blocks;  /* AES, each block by itself */
    EVP_CIPHER_CTX *counter; /* AES in counter mode; NULL until it is needed */
    GCM128_CONTEXT *hash;
    bool has_failed; /* the library did, where it does not say so itself */
};

bool
um_gcm_has(enum um_cipher cipher)
{
    return cipher == UM_CIPHER_AES_128_GCM || cipher == UM_CIPHER_AES_256_GCM;
}

static void
encrypt(struct um_gcm *gcm, const uint8_t *in, size_t len, uint8_t *out)
{
    int encrypted;
    gcm->has_failed |= EVP_EncryptUpdate(gcm->blocks, out, &encrypted, in, (int)len) != 1;
}

/* A block128_f; its key is the struct um_gcm. */
static void
encrypt_block(const unsigned char in[BLOCK_BYTES], unsigned char out[BLOCK_BYTES], const void *key)
{
    encrypt((struct um_gcm *)(uintptr_t)key, in, BLOCK_BYTES, out);
}

/* A ctr128_f. */
static void
decrypt_nothing(const unsigned char *in, unsigned char *out, size_t blocks, const void *key,
                const unsigned char counter[BLOCK_BYTES])
{
    (void)in;
    (void)out;
    (void)blocks;
    (void)key;
    (void)counter;
}

enum mode { MODE_BLOCKS, MODE_COUNTER, MODE_COUNT };

/* Looked up once, since that takes as long as a record. NULL: no memory. Not to be freed. */
static const EVP_CIPHER *
find_aes(enum um_cipher cipher, enum mode mode)
{
    static const char *const names[2][MODE_COUNT] = {{"AES-128-ECB", "AES-128-CTR"},
                                                     {"AES-256-ECB", "AES-256-CTR"}};
    static EVP_CIPHER *found[2][MODE_COUNT];
    bool is_256 = cipher == UM_CIPHER_AES_256_GCM;
    EVP_CIPHER **aes = &found[is_256][mode];
    if (!*aes)
        *aes = EVP_CIPHER_fetch(NULL, names[is_256][mode], NULL);
    return *aes;
}

/* To encrypt with. NULL: no memory. */
static EVP_CIPHER_CTX *
new_aes(const struct um_gcm *gcm, enum mode mode)
{
    const EVP_CIPHER *aes = find_aes(gcm->cipher, mode);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (aes && context && EVP_EncryptInit_ex2(context, aes, gcm->key, NULL, NULL) == 1 &&
        EVP_CIPHER_CTX_set_padding(context, 0) == 1)
        return context;
    EVP_CIPHER_CTX_free(context);
    ERR_clear_error();
    return NULL;
}

int
um_gcm_new(enum um_cipher cipher, struct um_span key, struct um_gcm **out)
{
    struct um_gcm *gcm = calloc(1, sizeof *gcm);
    if (!gcm)
        return UM_ERR_NOMEM;
    assert(um_gcm_has(cipher) && key.len == um_cipher_info(cipher)->key_bytes);
    gcm->cipher = cipher;
    memcpy(gcm->key, key.data, key.len);
    gcm->blocks = new_aes(gcm, MODE_BLOCKS);
    gcm->hash = gcm->blocks ? CRYPTO_gcm128_new(gcm, encrypt_block) : NULL;
    if (!gcm->hash || gcm->has_failed) {
        um_gcm_free(gcm);
        return UM_ERR_NOMEM;
    }
    *out = gcm;
    return UM_OK;
}

void
um_gcm_free(struct um_gcm *gcm)
{
    if (!gcm)
        return;
    CRYPTO_gcm128_release(gcm->hash);
    EVP_CIPHER_CTX_free(gcm->counter);
    EVP_CIPHER_CTX_free(gcm->blocks);
    um_crypto_wipe(gcm, sizeof *gcm);
    free(gcm);
}

/* Since the last time. */
static int
failure(struct um_gcm *gcm)
{
    bool has_failed = gcm->has_failed;
    gcm->has_failed = false;
    return has_failed ? UM_ERR_NOMEM : UM_OK;
}

int
um_gcm_check(struct um_gcm *gcm, struct um_span nonce, struct um_span extra, struct um_span sealed,
             const void *next)
{
    uint8_t nowhere[UM_PIECE_BYTES];
    if (sealed.len < BLOCK_BYTES)
        return UM_CRYPTO_FORGED;
    assert(nonce.len == NONCE_BYTES);
    struct um_span rest = um_span_first(sealed, sealed.len - BLOCK_BYTES);
    struct um_span tag = um_span_from(sealed, rest.len);
    CRYPTO_gcm128_setiv(gcm->hash, nonce.data, nonce.len);
    bool is_good = CRYPTO_gcm128_aad(gcm->hash, extra.data, extra.len) == 0;
    while (is_good && rest.len > 0) {
        struct um_span piece = um_pieces_take(&rest, next);
        is_good = CRYPTO_gcm128_decrypt_ctr32(gcm->hash, piece.data, nowhere, piece.len,
                                              decrypt_nothing) == 0;
    }
    is_good = is_good && CRYPTO_gcm128_finish(gcm->hash, tag.data, tag.len) == 0;
    int err = failure(gcm);
    return err ? err : is_good ? UM_OK : UM_CRYPTO_FORGED;
}

/* Of the block that holds that byte. */
static uint32_t
number_at(size_t from)
{
    return FIRST_COUNTER + (uint32_t)(from / BLOCK_BYTES);
}

/* The blocks that, encrypted, are the key stream from the `number`th on. */
static void
put_counters(struct um_span nonce, uint32_t number, size_t blocks, uint8_t *out)
{
    for (size_t i = 0; i < blocks; i++, number++, out += BLOCK_BYTES) {
        uint32_t counter = htobe32(number);
        memcpy(out, nonce.data, NONCE_BYTES);
        memcpy(out + NONCE_BYTES, &counter, sizeof counter);
    }
}

/* out = a xor b, a word at a time. */
static void
add(const uint8_t *a, const uint8_t *b, size_t len, uint8_t *out)
{
    size_t i = 0;
    for (uint64_t one, other; i + sizeof one <= len; i += sizeof one) {
        memcpy(&one, a + i, sizeof one);
        memcpy(&other, b + i, sizeof other);
        one ^= other;
        memcpy(out + i, &one, sizeof one);
    }
    for (; i < len; i++)
        out[i] = a[i] ^ b[i];
}

/* A part that begins anywhere. */
static void
reveal_short(struct um_gcm *gcm, struct um_span nonce, struct um_span part, size_t from,
             uint8_t *out)
{
    uint8_t counters[STREAM_BYTES], stream[STREAM_BYTES];
    while (part.len > 0) {
        size_t skipped = from % BLOCK_BYTES;
        struct um_span piece = um_span_first(part, STREAM_BYTES - skipped);
        size_t blocks = (skipped + piece.len + BLOCK_BYTES - 1) / BLOCK_BYTES;
        put_counters(nonce, number_at(from), blocks, counters);
        encrypt(gcm, counters, blocks * BLOCK_BYTES, stream);
        add(piece.data, stream + skipped, piece.len, out);
        part = um_span_from(part, piece.len);
        out += piece.len;
        from += piece.len;
    }
}

/* A part that begins with a block. */
static void
reveal_long(struct um_gcm *gcm, struct um_span nonce, struct um_span part, size_t from,
            uint8_t *out)
{
    uint8_t start[BLOCK_BYTES];
    int revealed;
    if (!gcm->counter)
        gcm->counter = new_aes(gcm, MODE_COUNTER);
    put_counters(nonce, number_at(from), 1, start);
    gcm->has_failed |=
        !gcm->counter || EVP_EncryptInit_ex2(gcm->counter, NULL, NULL, start, NULL) != 1 ||
        EVP_EncryptUpdate(gcm->counter, out, &revealed, part.data, (int)part.len) != 1;
}

int
um_gcm_reveal(struct um_gcm *gcm, struct um_span nonce, struct um_span part, size_t from,
              uint8_t *out)
{
    assert(nonce.len == NONCE_BYTES);
    size_t before = part.len < LONG_BYTES ? part.len : -from % BLOCK_BYTES;
    reveal_short(gcm, nonce, um_span_first(part, before), from, out);
    if (before < part.len)
        reveal_long(gcm, nonce, um_span_from(part, before), from + before, out + before);
    return failure(gcm);
}

int
um_gcm_open(struct um_gcm *gcm, struct um_span nonce, struct um_span extra, struct um_span sealed,
            const void *next, uint8_t *out)
{
    int result = um_gcm_check(gcm, nonce, extra, sealed, next);
    if (result)
        return result;
    return um_gcm_reveal(gcm, nonce, um_span_first(sealed, sealed.len - BLOCK_BYTES), 0, out);
}
