/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pcap file format: one link type for the file, then records. Reads both byte orders,
 * microseconds and nanoseconds, the record of Kuznetzov's modified libpcap, and the variants of
 * Navtel, Ixia and AIX. Source: draft-ietf-opsawg-pcap.
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

/* ---- the same in short, for nearly all packets ---- */

enum { UM_PCAP_NS_PER_S = 1000000000 };

/* What the fields before a packet say. */
struct um_pcap_record {
    uint32_t seconds, fraction, captured, on_wire;
};

/* A cursor, which looks at the bounds of each field, would show. */
static inline uint32_t
um_pcap_word(const struct um_pcap *pcap, const uint8_t *at)
{
    uint32_t word = (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
    return pcap->is_big_endian ? __builtin_bswap32(word) : word;
}

/* `at` has the 16 bytes that every kind of record begins with. */
static inline struct um_pcap_record
um_pcap_record(const struct um_pcap *pcap, const uint8_t *at)
{
    struct um_pcap_record record = {um_pcap_word(pcap, at), um_pcap_word(pcap, at + 4),
                                    um_pcap_word(pcap, at + 8), um_pcap_word(pcap, at + 12)};
    if (record.captured > record.on_wire && pcap->may_be_swapped) {
        uint32_t other = record.captured;
        record.captured = record.on_wire;
        record.on_wire = other;
    }
    return record;
}

/* Files that were laid out in advance and never filled end in zeros; no packet has zero bytes on
 * the wire at the beginning of time. */
static inline bool
um_pcap_is_unfilled(const struct um_pcap_record *record)
{
    return (record->seconds | record->fraction | record->captured | record->on_wire) == 0;
}

/* Sets `out` to the packet behind the record's fields, which is there, and reads past it. */
static inline void
um_pcap_accept(const struct um_pcap *pcap, struct um_reader *reader,
               const struct um_pcap_record *record, struct um_packet *out)
{
    size_t header = pcap->record_header;
    out->bytes = um_span_of(reader->data + reader->at + header, record->captured);
    out->wire_len = record->on_wire < record->captured ? record->captured : record->on_wire;
    out->link_type = pcap->interface.link_type;
    out->interface = &pcap->interface;
    out->units = (uint64_t)record->seconds * pcap->units_a_second + record->fraction;
    out->mark.time_ns =
        (int64_t)record->seconds * UM_PCAP_NS_PER_S + (int64_t)record->fraction * pcap->unit_ns;
    um_reader_pass(reader, header + record->captured);
}

/* The next packet, if it lies whole among the bytes that are there; else false, for um_pcap_next to
 * tell why. */
static inline bool
um_pcap_take(const struct um_pcap *pcap, struct um_reader *reader, struct um_packet *out)
{
    size_t left = um_reader_left(reader);
    if (left < pcap->record_header)
        return false;
    struct um_pcap_record record = um_pcap_record(pcap, reader->data + reader->at);
    if (record.captured > left - pcap->record_header || record.captured > UM_PACKET_BYTES_MAX ||
        um_pcap_is_unfilled(&record))
        return false;
    um_pcap_accept(pcap, reader, &record, out);
    return true;
}

#endif
