/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/segment.h"

#include "plugin/carrier.h"

enum {
    IP_PROTOCOL_TCP = 6,
    TCP_HEAD = 20, /* without options */
    SOURCE_AT = 0, /* ports */
    DESTINATION_AT = 2,
    SEQ_AT = 4,
    ACK_AT = 8,
    OFFSET_AT = 12,
    FLAGS_AT = 13,
};

static dissector_handle_t tcp_handle;
static void (*tell)(packet_info *pinfo, bool begins);
static tvbuff_t *noted; /* from the TCP head on; valid while its frame is dissected */
static uint32_t noted_in;

/* The payload; false when not even the head was captured. */
static bool
payload_of(tvbuff_t *tvb, struct umws_segment *out)
{
    unsigned captured = tvb_captured_length(tvb), reported = tvb_reported_length(tvb);
    if (captured < TCP_HEAD)
        return false;
    unsigned head = (unsigned)(um_tvb_get_uint8(tvb, OFFSET_AT) >> 4) * 4;
    if (head < TCP_HEAD || head > reported)
        return false;
    unsigned bytes = captured > head ? captured - head : 0;
    out->bytes = um_span_of(bytes > 0 ? tvb_get_ptr(tvb, (gint)head, (gint)bytes) : NULL, bytes);
    out->cut = reported - head - bytes;
    return true;
}

static int
dissect_watched_tcp(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    struct umws_segment segment = {0};
    bool is_new = !PINFO_FD_VISITED(pinfo) && !pinfo->flags.in_error_pkt;
    if (is_new) {
        noted = tvb;
        noted_in = pinfo->num;
    }
    bool is_told = is_new && tell && payload_of(tvb, &segment) && segment.bytes.len > 0;
    bool begins = is_told && umws_head_begins(segment.bytes);
    if (begins)
        tell(pinfo, true);
    int used = call_dissector_only(tcp_handle, tvb, pinfo, tree, data);
    if (is_told && !begins && tell)
        tell(pinfo, false);
    return used;
}

void
umws_segment_handoff(void (*see)(packet_info *pinfo, bool begins))
{
    dissector_table_t protocols = find_dissector_table("ip.proto");
    tcp_handle = protocols ? dissector_get_uint_handle(protocols, IP_PROTOCOL_TCP) : NULL;
    if (!tcp_handle)
        return;
    tell = see;
    dissector_add_uint("ip.proto", IP_PROTOCOL_TCP,
                       create_dissector_handle_with_name_and_description(
                           dissect_watched_tcp, -1, NULL, "TCP (UM web service aware)"));
}

void
umws_segment_stop_telling(void)
{
    tell = NULL;
}

void
umws_segment_forget(void)
{
    noted = NULL;
}

bool
umws_segment_of(packet_info *pinfo, struct umws_segment *out)
{
    *out = (struct umws_segment){0};
    if (!noted || noted_in != pinfo->num || !payload_of(noted, out))
        return false;
    unsigned flags = um_tvb_get_uint8(noted, FLAGS_AT);
    out->seq = tvb_get_ntohl(noted, SEQ_AT) + (flags & TH_SYN ? 1 : 0);
    out->ack = tvb_get_ntohl(noted, ACK_AT);
    out->has_ack = flags & TH_ACK;
    out->has_fin = flags & TH_FIN;
    out->has_reset = flags & TH_RST;
    out->mark = umws_carrier_mark(pinfo);
    return true;
}

void
umws_segment_own_ports(packet_info *pinfo, struct umws_ports *faked)
{
    *faked = (struct umws_ports){pinfo->srcport, pinfo->destport};
    if (!noted || noted_in != pinfo->num || tvb_captured_length(noted) < SEQ_AT)
        return;
    pinfo->srcport = tvb_get_ntohs(noted, SOURCE_AT);
    pinfo->destport = tvb_get_ntohs(noted, DESTINATION_AT);
}

void
umws_segment_put_back_ports(packet_info *pinfo, const struct umws_ports *faked)
{
    pinfo->srcport = faked->source;
    pinfo->destport = faked->destination;
}

bool
umws_segment_is_bare(const struct umws_segment *segment)
{
    return segment->bytes.len == 0 && segment->cut == 0 && !segment->has_fin && !segment->has_reset;
}
