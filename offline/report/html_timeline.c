/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The bars stand in an SVG element that is stretched to the page's width: its coordinates are units
 * of time across and pixels down, so that showing another stretch of time is another viewBox. Text
 * cannot stand in it; names and the axis are pictures beside it.
 *
 *     began_after      began_by          ended_after      ended_by
 *                                            |-------------|         possibly: upper half
 *                         |##################|                       surely
 *          |--------------|                                          possibly: lower half
 */
#include "offline/report/html_timeline.h"

#include <inttypes.h>
#include <string.h>

#include "core/base/mark.h"
#include "offline/report/html_parts.h"
#include "offline/report/instant.h"
#include "offline/report/shown.h"
#include "offline/report/span_cells.h"

enum {
    LANE = 20, /* pixels */
    BAR_TOP = 3,
    BAR_HEIGHT = 14,
    HALF_HEIGHT = BAR_HEIGHT / 2,
    BAR_MIDDLE = BAR_TOP + HALF_HEIGHT,
    POLL_TOP = BAR_TOP + BAR_HEIGHT + 4,
    POLL_HEIGHT = 6,
    CALL_HEIGHT = POLL_TOP + POLL_HEIGHT + 2,
    TICKS_MAX = 7,
    LABEL_LETTER = 7, /* a little more than the widest fonts take */
    LABEL_GAP = 8,
    ROOM_COUNT = 3,
    SPANS_MAX = 400,       /* of a call */
    NUMBER_SHOWN_MAX = 24, /* bytes of a telephone number beside its lane */
};

static const int64_t SECOND_NS = 1000000000;

/* How wide a page is nobody knows here: the labels of an axis are chosen for three widths of it,
 * and page.css shows the choice that the page has room for. page.js knows the same widths. */
static const struct {
    char name;
    int width; /* pixels */
} rooms[ROOM_COUNT] = {{'s', 230}, {'m', 400}, {'l', 740}};

/* A stretch of time and the unit that its picture counts in: a power of ten of nanoseconds, so that
 * no coordinate has more digits than a browser keeps. */
struct axis {
    int64_t first_ns, last_ns;
    int64_t unit_ns;
};

const char *
um_html_outcome_sign(enum um_outcome outcome)
{
    static const char *const signs[UM_OUTCOME_COUNT] = {
        [UM_OUTCOME_REJECTED] = "\u2298",  [UM_OUTCOME_FAILED] = "\u2715",
        [UM_OUTCOME_COMPLETED] = "\u2713", [UM_OUTCOME_NOT_CONNECTED] = "\u25CB",
        [UM_OUTCOME_OPEN] = "\u2026",      [UM_OUTCOME_UNKNOWN] = "?",
    };
    return signs[outcome];
}

/* ---- the axis ---- */

static void
widen(struct axis *axis, int64_t time_ns)
{
    axis->first_ns = time_ns < axis->first_ns ? time_ns : axis->first_ns;
    axis->last_ns = time_ns > axis->last_ns ? time_ns : axis->last_ns;
}

static void
widen_by_call(struct axis *axis, const struct um_call *call)
{
    widen(axis, call->first.time_ns);
    widen(axis, call->last.time_ns);
    for (size_t i = 0; i < call->timeline.observation_count; i++) {
        widen(axis, call->timeline.observations[i].q_ns);
        widen(axis, call->timeline.observations[i].r_ns);
    }
}

/* Leaves some room at both ends, and chooses the unit. */
static void
finish_axis(struct axis *axis)
{
    int64_t extent_ns = um_mark_elapsed_ns(axis->first_ns, axis->last_ns);
    int64_t margin_ns = extent_ns > 0 ? extent_ns / 100 : SECOND_NS / 2;
    if (__builtin_sub_overflow(axis->first_ns, margin_ns, &axis->first_ns))
        axis->first_ns = INT64_MIN;
    if (__builtin_add_overflow(axis->last_ns, margin_ns, &axis->last_ns))
        axis->last_ns = INT64_MAX;
    extent_ns = um_mark_elapsed_ns(axis->first_ns, axis->last_ns);
    axis->unit_ns = 1;
    while (extent_ns / axis->unit_ns >= 10000000)
        axis->unit_ns *= 10;
}

