/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The open streams of an HTTP/2 connection, each with its request and its reply, and what is told
 * of them: heads, bodies, ends, exchanges. Bounded by the limits `h2-streams` and `memory`.
 * Source: RFC 9113 sections 5, 6.4 and 6.8.
 */
#ifndef UM_HTTP_H2_STREAMS_H
#define UM_HTTP_H2_STREAMS_H

#include "offline/http/connection.h"
#include "offline/http/ending.h"

struct um_h2_stream;

enum { UM_H2_SIDE_UNKNOWN = -1 };

struct um_h2_streams {
    const struct um_limits *limits;
    struct um_meter *meter;
    struct um_http_events events;
    int client; /* the side that asks, as soon as one told; else UM_H2_SIDE_UNKNOWN */
    struct um_http_ending endings[2];  /* of each side */
    bool is_going_away[2];             /* the side has said that it takes no more streams */
    uint32_t last_taken[2];            /* with is_going_away: the last one that it takes */
    struct um_h2_stream *first, *last; /* oldest first */
    size_t count;
    uint32_t last_asked; /* the highest stream that the client opened */
    uint32_t last_gone;  /* the highest one given up at the limit */
};

/* What a side has of stream `id`: false when nothing of its message was seen. */
bool um_h2_streams_has_begun(const struct um_h2_streams *streams, bool is_reply, uint32_t id);

/*
 * Is DATA of stream `id` part of a message whose head was not seen? Not of one that is told
 * already: a stream may be gone, reset or given up, while DATA of it is under way.
 */
bool um_h2_streams_lacks_head(const struct um_h2_streams *streams, bool is_reply, uint32_t id);

/*
 * A message begins on its stream (message->stream_id); it is the streams' from here on, whatever
 * the result. `is_last`: its head is all of it. A 1xx reply is told, and paired with nothing. 0, a
 * negative enum um_err, or UM_SINK_ENOUGH: at the limit `memory` everything was given up.
 */
int um_h2_streams_begin(struct um_h2_streams *streams, struct um_http_message *message,
                        bool is_last);

/* Stream 1 of an upgraded connection: its request, which is done. 0 or UM_ERR_NOMEM. */
int um_h2_streams_adopt(struct um_h2_streams *streams, struct um_http_message *request);

/* The next bytes of what `side` says on a stream. What belongs to nothing that was seen is left. */
int um_h2_streams_data(struct um_h2_streams *streams, int side, uint32_t id, struct um_span bytes);

/* So many of them are missing. */
void um_h2_streams_lose(struct um_h2_streams *streams, int side, uint32_t id,
                        uint32_t missing_bytes);

/* A frame of the message stood there. */
void um_h2_streams_mark(struct um_h2_streams *streams, int side, uint32_t id, struct um_mark first,
                        struct um_mark last);

/* `side` has said its last word on a stream. */
int um_h2_streams_end(struct um_h2_streams *streams, int side, uint32_t id);

/*
 * `side` has reset it. A server sends no more on it; a client's reset may cross the reply, which is
 * still paired: RFC 9113 section 5.4.2.
 */
int um_h2_streams_reset(struct um_h2_streams *streams, int side, uint32_t id);

/* Frames of `side` are missing: what it has open stays incomplete. */
void um_h2_streams_lose_place(struct um_h2_streams *streams, int side);

/* `side` has ended: what it has open does too, incomplete. */
int um_h2_streams_end_side(struct um_h2_streams *streams, int side);

/* Nothing more comes: tells what still waits for a partner. */
int um_h2_streams_close(struct um_h2_streams *streams);

/* Frees without telling. */
void um_h2_streams_done(struct um_h2_streams *streams);

#endif
