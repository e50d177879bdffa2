/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes of a test written in hexadecimal. */
#ifndef UM_TEST_HEX_H
#define UM_TEST_HEX_H

#include <stdio.h>

#include "core/base/span.h"

struct hex {
    uint8_t bytes[1024];
    size_t len;
};

static inline struct hex
hex_of(const char *text)
{
    struct hex out = {.len = strlen(text) / 2};
    for (size_t i = 0; i < out.len && i < sizeof out.bytes; i++) {
        const char digits[3] = {text[2 * i], text[2 * i + 1], '\0'};
        unsigned value = 0;
        (void)sscanf(digits, "%x", &value);
        out.bytes[i] = (uint8_t)value;
    }
    return out;
}

static inline struct um_span
hex_span(const struct hex *hex)
{
    return um_span_of(hex->bytes, hex->len);
}

#endif
