/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two directions of a connection: which of them goes on, and when a hole is given up.
 *
 * Cause before effect. A segment waits until what it acknowledges has been delivered or given up,
 * so that a reply that the capture stored before its request, or whose request it lost, comes after
 * it all the same. A direction of which there was no packet is waited for once, UM_LATE_NS: of two
 * captures whose clocks differ it comes late as a whole. Nothing is given up then.
 *
 * Giving up. Bytes the other side has acknowledged were there: when UM_PATIENCE_PACKETS packets of
 * the connection or UM_PATIENCE_NS of capture time do not bring them, the capture has lost them;
 * UM_LATE_PACKETS or UM_LATE_NS while nothing that their side sent behind them has come either. So
 * it is with bytes that a side had sent before it was reset.
 * Other holes are held until the limit `pending` (this direction's first hole goes),
 * `pending-total` or `memory` (the hole that has waited longest of all connections goes) or the
 * end.
 */
#ifndef UM_NET_ORDER_H
#define UM_NET_ORDER_H

#include "offline/net/flow_stats.h"
#include "offline/net/list.h"
#include "offline/net/stream.h"

enum {
    UM_PATIENCE_PACKETS = 32,
    UM_LATE_PACKETS = 4 * UM_PATIENCE_PACKETS,
};

#define UM_PATIENCE_NS (500 * INT64_C(1000000))
#define UM_LATE_NS (10 * INT64_C(1000000000))

/* What all connections share. */
struct um_orders {
    const struct um_limits *limits;
    struct um_flow_stats *stats;
    struct um_segments_room room; /* all that is held */
    struct um_list waiting;       /* orders that hold bytes, the longest waiting first */
    struct um_list over;          /* orders that time alone has ended; the owner's to close */
    struct um_list doubting[2];   /* by side: orders in doubt about it, the longest first */
    int64_t due_ns;               /* no doubt's time is over before; of the capture's clock */
};

struct um_order {
    struct um_stream streams[2];
    struct um_list waiting; /* in um_orders.waiting while it holds bytes, in `over` when it is */
    struct um_list doubting[2];
    uint64_t waits_at[2]; /* `next` of each direction when it came there */
    struct um_mark last;  /* the packet taken last */
    bool is_followed;     /* else nothing may be delivered, only held */
    int left_out;         /* the limit at which bytes were, before it was followed; or 0 */
    bool is_settling;     /* where the directions start is not sure: all is held */
};

/* `limits`, `stats` and `meter` are shared and must outlive it. */
void um_orders_init(struct um_orders *all, const struct um_limits *limits,
                    struct um_flow_stats *stats, struct um_meter *meter);

/* All in `order` is zero but what the caller has set; nothing is held. */
void um_order_init(struct um_order *order);

/*
 * Takes bytes of direction `side`: delivers what may be, holds the rest. 0, UM_ERR_NOMEM or what a
 * sink returned, here and below. At a limit another connection's sinks may be told of its hole.
 */
int um_order_take(struct um_orders *all, struct um_order *order, int side,
                  const struct um_arrival *piece);

/* From here on it is followed. */
void um_order_follow(struct um_orders *all, struct um_order *order, const struct um_sink sinks[2]);

/* Nothing is held, missing or about to end: so it is after most packets. */
static inline bool
um_order_is_calm(const struct um_order *order)
{
    const struct um_stream *a = &order->streams[0], *b = &order->streams[1];
    bool is_ending = a->has_fin | b->has_fin | a->is_reset | b->is_reset;
    bool is_in_doubt = a->doubt.is_on | b->doubt.is_on;
    bool is_missing = (a->acked > a->next) | (b->acked > b->next);
    bool is_held = a->held.head || b->held.head || !um_list_is_empty(&order->waiting);
    return !(is_ending | is_in_doubt | is_missing | is_held);
}

/* Delivers all that may be delivered now, gives up holes that were waited for long enough. */
int um_order_go_on(struct um_orders *all, struct um_order *order);

/* From `due_ns` on: gives up the holes whose time is over, of all connections: some may be silent.
 */
int um_orders_go_on(struct um_orders *all, int64_t now_ns);

/* Delivers everything that is held, holes and all, and tells of what is missing at the end. */
int um_order_flush(struct um_orders *all, struct um_order *order);

/* Frees what is held; the sinks are not called. */
void um_order_done(struct um_orders *all, struct um_order *order);

#endif
