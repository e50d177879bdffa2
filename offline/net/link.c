/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine of one state a header: each function reads one header off the cursor and names the next
 * one, until IP or something that cannot be it. So no order of headers is special and the loop is
 * bounded by the budget. Header layouts: tcpdump.org/linktypes.html, IEEE 802.3, 802.11, RFC 1661,
 * 2516, 3032, 4385.
 */
#include "offline/net/link.h"

#include "core/base/cursor.h"

enum layer {
    LAYER_IP, /* the first four are ends */
    LAYER_NOT_IP,
    LAYER_UNKNOWN,
    LAYER_BAD,
    LAYER_ETHERNET,
    LAYER_ETHERTYPE, /* what the EtherType in `peel.ethertype` says */
    LAYER_LINK,      /* the same of `peel.link_type` */
    LAYER_VLAN,
    LAYER_LLC,
    LAYER_MPLS,
    LAYER_PPPOE,
    LAYER_PPP,
    LAYER_WLAN,
    LAYER_WLAN_PADDED, /* the header is padded to a multiple of 4 */
};

struct peel {
    struct um_cursor in;
    uint16_t ethertype;
    uint32_t link_type;
};

enum { LENGTH_FIELD_MAX = 1500 }; /* an EtherType up to this is the length of an 802.3 frame */

static enum layer
name_ethertype(struct peel *p, uint16_t ethertype)
{
    p->ethertype = ethertype;
    return ethertype <= LENGTH_FIELD_MAX ? LAYER_LLC : LAYER_ETHERTYPE;
}

static enum layer
peel_ethertype(const struct peel *p)
{
    switch (p->ethertype) {
    case 0x0800:
    case 0x86dd:
        return LAYER_IP;
    case 0x8100:
    case 0x88a8:
    case 0x9100:
        return LAYER_VLAN;
    case 0x8847:
    case 0x8848:
        return LAYER_MPLS;
    case 0x8864:
        return LAYER_PPPOE;
    case 0x880b:
        return LAYER_PPP;
    case 0x6558:
        return LAYER_ETHERNET;
    default:
        return LAYER_NOT_IP;
    }
}

static enum layer
peel_ethernet(struct peel *p)
{
    um_cursor_skip(&p->in, 12);
    return name_ethertype(p, um_cursor_be16(&p->in));
}

static enum layer
peel_vlan(struct peel *p)
{
    um_cursor_skip(&p->in, 2);
    return name_ethertype(p, um_cursor_be16(&p->in));
}

/* DSAP, SSAP, control; then for SNAP an organisation and its EtherType, for OSI an NLPID. */
static enum layer
peel_llc(struct peel *p)
{
    uint16_t points = um_cursor_be16(&p->in);
    if (um_cursor_u8(&p->in) != 3)
        return LAYER_NOT_IP;
    if (points == 0x0606)
        return LAYER_IP;
    if (points == 0xfefe) {
        uint8_t nlpid = um_cursor_u8(&p->in);
        return nlpid == 0xcc || nlpid == 0x8e ? LAYER_IP : LAYER_NOT_IP;
    }
    if (points != 0xaaaa)
        return LAYER_NOT_IP;
    uint32_t organisation = (uint32_t)um_cursor_be16(&p->in) << 8;
    organisation |= um_cursor_u8(&p->in);
    p->ethertype = um_cursor_be16(&p->in);
    return organisation == 0 || organisation == 0xf8 ? LAYER_ETHERTYPE : LAYER_NOT_IP;
}

/* After the label stack comes IP, or a pseudo-wire's Ethernet with or without a control word. */
static enum layer
peel_mpls(struct peel *p)
{
    uint32_t entry;
    do
        entry = um_cursor_be32(&p->in);
    while (!(entry & 0x100) && !p->in.short_read);
    switch (p->in.left.len > 0 ? p->in.left.data[0] >> 4 : 0) {
    case 4:
    case 6:
        return LAYER_IP;
    case 0:
        um_cursor_skip(&p->in, 4);
        return LAYER_ETHERNET;
    default:
        return LAYER_ETHERNET;
    }
}

