/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * File header: magic(4) major(2) minor(2) reserved(8) snap length(4) link type(4), of the last the
 * lower 16 bits are the type, the others tell of the frame check sequence. Record: seconds(4)
 * fraction(4) captured(4) on the wire(4), then the captured bytes. The snap length is not believed:
 * writers have put longer packets into their files.
 */
#include "offline/capture/pcap.h"

#include <inttypes.h>

#include "core/base/cursor.h"

enum { FILE_HEADER = 24, RECORD_HEADER = 16 };

/* The kinds of pcap file, told by their first four bytes. */
static const struct kind {
    uint32_t magic;
    uint32_t unit_ns;
    size_t record_header;
    size_t behind_file_header; /* bytes to skip */
} kinds[] = {
    {0xa1b2c3d4, 1000, RECORD_HEADER, 0},     /* libpcap */
    {0xa1b23c4d, 1, RECORD_HEADER, 0},        /* the same with nanoseconds */
    {0xa1b2cd34, 1000, RECORD_HEADER + 8, 0}, /* Kuznetzov: interface, protocol, packet type */
    {0xa12b3c4d, 1, RECORD_HEADER, 0},        /* Navtel */
    {0x1c0001ac, 1, RECORD_HEADER, 4},        /* Ixia, by hardware: all bytes counted */
    {0x1c0001ab, 1000, RECORD_HEADER, 4},     /* Ixia, by software */
};

static const struct kind *
find_kind(uint32_t magic)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (kinds[i].magic == magic)
            return &kinds[i];
    }
    return NULL;
}

static inline uint16_t
u16(const struct um_pcap *pcap, struct um_cursor *c)
{
    return pcap->is_big_endian ? um_cursor_be16(c) : um_cursor_le16(c);
}

static inline uint32_t
u32(const struct um_pcap *pcap, struct um_cursor *c)
{
    return pcap->is_big_endian ? um_cursor_be32(c) : um_cursor_le32(c);
}

/* Which kind and which byte order the first four bytes tell of; NULL: no pcap file. */
static const struct kind *
recognise(struct um_pcap *pcap, struct um_span head)
{
    struct um_cursor big = um_cursor_of(head), little = big;
    const struct kind *kind = find_kind(um_cursor_be32(&big));
    pcap->is_big_endian = kind != NULL;
    return kind ? kind : find_kind(um_cursor_le32(&little));
}

/* AIX names link types by SNMP's numbers of interfaces, and counts nanoseconds. Source: Wireshark's
 * reader; no other system's files of this version have these types. */
static void
read_as_aix(struct um_pcap *pcap)
{
    static const struct {
        uint8_t interface, link_type;
    } types[] = {{6, 1}, {9, 6}, {15, 10}, {24, 0}}; /* Ethernet, Token Ring, FDDI, loopback */
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (types[i].interface != pcap->interface.link_type)
            continue;
        pcap->interface.link_type = types[i].link_type;
        pcap->interface.resolution = 9;
        pcap->unit_ns = 1;
        pcap->units_a_second = UM_PCAP_NS_PER_S;
        return;
    }
}

static int
read_file_header(struct um_pcap *pcap, struct um_reader *reader)
{
    struct um_cursor c = um_cursor_of(um_reader_span(reader));
    um_cursor_skip(&c, 4);
    uint16_t major = u16(pcap, &c);
    uint16_t minor = u16(pcap, &c);
    um_cursor_skip(&c, 8);
    pcap->interface = (struct um_interface){.resolution = pcap->unit_ns == 1 ? 9 : 6};
    pcap->interface.snap_len = u32(pcap, &c);
    pcap->interface.link_type = u32(pcap, &c) & 0xffff;
    pcap->may_be_swapped = minor < 4;
    if (major == 2 && minor == 2)
        read_as_aix(pcap);
    if (major == 2)
        return 1;
    um_trouble_say(reader->trouble, false, "is a pcap file of the unknown version %u.%u", major,
                   minor);
    return UM_ERR_FORMAT;
}

int
um_pcap_start(struct um_pcap *pcap, struct um_reader *reader)
{
    int got = um_reader_need(reader, 4);
    if (got <= 0)
        return got;
    const struct kind *kind = recognise(pcap, um_reader_span(reader));
    if (!kind)
        return 0;
    pcap->unit_ns = kind->unit_ns;
    pcap->units_a_second = UM_PCAP_NS_PER_S / kind->unit_ns;
    pcap->record_header = kind->record_header;
    size_t header = FILE_HEADER + kind->behind_file_header;
    got = um_reader_need(reader, header);
    if (got == 0)
        return um_reader_cut(reader, "the file header", 0);
    if (got > 0)
        got = read_file_header(pcap, reader);
    if (got > 0)
        reader->at += header;
    return got;
}

static int
only_zeros(struct um_reader *reader)
{
    um_trouble_say(reader->trouble, true, "holds no packets but zeros from byte %" PRIu64,
                   um_reader_offset(reader));
    return UM_ERR_FORMAT;
}

static int
too_large(struct um_reader *reader, uint32_t captured)
{
    um_trouble_say(reader->trouble, false,
                   "is damaged: the packet at byte %" PRIu64 " claims to have %" PRIu32 " bytes",
                   um_reader_offset(reader), captured);
    return UM_ERR_FORMAT;
}

int
um_pcap_next(const struct um_pcap *pcap, struct um_reader *reader, struct um_packet *out)
{
    int got = um_reader_need(reader, pcap->record_header);
    if (got == 0 && um_reader_left(reader) > 0)
        return um_reader_cut(reader, "the packet", um_reader_offset(reader));
    if (got <= 0)
        return got;

    struct um_pcap_record record = um_pcap_record(pcap, reader->data + reader->at);
    if (record.captured > UM_PACKET_BYTES_MAX)
        return too_large(reader, record.captured);
    if (um_pcap_is_unfilled(&record))
        return only_zeros(reader);

    got = um_reader_need(reader, pcap->record_header + record.captured);
    if (got == 0)
        return um_reader_cut(reader, "the packet", um_reader_offset(reader));
    if (got < 0)
        return got;
    um_pcap_accept(pcap, reader, &record, out);
    return 1;
}
