/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The one interface between the stages: a byte stream with its holes. Every function returns 0, a
 * negative enum um_err, which is passed up unchanged, or a positive number, see below.
 */
#ifndef UM_OFFLINE_SINK_H
#define UM_OFFLINE_SINK_H

#include <limits.h>

#include "core/base/mark.h"
#include "core/base/span.h"

/* Bytes of one direction, in order. One chunk holds bytes of one segment only. */
struct um_chunk {
    struct um_span bytes; /* valid during the call */
    uint64_t offset; /* of its first byte in the direction: captured bytes and holes count, these
                        with the most they may have been */
    struct um_mark first; /* packet that brought its first byte */
    struct um_mark last;  /* packet that brought its last byte */
};

/* Why bytes are missing. */
enum um_gap_cause {
    UM_GAP_LOST,   /* never captured */
    UM_GAP_CUT,    /* the snap length cut them off */
    UM_GAP_LIMIT,  /* given up at a limit */
    UM_GAP_UNSEEN, /* never captured, as the whole direction so far */
    UM_GAP_SEALED, /* encrypted, and no secret at hand opens it */
};

/* How many bytes are missing: what is known of their number. */
struct um_missing {
    uint64_t least;
    uint64_t most; /* above 0; the same as `least` where the number is known */
};

static inline struct um_missing
um_missing_exactly(uint64_t bytes)
{
    return (struct um_missing){.least = bytes, .most = bytes};
}

/* Why a direction ends. */
enum um_end {
    UM_END_FIN,      /* the sender closed it */
    UM_END_RESET,    /* the connection was reset, by either side */
    UM_END_CAPTURE,  /* the capture ends */
    UM_END_EVICTED,  /* a limit: it is not followed any further */
    UM_END_REPLACED, /* a new connection took the same ports */
};

/*
 * From `data` or `gap`: nothing more of this direction is wanted. The stage before delivers only
 * `end` from then on and need not hold or order the rest.
 */
enum { UM_SINK_ENOUGH = INT_MAX };

/*
 * From either, another positive number: so many of the bytes that follow are of no use. The stage
 * before may leave some or all of them out, as long as it tells `passed` how many it did before it
 * calls anything else; a stage that knows no `passed` leaves out none. Of bytes behind a hole this
 * holds too, and `gap` says so again: nobody may have kept them.
 */
struct um_sink {
    void *ctx;
    int (*data)(void *ctx, const struct um_chunk *chunk);
    int (*gap)(void *ctx, struct um_missing missing, enum um_gap_cause cause,
               const struct um_mark *where);
    int (*end)(void *ctx, enum um_end why, const struct um_mark *where);   /* once, last */
    void (*passed)(void *ctx, uint64_t bytes, const struct um_mark *last); /* NULL: asks for none */
    /*
     * Bytes are missing, at most so many: `gap` will tell how many before anything else of this
     * direction comes, but the other one goes on meanwhile. NULL: not wanted.
     */
    int (*gap_ahead)(void *ctx, uint64_t most, enum um_gap_cause cause);
};

#endif
