/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The view messages as text: two lines an exchange, the second with where and how it was answered,
 * longer only where there are many findings.
 */
#include <inttypes.h>

#include "core/base/err.h"
#include "offline/report/instant.h"
#include "offline/report/shown.h"
#include "offline/report/text_parts.h"
#include "offline/report/views.h"

enum {
    NUMBER_COLUMNS = 5,
    TIME_AT = NUMBER_COLUMNS + 2,
    OPERATION_AT = TIME_AT + 14,
    OPERATION_COLUMNS = 23, /* of the longest that are polls; a few are longer */
    CALL_AT = OPERATION_AT + OPERATION_COLUMNS + 2,
    CALL_COLUMNS = 8,
    TOLD_AT = CALL_AT + CALL_COLUMNS + 2,
    TOLD_COLUMNS = UM_PAGE_WIDTH - TOLD_AT,
    VERSION_COLUMNS = 16,
};

static void
write_heading(struct um_page *page)
{
    um_page_color(page, UM_PAGE_FAINT);
    um_page_add(page, "%*s", NUMBER_COLUMNS, "#");
    um_page_tab(page, TIME_AT);
    um_page_text(page, page->style.zone == UM_ZONE_LOCAL ? "local" : "UTC");
    um_page_tab(page, OPERATION_AT);
    um_page_text(page, "operation");
    um_page_tab(page, CALL_AT);
    um_page_text(page, "call");
    um_page_tab(page, TOLD_AT);
    um_page_text(page, "told");
    um_page_line(page);
}

/* The date, when it is another than that of the exchange before. */
static void
write_day(struct um_page *page, int64_t time_ns, char day[UM_INSTANT_TEXT_MAX])
{
    char date[UM_INSTANT_TEXT_MAX];
    um_instant_date(time_ns, page->style.zone, date);
    date[strlen("2026-11-23")] = '\0';
    if (strcmp(date, day) == 0)
        return;
    memcpy(day, date, UM_INSTANT_TEXT_MAX);
    um_page_spaces(page, TIME_AT);
    um_page_text(page, date);
    um_page_line(page);
}

static bool
is_refused(const struct um_exchange_record *record)
{
    return record->is_fault || record->is_service_error;
}

/* A fault, else state and cause, else the number that was dialled. */
static void
add_told(struct um_page *page, const struct um_exchange_record *record)
{
    size_t from = um_page_column(page);
    if (is_refused(record)) {
        um_page_color(page, UM_PAGE_BAD);
        um_page_short(
            page, record->fault_exception.len > 0 ? record->fault_exception : record->fault_code,
            TOLD_COLUMNS);
        um_page_color(page, UM_PAGE_PLAIN);
    } else if (record->state.len > 0) {
        um_page_short(page, record->state, TOLD_COLUMNS);
        size_t taken = um_page_column(page) - from;
        if (record->cause.len > 0 && taken + 6 < TOLD_COLUMNS) {
            um_page_text(page, ", ");
            um_page_short(page, record->cause, TOLD_COLUMNS - taken - 2);
        }
    } else if (record->dial_string.len > 0) {
        um_page_short(page, record->dial_string, TOLD_COLUMNS);
    }
}

static void
write_first_line(struct um_page *page, const struct um_exchange_record *record, int64_t time_ns)
{
    char clock[UM_INSTANT_TEXT_MAX];
    struct um_span id = record->id.guid[0] != '\0' ? um_span_text(record->id.guid) : record->id.key;
    um_page_add(page, "%*" PRIu64, NUMBER_COLUMNS, record->number);
    um_page_tab(page, TIME_AT);
    um_page_text(page, um_instant_clock(time_ns, page->style.zone, clock));
    um_page_tab(page, OPERATION_AT);
    um_page_short(page, um_span_text(um_operation_name(record->operation)), OPERATION_COLUMNS);
    um_page_tab(page, CALL_AT);
    if (record->id.guid[0] != '\0')
        um_page_span(page, um_span_first(id, CALL_COLUMNS));
    else
        um_page_short(page, id, CALL_COLUMNS);
    um_page_tab(page, TOLD_AT);
    add_told(page, record);
    um_page_line(page);
}

