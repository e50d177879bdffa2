/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The views http and streams as CSV, row by row. The columns are told in docs/formats.md. */
#include "offline/report/csv.h"
#include "offline/report/views.h"

static const char *const http_columns[] = {
    "kind",
    "src",
    "dst",
    "first",
    "last",
    "method",
    "uri",
    "status",
    "version",
    "framing",
    "coding",
    "enc_len",
    "body_len",
    "body_sha256",
    "complete",
    "sid",
    UM_CSV_TLS_COLUMNS,
    NULL,
};

static const char *const stream_columns[] = {
    "type",      "src",           "dst",     "bytes",     "sha256",     "gaps",
    "gap_bytes", "gaps_left_out", "packets", "cap_bytes", "wire_bytes", NULL,
};

int
um_csv_lines_begin(enum um_view view, struct um_out *out)
{
    struct um_csv csv = um_csv_to(out);
    um_csv_head(&csv, view == UM_VIEW_HTTP ? http_columns : stream_columns);
    return um_csv_end(&csv);
}

/* A count, or nothing where there is none. */
static void
write_known(struct um_csv *csv, bool known, uint64_t count)
{
    if (known)
        um_csv_count(csv, count);
    else
        um_csv_nothing(csv);
}

static void
write_codings(struct um_csv *csv, const struct um_report_http *line)
{
    struct um_buf all = {0};
    for (size_t i = 0; i < line->coding_count && !csv->err; i++) {
        if (i > 0)
            csv->err = um_buf_append(&all, um_span_of(" ", 1));
        if (!csv->err)
            csv->err = um_buf_append(&all, line->codings[i]);
    }
    um_csv_text(csv, um_buf_span(&all));
    um_buf_done(&all);
}

int
um_csv_http_write(const struct um_report_http *line, struct um_out *out)
{
    struct um_csv csv = um_csv_to(out);
    um_csv_word(&csv, line->is_reply ? "resp" : "req");
    um_csv_endpoint(&csv, &line->source);
    um_csv_endpoint(&csv, &line->destination);
    um_csv_count(&csv, line->first_frame);
    um_csv_count(&csv, line->last_frame);
    um_csv_text(&csv, line->method);
    um_csv_text(&csv, line->target);
    write_known(&csv, line->status > 0, line->status);
    um_csv_text(&csv, line->version);
    um_csv_word(&csv, line->framing);
    write_codings(&csv, line);
    um_csv_count(&csv, line->encoded_bytes);
    write_known(&csv, line->has_body, line->body_bytes);
    um_csv_word(&csv, line->has_body && line->body_sha256 ? line->body_sha256 : "");
    um_csv_word(&csv, line->complete ? "true" : "false");
    write_known(&csv, line->stream_id > 0, line->stream_id);
    um_csv_tls(&csv, &line->tls);
    um_csv_row(&csv);
    return um_csv_end(&csv);
}

int
um_csv_stream_write(const struct um_report_stream *line, struct um_out *out)
{
    struct um_csv csv = um_csv_to(out);
    uint64_t missing = 0;
    for (size_t i = 0; i < line->hole_count; i++)
        missing += line->holes[i].length;
    um_csv_word(&csv, line->is_clear ? "tls" : "stream");
    um_csv_endpoint(&csv, &line->source);
    um_csv_endpoint(&csv, &line->destination);
    um_csv_count(&csv, line->bytes);
    um_csv_word(&csv, line->sha256);
    um_csv_count(&csv, line->hole_count);
    um_csv_count(&csv, missing);
    um_csv_count(&csv, line->holes_left_out);
    for (unsigned i = 0; i < 3; i++)
        um_csv_nothing(&csv);
    um_csv_row(&csv);
    return um_csv_end(&csv);
}

int
um_csv_file_write(const struct um_report_file *line, struct um_out *out)
{
    struct um_csv csv = um_csv_to(out);
    um_csv_word(&csv, "file");
    for (unsigned i = 0; i < 7; i++)
        um_csv_nothing(&csv);
    um_csv_count(&csv, line->packets);
    um_csv_count(&csv, line->captured_bytes);
    um_csv_count(&csv, line->wire_bytes);
    um_csv_row(&csv);
    return um_csv_end(&csv);
}
