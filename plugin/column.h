/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The columns Protocol and Info of a frame that carries messages of ours. */
#ifndef UM_PLUGIN_COLUMN_H
#define UM_PLUGIN_COLUMN_H

#include "plugin/calls.h"

/*
 * Writes the message into the columns; what HTTP wrote of it goes, what was written of other
 * messages of the frame stays.
 */
void umws_column_write(packet_info *pinfo, const struct umws_message *message,
                       const struct umws_call_view *view);

#endif
