/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One function a tunnel. Sources: RFC 2784, 2890 (GRE), 2637 (PPTP), 2661 (L2TP), 4023 (MPLS in
 * IP), 4380 (Teredo), 7348 (VXLAN), 8926 (Geneve), 8086 (GRE in UDP), 7510 (MPLS in UDP), 9300,
 * 9305 (LISP), 3GPP TS 29.281 (GTP-U), draft-foschiano-erspan, draft-ietf-nvo3-vxlan-gpe.
 */
#include "offline/net/tunnel.h"

#include "core/base/cursor.h"
#include "offline/net/link.h"

enum { ETHERTYPE_MPLS = 0x8847, ETHERTYPE_PPP = 0x880b, MPLS_IN_IP = 137, ETHER_IN_IP = 97 };

static struct um_inner
no_tunnel(void)
{
    return (struct um_inner){.kind = UM_INNER_NONE};
}

static struct um_inner
inner(const struct um_cursor *c, enum um_inner_kind kind, uint16_t type)
{
    if (c->short_read)
        return no_tunnel();
    return (struct um_inner){.kind = kind, .type = type, .bytes = c->left};
}

/* PPTP's GRE: payload length (2), call (2), then sequence and acknowledgement as the flags say. */
static struct um_inner
open_pptp(struct um_cursor c, uint16_t flags, uint16_t protocol)
{
    um_cursor_skip(&c, 4);
    um_cursor_skip(&c, flags & 0x1000 ? 4 : 0);
    um_cursor_skip(&c, flags & 0x0080 ? 4 : 0);
    return protocol == ETHERTYPE_PPP ? inner(&c, UM_INNER_ETHERTYPE, protocol) : no_tunnel();
}

/* A redirected packet, in the second version behind four bytes that no IPv4 header begins with. */
static struct um_inner
open_wccp(struct um_cursor c)
{
    uint8_t first = c.left.len > 0 ? c.left.data[0] : 0;
    bool is_v4 = first >= 0x45 && first <= 0x4f;
    um_cursor_skip(&c, is_v4 ? 0 : 4);
    return inner(&c, UM_INNER_IP, 0);
}

static struct um_inner
open_gre(struct um_span bytes)
{
    enum { CHECKSUM = 0x8000, ROUTING = 0x4000, KEY = 0x2000, SEQUENCE = 0x1000, VERSION = 7 };
    struct um_cursor c = um_cursor_of(bytes);
    uint16_t flags = um_cursor_be16(&c), protocol = um_cursor_be16(&c);
    if ((flags & VERSION) == 1)
        return open_pptp(c, flags, protocol);
    if (flags & (ROUTING | VERSION))
        return no_tunnel();
    um_cursor_skip(&c, flags & CHECKSUM ? 4 : 0);
    um_cursor_skip(&c, flags & KEY ? 4 : 0);
    um_cursor_skip(&c, flags & SEQUENCE ? 4 : 0);
    switch (protocol) {
    case 0x88be: /* ERSPAN type I has no header of its own, and no sequence */
        um_cursor_skip(&c, flags & SEQUENCE ? 8 : 0);
        return inner(&c, UM_INNER_LINK, UM_LINK_ETHERNET);
    case 0x22eb: { /* ERSPAN type III; its last bit announces a sub-header */
        struct um_span header = um_cursor_take(&c, 12);
        um_cursor_skip(&c, header.len == 12 && header.data[11] & 1 ? 8 : 0);
        return inner(&c, UM_INNER_LINK, UM_LINK_ETHERNET);
    }
    case 0x883e:
        return open_wccp(c);
    default:
        return inner(&c, UM_INNER_ETHERTYPE, protocol);
    }
}

static struct um_inner
open_vxlan(struct um_cursor c)
{
    uint8_t flags = um_cursor_u8(&c);
    um_cursor_skip(&c, 7);
    return flags & 0x08 ? inner(&c, UM_INNER_LINK, UM_LINK_ETHERNET) : no_tunnel();
}

