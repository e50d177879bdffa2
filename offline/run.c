/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Puts the stages together, pushes every packet through them, then lets the report pull. Two ways
 * end in the HTTP connections: the recogniser, which fills the store of calls, or for the view http
 * the lines, which are written as they come.
 */
#include "offline/run.h"

#include <errno.h>
#include <langinfo.h>
#include <stdlib.h>

#include "offline/capture/capture.h"
#include "offline/capture/filter.h"
#include "offline/capture_findings.h"
#include "offline/connections.h"
#include "offline/http/http_lines.h"
#include "offline/http/recognise.h"
#include "offline/output.h"
#include "offline/selection.h"

struct run {
    const struct um_options *options;
    const volatile sig_atomic_t *stop;
    struct um_meter meter;
    struct um_filter *filter;
    struct um_capture *capture;
    struct um_flows *flows;
    struct um_connections connections;
    struct um_recogniser *recogniser;
    struct um_calls *calls;
    struct um_http_lines *lines;
    struct um_report_http_writer writer;
    struct um_output output;
    struct um_arena arena;
    struct um_findings findings; /* about the capture */
};

static void
tell(const struct run *run, const char *what, const char *why)
{
    if (!run->options->quiet)
        (void)fprintf(stderr, "umtrace: %s: %s\n", what, why);
}

