/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One direction of an HTTP/2 connection, cut into frames; payloads pass through as they lie. A hole
 * inside a frame keeps the place. A longer one loses it, and the next frame is looked for: one that
 * another follows, or that ends where the bytes do. Source: RFC 9113 sections 3.4 and 4.1.
 */
#ifndef UM_HTTP_H2_READER_H
#define UM_HTTP_H2_READER_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/limits.h"
#include "offline/http/h2_frame.h"
#include "offline/sink.h"

/*
 * What a direction tells. Each function returns 0, a negative enum um_err, or UM_SINK_ENOUGH:
 * nothing more is wanted.
 */
struct um_h2_reader_events {
    void *ctx;
    int (*preface)(void *ctx); /* the client's was read */
    int (*begin)(void *ctx);   /* a frame: reader->frame; its marks are in reader->first, last */
    /* Next bytes of the frame's payload, never none; reader->left counts them still. */
    int (*payload)(void *ctx, struct um_span bytes);
    void (*lose_payload)(void *ctx, uint32_t missing_bytes); /* so many are missing here */
    int (*end)(void *ctx);                                   /* the frame has ended */
    int (*lose_place)(void *ctx);                            /* frames may be missing here */
};

enum um_h2_place {
    UM_H2_PLACE_PREFACE, /* the client's preface, or frames at once */
    UM_H2_PLACE_HEAD,
    UM_H2_PLACE_PAYLOAD,
    UM_H2_PLACE_SEARCH,
    UM_H2_PLACE_OVER,
};

struct um_h2_reader {
    struct um_h2_reader_events events;
    struct um_meter *meter;
    enum um_h2_place place;
    size_t preface_len;                   /* read so far */
    uint8_t head[UM_H2_FRAME_HEAD_BYTES]; /* of the frame, as far as it is there */
    size_t head_len;
    bool is_unsure;             /* the next frame must look like one, or is none */
    struct um_h2_frame frame;   /* the current one */
    uint32_t left;              /* of its payload */
    struct um_mark first, last; /* its packets */
    struct um_buf searched;     /* what may begin with a frame; at most one, and the next's head */
    struct um_mark searched_first, searched_last;
    bool is_settled; /* nothing new in `searched` since um_h2_reader_settle */
};

/* `meter`, which counts what is searched through, must outlive it. Ended by um_h2_reader_done. */
void um_h2_reader_init(struct um_h2_reader *reader, struct um_meter *meter,
                       const struct um_h2_reader_events *events);
void um_h2_reader_done(struct um_h2_reader *reader);

/* The next bytes, a hole, the end. 0, a negative enum um_err, or UM_SINK_ENOUGH. */
int um_h2_reader_data(struct um_h2_reader *reader, const struct um_chunk *chunk);
int um_h2_reader_gap(struct um_h2_reader *reader, struct um_missing missing);
int um_h2_reader_end(struct um_h2_reader *reader);

/*
 * The other side goes on, and what it says may answer a frame that waits here for the next one to
 * prove it: if it ends where the bytes do, it is taken. Results as those of um_h2_reader_data.
 */
int um_h2_reader_settle(struct um_h2_reader *reader);

#endif
