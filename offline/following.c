/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Time is the capture's own, so that a file read in a second gives the same lines as the hour it
 * took to capture. */
#include "offline/following.h"

#include "offline/report/news.h"
#include "offline/selection.h"

static const int64_t SECOND_NS = 1000000000;

enum {
    RELEASE_EVERY_S = 5,
    QUIET_S = 30,    /* of a call that is over: late polls and other hops still join it; and of a
                        request whose credentials were refused */
    SILENT_S = 3600, /* of one that never was: nobody asks any more */
};

void
um_following_begin(struct um_following *following)
{
    um_follow_begin(following->calls);
    following->now_ns = INT64_MIN;
    following->due_ns = 0;
    following->is_found = false;
}

int
um_following_added(struct um_following *following)
{
    struct um_news news;
    size_t latest = um_calls_exchange_count(following->calls) - 1;
    if (!um_follow_note(following->calls, latest, &news) ||
        !um_selection_has_exchange(following->options, news.record))
        return UM_OK;
    return um_report_news(&news, following->options->format, &following->style, following->out);
}

static int
tell_released(void *ctx, const struct um_calls *calls, const struct um_call *call)
{
    struct um_following *following = ctx;
    const struct um_options *options = following->options;
    struct um_report report = {.calls = calls};
    if (!um_selection_has_call(options, call))
        return UM_OK;
    for (size_t i = 0; i < call->findings.count && options->has_fail_on; i++) {
        if (um_finding_severity(call->findings.items[i].name) >= options->fail_on)
            following->is_found = true;
    }
    return um_report_released(&report, call, options->format, &following->style, following->out);
}

/* A poll that hangs is none of its call's exchanges yet, and one of its facts all the same. */
static int
hold_call(void *ctx, const struct um_message *question)
{
    struct um_following *following = ctx;
    return um_follow_hold(following->calls, um_message_text(question, UM_FIELD_CALL_ID));
}

int
um_following_time(struct um_following *following, int64_t time_ns)
{
    if (time_ns > following->now_ns)
        following->now_ns = time_ns;
    if (following->now_ns < following->due_ns)
        return UM_OK;
    bool is_first = following->due_ns == 0;
    following->due_ns = following->now_ns + RELEASE_EVERY_S * SECOND_NS;
    struct um_release_rule rule = {.over_before_ns = following->now_ns - QUIET_S * SECOND_NS,
                                   .silent_before_ns = following->now_ns - SILENT_S * SECOND_NS};
    if (is_first)
        return UM_OK;
    int err = um_recogniser_give_up(following->recogniser, rule.over_before_ns);
    if (!err)
        err = um_recogniser_each_waiting(following->recogniser, hold_call, following);
    return err ? err : um_follow_release(following->calls, &rule, tell_released, following);
}
