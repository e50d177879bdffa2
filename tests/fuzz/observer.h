/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Listens to HTTP connections in fuzz harnesses: whatever they are given, each message has a head,
 * then a body, then one end, and is forgotten once; and what was told has a digest, so that the
 * same bytes can be given in other pieces and compared.
 */
#ifndef UM_FUZZ_OBSERVER_H
#define UM_FUZZ_OBSERVER_H

#include "offline/http/connection.h"

/* A zeroed one has heard nothing. */
struct um_fuzz_observer {
    uint64_t heads, dones, forgotten, exchanges;
    uint64_t digest;
};

struct um_http_events um_fuzz_observer_events(struct um_fuzz_observer *observer);

/* Everything has been closed: aborts when a message has not ended or was not forgotten. */
void um_fuzz_observer_check(const struct um_fuzz_observer *observer);

/* Aborts, also where assert does nothing. */
void um_fuzz_demand(bool holds);

/*
 * Scripts of steps. A step is a byte, and for data as many bytes as it says: bit 0 the side, bits 1
 * and 2 what comes, the rest the length in eights. False: the script is over.
 */
enum um_fuzz_kind { UM_FUZZ_DATA, UM_FUZZ_GAP, UM_FUZZ_END, UM_FUZZ_MORE_DATA };
struct um_fuzz_step {
    int side;
    enum um_fuzz_kind kind;
    size_t len; /* of a gap, or of `bytes` */
    struct um_span bytes;
};
bool um_fuzz_next_step(struct um_span *script, struct um_fuzz_step *out);

/*
 * Plays a script into two sinks in pieces of at most `piece` bytes, as net would: nothing but the
 * end after UM_SINK_ENOUGH, one end a side, at last when the script has none. 0 or the first error.
 */
int um_fuzz_play(struct um_span script, const struct um_sink sinks[2], size_t piece);

#endif
