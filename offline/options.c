/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the command line with getopt_long. Each option that takes a word or a number has a reader
 * of its own below; they share one way of telling what is wrong.
 */
#include "offline/options.h"

#include <getopt.h>
#include <stdlib.h>

#include "offline/nearest.h"
#include "offline/options_check.h"
#include "offline/time_text.h"

enum {
    OPTION_SINCE = 256,
    OPTION_UNTIL,
    OPTION_SLOW,
    OPTION_STUCK_AFTER,
    OPTION_POLL_GAP,
    OPTION_LIMIT,
    OPTION_FAIL_ON,
    OPTION_COLOR,
    OPTION_TLS_KEY,
    OPTION_FROM_MESSAGES,
    OPTION_EXTRACT,
    OPTION_REDACT,
    OPTION_FOLLOW,
    OPTION_PROGRESS,
    OPTION_LOCAL,
    OPTION_VERSION,
};

static const struct option long_options[] = {
    {"view", required_argument, NULL, 'V'},
    {"format", required_argument, NULL, 'F'},
    {"output", required_argument, NULL, 'o'},
    {"call", required_argument, NULL, 'c'},
    {"since", required_argument, NULL, OPTION_SINCE},
    {"until", required_argument, NULL, OPTION_UNTIL},
    {"filter", required_argument, NULL, 'f'},
    {"keylog", required_argument, NULL, 'k'},
    {"tls-key", required_argument, NULL, OPTION_TLS_KEY},
    {"interface", required_argument, NULL, 'i'},
    {"follow", no_argument, NULL, OPTION_FOLLOW},
    {"from-messages", no_argument, NULL, OPTION_FROM_MESSAGES},
    {"extract", required_argument, NULL, OPTION_EXTRACT},
    {"redact", no_argument, NULL, OPTION_REDACT},
    {"slow", required_argument, NULL, OPTION_SLOW},
    {"stuck-after", required_argument, NULL, OPTION_STUCK_AFTER},
    {"poll-gap", required_argument, NULL, OPTION_POLL_GAP},
    {"limit", required_argument, NULL, OPTION_LIMIT},
    {"fail-on", required_argument, NULL, OPTION_FAIL_ON},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"progress", no_argument, NULL, OPTION_PROGRESS},
    {"local", no_argument, NULL, OPTION_LOCAL},
    {"color", required_argument, NULL, OPTION_COLOR},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, OPTION_VERSION},
    {NULL, 0, NULL, 0},
};

/* A word of an option and what it stands for. */
struct word {
    const char *text;
    int value;
};

static const struct word view_words[] = {
    {"calls", UM_VIEW_CALLS},     {"messages", UM_VIEW_MESSAGES}, {"http", UM_VIEW_HTTP},
    {"streams", UM_VIEW_STREAMS}, {"summary", UM_VIEW_SUMMARY},   {NULL, 0},
};

static const struct word format_words[] = {
    {"text", UM_FORMAT_TEXT}, {"json", UM_FORMAT_JSON}, {"ndjson", UM_FORMAT_NDJSON},
    {"csv", UM_FORMAT_CSV},   {"html", UM_FORMAT_HTML}, {NULL, 0},
};

static const struct word severity_words[] = {
    {"error", UM_SEVERITY_ERROR},
    {"warning", UM_SEVERITY_WARNING},
    {"note", UM_SEVERITY_NOTE},
    {NULL, 0},
};

static const struct word color_words[] = {
    {"auto", UM_COLOR_AUTO},
    {"always", UM_COLOR_ALWAYS},
    {"never", UM_COLOR_NEVER},
    {NULL, 0},
};

static int
tell_choice(FILE *errors, const char *option, const char *given, const struct word *words)
{
    (void)fprintf(errors, "umtrace: %s: '%s' is not one of", option, given);
    for (size_t i = 0; words[i].text; i++)
        (void)fprintf(errors, "%s %s", i > 0 ? "," : "", words[i].text);
    (void)fprintf(errors, "\n");
    return UM_ERR_USAGE;
}

static int
read_word(FILE *errors, const char *option, const char *given, const struct word *words, int *out)
{
    for (size_t i = 0; words[i].text; i++) {
        if (strcmp(words[i].text, given) == 0) {
            *out = words[i].value;
            return UM_OK;
        }
    }
    return tell_choice(errors, option, given, words);
}

