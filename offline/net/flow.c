/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of a connection: when it gets an entry, is followed, makes room for others, is closed.
 *
 * Where a direction starts. The handshake is remembered in a small lossy table (recent.h), so a
 * connection that begins in the capture starts at its first byte, even when its packets were stored
 * out of order: a first payload that is not the first byte makes an entry that only holds, until
 * the first bytes tell whether it is wanted. Without a handshake a connection starts at the first
 * wanted payload, and its other direction at what that packet acknowledges.
 *
 * Who makes room. Most connections end, and their entries go. One that was reset goes when the
 * other side, which may not have heard of it, has been silent for a while. Of those left open the
 * one whose last packet is longest ago goes first: at the limits `flows` and `memory`, and when it
 * is idle, before a new one finds the memory so full that its bodies could not be held.
 */
#include "offline/net/flow.h"

#include <stdlib.h>

#include "offline/net/closed.h"
#include "offline/net/linger.h"
#include "offline/net/plain.h"
#include "offline/net/recent.h"
#include "offline/net/unwrap.h"

enum {
    EARLY_MAX_PIECES = 64, /* held of a connection that is not known to be wanted */
    TELLING_BYTES = 2,     /* one alone, in the midst of a connection, is typed by hand */
    IDLE_S = 30,           /* so long nothing came of one that leaves for a new one; */
    IDLE_LEAST_S = 2,      /* when there is no memory at all */
    HEADROOM_SHARE = 8,    /* of the memory a part that those open leave to a new one */
};

/* The followed connection of the packet before: most packets are of the same one. */
struct latest {
    struct um_flow *flow;        /* NULL: none */
    struct um_plain_way ways[2]; /* of each of its ends */
};

struct um_flows {
    struct um_limits limits;
    struct um_flow_events events;
    struct um_flow_stats stats;
    struct um_unwrap unwrap;
    struct um_table table;
    struct um_orders orders;
    struct um_recents recents;
    struct um_closed_table closed;
    struct latest latest;
    struct um_linger linger;
};

/* A segment and the packet that brought it. */
struct arrival {
    struct um_ends ends;
    struct um_tcp tcp;
    const struct um_mark *mark;
};

/* ---- life of the whole ---- */

int
um_flows_new(const struct um_limits *limits, struct um_meter *meter,
             const struct um_flow_events *events, struct um_flows **out)
{
    struct um_flows *flows = calloc(1, sizeof *flows);
    if (!flows || um_table_init(&flows->table, meter) != UM_OK) {
        free(flows);
        return UM_ERR_NOMEM;
    }
    flows->limits = *limits;
    flows->events = *events;
    um_linger_init(&flows->linger);
    um_orders_init(&flows->orders, &flows->limits, &flows->stats, meter);
    um_unwrap_init(&flows->unwrap, &flows->limits, &flows->stats, meter);
    *out = flows;
    return UM_OK;
}

static bool
is_followed(const struct um_flow *flow)
{
    return flow->pair.order.is_followed;
}

static void
free_flow(struct um_flows *flows, struct um_flow *flow)
{
    if (flows->latest.flow == flow)
        flows->latest.flow = NULL;
    um_order_done(&flows->orders, &flow->pair.order);
    um_list_remove(&flow->lingering);
    um_table_remove(&flows->table, flow);
}

void
um_flows_free(struct um_flows *flows)
{
    if (!flows)
        return;
    struct um_flow *flow;
    while ((flow = um_table_oldest(&flows->table))) {
        if (is_followed(flow))
            flows->events.abandon(flows->events.ctx, flow->user);
        free_flow(flows, flow);
    }
    um_table_done(&flows->table);
    um_unwrap_done(&flows->unwrap);
    free(flows);
}

const struct um_flow_stats *
um_flows_stats(const struct um_flows *flows)
{
    return &flows->stats;
}

/* ---- a connection's end ---- */

static int
canonical_of(const struct um_flow *flow, int side)
{
    return side == 0 ? flow->canonical : 1 - flow->canonical;
}

/* Where it began and ended, so that what repeats it does not begin it anew. */
static void
remember_closed(struct um_flows *flows, const struct um_flow *flow)
{
    struct um_closed *closed =
        um_closed_put(&flows->closed, flow->hash, flow->pair.order.last.time_ns);
    um_recents_forget(&flows->recents, flow->hash); /* a SYN from here on begins another one */
    for (int side = 0; side < 2; side++) {
        const struct um_stream *stream = &flow->pair.order.streams[side];
        int canonical = canonical_of(flow, side);
        closed->is_known[canonical] = stream->has_base;
        closed->first[canonical] = stream->base_seq;
        closed->end[canonical] = stream->base_seq + (uint32_t)stream->next;
    }
}

