/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/net/deliver.h"

bool
um_deliver_has_to_wait(const struct um_order *order, int side, uint64_t ack)
{
    const struct um_stream *other = &order->streams[1 - side];
    if (other->is_enough || other->is_ended || ack <= other->next)
        return false;
    if (!other->is_seen)
        return !other->was_awaited;
    /* a number ahead of all bytes is as likely a FIN that was not captured */
    return ack > other->next + 1 || other->held.head || other->has_fin;
}

bool
um_deliver_may_step(const struct um_order *order, int side)
{
    const struct um_stream *stream = &order->streams[side];
    return um_stream_is_ready(stream) &&
           !um_deliver_has_to_wait(order, side, stream->held.head->ack);
}

int
um_deliver_earlier_side(const struct um_order *order)
{
    const struct um_segment *a = order->streams[0].held.head, *b = order->streams[1].held.head;
    return !a || (b && b->first.frame < a->first.frame) ? 1 : 0;
}

/*
 * Ends each direction of which nothing more can come. A reset alone ends none: it may be another's,
 * and nobody heeds it. *has_ended: one that had not yet.
 */
static int
end_those_over(struct um_order *order, bool *has_ended)
{
    int err = UM_OK;
    *has_ended = false;
    for (int side = 0; side < 2 && !err; side++) {
        struct um_stream *stream = &order->streams[side];
        if (stream->is_ended || !stream->has_fin || stream->next < stream->end_at)
            continue;
        err = um_stream_end(stream, UM_END_FIN, &order->last);
        *has_ended = true;
    }
    return err;
}

/* The side that may go on; -1: none. Where each waits for the other the earlier one does. */
static int
side_to_step(const struct um_order *order)
{
    int side = um_deliver_earlier_side(order);
    if (um_deliver_may_step(order, side))
        return side;
    if (um_deliver_may_step(order, 1 - side))
        return 1 - side;
    bool are_ready =
        um_stream_is_ready(&order->streams[0]) && um_stream_is_ready(&order->streams[1]);
    return are_ready ? side : -1;
}

int
um_deliver(struct um_orders *all, struct um_order *order)
{
    int err = UM_OK;
    bool has_ended = order->is_followed && !order->is_settling;
    while (!err && has_ended) {
        for (int side; !err && (side = side_to_step(order)) >= 0;)
            err = um_stream_step(&order->streams[side], &all->room);
        if (!err)
            err = end_those_over(order, &has_ended);
    }
    return err;
}

int
um_deliver_give_up(struct um_orders *all, struct um_order *order, int side, uint64_t position,
                   enum um_gap_cause cause, const struct um_mark *where)
{
    struct um_stream *stream = &order->streams[side];
    uint64_t missing = position - stream->next;
    if (missing > 0 && stream->is_seen && !stream->is_enough && !stream->is_ended) {
        struct um_flow_stats *stats = all->stats;
        if (stats->lost_bytes == 0 || where->frame < stats->first_lost_frame)
            stats->first_lost_frame = where->frame;
        stats->lost_bytes += missing;
        stats->lost_streams += stream->has_loss ? 0 : 1;
        stream->has_loss = true;
    }
    return um_stream_give_up(stream, position, stream->is_seen ? cause : UM_GAP_UNSEEN, where);
}

int
um_deliver_give_up_hole(struct um_orders *all, struct um_order *order, int side, uint64_t limit,
                        enum um_gap_cause cause)
{
    struct um_stream *stream = &order->streams[side];
    const struct um_segment *head = stream->held.head,
                            *of_other = order->streams[1 - side].held.head;
    struct um_mark where = head ? head->first : of_other ? of_other->first : order->last;
    uint64_t end = um_stream_hole_end(stream);
    return um_deliver_give_up(all, order, side, end < limit ? end : limit, cause, &where);
}

int
um_deliver_wait_no_more(struct um_orders *all, struct um_order *order, int side)
{
    order->streams[side].was_awaited = true;
    return um_deliver(all, order);
}
