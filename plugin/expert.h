/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings as Wireshark's expert items, under the names that the command line tool gives them. */
#ifndef UM_PLUGIN_EXPERT_H
#define UM_PLUGIN_EXPERT_H

#include "plugin/calls.h"

void umws_expert_register(int protocol);

/*
 * Shows at `item` what is to be found about the message. On the first pass without what only the
 * end of the file makes certain.
 */
void umws_expert_show(packet_info *pinfo, proto_item *item, const struct umws_message *message,
                      const struct umws_call_view *view);

/* Would a finding be noticed, were there no tree to show it in? */
bool umws_expert_wanted(const packet_info *pinfo);

#endif
