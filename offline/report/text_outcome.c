/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sentence for each outcome. Times are bounds: nothing is said to have happened at an instant. */
#include "offline/report/text_outcome.h"

#include "offline/report/instant.h"
#include "offline/report/text_parts.h"

enum { WIRE_TEXT_MAX = 120 }; /* columns of a text from the wire in a sentence */

static const struct um_exchange_record *
origin_of(const struct um_report *report, const struct um_call *call)
{
    return call->origin == SIZE_MAX ? NULL : um_calls_exchange(report->calls, call->origin);
}

static const struct um_span_of_state *
first_span(const struct um_call *call, enum um_state state)
{
    for (size_t i = 0; i < call->timeline.span_count; i++) {
        if (call->timeline.spans[i].state == state)
            return &call->timeline.spans[i];
    }
    return NULL;
}

/* " 1.280 to 2.320 s after it was placed"; nothing where the beginning was not captured. */
static void
add_beginning(struct um_page *page, const struct um_exchange_record *origin,
              const struct um_span_of_state *span)
{
    if (!origin || !span->has_began_after)
        return;
    int64_t from_ns = origin->request_last.time_ns;
    um_page_add(page, " ");
    um_text_lasted(page, um_mark_elapsed_ns(from_ns, span->began_after_ns), true,
                   um_mark_elapsed_ns(from_ns, span->began_by_ns));
    um_page_add(page, " after it was placed");
}

/* "it was up for 1.040 to 2.120 s", over all the times it was connected. */
static void
add_time_up(struct um_page *page, const struct um_call *call)
{
    int64_t min_ns = 0, max_ns = 0;
    size_t times = 0;
    bool has_max = true, overflows = false;
    for (size_t i = 0; i < call->timeline.span_count; i++) {
        const struct um_span_of_state *span = &call->timeline.spans[i];
        if (span->state != UM_STATE_CONNECTED)
            continue;
        times++;
        has_max = has_max && span->has_max;
        overflows = __builtin_add_overflow(min_ns, span->min_ns, &min_ns) || overflows;
        if (span->has_max)
            overflows = __builtin_add_overflow(max_ns, span->max_ns, &max_ns) || overflows;
    }
    um_page_add(page, "up for ");
    um_text_lasted(page, overflows ? 0 : min_ns, has_max && !overflows, max_ns);
    if (times > 1)
        um_page_add(page, " in %zu stretches", times);
}

static void
tell_completed(struct um_page *page, const struct um_exchange_record *origin,
               const struct um_call *call)
{
    const struct um_span_of_state *up = first_span(call, UM_STATE_CONNECTED);
    um_page_add(page, "The call was ");
    if (origin && up->has_began_after) {
        um_page_add(page, "answered");
        add_beginning(page, origin, up);
        um_page_add(page, ", was ");
    }
    add_time_up(page, call);
    um_page_add(page, " and is over.");
}

static void
tell_failed(struct um_page *page, const struct um_exchange_record *origin,
            const struct um_call *call)
{
    um_page_add(page, "The call failed with ");
    um_page_short(page, call->cause_text, WIRE_TEXT_MAX);
    um_page_add(page, " (%s)", um_cause_meaning(call->cause));
    um_page_add(page, ": it ended");
    add_beginning(page, origin, first_span(call, UM_STATE_DISCONNECTED));
    if (first_span(call, UM_STATE_CONNECTED)) {
        um_page_add(page, ", having been ");
        add_time_up(page, call);
        um_page_add(page, ".");
    } else {
        um_page_add(page, " and no poll saw it connected.");
    }
}

static void
tell_not_connected(struct um_page *page, const struct um_exchange_record *origin,
                   const struct um_call *call)
{
    um_page_add(page, "The call ended without a cause");
    add_beginning(page, origin, first_span(call, UM_STATE_DISCONNECTED));
    um_page_add(page, ", and no poll saw it connected.");
}

static void
tell_open(struct um_page *page, const struct um_call *call)
{
    const struct um_span_of_state *last = &call->timeline.spans[call->timeline.span_count - 1];
    if (last->implied) {
        um_page_add(page, "The call was placed; no reply in the capture tells its state.");
        return;
    }
    um_page_add(page, "The call was last seen ");
    um_page_short(page, last->state_text, WIRE_TEXT_MAX);
    if (last->min_ns > 0) {
        um_page_add(page, ", for ");
        um_text_lasted(page, last->min_ns, false, 0);
    }
    um_page_add(page, "; its end is not in the capture.");
}

/* "PlayOnPhone drew DialingRulesException ("..."), HTTP status 500" */
static void
add_refusal(struct um_page *page, const struct um_exchange_record *record)
{
    struct um_span name =
        record->fault_exception.len > 0 ? record->fault_exception : record->fault_code;
    um_page_add(page, "%s drew ", um_operation_name(record->operation));
    if (name.len > 0)
        um_page_short(page, name, WIRE_TEXT_MAX);
    else
        um_page_add(page, "HTTP status %u", record->http_status);
    if (record->fault_text.len > 0) {
        um_page_add(page, " (\"");
        um_page_short(page, record->fault_text, WIRE_TEXT_MAX);
        um_page_add(page, "\")");
    }
}

static bool
is_refused(const struct um_exchange_record *record)
{
    return record->is_fault || record->is_service_error || record->http_status >= 400;
}

static void
tell_rejected(struct um_page *page, const struct um_report *report,
              const struct um_exchange_record *origin, const struct um_call *call)
{
    if (origin && is_refused(origin)) {
        um_page_add(page, "The server refused to place the call: ");
        add_refusal(page, origin);
        um_page_add(page, ".");
        return;
    }
    um_page_add(page, "Every reply about this call is a refusal");
    for (size_t i = 0; i < call->member_count; i++) {
        const struct um_exchange_record *record =
            um_calls_exchange(report->calls, call->members[i].exchange);
        if (!is_refused(record) || record->authentication_failed)
            continue;
        um_page_add(page, ": ");
        add_refusal(page, record);
        break;
    }
    um_page_add(page, ".");
}

void
um_text_outcome(struct um_page *page, const struct um_report *report, const struct um_call *call)
{
    const struct um_exchange_record *origin = origin_of(report, call);
    switch (call->outcome) {
    case UM_OUTCOME_REJECTED:
        tell_rejected(page, report, origin, call);
        break;
    case UM_OUTCOME_FAILED:
        tell_failed(page, origin, call);
        break;
    case UM_OUTCOME_COMPLETED:
        tell_completed(page, origin, call);
        break;
    case UM_OUTCOME_NOT_CONNECTED:
        tell_not_connected(page, origin, call);
        break;
    case UM_OUTCOME_OPEN:
        tell_open(page, call);
        break;
    default:
        um_page_add(page, "What became of the call is unknown: no reply tells its state.");
        break;
    }
}
