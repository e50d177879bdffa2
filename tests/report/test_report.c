/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/report/report.h"

#include <errno.h>
#include <jansson.h>

#include "tests/report/fits.h"
#include "tests/report/story.h"
#include "tests/support/support.h"

static const enum um_view views[] = {UM_VIEW_CALLS, UM_VIEW_MESSAGES, UM_VIEW_SUMMARY};
static const enum um_format formats[] = {UM_FORMAT_TEXT, UM_FORMAT_JSON, UM_FORMAT_NDJSON,
                                         UM_FORMAT_CSV, UM_FORMAT_HTML};
static const struct um_style STYLE = {.utf8 = true};

/* The report as text; the caller frees it. */
static char *
write_report(const struct um_report *report, enum um_view view, enum um_format format)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    assert_int_equal(um_report_write(report, view, format, &STYLE, out), UM_OK);
    assert_int_equal(fclose(out), 0);
    return text;
}

static json_t *
read_report(const char *name, enum um_view view)
{
    struct um_story story;
    assert_true(um_story_tell(&story, name));
    assert_int_equal(story.err, UM_OK);
    char *text = write_report(&story.report, view, UM_FORMAT_JSON);
    json_t *read = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(read);
    free(text);
    um_story_done(&story);
    return read;
}

static const char *
string_in(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : "(null)";
}

/* ---- what is said ---- */

static void
report_json_tells_a_span_by_its_bounds(void **state)
{
    (void)state;
    json_t *report = read_report("completed", UM_VIEW_CALLS);
    json_t *call = json_array_get(json_object_get(report, "calls"), 0);
    json_t *span = json_array_get(json_object_get(call, "spans"), 1);
    assert_string_equal(string_in(call, "outcome"), "completed");
    assert_string_equal(string_in(span, "state"), "Connected");
    assert_string_equal(string_in(span, "began_after"), "2026-11-23T18:33:23.290000000Z");
    assert_string_equal(string_in(span, "began_by"), "2026-11-23T18:33:24.370000000Z");
    assert_string_equal(string_in(span, "ended_after"), "2026-11-23T18:33:25.370000000Z");
    assert_string_equal(string_in(span, "ended_by"), "2026-11-23T18:33:26.450000000Z");
    assert_true(json_real_value(json_object_get(span, "min_s")) == 1.0);
    assert_true(json_real_value(json_object_get(span, "max_s")) == 3.16);
    json_decref(report);
}

static void
report_leaves_calls_that_are_not_shown_out_of_every_view(void **state)
{
    (void)state;
    for (size_t v = 0; v < sizeof views / sizeof *views; v++) {
        json_t *report = read_report("selection", views[v]);
        json_t *summary = json_object_get(report, "summary");
        json_t *by_outcome = json_object_get(summary, "by_outcome");
        assert_int_equal(json_integer_value(json_object_get(summary, "calls")), 1);
        assert_int_equal(json_integer_value(json_object_get(by_outcome, "failed")), 1);
        assert_int_equal(json_integer_value(json_object_get(by_outcome, "completed")), 0);
        assert_int_equal(json_integer_value(json_object_get(summary, "messages")), 30);
        if (views[v] == UM_VIEW_CALLS)
            assert_int_equal(json_array_size(json_object_get(report, "calls")), 1);
        if (views[v] == UM_VIEW_MESSAGES)
            assert_int_equal(json_array_size(json_object_get(report, "exchanges")), 3);
        else
            assert_int_equal(json_array_size(json_object_get(report, "findings")), 1);
        json_decref(report);
    }
}

static void
report_shows_exchanges_of_no_call_when_nothing_is_left_out(void **state)
{
    (void)state;
    json_t *report = read_report("day", UM_VIEW_MESSAGES);
    json_t *exchanges = json_object_get(report, "exchanges");
    assert_int_equal(json_array_size(exchanges), 18);
    assert_string_equal(string_in(json_array_get(exchanges, 16), "operation"), "IsUMEnabled");
    json_decref(report);
    report = read_report("day", UM_VIEW_CALLS);
    assert_int_equal(json_array_size(json_object_get(report, "findings")), 3);
    json_decref(report);
}

