/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bytes of one message as its segments bring them: in any order, twice, with holes. What comes
 * first counts. Pure: knows neither Wireshark nor HTTP.
 */
#ifndef UM_PLUGIN_PIECES_H
#define UM_PLUGIN_PIECES_H

#include "core/base/buf.h"

enum {
    UMWS_PIECES_RANGES = 16,      /* separate pieces; what would make one more is left out */
    UMWS_PIECES_KEPT = 64 * 1024, /* bytes; those behind are noted, but not kept */
};

struct umws_piece {
    uint64_t from, to; /* [from, to) */
};

/* Zeroed: nothing came yet. */
struct umws_pieces {
    struct um_buf bytes;                          /* of all pieces; anything may stand in a hole */
    struct umws_piece ranges[UMWS_PIECES_RANGES]; /* in order, apart from each other */
    size_t count;
};

/* Adds what was not there. 0 or UM_ERR_NOMEM. */
int umws_pieces_put(struct umws_pieces *pieces, uint64_t at, struct um_span bytes);

/* Are all the `len` bytes at `at` there, and is it more than none? */
bool umws_pieces_has(const struct umws_pieces *pieces, uint64_t at, uint64_t len);

/* How many bytes there are before the first hole. */
uint64_t umws_pieces_whole(const struct umws_pieces *pieces);

/* Those of them that were kept. Valid until more is put. */
struct um_span umws_pieces_prefix(const struct umws_pieces *pieces);

/* Frees all; nothing came yet, as it were. */
void umws_pieces_done(struct umws_pieces *pieces);

#endif
