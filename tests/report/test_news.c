/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/support.h"

#include "core/base/err.h"
#include "offline/report/news.h"
#include "tests/um/build.h"

static const struct um_style plain = {.utf8 = false};

/* The news of each exchange of a script, as lines. */
static void
tell(const char *script, enum um_format format, const struct um_style *style, char *out,
     size_t size)
{
    struct um_build b;
    struct um_calls *calls;
    um_build_init(&b);
    um_build_script(&b, script);
    assert_int_equal(um_calls_new(&b.limits, &b.thresholds, &calls), UM_OK);
    um_follow_begin(calls);
    FILE *stream = fmemopen(out, size, "w");
    assert_non_null(stream);
    for (size_t i = 0; i < b.count; i++) {
        struct um_news news;
        assert_int_equal(um_calls_add(calls, &b.items[i]->exchange), UM_OK);
        if (um_follow_note(calls, i, &news))
            assert_int_equal(um_report_news(&news, format, style, stream), UM_OK);
    }
    assert_int_equal(fclose(stream), 0);
    um_calls_free(calls);
    um_build_done(&b);
}

static void
text_says_when_which_call_and_what(void **state)
{
    (void)state;
    char out[2048] = "";
    tell("play 0 0.1; poll 1 1.1 Connected None; poll 2 2.1 Disconnected UserBusy; id opaque;"
         "poll 3 3.1 Idle -; dial 5550000; fault 4 4.1 PlayOnPhone DialingRulesException;"
         "http 5 5.1 PlayOnPhone 503",
         UM_FORMAT_TEXT, &plain, out, sizeof out);
    assert_string_equal(
        out,
        "1970-01-01 00:00:00.100  call 1  3f2a9c10  - -> Connecting, to 5551234  (frame 101)\n"
        "1970-01-01 00:00:01.100  call 1  3f2a9c10  Connecting -> Connected  (frame 1101)\n"
        "1970-01-01 00:00:02.100  call 1  3f2a9c10  Connected -> Disconnected, UserBusy  (frame "
        "2101)\n"
        "1970-01-01 00:00:03.100  call 2  UM-CA...  - -> Idle  (frame 3101)\n"
        "1970-01-01 00:00:04.100  call 3  (no id)  refused: DialingRulesException, to 5550000  "
        "(frame 4101)\n"
        "1970-01-01 00:00:05.100  call 4  (no id)  refused: HTTP 503, to 5550000  (frame 5101)\n");
}

static void
text_from_the_wire_is_harmless(void **state)
{
    (void)state;
    char out[1024] = "";
    tell("poll 1 1.1 \x1b[2J\r\x9b None", UM_FORMAT_TEXT, &plain, out, sizeof out);
    for (const char *c = out; *c; c++)
        assert_true(*c == '\n' || (*c >= ' ' && *c < 0x7f));
    assert_non_null(strstr(out, "\\x1b[2J"));
    assert_ptr_equal(strchr(out, '\n'), out + strlen(out) - 1); /* one line */
}

static void
json_is_one_object_a_line(void **state)
{
    (void)state;
    char out[2048] = "";
    tell("play 0 0.1; id opaque; poll 3 3.1 Disconnected NoAnswer", UM_FORMAT_NDJSON, &plain, out,
         sizeof out);
    assert_string_equal(
        out,
        "{\"type\": \"state\", \"time\": \"1970-01-01T00:00:00.100000000Z\", \"call\": 1, "
        "\"call_id\": \"" UM_BUILD_ID "\", \"guid\": \"" UM_BUILD_GUID "\", \"dial_string\": "
        "\"5551234\", \"from\": null, \"state\": \"Connecting\", \"cause\": null, \"implied\": "
        "true, \"refused\": null, \"http_status\": 200, \"frame\": 101}\n"
        "{\"type\": \"state\", \"time\": \"1970-01-01T00:00:03.100000000Z\", \"call\": 2, "
        "\"call_id\": \"" UM_BUILD_ID_OPAQUE "\", \"guid\": null, \"dial_string\": null, \"from\": "
        "null, \"state\": \"Disconnected\", \"cause\": \"NoAnswer\", \"implied\": false, "
        "\"refused\": null, \"http_status\": 200, \"frame\": 3101}\n");
}

static int
tell_released(void *ctx, const struct um_calls *calls, const struct um_call *call)
{
    struct um_report report = {.calls = calls};
    return um_report_released(&report, call, UM_FORMAT_TEXT, &plain, ctx);
}

static void
call_that_is_over_is_a_line_with_its_findings(void **state)
{
    (void)state;
    char out[1024] = "";
    struct um_build b;
    struct um_calls *calls;
    um_build_init(&b);
    um_build_script(&b, "play 0 0.1; poll 2 2.1 Disconnected UserBusy");
    assert_int_equal(um_calls_new(&b.limits, &b.thresholds, &calls), UM_OK);
    um_follow_begin(calls);
    for (size_t i = 0; i < b.count; i++)
        assert_int_equal(um_calls_add(calls, &b.items[i]->exchange), UM_OK);
    FILE *stream = fmemopen(out, sizeof out, "w");
    assert_non_null(stream);
    struct um_release_rule rule = {.over_before_ns = INT64_MAX};
    assert_int_equal(um_follow_release(calls, &rule, tell_released, stream), UM_OK);
    assert_int_equal(fclose(stream), 0);
    assert_non_null(strstr(out, "call 1  3f2a9c10  failed: Call 1 to 5551234 ended with UserBusy"));
    assert_non_null(strstr(out, " Findings: call-failed\n"));
    assert_ptr_equal(strchr(out, '\n'), out + strlen(out) - 1);
    um_calls_free(calls);
    um_build_done(&b);
}

static void
stream_that_takes_no_more_is_told(void **state)
{
    (void)state;
    struct um_build b;
    struct um_calls *calls;
    struct um_news news;
    um_build_init(&b);
    um_build_script(&b, "play 0 0.1");
    assert_int_equal(um_calls_new(&b.limits, &b.thresholds, &calls), UM_OK);
    assert_int_equal(um_calls_add(calls, &b.items[0]->exchange), UM_OK);
    assert_int_equal(um_follow_note(calls, 0, &news), 1);
    FILE *full = fopen("/dev/full", "w");
    assert_non_null(full);
    assert_int_equal(um_report_news(&news, UM_FORMAT_TEXT, &plain, full), UM_ERR_IO);
    (void)fclose(full);
    um_calls_free(calls);
    um_build_done(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_says_when_which_call_and_what),
        cmocka_unit_test(text_from_the_wire_is_harmless),
        cmocka_unit_test(json_is_one_object_a_line),
        cmocka_unit_test(call_that_is_over_is_a_line_with_its_findings),
        cmocka_unit_test(stream_that_takes_no_more_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
