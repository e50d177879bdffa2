/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads CallIds: the key, and the GUID and server of the two known forms. Base64 is taken strictly,
 * padding and unused bits included, since a text that some encoder did not make is no known form.
 * Source: [MS-OXWUMS] 3.1.4.3; RFC 4648 section 4.
 */
#include "core/um/call_id.h"

#include "core/base/digits.h"
#include "core/base/err.h"

static bool
is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The text without any white space, in `arena`. */
static int
squeeze(struct um_span text, struct um_arena *arena, struct um_span *out)
{
    size_t spaces = 0;
    for (size_t i = 0; i < text.len; i++)
        spaces += is_space(text.data[i]);
    if (spaces == 0) /* nearly always */
        return um_arena_copy(arena, text, out);
    uint8_t *key = um_arena_alloc(arena, text.len);
    if (!key)
        return UM_ERR_NOMEM;
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (!is_space(text.data[i]))
            key[len++] = text.data[i];
    }
    *out = um_span_of(key, len);
    return UM_OK;
}

/* Letters at the front of `text` without its padding; 0 when it is not padded as it must be. */
static size_t
count_letters(struct um_span text)
{
    if (text.len % 4 != 0)
        return 0;
    size_t letters = text.len;
    while (letters > 0 && text.len - letters < 2 && text.data[letters - 1] == '=')
        letters--;
    return letters;
}

/* The bits of a few letters; `*all` becomes 0 where one is none. */
static inline uint32_t
take_letters(const uint8_t *text, size_t count, unsigned *all)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned letter = um_base64_letters[text[i]];
        *all &= letter;
        bits = bits << 6 | (letter & UM_BASE64_VALUE);
    }
    return bits;
}

/* Decodes into `out`, which has room for three bytes in four; false when it is not base64. */
static bool
base64_decode(struct um_span text, uint8_t *out, size_t *out_len)
{
    size_t letters = count_letters(text), whole = letters / 4 * 4, len = 0;
    unsigned all = UM_BASE64_LETTER; /* stays so while they are letters */
    for (size_t i = 0; i < whole; i += 4) {
        uint32_t bits = take_letters(&text.data[i], 4, &all);
        out[len++] = (uint8_t)(bits >> 16);
        out[len++] = (uint8_t)(bits >> 8);
        out[len++] = (uint8_t)bits;
    }
    /* three letters more are two bytes and 2 bits, two a byte and 4 bits, which have to be 0 */
    uint32_t rest = take_letters(&text.data[whole], letters - whole, &all);
    size_t unused = letters - whole == 3 ? 2 : 4;
    if (letters - whole == 3)
        out[len++] = (uint8_t)(rest >> 10);
    if (letters > whole)
        out[len++] = (uint8_t)(rest >> unused);
    *out_len = len;
    return letters > 0 && all != 0 && (rest & ((1U << unused) - 1)) == 0;
}

bool
um_call_id_is_guid(struct um_span text)
{
    if (text.len != UM_GUID_LEN)
        return false;
    for (size_t i = 0; i < UM_GUID_LEN; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text.data[i] != '-' : um_hex_digit(text.data[i]) < 0)
            return false;
    }
    return true;
}

static bool
is_host(struct um_span text)
{
    unsigned others = 0;
    for (size_t i = 0; i < text.len; i++)
        others |= text.data[i] <= ' ' || text.data[i] > '~';
    return text.len > 0 && others == 0;
}

/* Takes a decoded id apart; leaves `out` opaque when it is of no known form. */
static void
take_known_form(struct um_span plain, struct um_call_id *out)
{
    struct um_span guid = um_span_first(plain, UM_GUID_LEN);
    struct um_span rest = um_span_from(plain, UM_GUID_LEN);
    if (!um_call_id_is_guid(guid) || rest.len == 0)
        return;
    if ((rest.data[0] != '@' && rest.data[0] != '|') || !is_host(um_span_from(rest, 1)))
        return;
    for (size_t i = 0; i < UM_GUID_LEN; i++) {
        uint8_t c = guid.data[i];
        out->guid[i] = (char)(c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c);
    }
    out->separator = (char)rest.data[0];
    out->server = um_span_from(rest, 1);
    out->plain = plain;
}

int
um_call_id_parse(struct um_span text, struct um_arena *arena, struct um_call_id *out)
{
    struct um_call_id id = {.separator = 0};
    int err = squeeze(text, arena, &id.key);
    if (err)
        return err;
    uint8_t *plain = um_arena_alloc(arena, id.key.len / 4 * 3);
    if (!plain)
        return UM_ERR_NOMEM;
    size_t len = 0;
    if (base64_decode(id.key, plain, &len))
        take_known_form(um_span_of(plain, len), &id);
    *out = id;
    return UM_OK;
}
