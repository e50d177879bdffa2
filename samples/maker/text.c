/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "samples/maker/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

char *
um_text_read(struct um_pool *pool, const char *path)
{
    struct um_place place = {.file = path};
    struct um_bytes text = {.pool = pool};
    char block[4096];
    FILE *file = fopen(path, "rb");
    if (!file)
        um_place_die(&place, "%s", strerror(errno));
    for (size_t got; (got = fread(block, 1, sizeof block, file)) > 0;)
        um_bytes_add(&text, block, got);
    if (ferror(file))
        um_place_die(&place, "cannot be read");
    fclose(file);
    if (text.len > 0 && memchr(text.data, 0, text.len))
        um_place_die(&place, "holds a zero byte: no dialogue");
    return um_pool_copy(pool, (const char *)text.data, text.len);
}

char *
um_text_skip_blanks(char *text)
{
    while (isblank((unsigned char)*text))
        text++;
    return text;
}

char *
um_text_take_word(char **rest)
{
    char *word = um_text_skip_blanks(*rest);
    size_t len = strcspn(word, " \t");
    *rest = um_text_skip_blanks(word + len);
    word[len] = 0;
    return word;
}

bool
um_text_starts_with(const char *text, const char *word)
{
    size_t len = strlen(word);
    return strncmp(text, word, len) == 0 && (text[len] == 0 || isblank((unsigned char)text[len]));
}

static int
hex_digit(char c)
{
    const char *digits = "0123456789abcdef";
    const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* Adds the byte that the escape behind a backslash stands for; the length of the escape. */
static size_t
add_escape(const struct um_place *place, const char *text, struct um_bytes *out)
{
    static const char names[] = "rnt\\", values[] = "\r\n\t\\";
    const char *at = *text ? strchr(names, *text) : NULL;
    if (at) {
        um_bytes_u8(out, (unsigned char)values[at - names]);
        return 1;
    }
    int high = *text == 'x' ? hex_digit(text[1]) : -1;
    int low = high >= 0 ? hex_digit(text[2]) : -1;
    if (low < 0)
        um_place_die(place, "an escape is \\r, \\n, \\t, \\\\ or \\xHH");
    um_bytes_u8(out, (unsigned)(high * 16 + low));
    return 3;
}

void
um_text_unescape(const struct um_place *place, const char *text, struct um_bytes *out)
{
    while (*text) {
        if (*text == '\\')
            text += 1 + add_escape(place, text + 1, out);
        else
            um_bytes_add(out, text++, 1);
    }
}