/* Where one that is evicted goes on, so that what follows does not stand behind a hole. */
static void
remember_left(struct um_flows *flows, const struct um_flow *flow)
{
    struct um_recent *recent = um_recents_put(&flows->recents, flow->hash, UM_RECENT_OPENING);
    for (int side = 0; side < 2; side++) {
        const struct um_stream *stream = &flow->pair.order.streams[side];
        int canonical = canonical_of(flow, side);
        recent->is_seen[canonical] = stream->is_seen;
        recent->is_known[canonical] = stream->has_base;
        recent->seq[canonical] = stream->base_seq + (uint32_t)stream->next;
        recent->acked[canonical] = recent->seq[canonical];
    }
}

static void
count_one_sided(struct um_flow_stats *stats, const struct um_flow *flow)
{
    const struct um_order *order = &flow->pair.order;
    if (order->streams[0].is_seen && order->streams[1].is_seen)
        return;
    if (stats->one_sided++ == 0)
        stats->first_one_sided_frame = order->last.frame;
}

static int
close_flow(struct um_flows *flows, struct um_flow *flow, enum um_end why)
{
    int err = UM_OK;
    if (is_followed(flow)) {
        err = um_pair_end(&flows->orders, &flow->pair, why);
        count_one_sided(&flows->stats, flow);
        int result = flows->events.close(flows->events.ctx, flow->user);
        err = err ? err : result;
    }
    if (why == UM_END_FIN || why == UM_END_RESET || um_pair_is_reset(&flow->pair))
        remember_closed(flows, flow);
    else if (why == UM_END_EVICTED)
        remember_left(flows, flow);
    else if (why == UM_END_REPLACED)
        um_recents_forget(&flows->recents, flow->hash); /* its handshake is not the next one's */
    free_flow(flows, flow);
    return err;
}

static void
count_evicted(struct um_flow_stats *stats, enum um_limit limit, uint64_t frame)
{
    if (stats->evicted++ == 0)
        stats->first_evicted_frame = frame;
    stats->evicted_memory += limit == UM_LIMIT_MEMORY;
}

static int
evict_oldest(struct um_flows *flows, enum um_limit limit)
{
    struct um_flow *flow = um_table_oldest(&flows->table);
    if (is_followed(flow) && !um_pair_is_reset(&flow->pair) && !um_pair_is_over(&flow->pair))
        count_evicted(&flows->stats, limit, flow->pair.order.last.frame);
    return close_flow(flows, flow, UM_END_EVICTED);
}

static int
close_silent(struct um_flows *flows, int64_t now_ns)
{
    int err = UM_OK;
    struct um_flow *flow;
    while (!err && (flow = um_linger_next_silent(&flows->linger, now_ns)))
        err = close_flow(flows, flow, UM_END_RESET);
    return err;
}

/* ---- a connection's beginning ---- */

/* There is no memory for a connection that is wanted; told once, as far as that is remembered. */
static void
refuse(struct um_flows *flows, const struct arrival *arrival)
{
    const struct um_recent *recent = um_recents_find(&flows->recents, arrival->ends.hash);
    if (recent && recent->kind == UM_RECENT_REFUSED)
        return;
    um_recents_put(&flows->recents, arrival->ends.hash, UM_RECENT_REFUSED);
    count_evicted(&flows->stats, UM_LIMIT_MEMORY, arrival->mark->frame);
}

/* Makes an entry under the limits `flows` and `memory`; the oldest go. UM_TABLE_FULL: there is no
 * room even for one. */
static int
add_entry(struct um_flows *flows, const struct arrival *arrival, struct um_flow **out)
{
    int err = UM_OK;
    while (!err && flows->table.count >= flows->limits.max[UM_LIMIT_FLOWS])
        err = evict_oldest(flows, UM_LIMIT_FLOWS);
    while (!err) {
        err = um_table_add(&flows->table, &arrival->ends, out);
        if (err != UM_TABLE_FULL || !um_table_oldest(&flows->table))
            return err;
        err = evict_oldest(flows, UM_LIMIT_MEMORY);
    }
    return err;
}

/* How long one must have been idle to make room; the less is free the shorter. INT64_MAX: there is
 * room. */
static int64_t
idle_to_go_ns(const struct um_meter *meter)
{
    uint64_t share = meter->max / HEADROOM_SHARE + 1;
    uint64_t left = meter->used < meter->max ? meter->max - meter->used : 0;
    if (left >= share)
        return INT64_MAX;
    uint64_t seconds = IDLE_LEAST_S + (IDLE_S - IDLE_LEAST_S) * left / share;
    return (int64_t)seconds * INT64_C(1000000000);
}

