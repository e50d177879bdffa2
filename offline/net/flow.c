/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The connections that are followed, in a hash table and a list by last use, and the packets' way
 * to them.
 *
 * Where a direction starts. The handshake is remembered in a small lossy table (recent.h), so a
 * connection that begins in the capture starts at its first byte, even when its packets were stored
 * out of order: a first payload that is not the first byte makes a flow that only holds, until the
 * first bytes tell whether it is wanted. Without a handshake a flow starts at the first wanted
 * payload, and its other direction at what that packet acknowledges.
 *
 * Cause before effect. A segment waits until what it acknowledges has been delivered, so that a
 * reply that the capture stored before its request comes after it all the same. A direction of
 * which no packet was ever seen is not waited for.
 *
 * Giving up. Bytes the other side has acknowledged were there: when the next packets of the
 * connection do not bring them, the capture has lost them. Other holes are held until a limit or
 * the end.
 */
#include "offline/net/flow.h"

#include <stdlib.h>

#include "offline/net/ipfrag.h"
#include "offline/net/link.h"
#include "offline/net/list.h"
#include "offline/net/recent.h"
#include "offline/net/stream.h"
#include "offline/net/tcp.h"
#include "offline/net/tunnel.h"

enum {
    FIRST_BUCKETS = 256,
    DOUBT_PACKETS = 16,            /* later packets of the connection that may still fill a hole */
    WINDOW_BYTES = 1 << 30,        /* nothing farther ahead is believed */
    EARLY_MAX_BYTES = 64 * 1024,   /* how far a first payload may be ahead of the first byte */
    EARLY_MAX_PIECES = 64,         /* held of a flow that is not known to be wanted */
    CLOSED_BEHIND_BYTES = 1 << 24, /* what is taken for a retransmission of a closed connection */
    CLOSED_AHEAD_BYTES = 1 << 16,
};

static const int64_t DOUBT_NS = 500 * 1000 * 1000; /* how long they may take */

struct flow {
    struct um_list used; /* in flows->by_use */
    struct flow *chain;
    uint64_t hash;
    struct um_flow_info info; /* number 0: holds only, not known to be wanted */
    struct um_stream streams[2];
    struct um_mark last;
    bool is_reset; /* by one side; what the other still sends is taken */
    void *user;
};

struct um_flows {
    struct um_limits limits;
    struct um_meter *meter;
    struct um_flow_events events;
    struct um_flow_stats stats;
    struct um_ipfrag fragments;
    struct flow **buckets;
    size_t bucket_count; /* a power of two */
    size_t count;
    struct um_list by_use; /* least recently used first */
    uint64_t held_total;   /* bytes held by all streams */
    struct um_recents recents;
};

/* A segment and the packets that brought it. */
struct arrival {
    struct um_endpoint source, destination;
    struct um_tcp tcp;
    struct um_mark mark;
    uint64_t hash;
    int canonical; /* the sender's index in the order that is the same for both directions */
};

/* ---- life of the whole ---- */

int
um_flows_new(const struct um_limits *limits, struct um_meter *meter,
             const struct um_flow_events *events, struct um_flows **out)
{
    struct um_flows *flows = calloc(1, sizeof *flows);
    struct flow **buckets = calloc(FIRST_BUCKETS, sizeof(struct flow *));
    if (!flows || !buckets) {
        free(flows);
        free(buckets);
        return UM_ERR_NOMEM;
    }
    flows->limits = *limits;
    flows->meter = meter;
    flows->events = *events;
    flows->buckets = buckets;
    flows->bucket_count = FIRST_BUCKETS;
    um_list_init(&flows->by_use);
    um_ipfrag_init(&flows->fragments, limits->max[UM_LIMIT_FRAGMENTS], meter);
    *out = flows;
    return UM_OK;
}

static void
free_streams(struct um_flows *flows, struct flow *flow)
{
    for (int side = 0; side < 2; side++) {
        flows->held_total -= flow->streams[side].held.held_bytes;
        um_segments_clear(&flow->streams[side].held, flows->meter);
    }
}

static void
unlink_flow(struct um_flows *flows, struct flow *flow)
{
    struct flow **place = &flows->buckets[flow->hash & (flows->bucket_count - 1)];
    while (*place != flow)
        place = &(*place)->chain;
    *place = flow->chain;
    um_list_remove(&flow->used);
    flows->count--;
}

