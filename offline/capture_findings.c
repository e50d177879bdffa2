/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One function a finding; the figures are the stages' own. */
#include "offline/capture_findings.h"

#include <inttypes.h>

struct maker {
    struct um_findings *out;
    int err; /* sticky */
};

#define TEXT(maker, ...) um_arena_printf((maker)->out->arena, __VA_ARGS__)

static void
add(struct maker *maker, enum um_finding_name name, uint64_t frame, const char *text)
{
    if (!maker->err)
        maker->err = um_findings_add(maker->out, name, SIZE_MAX, &frame, 1, text);
}

/* "1 packet", "2 packets" */
static const char *
count_of(struct maker *maker, uint64_t count, const char *thing)
{
    const char *text = TEXT(maker, "%" PRIu64 " %s%s", count, thing, count == 1 ? "" : "s");
    if (!text)
        maker->err = UM_ERR_NOMEM;
    return text ? text : "";
}

static const char *
were(uint64_t count)
{
    return count == 1 ? "was" : "were";
}

static void
find_truncation(struct maker *maker, const struct um_totals *totals)
{
    for (size_t i = 0; i < totals->problem_count; i++) {
        const struct um_capture_problem *problem = &totals->problems[i];
        if (problem->truncated)
            add(maker, UM_FINDING_CAPTURE_TRUNCATED, problem->last_frame,
                TEXT(maker, "%s: %s; what stands before it was read.", problem->path,
                     problem->text));
    }
}

static void
find_cut_packets(struct maker *maker, const struct um_capture_stats *stats)
{
    if (stats->cut_packets > 0)
        add(maker, UM_FINDING_PACKETS_CUT, stats->first_cut_frame,
            TEXT(maker, "%s of %" PRIu64 " %s cut by the snap length.",
                 count_of(maker, stats->cut_packets, "packet"), stats->packets,
                 stats->cut_packets == 1 ? "is" : "are"));
}

static void
find_drops(struct maker *maker, const struct um_live_drops *drops)
{
    const char *kernel = count_of(maker, drops->kernel, "packet");
    const char *interface = count_of(maker, drops->interface, "packet");
    if (drops->kernel > 0 || drops->interface > 0)
        add(maker, UM_FINDING_PACKETS_DROPPED, 0,
            TEXT(maker, "The kernel dropped %s and the interface %s before they could be read.",
                 kernel, interface));
}

static void
find_losses(struct maker *maker, const struct um_flow_stats *flows)
{
    bool at_limit =
        flows->pending.count + flows->pending_total.count + flows->pending_memory.count > 0;
    if (flows->lost_streams > 0)
        add(maker, UM_FINDING_BYTES_LOST, flows->first_lost_frame,
            TEXT(maker, "%s of %s never reached the capture%s.",
                 count_of(maker, flows->lost_bytes, "byte"),
                 count_of(maker, flows->lost_streams, "stream"),
                 at_limit ? ", or came too late for a limit" : ""));
    if (flows->one_sided > 0)
        add(maker, UM_FINDING_ONE_DIRECTION, flows->first_one_sided_frame,
            TEXT(maker, "Of %s only one direction was captured.",
                 count_of(maker, flows->one_sided, "connection")));
    if (flows->evicted > 0)
        add(maker, UM_FINDING_FLOWS_EVICTED, flows->first_evicted_frame,
            TEXT(maker, "Connections were given up before their end %s, at the limit %s.",
                 count_of(maker, flows->evicted, "time"),
                 flows->evicted_memory == 0                ? "flows"
                 : flows->evicted_memory == flows->evicted ? "memory"
                                                           : "flows or memory"));
}

/* A limit that no exchange can tell of: "The limit tunnels left 3 packets unopened." */
static void
add_limit(struct maker *maker, enum um_limit limit, const struct um_limit_hits *hits,
          const char *did, const char *thing, const char *what)
{
    if (hits->count > 0)
        add(maker, UM_FINDING_LIMIT_REACHED, hits->first_frame,
            TEXT(maker, "The limit %s %s %s%s.", um_limit_name(limit), did,
                 count_of(maker, hits->count, thing), what));
}

static void
find_fragments(struct maker *maker, enum um_limit limit, const struct um_limit_hits *hits)
{
    if (hits->count > 0)
        add(maker, UM_FINDING_LIMIT_REACHED, hits->first_frame,
            TEXT(maker, "Fragments of IP datagrams were given up %s, at the limit %s.",
                 count_of(maker, hits->count, "time"), um_limit_name(limit)));
}

