/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One HTTP message as JSON. The keys are told in docs/formats.md. */
#include "offline/report/json_parts.h"
#include "offline/report/views.h"

static void
write_start_line(struct um_json *json, const struct um_report_http *line)
{
    um_json_parts_known(json, "method", line->method);
    um_json_parts_known(json, "uri", line->target);
    if (line->status > 0)
        um_json_count(json, "status", line->status);
    else
        um_json_null(json, "status");
    um_json_parts_known(json, "version", line->version);
}

static void
write_body(struct um_json *json, const struct um_report_http *line)
{
    um_json_string(json, "framing", line->framing);
    um_json_array(json, "coding");
    for (size_t i = 0; i < line->coding_count; i++)
        um_json_text(json, NULL, line->codings[i]);
    um_json_close(json);
    um_json_count(json, "enc_len", line->encoded_bytes);
    if (line->has_body) {
        um_json_count(json, "body_len", line->body_bytes);
        um_json_string(json, "body_sha256", line->body_sha256);
    } else {
        um_json_null(json, "body_len");
        um_json_null(json, "body_sha256");
    }
}

static int
write_line(struct um_json json, const char *type, const struct um_report_http *line)
{
    um_json_parts_open(&json, NULL, type);
    um_json_string(&json, "kind", line->is_reply ? "resp" : "req");
    um_json_endpoint(&json, "src", &line->source);
    um_json_endpoint(&json, "dst", &line->destination);
    um_json_count(&json, "first", line->first_frame);
    um_json_count(&json, "last", line->last_frame);
    write_start_line(&json, line);
    write_body(&json, line);
    um_json_flag(&json, "complete", line->complete);
    um_json_parts_tls(&json, "tls", &line->tls);
    if (line->stream_id > 0)
        um_json_count(&json, "sid", line->stream_id);
    um_json_close(&json);
    return um_json_end(&json);
}

int
um_json_http_line(const struct um_report_http *line, struct um_out *out)
{
    return write_line(um_json_to(out), "http", line);
}

int
um_json_http_write(const struct um_report_http *line, bool is_first, struct um_out *out)
{
    return write_line(um_json_within_array(out, !is_first), NULL, line);
}
