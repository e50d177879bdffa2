/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A direction is blocked by a hole of its own or by one of the other; pump goes on until both are.
 */
#include "offline/net/order.h"

#define WAIT_NS (10 * INT64_C(1000000000)) /* of a hole for one of the other side */

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

/* ---- delivering ---- */

/* Does a segment of `side` acknowledge bytes that have not been delivered? */
static bool
has_to_wait(const struct um_order *order, int side, uint64_t ack)
{
    const struct um_stream *other = &order->streams[1 - side];
    if (other->is_enough || other->is_ended || ack <= other->next)
        return false;
    if (!other->is_seen)
        return !other->was_awaited;
    /* a number ahead of all bytes is as likely a FIN that was not captured */
    return ack > other->next + 1 || other->held.head || other->has_fin;
}

static bool
may_step(const struct um_order *order, int side)
{
    const struct um_stream *stream = &order->streams[side];
    return um_stream_is_ready(stream) && !has_to_wait(order, side, stream->held.head->ack);
}

static int
step(struct um_orders *all, struct um_order *order, int side)
{
    return um_stream_step(&order->streams[side], &all->room);
}

/* The side whose first held piece came first; one that holds nothing comes last. */
static int
earlier_side(const struct um_order *order)
{
    const struct um_segment *a = order->streams[0].held.head, *b = order->streams[1].held.head;
    return !a || (b && b->first.frame < a->first.frame) ? 1 : 0;
}

/* Ends each direction of which nothing more can come. *has_ended: one that had not yet. */
static int
end_those_over(struct um_order *order, bool *has_ended)
{
    int err = UM_OK;
    *has_ended = false;
    for (int side = 0; side < 2 && !err; side++) {
        struct um_stream *stream = &order->streams[side];
        bool is_over = stream->next >= stream->end_at || (stream->is_reset && stream->is_enough);
        if (stream->is_ended || !(stream->has_fin || stream->is_reset) || !is_over)
            continue;
        err = um_stream_end(stream, stream->has_fin ? UM_END_FIN : UM_END_RESET, &order->last);
        *has_ended = true;
    }
    return err;
}

/* The side that may go on; -1: none. Where each waits for the other the earlier one does. */
static int
side_to_step(const struct um_order *order)
{
    int side = earlier_side(order);
    if (may_step(order, side))
        return side;
    if (may_step(order, 1 - side))
        return 1 - side;
    bool are_ready =
        um_stream_is_ready(&order->streams[0]) && um_stream_is_ready(&order->streams[1]);
    return are_ready ? side : -1;
}

/* A direction that has ended is not waited for any more. */
static int
pump(struct um_orders *all, struct um_order *order)
{
    int err = UM_OK;
    bool has_ended = order->is_followed && !order->is_settling;
    while (!err && has_ended) {
        for (int side; !err && (side = side_to_step(order)) >= 0;)
            err = step(all, order, side);
        if (!err)
            err = end_those_over(order, &has_ended);
    }
    return err;
}

/* ---- holes ---- */

/* Missing bytes up to `position`: told to the sink, and counted when they are a loss. */
static int
give_up(struct um_orders *all, struct um_order *order, int side, uint64_t position,
        enum um_gap_cause cause, const struct um_mark *where)
{
    struct um_stream *stream = &order->streams[side];
    uint64_t missing = position - stream->next;
    if (missing > 0 && stream->is_seen && !stream->is_enough && !stream->is_ended) {
        struct um_flow_stats *stats = all->stats;
        if (stats->lost_bytes == 0)
            stats->first_lost_frame = where->frame;
        stats->lost_bytes += missing;
        stats->lost_streams += stream->has_loss ? 0 : 1;
        stream->has_loss = true;
    }
    return um_stream_give_up(stream, position, stream->is_seen ? cause : UM_GAP_UNSEEN, where);
}

/* Gives up the first hole of a direction as far as it is known to be one, not beyond `limit`. */
static int
give_up_hole(struct um_orders *all, struct um_order *order, int side, uint64_t limit,
             enum um_gap_cause cause)
{
    struct um_stream *stream = &order->streams[side];
    const struct um_segment *head = stream->held.head,
                            *of_other = order->streams[1 - side].held.head;
    struct um_mark where = head ? head->first : of_other ? of_other->first : order->last;
    uint64_t end = um_stream_hole_end(stream);
    return give_up(all, order, side, end < limit ? end : limit, cause, &where);
}

/*
 * Are bytes missing that the other side has received, or that were sent before a reset? Those of a
 * side of which there was no packet may come with it.
 */
static bool
is_doubtful(const struct um_stream *stream)
{
    uint64_t end = stream->is_reset ? stream->end_at : um_stream_known_end(stream);
    bool may_come = stream->is_seen || !stream->was_awaited;
    return end > stream->next && may_come && !stream->is_ended && !stream->is_enough &&
           !um_stream_is_ready(stream);
}

