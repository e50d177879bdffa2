/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Carries a dialogue's events out as TCP: from events to frames with their times. */
#ifndef UM_MAKER_TCP_H
#define UM_MAKER_TCP_H

#include "samples/maker/bytes.h"
#include "samples/maker/dialogue.h"

struct um_frame {
    int64_t time_us; /* since the beginning of the dialogue */
    size_t order;    /* among frames of the same time */
    struct um_bytes bytes;
};

struct um_frames {
    struct um_frame *items; /* by time */
    size_t count;
};

/*
 * Makes all frames that a capture of the whole dialogue would hold: handshakes, segments,
 * acknowledgements, closings; not those that the dialogue says were lost.
 */
void um_tcp_run(struct um_pool *pool, const struct um_dialogue *dialogue, struct um_frames *out);

#endif
