/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line: every option with its default, read once at the start. */
#ifndef UM_OFFLINE_OPTIONS_H
#define UM_OFFLINE_OPTIONS_H

#include <stdio.h>

#include "core/um/call.h"
#include "offline/report/report.h"

enum um_color {
    UM_COLOR_AUTO, /* on a terminal, unless NO_COLOR is set */
    UM_COLOR_ALWAYS,
    UM_COLOR_NEVER,
};

struct um_options {
    enum um_view view;
    enum um_format format;
    const char *output;       /* NULL: standard output */
    const char *const *calls; /* --call, as given */
    size_t call_count;
    const char *const *keylogs; /* --keylog, as given */
    size_t keylog_count;
    const char *const *tls_keys; /* --tls-key */
    size_t tls_key_count;
    int64_t since_ns, until_ns; /* INT64_MIN, INT64_MAX: no bound */
    const char *filter;         /* capture filter; NULL: none */
    const char *extract;        /* --extract; NULL: none */
    bool redact;                /* --redact */
    bool from_messages;         /* the paths are lines of earlier runs */
    struct um_thresholds thresholds;
    struct um_limits limits;
    bool has_fail_on;
    enum um_severity fail_on;
    bool quiet, verbose;
    enum um_color color;
    const char *const *paths; /* at least one, unless help or version is asked for */
    size_t path_count;
    bool help, version;
};

/*
 * Reads the command line; what is wrong with it is told on `errors` in one line. Everything in
 * `out` points into argv (which getopt permutes) or into memory that um_options_done frees. 0,
 * UM_ERR_USAGE, UM_ERR_NOMEM.
 */
int um_options_parse(int argc, char **argv, FILE *errors, struct um_options *out);
void um_options_done(struct um_options *options);

/* Writes the help text; fits a screen of 24 lines at 80 columns. */
void um_options_help(FILE *out);

#endif
