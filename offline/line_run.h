/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines `capture` and `packets` of the view messages, back to what they were made of. */
#ifndef UM_OFFLINE_LINE_RUN_H
#define UM_OFFLINE_LINE_RUN_H

#include "core/base/arena.h"
#include "offline/line.h"
#include "offline/runs.h"

/* What one line told; everything lives in the arena. */
struct um_line_capture {
    struct um_totals totals;
    const struct um_encrypted_named *closed;
    size_t closed_count;
    const struct um_report_alert *alerts;
    size_t alert_count;
    uint64_t exchanges;
};

/* What is missing or odd is told by line->wrong, and `out` is then of no use. 0 or UM_ERR_NOMEM. */
int um_line_capture(struct um_line *line, struct um_arena *arena, struct um_line_capture *out);
int um_line_packets(struct um_line *line, struct um_arena *arena, struct um_run_block *out);

#endif
