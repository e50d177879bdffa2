/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why an input cannot be read, or not to its end: the first thing said about it. */
#ifndef UM_CAPTURE_TROUBLE_H
#define UM_CAPTURE_TROUBLE_H

#include <stdbool.h>

struct um_trouble {
    char text[160];    /* one sentence without the path; empty: no trouble */
    bool is_truncated; /* the input ends inside a record */
};

/* Says what the trouble is (a printf), unless something was said before; cut to fit. */
void um_trouble_say(struct um_trouble *trouble, bool is_truncated, const char *format, ...)
    __attribute__((format(printf, 3, 4), cold));

#endif
