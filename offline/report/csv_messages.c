/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The view messages as CSV: a row an exchange. The columns are told in docs/formats.md. */
#include "offline/report/csv.h"
#include "offline/report/shown.h"
#include "offline/report/views.h"

static const char *const columns[] = {
    "number",
    "call",
    "service",
    "operation",
    "call_id",
    "guid",
    "um_server",
    "dial_string",
    "state",
    "cause",
    "fault_code",
    "fault_text",
    "fault_exception",
    "http_status",
    "client",
    "server",
    "target",
    "authentication_legs",
    "request_first_frame",
    "request_last_frame",
    "request_time",
    "reply_first_frame",
    "reply_last_frame",
    "reply_time",
    "latency_s",
    "findings",
    "http_version",
    UM_CSV_TLS_COLUMNS,
    NULL,
};

static void
write_head(struct um_csv *csv, const struct um_report *report,
           const struct um_exchange_record *record)
{
    um_csv_count(csv, record->number);
    if (record->call == SIZE_MAX)
        um_csv_nothing(csv);
    else
        um_csv_count(csv, um_calls_at(report->calls, record->call)->number);
    um_csv_word(csv, um_service_name(record->service));
    um_csv_word(csv, um_operation_name(record->operation));
    um_csv_text(csv, record->call_id);
    um_csv_word(csv, record->id.guid);
    um_csv_text(csv, record->id.server);
}

static void
write_told(struct um_csv *csv, const struct um_exchange_record *record)
{
    bool is_refused = record->is_fault || record->is_service_error;
    struct um_span none = um_span_of(NULL, 0);
    um_csv_text(csv, record->dial_string);
    um_csv_text(csv, record->state);
    um_csv_text(csv, record->cause);
    um_csv_text(csv, is_refused ? record->fault_code : none);
    um_csv_text(csv, is_refused ? record->fault_text : none);
    um_csv_text(csv, is_refused ? record->fault_exception : none);
    if (record->http_status > 0)
        um_csv_count(csv, record->http_status);
    else
        um_csv_nothing(csv);
}

static void
write_side(struct um_csv *csv, bool captured, const struct um_mark *first,
           const struct um_mark *last, int64_t time_ns)
{
    if (!captured) {
        um_csv_nothing(csv);
        um_csv_nothing(csv);
        um_csv_nothing(csv);
        return;
    }
    um_csv_count(csv, first->frame);
    um_csv_count(csv, last->frame);
    um_csv_time(csv, time_ns);
}

/* A request counts from its last byte, a reply from its first. */
static void
write_times(struct um_csv *csv, const struct um_exchange_record *record)
{
    int64_t q_ns = record->request_last.time_ns, r_ns = record->reply_first.time_ns;
    write_side(csv, record->has_request, &record->request_first, &record->request_last, q_ns);
    write_side(csv, record->has_reply, &record->reply_first, &record->reply_last, r_ns);
    if (record->has_request && record->has_reply)
        um_csv_seconds(csv, um_mark_elapsed_ns(q_ns, r_ns));
    else
        um_csv_nothing(csv);
}

static void
write_exchange(struct um_csv *csv, const struct um_report *report,
               const struct um_exchange_record *record)
{
    write_head(csv, report, record);
    write_told(csv, record);
    um_csv_endpoint(csv, &record->client);
    um_csv_endpoint(csv, &record->server);
    um_csv_text(csv, record->target);
    um_csv_count(csv, record->authentication_legs);
    write_times(csv, record);
    um_csv_findings(csv, &record->findings);
    um_csv_text(csv, record->http_version);
    um_csv_tls(csv, &record->tls);
    um_csv_row(csv);
}

int
um_csv_messages_write(const struct um_report *report, const struct um_style *style,
                      struct um_out *out)
{
    (void)style;
    struct um_csv csv = um_csv_to(out);
    um_csv_head(&csv, columns);
    size_t count = um_calls_exchange_count(report->calls);
    for (size_t i = 0; i < count && !csv.err && !out->err; i++) {
        const struct um_exchange_record *record = um_calls_exchange(report->calls, i);
        if (um_shown_exchange(report, record))
            write_exchange(&csv, report, record);
    }
    return um_csv_end(&csv);
}
