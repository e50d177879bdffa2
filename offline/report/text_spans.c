/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All times are seconds from one zero. Lower bounds are rounded down and upper bounds up, so that
 * what is written holds. In a bar a cell is drawn as sure when the state was surely held at some
 * time within it, and as possible when it can have been:
 *
 *     began_after      began_by          ended_after      ended_by
 *          |. . . . . . . .|#################|. . . . . . . .|
 */
#include "offline/report/text_spans.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/base/mark.h"
#include "offline/report/span_cells.h"
#include "offline/report/text_parts.h"

enum {
    INDENT = 2,
    GAP = 2,
    STATE_COLUMNS = 12, /* of the schema's longest */
    CAUSE_COLUMNS = 11,
    BAR_AT = INDENT + STATE_COLUMNS + GAP + 1,
    BAR_CELLS = UM_PAGE_WIDTH - BAR_AT - 1,
    EDGE = 20, /* spans shown at each end of a long timeline */
    SHOWN_MAX = 2 * EDGE,
};

static const char *const headings[UM_SPAN_CELL_COUNT] = {"lasted (s)", "began", "ended", "frames"};

struct table {
    struct um_page *page;
    const struct um_timeline *timeline;
    struct um_span_axis axis;
    size_t cause_columns;
    size_t columns[UM_SPAN_CELL_COUNT]; /* width of each */
};

typedef void write_span_fn(struct table *table, const struct um_span_of_state *span);

/* ---- widths and rows ---- */

static size_t
greater(size_t a, size_t b)
{
    return a > b ? a : b;
}

/* Columns of one of our own texts, in which only the range mark is more than a byte long. */
static size_t
text_columns(const struct table *table, const char *text)
{
    size_t len = strlen(text);
    const char *mark = table->axis.range;
    return strlen(mark) > 1 && strstr(text, mark) ? len - strlen(mark) + 1 : len;
}

static void
measure(struct table *table, const struct um_span_of_state *span)
{
    size_t cause = span->cause == UM_CAUSE_UNKNOWN ? CAUSE_COLUMNS : um_span_cell_cause(span).len;
    table->cause_columns = greater(table->cause_columns, cause);
    for (unsigned i = 0; i < UM_SPAN_CELL_COUNT; i++) {
        char cell[UM_SPAN_CELL_TEXT_MAX];
        um_span_cell(&table->axis, span, (enum um_span_cell)i, cell);
        table->columns[i] = greater(table->columns[i], text_columns(table, cell));
    }
}

/* Where the frames do not fit behind the rest they stand in a row of their own. */
static bool
frames_fit(const struct table *table)
{
    size_t width = INDENT + STATE_COLUMNS + GAP + table->cause_columns;
    for (unsigned i = 0; i < UM_SPAN_CELL_COUNT; i++)
        width += GAP + table->columns[i];
    return width <= UM_PAGE_WIDTH;
}

/* ---- the table ---- */

static void
write_row(struct table *table, struct um_span state, struct um_span cause,
          const char *const cells[UM_SPAN_CELL_COUNT])
{
    struct um_page *page = table->page;
    size_t at = INDENT + STATE_COLUMNS + GAP;
    um_page_spaces(page, INDENT);
    um_page_short(page, state, STATE_COLUMNS);
    um_page_tab(page, at);
    um_page_short(page, cause, CAUSE_COLUMNS);
    at += table->cause_columns + GAP;
    for (unsigned i = 0; i < UM_SPAN_CELL_FRAMES; i++) {
        um_page_tab(page, at);
        um_page_text(page, cells[i]);
        at += table->columns[i] + GAP;
    }
    if (!frames_fit(table)) {
        um_page_line(page);
        um_page_add(page, "%*sframes ", INDENT + GAP, "");
    } else {
        um_page_tab(page, at);
    }
    um_page_text(page, cells[UM_SPAN_CELL_FRAMES]);
    um_page_line(page);
}

static void
write_span_row(struct table *table, const struct um_span_of_state *span)
{
    char texts[UM_SPAN_CELL_COUNT][UM_SPAN_CELL_TEXT_MAX];
    const char *cells[UM_SPAN_CELL_COUNT];
    for (unsigned i = 0; i < UM_SPAN_CELL_COUNT; i++) {
        um_span_cell(&table->axis, span, (enum um_span_cell)i, texts[i]);
        cells[i] = texts[i];
    }
    write_row(table, span->state_text, um_span_cell_cause(span), cells);
}

/* ---- the bars ---- */

