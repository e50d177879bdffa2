/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings about a call: each function looks for one thing in the judged call. */
#include "core/um/findings_call.h"

#include <stdlib.h>

#include "core/base/err.h"
#include "core/base/symbols.h"
#include "core/um/findings_exchange.h"
#include "core/um/findings_polls.h"
#include "core/um/order.h"
#include "core/um/record.h"

struct maker {
    const struct um_judge *judge;
    struct um_call *call;
    struct um_findings *out;
    int err; /* sticky */
};

#define TEXT(maker, ...) um_arena_printf((maker)->out->arena, __VA_ARGS__)

static void
add(struct maker *maker, enum um_finding_name name, const uint64_t *frames, size_t count,
    const char *text)
{
    if (!maker->err)
        maker->err = um_findings_add(maker->out, name, SIZE_MAX, frames, count, text);
}

static bool
is_real_cause(const struct um_observation *o)
{
    return o->cause != UM_CAUSE_NONE && o->cause != UM_CAUSE_ABSENT;
}

static bool
is_ended(const struct um_observation *o)
{
    return o->state == UM_STATE_DISCONNECTED;
}

static double
seconds(int64_t ns)
{
    return (double)ns / 1e9;
}

/* "SIP 486 Busy Here" of the reply that told the cause, empty when it told none. */
static const char *
sip_of(struct maker *maker, const struct um_observation *o)
{
    for (size_t i = 0; i < maker->judge->count; i++) {
        const struct um_exchange_record *record = maker->judge->records[i];
        if (record->number - 1 == o->exchange && record->sip_code.len > 0)
            return TEXT(maker, "; SIP %.*s%s%s%.*s%s", UM_FINDING_SHOW(record->sip_code),
                        record->sip_text.len ? " " : "", UM_FINDING_SHOW(record->sip_text));
    }
    return "";
}

static const char *
highest_state(const struct um_timeline *timeline)
{
    const char *reached = NULL;
    for (size_t i = 0; i < timeline->span_count; i++) {
        switch (timeline->spans[i].state) {
        case UM_STATE_CONNECTED:
            return "after it had been connected";
        case UM_STATE_ALERTED:
            reached = "while it was ringing";
            break;
        case UM_STATE_DISCONNECTED:
            break;
        default:
            reached = reached ? reached : "while it was being connected";
            break;
        }
    }
    return reached ? reached : "before the first poll";
}

static void
find_failure(struct maker *maker)
{
    const struct um_timeline *timeline = &maker->call->timeline;
    for (size_t i = timeline->observation_count; i-- > 0;) {
        const struct um_observation *o = &timeline->observations[i];
        if (!is_ended(o) || !is_real_cause(o))
            continue;
        const char *sip = sip_of(maker, o);
        add(maker, UM_FINDING_CALL_FAILED, &o->r_frame, 1,
            sip ? TEXT(maker, "The call ended with %.*s%s %s (%s%s).",
                       UM_FINDING_SHOW(o->cause_text), highest_state(timeline),
                       um_cause_meaning(o->cause), sip)
                : NULL);
        return;
    }
}

static void
find_no_connection(struct maker *maker)
{
    const struct um_timeline *timeline = &maker->call->timeline;
    size_t i = 0;
    while (!is_ended(&timeline->observations[i]))
        i++;
    const struct um_observation *o = &timeline->observations[i];
    add(maker, UM_FINDING_CALL_NOT_CONNECTED, &o->r_frame, 1,
        TEXT(maker, "The call ended without a cause %s, and no poll saw it connected.",
             highest_state(timeline)));
}

static void
find_open_end(struct maker *maker)
{
    const struct um_timeline *timeline = &maker->call->timeline;
    const struct um_observation *o = &timeline->observations[timeline->observation_count - 1];
    add(maker, UM_FINDING_CALL_OPEN_AT_END, &o->r_frame, 1,
        TEXT(maker,
             "The last that was seen of this call is %.*s%s%s: its end is not in the capture.",
             UM_FINDING_SHOW(o->state_text), o->implied ? " (implied)" : ""));
}

