/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Block: type(4) length(4) body length(4), the length of all of it, a multiple of 4: of writers
 * that do not pad, some leave the padding away, some do not count it. A section header's body
 * begins with the byte-order magic, which decides how its own length is read. Times count units of
 * the interface's if_tsresol (a power of 10 or of 2), from if_tsoffset seconds after the epoch.
 */
#include "offline/capture/pcapng.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/base/cursor.h"
#include "core/base/room.h"

enum block_type {
    BLOCK_SKIPPED = 0,          /* no block has this type */
    BLOCK_SECTION = 0x0a0d0d0a, /* the same in both byte orders */
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 2, /* obsolete */
    BLOCK_SIMPLE_PACKET = 3,
    BLOCK_ENHANCED_PACKET = 6,
    BLOCK_SECRETS = 10,
};

enum option { OPTION_END = 0, OPTION_TSRESOL = 9, OPTION_TSOFFSET = 14 };

enum {
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
    BLOCK_OVERHEAD = 12,                       /* type and both lengths */
    BLOCK_BYTES_MAX = 2 * UM_PACKET_BYTES_MAX, /* of those we look into: a packet and its options */
    INTERFACES_MAX = 65536,
    NS_PER_S = 1000000000,
    TSRESOL_DEFAULT = 6, /* microseconds */
    TSRESOL_BINARY = 0x80,
};

struct um_pcapng_interface {
    struct um_interface told;
    uint64_t multiply; /* units to ns: times this, by that; */
    uint64_t divide;
    unsigned shift; /* or, when not 0, 2^shift units are a second */
    int64_t offset_ns;
};

struct block {
    uint32_t type;
    struct um_span body;
    uint64_t offset; /* in the source */
};

void
um_pcapng_done(struct um_pcapng *ng)
{
    free(ng->interfaces);
    um_arena_done(&ng->options);
    *ng = (struct um_pcapng){0};
}

static inline uint16_t
u16(const struct um_pcapng *ng, struct um_cursor *c)
{
    return ng->is_big_endian ? um_cursor_be16(c) : um_cursor_le16(c);
}

static inline uint32_t
u32(const struct um_pcapng *ng, struct um_cursor *c)
{
    return ng->is_big_endian ? um_cursor_be32(c) : um_cursor_le32(c);
}

/* Two halves, the upper one first, whatever the byte order. */
static inline uint64_t
u32_twice(const struct um_pcapng *ng, struct um_cursor *c)
{
    uint64_t upper = u32(ng, c);
    return upper << 32 | u32(ng, c);
}

static uint64_t
u64(const struct um_pcapng *ng, struct um_cursor *c)
{
    uint64_t first = u32(ng, c);
    uint64_t second = u32(ng, c);
    return ng->is_big_endian ? first << 32 | second : second << 32 | first;
}

static int
damaged(struct um_reader *reader, uint64_t offset, const char *what)
{
    um_trouble_say(reader->trouble, false, "is damaged: the block at byte %" PRIu64 " %s", offset,
                   what);
    return UM_ERR_FORMAT;
}

/* ---- times ---- */

static int64_t
add_cut(int64_t a, int64_t b)
{
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum))
        return b < 0 ? INT64_MIN : INT64_MAX;
    return sum;
}

static int64_t
seconds_to_ns(int64_t seconds)
{
    int64_t ns;
    if (__builtin_mul_overflow(seconds, (int64_t)NS_PER_S, &ns))
        return seconds < 0 ? INT64_MIN : INT64_MAX;
    return ns;
}

/* 2^shift units are a second. The fraction keeps 32 bits, finer than a nanosecond. */
static uint64_t
binary_to_ns(uint64_t units, unsigned shift)
{
    uint64_t seconds = shift < 64 ? units >> shift : 0;
    uint64_t fraction = shift < 64 ? units - (seconds << shift) : units;
    unsigned drop = shift > 32 ? shift - 32 : 0;
    fraction = drop < 64 ? fraction >> drop : 0;
    if (seconds > INT64_MAX / NS_PER_S)
        return UINT64_MAX;
    return seconds * NS_PER_S + (fraction * NS_PER_S >> (shift - drop));
}

/* What does not fit is cut to what does. */
static int64_t
to_time(const struct um_pcapng_interface *interface, uint64_t units)
{
    uint64_t ns;
    if (interface->shift > 0)
        ns = binary_to_ns(units, interface->shift);
    else if (interface->divide > 1)
        ns = units / interface->divide;
    else if (__builtin_mul_overflow(units, interface->multiply, &ns))
        ns = UINT64_MAX;
    return add_cut(ns > INT64_MAX ? INT64_MAX : (int64_t)ns, interface->offset_ns);
}