static int
read_seconds(FILE *errors, const char *option, const char *given, int64_t *out)
{
    if (um_time_text_seconds(um_span_text(given), out))
        return UM_OK;
    (void)fprintf(errors, "umtrace: %s: '%s' is not a number of seconds\n", option, given);
    return UM_ERR_USAGE;
}

static int
read_time(FILE *errors, const char *option, const char *given, int64_t *out)
{
    if (um_time_text_parse(um_span_text(given), out))
        return UM_OK;
    (void)fprintf(errors,
                  "umtrace: %s: '%s' is not a time; write 2026-11-23T18:33:21Z (UTC), a part of it "
                  "from the left, or seconds since 1970\n",
                  option, given);
    return UM_ERR_USAGE;
}

static int
read_limit(FILE *errors, const char *given, struct um_limits *limits)
{
    if (um_limits_set(limits, um_span_text(given)) == UM_OK)
        return UM_OK;
    (void)fprintf(errors, "umtrace: --limit: '%s' is not NAME=VALUE with a NAME of", given);
    for (unsigned i = 0; i < UM_LIMIT_COUNT; i++)
        (void)fprintf(errors, "%s %s", i > 0 ? "," : "", um_limit_name((enum um_limit)i));
    (void)fprintf(errors, " and a VALUE above 0 (K, M, G allowed)\n");
    return UM_ERR_USAGE;
}

static int
tell_again(FILE *errors)
{
    (void)fprintf(errors, "umtrace: --interface can be given once; \"any\" is all interfaces\n");
    return UM_ERR_USAGE;
}

static int
read_interface(FILE *errors, const char *given, struct um_options *out)
{
    if (out->interface)
        return tell_again(errors);
    out->interface = given;
    return UM_OK;
}

/* Options without a value. */
static void
read_flag(int option, struct um_options *out)
{
    switch (option) {
    case OPTION_REDACT:
        out->redact = true;
        break;
    case OPTION_FROM_MESSAGES:
        out->from_messages = true;
        break;
    case OPTION_FOLLOW:
        out->follow = true;
        break;
    case OPTION_PROGRESS:
        out->progress = true;
        break;
    case OPTION_LOCAL:
        out->local = true;
        break;
    case 'q':
        out->quiet = true;
        break;
    case 'v':
        out->verbose = true;
        break;
    case 'h':
        out->help = true;
        break;
    default:
        out->version = true;
        break;
    }
}

static int
read_option(int option, struct um_options *out, FILE *errors)
{
    int value = 0, err = UM_OK;
    switch (option) {
    case 'V':
        err = read_word(errors, "--view", optarg, view_words, &value);
        out->view = (enum um_view)value;
        break;
    case 'F':
        err = read_word(errors, "--format", optarg, format_words, &value);
        out->format = (enum um_format)value;
        break;
    case OPTION_FAIL_ON:
        err = read_word(errors, "--fail-on", optarg, severity_words, &value);
        out->fail_on = (enum um_severity)value;
        out->has_fail_on = true;
        break;
    case OPTION_COLOR:
        err = read_word(errors, "--color", optarg, color_words, &value);
        out->color = (enum um_color)value;
        break;
    case OPTION_SINCE:
        return read_time(errors, "--since", optarg, &out->since_ns);
    case OPTION_UNTIL:
        return read_time(errors, "--until", optarg, &out->until_ns);
    case OPTION_SLOW:
        return read_seconds(errors, "--slow", optarg, &out->thresholds.slow_ns);
    case OPTION_STUCK_AFTER:
        return read_seconds(errors, "--stuck-after", optarg, &out->thresholds.stuck_after_ns);
    case OPTION_POLL_GAP:
        return read_seconds(errors, "--poll-gap", optarg, &out->thresholds.poll_gap_ns);
    case OPTION_LIMIT:
        return read_limit(errors, optarg, &out->limits);
    case 'o':
        out->output = strcmp(optarg, "-") == 0 ? NULL : optarg;
        break;
    case 'f':
        out->filter = optarg;
        break;
    case 'i':
        return read_interface(errors, optarg, out);
    case OPTION_EXTRACT:
        out->extract = optarg;
        break;
    default:
        read_flag(option, out);
        break;
    }
    return err;
}

