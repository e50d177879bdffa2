/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 *   block: type 4 | total length 4 | body, padded to 4 | total length 4
 *   section header (0x0a0d0d0a): byte order 4 | version 2+2 | section length 8 | options
 *   interface (1):       link type 2 | reserved 2 | snap length 4 | options
 *   simple packet (3):   on the wire 4 | bytes
 *   enhanced packet (6): interface 4 | time 4+4 | captured 4 | on the wire 4 | bytes | options
 *   packet (2, obsolete): interface 2 | drops 2 | time 4+4 | captured 4 | on the wire 4 | bytes
 *   option: code 2 | length 2 | value, padded to 4; code 0 ends them
 */
#include "offline/capture/pcapng.h"

#include <stdlib.h>

#include "core/base/cursor.h"

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 2,
    BLOCK_SIMPLE = 3,
    BLOCK_ENHANCED = 6,
    BLOCK_HEADER_BYTES = 8,
    BLOCK_FRAME_BYTES = 12, /* header and the length repeated at the end */
    SECTION_MIN_BYTES = 28,
    OPTION_END = 0,
    OPTION_RESOLUTION = 9,
    OPTION_OFFSET = 14,
    RESOLUTION_DEFAULT = 6, /* microseconds */
    INTERFACES_MAX = 65536,
};

static const uint32_t BYTE_ORDER_MAGIC = 0x1a2b3c4d;

__extension__ typedef unsigned __int128 um_wide; /* a product of two 64-bit numbers */

bool
um_pcapng_is_magic(struct um_span head)
{
    struct um_cursor c = um_cursor_of(head);
    return um_cursor_be32(&c) == BLOCK_SECTION; /* reads the same from both ends */
}

static uint32_t
read_u32(const struct um_pcapng *pcapng, struct um_cursor *c)
{
    return pcapng->is_big_endian ? um_cursor_be32(c) : um_cursor_le32(c);
}

static uint16_t
read_u16(const struct um_pcapng *pcapng, struct um_cursor *c)
{
    return pcapng->is_big_endian ? um_cursor_be16(c) : um_cursor_le16(c);
}

static uint64_t
read_u64(const struct um_pcapng *pcapng, struct um_cursor *c)
{
    uint64_t first = read_u32(pcapng, c);
    uint64_t second = read_u32(pcapng, c);
    return pcapng->is_big_endian ? first << 32 | second : second << 32 | first;
}

/* ---- times ---- */

static um_wide
ticks_to_ns(uint8_t resolution, uint64_t ticks)
{
    um_wide ns = (um_wide)ticks * 1000000000U;
    unsigned exponent = resolution & 0x7f;
    if (resolution & 0x80)
        return exponent < 127 ? ns >> exponent : 0;
    for (; exponent > 0 && ns > 0; exponent--)
        ns /= 10;
    return ns;
}

int64_t
um_pcapng_time(const struct um_pcapng_interface *interface, uint64_t ticks)
{
    um_wide ns = ticks_to_ns(interface->resolution, ticks);
    int64_t time_ns = ns > INT64_MAX ? INT64_MAX : (int64_t)ns;
    int64_t offset_ns, sum;
    if (__builtin_mul_overflow(interface->offset_s, (int64_t)1000000000, &offset_ns) ||
        __builtin_add_overflow(time_ns, offset_ns, &sum))
        return interface->offset_s < 0 ? INT64_MIN : INT64_MAX;
    return sum;
}

/* ---- sections and interfaces ---- */

static void
read_options(const struct um_pcapng *pcapng, struct um_cursor c, struct um_pcapng_interface *out)
{
    while (c.left.len >= 4) {
        uint16_t code = read_u16(pcapng, &c);
        uint16_t length = read_u16(pcapng, &c);
        struct um_cursor value = um_cursor_of(um_cursor_take(&c, length));
        um_cursor_skip(&c, (4U - length % 4U) % 4U);
        if (code == OPTION_END || value.left.len != length)
            return;
        if (code == OPTION_RESOLUTION && length == 1)
            out->resolution = um_cursor_u8(&value);
        else if (code == OPTION_OFFSET && length == 8)
            out->offset_s = (int64_t)read_u64(pcapng, &value);
    }
}

