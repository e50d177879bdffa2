/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of a line: plain ones, and options as key=value or key="value with blanks". */
#ifndef UM_MAKER_WORDS_H
#define UM_MAKER_WORDS_H

#include <stdbool.h>
#include <stdint.h>

#include "samples/maker/place.h"
#include "samples/maker/pool.h"

struct um_option {
    const char *key, *value;
};

struct um_words {
    const char **plain;
    size_t plain_count;
    struct um_option *options;
    size_t option_count;
};

/* Splits `text`. An option that no verb knows is an error. */
void um_words_split(struct um_pool *pool, const struct um_place *place, const char *text,
                    struct um_words *out);

/* The plain word at `index`, or NULL. */
const char *um_words_plain(const struct um_words *words, size_t index);

/* The last option of that key, or NULL. */
const char *um_words_option(const struct um_words *words, const char *key);

/* The same as a number; `fallback` without the option, an error when it is none. */
uint32_t um_words_number(const struct um_words *words, const struct um_place *place,
                         const char *key, uint32_t fallback);

/* True when the option is a list of numbers ("2" or "2,4") that holds `number`. */
bool um_words_lists(const struct um_words *words, const struct um_place *place, const char *key,
                    uint32_t number);

/* The greatest number of such a list; 0 without the option. */
uint32_t um_words_list_max(const struct um_words *words, const struct um_place *place,
                           const char *key);

/* Decimal digits and nothing else, below 2^32. */
bool um_words_parse_number(const char *text, uint32_t *out);

/* Seconds with up to six decimals, as microseconds; may be negative. */
bool um_words_parse_seconds(const char *text, int64_t *out);

#endif
