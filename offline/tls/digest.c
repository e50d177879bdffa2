/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A thin cover over OpenSSL's EVP digests. */
#include "offline/tls/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

struct um_digest {
    EVP_MD_CTX *context;
};

int
um_digest_new(struct um_digest **out)
{
    struct um_digest *digest = calloc(1, sizeof *digest);
    if (!digest)
        return UM_ERR_NOMEM;
    digest->context = EVP_MD_CTX_new();
    if (!digest->context || EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL) != 1) {
        um_digest_free(digest);
        return UM_ERR_NOMEM;
    }
    *out = digest;
    return UM_OK;
}

void
um_digest_free(struct um_digest *digest)
{
    if (!digest)
        return;
    EVP_MD_CTX_free(digest->context);
    free(digest);
}

int
um_digest_add(struct um_digest *digest, struct um_span bytes)
{
    if (bytes.len == 0)
        return UM_OK;
    return EVP_DigestUpdate(digest->context, bytes.data, bytes.len) == 1 ? UM_OK : UM_ERR_NOMEM;
}

int
um_digest_hex(struct um_digest *digest, char out[UM_DIGEST_HEX_MAX])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[EVP_MAX_MD_SIZE];
    unsigned len;
    if (EVP_DigestFinal_ex(digest->context, bytes, &len) != 1)
        return UM_ERR_NOMEM;
    for (unsigned i = 0; i < len && 2 * i + 2 < UM_DIGEST_HEX_MAX; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 0x0f];
        out[2 * i + 2] = '\0';
    }
    return UM_OK;
}
