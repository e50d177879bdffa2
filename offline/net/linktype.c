/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The outermost headers, one function a link type. Layouts: tcpdump.org/linktypes.html; RFC 2427
 * (Frame Relay), 2625 (Fibre Channel), Endace's ERF.
 */
#include "offline/net/linktype.h"

#include "offline/net/link.h"

static enum um_layer
peel_sll(struct um_peel *p)
{
    um_cursor_skip(&p->in, 14);
    p->ethertype = um_cursor_be16(&p->in);
    return p->ethertype == 4 ? UM_LAYER_LLC : UM_LAYER_ETHERTYPE;
}

static enum um_layer
peel_sll2(struct um_peel *p)
{
    p->ethertype = um_cursor_be16(&p->in);
    um_cursor_skip(&p->in, 18);
    return p->ethertype == 4 ? UM_LAYER_LLC : UM_LAYER_ETHERTYPE;
}

/* An address family in the byte order of the machine that captured, families of all systems; some
 * write an EtherType there. */
static enum um_layer
peel_loopback(struct um_peel *p)
{
    uint32_t family = um_cursor_be32(&p->in);
    if (family > 0xffff)
        family = family >> 24 | (family >> 8 & 0xff00);
    switch (family) {
    case 2:
    case 10:
    case 24:
    case 28:
    case 30:
    case 0x0800:
    case 0x86dd:
        return UM_LAYER_IP;
    default:
        return UM_LAYER_NOT_IP;
    }
}

/* PPP in HDLC-like framing, or Cisco's HDLC with an EtherType. */
static enum um_layer
peel_hdlc(struct um_peel *p)
{
    uint8_t address = p->in.left.len > 0 ? p->in.left.data[0] : 0;
    if (address != 0x0f && address != 0x8f)
        return UM_LAYER_PPP;
    um_cursor_skip(&p->in, 2);
    return um_linktype_name_ethertype(p, um_cursor_be16(&p->in));
}

/* Radiotap: version, pad, length (2), words of present fields; then the fields, flags second. */
static enum um_layer
peel_radiotap(struct um_peel *p)
{
    struct um_cursor header = um_cursor_of(p->in.left);
    um_cursor_skip(&header, 2);
    uint16_t length = um_cursor_le16(&header);
    um_cursor_skip(&p->in, length);
    uint32_t present = um_cursor_le32(&header), more = present;
    while (more & 0x80000000U)
        more = um_cursor_le32(&header);
    if (header.short_read || length < 8)
        return UM_LAYER_BAD;
    if (present & 1) { /* a time stamp, aligned to 8 bytes */
        size_t at = (size_t)(header.left.data - p->in.left.data) + length;
        um_cursor_skip(&header, (8 - at % 8) % 8 + 8);
    }
    uint8_t flags = present & 2 ? um_cursor_u8(&header) : 0;
    return flags & 0x20 ? UM_LAYER_WLAN_PADDED : UM_LAYER_WLAN;
}

/* Prism's header has a fixed length; AVS, under the same link type, begins with a magic number. */
static enum um_layer
peel_prism(struct um_peel *p)
{
    struct um_cursor header = um_cursor_of(p->in.left);
    bool is_avs = (um_cursor_be32(&header) & 0xfffffff0U) == 0x80211000U;
    uint32_t length = is_avs ? um_cursor_be32(&header) : 144;
    um_cursor_skip(&p->in, length);
    return UM_LAYER_WLAN;
}

/* Wireshark's exported PDUs: tags (2) with lengths (2); tag 12 names the dissector. */
static enum um_layer
peel_exported(struct um_peel *p)
{
    enum um_layer layer = UM_LAYER_NOT_IP;
    for (;;) {
        uint16_t tag = um_cursor_be16(&p->in), length = um_cursor_be16(&p->in);
        struct um_span value = um_cursor_take(&p->in, length);
        if (p->in.short_read)
            return UM_LAYER_BAD;
        if (tag == 0)
            return layer;
        value = um_span_first(value, um_span_find(value, 0));
        if (tag == 12 && (um_span_equal(value, um_span_text("ip")) ||
                          um_span_equal(value, um_span_text("ipv4")) ||
                          um_span_equal(value, um_span_text("ipv6"))))
            layer = UM_LAYER_IP;
        else if (tag == 12 && um_span_starts(value, um_span_text("eth")))
            layer = UM_LAYER_ETHERNET;
    }
}

