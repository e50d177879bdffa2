/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The figures of a state's span as they stand in a table: seconds from one zero, lower bounds
 * rounded down and upper bounds up, so that what is written holds.
 */
#ifndef UM_REPORT_SPAN_CELLS_H
#define UM_REPORT_SPAN_CELLS_H

#include "core/um/timeline.h"
#include "offline/report/instant.h"

enum um_span_cell {
    UM_SPAN_CELL_LASTED,
    UM_SPAN_CELL_BEGAN,
    UM_SPAN_CELL_ENDED,
    UM_SPAN_CELL_FRAMES,
    UM_SPAN_CELL_COUNT
};

enum { UM_SPAN_CELL_TEXT_MAX = 3 * UM_INSTANT_TEXT_MAX };

struct um_span_axis {
    int64_t zero_ns, end_ns; /* of a call's timeline */
    unsigned decimals;
    const char *range; /* stands between two bounds */
};

/*
 * The axis of a timeline, which must have observations. `origin_q_ns` is the time of the request
 * that placed the call, NULL when it was not captured: then zero is the first poll.
 */
struct um_span_axis um_span_axis_of(const struct um_timeline *timeline, const int64_t *origin_q_ns,
                                    const char *range);

/* Seconds from zero. Returns `out`. */
const char *um_span_axis_seconds(const struct um_span_axis *axis, int64_t time_ns,
                                 enum um_rounding rounding, char out[UM_INSTANT_TEXT_MAX]);

void um_span_cell(const struct um_span_axis *axis, const struct um_span_of_state *span,
                  enum um_span_cell cell, char out[UM_SPAN_CELL_TEXT_MAX]);

/* The cause as it came, or "(implied)" when no poll told the state. */
struct um_span um_span_cell_cause(const struct um_span_of_state *span);

/* True for the last Disconnected, which lasts for ever. */
bool um_span_is_over(const struct um_span_of_state *span);

#endif