static enum layer
peel_pppoe(struct peel *p)
{
    uint16_t version_and_code = um_cursor_be16(&p->in);
    um_cursor_skip(&p->in, 4);
    return version_and_code == 0x1100 ? LAYER_PPP : LAYER_NOT_IP;
}

/* Address and control may be left out, and the protocol's first byte too, when it is 0. */
static enum layer
peel_ppp(struct peel *p)
{
    if (um_span_starts(p->in.left, um_span_of("\xff\x03", 2)))
        um_cursor_skip(&p->in, 2);
    uint16_t protocol = um_cursor_u8(&p->in);
    if (!(protocol & 1))
        protocol = (uint16_t)(protocol << 8 | um_cursor_u8(&p->in));
    switch (protocol) {
    case 0x0021:
    case 0x0057:
        return LAYER_IP;
    case 0x0281:
    case 0x0283:
        return LAYER_MPLS;
    default:
        return LAYER_NOT_IP;
    }
}

/*
 * 802.11: frame control (2), duration (2), three addresses (18), sequence (2); a fourth address
 * when the frame goes between access points; QoS (2); HT control (4).
 */
static enum layer
peel_wlan(struct peel *p, bool is_padded)
{
    size_t length = p->in.left.len;
    uint8_t control = um_cursor_u8(&p->in), flags = um_cursor_u8(&p->in);
    bool is_data = (control & 0x0f) == 0x08, has_body = !(control & 0x40);
    if (p->in.short_read || !is_data || !has_body || flags & 0x40)
        return p->in.short_read ? LAYER_BAD : LAYER_NOT_IP;
    um_cursor_skip(&p->in, 20);
    uint16_t sequence = um_cursor_le16(&p->in);
    if ((flags & 3) == 3)
        um_cursor_skip(&p->in, 6);
    bool has_qos = control & 0x80, is_amsdu = false;
    if (has_qos) {
        is_amsdu = um_cursor_u8(&p->in) & 0x80;
        um_cursor_skip(&p->in, flags & 0x80 ? 5 : 1);
    }
    if (is_padded)
        um_cursor_skip(&p->in, (4 - (length - p->in.left.len) % 4) % 4);
    if (is_amsdu)
        um_cursor_skip(&p->in, 14);
    return sequence & 0x0f ? LAYER_NOT_IP : LAYER_LLC;
}

static enum layer
peel_layer(struct peel *p, enum layer layer)
{
    switch (layer) {
    case LAYER_ETHERNET:
        return peel_ethernet(p);
    case LAYER_VLAN:
        return peel_vlan(p);
    case LAYER_LLC:
        return peel_llc(p);
    case LAYER_MPLS:
        return peel_mpls(p);
    case LAYER_PPPOE:
        return peel_pppoe(p);
    case LAYER_PPP:
        return peel_ppp(p);
    case LAYER_WLAN:
    case LAYER_WLAN_PADDED:
        return peel_wlan(p, layer == LAYER_WLAN_PADDED);
    default:
        return layer;
    }
}

/* ---- the outermost headers, one function a link type ---- */

static enum layer
peel_sll(struct peel *p)
{
    um_cursor_skip(&p->in, 14);
    p->ethertype = um_cursor_be16(&p->in);
    return p->ethertype == 4 ? LAYER_LLC : LAYER_ETHERTYPE;
}

static enum layer
peel_sll2(struct peel *p)
{
    p->ethertype = um_cursor_be16(&p->in);
    um_cursor_skip(&p->in, 18);
    return p->ethertype == 4 ? LAYER_LLC : LAYER_ETHERTYPE;
}

/* An address family in the byte order of the machine that captured; families of all systems. */
static enum layer
peel_loopback(struct peel *p)
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
        return LAYER_IP;
    default:
        return LAYER_NOT_IP;
    }
}

