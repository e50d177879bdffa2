/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * OpenSSL has no function that checks a tag without decrypting, but for that of additional data
 * alone. The tag of GCM is (X + L) H + E, sums and products in GF(2^128): X comes from the
 * additional and the sealed bytes, each filled up to whole blocks, L from their lengths, H from the
 * key, E from the nonce. Taken all as additional data, filled up likewise, the same bytes have the
 * tag (X + M) H + E. So both tags differ by (L + M) H, whatever the bytes are.
 */
#include "offline/tls/gcm.h"

#include <assert.h>
#include <stdlib.h>

enum {
    BLOCK_BYTES = 16,
    NONCE_BYTES = 12,
    KEY_MAX_BYTES = 32,
    FIRST_COUNTER = 2,
    LENGTH_BITS = 20, /* enough for the number of bits in a record */
};

/* An element of GF(2^128): the first bit is the highest of `high`. */
struct element {
    uint64_t high, low;
};

struct um_gcm {
    enum um_cipher cipher;
    uint8_t key[KEY_MAX_BYTES];
    struct um_crypt *crypt;   /* with the same key; not ours */
    struct um_crypt *counter; /* with the key; NULL until it is needed */
    /* with it, H times each bit that L + M may have: of its high half and of its low one */
    struct element products[2][LENGTH_BITS];
};

bool
um_gcm_has(enum um_cipher cipher)
{
    return cipher == UM_CIPHER_AES_128_GCM || cipher == UM_CIPHER_AES_256_GCM;
}

int
um_gcm_new(enum um_cipher cipher, struct um_span key, struct um_crypt *crypt, struct um_gcm **out)
{
    struct um_gcm *gcm = calloc(1, sizeof *gcm);
    if (!gcm)
        return UM_ERR_NOMEM;
    assert(um_gcm_has(cipher) && key.len == um_cipher_info(cipher)->key_bytes);
    gcm->cipher = cipher;
    gcm->crypt = crypt;
    memcpy(gcm->key, key.data, key.len);
    *out = gcm;
    return UM_OK;
}

void
um_gcm_free(struct um_gcm *gcm)
{
    if (!gcm)
        return;
    um_crypt_free(gcm->counter);
    um_crypto_wipe(gcm, sizeof *gcm);
    free(gcm);
}

/* ---- elements ---- */

static uint64_t
be64_at(const uint8_t *at)
{
    uint64_t word = 0;
    for (int i = 0; i < 8; i++)
        word = word << 8 | at[i];
    return word;
}

static struct element
element_of(const uint8_t block[BLOCK_BYTES])
{
    return (struct element){be64_at(block), be64_at(block + 8)};
}

static void
put_element(uint8_t block[BLOCK_BYTES], struct element element)
{
    for (int i = 0; i < 8; i++) {
        block[i] = (uint8_t)(element.high >> (56 - 8 * i));
        block[8 + i] = (uint8_t)(element.low >> (56 - 8 * i));
    }
}

/* The bits of an element are powers of x, from 0 on: section 6.3's way to multiply by the next. */
static struct element
next_power(struct element element)
{
    uint64_t last = element.low & 1;
    return (struct element){.high = element.high >> 1 ^ (UINT64_C(0xe1) << 56 & -last),
                            .low = element.low >> 1 | element.high << 63};
}

static void
set_hash_key(struct um_gcm *gcm, struct element hash_key)
{
    struct element product = hash_key;
    for (int half = 0; half < 2; half++) {
        for (int bit = 63; bit >= 0; bit--, product = next_power(product)) {
            if (bit < LENGTH_BITS)
                gcm->products[half][bit] = product;
        }
    }
}

/* Adds the products of `bits` to a sum. */
static struct element
add_products(struct element sum, const struct element products[LENGTH_BITS], uint32_t bits)
{
    for (; bits != 0; bits &= bits - 1) {
        const struct element *product = &products[__builtin_ctz(bits)];
        sum.high ^= product->high;
        sum.low ^= product->low;
    }
    return sum;
}

/* ---- the two halves ---- */

/* Bytes that fill up to whole blocks. */
static size_t
filling(size_t len)
{
    return -len % BLOCK_BYTES;
}

