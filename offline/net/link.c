/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine of one state a header: each function reads one header off the cursor and names the next
 * one, until IP or something that cannot be it. So no order of headers is special and the loop is
 * bounded by the budget. Header layouts: IEEE 802.3, 802.11, 802.1ah, 802.1BR, 802.1AE, RFC 1661,
 * 2516, 3032, 4385, 6325, 8300.
 */
#include "offline/net/link.h"

#include "offline/net/linktype.h"

/* Tags that only name the EtherType behind them. */
static const struct {
    uint16_t ethertype;
    uint8_t len; /* without either EtherType */
} tags[] = {
    {0x8100, 2}, /* VLAN */
    {0x88a8, 2}, /* VLAN of a provider */
    {0x9100, 2}, /* the same before it had a number */
    {0x8909, 6}, /* Cisco's security group tag */
    {0x8926, 4}, /* Cisco's VN-Tag */
    {0x893f, 6}, /* E-Tag of a port extender */
};

enum { TAG_COUNT = sizeof tags / sizeof *tags };

static size_t
find_tag(uint16_t ethertype)
{
    size_t i = 0;
    while (i < TAG_COUNT && tags[i].ethertype != ethertype)
        i++;
    return i;
}

static enum um_layer
peel_ethertype(const struct um_peel *p)
{
    switch (p->ethertype) {
    case 0x0800:
    case 0x86dd:
        return UM_LAYER_IP;
    case 0x8847:
    case 0x8848:
        return UM_LAYER_MPLS;
    case 0x8864:
        return UM_LAYER_PPPOE;
    case 0x880b:
        return UM_LAYER_PPP;
    case 0x6558:
        return UM_LAYER_ETHERNET;
    case 0x8870: /* of a frame too long to say its length */
        return UM_LAYER_LLC;
    case 0x88e5:
        return UM_LAYER_MACSEC;
    case 0x88e7:
        return UM_LAYER_PBB;
    case 0x894f:
        return UM_LAYER_NSH;
    case 0x22f3:
        return UM_LAYER_TRILL;
    default:
        return find_tag(p->ethertype) < TAG_COUNT ? UM_LAYER_TAG : UM_LAYER_NOT_IP;
    }
}

static enum um_layer
peel_ethernet(struct um_peel *p)
{
    um_cursor_skip(&p->in, 12);
    return um_linktype_name_ethertype(p, um_cursor_be16(&p->in));
}

static enum um_layer
peel_tag(struct um_peel *p)
{
    um_cursor_skip(&p->in, tags[find_tag(p->ethertype)].len);
    return um_linktype_name_ethertype(p, um_cursor_be16(&p->in));
}

/* DSAP, SSAP, control; then for SNAP an organisation and its EtherType, for OSI an NLPID. */
static enum um_layer
peel_llc(struct um_peel *p)
{
    uint16_t points = um_cursor_be16(&p->in);
    if (um_cursor_u8(&p->in) != 3)
        return UM_LAYER_NOT_IP;
    if (points == 0x0606)
        return UM_LAYER_IP;
    if (points == 0xfefe)
        return um_linktype_name_nlpid(um_cursor_u8(&p->in));
    if (points != 0xaaaa)
        return UM_LAYER_NOT_IP;
    return um_linktype_name_snap(p);
}

/* After the label stack comes IP, or a pseudo-wire's Ethernet with or without a control word. */
static enum um_layer
peel_mpls(struct um_peel *p)
{
    uint32_t entry;
    do
        entry = um_cursor_be32(&p->in);
    while (!(entry & 0x100) && !p->in.short_read);
    switch (p->in.left.len > 0 ? p->in.left.data[0] >> 4 : 0) {
    case 4:
    case 6:
        return UM_LAYER_IP;
    case 0:
        um_cursor_skip(&p->in, 4);
        return UM_LAYER_ETHERNET;
    default:
        return UM_LAYER_ETHERNET;
    }
}

static enum um_layer
peel_pppoe(struct um_peel *p)
{
    uint16_t version_and_code = um_cursor_be16(&p->in);
    um_cursor_skip(&p->in, 4);
    return version_and_code == 0x1100 ? UM_LAYER_PPP : UM_LAYER_NOT_IP;
}

