/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A cell is at most two figures and the mark between them. */
#include "offline/report/span_cells.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/base/mark.h"

struct um_span_axis
um_span_axis_of(const struct um_timeline *timeline, const int64_t *origin_q_ns, const char *range)
{
    struct um_span_axis axis = {.zero_ns = timeline->observations[0].q_ns,
                                .end_ns = timeline->observations[0].r_ns,
                                .range = range};
    for (size_t i = 1; i < timeline->observation_count; i++) {
        const struct um_observation *o = &timeline->observations[i];
        axis.zero_ns = o->q_ns < axis.zero_ns ? o->q_ns : axis.zero_ns;
        axis.end_ns = o->r_ns > axis.end_ns ? o->r_ns : axis.end_ns;
    }
    if (origin_q_ns)
        axis.zero_ns = *origin_q_ns;
    axis.decimals = um_instant_decimals(um_mark_elapsed_ns(axis.zero_ns, axis.end_ns));
    return axis;
}

struct um_span
um_span_cell_cause(const struct um_span_of_state *span)
{
    return span->implied ? um_span_text("(implied)") : span->cause_text;
}

const char *
um_span_axis_seconds(const struct um_span_axis *axis, int64_t time_ns, enum um_rounding rounding,
                     char out[UM_INSTANT_TEXT_MAX])
{
    return um_instant_seconds(um_mark_elapsed_ns(axis->zero_ns, time_ns), axis->decimals, rounding,
                              out);
}

bool
um_span_is_over(const struct um_span_of_state *span)
{
    return span->state == UM_STATE_DISCONNECTED && !span->has_ended_by;
}

static void
write_lasted(const struct um_span_axis *axis, const struct um_span_of_state *span,
             char out[UM_SPAN_CELL_TEXT_MAX])
{
    char least[UM_INSTANT_TEXT_MAX], most[UM_INSTANT_TEXT_MAX];
    um_instant_seconds(span->min_ns, axis->decimals, UM_ROUND_DOWN, least);
    um_instant_seconds(span->max_ns, axis->decimals, UM_ROUND_UP, most);
    if (um_span_is_over(span))
        (void)snprintf(out, UM_SPAN_CELL_TEXT_MAX, "-");
    else if (span->has_max)
        (void)snprintf(out, UM_SPAN_CELL_TEXT_MAX, "%s%s%s", least, axis->range, most);
    else if (span->min_ns > 0)
        (void)snprintf(out, UM_SPAN_CELL_TEXT_MAX, "%s or more", least);
    else
        (void)snprintf(out, UM_SPAN_CELL_TEXT_MAX, "not known");
}

static void
write_began(const struct um_span_axis *axis, const struct um_span_of_state *span,
            char out[UM_SPAN_CELL_TEXT_MAX])
{
    char after[UM_INSTANT_TEXT_MAX], by[UM_INSTANT_TEXT_MAX];
    um_span_axis_seconds(axis, span->began_by_ns, UM_ROUND_UP, by);
    if (span->has_began_after)
        (void)snprintf(out, UM_SPAN_CELL_TEXT_MAX, "%s%s%s",
                       um_span_axis_seconds(axis, span->began_after_ns, UM_ROUND_DOWN, after),
                       axis->range, by);
    else
        (void)snprintf(out, UM_SPAN_CELL_TEXT_MAX, "by %s", by);
}

static void
write_ended(const struct um_span_axis *axis, const struct um_span_of_state *span,
            char out[UM_SPAN_CELL_TEXT_MAX])
{
    char after[UM_INSTANT_TEXT_MAX], by[UM_INSTANT_TEXT_MAX];
    um_span_axis_seconds(axis, span->ended_after_ns, UM_ROUND_DOWN, after);
    if (um_span_is_over(span))
        (void)snprintf(out, UM_SPAN_CELL_TEXT_MAX, "-");
    else if (span->has_ended_by)
        (void)snprintf(out, UM_SPAN_CELL_TEXT_MAX, "%s%s%s", after, axis->range,
                       um_span_axis_seconds(axis, span->ended_by_ns, UM_ROUND_UP, by));
    else
        (void)snprintf(out, UM_SPAN_CELL_TEXT_MAX, "after %s", after);
}

static void
write_frames(const struct um_span_axis *axis, const struct um_span_of_state *span,
             char out[UM_SPAN_CELL_TEXT_MAX])
{
    if (span->first_frame == span->last_frame)
        (void)snprintf(out, UM_SPAN_CELL_TEXT_MAX, "%" PRIu64, span->first_frame);
    else
        (void)snprintf(out, UM_SPAN_CELL_TEXT_MAX, "%" PRIu64 "%s%" PRIu64, span->first_frame,
                       axis->range, span->last_frame);
}

void
um_span_cell(const struct um_span_axis *axis, const struct um_span_of_state *span,
             enum um_span_cell cell, char out[UM_SPAN_CELL_TEXT_MAX])
{
    static void (*const write[UM_SPAN_CELL_COUNT])(const struct um_span_axis *,
                                                   const struct um_span_of_state *,
                                                   char[UM_SPAN_CELL_TEXT_MAX]) = {
        [UM_SPAN_CELL_LASTED] = write_lasted,
        [UM_SPAN_CELL_BEGAN] = write_began,
        [UM_SPAN_CELL_ENDED] = write_ended,
        [UM_SPAN_CELL_FRAMES] = write_frames,
    };
    write[cell](axis, span, out);
}
