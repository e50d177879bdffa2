/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings and the summary as text, and the phrases of numbers that go with them. */
#include "offline/report/text_parts.h"

#include <inttypes.h>

#include "offline/report/instant.h"
#include "offline/report/shown.h"

enum {
    INDENT = 2,
    FINDING_INDENT = 11,
    SAME_NAME_MAX = 3, /* findings of one name that are told in full */
};

enum um_page_color
um_text_outcome_color(enum um_outcome outcome)
{
    switch (outcome) {
    case UM_OUTCOME_COMPLETED:
        return UM_PAGE_GOOD;
    case UM_OUTCOME_REJECTED:
    case UM_OUTCOME_FAILED:
        return UM_PAGE_BAD;
    default:
        return UM_PAGE_ODD;
    }
}

void
um_text_count(struct um_page *page, uint64_t count, const char *noun)
{
    um_page_add(page, "%" PRIu64 " %s%s", count, noun, count == 1 ? "" : "s");
}

void
um_text_frames(struct um_page *page, uint64_t first, uint64_t last)
{
    um_page_add(page, first == last ? "frame %" PRIu64 : "frames %" PRIu64, first);
    if (first == last)
        return;
    um_page_mark(page, UM_MARK_RANGE);
    um_page_add(page, "%" PRIu64, last);
}

/* ---- findings ---- */

static enum um_page_color
severity_color(enum um_severity severity)
{
    return severity == UM_SEVERITY_ERROR     ? UM_PAGE_BAD
           : severity == UM_SEVERITY_WARNING ? UM_PAGE_ODD
                                             : UM_PAGE_FAINT;
}

static void
add_frame_list(struct um_page *page, const struct um_finding *finding)
{
    for (size_t i = 0; i < finding->frame_count; i++) {
        const char *lead = i == 0 ? (finding->frame_count == 1 ? ", frame" : ", frames") : ",";
        um_page_add(page, "%s %" PRIu64, lead, finding->frames[i]);
    }
}

static void
begin_finding(struct um_page *page, enum um_finding_name name)
{
    enum um_severity severity = um_finding_severity(name);
    um_page_spaces(page, INDENT);
    um_page_color(page, severity_color(severity));
    um_page_text(page, um_severity_text(severity));
    um_page_color(page, UM_PAGE_PLAIN);
    um_page_tab(page, FINDING_INDENT);
    um_page_color(page, UM_PAGE_STRONG);
    um_page_text(page, um_finding_text(name));
    um_page_color(page, UM_PAGE_PLAIN);
}

static void
write_finding(struct um_page *page, const struct um_finding *finding, bool with_advice)
{
    begin_finding(page, finding->name);
    add_frame_list(page, finding);
    um_page_paragraph(page, FINDING_INDENT);

    um_page_spaces(page, FINDING_INDENT);
    um_page_text(page, finding->text);
    um_page_paragraph(page, FINDING_INDENT);
    if (!with_advice)
        return;
    um_page_spaces(page, FINDING_INDENT);
    um_page_mark(page, UM_MARK_ADVICE);
    um_page_text(page, " ");
    um_page_text(page, um_finding_advice(finding->name));
    um_page_paragraph(page, FINDING_INDENT + (page->style.utf8 ? 2 : 3));
}

/* Tells a finding, unless there were several of its name; what to look at next is told once. */
static void
tell(struct um_page *page, uint64_t told[UM_FINDING_COUNT], const struct um_finding *finding)
{
    uint64_t before = told[finding->name]++;
    if (before < SAME_NAME_MAX)
        write_finding(page, finding, before == 0);
}

static void
tell_repeated(struct um_page *page, const uint64_t told[UM_FINDING_COUNT])
{
    for (unsigned i = 0; i < UM_FINDING_COUNT; i++) {
        if (told[i] <= SAME_NAME_MAX)
            continue;
        begin_finding(page, (enum um_finding_name)i);
        um_page_add(page, ", %" PRIu64 " more like these (JSON has them all)",
                    told[i] - SAME_NAME_MAX);
        um_page_paragraph(page, FINDING_INDENT);
    }
}