static int64_t
place(const struct axis *axis, int64_t time_ns)
{
    return um_mark_elapsed_ns(axis->first_ns, time_ns) / axis->unit_ns;
}

/* One unit at least: a bar without width would not be drawn at all. */
static int64_t
extent(const struct axis *axis, int64_t from_ns, int64_t to_ns)
{
    int64_t units = place(axis, to_ns) - place(axis, from_ns);
    return units > 0 ? units : 1;
}

static int64_t
width(const struct axis *axis)
{
    return place(axis, axis->last_ns) + 1;
}

static double
percent(const struct axis *axis, int64_t time_ns)
{
    return 100.0 * (double)place(axis, time_ns) / (double)width(axis);
}

/* A round step that gives a handful of ticks. */
static int64_t
choose_step(const struct axis *axis)
{
    static const int64_t seconds[] = {1,   2,   5,    10,   15,   30,    60,    120,   300,
                                      600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400};
    int64_t extent_ns = um_mark_elapsed_ns(axis->first_ns, axis->last_ns);
    for (int64_t step = SECOND_NS / 1000; step < SECOND_NS; step *= 10) {
        for (int64_t factor = 1; factor <= 5; factor += factor == 1 ? 1 : 3) {
            if (extent_ns / (step * factor) <= TICKS_MAX)
                return step * factor;
        }
    }
    for (size_t i = 0; i < sizeof seconds / sizeof *seconds; i++) {
        if (extent_ns / (seconds[i] * SECOND_NS) <= TICKS_MAX)
            return seconds[i] * SECOND_NS;
    }
    int64_t days = 1;
    while (extent_ns / (days * 86400 * SECOND_NS) > TICKS_MAX)
        days *= 2;
    return days * 86400 * SECOND_NS;
}

struct ticks {
    int64_t first_ns, step_ns, count;
};

static struct ticks
choose_ticks(const struct axis *axis)
{
    struct ticks ticks = {.step_ns = choose_step(axis)};
    int64_t rest = axis->first_ns % ticks.step_ns;
    int64_t to_next = rest > 0 ? ticks.step_ns - rest : -rest;
    if (__builtin_add_overflow(axis->first_ns, to_next, &ticks.first_ns) ||
        ticks.first_ns > axis->last_ns)
        return ticks;
    ticks.count = um_mark_elapsed_ns(ticks.first_ns, axis->last_ns) / ticks.step_ns + 1;
    return ticks;
}

/* The length of "18:33", "18:33:21" or "18:33:21.5" to "18:33:21.500", as the step wants. */
static size_t
clock_length(int64_t step_ns)
{
    if (step_ns >= SECOND_NS)
        return step_ns >= 60 * SECOND_NS ? 5 : 8;
    return step_ns >= SECOND_NS / 10 ? 10 : step_ns >= SECOND_NS / 100 ? 11 : 12;
}

/* A time of day; of a day's first tick the date. A part of `out`. */
static const char *
tick_text(int64_t time_ns, int64_t step_ns, char out[UM_INSTANT_TEXT_MAX])
{
    enum { DATE = 10 };
    um_instant_date(time_ns, UM_ZONE_UTC, out);
    bool is_date = time_ns % (86400 * SECOND_NS) == 0;
    out[is_date ? DATE : DATE + 1 + clock_length(step_ns)] = '\0';
    return is_date ? out : out + DATE + 1;
}

/* A label stands with its middle over its tick, at `x` percent, where it is whole there and clear
 * of the labels before it, which reach to `taken`: it has a class for each of the rooms where it
 * is. */
static void
write_label(struct um_html *html, double x, const char *text, double taken[ROOM_COUNT])
{
    char names[2 * ROOM_COUNT + 1] = "";
    size_t length = 0;
    double width = LABEL_LETTER * (double)strlen(text);
    for (size_t i = 0; i < ROOM_COUNT; i++) {
        double left = x / 100 * rooms[i].width - width / 2;
        if (left < taken[i] || left + width > rooms[i].width)
            continue;
        taken[i] = left + width + LABEL_GAP;
        names[length++] = ' ';
        names[length++] = rooms[i].name;
    }
    if (length > 0)
        um_html_add(html, "<text class=\"%s\" x=\"%.3f%%\" y=\"16\">%s</text>", names + 1, x, text);
}

