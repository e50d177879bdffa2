/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Wireshark's headers, and everything in which 4.0, 4.4 and 4.6 differ for us. No other file asks
 * for a version. One object is built for each minor version: Wireshark loads no other.
 */
#ifndef UM_PLUGIN_COMPAT_H
#define UM_PLUGIN_COMPAT_H

#ifndef HAVE_SSIZE_T
#define HAVE_SSIZE_T 1 /* Wireshark's own config.h says so; 4.0 does not install it */
#endif

#include <stdbool.h>

#include <wireshark.h>
#include <ws_version.h>

#include <epan/column-info.h>
#include <epan/column-utils.h>
#include <epan/conversation.h>
#include <epan/conversation_filter.h>
#include <epan/dissectors/packet-http.h>
#include <epan/dissectors/packet-tcp.h>
#include <epan/dissectors/packet-tls-utils.h>
#include <epan/expert.h>
#include <epan/follow.h>
#include <epan/packet.h>
#include <epan/proto.h>
#include <epan/proto_data.h>
#include <epan/srt_table.h>
#include <epan/stat_tap_ui.h>
#include <epan/stats_tree.h>
#include <epan/strutil.h>
#include <epan/tap.h>
#include <wsutil/wslog.h>

#if WIRESHARK_VERSION_MAJOR != 4
#error "the dissector knows Wireshark 4.0 to 4.6"
#endif

#define UM_WIRESHARK_IS(minor) (WIRESHARK_VERSION_MINOR >= (minor))

#if UM_WIRESHARK_IS(3)

#include <epan/dissectors/packet-media-type.h>
#include <wsutil/plugins.h>

typedef media_content_info_t um_media_info;
#define UM_MEDIA_REQUEST MEDIA_CONTAINER_HTTP_REQUEST
#define um_tvb_get_uint8 tvb_get_uint8
#define um_tvb_uncompress tvb_uncompress_zlib
typedef bool um_heur_result;
#define UM_FILTER_ARGUMENTS packet_info *pinfo, void *user_data _U_
#define um_register_conversation_filter(proto, name, valid, build)                                 \
    register_conversation_filter(proto, name, valid, build, NULL)
typedef bool um_filter_result;
#define UM_STAT_GROUP_TELEPHONY REGISTER_TELEPHONY_GROUP_UNSORTED
#define UM_STAT_GROUP_STATISTICS REGISTER_STAT_GROUP_GENERIC
#define UM_STATS_TREE_MENU STATS_TREE_MENU_SEPARATOR
#define UM_HAS_PLUGIN_DESCRIBE 1

#else /* 4.0 and 4.2 */

typedef http_message_info_t um_media_info;
#define UM_MEDIA_REQUEST HTTP_REQUEST
#define um_tvb_get_uint8 tvb_get_guint8
#define um_tvb_uncompress tvb_uncompress
typedef gboolean um_heur_result;
#define UM_FILTER_ARGUMENTS packet_info *pinfo
#define um_register_conversation_filter(proto, name, valid, build)                                 \
    register_conversation_filter(proto, name, valid, build)
typedef gboolean um_filter_result;
#define UM_STAT_GROUP_TELEPHONY REGISTER_STAT_GROUP_TELEPHONY
#define UM_STAT_GROUP_STATISTICS REGISTER_STAT_GROUP_GENERIC
#define UM_STATS_TREE_MENU "/"
#define UM_HAS_PLUGIN_DESCRIBE 0

#endif

/* The end, as wherever Wireshark finds no memory. */
static inline void
um_out_of_memory(void)
{
    ws_error("umws: out of memory");
}

/* A time or a duration as Wireshark has it: what is negative is so in both parts. */
static inline nstime_t
um_nstime_of(int64_t ns)
{
    static const int64_t second_ns = 1000000000;
    return (nstime_t){.secs = (time_t)(ns / second_ns), .nsecs = (int)(ns % second_ns)};
}

#define UM_HTTP_RECORD_KEY 0 /* of the http_req_res_t in a frame's data */

/* The status of the reply, and the target of the request, that HTTP read last in this frame. */
static inline unsigned
um_http_status(const http_conv_t *http, const http_req_res_t *record)
{
#if UM_WIRESHARK_IS(3)
    (void)http;
    return record->response_code;
#else
    (void)record;
    return http->response_code;
#endif
}

static inline const char *
um_http_target(const http_conv_t *http, const http_req_res_t *record)
{
#if UM_WIRESHARK_IS(3)
    (void)http;
    return record->request_uri;
#else
    (void)record;
    return http->request_uri;
#endif
}

#endif