/* Address and control may be left out, and the protocol's first byte too, when it is 0. */
static enum um_layer
peel_ppp(struct um_peel *p)
{
    if (um_span_starts(p->in.left, um_span_of("\xff\x03", 2)))
        um_cursor_skip(&p->in, 2);
    uint16_t protocol = um_cursor_u8(&p->in);
    if (!(protocol & 1))
        protocol = (uint16_t)(protocol << 8 | um_cursor_u8(&p->in));
    switch (protocol) {
    case 0x0021:
    case 0x0057:
        return UM_LAYER_IP;
    case 0x0281:
    case 0x0283:
        return UM_LAYER_MPLS;
    default:
        return UM_LAYER_NOT_IP;
    }
}

/* Version and flags (1), length (1), number (4), sender (8) if a flag says so. Only a frame whose
 * body is neither encrypted nor changed can be read; its check value at the end is mere padding. */
static enum um_layer
peel_macsec(struct um_peel *p)
{
    enum { VERSION = 0x80, HAS_SENDER = 0x20, ENCRYPTED = 0x08, CHANGED = 0x04 };
    uint8_t flags = um_cursor_u8(&p->in);
    um_cursor_skip(&p->in, flags & HAS_SENDER ? 13 : 5);
    if (flags & (VERSION | ENCRYPTED | CHANGED))
        return UM_LAYER_NOT_IP;
    return um_linktype_name_ethertype(p, um_cursor_be16(&p->in));
}

/* A service header: length of all of it in words, in six bits of the second byte; metadata's type;
 * what follows. */
static enum um_layer
peel_nsh(struct um_peel *p)
{
    um_cursor_skip(&p->in, 1);
    size_t words = um_cursor_u8(&p->in) & 0x3f;
    um_cursor_skip(&p->in, 1);
    p->ethertype = um_link_next_protocol(um_cursor_u8(&p->in));
    if (words == 0)
        return UM_LAYER_BAD;
    um_cursor_skip(&p->in, words * 4 - 4);
    return UM_LAYER_ETHERTYPE;
}

/* The tag of a service; the frame of a provider's customer. */
static enum um_layer
peel_pbb(struct um_peel *p)
{
    um_cursor_skip(&p->in, 4);
    return UM_LAYER_ETHERNET;
}

/* Flags with the words of options (2), from where (2), to where (2). */
static enum um_layer
peel_trill(struct um_peel *p)
{
    size_t words = um_cursor_be16(&p->in) >> 6 & 0x1f;
    um_cursor_skip(&p->in, 4 + words * 4);
    return UM_LAYER_ETHERNET;
}

/*
 * 802.11: frame control (2), duration (2), three addresses (18), sequence (2); a fourth address
 * when the frame goes between access points; QoS (2), which tells of subframes; HT control (4).
 */
static enum um_layer
peel_wlan(struct um_peel *p, bool is_padded)
{
    size_t length = p->in.left.len;
    uint8_t control = um_cursor_u8(&p->in), flags = um_cursor_u8(&p->in);
    bool is_data = (control & 0x0f) == 0x08, has_body = !(control & 0x40);
    if (p->in.short_read || !is_data || !has_body || flags & 0x40)
        return p->in.short_read ? UM_LAYER_BAD : UM_LAYER_NOT_IP;
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
    if (sequence & 0x0f)
        return UM_LAYER_NOT_IP;
    return is_amsdu ? UM_LAYER_SUBFRAME : UM_LAYER_LLC;
}

/*
 * Of an A-MSDU: two addresses (12), length of what follows them (2); padded to a multiple of 4,
 * unless it is the last. What is shorter than a header is a frame check sequence, or padding.
 */
static enum um_layer
peel_subframe(struct um_peel *p)
{
    enum { HEADER = 14 };
    um_cursor_skip(&p->in, HEADER - 2);
    size_t len = um_cursor_be16(&p->in);
    struct um_span others = um_span_from(p->in.left, len + (4 - (HEADER + len) % 4) % 4);
    if (others.len >= HEADER)
        p->subframes = others;
    p->in.left = um_span_first(p->in.left, len);
    return UM_LAYER_LLC;
}

