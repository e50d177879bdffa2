/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is wrong with lines, and that no line hinders the next; whole runs are test_from_messages'.
 */
#include "offline/message_lines.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/base/err.h"
#include "tests/support/support.h"

/* Reads a file of that text; what was told, to be freed. */
static char *
read_text(struct um_message_lines *lines, const char *text)
{
    char path[] = "/tmp/um_test_lines_XXXXXX", *told = NULL;
    size_t told_len;
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    (void)close(fd);
    *lines = (struct um_message_lines){.errors = open_memstream(&told, &told_len)};
    assert_int_equal(um_message_lines_read(lines, path), UM_OK);
    (void)fclose(lines->errors);
    (void)unlink(path);
    return told;
}

static void
each_wrong_line_is_told_with_its_number_and_the_rest_is_read(void **state)
{
    (void)state;
    struct um_message_lines lines;
    char *told = read_text(&lines, "no JSON\n"
                                   "\n"
                                   "{\"type\": \"packets\"}\n"
                                   "{\"type\": \"call\", \"run\": \"one\"}\n"
                                   "{\"type\": \"packets\", \"run\": \"two\"}\n"
                                   "{\"type\": \"packets\", \"run\": \"two\"}");
    assert_true(lines.is_troubled);
    assert_int_equal(lines.runs.count, 2);
    assert_int_equal(lines.count, 0);
    assert_non_null(strstr(told, ":1: "));
    assert_null(strstr(told, ":2: ")); /* an empty one is no line */
    assert_non_null(strstr(told, ":3: "));
    assert_non_null(strstr(told, ":4: missing, or not what it must be: type"));
    assert_non_null(strstr(told, ":6: "));
    free(told);
    um_message_lines_done(&lines);
}

static void
of_many_wrong_lines_the_first_ten_are_told_and_the_rest_counted(void **state)
{
    (void)state;
    struct um_message_lines lines;
    char text[13 * 2 + 1] = "";
    for (int i = 0; i < 13; i++)
        strcat(text, "?\n");
    char *told = read_text(&lines, text);
    assert_non_null(strstr(told, ":10: "));
    assert_null(strstr(told, ":11: "));
    assert_non_null(strstr(told, " 3 more lines like these\n"));
    free(told);
    um_message_lines_done(&lines);
}

static void
a_file_that_is_not_there_is_told_and_no_reason_to_stop(void **state)
{
    (void)state;
    struct um_message_lines lines = {0};
    assert_int_equal(um_message_lines_read(&lines, "/nonexistent/lines"), UM_OK);
    assert_true(lines.is_troubled);
    um_message_lines_done(&lines);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_wrong_line_is_told_with_its_number_and_the_rest_is_read),
        cmocka_unit_test(of_many_wrong_lines_the_first_ten_are_told_and_the_rest_counted),
        cmocka_unit_test(a_file_that_is_not_there_is_told_and_no_reason_to_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
