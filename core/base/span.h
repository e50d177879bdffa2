/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A view of bytes somebody else owns. Knows no text encoding: "nocase" folds ASCII letters only.
 */
#ifndef UM_BASE_SPAN_H
#define UM_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct um_span {
    const uint8_t *data; /* may be NULL when len is 0 */
    size_t len;          /* bytes */
};

static inline struct um_span
um_span_of(const void *data, size_t len)
{
    return (struct um_span){.data = data, .len = len};
}

/* The bytes of a C string without its terminator; NULL gives an empty span. */
static inline struct um_span
um_span_text(const char *text)
{
    return um_span_of(text, text ? strlen(text) : 0);
}

/* The first `n` bytes, or all of them when there are fewer. */
static inline struct um_span
um_span_first(struct um_span s, size_t n)
{
    return um_span_of(s.data, n < s.len ? n : s.len);
}

/* What is left after the first `n` bytes; empty when there are no more. */
static inline struct um_span
um_span_from(struct um_span s, size_t n)
{
    if (n >= s.len)
        return um_span_of(s.data ? s.data + s.len : NULL, 0);
    return um_span_of(s.data + n, s.len - n);
}

static inline bool
um_span_equal(struct um_span a, struct um_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Of bytes of the same number: are they the same, but for the case of letters? */
bool um_span_same_nocase(const uint8_t *a, const uint8_t *b, size_t len);

static inline bool
um_span_equal_nocase(struct um_span a, struct um_span b)
{
    return a.len == b.len && (um_span_equal(a, b) || um_span_same_nocase(a.data, b.data, a.len));
}

bool um_span_starts(struct um_span s, struct um_span prefix);
bool um_span_starts_nocase(struct um_span s, struct um_span prefix);

/* Offset of the first `byte`, or s.len when there is none. */
static inline size_t
um_span_find(struct um_span s, uint8_t byte)
{
    const uint8_t *at = s.len > 0 ? memchr(s.data, byte, s.len) : NULL;
    return at ? (size_t)(at - s.data) : s.len;
}

/* Offset of the first occurrence of `needle`, or s.len when there is none. */
size_t um_span_search(struct um_span s, struct um_span needle);

/* um_span_trim where there may be something to do. */
struct um_span um_span_trim_ends(struct um_span s);

/* Without spaces and tabs, CR and LF at both ends. */
static inline struct um_span
um_span_trim(struct um_span s)
{
    bool is_trimmed = s.len > 0 && s.data[0] > ' ' && s.data[s.len - 1] > ' ';
    return is_trimmed ? s : um_span_trim_ends(s);
}

/*
 * FNV-1a over the bytes, folded so that its low bits may choose a slot. Different seeds give
 * unrelated values. Not meant against somebody who picks bytes that collide.
 */
uint64_t um_span_hash(struct um_span s, uint64_t seed);

/* Lets every bit of a word tell in the low ones, which choose a place in a table. */
static inline uint64_t
um_hash_mix(uint64_t word)
{
    word *= UINT64_C(0x9fb21c651e98df25);
    return word ^ word >> 29;
}

/* For a place in a table: quicker, and not the same on every machine. */
uint64_t um_span_hash_quick(struct um_span s);

/*
 * Splits off the part before the first `byte` and moves `rest` past that byte. Without such a byte
 * the whole of `rest` is the part and `rest` becomes empty.
 */
struct um_span um_span_split(struct um_span *rest, uint8_t byte);

/*
 * Reads an unsigned decimal number that fills the whole span (digits only, at least one).
 * False when it is not one or does not fit; `out` is then untouched.
 */
bool um_span_decimal(struct um_span s, uint64_t *out);

#endif
