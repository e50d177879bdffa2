/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pcap format: a file header, then records. Both byte orders; stamps in microseconds (also in
 * the format of the modified records) or nanoseconds.
 * Source: draft-ietf-opsawg-pcap.
 */
#ifndef UM_CAPTURE_PCAP_H
#define UM_CAPTURE_PCAP_H

#include "offline/capture/record.h"

struct um_pcap {
    bool is_big_endian;
    bool has_swapped_lengths; /* versions before 2.3 */
    uint32_t ns_per_tick;
    uint32_t record_header_bytes; /* 16, or 24 in the modified format */
    uint32_t link_type;
};

/* True when a file begins like this format; needs 4 bytes. */
bool um_pcap_is_magic(struct um_span head);

/* Reads the file header. 1, 0 never, or an error as described in record.h. */
int um_pcap_begin(struct um_pcap *pcap, struct um_blocks *blocks, struct um_trouble *trouble);

int um_pcap_next(struct um_pcap *pcap, struct um_blocks *blocks, struct um_record *out,
                 struct um_trouble *trouble);

#endif
