/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparing, searching and splitting views of bytes. */
#include "core/base/span.h"

static uint8_t
fold(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') ? (uint8_t)(c + ('a' - 'A')) : c;
}

bool
um_span_same_nocase(const uint8_t *a, const uint8_t *b, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (fold(a[i]) != fold(b[i]))
            return false;
    }
    return true;
}

bool
um_span_starts(struct um_span s, struct um_span prefix)
{
    return s.len >= prefix.len && um_span_equal(um_span_first(s, prefix.len), prefix);
}

bool
um_span_starts_nocase(struct um_span s, struct um_span prefix)
{
    return s.len >= prefix.len && um_span_equal_nocase(um_span_first(s, prefix.len), prefix);
}

size_t
um_span_search(struct um_span s, struct um_span needle)
{
    if (needle.len == 0)
        return 0;
    size_t at = 0;
    while (at < s.len) {
        at += um_span_find(um_span_from(s, at), needle.data[0]);
        if (um_span_starts(um_span_from(s, at), needle))
            return at;
        if (at < s.len)
            at++;
    }
    return s.len;
}

static bool
is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

uint64_t
um_span_hash(struct um_span s, uint64_t seed)
{
    uint64_t hash = 0xcbf29ce484222325U ^ seed;
    for (size_t i = 0; i < s.len; i++)
        hash = (hash ^ s.data[i]) * 0x100000001b3U;
    return hash ^ (hash >> 32);
}

uint64_t
um_span_hash_quick(struct um_span s)
{
    uint64_t hash = s.len, word = 0;
    for (; s.len >= sizeof word; s = um_span_of(s.data + sizeof word, s.len - sizeof word)) {
        memcpy(&word, s.data, sizeof word);
        hash = um_hash_mix(hash ^ word);
    }
    word = 0;
    if (s.len > 0)
        memcpy(&word, s.data, s.len);
    return um_hash_mix(hash ^ word);
}

struct um_span
um_span_trim_ends(struct um_span s)
{
    size_t from = 0, to = s.len;
    while (from < to && is_space(s.data[from]))
        from++;
    while (from < to && is_space(s.data[to - 1]))
        to--;
    return from == 0 ? um_span_first(s, to) : um_span_of(s.data + from, to - from);
}

struct um_span
um_span_split(struct um_span *rest, uint8_t byte)
{
    size_t at = um_span_find(*rest, byte);
    struct um_span part = um_span_first(*rest, at);
    *rest = um_span_from(*rest, at < rest->len ? at + 1 : at);
    return part;
}

bool
um_span_decimal(struct um_span s, uint64_t *out)
{
    uint64_t value = 0;
    if (s.len == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.data[i] < '0' || s.data[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(s.data[i] - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}
