/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts the stages together, pushes every packet through them, then lets the report pull. Two ways
 * end in the HTTP connections: the recogniser, which fills the store of calls, or for the view http
 * the lines, which are written as they come.
 */
#include "offline/run.h"

#include <errno.h>
#include <inttypes.h>
#include <langinfo.h>
#include <stdlib.h>

#include "offline/capture/capture.h"
#include "offline/capture/filter.h"
#include "offline/capture_findings.h"
#include "offline/connections.h"
#include "offline/extract.h"
#include "offline/following.h"
#include "offline/from_messages.h"
#include "offline/http/http_lines.h"
#include "offline/http/recognise.h"
#include "offline/output.h"
#include "offline/packet_times.h"
#include "offline/privileges.h"
#include "offline/progress.h"
#include "offline/redact.h"
#include "offline/run_line.h"
#include "offline/secrets_input.h"
#include "offline/selection.h"
#include "offline/spool.h"
#include "offline/streams.h"
#include "offline/totals.h"

struct run {
    const struct um_options *options;
    const volatile sig_atomic_t *stop;
    struct um_meter meter;
    struct um_filter *filter;
    struct um_capture *capture;
    struct um_flows *flows;
    struct um_secrets *secrets;
    struct um_connections connections;
    struct um_recogniser *recogniser;
    struct um_calls *calls;  /* that are told */
    struct um_calls *filled; /* with --redact: the real ones */
    struct um_http_lines *lines;
    struct um_report_lines report_lines;
    struct um_streams streams;
    struct um_spool spool;
    const char **paths;            /* of the captures, standard input as what it was spooled to */
    const char *failed;            /* the file that could not be written; NULL: the output */
    struct um_from_messages *from; /* instead of packets */
    struct um_packet_times times;
    struct um_following following; /* with --follow */
    struct um_progress progress;
    struct um_output output;
    struct um_totals totals;  /* once everything was read */
    struct um_totals told;    /* the same as the report may tell it */
    struct um_redact *redact; /* NULL: everything is told */
    struct um_arena arena;
    struct um_findings findings; /* about the capture */
};

/* ---- what goes in ---- */

static int
open_filter(struct run *run)
{
    if (!run->options->filter)
        return UM_OK;
    char *why = NULL;
    int err = um_filter_new(run->options->filter, &run->filter, &why);
    if (err == UM_ERR_USAGE)
        (void)fprintf(stderr, "umtrace: --filter: %s\n", why ? why : "not understood");
    free(why);
    return err;
}

static int
add_exchange(void *ctx, const struct um_exchange *exchange)
{
    struct run *run = ctx;
    size_t before = um_calls_exchange_count(run->calls);
    int err = um_calls_add(run->calls, exchange);
    if (err || !run->options->follow || um_calls_exchange_count(run->calls) == before)
        return err;
    return um_following_added(&run->following);
}

/* What is followed is to be seen at once. */
static int
let_out(const struct run *run, int err)
{
    if (err || !run->options->follow)
        return err;
    return fflush(run->output.stream) == 0 ? UM_OK : UM_ERR_IO;
}

