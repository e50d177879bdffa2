/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes HTML: our own markup, and text. Text may be any bytes. It goes through um_html_text, the
 * one place that makes it harmless: as for a terminal (safe_text.h), then what HTML would read as
 * markup becomes references, so that it may stand in an element and in a quoted attribute. Errors
 * stick; um_html_end tells them.
 */
#ifndef UM_REPORT_HTML_H
#define UM_REPORT_HTML_H

#include "core/base/buf.h"
#include "core/base/endpoint.h"
#include "offline/report/out.h"

struct um_html {
    struct um_out *out;
    struct um_buf piece; /* the one being made */
    int err;             /* 0 or UM_ERR_NOMEM */
};

/* A writer to `out`, by value; ended with um_html_end. */
static inline struct um_html
um_html_to(struct um_out *out)
{
    return (struct um_html){.out = out};
}

/* Markup of ours: a format with numbers and words of our own, never text from the wire. */
void um_html_add(struct um_html *html, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Text, made harmless. */
void um_html_text(struct um_html *html, struct um_span text);
void um_html_string(struct um_html *html, const char *text);
void um_html_endpoint(struct um_html *html, const struct um_endpoint *endpoint);

/* The same, cut between characters and with an ellipsis when it has more than `bytes`. */
void um_html_short(struct um_html *html, struct um_span text, size_t bytes);

/* Frees what is left. 0 or UM_ERR_NOMEM. */
int um_html_end(struct um_html *html);

#endif
