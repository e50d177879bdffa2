/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 *   file header: magic 4 | version 2+2 | zone 4 | accuracy 4 | snap length 4 | link type 4
 *   record:      seconds 4 | fraction 4 | captured 4 | on the wire 4 | bytes
 *   modified:    the same 16 bytes, then interface 4 | protocol 2 | type 1 | padding 1
 */
#include "offline/capture/pcap.h"

#include "core/base/cursor.h"

enum { FILE_HEADER_BYTES = 24, RECORD_HEADER_BYTES = 16, MODIFIED_HEADER_BYTES = 24 };

static const uint32_t MAGIC_MICROSECONDS = 0xa1b2c3d4, MAGIC_NANOSECONDS = 0xa1b23c4d,
                      MAGIC_MODIFIED = 0xa1b2cd34;

static bool
is_magic(uint32_t magic)
{
    return magic == MAGIC_MICROSECONDS || magic == MAGIC_NANOSECONDS || magic == MAGIC_MODIFIED;
}

bool
um_pcap_is_magic(struct um_span head)
{
    struct um_cursor big = um_cursor_of(head), little = big;
    return is_magic(um_cursor_be32(&big)) || is_magic(um_cursor_le32(&little));
}

static uint32_t
read_u32(const struct um_pcap *pcap, struct um_cursor *c)
{
    return pcap->is_big_endian ? um_cursor_be32(c) : um_cursor_le32(c);
}

static uint16_t
read_u16(const struct um_pcap *pcap, struct um_cursor *c)
{
    return pcap->is_big_endian ? um_cursor_be16(c) : um_cursor_le16(c);
}

int
um_pcap_begin(struct um_pcap *pcap, struct um_blocks *blocks, struct um_trouble *trouble)
{
    int there = um_blocks_need(blocks, FILE_HEADER_BYTES);
    if (there < 0)
        return there;
    if (there == 0)
        return um_trouble_cut(blocks, trouble);
    struct um_cursor c = um_cursor_of(um_blocks_look(blocks, FILE_HEADER_BYTES));
    struct um_cursor probe = c;
    pcap->is_big_endian = is_magic(um_cursor_be32(&probe));
    uint32_t magic = read_u32(pcap, &c);
    uint16_t major = read_u16(pcap, &c);
    uint16_t minor = read_u16(pcap, &c);
    um_cursor_skip(&c, 12); /* zone, accuracy: always 0; snap length: the records tell */
    pcap->has_swapped_lengths = major == 2 && minor < 3;
    pcap->ns_per_tick = magic == MAGIC_NANOSECONDS ? 1 : 1000;
    pcap->record_header_bytes =
        magic == MAGIC_MODIFIED ? MODIFIED_HEADER_BYTES : RECORD_HEADER_BYTES;
    pcap->link_type = read_u32(pcap, &c) & 0xffff; /* above: length of the frame check sequence */
    um_blocks_consume(blocks, FILE_HEADER_BYTES);
    if (major != 2)
        return um_trouble_set(trouble, "it is a pcap file of version %u.%u: only 2.x can be read",
                              major, minor);
    return 1;
}

/* Reads the record header, which lies in one piece; the record's bytes are not there yet. */
static uint32_t
read_header(const struct um_pcap *pcap, struct um_span header, struct um_record *out)
{
    struct um_cursor c = um_cursor_of(header);
    uint32_t seconds = read_u32(pcap, &c);
    uint32_t fraction = read_u32(pcap, &c);
    uint32_t captured = read_u32(pcap, &c);
    uint32_t on_wire = read_u32(pcap, &c);
    if (pcap->has_swapped_lengths && captured > on_wire) {
        uint32_t swap = captured;
        captured = on_wire;
        on_wire = swap;
    }
    out->time_ns = (int64_t)seconds * 1000000000 + (int64_t)fraction * pcap->ns_per_tick;
    out->link_type = pcap->link_type;
    out->wire_len = on_wire < captured ? captured : on_wire;
    return captured;
}

int
um_pcap_next(struct um_pcap *pcap, struct um_blocks *blocks, struct um_record *out,
             struct um_trouble *trouble)
{
    size_t header_bytes = pcap->record_header_bytes;
    int there = um_blocks_need(blocks, header_bytes);
    if (there < 0)
        return there;
    if (there == 0)
        return um_blocks_left(blocks) == 0 && !blocks->err ? 0 : um_trouble_cut(blocks, trouble);

    uint32_t captured = read_header(pcap, um_blocks_look(blocks, header_bytes), out);
    if (captured > UM_BLOCKS_RECORD_MAX - header_bytes)
        return um_trouble_set(trouble,
                              "the record at byte %llu claims %lu bytes: the file is damaged, "
                              "everything before it was read",
                              (unsigned long long)blocks->offset, (unsigned long)captured);
    there = um_blocks_need(blocks, header_bytes + captured);
    if (there < 0)
        return there;
    if (there == 0)
        return um_trouble_cut(blocks, trouble);
    out->bytes = um_span_from(um_blocks_look(blocks, header_bytes + captured), header_bytes);
    um_blocks_consume(blocks, header_bytes + captured);
    return 1;
}
