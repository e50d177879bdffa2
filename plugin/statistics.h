/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Statistics over the messages of a file, on the command line and in Wireshark's menus: calls,
 * operations, a tree of what was seen, response times; and the filter that selects one call.
 */
#ifndef UM_PLUGIN_STATISTICS_H
#define UM_PLUGIN_STATISTICS_H

#include "plugin/calls.h"

void umws_statistics_register(int protocol);

/* Does anybody listen? */
bool umws_statistics_wanted(void);

/* Hands the message to whoever listens. */
void umws_statistics_queue(packet_info *pinfo, const struct umws_message *message,
                           const struct umws_call_view *view);

#endif
