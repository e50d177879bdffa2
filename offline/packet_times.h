/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The time of every packet of a run, for --from-messages: with them frames of several runs can be
 * numbered as one run would have. Kept in a temporary file, so that memory does not grow.
 */
#ifndef UM_OFFLINE_PACKET_TIMES_H
#define UM_OFFLINE_PACKET_TIMES_H

#include <stdbool.h>
#include <stdio.h>

#include "core/base/err.h"
#include "core/base/mark.h"

/* A zeroed one is empty. */
struct um_packet_times {
    FILE *file;        /* int64_t each, in order; NULL: none yet */
    int64_t latest_ns; /* of all so far */
    bool is_reading;
};

/* Adds the next packet's time; one before its predecessor's counts as that. 0 or UM_ERR_IO. */
int um_packet_times_add(struct um_packet_times *times, int64_t time_ns);

/* Gives back up to `max` times, from the first one on; 0 at the end. Nothing can be added then. */
size_t um_packet_times_read(void *times, int64_t *out, size_t max);

void um_packet_times_done(struct um_packet_times *times);

#endif
