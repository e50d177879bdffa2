/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A TCP segment's header. Urgent bytes stay in the stream, where the sequence numbers have them. */
#include "offline/net/tcp.h"

#include "core/base/cursor.h"

enum um_step
um_tcp_parse(struct um_span datagram, uint32_t cut, struct um_tcp *out)
{
    struct um_cursor c = um_cursor_of(datagram);
    struct um_tcp tcp = {.source_port = um_cursor_be16(&c)};
    tcp.destination_port = um_cursor_be16(&c);
    tcp.seq = um_cursor_be32(&c);
    tcp.ack = um_cursor_be32(&c);
    size_t header_len = (um_cursor_u8(&c) >> 4) * 4U;
    uint8_t flags = um_cursor_u8(&c);
    um_cursor_skip(&c, 6);
    if (c.short_read)
        return UM_MORE;
    if (header_len < 20 || (header_len > datagram.len && header_len - datagram.len > cut))
        return UM_BAD;
    size_t cut_header = header_len > datagram.len ? header_len - datagram.len : 0;
    tcp.cut = cut - (uint32_t)cut_header;
    tcp.payload = um_span_from(datagram, header_len);
    tcp.flags = flags & UM_TCP_FLAGS;
    *out = tcp;
    return UM_DONE;
}
