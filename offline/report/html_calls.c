/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of calls, and what went wrong with them at a glance. */
#include <inttypes.h>

#include "core/base/err.h"
#include "offline/report/html_parts.h"
#include "offline/report/html_timeline.h"
#include "offline/report/instant.h"
#include "offline/report/shown.h"

enum {
    GROUPS_MAX = 24,  /* reasons told apart at a glance */
    NUMBERS_MAX = 20, /* calls named of one reason */
    REASON_MAX = 128, /* bytes of one */
    NUMBER_MAX = 40,  /* bytes of a telephone number */
};

void
um_html_count(struct um_html *html, uint64_t count, const char *noun)
{
    um_html_add(html, "%" PRIu64 " %s%s", count, noun, count == 1 ? "" : "s");
}

void
um_html_summary(struct um_html *html, um_call_summary_fn *append, const struct um_report *report,
                const struct um_call *call)
{
    struct um_buf text = {0};
    if (append(&text, report, call))
        html->err = UM_ERR_NOMEM;
    um_html_text(html, um_buf_span(&text));
    um_buf_done(&text);
}

/* ---- what went wrong ---- */

struct group {
    enum um_outcome outcome;
    enum um_cause cause; /* of calls that failed */
    struct um_buf reason;
    uint64_t calls;
    uint32_t numbers[NUMBERS_MAX];
};

struct groups {
    struct group list[GROUPS_MAX];
    size_t count;
    uint64_t others; /* calls for which there was no room */
};

static bool
is_trouble(const struct um_call *call)
{
    return call->outcome != UM_OUTCOME_COMPLETED && call->outcome != UM_OUTCOME_OPEN;
}

/* The group of that outcome and reason; a new one takes the reason over. NULL: no room. */
static struct group *
find_group(struct groups *groups, const struct um_call *call, struct um_buf *reason)
{
    for (size_t i = 0; i < groups->count; i++) {
        struct group *group = &groups->list[i];
        if (group->outcome == call->outcome &&
            um_span_equal(um_buf_span(&group->reason), um_buf_span(reason)))
            return group;
    }
    if (groups->count == GROUPS_MAX)
        return NULL;
    struct group *group = &groups->list[groups->count++];
    *group = (struct group){.outcome = call->outcome, .cause = call->cause, .reason = *reason};
    *reason = (struct um_buf){0};
    return group;
}

static int
add_to_groups(struct groups *groups, const struct um_report *report, const struct um_call *call)
{
    struct um_buf reason = {0};
    int err = um_call_summary_why(&reason, report, call);
    if (!err) {
        struct group *group = find_group(groups, call, &reason);
        if (!group)
            groups->others++;
        else if (group->calls++ < NUMBERS_MAX)
            group->numbers[group->calls - 1] = call->number;
    }
    um_buf_done(&reason);
    return err;
}

static void
write_group(struct um_html *html, const struct group *group)
{
    const char *outcome = um_outcome_text(group->outcome);
    um_html_add(html, "<li class=\"%s\" data-outcome=\"%s\"><strong>%" PRIu64 " %s %s</strong>",
                outcome, outcome, group->calls, um_html_outcome_sign(group->outcome), outcome);
    if (group->reason.len > 0) {
        um_html_add(html, ": <span class=\"reason\">");
        um_html_short(html, um_buf_span(&group->reason), REASON_MAX);
        um_html_add(html, "</span>");
    }
    if (group->outcome == UM_OUTCOME_FAILED)
        um_html_add(html, " (%s)", um_cause_meaning(group->cause));
    um_html_add(html, " <span class=\"which\">%s", group->calls == 1 ? "call" : "calls");
    for (size_t i = 0; i < group->calls && i < NUMBERS_MAX; i++)
        um_html_add(html, " <a href=\"#call-%" PRIu32 "\">%" PRIu32 "</a>", group->numbers[i],
                    group->numbers[i]);
    if (group->calls > NUMBERS_MAX)
        um_html_add(html, " and %" PRIu64 " more", group->calls - NUMBERS_MAX);
    um_html_add(html, "</span></li>\n");
}

/* Outcomes in their order, reasons in order of appearance. */
static void
write_groups(struct um_html *html, const struct groups *groups)
{
    um_html_add(html, "<section aria-labelledby=\"h-wrong\">\n<h2 id=\"h-wrong\">What went "
                      "wrong</h2>\n<ul class=\"trouble\">\n");
    for (unsigned outcome = 0; outcome < UM_OUTCOME_COUNT; outcome++) {
        for (size_t i = 0; i < groups->count; i++) {
            if (groups->list[i].outcome == (enum um_outcome)outcome)
                write_group(html, &groups->list[i]);
        }
    }
    if (groups->others > 0) {
        um_html_add(html, "<li>");
        um_html_count(html, groups->others, "call");
        um_html_add(html, " for other reasons</li>\n");
    }
    um_html_add(html, "</ul>\n</section>\n");
}