/* 10^exponent, or the largest power of ten there is. */
static uint64_t
power_of_ten(unsigned exponent)
{
    uint64_t power = 1;
    for (unsigned i = 0; i < exponent && i < 19; i++)
        power *= 10;
    return power;
}

static void
set_resolution(struct um_pcapng_interface *interface, uint8_t tsresol)
{
    unsigned exponent = tsresol & 0x7f;
    interface->told.resolution = tsresol;
    interface->shift = tsresol & TSRESOL_BINARY ? exponent : 0;
    if (tsresol & TSRESOL_BINARY)
        exponent = 0; /* 2^-0 is 10^-0: whole seconds */
    interface->multiply = exponent < 9 ? power_of_ten(9 - exponent) : 1;
    interface->divide = exponent > 9 ? power_of_ten(exponent - 9) : 1;
}

/* ---- what a section says before its packets ---- */

/* magic(4) major(2) minor(2) section length(8) options */
static int
begin_section(struct um_pcapng *ng, struct um_reader *reader, const struct block *block)
{
    struct um_cursor c = um_cursor_of(block->body);
    um_cursor_skip(&c, 4);
    uint16_t major = u16(ng, &c);
    uint16_t minor = u16(ng, &c);
    um_cursor_skip(&c, 8);
    if (c.short_read)
        return damaged(reader, block->offset, "is too short for a section header");
    ng->interface_count = 0;
    um_arena_reset(&ng->options);
    if (major == 1)
        return UM_OK;
    um_trouble_say(reader->trouble, false, "is a pcapng file of the unknown version %u.%u", major,
                   minor);
    return UM_ERR_FORMAT;
}

static void
read_option(const struct um_pcapng *ng, uint16_t code, struct um_span value,
            struct um_pcapng_interface *interface)
{
    struct um_cursor c = um_cursor_of(value);
    if (code == OPTION_TSRESOL && value.len == 1)
        set_resolution(interface, um_cursor_u8(&c));
    if (code == OPTION_TSOFFSET && value.len == 8)
        interface->offset_ns = seconds_to_ns((int64_t)u64(ng, &c));
}

/* code(2) length(2) value, padded to 4 bytes, until the end of the block or an option says so */
static void
read_options(const struct um_pcapng *ng, struct um_span options,
             struct um_pcapng_interface *interface)
{
    struct um_cursor c = um_cursor_of(options);
    for (;;) {
        uint16_t code = u16(ng, &c);
        uint16_t len = u16(ng, &c);
        struct um_span value = um_cursor_take(&c, len);
        if (c.short_read || code == OPTION_END)
            return;
        read_option(ng, code, value, interface);
        um_cursor_skip(&c, (4U - len % 4U) % 4U);
    }
}

static int
reserve_interface(struct um_pcapng *ng)
{
    struct um_pcapng_interface *grown =
        um_room_for_one(ng->interfaces, &ng->interface_cap, ng->interface_count, sizeof *grown);
    if (!grown)
        return UM_ERR_NOMEM;
    ng->interfaces = grown;
    return UM_OK;
}

/* link type(2) reserved(2) snap length(4) options */
static int
add_interface(struct um_pcapng *ng, struct um_reader *reader, const struct block *block)
{
    struct um_cursor c = um_cursor_of(block->body);
    struct um_pcapng_interface interface = {0};
    set_resolution(&interface, TSRESOL_DEFAULT);
    interface.told.number = ng->interfaces_seen;
    interface.told.is_big_endian = ng->is_big_endian;
    interface.told.link_type = u16(ng, &c);
    um_cursor_skip(&c, 2);
    interface.told.snap_len = u32(ng, &c);
    if (c.short_read)
        return damaged(reader, block->offset, "is too short for an interface");
    if (ng->interface_count == INTERFACES_MAX)
        return damaged(reader, block->offset, "is one interface too many");
    read_options(ng, c.left, &interface);
    int err = reserve_interface(ng);
    if (!err)
        err = um_arena_copy(&ng->options, c.left, &interface.told.options);
    if (err)
        return err;
    ng->interfaces[ng->interface_count++] = interface;
    ng->interfaces_seen++;
    return UM_OK;
}

