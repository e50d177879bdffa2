/* SPDX-License-Identifier: GPL-2.0-or-later */
/* UTF-8 by the table of RFC 3629 section 4; widths by the blocks of Unicode 15 that are wide. */
#include "offline/report/utf8.h"

#include "core/base/err.h"

static size_t
length_of(uint8_t lead)
{
    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        return 2;
    if (lead >= 0xE0 && lead <= 0xEF)
        return 3;
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

static bool
is_character(uint32_t code_point, size_t length)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    return code_point >= least[length] && code_point <= 0x10FFFF &&
           !(code_point >= 0xD800 && code_point <= 0xDFFF);
}

uint32_t
um_utf8_next(struct um_span *text)
{
    static const uint8_t lead_bits[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    struct um_span bytes = *text;
    size_t length = length_of(bytes.data[0]);
    *text = um_span_from(bytes, 1);
    if (length == 0 || length > bytes.len)
        return UM_UTF8_BAD;
    uint32_t code_point = bytes.data[0] & lead_bits[length];
    for (size_t i = 1; i < length; i++) {
        if ((bytes.data[i] & 0xC0) != 0x80)
            return UM_UTF8_BAD;
        code_point = code_point << 6 | (bytes.data[i] & 0x3F);
    }
    if (!is_character(code_point, length))
        return UM_UTF8_BAD;
    *text = um_span_from(bytes, length);
    return code_point;
}

size_t
um_utf8_printable(struct um_span text)
{
    size_t n = 0;
    while (n < text.len && text.data[n] >= 0x20 && text.data[n] <= 0x7E)
        n++;
    return n;
}

size_t
um_utf8_columns(uint32_t code_point)
{
    static const struct {
        uint32_t first, last;
    } wide[] = {
        {0x1100, 0x115F},   {0x231A, 0x231B},   {0x2329, 0x232A},   {0x23E9, 0x23F3},
        {0x25FD, 0x25FE},   {0x2614, 0x2615},   {0x2648, 0x2653},   {0x267F, 0x27BF},
        {0x2B1B, 0x2B55},   {0x2E80, 0xA4CF},   {0xA960, 0xA97F},   {0xAC00, 0xD7A3},
        {0xF900, 0xFAFF},   {0xFE10, 0xFE6F},   {0xFF01, 0xFF60},   {0xFFE0, 0xFFE6},
        {0x16FE0, 0x1B2FF}, {0x1F000, 0x1FAFF}, {0x20000, 0x3FFFD},
    };
    for (size_t i = 0; i < sizeof wide / sizeof *wide && code_point >= wide[i].first; i++) {
        if (code_point <= wide[i].last)
            return 2;
    }
    return 1;
}

int
um_utf8_clean(struct um_buf *buf, struct um_span text)
{
    static const uint8_t replacement[] = {0xEF, 0xBF, 0xBD};
    int err = UM_OK;
    while (text.len > 0 && !err) {
        struct um_span rest = um_span_from(text, um_utf8_printable(text));
        bool bad = false;
        if (rest.len == text.len) {
            uint32_t code_point = um_utf8_next(&rest);
            bad = code_point == UM_UTF8_BAD || code_point == 0;
        }
        err = um_buf_append(buf, bad ? um_span_of(replacement, sizeof replacement)
                                     : um_span_first(text, text.len - rest.len));
        text = rest;
    }
    return err;
}

bool
um_utf8_is_clean(struct um_span text)
{
    while ((text = um_span_from(text, um_utf8_printable(text))).len > 0) {
        uint32_t code_point = um_utf8_next(&text);
        if (code_point == UM_UTF8_BAD || code_point == 0)
            return false;
    }
    return true;
}