static void
find_outcome(struct maker *maker)
{
    if (maker->call->outcome == UM_OUTCOME_FAILED)
        find_failure(maker);
    else if (maker->call->outcome == UM_OUTCOME_NOT_CONNECTED)
        find_no_connection(maker);
    else if (maker->call->outcome == UM_OUTCOME_OPEN)
        find_open_end(maker);
}

static void
find_missing_origin(struct maker *maker)
{
    if (maker->call->origin == SIZE_MAX)
        add(maker, UM_FINDING_CALL_ORIGIN_MISSING, &maker->call->first.frame, 1,
            "The request that placed this call is not in the capture.");
}

static void
find_stuck_spans(struct maker *maker)
{
    const struct um_timeline *timeline = &maker->call->timeline;
    for (size_t i = 0; i < timeline->span_count; i++) {
        const struct um_span_of_state *span = &timeline->spans[i];
        if (span->state == UM_STATE_CONNECTED || span->state == UM_STATE_DISCONNECTED ||
            span->min_ns < maker->judge->thresholds->stuck_after_ns)
            continue;
        const uint64_t frames[] = {span->first_frame, span->last_frame};
        add(maker, UM_FINDING_CALL_STUCK, frames, 2,
            TEXT(maker, "The call was %.*s%s for at least %.1f s.",
                 UM_FINDING_SHOW(span->state_text), seconds(span->min_ns)));
    }
}

/* A live state certainly after an end: the earliest reply that told the end decides. */
static void
find_revival(struct maker *maker)
{
    const struct um_timeline *timeline = &maker->call->timeline;
    const struct um_observation *end = NULL;
    for (size_t i = 0; i < timeline->observation_count; i++) {
        const struct um_observation *o = &timeline->observations[i];
        if (is_ended(o) && (!end || o->r_ns < end->r_ns))
            end = o;
    }
    for (size_t i = 0; i < timeline->observation_count && end; i++) {
        const struct um_observation *o = &timeline->observations[i];
        if (is_ended(o) || !um_order_surely_before(end, o))
            continue;
        const uint64_t frames[] = {end->r_frame, o->r_frame};
        add(maker, UM_FINDING_STATE_AFTER_END, frames, 2,
            TEXT(maker, "The call was %.*s%s again after it had been told Disconnected.",
                 UM_FINDING_SHOW(o->state_text)));
        return;
    }
}

static bool
is_unusual(enum um_state state)
{
    return state == UM_STATE_IDLE || state == UM_STATE_ALERTED || state == UM_STATE_INCOMING ||
           state == UM_STATE_TRANSFERRING || state == UM_STATE_FORWARDING;
}

/* The text is said of the first observation that has it only. */
static void
find_odd_texts(struct maker *maker, enum um_finding_name name, const char *format,
               struct um_span (*odd_text)(const struct um_observation *))
{
    const struct um_timeline *timeline = &maker->call->timeline;
    struct um_symbols seen = {0};
    for (size_t i = 0; i < timeline->observation_count && !maker->err; i++) {
        const struct um_observation *o = &timeline->observations[i];
        struct um_span text = odd_text(o);
        size_t known = seen.count, number;
        if (!text.data)
            continue;
        maker->err = um_symbols_add(&seen, text, &number, NULL);
        if (number < known)
            continue;
        add(maker, name, &o->r_frame, 1,
            TEXT(maker, "%s \"%.*s%s\".", format, UM_FINDING_SHOW(text)));
    }
    um_symbols_done(&seen);
}

static struct um_span
unusual_state(const struct um_observation *o)
{
    return is_unusual(o->state) ? o->state_text : um_span_of(NULL, 0);
}

static struct um_span
unknown_state(const struct um_observation *o)
{
    return o->state == UM_STATE_UNKNOWN ? o->state_text : um_span_of(NULL, 0);
}

static struct um_span
unknown_cause(const struct um_observation *o)
{
    return o->cause == UM_CAUSE_UNKNOWN ? o->cause_text : um_span_of(NULL, 0);
}

static void
find_odd_values(struct maker *maker)
{
    find_odd_texts(maker, UM_FINDING_STATE_UNUSUAL,
                   "The server told a state that is not expected of such a call:", unusual_state);
    find_odd_texts(maker, UM_FINDING_STATE_UNKNOWN,
                   "The server told a state that the schema does not have:", unknown_state);
    find_odd_texts(maker, UM_FINDING_CAUSE_UNKNOWN,
                   "The server told a cause that the schema does not have:", unknown_cause);
}