/* type(4) length(4) secrets options */
static int
give_secrets(struct um_pcapng *ng, struct um_reader *reader, const struct block *block)
{
    struct um_cursor c = um_cursor_of(block->body);
    uint32_t type = u32(ng, &c);
    uint32_t len = u32(ng, &c);
    struct um_span secrets = um_cursor_take(&c, len);
    if (c.short_read)
        return damaged(reader, block->offset, "is too short for its secrets");
    int err = ng->secrets(ng->secrets_ctx, type, secrets);
    if (secrets.len > 0) /* they shall not stay in the window until something overwrites them */
        um_reader_wipe(reader, secrets);
    return err;
}

/* ---- packets ---- */

/* What a packet block says before the packet's bytes. */
struct head {
    uint32_t interface;
    uint64_t units; /* of time */
    uint32_t captured;
    uint32_t on_wire;
};

/* interface(4) time(8) captured(4) on the wire(4) bytes options */
static struct head
read_enhanced(const struct um_pcapng *ng, struct um_cursor *c)
{
    struct head head;
    head.interface = u32(ng, c);
    head.units = u32_twice(ng, c);
    head.captured = u32(ng, c);
    head.on_wire = u32(ng, c);
    return head;
}

/* interface(2) drops(2), then as enhanced */
static struct head
read_obsolete(const struct um_pcapng *ng, struct um_cursor *c)
{
    struct head head;
    head.interface = u16(ng, c);
    um_cursor_skip(c, 2);
    head.units = u32_twice(ng, c);
    head.captured = u32(ng, c);
    head.on_wire = u32(ng, c);
    return head;
}

/* on the wire(4) bytes padding; captured is what interface 0 and the block leave of it */
static struct head
read_simple(const struct um_pcapng *ng, struct um_cursor *c)
{
    struct head head = {.on_wire = u32(ng, c)};
    head.captured = head.on_wire;
    uint32_t snap_len = ng->interface_count > 0 ? ng->interfaces[0].told.snap_len : 0;
    if (snap_len > 0 && head.captured > snap_len)
        head.captured = snap_len;
    if (head.captured > c->left.len)
        head.captured = (uint32_t)c->left.len;
    return head;
}

static int
give_packet(struct um_pcapng *ng, struct um_reader *reader, const struct block *block,
            struct um_packet *out)
{
    struct um_cursor c = um_cursor_of(block->body);
    struct head head;
    if (block->type == BLOCK_ENHANCED_PACKET)
        head = read_enhanced(ng, &c);
    else
        head = block->type == BLOCK_PACKET ? read_obsolete(ng, &c) : read_simple(ng, &c);
    if (c.short_read)
        return damaged(reader, block->offset, "is too short for a packet");
    if (head.interface >= ng->interface_count)
        return damaged(reader, block->offset, "names an interface that was not described");
    if (head.captured > c.left.len)
        return damaged(reader, block->offset, "is shorter than its packet");
    if (head.captured > UM_PACKET_BYTES_MAX)
        return damaged(reader, block->offset, "claims too large a packet");

    const struct um_pcapng_interface *interface = &ng->interfaces[head.interface];
    if (block->type != BLOCK_SIMPLE_PACKET) {
        ng->last_time_ns = to_time(interface, head.units);
        ng->last_units = head.units;
    }
    out->bytes = um_span_first(c.left, head.captured);
    out->wire_len = head.on_wire < head.captured ? head.captured : head.on_wire;
    out->link_type = interface->told.link_type;
    out->interface = &interface->told;
    out->units = ng->last_units;
    out->mark.time_ns = ng->last_time_ns;
    return 1;
}

/* ---- blocks ---- */

bool
um_pcapng_begins(struct um_span head)
{
    struct um_cursor c = um_cursor_of(head);
    return um_cursor_be32(&c) == BLOCK_SECTION;
}

/* The magic stands behind the section header's type and length. False when it is neither. */
static bool
set_byte_order(struct um_pcapng *ng, struct um_span block)
{
    struct um_cursor big = um_cursor_of(um_span_from(block, 8)), little = big;
    ng->is_big_endian = um_cursor_be32(&big) == BYTE_ORDER_MAGIC;
    return ng->is_big_endian || um_cursor_le32(&little) == BYTE_ORDER_MAGIC;
}

/* Is the block looked into? Secrets that are too large are no reason to give up the file. */
static bool
is_read(const struct um_pcapng *ng, uint32_t type, uint32_t len)
{
    switch (type) {
    case BLOCK_SECTION:
    case BLOCK_INTERFACE:
    case BLOCK_PACKET:
    case BLOCK_SIMPLE_PACKET:
    case BLOCK_ENHANCED_PACKET:
        return true;
    case BLOCK_SECRETS:
        return ng->secrets && len <= BLOCK_BYTES_MAX;
    default:
        return false;
    }
}

