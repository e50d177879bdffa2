/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads CallIds: the key, and the GUID and server of the two known forms. Base64 is taken strictly,
 * padding and unused bits included, since a text that some encoder did not make is no known form.
 * Source: [MS-OXWUMS] 3.1.4.3; RFC 4648 section 4.
 */
#include "core/um/call_id.h"

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

/* The value of a letter of the standard alphabet, or -1. */
static int
base64_value(uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '+')
        return 62;
    return c == '/' ? 63 : -1;
}

/* Letters at the front of `text` without its padding; 0 when it is not padded as it must be. */
static size_t
base64_letters(struct um_span text)
{
    if (text.len % 4 != 0)
        return 0;
    size_t letters = text.len;
    while (letters > 0 && text.len - letters < 2 && text.data[letters - 1] == '=')
        letters--;
    return letters;
}

/* Decodes into `out`, which has room for three bytes in four; false when it is not base64. */
static bool
base64_decode(struct um_span text, uint8_t *out, size_t *out_len)
{
    size_t letters = base64_letters(text);
    uint32_t bits = 0; /* the lowest `held` of them wait for their byte to be full */
    unsigned held = 0;
    size_t len = 0;
    for (size_t i = 0; i < letters; i++) {
        int value = base64_value(text.data[i]);
        if (value < 0)
            return false;
        bits = (bits << 6) | (uint32_t)value;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[len++] = (uint8_t)(bits >> held);
            bits &= (1U << held) - 1;
        }
    }
    *out_len = len;
    return letters > 0 && bits == 0;
}

static bool
is_hex(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
}

bool
um_call_id_is_guid(struct um_span text)
{
    if (text.len != UM_GUID_LEN)
        return false;
    for (size_t i = 0; i < UM_GUID_LEN; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text.data[i] != '-' : !is_hex(text.data[i]))
            return false;
    }
    return true;
}

static bool
is_host(struct um_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] <= ' ' || text.data[i] > '~')
            return false;
    }
    return text.len > 0;
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
