/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The view http as text: a line a message, written as it comes, so its columns are fixed. */
#include <inttypes.h>
#include <stdio.h>

#include "offline/report/page.h"
#include "offline/report/text_parts.h"
#include "offline/report/views.h"

enum {
    FRAMES_COLUMNS = 9,
    ENDPOINTS_AT = FRAMES_COLUMNS + 2,
    ENDPOINT_COLUMNS = 21, /* of any IPv4 one */
    START_AT = ENDPOINTS_AT + 30,
    BODY_COLUMNS = 10,
    BODY_AT = UM_PAGE_WIDTH - BODY_COLUMNS,
    VERSION_BYTES = 16,
    NAME_BYTES = 255,
};

int
um_text_http_begin(const struct um_style *style, struct um_out *out)
{
    struct um_page page = um_page_to(out, style);
    um_page_color(&page, UM_PAGE_FAINT);
    um_page_add(&page, "%*s", FRAMES_COLUMNS, "frames");
    um_page_tab(&page, ENDPOINTS_AT);
    um_page_text(&page, "from > to");
    um_page_tab(&page, START_AT);
    um_page_text(&page, "message");
    um_page_tab(&page, BODY_AT);
    um_page_text(&page, "bytes");
    um_page_line(&page);
    return um_page_end(&page);
}

static void
add_frames(struct um_page *page, const struct um_report_http *line)
{
    char text[FRAMES_COLUMNS * 4];
    if (line->first_frame == line->last_frame)
        (void)snprintf(text, sizeof text, "%" PRIu64, line->first_frame);
    else
        (void)snprintf(text, sizeof text, "%" PRIu64 "-%" PRIu64, line->first_frame,
                       line->last_frame);
    um_page_add(page, "%*s", FRAMES_COLUMNS, text);
}

/* Of HTTP/2: which of the connection's messages belong together. */
static void
add_stream(struct um_page *page, const struct um_report_http *line)
{
    if (line->stream_id == 0)
        return;
    um_page_color(page, UM_PAGE_FAINT);
    um_page_add(page, "#%" PRIu32 " ", line->stream_id);
    um_page_color(page, UM_PAGE_PLAIN);
}

static void
add_start_line(struct um_page *page, const struct um_report_http *line)
{
    size_t at = um_page_column(page);
    size_t left = at + 5 < BODY_AT ? BODY_AT - at - 1 : 4;
    if (line->is_reply) {
        um_page_color(page, line->status >= 400 ? UM_PAGE_BAD : UM_PAGE_PLAIN);
        um_page_add(page, "%u", line->status);
        um_page_color(page, UM_PAGE_PLAIN);
        return;
    }
    um_page_short(page, line->method, left);
    at = um_page_column(page);
    if (at + 5 < BODY_AT) {
        um_page_text(page, " ");
        um_page_short(page, line->target, BODY_AT - at - 2);
    }
}

static void
add_body(struct um_page *page, const struct um_report_http *line)
{
    um_page_tab(page, BODY_AT);
    um_page_add(page, "%" PRIu64, line->has_body ? line->body_bytes : line->encoded_bytes);
    for (size_t i = 0; i < line->coding_count; i++) {
        um_page_text(page, " ");
        um_page_short(page, line->codings[i], BODY_COLUMNS);
    }
    if (!line->complete)
        um_page_text(page, " cut");
    else if (!line->has_body)
        um_page_text(page, " coded");
}

/* What a message came through; nothing is said of HTTP/1 in the clear. */
static void
describe_way(const struct um_report_http *line, char way[UM_REPORT_WAY_MAX])
{
    const struct um_exchange_tls *tls = &line->tls;
    bool is_old = um_span_starts(line->version, um_span_text("HTTP/1"));
    struct um_span version = um_span_first(line->version, VERSION_BYTES);
    struct um_span name = um_span_first(tls->server_name, NAME_BYTES);
    way[0] = '\0';
    if (tls->version)
        (void)snprintf(way, UM_REPORT_WAY_MAX, "%s, %s%s%s%.*s, %.*s", tls->version,
                       tls->suite ? tls->suite : "unknown suite",
                       tls->is_unverified ? " (not verified)" : "", name.len > 0 ? ", " : "",
                       (int)name.len, (const char *)name.data, (int)version.len,
                       (const char *)version.data);
    else if (!is_old)
        (void)snprintf(way, UM_REPORT_WAY_MAX, "%.*s", (int)version.len,
                       (const char *)version.data);
}

/* A line of its own where the way is another than that of the message before. */
static void
write_way(struct um_page *page, const struct um_report_http *line, struct um_report_lines *lines)
{
    char way[UM_REPORT_WAY_MAX];
    describe_way(line, way);
    if (strcmp(way, lines->way) == 0)
        return;
    (void)memcpy(lines->way, way, sizeof way);
    um_page_tab(page, ENDPOINTS_AT);
    um_page_color(page, UM_PAGE_FAINT);
    if (way[0] != '\0')
        um_page_short(page, um_span_text(way), UM_PAGE_WIDTH - ENDPOINTS_AT - 1);
    else
        um_page_text(page, "HTTP/1 in the clear");
    um_page_text(page, ":");
    um_page_color(page, UM_PAGE_PLAIN);
    um_page_line(page);
}

int
um_text_http_write(const struct um_report_http *line, struct um_report_lines *lines,
                   struct um_out *out)
{
    struct um_page page = um_page_to(out, &lines->style);
    write_way(&page, line, lines);
    add_frames(&page, line);
    um_page_tab(&page, ENDPOINTS_AT);
    um_page_endpoint(&page, &line->source, ENDPOINT_COLUMNS);
    um_page_text(&page, " > ");
    um_page_endpoint(&page, &line->destination, ENDPOINT_COLUMNS);
    um_page_tab(&page, START_AT);
    add_stream(&page, line);
    add_start_line(&page, line);
    add_body(&page, line);
    um_page_line(&page);
    return um_page_end(&page);
}

int
um_text_http_end(uint64_t lines, const struct um_style *style, struct um_out *out)
{
    struct um_page page = um_page_to(out, style);
    um_text_count(&page, lines, "HTTP message");
    um_page_line(&page);
    return um_page_end(&page);
}
