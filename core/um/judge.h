/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one call was: from the records of its exchanges to hops, observations, timeline, outcome and
 * findings. Pure: reads records, writes into an arena.
 */
#ifndef UM_UM_JUDGE_H
#define UM_UM_JUDGE_H

#include "core/um/call.h"

/* What the call is judged by, and what has been found of it so far. */
struct um_judge {
    const struct um_exchange_record **records; /* in order of request */
    size_t count;
    const size_t *hop_of; /* by position in `records`: the position it repeats; SIZE_MAX: none */
    const struct um_limits *limits;
    const struct um_thresholds *thresholds;
    struct um_arena *arena;
};

/*
 * Judges the call that `records` (sorted here, `count` of them, at least 1) are the exchanges of.
 * `out` lives in `arena`; its number is left to the caller. `thresholds` NULL: without findings. 0
 * or UM_ERR_NOMEM.
 */
int um_judge_call(const struct um_exchange_record **records, size_t count,
                  const struct um_limits *limits, const struct um_thresholds *thresholds,
                  struct um_arena *arena, struct um_call *out);

/* True when the exchange tells of the call's state, or implies it: `out` lives as the record. */
bool um_judge_observe(const struct um_exchange_record *record, struct um_observation *out);

/* True when the record at this position counts, that is, repeats no other on another hop. */
static inline bool
um_judge_counts(const struct um_judge *judge, size_t position)
{
    return judge->hop_of[position] == SIZE_MAX;
}

#endif
