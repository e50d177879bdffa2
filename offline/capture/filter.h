/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capture filters (pcap-filter syntax) over packets of any link type: compiled once for each type
 * that is met. The only user of libpcap's compiler here.
 */
#ifndef UM_CAPTURE_FILTER_H
#define UM_CAPTURE_FILTER_H

#include "core/base/err.h"
#include "offline/capture/packet.h"

struct um_filter;

/*
 * Compiles `expression` for Ethernet, so that a mistake is told at once. 0, UM_ERR_NOMEM, or
 * UM_ERR_USAGE with `why` set to a sentence that the caller frees (NULL when out of memory).
 */
int um_filter_new(const char *expression, struct um_filter **out, char **why);
void um_filter_free(struct um_filter *filter);

/*
 * True when the packet passes. Packets of a link type for which the expression makes no sense do
 * not, nor those of more than 64 link types in one run.
 */
bool um_filter_match(struct um_filter *filter, const struct um_packet *packet);

#endif
