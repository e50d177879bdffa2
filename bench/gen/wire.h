/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The capture that is being made: TCP segments go in, a pcap file with Ethernet and IPv4 around
 * them comes out, all checksums right. Its clock is the generator's only one: each packet takes the
 * time that it needs at 1 Gbit/s.
 */
#ifndef UM_BENCH_WIRE_H
#define UM_BENCH_WIRE_H

#include <stddef.h>
#include <stdint.h>

enum { UM_WIRE_FIN = 1, UM_WIRE_SYN = 2, UM_WIRE_RST = 4, UM_WIRE_PSH = 8, UM_WIRE_ACK = 16 };

struct um_wire_end {
    uint32_t address;
    uint16_t port;
    uint16_t ip_id; /* of its next datagram */
};

struct um_wire {
    int file;
    uint8_t *block;
    size_t used;
    uint64_t bytes; /* of the capture so far */
    uint64_t packets;
    uint64_t now_ns; /* since the Unix epoch */
};

/* `path` "-" is standard output. What fails ends the program, here and below. */
void um_wire_open(struct um_wire *wire, const char *path);
void um_wire_close(struct um_wire *wire);

struct um_wire_segment {
    struct um_wire_end *from;
    const struct um_wire_end *to;
    uint32_t seq, ack;
    uint8_t flags;
    const uint8_t *data;
    size_t len;
};

void um_wire_send(struct um_wire *wire, const struct um_wire_segment *segment);

#endif
