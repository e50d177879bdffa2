/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The views calls and summary as JSON and as lines. The keys are told in docs/formats.md. */
#include "offline/report/json_calls.h"

#include "offline/report/call_summary.h"
#include "offline/report/json_parts.h"
#include "offline/report/shown.h"
#include "offline/report/views.h"

static void
write_endpoints(struct um_json *json, const char *key, const struct um_endpoint *endpoints,
                size_t count)
{
    um_json_array(json, key);
    for (size_t i = 0; i < count; i++)
        um_json_endpoint(json, NULL, &endpoints[i]);
    um_json_close(json);
}

static void
write_id(struct um_json *json, const struct um_call *call)
{
    um_json_text(json, "call_id", call->call_id);
    um_json_array(json, "call_id_spellings");
    for (size_t i = 0; i < call->spelling_count; i++)
        um_json_text(json, NULL, call->spellings[i]);
    um_json_close(json);
    um_json_parts_known(json, "guid", um_span_text(call->id.guid));
    um_json_parts_known(json, "um_server", call->id.server);
}

static void
write_origin(struct um_json *json, const struct um_report *report, const struct um_call *call)
{
    if (call->origin == SIZE_MAX) {
        um_json_null(json, "origin");
        return;
    }
    const struct um_exchange_record *origin = um_calls_exchange(report->calls, call->origin);
    um_json_object(json, "origin");
    um_json_string(json, "operation", um_operation_name(origin->operation));
    um_json_count(json, "request_frame", origin->request_last.frame);
    if (origin->has_reply)
        um_json_count(json, "reply_frame", origin->reply_first.frame);
    else
        um_json_null(json, "reply_frame");
    um_json_time(json, "time", origin->request_last.time_ns);
    um_json_parts_known(json, "dial_string", origin->dial_string);
    um_json_close(json);
}

/* A time that is a bound; null where there is none. */
static void
write_bound(struct um_json *json, const char *key, bool known, int64_t time_ns)
{
    if (known)
        um_json_time(json, key, time_ns);
    else
        um_json_null(json, key);
}

static void
write_span(struct um_json *json, const struct um_span_of_state *span)
{
    um_json_object(json, NULL);
    um_json_text(json, "state", span->state_text);
    um_json_parts_known(json, "cause", span->cause_text);
    um_json_flag(json, "implied", span->implied);
    um_json_count(json, "observations", span->last - span->first + 1);
    um_json_count(json, "first_frame", span->first_frame);
    um_json_count(json, "last_frame", span->last_frame);
    write_bound(json, "began_after", span->has_began_after, span->began_after_ns);
    write_bound(json, "began_by", true, span->began_by_ns);
    write_bound(json, "ended_after", true, span->ended_after_ns);
    write_bound(json, "ended_by", span->has_ended_by, span->ended_by_ns);
    um_json_seconds(json, "min_s", span->min_ns);
    if (span->has_max)
        um_json_seconds(json, "max_s", span->max_ns);
    else
        um_json_null(json, "max_s");
    um_json_close(json);
}

static void
write_summary(struct um_json *json, const struct um_report *report, const struct um_call *call)
{
    struct um_buf sentence = {0};
    if (um_call_summary_append(&sentence, report, call))
        json->err = UM_ERR_NOMEM;
    um_json_text(json, "summary", um_buf_span(&sentence));
    um_buf_done(&sentence);
}

static void
write_call(struct um_json *json, const char *type, const struct um_report *report,
           const struct um_call *call)
{
    um_json_parts_open(json, NULL, type);
    um_json_count(json, "number", call->number);
    write_id(json, call);
    um_json_string(json, "outcome", um_outcome_text(call->outcome));
    write_summary(json, report, call);
    um_json_string(json, "service", um_service_name(call->service));
    write_endpoints(json, "clients", call->clients, call->client_count);
    write_endpoints(json, "servers", call->servers, call->server_count);
    write_origin(json, report, call);
    um_json_time(json, "first_time", call->first.time_ns);
    um_json_time(json, "last_time", call->last.time_ns);
    um_json_count(json, "exchanges", call->exchanges);
    um_json_count(json, "polls", call->polls);
    um_json_array(json, "spans");
    for (size_t i = 0; i < call->timeline.span_count; i++)
        write_span(json, &call->timeline.spans[i]);
    um_json_close(json);
    um_json_parts_findings(json, "findings", &call->findings);
    um_json_close(json);
}

int
um_json_calls_line(const struct um_report *report, const struct um_call *call, struct um_out *out)
{
    struct um_json json = um_json_to(out);
    write_call(&json, "call", report, call);
    return um_json_end(&json);
}

static void
write_calls(struct um_json *json, const char *type, const struct um_report *report)
{
    for (size_t i = 0; i < um_calls_count(report->calls) && !json->err && !json->out->err; i++) {
        if (um_shown_call(report, i))
            write_call(json, type, report, um_calls_at(report->calls, i));
    }
}

static int
write_document(const struct um_report *report, const char *schema, bool with_calls,
               struct um_out *out)
{
    struct um_json json = um_json_to(out);
    um_json_loose_object(&json, NULL);
    um_json_string(&json, "schema", schema);
    um_json_parts_capture(&json, "capture", NULL, report);
    if (with_calls) {
        um_json_loose_array(&json, "calls");
        write_calls(&json, NULL, report);
        um_json_close(&json);
    }
    um_json_loose_array(&json, "findings");
    um_json_parts_rest(&json, NULL, report);
    um_json_close(&json);
    um_json_parts_summary(&json, "summary", NULL, report);
    um_json_close(&json);
    return um_json_end(&json);
}

static int
write_lines(const struct um_report *report, bool with_calls, struct um_out *out)
{
    struct um_json json = um_json_to(out);
    um_json_parts_capture(&json, NULL, "capture", report);
    if (with_calls)
        write_calls(&json, "call", report);
    um_json_parts_rest(&json, "finding", report);
    um_json_parts_summary(&json, NULL, "summary", report);
    return um_json_end(&json);
}

int
um_json_calls_write(const struct um_report *report, const struct um_style *style,
                    struct um_out *out)
{
    (void)style;
    return write_document(report, "umtrace.calls.v1", true, out);
}

int
um_json_calls_lines(const struct um_report *report, const struct um_style *style,
                    struct um_out *out)
{
    (void)style;
    return write_lines(report, true, out);
}

int
um_json_summary_write(const struct um_report *report, const struct um_style *style,
                      struct um_out *out)
{
    (void)style;
    return write_document(report, "umtrace.summary.v1", false, out);
}

int
um_json_summary_lines(const struct um_report *report, const struct um_style *style,
                      struct um_out *out)
{
    (void)style;
    return write_lines(report, false, out);
}
