/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/gen/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
out_of_memory(void)
{
    (void)fputs("gen: out of memory\n", stderr);
    exit(1);
}

void *
um_text_alloc(size_t len)
{
    void *data = calloc(1, len);
    if (!data)
        out_of_memory();
    return data;
}

uint8_t *
um_text_room(struct um_text *text, size_t len)
{
    if (text->len + len > text->cap) {
        text->cap = (text->len + len) * 2;
        text->data = realloc(text->data, text->cap);
        if (!text->data)
            out_of_memory();
    }
    return text->data + text->len;
}

void
um_text_free(struct um_text *text)
{
    free(text->data);
    *text = (struct um_text){0};
}

void
um_text_add(struct um_text *text, const void *data, size_t len)
{
    memcpy(um_text_room(text, len), data, len);
    text->len += len;
}

void
um_text_format(struct um_text *text, const char *format, ...)
{
    char line[2048];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof line) {
        (void)fputs("gen: a line is too long\n", stderr);
        exit(1);
    }
    um_text_add(text, line, (size_t)len);
}

void
um_text_base64(struct um_text *text, struct um_dice *dice, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t *room = um_text_room(text, len);
    for (size_t i = 0; i < len; i++)
        room[i] = (uint8_t)digits[um_dice_roll(dice) >> 26];
    text->len += len;
}
