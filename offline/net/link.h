/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Strips the link layer of a packet: what is left begins with an IP header. Pure. Knows the link
 * types in linktype.c, and between frame and IP: tags (VLAN, VN-Tag, E-Tag, security groups),
 * frames in frames (PBB, TRILL), LLC/SNAP, MPLS, PPPoE, PPP, NSH, MACsec. What is encrypted
 * (802.11, MACsec) and fragments of 802.11 are not read.
 */
#ifndef UM_NET_LINK_H
#define UM_NET_LINK_H

#include "core/base/span.h"

enum um_link_kind {
    UM_LINK_IP,      /* an IP datagram */
    UM_LINK_NOT_IP,  /* something else */
    UM_LINK_DEEP,    /* more headers than the budget allows */
    UM_LINK_UNKNOWN, /* the link type is none we can read */
    UM_LINK_BAD,     /* the frame ends inside its headers, or they contradict themselves */
};

/* LINKTYPE_ values that tunnels carry. */
enum {
    UM_LINK_ETHERNET = 1,
    UM_LINK_PPP = 9,
    UM_LINK_RAW = 101,
    UM_LINK_WLAN = 105,
    UM_LINK_PRISM = 119,
    UM_LINK_AVS = 163,
};

/* What is in a frame; views into it. */
struct um_stripped {
    struct um_span ip;        /* for UM_LINK_IP only; padding may follow the datagram */
    struct um_span subframes; /* of an A-MSDU, behind the one that was stripped; empty: no more */
};

/*
 * `link_type` is a LINKTYPE_ value. Each header between the outermost one and IP costs one of
 * `budget`. A frame of 802.11 that has several (an A-MSDU) is stripped to the first of them.
 */
enum um_link_kind um_link_strip(uint32_t link_type, struct um_span frame, uint64_t *budget,
                                struct um_stripped *out);

/* The same for what follows an EtherType. */
enum um_link_kind um_link_strip_ethertype(uint16_t ethertype, struct um_span bytes,
                                          uint64_t *budget, struct um_stripped *out);

/* The same for the first of `subframes`, which are not empty; `out` has those behind it. */
enum um_link_kind um_link_strip_subframe(struct um_span subframes, uint64_t *budget,
                                         struct um_stripped *out);

/* The EtherType of what NSH and VXLAN-GPE say by a number of their own; 0: of nothing we know.
 * Source: RFC 8300 section 2.2. */
uint16_t um_link_next_protocol(uint8_t next);

#endif
