/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pcapng format: blocks, in sections of either byte order; each packet belongs to an interface
 * with its own link type and clock. Blocks of other kinds are skipped by their length.
 * Source: draft-ietf-opsawg-pcapng.
 */
#ifndef UM_CAPTURE_PCAPNG_H
#define UM_CAPTURE_PCAPNG_H

#include "offline/capture/record.h"

struct um_pcapng_interface {
    uint32_t link_type;
    uint32_t snap_len;  /* 0: none */
    uint8_t resolution; /* if_tsresol as it stands: 10^-n, or 2^-n with the top bit */
    int64_t offset_s;   /* if_tsoffset */
};

/* A zeroed one is ready for um_pcapng_next; freed with um_pcapng_done. */
struct um_pcapng {
    bool is_big_endian;
    struct um_pcapng_interface *interfaces; /* of the current section */
    size_t interface_count, interface_capacity;
    int64_t last_time_ns; /* simple packets have no time of their own */
};

/* True when a file begins like this format; needs 4 bytes. */
bool um_pcapng_is_magic(struct um_span head);

int um_pcapng_next(struct um_pcapng *pcapng, struct um_blocks *blocks, struct um_record *out,
                   struct um_trouble *trouble);
void um_pcapng_done(struct um_pcapng *pcapng);

/*
 * A time stamp in ticks of an interface as ns since the Unix epoch; what does not fit is cut to
 * what does.
 */
int64_t um_pcapng_time(const struct um_pcapng_interface *interface, uint64_t ticks);

#endif
