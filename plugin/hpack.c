/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/hpack.h"

enum { STATIC_METHOD_GET = 2, SHIFT_MAX = 21 };

/* An integer with a prefix of so many bits; false when it does not end, or is no sensible one. */
static bool
take_integer(struct um_span *rest, unsigned bits, uint32_t *out)
{
    if (rest->len == 0)
        return false;
    uint32_t mask = (1U << bits) - 1;
    *out = rest->data[0] & mask;
    *rest = um_span_from(*rest, 1);
    if (*out < mask)
        return true;
    for (unsigned shift = 0; shift <= SHIFT_MAX && rest->len > 0; shift += 7) {
        uint8_t byte = rest->data[0];
        *rest = um_span_from(*rest, 1);
        *out += (uint32_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return true;
    }
    return false;
}

static bool
skip_string(struct um_span *rest)
{
    uint32_t len;
    if (!take_integer(rest, 7, &len) || len > rest->len)
        return false;
    *rest = um_span_from(*rest, len);
    return true;
}

/* A literal's name, if it stands there, and its value; `bits` are those of the name's index. */
static bool
skip_literal(struct um_span *rest, unsigned bits)
{
    uint32_t name;
    return take_integer(rest, bits, &name) && (name > 0 || skip_string(rest)) && skip_string(rest);
}

bool
umws_hpack_is_get(struct um_span block)
{
    bool is_good = true;
    while (is_good && block.len > 0) {
        uint8_t first = block.data[0];
        uint32_t index;
        if (first >= 0x80) {
            is_good = take_integer(&block, 7, &index);
            if (is_good && index == STATIC_METHOD_GET)
                return true;
        } else if (first >= 0x40) {
            is_good = skip_literal(&block, 6);
        } else if (first >= 0x20) {
            is_good = take_integer(&block, 5, &index); /* the dynamic table's size */
        } else {
            is_good = skip_literal(&block, 4);
        }
    }
    return false;
}