/* A line of the view http, as it becomes known. */
static int
write_line(void *ctx, const struct um_http_line *line)
{
    struct run *run = ctx;
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

static int
write_stream(void *ctx, const struct um_report_stream *line)
{
    struct run *run = ctx;
    struct um_report_stream told = *line;
    int err = run->redact ? um_redact_stream(run->redact, &told) : UM_OK;
    return let_out(run, err ? err : um_report_stream_line(&run->report_lines, &told));
}

static bool
is_by_line(const struct run *run)
{
    return run->options->view == UM_VIEW_HTTP || run->options->view == UM_VIEW_STREAMS;
}

static struct um_style
choose_style(const struct um_options *options, const struct um_output *output)
{
    const char *no_color = getenv("NO_COLOR");
    bool is_auto = options->color == UM_COLOR_AUTO;
    bool may = um_output_is_terminal(output) && !(no_color && *no_color);
    return (struct um_style){.color = is_auto ? may : options->color == UM_COLOR_ALWAYS,
                             .utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
                             .zone = options->local ? UM_ZONE_LOCAL : UM_ZONE_UTC};
}

static void
begin_following(struct run *run)
{
    run->following = (struct um_following){.options = run->options,
                                           .calls = run->calls,
                                           .style = choose_style(run->options, &run->output),
                                           .out = run->output.stream};
    um_following_begin(&run->following);
}

/* Who listens to the HTTP connections: the lines of the view http, or the recogniser and the store
 * it fills. */
static int
open_observer(struct run *run)
{
    const struct um_options *options = run->options;
    int err;
    if (options->view == UM_VIEW_HTTP) {
        err = um_http_lines_new(&options->limits, write_line, run, &run->lines);
        if (!err)
            run->connections.http = um_http_lines_events(run->lines);
        return err;
    }
    err = um_calls_new(&options->limits, &options->thresholds, &run->calls);
    if (!err)
        err = um_recogniser_new(&options->limits, &run->meter, add_exchange, run, &run->recogniser);
    if (!err && options->follow)
        begin_following(run);
    if (!err)
        run->connections.http = um_recogniser_events(run->recogniser);
    return err;
}

/* Who listens to the flows, and what for: the view streams looks into none. */
static int
open_flows(struct run *run)
{
    struct um_flow_events events;
    if (run->options->view == UM_VIEW_STREAMS) {
        run->streams = (struct um_streams){
            .emit = write_stream, .ctx = run, .meter = &run->meter, .secrets = run->secrets};
        events = um_streams_events(&run->streams);
    } else {
        int err = open_observer(run);
        if (err)
            return err;
        events = um_connections_events(&run->connections);
    }
    return um_flows_new(&run->options->limits, &run->meter, &events, &run->flows);
}

/* What is to be read more than once cannot be a pipe. */
static int
list_paths(struct run *run)
{
    const struct um_options *options = run->options;
    run->paths = calloc(options->path_count, sizeof *run->paths);
    if (!run->paths)
        return UM_ERR_NOMEM;
    for (size_t i = 0; i < options->path_count; i++) {
        run->paths[i] = options->paths[i];
        if (!options->extract || strcmp(options->paths[i], "-") != 0)
            continue;
        int err = um_spool_fill(&run->spool, run->stop);
        if (err) {
            run->failed = "temporary file";
            return err;
        }
        run->paths[i] = run->spool.path;
    }
    return UM_OK;
}

static int
open_secrets(struct run *run)
{
    /* an eighth is for the program itself, and for what allocations cost besides */
    run->meter.max = run->options->limits.max[UM_LIMIT_MEMORY] / 8 * 7;
    int err = um_secrets_new(&run->meter, &run->secrets);
    return err ? err : um_secrets_input_read(run->options, run->secrets, stderr);
}

/* From here on the rights of root are not needed any more, nor had: the output is not its. */
static int
open_interface(struct run *run)
{
    const struct um_options *options = run->options;
    if (!options->interface)
        return UM_OK;
    int err = um_capture_open_live(&options->interface, options->filter, &run->capture);
    if (!err)
        err = um_privileges_drop(stderr);
    if (!err && !options->quiet && um_capture_is_open(run->capture))
        (void)fprintf(stderr, "umtrace: reading from %s until it is interrupted (Ctrl-C)\n",
                      options->interface);
    return err;
}

static int
open_stages(struct run *run)
{
    const struct um_options *options = run->options;
    if (options->from_messages)
        return um_calls_new(&options->limits, &options->thresholds, &run->calls);
    run->connections.limits = &options->limits;
    run->connections.meter = &run->meter;
    run->connections.secrets = run->secrets;
    int err = open_flows(run);
    if (!err)
        err = list_paths(run);
    if (!err && !options->interface)
        err = um_capture_open(run->paths, options->path_count, &run->capture);
    if (err)
        return err;
    um_capture_stop_on(run->capture, run->stop);
    if (options->follow)
        um_capture_follow(run->capture);
    um_capture_secrets_to(run->capture, um_secrets_input_take, run->secrets);
    return UM_OK;
}

/* Lines that --from-messages can read tell the time of every packet. */
static bool
keeps_times(const struct run *run)
{
    return run->options->view == UM_VIEW_MESSAGES && run->options->format == UM_FORMAT_NDJSON;
}

static int
take_packet(struct run *run, const struct um_packet *packet)
{
    int err = UM_OK;
    um_progress_step(&run->progress, run->capture);
    if (keeps_times(run))
        err = um_packet_times_add(&run->times, packet->mark.time_ns);
    if (!err && run->following.calls)
        err = um_following_time(&run->following, packet->mark.time_ns);
    if (!err && (!run->filter || um_filter_match(run->filter, packet)))
        err = um_flows_packet(run->flows, packet);
    return err;
}

static int
read_packets(struct run *run)
{
    const struct um_options *options = run->options;
    struct um_packet packet;
    int err = UM_OK, more = 1;
    bool is_told = !options->quiet && !options->follow && !options->interface;
    if (is_told || (options->progress && !options->quiet))
        um_progress_begin(&run->progress, stderr, options->progress);
    while (!err && !*run->stop && (more = um_capture_next(run->capture, &packet)) > 0)
        err = take_packet(run, &packet);
    um_progress_end(&run->progress);
    if (more < 0)
        return more;
    if (!err)
        err = um_flows_end(run->flows);
    if (!err && run->recogniser)
        err = um_recogniser_end(run->recogniser);
    return err;
}

static int
sum_up(struct run *run)
{
    const struct um_connections *connections = &run->connections;
    size_t count = um_capture_problem_count(run->capture);
    struct um_capture_problem *problems = um_arena_array(&run->arena, count, sizeof *problems);
    if (!problems)
        return UM_ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        problems[i] = *um_capture_problem(run->capture, i);
        if (problems[i].path == run->spool.path)
            problems[i].path = "-";
    }
    run->totals = (struct um_totals){.files = run->options->paths,
                                     .file_count = run->options->path_count,
                                     .capture = *um_capture_stats(run->capture),
                                     .flows = *um_flows_stats(run->flows),
                                     .tls_failures = connections->tls_failures,
                                     .tls_failed_frames = connections->tls_failed_frames,
                                     .drops = um_capture_drops(run->capture),
                                     .secrets_dropped = um_secrets_dropped(run->secrets),
                                     .secrets_given = um_secrets_know_any(run->secrets) ? 1 : 0,
                                     .alerts = &connections->alerts,
                                     .refused = connections->refused,
                                     .encrypted = &connections->encrypted,
                                     .problems = problems,
                                     .problem_count = count};
    if (run->recogniser)
        run->totals.recognised = *um_recogniser_stats(run->recogniser);
    return UM_OK;
}

