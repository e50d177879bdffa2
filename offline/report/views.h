/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The writers behind the table in report.c, one for each view and format. They return 0 or
 * UM_ERR_NOMEM; a stream that fails is told by `out`. Only text looks at the style.
 */
#ifndef UM_REPORT_VIEWS_H
#define UM_REPORT_VIEWS_H

#include "offline/report/out.h"
#include "offline/report/report.h"

typedef int um_view_fn(const struct um_report *report, const struct um_style *style,
                       struct um_out *out);

um_view_fn um_text_calls_write;
um_view_fn um_text_messages_write;
um_view_fn um_text_summary_write;

um_view_fn um_json_calls_write;
um_view_fn um_json_messages_write;
um_view_fn um_json_summary_write;

um_view_fn um_json_calls_lines;
um_view_fn um_json_messages_lines;
um_view_fn um_json_summary_lines;

um_view_fn um_html_calls_write;

um_view_fn um_csv_calls_write;
um_view_fn um_csv_messages_write;

/* The views http and streams as CSV: the header row, then a row each. */
int um_csv_lines_begin(enum um_view view, struct um_out *out);
int um_csv_http_write(const struct um_report_http *line, struct um_out *out);
int um_csv_stream_write(const struct um_report_stream *line, struct um_out *out);
int um_csv_file_write(const struct um_report_file *line, struct um_out *out);

/* One HTTP message: as a line of its own, and as a value of the array in a document. */
int um_json_http_line(const struct um_report_http *line, struct um_out *out);
int um_json_http_write(const struct um_report_http *line, bool is_first, struct um_out *out);

/* One HTTP message in one line of text, and the lines around them. */
int um_text_http_begin(const struct um_style *style, struct um_out *out);
int um_text_http_write(const struct um_report_http *line, struct um_report_lines *lines,
                       struct um_out *out);
int um_text_http_end(uint64_t lines, const struct um_style *style, struct um_out *out);

/* One direction of a connection, or one capture file. */
int um_json_stream_write(const struct um_report_stream *line, const struct um_report_lines *lines,
                         struct um_out *out);
int um_json_file_write(const struct um_report_file *line, const struct um_report_lines *lines,
                       struct um_out *out);
int um_text_streams_begin(const struct um_style *style, struct um_out *out);
int um_text_stream_write(const struct um_report_stream *line, const struct um_style *style,
                         struct um_out *out);

#endif
