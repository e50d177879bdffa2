/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "samples/maker/words.h"

#include <ctype.h>
#include <string.h>

static const char *const keys[] = {
    "action",   "call",   "charset",  "chunked", "coding",    "cut",     "dial",     "entry",
    "field",    "form",   "host",     "item",    "lose",      "late",    "length",   "method",
    "only",     "heeded", "pace",     "packing", "namespace", "segment", "sequence", "sip-code",
    "sip-text", "status", "envelope", "target",  "text",      "twice",   "type",     "value",
};

static bool
is_key(const char *text, size_t len)
{
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (strlen(keys[i]) == len && memcmp(keys[i], text, len) == 0)
            return true;
    }
    return false;
}

/* The length of the word at `text`: up to a blank that stands outside quotes. */
static size_t
word_length(const struct um_place *place, const char *text)
{
    bool quoted = false;
    size_t len = 0;
    while (text[len] && (quoted || !isblank((unsigned char)text[len])))
        quoted ^= text[len++] == '"';
    if (quoted)
        um_place_die(place, "a quote is not closed: %s", text);
    return len;
}

static char *
without_quotes(struct um_pool *pool, const char *text, size_t len)
{
    char *out = um_pool_array(pool, len + 1, 1);
    size_t kept = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] != '"')
            out[kept++] = text[i];
    }
    return out;
}

static void
add_word(struct um_pool *pool, const struct um_place *place, const char *text, size_t len,
         struct um_words *out)
{
    const char *equals = memchr(text, '=', len);
    if (!equals || text[0] == '"') {
        out->plain = um_pool_grow(pool, out->plain, out->plain_count, sizeof *out->plain);
        out->plain[out->plain_count++] = without_quotes(pool, text, len);
        return;
    }
    size_t key_len = (size_t)(equals - text);
    if (!is_key(text, key_len))
        um_place_die(place, "no such option: %.*s", (int)key_len, text);
    out->options = um_pool_grow(pool, out->options, out->option_count, sizeof *out->options);
    out->options[out->option_count++] =
        (struct um_option){.key = um_pool_copy(pool, text, key_len),
                           .value = without_quotes(pool, equals + 1, len - key_len - 1)};
}

void
um_words_split(struct um_pool *pool, const struct um_place *place, const char *text,
               struct um_words *out)
{
    *out = (struct um_words){0};
    for (;;) {
        while (isblank((unsigned char)*text))
            text++;
        size_t len = word_length(place, text);
        if (len == 0)
            return;
        add_word(pool, place, text, len, out);
        text += len;
    }
}

const char *
um_words_plain(const struct um_words *words, size_t index)
{
    return index < words->plain_count ? words->plain[index] : NULL;
}

const char *
um_words_option(const struct um_words *words, const char *key)
{
    for (size_t i = words->option_count; i > 0; i--) {
        if (strcmp(words->options[i - 1].key, key) == 0)
            return words->options[i - 1].value;
    }
    return NULL;
}

bool
um_words_parse_number(const char *text, uint32_t *out)
{
    uint64_t value = 0;
    size_t len = strspn(text, "0123456789");
    if (len == 0 || len > 10 || text[len])
        return false;
    for (size_t i = 0; i < len; i++)
        value = value * 10 + (uint64_t)(text[i] - '0');
    if (value > UINT32_MAX)
        return false;
    *out = (uint32_t)value;
    return true;
}

uint32_t
um_words_number(const struct um_words *words, const struct um_place *place, const char *key,
                uint32_t fallback)
{
    const char *text = um_words_option(words, key);
    uint32_t value = fallback;
    if (text && !um_words_parse_number(text, &value))
        um_place_die(place, "%s wants a number, not %s", key, text);
    return value;
}

/* Takes the next number off a list; false at its end. */
static bool
next_number(const struct um_place *place, const char *key, const char **list, uint32_t *out)
{
    size_t len = *list ? strcspn(*list, ",") : 0;
    char digits[16] = {0};
    if (len == 0 && !(*list && **list))
        return false;
    if (len < sizeof digits)
        memcpy(digits, *list, len);
    if (!um_words_parse_number(digits, out) || *out == 0)
        um_place_die(place, "%s wants numbers from 1 on with commas between, not %s", key, *list);
    *list += (*list)[len] ? len + 1 : len;
    return true;
}

bool
um_words_lists(const struct um_words *words, const struct um_place *place, const char *key,
               uint32_t number)
{
    const char *list = um_words_option(words, key);
    for (uint32_t value; next_number(place, key, &list, &value);) {
        if (value == number)
            return true;
    }
    return false;
}

uint32_t
um_words_list_max(const struct um_words *words, const struct um_place *place, const char *key)
{
    const char *list = um_words_option(words, key);
    uint32_t max = 0;
    for (uint32_t value; next_number(place, key, &list, &value);)
        max = value > max ? value : max;
    return max;
}

bool
um_words_parse_seconds(const char *text, int64_t *out)
{
    bool negative = *text == '-';
    const char *whole = text + (negative ? 1 : 0);
    size_t whole_len = strspn(whole, "0123456789");
    const char *rest = whole + whole_len;
    size_t decimals = *rest == '.' ? strspn(rest + 1, "0123456789") : 0;
    if (whole_len == 0 || whole_len > 9 || decimals > 6 || rest[decimals ? decimals + 1 : 0])
        return false;
    int64_t value = 0;
    for (size_t i = 0; i < whole_len; i++)
        value = value * 10 + (whole[i] - '0');
    for (size_t i = 0; i < 6; i++)
        value = value * 10 + (i < decimals ? rest[1 + i] - '0' : 0);
    *out = negative ? -value : value;
    return true;
}
