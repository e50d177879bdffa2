/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looks for a packet inside an IP datagram: IP in IP, GRE with ERSPAN, PPTP and WCCP, MPLS, and
 * over UDP: VXLAN and VXLAN-GPE, Geneve, GTP-U, Teredo, L2TP, GRE, MPLS, LISP, TZSP. Pure. A UDP
 * port alone proves nothing: the header there must be a possible one.
 */
#ifndef UM_NET_TUNNEL_H
#define UM_NET_TUNNEL_H

#include "offline/net/ip.h"

enum um_inner_kind {
    UM_INNER_NONE,      /* no tunnel */
    UM_INNER_IP,        /* an IP datagram */
    UM_INNER_LINK,      /* a frame of link type `type` */
    UM_INNER_ETHERTYPE, /* what the EtherType `type` says */
};

struct um_inner {
    enum um_inner_kind kind;
    uint16_t type;
    struct um_span bytes; /* view into the datagram */
};

struct um_inner um_tunnel_open(const struct um_ip *ip);

#endif