void
um_text_findings(struct um_page *page, const struct um_findings *findings)
{
    uint64_t told[UM_FINDING_COUNT] = {0};
    for (size_t i = 0; i < findings->count; i++)
        tell(page, told, &findings->items[i]);
    tell_repeated(page, told);
}

static void
write_heading(struct um_page *page, const char *text)
{
    um_page_mark(page, UM_MARK_RULE);
    um_page_mark(page, UM_MARK_RULE);
    um_page_text(page, " ");
    um_page_color(page, UM_PAGE_STRONG);
    um_page_text(page, text);
    um_page_color(page, UM_PAGE_PLAIN);
    um_page_text(page, " ");
    um_page_rule(page);
}

void
um_text_rest(struct um_page *page, const struct um_report *report)
{
    uint64_t told[UM_FINDING_COUNT] = {0};
    struct um_shown_findings rest = um_shown_findings(report);
    const struct um_finding *finding = um_shown_findings_next(&rest);
    if (!finding)
        return;
    write_heading(page, "About the capture");
    um_page_line(page);
    for (; finding && !page->err; finding = um_shown_findings_next(&rest))
        tell(page, told, finding);
    tell_repeated(page, told);
    um_page_line(page);
}

/* ---- summary ---- */

static void
write_calls(struct um_page *page, const struct um_report *report)
{
    struct um_shown_counts counts = um_shown_count(report);
    size_t all = um_calls_count(report->calls);
    um_page_spaces(page, INDENT);
    if (counts.calls < all)
        um_page_add(page, "%" PRIu64 " of ", counts.calls);
    um_text_count(page, all, "call");
    if (counts.calls < all)
        um_page_text(page, " shown");
    const char *lead = ": ";
    for (unsigned i = 0; i < UM_OUTCOME_COUNT; i++) {
        if (counts.by_outcome[i] == 0)
            continue;
        um_page_text(page, lead);
        um_page_color(page, um_text_outcome_color((enum um_outcome)i));
        um_page_add(page, "%" PRIu64 " %s", counts.by_outcome[i],
                    um_outcome_text((enum um_outcome)i));
        um_page_color(page, UM_PAGE_PLAIN);
        lead = ", ";
    }
    if (report->released > 0)
        um_page_add(page, "; %" PRIu64 " more that were over have been told before",
                    report->released);
    um_page_paragraph(page, INDENT);
}

static void
write_traffic(struct um_page *page, const struct um_report *report)
{
    um_page_spaces(page, INDENT);
    um_text_count(page, report->messages, "UM message");
    um_page_text(page, " among ");
    um_text_count(page, report->http_messages, "HTTP message");
    um_page_text(page, " on ");
    um_text_count(page, report->connections, "connection");
    um_page_paragraph(page, INDENT);
}

static void
write_time_range(struct um_page *page, const struct um_report_capture *capture)
{
    char first[UM_INSTANT_TEXT_MAX], last[UM_INSTANT_TEXT_MAX], name[UM_INSTANT_TEXT_MAX];
    um_instant_date(capture->first_time_ns, page->style.zone, first);
    um_instant_date(capture->last_time_ns, page->style.zone, last);
    bool same_day = strncmp(first, last, strlen("2026-11-23")) == 0;
    um_page_add(page, "%*s%s to %s %s", INDENT, "", first,
                same_day ? last + strlen("2026-11-23 ") : last,
                um_instant_zone(capture->last_time_ns, page->style.zone, name));
    um_page_line(page);
}

static void
write_capture(struct um_page *page, const struct um_report_capture *capture)
{
    um_page_spaces(page, INDENT);
    um_text_count(page, capture->packets, "packet");
    um_page_text(page, ", ");
    um_text_count(page, capture->bytes, "byte");
    um_page_text(page, ", from ");
    for (size_t i = 0; i < capture->file_count; i++)
        um_page_add(page, "%s%s", i > 0 ? ", " : "", capture->files[i]);
    um_page_paragraph(page, INDENT);
    if (capture->packets > 0)
        write_time_range(page, capture);
}

void
um_text_summary(struct um_page *page, const struct um_report *report)
{
    write_heading(page, "Summary");
    um_page_line(page);
    write_calls(page, report);
    write_traffic(page, report);
    write_capture(page, &report->capture);
}
