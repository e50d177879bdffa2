/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/carrier.h"

enum {
    TCP_COMPLETENESS_RST = 0x20, /* these two as packet-tcp.c has them; its header does not say */
    TCP_COMPLETENESS_FIN = 0x10,
    MSP_LOOKED_BACK = 4,     /* PDUs that may begin behind ours in one segment */
    UNACKED_LOOKED_BACK = 4, /* segments, this one among them */
};

static int proto_http = -1;
static int proto_http2 = -1;
static int proto_tcp = -1;
static int proto_tls = -1;
static dissector_handle_t http2_handle;
static dissector_handle_t watched_http2_handle;
static void (*see_http2)(tvbuff_t *tvb, packet_info *pinfo);

void
umws_carrier_handoff(void)
{
    proto_http = proto_get_id_by_filter_name("http");
    proto_http2 = proto_get_id_by_filter_name("http2");
    proto_tcp = proto_get_id_by_filter_name("tcp");
    proto_tls = proto_get_id_by_filter_name("tls");
    http2_handle = find_dissector("http2");
}

/* ---- layers ---- */

static bool
has_layer(packet_info *pinfo, int protocol)
{
    for (wmem_list_frame_t *at = wmem_list_tail(pinfo->layers); at; at = wmem_list_frame_prev(at)) {
        if (GPOINTER_TO_INT(wmem_list_frame_data(at)) == protocol)
            return true;
    }
    return false;
}

bool
umws_carrier_has_http2(packet_info *pinfo)
{
    return has_layer(pinfo, proto_http2);
}

bool
umws_carrier_has_tls(packet_info *pinfo)
{
    return has_layer(pinfo, proto_tls);
}

/* TLS files what it decrypted of a frame by its layer: counted among TLS's, or among all. */
static const SslRecordInfo *
first_record(packet_info *pinfo, unsigned layer)
{
    const SslPacketInfo *info = p_get_proto_data(wmem_file_scope(), pinfo, proto_tls, layer);
    return info ? info->records : NULL;
}

bool
umws_carrier_is_unread(packet_info *pinfo)
{
    unsigned layers = wmem_list_count(pinfo->layers);
    for (unsigned layer = 0; layer <= layers; layer++) {
        if (first_record(pinfo, layer))
            return false;
    }
    return has_layer(pinfo, proto_tls);
}

bool
umws_carrier_has_tls_data(packet_info *pinfo)
{
    unsigned layers = wmem_list_count(pinfo->layers);
    for (unsigned layer = 0; layer <= layers; layer++) {
        for (const SslRecordInfo *record = first_record(pinfo, layer); record;
             record = record->next) {
            if (record->type == SSL_ID_APP_DATA)
                return true;
        }
    }
    return false;
}

/* The innermost of the two: the frame of an upgrade has both. */
static bool
is_in_http2(packet_info *pinfo)
{
    for (wmem_list_frame_t *at = wmem_list_tail(pinfo->layers); at; at = wmem_list_frame_prev(at)) {
        int protocol = GPOINTER_TO_INT(wmem_list_frame_data(at));
        if (protocol == proto_http || protocol == proto_http2)
            return protocol == proto_http2;
    }
    return false;
}

/* ---- HTTP ---- */

/* HTTP/2 exports no function for it; "Follow stream" does, and asks the same. */
static uint32_t
current_stream(packet_info *pinfo)
{
    register_follow_t *follower = get_follow_by_name("HTTP2");
    guint tcp_stream = 0, stream = 0;
    if (!follower)
        return 0;
    g_free(get_follow_conv_func(follower)(NULL, pinfo, &tcp_stream, &stream));
    return stream;
}

bool
umws_carrier_has_head(packet_info *pinfo)
{
    const http_req_res_t *record =
        p_get_proto_data(wmem_file_scope(), pinfo, proto_http, UM_HTTP_RECORD_KEY);
    return record && (record->req_framenum == pinfo->num || record->res_framenum == pinfo->num);
}

struct umws_carrier
umws_carrier_of(packet_info *pinfo, conversation_t *conversation)
{
    struct umws_carrier carrier = {.conversation = conversation, .is_http2 = is_in_http2(pinfo)};
    if (carrier.is_http2) {
        carrier.stream = current_stream(pinfo);
        return carrier;
    }
    const http_conv_t *http = conversation_get_proto_data(conversation, proto_http);
    const http_req_res_t *record =
        p_get_proto_data(wmem_file_scope(), pinfo, proto_http, UM_HTTP_RECORD_KEY);
    if (http && record) {
        carrier.target = um_http_target(http, record);
        carrier.has_reply_head = record->res_framenum == pinfo->num;
        if (carrier.has_reply_head)
            carrier.status = um_http_status(http, record);
    }
    return carrier;
}

/* ---- TCP ---- */

