/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Follows every TCP connection and tells what the layers below delivered of each direction,
 * whatever it carries, and of TLS that can be read the clear bytes too: the view `streams`.
 */
#ifndef UM_OFFLINE_STREAMS_H
#define UM_OFFLINE_STREAMS_H

#include "offline/net/flow.h"
#include "offline/report/report.h"
#include "offline/tls/tls.h"

enum { UM_STREAMS_HOLES_MAX = 4096 }; /* listed of a direction; the rest is counted */

/* Gets each direction when its connection has ended; valid during the call. */
typedef int (*um_stream_line_fn)(void *ctx, const struct um_report_stream *line);

struct um_streams {
    um_stream_line_fn emit;
    void *ctx;
    struct um_meter *meter;
    struct um_secrets *secrets; /* for TLS */
};

/* The events for um_flows_new; `streams` must outlive the flows. */
struct um_flow_events um_streams_events(struct um_streams *streams);

#endif
