/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a segment's flags and numbers mean for its direction; the order is order.c's. */
#include "offline/net/pair.h"

#include "offline/net/patience.h"

enum {
    RESET_AHEAD_BYTES = 65536, /* how far behind the known bytes a reset is believed */
    AGAIN_BYTES = 1 << 24,     /* more than a connection sends again */
};

void
um_pair_init(struct um_pair *pair, const uint32_t *starts[2], const struct um_tcp *first,
             struct um_mark mark)
{
    struct um_stream *streams = pair->order.streams;
    um_order_init(&pair->order);
    pair->order.last = mark;
    pair->order.is_settling = !starts[0];
    pair->settle_since_ns = mark.time_ns;
    um_stream_start(&streams[0], starts[0] ? *starts[0] : um_tcp_first_seq(first));
    streams[0].is_seen = true;
    if (starts[1])
        um_stream_start(&streams[1], *starts[1]);
    else if (first->flags & UM_TCP_ACK)
        um_stream_guess_start(&streams[1], first->ack);
}

bool
um_pair_is_reset(const struct um_pair *pair)
{
    return pair->order.streams[0].is_reset || pair->order.streams[1].is_reset;
}

bool
um_pair_is_over(const struct um_pair *pair)
{
    return pair->order.streams[0].is_ended && pair->order.streams[1].is_ended;
}

/* Where the bytes end that were captured. */
static uint64_t
captured_end(const struct um_stream *stream)
{
    return stream->held.tail ? um_segment_end(stream->held.tail) : stream->next;
}

/* ---- where a direction starts ---- */

/* How many bytes before the guessed start a segment begins; 0 where it proves no earlier one. */
static uint32_t
bytes_before_start(const struct um_stream *stream, const struct um_tcp *tcp, bool is_start)
{
    int64_t position = um_stream_position(stream, um_tcp_first_seq(tcp));
    bool is_probe =
        position == -1 && tcp->payload.len <= 1 && !(tcp->flags & UM_TCP_SYN); /* a keep-alive */
    if (position >= 0 || position < -UM_PAIR_START_BYTES_MAX || is_probe)
        return 0;
    return is_start || (tcp->flags & UM_TCP_SYN) ? (uint32_t)-position : 0;
}

static void
move_start(struct um_order *order, int side, uint32_t by)
{
    um_stream_move_start(&order->streams[side], by);
    struct um_segment *held = order->streams[1 - side].held.head;
    for (; held; held = held->next)
        held->ack += by;
}

/*
 * The start was guessed from an acknowledgement, and that was wrong: bytes that begin elsewhere, in
 * a segment that has heard what the other side said.
 */
static bool
is_start_refuted(const struct um_order *order, int side, const struct um_tcp *tcp)
{
    const struct um_stream *stream = &order->streams[side], *other = &order->streams[1 - side];
    if (!stream->is_guessed || stream->next > 0 || stream->held.head || tcp->payload.len == 0 ||
        !(tcp->flags & UM_TCP_ACK) || !other->has_base)
        return false;
    int64_t position = um_stream_position(stream, um_tcp_first_seq(tcp));
    int64_t heard = um_stream_position(other, tcp->ack);
    return (position < -UM_PAIR_START_BYTES_MAX || position > UM_STREAM_WINDOW_BYTES) &&
           heard >= 0 && heard <= (int64_t)captured_end(other);
}

/* What was acknowledged of the side before that says nothing of it. */
static void
start_again(struct um_order *order, int side, const struct um_tcp *tcp)
{
    struct um_stream *stream = &order->streams[side];
    um_stream_start(stream, um_tcp_first_seq(tcp));
    stream->doubt.is_on = false;
    for (struct um_segment *held = order->streams[1 - side].held.head; held; held = held->next)
        held->ack = 0;
}

