/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Algorithms are fetched by name. What only the legacy provider has (RC4, the RC2 and RC4 that old
 * PKCS#12 files are sealed with) is done in a library context of its own, so that nothing is loaded
 * into the process at large.
 */
#include "offline/tls/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>
#include <stdlib.h>

enum { NONCE_BYTES = 12, RSA_MAX_BYTES = 2048 };

static const struct {
    const char *name;
    size_t bytes;
} hashes[] = {
    [UM_HASH_NONE] = {"", 0},          [UM_HASH_MD5] = {"MD5", 16},
    [UM_HASH_SHA1] = {"SHA1", 20},     [UM_HASH_SHA256] = {"SHA256", 32},
    [UM_HASH_SHA384] = {"SHA384", 48},
};

static const struct {
    const char *name;
    struct um_cipher_info info; /* mode, key, block, tag */
} ciphers[UM_CIPHER_COUNT] = {
    [UM_CIPHER_NULL] = {"", {UM_CIPHER_MODE_STREAM, 0, 0, 0}},
    [UM_CIPHER_AES_128_GCM] = {"AES-128-GCM", {UM_CIPHER_MODE_AEAD, 16, 0, 16}},
    [UM_CIPHER_AES_256_GCM] = {"AES-256-GCM", {UM_CIPHER_MODE_AEAD, 32, 0, 16}},
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

/* A library context of our own with both providers; all NULL: not made. */
struct library {
    OSSL_LIB_CTX *context;
    OSSL_PROVIDER *standard, *legacy;
};

static bool
open_library(struct library *library)
{
    library->context = OSSL_LIB_CTX_new();
    if (!library->context)
        return false;
    library->standard = OSSL_PROVIDER_load(library->context, "default");
    library->legacy = OSSL_PROVIDER_load(library->context, "legacy"); /* may be missing */
    return library->standard != NULL;
}

static void
close_library(struct library *library)
{
    if (library->legacy)
        (void)OSSL_PROVIDER_unload(library->legacy);
    if (library->standard)
        (void)OSSL_PROVIDER_unload(library->standard);
    OSSL_LIB_CTX_free(library->context);
    ERR_clear_error();
}

/* OpenSSL's lengths are int; ours are of records and keys. */
static int
int_of(size_t len)
{
    return len <= INT32_MAX ? (int)len : -1;
}

size_t
um_crypto_hash_bytes(enum um_hash hash)
{
    return hashes[hash].bytes;
}

int
um_crypto_digest(enum um_hash hash, const struct um_span *parts, size_t count,
                 uint8_t out[UM_HASH_MAX_BYTES])
{
    EVP_MD *md = EVP_MD_fetch(NULL, hashes[hash].name, NULL);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = md && context && EVP_DigestInit_ex2(context, md, NULL) == 1;
    for (size_t i = 0; good && i < count; i++)
        good = parts[i].len == 0 || EVP_DigestUpdate(context, parts[i].data, parts[i].len) == 1;
    good = good && EVP_DigestFinal_ex(context, out, NULL) == 1;
    EVP_MD_CTX_free(context);
    EVP_MD_free(md);
    return good ? UM_OK : UM_ERR_NOMEM;
}

void
um_crypto_wipe(void *bytes, size_t len)
{
    if (len > 0)
        OPENSSL_cleanse(bytes, len);
}

bool
um_crypto_equal(struct um_span a, struct um_span b)
{
    return a.len == b.len && CRYPTO_memcmp(a.data, b.data, a.len) == 0;
}

/* ---- HMAC ---- */

struct um_mac {
    EVP_MAC_CTX *context;
};

/* Of the default library, for as long as the process lasts: to look it up costs as much as a key.
 */
static EVP_MAC *
find_hmac(void)
{
    static EVP_MAC *found;
    if (!found)
        found = EVP_MAC_fetch(NULL, "HMAC", NULL);
    return found;
}

int
um_mac_new(enum um_hash hash, struct um_span key, struct um_mac **out)
{
    static const uint8_t none[1] = {0};
    struct um_mac *mac = calloc(1, sizeof *mac);
    if (!mac)
        return UM_ERR_NOMEM;
    EVP_MAC *algorithm = find_hmac();
    mac->context = algorithm ? EVP_MAC_CTX_new(algorithm) : NULL;
    char name[16] = {0};
    (void)strncpy(name, hashes[hash].name, sizeof name - 1);
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
        OSSL_PARAM_construct_end(),
    };
    const uint8_t *bytes = key.len > 0 ? key.data : none;
    if (!mac->context || EVP_MAC_init(mac->context, bytes, key.len, params) != 1) {
        um_mac_free(mac);
        return UM_ERR_NOMEM;
    }
    *out = mac;
    return UM_OK;
}

void
um_mac_free(struct um_mac *mac)
{
    if (!mac)
        return;
    EVP_MAC_CTX_free(mac->context);
    free(mac);
}

int
um_mac_make(struct um_mac *mac, const struct um_span *parts, size_t count,
            uint8_t out[UM_HASH_MAX_BYTES])
{
    size_t len;
    bool good = EVP_MAC_init(mac->context, NULL, 0, NULL) == 1;
    for (size_t i = 0; good && i < count; i++)
        good = parts[i].len == 0 || EVP_MAC_update(mac->context, parts[i].data, parts[i].len) == 1;
    good = good && EVP_MAC_final(mac->context, out, &len, UM_HASH_MAX_BYTES) == 1;
    return good ? UM_OK : UM_ERR_NOMEM;
}

/* ---- ciphers ---- */

struct um_crypt {
    enum um_cipher cipher;
    EVP_CIPHER_CTX *context;
    struct library library; /* with RC4 */
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
        if (cipher == UM_CIPHER_RC4 && !open_library(&crypt->library))
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
        close_library(&crypt->library);
    free(crypt);
}

/* CCM wants tag and length before the bytes, and checks with them; the others check at the end. */
static bool
open_sealed(struct um_crypt *crypt, struct um_span nonce, struct um_span extra,
            struct um_span sealed, const uint8_t *tag, uint8_t *out)
{
    EVP_CIPHER_CTX *context = crypt->context;
    bool ccm = is_ccm(crypt->cipher);
    int tag_len = int_of(ciphers[crypt->cipher].info.tag_bytes), len;
    uint8_t copy[16];
    memcpy(copy, tag, (size_t)tag_len);
    if (ccm && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag_len, copy) != 1)
        return false;
    if (EVP_DecryptInit_ex2(context, NULL, NULL, nonce.data, NULL) != 1)
        return false;
    if (ccm && EVP_DecryptUpdate(context, NULL, &len, NULL, int_of(sealed.len)) != 1)
        return false;
    if (EVP_DecryptUpdate(context, NULL, &len, extra.data, int_of(extra.len)) != 1)
        return false;
    if (EVP_DecryptUpdate(context, out, &len, sealed.data, int_of(sealed.len)) != 1)
        return false;
    if (ccm)
        return true;
    return EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag_len, copy) == 1 &&
           EVP_DecryptFinal_ex(context, out + len, &len) == 1;
}

