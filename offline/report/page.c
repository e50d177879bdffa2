/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The text of a line is held with its colours inside: since wire text is escaped on its way in, an
 * ESC in it is our own, begins "ESC [ digits m" and takes no column.
 */
#include "offline/report/page.h"

#include <stdarg.h>

#include "core/base/err.h"
#include "offline/report/safe_text.h"
#include "offline/report/utf8.h"

enum { ESCAPE = 0x1B };

static const struct {
    const char *utf8, *ascii;
} marks[] = {
    [UM_MARK_RULE] = {"\u2500", "-"},       [UM_MARK_RANGE] = {"\u2013", "-"},
    [UM_MARK_ELLIPSIS] = {"\u2026", "..."}, [UM_MARK_ADVICE] = {"\u2192", "->"},
    [UM_MARK_SURE] = {"\u2588", "#"},       [UM_MARK_POSSIBLE] = {"\u2591", "."},
    [UM_MARK_OPEN_LEFT] = {"\u2190", "<"},  [UM_MARK_OPEN_RIGHT] = {"\u2192", ">"},
};

static const char *const colors[] = {
    [UM_PAGE_PLAIN] = "\033[0m", [UM_PAGE_STRONG] = "\033[1m", [UM_PAGE_FAINT] = "\033[2m",
    [UM_PAGE_BAD] = "\033[31m",  [UM_PAGE_ODD] = "\033[33m",   [UM_PAGE_GOOD] = "\033[32m",
};

static void
append(struct um_page *page, struct um_span bytes)
{
    if (!page->err)
        page->err = um_buf_append(&page->text, bytes);
}

void
um_page_add(struct um_page *page, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    um_buf_clear(&page->piece);
    int err = um_buf_vprintf(&page->piece, format, args);
    va_end(args);
    if (err)
        page->err = err;
    else
        um_page_span(page, um_buf_span(&page->piece));
}

void
um_page_span(struct um_page *page, struct um_span text)
{
    if (!page->err)
        page->err = um_safe_text_append(&page->text, text, page->style.utf8);
}

void
um_page_text(struct um_page *page, const char *text)
{
    um_page_span(page, um_span_text(text));
}

void
um_page_spaces(struct um_page *page, size_t count)
{
    while (count-- > 0)
        append(page, um_span_of(" ", 1));
}

void
um_page_mark(struct um_page *page, enum um_page_mark mark)
{
    append(page, um_span_text(page->style.utf8 ? marks[mark].utf8 : marks[mark].ascii));
}

void
um_page_color(struct um_page *page, enum um_page_color color)
{
    if (!page->style.color)
        return;
    append(page, um_span_text(colors[color]));
    page->colored = color != UM_PAGE_PLAIN;
}

static void
end_color(struct um_page *page)
{
    if (page->colored)
        um_page_color(page, UM_PAGE_PLAIN);
}

/* Takes one character or colour off `text`, which must not be empty; the columns it takes. */
static size_t
take_piece(struct um_span *text)
{
    if (text->data[0] == ESCAPE) {
        *text = um_span_from(*text, um_span_find(*text, 'm') + 1);
        return 0;
    }
    return um_utf8_columns(um_utf8_next(text));
}

static size_t
columns_of(struct um_span text)
{
    size_t columns = 0;
    while (text.len > 0) {
        columns += take_piece(&text);
        size_t plain = um_utf8_printable(text); /* nearly all of it */
        columns += plain;
        text = um_span_from(text, plain);
    }
    return columns;
}

/* The beginning of `text` that fits into `columns`. */
static struct um_span
beginning(struct um_span text, size_t columns)
{
    struct um_span rest = text;
    while (rest.len > 0) {
        size_t plain = um_utf8_printable(um_span_first(rest, columns)); /* nearly all of it */
        struct um_span after = um_span_from(rest, plain);
        size_t taken = plain > 0 ? plain : take_piece(&after);
        if (taken > columns)
            break;
        columns -= taken;
        rest = after;
    }
    return um_span_first(text, text.len - rest.len);
}

