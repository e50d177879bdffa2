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
find_losses(struct maker *maker, const struct um_flow_stats *flows)
{
    if (flows->lost_streams > 0)
        add(maker, UM_FINDING_BYTES_LOST, flows->first_lost_frame,
            TEXT(maker, "%s of %s never reached the capture.",
                 count_of(maker, flows->lost_bytes, "byte"),
                 count_of(maker, flows->lost_streams, "stream")));
    if (flows->one_sided > 0)
        add(maker, UM_FINDING_ONE_DIRECTION, flows->first_one_sided_frame,
            TEXT(maker, "Of %s only one direction was captured.",
                 count_of(maker, flows->one_sided, "connection")));
    if (flows->evicted > 0)
        add(maker, UM_FINDING_FLOWS_EVICTED, flows->first_evicted_frame,
            TEXT(maker, "%s given up before the end, at the limit flows or memory.",
                 count_of(maker, flows->evicted, "connection")));
}

/* Limits of net that no exchange can tell of. */
static void
find_net_limits(struct maker *maker, const struct um_flow_stats *flows)
{
    if (flows->pending_dropped > 0)
        add(maker, UM_FINDING_LIMIT_REACHED, 0,
            TEXT(maker, "The limit pending, pending-total or memory made %s be given up early.",
                 count_of(maker, flows->pending_dropped, "hole")));
}

static void
find_refused(struct maker *maker, const struct um_totals *totals)
{
    if (totals->refused > 0)
        add(maker, UM_FINDING_LIMIT_REACHED, 0,
            TEXT(maker, "The limit memory left no room to read %s.",
                 count_of(maker, totals->refused, "HTTP connection")));
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
                 "%s failed authentication and left a hole: damaged, or not of this connection.",
                 count_of(maker, totals->tls_failures, "TLS record")));
}

static void
find_unknown_links(struct maker *maker, const struct um_flow_stats *flows)
{
    if (flows->unknown_link > 0)
        add(maker, UM_FINDING_LINK_TYPE_UNKNOWN, flows->first_unknown_link_frame,
            TEXT(maker, "%s of a link type that cannot be read (the first: LINKTYPE %" PRIu32 ").",
                 count_of(maker, flows->unknown_link, "packet"), flows->unknown_link_type));
}

static void
find_clock_trouble(struct maker *maker, const struct um_capture_stats *stats)
{
    if (stats->backwards > 0)
        add(maker, UM_FINDING_CLOCK_BACKWARDS, stats->first_backwards_frame,
            TEXT(maker, "%s earlier in time than the packet before.",
                 stats->backwards == 1 ? "1 packet is"
                                       : TEXT(maker, "%" PRIu64 " packets are", stats->backwards)));
}

int
um_capture_findings_make(const struct um_totals *totals, struct um_findings *out)
{
    struct maker maker = {.out = out};
    find_truncation(&maker, totals);
    find_cut_packets(&maker, &totals->capture);
    find_losses(&maker, &totals->flows);
    find_net_limits(&maker, &totals->flows);
    find_refused(&maker, totals);
    find_dropped_secrets(&maker, totals);
    find_unknown_links(&maker, &totals->flows);
    if (!maker.err)
        maker.err = um_encrypted_find(totals->encrypted, totals->secrets_given > 0, out);
    if (!maker.err)
        maker.err = um_alerts_find(totals->alerts, out);
    find_tls_failures(&maker, totals);
    find_clock_trouble(&maker, &totals->capture);
    return maker.err;
}
