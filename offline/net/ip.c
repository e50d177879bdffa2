/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv4 (RFC 791) and IPv6 (RFC 8200) headers; authentication headers are skipped, ESP is not. */
#include "offline/net/ip.h"

#include "core/base/cursor.h"

enum {
    HOP_BY_HOP = 0, /* IPv6 extension headers, by the number that announces them */
    ROUTING = 43,
    FRAGMENT = 44,
    AUTHENTICATION = 51,
    DESTINATION = 60,
    MOBILITY = 135,
    HIP = 139,
    SHIM6 = 140,
};

/* `total` bytes are claimed from the start of `rest` on, which says no more than the frame had. */
static void
set_payload(struct um_ip *ip, struct um_span rest, uint32_t total, bool says_length,
            uint32_t not_captured)
{
    if (!says_length) {
        ip->payload = rest;
        ip->cut = not_captured;
        return;
    }
    ip->payload = um_span_first(rest, total);
    ip->cut = total - (uint32_t)ip->payload.len;
    if (ip->cut > not_captured)
        ip->cut = not_captured;
}

/* A header of next protocol (1), length (1) and the rest: length + `extra` units of `unit` bytes.
 */
static enum um_step
skip_extension(struct um_ip *ip, size_t extra, size_t unit)
{
    struct um_cursor c = um_cursor_of(ip->payload);
    uint8_t next = um_cursor_u8(&c);
    size_t units = um_cursor_u8(&c) + extra;
    um_cursor_skip(&c, units * unit - 2);
    if (c.short_read)
        return UM_MORE;
    ip->protocol = next;
    ip->payload = c.left;
    return UM_DONE;
}

static enum um_step
read_fragment_header(struct um_ip *ip)
{
    struct um_cursor c = um_cursor_of(ip->payload);
    uint8_t next = um_cursor_u8(&c);
    um_cursor_skip(&c, 1);
    uint16_t place = um_cursor_be16(&c);
    uint32_t id = um_cursor_be32(&c);
    if (c.short_read)
        return UM_MORE;
    ip->protocol = next;
    ip->payload = c.left;
    ip->fragment_offset = place & 0xfff8U;
    ip->more_fragments = place & 1;
    ip->id = id;
    return UM_DONE;
}

enum um_step
um_ip_skip_extensions(struct um_ip *ip)
{
    bool is_v6 = ip->source.len == 16;
    enum um_step step = UM_DONE;
    while (step == UM_DONE && !um_ip_is_fragment(ip)) {
        switch (ip->protocol) {
        case AUTHENTICATION:
            step = skip_extension(ip, 2, 4);
            continue;
        case FRAGMENT:
            if (!is_v6)
                return UM_DONE;
            step = read_fragment_header(ip);
            continue;
        case HOP_BY_HOP:
        case ROUTING:
        case DESTINATION:
        case MOBILITY:
        case HIP:
        case SHIM6:
            if (!is_v6)
                return UM_DONE;
            step = skip_extension(ip, 1, 8);
            continue;
        default:
            return UM_DONE;
        }
    }
    return step;
}

static enum um_step
parse_v4(struct um_span packet, uint32_t not_captured, struct um_ip *ip)
{
    struct um_cursor c = um_cursor_of(packet);
    uint32_t header_len = (um_cursor_u8(&c) & 0x0fU) * 4;
    um_cursor_skip(&c, 1);
    uint16_t total = um_cursor_be16(&c);
    ip->id = um_cursor_be16(&c);
    uint16_t place = um_cursor_be16(&c);
    um_cursor_skip(&c, 1);
    ip->protocol = um_cursor_u8(&c);
    um_cursor_skip(&c, 2);
    ip->source = um_cursor_take(&c, 4);
    ip->destination = um_cursor_take(&c, 4);
    if (c.short_read)
        return UM_MORE;
    if (header_len < 20 || (total != 0 && total < header_len))
        return UM_BAD;
    if (header_len > packet.len)
        return UM_MORE;
    ip->fragment_offset = (place & 0x1fffU) * 8;
    ip->more_fragments = place & 0x2000;
    set_payload(ip, um_span_from(packet, header_len), total - header_len, total != 0, not_captured);
    return UM_DONE;
}

static enum um_step
parse_v6(struct um_span packet, uint32_t not_captured, struct um_ip *ip)
{
    struct um_cursor c = um_cursor_of(packet);
    um_cursor_skip(&c, 4);
    uint16_t total = um_cursor_be16(&c);
    ip->protocol = um_cursor_u8(&c);
    um_cursor_skip(&c, 1);
    ip->source = um_cursor_take(&c, 16);
    ip->destination = um_cursor_take(&c, 16);
    if (c.short_read)
        return UM_MORE;
    ip->id = 0;
    ip->fragment_offset = 0;
    ip->more_fragments = false;
    set_payload(ip, c.left, total, total != 0, not_captured);
    return UM_DONE;
}

enum um_step
um_ip_parse(struct um_span packet, uint32_t not_captured, struct um_ip *out)
{
    if (packet.len == 0)
        return UM_MORE;
    struct um_ip ip;
    enum um_step step = UM_BAD;
    switch (packet.data[0] >> 4) {
    case 4:
        step = parse_v4(packet, not_captured, &ip);
        break;
    case 6:
        step = parse_v6(packet, not_captured, &ip);
        break;
    default:
        break;
    }
    if (step == UM_DONE)
        step = um_ip_skip_extensions(&ip);
    if (step == UM_DONE)
        *out = ip;
    return step;
}
