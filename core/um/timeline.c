/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Observations in order become spans with bounds. With the samples in their order, sample i was
 * taken not before L(i), the greatest q up to i, and not after U(i), the least r from i on.
 */
#include "core/um/timeline.h"

#include "core/base/err.h"
#include "core/base/mark.h"
#include "core/um/order.h"

struct bounds {
    int64_t lower_ns; /* L */
    int64_t upper_ns; /* U */
};

static const struct {
    const char *name;
    const char *meaning;
} state_table[] = {
    [UM_STATE_IDLE] = {"Idle", "no call yet; unusual for this operation"},
    [UM_STATE_CONNECTING] = {"Connecting", "dialling, or waiting for an answer"},
    [UM_STATE_ALERTED] = {"Alerted", "ringing; unusual for this operation"},
    [UM_STATE_CONNECTED] = {"Connected", "the call is up"},
    [UM_STATE_DISCONNECTED] = {"Disconnected", "the call is over"},
    [UM_STATE_INCOMING] = {"Incoming", "an inbound call; unusual for this operation"},
    [UM_STATE_TRANSFERRING] = {"Transferring", "being transferred; unusual for this operation"},
    [UM_STATE_FORWARDING] = {"Forwarding", "being forwarded; unusual for this operation"},
    [UM_STATE_UNKNOWN] = {"", "not a CallState of the schema"},
};

static const struct {
    const char *name;
    const char *meaning;
} cause_table[] = {
    [UM_CAUSE_NONE] = {"None", "not disconnected, or no cause known, or ended after it was up"},
    [UM_CAUSE_USER_BUSY] = {"UserBusy", "the line was busy"},
    [UM_CAUSE_NO_ANSWER] = {"NoAnswer", "nobody answered"},
    [UM_CAUSE_UNAVAILABLE] = {"Unavailable", "the number was not available"},
    [UM_CAUSE_OTHER] = {"Other", "set-up failed for another reason"},
    [UM_CAUSE_UNKNOWN] = {"", "not an EventCause of the schema"},
    [UM_CAUSE_ABSENT] = {"", "the reply told no cause"},
};

enum um_state
um_state_of(struct um_span text)
{
    for (unsigned i = 0; i < UM_STATE_UNKNOWN; i++) {
        if (um_span_equal(text, um_span_text(state_table[i].name)))
            return (enum um_state)i;
    }
    return UM_STATE_UNKNOWN;
}

enum um_cause
um_cause_of(struct um_span text)
{
    if (text.len == 0)
        return UM_CAUSE_ABSENT;
    for (unsigned i = 0; i < UM_CAUSE_UNKNOWN; i++) {
        if (um_span_equal(text, um_span_text(cause_table[i].name)))
            return (enum um_cause)i;
    }
    return UM_CAUSE_UNKNOWN;
}

const char *
um_state_meaning(enum um_state state)
{
    return state_table[state].meaning;
}

const char *
um_cause_meaning(enum um_cause cause)
{
    return cause_table[cause].meaning;
}

static bool
same_state(const struct um_observation *a, const struct um_observation *b)
{
    return a->state == b->state &&
           (a->state != UM_STATE_UNKNOWN || um_span_equal(a->state_text, b->state_text));
}

/* A reply that began before its request had ended was sampled no later than it began. */
static void
straighten(struct um_observation *observations, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (observations[i].q_ns > observations[i].r_ns)
            observations[i].q_ns = observations[i].r_ns;
    }
}

static void
find_bounds(const struct um_observation *ordered, size_t count, struct bounds *bounds)
{
    int64_t lower = INT64_MIN, upper = INT64_MAX;
    for (size_t i = 0; i < count; i++) {
        lower = ordered[i].q_ns > lower ? ordered[i].q_ns : lower;
        bounds[i].lower_ns = lower;
    }
    for (size_t i = count; i-- > 0;) {
        upper = ordered[i].r_ns < upper ? ordered[i].r_ns : upper;
        bounds[i].upper_ns = upper;
    }
}