static void
write_axis(struct um_html *html, const struct axis *axis)
{
    struct ticks ticks = choose_ticks(axis);
    double taken[ROOM_COUNT] = {0};
    char text[UM_INSTANT_TEXT_MAX];
    um_html_add(html, "<div class=\"axis\"><svg height=\"24\" aria-hidden=\"true\">");
    for (int64_t i = 0; i < ticks.count; i++) {
        int64_t t = ticks.first_ns + i * ticks.step_ns;
        write_label(html, percent(axis, t), tick_text(t, ticks.step_ns, text), taken);
    }
    um_html_add(html, "</svg></div>\n");
}

static void
write_grid(struct um_html *html, const struct axis *axis)
{
    struct ticks ticks = choose_ticks(axis);
    um_html_add(html, "<svg class=\"grid\" aria-hidden=\"true\">");
    for (int64_t i = 0; i < ticks.count; i++) {
        double x = percent(axis, ticks.first_ns + i * ticks.step_ns);
        um_html_add(html, "<line x1=\"%.3f%%\" x2=\"%.3f%%\" y1=\"0\" y2=\"100%%\"/>", x, x);
    }
    um_html_add(html, "</svg>");
}

/* ---- a span ---- */

/* A bar of a kind: s surely, b possibly while it begins, e possibly while it ends, i held at some
 * time inside. */
static void
write_bar(struct um_html *html, const struct axis *axis, const char *kind, int64_t from_ns,
          int64_t to_ns)
{
    bool whole = kind[0] == 's' || kind[0] == 'i';
    int top = kind[0] == 'b' ? BAR_MIDDLE : BAR_TOP;
    um_html_add(
        html, "<rect class=\"%s\" x=\"%" PRId64 "\" y=\"%d\" width=\"%" PRId64 "\" height=\"%d\"/>",
        kind, place(axis, from_ns), top, extent(axis, from_ns, to_ns),
        whole ? BAR_HEIGHT : HALF_HEIGHT);
}

/* Where nothing is known of a side: a dotted line to the picture's edge. */
static void
write_open(struct um_html *html, int64_t from, int64_t to)
{
    um_html_add(html, "<path class=\"o\" d=\"M%" PRId64 " %dH%" PRId64 "\"/>", from, BAR_MIDDLE,
                to);
}

static void
write_span_title(struct um_html *html, const struct um_span_of_state *span)
{
    char lasted[2 * UM_INSTANT_TEXT_MAX];
    um_html_add(html, "<title>");
    um_html_short(html, span->state_text, 60);
    if (span->cause_text.len > 0 && span->cause != UM_CAUSE_NONE) {
        um_html_add(html, ", ");
        um_html_short(html, span->cause_text, 60);
    }
    if (!um_span_is_over(span))
        um_html_add(html, ", lasted %s",
                    um_instant_range(span->min_ns, span->has_max, span->max_ns, lasted));
    um_html_add(html, "%s</title>", span->implied ? " (implied)" : "");
}

static void
write_span(struct um_html *html, const struct axis *axis, const struct um_span_of_state *span)
{
    um_html_add(html, "<g class=\"c%u\">", (unsigned)span->state);
    write_span_title(html, span);
    if (span->has_began_after)
        write_bar(html, axis, "b", span->began_after_ns, span->began_by_ns);
    else
        write_open(html, 0, place(axis, span->began_by_ns));
    if (span->ended_after_ns > span->began_by_ns)
        write_bar(html, axis, "s", span->began_by_ns, span->ended_after_ns);
    else if (!um_span_is_over(span) && !(span->has_began_after && span->has_ended_by))
        write_bar(html, axis, "i", span->ended_after_ns, span->began_by_ns);
    if (span->has_ended_by)
        write_bar(html, axis, "e", span->ended_after_ns, span->ended_by_ns);
    else if (um_span_is_over(span))
        um_html_add(html, "<path class=\"x\" d=\"M%" PRId64 " %dv%d\"/>",
                    place(axis, span->began_by_ns), BAR_TOP, BAR_HEIGHT);
    else
        write_open(html, place(axis, span->ended_after_ns), width(axis));
    um_html_add(html, "</g>");
}

