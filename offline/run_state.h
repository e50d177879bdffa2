/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one run holds, as the files that make it up share it: run_stages puts the stages together,
 * run_read pushes every packet through them, run_report lets the report pull. Nobody else includes
 * this.
 */
#ifndef UM_OFFLINE_RUN_STATE_H
#define UM_OFFLINE_RUN_STATE_H

#include "offline/capture/capture.h"
#include "offline/capture/filter.h"
#include "offline/connections.h"
#include "offline/following.h"
#include "offline/from_messages.h"
#include "offline/http/http_lines.h"
#include "offline/http/recognise.h"
#include "offline/output.h"
#include "offline/packet_times.h"
#include "offline/progress.h"
#include "offline/redact.h"
#include "offline/run.h"
#include "offline/shelf.h"
#include "offline/spool.h"
#include "offline/streams.h"
#include "offline/totals.h"

struct um_run_state {
    const struct um_options *options;
    const volatile sig_atomic_t *stop;
    struct um_meter meter;
    struct um_filter *filter;
    struct um_capture *capture;
    bool is_wide; /* the capture: more of it is seen at once */
    struct um_flows *flows;
    struct um_secrets *secrets;
    struct um_connections connections;
    struct um_recogniser *recogniser;
    struct um_calls *calls;  /* that are told */
    struct um_calls *filled; /* with --redact: the real ones */
    struct um_http_lines *lines;
    struct um_report_lines report_lines;
    struct um_streams streams;
    struct um_shelf_file shelf;    /* of `calls` */
    const char **paths;            /* of the captures, pipes as what they were spooled to */
    struct um_spool *spools;       /* of each */
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

/* All of these give 0 or a negative enum um_err, UM_ERR_USAGE when that has been told. */

/* Everything that is needed before the first packet, the output too; closed also when it fails. */
int um_run_stages_open(struct um_run_state *run);
void um_run_stages_close(struct um_run_state *run);

/* Reads the captures, or the lines of --from-messages, to their end: the totals are known. */
int um_run_read(struct um_run_state *run);

/* Before the first packet and after the last; `found` tells whether --fail-on is met. */
int um_run_report_begin(struct um_run_state *run);
int um_run_report_end(struct um_run_state *run, bool *found);

/* How the report is to look. */
struct um_style um_run_style(const struct um_run_state *run);

/* Lines that --from-messages can read tell the time of every packet. */
bool um_run_keeps_times(const struct um_run_state *run);

/* For the view http, and for the view streams: gets each line as it becomes known. */
int um_run_report_http(void *run, const struct um_http_line *line);
int um_run_report_stream(void *run, const struct um_report_stream *line);

#endif
