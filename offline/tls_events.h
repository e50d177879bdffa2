/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between an HTTP connection inside TLS and its observer: tells each message what it came through.
 */
#ifndef UM_OFFLINE_TLS_EVENTS_H
#define UM_OFFLINE_TLS_EVENTS_H

#include "offline/http/connection.h"
#include "offline/tls/tls.h"

struct um_tls_events {
    const struct um_tls *tls;
    const struct um_http_events *observer;
};

/* The events for the HTTP connection; `events`, its TLS and its observer must outlive it. */
struct um_http_events um_tls_events_wrap(struct um_tls_events *events);

#endif
