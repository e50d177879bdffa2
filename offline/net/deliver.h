/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way of one connection's bytes to its sinks: which direction may go on, cause before effect,
 * and how what is missing is given up. When it is, others decide (patience.h, order.h).
 */
#ifndef UM_NET_DELIVER_H
#define UM_NET_DELIVER_H

#include "offline/net/order.h"

/* Does a segment of `side` acknowledge bytes that have not been delivered? */
bool um_deliver_has_to_wait(const struct um_order *order, int side, uint64_t ack);

/* The side whose first held piece came first; one that holds nothing comes last. */
int um_deliver_earlier_side(const struct um_order *order);

/* Is the first held piece of that side the next, and what it acknowledges delivered? */
bool um_deliver_may_step(const struct um_order *order, int side);

/* Below: 0, UM_ERR_NOMEM or what a sink returned. */

/* All that may go on. A direction that has ended is not waited for any more. */
int um_deliver(struct um_orders *all, struct um_order *order);

/* Missing bytes up to `position`: told to the sink, and counted when they are a loss. */
int um_deliver_give_up(struct um_orders *all, struct um_order *order, int side, uint64_t position,
                       enum um_gap_cause cause, const struct um_mark *where);

/* Gives up the first hole of a direction as far as it is known to be one, not beyond `limit`. */
int um_deliver_give_up_hole(struct um_orders *all, struct um_order *order, int side, uint64_t limit,
                            enum um_gap_cause cause);

/* A side of which there was no packet does not come. */
int um_deliver_wait_no_more(struct um_orders *all, struct um_order *order, int side);

#endif
