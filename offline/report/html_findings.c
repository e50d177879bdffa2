/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings as lists, and what they mean: the words of docs/findings.md, once for each name told. */
#include <inttypes.h>

#include "offline/report/finding_page.h"
#include "offline/report/html_parts.h"
#include "offline/report/shown.h"

enum {
    SAME_NAME_MAX = 3, /* findings of one name that are told in full */
    CALLS_MAX = 12,    /* calls named that have a finding */
};

static void
write_frames(struct um_html *html, const struct um_finding *finding)
{
    if (finding->frame_count == 0)
        return;
    um_html_add(html, " <span class=\"frames\">frame%s", finding->frame_count == 1 ? "" : "s");
    for (size_t i = 0; i < finding->frame_count; i++)
        um_html_add(html, "%s %" PRIu64, i > 0 ? "," : "", finding->frames[i]);
    um_html_add(html, "</span>");
}

static void
write_name(struct um_html *html, enum um_finding_name name)
{
    const char *severity = um_severity_text(um_finding_severity(name));
    um_html_add(html, "<span class=\"severity %s\">%s</span> <a href=\"#finding-%s\">%s</a>",
                severity, severity, um_finding_text(name), um_finding_text(name));
}

static void
write_finding(struct um_html *html, const struct um_finding *finding, bool with_advice)
{
    um_html_add(html, "<li>");
    write_name(html, finding->name);
    write_frames(html, finding);
    um_html_add(html, "<p>");
    um_html_string(html, finding->text);
    um_html_add(html, "</p>");
    if (with_advice) {
        um_html_add(html, "<p class=\"advice\">");
        um_html_string(html, um_finding_advice(finding->name));
        um_html_add(html, "</p>");
    }
    um_html_add(html, "</li>\n");
}

/* Tells a finding, unless there were many of its name; what to look at next is told once. */
static void
tell(struct um_html *html, uint64_t told[UM_FINDING_COUNT], const struct um_finding *finding)
{
    uint64_t before = told[finding->name]++;
    if (before < SAME_NAME_MAX)
        write_finding(html, finding, before == 0);
}

static void
tell_repeated(struct um_html *html, const uint64_t told[UM_FINDING_COUNT])
{
    for (unsigned i = 0; i < UM_FINDING_COUNT; i++) {
        if (told[i] <= SAME_NAME_MAX)
            continue;
        um_html_add(html, "<li>");
        write_name(html, (enum um_finding_name)i);
        um_html_add(html, "<p>%" PRIu64 " more like these (JSON has them all)</p></li>\n",
                    told[i] - SAME_NAME_MAX);
    }
}

void
um_html_findings(struct um_html *html, const struct um_findings *findings)
{
    uint64_t told[UM_FINDING_COUNT] = {0};
    um_html_add(html, "<ul class=\"findings\">\n");
    for (size_t i = 0; i < findings->count; i++)
        tell(html, told, &findings->items[i]);
    tell_repeated(html, told);
    um_html_add(html, "</ul>\n");
}

void
um_html_rest(struct um_html *html, const struct um_report *report)
{
    uint64_t told[UM_FINDING_COUNT] = {0};
    struct um_shown_findings rest = um_shown_findings(report);
    const struct um_finding *finding = um_shown_findings_next(&rest);
    if (!finding)
        return;
    um_html_add(html, "<section aria-labelledby=\"h-capture\">\n<h2 id=\"h-capture\">About the "
                      "capture</h2>\n<ul class=\"findings\">\n");
    for (; finding && !html->err; finding = um_shown_findings_next(&rest))
        tell(html, told, finding);
    tell_repeated(html, told);
    um_html_add(html, "</ul>\n</section>\n");
}

/* ---- what they mean ---- */

/* Who has findings of one name. */
struct use {
    uint64_t findings, calls;
    uint32_t numbers[CALLS_MAX]; /* of the first calls */
};

static void
count_call(struct use uses[UM_FINDING_COUNT], const struct um_call *call)
{
    for (size_t i = 0; i < call->findings.count; i++) {
        struct use *use = &uses[call->findings.items[i].name];
        use->findings++;
        size_t named = use->calls < CALLS_MAX ? (size_t)use->calls : CALLS_MAX;
        if (named > 0 && use->numbers[named - 1] == call->number)
            continue;
        if (named < CALLS_MAX)
            use->numbers[named] = call->number;
        else if (i > 0 && call->findings.items[i - 1].name == call->findings.items[i].name)
            continue;
        use->calls++;
    }
}

static void
count_uses(struct use uses[UM_FINDING_COUNT], const struct um_report *report)
{
    for (size_t i = 0; i < um_calls_count(report->calls); i++) {
        if (um_shown_call(report, i))
            count_call(uses, um_calls_at(report->calls, i));
    }
    struct um_shown_findings rest = um_shown_findings(report);
    const struct um_finding *finding;
    while ((finding = um_shown_findings_next(&rest)) != NULL)
        uses[finding->name].findings++;
}

static void
write_users(struct um_html *html, const struct use *use)
{
    if (use->calls == 0)
        return;
    um_html_add(html, "<p class=\"users\">In ");
    um_html_count(html, use->calls, "call");
    um_html_add(html, ":");
    for (size_t i = 0; i < use->calls && i < CALLS_MAX; i++)
        um_html_add(html, " <a href=\"#call-%" PRIu32 "\">%" PRIu32 "</a>", use->numbers[i],
                    use->numbers[i]);
    um_html_add(html, "%s</p>\n", use->calls > CALLS_MAX ? " \u2026" : "");
}

static void
write_explanation(struct um_html *html, enum um_finding_name name, const struct use *use,
                  const bool *linked)
{
    um_html_add(html, "<article id=\"finding-%s\">\n<h3><code>%s</code></h3>\n",
                um_finding_text(name), um_finding_text(name));
    write_users(html, use);
    um_finding_page_write(html, um_finding_page(name), linked);
    um_html_add(html, "</article>\n");
}

void
um_html_explanations(struct um_html *html, const struct um_report *report)
{
    struct use uses[UM_FINDING_COUNT] = {0};
    bool linked[UM_FINDING_COUNT], any = false;
    count_uses(uses, report);
    for (unsigned i = 0; i < UM_FINDING_COUNT; i++) {
        linked[i] = uses[i].findings > 0;
        any = any || linked[i];
    }
    if (!any)
        return;
    um_html_add(html, "<section aria-labelledby=\"h-meaning\" class=\"meaning\">\n"
                      "<h2 id=\"h-meaning\">What the findings mean</h2>\n");
    for (unsigned i = 0; i < UM_FINDING_COUNT; i++) {
        if (linked[i])
            write_explanation(html, (enum um_finding_name)i, &uses[i], linked);
    }
    um_html_add(html, "</section>\n");
}