/* A call of which no state is known is a frame around its packets. */
static void
write_stateless(struct um_html *html, const struct axis *axis, const struct um_call *call)
{
    um_html_add(
        html, "<rect class=\"n\" x=\"%" PRId64 "\" y=\"%d\" width=\"%" PRId64 "\" height=\"%d\"/>",
        place(axis, call->first.time_ns), BAR_TOP,
        extent(axis, call->first.time_ns, call->last.time_ns), BAR_HEIGHT);
}

static void
write_spans(struct um_html *html, const struct axis *axis, const struct um_call *call)
{
    const struct um_timeline *timeline = &call->timeline;
    for (size_t i = 0; i < timeline->span_count && i < SPANS_MAX; i++)
        write_span(html, axis, &timeline->spans[i]);
    if (timeline->span_count == 0)
        write_stateless(html, axis, call);
}

/* ---- all calls ---- */

static void
write_name(struct um_html *html, const struct um_report *report, const struct um_call *call,
           size_t lane)
{
    const struct um_exchange_record *origin =
        call->origin == SIZE_MAX ? NULL : um_calls_exchange(report->calls, call->origin);
    um_html_add(html,
                "<a class=\"%s\" href=\"#call-%" PRIu32 "\" tabindex=\"-1\" "
                "transform=\"translate(0 %zu)\"><text x=\"4\" y=\"14\">%s %" PRIu32 "</text>",
                um_outcome_text(call->outcome), call->number, lane * LANE,
                um_html_outcome_sign(call->outcome), call->number);
    if (origin && origin->dial_string.len > 0) {
        um_html_add(html, "<text class=\"to\" x=\"62\" y=\"14\">");
        um_html_short(html, origin->dial_string, NUMBER_SHOWN_MAX);
        um_html_add(html, "</text>");
    }
    um_html_add(html, "</a>\n");
}

static void
write_lane(struct um_html *html, const struct axis *axis, const struct um_call *call, size_t lane)
{
    um_html_add(html, "<g class=\"%s\" data-call=\"%" PRIu32 "\" transform=\"translate(0 %zu)\">",
                um_outcome_text(call->outcome), call->number, lane * LANE);
    write_spans(html, axis, call);
    um_html_add(html, "</g>\n");
}

static struct axis
measure_all(const struct um_report *report, size_t *lanes)
{
    struct axis axis = {.first_ns = INT64_MAX, .last_ns = INT64_MIN};
    *lanes = 0;
    for (size_t i = 0; i < um_calls_count(report->calls); i++) {
        if (!um_shown_call(report, i))
            continue;
        widen_by_call(&axis, um_calls_at(report->calls, i));
        ++*lanes;
    }
    finish_axis(&axis);
    return axis;
}

static void
write_names(struct um_html *html, const struct um_report *report, size_t lanes)
{
    size_t lane = 0;
    um_html_add(html, "<svg class=\"names\" height=\"%zu\" aria-hidden=\"true\">\n", lanes * LANE);
    for (size_t i = 0; i < um_calls_count(report->calls) && !html->err && !html->out->err; i++) {
        if (um_shown_call(report, i))
            write_name(html, report, um_calls_at(report->calls, i), lane++);
    }
    um_html_add(html, "</svg>\n");
}

static void
write_lanes(struct um_html *html, const struct um_report *report, const struct axis *axis,
            size_t lanes)
{
    size_t lane = 0;
    um_html_add(html,
                "<svg class=\"bars\" height=\"%zu\" viewBox=\"0 0 %" PRId64 " %zu\" "
                "preserveAspectRatio=\"none\" data-first=\"%.3f\" data-unit=\"%g\" role=\"img\" "
                "aria-label=\"Timeline of all calls; the tables below tell the same\">\n",
                lanes * LANE, width(axis), lanes * LANE, (double)axis->first_ns / 1e6,
                (double)axis->unit_ns / 1e6);
    for (size_t i = 0; i < um_calls_count(report->calls) && !html->err && !html->out->err; i++) {
        if (um_shown_call(report, i))
            write_lane(html, axis, um_calls_at(report->calls, i), lane++);
    }
    um_html_add(html, "</svg>");
}

void
um_html_timeline(struct um_html *html, const struct um_report *report)
{
    size_t lanes;
    struct axis axis = measure_all(report, &lanes);
    um_html_add(html, "<div class=\"lanes\" id=\"lanes\" tabindex=\"0\" role=\"group\" "
                      "aria-label=\"Timeline of all calls\">\n<div class=\"corner\">UTC</div>\n");
    write_axis(html, &axis);
    write_names(html, report, lanes);
    um_html_add(html, "<div class=\"plot\">");
    write_grid(html, &axis);
    write_lanes(html, report, &axis, lanes);
    um_html_add(html, "</div>\n</div>\n");
}

