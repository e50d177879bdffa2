/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From packets to ordered byte streams of TCP connections: the whole of net behind one door. The
 * way: unwrap (link, ip, ipfrag, tunnel, tcp) gives a segment, table the connection it belongs to,
 * pair what it means there, order (over stream and segments) what is delivered, and when. A
 * connection costs nothing until a payload is wanted. Delivery keeps cause and effect: a segment is
 * delivered when what it acknowledges has been delivered or given up, so a request's bytes come
 * before its reply's.
 */
#ifndef UM_NET_FLOW_H
#define UM_NET_FLOW_H

#include "core/base/err.h"
#include "core/base/limits.h"
#include "offline/capture/packet.h"
#include "offline/net/flow_stats.h"
#include "offline/net/table.h"
#include "offline/sink.h"

/* From `open`: the limit `memory` leaves no room. Older connections go, then it is asked again. */
enum { UM_FLOW_NO_ROOM = 1 };

/* What the user of the streams provides. */
struct um_flow_events {
    void *ctx;
    /* Follow every connection from its first packet on, whatever it carries. */
    bool every;
    /* A cheap look at a payload of a connection not yet followed: is it worth following? */
    bool (*wanted)(void *ctx, struct um_span payload); /* not called with `every` */
    /*
     * A connection is followed from here on. Sets sinks[i], which get the bytes sent by ends[i],
     * and `user`, which comes back in close. 0, UM_FLOW_NO_ROOM, or a negative enum um_err.
     */
    int (*open)(void *ctx, const struct um_flow_info *info, struct um_sink sinks[2], void **user);
    /* Both directions have ended; `user` may be freed. 0 or a negative enum um_err. */
    int (*close)(void *ctx, void *user);
    /* Instead of close, of a connection that is open when the flows are freed, as after an error:
     * frees `user` and tells nothing. */
    void (*abandon)(void *ctx, void *user);
};

struct um_flows;

/* `limits` is copied, `meter` is shared and must outlive the flows. 0 or UM_ERR_NOMEM. */
int um_flows_new(const struct um_limits *limits, struct um_meter *meter,
                 const struct um_flow_events *events, struct um_flows **out);

/* Takes one packet. 0, UM_ERR_NOMEM, or what an event or sink returned. */
int um_flows_packet(struct um_flows *flows, const struct um_packet *packet);

/* The capture is over: gives up every hole, ends and closes every connection, oldest first. */
int um_flows_end(struct um_flows *flows);

const struct um_flow_stats *um_flows_stats(const struct um_flows *flows);

/* Without ending: sinks are not called any more, open connections are abandoned. */
void um_flows_free(struct um_flows *flows);

#endif
