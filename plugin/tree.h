/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The protocol tree of a message: what it says, its partner, and its call. */
#ifndef UM_PLUGIN_TREE_H
#define UM_PLUGIN_TREE_H

#include "plugin/calls.h"

/* Registers the protocol's fields. */
void umws_tree_register(int protocol);

/*
 * Adds the message to `tree` and returns its item, to hang findings on; NULL without a tree. Ranges
 * of values are those of the body in `tvb`.
 */
proto_item *umws_tree_add(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
                          const struct umws_message *message, const struct umws_call_view *view);

#endif
