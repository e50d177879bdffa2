/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One loop over the datagrams inside each other, innermost last; and one over those side by side.
 */
#include "offline/net/unwrap.h"

void
um_unwrap_init(struct um_unwrap *unwrap, const struct um_limits *limits,
               struct um_flow_stats *stats, struct um_meter *meter)
{
    *unwrap = (struct um_unwrap){.tunnels_max = limits->max[UM_LIMIT_TUNNELS], .stats = stats};
    um_ipfrag_init(&unwrap->fragments, limits->max[UM_LIMIT_FRAGMENTS], meter);
}

static void
set_address(struct um_endpoint *end, struct um_span address, uint16_t port)
{
    *end = (struct um_endpoint){.address_len = (uint8_t)address.len, .port = port};
    memcpy(end->address, address.data, address.len);
}

static int
read_tcp(const struct um_unwrap *unwrap, const struct um_ip *ip, struct um_ends *ends,
         struct um_tcp *tcp)
{
    if (um_tcp_parse(ip->payload, ip->cut, tcp) != UM_DONE) {
        unwrap->stats->malformed++;
        return UM_OK;
    }
    set_address(&ends->source, ip->source, tcp->source_port);
    set_address(&ends->destination, ip->destination, tcp->destination_port);
    return UM_UNWRAP_TCP;
}

enum { DEEPER = 2 }; /* beside UM_UNWRAP_TCP: there is a datagram in the datagram */

/* `*nested` becomes the datagram inside `ip`, if there is one. */
static int
open_tunnel(struct um_unwrap *unwrap, const struct um_ip *ip, uint64_t frame,
            struct um_nested *nested)
{
    int kind = um_nest_open(&unwrap->nest, ip, nested);
    if (kind == UM_LINK_IP)
        return DEEPER;
    if (kind < 0)
        return kind;
    if (kind == UM_LINK_DEEP)
        um_limit_hit(&unwrap->stats->tunnels, frame);
    unwrap->stats->not_tcp++;
    return UM_OK;
}

static void
count_unread(struct um_flow_stats *stats, enum um_link_kind kind, const struct um_packet *packet)
{
    if (kind == UM_LINK_NOT_IP) {
        stats->not_ip++;
    } else if (kind == UM_LINK_BAD) {
        stats->malformed++;
    } else if (kind == UM_LINK_DEEP) {
        um_limit_hit(&stats->tunnels, packet->mark.frame);
    } else if (stats->unknown_link++ == 0) {
        stats->unknown_link_type = packet->link_type;
        stats->first_unknown_link_frame = packet->mark.frame;
    }
}

static void
take_counts(struct um_unwrap *unwrap)
{
    const struct um_ipfrag *fragments = &unwrap->fragments;
    unwrap->stats->fragments_dropped = fragments->dropped;
    unwrap->stats->fragments = fragments->at_limit;
    unwrap->stats->fragments_memory = fragments->at_memory;
}

/* Reads a datagram, and joins it with others if it is a fragment. */
static int
open_datagram(struct um_unwrap *unwrap, struct um_nested *nested, struct um_mark mark,
              struct um_ends *ends, struct um_tcp *tcp)
{
    struct um_ip ip;
    enum um_step parsed = um_ip_parse(nested->datagram, nested->not_captured, &ip);
    if (parsed == UM_DONE && um_ip_is_fragment(&ip)) {
        int result = um_ipfrag_add(&unwrap->fragments, &ip, mark);
        if (result != UM_IPFRAG_WHOLE)
            return result;
        nested->is_joined = true;
        parsed = um_ip_skip_extensions(&ip);
    }
    if (parsed != UM_DONE) {
        unwrap->stats->malformed++;
        return UM_OK;
    }
    if (ip.protocol == UM_IP_TCP)
        return read_tcp(unwrap, &ip, ends, tcp);
    return open_tunnel(unwrap, &ip, mark.frame, nested);
}

/* From the frame or subframe in which `kind` was found down to the segment. */
static int
go_down(struct um_unwrap *unwrap, int kind, struct um_nested *nested,
        const struct um_packet *packet, struct um_ends *ends, struct um_tcp *tcp)
{
    if (kind < 0)
        return kind;
    if (kind != UM_LINK_IP) {
        count_unread(unwrap->stats, (enum um_link_kind)kind, packet);
        return UM_OK;
    }
    int result = DEEPER;
    while (result == DEEPER)
        result = open_datagram(unwrap, nested, packet->mark, ends, tcp);
    take_counts(unwrap);
    return result;
}

/* Not inlined: most packets are plain (plain.h) and would save the registers that it needs. */
__attribute__((noinline)) int
um_unwrap_packet(struct um_unwrap *unwrap, const struct um_packet *packet, struct um_ends *ends,
                 struct um_tcp *tcp)
{
    struct um_nest *nest = &unwrap->nest;
    int result;
    do {
        struct um_nested nested;
        int kind = um_nest_has_more(nest)
                       ? um_nest_next(nest, &nested)
                       : um_nest_begin(nest, packet, unwrap->tunnels_max, &nested);
        result = go_down(unwrap, kind, &nested, packet, ends, tcp);
    } while (result == UM_OK && um_nest_has_more(nest));
    return result;
}

void
um_unwrap_end(struct um_unwrap *unwrap)
{
    um_ipfrag_end(&unwrap->fragments);
    take_counts(unwrap);
}

void
um_unwrap_done(struct um_unwrap *unwrap)
{
    um_ipfrag_done(&unwrap->fragments);
    um_nest_done(&unwrap->nest);
}