void
um_html_trouble(struct um_html *html, const struct um_report *report)
{
    struct groups groups = {.count = 0};
    for (size_t i = 0; i < um_calls_count(report->calls) && !html->err; i++) {
        const struct um_call *call = um_calls_at(report->calls, i);
        if (um_shown_call(report, i) && is_trouble(call))
            html->err = add_to_groups(&groups, report, call);
    }
    if (groups.count > 0)
        write_groups(html, &groups);
    for (size_t i = 0; i < groups.count; i++)
        um_buf_done(&groups.list[i].reason);
}

/* ---- the table ---- */

static void
write_placing(struct um_html *html, const struct um_exchange_record *origin,
              const struct um_call *call)
{
    char clock[UM_INSTANT_TEXT_MAX];
    int64_t time_ns = origin ? origin->request_last.time_ns : call->first.time_ns;
    um_html_add(html, "<td class=\"to\">");
    if (origin)
        um_html_short(html, origin->dial_string, NUMBER_MAX);
    um_html_add(html, "</td><td class=\"when\" data-v=\"%.3f\">%s%s</td>", (double)time_ns / 1e6,
                origin ? "" : "before ", um_instant_clock(time_ns, UM_ZONE_UTC, clock));
}

static void
write_time_up(struct um_html *html, const struct um_call *call)
{
    char range[2 * UM_INSTANT_TEXT_MAX];
    struct um_time_up up = um_call_summary_time_up(call);
    if (up.times == 0) {
        um_html_add(html, "<td class=\"up\"></td>");
        return;
    }
    um_html_add(html, "<td class=\"up\" data-v=\"%.3f\">%s</td>",
                (double)(up.has_max ? up.max_ns : up.min_ns) / 1e9,
                um_instant_range(up.min_ns, up.has_max, up.max_ns, range));
}

static void
write_finding_counts(struct um_html *html, const struct um_call *call)
{
    unsigned counts[UM_SEVERITY_ERROR + 1] = {0};
    const char *comma = "";
    for (size_t i = 0; i < call->findings.count; i++)
        counts[um_finding_severity(call->findings.items[i].name)]++;
    um_html_add(html, "<td class=\"counts\" data-v=\"%u\">",
                counts[UM_SEVERITY_ERROR] * 1000000 + counts[UM_SEVERITY_WARNING] * 1000 +
                    counts[UM_SEVERITY_NOTE]);
    for (unsigned i = UM_SEVERITY_ERROR + 1; i-- > 0;) {
        if (counts[i] == 0)
            continue;
        um_html_add(html, "%s<span class=\"%s\">", comma, um_severity_text((enum um_severity)i));
        um_html_count(html, counts[i], um_severity_text((enum um_severity)i));
        um_html_add(html, "</span>");
        comma = ", ";
    }
    um_html_add(html, "</td>");
}

static void
write_row(struct um_html *html, const struct um_report *report, const struct um_call *call)
{
    const struct um_exchange_record *origin =
        call->origin == SIZE_MAX ? NULL : um_calls_exchange(report->calls, call->origin);
    const char *outcome = um_outcome_text(call->outcome);
    um_html_add(html, "<tr class=\"%s\" data-call=\"%" PRIu32 "\" data-find=\"%s ", outcome,
                call->number, call->id.guid);
    um_html_short(html, call->call_id, 200);
    um_html_add(html,
                "\"><th scope=\"row\"><a href=\"#call-%" PRIu32 "\">%" PRIu32
                "</a></th><td class=\"outcome\"><span>%s %s</span></td><td class=\"why\">",
                call->number, call->number, um_html_outcome_sign(call->outcome), outcome);
    um_html_summary(html, um_call_summary_why, report, call);
    um_html_add(html, "</td>");
    write_placing(html, origin, call);
    write_time_up(html, call);
    um_html_add(html, "<td class=\"n polls\">%zu</td>", call->polls);
    write_finding_counts(html, call);
    um_html_add(html, "<td class=\"told\">");
    um_html_summary(html, um_call_summary_append, report, call);
    um_html_add(html, "</td></tr>\n");
}

void
um_html_calls_table(struct um_html *html, const struct um_report *report)
{
    um_html_add(
        html,
        "<div class=\"wide\"><table id=\"calls\" class=\"calls\">\n"
        "<caption>All calls; times in UTC</caption>\n<thead><tr>"
        "<th scope=\"col\" aria-sort=\"ascending\">Call</th>"
        "<th scope=\"col\" class=\"outcome\">Outcome</th><th scope=\"col\" class=\"why\">Why</th>"
        "<th scope=\"col\" class=\"to\">Number</th>"
        "<th scope=\"col\" class=\"when\">Placed</th>"
        "<th scope=\"col\" class=\"up\">Connected for</th>"
        "<th scope=\"col\" class=\"polls\">Polls</th>"
        "<th scope=\"col\" class=\"counts\">Findings</th>"
        "<th scope=\"col\" class=\"told\">What happened</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < um_calls_count(report->calls) && !html->err && !html->out->err; i++) {
        if (um_shown_call(report, i))
            write_row(html, report, um_calls_at(report->calls, i));
    }
    um_html_add(html, "</tbody></table></div>\n");
}