/* PPP in HDLC-like framing, or Cisco's HDLC with an EtherType. */
static enum layer
peel_hdlc(struct peel *p)
{
    uint8_t address = p->in.left.len > 0 ? p->in.left.data[0] : 0;
    if (address != 0x0f && address != 0x8f)
        return LAYER_PPP;
    um_cursor_skip(&p->in, 2);
    return name_ethertype(p, um_cursor_be16(&p->in));
}

/* Radiotap: version, pad, length (2), words of present fields; then the fields, flags second. */
static enum layer
peel_radiotap(struct peel *p)
{
    struct um_cursor header = um_cursor_of(p->in.left);
    um_cursor_skip(&header, 2);
    uint16_t length = um_cursor_le16(&header);
    um_cursor_skip(&p->in, length);
    uint32_t present = um_cursor_le32(&header), more = present;
    while (more & 0x80000000U)
        more = um_cursor_le32(&header);
    if (header.short_read || length < 8)
        return LAYER_BAD;
    if (present & 1) { /* a time stamp, aligned to 8 bytes */
        size_t at = (size_t)(header.left.data - p->in.left.data) + length;
        um_cursor_skip(&header, (8 - at % 8) % 8 + 8);
    }
    uint8_t flags = present & 2 ? um_cursor_u8(&header) : 0;
    return flags & 0x20 ? LAYER_WLAN_PADDED : LAYER_WLAN;
}

/* Prism's header has a fixed length; AVS, under the same link type, begins with a magic number. */
static enum layer
peel_prism(struct peel *p)
{
    struct um_cursor header = um_cursor_of(p->in.left);
    bool is_avs = (um_cursor_be32(&header) & 0xfffffff0U) == 0x80211000U;
    uint32_t length = is_avs ? um_cursor_be32(&header) : 144;
    um_cursor_skip(&p->in, length);
    return LAYER_WLAN;
}

/* Wireshark's exported PDUs: tags (2) with lengths (2); tag 12 names the dissector. */
static enum layer
peel_exported(struct peel *p)
{
    enum layer layer = LAYER_NOT_IP;
    for (;;) {
        uint16_t tag = um_cursor_be16(&p->in), length = um_cursor_be16(&p->in);
        struct um_span value = um_cursor_take(&p->in, length);
        if (p->in.short_read)
            return LAYER_BAD;
        if (tag == 0)
            return layer;
        value = um_span_first(value, um_span_find(value, 0));
        if (tag == 12 && (um_span_equal(value, um_span_text("ip")) ||
                          um_span_equal(value, um_span_text("ipv4")) ||
                          um_span_equal(value, um_span_text("ipv6"))))
            layer = LAYER_IP;
        else if (tag == 12 && um_span_starts(value, um_span_text("eth")))
            layer = LAYER_ETHERNET;
    }
}

/* Netfilter's log: family, version, resource (2); fields of length (2), type (2), padded to 4. */
static enum layer
peel_nflog(struct peel *p)
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
            return LAYER_BAD;
        if (type == PAYLOAD)
            return LAYER_IP;
        um_cursor_skip(&p->in, (length - 4U + 3U) & ~3U);
    }
}

/* Per-packet information: version, flags, length (2) of all of it, link type of what is behind. */
static enum layer
peel_ppi(struct peel *p)
{
    struct um_cursor header = um_cursor_of(p->in.left);
    um_cursor_skip(&header, 2);
    uint16_t length = um_cursor_le16(&header);
    p->link_type = um_cursor_le32(&header);
    um_cursor_skip(&p->in, length);
    return header.short_read || length < 8 ? LAYER_BAD : LAYER_LINK;
}