/* A segment while the starts are guesses. */
static void
settle(struct um_pair *pair, int side, const struct um_tcp *tcp, bool is_start)
{
    struct um_order *order = &pair->order;
    struct um_stream *stream = &order->streams[side];
    int64_t waited_ns = um_mark_elapsed_ns(pair->settle_since_ns, order->last.time_ns);
    uint32_t before = bytes_before_start(stream, tcp, is_start);
    if (before > 0)
        move_start(order, side, before);
    bool may_be_late = !order->streams[1].is_seen;
    if (um_patience_is_over(may_be_late, pair->settle_packets++, waited_ns))
        order->is_settling = false;
    if (side == 1)
        order->is_settling = order->is_settling && before == 0 &&
                             um_stream_position(stream, um_tcp_first_seq(tcp)) < 0;
}

/* ---- another connection on the same ports ---- */

bool
um_pair_is_replaced_by(const struct um_pair *pair, int side, const struct um_tcp *tcp)
{
    const struct um_stream *stream = &pair->order.streams[side];
    if (!(tcp->flags & UM_TCP_SYN) || !stream->has_base || tcp->seq + 1 == stream->base_seq)
        return false;
    return !pair->order.is_settling || bytes_before_start(stream, tcp, true) == 0;
}

/* How many bytes before the start (negative) or behind all that is known a number stands. */
static int64_t
bytes_outside(const struct um_stream *stream, uint32_t seq)
{
    int64_t position = um_stream_position(stream, seq);
    uint64_t captured = captured_end(stream);
    int64_t end = (int64_t)(captured > stream->acked ? captured : stream->acked);
    if (position < 0)
        return position;
    return position > end ? position - end : 0;
}

/* Not where the direction can have come to, nor what it may send again. */
static bool
is_elsewhere(int64_t bytes)
{
    return bytes < -AGAIN_BYTES || bytes > UM_STREAM_WINDOW_BYTES;
}

bool
um_pair_is_foreign(const struct um_pair *pair, int side, const struct um_tcp *tcp)
{
    const struct um_stream *stream = &pair->order.streams[side];
    const struct um_stream *other = &pair->order.streams[1 - side];
    bool is_bound = (tcp->flags & (UM_TCP_SYN | UM_TCP_ACK)) == UM_TCP_ACK;
    if (!is_bound || !stream->has_base || !other->has_base)
        return false;
    return is_elsewhere(bytes_outside(stream, um_tcp_first_seq(tcp))) ||
           is_elsewhere(bytes_outside(other, tcp->ack));
}

/* ---- segments ---- */

/* Does it reset the connection? It counts where the stream stands, not somewhere an attacker could
 * guess; where the direction stands is not known, any does. */
static bool
is_reset_by(const struct um_pair *pair, int side, const struct um_tcp *tcp)
{
    const struct um_stream *stream = &pair->order.streams[side];
    if (!(tcp->flags & UM_TCP_RST) || !stream->has_base || !stream->is_seen)
        return tcp->flags & UM_TCP_RST;
    int64_t position = um_stream_position(stream, tcp->seq);
    uint64_t end = captured_end(stream);
    if (um_stream_known_end(stream) > end)
        end = um_stream_known_end(stream);
    return position >= (int64_t)stream->next - 1 && position <= (int64_t)end + RESET_AHEAD_BYTES;
}

/*
 * Bytes behind a reset of their own side: it was a guess of somebody between, and not where the
 * receiver stood. Such ones are answered, not obeyed (RFC 5961 section 3.2).
 */
static bool
is_reset_refuted(const struct um_stream *stream, const struct um_tcp *tcp)
{
    if (!stream->is_reset || stream->has_fin || stream->is_ended || tcp->payload.len == 0)
        return false;
    int64_t position = um_stream_position(stream, um_tcp_first_seq(tcp));
    int64_t end = position + (int64_t)tcp->payload.len;
    return position <= (int64_t)stream->end_at && end > (int64_t)stream->end_at;
}

static int
take_bytes(struct um_orders *all, struct um_order *order, int side, const struct um_tcp *tcp,
           uint64_t ack)
{
    struct um_stream *stream = &order->streams[side];
    struct um_arrival piece = {.ack = ack, .first = order->last, .last = order->last};
    if (stream->is_ended || !um_stream_place(stream, tcp, &piece))
        return UM_OK;
    if (tcp->flags & UM_TCP_FIN)
        um_stream_finish_at(stream, um_arrival_end(&piece), &all->room);
    if (um_arrival_end(&piece) <= stream->next)
        return UM_OK; /* old, or a keep-alive probe, which repeats the last byte */
    return um_order_take(all, order, side, &piece);
}

