/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of each direction: what is held, who has to make room for it, and when to ask who may go on. */
#include "offline/net/order.h"

#include <assert.h>

#include "offline/net/deliver.h"
#include "offline/net/patience.h"

void
um_orders_init(struct um_orders *all, const struct um_limits *limits, struct um_flow_stats *stats,
               struct um_meter *meter)
{
    *all = (struct um_orders){.limits = limits, .stats = stats};
    all->room =
        (struct um_segments_room){.meter = meter, .max = limits->max[UM_LIMIT_PENDING_TOTAL]};
    um_list_init(&all->waiting);
    um_list_init(&all->over);
    for (int side = 0; side < 2; side++)
        um_list_init(&all->doubting[side]);
    all->due_ns = INT64_MAX;
}

void
um_order_init(struct um_order *order)
{
    um_list_init(&order->waiting);
    for (int side = 0; side < 2; side++)
        um_list_init(&order->doubting[side]);
}

static bool
has_held(const struct um_order *order)
{
    return order->streams[0].held.head || order->streams[1].held.head;
}

/* Keeps the list of those that wait: a connection stands where its oldest hole came up. */
static void
note_waiting(struct um_orders *all, struct um_order *order)
{
    bool is_same_hole = false;
    for (int side = 0; side < 2; side++) {
        const struct um_stream *stream = &order->streams[side];
        uint64_t at = stream->held.head ? stream->next : UINT64_MAX;
        is_same_hole = is_same_hole || (stream->held.head && order->waits_at[side] == at);
        order->waits_at[side] = at;
    }
    if (is_same_hole && !um_list_is_empty(&order->waiting))
        return;
    um_list_remove(&order->waiting);
    if (has_held(order))
        um_list_append(&all->waiting, &order->waiting);
}

/* ---- making room ---- */

/* Gives up what the first held piece of a direction waits for, or `piece`, which is not held yet,
 * when it is before that. NULL: there is none, and something is held. */
static int
unblock(struct um_orders *all, struct um_order *order, int side, const struct um_arrival *piece,
        enum um_gap_cause cause)
{
    struct um_stream *stream = &order->streams[side];
    const struct um_stream *other = &order->streams[1 - side];
    const struct um_segment *head = stream->held.head;
    bool is_held =
        head && (!piece || um_stream_is_ready(stream) || head->position <= piece->position);
    assert(is_held || piece);
    uint64_t position = is_held ? head->position : piece->position;
    uint64_t ack = is_held ? head->ack : piece->ack;
    int err;
    if (position > stream->next)
        err = um_deliver_give_up(all, order, side, position, cause,
                                 is_held ? &head->first : &piece->first);
    else if (um_deliver_has_to_wait(order, side, ack) && !other->is_seen)
        err = um_deliver_wait_no_more(all, order, 1 - side);
    else if (um_deliver_has_to_wait(order, side, ack) && um_stream_hole_end(other) > other->next)
        err = um_deliver_give_up_hole(all, order, 1 - side, ack, cause);
    else
        err = is_held ? um_stream_step(stream, &all->room) : um_stream_pass(stream, piece);
    return err ? err : um_deliver(all, order);
}

/* The first blocked direction goes on. */
static int
force(struct um_orders *all, struct um_order *order, enum um_gap_cause cause)
{
    if (order->is_settling) {
        order->is_settling = false;
        return um_deliver(all, order);
    }
    return unblock(all, order, um_deliver_earlier_side(order), NULL, cause);
}

/* The hole that has waited longest goes, of another connection. */
static int
unblock_other(struct um_orders *all, struct um_order *other)
{
    if (!other->is_followed) {
        um_order_done(all, other); /* not known to be wanted: nobody waits for it */
        return UM_OK;
    }
    int err = force(all, other, UM_GAP_LIMIT);
    note_waiting(all, other);
    return err;
}

static void
count_limit(struct um_flow_stats *stats, int limit, uint64_t frame)
{
    um_limit_hit(limit == UM_SEGMENTS_FULL      ? &stats->pending
                 : limit == UM_SEGMENTS_NO_ROOM ? &stats->pending_total
                                                : &stats->pending_memory,
                 frame);
}

/* Makes room for a piece that does not fit, at the limit that um_segments_add told of. */
static int
give_way(struct um_orders *all, struct um_order *order, int side, const struct um_arrival *piece,
         int limit)
{
    bool is_over_all = limit != UM_SEGMENTS_FULL;
    note_waiting(all, order);
    if (is_over_all && !um_list_is_empty(&all->waiting)) {
        struct um_order *longest = UM_LIST_ENTRY(all->waiting.next, struct um_order, waiting);
        if (longest != order)
            return unblock_other(all, longest);
    }
    if (order->is_settling)
        return force(all, order, UM_GAP_LIMIT);
    int blocked = is_over_all && has_held(order) ? um_deliver_earlier_side(order) : side;
    return unblock(all, order, blocked, blocked == side ? piece : NULL, UM_GAP_LIMIT);
}

