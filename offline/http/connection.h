/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One TCP connection as HTTP: frames the messages of both directions and pairs requests with
 * replies. Which side asks is told by the bytes, never by the port.
 */
#ifndef UM_HTTP_CONNECTION_H
#define UM_HTTP_CONNECTION_H

#include "core/base/endpoint.h"
#include "core/base/err.h"
#include "core/base/limits.h"
#include "core/http/message.h"
#include "core/um/exchange.h"
#include "offline/sink.h"

/*
 * What a connection tells. Calls for one message come in the order head, body..., done; messages of
 * one direction in stream order. Every function returns 0 or a negative enum um_err.
 */
struct um_http_events {
    void *ctx;
    /* The head was read. Set *wants_body to false to have the body skipped by its length. */
    int (*head)(void *ctx, struct um_http_message *message, bool *wants_body);
    /*
     * The next bytes of the body: transfer coding undone, content coding not. Set *wants_more to
     * false to have the rest skipped. Nothing comes after the first hole in a body.
     */
    int (*body)(void *ctx, struct um_http_message *message, struct um_span bytes, bool *wants_more);
    /* The message ended; message->complete tells whether all of it was there. */
    int (*done)(void *ctx, struct um_http_message *message);
    /*
     * A request with its reply (either may be NULL), once both are done; informational replies
     * (1xx but 101) are not paired. Neither is valid afterwards.
     */
    int (*exchange)(void *ctx, struct um_http_message *request, struct um_http_message *reply,
                    enum um_unanswered why);
    /* Of a message not even the start line could be kept, at the limit that `flag` (enum
     * um_http_flag) names. NULL: nobody asks. */
    void (*too_long)(void *ctx, unsigned flag, const struct um_mark *where);
    /* A message is about to be freed: free what hangs on message->user. */
    void (*forget)(void *ctx, struct um_http_message *message);
};

struct um_http_connection;

/*
 * `limits` and `meter` must outlive the connection. 0 or UM_ERR_NOMEM; 0 with `out` set to NULL
 * when the meter has no room for one more: the limit `memory`.
 */
int um_http_connection_new(const struct um_limits *limits, struct um_meter *meter,
                           const struct um_http_events *events, uint64_t number,
                           const struct um_endpoint ends[2], struct um_http_connection **out);

/* Nothing tells where ends[side] began to send, though it is known of the other one. */
void um_http_connection_miss_start(struct um_http_connection *connection, int side);

/* The sink for the bytes sent by ends[side]; side is 0 or 1. Lives as long as the connection. */
struct um_sink um_http_connection_sink(struct um_http_connection *connection, int side);

/*
 * Where the bytes go that follow a CONNECT once it was granted: `sinks[side]` gets those sent by
 * ends[side], and their end. Without it they are not read. That it was granted is told by its
 * reply; where a hole took one of the two, by the other one and the hello of TLS that follows.
 */
void um_http_connection_set_tunnel(struct um_http_connection *connection,
                                   const struct um_sink sinks[2]);

/* Both directions have ended: what still waits for a partner is told, then all is freed. */
int um_http_connection_close(struct um_http_connection *connection);

/* Frees without telling. NULL is allowed. */
void um_http_connection_free(struct um_http_connection *connection);

/* Counts a message's memory, as um_meter_take does. For both versions of HTTP. */
bool um_http_connection_meter_message(struct um_meter *meter, struct um_http_message *message);

/* Has the observer forget a message, gives its memory back and frees it. NULL is allowed. */
void um_http_connection_free_message(const struct um_http_events *events, struct um_meter *meter,
                                     struct um_http_message *message);

/* True when a payload could be the beginning of an HTTP/1 message: cheap, errs to yes. */
bool um_http_connection_wanted(struct um_span payload);

#endif