static int
add_interface(struct um_pcapng *pcapng, struct um_cursor c, struct um_trouble *trouble)
{
    struct um_pcapng_interface interface = {.resolution = RESOLUTION_DEFAULT};
    interface.link_type = read_u16(pcapng, &c);
    um_cursor_skip(&c, 2);
    interface.snap_len = read_u32(pcapng, &c);
    if (c.short_read || pcapng->interface_count == INTERFACES_MAX)
        return um_trouble_set(trouble, c.short_read ? "an interface block is too short"
                                                    : "a section has more than 65536 interfaces");
    read_options(pcapng, c, &interface);
    if (pcapng->interface_count == pcapng->interface_capacity) {
        size_t wider = pcapng->interface_capacity ? pcapng->interface_capacity * 2 : 4;
        void *grown = reallocarray(pcapng->interfaces, wider, sizeof interface);
        if (!grown)
            return UM_ERR_NOMEM;
        pcapng->interfaces = grown;
        pcapng->interface_capacity = wider;
    }
    pcapng->interfaces[pcapng->interface_count++] = interface;
    return UM_OK;
}

/* The byte order must be known before the block's length can be read. */
static int
begin_section(struct um_pcapng *pcapng, struct um_blocks *blocks, struct um_trouble *trouble)
{
    int there = um_blocks_need(blocks, SECTION_MIN_BYTES);
    if (there <= 0)
        return there < 0 ? there : um_trouble_cut(blocks, trouble);
    struct um_cursor c = um_cursor_of(um_blocks_look(blocks, SECTION_MIN_BYTES));
    um_cursor_skip(&c, BLOCK_HEADER_BYTES);
    struct um_cursor probe = c;
    pcapng->is_big_endian = um_cursor_be32(&probe) == BYTE_ORDER_MAGIC;
    if (read_u32(pcapng, &c) != BYTE_ORDER_MAGIC)
        return um_trouble_set(trouble, "the section at byte %llu has no known byte order",
                              (unsigned long long)blocks->offset);
    uint16_t major = read_u16(pcapng, &c);
    if (major != 1)
        return um_trouble_set(trouble,
                              "the section at byte %llu is pcapng of version %u: only 1 "
                              "can be read",
                              (unsigned long long)blocks->offset, major);
    pcapng->interface_count = 0;
    return 1;
}

/* ---- packets ---- */

static int
find_interface(const struct um_pcapng *pcapng, const struct um_blocks *blocks, uint32_t number,
               struct um_trouble *trouble, const struct um_pcapng_interface **out)
{
    if (number >= pcapng->interface_count)
        return um_trouble_set(
            trouble,
            "the packet at byte %llu names interface %lu, which is not described: "
            "everything before it was read",
            (unsigned long long)blocks->offset, (unsigned long)number);
    *out = &pcapng->interfaces[number];
    return UM_OK;
}

static void
fill(struct um_record *out, const struct um_pcapng_interface *interface, struct um_span bytes,
     uint32_t on_wire, int64_t time_ns)
{
    out->bytes = bytes;
    out->wire_len = on_wire < bytes.len ? (uint32_t)bytes.len : on_wire;
    out->link_type = interface->link_type;
    out->time_ns = time_ns;
}

/* An enhanced packet, or an obsolete one, which has a narrower interface number. */
static int
read_packet(struct um_pcapng *pcapng, const struct um_blocks *blocks, uint32_t type,
            struct um_cursor c, struct um_record *out, struct um_trouble *trouble)
{
    const struct um_pcapng_interface *interface;
    uint32_t number = type == BLOCK_PACKET ? read_u16(pcapng, &c) : read_u32(pcapng, &c);
    if (type == BLOCK_PACKET)
        um_cursor_skip(&c, 2);
    uint64_t ticks = (uint64_t)read_u32(pcapng, &c) << 32;
    ticks |= read_u32(pcapng, &c);
    uint32_t captured = read_u32(pcapng, &c);
    uint32_t on_wire = read_u32(pcapng, &c);
    struct um_span bytes = um_cursor_take(&c, captured);
    if (c.short_read)
        return um_trouble_set(trouble,
                              "the packet at byte %llu is longer than its block: everything before "
                              "it was read",
                              (unsigned long long)blocks->offset);
    int err = find_interface(pcapng, blocks, number, trouble, &interface);
    if (err)
        return err;
    pcapng->last_time_ns = um_pcapng_time(interface, ticks);
    fill(out, interface, bytes, on_wire, pcapng->last_time_ns);
    return 1;
}

