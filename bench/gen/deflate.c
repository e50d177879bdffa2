/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Matches are found by a table of the last place of each four bytes. */
#include "bench/gen/deflate.h"

#include <string.h>

enum { HASH_BITS = 14, MATCH_MIN = 4, MATCH_MAX = 258, REACH = 32768, END_OF_BLOCK = 256 };

struct bits {
    struct um_text *out;
    uint64_t pending; /* lowest first */
    unsigned count;
};

static void
put_bits(struct bits *bits, uint32_t value, unsigned count)
{
    bits->pending |= (uint64_t)value << bits->count;
    bits->count += count;
    for (; bits->count >= 8; bits->count -= 8, bits->pending >>= 8) {
        uint8_t byte = (uint8_t)bits->pending;
        um_text_add(bits->out, &byte, 1);
    }
}

/* Huffman codes stand with their highest bit first. */
static void
put_code(struct bits *bits, uint32_t code, unsigned count)
{
    uint32_t turned = 0;
    for (unsigned i = 0; i < count; i++)
        turned |= (code >> i & 1U) << (count - 1 - i);
    put_bits(bits, turned, count);
}

static void
put_symbol(struct bits *bits, uint32_t symbol)
{
    if (symbol < 144)
        put_code(bits, 0x30 + symbol, 8);
    else if (symbol < 256)
        put_code(bits, 0x190 + symbol - 144, 9);
    else if (symbol < 280)
        put_code(bits, symbol - 256, 7);
    else
        put_code(bits, 0xc0 + symbol - 280, 8);
}

/*
 * Lengths and distances alike: `base` values of their own, then twice as many values for each extra
 * bit, `group` codes a size. Gives the code, and the extra bits with their number.
 */
static uint32_t
split_value(uint32_t value, uint32_t group, uint32_t *extra, unsigned *extra_bits)
{
    *extra_bits = 0;
    while (value >> *extra_bits >= 2 * group)
        (*extra_bits)++;
    *extra = value & ((1U << *extra_bits) - 1);
    return *extra_bits * group + (value >> *extra_bits);
}

static void
put_match(struct bits *bits, uint32_t length, uint32_t distance)
{
    uint32_t extra;
    unsigned extra_bits;
    if (length == MATCH_MAX) {
        put_symbol(bits, 285);
    } else {
        put_symbol(bits, 257 + split_value(length - 3, 4, &extra, &extra_bits));
        put_bits(bits, extra, extra_bits);
    }
    put_code(bits, split_value(distance - 1, 2, &extra, &extra_bits), 5);
    put_bits(bits, extra, extra_bits);
}

static uint32_t
slot_of(const uint8_t *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof word);
    return word * 2654435761U >> (32 - HASH_BITS);
}

static uint32_t
match_length(const uint8_t *a, const uint8_t *b, size_t max)
{
    uint32_t length = 0;
    while (length < max && length < MATCH_MAX && a[length] == b[length])
        length++;
    return length;
}

static void
put_block(struct bits *bits, const uint8_t *data, size_t len)
{
    static uint32_t last[1 << HASH_BITS]; /* place + 1; 0: none */
    memset(last, 0, sizeof last);
    put_bits(bits, 3, 3); /* the last block, with the fixed code */
    for (size_t at = 0; at < len;) {
        uint32_t length = 0, before = 0;
        if (len - at >= MATCH_MIN) {
            uint32_t slot = slot_of(data + at);
            before = last[slot];
            last[slot] = (uint32_t)at + 1;
            if (before > 0 && at + 1 - before <= REACH)
                length = match_length(data + before - 1, data + at, len - at);
        }
        if (length >= MATCH_MIN)
            put_match(bits, length, (uint32_t)at + 1 - before);
        else
            put_symbol(bits, data[at]);
        at += length >= MATCH_MIN ? length : 1;
    }
    put_symbol(bits, END_OF_BLOCK);
    put_bits(bits, 0, (8 - bits->count % 8) % 8);
}

static uint32_t
checksum(const uint8_t *data, size_t len)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < len; i++) {
        crc ^= data[i];
        for (int k = 0; k < 8; k++)
            crc = crc >> 1 ^ (UINT32_C(0xedb88320) & -(crc & 1));
    }
    return ~crc;
}

void
um_deflate_gzip(const uint8_t *data, size_t len, struct um_text *out)
{
    static const uint8_t head[10] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255};
    struct bits bits = {.out = out};
    um_text_add(out, head, sizeof head);
    put_block(&bits, data, len);
    put_bits(&bits, checksum(data, len), 32);
    put_bits(&bits, (uint32_t)len, 32);
}
