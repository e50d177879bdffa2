/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One direction of an HTTP/1 connection, framed into messages. A hole is an input: inside a body of
 * known length the place is kept; where it is lost, the next message start is looked for.
 * Source: RFC 9112 sections 6 to 8.
 */
#ifndef UM_HTTP_HTTP1_H
#define UM_HTTP_HTTP1_H

#include "core/base/buf.h"
#include "core/base/limits.h"
#include "core/http/chunked.h"
#include "core/http/head.h"
#include "core/http/message.h"
#include "offline/sink.h"

/* Where a direction has got to. */
enum um_http1_place {
    UM_HTTP1_START,  /* a message begins with the next byte */
    UM_HTTP1_HEAD,   /* inside a head */
    UM_HTTP1_LENGTH, /* inside a body of known length */
    UM_HTTP1_CHUNKED,
    UM_HTTP1_CLOSE,  /* inside a body that ends with the connection */
    UM_HTTP1_SEARCH, /* lost: looking for the next message */
    UM_HTTP1_OVER,   /* what follows is not HTTP/1 */
};

/* What stands before the next byte, outside of a body, that makes it doubtful. */
enum um_http1_doubt {
    UM_HTTP1_DOUBT_NONE,      /* a message, or what is read past */
    UM_HTTP1_DOUBT_BEGINNING, /* nothing: it is the direction's first */
    UM_HTTP1_DOUBT_NEAR,      /* a hole too short for a message: the next begins within `slack` */
};

/* What a direction tells; the same order as in struct um_http_events. */
struct um_http1_events {
    void *ctx;
    /*
     * A head was read. `message` is the receiver's from here on, and stays valid until its `done`.
     * `is_found_again`: the place had been lost before it. The receiver may change the framing.
     * Set *wants_body to false to have the body skipped.
     */
    int (*head)(void *ctx, struct um_http_message *message, bool is_found_again, bool *wants_body);
    int (*body)(void *ctx, struct um_http_message *message, struct um_span bytes, bool *wants_more);
    int (*done)(void *ctx, struct um_http_message *message);
    /* The beginning of a message is missing from the capture, and nothing else of it will come. */
    int (*lost)(void *ctx);
    /* The same of the direction's first bytes, of which no hole told: they are the middle of a
     * message, or of something else. */
    int (*began_inside)(void *ctx);
    /* The same at a limit, named by `flag` (enum um_http_flag): a start line is longer than is
     * kept. Where the place had been lost before, it may be none. */
    int (*too_long)(void *ctx, unsigned flag, const struct um_mark *where, bool is_found_again);
};

struct um_http1 {
    const struct um_limits *limits;
    struct um_meter *meter;
    struct um_http1_events events;
    enum um_http1_place place;
    enum um_http_look look;       /* what is searched for when lost: anything; may be narrowed */
    const struct um_chunk *chunk; /* being read */
    uint8_t before; /* outside of a body, the byte before the next; a line end behind a hole */
    struct um_buf head;
    enum um_http1_doubt doubt;
    uint64_t slack; /* so many bytes, or its beginning is lost; those before are of the body that
                       the hole was in, whose rest may be so much longer */
    bool is_first_line;              /* of the head */
    bool has_line_text;              /* the current line of the head is not empty so far */
    unsigned head_limits;            /* enum um_http_flag: reached, so that the rest is read past */
    bool is_found_again;             /* the head was found by searching */
    bool is_in_word;                 /* the same, directly behind a word: no request begins there */
    struct um_mark first, last;      /* of the head's packets */
    struct um_http_message *message; /* inside its body; not owned */
    bool wants_body;
    bool may_lack_body;   /* a request's, of which nothing was seen yet */
    bool is_body_refused; /* the same; see um_http1_refuse_body */
    uint64_t left;        /* of a body of known length */
    struct um_chunked chunked;
    struct um_span left_over; /* of the last chunk, with OVER: what is not HTTP/1 */
};

/* `limits` and `meter`, which counts the head, must outlive it. Ended by um_http1_done. */
void um_http1_init(struct um_http1 *http, const struct um_limits *limits, struct um_meter *meter,
                   const struct um_http1_events *events);
void um_http1_done(struct um_http1 *http);

/* The next bytes, a hole, the end. 0, a negative enum um_err, or what an event returned. */
int um_http1_data(struct um_http1 *http, const struct um_chunk *chunk);
int um_http1_gap(struct um_http1 *http, struct um_missing missing);
int um_http1_end(struct um_http1 *http, enum um_end why);

/* A hole of at most so many bytes, before its um_http1_gap: is what is being read over with it? */
int um_http1_gap_ahead(struct um_http1 *http, uint64_t most);

/*
 * How many of the bytes that follow, up to the next hole, um_http1_data has no use for: they are of
 * a body that nobody wants, and not its last. Of those it was not given um_http1_passed tells.
 */
int um_http1_unneeded(const struct um_http1 *http);
void um_http1_passed(struct um_http1 *http, uint64_t bytes, const struct um_mark *last);

/*
 * The other side answered before any of the current message's body was seen, which waits for leave
 * to be sent (Expect: 100-continue). It may never be: when there are no bytes more, the message has
 * no body. When the next ones begin a message it has none anyway, whether or not that answer was
 * captured. RFC 9110 section 10.1.1.
 */
void um_http1_refuse_body(struct um_http1 *http);

/* Nothing that follows is HTTP/1: an upgrade or a tunnel. Ends a message that was open; it is whole
 * if its framing was set to none meanwhile. */
int um_http1_leave(struct um_http1 *http);

#endif
