/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts are taken apart into words and what is between them; each word is kept or replaced. */
#include "offline/scrub.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/um/call_id.h"
#include "offline/scrub_words.h"

enum {
    LEARN_MIN = 3,     /* shorter words stand for themselves only */
    SHORT_DIGITS = 3,  /* a status, a count: nobody's number */
    NUMBER_DIGITS = 5, /* of digits in groups */
    CALL_ID_MIN = 48,  /* base64 of a GUID alone */
};

/* One text that is rewritten. */
struct rewriting {
    struct um_scrub *scrub;
    struct um_buf out;
    int err; /* sticky */
};

void
um_scrub_done(struct um_scrub *scrub)
{
    um_symbols_done(&scrub->private_words);
    um_arena_done(&scrub->texts);
}

static void
put(struct rewriting *rewriting, struct um_span text)
{
    if (!rewriting->err)
        rewriting->err = um_buf_append(&rewriting->out, text);
}

/* Ends the rewriting: the text, or what went wrong. */
static int
finish(struct rewriting *rewriting, struct um_span *out)
{
    int err = rewriting->err;
    if (!err)
        err = um_arena_copy(&rewriting->scrub->texts, um_buf_span(&rewriting->out), out);
    um_buf_done(&rewriting->out);
    return err;
}

