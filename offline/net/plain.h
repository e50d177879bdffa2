/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packets that are most of nearly every capture: Ethernet, IPv4 without options, TCP, neither
 * cut short nor in pieces. Such a one is seen to be one before it is read, with the same outcome as
 * by unwrap; what of it means nothing is not read at all.
 */
#ifndef UM_NET_PLAIN_H
#define UM_NET_PLAIN_H

#include "offline/capture/packet.h"
#include "offline/net/ends.h"
#include "offline/net/tcp.h"

struct um_plain {
    const uint8_t *ip; /* its header of 20 bytes, TCP's behind it */
    size_t header_len; /* TCP's */
    size_t payload_len;
};

/* False: it is another packet, or an odd one; `out` is then undefined. */
bool um_plain_see(const struct um_packet *packet, struct um_plain *out);

/* Only acknowledges, or resets: means nothing for a connection that has no entry, but as part of a
 * handshake. */
bool um_plain_is_idle(const struct um_plain *plain);

/* It begins a connection. */
bool um_plain_is_syn(const struct um_plain *plain);

/* Sets of the ends what um_ends_identify does. */
void um_plain_identify(const struct um_plain *plain, struct um_ends *ends);

/* Sets the ends themselves. */
void um_plain_read_ends(const struct um_plain *plain, struct um_ends *ends);

void um_plain_read_tcp(const struct um_plain *plain, struct um_tcp *tcp);

/* Who speaks to whom, as it stands in the packet: the sender first. */
struct um_plain_way {
    uint64_t addresses;
    uint32_t ports;
};

static inline struct um_plain_way
um_plain_way(const struct um_plain *plain)
{
    enum { ADDRESSES = 12, PORTS = 20 };
    struct um_plain_way way;
    memcpy(&way.addresses, plain->ip + ADDRESSES, sizeof way.addresses);
    memcpy(&way.ports, plain->ip + PORTS, sizeof way.ports);
    return way;
}

/* The way of an answer. */
static inline struct um_plain_way
um_plain_way_back(struct um_plain_way way)
{
    return (struct um_plain_way){.addresses = way.addresses << 32 | way.addresses >> 32,
                                 .ports = way.ports << 16 | way.ports >> 16};
}

static inline bool
um_plain_way_equal(struct um_plain_way a, struct um_plain_way b)
{
    return a.addresses == b.addresses && a.ports == b.ports;
}

#endif
