/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The view streams as JSON: a TCP direction, a capture file. Keys: docs/formats.md. */
#include "offline/report/json_parts.h"
#include "offline/report/views.h"

/* A line of its own, or the next value of the document's array. */
static struct um_json
begin(const char *type, const struct um_report_lines *lines, struct um_out *out)
{
    struct um_json json = lines->format == UM_FORMAT_JSON
                              ? um_json_within_array(out, lines->count > 0)
                              : um_json_to(out);
    um_json_parts_open(&json, NULL, type);
    return json;
}

int
um_json_stream_write(const struct um_report_stream *line, const struct um_report_lines *lines,
                     struct um_out *out)
{
    struct um_json json = begin(line->is_clear ? "tls" : "stream", lines, out);
    um_json_endpoint(&json, "src", &line->source);
    um_json_endpoint(&json, "dst", &line->destination);
    um_json_count(&json, "bytes", line->bytes);
    um_json_string(&json, "sha256", line->sha256);
    um_json_array(&json, "gaps");
    for (size_t i = 0; i < line->hole_count; i++) {
        um_json_array(&json, NULL);
        um_json_count(&json, NULL, line->holes[i].offset);
        um_json_count(&json, NULL, line->holes[i].length);
        um_json_close(&json);
    }
    um_json_close(&json);
    um_json_count(&json, "gaps_left_out", line->holes_left_out);
    um_json_close(&json);
    return um_json_end(&json);
}

int
um_json_file_write(const struct um_report_file *line, const struct um_report_lines *lines,
                   struct um_out *out)
{
    struct um_json json = begin("file", lines, out);
    um_json_count(&json, "packets", line->packets);
    um_json_count(&json, "cap_bytes", line->captured_bytes);
    um_json_count(&json, "wire_bytes", line->wire_bytes);
    um_json_close(&json);
    return um_json_end(&json);
}