static void
find_cause_on_live_call(struct maker *maker)
{
    const struct um_timeline *timeline = &maker->call->timeline;
    for (size_t i = 0; i < timeline->observation_count; i++) {
        const struct um_observation *o = &timeline->observations[i];
        if (is_ended(o) || !is_real_cause(o))
            continue;
        add(maker, UM_FINDING_CAUSE_ON_LIVE_CALL, &o->r_frame, 1,
            TEXT(maker, "The server told the cause %.*s%s while the call was %.*s%s.",
                 UM_FINDING_SHOW(o->cause_text), UM_FINDING_SHOW(o->state_text)));
        return;
    }
}

/* The first end that told a cause told None, and a real one surely came after it. */
static void
find_late_cause(struct maker *maker)
{
    const struct um_timeline *timeline = &maker->call->timeline;
    const struct um_observation *none = NULL;
    for (size_t i = 0; i < timeline->observation_count; i++) {
        const struct um_observation *o = &timeline->observations[i];
        if (!is_ended(o) || o->cause == UM_CAUSE_ABSENT)
            continue;
        if (!none && is_real_cause(o))
            return;
        if (!none)
            none = o;
        if (!is_real_cause(o) || !um_order_surely_before(none, o))
            continue;
        const uint64_t frames[] = {none->r_frame, o->r_frame};
        add(maker, UM_FINDING_CAUSE_SETTLED_LATE, frames, 2,
            TEXT(maker, "Disconnected came with the cause None first and with %.*s%s later.",
                 UM_FINDING_SHOW(o->cause_text)));
        return;
    }
}

/* Where its CallId stands: in the reply of the request that placed the call, else in the request.
 */
static uint64_t
id_frame(const struct um_exchange_record *record)
{
    return um_operation_starts_call(record->operation) ? record->reply_first.frame
                                                       : record->request_last.frame;
}

static void
find_id_oddities(struct maker *maker)
{
    const struct um_call *call = maker->call;
    const struct um_exchange_record *own = NULL, *other_form = NULL, *other_server = NULL;
    for (size_t i = 0; i < maker->judge->count; i++) {
        const struct um_exchange_record *record = maker->judge->records[i];
        if (record->id.key.len == 0)
            continue;
        if (!own)
            own = record;
        if (!other_form && record->id.separator != call->id.separator)
            other_form = record;
        if (!other_server && !um_span_equal_nocase(record->id.server, call->id.server))
            other_server = record;
    }
    if (!own)
        return;
    uint64_t frames[] = {id_frame(own), 0};
    if (own->id.separator == 0)
        add(maker, UM_FINDING_CALL_ID_OPAQUE, frames, 1,
            "The CallId is not base64 of a GUID and a host name.");
    if (other_form) {
        frames[1] = id_frame(other_form);
        add(maker, UM_FINDING_CALL_ID_TWO_SPELLINGS, frames, 2,
            TEXT(maker, "The CallId is written with '%c' and with '%c' behind its GUID.",
                 call->id.separator, other_form->id.separator));
    }
    if (other_server) {
        frames[1] = id_frame(other_server);
        add(maker, UM_FINDING_CALL_MOVED, frames, 2,
            TEXT(maker, "The CallId names the server %.*s%s and the server %.*s%s.",
                 UM_FINDING_SHOW(call->id.server), UM_FINDING_SHOW(other_server->id.server)));
    }
}

static void
find_hops(struct maker *maker)
{
    const struct um_judge *judge = maker->judge;
    uint64_t frames[UM_FINDING_FRAMES_MAX] = {0};
    size_t repeats = 0;
    for (size_t i = 0; i < judge->count; i++) {
        if (um_judge_counts(judge, i))
            continue;
        if (repeats < UM_FINDING_FRAMES_MAX / 2) { /* each beside the one it repeats */
            frames[2 * repeats] = judge->records[judge->hop_of[i]]->request_last.frame;
            frames[2 * repeats + 1] = judge->records[i]->request_last.frame;
        }
        repeats++;
    }
    if (repeats > 0)
        add(maker, UM_FINDING_CALL_TWO_HOPS, frames, UM_FINDING_FRAMES_MAX,
            TEXT(maker, "%zu %s seen on a second connection within 50 ms and counted once.",
                 repeats, repeats == 1 ? "request was" : "requests were"));
}

