/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/tls/record_mac.h"

#include <stdlib.h>

enum { PAD_BYTES = 48, SHA1_PAD_BYTES = 40 }; /* SSL 3 */

struct um_record_mac {
    uint16_t version;
    enum um_hash hash;
    bool verifies;
    struct um_mac *mac; /* NULL: SSL 3, or nothing is verified */
    uint8_t key[UM_HASH_MAX_BYTES];
    size_t key_len;
};

int
um_record_mac_new(uint16_t version, enum um_hash hash, struct um_span key,
                  struct um_record_mac **out)
{
    struct um_record_mac *mac = calloc(1, sizeof *mac);
    if (!mac)
        return UM_ERR_NOMEM;
    *mac = (struct um_record_mac){
        .version = version, .hash = hash, .verifies = key.len > 0, .key_len = key.len};
    memcpy(mac->key, key.data, key.len);
    bool is_hmac = mac->verifies && version > UM_TLS_VERSION_SSL3;
    int err = is_hmac ? um_mac_new(hash, key, &mac->mac) : UM_OK;
    if (err)
        um_record_mac_free(mac);
    else
        *out = mac;
    return err;
}

void
um_record_mac_free(struct um_record_mac *mac)
{
    if (!mac)
        return;
    um_mac_free(mac->mac);
    um_crypto_wipe(mac, sizeof *mac);
    free(mac);
}

bool
um_record_mac_split(const struct um_record_mac *mac, struct um_span *bytes, struct um_span *made)
{
    size_t mac_len = um_crypto_hash_bytes(mac->hash);
    if (bytes->len < mac_len)
        return false;
    *made = um_span_from(*bytes, bytes->len - mac_len);
    *bytes = um_span_first(*bytes, bytes->len - mac_len);
    return true;
}

/* SSL 3: hash(key + 0x5c... + hash(key + 0x36... + number + type + length + bytes)) */
static int
make_ssl3(const struct um_record_mac *mac, struct um_span number, struct um_span type,
          struct um_span length, struct um_span bytes, uint8_t out[UM_HASH_MAX_BYTES])
{
    uint8_t inner_pad[PAD_BYTES], outer_pad[PAD_BYTES], inner[UM_HASH_MAX_BYTES];
    size_t pad = mac->hash == UM_HASH_MD5 ? PAD_BYTES : SHA1_PAD_BYTES;
    struct um_span key = um_span_of(mac->key, mac->key_len);
    memset(inner_pad, 0x36, sizeof inner_pad);
    memset(outer_pad, 0x5c, sizeof outer_pad);
    const struct um_span first[] = {key, um_span_of(inner_pad, pad), number, type, length, bytes};
    int err = um_crypto_digest(mac->hash, first, 6, inner);
    const struct um_span second[] = {key, um_span_of(outer_pad, pad),
                                     um_span_of(inner, um_crypto_hash_bytes(mac->hash))};
    return err ? err : um_crypto_digest(mac->hash, second, 3, out);
}

static int
make(const struct um_record_mac *mac, const struct um_tls_record *record, struct um_span bytes,
     uint64_t number, uint8_t out[UM_HASH_MAX_BYTES])
{
    uint8_t place[UM_TLS_NUMBER_BYTES];
    const uint8_t len[2] = {(uint8_t)(bytes.len >> 8), (uint8_t)bytes.len};
    um_tls_number_put(place, number);
    struct um_span number_bytes = um_span_of(place, sizeof place), length = um_span_of(len, 2);
    if (!mac->mac)
        return make_ssl3(mac, number_bytes, um_span_first(record->header, 1), length, bytes, out);
    const struct um_span parts[] = {number_bytes, um_span_first(record->header, 3), length, bytes};
    return um_mac_make(mac->mac, parts, 4, out);
}

/* Nobody can tell: when records may be missing it is taken for one. */
static int
guess(const struct um_record_mac *mac, const struct um_tls_record *record,
      struct um_tls_numbers numbers, uint64_t *found)
{
    if (record->version != mac->version)
        return UM_CRYPTO_FORGED;
    *found = numbers.first < numbers.last ? numbers.first + 1 : numbers.first;
    return UM_OK;
}

int
um_record_mac_find(const struct um_record_mac *mac, const struct um_tls_record *record,
                   struct um_span bytes, struct um_span made, struct um_tls_numbers numbers,
                   uint64_t *found)
{
    uint8_t tried[UM_HASH_MAX_BYTES];
    if (!mac->verifies)
        return guess(mac, record, numbers, found);
    for (uint64_t number = numbers.first;; number++) {
        int err = make(mac, record, bytes, number, tried);
        if (err)
            return err;
        if (um_crypto_equal(um_span_of(tried, made.len), made)) {
            *found = number;
            return UM_OK;
        }
        if (number == numbers.last || !um_tls_numbers_spend(&numbers, record->body.len))
            return UM_CRYPTO_FORGED;
    }
}
