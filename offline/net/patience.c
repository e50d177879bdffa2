/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/net/patience.h"

#include "offline/net/deliver.h"

/*
 * Are bytes missing that the other side has received, or that were sent before a reset? Those of a
 * side of which there was no packet may come with it.
 */
static bool
is_doubtful(const struct um_stream *stream)
{
    bool may_come = stream->is_seen || !stream->was_awaited;
    return um_stream_known_end(stream) > stream->next && may_come && !stream->is_ended &&
           !stream->is_enough && !um_stream_is_ready(stream);
}

static void
note_due(struct um_orders *all, const struct um_doubt *doubt)
{
    int64_t due_ns = um_mark_later_ns(doubt->asked_ns, UM_PATIENCE_NS);
    all->due_ns = due_ns < all->due_ns ? due_ns : all->due_ns;
}

/* Asked next when all others have been. */
static void
queue_doubt(struct um_orders *all, struct um_order *order, int side, int64_t now_ns)
{
    um_list_remove(&order->doubting[side]);
    um_list_append(&all->doubting[side], &order->doubting[side]);
    order->streams[side].doubt.asked_ns = now_ns;
    note_due(all, &order->streams[side].doubt);
}

static void
begin_doubt(struct um_orders *all, struct um_order *order, int side, int64_t now_ns)
{
    struct um_stream *stream = &order->streams[side];
    const struct um_segment *tail = stream->held.tail;
    stream->doubt = (struct um_doubt){.is_on = true,
                                      .next = stream->next,
                                      .known_end = um_stream_known_end(stream),
                                      .held_end = tail ? um_segment_end(tail) : 0,
                                      .since_ns = now_ns};
    queue_doubt(all, order, side, now_ns);
}

/* Bytes that have been there for as long as a hole before them is waited for. */
static bool
has_been_there(const struct um_segment *held, int64_t now_ns)
{
    return held && um_mark_elapsed_ns(held->first.time_ns, now_ns) >= UM_PATIENCE_NS;
}

/* The same of a hole that has waited unasked while what was ready before it waited: as long as
 * bytes behind it have been there. */
static void
begin_old_doubt(struct um_orders *all, struct um_order *order, int side, int64_t now_ns)
{
    struct um_doubt *doubt = &order->streams[side].doubt;
    struct um_list *node = &order->doubting[side];
    const struct um_segment *held = order->streams[side].held.head;
    begin_doubt(all, order, side, now_ns);
    if (!has_been_there(held, now_ns))
        return;
    for (; has_been_there(held, now_ns); held = held->next)
        doubt->held_end = um_segment_end(held);
    doubt->since_ns = now_ns - UM_PATIENCE_NS; /* over at once: none is older */
    doubt->asked_ns = doubt->since_ns;
    um_list_remove(node);
    um_list_append(all->doubting[side].next, node);
    note_due(all, doubt);
}

/*
 * Up to where missing bytes have had their chance: they were acknowledged when the doubt began, and
 * either bytes behind them were there too, or nothing at all has come since; then not beyond where
 * the direction has come itself. So one that only lags behind its acknowledgements is left alone.
 */
static uint64_t
end_of_patience(const struct um_stream *stream)
{
    const struct um_doubt *doubt = &stream->doubt;
    if (stream->held.head)
        return doubt->held_end < doubt->known_end ? doubt->held_end : doubt->known_end;
    bool is_partly_late = stream->reached > stream->next && stream->reached < doubt->known_end;
    uint64_t end = is_partly_late ? stream->reached : doubt->known_end;
    bool is_fin_only = !stream->has_fin && end == stream->next + 1;
    return stream->next == doubt->next && !is_fin_only ? end : stream->next;
}

/* Cause before effect in a hole too: not beyond what bytes that wait for it, or behind a hole of
 * their own, have acknowledged. */
static uint64_t
end_before_effect(const struct um_order *order, int side, uint64_t end)
{
    const struct um_segment *head = order->streams[1 - side].held.head;
    bool is_waiting = head && um_deliver_has_to_wait(order, 1 - side, head->ack);
    return is_waiting && head->ack < end ? head->ack : end;
}

/* Each side has a hole, and what is behind that of the other side was captured first. */
static bool
is_behind_other(const struct um_order *order, int side)
{
    const struct um_stream *other = &order->streams[1 - side];
    return other->held.head && !um_stream_is_ready(other) && um_deliver_earlier_side(order) != side;
}

static void
end_doubt(struct um_order *order, int side)
{
    um_list_remove(&order->doubting[side]);
    order->streams[side].doubt.is_on = false;
}

static bool
is_over_by_packets(const struct um_stream *stream)
{
    return um_patience_is_over(um_stream_may_be_late(stream), stream->doubt.packets, 0);
}

