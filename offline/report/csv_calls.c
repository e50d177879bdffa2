/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The view calls as CSV: a row a call. The columns are told in docs/formats.md. */
#include "core/base/err.h"
#include "offline/report/call_summary.h"
#include "offline/report/csv.h"
#include "offline/report/shown.h"
#include "offline/report/views.h"

static const char *const columns[] = {
    "number",     "outcome",   "why",         "operation",  "dial_string", "placed_time",
    "first_time", "last_time", "first_frame", "last_frame", "exchanges",   "polls",
    "last_state", "up_min_s",  "up_max_s",    "guid",       "um_server",   "call_id",
    "service",    "clients",   "servers",     "findings",   "summary",     NULL,
};

static void
write_origin(struct um_csv *csv, const struct um_report *report, const struct um_call *call)
{
    if (call->origin == SIZE_MAX) {
        um_csv_nothing(csv);
        um_csv_nothing(csv);
        um_csv_nothing(csv);
        return;
    }
    const struct um_exchange_record *origin = um_calls_exchange(report->calls, call->origin);
    um_csv_word(csv, um_operation_name(origin->operation));
    um_csv_text(csv, origin->dial_string);
    um_csv_time(csv, origin->request_last.time_ns);
}

static void
write_extent(struct um_csv *csv, const struct um_call *call)
{
    um_csv_time(csv, call->first.time_ns);
    um_csv_time(csv, call->last.time_ns);
    um_csv_count(csv, call->first.frame);
    um_csv_count(csv, call->last.frame);
    um_csv_count(csv, call->exchanges);
    um_csv_count(csv, call->polls);
}

static void
write_states(struct um_csv *csv, const struct um_call *call)
{
    const struct um_timeline *timeline = &call->timeline;
    struct um_time_up up = um_call_summary_time_up(call);
    if (timeline->span_count > 0)
        um_csv_text(csv, timeline->spans[timeline->span_count - 1].state_text);
    else
        um_csv_nothing(csv);
    if (up.times > 0)
        um_csv_seconds(csv, up.min_ns);
    else
        um_csv_nothing(csv);
    if (up.times > 0 && up.has_max)
        um_csv_seconds(csv, up.max_ns);
    else
        um_csv_nothing(csv);
}

static void
write_id(struct um_csv *csv, const struct um_call *call)
{
    um_csv_word(csv, call->id.guid);
    um_csv_text(csv, call->id.server);
    um_csv_text(csv, call->call_id);
}

static void
write_endpoints(struct um_csv *csv, const struct um_endpoint *endpoints, size_t count)
{
    struct um_buf all = {0};
    for (size_t i = 0; i < count && !csv->err; i++) {
        char text[UM_ENDPOINT_TEXT_MAX];
        csv->err =
            um_buf_printf(&all, "%s%s", i > 0 ? " " : "", um_endpoint_text(&endpoints[i], text));
    }
    um_csv_text(csv, um_buf_span(&all));
    um_buf_done(&all);
}

static void
write_sentence(struct um_csv *csv, um_call_summary_fn *append, const struct um_report *report,
               const struct um_call *call)
{
    struct um_buf sentence = {0};
    if (append(&sentence, report, call))
        csv->err = UM_ERR_NOMEM;
    um_csv_text(csv, um_buf_span(&sentence));
    um_buf_done(&sentence);
}

static void
write_call(struct um_csv *csv, const struct um_report *report, const struct um_call *call)
{
    um_csv_count(csv, call->number);
    um_csv_word(csv, um_outcome_text(call->outcome));
    write_sentence(csv, um_call_summary_why, report, call);
    write_origin(csv, report, call);
    write_extent(csv, call);
    write_states(csv, call);
    write_id(csv, call);
    um_csv_word(csv, um_service_name(call->service));
    write_endpoints(csv, call->clients, call->client_count);
    write_endpoints(csv, call->servers, call->server_count);
    um_csv_findings(csv, &call->findings);
    write_sentence(csv, um_call_summary_append, report, call);
    um_csv_row(csv);
}

int
um_csv_calls_write(const struct um_report *report, const struct um_style *style, struct um_out *out)
{
    (void)style;
    struct um_csv csv = um_csv_to(out);
    um_csv_head(&csv, columns);
    for (size_t i = 0; i < um_calls_count(report->calls) && !csv.err && !out->err; i++) {
        if (um_shown_call(report, i))
            write_call(&csv, report, um_calls_at(report->calls, i));
    }
    return um_csv_end(&csv);
}
