/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One table of counters, from which everything is done. */
#include "offline/totals.h"

#include <assert.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

enum kind { COUNT, FRAME, FLAG };

/* Two counters: how often a limit was reached, and where first. */
#define HITS(name, offset)                                                                         \
    {name, COUNT, (offset) + offsetof(struct um_limit_hits, count)},                               \
    {                                                                                              \
        "first_" name "_frame", FRAME, (offset) + offsetof(struct um_limit_hits, first_frame)      \
    }

#define IN(member) offsetof(struct um_totals, member)

static const struct counter {
    const char *name;
    enum kind kind;
    size_t offset; /* of a uint64_t in struct um_totals */
} counters[] = {
    {"messages", COUNT, offsetof(struct um_totals, recognised.messages)},
    {"http_messages", COUNT, offsetof(struct um_totals, recognised.http_messages)},
    {"connections", COUNT, offsetof(struct um_totals, flows.connections)},
    {"cut_packets", COUNT, offsetof(struct um_totals, capture.cut_packets)},
    {"first_cut_frame", FRAME, offsetof(struct um_totals, capture.first_cut_frame)},
    {"kernel_drops", COUNT, offsetof(struct um_totals, drops.kernel)},
    {"interface_drops", COUNT, offsetof(struct um_totals, drops.interface)},
    {"backwards", COUNT, offsetof(struct um_totals, capture.backwards)},
    {"first_backwards_frame", FRAME, offsetof(struct um_totals, capture.first_backwards_frame)},
    HITS("early_replies", IN(recognised.early_replies)),
    {"lost_bytes", COUNT, offsetof(struct um_totals, flows.lost_bytes)},
    {"lost_streams", COUNT, offsetof(struct um_totals, flows.lost_streams)},
    {"first_lost_frame", FRAME, offsetof(struct um_totals, flows.first_lost_frame)},
    {"one_sided", COUNT, offsetof(struct um_totals, flows.one_sided)},
    {"first_one_sided_frame", FRAME, offsetof(struct um_totals, flows.first_one_sided_frame)},
    {"evicted", COUNT, offsetof(struct um_totals, flows.evicted)},
    {"first_evicted_frame", FRAME, offsetof(struct um_totals, flows.first_evicted_frame)},
    {"evicted_memory", COUNT, offsetof(struct um_totals, flows.evicted_memory)},
    HITS("pending_dropped", IN(flows.pending)),
    HITS("pending_total_dropped", IN(flows.pending_total)),
    HITS("pending_memory_dropped", IN(flows.pending_memory)),
    HITS("fragments_dropped", IN(flows.fragments)),
    HITS("fragments_memory_dropped", IN(flows.fragments_memory)),
    HITS("tunnels_dropped", IN(flows.tunnels)),
    HITS("layers_dropped", IN(tunnels)),
    HITS("unread_head", IN(recognised.unread[UM_LIMIT_HEAD])),
    HITS("unread_body", IN(recognised.unread[UM_LIMIT_BODY])),
    HITS("unread_memory", IN(recognised.unread[UM_LIMIT_MEMORY])),
    HITS("unread_inflate", IN(recognised.unread[UM_LIMIT_INFLATE])),
    HITS("unread_inflate_ratio", IN(recognised.unread[UM_LIMIT_INFLATE_RATIO])),
    HITS("unread_xml_depth", IN(recognised.unread[UM_LIMIT_XML_DEPTH])),
    HITS("unread_xml_text", IN(recognised.unread[UM_LIMIT_XML_TEXT])),
    {"unknown_link", COUNT, offsetof(struct um_totals, flows.unknown_link)},
    {"first_unknown_link_frame", FRAME, offsetof(struct um_totals, flows.first_unknown_link_frame)},
    {"tls_failures", COUNT, offsetof(struct um_totals, tls_failures)},
    {"secrets_dropped", COUNT, offsetof(struct um_totals, secrets_dropped)},
    {"secrets_given", FLAG, offsetof(struct um_totals, secrets_given)},
    HITS("refused", IN(refused)),
    {"wire_bytes", COUNT, offsetof(struct um_totals, capture.wire_bytes)},
};

enum { COUNTERS = sizeof counters / sizeof *counters };

static_assert(COUNTERS + 1 == UM_TOTALS_FIGURES, "all counters and the link type");

static const char link_type_name[] = "unknown_link_type"; /* no count: goes with its frame */