static void
find_net_limits(struct maker *maker, const struct um_flow_stats *flows)
{
    static const char early[] = " be given up early";
    add_limit(maker, UM_LIMIT_PENDING, &flows->pending, "made", "hole", early);
    add_limit(maker, UM_LIMIT_PENDING_TOTAL, &flows->pending_total, "made", "hole", early);
    add_limit(maker, UM_LIMIT_MEMORY, &flows->pending_memory, "made", "hole", early);
    find_fragments(maker, UM_LIMIT_FRAGMENTS, &flows->fragments);
    find_fragments(maker, UM_LIMIT_MEMORY, &flows->fragments_memory);
    add_limit(maker, UM_LIMIT_TUNNELS, &flows->tunnels, "left", "packet", " unopened");
}

static void
find_upper_limits(struct maker *maker, const struct um_totals *totals)
{
    add_limit(maker, UM_LIMIT_TUNNELS, &totals->tunnels, "left", "connection", " partly unopened");
    add_limit(maker, UM_LIMIT_MEMORY, &totals->refused, "left no room to read", "connection", "");
    for (unsigned i = 0; i < UM_LIMIT_COUNT; i++)
        add_limit(maker, (enum um_limit)i, &totals->recognised.unread[i], "left nothing to read of",
                  "HTTP message", "");
}

static void
find_dropped_secrets(struct maker *maker, const struct um_totals *totals)
{
    uint64_t dropped = totals->secrets_dropped;
    if (dropped > 0)
        add(maker, UM_FINDING_LIMIT_REACHED, 0,
            TEXT(maker,
                 "The limit memory left no room for %s: connections that need one cannot be read.",
                 count_of(maker, dropped, "TLS secret")));
}

static void
find_tls_failures(struct maker *maker, const struct um_totals *totals)
{
    const struct um_finding_frames *frames = &totals->tls_failed_frames;
    if (totals->tls_failures > 0 && !maker->err)
        maker->err = um_findings_add(
            maker->out, UM_FINDING_TLS_RECORD_FAILED, SIZE_MAX, frames->at, frames->count,
            TEXT(maker,
                 "%s failed authentication and left a hole: damaged, not of this connection, or "
                 "behind too many that are missing.",
                 count_of(maker, totals->tls_failures, "TLS record")));
}

static void
find_unknown_links(struct maker *maker, const struct um_flow_stats *flows)
{
    if (flows->unknown_link > 0)
        add(maker, UM_FINDING_LINK_TYPE_UNKNOWN, flows->first_unknown_link_frame,
            TEXT(maker,
                 "%s of a link type that cannot be read %s passed over (the first: LINKTYPE "
                 "%" PRIu32 ").",
                 count_of(maker, flows->unknown_link, "packet"), were(flows->unknown_link),
                 flows->unknown_link_type));
}

static void
find_clock_trouble(struct maker *maker, const struct um_totals *totals)
{
    uint64_t backwards = totals->capture.backwards, early = totals->recognised.early_replies.count;
    const char *packets = "", *replies = "";
    if (backwards > 0)
        packets = TEXT(maker, "%s %s earlier in time than the packet before%s",
                       count_of(maker, backwards, "packet"), backwards == 1 ? "is" : "are",
                       early > 0 ? ", and " : "");
    if (early > 0)
        replies = TEXT(maker, "%" PRIu64 " %s earlier in time than %s", early,
                       early == 1 ? "reply is" : "replies are",
                       early == 1 ? "its request" : "their requests");
    if (backwards > 0 || early > 0)
        add(maker, UM_FINDING_CLOCK_BACKWARDS,
            backwards > 0 ? totals->capture.first_backwards_frame
                          : totals->recognised.early_replies.first_frame,
            TEXT(maker, "%s%s.", packets, replies));
}

int
um_capture_findings_make(const struct um_totals *totals, struct um_findings *out)
{
    struct maker maker = {.out = out};
    find_truncation(&maker, totals);
    find_cut_packets(&maker, &totals->capture);
    find_drops(&maker, &totals->drops);
    find_losses(&maker, &totals->flows);
    find_net_limits(&maker, &totals->flows);
    find_upper_limits(&maker, totals);
    find_dropped_secrets(&maker, totals);
    find_unknown_links(&maker, &totals->flows);
    if (!maker.err)
        maker.err = um_encrypted_find(totals->encrypted, totals->secrets_given > 0, out);
    if (!maker.err)
        maker.err = um_alerts_find(totals->alerts, out);
    find_tls_failures(&maker, totals);
    find_clock_trouble(&maker, totals);
    return maker.err;
}