/* Bytes up to a multiple of 4. */
static size_t
padding_of(uint32_t len)
{
    return (4U - len % 4U) % 4U;
}

/* The length at the block's end, `at` bytes ahead, must be the one at its beginning, of which
 * either may leave out the padding. */
static bool
is_end(const struct um_pcapng *ng, const struct um_reader *reader, size_t at, uint32_t len)
{
    struct um_cursor c = um_cursor_of(um_span_from(um_reader_span(reader), at));
    uint32_t end_len = u32(ng, &c);
    return end_len == len || (uint64_t)end_len + padding_of(end_len) == len + padding_of(len);
}

static int
end_block(const struct um_pcapng *ng, struct um_reader *reader, uint32_t len,
          const struct block *block)
{
    if (!is_end(ng, reader, 0, len))
        return damaged(reader, block->offset, "has another length at its end");
    reader->at += 4;
    return 1;
}

static int
skip_block(const struct um_pcapng *ng, struct um_reader *reader, uint32_t len, struct block *block)
{
    block->type = BLOCK_SKIPPED;
    int got = um_reader_skip(reader, len - 4);
    if (got > 0)
        got = um_reader_need(reader, 4);
    if (got > 0 && padding_of(len) > 0 && !is_end(ng, reader, 0, len)) {
        got = um_reader_need(reader, padding_of(len) + 4);
        reader->at += got > 0 ? padding_of(len) : 0;
    }
    return got > 0 ? end_block(ng, reader, len, block) : got;
}

static int
take_block(const struct um_pcapng *ng, struct um_reader *reader, uint32_t len, struct block *block)
{
    if (len > BLOCK_BYTES_MAX)
        return damaged(reader, block->offset, "claims to be too long");
    size_t size = len;
    int got = um_reader_need(reader, size);
    if (got > 0 && padding_of(len) > 0 && !is_end(ng, reader, size - 4, len)) {
        size += padding_of(len);
        got = um_reader_need(reader, size);
    }
    if (got <= 0)
        return got;
    block->body = um_span_of(reader->data + reader->at + 8, size - BLOCK_OVERHEAD);
    um_reader_pass(reader, size - 4);
    return end_block(ng, reader, len, block);
}

/* 1, 0 at the end, or negative. */
static int
next_block(struct um_pcapng *ng, struct um_reader *reader, struct block *block)
{
    int got = um_reader_need(reader, BLOCK_OVERHEAD);
    if (got == 0 && um_reader_left(reader) > 0)
        return um_reader_cut(reader, "the block", um_reader_offset(reader));
    if (got <= 0)
        return got;

    *block = (struct block){.offset = um_reader_offset(reader)};
    struct um_cursor c = um_cursor_of(um_reader_span(reader));
    block->type = u32(ng, &c);
    if (block->type == BLOCK_SECTION && !set_byte_order(ng, um_reader_span(reader)))
        return damaged(reader, block->offset, "is a section header without a byte order");
    uint32_t len = u32(ng, &c);
    if (len < BLOCK_OVERHEAD)
        return damaged(reader, block->offset, "has an impossible length");

    got = is_read(ng, block->type, len) ? take_block(ng, reader, len, block)
                                        : skip_block(ng, reader, len, block);
    return got == 0 ? um_reader_cut(reader, "the block", block->offset) : got;
}

/* Not inlined: the packets of pcap files would save the registers that it needs. */
__attribute__((noinline)) int
um_pcapng_next(struct um_pcapng *ng, struct um_reader *reader, struct um_packet *out)
{
    for (;;) {
        struct block block = {0};
        int got = next_block(ng, reader, &block);
        if (got <= 0)
            return got;
        int err = UM_OK;
        switch (block.type) {
        case BLOCK_ENHANCED_PACKET:
        case BLOCK_SIMPLE_PACKET:
        case BLOCK_PACKET:
            return give_packet(ng, reader, &block, out);
        case BLOCK_SECTION:
            err = begin_section(ng, reader, &block);
            break;
        case BLOCK_INTERFACE:
            err = add_interface(ng, reader, &block);
            break;
        case BLOCK_SECRETS:
            err = give_secrets(ng, reader, &block);
            break;
        default:
            break;
        }
        if (err)
            return err;
    }
}
