/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a TCP header (RFC 9293); options are skipped, the checksum is not looked at. Pure. */
#ifndef UM_NET_TCP_H
#define UM_NET_TCP_H

#include "core/base/err.h"
#include "core/base/span.h"

enum um_tcp_flag {
    UM_TCP_FIN = 0x01,
    UM_TCP_SYN = 0x02,
    UM_TCP_RST = 0x04,
    UM_TCP_ACK = 0x10,
    UM_TCP_FLAGS = UM_TCP_FIN | UM_TCP_SYN | UM_TCP_RST | UM_TCP_ACK,
};

struct um_tcp {
    uint16_t source_port;
    uint16_t destination_port;
    uint32_t seq;
    uint32_t ack;           /* with UM_TCP_ACK */
    uint8_t flags;          /* of enum um_tcp_flag; the others are left out */
    struct um_span payload; /* captured */
    uint32_t cut;           /* bytes of payload that follow and were not captured */
};

/* The sequence number of its first byte: a SYN has one of its own, before it. */
static inline uint32_t
um_tcp_first_seq(const struct um_tcp *tcp)
{
    return tcp->seq + (tcp->flags & UM_TCP_SYN ? 1 : 0);
}

/*
 * Reads the payload of an IP datagram of which `cut` more bytes were not captured. UM_MORE: it ends
 * inside the first 20 bytes (options may be cut). UM_BAD: the header is longer than the datagram.
 */
enum um_step um_tcp_parse(struct um_span datagram, uint32_t cut, struct um_tcp *out);

#endif
