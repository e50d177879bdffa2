/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What became of a call, in one plain sentence that every format tells: "Call 3 to 5550100 rang for
 * at most 21.400 s and ended with NoAnswer (nobody answered); ...". Times are bounds, rounded
 * outwards: nothing is said to have happened at an instant.
 */
#ifndef UM_REPORT_CALL_SUMMARY_H
#define UM_REPORT_CALL_SUMMARY_H

#include "core/base/buf.h"
#include "offline/report/report.h"

/*
 * Both append UTF-8 but for texts from the wire, which are as they came, long ones cut: whoever
 * shows them makes them harmless in the way of the format. 0 or UM_ERR_NOMEM.
 */
typedef int um_call_summary_fn(struct um_buf *buf, const struct um_report *report,
                               const struct um_call *call);

/* The sentence. */
um_call_summary_fn um_call_summary_append;

/* Why the call came to nothing, in a word or two: its cause, the exception that refused it, the
 * HTTP status; nothing when nothing is known to have gone wrong. */
um_call_summary_fn um_call_summary_why;

/* For how long the call was connected, over all the times it was. */
struct um_time_up {
    size_t times; /* 0: no poll saw it connected */
    int64_t min_ns;
    bool has_max;
    int64_t max_ns;
};
struct um_time_up um_call_summary_time_up(const struct um_call *call);

#endif
