/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A header block, gathered from HEADERS or PUSH_PROMISE and what continues it, without padding and
 * fixed fields. Bounded by the limit `head`. Source: RFC 9113 sections 4.3, 6.2, 6.6 and 6.10.
 */
#ifndef UM_HTTP_H2_BLOCK_H
#define UM_HTTP_H2_BLOCK_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/limits.h"
#include "core/base/mark.h"
#include "offline/http/h2_frame.h"

/* Zeroed but for `meter`, which counts its bytes, it is closed and empty. */
struct um_h2_block {
    struct um_meter *meter;
    bool is_open;
    struct um_h2_frame frame; /* that began it */
    struct um_buf bytes;
    uint32_t promised; /* with PUSH_PROMISE: the stream of the request */
    unsigned flags;    /* enum um_http_flag: why it is not whole */
    struct um_mark first, last;
    size_t fragment_at; /* where in `bytes` the payload of the current frame begins */
};

/* True of the types of frames that carry a piece of a block. */
bool um_h2_block_is_in(const struct um_h2_frame *frame);

/* Does the frame go on with the block that is open? */
bool um_h2_block_goes_on(const struct um_h2_block *block, const struct um_h2_frame *frame);

/*
 * A frame begins a block, or goes on with the one that is open; one that goes on with a block
 * whose beginning is missing begins one that is cut. A block that was open must have been told
 * before. `first`: the frame's mark.
 */
void um_h2_block_begin(struct um_h2_block *block, const struct um_h2_frame *frame,
                       struct um_mark first);

/*
 * The next bytes of the frame's payload; at most `max` are kept of a block, and no more than the
 * limit `memory` lets. 0 or UM_ERR_NOMEM.
 */
int um_h2_block_add(struct um_h2_block *block, struct um_span bytes, uint64_t max);

/* The frame has ended; true when the block has too. */
bool um_h2_block_end(struct um_h2_block *block, const struct um_h2_frame *frame,
                     struct um_mark first, struct um_mark last);

/* Closes it and drops its bytes. */
void um_h2_block_done(struct um_h2_block *block);

#endif
