/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The view messages as JSON and as lines. The keys are told in docs/formats.md. */
#include <inttypes.h>

#include "offline/report/json_parts.h"
#include "offline/report/json_run.h"
#include "offline/report/shown.h"
#include "offline/report/utf8.h"
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
    um_json_string(json, "kind", record->is_fault ? "soap" : "service");
    um_json_close(json);
}

/* Bit by bit, the names of those that are set. */
static void
write_names(struct um_json *json, const char *key, uint32_t bits, const char *(*name)(unsigned))
{
    um_json_array(json, key);
    for (unsigned i = 0; i < 32; i++) {
        if (bits >> i & 1)
            um_json_string(json, NULL, name(i));
    }
    um_json_close(json);
}

/* One HTTP message of the exchange. */
struct side {
    bool captured, read, incomplete;
    const struct um_mark *first, *last;
    int64_t time_ns;
    unsigned flags;
};

static void
write_side(struct um_json *json, const char *key, const struct side *side)
{
    if (!side->captured) {
        um_json_null(json, key);
        return;
    }
    um_json_object(json, key);
    um_json_count(json, "first_frame", side->first->frame);
    um_json_count(json, "last_frame", side->last->frame);
    um_json_time(json, "time", side->time_ns);
    um_json_time(json, "first_time", side->first->time_ns);
    um_json_time(json, "last_time", side->last->time_ns);
    um_json_flag(json, "complete", !side->incomplete);
    um_json_flag(json, "read", side->read);
    write_names(json, "oddities", side->flags, um_message_flag_text);
    um_json_close(json);
}

/* A request counts from its last byte, a reply from its first. */
static void
write_times(struct um_json *json, const struct um_exchange_record *record)
{
    int64_t q_ns = record->request_last.time_ns, r_ns = record->reply_first.time_ns;
    const struct side request = {.captured = record->has_request,
                                 .read = record->has_request_message,
                                 .incomplete = record->request_incomplete,
                                 .first = &record->request_first,
                                 .last = &record->request_last,
                                 .time_ns = q_ns,
                                 .flags = record->request_flags};
    const struct side reply = {.captured = record->has_reply,
                               .read = record->has_reply_message,
                               .incomplete = record->reply_incomplete,
                               .first = &record->reply_first,
                               .last = &record->reply_last,
                               .time_ns = r_ns,
                               .flags = record->reply_flags};
    write_side(json, "request", &request);
    write_side(json, "reply", &reply);
    if (record->has_request && record->has_reply)
        um_json_seconds(json, "latency_s", um_mark_elapsed_ns(q_ns, r_ns));
    else
        um_json_null(json, "latency_s");
}

static const char *
limit_text(unsigned bit)
{
    return um_limit_name((enum um_limit)bit);
}

/* Bytes that JSON cannot hold as text, in hexadecimal beside it; null: the text says it all. */
static void
write_bytes(struct um_json *json, const char *key, struct um_span bytes)
{
    struct um_buf hex = {0};
    bool is_text = um_utf8_is_clean(bytes);
    for (size_t i = 0; i < bytes.len && !is_text && !json->err; i++) {
        char digits[3];
        (void)snprintf(digits, sizeof digits, "%02x", bytes.data[i]);
        if (um_buf_append(&hex, um_span_text(digits)))
            json->err = UM_ERR_NOMEM;
    }
    um_json_parts_known(json, key, um_buf_span(&hex));
    um_buf_done(&hex);
}

/* What no reader needs to follow the exchange, and a store does to judge it. */
static void
write_details(struct um_json *json, const struct um_exchange_record *record)
{
    char item[17];
    (void)snprintf(item, sizeof item, "%016" PRIx64, record->item);
    um_json_parts_known(json, "dial_string", record->dial_string);
    um_json_parts_known(json, "soap_action", record->soap_action);
    um_json_parts_known(json, "sip_code", record->sip_code);
    um_json_parts_known(json, "sip_text", record->sip_text);
    um_json_count(json, "connection", record->connection_order);
    um_json_string(json, "item", record->item ? item : NULL);
    um_json_parts_known(json, "unanswered", um_span_text(um_unanswered_text(record->unanswered)));
    um_json_flag(json, "authentication_failed", record->authentication_failed);
    write_names(json, "limits_reached", record->limits_reached, limit_text);
    write_bytes(json, "target_hex", record->target);
    write_bytes(json, "soap_action_hex", record->soap_action);
}

/* `run` is told on lines only. */
static void
write_exchange(struct um_json *json, const char *type, const struct um_report_run *run,
               const struct um_exchange_record *record)
{
    um_json_parts_open(json, NULL, type);
    if (type)
        um_json_string(json, "run", run ? run->id : NULL);
    um_json_count(json, "number", record->number);
    um_json_string(json, "service", um_service_name(record->service));
    um_json_parts_known(json, "operation", um_span_text(um_operation_name(record->operation)));
    um_json_parts_known(json, "call_id", record->call_id);
    um_json_parts_known(json, "guid", um_span_text(record->id.guid));
    um_json_parts_known(json, "um_server", record->id.server);
    um_json_text(json, "state", record->state);
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
    write_details(json, record);
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
            write_exchange(json, type, report->run, record);
    }
}

int
um_json_messages_write(const struct um_report *report, const struct um_style *style,
                       struct um_out *out)
{
    (void)style;
    struct um_json json = um_json_to(out);
    um_json_loose_object(&json, NULL);
    um_json_string(&json, "schema", "umtrace.messages.v1");
    um_json_parts_capture(&json, "capture", NULL, report);
    um_json_loose_array(&json, "exchanges");
    write_exchanges(&json, NULL, report);
    um_json_close(&json);
    um_json_parts_summary(&json, "summary", NULL, report);
    um_json_close(&json);
    return um_json_end(&json);
}

static uint64_t
count_exchanges(const struct um_report *report)
{
    uint64_t shown = 0;
    for (size_t i = 0; i < um_calls_exchange_count(report->calls); i++)
        shown += um_shown_exchange(report, um_calls_exchange(report->calls, i)) ? 1 : 0;
    return shown;
}

int
um_json_messages_lines(const struct um_report *report, const struct um_style *style,
                       struct um_out *out)
{
    (void)style;
    struct um_json json = um_json_to(out);
    if (report->run)
        um_json_run_write(&json, report, count_exchanges(report));
    write_exchanges(&json, "exchange", report);
    if (report->run)
        um_json_run_packets(&json, report->run);
    return um_json_end(&json);
}
