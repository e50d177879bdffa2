/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of the tool: from the captures named by the options to the report. */
#ifndef UM_OFFLINE_RUN_H
#define UM_OFFLINE_RUN_H

#include <signal.h>

#include "offline/options.h"

/* Exit status; see docs/formats.md. */
enum um_status {
    UM_STATUS_DONE = 0,
    UM_STATUS_FOUND = 1, /* a finding at or above --fail-on */
    UM_STATUS_USAGE = 2,
    UM_STATUS_INPUT = 3,  /* a capture could not be read, or not to its end */
    UM_STATUS_OUTPUT = 4, /* the output could not be written */
    UM_STATUS_MEMORY = 5,
};

/*
 * Reads, reports, and tells messages on standard error. When `*stop` becomes true reading ends as
 * at the end of the captures, and what was read is reported.
 */
enum um_status um_run(const struct um_options *options, const volatile sig_atomic_t *stop);

#endif
