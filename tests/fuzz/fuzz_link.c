/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a frame of a link type that the first byte chooses: what is stripped off lies inside
 * the frame, and the budget of headers only shrinks.
 */
#include <assert.h>

#include "offline/net/ip.h"
#include "offline/net/link.h"
#include "offline/net/tunnel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
is_inside(struct um_span part, struct um_span whole)
{
    return part.len == 0 ||
           (part.data >= whole.data && part.data + part.len <= whole.data + whole.len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct um_span frame = um_span_of(data + 1, size - 1), datagram;
    uint64_t budget = 8;
    if (um_link_strip(data[0], frame, &budget, &datagram) != UM_LINK_IP)
        return 0;
    assert(budget <= 8 && is_inside(datagram, frame));
    struct um_ip ip;
    if (um_ip_parse(datagram, 0, &ip) != UM_DONE)
        return 0;
    assert(is_inside(ip.payload, frame) && is_inside(ip.source, frame));
    assert(ip.source.len == ip.destination.len);
    struct um_inner inner = um_tunnel_open(&ip);
    assert(inner.kind == UM_INNER_NONE || is_inside(inner.bytes, frame));
    return 0;
}
