/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The first reason that holds; docs/findings.md tells them to the user. */
#include "offline/http/ending.h"

void
um_http_ending_miss(struct um_http_ending *ending, enum um_gap_cause cause)
{
    bool is_whole_direction = cause == UM_GAP_UNSEEN || cause == UM_GAP_SEALED;
    ending->is_unseen = ending->is_unseen || is_whole_direction;
}

void
um_http_ending_set(struct um_http_ending *ending, enum um_end why)
{
    ending->has_ended = true;
    ending->end = why;
}

static bool
is_ended_by(const struct um_http_ending *ending, enum um_end why)
{
    return ending->has_ended && ending->end == why;
}

enum um_unanswered
um_http_ending_why(const struct um_http_ending *requests, const struct um_http_ending *replies,
                   enum um_unanswered known)
{
    if (!replies->has_bytes && replies->is_unseen)
        return UM_UNANSWERED_ONE_SIDED;
    if (known != UM_UNANSWERED_NO)
        return known;
    if (is_ended_by(replies, UM_END_RESET) || is_ended_by(requests, UM_END_RESET))
        return UM_UNANSWERED_RESET;
    if (is_ended_by(replies, UM_END_FIN) || is_ended_by(replies, UM_END_REPLACED))
        return UM_UNANSWERED_CLOSED;
    if (is_ended_by(replies, UM_END_EVICTED) || is_ended_by(requests, UM_END_EVICTED))
        return UM_UNANSWERED_GIVEN_UP;
    return UM_UNANSWERED_CAPTURE_END;
}
