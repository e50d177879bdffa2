/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text as a dialogue is written in it: files, words between blanks, escapes. */
#ifndef UM_MAKER_TEXT_H
#define UM_MAKER_TEXT_H

#include <stdbool.h>

#include "samples/maker/bytes.h"
#include "samples/maker/place.h"

/* The whole file, a zero byte behind it. One that cannot be read or holds a zero byte is an error.
 */
char *um_text_read(struct um_pool *pool, const char *path);

char *um_text_skip_blanks(char *text);

/* Cuts the next word off `rest`, which then begins behind the blanks; empty at the end. */
char *um_text_take_word(char **rest);

/* True when `word` stands at the beginning, and a blank or nothing behind it. */
bool um_text_starts_with(const char *text, const char *word);

/* Adds `text` with its escapes turned into bytes: \r \n \t \\ \xHH; others are an error. */
void um_text_unescape(const struct um_place *place, const char *text, struct um_bytes *out);

#endif
