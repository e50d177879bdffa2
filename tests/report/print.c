/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints one story in one view and format:
 *
 *     report_print STORY|noiseN calls|messages|http|summary text|ascii|color|json|ndjson|csv|html
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/report/story.h"

static const char *const views[] = {[UM_VIEW_CALLS] = "calls",
                                    [UM_VIEW_MESSAGES] = "messages",
                                    [UM_VIEW_HTTP] = "http",
                                    [UM_VIEW_SUMMARY] = "summary"};

static const struct {
    const char *name;
    enum um_format format;
    struct um_style style;
} formats[] = {
    {"text", UM_FORMAT_TEXT, {.utf8 = true}},
    {"ascii", UM_FORMAT_TEXT, {0}},
    {"color", UM_FORMAT_TEXT, {.color = true, .utf8 = true}},
    {"json", UM_FORMAT_JSON, {0}},
    {"ndjson", UM_FORMAT_NDJSON, {0}},
    {"csv", UM_FORMAT_CSV, {0}},
    {"html", UM_FORMAT_HTML, {0}},
};

static int
print_http(enum um_format format, struct um_style style)
{
    struct um_report_lines writer = {
        .view = UM_VIEW_HTTP, .format = format, .style = style, .out = stdout};
    const struct um_report_http *lines;
    size_t count = um_story_http(&lines);
    int err = um_report_lines_begin(&writer);
    for (size_t i = 0; i < count && !err; i++)
        err = um_report_http_line(&writer, &lines[i]);
    return err ? err : um_report_lines_end(&writer);
}

/* A story by name, or one that follows from the number behind "noise". */
static bool
tell(struct um_story *story, const char *name)
{
    if (strncmp(name, "noise", 5) != 0)
        return um_story_tell(story, name);
    um_story_tell_noise(story, strtoull(name + 5, NULL, 10));
    return true;
}

int
main(int argc, char **argv)
{
    size_t view = 0, format = 0;
    if (argc != 4)
        return 2;
    while (view < sizeof views / sizeof *views &&
           (!views[view] || strcmp(views[view], argv[2]) != 0))
        view++;
    while (format < sizeof formats / sizeof *formats && strcmp(formats[format].name, argv[3]) != 0)
        format++;
    if (view == sizeof views / sizeof *views || format == sizeof formats / sizeof *formats)
        return 2;
    if (view == UM_VIEW_HTTP)
        return -print_http(formats[format].format, formats[format].style);

    struct um_story story;
    bool known = tell(&story, argv[1]);
    int err = story.err;
    if (known && !err)
        err = um_report_write(&story.report, (enum um_view)view, formats[format].format,
                              &formats[format].style, stdout);
    um_story_done(&story);
    return known ? -err : 2;
}
