/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Between net and http: what does a connection speak? Told by its first bytes, never by its port.
 * HTTP goes to an HTTP connection with the given events; TLS is read with the secrets at hand, then
 * asked again; what cannot be read is counted by server.
 */
#ifndef UM_OFFLINE_CONNECTIONS_H
#define UM_OFFLINE_CONNECTIONS_H

#include "offline/alerts.h"
#include "offline/encrypted.h"
#include "offline/http/connection.h"
#include "offline/late.h"
#include "offline/net/flow.h"
#include "offline/tls/tls.h"

struct um_connections {
    const struct um_limits *limits;
    struct um_meter *meter;
    struct um_http_events http; /* given to every HTTP connection */
    struct um_secrets *secrets; /* outlives the flows; grows as captures tell */
    struct um_encrypted encrypted;
    uint64_t tls_failures; /* records that did not authenticate, of connections that were read */
    struct um_finding_frames tls_failed_frames;
    struct um_alerts alerts;
    struct um_limit_hits refused; /* connections not read, at the limit `memory` */
    struct um_limit_hits tunnels; /* what is inside of these was not read, at the limit `tunnels` */
    struct um_late *late;         /* as many as could be tried for; freed with free() */
    size_t late_count, late_cap;
};

/* The events for um_flows_new; `connections` must outlive the flows. */
struct um_flow_events um_connections_events(struct um_connections *connections);

#endif
