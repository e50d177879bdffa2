/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Everything is cut from one HMAC over the kind, a NUL and the value. */
#include "offline/pseudonym.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#include "core/base/err.h"
#include "core/base/room.h"
#include "offline/tls/crypto.h"

enum { KEY_BYTES = 32, WORD_LETTERS = 10, CASE_LETTERS = 16 };

struct um_pseudonyms {
    struct um_mac *mac;
    struct um_symbols words;     /* given out */
    struct um_symbols addresses; /* real ones; a number is a place in `false_ones` */
    struct um_endpoint *false_ones;
    size_t false_cap;
    struct um_symbols taken; /* false addresses given out */
};

int
um_pseudonyms_with_key(struct um_span key, struct um_pseudonyms **out)
{
    struct um_pseudonyms *pseudonyms = calloc(1, sizeof *pseudonyms);
    if (!pseudonyms)
        return UM_ERR_NOMEM;
    int err = um_mac_new(UM_HASH_SHA256, key, &pseudonyms->mac);
    if (err)
        um_pseudonyms_free(pseudonyms);
    else
        *out = pseudonyms;
    return err;
}

int
um_pseudonyms_new(struct um_pseudonyms **out)
{
    uint8_t key[KEY_BYTES];
    if (getrandom(key, sizeof key, 0) != (ssize_t)sizeof key)
        return UM_ERR_IO;
    int err = um_pseudonyms_with_key(um_span_of(key, sizeof key), out);
    um_crypto_wipe(key, sizeof key);
    return err;
}

void
um_pseudonyms_free(struct um_pseudonyms *pseudonyms)
{
    if (!pseudonyms)
        return;
    um_mac_free(pseudonyms->mac);
    um_symbols_done(&pseudonyms->words);
    um_symbols_done(&pseudonyms->addresses);
    um_symbols_done(&pseudonyms->taken);
    free(pseudonyms->false_ones);
    free(pseudonyms);
}

static int
make(struct um_pseudonyms *pseudonyms, const char *kind, struct um_span value,
     uint8_t out[UM_HASH_MAX_BYTES])
{
    const struct um_span parts[] = {um_span_of(kind, strlen(kind) + 1), value};
    return um_mac_make(pseudonyms->mac, parts, 2, out);
}

/* Ten letters of 31, from the first eight bytes. */
static void
spell(const uint8_t *bytes, char out[WORD_LETTERS + 1])
{
    static const char letters[] = "bcdfghjklmnpqrstvwxyz0123456789";
    uint64_t number = 0;
    for (size_t i = 0; i < sizeof number; i++)
        number = number << 8 | bytes[i];
    for (size_t i = 0; i < WORD_LETTERS; i++) {
        out[i] = letters[number % (sizeof letters - 1)];
        number /= sizeof letters - 1;
    }
    out[WORD_LETTERS] = '\0';
}

int
um_pseudonym_word(struct um_pseudonyms *pseudonyms, const char *kind, struct um_span value,
                  struct um_span *out)
{
    uint8_t bytes[UM_HASH_MAX_BYTES];
    char spelled[WORD_LETTERS + 1], word[48];
    int err = make(pseudonyms, kind, value, bytes);
    if (err)
        return err;
    spell(bytes, spelled);
    (void)snprintf(word, sizeof word, "%s-%s", kind, spelled);
    return um_symbols_add(&pseudonyms->words, um_span_text(word), NULL, out);
}

static uint8_t
lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

static int
fold(struct um_span value, struct um_buf *out)
{
    int err = UM_OK;
    for (size_t i = 0; i < value.len && !err; i++) {
        uint8_t c = lower(value.data[i]);
        err = um_buf_append(out, um_span_of(&c, 1));
    }
    return err;
}

/* Capitals where the value's own MAC says so: two spellings stay two. */
static int
vary_case(struct um_pseudonyms *pseudonyms, struct um_span value, struct um_span *word)
{
    uint8_t bytes[UM_HASH_MAX_BYTES];
    uint8_t varied[48];
    size_t len = 0;
    int err = make(pseudonyms, "case", value, bytes);
    if (err)
        return err;
    for (; len < word->len && len < sizeof varied; len++) {
        uint8_t c = word->data[len];
        bool up = bytes[len % CASE_LETTERS] & 1;
        varied[len] = up && c >= 'a' && c <= 'z' ? (uint8_t)(c - 'a' + 'A') : c;
    }
    return um_symbols_add(&pseudonyms->words, um_span_of(varied, len), NULL, word);
}

int
um_pseudonym_host(struct um_pseudonyms *pseudonyms, struct um_span value, struct um_span *out)
{
    struct um_buf folded = {0};
    struct um_span word;
    int err = fold(value, &folded);
    if (!err)
        err = um_pseudonym_word(pseudonyms, "host", um_buf_span(&folded), &word);
    if (!err && !um_span_equal(um_buf_span(&folded), value))
        err = vary_case(pseudonyms, value, &word);
    um_buf_done(&folded);
    if (!err)
        *out = word;
    return err;
}

static void
shape_address(const uint8_t *bytes, struct um_endpoint *endpoint)
{
    memcpy(endpoint->address, bytes, endpoint->address_len);
    if (endpoint->address_len == 4)
        endpoint->address[0] = (uint8_t)(0xF0 | (bytes[0] & 0x0F));
    else
        endpoint->address[0] = 0xFD;
}

static int
find_free_address(struct um_pseudonyms *pseudonyms, struct um_span real, struct um_endpoint *out)
{
    uint8_t bytes[UM_HASH_MAX_BYTES], value[17] = {0};
    memcpy(value, real.data, real.len);
    for (unsigned attempt = 0; attempt < 256; attempt++) {
        value[16] = (uint8_t)attempt;
        int err = make(pseudonyms, real.len == 4 ? "ipv4" : "ipv6", um_span_of(value, sizeof value),
                       bytes);
        if (err)
            return err;
        shape_address(bytes, out);
        struct um_span name = um_span_of(out->address, real.len);
        if (!um_symbols_has(&pseudonyms->taken, name))
            return um_symbols_add(&pseudonyms->taken, name, NULL, NULL);
    }
    return UM_OK; /* 2^28 addresses are nearly all taken: two may share one */
}

int
um_pseudonym_address(struct um_pseudonyms *pseudonyms, struct um_endpoint *endpoint)
{
    if (endpoint->address_len == 0)
        return UM_OK;
    struct um_span real = um_span_of(endpoint->address, endpoint->address_len);
    size_t place, known = pseudonyms->addresses.count;
    struct um_endpoint *list =
        um_room_for_one(pseudonyms->false_ones, &pseudonyms->false_cap, known, sizeof *list);
    if (!list)
        return UM_ERR_NOMEM;
    pseudonyms->false_ones = list;
    int err = um_symbols_add(&pseudonyms->addresses, real, &place, NULL);
    if (err)
        return err;
    if (place == known) {
        list[place] = (struct um_endpoint){.address_len = endpoint->address_len};
        err = find_free_address(pseudonyms, real, &list[place]);
        if (err)
            return err;
    }
    memcpy(endpoint->address, list[place].address, sizeof endpoint->address);
    return UM_OK;
}

int
um_pseudonym_digest(struct um_pseudonyms *pseudonyms, struct um_span bytes,
                    char out[UM_PSEUDONYM_DIGEST_MAX])
{
    uint8_t made[UM_HASH_MAX_BYTES];
    int err = make(pseudonyms, "digest", bytes, made);
    for (size_t i = 0; i < 32 && !err; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", made[i]);
    return err;
}
