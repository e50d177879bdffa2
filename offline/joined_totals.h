/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The totals of several runs as those of one over all their captures. */
#ifndef UM_OFFLINE_JOINED_TOTALS_H
#define UM_OFFLINE_JOINED_TOTALS_H

#include "offline/runs.h"

/* A zeroed one with `runs` set is ready; stays where it is, since `totals` points into it. */
struct um_joined_totals {
    const struct um_runs *runs; /* in order; must outlive this */
    struct um_totals totals;
    struct um_encrypted encrypted;
    struct um_alerts alerts;
    struct um_arena arena;
};

/* Sums up. 0 or UM_ERR_NOMEM. */
int um_joined_totals_make(struct um_joined_totals *joined);

void um_joined_totals_done(struct um_joined_totals *joined);

#endif
