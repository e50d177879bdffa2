/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the TCP segment stands in a frame. TCP tells its subdissectors of bytes that it could put
 * together only; its dissector is wrapped where IP calls it, and this notes each segment on the
 * first pass.
 */
#ifndef UM_PLUGIN_SEGMENT_H
#define UM_PLUGIN_SEGMENT_H

#include "plugin/compat.h"
#include "plugin/follower.h"

/*
 * Wraps TCP's dissector. Until umws_segment_stop_telling, `see` is told of payloads that begin an
 * HTTP message before TCP has seen them, and of others when it has.
 */
void umws_segment_handoff(void (*see)(packet_info *pinfo, bool begins));
void umws_segment_stop_telling(void);

/* Another file begins: frames are counted anew. */
void umws_segment_forget(void);

/* The segment of the frame that is now dissected; false: it has none. */
bool umws_segment_of(packet_info *pinfo, struct umws_segment *out);

/*
 * HTTP calls what stands in a proxy's tunnel with the port that was asked for, and so with another
 * conversation. Gives the packet its own ports for as long as the connection matters; those it had
 * are put into `faked`, for umws_segment_put_back_ports.
 */
struct umws_ports {
    uint32_t source, destination;
};
void umws_segment_own_ports(packet_info *pinfo, struct umws_ports *faked);
void umws_segment_put_back_ports(packet_info *pinfo, const struct umws_ports *faked);

/* Nothing but an acknowledgement. */
bool umws_segment_is_bare(const struct umws_segment *segment);

#endif
