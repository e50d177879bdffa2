/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads with a um_tls what peers said to each other, whole, in pieces or with a hole. */
#ifndef UM_TEST_READER_H
#define UM_TEST_READER_H

#include "offline/tls/tls.h"
#include "tests/tls/peers.h"

/* What came out of one direction. */
struct reader_seen {
    struct um_buf clear;
    int unwanted;        /* so many bytes behind each chunk are said to be of no use */
    uint64_t passed;     /* bytes left out */
    struct um_span said; /* by the peer: what came must be what stands there; empty: no matter */
    uint64_t gap_bytes, gap_least;
    size_t gap_at;         /* clear bytes before the first gap */
    uint64_t frame_behind; /* packet of the first clear bytes behind the last gap; 0: none yet */
    uint64_t first_frame, last_frame; /* packets that brought the last clear bytes */
    unsigned gaps, ends;
    uint64_t ahead;              /* bytes of a gap that is still to come, at most */
    enum um_gap_cause gap_cause; /* of the last */
};

struct reader {
    struct um_meter meter;
    struct um_secrets *secrets;
    struct um_tls *tls;
    struct reader_seen seen[2];
};

/* Bytes of the wire that never reach the reader. */
struct reader_hole {
    int side;
    size_t from, to;
};

/* Without secrets yet, and without a connection. 0 or UM_ERR_NOMEM, as the next two. */
int reader_init(struct reader *reader);
int reader_keys(struct reader *reader, struct um_span keylog_text);

/* A new connection of the same run. */
int reader_connect(struct reader *reader);

/* All three, where nothing may go wrong. */
void reader_open(struct reader *reader, struct um_span keylog_text);
void reader_done(struct reader *reader);

/* Gives one piece, or all and the ends, in steps of at most `step` bytes; `hole` may be NULL. */
int reader_feed_piece(struct reader *reader, const struct peers *peers,
                      const struct peers_piece *piece, size_t step, const struct reader_hole *hole,
                      uint64_t frame);
int reader_feed(struct reader *reader, const struct peers *peers, size_t step,
                const struct reader_hole *hole);

/* All was read, and nothing was wrong. */
void reader_assert_read(const struct reader *reader, const struct peers *peers);

#endif
