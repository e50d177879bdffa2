/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The view streams as text: a line a TCP direction, written as it comes. */
#include <inttypes.h>

#include "offline/report/page.h"
#include "offline/report/views.h"

enum {
    ENDPOINT_COLUMNS = 21, /* of any IPv4 one */
    BYTES_AT = 48,
    HOLES_AT = 62,
    MEGABYTE = 1000000,
};

int
um_text_streams_begin(const struct um_style *style, struct um_out *out)
{
    struct um_page page = um_page_to(out, style);
    um_page_color(&page, UM_PAGE_FAINT);
    um_page_text(&page, "from > to");
    um_page_tab(&page, BYTES_AT);
    um_page_text(&page, "bytes");
    um_page_tab(&page, HOLES_AT);
    um_page_text(&page, "holes");
    um_page_line(&page);
    return um_page_end(&page);
}

static void
write_holes(struct um_page *page, const struct um_report_stream *line)
{
    bool is_long = line->missing >= MEGABYTE; /* the figures have room in the column */
    um_page_add(page, "%" PRIu64 " of %" PRIu64 " %s", line->hole_count + line->holes_left_out,
                is_long ? line->missing / MEGABYTE : line->missing, is_long ? "MB" : "bytes");
}

int
um_text_stream_write(const struct um_report_stream *line, const struct um_style *style,
                     struct um_out *out)
{
    struct um_page page = um_page_to(out, style);
    um_page_endpoint(&page, &line->source, ENDPOINT_COLUMNS);
    um_page_text(&page, " > ");
    um_page_endpoint(&page, &line->destination, ENDPOINT_COLUMNS);
    um_page_tab(&page, BYTES_AT);
    um_page_add(&page, "%" PRIu64, line->bytes);
    um_page_tab(&page, HOLES_AT);
    if (line->hole_count > 0)
        write_holes(&page, line);
    if (line->is_clear)
        um_page_add(&page, "%sclear, out of TLS", line->hole_count > 0 ? ", " : "");
    um_page_line(&page);
    return um_page_end(&page);
}
