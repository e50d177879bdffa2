/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts are taken apart into words and what is between them; each word is kept or replaced. */
#include "offline/scrub_sentence.h"

#include "offline/scrub_target.h"
#include "offline/scrub_words.h"

enum {
    SHORT_DIGITS = 3,  /* a status, a count: nobody's number */
    NUMBER_DIGITS = 5, /* of digits in groups */
    CALL_ID_MIN = 48,  /* base64 of a GUID alone */
};

static bool
is_of_word(uint8_t c)
{
    bool is_alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return is_alnum || c >= 0x80 || um_rewriting_is_any_of(c, "@._%+-\\/:~#&$[]");
}

/* A word is suspicious in quotes, behind '=' or a word that announces something private. */
static bool
may_stay(struct um_rewriting *rewriting, struct um_span word, bool is_suspicious)
{
    bool has_letter = um_scrub_words_has_letter(word);
    if (um_rewriting_is_private(rewriting, word))
        return false;
    if (!has_letter)
        return um_scrub_words_digits(word) <= SHORT_DIGITS;
    if (um_scrub_words_known(word) || um_scrub_words_protocol(word))
        return true;
    return !is_suspicious && um_scrub_words_small(word);
}

static void
put_sentence_word(struct um_rewriting *rewriting, struct um_span word, bool is_suspicious)
{
    if (may_stay(rewriting, word, is_suspicious))
        um_rewriting_put(rewriting, word);
    else if ((word.len >= CALL_ID_MIN && um_rewriting_call_id(rewriting, word)) ||
             um_rewriting_address(rewriting, word))
        return;
    else if (um_span_search(word, um_span_text("://")) < word.len)
        um_scrub_target_put(rewriting, word);
    else if (um_rewriting_has(word, '@'))
        um_rewriting_person(rewriting, "mailbox", word);
    else if (um_rewriting_has(word, '\\'))
        um_rewriting_person(rewriting, "user", word);
    else if (um_rewriting_has(word, '/'))
        um_scrub_target_parts(rewriting, word);
    else if (!um_scrub_words_has_letter(word))
        um_rewriting_word(rewriting, "number", word);
    else if (um_rewriting_has(word, '.'))
        um_scrub_target_authority(rewriting, word);
    else
        um_rewriting_word(rewriting, "word", word);
}

/* "+1 (425) 555-0123": digits in groups, as many bytes as belong together; 0: they are no number.
 */
static size_t
number_length(struct um_span text)
{
    size_t digits = 0, end = 0, i = 0;
    while (i < text.len && (um_rewriting_is_decimal(um_span_of(text.data + i, 1)) ||
                            um_rewriting_is_any_of(text.data[i], "+() -./"))) {
        if (um_rewriting_is_decimal(um_span_of(text.data + i, 1))) {
            digits++;
            end = i + 1;
        }
        i++;
    }
    bool goes_on = end < text.len && end == i && is_of_word(text.data[end]);
    return digits >= NUMBER_DIGITS && !goes_on ? end : 0;
}

/* Marks at a word's end that belong to the sentence. */
static struct um_span
without_marks(struct um_span word)
{
    const char *marks = um_rewriting_has(word, '[') ? ".:-/&#" : ".:-/&#]";
    while (word.len > 0 && um_rewriting_is_any_of(word.data[word.len - 1], marks))
        word.len--;
    return word;
}

/* A bracket opens a word only where an address of IPv6 stands in it. */
static bool
opens_no_word(struct um_span word)
{
    struct um_endpoint unused;
    return word.len > 0 && word.data[0] == '[' &&
           um_rewriting_parse_address(word, &unused) == UM_REWRITING_ADDRESS_NONE;
}

static bool
makes_suspicious(struct um_span between, struct um_span before)
{
    return um_scrub_words_announce(before) || um_rewriting_has(between, '\'') ||
           um_rewriting_has(between, '"') || um_rewriting_has(between, '=') ||
           um_rewriting_has(between, '<');
}

void
um_scrub_sentence_put(struct um_rewriting *rewriting, struct um_span text)
{
    struct um_span before = um_span_of(NULL, 0);
    while (text.len > 0 && !rewriting->err) {
        size_t between = 0, len = 0;
        while (between < text.len && (!is_of_word(text.data[between]) ||
                                      without_marks(um_span_of(text.data + between, 1)).len == 0))
            between++;
        bool is_suspicious = makes_suspicious(um_span_first(text, between), before);
        um_rewriting_put(rewriting, um_span_first(text, between));
        text = um_span_from(text, between);
        while (len < text.len && is_of_word(text.data[len]))
            len++;
        while (len >= CALL_ID_MIN && len < text.len && text.data[len] == '=')
            len++;
        struct um_span word = without_marks(um_span_first(text, len));
        if (opens_no_word(word)) {
            um_rewriting_put(rewriting, um_span_first(text, 1));
            text = um_span_from(text, 1);
            continue;
        }
        struct um_endpoint address;
        size_t number = um_rewriting_parse_address(word, &address) != UM_REWRITING_ADDRESS_NONE
                            ? 0
                            : number_length(text);
        if (number > 0) {
            word = um_span_first(text, number);
            um_rewriting_word(rewriting, "number", word);
        } else if (word.len > 0) {
            put_sentence_word(rewriting, word, is_suspicious);
        }
        text = um_span_from(text, word.len);
        before = word;
    }
}
