/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/support.h"

#include "offline/progress.h"

static void
text_tells_bytes_rate_and_time_left(void **state)
{
    (void)state;
    static const struct {
        uint64_t done, total;
        int64_t elapsed_ms;
        const char *text;
    } cases[] = {
        {0, 1000, 500, "0 B, 0 B/s"},
        {500, 1000, 1000, "50 %: 500 B of 1.0 kB, 500 B/s, 1 s left"},
        {1200000000, 2700000000, 4000, "44 %: 1.2 GB of 2.7 GB, 300 MB/s, 5 s left"},
        {1000000, 1000000000000, 1000, "0 %: 1.0 MB of 1.0 TB, 1.0 MB/s, 278 h left"},
        {10000000, 6000000000, 1000, "0 %: 10 MB of 6.0 GB, 10 MB/s, 10 min left"},
        {1000, 1000, 1000, "100 %: 1.0 kB of 1.0 kB, 1.0 kB/s, 0 s left"},
        {2000, 1000, 1000, "100 %: 2.0 kB of 1.0 kB, 2.0 kB/s, 0 s left"}, /* it grew */
        {5000000, 0, 1000, "5.0 MB, 5.0 MB/s"},
        {UINT64_MAX, UINT64_MAX, 1, "100 %: 18447 PB of 18447 PB, 18446744 PB/s, 0 s left"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[UM_PROGRESS_TEXT_MAX];
        struct um_capture_progress progress = {.done = cases[i].done, .total = cases[i].total};
        assert_string_equal(um_progress_text(&progress, cases[i].elapsed_ms * 1000000, text),
                            cases[i].text);
    }
}

static void
nothing_is_told_where_there_is_no_terminal(void **state)
{
    (void)state;
    FILE *out = tmpfile();
    assert_non_null(out);
    struct um_progress progress;
    um_progress_begin(&progress, out, false);
    progress.due_ns = 0;
    um_progress_step(&progress, NULL); /* would look at the capture */
    um_progress_end(&progress);
    assert_int_equal(ftell(out), 0);
    assert_int_equal(fclose(out), 0);
}

static void
lines_are_told_when_they_are_asked_for(void **state)
{
    (void)state;
    const char *const paths[] = {"/dev/null"};
    struct um_capture *capture = NULL;
    assert_int_equal(um_capture_open(paths, 1, &capture), UM_OK);
    FILE *out = tmpfile();
    assert_non_null(out);
    struct um_progress progress;
    um_progress_begin(&progress, out, true);
    um_progress_step(&progress, capture);
    assert_int_equal(ftell(out), 0); /* too early */
    progress.due_ns = 0;
    progress.asked = 0;
    um_progress_step(&progress, capture);
    um_progress_end(&progress);
    char line[64] = "";
    rewind(out);
    assert_non_null(fgets(line, sizeof line, out));
    assert_string_equal(line, "umtrace: 0 B, 0 B/s\n");
    assert_int_equal(fclose(out), 0);
    um_capture_free(capture);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_tells_bytes_rate_and_time_left),
        cmocka_unit_test(nothing_is_told_where_there_is_no_terminal),
        cmocka_unit_test(lines_are_told_when_they_are_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
