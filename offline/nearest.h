/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What somebody may have meant by a word that is none: the nearest of those there are. */
#ifndef UM_OFFLINE_NEAREST_H
#define UM_OFFLINE_NEAREST_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The number of letters to add, leave out, change or swap with a neighbour to make one of the other
 * (words of at most 31 bytes; longer ones are compared so far).
 */
size_t um_nearest_distance(const char *a, const char *b);

/* True when `word` may be a slip for `meant`: at most a third of its letters are wrong. */
bool um_nearest_is_slip(const char *word, const char *meant);

#endif
