/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One text that is rewritten for --redact: what is put there, as it is or as a pseudonym. Errors
 * stick, and um_rewriting_finish tells them. Knows values, not the texts that they stand in.
 */
#ifndef UM_OFFLINE_REWRITING_H
#define UM_OFFLINE_REWRITING_H

#include <string.h>

#include "core/base/buf.h"
#include "core/base/endpoint.h"
#include "offline/scrub.h"
#include "offline/scrub_words.h"

/* Zeroed but for `scrub`, it is an empty text. */
struct um_rewriting {
    struct um_scrub *scrub;
    struct um_buf out;
    int err;
};

/* Adds a text as it is. */
void um_rewriting_put(struct um_rewriting *rewriting, struct um_span text);

/* Ends the rewriting: 0 and the text, which lives as long as the scrub, or UM_ERR_NOMEM. */
int um_rewriting_finish(struct um_rewriting *rewriting, struct um_span *out);

/* Every part of a name is private from now on: "alice.smith" is also "alice" and "smith". */
void um_rewriting_learn(struct um_rewriting *rewriting, struct um_span name);

/* True for a word that was learnt, in any case. */
bool um_rewriting_is_private(struct um_rewriting *rewriting, struct um_span word);

/* Each adds the pseudonym of a value; those of people and hosts are learnt. */
void um_rewriting_word(struct um_rewriting *rewriting, const char *kind, struct um_span value);
void um_rewriting_person(struct um_rewriting *rewriting, const char *kind, struct um_span value);
void um_rewriting_host(struct um_rewriting *rewriting, struct um_span host);

enum um_rewriting_address {
    UM_REWRITING_ADDRESS_NONE,
    UM_REWRITING_ADDRESS_ALONE,
    UM_REWRITING_ADDRESS_WITH_PORT
};

/* "10.0.0.1", "2001:db8::1" and "[2001:db8::1]:443". */
enum um_rewriting_address um_rewriting_parse_address(struct um_span word, struct um_endpoint *out);

/* Adds another address in its place; false, and nothing added, when it is none. */
bool um_rewriting_address(struct um_rewriting *rewriting, struct um_span word);

/* An id of a known form with another server in it; false, and nothing added, when it is of none. */
bool um_rewriting_call_id(struct um_rewriting *rewriting, struct um_span text);

static inline bool
um_rewriting_has(struct um_span word, uint8_t c)
{
    return um_span_find(word, c) < word.len;
}

static inline bool
um_rewriting_is_any_of(uint8_t c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

static inline bool
um_rewriting_is_decimal(struct um_span text)
{
    return text.len > 0 && um_scrub_words_digits(text) == text.len;
}

#endif
