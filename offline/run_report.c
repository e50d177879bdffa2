/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes out: lines while packets are read, and the report on the store when all were. */
#include <inttypes.h>
#include <langinfo.h>
#include <stdlib.h>

#include "offline/capture_findings.h"
#include "offline/extract.h"
#include "offline/run_line.h"
#include "offline/run_state.h"
#include "offline/selection.h"

struct um_style
um_run_style(const struct um_run_state *run)
{
    const struct um_options *options = run->options;
    const char *no_color = getenv("NO_COLOR");
    bool is_auto = options->color == UM_COLOR_AUTO;
    bool may = um_output_is_terminal(&run->output) && !(no_color && *no_color);
    return (struct um_style){.color = is_auto ? may : options->color == UM_COLOR_ALWAYS,
                             .utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
                             .zone = options->local ? UM_ZONE_LOCAL : UM_ZONE_UTC};
}

/* Views that are written line by line while packets are read. */
static bool
is_by_line(const struct um_run_state *run)
{
    return run->options->view == UM_VIEW_HTTP || run->options->view == UM_VIEW_STREAMS;
}

bool
um_run_keeps_times(const struct um_run_state *run)
{
    return run->options->view == UM_VIEW_MESSAGES && run->options->format == UM_FORMAT_NDJSON;
}

/* ---- line by line ---- */

/* What is followed is to be seen at once. */
static int
let_out(const struct um_run_state *run, int err)
{
    if (err || !run->options->follow)
        return err;
    return fflush(run->output.stream) == 0 ? UM_OK : UM_ERR_IO;
}

int
um_run_report_http(void *ctx, const struct um_http_line *line)
{
    struct um_run_state *run = ctx;
    const struct um_http_message *message = line->message;
    struct um_report_http out = {
        .is_reply = message->is_reply,
        .source = message->source,
        .tls = message->tls,
        .destination = message->destination,
        .first_frame = message->first.frame,
        .last_frame = message->last.frame,
        .method = message->method,
        .target = message->target,
        .version = message->version,
        .status = message->status,
        .framing = um_http_framing_text(message->framing),
        .stream_id = message->stream_id,
        .codings = message->coding_names,
        .coding_count = message->coding_count,
        .encoded_bytes = message->encoded_bytes,
        .has_body = line->is_decoded,
        .body_bytes = line->body_bytes,
        .body_sha256 = line->body_sha256,
        .complete = message->complete,
    };
    int err = run->redact ? um_redact_http(run->redact, &out) : UM_OK;
    return let_out(run, err ? err : um_report_http_line(&run->report_lines, &out));
}

int
um_run_report_stream(void *ctx, const struct um_report_stream *line)
{
    struct um_run_state *run = ctx;
    struct um_report_stream told = *line;
    int err = run->redact ? um_redact_stream(run->redact, &told) : UM_OK;
    return let_out(run, err ? err : um_report_stream_line(&run->report_lines, &told));
}

static int
begin_lines(struct um_run_state *run)
{
    run->report_lines = (struct um_report_lines){.view = run->options->view,
                                                 .format = run->options->format,
                                                 .style = um_run_style(run),
                                                 .out = run->output.stream};
    return um_report_lines_begin(&run->report_lines);
}

static int
end_lines(struct um_run_state *run)
{
    int err = UM_OK;
    for (size_t i = 0; i < run->options->path_count && run->options->view == UM_VIEW_STREAMS; i++) {
        const struct um_capture_stats *stats = um_capture_file_stats(run->capture, i);
        struct um_report_file file = {.packets = stats->packets,
                                      .captured_bytes = stats->bytes,
                                      .wire_bytes = stats->wire_bytes};
        err = err ? err : um_report_file_line(&run->report_lines, &file);
    }
    uint64_t undecoded = run->lines ? um_http_lines_undecoded(run->lines) : 0;
    if (undecoded > 0 && !run->options->quiet)
        (void)fprintf(stderr,
                      "umtrace: the limit memory left no room to decode the bodies of %" PRIu64
                      " HTTP messages\n",
                      undecoded);
    return err ? err : um_report_lines_end(&run->report_lines);
}

/* ---- from the store ---- */