static void
free_flow(struct um_flows *flows, struct flow *flow)
{
    unlink_flow(flows, flow);
    free_streams(flows, flow);
    um_meter_give(flows->meter, sizeof *flow);
    free(flow);
}

static struct flow *
oldest(const struct um_flows *flows)
{
    if (um_list_is_empty(&flows->by_use))
        return NULL;
    return UM_LIST_ENTRY(flows->by_use.next, struct flow, used);
}

void
um_flows_free(struct um_flows *flows)
{
    if (!flows)
        return;
    while (oldest(flows))
        free_flow(flows, oldest(flows));
    um_ipfrag_done(&flows->fragments);
    free(flows->buckets);
    free(flows);
}

const struct um_flow_stats *
um_flows_stats(const struct um_flows *flows)
{
    return &flows->stats;
}

/* ---- delivering ---- */

static bool
is_followed(const struct flow *flow)
{
    return flow->info.number != 0;
}

/* Missing bytes up to `position`: told to the sink, and counted when they are a loss. */
static int
give_up(struct um_flows *flows, struct flow *flow, int side, uint64_t position,
        enum um_gap_cause cause, const struct um_mark *where)
{
    struct um_stream *stream = &flow->streams[side];
    uint64_t missing = position - stream->next;
    if (missing > 0 && stream->is_seen && !stream->is_enough && is_followed(flow)) {
        struct um_flow_stats *stats = &flows->stats;
        if (stats->lost_bytes == 0)
            stats->first_lost_frame = where->frame;
        stats->lost_bytes += missing;
        stats->lost_streams += stream->has_loss ? 0 : 1;
        stream->has_loss = true;
    }
    return um_stream_give_up(stream, position, cause, where);
}

/* Does the first held piece acknowledge bytes that have not been delivered? */
static bool
has_to_wait(const struct flow *flow, int side, uint64_t ack)
{
    const struct um_stream *other = &flow->streams[1 - side];
    if (!other->is_seen || other->is_enough || other->is_ended || ack <= other->next)
        return false;
    /* a number ahead of all bytes is as likely a FIN that was not captured */
    return ack > other->next + 1 || other->held.head || other->has_fin;
}

static bool
may_step(const struct flow *flow, int side)
{
    const struct um_stream *stream = &flow->streams[side];
    return um_stream_is_ready(stream) && !has_to_wait(flow, side, stream->held.head->ack);
}

static int
step(struct um_flows *flows, struct flow *flow, int side)
{
    struct um_stream *stream = &flow->streams[side];
    uint64_t before = stream->held.held_bytes;
    int err = um_stream_step(stream, flows->meter);
    flows->held_total -= before - stream->held.held_bytes;
    return err;
}

/* The side whose first held piece has waited for the other's longest; both are ready. */
static int
earlier_side(const struct flow *flow)
{
    const struct um_segment *a = flow->streams[0].held.head, *b = flow->streams[1].held.head;
    return b->first.frame < a->first.frame ? 1 : 0;
}

static int
end_at_fin(struct flow *flow)
{
    int err = UM_OK;
    for (int side = 0; side < 2 && !err; side++) {
        struct um_stream *stream = &flow->streams[side];
        if (stream->has_fin && stream->next >= stream->fin_at && !stream->is_ended)
            err = um_stream_end(stream, UM_END_FIN, &flow->last);
    }
    return err;
}

/* Delivers all that may be delivered now. */
static int
pump(struct um_flows *flows, struct flow *flow)
{
    int err = UM_OK;
    while (!err && is_followed(flow)) {
        if (may_step(flow, 0))
            err = step(flows, flow, 0);
        else if (may_step(flow, 1))
            err = step(flows, flow, 1);
        else if (um_stream_is_ready(&flow->streams[0]) && um_stream_is_ready(&flow->streams[1]))
            err = step(flows, flow, earlier_side(flow)); /* each waits for the other */
        else
            break;
    }
    return err ? err : end_at_fin(flow);
}

/* ---- holes ---- */

/* Gives up the first hole of a direction, as far as it is known to be one. */
static int
give_up_hole(struct um_flows *flows, struct flow *flow, int side, enum um_gap_cause cause)
{
    struct um_stream *stream = &flow->streams[side];
    struct um_mark where = stream->held.head ? stream->held.head->first : flow->last;
    return give_up(flows, flow, side, um_stream_hole_end(stream), cause, &where);
}