/* macOS names the process: length of the header, kind of record (1: a packet), link type. */
static enum layer
peel_pktap(struct peel *p)
{
    struct um_cursor header = um_cursor_of(p->in.left);
    uint32_t length = um_cursor_le32(&header), kind = um_cursor_le32(&header);
    p->link_type = um_cursor_le32(&header);
    um_cursor_skip(&p->in, length);
    if (header.short_read || length < 12)
        return LAYER_BAD;
    return kind == 1 ? LAYER_LINK : LAYER_NOT_IP;
}

/* A global routing header (40), then an EtherType and two bytes of nothing. */
static enum layer
peel_infiniband(struct peel *p)
{
    um_cursor_skip(&p->in, 40);
    p->ethertype = um_cursor_be16(&p->in);
    um_cursor_skip(&p->in, 2);
    return LAYER_ETHERTYPE;
}

static enum layer
peel_link(struct peel *p)
{
    switch (p->link_type) {
    case UM_LINK_ETHERNET:
        return LAYER_ETHERNET;
    case 0:   /* NULL */
    case 108: /* LOOP */
        return peel_loopback(p);
    case UM_LINK_PPP:
    case 50:  /* PPP_HDLC */
    case 104: /* C_HDLC */
        return peel_hdlc(p);
    case 51: /* PPP_ETHER */
        return LAYER_PPPOE;
    case 12: /* RAW where the capturing system called it so */
    case 14:
    case 101: /* RAW */
    case 228: /* IPV4 */
    case 229: /* IPV6 */
        return LAYER_IP;
    case 100: /* ATM_RFC1483 */
        return LAYER_LLC;
    case 105: /* IEEE802_11 */
        return LAYER_WLAN;
    case 113:
        return peel_sll(p);
    case 119: /* IEEE802_11_PRISM */
    case 163: /* IEEE802_11_AVS */
        return peel_prism(p);
    case 127:
        return peel_radiotap(p);
    case 192:
        return peel_ppi(p);
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
        return LAYER_UNKNOWN;
    }
}

/* ---- the loop ---- */

/* An IP header begins with its version; anything else below is not IP, whatever was announced. */
static enum um_link_kind
finish(const struct peel *p, enum layer layer, struct um_span *ip)
{
    if (layer == LAYER_UNKNOWN)
        return UM_LINK_UNKNOWN;
    if (layer == LAYER_BAD || p->in.short_read)
        return UM_LINK_BAD;
    if (layer != LAYER_IP)
        return UM_LINK_NOT_IP;
    if (p->in.left.len == 0)
        return UM_LINK_BAD;
    uint8_t version = p->in.left.data[0] >> 4;
    if (version != 4 && version != 6)
        return UM_LINK_NOT_IP;
    *ip = p->in.left;
    return UM_LINK_IP;
}

static enum um_link_kind
peel_all(struct peel *p, enum layer layer, uint64_t *budget, struct um_span *ip)
{
    bool is_outermost = true;
    while (layer > LAYER_BAD && !p->in.short_read) {
        if (layer == LAYER_ETHERTYPE || layer == LAYER_LINK) {
            layer = layer == LAYER_LINK ? peel_link(p) : peel_ethertype(p);
            continue;
        }
        if (!is_outermost && *budget == 0)
            return UM_LINK_DEEP;
        if (!is_outermost)
            (*budget)--;
        is_outermost = false;
        layer = peel_layer(p, layer);
    }
    return finish(p, layer, ip);
}

enum um_link_kind
um_link_strip(uint32_t link_type, struct um_span frame, uint64_t *budget, struct um_span *ip)
{
    struct peel p = {.in = um_cursor_of(frame), .link_type = link_type};
    return peel_all(&p, LAYER_LINK, budget, ip);
}

enum um_link_kind
um_link_strip_ethertype(uint16_t ethertype, struct um_span bytes, uint64_t *budget,
                        struct um_span *ip)
{
    struct peel p = {.in = um_cursor_of(bytes), .ethertype = ethertype};
    return peel_all(&p, LAYER_ETHERTYPE, budget, ip);
}