static void
add_reply(struct um_page *page, const struct um_exchange_record *record)
{
    if (record->http_status > 0)
        um_page_add(page, ", HTTP %u", record->http_status);
    else
        um_page_text(page, record->has_reply ? ", reply" : ", no reply");
    if (record->has_request && record->has_reply) {
        char took[UM_INSTANT_TEXT_MAX];
        int64_t ns = um_mark_elapsed_ns(record->request_last.time_ns, record->reply_first.time_ns);
        um_page_add(page, " after %s s", um_instant_seconds(ns, 3, UM_ROUND_DOWN, took));
    }
    if (record->authentication_legs > 0) {
        um_page_text(page, ", ");
        um_text_count(page, record->authentication_legs, "authentication leg");
        um_page_text(page, " before");
    }
}

/* HTTP/1 in the clear needs no word. */
static void
add_way(struct um_page *page, const struct um_exchange_record *record)
{
    const struct um_exchange_tls *tls = &record->tls;
    bool is_old = um_span_starts(record->http_version, um_span_text("HTTP/1"));
    if (!tls->version && (is_old || record->http_version.len == 0))
        return;
    um_page_text(page, "; by ");
    um_page_short(page, record->http_version, VERSION_COLUMNS);
    if (!tls->version)
        return;
    um_page_add(page, " in %s, %s%s", tls->version, tls->suite ? tls->suite : "unknown suite",
                tls->is_unverified ? " (not verified)" : "");
    if (tls->server_name.len > 0) {
        um_page_text(page, ", ");
        um_page_short(page, tls->server_name, UM_PAGE_WIDTH);
    }
}

/* Frames, reply, way, fault text, findings. */
static void
write_second_line(struct um_page *page, const struct um_exchange_record *record)
{
    struct um_mark first = um_mark_earlier(
        record->has_request ? record->request_first : record->reply_first, record->reply_first);
    struct um_mark last = um_mark_later(record->request_last, record->reply_last);
    um_page_spaces(page, TIME_AT);
    um_text_frames(page, first.frame, last.frame);
    add_reply(page, record);
    add_way(page, record);
    if (record->fault_text.len > 0 && is_refused(record)) {
        um_page_text(page, ": \"");
        um_page_short(page, record->fault_text, UM_PAGE_WIDTH);
        um_page_text(page, "\"");
    }
    for (size_t i = 0; i < record->findings.count; i++)
        um_page_add(page, "%s%s", i > 0 ? ", " : "; ",
                    um_finding_text(record->findings.items[i].name));
    um_page_paragraph(page, TIME_AT);
}

int
um_text_messages_write(const struct um_report *report, const struct um_style *style,
                       struct um_out *out)
{
    struct um_page page = um_page_to(out, style);
    char day[UM_INSTANT_TEXT_MAX] = "";
    size_t shown = 0;
    for (size_t i = 0; i < um_calls_exchange_count(report->calls); i++) {
        const struct um_exchange_record *record = um_calls_exchange(report->calls, i);
        if (!um_shown_exchange(report, record))
            continue;
        if (shown++ == 0)
            write_heading(&page);
        int64_t time_ns =
            record->has_request ? record->request_last.time_ns : record->reply_first.time_ns;
        write_day(&page, time_ns, day);
        write_first_line(&page, record, time_ns);
        write_second_line(&page, record);
        if (page.err || out->err)
            break;
    }
    if (shown == 0) {
        um_page_text(&page, "No message of the UM web service is shown.");
        um_page_paragraph(&page, 0);
    }
    um_page_line(&page);
    um_text_rest(&page, report);
    um_text_summary(&page, report);
    return um_page_end(&page);
}