/* A hole that the other side has filled: has the capture had its chance to do the same? */
static int
doubt(struct um_flows *flows, struct flow *flow, int side)
{
    struct um_stream *stream = &flow->streams[side];
    uint64_t known = um_stream_known_end(stream), end = um_stream_hole_end(stream);
    if (!stream->is_seen || um_stream_is_ready(stream) || known <= stream->next ||
        end <= stream->next) {
        stream->in_doubt = false;
        return UM_OK;
    }
    if (!stream->in_doubt) {
        stream->in_doubt = true;
        stream->doubt_packets = 0;
        stream->doubt_since_ns = flow->last.time_ns;
        return UM_OK;
    }
    int64_t waited_ns = um_mark_elapsed_ns(stream->doubt_since_ns, flow->last.time_ns);
    if (++stream->doubt_packets < DOUBT_PACKETS && waited_ns < DOUBT_NS)
        return UM_OK;
    if (!stream->held.head && !stream->has_fin && known == stream->next + 1)
        return UM_OK; /* as likely the FIN, which takes one number and was not captured */
    struct um_mark where = stream->held.head ? stream->held.head->first : flow->last;
    return give_up(flows, flow, side, known < end ? known : end, UM_GAP_LOST, &where);
}

static int
doubt_both(struct um_flows *flows, struct flow *flow)
{
    int err = doubt(flows, flow, 0);
    if (!err)
        err = doubt(flows, flow, 1);
    return err ? err : pump(flows, flow);
}

/* Something is held and cannot go on: gives up what it waits for. */
static int
force(struct um_flows *flows, struct flow *flow, enum um_gap_cause cause)
{
    for (int side = 0; side < 2; side++) {
        const struct um_stream *stream = &flow->streams[side];
        if (stream->held.head && !um_stream_is_ready(stream)) {
            int err = give_up_hole(flows, flow, side, cause);
            return err ? err : pump(flows, flow);
        }
    }
    for (int side = 0; side < 2; side++) {
        if (um_stream_is_ready(&flow->streams[side])) {
            int err = step(flows, flow, side);
            return err ? err : pump(flows, flow);
        }
    }
    return UM_OK;
}

static bool
has_held(const struct flow *flow)
{
    return flow->streams[0].held.head || flow->streams[1].held.head;
}

/* Everything that is held goes out, holes and all. */
static int
flush(struct um_flows *flows, struct flow *flow)
{
    int err = pump(flows, flow);
    while (!err && has_held(flow))
        err = force(flows, flow, UM_GAP_LOST);
    for (int side = 0; side < 2 && !err; side++) {
        struct um_stream *stream = &flow->streams[side];
        uint64_t end = um_stream_hole_end(stream);
        bool is_fin_only = !stream->has_fin && stream->is_seen && end == stream->next + 1;
        if (!stream->is_ended && end > stream->next && !is_fin_only)
            err = give_up_hole(flows, flow, side, UM_GAP_LOST);
    }
    return err ? err : end_at_fin(flow);
}

/* ---- a flow's end ---- */

/* So that a late retransmission does not begin a closed connection anew. */
static void
remember_closed(struct um_flows *flows, const struct flow *flow, int canonical_of_first)
{
    struct um_recent *recent = um_recents_put(&flows->recents, flow->hash, UM_RECENT_CLOSED);
    for (int side = 0; side < 2; side++) {
        const struct um_stream *stream = &flow->streams[side];
        int canonical = side == 0 ? canonical_of_first : 1 - canonical_of_first;
        recent->is_known[canonical] = stream->has_base;
        recent->seq[canonical] = stream->base_seq + (uint32_t)stream->next;
    }
}

/* Order of the ends that is the same for both directions: index of `a` among the two. */
static int
canonical_index(const struct um_endpoint *a, const struct um_endpoint *b)
{
    int order = memcmp(a->address, b->address, sizeof a->address);
    if (order == 0)
        order = (a->port > b->port) - (a->port < b->port);
    return order > 0;
}

