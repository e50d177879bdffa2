/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Algorithms are fetched by name. */
#include "offline/tls/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

static const struct {
    const char *name;
    size_t bytes;
} hashes[] = {
    [UM_HASH_NONE] = {"", 0},          [UM_HASH_MD5] = {"MD5", 16},
    [UM_HASH_SHA1] = {"SHA1", 20},     [UM_HASH_SHA256] = {"SHA256", 32},
    [UM_HASH_SHA384] = {"SHA384", 48},
};

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

static const uint8_t no_key[1] = {0};

static EVP_MAC_CTX *
make_keyless(enum um_hash hash)
{
    EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = algorithm ? EVP_MAC_CTX_new(algorithm) : NULL;
    char name[16] = {0};
    (void)strncpy(name, hashes[hash].name, sizeof name - 1);
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC_free(algorithm);
    if (context && EVP_MAC_init(context, no_key, 0, params) == 1)
        return context;
    EVP_MAC_CTX_free(context);
    return NULL;
}

/* Of the default library, for as long as the process lasts: to find the hash by its name costs as
 * much as a key. NULL: there is no memory. */
static const EVP_MAC_CTX *
find_keyless(enum um_hash hash)
{
    static EVP_MAC_CTX *found[sizeof hashes / sizeof *hashes];
    if (!found[hash])
        found[hash] = make_keyless(hash);
    return found[hash];
}

int
um_mac_new(enum um_hash hash, struct um_span key, struct um_mac **out)
{
    struct um_mac *mac = calloc(1, sizeof *mac);
    if (!mac)
        return UM_ERR_NOMEM;
    const EVP_MAC_CTX *keyless = find_keyless(hash);
    mac->context = keyless ? EVP_MAC_CTX_dup(keyless) : NULL;
    const uint8_t *bytes = key.len > 0 ? key.data : no_key;
    if (!mac->context || EVP_MAC_init(mac->context, bytes, key.len, NULL) != 1) {
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
