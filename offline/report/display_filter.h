/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wireshark display filters that find what a report tells of (wireshark-filter(4)). */
#ifndef UM_REPORT_DISPLAY_FILTER_H
#define UM_REPORT_DISPLAY_FILTER_H

#include "core/base/buf.h"

/*
 * Appends "frame.number in {4, 6, 9..12}" for `count` numbers, at least one, which are sorted here
 * and may repeat. 0 or UM_ERR_NOMEM.
 */
int um_display_filter_frames(struct um_buf *buf, uint64_t *frames, size_t count);

/*
 * Appends `umws.call_id == "..."` for each id, joined by "or"; at least one. Bytes that are not
 * printable ASCII are written as \xff. Needs the dissector of this project. 0 or UM_ERR_NOMEM.
 */
int um_display_filter_call_ids(struct um_buf *buf, const struct um_span *ids, size_t count);

#endif