/* The same, and counts it when a hole was given up for it: to wait no longer costs nothing. */
static int
give_way_at_limit(struct um_orders *all, struct um_order *order, int side,
                  const struct um_arrival *piece, int limit)
{
    uint64_t lost = all->stats->lost_bytes;
    int err = give_way(all, order, side, piece, limit);
    if (all->stats->lost_bytes > lost)
        count_limit(all->stats, limit, piece->first.frame);
    return err;
}

/* ---- taking ---- */

/* Of an arrival: what may be delivered is, and with it what is held behind it. */
static int
pass(struct um_orders *all, struct um_order *order, int side, const struct um_arrival *piece)
{
    struct um_stream *stream = &order->streams[side];
    int err = UM_OK;
    while (!err && order->is_followed && !order->is_settling && !stream->is_enough &&
           piece->position <= stream->next && um_arrival_end(piece) > stream->next) {
        if (um_stream_is_ready(stream)) {
            if (!um_deliver_may_step(order, side))
                break;
            err = um_stream_step(stream, &all->room);
        } else {
            if (um_deliver_has_to_wait(order, side, piece->ack))
                break;
            err = um_stream_pass(stream, piece);
        }
    }
    return err;
}

int
um_order_take(struct um_orders *all, struct um_order *order, int side,
              const struct um_arrival *piece)
{
    struct um_stream *stream = &order->streams[side];
    if (stream->held.head && um_segments_differ(&stream->held, piece))
        all->stats->conflicts++;
    for (;;) {
        int err = pass(all, order, side, piece);
        if (err || um_arrival_end(piece) <= stream->next)
            return err;
        if (stream->is_enough) {
            stream->next = um_arrival_end(piece);
            return UM_OK;
        }
        struct um_arrival rest = um_arrival_from(piece, stream->next);
        int result = um_segments_add(&stream->held, &rest, um_stream_needed_from(stream),
                                     all->limits->max[UM_LIMIT_PENDING], &all->room);
        if (result <= 0)
            return result;
        if (!order->is_followed) {
            order->left_out = result; /* not known to be wanted: told when it is */
            return UM_OK;
        }
        err = give_way_at_limit(all, order, side, piece, result);
        if (err)
            return err;
    }
}

void
um_order_follow(struct um_orders *all, struct um_order *order, const struct um_sink sinks[2])
{
    if (order->left_out)
        count_limit(all->stats, order->left_out, order->last.frame);
    order->is_followed = true;
    order->streams[0].sink = sinks[0];
    order->streams[1].sink = sinks[1];
}

/* ---- going on ---- */

/* A sink that has enough needs nothing of what is held. */
static void
forget_unwanted(struct um_orders *all, struct um_order *order)
{
    for (int side = 0; side < 2; side++) {
        if (order->streams[side].is_enough)
            um_segments_clear(&order->streams[side].held, &all->room);
    }
}

int
um_order_go_on(struct um_orders *all, struct um_order *order)
{
    if (um_order_is_calm(order))
        return UM_OK;
    bool may_deliver = order->is_followed && !order->is_settling;
    int err = um_deliver(all, order);
    for (int side = 0; side < 2 && !err && may_deliver; side++)
        err = um_patience_ask(all, order, side);
    forget_unwanted(all, order);
    if (has_held(order) || !um_list_is_empty(&order->waiting))
        note_waiting(all, order);
    return err;
}

static int
go_on_with_side(struct um_orders *all, int side, int64_t now_ns)
{
    int err = UM_OK;
    struct um_order *order;
    while (!err && (order = um_patience_first_over(all, side, now_ns))) {
        err = um_patience_run_out(all, order, side, now_ns);
        forget_unwanted(all, order);
        note_waiting(all, order);
        if (order->streams[0].is_ended && order->streams[1].is_ended) {
            um_list_remove(&order->waiting);
            um_list_append(&all->over, &order->waiting);
        }
    }
    return err;
}

int
um_orders_go_on(struct um_orders *all, int64_t now_ns)
{
    all->due_ns = INT64_MAX;
    int err = UM_OK;
    for (int side = 0; side < 2 && !err; side++)
        err = go_on_with_side(all, side, now_ns);
    return err;
}

/* Bytes that were acknowledged and never captured, behind all that was. */
static int
flush_end(struct um_orders *all, struct um_order *order, int side)
{
    const struct um_stream *stream = &order->streams[side];
    uint64_t end = um_stream_hole_end(stream);
    bool is_fin_only = !stream->has_fin && stream->is_seen && end == stream->next + 1;
    if (stream->is_ended || end == stream->next || is_fin_only)
        return UM_OK;
    return um_deliver_give_up_hole(all, order, side, UINT64_MAX, UM_GAP_LOST);
}

int
um_order_flush(struct um_orders *all, struct um_order *order)
{
    order->is_settling = false;
    int err = um_deliver(all, order);
    while (!err && has_held(order))
        err = force(all, order, UM_GAP_LOST);
    for (int side = 0; side < 2 && !err; side++)
        err = flush_end(all, order, side);
    return err ? err : um_deliver(all, order);
}

void
um_order_done(struct um_orders *all, struct um_order *order)
{
    for (int side = 0; side < 2; side++)
        um_segments_clear(&order->streams[side].held, &all->room);
    um_list_remove(&order->waiting);
    for (int side = 0; side < 2; side++)
        um_list_remove(&order->doubting[side]);
}
