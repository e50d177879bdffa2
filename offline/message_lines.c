/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line that is wrong is told of and left out; no line hinders another. */
#include "offline/message_lines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "core/base/room.h"
#include "offline/line_exchange.h"
#include "offline/line_run.h"

enum {
    LINE_MAX_BYTES = 64 * 1024 * 1024, /* far above what the limits let a line become */
    TOLD_MAX = 10,                     /* complaints about lines of one file */
};

static void
complain(struct um_message_lines *lines, const char *what, const char *why)
{
    lines->is_troubled = true;
    if (lines->errors && lines->complaints++ < TOLD_MAX)
        (void)fprintf(lines->errors, "umtrace: %s:%" PRIu64 ": %s%s\n", lines->path,
                      lines->line_number, what, why);
}

/* ---- lines ---- */

static int
take_exchange(struct um_message_lines *lines, struct um_line *line, struct um_run *run)
{
    struct um_exchange_record record;
    int err = um_line_exchange(line, &lines->texts, &record);
    if (err || line->wrong)
        return err;
    struct um_message_exchange **list = um_room_for_one(lines->exchanges, &lines->cap, lines->count,
                                                        sizeof(struct um_message_exchange *));
    struct um_message_exchange *exchange = um_arena_alloc(&lines->arena, sizeof *exchange);
    if (list)
        lines->exchanges = list;
    if (!list || !exchange)
        return UM_ERR_NOMEM;
    *exchange = (struct um_message_exchange){.record = record, .run = run};
    list[lines->count++] = exchange;
    run->exchanges_seen++;
    return UM_OK;
}

static int
take_capture(struct um_message_lines *lines, struct um_line *line, struct um_run *run)
{
    struct um_line_capture capture;
    int err = um_line_capture(line, &lines->arena, &capture);
    if (err || line->wrong || run->has_totals)
        return err;
    run->has_totals = true;
    run->totals = capture.totals;
    run->closed = capture.closed;
    run->closed_count = capture.closed_count;
    run->alerts = capture.alerts;
    run->alert_count = capture.alert_count;
    run->exchanges_told = capture.exchanges;
    return UM_OK;
}

static int
take_packets(struct um_message_lines *lines, struct um_line *line, struct um_run *run)
{
    struct um_run_block block;
    int err = um_line_packets(line, &lines->arena, &block);
    return err || line->wrong ? err : um_runs_add_block(run, &block);
}

static int
take_values(struct um_message_lines *lines, struct um_line *line)
{
    struct um_line_value root = um_line_root(line);
    struct um_span type = um_line_text(line, root, "type");
    struct um_span id = um_line_text(line, root, "run"), kept;
    if (id.len == 0) {
        complain(lines, "this is no line of --view messages --format ndjson", "");
        return UM_OK;
    }
    int err = um_symbols_add(&lines->texts, id, NULL, &kept);
    struct um_run *run = err ? NULL : um_runs_find(&lines->runs, kept);
    if (!run)
        return UM_ERR_NOMEM;
    if (um_span_equal(type, um_span_text("exchange")))
        err = take_exchange(lines, line, run);
    else if (um_span_equal(type, um_span_text("capture")))
        err = take_capture(lines, line, run);
    else if (um_span_equal(type, um_span_text("packets")))
        err = take_packets(lines, line, run);
    else
        line->wrong = "type";
    if (!err && line->wrong)
        complain(lines, "missing, or not what it must be: ", line->wrong);
    return err;
}

static int
take_line(struct um_message_lines *lines, struct um_span text)
{
    struct um_line line;
    char why[UM_LINE_WHY_MAX];
    if (um_span_trim(text).len == 0)
        return UM_OK;
    int err = um_line_parse(text, &line, why);
    if (err == UM_ERR_FORMAT) {
        complain(lines, why, "");
        return UM_OK;
    }
    if (err)
        return err;
    err = take_values(lines, &line);
    um_line_done(&line);
    return err;
}

/* ---- files ---- */

/* The next line without its end; false at the end of the file. One too long is cut. */
static int
next_line(FILE *file, struct um_buf *line, bool *more)
{
    int c;
    um_buf_clear(line);
    *more = false;
    while ((c = getc_unlocked(file)) != EOF) {
        uint8_t byte = (uint8_t)c;
        *more = true;
        if (byte == '\n')
            break;
        int err = line->len < LINE_MAX_BYTES ? um_buf_append(line, um_span_of(&byte, 1)) : UM_OK;
        if (err)
            return err;
    }
    return UM_OK;
}

static int
read_lines(struct um_message_lines *lines, FILE *file)
{
    struct um_buf line = {0};
    bool more = true;
    int err = UM_OK;
    while (!err && (err = next_line(file, &line, &more)) == UM_OK && more) {
        lines->line_number++;
        err = take_line(lines, um_buf_span(&line));
    }
    um_buf_done(&line);
    return err;
}

static void
complain_of_file(struct um_message_lines *lines, const char *reason)
{
    lines->is_troubled = true;
    if (lines->errors)
        (void)fprintf(lines->errors, "umtrace: %s: %s\n", lines->path, reason);
}

int
um_message_lines_read(struct um_message_lines *lines, const char *path)
{
    bool is_input = strcmp(path, "-") == 0;
    FILE *file = is_input ? stdin : fopen(path, "r");
    lines->path = is_input ? "standard input" : path;
    lines->line_number = lines->complaints = 0;
    if (!file) {
        complain_of_file(lines, strerror(errno));
        return UM_OK;
    }
    errno = 0;
    int err = read_lines(lines, file);
    if (ferror(file))
        complain_of_file(lines, strerror(errno));
    else if (!err && lines->line_number == 0)
        complain_of_file(lines, "is empty");
    if (lines->errors && lines->complaints > TOLD_MAX)
        (void)fprintf(lines->errors, "umtrace: %s: %" PRIu64 " more lines like these\n",
                      lines->path, lines->complaints - TOLD_MAX);
    if (!is_input)
        (void)fclose(file);
    return err;
}

void
um_message_lines_done(struct um_message_lines *lines)
{
    um_runs_done(&lines->runs);
    um_symbols_done(&lines->texts);
    um_arena_done(&lines->arena);
    free(lines->exchanges);
    *lines = (struct um_message_lines){0};
}
