/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads an IPv4 or IPv6 header with its extensions. Pure; joins no fragments (see ipfrag.h). */
#ifndef UM_NET_IP_H
#define UM_NET_IP_H

#include "core/base/err.h"
#include "core/base/span.h"

enum {
    UM_IP_IPV4 = 4, /* values of `protocol` */
    UM_IP_TCP = 6,
    UM_IP_UDP = 17,
    UM_IP_IPV6 = 41,
    UM_IP_GRE = 47,
};

struct um_ip {
    struct um_span source;      /* 4 or 16 bytes, as `destination`; views into the packet */
    struct um_span destination; /* */
    struct um_span payload;     /* captured bytes after the headers, without padding */
    uint32_t cut;               /* bytes that follow in the datagram and were not captured */
    uint32_t id;                /* of a fragment's datagram */
    uint32_t fragment_offset;   /* bytes */
    bool more_fragments;
    uint8_t protocol; /* of the payload; of a fragment: what its datagram begins with */
};

/*
 * Reads `packet`, whose link layer is stripped; `not_captured` bytes of the frame are missing
 * behind it: the most that can be cut, and all of it when the header says no length (offloaded to
 * the network card). UM_MORE:
 * the packet ends inside the headers. UM_BAD: the header contradicts itself.
 */
enum um_step um_ip_parse(struct um_span packet, uint32_t not_captured, struct um_ip *out);

/* Skips extension headers at the start of the payload: for a datagram joined from fragments. */
enum um_step um_ip_skip_extensions(struct um_ip *ip);

static inline bool
um_ip_is_fragment(const struct um_ip *ip)
{
    return ip->fragment_offset != 0 || ip->more_fragments;
}

#endif