static enum um_layer
peel_layer(struct um_peel *p, enum um_layer layer)
{
    switch (layer) {
    case UM_LAYER_ETHERNET:
        return peel_ethernet(p);
    case UM_LAYER_TAG:
        return peel_tag(p);
    case UM_LAYER_LLC:
        return peel_llc(p);
    case UM_LAYER_MPLS:
        return peel_mpls(p);
    case UM_LAYER_PPPOE:
        return peel_pppoe(p);
    case UM_LAYER_PPP:
        return peel_ppp(p);
    case UM_LAYER_MACSEC:
        return peel_macsec(p);
    case UM_LAYER_NSH:
        return peel_nsh(p);
    case UM_LAYER_PBB:
        return peel_pbb(p);
    case UM_LAYER_TRILL:
        return peel_trill(p);
    case UM_LAYER_WLAN:
    case UM_LAYER_WLAN_PADDED:
        return peel_wlan(p, layer == UM_LAYER_WLAN_PADDED);
    case UM_LAYER_SUBFRAME:
        return peel_subframe(p);
    default:
        return layer;
    }
}

uint16_t
um_link_next_protocol(uint8_t next)
{
    static const uint16_t ethertypes[] = {0, 0x0800, 0x86dd, 0x6558, 0x894f, 0x8847};
    return next < sizeof ethertypes / sizeof *ethertypes ? ethertypes[next] : 0;
}

/* An IP header begins with its version; anything else below is not IP, whatever was announced. */
static enum um_link_kind
finish(const struct um_peel *p, enum um_layer layer, struct um_stripped *out)
{
    out->subframes = p->subframes;
    if (layer == UM_LAYER_UNKNOWN)
        return UM_LINK_UNKNOWN;
    if (layer == UM_LAYER_DEEP)
        return UM_LINK_DEEP;
    if (layer == UM_LAYER_BAD || p->in.short_read)
        return UM_LINK_BAD;
    if (layer != UM_LAYER_IP)
        return UM_LINK_NOT_IP;
    if (p->in.left.len == 0)
        return UM_LINK_BAD;
    uint8_t version = p->in.left.data[0] >> 4;
    if (version != 4 && version != 6)
        return UM_LINK_NOT_IP;
    out->ip = p->in.left;
    return UM_LINK_IP;
}

static enum um_link_kind
peel_all(struct um_peel *p, enum um_layer layer, uint64_t *budget, struct um_stripped *out)
{
    bool is_outermost = true;
    while (layer > UM_LAYER_BAD && !p->in.short_read) {
        if (layer == UM_LAYER_ETHERTYPE || layer == UM_LAYER_LINK) {
            layer = layer == UM_LAYER_LINK ? um_linktype_peel(p) : peel_ethertype(p);
            continue;
        }
        bool is_dear = !is_outermost && *budget == 0;
        if (!is_outermost && !is_dear)
            (*budget)--;
        is_outermost = false;
        layer = is_dear ? UM_LAYER_DEEP : peel_layer(p, layer);
    }
    return finish(p, layer, out);
}

enum um_link_kind
um_link_strip(uint32_t link_type, struct um_span frame, uint64_t *budget, struct um_stripped *out)
{
    struct um_peel p = {.in = um_cursor_of(frame), .link_type = link_type};
    return peel_all(&p, UM_LAYER_LINK, budget, out);
}

enum um_link_kind
um_link_strip_ethertype(uint16_t ethertype, struct um_span bytes, uint64_t *budget,
                        struct um_stripped *out)
{
    struct um_peel p = {.in = um_cursor_of(bytes), .ethertype = ethertype};
    return peel_all(&p, UM_LAYER_ETHERTYPE, budget, out);
}

enum um_link_kind
um_link_strip_subframe(struct um_span subframes, uint64_t *budget, struct um_stripped *out)
{
    struct um_peel p = {.in = um_cursor_of(subframes)};
    return peel_all(&p, UM_LAYER_SUBFRAME, budget, out);
}
