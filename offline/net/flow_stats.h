/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What net counts, for findings and for the summary; each stage adds its own. */
#ifndef UM_NET_FLOW_STATS_H
#define UM_NET_FLOW_STATS_H

#include "core/base/limits.h"

struct um_flow_stats {
    uint64_t connections;       /* followed */
    uint64_t segments;          /* TCP segments read */
    uint64_t not_tcp;           /* IP datagrams of other protocols */
    uint64_t not_ip;            /* packets of known link types without IP */
    uint64_t unknown_link;      /* packets of link types we cannot read */
    uint32_t unknown_link_type; /* the first such LINKTYPE_ */
    uint64_t first_unknown_link_frame;
    uint64_t malformed;    /* headers that cannot be right */
    uint64_t lost_bytes;   /* holes: between captured bytes, or acknowledged, never captured */
    uint64_t lost_streams; /* directions with such holes */
    uint64_t first_lost_frame;
    uint64_t conflicts; /* retransmissions with other content; the first won */
    uint64_t one_sided; /* followed connections of which one direction carried nothing */
    uint64_t first_one_sided_frame;
    uint64_t evicted; /* connections given up at the limit `flows` or `memory` */
    uint64_t first_evicted_frame;
    uint64_t evicted_memory;    /* those at `memory` among them */
    uint64_t fragments_dropped; /* datagrams never completed, for whatever reason */
    /* by the limit that was reached: holes given up early, */
    struct um_limit_hits pending, pending_total, pending_memory;
    /* datagrams given up before all of their fragments had come, */
    struct um_limit_hits fragments, fragments_memory;
    /* packets that are wrapped deeper than was looked */
    struct um_limit_hits tunnels;
};

#endif