/* So that what a new connection will hold finds room. */
static int
make_headroom(struct um_flows *flows, const struct um_flow *new, int64_t now_ns)
{
    for (;;) {
        const struct um_flow *oldest = um_table_oldest(&flows->table);
        int64_t idle_ns = um_mark_elapsed_ns(oldest->pair.order.last.time_ns, now_ns);
        if (oldest == new || idle_ns < idle_to_go_ns(flows->table.meter))
            return UM_OK;
        int err = evict_oldest(flows, UM_LIMIT_MEMORY);
        if (err)
            return err;
    }
}

static int
make_flow(struct um_flows *flows, const struct arrival *arrival, struct um_flow **out)
{
    struct um_flow *flow;
    int err = add_entry(flows, arrival, &flow);
    if (err)
        return err;
    const struct um_recent *recent = um_recents_find(&flows->recents, arrival->ends.hash);
    const struct um_tcp *tcp = &arrival->tcp;
    int own = arrival->ends.canonical, other = 1 - own;
    const uint32_t *starts[2] = {
        um_recent_start(recent, own, um_tcp_first_seq(tcp), UM_PAIR_START_BYTES_MAX),
        (tcp->flags & UM_TCP_ACK)
            ? um_recent_start(recent, other, tcp->ack, UM_PAIR_START_BYTES_MAX)
            : NULL};
    for (int side = 0; side < 2; side++)
        flow->info.misses_start[side] = !starts[side] && starts[1 - side];
    um_pair_init(&flow->pair, starts, tcp, *arrival->mark);
    for (int side = 0; side < 2; side++) {
        if (starts[side])
            (void)um_stream_note_ack(&flow->pair.order.streams[side],
                                     recent->acked[side == 0 ? own : other]);
    }
    flow->pair.order.streams[1].is_seen = starts[1] && recent->is_seen[other];
    *out = flow;
    return UM_OK;
}

/* The connection is wanted: it gets its number and its sinks. UM_FLOW_NO_ROOM: there is no memory,
 * though all others have gone. */
static int
follow(struct um_flows *flows, struct um_flow *flow, int64_t now_ns)
{
    struct um_sink sinks[2] = {0};
    int err = make_headroom(flows, flow, now_ns);
    if (err)
        return err;
    flow->info.number = flows->stats.connections + 1;
    err = flows->events.open(flows->events.ctx, &flow->info, sinks, &flow->user);
    while (err == UM_FLOW_NO_ROOM && um_table_oldest(&flows->table) != flow) {
        int evicted = evict_oldest(flows, UM_LIMIT_MEMORY);
        err = evicted ? evicted
                      : flows->events.open(flows->events.ctx, &flow->info, sinks, &flow->user);
    }
    if (err)
        return err;
    flows->stats.connections++;
    um_order_follow(&flows->orders, &flow->pair.order, sinks);
    return UM_OK;
}

static bool
is_wanted(const struct um_flows *flows, const struct um_tcp *tcp)
{
    return flows->events.every ||
           (tcp->payload.len > 0 && flows->events.wanted(flows->events.ctx, tcp->payload));
}

/* ---- segments of a connection with an entry ---- */

/* An entry that only holds: the first bytes decide, or later ones that are wanted; a reset may be
 * stored before them. False: it is not wanted, and gone. */
static bool
is_kept(struct um_flows *flows, struct um_flow *flow, int side, const struct arrival *arrival)
{
    const struct um_stream *stream = &flow->pair.order.streams[side];
    const struct um_tcp *tcp = &arrival->tcp;
    bool is_first = stream->has_base && um_stream_position(stream, tcp->seq) <= 0;
    bool is_known = tcp->payload.len > 0 && (is_first || stream->held.count >= EARLY_MAX_PIECES);
    if (!is_known)
        return true;
    um_recent_pass(um_recents_find(&flows->recents, arrival->ends.hash), arrival->ends.canonical);
    free_flow(flows, flow);
    return false;
}

