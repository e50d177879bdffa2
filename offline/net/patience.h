/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long a hole is waited for that the other side has filled: the capture has its chance to do
 * the same (decision 9). Holes that nobody acknowledged are not its business.
 */
#ifndef UM_NET_PATIENCE_H
#define UM_NET_PATIENCE_H

#include "offline/net/order.h"

/* Has what is missing had its time? It is longer while its whole direction may be late. */
static inline bool
um_patience_is_over(bool may_be_late, unsigned packets, int64_t waited_ns)
{
    return packets >= (may_be_late ? UM_LATE_PACKETS : UM_PATIENCE_PACKETS) ||
           waited_ns >= (may_be_late ? UM_LATE_NS : UM_PATIENCE_NS);
}

/* Behind a packet of the connection. 0, UM_ERR_NOMEM or what a sink returned; so below. */
int um_patience_ask(struct um_orders *all, struct um_order *order, int side);

/* The connection whose hole on that side has waited longest, when its time is over; else NULL, and
 * all->due_ns is not after it. */
struct um_order *um_patience_first_over(struct um_orders *all, int side, int64_t now_ns);

/* The capture has had its chance to bring what is missing. */
int um_patience_run_out(struct um_orders *all, struct um_order *order, int side, int64_t now_ns);

#endif
