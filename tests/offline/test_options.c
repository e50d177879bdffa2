/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <unistd.h>

#include "tests/support/support.h"

#include "offline/options.h"

enum { ARGUMENTS_MAX = 32 };

/* Parses a command line given as words up to NULL; what is told goes to `told`. The paths stay
 * valid until the next call. */
static int
parse(const char *const *words, struct um_options *out, char **told)
{
    static char *argv[ARGUMENTS_MAX + 2];
    memset(argv, 0, sizeof argv);
    argv[0] = (char *)(uintptr_t) "umtrace";
    int argc = 1;
    for (; words[argc - 1]; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
    size_t len;
    FILE *errors = open_memstream(told, &len);
    assert_non_null(errors);
    int err = um_options_parse(argc, argv, errors, out);
    assert_int_equal(fclose(errors), 0);
    return err;
}

static void
assert_refused(const char *const *words, const char *says)
{
    struct um_options options;
    char *told = NULL;
    assert_int_equal(parse(words, &options, &told), UM_ERR_USAGE);
    if (!strstr(told, says))
        fail_msg("'%s' does not say '%s'", told, says);
    assert_non_null(strchr(told, '\n'));
    assert_string_equal(strchr(told, '\n'), "\n"); /* one line */
    free(told);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void
a_format_that_cannot_tell_the_view_is_refused_with_those_that_can(void **state)
{
    (void)state;
    struct um_options options;
    char *told = NULL;
    assert_int_equal(parse(WORDS("-V", "http", "-F", "csv", "x.pcap"), &options, &told), UM_OK);
    assert_int_equal(options.format, UM_FORMAT_CSV);
    um_options_done(&options);
    free(told);
    assert_refused(WORDS("-V", "summary", "-F", "csv", "x.pcap"),
                   "--format csv cannot tell --view summary; formats that can: text, json, ndjson");
}

static void
defaults_are_those_of_the_documentation(void **state)
{
    (void)state;
    struct um_options options;
    char *told = NULL;
    assert_int_equal(parse(WORDS("x.pcap"), &options, &told), UM_OK);
    assert_int_equal(options.view, UM_VIEW_CALLS);
    assert_int_equal(options.format, UM_FORMAT_TEXT);
    assert_int_equal(options.thresholds.slow_ns, 1000000000);
    assert_int_equal(options.thresholds.stuck_after_ns, 60000000000);
    assert_int_equal(options.thresholds.poll_gap_ns, 30000000000);
    assert_int_equal(options.since_ns, INT64_MIN);
    assert_int_equal(options.until_ns, INT64_MAX);
    assert_int_equal(options.path_count, 1);
    assert_false(options.has_fail_on);
    um_options_done(&options);
    free(told);
}

static void
every_option_is_read(void **state)
{
    (void)state;
    struct um_options options;
    char *told = NULL;
    assert_int_equal(parse(WORDS("-V", "messages", "-Fndjson", "-c", "a", "--call=b", "--slow", "2",
                                 "--limit", "flows=10", "--fail-on", "warning", "a.pcap", "-"),
                           &options, &told),
                     UM_OK);
    assert_int_equal(options.view, UM_VIEW_MESSAGES);
    assert_int_equal(options.format, UM_FORMAT_NDJSON);
    assert_int_equal(options.call_count, 2);
    assert_string_equal(options.calls[1], "b");
    assert_int_equal(options.thresholds.slow_ns, 2000000000);
    assert_int_equal(options.limits.max[UM_LIMIT_FLOWS], 10);
    assert_true(options.has_fail_on);
    assert_int_equal(options.fail_on, UM_SEVERITY_WARNING);
    assert_int_equal(options.path_count, 2);
    assert_string_equal(options.paths[1], "-");
    um_options_done(&options);
    free(told);
}

static void
key_logs_and_keys_may_be_several(void **state)
{
    (void)state;
    struct um_options options;
    char *told = NULL;
    assert_int_equal(
        parse(WORDS("-k", "a.keys", "--tls-key=a.pem", "--keylog", "b.keys", "x"), &options, &told),
        UM_OK);
    assert_int_equal(options.keylog_count, 2);
    assert_string_equal(options.keylogs[0], "a.keys");
    assert_string_equal(options.keylogs[1], "b.keys");
    assert_int_equal(options.tls_key_count, 1);
    assert_string_equal(options.tls_keys[0], "a.pem");
    um_options_done(&options);
    free(told);
}

static void
options_may_stand_behind_the_captures(void **state)
{
    (void)state;
    struct um_options options;
    char *told = NULL;
    assert_int_equal(parse(WORDS("a.pcap", "-F", "json"), &options, &told), UM_OK);
    assert_int_equal(options.format, UM_FORMAT_JSON);
    assert_string_equal(options.paths[0], "a.pcap");
    um_options_done(&options);
    free(told);
}

static void
mistakes_are_named_in_one_line(void **state)
{
    (void)state;
    assert_refused(WORDS("--view", "cals", "x"), "'cals' is not one of calls");
    assert_refused(WORDS("-F", "xml", "x"), "not one of text");
    assert_refused(WORDS("--slow", "fast", "x"), "not a number of seconds");
    assert_refused(WORDS("--since", "yesterday", "x"), "not a time");
    assert_refused(WORDS("--limit", "flows", "x"), "NAME=VALUE");
    assert_refused(WORDS("--limit", "flows=0", "x"), "above 0");
    assert_refused(WORDS("--limit", "cows=1", "x"), "pending-total");
    assert_refused(WORDS("--frobnicate", "x"), "--frobnicate");
    assert_refused(WORDS("-Z", "x"), "-Z");
    assert_refused(WORDS("x", "--output"), "wants a value");
    assert_refused(WORDS("-q"), "no capture");
    assert_refused(WORDS("-", "-"), "once only");
    assert_refused(WORDS("--quiet=yes", "x"), "--quiet has no value");
    assert_refused(WORDS("-c", "", "x"), "--call wants a CallId");
    assert_refused(WORDS("-V", "http", "-c", "3f", "x"),
                   "--call chooses calls: not with --view http");
    assert_refused(WORDS("-V", "streams", "--until", "2026", "x"),
                   "--since and --until choose calls: not with --view streams");
    assert_refused(WORDS("--extract", "-", "x"), "not to standard output");
}

/* A capture was once replaced by the report about it. */
static void
report_does_not_overwrite_what_is_read_or_extracted(void **state)
{
    (void)state;
    char file[] = "/tmp/um_optionsXXXXXX", link_path[sizeof file + 2];
    int fd = mkstemp(file);
    assert_true(fd >= 0 && close(fd) == 0);
    (void)snprintf(link_path, sizeof link_path, "%s.l", file);
    assert_int_equal(symlink(file, link_path), 0);
    assert_refused(WORDS("-o", file, file), "would overwrite");
    assert_refused(WORDS("-o", link_path, "x", file), "which is read");
    assert_refused(WORDS("-o", file, "-k", link_path, "x"), "which is read");
    assert_refused(WORDS("-o", file, "--tls-key", file, "x"), "which is read");
    assert_refused(WORDS("-o", "new.out", "--extract", "./new.out", "x"), "what --extract writes");
    assert_refused(WORDS("--extract", link_path, "-k", file, "x"), "which is read");
    struct um_options options;
    char *told = NULL;
    assert_int_equal(
        parse(WORDS("-o", "/dev/null", "--extract", "y", "/dev/null"), &options, &told), UM_OK);
    um_options_done(&options);
    free(told);
    assert_int_equal(unlink(link_path), 0);
    assert_int_equal(unlink(file), 0);
}

static void
minus_is_standard_output(void **state)
{
    (void)state;
    struct um_options options;
    char *told = NULL;
    assert_int_equal(parse(WORDS("-o", "-", "x"), &options, &told), UM_OK);
    assert_null(options.output);
    um_options_done(&options);
    free(told);
}

static void
mistyped_option_gets_the_nearest_name(void **state)
{
    (void)state;
    assert_refused(WORDS("--fromat", "json", "x"),
                   "unknown option --fromat; did you mean --format?");
    assert_refused(WORDS("--veiw=http", "x"), "did you mean --view?");
    assert_refused(WORDS("--stuck_after=3", "x"), "did you mean --stuck-after?");
    assert_refused(WORDS("--xylophone-of-more-than-thirty-one-letters", "x"), "--help lists all");
    assert_refused(WORDS("-z", "x"), "unknown option -z");
}

static void
interface_takes_the_place_of_captures(void **state)
{
    (void)state;
    struct um_options options;
    char *told = NULL;
    assert_int_equal(parse(WORDS("-i", "eth0", "--follow", "--local"), &options, &told), UM_OK);
    assert_int_equal(options.path_count, 1);
    assert_string_equal(options.paths[0], "eth0");
    assert_string_equal(options.interface, "eth0");
    assert_true(options.follow && options.local && !options.progress);
    um_options_done(&options);
    free(told);
    assert_refused(WORDS("-i", "eth0", "x.pcap"), "either an interface or captures");
    assert_refused(WORDS("-i", "eth0", "-i", "lo"), "given once");
    assert_refused(WORDS("-i", "eth0", "--from-messages"), "it cannot do --interface");
    assert_refused(WORDS("-i", "eth0", "--extract", "y"), "reads the captures twice");
}

static void
follow_tells_lines_of_calls(void **state)
{
    (void)state;
    struct um_options options;
    char *told = NULL;
    assert_int_equal(parse(WORDS("--follow", "-F", "ndjson", "-"), &options, &told), UM_OK);
    um_options_done(&options);
    free(told);
    assert_refused(WORDS("--follow", "-F", "html", "-"), "with --format text or ndjson");
    assert_refused(WORDS("--follow", "-V", "messages", "-"), "not with --view messages");
    assert_refused(WORDS("--follow", "--redact", "-"),
                   "looks for private words of later messages in earlier texts too");
    assert_refused(WORDS("--follow", "--extract", "x", "-"), "reads the captures twice");
}

static void
help_fits_a_screen(void **state)
{
    (void)state;
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    um_options_help(out);
    assert_int_equal(fclose(out), 0);
    size_t lines = 0;
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        lines++;
        assert_true(strlen(line) <= 80);
    }
    assert_true(lines <= 60);
    free(text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_format_that_cannot_tell_the_view_is_refused_with_those_that_can),
        cmocka_unit_test(defaults_are_those_of_the_documentation),
        cmocka_unit_test(every_option_is_read),
        cmocka_unit_test(key_logs_and_keys_may_be_several),
        cmocka_unit_test(options_may_stand_behind_the_captures),
        cmocka_unit_test(mistakes_are_named_in_one_line),
        cmocka_unit_test(report_does_not_overwrite_what_is_read_or_extracted),
        cmocka_unit_test(minus_is_standard_output),
        cmocka_unit_test(mistyped_option_gets_the_nearest_name),
        cmocka_unit_test(interface_takes_the_place_of_captures),
        cmocka_unit_test(follow_tells_lines_of_calls),
        cmocka_unit_test(help_fits_a_screen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