static void
count_one_sided(struct um_flow_stats *stats, const struct flow *flow)
{
    if (flow->streams[0].is_seen && flow->streams[1].is_seen)
        return;
    if (stats->one_sided++ == 0)
        stats->first_one_sided_frame = flow->last.frame;
}

static int
close_flow(struct um_flows *flows, struct flow *flow, enum um_end why)
{
    int err = UM_OK;
    if (flow->is_reset)
        why = UM_END_RESET;
    if (is_followed(flow)) {
        err = flush(flows, flow);
        for (int side = 0; side < 2 && !err; side++)
            err = um_stream_end(&flow->streams[side], why, &flow->last);
        count_one_sided(&flows->stats, flow);
        int result = flows->events.close(flows->events.ctx, flow->user);
        err = err ? err : result;
    }
    if (why == UM_END_FIN || why == UM_END_RESET)
        remember_closed(flows, flow, canonical_index(&flow->info.ends[0], &flow->info.ends[1]));
    free_flow(flows, flow);
    return err;
}

static int
evict_oldest(struct um_flows *flows)
{
    struct flow *flow = oldest(flows);
    if (is_followed(flow) && !flow->is_reset && flows->stats.evicted++ == 0)
        flows->stats.first_evicted_frame = flow->last.frame;
    return close_flow(flows, flow, UM_END_EVICTED);
}

/* ---- finding and making flows ---- */

static uint64_t
mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9fb21c651e98df25);
    return hash ^ hash >> 29;
}

static uint64_t
hash_end(const struct um_endpoint *end, uint64_t hash)
{
    uint64_t words[2];
    memcpy(words, end->address, sizeof words);
    return mix(mix(mix(hash, words[0]), words[1]), end->port);
}

/* The same for both directions. */
static void
identify(struct arrival *arrival)
{
    arrival->canonical = canonical_index(&arrival->source, &arrival->destination);
    const struct um_endpoint *lower =
        arrival->canonical == 0 ? &arrival->source : &arrival->destination;
    const struct um_endpoint *upper =
        arrival->canonical == 0 ? &arrival->destination : &arrival->source;
    arrival->hash = hash_end(upper, hash_end(lower, 0));
}

/* The flow of an arrival; *side is its sender's index. NULL when it is not followed. */
static struct flow *
find_flow(const struct um_flows *flows, const struct arrival *arrival, int *side)
{
    struct flow *flow = flows->buckets[arrival->hash & (flows->bucket_count - 1)];
    for (; flow; flow = flow->chain) {
        if (flow->hash != arrival->hash)
            continue;
        const struct um_endpoint *ends = flow->info.ends;
        for (int i = 0; i < 2; i++) {
            if (um_endpoint_equal(&arrival->source, &ends[i]) &&
                um_endpoint_equal(&arrival->destination, &ends[1 - i])) {
                *side = i;
                return flow;
            }
        }
    }
    return NULL;
}

static int
widen(struct um_flows *flows)
{
    if (flows->count < flows->bucket_count)
        return UM_OK;
    size_t wider = flows->bucket_count * 2;
    struct flow **buckets = calloc(wider, sizeof(struct flow *));
    if (!buckets)
        return UM_ERR_NOMEM;
    for (size_t i = 0; i < flows->bucket_count; i++) {
        while (flows->buckets[i]) {
            struct flow *flow = flows->buckets[i];
            flows->buckets[i] = flow->chain;
            struct flow **place = &buckets[flow->hash & (wider - 1)];
            flow->chain = *place;
            *place = flow;
        }
    }
    free(flows->buckets);
    flows->buckets = buckets;
    flows->bucket_count = wider;
    return UM_OK;
}

/* Makes room under the limits `flows` and `memory`; the oldest go. */
static int
make_room(struct um_flows *flows)
{
    int err = UM_OK;
    while (!err && flows->count >= flows->limits.max[UM_LIMIT_FLOWS])
        err = evict_oldest(flows);
    while (!err && !um_meter_take(flows->meter, sizeof(struct flow))) {
        if (!oldest(flows))
            return UM_SINK_ENOUGH; /* no room even for one */
        err = evict_oldest(flows);
    }
    return err;
}

static void
set_base(struct um_stream *stream, uint32_t seq)
{
    stream->base_seq = seq;
    stream->has_base = true;
}

