/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Two ways end in the HTTP connections: the recogniser, which fills the store of calls, or for the
 * view http the lines, which are written as they come.
 */
#include <stdlib.h>

#include "offline/capture/window.h"
#include "offline/privileges.h"
#include "offline/run_state.h"
#include "offline/secrets_input.h"

static int
open_filter(struct um_run_state *run)
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
    struct um_run_state *run = ctx;
    size_t before = um_calls_exchange_count(run->calls);
    int err = um_calls_add(run->calls, exchange);
    if (err || !run->options->follow || um_calls_exchange_count(run->calls) == before)
        return err;
    return um_following_added(&run->following);
}

static void
begin_following(struct um_run_state *run)
{
    run->following = (struct um_following){.options = run->options,
                                           .calls = run->calls,
                                           .recogniser = run->recogniser,
                                           .style = um_run_style(run),
                                           .out = run->output.stream};
    um_following_begin(&run->following);
}

/* A report that tells one call after the other, and of exchanges nothing else, holds them packed.
 */
static bool
is_call_by_call(const struct um_options *options)
{
    bool has_calls = options->view == UM_VIEW_CALLS || options->view == UM_VIEW_SUMMARY;
    return has_calls && options->format != UM_FORMAT_HTML && !options->follow && !options->redact &&
           !options->extract;
}

/* Who listens to the HTTP connections: the lines of the view http, or the recogniser and the store
 * it fills. */
static int
open_observer(struct um_run_state *run)
{
    const struct um_options *options = run->options;
    int err;
    if (options->view == UM_VIEW_HTTP) {
        err =
            um_http_lines_new(&options->limits, &run->meter, um_run_report_http, run, &run->lines);
        if (!err)
            run->connections.http = um_http_lines_events(run->lines);
        return err;
    }
    err = um_calls_new(&options->limits, &options->thresholds, &run->calls);
    struct um_shelf shelf = um_shelf_file_shelf(&run->shelf);
    if (!err && is_call_by_call(options))
        err = um_calls_be_compact(run->calls, &shelf);
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
open_flows(struct um_run_state *run)
{
    struct um_flow_events events;
    if (run->options->view == UM_VIEW_STREAMS) {
        run->streams = (struct um_streams){.emit = um_run_report_stream,
                                           .ctx = run,
                                           .meter = &run->meter,
                                           .secrets = run->secrets};
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
list_paths(struct um_run_state *run)
{
    const struct um_options *options = run->options;
    run->paths = calloc(options->path_count, sizeof *run->paths);
    run->spools = calloc(options->path_count, sizeof *run->spools);
    if (!run->paths || !run->spools)
        return UM_ERR_NOMEM;
    for (size_t i = 0; i < options->path_count; i++) {
        run->paths[i] = options->paths[i];
        if (!options->extract || !um_spool_is_needed(options->paths[i]))
            continue;
        int err = um_spool_fill(&run->spools[i], options->paths[i], run->stop);
        if (err) {
            run->failed = "temporary file";
            return err;
        }
        run->paths[i] = run->spools[i].path;
    }
    return UM_OK;
}

/* The program with its libraries, and what allocations cost besides, come out of the limit `memory`
 * as well; of a small one at most eleven sixteenths. */
static uint64_t
metered_bytes(uint64_t limit)
{
    static const uint64_t own_bytes = UINT64_C(11) << 20;
    uint64_t most = limit / 16 * 11;
    return limit - (most < own_bytes ? most : own_bytes);
}

static int
open_secrets(struct um_run_state *run)
{
    run->meter.max = metered_bytes(run->options->limits.max[UM_LIMIT_MEMORY]);
    int err = um_secrets_new(&run->meter, &run->secrets);
    return err ? err : um_secrets_input_read(run->options, run->secrets, stderr);
}

/* From here on the rights of root are not needed any more, nor had: the output is not its. */
static int
open_interface(struct um_run_state *run)
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

/*
 * To decrypt goes through the half records of many connections in turn, and to move a window costs
 * more then. The larger one comes out of the limit `memory`, if that is far away.
 */
static void
widen(struct um_run_state *run)
{
    static const uint64_t more = UM_WINDOW_WIDE_BYTES - UM_WINDOW_BYTES;
    if (run->is_wide || more > run->meter.max / 8 || !um_meter_take(&run->meter, more))
        return;
    um_capture_widen(run->capture);
    run->is_wide = true;
}

static int
take_secrets(void *ctx, uint32_t type, struct um_span bytes)
{
    struct um_run_state *run = ctx;
    widen(run);
    return um_secrets_input_take(run->secrets, type, bytes);
}

static int
open_reading(struct um_run_state *run)
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
    um_capture_secrets_to(run->capture, take_secrets, run);
    if (um_secrets_know_any(run->secrets))
        widen(run);
    return UM_OK;
}

int
um_run_stages_open(struct um_run_state *run)
{
    const struct um_options *options = run->options;
    run->findings.arena = &run->arena;
    int err = open_filter(run);
    if (!err && !options->from_messages)
        err = open_secrets(run);
    if (!err)
        err = open_interface(run);
    if (!err)
        err = um_output_open(options->output, &run->output);
    if (!err && options->redact)
        err = um_redact_new(&run->redact);
    return err ? err : open_reading(run);
}

void
um_run_stages_close(struct um_run_state *run)
{
    um_output_abandon(&run->output);
    um_capture_free(run->capture);
    um_flows_free(run->flows);
    um_recogniser_free(run->recogniser);
    um_http_lines_free(run->lines);
    um_encrypted_done(&run->connections.encrypted);
    um_alerts_done(&run->connections.alerts);
    free(run->connections.late);
    um_secrets_free(run->secrets);
    um_calls_free(run->calls);
    um_calls_free(run->filled);
    um_redact_free(run->redact);
    um_from_messages_free(run->from); /* the store had its texts */
    um_packet_times_done(&run->times);
    for (size_t i = 0; i < run->options->path_count && run->spools; i++)
        um_spool_done(&run->spools[i]);
    free(run->spools);
    um_shelf_file_done(&run->shelf);
    free(run->paths);
    um_filter_free(run->filter);
    um_arena_done(&run->arena);
}