/* Shortens what stands behind `from` bytes to `columns`; true when that took something away. */
static bool
shorten(struct um_page *page, size_t from, size_t columns)
{
    struct um_span tail = um_span_from(um_buf_span(&page->text), from);
    if (page->err || columns_of(tail) <= columns)
        return false;
    size_t ellipsis = page->style.utf8 ? 1 : 3;
    page->text.len = from + beginning(tail, columns - ellipsis).len;
    um_page_mark(page, UM_MARK_ELLIPSIS);
    return true;
}

void
um_page_short(struct um_page *page, struct um_span text, size_t columns)
{
    size_t from = page->text.len;
    um_page_span(page, um_span_first(text, columns * 4 + 4));
    (void)shorten(page, from, columns);
}

void
um_page_endpoint(struct um_page *page, const struct um_endpoint *endpoint, size_t columns)
{
    char text[UM_ENDPOINT_TEXT_MAX];
    struct um_span whole = um_span_text(um_endpoint_text(endpoint, text));
    if (whole.len <= columns) {
        um_page_span(page, whole);
        return;
    }
    size_t tail = columns / 2;
    um_page_span(page, um_span_first(whole, columns - tail - 1));
    um_page_mark(page, UM_MARK_ELLIPSIS);
    um_page_span(page, um_span_from(whole, whole.len - tail));
}

size_t
um_page_column(const struct um_page *page)
{
    return columns_of(um_buf_span(&page->text));
}

void
um_page_tab(struct um_page *page, size_t column)
{
    size_t at = um_page_column(page);
    um_page_spaces(page, at < column ? column - at : (at > 0 ? 1 : 0));
}

static struct um_span
without_spaces(struct um_span row)
{
    while (row.len > 0 && row.data[row.len - 1] == ' ')
        row.len--;
    return row;
}

void
um_page_whole_line(struct um_page *page)
{
    end_color(page);
    if (!page->err) {
        um_out_put(page->out, without_spaces(um_buf_span(&page->text)));
        um_out_text(page->out, "\n");
    }
    um_buf_clear(&page->text);
}

void
um_page_line(struct um_page *page)
{
    if (shorten(page, 0, UM_PAGE_WIDTH))
        page->colored = page->style.color; /* its end can have been taken away */
    um_page_whole_line(page);
}

void
um_page_rule(struct um_page *page)
{
    for (size_t at = um_page_column(page); at < UM_PAGE_WIDTH; at++)
        um_page_mark(page, UM_MARK_RULE);
    um_page_line(page);
}

/* Takes one row of at most `columns` off `text`: to the last space that fits, else to the last
 * character. */
static struct um_span
take_row(struct um_span *text, size_t columns)
{
    struct um_span row = beginning(*text, columns);
    if (row.len < text->len && text->data[row.len] != ' ') {
        size_t end = row.len;
        while (end > 0 && row.data[end - 1] != ' ')
            end--;
        if (without_spaces(um_span_first(row, end)).len > 0)
            row = um_span_first(row, end);
    }
    *text = um_span_from(*text, row.len);
    while (text->len > 0 && text->data[0] == ' ')
        *text = um_span_from(*text, 1);
    return without_spaces(row);
}

void
um_page_paragraph(struct um_page *page, size_t indent)
{
    end_color(page);
    struct um_span left = um_buf_span(&page->text);
    size_t spaces = 0;
    while (!page->err && left.len > 0) {
        um_out_spaces(page->out, spaces);
        um_out_put(page->out, take_row(&left, UM_PAGE_WIDTH - spaces));
        um_out_text(page->out, "\n");
        spaces = indent;
    }
    um_buf_clear(&page->text);
}

int
um_page_end(struct um_page *page)
{
    um_buf_done(&page->text);
    um_buf_done(&page->piece);
    return page->err;
}