static int
take_segment(struct um_flows *flows, struct um_flow *flow, int side, const struct arrival *arrival)
{
    const struct um_tcp *tcp = &arrival->tcp;
    bool is_start = false;
    um_table_touch(&flows->table, flow);
    if (!is_followed(flow)) {
        int err = is_wanted(flows, tcp) ? follow(flows, flow, arrival->mark->time_ns) : UM_OK;
        if (err == UM_FLOW_NO_ROOM) {
            free_flow(flows, flow);
            refuse(flows, arrival);
            return UM_OK;
        }
        if (err || (!is_followed(flow) && !is_kept(flows, flow, side, arrival)))
            return err;
    } else if (flow->pair.order.is_settling) {
        is_start = tcp->payload.len > 0 && is_wanted(flows, tcp);
    }
    int err = um_pair_take(&flows->orders, &flow->pair, side, tcp, arrival->mark, is_start);
    if (!err && um_pair_is_over(&flow->pair))
        return close_flow(flows, flow, UM_END_FIN);
    if ((tcp->flags & UM_TCP_RST) && um_pair_is_reset(&flow->pair))
        um_linger_add(&flows->linger, flow, arrival->mark->time_ns);
    return err;
}

/* ---- segments of none ---- */

/* One without bytes means nothing but for a handshake, of which it may be the last part. */
static void
note_bare(struct um_flows *flows, const struct um_ends *ends, const struct um_tcp *tcp)
{
    if ((tcp->flags & (UM_TCP_ACK | UM_TCP_SYN | UM_TCP_RST)) == UM_TCP_ACK)
        um_recents_note_ack(&flows->recents, ends->hash, ends->canonical, tcp->seq, tcp->ack);
}

/* Is the segment, in a direction that is known to begin at `start` or NULL, of a connection that is
 * over? Asked of the few that would begin one, so that it costs the others nothing. */
static bool
is_of_closed(struct um_flows *flows, const struct arrival *arrival, const uint32_t *start)
{
    struct um_closed *closed = um_closed_find(&flows->closed, arrival->ends.hash);
    int own = arrival->ends.canonical;
    int64_t now_ns = arrival->mark->time_ns;
    return start ? um_closed_note_start(closed, own, *start, now_ns)
                 : um_closed_has(closed, own, um_tcp_first_seq(&arrival->tcp), now_ns);
}

/* `*made`: the entry that the connection gets, whose segment is to be taken; else left alone. */
static int
take_stray(struct um_flows *flows, const struct arrival *arrival, struct um_flow **made)
{
    const struct um_tcp *tcp = &arrival->tcp;
    uint64_t hash = arrival->ends.hash;
    int own = arrival->ends.canonical;
    if (tcp->flags & UM_TCP_SYN)
        um_recents_note_syn(&flows->recents, hash, own, tcp->seq + 1,
                            tcp->flags & UM_TCP_ACK ? &tcp->ack : NULL);
    bool is_empty = tcp->payload.len == 0 && !(tcp->flags & UM_TCP_FIN);
    if (is_empty)
        note_bare(flows, &arrival->ends, tcp);
    if (!flows->events.every && (is_empty || (tcp->flags & UM_TCP_RST)))
        return UM_OK;
    struct um_recent *recent = um_recents_find(&flows->recents, hash);
    uint32_t seq = um_tcp_first_seq(tcp);
    if (um_recent_is_old(recent, own, seq, tcp->payload.len))
        return UM_OK;
    const uint32_t *start = um_recent_start(recent, own, seq, UM_PAIR_START_BYTES_MAX);
    bool is_early = start && *start != seq; /* the first bytes are still to come */
    bool is_first = start && *start == seq;
    bool is_telling = flows->events.every || is_first || tcp->payload.len >= TELLING_BYTES;
    bool wanted = is_telling && is_wanted(flows, tcp);
    if (!is_early && !wanted) {
        um_recent_pass(recent, own);
        return UM_OK;
    }
    if (is_of_closed(flows, arrival, start))
        return UM_OK;
    int err = make_flow(flows, arrival, made);
    if (err == UM_TABLE_FULL && wanted)
        refuse(flows, arrival);
    return err == UM_TABLE_FULL ? UM_OK : err;
}

static void
note_latest(struct um_flows *flows, struct um_flow *flow, int side, const struct um_plain *plain)
{
    struct latest *latest = &flows->latest;
    latest->flow = flow;
    latest->ways[side] = um_plain_way(plain);
    latest->ways[1 - side] = um_plain_way_back(latest->ways[side]);
}

/* The latest connection when the packet is of it and does not begin it anew, else NULL. */
static struct um_flow *
find_latest(const struct um_flows *flows, const struct um_plain *plain, int64_t now_ns, int *side)
{
    const struct latest *latest = &flows->latest;
    struct um_plain_way way = um_plain_way(plain);
    *side = um_plain_way_equal(way, latest->ways[1]);
    bool is_same = *side | um_plain_way_equal(way, latest->ways[0]);
    bool is_known = is_same & !um_plain_is_syn(plain);
    if (!is_known || !latest->flow || um_pair_is_silent(&latest->flow->pair, now_ns))
        return NULL;
    return latest->flow;
}

