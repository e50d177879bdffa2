/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where and when in the capture: every chunk of bytes carries the marks of the packets that
 * brought it, so that a message knows its frames and times without a look-up.
 */
#ifndef UM_BASE_MARK_H
#define UM_BASE_MARK_H

#include <stdint.h>

struct um_mark {
    uint64_t frame;  /* 1-based number of the packet in the capture; 0: no packet */
    int64_t time_ns; /* capture timestamp, ns since the Unix epoch */
};

/* The mark with the lower frame number; one without a packet loses. */
static inline struct um_mark
um_mark_earlier(struct um_mark a, struct um_mark b)
{
    if (a.frame == 0)
        return b;
    return (b.frame != 0 && b.frame < a.frame) ? b : a;
}

/* The mark with the higher frame number. */
static inline struct um_mark
um_mark_later(struct um_mark a, struct um_mark b)
{
    return b.frame > a.frame ? b : a;
}

/* Makes a range of packets, which is empty when both marks are zeroed, include another one. */
static inline void
um_mark_widen(struct um_mark *first, struct um_mark *last, struct um_mark from, struct um_mark to)
{
    *first = um_mark_earlier(*first, from);
    *last = um_mark_later(*last, to);
}

/* ns from one time to a later one; negative when it is earlier; what does not fit is cut to what
 * does. */
static inline int64_t
um_mark_elapsed_ns(int64_t from_ns, int64_t to_ns)
{
    int64_t elapsed;
    if (__builtin_sub_overflow(to_ns, from_ns, &elapsed))
        return to_ns > from_ns ? INT64_MAX : INT64_MIN;
    return elapsed;
}

/* `by_ns` (not negative) after a time, or the latest there is. */
static inline int64_t
um_mark_later_ns(int64_t from_ns, int64_t by_ns)
{
    return from_ns < INT64_MAX - by_ns ? from_ns + by_ns : INT64_MAX;
}

#endif
