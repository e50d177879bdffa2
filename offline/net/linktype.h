/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What link.c and linktype.c share: a machine of one state a header. Each function reads one header
 * off the cursor and names the next one.
 */
#ifndef UM_NET_LINKTYPE_H
#define UM_NET_LINKTYPE_H

#include "core/base/cursor.h"

enum um_layer {
    UM_LAYER_IP, /* the first five are ends */
    UM_LAYER_NOT_IP,
    UM_LAYER_UNKNOWN,
    UM_LAYER_DEEP,
    UM_LAYER_BAD,
    UM_LAYER_ETHERNET,
    UM_LAYER_ETHERTYPE, /* what the EtherType in `peel.ethertype` says */
    UM_LAYER_LINK,      /* the same of `peel.link_type` */
    UM_LAYER_TAG,       /* a header of fixed length, before another EtherType */
    UM_LAYER_LLC,
    UM_LAYER_MPLS,
    UM_LAYER_PPPOE,
    UM_LAYER_PPP,
    UM_LAYER_MACSEC,
    UM_LAYER_NSH,
    UM_LAYER_PBB,
    UM_LAYER_TRILL,
    UM_LAYER_WLAN,
    UM_LAYER_WLAN_PADDED, /* the header is padded to a multiple of 4 */
    UM_LAYER_SUBFRAME,    /* of an A-MSDU */
};

struct um_peel {
    struct um_cursor in;
    uint16_t ethertype;
    uint32_t link_type;
    struct um_span subframes; /* behind the one that is peeled */
};

/* The layer that the field behind two MAC addresses announces. */
static inline enum um_layer
um_linktype_name_ethertype(struct um_peel *p, uint16_t ethertype)
{
    enum { LENGTH_FIELD_MAX = 1500 }; /* up to this it is the length of an 802.3 frame */
    p->ethertype = ethertype;
    return ethertype <= LENGTH_FIELD_MAX ? UM_LAYER_LLC : UM_LAYER_ETHERTYPE;
}

/* SNAP: an organisation and its own number for what follows. */
static inline enum um_layer
um_linktype_name_snap(struct um_peel *p)
{
    uint32_t organisation = (uint32_t)um_cursor_be16(&p->in) << 8;
    organisation |= um_cursor_u8(&p->in);
    p->ethertype = um_cursor_be16(&p->in);
    return organisation == 0 || organisation == 0xf8 ? UM_LAYER_ETHERTYPE : UM_LAYER_NOT_IP;
}

/* OSI's number for what follows: is it IP? */
static inline enum um_layer
um_linktype_name_nlpid(uint8_t nlpid)
{
    return nlpid == 0xcc || nlpid == 0x8e ? UM_LAYER_IP : UM_LAYER_NOT_IP;
}

/* Reads the header that `p->link_type` puts first. */
enum um_layer um_linktype_peel(struct um_peel *p);

#endif
