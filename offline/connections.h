/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between net and http: what does a connection speak? Told by its first bytes, never by its port.
 * HTTP goes to an HTTP connection with the given events; TLS is counted by server.
 */
#ifndef UM_OFFLINE_CONNECTIONS_H
#define UM_OFFLINE_CONNECTIONS_H

#include "offline/encrypted.h"
#include "offline/http/connection.h"
#include "offline/net/flow.h"

struct um_connections {
    const struct um_limits *limits;
    struct um_meter *meter;
    struct um_http_events http; /* given to every HTTP connection */
    struct um_encrypted encrypted;
    uint64_t refused; /* HTTP connections not read at the limit `memory` */
};

/* The events for um_flows_new; `connections` must outlive the flows. */
struct um_flow_events um_connections_events(struct um_connections *connections);

#endif
