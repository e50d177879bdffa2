/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The lines of the view messages that are about the run. The keys are told in docs/formats.md. */
#include "offline/report/json_run.h"

#include "offline/report/json_parts.h"

static void
write_closed(struct um_json *json, const struct um_report_closed *closed)
{
    um_json_object(json, NULL);
    um_json_parts_known(json, "name", closed->name);
    um_json_count(json, "connections", closed->connections);
    um_json_count(json, "bytes", closed->bytes);
    um_json_count(json, "first_frame", closed->first_frame);
    um_json_count(json, "version", closed->version);
    um_json_count(json, "suite", closed->suite);
    um_json_flag(json, "had_secrets", closed->had_secrets);
    um_json_count(json, "partly_read", closed->partly_read);
    um_json_count(json, "without_beginning", closed->without_beginning);
    um_json_count(json, "tried_in_part", closed->tried_in_part);
    um_json_count(json, "secrets_known", closed->secrets_known);
    um_json_close(json);
}

static void
write_frames(struct um_json *json, const char *key, const struct um_finding_frames *frames)
{
    um_json_array(json, key);
    for (size_t i = 0; i < frames->count; i++)
        um_json_count(json, NULL, frames->at[i]);
    um_json_close(json);
}

static void
write_alert(struct um_json *json, const struct um_report_alert *alert)
{
    um_json_object(json, NULL);
    um_json_parts_known(json, "text", alert->text);
    um_json_count(json, "connections", alert->connections);
    write_frames(json, "frames", alert->frames);
    um_json_close(json);
}

static void
write_problem(struct um_json *json, const struct um_report_problem *problem)
{
    um_json_object(json, NULL);
    um_json_string(json, "path", problem->path);
    um_json_string(json, "text", problem->text);
    um_json_flag(json, "truncated", problem->truncated);
    um_json_count(json, "last_frame", problem->last_frame);
    um_json_close(json);
}

void
um_json_run_write(struct um_json *json, const struct um_report *report, uint64_t exchanges)
{
    const struct um_report_run *run = report->run;
    um_json_object(json, NULL);
    um_json_string(json, "type", "capture");
    um_json_string(json, "schema", "umtrace.messages.v1");
    um_json_string(json, "run", run->id);
    um_json_parts_capture_keys(json, report);
    um_json_count(json, "exchanges", exchanges);
    um_json_object(json, "counts");
    for (size_t i = 0; i < run->figure_count; i++)
        um_json_count(json, run->figures[i].name, run->figures[i].value);
    um_json_close(json);
    um_json_array(json, "encrypted");
    for (size_t i = 0; i < run->closed_count; i++)
        write_closed(json, &run->closed[i]);
    um_json_close(json);
    um_json_array(json, "alerts");
    for (size_t i = 0; i < run->alert_count; i++)
        write_alert(json, &run->alerts[i]);
    um_json_close(json);
    write_frames(json, "tls_failed_frames", run->tls_failed_frames);
    um_json_array(json, "problems");
    for (size_t i = 0; i < run->problem_count; i++)
        write_problem(json, &run->problems[i]);
    um_json_close(json);
    um_json_close(json);
}

enum { TIMES_A_LINE = 256 };

/* The times of some packets, each as steps of `unit` after the one before it. */
static void
write_packets(struct um_json *json, const char *run_id, uint64_t first_frame,
              const int64_t *times_ns, size_t count)
{
    int64_t unit_ns = 1000;
    for (size_t i = 1; i < count; i++) {
        if ((times_ns[i] - times_ns[i - 1]) % unit_ns != 0)
            unit_ns = 1;
    }
    um_json_object(json, NULL);
    um_json_string(json, "type", "packets");
    um_json_string(json, "run", run_id);
    um_json_count(json, "first_frame", first_frame);
    um_json_time(json, "first_time", times_ns[0]);
    um_json_count(json, "unit_ns", (uint64_t)unit_ns);
    um_json_array(json, "steps");
    for (size_t i = 1; i < count; i++)
        um_json_count(json, NULL, (uint64_t)((times_ns[i] - times_ns[i - 1]) / unit_ns));
    um_json_close(json);
    um_json_close(json);
}

void
um_json_run_packets(struct um_json *json, const struct um_report_run *run)
{
    int64_t times_ns[TIMES_A_LINE];
    uint64_t frame = 1;
    size_t count;
    while (!json->err && !json->out->err &&
           (count = run->times(run->times_ctx, times_ns, TIMES_A_LINE)) > 0) {
        write_packets(json, run->id, frame, times_ns, count);
        frame += count;
    }
}
