/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One TCP segment as an Ethernet frame: IPv4 or IPv6, checksums right. */
#ifndef UM_MAKER_FRAME_H
#define UM_MAKER_FRAME_H

#include <stdbool.h>

#include "samples/maker/bytes.h"

/* One end of a connection. */
struct um_host {
    bool is_v6;
    uint8_t address[16]; /* the first 4 for IPv4 */
    uint16_t port;
};

enum um_tcp_flag {
    UM_TCP_FIN = 1,
    UM_TCP_SYN = 2,
    UM_TCP_RST = 4,
    UM_TCP_PSH = 8,
    UM_TCP_ACK = 16,
};

struct um_segment {
    const struct um_host *source, *destination;
    uint32_t sequence, acknowledged;
    unsigned flags;  /* enum um_tcp_flag */
    uint16_t number; /* IPv4 identification */
    const uint8_t *payload;
    size_t len;
};

/* "10.0.0.1:80" or "[2001:db8::1]:80"; false when it is neither. */
bool um_host_parse(const char *text, struct um_host *out);

/* Payload bytes that fit into one frame of 1514 bytes. */
size_t um_frame_payload_max(const struct um_host *host);

/* Adds the frame. Source: IEEE 802.3; RFC 791, 8200 and 9293. */
void um_frame_make(const struct um_segment *segment, struct um_bytes *out);

#endif
