/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is harmful: Unicode's control and format characters (Cc, Cf), Zl and Zp, and fillers that
 * show nothing (Default_Ignorable_Code_Point, but for the variation selectors of emoji). */
#include "offline/report/safe_text.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/base/err.h"
#include "offline/report/utf8.h"

bool
um_safe_text_is_harmful(uint32_t code_point)
{
    static const struct {
        uint32_t first, last;
    } harmful[] = {
        {0x0000, 0x001F},   {0x007F, 0x009F},   {0x00AD, 0x00AD},   {0x034F, 0x034F},
        {0x0600, 0x0605},   {0x061C, 0x061C},   {0x06DD, 0x06DD},   {0x070F, 0x070F},
        {0x0890, 0x0891},   {0x08E2, 0x08E2},   {0x115F, 0x1160},   {0x17B4, 0x17B5},
        {0x180B, 0x180F},   {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},
        {0x3164, 0x3164},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},
        {0x110BD, 0x110BD}, {0x110CD, 0x110CD}, {0x13430, 0x1343F}, {0x1BCA0, 0x1BCA3},
        {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
    };
    for (size_t i = 0; i < sizeof harmful / sizeof *harmful; i++) {
        if (code_point >= harmful[i].first && code_point <= harmful[i].last)
            return true;
    }
    return false;
}

static int
append_escape(struct um_buf *buf, uint32_t code_point, uint8_t byte)
{
    char escape[16];
    if (code_point == UM_UTF8_BAD || code_point < 0x80)
        (void)snprintf(escape, sizeof escape, "\\x%02x", (unsigned)byte);
    else if (code_point <= 0xFFFF)
        (void)snprintf(escape, sizeof escape, "\\u%04" PRIx32, code_point);
    else
        (void)snprintf(escape, sizeof escape, "\\U%08" PRIx32, code_point);
    return um_buf_append(buf, um_span_text(escape));
}

int
um_safe_text_append(struct um_buf *buf, struct um_span text, bool utf8)
{
    int err = um_buf_reserve(buf, text.len);
    while (text.len > 0 && !err) {
        size_t plain = um_utf8_printable(text);
        struct um_span rest = um_span_from(text, plain);
        uint32_t code_point = plain > 0 ? ' ' : um_utf8_next(&rest);
        if (um_safe_text_is_harmful(code_point) || code_point == UM_UTF8_BAD ||
            (code_point >= 0x80 && !utf8))
            err = append_escape(buf, code_point, text.data[0]);
        else
            err = um_buf_append(buf, um_span_first(text, text.len - rest.len));
        text = rest;
    }
    return err;
}