static void
note_due(struct um_orders *all, const struct um_doubt *doubt)
{
    int64_t due_ns = um_mark_later_ns(doubt->since_ns, UM_PATIENCE_NS);
    all->due_ns = due_ns < all->due_ns ? due_ns : all->due_ns;
}

static void
begin_doubt(struct um_orders *all, struct um_order *order, int side, int64_t now_ns)
{
    struct um_stream *stream = &order->streams[side];
    const struct um_segment *tail = stream->held.tail;
    um_list_remove(&order->doubting[side]);
    um_list_append(&all->doubting[side], &order->doubting[side]);
    stream->doubt = (struct um_doubt){.is_on = true,
                                      .next = stream->next,
                                      .known_end = um_stream_known_end(stream),
                                      .held_end = tail ? um_segment_end(tail) : 0,
                                      .since_ns = now_ns};
    note_due(all, &stream->doubt);
}

/* The same of a hole that has waited unasked while what was ready before it waited: as long as
 * bytes behind it have been there. */
static void
begin_old_doubt(struct um_orders *all, struct um_order *order, int side, int64_t now_ns)
{
    struct um_doubt *doubt = &order->streams[side].doubt;
    const struct um_segment *held = order->streams[side].held.head;
    begin_doubt(all, order, side, now_ns);
    for (; held && um_mark_elapsed_ns(held->first.time_ns, now_ns) >= UM_PATIENCE_NS;
         held = held->next) {
        doubt->held_end = um_segment_end(held);
        doubt->since_ns = now_ns - UM_PATIENCE_NS;
    }
    note_due(all, doubt);
    struct um_list *node = &order->doubting[side];
    if (doubt->since_ns < now_ns) { /* it is among the oldest */
        um_list_remove(node);
        um_list_append(all->doubting[side].next, node);
    }
}

/*
 * Up to where missing bytes have had their chance: they were acknowledged when the doubt began, and
 * either bytes behind them were there too, or nothing at all has come since. So a direction that
 * only lags behind its acknowledgements is left alone.
 */
static uint64_t
end_of_patience(const struct um_stream *stream)
{
    const struct um_doubt *doubt = &stream->doubt;
    if (stream->held.head)
        return doubt->held_end < doubt->known_end ? doubt->held_end : doubt->known_end;
    bool is_fin_only = !stream->has_fin && doubt->known_end == stream->next + 1;
    return stream->next == doubt->next && !is_fin_only ? doubt->known_end : stream->next;
}

/* Cause before effect in a hole too: not beyond what bytes that wait for it, or behind a hole of
 * their own, have acknowledged. */
static uint64_t
end_before_effect(const struct um_order *order, int side, uint64_t end)
{
    const struct um_segment *head = order->streams[1 - side].held.head;
    bool is_waiting = head && has_to_wait(order, 1 - side, head->ack);
    return is_waiting && head->ack < end ? head->ack : end;
}

/* Each side has a hole, and what is behind that of the other side was captured first. */
static bool
is_behind_other(const struct um_order *order, int side)
{
    const struct um_stream *other = &order->streams[1 - side];
    return other->held.head && !um_stream_is_ready(other) && earlier_side(order) != side;
}

static void
end_doubt(struct um_order *order, int side)
{
    um_list_remove(&order->doubting[side]);
    order->streams[side].doubt.is_on = false;
}

static bool
is_over_by_packets(const struct um_doubt *doubt)
{
    return doubt->packets >= UM_PATIENCE_PACKETS;
}

static bool
is_over(const struct um_doubt *doubt, int64_t now_ns)
{
    return is_over_by_packets(doubt) ||
           um_mark_elapsed_ns(doubt->since_ns, now_ns) >= UM_PATIENCE_NS;
}

/*
 * The side whose hole goes first when `side` has run out of patience; -1: none yet. What is behind
 * a hole of the other side, and was captured first, comes first: that hole goes before when it has
 * had its own time, which is waited for. Where nobody has acknowledged it, the next request of a
 * client that polls may do so: it waits for WAIT_NS, or once more where many packets have passed.
 */
static int
side_to_give_up(const struct um_order *order, int side, int64_t now_ns)
{
    const struct um_stream *other = &order->streams[1 - side];
    if (!is_behind_other(order, side))
        return side;
    if (other->doubt.is_on && !is_over(&other->doubt, now_ns))
        return -1;
    if (other->doubt.is_on && end_of_patience(other) > other->next)
        return 1 - side;
    const struct um_doubt *own = &order->streams[side].doubt;
    bool is_enough = own->waits && um_mark_elapsed_ns(own->waits_since_ns, now_ns) >= WAIT_NS;
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
        err = give_up_hole(all, order, first, end, UM_GAP_LOST);
        if (!err)
            err = pump(all, order);
        if (is_rest_later)
            break;
    }
    return err;
}

