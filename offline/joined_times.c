/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The runs that have begun and not ended lie side by side; the least of their times is the next. */
#include "offline/joined_times.h"

#include <stdlib.h>

/* Lets the runs begin whose first packet may be the next one. */
static void
begin_runs(struct um_joined_times *joined)
{
    while (joined->next_run < joined->runs->count) {
        const struct um_run *run = joined->runs->items[joined->next_run];
        int64_t earliest_ns = joined->count > 0 ? joined->times[0].time_ns : INT64_MAX;
        for (size_t i = 1; i < joined->count; i++) {
            if (joined->times[i].time_ns < earliest_ns)
                earliest_ns = joined->times[i].time_ns;
        }
        if (joined->count > 0 && run->totals.capture.first_time_ns > earliest_ns)
            return;
        if (um_run_times_begin(run, &joined->times[joined->count]))
            joined->count++;
        joined->next_run++;
    }
}

size_t
um_joined_times_read(struct um_joined_times *joined, int64_t *out, size_t max)
{
    size_t count = 0;
    if (!joined->times)
        joined->times = calloc(joined->runs->count + 1, sizeof *joined->times);
    while (joined->times && count < max) {
        begin_runs(joined);
        if (joined->count == 0)
            break;
        size_t least = 0;
        for (size_t i = 1; i < joined->count; i++) {
            if (joined->times[i].time_ns < joined->times[least].time_ns)
                least = i;
        }
        out[count++] = joined->times[least].time_ns;
        if (!um_run_times_next(&joined->times[least]))
            joined->times[least] = joined->times[--joined->count];
    }
    return count;
}

void
um_joined_times_done(struct um_joined_times *joined)
{
    free(joined->times);
}
