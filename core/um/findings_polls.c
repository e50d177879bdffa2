/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rhythm of the polls of one call, told from the times of their requests. */
#include "core/um/findings_polls.h"

#include <stdlib.h>

#include "core/base/err.h"

static const int64_t SECOND_NS = 1000000000;

enum {
    AFTER_END_MIN = 3, /* polls after the end that are worth a note */
    STORM_MAX = 10,    /* polls within a second that are not */
};

struct poll {
    int64_t q_ns;
    uint64_t frame;
};

static int
by_time(const void *left, const void *right)
{
    const struct poll *a = left, *b = right;
    return (a->q_ns > b->q_ns) - (a->q_ns < b->q_ns);
}

/* The polls that count, by time; their number. */
static size_t
list_polls(const struct um_judge *judge, struct poll *polls)
{
    size_t count = 0;
    for (size_t i = 0; i < judge->count; i++) {
        const struct um_exchange_record *record = judge->records[i];
        if (um_judge_counts(judge, i) && record->has_request &&
            um_operation_polls(record->operation))
            polls[count++] = (struct poll){.q_ns = record->request_last.time_ns,
                                           .frame = record->request_last.frame};
    }
    qsort(polls, count, sizeof *polls, by_time);
    return count;
}

/* The reply that first told the end; NULL: the call was not seen to end. */
static const struct um_observation *
first_end(const struct um_timeline *timeline)
{
    const struct um_observation *end = NULL;
    for (size_t i = 0; i < timeline->observation_count; i++) {
        const struct um_observation *o = &timeline->observations[i];
        if (o->state == UM_STATE_DISCONNECTED && (!end || o->r_ns < end->r_ns))
            end = o;
    }
    return end;
}

static int
find_after_end(struct um_call *call, const struct poll *polls, size_t count)
{
    const struct um_observation *end = first_end(&call->timeline);
    size_t from = 0;
    while (end && from < count && polls[from].q_ns <= end->r_ns)
        from++;
    if (!end || count - from < AFTER_END_MIN)
        return UM_OK;
    const uint64_t frames[] = {end->r_frame, polls[from].frame, polls[count - 1].frame};
    int64_t for_ns = um_mark_elapsed_ns(end->r_ns, polls[count - 1].q_ns);
    return um_findings_add(
        &call->findings, UM_FINDING_POLL_AFTER_END, SIZE_MAX, frames, 3,
        um_arena_printf(call->findings.arena,
                        "The client went on to poll %zu times, for %.1f s, after Disconnected.",
                        count - from, (double)for_ns / 1e9));
}

static int
find_gaps(const struct um_judge *judge, struct um_call *call)
{
    const struct um_timeline *timeline = &call->timeline;
    for (size_t i = 1; i < timeline->observation_count; i++) {
        const struct um_observation *before = &timeline->observations[i - 1];
        const struct um_observation *after = &timeline->observations[i];
        if (before->state == UM_STATE_DISCONNECTED)
            return UM_OK;
        int64_t gap_ns = um_mark_elapsed_ns(before->r_ns, after->q_ns);
        if (gap_ns <= judge->thresholds->poll_gap_ns)
            continue;
        const uint64_t frames[] = {before->r_frame, after->q_frame};
        int err = um_findings_add(
            &call->findings, UM_FINDING_POLL_GAP, SIZE_MAX, frames, 2,
            um_arena_printf(call->findings.arena,
                            "Nobody asked for the call's state for %.1f s: a short one can have "
                            "been missed.",
                            (double)gap_ns / 1e9));
        if (err)
            return err;
    }
    return UM_OK;
}

/* The fullest second, by the first of its polls. */
static int
find_storm(struct um_call *call, const struct poll *polls, size_t count)
{
    size_t fullest = 0, at = 0, end = 0;
    for (size_t i = 0; i < count; i++) {
        while (end < count && um_mark_elapsed_ns(polls[i].q_ns, polls[end].q_ns) < SECOND_NS)
            end++;
        if (end - i > fullest) {
            fullest = end - i;
            at = i;
        }
    }
    if (fullest <= STORM_MAX)
        return UM_OK;
    const uint64_t frames[] = {polls[at].frame, polls[at + fullest - 1].frame};
    return um_findings_add(&call->findings, UM_FINDING_POLL_STORM, SIZE_MAX, frames, 2,
                           um_arena_printf(call->findings.arena,
                                           "The client polled %zu times within a second.",
                                           fullest));
}

int
um_findings_polls_make(const struct um_judge *judge, struct um_call *call)
{
    struct poll *polls = calloc(judge->count, sizeof *polls);
    if (!polls)
        return UM_ERR_NOMEM;
    size_t count = list_polls(judge, polls);
    int err = find_after_end(call, polls, count);
    if (!err)
        err = find_gaps(judge, call);
    if (!err)
        err = find_storm(call, polls, count);
    free(polls);
    return err;
}
