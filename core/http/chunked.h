/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The chunked transfer coding, undone piece by piece. Pure: keeps a place, no bytes. Chunk
 * extensions and trailer fields are read past. Lines may end with a bare LF.
 * Source: RFC 9112 section 7.1.
 */
#ifndef UM_HTTP_CHUNKED_H
#define UM_HTTP_CHUNKED_H

#include "core/base/err.h"
#include "core/base/span.h"

enum um_chunked_place {
    UM_CHUNKED_SIZE_FIRST, /* before the first digit of a chunk's size */
    UM_CHUNKED_SIZE,       /* after a digit */
    UM_CHUNKED_EXTENSION,  /* behind the size, up to the line's end */
    UM_CHUNKED_DATA,
    UM_CHUNKED_DATA_END,      /* the line end behind the data */
    UM_CHUNKED_TRAILER_FIRST, /* at the beginning of a line of the trailer section */
    UM_CHUNKED_TRAILER,       /* inside such a line */
    UM_CHUNKED_OVER,
};

/* A zeroed one is at the beginning of a body. */
struct um_chunked {
    enum um_chunked_place place;
    uint64_t left; /* data bytes of the chunk still to come; while reading the size: its value */
};

/*
 * Reads on from `input` and moves it past what was read. UM_MORE: `data` is the next piece of the
 * body (a view into the input; empty when the input ended without one): call again while input is
 * left. UM_DONE: the body is over, `input` begins with what follows it. UM_BAD: no chunked body.
 */
enum um_step um_chunked_next(struct um_chunked *chunked, struct um_span *input,
                             struct um_span *data);

/* `missing` bytes were lost here: true when they were all data of one chunk, so that the place is
 * still known. */
bool um_chunked_gap(struct um_chunked *chunked, uint64_t missing);

/* True when all data was read, whatever is missing of the trailer section. */
bool um_chunked_has_all_data(const struct um_chunked *chunked);

#endif
