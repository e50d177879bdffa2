/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One call: what became of it, who and when, its states, its findings, how to find it in Wireshark,
 * its exchanges. It is folded; a link into it opens it, with or without a script.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "core/base/err.h"
#include "offline/report/display_filter.h"
#include "offline/report/html_parts.h"
#include "offline/report/html_timeline.h"
#include "offline/report/instant.h"
#include "offline/report/span_cells.h"

enum {
    ENDPOINTS_MAX = 8,
    ID_MAX = 400, /* bytes of an id */
    SPANS_MAX = 400,
    TEXT_MAX = 120,
};

/* ---- who, whom, when ---- */

static void
begin_fact(struct um_html *html, const char *name)
{
    um_html_add(html, "<div><dt>%s</dt><dd>", name);
}

static void
end_fact(struct um_html *html)
{
    um_html_add(html, "</dd></div>\n");
}

static void
write_endpoints(struct um_html *html, const char *name, const struct um_endpoint *endpoints,
                size_t count)
{
    begin_fact(html, name);
    for (size_t i = 0; i < count && i < ENDPOINTS_MAX; i++) {
        um_html_add(html, i > 0 ? ", " : "");
        um_html_endpoint(html, &endpoints[i]);
    }
    if (count > ENDPOINTS_MAX)
        um_html_add(html, " and %zu more", count - ENDPOINTS_MAX);
    end_fact(html);
}

static void
write_placing(struct um_html *html, const struct um_exchange_record *origin,
              const struct um_call *call)
{
    char date[UM_INSTANT_TEXT_MAX];
    if (origin && origin->dial_string.len > 0) {
        begin_fact(html, "Number");
        um_html_short(html, origin->dial_string, ID_MAX);
        end_fact(html);
    }
    begin_fact(html, origin ? "Placed" : "First seen");
    um_html_add(html, "%s UTC",
                um_instant_date(origin ? origin->request_last.time_ns : call->first.time_ns,
                                UM_ZONE_UTC, date));
    if (origin)
        um_html_add(html, " by %s", um_operation_name(origin->operation));
    end_fact(html);
}

static void
write_ids(struct um_html *html, const struct um_call *call)
{
    if (call->id.guid[0] != '\0') {
        begin_fact(html, "GUID");
        um_html_string(html, call->id.guid);
        end_fact(html);
    }
    if (call->id.server.len > 0) {
        begin_fact(html, "UM server");
        um_html_short(html, call->id.server, ID_MAX);
        end_fact(html);
    }
    begin_fact(html, "CallId");
    um_html_short(html, call->call_id, ID_MAX);
    um_html_add(html, call->call_id.len > 0 ? "" : "none in the capture");
    end_fact(html);
}

/* What the call's first exchange came through; they all did, as a rule. */
static void
write_way(struct um_html *html, const struct um_exchange_record *first)
{
    const struct um_exchange_tls *tls = &first->tls;
    if (!tls->version && first->http_version.len == 0)
        return;
    begin_fact(html, "Through");
    um_html_short(html, first->http_version, ID_MAX);
    if (tls->version) {
        um_html_add(html, " in ");
        um_html_string(html, tls->version);
        um_html_add(html, ", ");
        um_html_string(html, tls->suite ? tls->suite : "unknown suite");
        um_html_add(html, tls->is_unverified ? " (not verified)" : "");
    }
    if (tls->server_name.len > 0) {
        um_html_add(html, ", ");
        um_html_short(html, tls->server_name, ID_MAX);
    }
    end_fact(html);
}

static void
write_facts(struct um_html *html, const struct um_report *report,
            const struct um_exchange_record *origin, const struct um_call *call)
{
    um_html_add(html, "<dl class=\"facts\">\n");
    write_placing(html, origin, call);
    write_endpoints(html, call->client_count == 1 ? "Client" : "Clients", call->clients,
                    call->client_count);
    write_endpoints(html, call->server_count == 1 ? "Server" : "Servers", call->servers,
                    call->server_count);
    write_way(html, um_calls_exchange(report->calls, call->members[0].exchange));
    write_ids(html, call);
    begin_fact(html, "Traffic");
    um_html_count(html, call->exchanges, "exchange");
    um_html_add(html, ", of them ");
    um_html_count(html, call->polls, "poll");
    um_html_add(html, "; frames %" PRIu64 "\u2013%" PRIu64, call->first.frame, call->last.frame);
    end_fact(html);
    um_html_add(html, "</dl>\n");
}

/* ---- states ---- */

static void
write_span(struct um_html *html, const struct um_span_axis *axis,
           const struct um_span_of_state *span)
{
    um_html_add(html, "<tr class=\"c%u\"><th scope=\"row\">", (unsigned)span->state);
    um_html_short(html, span->state_text, TEXT_MAX);
    um_html_add(html, "</th><td>");
    um_html_short(html, um_span_cell_cause(span), TEXT_MAX);
    um_html_add(html, "</td>");
    for (unsigned i = 0; i < UM_SPAN_CELL_COUNT; i++) {
        char cell[UM_SPAN_CELL_TEXT_MAX];
        um_span_cell(axis, span, (enum um_span_cell)i, cell);
        um_html_add(html, "<td>%s</td>", cell);
    }
    um_html_add(html, "</tr>\n");
}