/* Of another connection than the entry's, whose handshake was not captured. */
static bool
is_foreign(const struct um_flow *flow, int side, const struct arrival *arrival)
{
    return um_pair_is_silent(&flow->pair, arrival->mark->time_ns) &&
           um_pair_is_foreign(&flow->pair, side, &arrival->tcp);
}

/* `flow`: NULL when the connection has no entry. */
static int
take(struct um_flows *flows, struct um_flow *flow, int side, const struct arrival *arrival)
{
    int err = UM_OK;
    const struct um_tcp *tcp = &arrival->tcp;
    bool is_other = flow && is_foreign(flow, side, arrival);
    if (is_other && (tcp->payload.len == 0 || !is_wanted(flows, tcp)))
        return UM_OK; /* it begins nothing, and the silence goes on */
    if (is_other || (flow && um_pair_is_replaced_by(&flow->pair, side, tcp))) {
        err = close_flow(flows, flow, UM_END_REPLACED);
        flow = NULL;
    }
    if (!err && !flow) {
        side = 0;
        err = take_stray(flows, arrival, &flow);
    }
    return err || !flow ? err : take_segment(flows, flow, side, arrival);
}

/* An idle one of a connection without an entry: read only where a handshake may need it. */
static void
pass_idle(struct um_flows *flows, const struct um_plain *plain, struct arrival *arrival)
{
    if (!um_recents_find(&flows->recents, arrival->ends.hash))
        return;
    um_plain_read_tcp(plain, &arrival->tcp);
    note_bare(flows, &arrival->ends, &arrival->tcp);
}

/* Reads a plain packet and finds its connection's entry. False: there is no more to do. */
static bool
find_of_plain(struct um_flows *flows, const struct um_plain *plain, struct arrival *arrival,
              struct um_flow **flow, int *side)
{
    *flow = find_latest(flows, plain, arrival->mark->time_ns, side);
    if (!*flow) {
        um_plain_identify(plain, &arrival->ends);
        if (um_plain_is_idle(plain) && !flows->events.every &&
            !um_table_may_have(&flows->table, arrival->ends.hash)) {
            pass_idle(flows, plain, arrival);
            return false;
        }
        um_plain_read_ends(plain, &arrival->ends);
        *flow = um_table_find(&flows->table, &arrival->ends, side);
        if (*flow && is_followed(*flow))
            note_latest(flows, *flow, *side, plain);
    }
    um_plain_read_tcp(plain, &arrival->tcp);
    return true;
}

/* Those that time alone has ended. */
static int
close_those_over(struct um_flows *flows)
{
    int err = UM_OK;
    while (!err && !um_list_is_empty(&flows->orders.over)) {
        struct um_flow *flow =
            UM_LIST_ENTRY(flows->orders.over.next, struct um_flow, pair.order.waiting);
        err = close_flow(flows, flow, UM_END_FIN);
    }
    return err;
}

/* Takes the packet's first segment, or the next one. */
static int
take_one(struct um_flows *flows, const struct um_packet *packet)
{
    struct um_plain plain;
    struct arrival arrival; /* what it holds is written by those who read the packet */
    struct um_flow *flow;
    int side;
    arrival.mark = &packet->mark;
    if (um_plain_see(packet, &plain)) {
        flows->stats.segments++;
        if (!find_of_plain(flows, &plain, &arrival, &flow, &side))
            return UM_OK;
    } else {
        int result = um_unwrap_packet(&flows->unwrap, packet, &arrival.ends, &arrival.tcp);
        if (result != UM_UNWRAP_TCP)
            return result;
        flows->stats.segments++;
        um_ends_identify(&arrival.ends);
        flow = um_table_find(&flows->table, &arrival.ends, &side);
    }
    return take(flows, flow, side, &arrival);
}

int
um_flows_packet(struct um_flows *flows, const struct um_packet *packet)
{
    int err = close_those_over(flows);
    if (!err && um_linger_is_due(&flows->linger, packet->mark.time_ns))
        err = close_silent(flows, packet->mark.time_ns);
    if (err)
        return err;
    do
        err = take_one(flows, packet); /* of nearly all packets that is all */
    while (__builtin_expect(um_unwrap_has_more(&flows->unwrap), 0) && !err);
    return err;
}

int
um_flows_end(struct um_flows *flows)
{
    int err = UM_OK;
    um_unwrap_end(&flows->unwrap);
    while (!err && um_table_oldest(&flows->table))
        err = close_flow(flows, um_table_oldest(&flows->table), UM_END_CAPTURE);
    return err;
}
