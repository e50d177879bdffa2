/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A block is put together in memory, since its length stands before it and behind it. */
#include "offline/capture/pcapng_writer.h"

#include <inttypes.h>

#include "core/base/cursor.h"
#include "core/base/err.h"

enum {
    BLOCK_SECTION = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_ENHANCED_PACKET = 6,
    BLOCK_SECRETS = 10,
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
    SECRETS_TLS_KEY_LOG = 0x544c534b,
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    OPTION_USER_APPLICATION = 4,
    OPTION_TSRESOL = 9,
    RESOLUTION_DEFAULT = 6,
    OPTION_BYTES_MAX = 65535,
};

static void
put(struct um_pcapng_writer *writer, struct um_span bytes)
{
    if (!writer->err)
        writer->err = um_buf_append(&writer->block, bytes);
}

static void
put_u16(struct um_pcapng_writer *writer, uint16_t value)
{
    const uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8)};
    put(writer, um_span_of(bytes, sizeof bytes));
}

static void
put_u32(struct um_pcapng_writer *writer, uint32_t value)
{
    put_u16(writer, (uint16_t)value);
    put_u16(writer, (uint16_t)(value >> 16));
}

/* Up to a multiple of four bytes. */
static void
put_padded(struct um_pcapng_writer *writer, struct um_span bytes)
{
    static const uint8_t zeros[4];
    put(writer, bytes);
    put(writer, um_span_of(zeros, (4 - bytes.len % 4) % 4));
}

static void
put_option(struct um_pcapng_writer *writer, uint16_t code, struct um_span value)
{
    struct um_span kept = um_span_first(value, OPTION_BYTES_MAX);
    put_u16(writer, code);
    put_u16(writer, (uint16_t)kept.len);
    put_padded(writer, kept);
}

static void
begin_block(struct um_pcapng_writer *writer, uint32_t type)
{
    um_buf_clear(&writer->block);
    put_u32(writer, type);
    put_u32(writer, 0); /* the length, once it is known */
}

static void
end_block(struct um_pcapng_writer *writer)
{
    put_u32(writer, 0);
    if (writer->err)
        return;
    struct um_buf *block = &writer->block;
    size_t len = block->len;
    for (size_t i = 0; i < 4; i++)
        block->data[4 + i] = block->data[len - 4 + i] = (uint8_t)(len >> (8 * i));
    (void)fwrite(block->data, 1, len, writer->out);
}

void
um_pcapng_writer_begin(struct um_pcapng_writer *writer, FILE *out, const char *application)
{
    *writer = (struct um_pcapng_writer){.out = out};
    begin_block(writer, BLOCK_SECTION);
    put_u32(writer, BYTE_ORDER_MAGIC);
    put_u16(writer, 1);
    put_u16(writer, 0);
    put_u32(writer, UINT32_MAX); /* the section's length is not told */
    put_u32(writer, UINT32_MAX);
    put_option(writer, OPTION_USER_APPLICATION, um_span_text(application));
    put_option(writer, OPTION_END, um_span_of(NULL, 0));
    end_block(writer);
}

void
um_pcapng_writer_secrets(struct um_pcapng_writer *writer, struct um_span keylog)
{
    begin_block(writer, BLOCK_SECRETS);
    put_u32(writer, SECRETS_TLS_KEY_LOG);
    put_u32(writer, (uint32_t)keylog.len);
    put_padded(writer, keylog);
    end_block(writer);
}

/* ---- interfaces ---- */

/* Options that are numbers of four or eight bytes; all others are the same in both orders. */
static bool
is_number(uint16_t code, size_t len)
{
    enum { SPEED = 8, TIME_ZONE = 10, TIME_OFFSET = 14, TX_SPEED = 16, RX_SPEED = 17 };
    return (code == TIME_ZONE && len == 4) ||
           ((code == SPEED || code == TIME_OFFSET || code == TX_SPEED || code == RX_SPEED) &&
            len == 8);
}

static void
put_interface_option(struct um_pcapng_writer *writer, uint16_t code, struct um_span value,
                     bool is_big_endian)
{
    uint8_t turned[8] = {0};
    if (is_big_endian && is_number(code, value.len)) {
        for (size_t i = 0; i < value.len; i++)
            turned[i] = value.data[value.len - 1 - i];
        value = um_span_of(turned, value.len);
    }
    put_option(writer, code, value);
}

/* True when one of them told the resolution. */
static bool
put_interface_options(struct um_pcapng_writer *writer, const struct um_interface *interface)
{
    struct um_cursor c = um_cursor_of(interface->options);
    bool big = interface->is_big_endian, has_resolution = false;
    for (;;) {
        uint16_t code = big ? um_cursor_be16(&c) : um_cursor_le16(&c);
        uint16_t len = big ? um_cursor_be16(&c) : um_cursor_le16(&c);
        struct um_span value = um_cursor_take(&c, len);
        if (c.short_read || code == OPTION_END)
            return has_resolution;
        put_interface_option(writer, code, value, big);
        has_resolution = has_resolution || code == OPTION_TSRESOL;
        um_cursor_skip(&c, (4U - len % 4U) % 4U);
    }
}

static void
write_interface(struct um_pcapng_writer *writer, const struct um_interface *interface)
{
    begin_block(writer, BLOCK_INTERFACE);
    put_u16(writer, (uint16_t)interface->link_type);
    put_u16(writer, 0);
    put_u32(writer, interface->snap_len);
    bool has_resolution = put_interface_options(writer, interface);
    if (!has_resolution && interface->resolution != RESOLUTION_DEFAULT)
        put_option(writer, OPTION_TSRESOL, um_span_of(&interface->resolution, 1));
    put_option(writer, OPTION_END, um_span_of(NULL, 0));
    end_block(writer);
}

/* Its place in the file; written first when it is not there. */
static uint32_t
place_of(struct um_pcapng_writer *writer, const struct um_packet *packet)
{
    char name[48];
    size_t place = 0, known = writer->written.count;
    (void)snprintf(name, sizeof name, "%zu %" PRIu64, packet->file, packet->interface->number);
    if (!writer->err)
        writer->err = um_symbols_add(&writer->written, um_span_text(name), &place, NULL);
    if (!writer->err && place == known)
        write_interface(writer, packet->interface);
    return (uint32_t)place;
}

void
um_pcapng_writer_packet(struct um_pcapng_writer *writer, const struct um_packet *packet,
                        const struct um_span *comments, size_t comment_count)
{
    uint32_t place = place_of(writer, packet);
    begin_block(writer, BLOCK_ENHANCED_PACKET);
    put_u32(writer, place);
    put_u32(writer, (uint32_t)(packet->units >> 32));
    put_u32(writer, (uint32_t)packet->units);
    put_u32(writer, (uint32_t)packet->bytes.len);
    put_u32(writer, packet->wire_len);
    put_padded(writer, packet->bytes);
    for (size_t i = 0; i < comment_count; i++)
        put_option(writer, OPTION_COMMENT, comments[i]);
    if (comment_count > 0)
        put_option(writer, OPTION_END, um_span_of(NULL, 0));
    end_block(writer);
}

int
um_pcapng_writer_end(struct um_pcapng_writer *writer)
{
    um_buf_done(&writer->block);
    um_symbols_done(&writer->written);
    return writer->err;
}
