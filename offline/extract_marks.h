/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which packets belong to some connections: those between their two ends, whatever link layer and
 * tunnels are around them, and every IP fragment of them. Connections that used the same ends at
 * another time are among them.
 */
#ifndef UM_OFFLINE_EXTRACT_MARKS_H
#define UM_OFFLINE_EXTRACT_MARKS_H

#include "core/base/endpoint.h"
#include "core/base/symbols.h"
#include "offline/capture/packet.h"
#include "offline/late.h"
#include "offline/net/ipfrag.h"
#include "offline/net/nest.h"

enum { UM_EXTRACT_GROUPS = 256 };

/* The packets of one fragmented datagram that waits for its others. */
struct um_extract_group {
    uint64_t number;      /* the datagram's, as um_ipfrag counts them; 0: free */
    struct um_buf frames; /* uint64_t each, not marked yet */
    bool is_wanted;
};

struct um_extract_marks {
    uint64_t tunnels_max;
    struct um_meter meter; /* of fragments, whose limit is their own */
    struct um_ipfrag fragments;
    struct um_nest nest;
    struct um_symbols pairs;          /* of ends */
    struct um_buf bits;               /* one a frame */
    struct um_buf brought;            /* frames, uint64_t each, of the packet in hand: its own, and
                                         those of the datagrams that it completed */
    struct um_symbols client_randoms; /* of TLS handshakes in marked packets, 32 bytes each, and of
                                         those that were joined late */
    struct um_extract_group groups[UM_EXTRACT_GROUPS];
    size_t next_group; /* is given up for a new one when none is free */
};

void um_extract_marks_init(struct um_extract_marks *marks, const struct um_limits *limits);
void um_extract_marks_done(struct um_extract_marks *marks);

/* The connections between these ends are wanted. 0 or UM_ERR_NOMEM. */
int um_extract_marks_want(struct um_extract_marks *marks, const struct um_endpoint *a,
                          const struct um_endpoint *b);

/* Notes the client random of a connection, if it is wanted: its packets do not tell. Likewise. */
int um_extract_marks_late(struct um_extract_marks *marks, const struct um_late *late);

/* Looks at the next packet. 0 or UM_ERR_NOMEM. */
int um_extract_marks_packet(struct um_extract_marks *marks, const struct um_packet *packet);

bool um_extract_marks_has(const struct um_extract_marks *marks, uint64_t frame);

#endif
