/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Exchanges as a table: when, what was asked, what was told, how it was answered, in which frames.
 */
#include <inttypes.h>

#include "core/base/mark.h"
#include "offline/report/html_parts.h"
#include "offline/report/instant.h"
#include "offline/report/shown.h"

enum {
    EDGE = 200, /* exchanges shown at each end of a long call */
    TEXT_MAX = 120,
};

static void
write_head(struct um_html *html, const char *caption)
{
    um_html_add(html,
                "<div class=\"wide\"><table class=\"exchanges\"><caption>%s</caption>\n<thead><tr>"
                "<th scope=\"col\">#</th><th scope=\"col\">UTC</th><th scope=\"col\">Operation</th>"
                "<th scope=\"col\">Told</th><th scope=\"col\">HTTP</th>"
                "<th scope=\"col\">Reply after (s)</th><th scope=\"col\">Request frames</th>"
                "<th scope=\"col\">Reply frames</th><th scope=\"col\">Findings</th></tr></thead>\n"
                "<tbody>\n",
                caption);
}

/* A fault, else state and cause, else the number that was dialled. */
static void
write_told(struct um_html *html, const struct um_exchange_record *record)
{
    if (record->is_fault || record->is_service_error) {
        um_html_add(html, "<strong class=\"bad\">");
        um_html_short(
            html, record->fault_exception.len > 0 ? record->fault_exception : record->fault_code,
            TEXT_MAX);
        um_html_add(html, "</strong> ");
        um_html_short(html, record->fault_text, TEXT_MAX);
    } else if (record->state.len > 0) {
        um_html_short(html, record->state, TEXT_MAX);
        um_html_add(html, record->cause.len > 0 ? ", " : "");
        um_html_short(html, record->cause, TEXT_MAX);
        um_html_add(html, record->sip_code.len > 0 ? ", SIP " : "");
        um_html_short(html, record->sip_code, TEXT_MAX);
        um_html_add(html, record->sip_text.len > 0 ? " " : "");
        um_html_short(html, record->sip_text, TEXT_MAX);
    } else if (record->dial_string.len > 0) {
        um_html_add(html, "to ");
        um_html_short(html, record->dial_string, TEXT_MAX);
    }
}

static void
write_frames(struct um_html *html, bool captured, const struct um_mark *first,
             const struct um_mark *last)
{
    if (!captured)
        um_html_add(html, "<td class=\"none\">none</td>");
    else if (first->frame == last->frame)
        um_html_add(html, "<td class=\"f\">%" PRIu64 "</td>", first->frame);
    else
        um_html_add(html, "<td class=\"f\">%" PRIu64 "\u2013%" PRIu64 "</td>", first->frame,
                    last->frame);
}

static void
write_status(struct um_html *html, const struct um_exchange_record *record)
{
    um_html_add(html, record->http_status >= 400 ? "<td class=\"bad\">" : "<td>");
    if (record->http_status > 0)
        um_html_add(html, "%u", record->http_status);
    if (record->authentication_legs > 0) {
        um_html_add(html, " after ");
        um_html_count(html, record->authentication_legs, "authentication leg");
    }
    um_html_add(html, "</td><td class=\"n\">");
    if (record->has_request && record->has_reply) {
        char took[UM_INSTANT_TEXT_MAX];
        int64_t ns = um_mark_elapsed_ns(record->request_last.time_ns, record->reply_first.time_ns);
        um_html_add(html, "%s", um_instant_seconds(ns, 3, UM_ROUND_DOWN, took));
    }
    um_html_add(html, "</td>");
}

static void
write_row(struct um_html *html, const struct um_exchange_record *record, bool is_hop)
{
    char clock[UM_INSTANT_TEXT_MAX];
    int64_t time_ns =
        record->has_request ? record->request_last.time_ns : record->reply_first.time_ns;
    um_html_add(html, "<tr><td class=\"n\">%" PRIu64 "</td><td>%s</td><td>%s%s</td><td>",
                record->number, um_instant_clock(time_ns, UM_ZONE_UTC, clock),
                um_operation_name(record->operation), is_hop ? " (other hop)" : "");
    write_told(html, record);
    um_html_add(html, "</td>");
    write_status(html, record);
    write_frames(html, record->has_request, &record->request_first, &record->request_last);
    write_frames(html, record->has_reply, &record->reply_first, &record->reply_last);
    um_html_add(html, "<td>");
    for (size_t i = 0; i < record->findings.count; i++)
        um_html_add(html, "%s<a href=\"#finding-%s\">%s</a>", i > 0 ? ", " : "",
                    um_finding_text(record->findings.items[i].name),
                    um_finding_text(record->findings.items[i].name));
    um_html_add(html, "</td></tr>\n");
}

static void
write_left_out(struct um_html *html, size_t count)
{
    um_html_add(html,
                "<tr><td colspan=\"9\">\u2026 %zu more, left out here; the view messages has "
                "them all</td></tr>\n",
                count);
}

size_t
um_html_member_after(const struct um_call *call, size_t index)
{
    bool is_gap = index + 1 == EDGE && call->member_count > 2 * (size_t)EDGE;
    return is_gap ? call->member_count - EDGE : index + 1;
}

void
um_html_exchanges(struct um_html *html, const struct um_report *report, const struct um_call *call)
{
    write_head(html, "Exchanges");
    for (size_t i = 0, next; i < call->member_count; i = next) {
        write_row(html, um_calls_exchange(report->calls, call->members[i].exchange),
                  call->members[i].hop_of != SIZE_MAX);
        next = um_html_member_after(call, i);
        if (next > i + 1)
            write_left_out(html, next - i - 1);
    }
    um_html_add(html, "</tbody></table></div>\n");
}

void
um_html_exchanges_without_call(struct um_html *html, const struct um_report *report)
{
    size_t count = 0;
    for (size_t i = 0; i < um_calls_exchange_count(report->calls); i++) {
        const struct um_exchange_record *record = um_calls_exchange(report->calls, i);
        if (record->call != SIZE_MAX || !um_shown_exchange(report, record))
            continue;
        if (count++ == 0) {
            um_html_add(html,
                        "<section aria-labelledby=\"h-others\">\n<h2 id=\"h-others\">Exchanges "
                        "of no call</h2>\n");
            write_head(html, "Messages of the UM web service that tell no call");
        }
        if (count <= 2 * (size_t)EDGE)
            write_row(html, record, false);
    }
    if (count > 2 * (size_t)EDGE)
        write_left_out(html, count - 2 * (size_t)EDGE);
    um_html_add(html, count > 0 ? "</tbody></table></div>\n</section>\n" : "");
}
