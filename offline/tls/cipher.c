/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Algorithms are fetched by name, RC4 in a library of its own. */
#include "offline/tls/cipher.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdlib.h>

#include "offline/tls/library.h"
#include "offline/tls/pieces.h"

enum { NONCE_BYTES = 12 };

static const struct {
    const char *name;           /* OpenSSL's */
    struct um_cipher_info info; /* mode, key, block, tag */
} ciphers[UM_CIPHER_COUNT] = {
    [UM_CIPHER_NULL] = {"", {UM_CIPHER_MODE_STREAM, 0, 0, 0}},
    [UM_CIPHER_AES_128_GCM] = {"", {UM_CIPHER_MODE_AEAD, 16, 0, 16}},
    [UM_CIPHER_AES_256_GCM] = {"", {UM_CIPHER_MODE_AEAD, 32, 0, 16}},
    [UM_CIPHER_AES_128_CCM] = {"AES-128-CCM", {UM_CIPHER_MODE_AEAD, 16, 0, 16}},
    [UM_CIPHER_AES_256_CCM] = {"AES-256-CCM", {UM_CIPHER_MODE_AEAD, 32, 0, 16}},
    [UM_CIPHER_AES_128_CCM_8] = {"AES-128-CCM", {UM_CIPHER_MODE_AEAD, 16, 0, 8}},
    [UM_CIPHER_AES_256_CCM_8] = {"AES-256-CCM", {UM_CIPHER_MODE_AEAD, 32, 0, 8}},
    [UM_CIPHER_CHACHA20_POLY1305] = {"ChaCha20-Poly1305", {UM_CIPHER_MODE_AEAD, 32, 0, 16}},
    [UM_CIPHER_AES_128_CBC] = {"AES-128-CBC", {UM_CIPHER_MODE_CBC, 16, 16, 0}},
    [UM_CIPHER_AES_256_CBC] = {"AES-256-CBC", {UM_CIPHER_MODE_CBC, 32, 16, 0}},
    [UM_CIPHER_CAMELLIA_128_CBC] = {"CAMELLIA-128-CBC", {UM_CIPHER_MODE_CBC, 16, 16, 0}},
    [UM_CIPHER_CAMELLIA_256_CBC] = {"CAMELLIA-256-CBC", {UM_CIPHER_MODE_CBC, 32, 16, 0}},
    [UM_CIPHER_3DES_CBC] = {"DES-EDE3-CBC", {UM_CIPHER_MODE_CBC, 24, 8, 0}},
    [UM_CIPHER_RC4] = {"RC4", {UM_CIPHER_MODE_STREAM, 16, 0, 0}},
};

/* OpenSSL's lengths are int; ours are of records and keys. */
static int
int_of(size_t len)
{
    return len <= INT32_MAX ? (int)len : -1;
}

struct um_crypt {
    enum um_cipher cipher;
    EVP_CIPHER_CTX *context;
    struct um_library library; /* with RC4 */
};

const struct um_cipher_info *
um_cipher_info(enum um_cipher cipher)
{
    return &ciphers[cipher].info;
}

static bool
is_ccm(enum um_cipher cipher)
{
    return cipher >= UM_CIPHER_AES_128_CCM && cipher <= UM_CIPHER_AES_256_CCM_8;
}

static bool
set_aead(EVP_CIPHER_CTX *context, enum um_cipher cipher)
{
    if (EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, NONCE_BYTES, NULL) != 1)
        return false;
    int tag = int_of(ciphers[cipher].info.tag_bytes);
    return !is_ccm(cipher) || EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag, NULL) == 1;
}

static bool
set_up(struct um_crypt *crypt, const EVP_CIPHER *algorithm, struct um_span key)
{
    enum um_cipher_mode mode = ciphers[crypt->cipher].info.mode;
    crypt->context = EVP_CIPHER_CTX_new();
    if (!crypt->context || EVP_DecryptInit_ex2(crypt->context, algorithm, NULL, NULL, NULL) != 1)
        return false;
    if (mode == UM_CIPHER_MODE_AEAD && !set_aead(crypt->context, crypt->cipher))
        return false;
    if (EVP_DecryptInit_ex2(crypt->context, NULL, key.data, NULL, NULL) != 1)
        return false;
    return mode != UM_CIPHER_MODE_CBC || EVP_CIPHER_CTX_set_padding(crypt->context, 0) == 1;
}

/* Given back with EVP_CIPHER_free. Those of the default library are looked up once, as HMAC is. */
static EVP_CIPHER *
find_cipher(const struct um_crypt *crypt)
{
    static EVP_CIPHER *found[UM_CIPHER_COUNT];
    const char *name = ciphers[crypt->cipher].name;
    if (crypt->library.context)
        return EVP_CIPHER_fetch(crypt->library.context, name, NULL);
    EVP_CIPHER **of_default = &found[crypt->cipher];
    if (!*of_default)
        *of_default = EVP_CIPHER_fetch(NULL, name, NULL);
    return *of_default && EVP_CIPHER_up_ref(*of_default) == 1 ? *of_default : NULL;
}

