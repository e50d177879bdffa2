/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How far the reading is, on one line of a terminal that is written anew twice a second and taken
 * away in the end: bytes, rate, time left.
 */
#ifndef UM_OFFLINE_PROGRESS_H
#define UM_OFFLINE_PROGRESS_H

#include <stdio.h>

#include "offline/capture/capture.h"

struct um_progress {
    FILE *out; /* NULL: nothing is told */
    bool is_terminal;
    bool has_told;
    unsigned asked;           /* so that the clock is not read for every packet */
    int64_t began_ns, due_ns; /* of the clock that only goes forward */
};

/* Begins to tell on `out`, if that is a terminal or `forced`: then in lines where it is none. */
void um_progress_begin(struct um_progress *progress, FILE *out, bool forced);

/* To be called often; tells when it is time. */
void um_progress_step(struct um_progress *progress, const struct um_capture *capture);

/* Takes the line away; afterwards nothing is told. */
void um_progress_end(struct um_progress *progress);

enum { UM_PROGRESS_TEXT_MAX = 96 };

/* "45 %: 1.2 of 2.7 GB, 310 MB/s, 5 s left"; without a total "1.2 GB, 310 MB/s". Returns `out`. */
const char *um_progress_text(const struct um_capture_progress *progress, int64_t elapsed_ns,
                             char out[UM_PROGRESS_TEXT_MAX]);

#endif