/* What follows VXLAN's or LISP's header where its flags announce that it says so. */
static struct um_inner
open_next_protocol(const struct um_cursor *c, uint8_t next)
{
    uint16_t ethertype = um_link_next_protocol(next);
    return ethertype ? inner(c, UM_INNER_ETHERTYPE, ethertype) : no_tunnel();
}

static struct um_inner
open_vxlan_gpe(struct um_cursor c)
{
    enum { VERSION = 0x30, NETWORK = 0x08, SAYS_NEXT = 0x04 };
    uint8_t flags = um_cursor_u8(&c);
    um_cursor_skip(&c, 2);
    uint8_t next = um_cursor_u8(&c);
    um_cursor_skip(&c, 4);
    if (flags & VERSION || !(flags & (NETWORK | SAYS_NEXT)))
        return no_tunnel();
    return flags & SAYS_NEXT ? open_next_protocol(&c, next)
                             : inner(&c, UM_INNER_LINK, UM_LINK_ETHERNET);
}

/* IP, when the flags do not announce that a protocol is named or that the rest is encrypted. */
static struct um_inner
open_lisp(struct um_cursor c)
{
    enum { SAYS_NEXT = 0x04, KEY = 0x03 };
    uint8_t flags = um_cursor_u8(&c);
    um_cursor_skip(&c, 2);
    uint8_t next = um_cursor_u8(&c);
    um_cursor_skip(&c, 4);
    if (flags & KEY)
        return no_tunnel();
    if (flags & SAYS_NEXT)
        return open_next_protocol(&c, next);
    uint8_t version = c.left.len > 0 ? c.left.data[0] >> 4 : 0;
    return version == 4 || version == 6 ? inner(&c, UM_INNER_IP, 0) : no_tunnel();
}

/* The link type of a frame that a sniffer sends; 0: none that we read. */
static uint16_t
tzsp_link_type(uint16_t protocol)
{
    switch (protocol) {
    case 1:
        return UM_LINK_ETHERNET;
    case 4:
        return UM_LINK_PPP;
    case 7:
        return UM_LINK_RAW;
    case 18:
        return UM_LINK_WLAN;
    case 119:
        return UM_LINK_PRISM;
    case 127:
        return UM_LINK_AVS;
    default:
        return 0;
    }
}

/* TZSP: version, type, protocol (2); tags with a length each but the padding (0) and the end (1).
 */
static struct um_inner
open_tzsp(struct um_cursor c)
{
    enum { PADDING = 0, END = 1, TYPE_SENT = 1 };
    uint8_t version = um_cursor_u8(&c), type = um_cursor_u8(&c), tag = PADDING;
    uint16_t link_type = tzsp_link_type(um_cursor_be16(&c));
    if (version != 1 || type > TYPE_SENT || link_type == 0)
        return no_tunnel();
    while (tag != END && !c.short_read) {
        tag = um_cursor_u8(&c);
        if (tag > END)
            um_cursor_skip(&c, um_cursor_u8(&c));
    }
    return inner(&c, UM_INNER_LINK, link_type);
}

static struct um_inner
open_geneve(struct um_cursor c)
{
    uint8_t version_and_words = um_cursor_u8(&c);
    um_cursor_skip(&c, 1);
    uint16_t protocol = um_cursor_be16(&c);
    um_cursor_skip(&c, 4 + (version_and_words & 0x3fU) * 4);
    return version_and_words >> 6 ? no_tunnel() : inner(&c, UM_INNER_ETHERTYPE, protocol);
}

/* Flags, message type, length (2), tunnel (4); with any of three flags four bytes more, the last of
 * which begins a chain of extensions. */
