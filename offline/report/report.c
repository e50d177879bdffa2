/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of writers, and the views that are written line by line. */
#include "offline/report/report.h"

#include <assert.h>

#include "offline/report/views.h"

static um_view_fn *const writers[][UM_FORMAT_COUNT] = {
    [UM_VIEW_CALLS] = {um_text_calls_write, um_json_calls_write, um_json_calls_lines,
                       um_csv_calls_write, um_html_calls_write},
    [UM_VIEW_MESSAGES] = {um_text_messages_write, um_json_messages_write, um_json_messages_lines,
                          um_csv_messages_write},
    [UM_VIEW_SUMMARY] = {um_text_summary_write, um_json_summary_write, um_json_summary_lines},
};

static bool
is_by_line(enum um_view view)
{
    return view == UM_VIEW_HTTP || view == UM_VIEW_STREAMS;
}

bool
um_report_has(enum um_view view, enum um_format format)
{
    return is_by_line(view) ? format != UM_FORMAT_HTML : writers[view][format] != NULL;
}

int
um_report_write(const struct um_report *report, enum um_view view, enum um_format format,
                const struct um_style *style, FILE *out)
{
    um_view_fn *write = writers[view][format];
    assert(write); /* http and streams are written line by line */
    struct um_out stream = {.stream = out};
    int err = write(report, style, &stream);
    um_out_flush(&stream);
    return um_out_result(&stream, err);
}

int
um_report_lines_begin(struct um_report_lines *lines)
{
    struct um_out out = {.stream = lines->out};
    bool is_http = lines->view == UM_VIEW_HTTP;
    int err = UM_OK;
    lines->count = 0;
    lines->way[0] = '\0';
    if (lines->format == UM_FORMAT_TEXT)
        err = is_http ? um_text_http_begin(&lines->style, &out)
                      : um_text_streams_begin(&lines->style, &out);
    else if (lines->format == UM_FORMAT_CSV)
        err = um_csv_lines_begin(lines->view, &out);
    else if (lines->format == UM_FORMAT_JSON)
        um_out_text(&out, is_http ? "{\"schema\": \"umtrace.http.v1\",\n\"messages\": ["
                                  : "{\"schema\": \"umtrace.streams.v1\",\n\"lines\": [");
    return um_out_result(&out, err);
}

int
um_report_http_line(struct um_report_lines *lines, const struct um_report_http *line)
{
    struct um_out out = {.stream = lines->out};
    int err;
    if (lines->format == UM_FORMAT_TEXT)
        err = um_text_http_write(line, lines, &out);
    else if (lines->format == UM_FORMAT_CSV)
        err = um_csv_http_write(line, &out);
    else if (lines->format == UM_FORMAT_JSON)
        err = um_json_http_write(line, lines->count == 0, &out);
    else
        err = um_json_http_line(line, &out);
    lines->count++;
    return um_out_result(&out, err);
}

int
um_report_stream_line(struct um_report_lines *lines, const struct um_report_stream *line)
{
    struct um_out out = {.stream = lines->out};
    int err;
    if (lines->format == UM_FORMAT_TEXT)
        err = um_text_stream_write(line, &lines->style, &out);
    else if (lines->format == UM_FORMAT_CSV)
        err = um_csv_stream_write(line, &out);
    else
        err = um_json_stream_write(line, lines, &out);
    lines->count++;
    return um_out_result(&out, err);
}

int
um_report_file_line(struct um_report_lines *lines, const struct um_report_file *line)
{
    struct um_out out = {.stream = lines->out};
    int err = UM_OK;
    if (lines->format == UM_FORMAT_CSV)
        err = um_csv_file_write(line, &out);
    else if (lines->format != UM_FORMAT_TEXT)
        err = um_json_file_write(line, lines, &out);
    lines->count++;
    return um_out_result(&out, err);
}

int
um_report_lines_end(struct um_report_lines *lines)
{
    struct um_out out = {.stream = lines->out};
    int err = UM_OK;
    if (lines->format == UM_FORMAT_TEXT && lines->view == UM_VIEW_HTTP)
        err = um_text_http_end(lines->count, &lines->style, &out);
    else if (lines->format == UM_FORMAT_JSON)
        um_out_text(&out, lines->count > 0 ? "\n]}\n" : "]}\n");
    um_out_flush(&out);
    return um_out_result(&out, err);
}