static uint64_t *
at(struct um_totals *totals, size_t offset)
{
    return (uint64_t *)(void *)((char *)totals + offset);
}

static uint64_t
value_of(const struct um_totals *totals, size_t offset)
{
    return *(const uint64_t *)(const void *)((const char *)totals + offset);
}

void
um_totals_figures(const struct um_totals *totals,
                  struct um_report_figure figures[UM_TOTALS_FIGURES])
{
    for (size_t i = 0; i < COUNTERS; i++)
        figures[i] = (struct um_report_figure){.name = counters[i].name,
                                               .value = value_of(totals, counters[i].offset)};
    figures[COUNTERS] =
        (struct um_report_figure){.name = link_type_name, .value = totals->flows.unknown_link_type};
}

bool
um_totals_set(struct um_totals *totals, struct um_span name, uint64_t value)
{
    if (um_span_equal(name, um_span_text(link_type_name)) && value <= UINT32_MAX) {
        totals->flows.unknown_link_type = (uint32_t)value;
        return true;
    }
    for (size_t i = 0; i < COUNTERS; i++) {
        if (um_span_equal(name, um_span_text(counters[i].name))) {
            *at(totals, counters[i].offset) = value;
            return true;
        }
    }
    return false;
}

void
um_totals_map_frames(struct um_totals *totals, um_totals_frame_fn *map, void *ctx)
{
    for (size_t i = 0; i < COUNTERS; i++) {
        uint64_t *frame = at(totals, counters[i].offset);
        if (counters[i].kind == FRAME && *frame != 0)
            *frame = map(ctx, *frame);
    }
    for (size_t i = 0; i < totals->tls_failed_frames.count; i++)
        totals->tls_failed_frames.at[i] = map(ctx, totals->tls_failed_frames.at[i]);
}

static bool
is_before(uint64_t frame, uint64_t other)
{
    return frame != 0 && (other == 0 || frame < other);
}

static void
add_times(struct um_capture_stats *capture, const struct um_capture_stats *from)
{
    if (from->packets == 0)
        return;
    if (capture->packets == 0 || from->first_time_ns < capture->first_time_ns)
        capture->first_time_ns = from->first_time_ns;
    if (capture->packets == 0 || from->last_time_ns > capture->last_time_ns)
        capture->last_time_ns = from->last_time_ns;
    capture->packets += from->packets;
    capture->bytes += from->bytes;
}

void
um_totals_add(struct um_totals *totals, const struct um_totals *from)
{
    if (is_before(from->flows.first_unknown_link_frame, totals->flows.first_unknown_link_frame))
        totals->flows.unknown_link_type = from->flows.unknown_link_type;
    for (size_t i = 0; i < COUNTERS; i++) {
        uint64_t *sum = at(totals, counters[i].offset);
        uint64_t value = value_of(from, counters[i].offset);
        if (counters[i].kind == COUNT)
            *sum += value;
        else if (counters[i].kind == FLAG)
            *sum |= value;
        else if (is_before(value, *sum))
            *sum = value;
    }
    for (size_t i = 0; i < from->tls_failed_frames.count; i++)
        um_finding_frames_add(&totals->tls_failed_frames, from->tls_failed_frames.at[i]);
    add_times(&totals->capture, &from->capture);
}

const char *
um_totals_id(const struct um_totals *totals, char out[UM_TOTALS_ID_MAX])
{
    const struct um_capture_stats *capture = &totals->capture;
    struct um_report_figure figures[UM_TOTALS_FIGURES];
    uint64_t hash = um_span_hash(um_span_of(&capture->packets, sizeof capture->packets), 0);
    hash = um_span_hash(um_span_of(&capture->bytes, sizeof capture->bytes), hash);
    hash = um_span_hash(um_span_of(&capture->first_time_ns, sizeof(int64_t)), hash);
    hash = um_span_hash(um_span_of(&capture->last_time_ns, sizeof(int64_t)), hash);
    for (size_t i = 0; i < totals->file_count; i++)
        hash = um_span_hash(um_span_text(totals->files[i]), hash);
    um_totals_figures(totals, figures);
    for (size_t i = 0; i < UM_TOTALS_FIGURES; i++)
        hash = um_span_hash(um_span_of(&figures[i].value, sizeof(uint64_t)), hash);
    (void)snprintf(out, UM_TOTALS_ID_MAX, "%016" PRIx64, hash);
    return out;
}
