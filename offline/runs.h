/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs of umtrace whose reports are joined: which packets they read, and the number each packet
 * would have had in one run over all captures. Such a run merges captures by the time of the packet
 * at the head of each, so a packet's place is told by the greatest time up to it; runs are taken in
 * order of their first packets, which is also what decides between packets of one time.
 */
#ifndef UM_OFFLINE_RUNS_H
#define UM_OFFLINE_RUNS_H

#include "core/base/buf.h"
#include "offline/totals.h"

/* Times of packets in a row, as a line `packets` tells them. */
struct um_run_block {
    uint64_t first_frame;
    int64_t first_ns;
    size_t count;
    struct um_span steps; /* count - 1 numbers of ns, seven bits a byte, the lowest first */
};

struct um_run {
    struct um_span id;
    bool has_totals; /* its line `capture` was read */
    struct um_totals totals;
    const struct um_encrypted_named *closed;
    size_t closed_count;
    const struct um_report_alert *alerts;
    size_t alert_count;
    uint64_t exchanges_told, exchanges_seen;
    struct um_run_block *blocks; /* by their frames once um_runs_order was called */
    size_t block_count, block_cap;
    bool is_timed; /* the blocks hold every packet: else frames are estimated */

    /* made by um_runs_order */
    size_t place;           /* among the runs */
    uint64_t frames_before; /* of the runs before it */
    int64_t latest_ns;      /* of the runs up to it */
};

/* A zeroed one is empty. */
struct um_runs {
    struct um_run **items;
    size_t count, cap;
};

/* The run of that id, new when there is none; `id` must live as long. NULL: out of memory. */
struct um_run *um_runs_find(struct um_runs *runs, struct um_span id);

/* Appends one number of ns to the steps of a block. */
int um_runs_step(struct um_buf *steps, uint64_t step_ns);

/* Adds a block, unless the run has it. 0 or UM_ERR_NOMEM. */
int um_runs_add_block(struct um_run *run, const struct um_run_block *block);

/* All is known: sorts and counts. Frames can be asked for from here on. */
void um_runs_order(struct um_runs *runs);

/* The number, in one run over all, of the packet `frame` of `run`, captured at `time_ns`. */
uint64_t um_runs_frame(const struct um_runs *runs, const struct um_run *run, uint64_t frame,
                       int64_t time_ns);

/* The times of a run's packets one after the other. */
struct um_run_times {
    const struct um_run *run;
    size_t block; /* the next one */
    size_t left;  /* of the one that is read */
    struct um_span steps;
    int64_t time_ns; /* of the packet that is looked at */
};

/* The first packet, or the next: false when there is none. */
bool um_run_times_begin(const struct um_run *run, struct um_run_times *out);
bool um_run_times_next(struct um_run_times *at);

void um_runs_done(struct um_runs *runs);

#endif