/* ---- one call ---- */

static void
write_polls(struct um_html *html, const struct um_report *report, const struct axis *axis,
            const struct um_call *call)
{
    for (size_t i = 0; i < call->member_count; i = um_html_member_after(call, i)) {
        const struct um_exchange_record *record =
            um_calls_exchange(report->calls, call->members[i].exchange);
        int64_t from_ns =
            record->has_request ? record->request_last.time_ns : record->reply_first.time_ns;
        int64_t to_ns = record->has_reply ? record->reply_first.time_ns : from_ns;
        um_html_add(html,
                    "<rect class=\"q\" x=\"%" PRId64 "\" y=\"%d\" width=\"%" PRId64
                    "\" height=\"%d\"/>",
                    place(axis, from_ns), POLL_TOP, extent(axis, from_ns, to_ns), POLL_HEIGHT);
    }
}

void
um_html_timeline_call(struct um_html *html, const struct um_report *report,
                      const struct um_call *call)
{
    struct axis axis = {.first_ns = INT64_MAX, .last_ns = INT64_MIN};
    widen_by_call(&axis, call);
    finish_axis(&axis);
    um_html_add(html, "<figure class=\"one\">");
    write_axis(html, &axis);
    um_html_add(html, "<div class=\"plot\">");
    write_grid(html, &axis);
    um_html_add(html,
                "<svg class=\"bars %s\" height=\"%d\" viewBox=\"0 0 %" PRId64 " %d\" "
                "preserveAspectRatio=\"none\" role=\"img\" "
                "aria-label=\"Timeline of call %" PRIu32 "\">",
                um_outcome_text(call->outcome), CALL_HEIGHT, width(&axis), CALL_HEIGHT,
                call->number);
    write_spans(html, &axis, call);
    write_polls(html, report, &axis, call);
    um_html_add(html, "</svg></div></figure>\n");
}

void
um_html_timeline_key(struct um_html *html)
{
    static const struct {
        const char *outcome;
        enum um_state state;
        const char *name;
    } states[] = {{"", UM_STATE_CONNECTING, "Connecting"},
                  {"", UM_STATE_CONNECTED, "Connected"},
                  {"", UM_STATE_DISCONNECTED, "Disconnected"},
                  {"failed", UM_STATE_DISCONNECTED, "Disconnected, failed"},
                  {"", UM_STATE_IDLE, "other states"}};
    um_html_add(html, "<ul class=\"key\" aria-label=\"How to read the timeline\">");
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        um_html_add(html,
                    "<li class=\"%s\"><svg class=\"bars\" width=\"16\" height=\"20\" "
                    "aria-hidden=\"true\"><g class=\"c%u\"><rect class=\"s\" y=\"3\" width=\"16\" "
                    "height=\"14\"/></g></svg> %s</li>\n",
                    states[i].outcome, (unsigned)states[i].state, states[i].name);
    um_html_add(html,
                "<li><svg class=\"bars\" width=\"48\" height=\"20\" aria-hidden=\"true\">"
                "<g class=\"c%u\"><rect class=\"s\" y=\"3\" width=\"16\" height=\"14\"/>"
                "<rect class=\"e\" x=\"16\" y=\"3\" width=\"16\" height=\"7\"/></g>"
                "<g class=\"c%u\"><rect class=\"b\" x=\"16\" y=\"10\" width=\"16\" height=\"7\"/>"
                "<rect class=\"s\" x=\"32\" y=\"3\" width=\"16\" height=\"14\"/></g></svg> "
                "full height: surely in this state; half height: it changed somewhere in here, "
                "between two polls</li>",
                (unsigned)UM_STATE_CONNECTING, (unsigned)UM_STATE_CONNECTED);
    um_html_add(html,
                "<li><svg class=\"bars\" width=\"32\" height=\"20\" aria-hidden=\"true\"><g "
                "class=\"c%u\"><path class=\"o\" d=\"M0 10H32\"/></g></svg> dotted: nothing "
                "is known</li></ul>\n",
                (unsigned)UM_STATE_CONNECTED);
}