/* Where both directions start: by the handshake where it was seen, else by this segment. */
static void
set_starts(struct um_flows *flows, struct flow *flow, const struct arrival *arrival)
{
    const struct um_recent *recent = um_recents_find(&flows->recents, arrival->hash);
    bool is_opening = recent && recent->kind == UM_RECENT_OPENING;
    int own = arrival->canonical, other = 1 - own;
    flow->streams[0].is_seen = true;
    set_base(&flow->streams[0],
             is_opening && recent->is_known[own] ? recent->seq[own] : arrival->tcp.seq);
    if (is_opening && recent->is_known[other]) {
        set_base(&flow->streams[1], recent->seq[other]);
        flow->streams[1].is_seen = true;
    } else if (arrival->tcp.has_ack) {
        set_base(&flow->streams[1], arrival->tcp.ack);
    }
}

/* 0 with *out set to NULL: no room. */
static int
make_flow(struct um_flows *flows, const struct arrival *arrival, struct flow **out)
{
    *out = NULL;
    int err = make_room(flows);
    if (err)
        return err == UM_SINK_ENOUGH ? UM_OK : err;
    struct flow *flow = calloc(1, sizeof *flow);
    if (!flow || widen(flows) != UM_OK) {
        free(flow);
        um_meter_give(flows->meter, sizeof *flow);
        return UM_ERR_NOMEM;
    }
    flow->hash = arrival->hash;
    flow->info.ends[0] = arrival->source;
    flow->info.ends[1] = arrival->destination;
    flow->last = arrival->mark;
    set_starts(flows, flow, arrival);
    struct flow **place = &flows->buckets[flow->hash & (flows->bucket_count - 1)];
    flow->chain = *place;
    *place = flow;
    um_list_append(&flows->by_use, &flow->used);
    flows->count++;
    *out = flow;
    return UM_OK;
}

/* The flow is wanted: it gets its number and its sinks. */
static int
follow(struct um_flows *flows, struct flow *flow)
{
    flow->info.number = ++flows->stats.connections;
    struct um_sink sinks[2] = {0};
    int err = flows->events.open(flows->events.ctx, &flow->info, sinks, &flow->user);
    if (err) {
        flow->info.number = 0;
        return err;
    }
    flow->streams[0].sink = sinks[0];
    flow->streams[1].sink = sinks[1];
    return UM_OK;
}

/* ---- segments of a flow ---- */

static int
hold(struct um_flows *flows, struct flow *flow, int side, const struct um_arrival *piece)
{
    struct um_stream *stream = &flow->streams[side];
    for (;;) {
        uint64_t before = stream->held.held_bytes;
        bool conflict = false;
        bool is_over =
            before + piece->bytes.len > flows->limits.max[UM_LIMIT_PENDING] ||
            flows->held_total + piece->bytes.len > flows->limits.max[UM_LIMIT_PENDING_TOTAL];
        int result = is_over ? UM_SEGMENTS_FULL
                             : um_segments_add(&stream->held, piece, flows->meter, &conflict);
        flows->held_total += stream->held.held_bytes - before;
        flows->stats.conflicts += conflict ? 1 : 0;
        if (result != UM_SEGMENTS_FULL)
            return result;
        if (!is_followed(flow))
            return UM_OK;      /* not known to be wanted: what does not fit is left out */
        if (!has_held(flow)) { /* no room at all: what came too early is passed on behind a gap */
            struct um_mark where = piece->first;
            flows->stats.pending_dropped++;
            int err = piece->position > stream->next
                          ? give_up(flows, flow, side, piece->position, UM_GAP_LIMIT, &where)
                          : UM_OK;
            return err ? err : um_stream_pass(stream, piece);
        }
        flows->stats.pending_dropped++;
        int err = force(flows, flow, UM_GAP_LIMIT);
        if (err)
            return err;
        if (piece->position <= stream->next)
            return um_stream_pass(stream, piece);
    }
}

/* Where this direction's bytes stand; false for what is not believed. */
static bool
place(const struct um_stream *stream, const struct um_tcp *tcp, struct um_arrival *piece)
{
    int64_t position = um_stream_position(stream, tcp->seq + (tcp->syn ? 1 : 0));
    piece->bytes = tcp->payload;
    piece->cut = tcp->cut;
    if (position < 0) { /* begins before the start: only what is behind it counts */
        uint64_t before = (uint64_t)-position;
        if (before >= piece->bytes.len)
            return false;
        piece->bytes = um_span_from(piece->bytes, (size_t)before);
        position = 0;
    }
    piece->position = (uint64_t)position;
    return position <= (int64_t)stream->next + WINDOW_BYTES;
}