int
um_crypt_open(struct um_crypt *crypt, struct um_span nonce, struct um_span extra,
              struct um_span sealed, uint8_t *out)
{
    size_t tag = ciphers[crypt->cipher].info.tag_bytes;
    if (sealed.len < tag || nonce.len != NONCE_BYTES)
        return UM_CRYPTO_FORGED;
    struct um_span bytes = um_span_first(sealed, sealed.len - tag);
    if (open_sealed(crypt, nonce, extra, bytes, sealed.data + bytes.len, out))
        return UM_OK;
    ERR_clear_error();
    return UM_CRYPTO_FORGED;
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

/* ---- RSA ---- */

struct um_rsa {
    EVP_PKEY *key;
    struct library library;
};

static EVP_PKEY *
decode_key(const struct library *library, struct um_span file, const char *password)
{
    EVP_PKEY *key = NULL;
    OSSL_DECODER_CTX *decoder = OSSL_DECODER_CTX_new_for_pkey(
        &key, NULL, NULL, "RSA", EVP_PKEY_KEYPAIR, library->context, NULL);
    if (!decoder)
        return NULL;
    const char *text = password ? password : "";
    (void)OSSL_DECODER_CTX_set_passphrase(decoder, (const unsigned char *)text, strlen(text));
    const unsigned char *bytes = file.data;
    size_t len = file.len;
    if (OSSL_DECODER_from_data(decoder, &bytes, &len) != 1) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    OSSL_DECODER_CTX_free(decoder);
    return key;
}

/* A PKCS#12 file; `sealed` when it is one that the password does not open. */
static EVP_PKEY *
unpack_key(const struct library *library, struct um_span file, const char *password, bool *sealed)
{
    const unsigned char *bytes = file.data;
    EVP_PKEY *key = NULL;
    X509 *certificate = NULL;
    PKCS12 *pack = PKCS12_init_ex(NID_pkcs7_data, library->context, NULL);
    if (pack && file.len <= INT32_MAX && d2i_PKCS12(&pack, &bytes, (long)file.len))
        *sealed = PKCS12_parse(pack, password ? password : "", &key, &certificate, NULL) != 1;
    X509_free(certificate);
    PKCS12_free(pack);
    return key;
}

static size_t
find_text(struct um_span in, const char *text)
{
    struct um_span wanted = um_span_text(text);
    size_t at = 0;
    while (at < in.len && !um_span_starts(um_span_from(in, at), wanted))
        at++;
    return at;
}

/* The next block of a PEM file that says it is a private key; empty when there is none. */
static struct um_span
next_block(struct um_span *file)
{
    static const char end[] = "-----END ";
    for (;;) {
        *file = um_span_from(*file, find_text(*file, "-----BEGIN "));
        size_t len = find_text(*file, end);
        struct um_span rest = um_span_from(*file, len);
        len += um_span_find(rest, '\n');
        struct um_span block = um_span_first(*file, len);
        struct um_span label = um_span_first(block, um_span_find(block, '\n'));
        *file = um_span_from(*file, block.len);
        if (block.len == 0 || find_text(label, "PRIVATE KEY-----") < label.len)
            return block;
    }
}

static bool
is_rsa(const EVP_PKEY *key)
{
    return key && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
           EVP_PKEY_get_size(key) <= RSA_MAX_BYTES;
}

/* The first RSA key in what is left of the file; NULL when there is none. */
static EVP_PKEY *
find_key(const struct library *library, struct um_span *file, const char *password, bool *sealed)
{
    bool is_pem = find_text(*file, "-----BEGIN ") < file->len;
    while (file->len > 0) {
        struct um_span block = is_pem ? next_block(file) : *file;
        EVP_PKEY *key = block.len > 0 ? decode_key(library, block, password) : NULL;
        if (!key && !is_pem)
            key = unpack_key(library, block, password, sealed);
        else if (!key)
            *sealed |= find_text(block, "ENCRYPTED") < block.len;
        if (!is_pem)
            *file = um_span_of(NULL, 0);
        if (is_rsa(key))
            return key;
        EVP_PKEY_free(key);
    }
    return NULL;
}

int
um_rsa_next(struct um_span *file, const char *password, struct um_rsa **out)
{
    struct um_span rest = *file;
    bool sealed = false;
    struct um_rsa *rsa = calloc(1, sizeof *rsa);
    if (!rsa)
        return UM_ERR_NOMEM;
    int err = open_library(&rsa->library) ? UM_OK : UM_ERR_NOMEM;
    if (!err)
        rsa->key = find_key(&rsa->library, &rest, password, &sealed);
    if (!err && !rsa->key)
        err = sealed ? UM_RSA_SEALED : UM_ERR_FORMAT;
    ERR_clear_error();
    if (err) {
        um_rsa_free(rsa);
        return err;
    }
    *file = rest;
    *out = rsa;
    return UM_OK;
}

void
um_rsa_free(struct um_rsa *rsa)
{
    if (!rsa)
        return;
    EVP_PKEY_free(rsa->key);
    close_library(&rsa->library);
    free(rsa);
}

/* 0x00 0x02, at least eight bytes other than 0, 0x00, the secret. */
static bool
unpad(struct um_span padded, uint8_t out[UM_PREMASTER_BYTES])
{
    if (padded.len < UM_PREMASTER_BYTES + 11 || padded.data[0] != 0 || padded.data[1] != 2)
        return false;
    struct um_span rest = um_span_from(padded, 2);
    size_t end = um_span_find(rest, 0);
    struct um_span secret = um_span_from(rest, end + 1);
    if (end < 8 || secret.len != UM_PREMASTER_BYTES)
        return false;
    memcpy(out, secret.data, secret.len);
    return true;
}

int
um_rsa_premaster(struct um_rsa *rsa, struct um_span sealed, uint8_t out[UM_PREMASTER_BYTES])
{
    uint8_t padded[RSA_MAX_BYTES];
    size_t len = sizeof padded;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(rsa->library.context, rsa->key, NULL);
    if (!context)
        return UM_ERR_NOMEM;
    bool good = EVP_PKEY_decrypt_init(context) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) == 1 &&
                EVP_PKEY_decrypt(context, padded, &len, sealed.data, sealed.len) == 1 &&
                unpad(um_span_of(padded, len), out);
    EVP_PKEY_CTX_free(context);
    um_crypto_wipe(padded, sizeof padded);
    ERR_clear_error();
    return good ? UM_OK : UM_CRYPTO_FORGED;
}