/* When the end was asked for first; INT64_MAX: it was never told. */
static int64_t
first_asked_of_end_ns(const struct um_timeline *timeline)
{
    int64_t first_ns = INT64_MAX;
    for (size_t i = 0; i < timeline->observation_count; i++) {
        const struct um_observation *o = &timeline->observations[i];
        if (is_ended(o) && o->q_ns < first_ns)
            first_ns = o->q_ns;
    }
    return first_ns;
}

/* The server does not know the call: expected once it was told Disconnected, else an error. */
static enum um_finding_name
refusal_of(const struct um_exchange_record *record, int64_t end_ns)
{
    if (!um_record_is_unknown_call(record))
        return um_findings_exchange_refusal(record);
    return end_ns <= record->reply_first.time_ns ? UM_FINDING_CALL_EXPIRED
                                                 : UM_FINDING_CALL_UNKNOWN_TO_SERVER;
}

/* A hop that repeats another says only what its own client saw instead of the reply. */
static void
find_in_hop(struct maker *maker, size_t i)
{
    const struct um_exchange_record *hop = maker->judge->records[i];
    const struct um_exchange_record *counted = maker->judge->records[maker->judge->hop_of[i]];
    if (counted->has_reply && !um_record_is_http_error(counted))
        maker->err = um_findings_exchange_make_hop(hop, maker->out);
}

static void
find_in_exchanges(struct maker *maker)
{
    int64_t end_ns = first_asked_of_end_ns(&maker->call->timeline);
    for (size_t i = 0; i < maker->judge->count && !maker->err; i++) {
        const struct um_exchange_record *record = maker->judge->records[i];
        if (!um_judge_counts(maker->judge, i))
            find_in_hop(maker, i);
        else
            maker->err = um_findings_exchange_make(record, maker->judge->thresholds,
                                                   refusal_of(record, end_ns), maker->out);
    }
}

static uint64_t
first_frame(const struct um_finding *finding)
{
    return finding->frame_count > 0 ? finding->frames[0] : UINT64_MAX;
}

static int
by_severity(const void *left, const void *right)
{
    const struct um_finding *a = left, *b = right;
    int order = (int)um_finding_severity(b->name) - (int)um_finding_severity(a->name);
    if (order == 0)
        order = (first_frame(a) > first_frame(b)) - (first_frame(a) < first_frame(b));
    return order ? order : (int)a->name - (int)b->name;
}

static void
sort(struct um_findings *list)
{
    if (list->count > 1)
        qsort(list->items, list->count, sizeof *list->items, by_severity);
}

/* Keeps the first findings of each name up to the limit and tells how many were left out. */
static void
apply_limit(struct maker *maker)
{
    struct um_findings *list = maker->out;
    uint64_t max = maker->judge->limits->max[UM_LIMIT_FINDINGS];
    uint64_t counts[UM_FINDING_COUNT] = {0};
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (counts[list->items[i].name]++ < max)
            list->items[kept++] = list->items[i];
    }
    list->count = kept;
    for (unsigned i = 0; i < UM_FINDING_COUNT; i++) {
        if (counts[i] > max)
            add(maker, UM_FINDING_LIMIT_REACHED, NULL, 0,
                TEXT(maker, "%llu more findings %s of this call are left out (limit findings).",
                     (unsigned long long)(counts[i] - max),
                     um_finding_text((enum um_finding_name)i)));
    }
}

int
um_findings_call_make(const struct um_judge *judge, struct um_call *call)
{
    struct maker maker = {.judge = judge, .call = call, .out = &call->findings};
    find_outcome(&maker);
    find_missing_origin(&maker);
    find_stuck_spans(&maker);
    find_revival(&maker);
    find_odd_values(&maker);
    find_cause_on_live_call(&maker);
    find_late_cause(&maker);
    find_id_oddities(&maker);
    find_hops(&maker);
    if (!maker.err)
        maker.err = um_findings_polls_make(judge, call);
    find_in_exchanges(&maker);
    sort(maker.out);
    apply_limit(&maker);
    sort(maker.out); /* the limit's own findings came last */
    return maker.err;
}
