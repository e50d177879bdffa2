/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A page of text, 80 columns wide. Text is put together piece by piece and then leaves as one
 * line, shortened where it is too long, or as a paragraph, wrapped. Every piece is made harmless
 * (safe_text.h) on its way in, so that wire text needs no care; colours and marks have calls of
 * their own. Errors stick; um_page_end tells them.
 */
#ifndef UM_REPORT_PAGE_H
#define UM_REPORT_PAGE_H

#include "core/base/buf.h"
#include "core/base/endpoint.h"
#include "offline/report/out.h"
#include "offline/report/report.h"

enum { UM_PAGE_WIDTH = 80 };

/* Characters beyond ASCII and what stands for them in ASCII. */
enum um_page_mark {
    UM_MARK_RULE,     /* a line across the page */
    UM_MARK_RANGE,    /* between two bounds */
    UM_MARK_ELLIPSIS, /* something was left out */
    UM_MARK_ADVICE,   /* before what to look at next */
    UM_MARK_SURE,     /* of a bar: certainly */
    UM_MARK_POSSIBLE, /* of a bar: possibly */
    UM_MARK_OPEN_LEFT,
    UM_MARK_OPEN_RIGHT,
};

enum um_page_color {
    UM_PAGE_PLAIN, /* back to normal */
    UM_PAGE_STRONG,
    UM_PAGE_FAINT,
    UM_PAGE_BAD,
    UM_PAGE_ODD,
    UM_PAGE_GOOD,
};

struct um_page {
    struct um_out *out;
    struct um_style style;
    struct um_buf text;  /* put together so far */
    struct um_buf piece; /* the last one, before it was made harmless */
    bool colored;        /* a colour is on: it ends with the line */
    int err;             /* 0 or UM_ERR_NOMEM */
};

static inline struct um_page
um_page_to(struct um_out *out, const struct um_style *style)
{
    return (struct um_page){.out = out, .style = *style};
}

/* Puts pieces together. */
void um_page_add(struct um_page *page, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void um_page_text(struct um_page *page, const char *text);
void um_page_span(struct um_page *page, struct um_span text);
void um_page_spaces(struct um_page *page, size_t count);
void um_page_mark(struct um_page *page, enum um_page_mark mark);
void um_page_color(struct um_page *page, enum um_page_color color);

/* As um_page_span, shortened to at most `columns` with an ellipsis. */
void um_page_short(struct um_page *page, struct um_span text, size_t columns);

/* An endpoint, its middle left out where it takes more than `columns` (at least 10). */
void um_page_endpoint(struct um_page *page, const struct um_endpoint *endpoint, size_t columns);

/* Columns of what has been put together. */
size_t um_page_column(const struct um_page *page);

/* Spaces up to `column`; one at least, unless nothing stands there yet. */
void um_page_tab(struct um_page *page, size_t column);

/* Lets what was put together leave as one line, shortened to the page's width. */
void um_page_line(struct um_page *page);

/* The same however long it is, for lines that are searched rather than looked at. */
void um_page_whole_line(struct um_page *page);

/* The same, filled up with a rule. */
void um_page_rule(struct um_page *page);

/* The same as a paragraph: broken at spaces, the lines after the first indented. */
void um_page_paragraph(struct um_page *page, size_t indent);

/* Frees what is left. 0 or UM_ERR_NOMEM. */
int um_page_end(struct um_page *page);

#endif
