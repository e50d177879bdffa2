/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One function a rule; each tells what cannot go together in one line. */
#include "offline/options_check.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Captures or an interface. */
static int
check_paths(const struct um_options *options, FILE *errors)
{
    size_t inputs = 0;
    for (size_t i = 0; i < options->path_count; i++)
        inputs += strcmp(options->paths[i], "-") == 0 ? 1 : 0;
    if (options->interface && options->path_count > 0)
        (void)fprintf(errors,
                      "umtrace: either an interface or captures can be read: %s is one too "
                      "many\n",
                      options->paths[0]);
    else if (options->path_count == 0 && !options->interface)
        (void)fprintf(errors, "umtrace: no capture named (umtrace --help tells how)\n");
    else if (inputs > 1)
        (void)fprintf(errors, "umtrace: standard input (-) can be read once only\n");
    else
        return UM_OK;
    return UM_ERR_USAGE;
}

/* The folder that a path is in, and its name there. */
static const char *
split_path(const char *path, struct stat *folder)
{
    const char *slash = strrchr(path, '/');
    char *copy = slash ? strndup(path, (size_t)(slash - path) + 1) : NULL;
    int err = stat(copy ? copy : ".", folder);
    free(copy);
    return err == 0 ? (slash ? slash + 1 : path) : NULL;
}

static bool
is_same_file(const char *a, const char *b)
{
    struct stat of_a, of_b;
    int err_a = stat(a, &of_a), err_b = stat(b, &of_b);
    if (err_a == 0 && err_b == 0 && !S_ISREG(of_a.st_mode))
        return false; /* a device, a pipe: nothing is overwritten */
    if ((err_a == 0) != (err_b == 0))
        return false;
    if (err_a != 0) {
        const char *name_a = split_path(a, &of_a), *name_b = split_path(b, &of_b);
        if (!name_a || !name_b || strcmp(name_a, name_b) != 0)
            return false;
    }
    return of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

/* Writing would take the place of what is read. */
static int
check_file(const struct um_options *options, const char *option, const char *path, FILE *errors)
{
    const struct {
        const char *const *paths;
        size_t count;
    } read[] = {{options->paths, options->path_count},
                {options->keylogs, options->keylog_count},
                {options->tls_keys, options->tls_key_count}};
    for (size_t i = 0; path && i < sizeof read / sizeof *read; i++) {
        for (size_t k = 0; k < read[i].count; k++) {
            if (!is_same_file(path, read[i].paths[k]))
                continue;
            (void)fprintf(errors, "umtrace: %s %s would overwrite %s, which is read\n", option,
                          path, read[i].paths[k]);
            return UM_ERR_USAGE;
        }
    }
    return UM_OK;
}

static int
check_files(const struct um_options *options, FILE *errors)
{
    int err = check_file(options, "--output", options->output, errors);
    if (!err)
        err = check_file(options, "--extract", options->extract, errors);
    if (err || !options->output || !options->extract ||
        !is_same_file(options->output, options->extract))
        return err;
    (void)fprintf(errors, "umtrace: --output %s would overwrite what --extract writes\n",
                  options->output);
    return UM_ERR_USAGE;
}

/* The choice of calls: all begin with nothing, and two views know none. */
static int
check_calls(const struct um_options *options, FILE *errors)
{
    bool has_time = options->since_ns != INT64_MIN || options->until_ns != INT64_MAX;
    const char *chooses = options->call_count > 0 ? "--call"
                          : has_time              ? "--since and --until"
                                                  : NULL;
    if (chooses && (options->view == UM_VIEW_HTTP || options->view == UM_VIEW_STREAMS)) {
        (void)fprintf(errors, "umtrace: %s choose%s calls: not with --view %s\n", chooses,
                      options->call_count > 0 ? "s" : "",
                      options->view == UM_VIEW_HTTP ? "http" : "streams");
        return UM_ERR_USAGE;
    }
    for (size_t i = 0; i < options->call_count; i++) {
        if (options->calls[i][0] != '\0')
            continue;
        (void)fprintf(errors, "umtrace: --call wants a CallId or a GUID, or a beginning of it\n");
        return UM_ERR_USAGE;
    }
    return UM_OK;
}

/* What cannot be had without packets. */
static int
check_lines(const struct um_options *options, FILE *errors)
{
    const char *with = options->view == UM_VIEW_HTTP      ? "--view http"
                       : options->view == UM_VIEW_STREAMS ? "--view streams"
                       : options->filter                  ? "--filter"
                       : options->keylog_count > 0        ? "--keylog"
                       : options->tls_key_count > 0       ? "--tls-key"
                       : options->extract                 ? "--extract"
                       : options->interface               ? "--interface"
                       : options->follow                  ? "--follow"
                                                          : NULL;
    if (!options->from_messages || !with)
        return UM_OK;
    (void)fprintf(errors, "umtrace: --from-messages reads no packets, so it cannot do %s\n", with);
    return UM_ERR_USAGE;
}

/* Two views know no calls, and packets hold what must not be told. */
static int
check_extract(const struct um_options *options, FILE *errors)
{
    if (!options->extract)
        return UM_OK;
    if (options->redact)
        (void)fprintf(errors, "umtrace: --extract writes packets as they were, with all that is "
                              "private in them: not with --redact\n");
    else if (strcmp(options->extract, "-") == 0)
        (void)fprintf(errors, "umtrace: --extract writes a file beside the report: not to standard "
                              "output (-)\n");
    else if (options->interface || options->follow)
        (void)fprintf(errors, "umtrace: --extract reads the captures twice: write a file with "
                              "dumpcap first, and read that\n");
    else if (options->view == UM_VIEW_HTTP || options->view == UM_VIEW_STREAMS)
        (void)fprintf(errors,
                      "umtrace: --extract writes the packets of calls: not with --view %s\n",
                      options->view == UM_VIEW_HTTP ? "http" : "streams");
    else
        return UM_OK;
    return UM_ERR_USAGE;
}

/*
 * News are lines, and they are told before anybody knows what is private: a name that a later
 * request gives away is looked for in every fault text, also in those before it.
 */
static int
check_follow(const struct um_options *options, FILE *errors)
{
    bool is_lines = options->format == UM_FORMAT_TEXT || options->format == UM_FORMAT_NDJSON;
    bool by_line = options->view == UM_VIEW_HTTP || options->view == UM_VIEW_STREAMS;
    if (!options->follow)
        return UM_OK;
    if (options->view == UM_VIEW_MESSAGES)
        (void)fprintf(errors, "umtrace: --follow tells calls and forgets those that are over: not "
                              "with --view messages\n");
    else if (!is_lines && !by_line)
        (void)fprintf(errors, "umtrace: --follow tells lines: with --format text or ndjson\n");
    else if (options->redact && !by_line)
        (void)fprintf(errors,
                      "umtrace: --redact looks for private words of later messages in earlier "
                      "texts too: not with --follow, which has told these\n");
    else
        return UM_OK;
    return UM_ERR_USAGE;
}

int
um_options_check(const struct um_options *options, FILE *errors)
{
    int err = check_paths(options, errors);
    if (!err)
        err = check_calls(options, errors);
    if (!err)
        err = check_files(options, errors);
    if (!err)
        err = check_lines(options, errors);
    if (!err)
        err = check_extract(options, errors);
    return err ? err : check_follow(options, errors);
}
