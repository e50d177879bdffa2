/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Segments of one connection become bytes, acknowledgements and ends of its two directions.
 *
 * A connection whose handshake was not captured starts at a guess: the first segment's own number,
 * and what it acknowledges. For UM_LATE_PACKETS packets or UM_LATE_NS, UM_PATIENCE_PACKETS or
 * UM_PATIENCE_NS when the other side has been seen, or until that is heard to go on from there,
 * nothing is delivered: a request that the capture stored behind its reply moves the start back.
 */
#ifndef UM_NET_PAIR_H
#define UM_NET_PAIR_H

#include "offline/net/order.h"

struct um_pair {
    struct um_order order;
    unsigned settle_packets; /* while order.is_settling */
    int64_t settle_since_ns;
};

enum { UM_PAIR_START_BYTES_MAX = 64 * 1024 }; /* how far a start may be from a first segment */

/*
 * A connection that begins with a segment of direction 0. `starts` are the sequence numbers of the
 * first bytes, NULL where they are not known. Only holds until `order.is_followed` is set.
 */
void um_pair_init(struct um_pair *pair, const uint32_t *starts[2], const struct um_tcp *first,
                  struct um_mark mark);

/*
 * Takes a segment of direction `side`. `is_start`: its payload may be the beginning of a stream.
 * 0, UM_ERR_NOMEM or what a sink returned.
 */
int um_pair_take(struct um_orders *all, struct um_pair *pair, int side, const struct um_tcp *tcp,
                 const struct um_mark *mark, bool is_start);

/* Does a SYN begin another connection on the same ports? */
bool um_pair_is_replaced_by(const struct um_pair *pair, int side, const struct um_tcp *tcp);

/* After so long a silence another connection may have come to have the same ports. */
#define UM_PAIR_SILENCE_NS (10 * INT64_C(1000000000))

static inline bool
um_pair_is_silent(const struct um_pair *pair, int64_t now_ns)
{
    return um_mark_elapsed_ns(pair->order.last.time_ns, now_ns) >= UM_PAIR_SILENCE_NS;
}

/*
 * Is a segment, no SYN, behind a silence of another connection whose handshake was not captured, or
 * of this one behind more than can be told from it? Its number, or what it acknowledges, is not
 * where this one, of which the capture may lack much, can have come to.
 */
bool um_pair_is_foreign(const struct um_pair *pair, int side, const struct um_tcp *tcp);

/*
 * One side has reset it, and has sent nothing since. What the other still sends is taken, and so is
 * what that side sends: then the reset was another's, and is forgotten.
 */
bool um_pair_is_reset(const struct um_pair *pair);

/* Both directions have ended. */
bool um_pair_is_over(const struct um_pair *pair);

/* Gives up every hole and ends both directions. */
int um_pair_end(struct um_orders *all, struct um_pair *pair, enum um_end why);

#endif
