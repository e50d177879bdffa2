/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Five characters become references: no others mean anything in an element or a quoted attribute.
 */
#include "offline/report/html.h"

#include <stdarg.h>

#include "offline/report/safe_text.h"

void
um_html_add(struct um_html *html, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    um_buf_clear(&html->piece);
    if (!html->err)
        html->err = um_buf_vprintf(&html->piece, format, args);
    va_end(args);
    if (!html->err)
        um_out_put(html->out, um_buf_span(&html->piece));
}

static const char *
reference_for(uint8_t byte)
{
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void
um_html_text(struct um_html *html, struct um_span text)
{
    um_buf_clear(&html->piece);
    if (!html->err)
        html->err = um_safe_text_append(&html->piece, text, true);
    if (html->err)
        return;
    struct um_span left = um_buf_span(&html->piece);
    size_t plain = 0;
    for (size_t i = 0; i < left.len; i++) {
        const char *reference = reference_for(left.data[i]);
        if (!reference)
            continue;
        um_out_put(html->out, um_span_of(left.data + plain, i - plain));
        um_out_text(html->out, reference);
        plain = i + 1;
    }
    um_out_put(html->out, um_span_from(left, plain));
}

void
um_html_string(struct um_html *html, const char *text)
{
    um_html_text(html, um_span_text(text));
}

void
um_html_endpoint(struct um_html *html, const struct um_endpoint *endpoint)
{
    char text[UM_ENDPOINT_TEXT_MAX];
    um_html_string(html, um_endpoint_text(endpoint, text));
}

void
um_html_short(struct um_html *html, struct um_span text, size_t bytes)
{
    struct um_span shown = um_span_first(text, bytes);
    while (shown.len > 0 && shown.len < text.len && (text.data[shown.len] & 0xC0) == 0x80)
        shown.len--;
    um_html_text(html, shown);
    if (shown.len < text.len)
        um_html_add(html, "\u2026");
}

int
um_html_end(struct um_html *html)
{
    um_buf_done(&html->piece);
    return html->err;
}