/* A side of which there was no packet does not come. */
static int
wait_no_more(struct um_orders *all, struct um_order *order, int side)
{
    order->streams[side].was_awaited = true;
    return pump(all, order);
}

/* The capture has had its chance to bring what is missing. */
static int
run_out_of_patience(struct um_orders *all, struct um_order *order, int side, int64_t now_ns)
{
    struct um_stream *stream = &order->streams[side];
    int64_t since_ns = is_over_by_packets(&stream->doubt) ? INT64_MIN
                       : stream->doubt.waits              ? stream->doubt.waits_since_ns
                                                          : now_ns;
    bool waits = false;
    int err = stream->is_seen ? give_up_missing(all, order, side, now_ns, &waits)
                              : wait_no_more(all, order, side);
    bool is_all_known_told = um_stream_known_end(stream) <= stream->next;
    if (!err && stream->is_reset && is_all_known_told && is_doubtful(stream)) {
        err = um_stream_end(stream, UM_END_RESET, &order->last); /* was there more before it? */
        if (!err)
            err = pump(all, order);
    }
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

/* A hole that the other side has filled: has the capture had its chance to do the same? */
static int
doubt(struct um_orders *all, struct um_order *order, int side)
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
    return is_over(&stream->doubt, now_ns) ? run_out_of_patience(all, order, side, now_ns) : UM_OK;
}

/* Gives up what the first held piece of a direction waits for, or `piece` (NULL: none), which is
 * not held yet, when it is before that. */
static int
unblock(struct um_orders *all, struct um_order *order, int side, const struct um_arrival *piece,
        enum um_gap_cause cause)
{
    struct um_stream *stream = &order->streams[side];
    const struct um_stream *other = &order->streams[1 - side];
    const struct um_segment *head = stream->held.head;
    bool is_held =
        head && (!piece || um_stream_is_ready(stream) || head->position <= piece->position);
    uint64_t position = is_held ? head->position : piece->position;
    uint64_t ack = is_held ? head->ack : piece->ack;
    int err;
    if (position > stream->next)
        err = give_up(all, order, side, position, cause, is_held ? &head->first : &piece->first);
    else if (has_to_wait(order, side, ack) && !other->is_seen)
        err = wait_no_more(all, order, 1 - side);
    else if (has_to_wait(order, side, ack) && um_stream_hole_end(other) > other->next)
        err = give_up_hole(all, order, 1 - side, ack, cause);
    else
        err = is_held ? step(all, order, side) : um_stream_pass(stream, piece);
    return err ? err : pump(all, order);
}

/* The first blocked direction goes on. */
static int
force(struct um_orders *all, struct um_order *order, enum um_gap_cause cause)
{
    if (order->is_settling) {
        order->is_settling = false;
        return pump(all, order);
    }
    return unblock(all, order, earlier_side(order), NULL, cause);
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
            if (!may_step(order, side))
                break;
            err = step(all, order, side);
        } else {
            if (has_to_wait(order, side, piece->ack))
                break;
            err = um_stream_pass(stream, piece);
        }
    }
    return err;
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
    int blocked = is_over_all && has_held(order) ? earlier_side(order) : side;
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

/* A sink that has enough needs nothing of what is held. */
static void
forget_unwanted(struct um_orders *all, struct um_order *order)
{
    for (int side = 0; side < 2; side++) {
        if (order->streams[side].is_enough)
            um_segments_clear(&order->streams[side].held, &all->room);
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

int
um_order_go_on(struct um_orders *all, struct um_order *order)
{
    if (um_order_is_calm(order))
        return UM_OK;
    bool may_deliver = order->is_followed && !order->is_settling;
    int err = pump(all, order);
    for (int side = 0; side < 2 && !err && may_deliver; side++)
        err = doubt(all, order, side);
    forget_unwanted(all, order);
    if (has_held(order) || !um_list_is_empty(&order->waiting))
        note_waiting(all, order);
    return err;
}

static int
go_on_with_side(struct um_orders *all, int side, int64_t now_ns)
{
    int err = UM_OK;
    while (!err && !um_list_is_empty(&all->doubting[side])) {
        struct um_list *first_side = all->doubting[side].next - side; /* of the same order */
        struct um_order *order = UM_LIST_ENTRY(first_side, struct um_order, doubting[0]);
        const struct um_doubt *oldest = &order->streams[side].doubt;
        if (!is_over(oldest, now_ns)) {
            note_due(all, oldest);
            break;
        }
        err = run_out_of_patience(all, order, side, now_ns);
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
    return give_up_hole(all, order, side, UINT64_MAX, UM_GAP_LOST);
}

int
um_order_flush(struct um_orders *all, struct um_order *order)
{
    order->is_settling = false;
    int err = pump(all, order);
    while (!err && has_held(order))
        err = force(all, order, UM_GAP_LOST);
    for (int side = 0; side < 2 && !err; side++)
        err = flush_end(all, order, side);
    return err ? err : pump(all, order);
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