/* Netfilter's log: family, version, resource (2); fields of length (2), type (2), padded to 4. */
static enum um_layer
peel_nflog(struct um_peel *p)
{
    enum { PAYLOAD = 9 };
    um_cursor_skip(&p->in, 4);
    for (;;) {
        struct um_cursor swapped = p->in;
        uint16_t length = um_cursor_le16(&p->in), type = um_cursor_le16(&p->in);
        if (type > 0xff) { /* captured on a big-endian machine */
            length = um_cursor_be16(&swapped);
            type = um_cursor_be16(&swapped);
        }
        if (p->in.short_read || length < 4)
            return UM_LAYER_BAD;
        if (type == PAYLOAD)
            return UM_LAYER_IP;
        um_cursor_skip(&p->in, (length - 4U + 3U) & ~3U);
    }
}

/* Per-packet information: version, flags, length (2) of all of it, link type of what is behind. */
static enum um_layer
peel_ppi(struct um_peel *p)
{
    struct um_cursor header = um_cursor_of(p->in.left);
    um_cursor_skip(&header, 2);
    uint16_t length = um_cursor_le16(&header);
    p->link_type = um_cursor_le32(&header);
    um_cursor_skip(&p->in, length);
    return header.short_read || length < 8 ? UM_LAYER_BAD : UM_LAYER_LINK;
}

/* macOS names the process: length of the header, kind of record (1: a packet), link type. */
static enum um_layer
peel_pktap(struct um_peel *p)
{
    struct um_cursor header = um_cursor_of(p->in.left);
    uint32_t length = um_cursor_le32(&header), kind = um_cursor_le32(&header);
    p->link_type = um_cursor_le32(&header);
    um_cursor_skip(&p->in, length);
    if (header.short_read || length < 12)
        return UM_LAYER_BAD;
    return kind == 1 ? UM_LAYER_LINK : UM_LAYER_NOT_IP;
}

/* A global routing header (40), then an EtherType and two bytes of nothing. */
static enum um_layer
peel_infiniband(struct um_peel *p)
{
    um_cursor_skip(&p->in, 40);
    p->ethertype = um_cursor_be16(&p->in);
    um_cursor_skip(&p->in, 2);
    return UM_LAYER_ETHERTYPE;
}

/* An address of two bytes or more, the last of them odd; then Cisco's EtherType, or a control byte,
 * perhaps one of padding, and an NLPID. */
static enum um_layer
peel_frame_relay(struct um_peel *p)
{
    uint8_t address;
    do
        address = um_cursor_u8(&p->in);
    while (!(address & 1) && !p->in.short_read);
    uint8_t control = um_cursor_u8(&p->in), nlpid = um_cursor_u8(&p->in);
    if (control != 3) {
        p->ethertype = (uint16_t)(control << 8 | nlpid);
        return UM_LAYER_ETHERTYPE;
    }
    if (nlpid == 0)
        nlpid = um_cursor_u8(&p->in);
    if (nlpid != 0x80)
        return um_linktype_name_nlpid(nlpid);
    if (!um_span_starts(p->in.left, um_span_of("\0\x80\xc2\0\7", 5)))
        return um_linktype_name_snap(p);
    um_cursor_skip(&p->in, 5); /* a frame between two Ethernets */
    return UM_LAYER_ETHERNET;
}

/* Time (8), type, flags, lengths (6); eight bytes more while the first bit says so; and before
 * Ethernet an offset and a byte of padding. */
static enum um_layer
peel_erf(struct um_peel *p)
{
    enum { MORE = 0x80 };
    um_cursor_skip(&p->in, 8);
    uint8_t type = um_cursor_u8(&p->in), more = type;
    um_cursor_skip(&p->in, 7);
    while (more & MORE) {
        more = um_cursor_u8(&p->in);
        um_cursor_skip(&p->in, 7);
    }
    switch (type & ~MORE) {
    case 1: /* HDLC; the others are it with a mark of the card in the header */
    case 10:
    case 15:
    case 17:
    case 19:
        return peel_hdlc(p);
    case 2: /* Ethernet, likewise */
    case 11:
    case 16:
    case 20:
        um_cursor_skip(&p->in, 2);
        return UM_LAYER_ETHERNET;
    case 22:
    case 23:
        return UM_LAYER_IP;
    default:
        return UM_LAYER_NOT_IP;
    }
}