static struct um_inner
open_gtp(struct um_cursor c)
{
    uint8_t flags = um_cursor_u8(&c), type = um_cursor_u8(&c);
    um_cursor_skip(&c, 6);
    if ((flags & 0xf0) != 0x30 || type != 0xff)
        return no_tunnel();
    uint8_t next = 0;
    if (flags & 7) {
        um_cursor_skip(&c, 3);
        next = um_cursor_u8(&c);
    }
    while (next != 0 && !c.short_read) {
        size_t words = um_cursor_u8(&c);
        if (words == 0)
            return no_tunnel();
        um_cursor_skip(&c, words * 4 - 2);
        next = um_cursor_u8(&c);
    }
    return inner(&c, UM_INNER_IP, 0);
}

/* IPv6 with, before it, an authentication and an origin that begin with 0 where IPv6 has a 6. */
static struct um_inner
open_teredo(struct um_cursor c)
{
    if (um_span_starts(c.left, um_span_of("\0\1", 2))) {
        um_cursor_skip(&c, 2);
        size_t client = um_cursor_u8(&c);
        size_t secret = um_cursor_u8(&c);
        um_cursor_skip(&c, client + secret + 9);
    }
    if (um_span_starts(c.left, um_span_of("\0\0", 2)))
        um_cursor_skip(&c, 8);
    bool is_v6 = c.left.len >= 40 && c.left.data[0] >> 4 == 6;
    return is_v6 ? inner(&c, UM_INNER_IP, 0) : no_tunnel();
}

/* L2TP's data messages: flags and version, then what the flags say. */
static struct um_inner
open_l2tp(struct um_cursor c)
{
    enum { CONTROL = 0x8000, LENGTH = 0x4000, SEQUENCE = 0x0800, OFFSET = 0x0200, VERSION = 0x0f };
    uint16_t flags = um_cursor_be16(&c);
    if (flags & CONTROL || (flags & VERSION) != 2)
        return no_tunnel();
    um_cursor_skip(&c, flags & LENGTH ? 2 : 0);
    um_cursor_skip(&c, 4);
    um_cursor_skip(&c, flags & SEQUENCE ? 4 : 0);
    if (flags & OFFSET)
        um_cursor_skip(&c, um_cursor_be16(&c));
    return inner(&c, UM_INNER_LINK, UM_LINK_PPP);
}

static struct um_inner
open_port(uint16_t port, struct um_cursor c)
{
    switch (port) {
    case 1701:
        return open_l2tp(c);
    case 2152:
        return open_gtp(c);
    case 3544:
        return open_teredo(c);
    case 4341:
        return open_lisp(c);
    case 4754:
        return open_gre(c.left);
    case 4789:
    case 8472: /* VXLAN before it had a number */
        return open_vxlan(c);
    case 4790:
        return open_vxlan_gpe(c);
    case 6081:
        return open_geneve(c);
    case 6635:
        return inner(&c, UM_INNER_ETHERTYPE, ETHERTYPE_MPLS);
    case 37008:
        return open_tzsp(c);
    default:
        return no_tunnel();
    }
}

static struct um_inner
open_udp(struct um_span datagram)
{
    struct um_cursor c = um_cursor_of(datagram);
    uint16_t source = um_cursor_be16(&c), destination = um_cursor_be16(&c);
    um_cursor_skip(&c, 4);
    if (c.short_read)
        return no_tunnel();
    struct um_inner found = open_port(destination, c);
    return found.kind == UM_INNER_NONE ? open_port(source, c) : found;
}

struct um_inner
um_tunnel_open(const struct um_ip *ip)
{
    struct um_cursor c = um_cursor_of(ip->payload);
    switch (ip->protocol) {
    case UM_IP_UDP:
        return open_udp(ip->payload);
    case UM_IP_IPV4:
    case UM_IP_IPV6:
        return inner(&c, UM_INNER_IP, 0);
    case UM_IP_GRE:
        return open_gre(ip->payload);
    case MPLS_IN_IP:
        return inner(&c, UM_INNER_ETHERTYPE, ETHERTYPE_MPLS);
    case ETHER_IN_IP:
        um_cursor_skip(&c, 2);
        return inner(&c, UM_INNER_LINK, UM_LINK_ETHERNET);
    default:
        return no_tunnel();
    }
}