static bool
is_over(const struct um_stream *stream, int64_t now_ns)
{
    int64_t waited_ns = um_mark_elapsed_ns(stream->doubt.since_ns, now_ns);
    return um_patience_is_over(um_stream_may_be_late(stream), stream->doubt.packets, waited_ns);
}

/*
 * The side whose hole goes first when `side` has run out of patience; -1: none yet. What is behind
 * a hole of the other side, and was captured first, comes first: that hole goes before when it has
 * had its own time, which is waited for. Where nobody has acknowledged it, the next request of a
 * client that polls may do so: it waits for UM_LATE_NS, or once more where many packets have
 * passed. One that may have been late has waited as long already.
 */
static int
side_to_give_up(const struct um_order *order, int side, int64_t now_ns)
{
    const struct um_stream *other = &order->streams[1 - side];
    if (!is_behind_other(order, side))
        return side;
    if (other->doubt.is_on && !is_over(other, now_ns))
        return -1;
    if (other->doubt.is_on && end_of_patience(other) > other->next)
        return 1 - side;
    const struct um_doubt *own = &order->streams[side].doubt;
    bool is_enough = um_stream_may_be_late(&order->streams[side]) ||
                     (own->waits && um_mark_elapsed_ns(own->waits_since_ns, now_ns) >= UM_LATE_NS);
    return is_enough ? side : -1;
}

/* Gives up what has been missing for long enough. *waits: for a hole of the other side. */
static int
give_up_missing(struct um_orders *all, struct um_order *order, int side, int64_t now_ns,
                bool *waits)
{
    struct um_stream *stream = &order->streams[side];
    int err = UM_OK;
    *waits = false;
    while (!err && is_doubtful(stream) && end_of_patience(stream) > stream->next) {
        int first = side_to_give_up(order, side, now_ns);
        *waits = first < 0;
        if (*waits)
            break;
        uint64_t patience = end_of_patience(&order->streams[first]);
        uint64_t end = end_before_effect(order, first, patience);
        bool is_rest_later = end < patience && !um_stream_is_ready(&order->streams[1 - first]);
        err = um_deliver_give_up_hole(all, order, first, end, UM_GAP_LOST);
        if (!err)
            err = um_deliver(all, order);
        if (is_rest_later)
            break;
    }
    return err;
}

int
um_patience_run_out(struct um_orders *all, struct um_order *order, int side, int64_t now_ns)
{
    struct um_stream *stream = &order->streams[side];
    if (!is_over(stream, now_ns)) {
        queue_doubt(all, order, side, now_ns);
        return UM_OK;
    }
    int64_t since_ns = is_over_by_packets(stream) ? INT64_MIN
                       : stream->doubt.waits      ? stream->doubt.waits_since_ns
                                                  : now_ns;
    bool waits = false;
    int err = stream->is_seen ? give_up_missing(all, order, side, now_ns, &waits)
                              : um_deliver_wait_no_more(all, order, side);
    if (is_doubtful(stream))
        begin_doubt(all, order, side, now_ns); /* for what was acknowledged since */
    else
        end_doubt(order, side);
    stream->doubt.waits = waits && stream->doubt.is_on;
    stream->doubt.waits_since_ns = since_ns;
    const struct um_stream *other = &order->streams[1 - side];
    if (is_doubtful(other) && !other->doubt.is_on) /* what it had ready has gone */
        begin_old_doubt(all, order, 1 - side, now_ns);
    return err;
}

int
um_patience_ask(struct um_orders *all, struct um_order *order, int side)
{
    struct um_stream *stream = &order->streams[side];
    int64_t now_ns = order->last.time_ns;
    if (!is_doubtful(stream)) {
        end_doubt(order, side);
        return UM_OK;
    }
    if (!stream->doubt.is_on) {
        begin_doubt(all, order, side, now_ns);
        return UM_OK;
    }
    /* a side of which there was none is waited for by the clock alone: no number of packets tells
     * how far that of the other one is ahead */
    stream->doubt.packets += stream->is_seen ? 1 : 0;
    return is_over(stream, now_ns) ? um_patience_run_out(all, order, side, now_ns) : UM_OK;
}

struct um_order *
um_patience_first_over(struct um_orders *all, int side, int64_t now_ns)
{
    if (um_list_is_empty(&all->doubting[side]))
        return NULL;
    struct um_list *first_side = all->doubting[side].next - side; /* of the same order */
    struct um_order *order = UM_LIST_ENTRY(first_side, struct um_order, doubting[0]);
    const struct um_doubt *oldest = &order->streams[side].doubt;
    if (um_mark_elapsed_ns(oldest->asked_ns, now_ns) >= UM_PATIENCE_NS)
        return order;
    note_due(all, oldest);
    return NULL;
}