/*
 * Most segments: the next bytes of a direction, or an acknowledgement alone, while nothing waits,
 * is missing or about to end. `*acked`: the position that one acknowledges.
 */
static bool
is_next(const struct um_order *order, int side, const struct um_tcp *tcp, int64_t *acked)
{
    const struct um_stream *stream = &order->streams[side], *other = &order->streams[1 - side];
    /* two questions, of all that is nearly always so: each asked for itself would cost a guess */
    bool is_odd = (tcp->flags != UM_TCP_ACK) | (tcp->cut > 0);
    bool is_known = stream->is_seen & stream->has_base & other->has_base & order->is_followed;
    if (is_odd | !is_known | stream->is_ended | order->is_settling)
        return false;
    *acked = um_stream_position(other, tcp->ack);
    return *acked <= (int64_t)other->next &&
           um_stream_position(stream, tcp->seq) == (int64_t)stream->next && um_order_is_calm(order);
}

/* The same as the long way comes to. */
static int
take_next(struct um_order *order, int side, const struct um_tcp *tcp, const struct um_mark *mark,
          int64_t acked)
{
    struct um_stream *other = &order->streams[1 - side];
    order->last = *mark;
    other->acked = acked > (int64_t)other->acked ? (uint64_t)acked : other->acked;
    return um_stream_append(&order->streams[side], tcp->payload, &order->last);
}

/* The long way. */
static int
take_any(struct um_orders *all, struct um_pair *pair, int side, const struct um_tcp *tcp,
         const struct um_mark *mark, bool is_start)
{
    struct um_order *order = &pair->order;
    struct um_stream *stream = &order->streams[side];
    bool is_reset = is_reset_by(pair, side, tcp);
    order->last = *mark;
    if (!stream->has_base)
        um_stream_start(stream, um_tcp_first_seq(tcp));
    else if (is_start_refuted(order, side, tcp))
        start_again(order, side, tcp);
    bool was_settling = order->is_settling;
    if (was_settling)
        settle(pair, side, tcp, is_start);
    stream->is_seen = true;
    if (!(tcp->flags & UM_TCP_RST))
        um_stream_note_reached(stream, um_tcp_first_seq(tcp));
    uint64_t ack =
        tcp->flags & UM_TCP_ACK ? um_stream_note_ack(&order->streams[1 - side], tcp->ack) : 0;
    int err = was_settling ? um_order_go_on(all, order) : UM_OK; /* what is held came first */
    if (is_reset_refuted(stream, tcp))
        stream->is_reset = false;
    if (is_reset)
        um_stream_reset(stream, um_stream_position(stream, tcp->seq));
    else if (!err)
        err = take_bytes(all, order, side, tcp, ack);
    return err ? err : um_order_go_on(all, order);
}

int
um_pair_take(struct um_orders *all, struct um_pair *pair, int side, const struct um_tcp *tcp,
             const struct um_mark *mark, bool is_start)
{
    int64_t acked;
    int err = UM_OK;
    if (is_next(&pair->order, side, tcp, &acked)) {
        if (mark->time_ns >= all->due_ns)
            err = um_orders_go_on(all, mark->time_ns);
        return err ? err : take_next(&pair->order, side, tcp, mark, acked);
    }
    err = take_any(all, pair, side, tcp, mark, is_start);
    return err || mark->time_ns < all->due_ns ? err : um_orders_go_on(all, mark->time_ns);
}

int
um_pair_end(struct um_orders *all, struct um_pair *pair, enum um_end why)
{
    struct um_order *order = &pair->order;
    if (um_pair_is_reset(pair))
        why = UM_END_RESET;
    int err = um_order_flush(all, order);
    for (int side = 0; side < 2 && !err; side++)
        err = um_stream_end(&order->streams[side], why, &order->last);
    return err;
}
