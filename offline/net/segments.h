/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Pieces of a byte sequence that came before their turn, in order and without overlap: where two
 * arrivals overlap the first one's bytes stay. Holds copies, paid for at the meter and bounded by a
 * room that many sets share. Used for TCP streams and for IP datagrams in fragments.
 */
#ifndef UM_NET_SEGMENTS_H
#define UM_NET_SEGMENTS_H

#include "core/base/err.h"
#include "core/base/limits.h"
#include "core/base/mark.h"

/* Bytes as a packet brought them. */
struct um_arrival {
    uint64_t position;
    struct um_span bytes;
    uint32_t cut; /* bytes that follow and were cut off by the snap length */
    uint64_t ack; /* position in the other direction up to which the sender had received */
    struct um_mark first;
    struct um_mark last;
};

struct um_segment {
    struct um_segment *prev;
    struct um_segment *next;
    uint64_t position;
    uint64_t len;
    uint64_t ack;
    struct um_mark first;
    struct um_mark last;
    bool is_cut;      /* the snap length cut these bytes off: only their number is known */
    bool is_needless; /* nobody wants these bytes: only their number is held */
    uint8_t bytes[];
};

/* A zeroed struct is an empty set. */
struct um_segments {
    struct um_segment *head; /* lowest position */
    struct um_segment *tail;
    size_t count;
    uint64_t held_bytes;    /* copied */
    uint64_t covered_bytes; /* copied or not */
};

/* What all sets of one kind may hold together. */
struct um_segments_room {
    struct um_meter *meter;
    uint64_t max;  /* bytes copied */
    uint64_t used; /* bytes copied */
};

enum { UM_SEGMENTS_MAX = 4096 }; /* pieces in one set, so that looking for a place stays cheap */

/* From um_segments_add; a part may have been added. */
enum {
    UM_SEGMENTS_FULL = 1,      /* this set is full: `max` bytes, or UM_SEGMENTS_MAX pieces */
    UM_SEGMENTS_NO_ROOM = 2,   /* all sets together are */
    UM_SEGMENTS_NO_MEMORY = 3, /* there is room, and the meter is full */
};

/* Where an arrival ends, its cut bytes included. */
static inline uint64_t
um_arrival_end(const struct um_arrival *arrival)
{
    return arrival->position + arrival->bytes.len + arrival->cut;
}

/* The arrival without what stands before `position`, or from `position` on. */
struct um_arrival um_arrival_from(const struct um_arrival *arrival, uint64_t position);
struct um_arrival um_arrival_before(const struct um_arrival *arrival, uint64_t position);

static inline uint64_t
um_segment_end(const struct um_segment *segment)
{
    return segment->position + segment->len;
}

/*
 * Adds what the set, of at most `max` copied bytes, does not have yet; of bytes before position
 * `needed_from` only their number. 0, one of the three above, or UM_ERR_NOMEM; adding again what
 * was added is harmless.
 */
int um_segments_add(struct um_segments *set, const struct um_arrival *arrival, uint64_t needed_from,
                    uint64_t max, struct um_segments_room *room);

/* Does the arrival bring other bytes than those copied for the same places? */
bool um_segments_differ(const struct um_segments *set, const struct um_arrival *arrival);

/* Frees the first piece; the set must not be empty. */
void um_segments_pop(struct um_segments *set, struct um_segments_room *room);

/* Frees what stands at `position` and behind it. */
void um_segments_truncate(struct um_segments *set, uint64_t position,
                          struct um_segments_room *room);

void um_segments_clear(struct um_segments *set, struct um_segments_room *room);

#endif