static size_t
count_spans(const struct um_observation *ordered, size_t count)
{
    size_t spans = count > 0 ? 1 : 0;
    for (size_t i = 1; i < count; i++)
        spans += same_state(&ordered[i - 1], &ordered[i]) ? 0 : 1;
    return spans;
}

static bool
tells_more(enum um_cause told, enum um_cause known)
{
    bool is_real = told != UM_CAUSE_NONE && told != UM_CAUSE_ABSENT;
    bool was_real = known != UM_CAUSE_NONE && known != UM_CAUSE_ABSENT;
    return is_real || (!was_real && told != UM_CAUSE_ABSENT);
}

/* What the observations [first, last] say by themselves. */
static struct um_span_of_state
summarise(const struct um_observation *ordered, size_t first, size_t last)
{
    struct um_span_of_state span = {
        .state = ordered[first].state,
        .state_text = ordered[first].state_text,
        .cause = UM_CAUSE_ABSENT,
        .implied = true,
        .first = first,
        .last = last,
        .first_frame = ordered[first].r_frame,
        .last_frame = ordered[last].r_frame,
    };
    for (size_t i = first; i <= last; i++) {
        span.implied = span.implied && ordered[i].implied;
        if (tells_more(ordered[i].cause, span.cause)) {
            span.cause = ordered[i].cause;
            span.cause_text = ordered[i].cause_text;
        }
    }
    return span;
}

static void
set_bounds(struct um_span_of_state *span, const struct bounds *bounds, size_t count,
           const int64_t *origin_q_ns)
{
    span->began_by_ns = bounds[span->first].upper_ns;
    span->has_began_after = span->first > 0 || origin_q_ns != NULL;
    if (span->first > 0)
        span->began_after_ns = bounds[span->first - 1].lower_ns;
    else if (origin_q_ns) /* a reply may begin before its request has ended */
        span->began_after_ns = *origin_q_ns < span->began_by_ns ? *origin_q_ns : span->began_by_ns;

    span->ended_after_ns = bounds[span->last].lower_ns;
    span->has_ended_by = span->last + 1 < count;
    if (span->has_ended_by)
        span->ended_by_ns = bounds[span->last + 1].upper_ns;

    int64_t least = um_mark_elapsed_ns(span->began_by_ns, span->ended_after_ns);
    span->min_ns = least > 0 ? least : 0;
    span->has_max = span->has_began_after && span->has_ended_by;
    if (span->has_max)
        span->max_ns = um_mark_elapsed_ns(span->began_after_ns, span->ended_by_ns);
}

static void
make_spans(const struct um_observation *ordered, size_t count, const struct bounds *bounds,
           const int64_t *origin_q_ns, struct um_span_of_state *out)
{
    size_t first = 0;
    for (size_t i = 1; i <= count; i++) {
        if (i < count && same_state(&ordered[i - 1], &ordered[i]))
            continue;
        *out = summarise(ordered, first, i - 1);
        set_bounds(out, bounds, count, origin_q_ns);
        out++;
        first = i;
    }
}

int
um_timeline_build(const struct um_observation *observations, size_t count,
                  const int64_t *origin_q_ns, struct um_arena *arena, struct um_timeline *out)
{
    struct um_observation *ordered = um_arena_array(arena, count, sizeof *ordered);
    struct bounds *bounds = um_arena_array(arena, count, sizeof *bounds);
    if (!ordered || !bounds)
        return UM_ERR_NOMEM;
    if (count > 0)
        memcpy(ordered, observations, count * sizeof *ordered);
    straighten(ordered, count);
    int err = um_order_observations(ordered, count);
    if (err)
        return err;
    find_bounds(ordered, count, bounds);

    size_t span_count = count_spans(ordered, count);
    struct um_span_of_state *spans = um_arena_array(arena, span_count, sizeof *spans);
    if (!spans)
        return UM_ERR_NOMEM;
    if (count > 0)
        make_spans(ordered, count, bounds, origin_q_ns, spans);
    *out = (struct um_timeline){.observations = ordered,
                                .observation_count = count,
                                .spans = spans,
                                .span_count = span_count};
    return UM_OK;
}
