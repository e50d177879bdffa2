/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a frame of a link type that the first byte chooses: what is stripped lies inside the
 * frame, the budget of headers only shrinks, and so do the subframes that are left.
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

static void
look_into(struct um_span datagram, struct um_span frame)
{
    struct um_ip ip;
    if (um_ip_parse(datagram, 0, &ip) != UM_DONE)
        return;
    assert(is_inside(ip.payload, frame) && is_inside(ip.source, frame));
    assert(ip.source.len == ip.destination.len);
    struct um_inner inner = um_tunnel_open(&ip);
    assert(inner.kind == UM_INNER_NONE || is_inside(inner.bytes, frame));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    struct um_span frame = um_span_of(data + 1, size - 1), left = frame;
    struct um_stripped out;
    uint64_t budget = 8;
    enum um_link_kind kind = um_link_strip(data[0], frame, &budget, &out);
    for (;;) {
        assert(budget <= 8 && (kind != UM_LINK_IP || is_inside(out.ip, left)));
        if (kind == UM_LINK_IP)
            look_into(out.ip, frame);
        if (out.subframes.len == 0)
            return 0;
        assert(is_inside(out.subframes, left) && out.subframes.len < left.len);
        left = out.subframes;
        kind = um_link_strip_subframe(left, &budget, &out);
    }
}
