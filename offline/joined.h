/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections told apart over several runs: each run numbers its own. One that goes on between the
 * same ends in a run that begins when the other was over is the same.
 */
#ifndef UM_OFFLINE_JOINED_H
#define UM_OFFLINE_JOINED_H

#include "core/base/symbols.h"
#include "core/um/call.h"
#include "offline/runs.h"

struct um_joined_ends;

/* A zeroed one is empty. */
struct um_joined {
    struct um_symbols known; /* "run number" of connections; a number's place is in `numbers` */
    uint64_t *numbers;
    size_t number_cap;
    struct um_symbols pairs; /* of ends */
    struct um_joined_ends *ends;
    size_t end_cap;
    uint64_t connections;
};

/* Numbers the record's connection anew; records come in order of time. 0 or UM_ERR_NOMEM. */
int um_joined_connection(struct um_joined *joined, const struct um_run *run,
                         struct um_exchange_record *record);

void um_joined_done(struct um_joined *joined);

#endif