uint32_t
umws_carrier_first_frame(packet_info *pinfo, conversation_t *conversation)
{
    struct tcp_analysis *tcp = conversation_get_proto_data(conversation, proto_tcp);
    if (!tcp || !tcp->fwd || !tcp->fwd->multisegment_pdus || !tcp->fwd->tcp_analyze_seq_info)
        return pinfo->num;
    uint32_t behind = tcp->fwd->tcp_analyze_seq_info->nextseq;
    for (unsigned i = 0; i < MSP_LOOKED_BACK; i++) {
        const struct tcp_multisegment_pdu *pdu =
            wmem_tree_lookup32_le(tcp->fwd->multisegment_pdus, behind - 1);
        if (!pdu)
            break;
        if (pdu->last_frame == pinfo->num)
            return pdu->first_frame;
        behind = pdu->seq;
    }
    return pinfo->num;
}

/* What the side of the greater address sends, or the other one. */
static const tcp_flow_t *
flow_of(const struct tcp_analysis *tcp, bool of_greater)
{
    return of_greater ? &tcp->flow1 : &tcp->flow2;
}

/* What TCP's analysis knows of one direction; NULL when it is switched off. */
static const tcp_analyze_seq_flow_info_t *
analysis_of(conversation_t *conversation, bool of_sender)
{
    const struct tcp_analysis *tcp = conversation_get_proto_data(conversation, proto_tcp);
    const tcp_flow_t *flow = !tcp ? NULL : of_sender ? tcp->fwd : tcp->rev;
    return flow ? flow->tcp_analyze_seq_info : NULL;
}

static bool
is_beyond(uint32_t seq, uint32_t other)
{
    return seq != other && seq - other <= UINT32_MAX / 2;
}

uint32_t
umws_carrier_sent(conversation_t *conversation)
{
    const tcp_analyze_seq_flow_info_t *sender = analysis_of(conversation, true);
    return sender ? sender->nextseq : 0;
}

uint32_t
umws_carrier_received(conversation_t *conversation)
{
    const tcp_analyze_seq_flow_info_t *sender = analysis_of(conversation, true);
    const tcp_analyze_seq_flow_info_t *other = analysis_of(conversation, false);
    if (!sender || !other)
        return 0;
    bool is_acked = other->nextseq == 0 || is_beyond(sender->lastack, other->nextseq);
    return is_acked ? sender->lastack : other->nextseq;
}

/* Was the segment captured that ends where this one begins, of those not acknowledged yet? */
static bool
goes_on(const tcp_analyze_seq_flow_info_t *sender, uint32_t seq)
{
    const tcp_unacked_t *segment = sender->segments;
    for (unsigned i = 0; segment && i < UNACKED_LOOKED_BACK; i++, segment = segment->next) {
        if (segment->nextseq == seq)
            return true;
    }
    return false;
}

bool
umws_carrier_lacks_start(conversation_t *conversation, uint32_t seq, uint32_t *start)
{
    const struct tcp_analysis *tcp = conversation_get_proto_data(conversation, proto_tcp);
    const tcp_analyze_seq_flow_info_t *sender = analysis_of(conversation, true);
    const tcp_analyze_seq_flow_info_t *other = analysis_of(conversation, false);
    if (!sender || !other || other->lastack != tcp->fwd->base_seq + 1) /* that of the SYN */
        return false;
    *start = other->lastack;
    return is_beyond(seq, *start) && !goes_on(sender, seq);
}

static bool
has_packets(const tcp_flow_t *flow)
{
    const tcp_analyze_seq_flow_info_t *seen = flow->tcp_analyze_seq_info;
    return !seen || seen->nextseq != 0 || seen->lastack != 0;
}

bool
umws_carrier_is_other_silent(conversation_t *conversation, uint32_t *start)
{
    const struct tcp_analysis *tcp = conversation_get_proto_data(conversation, proto_tcp);
    const tcp_analyze_seq_flow_info_t *other = analysis_of(conversation, false);
    if (!other || !has_packets(tcp->rev))
        return false;
    *start = tcp->rev->base_seq + 1;
    return other->nextseq == *start;
}

bool
umws_carrier_is_first(conversation_t *conversation, uint32_t seq)
{
    const struct tcp_analysis *tcp = conversation_get_proto_data(conversation, proto_tcp);
    return tcp && tcp->fwd && seq == tcp->fwd->base_seq + 1; /* numbers count from there */
}

bool
umws_carrier_has_acked_beyond(conversation_t *conversation, uint32_t seq)
{
    const tcp_analyze_seq_flow_info_t *sender = analysis_of(conversation, true);
    return sender && is_beyond(sender->lastack, seq);
}

bool
umws_carrier_last_ack(conversation_t *conversation, bool of_greater, uint32_t *ack)
{
    const struct tcp_analysis *tcp = conversation_get_proto_data(conversation, proto_tcp);
    const tcp_analyze_seq_flow_info_t *sender =
        tcp ? flow_of(tcp, of_greater)->tcp_analyze_seq_info : NULL;
    if (!sender || sender->lastack == 0)
        return false;
    *ack = sender->lastack;
    return true;
}