static void
write_states(struct um_html *html, const struct um_report *report,
             const struct um_exchange_record *origin, const struct um_call *call)
{
    const struct um_timeline *timeline = &call->timeline;
    if (timeline->span_count == 0)
        return;
    struct um_span_axis axis =
        um_span_axis_of(timeline, origin ? &origin->request_last.time_ns : NULL, "\u2013");
    um_html_timeline_call(html, report, call);
    um_html_add(html,
                "<div class=\"wide\"><table class=\"spans\"><caption>States, in seconds since %s: "
                "not before the first figure, not after the second</caption>\n<thead><tr>"
                "<th scope=\"col\">State</th><th scope=\"col\">Cause</th>"
                "<th scope=\"col\">Lasted</th><th scope=\"col\">Began</th>"
                "<th scope=\"col\">Ended</th><th scope=\"col\">Frames</th></tr></thead>\n<tbody>\n",
                origin ? "the call was placed" : "the first poll");
    for (size_t i = 0; i < timeline->span_count && i < SPANS_MAX; i++)
        write_span(html, &axis, &timeline->spans[i]);
    if (timeline->span_count > SPANS_MAX)
        um_html_add(html, "<tr><td colspan=\"6\">\u2026 %zu more, left out here</td></tr>\n",
                    timeline->span_count - SPANS_MAX);
    um_html_add(html, "</tbody></table></div>\n");
}

/* ---- Wireshark ---- */

static void
write_filter(struct um_html *html, const char *what, struct um_span filter)
{
    um_html_add(html, "<div><dt>%s</dt><dd><code class=\"filter\">", what);
    um_html_text(html, filter);
    um_html_add(html, "</code></dd></div>\n");
}

/* The first and last frames of each request and reply shown. */
static size_t
gather_frames(uint64_t *frames, const struct um_report *report, const struct um_call *call)
{
    size_t count = 0;
    for (size_t i = 0; i < call->member_count; i = um_html_member_after(call, i)) {
        const struct um_exchange_record *record =
            um_calls_exchange(report->calls, call->members[i].exchange);
        if (record->has_request) {
            frames[count++] = record->request_first.frame;
            frames[count++] = record->request_last.frame;
        }
        if (record->has_reply) {
            frames[count++] = record->reply_first.frame;
            frames[count++] = record->reply_last.frame;
        }
    }
    return count;
}

static int
append_filters(struct um_buf *frames_filter, struct um_buf *id_filter,
               const struct um_report *report, const struct um_call *call)
{
    uint64_t *frames = calloc(call->member_count, 4 * sizeof *frames);
    if (!frames)
        return UM_ERR_NOMEM;
    size_t count = gather_frames(frames, report, call);
    int err = um_display_filter_frames(frames_filter, frames, count);
    free(frames);
    return err ? err : um_display_filter_call_ids(id_filter, call->spellings, call->spelling_count);
}

static void
write_filters(struct um_html *html, const struct um_report *report, const struct um_call *call)
{
    struct um_buf frames = {0}, id = {0};
    if (append_filters(&frames, &id, report, call))
        html->err = UM_ERR_NOMEM;
    um_html_add(html, "<h4>In Wireshark</h4>\n<dl class=\"filters\">\n");
    write_filter(html, "The exchanges below", um_buf_span(&frames));
    if (id.len > 0)
        write_filter(html, "The call, with the dissector umws", um_buf_span(&id));
    um_html_add(html, "</dl>\n");
    um_buf_done(&frames);
    um_buf_done(&id);
}

/* ---- the call ---- */

static void
write_title(struct um_html *html, const struct um_report *report,
            const struct um_exchange_record *origin, const struct um_call *call)
{
    um_html_add(html, "<summary><h3>Call %" PRIu32 "</h3> <span class=\"outcome\">%s %s</span> ",
                call->number, um_html_outcome_sign(call->outcome), um_outcome_text(call->outcome));
    um_html_add(html, "<span class=\"why\">");
    um_html_summary(html, um_call_summary_why, report, call);
    um_html_add(html, "</span>");
    if (origin && origin->dial_string.len > 0) {
        um_html_add(html, " <span class=\"to\">to ");
        um_html_short(html, origin->dial_string, TEXT_MAX);
        um_html_add(html, "</span>");
    }
    um_html_add(html, "</summary>\n");
}

void
um_html_call(struct um_html *html, const struct um_report *report, const struct um_call *call)
{
    const struct um_exchange_record *origin =
        call->origin == SIZE_MAX ? NULL : um_calls_exchange(report->calls, call->origin);
    um_html_add(html, "<details class=\"call %s\" data-call=\"%" PRIu32 "\">",
                um_outcome_text(call->outcome), call->number);
    write_title(html, report, origin, call);
    um_html_add(html, "<div id=\"call-%" PRIu32 "\" class=\"body\">\n<p class=\"told\">",
                call->number);
    um_html_summary(html, um_call_summary_append, report, call);
    um_html_add(html, "</p>\n");
    if (call->findings.count > 0)
        um_html_findings(html, &call->findings);
    write_states(html, report, origin, call);
    write_facts(html, report, origin, call);
    write_filters(html, report, call);
    um_html_exchanges(html, report, call);
    um_html_add(html, "</div></details>\n");
}
