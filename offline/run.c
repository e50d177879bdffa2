/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A run from its beginning to its exit status, and what it says on standard error on the way. */
#include "offline/run.h"

#include <errno.h>
#include <inttypes.h>

#include "offline/run_state.h"

/* Every capture that could not be read, or not to its end; true when there was one. */
static bool
tell_problems(const struct um_run_state *run)
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
tell_counts(const struct um_run_state *run)
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

/* The exit status of an error, which is told here. */
static enum um_status
fail(const struct um_run_state *run, int err, int saved_errno)
{
    const char *output = run->options->output ? run->options->output : "standard output";
    const char *where = run->shelf.has_lost ? "the temporary file that holds calls"
                        : run->failed       ? run->failed
                                            : output;
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

static int
read_and_report(struct um_run_state *run, bool *found)
{
    int err = um_run_stages_open(run);
    if (!err)
        err = um_run_report_begin(run);
    if (!err)
        err = um_run_read(run);
    if (!err)
        err = um_run_report_end(run, found);
    return err ? err : um_output_finish(&run->output);
}

enum um_status
um_run(const struct um_options *options, const volatile sig_atomic_t *stop)
{
    struct um_run_state run = {.options = options, .stop = stop};
    bool found = false;
    int err = read_and_report(&run, &found);
    int saved_errno = errno;
    bool troubled = tell_problems(&run);
    if (run.flows && run.capture && options->verbose)
        tell_counts(&run);
    enum um_status status = err        ? fail(&run, err, saved_errno)
                            : troubled ? UM_STATUS_INPUT
                            : found    ? UM_STATUS_FOUND
                                       : UM_STATUS_DONE;
    um_run_stages_close(&run);
    return status;
}
