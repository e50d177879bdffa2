/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTTP/2 frames: the nine bytes before each, and what stands around a header block fragment. Pure.
 * Source: RFC 9113 sections 4 and 6.
 */
#ifndef UM_HTTP_H2_FRAME_H
#define UM_HTTP_H2_FRAME_H

#include "core/base/span.h"

enum { UM_H2_FRAME_HEAD_BYTES = 9, UM_H2_FRAME_USUAL_MAX = 16384 };

enum um_h2_type {
    UM_H2_DATA,
    UM_H2_HEADERS,
    UM_H2_PRIORITY,
    UM_H2_RST_STREAM,
    UM_H2_SETTINGS,
    UM_H2_PUSH_PROMISE,
    UM_H2_PING,
    UM_H2_GOAWAY,
    UM_H2_WINDOW_UPDATE,
    UM_H2_CONTINUATION,
};

enum um_h2_flag {
    UM_H2_END_STREAM = 0x01, /* DATA, HEADERS */
    UM_H2_ACK = 0x01,        /* SETTINGS, PING */
    UM_H2_END_HEADERS = 0x04,
    UM_H2_PADDED = 0x08,
    UM_H2_PRIORITISED = 0x20,
};

struct um_h2_frame {
    uint32_t length; /* of the payload, bytes */
    uint8_t type;    /* enum um_h2_type, or one we do not know */
    uint8_t flags;
    uint32_t stream; /* 31 bits */
};

/* Reads a frame's head; false when there are fewer than UM_H2_FRAME_HEAD_BYTES. */
bool um_h2_frame_read(struct um_span bytes, struct um_h2_frame *out);

/*
 * Could these bytes be a frame's head, where anything may stand? Strict: a known type with the
 * length, flags and stream that it must have. False when there are too few bytes.
 */
bool um_h2_frame_is_plausible(struct um_span bytes);

/*
 * The same of the first frame behind a hole. DATA that has no bytes and ends nothing is none there:
 * it would tell nothing, and zeros of padding with the next frame's head behind them look like it.
 */
bool um_h2_frame_may_be_first(struct um_span bytes);

/*
 * Offset of the first place where a frame begins and the next follows it, or where what stands
 * there may still turn out so. `is_end`: no more bytes will come, and a frame that ends with them
 * is taken too. `*is_found` tells whether it is sure; bytes.len: nowhere.
 */
size_t um_h2_frame_find(struct um_span bytes, bool is_end, bool *is_found);

/*
 * The header block fragment in the payload of HEADERS, PUSH_PROMISE or CONTINUATION, with
 * `*promised` set for PUSH_PROMISE. A payload shorter than the frame's length gives what is there.
 * False when padding or fixed fields do not fit in.
 */
bool um_h2_frame_fragment(const struct um_h2_frame *frame, struct um_span payload,
                          struct um_span *fragment, uint32_t *promised);

#endif