static void
note_ack(struct flow *flow, int side, const struct um_tcp *tcp, uint64_t *ack)
{
    struct um_stream *other = &flow->streams[1 - side];
    *ack = 0;
    if (!tcp->has_ack)
        return;
    if (!other->has_base)
        set_base(other, tcp->ack);
    int64_t position = um_stream_position(other, tcp->ack);
    if (position <= 0 || position > (int64_t)other->next + WINDOW_BYTES)
        return;
    if ((uint64_t)position > other->acked)
        other->acked = (uint64_t)position;
    *ack =
        other->has_fin && (uint64_t)position > other->fin_at ? other->fin_at : (uint64_t)position;
}

static int
take_bytes(struct um_flows *flows, struct flow *flow, int side, const struct arrival *arrival,
           uint64_t ack)
{
    struct um_stream *stream = &flow->streams[side];
    struct um_arrival piece = {.ack = ack, .first = arrival->mark, .last = arrival->mark};
    bool is_believed = place(stream, &arrival->tcp, &piece);
    uint64_t end = piece.position + piece.bytes.len + piece.cut;
    if (arrival->tcp.fin && is_believed && !stream->has_fin) {
        stream->has_fin = true;
        stream->fin_at = end;
    }
    if (!is_believed || end <= stream->next)
        return UM_OK; /* old, or a keep-alive probe, which repeats the last byte */
    if (stream->has_fin && piece.position >= stream->fin_at)
        return UM_OK; /* nothing is sent after the FIN */
    if (stream->is_enough) {
        stream->next = end;
        return UM_OK;
    }
    bool is_next = piece.position <= stream->next && is_followed(flow);
    if (is_next && !has_to_wait(flow, side, ack))
        return um_stream_pass(stream, &piece);
    return hold(flows, flow, side, &piece);
}

/* A reset counts when it stands where the stream is, not somewhere an attacker could guess. */
static bool
is_reset(const struct um_stream *stream, const struct um_tcp *tcp)
{
    if (!tcp->rst)
        return false;
    if (!stream->has_base || !stream->is_seen)
        return true;
    int64_t position = um_stream_position(stream, tcp->seq);
    uint64_t end = stream->held.tail ? um_segment_end(stream->held.tail) : stream->next;
    if (um_stream_known_end(stream) > end)
        end = um_stream_known_end(stream);
    return position >= (int64_t)stream->next - 1 && position <= (int64_t)end + 65536;
}

static bool
is_over(const struct flow *flow)
{
    return flow->streams[0].is_ended && flow->streams[1].is_ended;
}

/* This side sends no more. The other may not have heard of it yet: its bytes are taken as long as
 * they come. */
static int
take_reset(struct um_flows *flows, struct flow *flow, int side)
{
    if (!is_followed(flow))
        return close_flow(flows, flow, UM_END_RESET);
    flow->is_reset = true;
    int err = flush(flows, flow);
    if (!err)
        err = um_stream_end(&flow->streams[side], UM_END_RESET, &flow->last);
    return !err && is_over(flow) ? close_flow(flows, flow, UM_END_RESET) : err;
}

/* A flow that only holds: the first bytes decide, or later ones that are wanted. UM_SINK_ENOUGH: it
 * is not wanted, and gone. */
static int
decide(struct um_flows *flows, struct flow *flow, int side, const struct arrival *arrival)
{
    const struct um_stream *stream = &flow->streams[side];
    const struct um_tcp *tcp = &arrival->tcp;
    if (tcp->payload.len == 0)
        return UM_OK;
    if (flows->events.wanted(flows->events.ctx, tcp->payload))
        return follow(flows, flow);
    bool is_first = um_stream_position(stream, tcp->seq) <= 0;
    if (!is_first && stream->held.count < EARLY_MAX_PIECES)
        return UM_OK;
    struct um_recent *recent = um_recents_find(&flows->recents, arrival->hash);
    if (recent)
        recent->is_known[arrival->canonical] = false; /* its first bytes have passed */
    free_flow(flows, flow);
    return UM_SINK_ENOUGH;
}

