/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Texts in which something private may stand: fault texts, request targets and the like. What is
 * surely harmless stays (plain lower-case words, known names of the service, short numbers), the
 * rest becomes pseudonyms word by word: addresses of mail, hosts, users, numbers, names. Rather a
 * word too many than one too few. Words that were once found to be private are so everywhere.
 */
#ifndef UM_OFFLINE_SCRUB_H
#define UM_OFFLINE_SCRUB_H

#include "offline/pseudonym.h"

/* Zeroed but for `pseudonyms`, it is ready. */
struct um_scrub {
    struct um_pseudonyms *pseudonyms;
    struct um_symbols private_words; /* lower case */
    struct um_arena texts;           /* given out */
};

void um_scrub_done(struct um_scrub *scrub);

/* A sentence. Texts given out live as long as `scrub`. 0 or UM_ERR_NOMEM, as all of these. */
int um_scrub_text(struct um_scrub *scrub, struct um_span text, struct um_span *out);

/* A request target: "/EWS/alice@example.com?x=1", also with scheme and host, or host and port. */
int um_scrub_target(struct um_scrub *scrub, struct um_span target, struct um_span *out);

/* A host name. */
int um_scrub_host(struct um_scrub *scrub, struct um_span host, struct um_span *out);

/* A number that was dialled, or what stands in its place. */
int um_scrub_number(struct um_scrub *scrub, struct um_span number, struct um_span *out);

/* A CallId as sent: the GUID stays, the server in it becomes another, an opaque one a pseudonym. */
int um_scrub_call_id(struct um_scrub *scrub, struct um_span id, struct um_span *out);

/* A code of the protocol: "InvalidCallIdException" stays, what is no plain name does not. */
int um_scrub_name(struct um_scrub *scrub, struct um_span name, struct um_span *out);

#endif
