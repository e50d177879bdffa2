/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One connection as HTTP/2: the same shape and the same events as offline/http/connection.h, with
 * requests and replies paired by their stream. A push promise is a request of the client's. Its
 * messages have a synthetic head: a start line and a field line each. Source: RFC 9113.
 */
#ifndef UM_HTTP_HTTP2_H
#define UM_HTTP_HTTP2_H

#include "offline/http/connection.h"

struct um_http2_connection;

/*
 * `limits` and `meter` must outlive the connection. 0 or UM_ERR_NOMEM; 0 with `out` set to NULL
 * when the meter has no room for one more: the limit `memory`.
 */
int um_http2_connection_new(const struct um_limits *limits, struct um_meter *meter,
                            const struct um_http_events *events, uint64_t number,
                            const struct um_endpoint ends[2], struct um_http2_connection **out);

/*
 * Before any byte: the connection was upgraded from HTTP/1.1. ends[client] asks, and `request`,
 * which is done (or NULL), is that of stream 1. It is the connection's from here on, whatever the
 * result: 0 or UM_ERR_NOMEM.
 */
int um_http2_connection_upgrade(struct um_http2_connection *connection, int client,
                                struct um_http_message *request);

/* The sink for the bytes sent by ends[side]; side is 0 or 1. Lives as long as the connection. */
struct um_sink um_http2_connection_sink(struct um_http2_connection *connection, int side);

/* Both directions have ended: what still waits for a partner is told, then all is freed. */
int um_http2_connection_close(struct um_http2_connection *connection);

/* Frees without telling. NULL is allowed. */
void um_http2_connection_free(struct um_http2_connection *connection);

/* True when a payload could begin with a client's preface or with HTTP/2 frames. */
bool um_http2_connection_wanted(struct um_span payload);

/* True when a payload is too short to tell, but may turn out to begin with the preface. */
bool um_http2_connection_undecided(struct um_span payload);

#endif
