/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of one kind, each with its pseudonym; the words in them are private everywhere. */
#include "offline/rewriting.h"

#include <stdio.h>

#include "core/base/err.h"
#include "core/um/call_id.h"
#include "offline/scrub_words.h"

enum { LEARN_MIN = 3 }; /* shorter words stand for themselves only */

void
um_rewriting_put(struct um_rewriting *rewriting, struct um_span text)
{
    if (!rewriting->err)
        rewriting->err = um_buf_append(&rewriting->out, text);
}

int
um_rewriting_finish(struct um_rewriting *rewriting, struct um_span *out)
{
    int err = rewriting->err;
    if (!err)
        err = um_arena_copy(&rewriting->scrub->texts, um_buf_span(&rewriting->out), out);
    um_buf_done(&rewriting->out);
    return err;
}

/* ---- private words ---- */

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

/* Short words are not heeded, and those that every text may hold. */
static int
learn_word(struct um_scrub *scrub, struct um_span word)
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

bool
um_rewriting_is_private(struct um_rewriting *rewriting, struct um_span word)
{
    struct um_buf folded = {0};
    int err = fold(word, &folded);
    if (err)
        rewriting->err = err;
    bool is = um_symbols_has(&rewriting->scrub->private_words, um_buf_span(&folded));
    um_buf_done(&folded);
    return is;
}

void
um_rewriting_learn(struct um_rewriting *rewriting, struct um_span name)
{
    size_t begin = 0;
    for (size_t i = 0; i <= name.len && !rewriting->err; i++) {
        if (i < name.len && !um_rewriting_is_any_of(name.data[i], "._-@\\"))
            continue;
        rewriting->err = learn_word(rewriting->scrub, um_span_of(name.data + begin, i - begin));
        begin = i + 1;
    }
    if (!rewriting->err)
        rewriting->err = learn_word(rewriting->scrub, name);
}

/* ---- values of one kind ---- */

void
um_rewriting_word(struct um_rewriting *rewriting, const char *kind, struct um_span value)
{
    struct um_span word;
    if (!rewriting->err)
        rewriting->err = um_pseudonym_word(rewriting->scrub->pseudonyms, kind, value, &word);
    if (!rewriting->err)
        um_rewriting_put(rewriting, word);
}

void
um_rewriting_person(struct um_rewriting *rewriting, const char *kind, struct um_span value)
{
    struct um_buf folded = {0};
    um_rewriting_learn(rewriting, um_span_first(value, um_span_find(value, '@')));
    if (!rewriting->err)
        rewriting->err = fold(value, &folded);
    um_rewriting_word(rewriting, kind, um_buf_span(&folded));
    um_buf_done(&folded);
}

void
um_rewriting_host(struct um_rewriting *rewriting, struct um_span host)
{
    struct um_span word;
    um_rewriting_learn(rewriting, um_span_first(host, um_span_find(host, '.')));
    if (!rewriting->err)
        rewriting->err = um_pseudonym_host(rewriting->scrub->pseudonyms, host, &word);
    if (!rewriting->err)
        um_rewriting_put(rewriting, word);
}

enum um_rewriting_address
um_rewriting_parse_address(struct um_span word, struct um_endpoint *out)
{
    char text[UM_ENDPOINT_TEXT_MAX];
    if (word.len > sizeof text - 5 || um_span_equal(word, um_span_text("?")))
        return UM_REWRITING_ADDRESS_NONE;
    if (um_endpoint_parse(word, out))
        return UM_REWRITING_ADDRESS_WITH_PORT;
    bool is_bare_v6 = um_rewriting_has(word, ':') && !um_rewriting_has(word, '[');
    (void)snprintf(text, sizeof text, is_bare_v6 ? "[%.*s]:0" : "%.*s:0", (int)word.len,
                   (const char *)word.data);
    return um_endpoint_parse(um_span_text(text), out) ? UM_REWRITING_ADDRESS_ALONE
                                                      : UM_REWRITING_ADDRESS_NONE;
}

bool
um_rewriting_address(struct um_rewriting *rewriting, struct um_span word)
{
    char text[UM_ENDPOINT_TEXT_MAX];
    struct um_endpoint endpoint;
    enum um_rewriting_address kind = um_rewriting_parse_address(word, &endpoint);
    if (kind == UM_REWRITING_ADDRESS_NONE)
        return false;
    if (!rewriting->err)
        rewriting->err = um_pseudonym_address(rewriting->scrub->pseudonyms, &endpoint);
    struct um_span shown = um_span_text(um_endpoint_text(&endpoint, text));
    if (kind == UM_REWRITING_ADDRESS_ALONE) /* without ":0" */
        shown.len -= 2;
    if (kind == UM_REWRITING_ADDRESS_ALONE && !um_rewriting_has(word, '[') &&
        um_rewriting_has(shown, '['))
        shown = um_span_of(shown.data + 1, shown.len - 2);
    um_rewriting_put(rewriting, shown);
    return true;
}

static const char base64_letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void
put_base64(struct um_rewriting *rewriting, struct um_span bytes)
{
    for (size_t i = 0; i < bytes.len; i += 3) {
        struct um_span three = um_span_first(um_span_from(bytes, i), 3);
        uint32_t bits = (uint32_t)three.data[0] << 16;
        bits |= three.len > 1 ? (uint32_t)three.data[1] << 8 : 0;
        bits |= three.len > 2 ? three.data[2] : 0;
        char four[4] = {'=', '=', '=', '='};
        for (size_t k = 0; k <= three.len; k++)
            four[k] = base64_letters[bits >> (18 - 6 * k) & 63];
        um_rewriting_put(rewriting, um_span_of(four, sizeof four));
    }
}

bool
um_rewriting_call_id(struct um_rewriting *rewriting, struct um_span text)
{
    struct um_call_id id = {.separator = 0};
    struct um_arena scratch = {0};
    struct um_rewriting plain = {.scrub = rewriting->scrub};
    int err = um_call_id_parse(text, &scratch, &id);
    if (err)
        rewriting->err = err;
    bool is_known = !err && id.separator != 0;
    if (is_known) {
        um_rewriting_put(&plain, um_span_first(id.plain, UM_GUID_LEN + 1));
        um_rewriting_host(&plain, id.server);
        put_base64(rewriting, um_buf_span(&plain.out));
        if (plain.err)
            rewriting->err = plain.err;
    }
    um_buf_done(&plain.out);
    um_arena_done(&scratch);
    return is_known;
}
