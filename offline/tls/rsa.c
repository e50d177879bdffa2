/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys are looked for in a library of their own (library.h). */
#include "offline/tls/rsa.h"

#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#include "offline/tls/library.h"

enum { RSA_MAX_BYTES = 2048 };

struct um_rsa {
    EVP_PKEY *key;
    struct um_library library;
};

static EVP_PKEY *
decode_key(const struct um_library *library, struct um_span file, const char *password)
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
unpack_key(const struct um_library *library, struct um_span file, const char *password,
           bool *sealed)
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
find_key(const struct um_library *library, struct um_span *file, const char *password, bool *sealed)
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
    int err = um_library_open(&rsa->library) ? UM_OK : UM_ERR_NOMEM;
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
    um_library_close(&rsa->library);
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
