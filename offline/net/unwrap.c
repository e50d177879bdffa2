/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One loop over the datagrams inside each other, innermost last. */
#include "offline/net/unwrap.h"

#include "offline/net/link.h"
#include "offline/net/tunnel.h"

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

static enum um_link_kind
strip_inner(const struct um_inner *inner, uint64_t *budget, struct um_span *datagram)
{
    switch (inner->kind) {
    case UM_INNER_NONE:
        return UM_LINK_NOT_IP;
    case UM_INNER_IP:
        *datagram = inner->bytes;
        return UM_LINK_IP;
    case UM_INNER_LINK:
        return um_link_strip(inner->type, inner->bytes, budget, datagram);
    default:
        return um_link_strip_ethertype(inner->type, inner->bytes, budget, datagram);
    }
}

/* A datagram that is still to be opened. */
struct wrapped {
    struct um_span datagram;
    bool is_open;          /* there was none inside the last one */
    uint32_t not_captured; /* of its frame, or of the datagram around it */
    uint64_t budget;       /* headers that may still be opened */
};

/* The datagram inside `ip`, if there is one. */
static void
open_tunnel(const struct um_unwrap *unwrap, const struct um_ip *ip, uint64_t frame,
            struct wrapped *wrapped)
{
    struct um_inner inner = um_tunnel_open(ip);
    enum um_link_kind kind = wrapped->budget == 0 && inner.kind != UM_INNER_NONE
                                 ? UM_LINK_DEEP
                                 : strip_inner(&inner, &wrapped->budget, &wrapped->datagram);
    if (kind == UM_LINK_DEEP)
        um_limit_hit(&unwrap->stats->tunnels, frame);
    if (kind != UM_LINK_IP) {
        unwrap->stats->not_tcp++;
        return;
    }
    wrapped->is_open = false;
    wrapped->budget--;
    wrapped->not_captured = ip->cut; /* behind the datagram around it is only the frame's trailer */
}

static int
open_datagram(struct um_unwrap *unwrap, struct wrapped *wrapped, struct um_mark mark,
              struct um_ends *ends, struct um_tcp *tcp)
{
    struct um_ip ip;
    enum um_step parsed = um_ip_parse(wrapped->datagram, wrapped->not_captured, &ip);
    wrapped->is_open = true;
    if (parsed == UM_DONE && um_ip_is_fragment(&ip)) {
        int result = um_ipfrag_add(&unwrap->fragments, &ip, mark);
        if (result != UM_IPFRAG_WHOLE)
            return result;
        parsed = um_ip_skip_extensions(&ip);
    }
    if (parsed != UM_DONE) {
        unwrap->stats->malformed++;
        return UM_OK;
    }
    if (ip.protocol == UM_IP_TCP)
        return read_tcp(unwrap, &ip, ends, tcp);
    open_tunnel(unwrap, &ip, mark.frame, wrapped);
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

/* Not inlined: most packets are plain (plain.h) and would save the registers that it needs. */
__attribute__((noinline)) int
um_unwrap_packet(struct um_unwrap *unwrap, const struct um_packet *packet, struct um_ends *ends,
                 struct um_tcp *tcp)
{
    struct wrapped wrapped = {.not_captured = packet->wire_len - (uint32_t)packet->bytes.len,
                              .budget = unwrap->tunnels_max};
    enum um_link_kind kind =
        um_link_strip(packet->link_type, packet->bytes, &wrapped.budget, &wrapped.datagram);
    if (kind != UM_LINK_IP) {
        count_unread(unwrap->stats, kind, packet);
        return UM_OK;
    }
    int result = UM_OK;
    while (result == UM_OK && !wrapped.is_open)
        result = open_datagram(unwrap, &wrapped, packet->mark, ends, tcp);
    take_counts(unwrap);
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
}
