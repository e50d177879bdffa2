/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The view messages as JSON and as lines. The keys are told in docs/formats.md. */
#include "offline/report/json_parts.h"
#include "offline/report/shown.h"
#include "offline/report/views.h"

static void
write_fault(struct um_json *json, const struct um_exchange_record *record)
{
    if (!record->is_fault && !record->is_service_error) {
        um_json_null(json, "fault");
        return;
    }
    um_json_object(json, "fault");
    um_json_parts_known(json, "code", record->fault_code);
    um_json_parts_known(json, "text", record->fault_text);
    um_json_parts_known(json, "exception", record->fault_exception);
    um_json_close(json);
}

static void
write_side(struct um_json *json, const char *key, bool captured, const struct um_mark *first,
           const struct um_mark *last, int64_t time_ns)
{
    if (!captured) {
        um_json_null(json, key);
        return;
    }
    um_json_object(json, key);
    um_json_count(json, "first_frame", first->frame);
    um_json_count(json, "last_frame", last->frame);
    um_json_time(json, "time", time_ns);
    um_json_close(json);
}

/* A request counts from its last byte, a reply from its first. */
static void
write_times(struct um_json *json, const struct um_exchange_record *record)
{
    int64_t q_ns = record->request_last.time_ns, r_ns = record->reply_first.time_ns;
    write_side(json, "request", record->has_request, &record->request_first, &record->request_last,
               q_ns);
    write_side(json, "reply", record->has_reply, &record->reply_first, &record->reply_last, r_ns);
    if (record->has_request && record->has_reply)
        um_json_seconds(json, "latency_s", um_mark_elapsed_ns(q_ns, r_ns));
    else
        um_json_null(json, "latency_s");
}

static void
write_exchange(struct um_json *json, const char *type, const struct um_exchange_record *record)
{
    um_json_parts_open(json, NULL, type);
    um_json_count(json, "number", record->number);
    um_json_string(json, "service", um_service_name(record->service));
    um_json_parts_known(json, "operation", um_span_text(um_operation_name(record->operation)));
    um_json_parts_known(json, "call_id", record->call_id);
    um_json_parts_known(json, "guid", um_span_text(record->id.guid));
    um_json_parts_known(json, "um_server", record->id.server);
    um_json_parts_known(json, "state", record->state);
    um_json_parts_known(json, "cause", record->cause);
    write_fault(json, record);
    if (record->http_status > 0)
        um_json_count(json, "http_status", record->http_status);
    else
        um_json_null(json, "http_status");
    um_json_parts_known(json, "http_version", record->http_version);
    um_json_parts_tls(json, "tls", &record->tls);
    um_json_endpoint(json, "client", &record->client);
    um_json_endpoint(json, "server", &record->server);
    um_json_parts_known(json, "target", record->target);
    um_json_count(json, "authentication_legs", record->authentication_legs);
    write_times(json, record);
    um_json_parts_findings(json, "findings", &record->findings);
    um_json_close(json);
}

static void
write_exchanges(struct um_json *json, const char *type, const struct um_report *report)
{
    size_t count = um_calls_exchange_count(report->calls);
    for (size_t i = 0; i < count && !json->err && !json->out->err; i++) {
        const struct um_exchange_record *record = um_calls_exchange(report->calls, i);
        if (um_shown_exchange(report, record))
            write_exchange(json, type, record);
    }
}

int
um_json_messages_write(const struct um_report *report, const struct um_style *style,
                       struct um_out *out)
{
    (void)style;
    struct um_json json = um_json_to(out);
    um_json_stream_object(&json, NULL);
    um_json_string(&json, "schema", "umtrace.messages.v1");
    um_json_parts_capture(&json, "capture", NULL, report);
    um_json_stream_array(&json, "exchanges");
    write_exchanges(&json, NULL, report);
    um_json_close(&json);
    um_json_parts_summary(&json, "summary", NULL, report);
    um_json_close(&json);
    return um_json_end(&json);
}

int
um_json_messages_lines(const struct um_report *report, const struct um_style *style,
                       struct um_out *out)
{
    (void)style;
    struct um_json json = um_json_to(out);
    write_exchanges(&json, "exchange", report);
    return um_json_end(&json);
}
