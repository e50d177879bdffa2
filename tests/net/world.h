/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Flows from packets made in memory, between clients 0.0.0.1:40000, :40001, ... and the server
 * 0.0.0.2:80. What comes out of a direction is written as text: captured bytes as they are, a hole
 * as [n], one that the snap length cut as [cut n], one given up at a limit as [limit n], the end as
 * its initial in braces: fin, reset, capture, evicted, new connection.
 */
#ifndef UM_TEST_NET_WORLD_H
#define UM_TEST_NET_WORLD_H

#include "core/base/buf.h"
#include "offline/net/flow.h"
#include "tests/support/support.h"

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32 };
enum { WORLD_CLIENTS = 4, WORLD_PAYLOAD_MAX = 4096 };

struct heard {
    struct um_buf text[2]; /* by direction: 0 is the client's */
    struct um_buf order;   /* c or s for each chunk, C or S for each hole, as they were told */
};

struct world_side {
    struct world *world;
    struct heard *heard;
    int direction;
};

struct world {
    struct heard heard[WORLD_CLIENTS];
    struct world_side sides[WORLD_CLIENTS][2];
    struct um_limits limits;
    struct um_meter meter;
    struct um_flows *flows;
    uint64_t frame;
    int64_t time_ns; /* of the next packet; 1 ms later for each */
    int client;      /* whose packets world_send sends */
    bool every;      /* follow everything; else what begins with the letter a of either case */
    bool is_enough;  /* what the sinks answer */
    unsigned opened, closed, abandoned;
    unsigned room; /* how many may be open at once */
};

/* Default limits, no ceiling of memory; change them before world_start. */
void world_begin(struct world *world);
void world_start(struct world *world);

/* Both at once; and with a handshake behind them. */
void world_open(struct world *world);
void world_connect(struct world *world);

const struct um_flow_stats *world_stats(const struct world *world);

/* Frees all; everything must have been given back to the meter. */
void world_finish(struct world *world);

/*
 * One segment of the client (`from` 0) or the server (1), of which `cut` bytes were not captured.
 * What um_flows_packet returns.
 */
int world_send_bytes(struct world *world, int from, uint32_t seq, uint32_t ack, unsigned flags,
                     struct um_span payload, size_t cut);

/* The same for text; it must succeed. */
void world_send(struct world *world, int from, uint32_t seq, uint32_t ack, unsigned flags,
                const char *payload);

/* The client's first byte is 101, the server's 501. */
void world_shake_hands(struct world *world);

void world_end_capture(struct world *world);

/* `count` packets of the server that say nothing new. */
void world_wait(struct world *world, int count, uint32_t seq, uint32_t ack);

/* What was heard of the client world->client. */
void world_assert_heard(struct world *world, int direction, const char *wanted);
void world_assert_order(struct world *world, const char *wanted);

#endif
