/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "samples/maker/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void
reserve(struct um_bytes *bytes, size_t more)
{
    if (more <= bytes->cap - bytes->len)
        return;
    size_t cap = 2 * bytes->cap + more;
    uint8_t *data = um_pool_array(bytes->pool, cap, 1);
    if (bytes->len > 0)
        memcpy(data, bytes->data, bytes->len);
    bytes->data = data;
    bytes->cap = cap;
}

void
um_bytes_add(struct um_bytes *bytes, const void *data, size_t len)
{
    reserve(bytes, len);
    if (len > 0)
        memcpy(bytes->data + bytes->len, data, len);
    bytes->len += len;
}

void
um_bytes_text(struct um_bytes *bytes, const char *text)
{
    um_bytes_add(bytes, text, strlen(text));
}

void
um_bytes_format(struct um_bytes *bytes, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    /* Given several files, clang-tidy 14 takes the list for uninitialized. */
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized) */
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    size_t room = len > 0 ? (size_t)len : 0;
    char *text = um_pool_array(bytes->pool, room + 1, 1);
    vsnprintf(text, room + 1, format, again);
    va_end(again);
    um_bytes_add(bytes, text, room);
}

void
um_bytes_u8(struct um_bytes *bytes, unsigned value)
{
    uint8_t byte = (uint8_t)(value & 0xff);
    um_bytes_add(bytes, &byte, 1);
}

void
um_bytes_be16(struct um_bytes *bytes, unsigned value)
{
    um_bytes_u8(bytes, value >> 8);
    um_bytes_u8(bytes, value);
}

void
um_bytes_be32(struct um_bytes *bytes, uint32_t value)
{
    um_bytes_be16(bytes, value >> 16);
    um_bytes_be16(bytes, value & 0xffff);
}

void
um_bytes_le32(struct um_bytes *bytes, uint32_t value)
{
    for (unsigned shift = 0; shift < 32; shift += 8)
        um_bytes_u8(bytes, value >> shift);
}

void
um_bytes_base64(struct um_bytes *bytes, const void *data, size_t len)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const uint8_t *in = data;
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t group = (uint32_t)in[i] << 16;
        if (left > 1)
            group |= (uint32_t)in[i + 1] << 8;
        if (left > 2)
            group |= in[i + 2];
        um_bytes_u8(bytes, (unsigned char)alphabet[group >> 18]);
        um_bytes_u8(bytes, (unsigned char)alphabet[group >> 12 & 63]);
        um_bytes_u8(bytes, left > 1 ? (unsigned char)alphabet[group >> 6 & 63] : '=');
        um_bytes_u8(bytes, left > 2 ? (unsigned char)alphabet[group & 63] : '=');
    }
}
