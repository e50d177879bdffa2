/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a run tells of itself in the lines of the view messages, for --from-messages. */
#ifndef UM_OFFLINE_RUN_LINE_H
#define UM_OFFLINE_RUN_LINE_H

#include "offline/totals.h"

/* Stays where it was made: `run` points into it. */
struct um_run_line {
    char id[UM_TOTALS_ID_MAX];
    struct um_report_figure figures[UM_TOTALS_FIGURES];
    struct um_report_run run;
};

/* Fills in `out` but for the times of packets; lists live in `arena`. 0 or UM_ERR_NOMEM. */
int um_run_line_make(const struct um_totals *totals, struct um_arena *arena,
                     struct um_run_line *out);

#endif
