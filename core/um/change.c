/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rules of docs/timeline.md ("Order"), as far as they can be kept without knowing what comes.
 */
#include "core/um/change.h"

#include "core/um/order.h"

static bool
is_same_state(const struct um_observation *a, const struct um_observation *b)
{
    return a->state == b->state &&
           (a->state != UM_STATE_UNKNOWN || um_span_equal(a->state_text, b->state_text));
}

static bool
is_real(enum um_cause cause)
{
    return cause != UM_CAUSE_NONE && cause != UM_CAUSE_ABSENT;
}

/* The server may have taken this sample before the last one. */
static bool
is_older_news(const struct um_standing *standing, const struct um_observation *observation)
{
    const struct um_observation *last = &standing->last;
    if (um_order_surely_before(last, observation))
        return false;
    if (um_order_surely_before(observation, last) || last->state == UM_STATE_DISCONNECTED)
        return true;
    return standing->has_before && standing->before == observation->state &&
           (observation->state != UM_STATE_UNKNOWN ||
            um_span_equal(standing->before_text, observation->state_text));
}

/* The state stays; the cause may be new. */
static bool
note_same(struct um_standing *standing, const struct um_observation *observation,
          struct um_change *out)
{
    struct um_observation last = standing->last;
    bool has_news =
        is_real(observation->cause) && !um_span_equal(observation->cause_text, last.cause_text);
    if (observation->r_ns > last.r_ns || has_news)
        standing->last = *observation;
    if (is_real(last.cause) && !is_real(observation->cause)) {
        standing->last.cause = last.cause;
        standing->last.cause_text = last.cause_text;
    }
    if (has_news)
        *out = (struct um_change){.from_text = last.state_text, .to = *observation};
    return has_news;
}

bool
um_standing_note(struct um_standing *standing, const struct um_observation *observation,
                 struct um_change *out)
{
    if (standing->is_known && is_same_state(&standing->last, observation))
        return note_same(standing, observation, out);
    if (standing->is_known && is_older_news(standing, observation))
        return false;
    *out = (struct um_change){
        .from_text = standing->is_known ? standing->last.state_text : um_span_of(NULL, 0),
        .to = *observation,
    };
    *standing = (struct um_standing){
        .is_known = true,
        .last = *observation,
        .has_before = standing->is_known,
        .before = standing->last.state,
        .before_text = standing->last.state_text,
    };
    return true;
}
