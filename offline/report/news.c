/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each line says when, which call, and what; what the server never told is not in it. */
#include "offline/report/news.h"

#include <inttypes.h>

#include "core/base/err.h"
#include "offline/report/call_summary.h"
#include "offline/report/json_calls.h"
#include "offline/report/json_parts.h"
#include "offline/report/text_parts.h"

enum { ID_COLUMNS = 8, TEXT_COLUMNS = 24 };

/* The reply told it; its request stands for one that was refused without a message. */
static struct um_mark
mark_of(const struct um_exchange_record *record)
{
    return record->has_reply ? record->reply_first : record->request_last;
}

static struct um_span
refusal_of(const struct um_exchange_record *record)
{
    return record->fault_exception.len > 0 ? record->fault_exception : record->fault_code;
}

/* ---- text ---- */

/* "2026-11-23 18:33:21.123  call 3  3f2a9c10  " */
static void
begin_line(struct um_page *page, int64_t time_ns, uint32_t number, const struct um_call_id *id)
{
    char date[UM_INSTANT_TEXT_MAX];
    um_page_color(page, UM_PAGE_FAINT);
    um_page_text(page, um_instant_date(time_ns, page->style.zone, date));
    um_page_color(page, UM_PAGE_PLAIN);
    um_page_add(page, "  call %" PRIu32 "  ", number);
    if (id->guid[0] != '\0')
        um_page_span(page, um_span_first(um_span_text(id->guid), ID_COLUMNS));
    else
        um_page_short(page, id->key.len > 0 ? id->key : um_span_text("(no id)"), ID_COLUMNS);
    um_page_text(page, "  ");
}

static enum um_page_color
color_of(const struct um_observation *to)
{
    bool is_bad = to->cause != UM_CAUSE_NONE && to->cause != UM_CAUSE_ABSENT;
    if (is_bad)
        return UM_PAGE_BAD;
    return to->state == UM_STATE_CONNECTED ? UM_PAGE_GOOD : UM_PAGE_STRONG;
}

static void
add_change(struct um_page *page, const struct um_news *news)
{
    const struct um_observation *to = &news->change.to;
    um_page_short(page, news->change.from_text.data ? news->change.from_text : um_span_text("-"),
                  TEXT_COLUMNS);
    um_page_text(page, " -> ");
    um_page_color(page, color_of(to));
    um_page_short(page, to->state_text, TEXT_COLUMNS);
    if (to->cause_text.len > 0 && to->cause != UM_CAUSE_NONE) {
        um_page_text(page, ", ");
        um_page_short(page, to->cause_text, TEXT_COLUMNS);
    }
    um_page_color(page, UM_PAGE_PLAIN);
}

static void
add_refusal(struct um_page *page, const struct um_exchange_record *record)
{
    um_page_color(page, UM_PAGE_BAD);
    um_page_text(page, "refused");
    if (refusal_of(record).len > 0) {
        um_page_text(page, ": ");
        um_page_span(page, refusal_of(record));
    } else if (record->http_status > 0) {
        um_page_add(page, ": HTTP %u", record->http_status);
    }
    um_page_color(page, UM_PAGE_PLAIN);
}

static int
write_news(const struct um_news *news, const struct um_style *style, struct um_out *out)
{
    const struct um_exchange_record *record = news->record;
    struct um_page page = um_page_to(out, style);
    begin_line(&page, mark_of(record).time_ns, news->number, &record->id);
    if (news->is_refusal)
        add_refusal(&page, record);
    else
        add_change(&page, news);
    if (record->dial_string.len > 0) {
        um_page_text(&page, ", to ");
        um_page_short(&page, record->dial_string, TEXT_COLUMNS);
    }
    um_page_add(&page, "  (frame %" PRIu64 ")", mark_of(record).frame);
    um_page_whole_line(&page);
    return um_page_end(&page);
}

/* The sentence, and the names of the findings. */
static int
write_released(const struct um_report *report, const struct um_call *call,
               const struct um_style *style, struct um_out *out)
{
    struct um_page page = um_page_to(out, style);
    struct um_buf sentence = {0};
    begin_line(&page, call->last.time_ns, call->number, &call->id);
    um_page_color(&page, um_text_outcome_color(call->outcome));
    um_page_text(&page, um_outcome_text(call->outcome));
    um_page_color(&page, UM_PAGE_PLAIN);
    um_page_text(&page, ": ");
    if (um_call_summary_append(&sentence, report, call))
        page.err = UM_ERR_NOMEM;
    um_page_span(&page, um_buf_span(&sentence));
    um_buf_done(&sentence);
    const char *lead = " Findings: ";
    for (size_t i = 0; i < call->findings.count; i++) {
        enum um_finding_name name = call->findings.items[i].name;
        if (i > 0 && name == call->findings.items[i - 1].name)
            continue;
        um_page_add(&page, "%s%s", lead, um_finding_text(name));
        lead = ", ";
    }
    um_page_whole_line(&page);
    return um_page_end(&page);
}

/* ---- JSON ---- */

static int
write_news_json(const struct um_news *news, struct um_out *out)
{
    const struct um_exchange_record *record = news->record;
    const struct um_observation *to = &news->change.to;
    struct um_json json = um_json_to(out);
    um_json_parts_open(&json, NULL, "state");
    um_json_time(&json, "time", mark_of(record).time_ns);
    um_json_count(&json, "call", news->number);
    um_json_parts_known(&json, "call_id", record->call_id);
    um_json_parts_known(&json, "guid", um_span_text(record->id.guid));
    um_json_parts_known(&json, "dial_string", record->dial_string);
    um_json_text(&json, "from", news->change.from_text);
    um_json_text(&json, "state", to->state_text);
    um_json_parts_known(&json, "cause", to->cause_text);
    um_json_flag(&json, "implied", to->implied);
    um_json_parts_known(&json, "refused",
                        news->is_refusal ? refusal_of(record) : um_span_of(NULL, 0));
    if (record->http_status > 0)
        um_json_count(&json, "http_status", record->http_status);
    else
        um_json_null(&json, "http_status");
    um_json_count(&json, "frame", mark_of(record).frame);
    um_json_close(&json);
    return um_json_end(&json);
}

/* ---- both ---- */

int
um_report_news(const struct um_news *news, enum um_format format, const struct um_style *style,
               FILE *out)
{
    struct um_out stream = {.stream = out};
    int err = format == UM_FORMAT_TEXT ? write_news(news, style, &stream)
                                       : write_news_json(news, &stream);
    um_out_flush(&stream);
    return um_out_result(&stream, err);
}

int
um_report_released(const struct um_report *report, const struct um_call *call,
                   enum um_format format, const struct um_style *style, FILE *out)
{
    struct um_out stream = {.stream = out};
    int err = format == UM_FORMAT_TEXT ? write_released(report, call, style, &stream)
                                       : um_json_calls_line(report, call, &stream);
    um_out_flush(&stream);
    return um_out_result(&stream, err);
}
