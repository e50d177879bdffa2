/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pcap file format: one link type for the file, then records. Reads both byte orders,
 * microseconds and nanoseconds, the record of Kuznetzov's modified libpcap, and the variants of
 * Navtel and Ixia. Source: draft-ietf-opsawg-pcap.
 */
#ifndef UM_CAPTURE_PCAP_H
#define UM_CAPTURE_PCAP_H

#include "offline/capture/packet.h"
#include "offline/capture/reader.h"

struct um_pcap {
    bool is_big_endian;
    bool may_be_swapped; /* files before version 2.4 may hold the lengths in the other order */
    struct um_interface interface;
    uint32_t unit_ns; /* of the fraction of a second */
    uint32_t units_a_second;
    size_t record_header; /* bytes before a packet */
};

/*
 * Reads the file header: 1; 0, and nothing was read, when this is no pcap file; UM_ERR_FORMAT and
 * the trouble is said; what um_reader_need returned.
 */
int um_pcap_start(struct um_pcap *pcap, struct um_reader *reader);

/*
 * The next packet: 1 and `out` set but for the frame; 0 at the end; UM_ERR_FORMAT and the trouble
 * is said; what um_reader_need returned. `out` is valid until the next call.
 */
int um_pcap_next(const struct um_pcap *pcap, struct um_reader *reader, struct um_packet *out);

#endif