static int
take_segment(struct um_flows *flows, struct flow *flow, int side, const struct arrival *arrival)
{
    struct um_stream *stream = &flow->streams[side];
    const struct um_tcp *tcp = &arrival->tcp;
    flow->last = arrival->mark;
    stream->is_seen = true;
    um_list_remove(&flow->used);
    um_list_append(&flows->by_use, &flow->used);
    if (!stream->has_base)
        set_base(stream, tcp->seq + (tcp->syn ? 1 : 0));
    if (!is_followed(flow)) {
        int result = decide(flows, flow, side, arrival);
        if (result)
            return result < 0 ? result : UM_OK;
    }
    uint64_t ack;
    note_ack(flow, side, tcp, &ack);
    if (is_reset(stream, tcp))
        return take_reset(flows, flow, side);
    int err = take_bytes(flows, flow, side, arrival, ack);
    if (!err && is_followed(flow))
        err = pump(flows, flow);
    if (!err && is_followed(flow))
        err = doubt_both(flows, flow);
    return !err && is_over(flow) ? close_flow(flows, flow, UM_END_FIN) : err;
}

/* ---- segments of no flow ---- */

/* Remembers where a direction of a new connection starts. */
static void
note_syn(struct um_flows *flows, const struct arrival *arrival)
{
    int own = arrival->canonical;
    uint32_t start = arrival->tcp.seq + 1;
    struct um_recent *recent = um_recents_find(&flows->recents, arrival->hash);
    bool is_same = recent && recent->kind == UM_RECENT_OPENING &&
                   (arrival->tcp.has_ack || !recent->is_known[own] || recent->seq[own] == start);
    if (!is_same)
        recent = um_recents_put(&flows->recents, arrival->hash, UM_RECENT_OPENING);
    recent->is_known[own] = true;
    recent->seq[own] = start;
}

/* Bytes of a connection that was closed: told by where they stand. */
static bool
is_of_closed(const struct um_recent *recent, const struct arrival *arrival)
{
    if (!recent || recent->kind != UM_RECENT_CLOSED || !recent->is_known[arrival->canonical])
        return false;
    int32_t ahead = (int32_t)(arrival->tcp.seq - recent->seq[arrival->canonical]);
    return ahead > -CLOSED_BEHIND_BYTES && ahead < CLOSED_AHEAD_BYTES;
}

/* A payload that is not the first of its direction, the first being still to come. */
static bool
is_early(const struct um_recent *recent, const struct arrival *arrival)
{
    if (!recent || recent->kind != UM_RECENT_OPENING || !recent->is_known[arrival->canonical])
        return false;
    int32_t ahead = (int32_t)(arrival->tcp.seq - recent->seq[arrival->canonical]);
    return ahead > 0 && ahead <= EARLY_MAX_BYTES;
}

static int
take_stray(struct um_flows *flows, const struct arrival *arrival)
{
    const struct um_tcp *tcp = &arrival->tcp;
    if (tcp->syn)
        note_syn(flows, arrival);
    bool is_every = flows->events.every;
    if (!is_every && (tcp->payload.len == 0 || tcp->rst))
        return UM_OK;
    struct um_recent *recent = um_recents_find(&flows->recents, arrival->hash);
    if (is_of_closed(recent, arrival))
        return UM_OK;
    bool is_ahead = is_early(recent, arrival);
    bool is_wanted = is_every || flows->events.wanted(flows->events.ctx, tcp->payload);
    if (!is_ahead && !is_wanted) {
        if (recent && recent->kind == UM_RECENT_OPENING)
            recent->is_known[arrival->canonical] = false; /* its first bytes have passed */
        return UM_OK;
    }
    struct flow *flow;
    int err = make_flow(flows, arrival, &flow);
    if (err || !flow)
        return err;
    if (is_wanted) {
        err = follow(flows, flow);
        if (err) {
            free_flow(flows, flow);
            return err;
        }
    }
    return take_segment(flows, flow, 0, arrival);
}

/* A SYN with another number than the flow began with: a new connection on the same ports. */
static bool
begins_anew(const struct flow *flow, int side, const struct um_tcp *tcp)
{
    const struct um_stream *stream = &flow->streams[side];
    return tcp->syn && !tcp->has_ack && (!stream->has_base || tcp->seq + 1 != stream->base_seq);
}

