/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Who talks: a slot with one connection at a time, each in its own manner, and the truth about what
 * it said. A call is left with its connection: the same poll on another one, as soon after it as
 * here, would be one request seen on its way through a proxy.
 */
#ifndef UM_BENCH_ACTOR_H
#define UM_BENCH_ACTOR_H

#include <stdio.h>

#include "bench/gen/bodies.h"
#include "bench/gen/flow.h"
#include "bench/gen/seal.h"

enum um_actor_kind {
    UM_ACTOR_BULK,     /* encrypted records from the server, megabytes of them */
    UM_ACTOR_DOWNLOAD, /* the same in clear, as one HTTP body */
    UM_ACTOR_WEB,      /* GET and pages */
    UM_ACTOR_SOAP,     /* a mailbox, and perhaps calls */
    UM_ACTOR_TLS,      /* what a browser does, encrypted */
    UM_ACTOR_CHAT,     /* a few bytes each way */
    UM_ACTOR_SCAN,     /* a SYN that nobody answers, or only with a reset */
    UM_ACTOR_KIND_COUNT
};

/* A call as its client sees it; `seen` says what of it a perfect reader of the capture can. */
struct um_actor_call {
    char id[65];
    enum um_bench_state state;
    bool is_begun;
    unsigned polls, seen_polls;
    unsigned seen_states[2 * UM_BENCH_STATE_COUNT];
    size_t seen_state_count;
};

struct um_actor {
    enum um_actor_kind kind;
    int step; /* of the connection: its opening, then requests and replies, then its end */
    bool is_alive, is_poll, is_hit;
    unsigned round, rounds; /* begun, of so many */
    uint64_t chunks;        /* of UM_BODIES_NOISE_BYTES still to come */
    uint32_t poll_permille;
    struct um_bench_flow flow;
    struct um_text message, sealed;
    struct um_seal seal;
    struct um_actor_call call;
};

/* What all actors share; the counts are the truth. */
struct um_actor_world {
    struct um_flow_world flows;
    struct um_bodies bodies;
    uint32_t gzip_permille, chunked_permille;
    enum um_seal_version tls; /* around all that is said */
    uint32_t requests_max;    /* of a mailbox on one connection; 0: many */
    FILE *truth;              /* one line a call */
    FILE *keys;               /* with TLS: its key log */
    bool is_ending;           /* no new requests */
    uint64_t connections, tls_connections, requests, replies, polls, poll_replies, hit_polls, calls;
    uint64_t records, record_bytes; /* of application data in TLS; clear bytes */
};

/* A new connection of slot `slot`. */
void um_actor_start(struct um_actor_world *world, struct um_actor *actor, enum um_actor_kind kind,
                    uint32_t slot);

/* One packet, or a few; `is_alive` tells whether the connection goes on. */
void um_actor_step(struct um_actor_world *world, struct um_actor *actor);

/* Writes the truth about a call that is still going on. */
void um_actor_tell_call(struct um_actor_world *world, struct um_actor *actor);

#endif
