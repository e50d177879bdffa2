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

/* Only acknowledges, or resets: means nothing for a connection that has no entry. */
bool um_plain_is_idle(const struct um_plain *plain);

/* Sets of the ends what um_ends_identify does. */
void um_plain_identify(const struct um_plain *plain, struct um_ends *ends);

/* Sets the ends themselves, and `tcp`. */
void um_plain_read(const struct um_plain *plain, struct um_ends *ends, struct um_tcp *tcp);

#endif