static int
take_arrival(struct um_flows *flows, struct arrival *arrival)
{
    identify(arrival);
    flows->stats.segments++;
    int side;
    struct flow *flow = find_flow(flows, arrival, &side);
    if (flow && begins_anew(flow, side, &arrival->tcp)) {
        int err = close_flow(flows, flow, UM_END_REPLACED);
        if (err)
            return err;
        flow = NULL;
    }
    return flow ? take_segment(flows, flow, side, arrival) : take_stray(flows, arrival);
}

/* ---- from packets to segments ---- */

static void
set_address(struct um_endpoint *end, struct um_span address, uint16_t port)
{
    memcpy(end->address, address.data, address.len);
    end->address_len = (uint8_t)address.len;
    end->port = port;
}

static int
take_tcp(struct um_flows *flows, const struct um_ip *ip, struct um_mark mark)
{
    struct arrival arrival = {.mark = mark};
    enum um_step parsed = um_tcp_parse(ip->payload, ip->cut, &arrival.tcp);
    if (parsed != UM_DONE) {
        flows->stats.malformed++;
        return UM_OK;
    }
    set_address(&arrival.source, ip->source, arrival.tcp.source_port);
    set_address(&arrival.destination, ip->destination, arrival.tcp.destination_port);
    return take_arrival(flows, &arrival);
}

static enum um_link_kind
strip_inner(const struct um_inner *inner, uint64_t *budget, struct um_span *datagram)
{
    switch (inner->kind) {
    case UM_INNER_IP:
        *datagram = inner->bytes;
        return UM_LINK_IP;
    case UM_INNER_LINK:
        return um_link_strip(inner->type, inner->bytes, budget, datagram);
    default:
        return um_link_strip_ethertype(inner->type, inner->bytes, budget, datagram);
    }
}

/* An IP datagram, and those inside it, as many as the limit `tunnels` allows. */
static int
take_datagram(struct um_flows *flows, struct um_span datagram, uint32_t not_captured,
              uint64_t budget, struct um_mark mark)
{
    for (;;) {
        struct um_ip ip;
        if (um_ip_parse(datagram, not_captured, &ip) != UM_DONE) {
            flows->stats.malformed++;
            return UM_OK;
        }
        if (um_ip_is_fragment(&ip)) {
            int result = um_ipfrag_add(&flows->fragments, &ip, mark);
            if (result != UM_IPFRAG_WHOLE)
                return result;
            if (um_ip_skip_extensions(&ip) != UM_DONE)
                return UM_OK;
        }
        if (ip.protocol == UM_IP_TCP)
            return take_tcp(flows, &ip, mark);
        struct um_inner inner = um_tunnel_open(&ip);
        if (inner.kind == UM_INNER_NONE || budget == 0 ||
            strip_inner(&inner, &budget, &datagram) != UM_LINK_IP) {
            flows->stats.not_tcp++;
            return UM_OK;
        }
        budget--;
    }
}

int
um_flows_packet(struct um_flows *flows, const struct um_packet *packet)
{
    uint64_t budget = flows->limits.max[UM_LIMIT_TUNNELS];
    struct um_flow_stats *stats = &flows->stats;
    struct um_span datagram;
    switch (um_link_strip(packet->link_type, packet->bytes, &budget, &datagram)) {
    case UM_LINK_IP:
        return take_datagram(flows, datagram, packet->wire_len - (uint32_t)packet->bytes.len,
                             budget, packet->mark);
    case UM_LINK_NOT_IP:
        stats->not_ip++;
        return UM_OK;
    case UM_LINK_UNKNOWN:
        if (stats->unknown_link++ == 0) {
            stats->unknown_link_type = packet->link_type;
            stats->first_unknown_link_frame = packet->mark.frame;
        }
        return UM_OK;
    default:
        stats->malformed++;
        return UM_OK;
    }
}

int
um_flows_end(struct um_flows *flows)
{
    int err = UM_OK;
    um_ipfrag_end(&flows->fragments);
    flows->stats.fragments_dropped = flows->fragments.dropped;
    while (!err && oldest(flows))
        err = close_flow(flows, oldest(flows), UM_END_CAPTURE);
    return err;
}