static int
read_captures(struct run *run)
{
    int err = read_packets(run);
    return err ? err : sum_up(run);
}

static int
read_messages(struct run *run)
{
    const struct um_options *options = run->options;
    int err = um_from_messages_read(options->paths, options->path_count,
                                    options->quiet ? NULL : stderr, &run->from);
    if (err)
        return err;
    run->totals = *um_from_messages_totals(run->from);
    return um_from_messages_fill(run->from, run->calls);
}

/* ---- what comes out ---- */

/* Every capture that could not be read, or not to its end; true when there was one. */
static bool
tell_problems(const struct run *run)
{
    size_t count = run->totals.problem_count;
    for (size_t i = 0; i < count; i++) {
        const struct um_capture_problem *problem = &run->totals.problems[i];
        if (!run->options->quiet)
            (void)fprintf(stderr, "umtrace: %s: %s\n", problem->path, problem->text);
    }
    return count > 0 || (run->from && um_from_messages_is_troubled(run->from));
}

/* --verbose: what the stages counted. */
static void
tell_counts(const struct run *run)
{
    const struct um_capture_stats *capture = um_capture_stats(run->capture);
    const struct um_flow_stats *flows = um_flows_stats(run->flows);
    const struct {
        const char *what;
        uint64_t count;
    } lines[] = {
        {"packets", capture->packets},
        {"packets without IP", flows->not_ip},
        {"packets of unknown link types", flows->unknown_link},
        {"malformed packets", flows->malformed},
        {"datagrams that are not TCP", flows->not_tcp},
        {"datagrams never completed", flows->fragments_dropped},
        {"TCP segments", flows->segments},
        {"connections followed", flows->connections},
        {"retransmissions with other content", flows->conflicts},
        {"bytes lost", flows->lost_bytes},
        {"bytes of memory at the peak", run->meter.peak},
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        (void)fprintf(stderr, "umtrace: %12" PRIu64 " %s\n", lines[i].count, lines[i].what);
}

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
is_found(const struct run *run, const bool *shown)
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
write_extract(struct run *run, const bool *shown)
{
    const struct um_options *options = run->options;
    const struct um_extract extract = {.path = options->extract,
                                       .paths = run->paths,
                                       .path_count = options->path_count,
                                       .packets = run->totals.capture.packets,
                                       .filter = run->filter,
                                       .limits = &options->limits,
                                       .secrets = run->secrets,
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
redact_calls(struct run *run)
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
write_report(struct run *run, bool *found)
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
    struct um_style style = choose_style(options, &run->output);
    struct um_run_line line;
    if (keeps_times(run)) {
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
    return err;
}

static int
begin_lines(struct run *run)
{
    run->report_lines = (struct um_report_lines){.view = run->options->view,
                                                 .format = run->options->format,
                                                 .style = choose_style(run->options, &run->output),
                                                 .out = run->output.stream};
    return um_report_lines_begin(&run->report_lines);
}

static int
end_lines(struct run *run)
{
    int err = UM_OK;
    for (size_t i = 0; i < run->options->path_count && run->options->view == UM_VIEW_STREAMS; i++) {
        const struct um_capture_stats *stats = um_capture_file_stats(run->capture, i);
        struct um_report_file file = {.packets = stats->packets,
                                      .captured_bytes = stats->bytes,
                                      .wire_bytes = stats->wire_bytes};
        err = err ? err : um_report_file_line(&run->report_lines, &file);
    }
    return err ? err : um_report_lines_end(&run->report_lines);
}

/* From the first packet to the last byte of the report. */
static int
read_and_report(struct run *run, bool *found)
{
    int err = is_by_line(run) ? begin_lines(run) : UM_OK;
    if (!err)
        err = run->options->from_messages ? read_messages(run) : read_captures(run);
    run->told = run->totals;
    if (!err && run->redact)
        err = um_redact_totals(run->redact, &run->told);
    if (!err)
        err = um_capture_findings_make(&run->told, &run->findings);
    if (err)
        return err;
    return is_by_line(run) ? end_lines(run) : write_report(run, found);
}

static void
close_run(struct run *run)
{
    um_output_abandon(&run->output);
    um_capture_free(run->capture);
    um_flows_free(run->flows);
    um_recogniser_free(run->recogniser);
    um_http_lines_free(run->lines);
    um_encrypted_done(&run->connections.encrypted);
    um_alerts_done(&run->connections.alerts);
    um_secrets_free(run->secrets);
    um_calls_free(run->calls);
    um_calls_free(run->filled);
    um_redact_free(run->redact);
    um_from_messages_free(run->from); /* the store had its texts */
    um_packet_times_done(&run->times);
    um_spool_done(&run->spool);
    free(run->paths);
    um_filter_free(run->filter);
    um_arena_done(&run->arena);
}

/* The exit status of an error, which is told here. */
static enum um_status
fail(const struct run *run, int err, int saved_errno)
{
    const char *output = run->options->output ? run->options->output : "standard output";
    const char *where = run->failed ? run->failed : output;
    switch (err) {
    case UM_ERR_USAGE: /* has been told */
        return UM_STATUS_USAGE;
    case UM_ERR_IO:
        if (saved_errno != EPIPE || run->options->output || run->failed)
            (void)fprintf(stderr, "umtrace: %s: %s\n", where, strerror(saved_errno));
        return UM_STATUS_OUTPUT;
    default:
        (void)fprintf(stderr, "umtrace: %s\n", um_err_text(err));
        return UM_STATUS_MEMORY;
    }
}

enum um_status
um_run(const struct um_options *options, const volatile sig_atomic_t *stop)
{
    struct run run = {.options = options, .stop = stop};
    run.findings.arena = &run.arena;
    bool found = false, troubled = false;
    int err = open_filter(&run);
    if (!err && !options->from_messages)
        err = open_secrets(&run);
    if (!err)
        err = open_interface(&run);
    if (!err)
        err = um_output_open(options->output, &run.output);
    if (!err && options->redact)
        err = um_redact_new(&run.redact);
    if (!err)
        err = open_stages(&run);
    if (!err)
        err = read_and_report(&run, &found);
    if (!err)
        err = um_output_finish(&run.output);
    int saved_errno = errno;
    troubled = tell_problems(&run);
    if (run.flows && run.capture && options->verbose)
        tell_counts(&run);
    enum um_status status = err        ? fail(&run, err, saved_errno)
                            : troubled ? UM_STATUS_INPUT
                            : found    ? UM_STATUS_FOUND
                                       : UM_STATUS_DONE;
    close_run(&run);
    return status;
}