/* Frame control, two addresses. */
static enum um_layer
peel_fddi(struct um_peel *p)
{
    uint8_t control = um_cursor_u8(&p->in);
    um_cursor_skip(&p->in, 12);
    return (control & 0x30) == 0x10 ? UM_LAYER_LLC : UM_LAYER_NOT_IP;
}

/* Access and frame control, two addresses; a route when the sender's is marked as one of many. */
static enum um_layer
peel_token_ring(struct um_peel *p)
{
    um_cursor_skip(&p->in, 1);
    uint8_t control = um_cursor_u8(&p->in);
    um_cursor_skip(&p->in, 6);
    uint8_t sender = um_cursor_u8(&p->in);
    um_cursor_skip(&p->in, 5);
    if (sender & 0x80) {
        size_t route_len = um_cursor_u8(&p->in) & 0x1f;
        um_cursor_skip(&p->in, route_len > 0 ? route_len - 1 : 0);
    }
    return (control & 0xc0) == 0x40 ? UM_LAYER_LLC : UM_LAYER_NOT_IP;
}

/* Two addresses of eight bytes. */
static enum um_layer
peel_firewire(struct um_peel *p)
{
    um_cursor_skip(&p->in, 16);
    p->ethertype = um_cursor_be16(&p->in);
    return UM_LAYER_ETHERTYPE;
}

/* The other types: headers without a choice, or none. */
static const struct {
    uint32_t link_type;
    uint8_t len;
    enum um_layer layer;
} fixed[] = {
    {12, 0, UM_LAYER_IP}, /* RAW where the capturing system called it so */
    {14, 0, UM_LAYER_IP},
    {UM_LINK_RAW, 0, UM_LAYER_IP},
    {228, 0, UM_LAYER_IP},   /* IPV4 */
    {229, 0, UM_LAYER_IP},   /* IPV6 */
    {109, 12, UM_LAYER_IP},  /* ENC: family, security association, flags */
    {51, 0, UM_LAYER_PPPOE}, /* PPP_ETHER */
    {204, 1, UM_LAYER_PPP},  /* PPP_WITH_DIR */
    {100, 0, UM_LAYER_LLC},  /* ATM_RFC1483 */
    {122, 16, UM_LAYER_LLC}, /* IP_OVER_FC: two addresses */
    {UM_LINK_WLAN, 0, UM_LAYER_WLAN},
};

static enum um_layer
peel_fixed(struct um_peel *p)
{
    size_t i = 0, count = sizeof fixed / sizeof *fixed;
    while (i < count && fixed[i].link_type != p->link_type)
        i++;
    if (i == count)
        return UM_LAYER_UNKNOWN;
    um_cursor_skip(&p->in, fixed[i].len);
    return fixed[i].layer;
}

enum um_layer
um_linktype_peel(struct um_peel *p)
{
    switch (p->link_type) {
    case UM_LINK_ETHERNET:
        return UM_LAYER_ETHERNET;
    case 0:   /* NULL */
    case 108: /* LOOP */
        return peel_loopback(p);
    case 6: /* IEEE802_5 */
        return peel_token_ring(p);
    case UM_LINK_PPP:
    case 50:  /* PPP_HDLC */
    case 104: /* C_HDLC */
        return peel_hdlc(p);
    case 10: /* FDDI */
        return peel_fddi(p);
    case 107: /* FRELAY */
        return peel_frame_relay(p);
    case 113:
        return peel_sll(p);
    case UM_LINK_PRISM:
    case UM_LINK_AVS:
        return peel_prism(p);
    case 127:
        return peel_radiotap(p);
    case 138: /* APPLE_IP_OVER_IEEE1394 */
        return peel_firewire(p);
    case 192:
        return peel_ppi(p);
    case 197:
        return peel_erf(p);
    case 239:
        return peel_nflog(p);
    case 242:
        return peel_infiniband(p);
    case 252: /* WIRESHARK_UPPER_PDU */
        return peel_exported(p);
    case 258:
        return peel_pktap(p);
    case 276:
        return peel_sll2(p);
    default:
        return peel_fixed(p);
    }
}