/* The long option that may be meant; NULL: none is like it. */
static const char *
find_meant(const char *given)
{
    char word[32] = "";
    size_t len = strcspn(given, "=");
    const char *best = NULL;
    size_t least = SIZE_MAX;
    (void)snprintf(word, sizeof word, "%.*s", (int)(len < sizeof word ? len : sizeof word - 1),
                   given);
    for (size_t i = 0; long_options[i].name; i++) {
        size_t distance = um_nearest_distance(word, long_options[i].name);
        if (!um_nearest_is_slip(word, long_options[i].name) || distance >= least)
            continue;
        least = distance;
        best = long_options[i].name;
    }
    return best;
}

static void
tell_unknown(const char *given, FILE *errors)
{
    const char *meant = strncmp(given, "--", 2) == 0 ? find_meant(given + 2) : NULL;
    if (meant)
        (void)fprintf(errors, "umtrace: unknown option %s; did you mean --%s?\n", given, meant);
    else
        (void)fprintf(errors, "umtrace: unknown option %s (umtrace --help lists all)\n", given);
}

/* getopt has just refused an option: says why, in our words. */
static int
tell_refused(int refusal, char **argv, FILE *errors)
{
    const char *given = argv[optind - 1];
    if (refusal == ':')
        (void)fprintf(errors, "umtrace: %s wants a value\n", given);
    else if (optopt > 0 && strncmp(given, "--", 2) == 0)
        (void)fprintf(errors, "umtrace: %.*s has no value\n", (int)strcspn(given, "="), given);
    else if (optopt > 0 && optopt < 256)
        (void)fprintf(errors, "umtrace: unknown option -%c (umtrace --help lists all)\n", optopt);
    else
        tell_unknown(given, errors);
    return UM_ERR_USAGE;
}

static const char *
word_of(const struct word *words, int value)
{
    size_t i = 0;
    while (words[i].value != value)
        i++;
    return words[i].text;
}

/* Not every format can tell every view: says which can. */
static int
check_view(const struct um_options *options, FILE *errors)
{
    if (um_report_has(options->view, options->format))
        return UM_OK;
    (void)fprintf(errors, "umtrace: --format %s cannot tell --view %s; formats that can:",
                  word_of(format_words, (int)options->format),
                  word_of(view_words, (int)options->view));
    const char *comma = "";
    for (int i = 0; i < UM_FORMAT_COUNT; i++) {
        if (!um_report_has(options->view, (enum um_format)i))
            continue;
        (void)fprintf(errors, "%s %s", comma, word_of(format_words, i));
        comma = ",";
    }
    (void)fprintf(errors, "\n");
    return UM_ERR_USAGE;
}

int
um_options_parse(int argc, char **argv, FILE *errors, struct um_options *out)
{
    struct um_options options = {.since_ns = INT64_MIN, .until_ns = INT64_MAX};
    um_thresholds_init(&options.thresholds);
    um_limits_init(&options.limits);
    size_t most = (size_t)argc + 1; /* of any option that may be repeated */
    const char **calls = calloc(3 * most + 1, sizeof *calls);
    if (!calls)
        return UM_ERR_NOMEM;
    const char **keylogs = calls + most, **tls_keys = keylogs + most;

    int err = UM_OK, option;
    optind = 0; /* GNU: begin anew, so that several command lines can be read in one process */
    opterr = 0;
    while (!err &&
           (option = getopt_long(argc, argv, ":V:F:o:c:f:k:i:qvh", long_options, NULL)) != -1) {
        if (option == '?' || option == ':')
            err = tell_refused(option, argv, errors);
        else if (option == 'c')
            calls[options.call_count++] = optarg;
        else if (option == 'k')
            keylogs[options.keylog_count++] = optarg;
        else if (option == OPTION_TLS_KEY)
            tls_keys[options.tls_key_count++] = optarg;
        else
            err = read_option(option, &options, errors);
    }
    options.calls = calls;
    options.keylogs = keylogs;
    options.tls_keys = tls_keys;
    options.paths = (const char *const *)argv + optind;
    options.path_count = (size_t)(argc - optind);
    bool is_run = !options.help && !options.version;
    if (!err && is_run)
        err = check_view(&options, errors);
    if (!err && is_run)
        err = um_options_check(&options, errors);
    if (options.interface) { /* one input like another from here on */
        calls[3 * most] = options.interface;
        options.paths = calls + 3 * most;
        options.path_count = 1;
    }
    if (err)
        free(calls);
    else
        *out = options;
    return err;
}

void
um_options_done(struct um_options *options)
{
    free((void *)options->calls);
    options->calls = NULL;
    options->call_count = options->keylog_count = options->tls_key_count = 0;
}