/* The cell of the axis that a time falls into. */
static unsigned
cell_of(const struct table *table, int64_t time_ns)
{
    double extent = (double)um_mark_elapsed_ns(table->axis.zero_ns, table->axis.end_ns);
    double place = (double)um_mark_elapsed_ns(table->axis.zero_ns, time_ns);
    if (place <= 0 || extent <= 0)
        return 0;
    double cell = place / extent * BAR_CELLS;
    return cell < BAR_CELLS ? (unsigned)cell : BAR_CELLS - 1;
}

static void
write_bar(struct table *table, const struct um_span_of_state *span)
{
    struct um_page *page = table->page;
    int64_t from_ns = span->has_began_after ? span->began_after_ns : table->axis.zero_ns;
    int64_t to_ns = span->has_ended_by ? span->ended_by_ns : table->axis.end_ns;
    unsigned first = cell_of(table, from_ns), last = cell_of(table, to_ns);
    unsigned sure_first = cell_of(table, span->began_by_ns);
    unsigned sure_last = cell_of(table, span->ended_after_ns);

    um_page_spaces(page, INDENT);
    um_page_short(page, span->state_text, STATE_COLUMNS);
    um_page_tab(page, BAR_AT - 1);
    if (span->has_began_after)
        um_page_text(page, " ");
    else
        um_page_mark(page, UM_MARK_OPEN_LEFT);
    um_page_spaces(page, first);
    for (unsigned cell = first; cell <= last; cell++) {
        bool sure = cell >= sure_first && cell <= sure_last;
        um_page_mark(page, sure ? UM_MARK_SURE : UM_MARK_POSSIBLE);
    }
    if (!span->has_ended_by)
        um_page_mark(page, UM_MARK_OPEN_RIGHT);
    um_page_line(page);
}

static void
write_axis(struct table *table)
{
    struct um_page *page = table->page;
    char end[UM_INSTANT_TEXT_MAX];
    um_span_axis_seconds(&table->axis, table->axis.end_ns, UM_ROUND_UP, end);
    um_page_add(page, "%*s0%*s%s s", BAR_AT, "", BAR_CELLS - 3 - (int)strlen(end), "", end);
    um_page_line(page);
}

/* ---- both ---- */

/* Calls `write` for the spans that are shown. */
static void
for_each_shown(struct table *table, write_span_fn *write, bool tell)
{
    size_t count = table->timeline->span_count;
    for (size_t i = 0; i < count; i++) {
        if (count > SHOWN_MAX && i == EDGE) {
            if (tell) {
                um_page_spaces(table->page, INDENT);
                um_page_mark(table->page, UM_MARK_ELLIPSIS);
                um_page_add(table->page, " %zu more, left out here", count - SHOWN_MAX);
                um_page_line(table->page);
            }
            i = count - EDGE;
        }
        write(table, &table->timeline->spans[i]);
    }
}

/* How to read the figures and the bars. */
static void
write_key(struct table *table, bool has_origin)
{
    struct um_page *page = table->page;
    char date[UM_INSTANT_TEXT_MAX], name[UM_INSTANT_TEXT_MAX];
    int64_t zero_ns = table->axis.zero_ns;
    um_page_spaces(page, INDENT);
    if (has_origin)
        um_page_text(page, "Seconds since the call was placed");
    else
        um_page_add(page, "Seconds since %s %s", um_instant_date(zero_ns, page->style.zone, date),
                    um_instant_zone(zero_ns, page->style.zone, name));
    um_page_text(page, ": not before the first figure, not after the second. ");
    um_page_mark(page, UM_MARK_SURE);
    um_page_text(page, " surely, ");
    um_page_mark(page, UM_MARK_POSSIBLE);
    um_page_text(page, " possibly in this state.");
    um_page_paragraph(page, INDENT);
}

void
um_text_spans(struct um_page *page, const struct um_timeline *timeline, const int64_t *origin_q_ns)
{
    struct table table = {
        .page = page,
        .timeline = timeline,
        .axis = um_span_axis_of(timeline, origin_q_ns, page->style.utf8 ? "\u2013" : "-"),
        .cause_columns = strlen("cause"),
    };
    for (unsigned i = 0; i < UM_SPAN_CELL_COUNT; i++)
        table.columns[i] = strlen(headings[i]);
    for_each_shown(&table, measure, false);

    um_page_color(page, UM_PAGE_FAINT);
    write_row(&table, um_span_text("state"), um_span_text("cause"), headings);
    for_each_shown(&table, write_span_row, true);
    um_page_line(page);
    for_each_shown(&table, write_bar, true);
    write_axis(&table);
    write_key(&table, origin_q_ns != NULL);
}
