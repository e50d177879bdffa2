/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The digits of hexadecimal numbers, and of base64 (RFC 4648 section 4). */
#ifndef UM_BASE_DIGITS_H
#define UM_BASE_DIGITS_H

#include <stdint.h>

/* The value of a hexadecimal digit of either case; -1 when it is none. */
static inline int
um_hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum { UM_BASE64_LETTER = 64, UM_BASE64_VALUE = 63 };

/* The letters of the standard alphabet: UM_BASE64_LETTER and their value; all others are 0. */
extern const uint8_t um_base64_letters[UINT8_MAX + 1];

#endif
