/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of writers, and the view http, which is written line by line. */
#include "offline/report/report.h"

#include <assert.h>

#include "offline/report/views.h"

static um_view_fn *const writers[][UM_FORMAT_NDJSON + 1] = {
    [UM_VIEW_CALLS] = {um_text_calls_write, um_json_calls_write, um_json_calls_lines},
    [UM_VIEW_MESSAGES] = {um_text_messages_write, um_json_messages_write, um_json_messages_lines},
    [UM_VIEW_SUMMARY] = {um_text_summary_write, um_json_summary_write, um_json_summary_lines},
};

int
um_report_write(const struct um_report *report, enum um_view view, enum um_format format,
                const struct um_style *style, FILE *out)
{
    um_view_fn *write = writers[view][format];
    assert(write);
    struct um_out stream = {.stream = out};
    int err = write(report, style, &stream);
    um_out_flush(&stream);
    return um_out_result(&stream, err);
}

int
um_report_http_begin(struct um_report_http_writer *writer)
{
    struct um_out out = {.stream = writer->out};
    int err = UM_OK;
    writer->lines = 0;
    if (writer->format == UM_FORMAT_TEXT)
        err = um_text_http_begin(&writer->style, &out);
    else if (writer->format == UM_FORMAT_JSON)
        um_out_text(&out, "{\"schema\": \"umtrace.http.v1\",\n\"messages\": [");
    return um_out_result(&out, err);
}

int
um_report_http_line(struct um_report_http_writer *writer, const struct um_report_http *line)
{
    struct um_out out = {.stream = writer->out};
    int err;
    if (writer->format == UM_FORMAT_TEXT)
        err = um_text_http_write(line, &writer->style, &out);
    else if (writer->format == UM_FORMAT_JSON)
        err = um_json_http_write(line, writer->lines == 0, &out);
    else
        err = um_json_http_line(line, &out);
    writer->lines++;
    return um_out_result(&out, err);
}

int
um_report_http_end(struct um_report_http_writer *writer)
{
    struct um_out out = {.stream = writer->out};
    int err = UM_OK;
    if (writer->format == UM_FORMAT_TEXT)
        err = um_text_http_end(writer->lines, &writer->style, &out);
    else if (writer->format == UM_FORMAT_JSON)
        um_out_text(&out, writer->lines > 0 ? "\n]}\n" : "]}\n");
    um_out_flush(&out);
    return um_out_result(&out, err);
}