int
um_crypt_new(enum um_cipher cipher, struct um_span key, struct um_crypt **out)
{
    struct um_crypt *crypt = calloc(1, sizeof *crypt);
    if (!crypt)
        return UM_ERR_NOMEM;
    crypt->cipher = cipher;
    int err = UM_OK;
    if (cipher != UM_CIPHER_NULL) {
        if (cipher == UM_CIPHER_RC4 && !um_library_open(&crypt->library))
            err = UM_ERR_NOMEM;
        EVP_CIPHER *algorithm = err ? NULL : find_cipher(crypt);
        if (!err && !algorithm)
            err = UM_ERR_USAGE;
        if (!err && (key.len != ciphers[cipher].info.key_bytes || !set_up(crypt, algorithm, key)))
            err = UM_ERR_NOMEM;
        EVP_CIPHER_free(algorithm);
    }
    if (err) {
        um_crypt_free(crypt);
        ERR_clear_error();
        return err;
    }
    *out = crypt;
    return UM_OK;
}

void
um_crypt_free(struct um_crypt *crypt)
{
    if (!crypt)
        return;
    EVP_CIPHER_CTX_free(crypt->context);
    if (crypt->library.context)
        um_library_close(&crypt->library);
    free(crypt);
}

static bool
set_tag(EVP_CIPHER_CTX *context, struct um_span tag)
{
    uint8_t copy[16];
    memcpy(copy, tag.data, tag.len);
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, int_of(tag.len), copy) == 1;
}

/* CCM wants tag and length before the bytes, all of these at once, and checks with them. */
static bool
open_ccm(EVP_CIPHER_CTX *context, struct um_span nonce, struct um_span extra, struct um_span sealed,
         struct um_span tag, uint8_t *out)
{
    int len;
    return set_tag(context, tag) &&
           EVP_DecryptInit_ex2(context, NULL, NULL, nonce.data, NULL) == 1 &&
           EVP_DecryptUpdate(context, NULL, &len, NULL, int_of(sealed.len)) == 1 &&
           EVP_DecryptUpdate(context, NULL, &len, extra.data, int_of(extra.len)) == 1 &&
           EVP_DecryptUpdate(context, out, &len, sealed.data, int_of(sealed.len)) == 1;
}

/* In pieces, so that what is expected comes no faster than the memory answers. */
static bool
update(EVP_CIPHER_CTX *context, struct um_span bytes, const void *next, uint8_t *out)
{
    while (bytes.len > 0) {
        struct um_span piece = um_pieces_take(&bytes, next);
        int len;
        if (EVP_DecryptUpdate(context, out, &len, piece.data, int_of(piece.len)) != 1)
            return false;
        out += piece.len;
    }
    return true;
}

static bool
open_sealed(EVP_CIPHER_CTX *context, struct um_span nonce, struct um_span extra,
            struct um_span sealed, struct um_span tag, const void *next, uint8_t *out)
{
    int len;
    return EVP_DecryptInit_ex2(context, NULL, NULL, nonce.data, NULL) == 1 &&
           EVP_DecryptUpdate(context, NULL, &len, extra.data, int_of(extra.len)) == 1 &&
           update(context, sealed, next, out) && set_tag(context, tag) &&
           EVP_DecryptFinal_ex(context, out + sealed.len, &len) == 1;
}

static int
verdict(bool is_authentic)
{
    if (is_authentic)
        return UM_OK;
    ERR_clear_error();
    return UM_CRYPTO_FORGED;
}

int
um_crypt_open(struct um_crypt *crypt, struct um_span nonce, struct um_span extra,
              struct um_span sealed, const void *next, uint8_t *out)
{
    size_t tag_bytes = ciphers[crypt->cipher].info.tag_bytes;
    if (sealed.len < tag_bytes || nonce.len != NONCE_BYTES)
        return UM_CRYPTO_FORGED;
    struct um_span bytes = um_span_first(sealed, sealed.len - tag_bytes);
    struct um_span tag = um_span_from(sealed, bytes.len);
    return verdict(is_ccm(crypt->cipher)
                       ? open_ccm(crypt->context, nonce, extra, bytes, tag, out)
                       : open_sealed(crypt->context, nonce, extra, bytes, tag, next, out));
}

int
um_crypt_decrypt(struct um_crypt *crypt, struct um_span iv, struct um_span in, uint8_t *out)
{
    int len;
    if (in.len == 0)
        return UM_OK;
    if (crypt->cipher == UM_CIPHER_NULL) {
        memcpy(out, in.data, in.len);
        return UM_OK;
    }
    if (iv.len > 0 && EVP_DecryptInit_ex2(crypt->context, NULL, NULL, iv.data, NULL) != 1)
        return UM_ERR_NOMEM;
    return EVP_DecryptUpdate(crypt->context, out, &len, in.data, int_of(in.len)) == 1
               ? UM_OK
               : UM_ERR_NOMEM;
}
