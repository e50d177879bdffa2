/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sentence for each outcome, put together from phrases; an error sticks. */
#include "offline/report/call_summary.h"

#include <inttypes.h>
#include <stdarg.h>

#include "core/base/err.h"
#include "offline/report/instant.h"

enum { WIRE_TEXT_MAX = 120 }; /* bytes of a text from the wire */

struct sentence {
    struct um_buf *buf;
    const struct um_report *report;
    const struct um_call *call;
    const struct um_exchange_record *origin; /* NULL: not captured */
    int err;
};

static void add(struct sentence *sentence, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
add(struct sentence *sentence, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (!sentence->err)
        sentence->err = um_buf_vprintf(sentence->buf, format, args);
    va_end(args);
}

/* Text from the wire; what is long is cut between characters. */
static void
add_wire(struct sentence *sentence, struct um_span text)
{
    struct um_span shown = um_span_first(text, WIRE_TEXT_MAX);
    while (shown.len > 0 && shown.len < text.len && (text.data[shown.len] & 0xC0) == 0x80)
        shown.len--;
    if (!sentence->err)
        sentence->err = um_buf_append(sentence->buf, shown);
    if (shown.len < text.len)
        add(sentence, "...");
}

/* ---- phrases ---- */

static void
add_lasted(struct sentence *sentence, int64_t min_ns, bool has_max, int64_t max_ns)
{
    char text[2 * UM_INSTANT_TEXT_MAX];
    add(sentence, "%s", um_instant_range(min_ns, has_max, max_ns, text));
}

/* "Call 3 to 5550100" */
static void
add_subject(struct sentence *sentence, bool begins)
{
    add(sentence, "%s %" PRIu32, begins ? "Call" : "call", sentence->call->number);
    if (!sentence->origin || sentence->origin->dial_string.len == 0)
        return;
    add(sentence, " to ");
    add_wire(sentence, sentence->origin->dial_string);
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

/* True when it is known how long after its placing the state began. */
static bool
is_placed(const struct sentence *sentence, const struct um_span_of_state *span)
{
    return sentence->origin && span && span->has_began_after;
}

/* " 1.280 to 2.320 s after it was placed"; nothing where the placing was not captured. */
static void
add_beginning(struct sentence *sentence, const struct um_span_of_state *span)
{
    if (!is_placed(sentence, span))
        return;
    int64_t from_ns = sentence->origin->request_last.time_ns;
    add(sentence, " ");
    add_lasted(sentence, um_mark_elapsed_ns(from_ns, span->began_after_ns), true,
               um_mark_elapsed_ns(from_ns, span->began_by_ns));
    add(sentence, " after it was placed");
}

struct um_time_up
um_call_summary_time_up(const struct um_call *call)
{
    struct um_time_up up = {.has_max = true};
    bool overflows = false;
    for (size_t i = 0; i < call->timeline.span_count; i++) {
        const struct um_span_of_state *span = &call->timeline.spans[i];
        if (span->state != UM_STATE_CONNECTED)
            continue;
        up.times++;
        up.has_max = up.has_max && span->has_max;
        overflows = __builtin_add_overflow(up.min_ns, span->min_ns, &up.min_ns) || overflows;
        if (span->has_max)
            overflows = __builtin_add_overflow(up.max_ns, span->max_ns, &up.max_ns) || overflows;
    }
    if (overflows)
        up = (struct um_time_up){.times = up.times};
    return up;
}

/* "up for 1.040 to 2.120 s" */
static void
add_time_up(struct sentence *sentence)
{
    struct um_time_up up = um_call_summary_time_up(sentence->call);
    add(sentence, "up for ");
    add_lasted(sentence, up.min_ns, up.has_max, up.max_ns);
    if (up.times > 1)
        add(sentence, " in %zu stretches", up.times);
}

/* What the telephone side said: told by the successor, else what Exchange makes the cause of. */
static void
add_gateway(struct sentence *sentence)
{
    const struct um_call *call = sentence->call;
    for (size_t i = call->member_count; i > 0; i--) {
        const struct um_exchange_record *record =
            um_calls_exchange(sentence->report->calls, call->members[i - 1].exchange);
        if (record->sip_code.len == 0)
            continue;
        add(sentence, "; the gateway answered ");
        add_wire(sentence, record->sip_code);
        add(sentence, record->sip_text.len > 0 ? " " : "");
        add_wire(sentence, record->sip_text);
        return;
    }
    if (call->cause == UM_CAUSE_NO_ANSWER)
        add(sentence, "; the gateway answered 480 or the like");
    else if (call->cause == UM_CAUSE_USER_BUSY)
        add(sentence, "; the gateway answered 486 or the like");
}

static bool
is_refused(const struct um_exchange_record *record)
{
    return record->is_fault || record->is_service_error || record->http_status >= 400;
}

/* The exchange that shows why the call was rejected, its origin if that was; NULL: none does. */
static const struct um_exchange_record *
find_refusal(const struct sentence *sentence)
{
    const struct um_call *call = sentence->call;
    if (sentence->origin && is_refused(sentence->origin))
        return sentence->origin;
    for (size_t i = 0; i < call->member_count; i++) {
        const struct um_exchange_record *record =
            um_calls_exchange(sentence->report->calls, call->members[i].exchange);
        if (is_refused(record) && !record->authentication_failed)
            return record;
    }
    return NULL;
}

/* "DialingRulesException", "HTTP status 500" */
static void
add_refusal_name(struct sentence *sentence, const struct um_exchange_record *record)
{
    if (record->fault_exception.len > 0)
        add_wire(sentence, record->fault_exception);
    else if (record->fault_code.len > 0)
        add_wire(sentence, record->fault_code);
    else
        add(sentence, "HTTP status %u", record->http_status);
}

/* ": PlayOnPhone drew DialingRulesException ("...")" */
static void
add_refusal(struct sentence *sentence, const struct um_exchange_record *record)
{
    add(sentence, ": %s drew ", um_operation_name(record->operation));
    add_refusal_name(sentence, record);
    if (record->fault_text.len == 0)
        return;
    add(sentence, " (\"");
    add_wire(sentence, record->fault_text);
    add(sentence, "\")");
}

static const struct um_span_of_state *
last_span(const struct um_call *call)
{
    return &call->timeline.spans[call->timeline.span_count - 1];
}

/* False where a live state was told after the end. */
static bool
is_over(const struct um_call *call)
{
    return last_span(call)->state == UM_STATE_DISCONNECTED;
}

/* ---- outcomes ---- */

static void
tell_completed(struct sentence *sentence)
{
    const struct um_span_of_state *up = first_span(sentence->call, UM_STATE_CONNECTED);
    add_subject(sentence, true);
    if (is_placed(sentence, up)) {
        add(sentence, " was answered");
        add_beginning(sentence, up);
        add(sentence, ",");
    }
    add(sentence, " was ");
    add_time_up(sentence);
    if (is_over(sentence->call)) {
        add(sentence, " and is over.");
    } else {
        add(sentence, "; it was told Disconnected, and ");
        add_wire(sentence, last_span(sentence->call)->state_text);
        add(sentence, " after that.");
    }
}

static void
add_cause(struct sentence *sentence)
{
    add(sentence, " ended with ");
    add_wire(sentence, sentence->call->cause_text);
    add(sentence, " (%s)", um_cause_meaning(sentence->call->cause));
}

static void
tell_failed(struct sentence *sentence)
{
    const struct um_call *call = sentence->call;
    const struct um_span_of_state *end = first_span(call, UM_STATE_DISCONNECTED);
    bool was_up = first_span(call, UM_STATE_CONNECTED) != NULL;
    add_subject(sentence, true);
    if (call->cause == UM_CAUSE_NO_ANSWER && !was_up && is_placed(sentence, end)) {
        add(sentence, " rang for ");
        add_lasted(sentence, 0, true,
                   um_mark_elapsed_ns(sentence->origin->request_last.time_ns, end->began_by_ns));
        add(sentence, " and");
        add_cause(sentence);
    } else {
        add_cause(sentence);
        add_beginning(sentence, end);
    }
    if (was_up) {
        add(sentence, ", having been ");
        add_time_up(sentence);
    } else {
        add_gateway(sentence);
    }
    add(sentence, ".");
}

static void
tell_not_connected(struct sentence *sentence)
{
    add_subject(sentence, true);
    add(sentence, " ended without a cause");
    add_beginning(sentence, first_span(sentence->call, UM_STATE_DISCONNECTED));
    add(sentence, "; no poll saw it connected.");
}

static void
tell_open(struct sentence *sentence)
{
    const struct um_span_of_state *last = last_span(sentence->call);
    add_subject(sentence, true);
    if (last->implied) {
        add(sentence, " was placed; no reply in the capture tells its state.");
        return;
    }
    add(sentence, " was last seen ");
    add_wire(sentence, last->state_text);
    if (last->min_ns > 0) {
        add(sentence, ", for ");
        add_lasted(sentence, last->min_ns, false, 0);
    }
    add(sentence, "; its end is not in the capture.");
}

static void
tell_rejected(struct sentence *sentence)
{
    const struct um_exchange_record *refusal = find_refusal(sentence);
    bool by_origin = refusal && refusal == sentence->origin;
    add_subject(sentence, true);
    add(sentence,
        by_origin ? " was refused by the server" : " was refused by every reply about it");
    if (refusal)
        add_refusal(sentence, refusal);
    add(sentence, ".");
}

static void
tell_unknown(struct sentence *sentence)
{
    add(sentence, "What became of ");
    add_subject(sentence, false);
    add(sentence, " is unknown: no reply tells its state.");
}

static struct sentence
begin(struct um_buf *buf, const struct um_report *report, const struct um_call *call)
{
    return (struct sentence){
        .buf = buf,
        .report = report,
        .call = call,
        .origin = call->origin == SIZE_MAX ? NULL : um_calls_exchange(report->calls, call->origin),
    };
}

int
um_call_summary_append(struct um_buf *buf, const struct um_report *report,
                       const struct um_call *call)
{
    static void (*const tell[UM_OUTCOME_COUNT])(struct sentence *) = {
        [UM_OUTCOME_REJECTED] = tell_rejected,   [UM_OUTCOME_FAILED] = tell_failed,
        [UM_OUTCOME_COMPLETED] = tell_completed, [UM_OUTCOME_NOT_CONNECTED] = tell_not_connected,
        [UM_OUTCOME_OPEN] = tell_open,           [UM_OUTCOME_UNKNOWN] = tell_unknown,
    };
    struct sentence sentence = begin(buf, report, call);
    tell[call->outcome](&sentence);
    return sentence.err;
}

int
um_call_summary_why(struct um_buf *buf, const struct um_report *report, const struct um_call *call)
{
    struct sentence sentence = begin(buf, report, call);
    const struct um_exchange_record *refusal =
        call->outcome == UM_OUTCOME_REJECTED ? find_refusal(&sentence) : NULL;
    if (call->outcome == UM_OUTCOME_FAILED)
        add_wire(&sentence, call->cause_text);
    else if (refusal)
        add_refusal_name(&sentence, refusal);
    return sentence.err;
}
