/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packets of a connection that were seen last: Wireshark remembers the number of the frame in
 * which a message began, a timeline needs its time too. First pass only.
 */
#ifndef UM_PLUGIN_MARKS_H
#define UM_PLUGIN_MARKS_H

#include <stddef.h>

#include "core/base/mark.h"

enum { UMWS_MARKS = 32 }; /* that are remembered */

/* A ring; zeroed: empty. */
struct umws_marks {
    struct um_mark kept[UMWS_MARKS];
    size_t count; /* all that were noted */
};

void umws_marks_note(struct umws_marks *marks, struct um_mark mark);

/* The mark of an earlier frame; `now` when it is not remembered. */
struct um_mark umws_marks_of(const struct umws_marks *marks, uint32_t frame, struct um_mark now);

#endif
