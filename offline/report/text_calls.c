/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The view calls as text, and the view summary, its end: a block a call with who called which
 * number from where, what became of it, its timeline and its findings; then what is to be said of
 * the capture; then the counts.
 */
#include <inttypes.h>

#include "core/base/err.h"
#include "offline/report/call_summary.h"
#include "offline/report/instant.h"
#include "offline/report/shown.h"
#include "offline/report/text_parts.h"
#include "offline/report/text_spans.h"
#include "offline/report/views.h"

enum {
    INDENT = 2,
    VALUE_AT = 16, /* where the second column of the table stands */
    VALUE_COLUMNS = UM_PAGE_WIDTH - VALUE_AT,
    ENDPOINTS_SHOWN = 3,
};

static const struct um_exchange_record *
origin_of(const struct um_report *report, const struct um_call *call)
{
    return call->origin == SIZE_MAX ? NULL : um_calls_exchange(report->calls, call->origin);
}

static void
write_title(struct um_page *page, const struct um_call *call)
{
    um_page_mark(page, UM_MARK_RULE);
    um_page_mark(page, UM_MARK_RULE);
    um_page_color(page, UM_PAGE_STRONG);
    um_page_add(page, " Call %" PRIu32 ": ", call->number);
    um_page_color(page, um_text_outcome_color(call->outcome));
    um_page_text(page, um_outcome_text(call->outcome));
    if (call->outcome == UM_OUTCOME_FAILED) {
        um_page_text(page, ", ");
        um_page_short(page, call->cause_text, UM_PAGE_WIDTH / 2);
    }
    um_page_color(page, UM_PAGE_PLAIN);
    um_page_text(page, " ");
    um_page_rule(page);
}

/* ---- who, whom, from where, when ---- */

static void
begin_fact(struct um_page *page, const char *name)
{
    um_page_spaces(page, INDENT);
    um_page_color(page, UM_PAGE_FAINT);
    um_page_text(page, name);
    um_page_color(page, UM_PAGE_PLAIN);
    um_page_tab(page, VALUE_AT);
}

static void
end_fact(struct um_page *page)
{
    um_page_paragraph(page, VALUE_AT);
}

static void
write_number(struct um_page *page, const struct um_exchange_record *origin)
{
    if (!origin || origin->dial_string.len == 0)
        return;
    begin_fact(page, "number");
    um_page_short(page, origin->dial_string, VALUE_COLUMNS);
    end_fact(page);
}

static void
write_placing(struct um_page *page, const struct um_exchange_record *origin,
              const struct um_call *call)
{
    char date[UM_INSTANT_TEXT_MAX], name[UM_INSTANT_TEXT_MAX];
    enum um_zone zone = page->style.zone;
    if (!origin) {
        begin_fact(page, "first seen");
        um_page_add(page, "%s %s, ", um_instant_date(call->first.time_ns, zone, date),
                    um_instant_zone(call->first.time_ns, zone, name));
        um_text_frames(page, call->first.frame, call->first.frame);
        end_fact(page);
        return;
    }
    begin_fact(page, "placed");
    um_page_add(page, "%s %s by %s, request in ",
                um_instant_date(origin->request_last.time_ns, zone, date),
                um_instant_zone(origin->request_last.time_ns, zone, name),
                um_operation_name(origin->operation));
    um_text_frames(page, origin->request_first.frame, origin->request_last.frame);
    if (origin->has_reply) {
        um_page_text(page, ", reply in ");
        um_text_frames(page, origin->reply_first.frame, origin->reply_last.frame);
    } else {
        um_page_text(page, ", no reply");
    }
    end_fact(page);
}

static void
write_endpoints(struct um_page *page, const char *name, const struct um_endpoint *endpoints,
                size_t count)
{
    size_t shown = count > ENDPOINTS_SHOWN + 1 ? ENDPOINTS_SHOWN : count;
    begin_fact(page, name);
    for (size_t i = 0; i < shown; i++) {
        um_page_text(page, i > 0 ? ", " : "");
        um_page_endpoint(page, &endpoints[i], VALUE_COLUMNS - 1);
    }
    if (shown < count)
        um_page_add(page, " and %zu more", count - shown);
    end_fact(page);
}

static void
write_id(struct um_page *page, const struct um_call *call)
{
    begin_fact(page, call->id.guid[0] != '\0' ? "GUID" : "CallId");
    if (call->id.guid[0] != '\0')
        um_page_text(page, call->id.guid);
    else if (call->call_id.len > 0)
        um_page_short(page, call->call_id, VALUE_COLUMNS);
    else
        um_page_text(page, "none in the capture");
    end_fact(page);
    if (call->id.server.len == 0)
        return;
    begin_fact(page, "UM server");
    um_page_short(page, call->id.server, VALUE_COLUMNS);
    end_fact(page);
}

static void
write_extent(struct um_page *page, const struct um_call *call)
{
    begin_fact(page, "traffic");
    um_text_count(page, call->exchanges, "exchange");
    um_page_text(page, " (");
    um_text_count(page, call->polls, "poll");
    um_page_text(page, "), ");
    um_text_frames(page, call->first.frame, call->last.frame);
    end_fact(page);
}

static void
write_facts(struct um_page *page, const struct um_exchange_record *origin,
            const struct um_call *call)
{
    write_number(page, origin);
    write_placing(page, origin, call);
    write_endpoints(page, call->client_count == 1 ? "client" : "clients", call->clients,
                    call->client_count);
    write_endpoints(page, call->server_count == 1 ? "server" : "servers", call->servers,
                    call->server_count);
    write_id(page, call);
    write_extent(page, call);
}

/* ---- calls ---- */

static void
write_summary(struct um_page *page, const struct um_report *report, const struct um_call *call)
{
    struct um_buf sentence = {0};
    if (um_call_summary_append(&sentence, report, call))
        page->err = UM_ERR_NOMEM;
    um_page_span(page, um_buf_span(&sentence));
    um_buf_done(&sentence);
}

static void
write_call(struct um_page *page, const struct um_report *report, const struct um_call *call)
{
    const struct um_exchange_record *origin = origin_of(report, call);
    write_title(page, call);
    um_page_line(page);
    um_page_spaces(page, INDENT);
    write_summary(page, report, call);
    um_page_paragraph(page, INDENT);
    um_page_line(page);
    write_facts(page, origin, call);
    um_page_line(page);
    if (call->timeline.span_count > 0) {
        um_text_spans(page, &call->timeline, origin ? &origin->request_last.time_ns : NULL);
        um_page_line(page);
    }
    if (call->findings.count > 0) {
        um_text_findings(page, &call->findings);
        um_page_line(page);
    }
}

int
um_text_calls_write(const struct um_report *report, const struct um_style *style,
                    struct um_out *out)
{
    struct um_page page = um_page_to(out, style);
    size_t shown = 0;
    for (size_t i = 0; i < um_calls_count(report->calls) && !page.err && !out->err; i++) {
        if (!um_shown_call(report, i))
            continue;
        write_call(&page, report, um_calls_at(report->calls, i));
        shown++;
    }
    if (shown == 0 && !out->err) {
        um_page_text(&page, um_shown_absence(report));
        um_page_paragraph(&page, 0);
        um_page_line(&page);
    }
    um_text_rest(&page, report);
    um_text_summary(&page, report);
    return um_page_end(&page);
}

int
um_text_summary_write(const struct um_report *report, const struct um_style *style,
                      struct um_out *out)
{
    struct um_page page = um_page_to(out, style);
    um_text_rest(&page, report);
    um_text_summary(&page, report);
    return um_page_end(&page);
}