static bool
is_any_of(uint8_t c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* ---- private words ---- */

static bool
has(struct um_span word, uint8_t c)
{
    return um_span_find(word, c) < word.len;
}

static int
fold(struct um_span word, struct um_buf *out)
{
    int err = UM_OK;
    for (size_t i = 0; i < word.len && !err; i++) {
        uint8_t c = word.data[i];
        if (c >= 'A' && c <= 'Z')
            c = (uint8_t)(c - 'A' + 'a');
        err = um_buf_append(out, um_span_of(&c, 1));
    }
    return err;
}

int
um_scrub_learn(struct um_scrub *scrub, struct um_span word)
{
    struct um_buf folded = {0};
    if (word.len < LEARN_MIN || um_scrub_words_known(word) || um_scrub_words_in_target(word))
        return UM_OK;
    int err = fold(word, &folded);
    if (!err)
        err = um_symbols_add(&scrub->private_words, um_buf_span(&folded), NULL, NULL);
    um_buf_done(&folded);
    return err;
}

static bool
is_private(struct rewriting *rewriting, struct um_span word)
{
    struct um_buf folded = {0};
    int err = fold(word, &folded);
    if (err)
        rewriting->err = err;
    bool is = um_symbols_has(&rewriting->scrub->private_words, um_buf_span(&folded));
    um_buf_done(&folded);
    return is;
}

/* Learns every part of a name: "alice.smith" is also "alice" and "smith". */
static void
learn_parts(struct rewriting *rewriting, struct um_span name)
{
    size_t begin = 0;
    for (size_t i = 0; i <= name.len && !rewriting->err; i++) {
        if (i < name.len && !is_any_of(name.data[i], "._-@\\"))
            continue;
        rewriting->err = um_scrub_learn(rewriting->scrub, um_span_of(name.data + begin, i - begin));
        begin = i + 1;
    }
    if (!rewriting->err)
        rewriting->err = um_scrub_learn(rewriting->scrub, name);
}

/* ---- values of one kind ---- */

static void
put_word(struct rewriting *rewriting, const char *kind, struct um_span value)
{
    struct um_span word;
    if (!rewriting->err)
        rewriting->err = um_pseudonym_word(rewriting->scrub->pseudonyms, kind, value, &word);
    if (!rewriting->err)
        put(rewriting, word);
}

static void
put_person(struct rewriting *rewriting, const char *kind, struct um_span value)
{
    struct um_buf folded = {0};
    learn_parts(rewriting, um_span_first(value, um_span_find(value, '@')));
    if (!rewriting->err)
        rewriting->err = fold(value, &folded);
    put_word(rewriting, kind, um_buf_span(&folded));
    um_buf_done(&folded);
}

static void
put_host(struct rewriting *rewriting, struct um_span host)
{
    struct um_span word;
    learn_parts(rewriting, um_span_first(host, um_span_find(host, '.')));
    if (!rewriting->err)
        rewriting->err = um_pseudonym_host(rewriting->scrub->pseudonyms, host, &word);
    if (!rewriting->err)
        put(rewriting, word);
}

enum address { ADDRESS_NONE, ADDRESS_ALONE, ADDRESS_WITH_PORT };

/* "10.0.0.1", "2001:db8::1" and "[2001:db8::1]:443". */
static enum address
parse_address(struct um_span word, struct um_endpoint *out)
{
    char text[UM_ENDPOINT_TEXT_MAX];
    if (word.len > sizeof text - 5 || um_span_equal(word, um_span_text("?")))
        return ADDRESS_NONE;
    if (um_endpoint_parse(word, out))
        return ADDRESS_WITH_PORT;
    bool is_bare_v6 = has(word, ':') && !has(word, '[');
    (void)snprintf(text, sizeof text, is_bare_v6 ? "[%.*s]:0" : "%.*s:0", (int)word.len,
                   (const char *)word.data);
    return um_endpoint_parse(um_span_text(text), out) ? ADDRESS_ALONE : ADDRESS_NONE;
}

/* False when it is none. */
static bool
put_address(struct rewriting *rewriting, struct um_span word)
{
    char text[UM_ENDPOINT_TEXT_MAX];
    struct um_endpoint endpoint;
    enum address kind = parse_address(word, &endpoint);
    if (kind == ADDRESS_NONE)
        return false;
    if (!rewriting->err)
        rewriting->err = um_pseudonym_address(rewriting->scrub->pseudonyms, &endpoint);
    struct um_span shown = um_span_text(um_endpoint_text(&endpoint, text));
    if (kind == ADDRESS_ALONE) /* without ":0" */
        shown.len -= 2;
    if (kind == ADDRESS_ALONE && !has(word, '[') && has(shown, '['))
        shown = um_span_of(shown.data + 1, shown.len - 2);
    put(rewriting, shown);
    return true;
}

static const char base64_letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void
put_base64(struct rewriting *rewriting, struct um_span bytes)
{
    for (size_t i = 0; i < bytes.len; i += 3) {
        struct um_span three = um_span_first(um_span_from(bytes, i), 3);
        uint32_t bits = (uint32_t)three.data[0] << 16;
        bits |= three.len > 1 ? (uint32_t)three.data[1] << 8 : 0;
        bits |= three.len > 2 ? three.data[2] : 0;
        char four[4] = {'=', '=', '=', '='};
        for (size_t k = 0; k <= three.len; k++)
            four[k] = base64_letters[bits >> (18 - 6 * k) & 63];
        put(rewriting, um_span_of(four, sizeof four));
    }
}

/* An id of a known form with another server in it; false when it is of none. */
static bool
put_call_id(struct rewriting *rewriting, struct um_span text)
{
    struct um_call_id id = {.separator = 0};
    struct um_arena scratch = {0};
    struct rewriting plain = {.scrub = rewriting->scrub};
    int err = um_call_id_parse(text, &scratch, &id);
    if (err)
        rewriting->err = err;
    bool is_known = !err && id.separator != 0;
    if (is_known) {
        put(&plain, um_span_first(id.plain, UM_GUID_LEN + 1));
        put_host(&plain, id.server);
        put_base64(rewriting, um_buf_span(&plain.out));
        if (plain.err)
            rewriting->err = plain.err;
    }
    um_buf_done(&plain.out);
    um_arena_done(&scratch);
    return is_known;
}

/* ---- targets ---- */

static bool
is_decimal(struct um_span text)
{
    return text.len > 0 && um_scrub_words_digits(text) == text.len;
}

/* host, host:port, user@host:port */
static void
put_authority(struct rewriting *rewriting, struct um_span authority)
{
    size_t at = um_span_find(authority, '@');
    if (at < authority.len) {
        put_person(rewriting, "user", um_span_first(authority, at));
        put(rewriting, um_span_text("@"));
        authority = um_span_from(authority, at + 1);
    }
    if (authority.len == 0 || put_address(rewriting, authority))
        return;
    size_t colon = um_span_find(authority, ':');
    struct um_span port = um_span_from(authority, colon + 1);
    bool has_port = is_decimal(port) && port.len <= 5;
    put_host(rewriting, has_port ? um_span_first(authority, colon) : authority);
    if (has_port)
        put(rewriting, um_span_from(authority, colon));
}

static void
put_part(struct rewriting *rewriting, struct um_span part)
{
    if (part.len == 0 || (um_scrub_words_in_target(part) && !is_private(rewriting, part)))
        put(rewriting, part);
    else if (um_span_find(part, '@') < part.len)
        put_person(rewriting, "mailbox", part);
    else
        put_word(rewriting, "part", part);
}

/* Parts with separators between them. */
static void
put_parts(struct rewriting *rewriting, struct um_span text)
{
    size_t begin = 0;
    for (size_t i = 0; i <= text.len; i++) {
        if (i < text.len && !is_any_of(text.data[i], "/?&=#;"))
            continue;
        put_part(rewriting, um_span_of(text.data + begin, i - begin));
        if (i < text.len)
            put(rewriting, um_span_of(text.data + i, 1));
        begin = i + 1;
    }
}

static void
put_target(struct rewriting *rewriting, struct um_span target)
{
    size_t scheme = um_span_search(target, um_span_text("://"));
    if (scheme < target.len) {
        struct um_span name = um_span_first(target, scheme);
        struct um_span rest = um_span_from(target, scheme + 3);
        size_t end = 0;
        while (end < rest.len && !is_any_of(rest.data[end], "/?#"))
            end++;
        if (um_scrub_words_known(name))
            put(rewriting, name);
        else
            put_word(rewriting, "part", name);
        put(rewriting, um_span_text("://"));
        put_authority(rewriting, um_span_first(rest, end));
        put_parts(rewriting, um_span_from(rest, end));
        return;
    }
    size_t colon = um_span_find(target, ':');
    if (um_span_find(target, '/') == target.len && is_decimal(um_span_from(target, colon + 1)))
        put_authority(rewriting, target); /* of CONNECT */
    else if (um_span_equal(target, um_span_text("*")))
        put(rewriting, target);
    else
        put_parts(rewriting, target);
}

/* ---- sentences ---- */

static bool
is_of_word(uint8_t c)
{
    bool is_alnum = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    return is_alnum || c >= 0x80 || is_any_of(c, "@._%+-\\/:~#&$[]");
}

/* What stands before a word. */
struct place {
    bool begins_sentence;
    bool is_suspicious; /* in quotes, behind '=' or a word that announces something private */
};

static bool
may_stay(struct rewriting *rewriting, struct um_span word, const struct place *place)
{
    bool has_letter = um_scrub_words_has_letter(word);
    if (is_private(rewriting, word))
        return false;
    if (!has_letter)
        return um_scrub_words_digits(word) <= SHORT_DIGITS;
    if (um_scrub_words_known(word) || um_scrub_words_protocol(word))
        return true;
    if (place->is_suspicious)
        return false;
    return um_scrub_words_small(word) ||
           (place->begins_sentence && um_scrub_words_capitalised(word));
}

static void
put_sentence_word(struct rewriting *rewriting, struct um_span word, const struct place *place)
{
    if (may_stay(rewriting, word, place))
        put(rewriting, word);
    else if ((word.len >= CALL_ID_MIN && put_call_id(rewriting, word)) ||
             put_address(rewriting, word))
        return;
    else if (um_span_search(word, um_span_text("://")) < word.len)
        put_target(rewriting, word);
    else if (has(word, '@'))
        put_person(rewriting, "mailbox", word);
    else if (has(word, '\\'))
        put_person(rewriting, "user", word);
    else if (has(word, '/'))
        put_parts(rewriting, word);
    else if (!um_scrub_words_has_letter(word))
        put_word(rewriting, "number", word);
    else if (has(word, '.'))
        put_authority(rewriting, word);
    else
        put_word(rewriting, "word", word);
}

/* "+1 (425) 555-0123": digits in groups, as many bytes as belong together; 0: they are no number.
 */
static size_t
number_length(struct um_span text)
{
    size_t digits = 0, end = 0, i = 0;
    while (i < text.len &&
           (is_decimal(um_span_of(text.data + i, 1)) || is_any_of(text.data[i], "+() -./"))) {
        if (is_decimal(um_span_of(text.data + i, 1))) {
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
    const char *marks = has(word, '[') ? ".:-/&#" : ".:-/&#]";
    while (word.len > 0 && is_any_of(word.data[word.len - 1], marks))
        word.len--;
    return word;
}

/* A bracket opens a word only where an address of IPv6 stands in it. */
static bool
opens_no_word(struct um_span word)
{
    struct um_endpoint unused;
    return word.len > 0 && word.data[0] == '[' && parse_address(word, &unused) == ADDRESS_NONE;
}

static void
look_back(struct um_span between, struct um_span before, struct place *place)
{
    place->is_suspicious = um_scrub_words_announce(before) || has(between, '\'') ||
                           has(between, '"') || has(between, '=') || has(between, '<');
    place->begins_sentence =
        place->begins_sentence || has(between, '.') || has(between, '!') || has(between, '?');
}

static void
put_sentence(struct rewriting *rewriting, struct um_span text)
{
    struct place place = {.begins_sentence = true};
    struct um_span before = um_span_of(NULL, 0);
    while (text.len > 0 && !rewriting->err) {
        size_t between = 0, len = 0;
        while (between < text.len && (!is_of_word(text.data[between]) ||
                                      without_marks(um_span_of(text.data + between, 1)).len == 0))
            between++;
        look_back(um_span_first(text, between), before, &place);
        put(rewriting, um_span_first(text, between));
        text = um_span_from(text, between);
        while (len < text.len && is_of_word(text.data[len]))
            len++;
        while (len >= CALL_ID_MIN && len < text.len && text.data[len] == '=')
            len++;
        struct um_span word = without_marks(um_span_first(text, len));
        if (opens_no_word(word)) {
            put(rewriting, um_span_first(text, 1));
            text = um_span_from(text, 1);
            continue;
        }
        struct um_endpoint address;
        size_t number = parse_address(word, &address) != ADDRESS_NONE ? 0 : number_length(text);
        if (number > 0) {
            word = um_span_first(text, number);
            put_word(rewriting, "number", word);
        } else if (word.len > 0) {
            put_sentence_word(rewriting, word, &place);
        }
        text = um_span_from(text, word.len);
        before = word;
        place.begins_sentence = false;
    }
}

/* ---- the door ---- */

int
um_scrub_text(struct um_scrub *scrub, struct um_span text, struct um_span *out)
{
    struct rewriting rewriting = {.scrub = scrub};
    put_sentence(&rewriting, text);
    return finish(&rewriting, out);
}

int
um_scrub_target(struct um_scrub *scrub, struct um_span target, struct um_span *out)
{
    struct rewriting rewriting = {.scrub = scrub};
    put_target(&rewriting, target);
    return finish(&rewriting, out);
}

int
um_scrub_host(struct um_scrub *scrub, struct um_span host, struct um_span *out)
{
    struct rewriting rewriting = {.scrub = scrub};
    put_authority(&rewriting, host);
    return finish(&rewriting, out);
}

int
um_scrub_number(struct um_scrub *scrub, struct um_span number, struct um_span *out)
{
    struct rewriting rewriting = {.scrub = scrub};
    learn_parts(&rewriting, number);
    put_word(&rewriting, "number", number);
    return finish(&rewriting, out);
}

int
um_scrub_call_id(struct um_scrub *scrub, struct um_span id, struct um_span *out)
{
    struct rewriting rewriting = {.scrub = scrub};
    if (!put_call_id(&rewriting, id)) {
        learn_parts(&rewriting, id);
        put_word(&rewriting, "id", id);
    }
    return finish(&rewriting, out);
}

int
um_scrub_name(struct um_scrub *scrub, struct um_span name, struct um_span *out)
{
    struct rewriting rewriting = {.scrub = scrub};
    if (um_scrub_words_identifier(name) && !is_private(&rewriting, name))
        put(&rewriting, name);
    else
        put_sentence(&rewriting, name);
    return finish(&rewriting, out);
}
