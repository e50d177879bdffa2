/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sentences, rewritten word by word: rather a word too many than one too few. */
#ifndef UM_OFFLINE_SCRUB_SENTENCE_H
#define UM_OFFLINE_SCRUB_SENTENCE_H

#include "offline/rewriting.h"

void um_scrub_sentence_put(struct um_rewriting *rewriting, struct um_span text);

#endif
