/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Observes HTTP connections and tells every message, whatever it carries, with length and digest of
 * its decoded body: the view `http`.
 */
#ifndef UM_HTTP_HTTP_LINES_H
#define UM_HTTP_HTTP_LINES_H

#include "offline/http/connection.h"

struct um_http_lines;

/* One message that has ended. */
struct um_http_line {
    const struct um_http_message *message;
    bool is_decoded; /* false: its codings could not be undone, and the two below mean nothing */
    uint64_t body_bytes;
    const char *body_sha256;
};

/* Valid during the call. 0 or a negative enum um_err. */
typedef int (*um_http_line_fn)(void *ctx, const struct um_http_line *line);

/*
 * `limits` and `meter` must outlive it. A body for whose decoders the limit `memory` leaves no room
 * is told as one that could not be decoded. 0 or UM_ERR_NOMEM.
 */
int um_http_lines_new(const struct um_limits *limits, struct um_meter *meter, um_http_line_fn emit,
                      void *ctx, struct um_http_lines **out);

/* How many bodies there was no room for. */
uint64_t um_http_lines_undecoded(const struct um_http_lines *lines);

void um_http_lines_free(struct um_http_lines *lines);

/* The events to give to every connection. */
struct um_http_events um_http_lines_events(struct um_http_lines *lines);

#endif