bool
umws_carrier_has_fin(conversation_t *conversation)
{
    const struct tcp_analysis *tcp = conversation_get_proto_data(conversation, proto_tcp);
    return tcp && (tcp->conversation_completeness & TCP_COMPLETENESS_FIN);
}

bool
umws_carrier_has_other_side(conversation_t *conversation)
{
    const struct tcp_analysis *tcp = conversation_get_proto_data(conversation, proto_tcp);
    return tcp && tcp->rev && has_packets(tcp->rev);
}

static bool
is_greater(const address *a, uint32_t a_port, const address *b, uint32_t b_port)
{
    int order = cmp_address(a, b);
    return order > 0 || (order == 0 && a_port > b_port);
}

bool
umws_carrier_is_from_greater(const packet_info *pinfo)
{
    return is_greater(&pinfo->src, pinfo->srcport, &pinfo->dst, pinfo->destport);
}

enum um_unanswered
umws_carrier_ending(conversation_t *conversation, const address *server, uint32_t server_port,
                    const address *client, uint32_t client_port)
{
    const struct tcp_analysis *tcp = conversation_get_proto_data(conversation, proto_tcp);
    if (!tcp)
        return UM_UNANSWERED_CAPTURE_END;
    if (!has_packets(flow_of(tcp, is_greater(server, server_port, client, client_port))))
        return UM_UNANSWERED_ONE_SIDED;
    return tcp->conversation_completeness & TCP_COMPLETENESS_RST ? UM_UNANSWERED_RESET
                                                                 : UM_UNANSWERED_CAPTURE_END;
}

/* ---- marks and endpoints ---- */

struct um_mark
umws_carrier_mark(const packet_info *pinfo)
{
    static const int64_t second_ns = 1000000000;
    int64_t time_ns;
    if (__builtin_mul_overflow((int64_t)pinfo->abs_ts.secs, second_ns, &time_ns) ||
        __builtin_add_overflow(time_ns, (int64_t)pinfo->abs_ts.nsecs, &time_ns))
        time_ns = pinfo->abs_ts.secs > 0 ? INT64_MAX : INT64_MIN;
    return (struct um_mark){.frame = pinfo->num, .time_ns = time_ns};
}

struct um_endpoint
umws_carrier_endpoint(const address *from, uint32_t port)
{
    struct um_endpoint endpoint = {.port = (uint16_t)port};
    bool is_known =
        (from->type == AT_IPv4 && from->len == 4) || (from->type == AT_IPv6 && from->len == 16);
    if (is_known) {
        endpoint.address_len = (uint8_t)from->len;
        memcpy(endpoint.address, from->data, (size_t)from->len);
    }
    return endpoint;
}

/* ---- watching HTTP/2 ---- */

static int
dissect_watched_http2(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (!PINFO_FD_VISITED(pinfo) && !pinfo->flags.in_error_pkt)
        see_http2(tvb, pinfo);
    return call_dissector_with_data(http2_handle, tvb, pinfo, tree, data);
}

/* A client with prior knowledge begins so; Wireshark knows it on HTTP's ports only. */
static um_heur_result
dissect_preface(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    enum { PREFACE = sizeof preface - 1 };
    if (tvb_captured_length(tvb) < PREFACE ||
        tvb_memeql(tvb, 0, (const guint8 *)preface, PREFACE) != 0)
        return FALSE;
    /* later passes must come here by the same way: bodies are kept by the layer they were found in
     */
    if (!PINFO_FD_VISITED(pinfo))
        conversation_set_dissector_from_frame_number(find_or_create_conversation(pinfo),
                                                     pinfo->num + 1, watched_http2_handle);
    return dissect_watched_http2(tvb, pinfo, tree, data) > 0;
}

void
umws_carrier_watch_http2(int protocol, void (*see)(tvbuff_t *tvb, packet_info *pinfo))
{
    dissector_table_t protocols = find_dissector_table("tls.alpn");
    if (!http2_handle || !protocols)
        return;
    see_http2 = see;
    watched_http2_handle = create_dissector_handle_with_name_and_description(
        dissect_watched_http2, -1, NULL, "HTTP/2 (UM web service aware)");
    heur_dissector_add("tcp", dissect_preface, "HTTP/2 with prior knowledge on any port",
                       "umws_http2", protocol, HEURISTIC_ENABLE);
    if (dissector_get_string_handle(protocols, "h2") == http2_handle)
        dissector_add_string("tls.alpn", "h2", watched_http2_handle);
}

void
umws_carrier_watch_clear_http2(packet_info *pinfo, conversation_t *conversation)
{
    if (watched_http2_handle &&
        conversation_get_dissector(conversation, pinfo->num) == http2_handle)
        conversation_set_dissector(conversation, watched_http2_handle);
}