/* A simple packet: of the first interface, at no time of its own. */
static int
read_simple(struct um_pcapng *pcapng, const struct um_blocks *blocks, struct um_cursor c,
            struct um_record *out, struct um_trouble *trouble)
{
    const struct um_pcapng_interface *interface;
    uint32_t on_wire = read_u32(pcapng, &c);
    int err = find_interface(pcapng, blocks, 0, trouble, &interface);
    if (err)
        return err;
    size_t captured = on_wire;
    if (interface->snap_len > 0 && captured > interface->snap_len)
        captured = interface->snap_len;
    fill(out, interface, um_span_first(c.left, captured), on_wire, pcapng->last_time_ns);
    return 1;
}

static bool
is_wanted(uint32_t type)
{
    return type == BLOCK_INTERFACE || type == BLOCK_PACKET || type == BLOCK_SIMPLE ||
           type == BLOCK_ENHANCED;
}

/* A block that lies in one piece. 1 a packet, 0 none, or an error. */
static int
read_block(struct um_pcapng *pcapng, const struct um_blocks *blocks, uint32_t type,
           struct um_span block, struct um_record *out, struct um_trouble *trouble)
{
    struct um_cursor c =
        um_cursor_of(um_span_of(block.data + BLOCK_HEADER_BYTES, block.len - BLOCK_FRAME_BYTES));
    struct um_cursor tail = um_cursor_of(um_span_from(block, block.len - 4));
    if (read_u32(pcapng, &tail) != block.len)
        return um_trouble_set(trouble,
                              "the lengths of the block at byte %llu differ: the file is damaged, "
                              "everything before it was read",
                              (unsigned long long)blocks->offset);
    if (type == BLOCK_INTERFACE)
        return add_interface(pcapng, c, trouble);
    if (type == BLOCK_SIMPLE)
        return read_simple(pcapng, blocks, c, out, trouble);
    return read_packet(pcapng, blocks, type, c, out, trouble);
}

/* Looks at the next block's type and length. 1, 0 at the end of the file, or an error. */
static int
look_at_block(struct um_pcapng *pcapng, struct um_blocks *blocks, uint32_t *type, uint32_t *length,
              struct um_trouble *trouble)
{
    int there = um_blocks_need(blocks, BLOCK_HEADER_BYTES);
    if (there < 0)
        return there;
    if (there == 0)
        return um_blocks_left(blocks) == 0 && !blocks->err ? 0 : um_trouble_cut(blocks, trouble);
    if (um_pcapng_is_magic(um_blocks_look(blocks, BLOCK_HEADER_BYTES))) {
        there = begin_section(pcapng, blocks, trouble);
        if (there <= 0)
            return there;
    }
    struct um_cursor c = um_cursor_of(um_blocks_look(blocks, BLOCK_HEADER_BYTES));
    *type = read_u32(pcapng, &c);
    *length = read_u32(pcapng, &c);
    if (*length < BLOCK_FRAME_BYTES || *length % 4 != 0 ||
        (is_wanted(*type) && *length > UM_BLOCKS_RECORD_MAX))
        return um_trouble_set(trouble,
                              "the block at byte %llu claims %lu bytes: the file is damaged, "
                              "everything before it was read",
                              (unsigned long long)blocks->offset, (unsigned long)*length);
    return 1;
}

int
um_pcapng_next(struct um_pcapng *pcapng, struct um_blocks *blocks, struct um_record *out,
               struct um_trouble *trouble)
{
    int result = 0;
    while (result == 0) {
        uint32_t type, length;
        int there = look_at_block(pcapng, blocks, &type, &length, trouble);
        if (there <= 0)
            return there;
        if (!is_wanted(type)) {
            there = um_blocks_skip(blocks, length);
        } else {
            there = um_blocks_need(blocks, length);
            if (there > 0)
                result =
                    read_block(pcapng, blocks, type, um_blocks_look(blocks, length), out, trouble);
            if (there > 0 && result >= 0)
                um_blocks_consume(blocks, length);
        }
        if (there <= 0)
            return there < 0 ? there : um_trouble_cut(blocks, trouble);
    }
    return result;
}

void
um_pcapng_done(struct um_pcapng *pcapng)
{
    free(pcapng->interfaces);
    *pcapng = (struct um_pcapng){0};
}
