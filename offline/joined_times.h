/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The times of the packets of several runs, merged: those of one run over all their captures. */
#ifndef UM_OFFLINE_JOINED_TIMES_H
#define UM_OFFLINE_JOINED_TIMES_H

#include "offline/runs.h"

/* A zeroed one with `runs` set is at its beginning. */
struct um_joined_times {
    const struct um_runs *runs; /* in order; must outlive this */
    struct um_run_times *times; /* of the runs that have begun and not ended */
    size_t count, next_run;
};

/* The next times, at most `max`; how many. Fewer: there are no more, or no memory for it. */
size_t um_joined_times_read(struct um_joined_times *joined, int64_t *out, size_t max);

void um_joined_times_done(struct um_joined_times *joined);

#endif
