/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/marks.h"

void
umws_marks_note(struct umws_marks *marks, struct um_mark mark)
{
    marks->kept[marks->count++ % UMWS_MARKS] = mark;
}

struct um_mark
umws_marks_of(const struct umws_marks *marks, uint32_t frame, struct um_mark now)
{
    size_t kept = marks->count < UMWS_MARKS ? marks->count : UMWS_MARKS;
    for (size_t i = 0; i < kept; i++) {
        if (marks->kept[i].frame == frame)
            return marks->kept[i];
    }
    return now;
}
