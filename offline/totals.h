/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the stages counted over a whole run, and nothing of its calls: the findings about the
 * capture and the summary are made of this alone. Totals of several runs can be summed up, so that
 * lines of `--view messages` carry them. A new counter that a finding is made of gets a row in the
 * table of totals.c.
 */
#ifndef UM_OFFLINE_TOTALS_H
#define UM_OFFLINE_TOTALS_H

#include "offline/alerts.h"
#include "offline/capture/capture.h"
#include "offline/encrypted.h"
#include "offline/http/recognise.h"
#include "offline/net/flow.h"
#include "offline/report/report.h"

struct um_totals {
    const char *const *files; /* as named by the user */
    size_t file_count;
    struct um_capture_stats capture;
    struct um_flow_stats flows;
    struct um_recogniser_stats recognised;
    uint64_t tls_failures; /* as in struct um_connections, like the two below */
    struct um_finding_frames tls_failed_frames;
    struct um_limit_hits refused, tunnels;
    struct um_live_drops drops;
    uint64_t secrets_dropped; /* at the limit `memory` */
    uint64_t secrets_given;   /* 1: there were some */
    const struct um_encrypted *encrypted;
    const struct um_alerts *alerts;
    const struct um_capture_problem *problems;
    size_t problem_count;
};

enum { UM_TOTALS_FIGURES = 56 };

/* The counters by name, those the report itself has keys for left out. */
void um_totals_figures(const struct um_totals *totals,
                       struct um_report_figure figures[UM_TOTALS_FIGURES]);

/* Sets the counter of that name; false when there is none. */
bool um_totals_set(struct um_totals *totals, struct um_span name, uint64_t value);

/* Calls `map` for every frame number among the counters that is not 0. */
typedef uint64_t um_totals_frame_fn(void *ctx, uint64_t frame);
void um_totals_map_frames(struct um_totals *totals, um_totals_frame_fn *map, void *ctx);

/* Adds the counters of `from`; of first frames and times the least stay, of last ones the greatest.
 * Files, servers and problems are left alone. */
void um_totals_add(struct um_totals *totals, const struct um_totals *from);

enum { UM_TOTALS_ID_MAX = 17 };

/* A name of the run made of what was read: the same captures give the same one. Returns `out`. */
const char *um_totals_id(const struct um_totals *totals, char out[UM_TOTALS_ID_MAX]);

#endif
