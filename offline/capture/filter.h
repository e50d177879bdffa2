/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Capture filters: expressions in libpcap's syntax (pcap-filter(7)), compiled by libpcap and run
 * over our packets. The only module that knows libpcap.
 */
#ifndef UM_CAPTURE_FILTER_H
#define UM_CAPTURE_FILTER_H

#include "core/base/err.h"
#include "offline/capture/packet.h"

struct um_filter;

/*
 * Compiles an expression, so that a mistake is told at the start: 0; UM_ERR_USAGE when it can be
 * compiled for none of the usual link types, `why` then says why not and is the caller's to free
 * (NULL when even that failed for want of memory); UM_ERR_NOMEM.
 */
int um_filter_new(const char *expression, struct um_filter **out, char **why);
void um_filter_free(struct um_filter *filter);

/*
 * True when the filter lets the packet through. Compiled once for each link type met; a link type
 * for which the expression cannot be compiled ("wlan" on Ethernet) matches nothing.
 */
bool um_filter_match(struct um_filter *filter, const struct um_packet *packet);

#endif