/* With the first record that is long enough. H is the block of zeros, encrypted. */
static int
start(struct um_gcm *gcm)
{
    static const uint8_t zeros[BLOCK_BYTES] = {0};
    bool is_256 = gcm->cipher == UM_CIPHER_AES_256_GCM;
    uint8_t block[BLOCK_BYTES];
    struct um_crypt *counter = NULL;
    if (gcm->counter)
        return UM_OK;
    int err = um_crypt_new(is_256 ? UM_CIPHER_AES_256_CTR : UM_CIPHER_AES_128_CTR,
                           um_span_of(gcm->key, um_cipher_info(gcm->cipher)->key_bytes), &counter);
    if (!err)
        err = um_crypt_decrypt(counter, um_span_of(zeros, BLOCK_BYTES),
                               um_span_of(zeros, BLOCK_BYTES), block);
    if (err) {
        um_crypt_free(counter);
        return UM_ERR_NOMEM; /* who has GCM has its halves */
    }
    gcm->counter = counter;
    set_hash_key(gcm, element_of(block));
    um_crypto_wipe(block, sizeof block);
    return UM_OK;
}

/* Whole blocks, and what is behind them in one that is filled up. */
static void
fill_up(struct um_span bytes, uint8_t block[BLOCK_BYTES], struct um_span out[2])
{
    out[0] = um_span_first(bytes, bytes.len - bytes.len % BLOCK_BYTES);
    struct um_span rest = um_span_from(bytes, out[0].len);
    memset(block, 0, BLOCK_BYTES);
    if (rest.len > 0)
        memcpy(block, rest.data, rest.len);
    out[1] = um_span_of(block, rest.len > 0 ? BLOCK_BYTES : 0);
}

/* The tag of all bytes as additional data, if theirs as they are is `tag`. */
static struct element
tag_as_extra(const struct um_gcm *gcm, struct um_span tag, size_t extra_len, size_t sealed_len)
{
    uint32_t extra_bits = 8 * (uint32_t)extra_len, sealed_bits = 8 * (uint32_t)sealed_len;
    uint32_t all_bits =
        8 * (uint32_t)(extra_len + filling(extra_len) + sealed_len + filling(sealed_len));
    struct element made =
        add_products(element_of(tag.data), gcm->products[0], extra_bits ^ all_bits);
    return add_products(made, gcm->products[1], sealed_bits);
}

int
um_gcm_check(struct um_gcm *gcm, struct um_span nonce, struct um_span extra, struct um_span sealed,
             const void *next)
{
    uint8_t blocks[2][BLOCK_BYTES], tag[BLOCK_BYTES];
    struct um_span parts[4];
    int err = start(gcm);
    if (err)
        return err;
    if (sealed.len < BLOCK_BYTES)
        return UM_CRYPTO_FORGED;
    assert(8 * (extra.len + sealed.len) < (1U << LENGTH_BITS) - 8 * 2 * BLOCK_BYTES);
    struct um_span bytes = um_span_first(sealed, sealed.len - BLOCK_BYTES);
    fill_up(extra, blocks[0], parts);
    fill_up(bytes, blocks[1], parts + 2);
    put_element(tag, tag_as_extra(gcm, um_span_from(sealed, bytes.len), extra.len, bytes.len));
    return um_crypt_check(gcm->crypt, nonce, parts, 4, um_span_of(tag, BLOCK_BYTES), next);
}

/* The blocks of what is sealed are counted from 2 on (section 7.1). */
int
um_gcm_reveal(struct um_gcm *gcm, struct um_span nonce, struct um_span part, size_t from,
              uint8_t *out)
{
    uint8_t block[BLOCK_BYTES], before[BLOCK_BYTES] = {0};
    uint32_t number = FIRST_COUNTER + (uint32_t)(from / BLOCK_BYTES);
    size_t skipped = from % BLOCK_BYTES;
    int err = start(gcm);
    if (err)
        return err;
    assert(nonce.len == NONCE_BYTES);
    memcpy(block, nonce.data, NONCE_BYTES);
    for (int i = 0; i < BLOCK_BYTES - NONCE_BYTES; i++)
        block[NONCE_BYTES + i] = (uint8_t)(number >> (24 - 8 * i));
    struct um_span iv = um_span_of(block, BLOCK_BYTES);
    if (skipped > 0) {
        err = um_crypt_decrypt(gcm->counter, iv, um_span_of(before, skipped), before);
        iv = um_span_of(NULL, 0);
    }
    return err ? err : um_crypt_decrypt(gcm->counter, iv, part, out);
}
