/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capture, findings and summary as JSON. The keys are told in docs/formats.md. */
#include "offline/report/json_parts.h"

#include "offline/report/shown.h"

void
um_json_parts_open(struct um_json *json, const char *key, const char *type)
{
    um_json_object(json, key);
    if (type)
        um_json_string(json, "type", type);
}

void
um_json_parts_known(struct um_json *json, const char *key, struct um_span text)
{
    um_json_text(json, key, text.len > 0 ? text : um_span_of(NULL, 0));
}

void
um_json_parts_tls(struct um_json *json, const char *key, const struct um_exchange_tls *tls)
{
    if (!tls->version) {
        um_json_null(json, key);
        return;
    }
    um_json_object(json, key);
    um_json_string(json, "version", tls->version);
    um_json_parts_known(json, "suite", um_span_text(tls->suite ? tls->suite : ""));
    um_json_parts_known(json, "server_name", tls->server_name);
    um_json_flag(json, "verified", !tls->is_unverified);
    um_json_close(json);
}

void
um_json_parts_capture_keys(struct um_json *json, const struct um_report *report)
{
    const struct um_report_capture *capture = &report->capture;
    um_json_array(json, "files");
    for (size_t i = 0; i < capture->file_count; i++)
        um_json_string(json, NULL, capture->files[i]);
    um_json_close(json);
    um_json_count(json, "packets", capture->packets);
    um_json_count(json, "bytes", capture->bytes);
    if (capture->packets > 0) {
        um_json_time(json, "first_time", capture->first_time_ns);
        um_json_time(json, "last_time", capture->last_time_ns);
    } else {
        um_json_null(json, "first_time");
        um_json_null(json, "last_time");
    }
}

void
um_json_parts_capture(struct um_json *json, const char *key, const char *type,
                      const struct um_report *report)
{
    um_json_parts_open(json, key, type);
    um_json_parts_capture_keys(json, report);
    um_json_close(json);
}

void
um_json_parts_summary(struct um_json *json, const char *key, const char *type,
                      const struct um_report *report)
{
    struct um_shown_counts counts = um_shown_count(report);
    um_json_parts_open(json, key, type);
    um_json_count(json, "calls", counts.calls);
    um_json_object(json, "by_outcome");
    for (unsigned i = 0; i < UM_OUTCOME_COUNT; i++)
        um_json_count(json, um_outcome_text((enum um_outcome)i), counts.by_outcome[i]);
    um_json_close(json);
    um_json_count(json, "messages", report->messages);
    um_json_count(json, "http_messages", report->http_messages);
    um_json_count(json, "connections", report->connections);
    if (report->released > 0)
        um_json_count(json, "calls_released", report->released);
    um_json_close(json);
}

void
um_json_parts_finding(struct um_json *json, const char *type, const struct um_finding *finding)
{
    um_json_parts_open(json, NULL, type);
    um_json_string(json, "name", um_finding_text(finding->name));
    um_json_string(json, "severity", um_severity_text(um_finding_severity(finding->name)));
    um_json_string(json, "text", finding->text);
    um_json_array(json, "frames");
    for (size_t i = 0; i < finding->frame_count; i++)
        um_json_count(json, NULL, finding->frames[i]);
    um_json_close(json);
    um_json_close(json);
}

void
um_json_parts_findings(struct um_json *json, const char *key, const struct um_findings *findings)
{
    um_json_array(json, key);
    for (size_t i = 0; i < findings->count; i++)
        um_json_parts_finding(json, NULL, &findings->items[i]);
    um_json_close(json);
}

void
um_json_parts_rest(struct um_json *json, const char *type, const struct um_report *report)
{
    struct um_shown_findings rest = um_shown_findings(report);
    const struct um_finding *finding;
    while ((finding = um_shown_findings_next(&rest)) != NULL)
        um_json_parts_finding(json, type, finding);
}
