/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a TCP header (RFC 9293); options are skipped, the checksum is not looked at. Pure. */
#ifndef UM_NET_TCP_H
#define UM_NET_TCP_H

#include "core/base/err.h"
#include "core/base/span.h"

struct um_tcp {
    uint16_t source_port;
    uint16_t destination_port;
    uint32_t seq;
    uint32_t ack; /* with has_ack */
    bool fin, syn, rst, has_ack;
    struct um_span payload; /* captured */
    uint32_t cut;           /* bytes of payload that follow and were not captured */
};

/*
 * Reads the payload of an IP datagram of which `cut` more bytes were not captured. UM_MORE: it ends
 * inside the first 20 bytes (options may be cut). UM_BAD: the header is longer than the datagram.
 */
enum um_step um_tcp_parse(struct um_span datagram, uint32_t cut, struct um_tcp *out);

#endif
