/* SPDX-License-Identifier: GPL-2.0-or-later */
/* AES-GCM the other way round, by OpenSSL. */
#ifndef UM_TEST_SEAL_H
#define UM_TEST_SEAL_H

#include <openssl/evp.h>

#include "tests/support/support.h"

enum { SEAL_TAG_BYTES = 16 };

/* `sealed` has room for the clear bytes and the tag. The key's length tells the cipher. */
static void
seal_gcm(struct um_span key, const uint8_t nonce[12], struct um_span extra, struct um_span clear,
         uint8_t *sealed)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    const EVP_CIPHER *algorithm = key.len == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm();
    int len;
    assert_int_equal(EVP_EncryptInit_ex(context, algorithm, NULL, key.data, nonce), 1);
    if (extra.len > 0)
        assert_int_equal(EVP_EncryptUpdate(context, NULL, &len, extra.data, (int)extra.len), 1);
    if (clear.len > 0)
        assert_int_equal(EVP_EncryptUpdate(context, sealed, &len, clear.data, (int)clear.len), 1);
    assert_int_equal(EVP_EncryptFinal_ex(context, sealed + clear.len, &len), 1);
    assert_int_equal(
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG_BYTES, sealed + clear.len), 1);
    EVP_CIPHER_CTX_free(context);
}

#endif