static struct um_report_capture
describe_capture(const struct um_totals *totals)
{
    const struct um_capture_stats *stats = &totals->capture;
    return (struct um_report_capture){.files = totals->files,
                                      .file_count = totals->file_count,
                                      .packets = stats->packets,
                                      .bytes = stats->bytes,
                                      .first_time_ns = stats->first_time_ns,
                                      .last_time_ns = stats->last_time_ns};
}

/* A finding that --fail-on is about: of a call that is shown, or of the capture. */
static bool
is_among(const struct um_findings *findings, enum um_severity least)
{
    for (size_t i = 0; i < findings->count; i++) {
        if (um_finding_severity(findings->items[i].name) >= least)
            return true;
    }
    return false;
}

static bool
is_found(const struct um_run_state *run, const bool *shown)
{
    if (!run->options->has_fail_on)
        return false;
    enum um_severity least = run->options->fail_on;
    for (size_t i = 0; i < um_calls_count(run->calls); i++) {
        if ((!shown || shown[i]) && is_among(&um_calls_at(run->calls, i)->findings, least))
            return true;
    }
    /* exchanges of no call are left out with the calls that are not asked for */
    bool is_rest_shown = !shown;
    return run->following.is_found ||
           (is_rest_shown && is_among(um_calls_findings(run->calls), least)) ||
           is_among(&run->findings, least);
}

static int
write_extract(struct um_run_state *run, const bool *shown)
{
    const struct um_options *options = run->options;
    const struct um_extract extract = {.path = options->extract,
                                       .paths = run->paths,
                                       .path_count = options->path_count,
                                       .packets = run->totals.capture.packets,
                                       .filter = run->filter,
                                       .limits = &options->limits,
                                       .secrets = run->secrets,
                                       .late = run->connections.late,
                                       .late_count = run->connections.late_count,
                                       .calls = run->calls,
                                       .shown = shown};
    int err = um_extract_write(&extract);
    if (err == UM_ERR_IO)
        run->failed = options->extract;
    return err;
}

/* The store that is told takes the place of the one that was filled, which has some of its texts.
 */
static int
redact_calls(struct um_run_state *run)
{
    struct um_calls *redacted;
    int err = um_redact_calls(run->redact, run->calls, &redacted);
    if (err)
        return err;
    run->filled = run->calls;
    run->calls = redacted;
    return UM_OK;
}

/* Writes the views that pull from the store; tells whether --fail-on is met. */
static int
write_report(struct um_run_state *run, bool *found)
{
    const struct um_options *options = run->options;
    bool *shown = NULL;
    int err = um_calls_finish(run->calls);
    if (!err)
        err = um_selection_make(run->calls, options, stderr, &shown);
    if (!err && run->redact)
        err = redact_calls(run);
    if (err) {
        free(shown);
        return err;
    }
    const struct um_totals *totals = &run->told;
    struct um_report report = {.capture = describe_capture(totals),
                               .calls = run->calls,
                               .findings = &run->findings,
                               .shown = shown,
                               .messages = totals->recognised.messages,
                               .http_messages = totals->recognised.http_messages,
                               .connections = totals->flows.connections,
                               .released = um_follow_released(run->calls)};
    struct um_style style = um_run_style(run);
    struct um_run_line line;
    if (um_run_keeps_times(run)) {
        err = um_run_line_make(totals, &run->arena, &line);
        line.run.times = run->from ? um_from_messages_times : um_packet_times_read;
        line.run.times_ctx = run->from ? (void *)run->from : &run->times;
        report.run = &line.run;
    }
    if (!err)
        err = um_report_write(&report, options->view, options->format, &style, run->output.stream);
    if (!err && options->extract)
        err = write_extract(run, shown);
    *found = is_found(run, shown);
    free(shown);
    return err ? err : um_calls_error(run->calls);
}

/* ---- the door ---- */

int
um_run_report_begin(struct um_run_state *run)
{
    return is_by_line(run) ? begin_lines(run) : UM_OK;
}

int
um_run_report_end(struct um_run_state *run, bool *found)
{
    int err = UM_OK;
    run->told = run->totals;
    if (run->redact)
        err = um_redact_totals(run->redact, &run->told);
    if (!err)
        err = um_capture_findings_make(&run->told, &run->findings);
    if (err)
        return err;
    return is_by_line(run) ? end_lines(run) : write_report(run, found);
}