static void
assert_text_has(const char *name, enum um_view view, const char *wanted)
{
    struct um_story story;
    assert_true(um_story_tell(&story, name));
    char *text = write_report(&story.report, view, UM_FORMAT_TEXT);
    if (!strstr(text, wanted))
        fail_msg("\"%s\" is not in:\n%s", wanted, text);
    free(text);
    um_story_done(&story);
}

static void
report_text_says_so_when_there_is_no_call(void **state)
{
    (void)state;
    assert_text_has("nothing", UM_VIEW_CALLS, "No call was found, and the capture holds encrypted");
    assert_text_has("no-packet", UM_VIEW_CALLS, "No call was found: there is no packet");
    assert_text_has("nothing", UM_VIEW_MESSAGES, "No message of the UM web service");

    struct um_story story;
    bool none[16] = {false};
    assert_true(um_story_tell(&story, "day"));
    story.report.shown = none;
    char *text = write_report(&story.report, UM_VIEW_CALLS, UM_FORMAT_TEXT);
    assert_non_null(strstr(text, "No call fits the selection"));
    assert_non_null(strstr(text, "0 of 8 calls shown"));
    free(text);
    um_story_done(&story);
}

static void
report_text_counts_findings_of_one_name_past_the_third(void **state)
{
    (void)state;
    assert_text_has("long", UM_VIEW_CALLS, "poll-gap, 57 more like these");
}

static void
report_is_the_same_each_time(void **state)
{
    (void)state;
    for (size_t s = 0; um_story_names[s]; s++) {
        struct um_story story;
        assert_true(um_story_tell(&story, um_story_names[s]));
        char *first = write_report(&story.report, UM_VIEW_CALLS, UM_FORMAT_NDJSON);
        char *second = write_report(&story.report, UM_VIEW_CALLS, UM_FORMAT_NDJSON);
        assert_string_equal(first, second);
        free(first);
        free(second);
        um_story_done(&story);
    }
}

static void
report_of_any_texts_fits_the_page_and_is_valid_json(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct um_story story;
        um_story_tell_noise(&story, seed);
        assert_int_equal(story.err, UM_OK);
        for (size_t v = 0; v < sizeof views / sizeof *views; v++) {
            char *text = write_report(&story.report, views[v], UM_FORMAT_TEXT);
            assert_fits(text, strlen(text));
            free(text);
            text = write_report(&story.report, views[v], UM_FORMAT_JSON);
            json_t *read = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
            assert_non_null(read);
            json_decref(read);
            free(text);
        }
        um_story_done(&story);
    }
}

/* ---- what goes wrong ---- */

/* A stream that takes so many bytes and then says that the pipe is broken. */
static ssize_t
take_some(void *cookie, const char *bytes, size_t len)
{
    size_t *left = cookie;
    (void)bytes;
    if (len > *left) {
        errno = EPIPE;
        return 0;
    }
    *left -= len;
    return (ssize_t)len;
}

static FILE *
open_narrow(size_t *left)
{
    FILE *out = fopencookie(left, "w", (cookie_io_functions_t){.write = take_some});
    assert_non_null(out);
    assert_int_equal(setvbuf(out, NULL, _IOFBF, 128), 0);
    return out;
}

static void
report_tells_a_stream_that_fails_anywhere_with_its_reason(void **state)
{
    (void)state;
    struct um_story story;
    assert_true(um_story_tell(&story, "busy"));
    for (size_t v = 0; v < sizeof views / sizeof *views; v++) {
        for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
            if (!um_report_has(views[v], formats[f]))
                continue;
            char *whole = write_report(&story.report, views[v], formats[f]);
            size_t len = strlen(whole);
            free(whole);
            for (size_t n = 0; n <= len; n += n + 64 < len ? 61 : 1) {
                size_t left = n;
                FILE *out = open_narrow(&left);
                errno = 0;
                int err = um_report_write(&story.report, views[v], formats[f], &STYLE, out);
                assert_int_equal(err, n < len ? UM_ERR_IO : UM_OK);
                if (n < len)
                    assert_int_equal(errno, EPIPE);
                (void)fclose(out);
            }
        }
    }
    um_story_done(&story);
}

