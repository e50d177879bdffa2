/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a stage leaves out because the sink behind it has said that it is of no use (sink.h). */
#ifndef UM_OFFLINE_PASSING_H
#define UM_OFFLINE_PASSING_H

#include <stdbool.h>

#include "core/base/err.h"
#include "offline/sink.h"

/* A zeroed one leaves out nothing. */
struct um_passing {
    uint64_t unwanted;   /* so many of the bytes that follow are of no use */
    uint64_t passed;     /* bytes that were left out and the sink was not told of */
    struct um_mark last; /* the packet that brought the last of them */
};

/* Notes what `data` or `gap` of the sink answered; `*is_enough` when it wants no more. Passes
 * errors on. */
static inline int
um_passing_note(struct um_passing *passing, const struct um_sink *sink, int answer, bool *is_enough)
{
    passing->unwanted = 0;
    if (answer < 0)
        return answer;
    if (answer == UM_SINK_ENOUGH)
        *is_enough = true;
    else if (sink->passed)
        passing->unwanted = (uint64_t)answer;
    return UM_OK;
}

/* True when the next `len` bytes are of no use, all of them: they are left out. */
static inline bool
um_passing_take(struct um_passing *passing, uint64_t len, const struct um_mark *last)
{
    if (len > passing->unwanted)
        return false;
    passing->unwanted -= len;
    passing->passed += len;
    passing->last = *last;
    return true;
}

/* Tells the sink how many were left out: before anything else of it is called. */
static inline void
um_passing_tell(struct um_passing *passing, const struct um_sink *sink)
{
    if (passing->passed > 0)
        sink->passed(sink->ctx, passing->passed, &passing->last);
    passing->passed = 0;
}

#endif
