/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kind of word is it? Told from its letters and from lists of known words. Pure. */
#ifndef UM_OFFLINE_SCRUB_WORDS_H
#define UM_OFFLINE_SCRUB_WORDS_H

#include "core/base/span.h"

/* Common words of sentences, and words of the service, of HTTP and of SIP, in any case. */
bool um_scrub_words_known(struct um_span word);

/* Words behind which something private is likely to follow: "mailbox", "user", "for". */
bool um_scrub_words_announce(struct um_span word);

/* Parts of request targets that every installation has: "EWS", "Exchange.asmx". */
bool um_scrub_words_in_target(struct um_span part);

/* Letters and digits behind a capital, as names in programs are written. */
bool um_scrub_words_identifier(struct um_span word);

/* A name of the protocol, letters and digits only: an operation, "...Exception", "Error...". */
bool um_scrub_words_protocol(struct um_span word);

/* Letters of ASCII, all small, and hyphens or apostrophes between them. */
bool um_scrub_words_small(struct um_span word);

/* Digits in it. */
size_t um_scrub_words_digits(struct um_span word);

/* It has a letter, or a byte beyond ASCII. */
bool um_scrub_words_has_letter(struct um_span word);

#endif