static void
report_tells_when_the_nth_allocation_fails(void **state)
{
    (void)state;
    struct um_story story;
    assert_true(um_story_tell(&story, "hostile"));
    for (size_t v = 0; v < sizeof views / sizeof *views; v++) {
        for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
            if (!um_report_has(views[v], formats[f]))
                continue;
            bool failed = true;
            for (size_t n = 0; failed; n++) {
                FILE *out = fopen("/dev/null", "w");
                assert_non_null(out);
                um_test_alloc_fail_at(n);
                int err = um_report_write(&story.report, views[v], formats[f], &STYLE, out);
                failed = um_test_alloc_reset();
                assert_int_equal(err, failed ? UM_ERR_NOMEM : UM_OK);
                assert_int_equal(fclose(out), 0);
            }
        }
    }
    um_story_done(&story);
}

/* ---- the view http ---- */

static int
write_http(enum um_format format, size_t count, FILE *out)
{
    struct um_report_lines writer = {
        .view = UM_VIEW_HTTP, .format = format, .style = STYLE, .out = out};
    const struct um_report_http *lines;
    assert_true(um_story_http(&lines) >= count);
    int err = um_report_lines_begin(&writer);
    for (size_t i = 0; i < count && !err; i++)
        err = um_report_http_line(&writer, &lines[i]);
    return err ? err : um_report_lines_end(&writer);
}

static void
report_http_json_is_whole_for_any_number_of_lines(void **state)
{
    (void)state;
    for (size_t count = 0; count <= 5; count++) {
        char *text = NULL;
        size_t len = 0;
        FILE *out = open_memstream(&text, &len);
        assert_int_equal(write_http(UM_FORMAT_JSON, count, out), UM_OK);
        assert_int_equal(fclose(out), 0);
        json_t *read = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        assert_string_equal(string_in(read, "schema"), "umtrace.http.v1");
        assert_int_equal(json_array_size(json_object_get(read, "messages")), count);
        json_decref(read);
        free(text);
    }
}

static void
report_http_tells_what_goes_wrong(void **state)
{
    (void)state;
    for (size_t f = 0; f < sizeof formats / sizeof *formats; f++) {
        if (!um_report_has(UM_VIEW_HTTP, formats[f]))
            continue;
        size_t left = 0;
        FILE *out = open_narrow(&left);
        errno = 0;
        assert_int_equal(write_http(formats[f], 5, out), UM_ERR_IO);
        assert_int_equal(errno, EPIPE);
        (void)fclose(out);

        bool failed = true;
        for (size_t n = 0; failed; n++) {
            out = fopen("/dev/null", "w");
            um_test_alloc_fail_at(n);
            int err = write_http(formats[f], 5, out);
            failed = um_test_alloc_reset();
            assert_int_equal(err, failed ? UM_ERR_NOMEM : UM_OK);
            assert_int_equal(fclose(out), 0);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(report_json_tells_a_span_by_its_bounds),
        cmocka_unit_test(report_leaves_calls_that_are_not_shown_out_of_every_view),
        cmocka_unit_test(report_shows_exchanges_of_no_call_when_nothing_is_left_out),
        cmocka_unit_test(report_text_says_so_when_there_is_no_call),
        cmocka_unit_test(report_text_counts_findings_of_one_name_past_the_third),
        cmocka_unit_test(report_is_the_same_each_time),
        cmocka_unit_test(report_of_any_texts_fits_the_page_and_is_valid_json),
        cmocka_unit_test(report_tells_a_stream_that_fails_anywhere_with_its_reason),
        cmocka_unit_test(report_tells_when_the_nth_allocation_fails),
        cmocka_unit_test(report_http_json_is_whole_for_any_number_of_lines),
        cmocka_unit_test(report_http_tells_what_goes_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
