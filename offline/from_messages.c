/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * First every line is read: of each run what it counted, when its packets were, and its exchanges.
 * Then the runs are put in order, frames are numbered anew, connections told apart over all runs.
 */
#include "offline/from_messages.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "core/base/room.h"
#include "core/base/symbols.h"
#include "offline/joined.h"
#include "offline/line_exchange.h"
#include "offline/line_run.h"
#include "offline/runs.h"

enum {
    LINE_MAX_BYTES = 64 * 1024 * 1024, /* far above what the limits let a line become */
    TOLD_MAX = 10,                     /* complaints about lines of one file */
};

struct exchange {
    struct um_exchange_record record; /* frames and connection of its run, until joined */
    struct um_run *run;
};

struct um_from_messages {
    FILE *errors; /* NULL: quiet */
    bool is_troubled;
    const char *path; /* of the file that is read */
    uint64_t line_number, complaints;
    struct um_arena arena;
    struct um_symbols texts;
    struct um_runs runs;
    struct exchange **exchanges;
    size_t count, cap;

    /* made when all was read */
    struct um_totals totals;
    struct um_encrypted encrypted;
    struct um_alerts alerts;
    struct um_run_times *times; /* of the runs that have begun and not ended */
    size_t time_count, next_run;
};

/* ---- complaints ---- */

static void
complain(struct um_from_messages *from, const char *what, const char *why)
{
    from->is_troubled = true;
    if (from->errors && from->complaints++ < TOLD_MAX)
        (void)fprintf(from->errors, "umtrace: %s:%" PRIu64 ": %s%s\n", from->path,
                      from->line_number, what, why);
}

static void
complain_of_run(struct um_from_messages *from, const struct um_run *run, const char *what)
{
    from->is_troubled = true;
    if (from->errors)
        (void)fprintf(from->errors, "umtrace: run %.*s (%s): %s\n", (int)run->id.len,
                      (const char *)run->id.data,
                      run->totals.file_count > 0 ? run->totals.files[0] : "?", what);
}

/* ---- lines ---- */

static int
take_exchange(struct um_from_messages *from, struct um_line *line, struct um_run *run)
{
    struct um_exchange_record record;
    int err = um_line_exchange(line, &from->texts, &record);
    if (err || line->wrong)
        return err;
    struct exchange **list =
        um_room_for_one(from->exchanges, &from->cap, from->count, sizeof(struct exchange *));
    struct exchange *exchange = um_arena_alloc(&from->arena, sizeof *exchange);
    if (list)
        from->exchanges = list;
    if (!list || !exchange)
        return UM_ERR_NOMEM;
    *exchange = (struct exchange){.record = record, .run = run};
    list[from->count++] = exchange;
    run->exchanges_seen++;
    return UM_OK;
}

static int
take_capture(struct um_from_messages *from, struct um_line *line, struct um_run *run)
{
    struct um_line_capture capture;
    int err = um_line_capture(line, &from->arena, &capture);
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
take_packets(struct um_from_messages *from, struct um_line *line, struct um_run *run)
{
    struct um_run_block block;
    int err = um_line_packets(line, &from->arena, &block);
    return err || line->wrong ? err : um_runs_add_block(run, &block);
}

static int
take_values(struct um_from_messages *from, struct um_line *line)
{
    struct um_line_value root = um_line_root(line);
    struct um_span type = um_line_text(line, root, "type");
    struct um_span id = um_line_text(line, root, "run"), kept;
    if (id.len == 0) {
        complain(from, "this is no line of --view messages --format ndjson", "");
        return UM_OK;
    }
    int err = um_symbols_add(&from->texts, id, NULL, &kept);
    struct um_run *run = err ? NULL : um_runs_find(&from->runs, kept);
    if (!run)
        return UM_ERR_NOMEM;
    if (um_span_equal(type, um_span_text("exchange")))
        err = take_exchange(from, line, run);
    else if (um_span_equal(type, um_span_text("capture")))
        err = take_capture(from, line, run);
    else if (um_span_equal(type, um_span_text("packets")))
        err = take_packets(from, line, run);
    else
        line->wrong = "type";
    if (!err && line->wrong)
        complain(from, "missing, or not what it must be: ", line->wrong);
    return err;
}

static int
take_line(struct um_from_messages *from, struct um_span text)
{
    struct um_line line;
    char why[UM_LINE_WHY_MAX];
    if (um_span_trim(text).len == 0)
        return UM_OK;
    int err = um_line_parse(text, &line, why);
    if (err == UM_ERR_FORMAT) {
        complain(from, why, "");
        return UM_OK;
    }
    if (err)
        return err;
    err = take_values(from, &line);
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
read_lines(struct um_from_messages *from, FILE *file)
{
    struct um_buf line = {0};
    bool more = true;
    int err = UM_OK;
    while (!err && (err = next_line(file, &line, &more)) == UM_OK && more) {
        from->line_number++;
        err = take_line(from, um_buf_span(&line));
    }
    um_buf_done(&line);
    return err;
}

static void
complain_of_file(struct um_from_messages *from, int reason)
{
    from->is_troubled = true;
    if (from->errors)
        (void)fprintf(from->errors, "umtrace: %s: %s\n", from->path, strerror(reason));
}

static int
read_file(struct um_from_messages *from, const char *path)
{
    bool is_input = strcmp(path, "-") == 0;
    FILE *file = is_input ? stdin : fopen(path, "r");
    from->path = is_input ? "standard input" : path;
    from->line_number = from->complaints = 0;
    if (!file) {
        complain_of_file(from, errno);
        return UM_OK;
    }
    errno = 0;
    int err = read_lines(from, file);
    if (ferror(file))
        complain_of_file(from, errno);
    if (from->errors && from->complaints > TOLD_MAX)
        (void)fprintf(from->errors, "umtrace: %s: %" PRIu64 " more lines like these\n", from->path,
                      from->complaints - TOLD_MAX);
    if (!is_input)
        (void)fclose(file);
    return err;
}

/* ---- joining ---- */

static uint64_t
first_frame(const struct um_exchange_record *record)
{
    return record->has_request ? record->request_first.frame : record->reply_first.frame;
}

static int
compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int
by_request(const void *left, const void *right)
{
    const struct exchange *a = *(struct exchange *const *)left;
    const struct exchange *b = *(struct exchange *const *)right;
    int order = compare(first_frame(&a->record), first_frame(&b->record));
    if (order == 0)
        order = compare(a->run->place, b->run->place);
    return order ? order : compare(a->record.number, b->record.number);
}

/* Of an exchange that was told twice (a job that was run again) one stays. */
static void
leave_out_repeats(struct um_from_messages *from)
{
    size_t kept = 0;
    for (size_t i = 0; i < from->count; i++) {
        struct exchange *exchange = from->exchanges[i];
        const struct exchange *last = kept > 0 ? from->exchanges[kept - 1] : NULL;
        if (last && last->run == exchange->run && last->record.number == exchange->record.number)
            exchange->run->exchanges_seen--;
        else
            from->exchanges[kept++] = exchange;
    }
    from->count = kept;
}

static void
number_frames(const struct um_from_messages *from, struct exchange *exchange)
{
    struct um_mark *marks[] = {&exchange->record.request_first, &exchange->record.request_last,
                               &exchange->record.reply_first, &exchange->record.reply_last};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        marks[i]->frame =
            um_runs_frame(&from->runs, exchange->run, marks[i]->frame, marks[i]->time_ns);
}

static int
join_exchanges(struct um_from_messages *from)
{
    struct um_joined joined = {.connections = 0};
    int err = UM_OK;
    for (size_t i = 0; i < from->count; i++)
        number_frames(from, from->exchanges[i]);
    if (from->count > 1)
        qsort(from->exchanges, from->count, sizeof *from->exchanges, by_request);
    leave_out_repeats(from);
    for (size_t i = 0; i < from->count && !err; i++)
        err = um_joined_connection(&joined, from->exchanges[i]->run, &from->exchanges[i]->record);
    um_joined_done(&joined);
    return err;
}

/* ---- totals ---- */

struct mapper {
    const struct um_runs *runs;
    const struct um_run *run;
};

static uint64_t
map_frame(void *ctx, uint64_t frame)
{
    const struct mapper *mapper = ctx;
    return um_runs_frame(mapper->runs, mapper->run, frame,
                         mapper->run->totals.capture.first_time_ns);
}

static int
add_closed(struct um_from_messages *from, struct mapper *mapper)
{
    int err = UM_OK;
    for (size_t i = 0; i < mapper->run->closed_count && !err; i++) {
        struct um_encrypted_server server = *mapper->run->closed[i].server;
        server.first_frame = map_frame(mapper, server.first_frame);
        err = um_encrypted_add_server(&from->encrypted, mapper->run->closed[i].name, &server);
    }
    return err;
}

static int
add_alerts(struct um_from_messages *from, struct mapper *mapper)
{
    int err = UM_OK;
    for (size_t i = 0; i < mapper->run->alert_count && !err; i++) {
        const struct um_report_alert *alert = &mapper->run->alerts[i];
        struct um_alerts_kind kind = {.connections = alert->connections};
        for (size_t k = 0; k < alert->frames->count; k++)
            um_finding_frames_add(&kind.frames, map_frame(mapper, alert->frames->at[k]));
        err = um_alerts_add_kind(&from->alerts, alert->text, &kind);
    }
    return err;
}

/* Files and problems of all runs, one after the other. */
static int
join_lists(struct um_from_messages *from)
{
    size_t files = 0, problems = 0;
    for (size_t i = 0; i < from->runs.count; i++) {
        files += from->runs.items[i]->totals.file_count;
        problems += from->runs.items[i]->totals.problem_count;
    }
    const char **names = um_arena_array(&from->arena, files, sizeof *names);
    struct um_capture_problem *list = um_arena_array(&from->arena, problems, sizeof *list);
    if (!names || !list)
        return UM_ERR_NOMEM;
    from->totals.files = names;
    from->totals.problems = list;
    for (size_t i = 0; i < from->runs.count; i++) {
        const struct um_run *run = from->runs.items[i];
        struct mapper mapper = {.runs = &from->runs, .run = run};
        for (size_t k = 0; k < run->totals.file_count; k++)
            names[from->totals.file_count++] = run->totals.files[k];
        for (size_t k = 0; k < run->totals.problem_count; k++) {
            struct um_capture_problem problem = run->totals.problems[k];
            problem.last_frame = map_frame(&mapper, problem.last_frame);
            list[from->totals.problem_count++] = problem;
        }
    }
    return UM_OK;
}

static int
join_totals(struct um_from_messages *from)
{
    int err = join_lists(from);
    for (size_t i = 0; i < from->runs.count && !err; i++) {
        const struct um_run *run = from->runs.items[i];
        struct mapper mapper = {.runs = &from->runs, .run = run};
        struct um_totals totals = run->totals;
        um_totals_map_frames(&totals, map_frame, &mapper);
        um_totals_add(&from->totals, &totals);
        err = add_closed(from, &mapper);
        if (!err)
            err = add_alerts(from, &mapper);
    }
    from->totals.encrypted = &from->encrypted;
    from->totals.alerts = &from->alerts;
    return err;
}

static void
check_runs(struct um_from_messages *from)
{
    for (size_t i = 0; i < from->runs.count; i++) {
        const struct um_run *run = from->runs.items[i];
        if (!run->has_totals)
            complain_of_run(from, run, "its line of type capture is missing");
        else if (run->exchanges_seen < run->exchanges_told)
            complain_of_run(from, run, "some of its exchanges are missing");
        if (run->has_totals && !run->is_timed)
            complain_of_run(from, run,
                            "some of its lines of type packets are missing: frames are estimated");
        if (run->totals.problem_count > 0)
            from->is_troubled = true;
    }
}

int
um_from_messages_read(const char *const *paths, size_t count, FILE *errors,
                      struct um_from_messages **out)
{
    struct um_from_messages *from = calloc(1, sizeof *from);
    if (!from)
        return UM_ERR_NOMEM;
    from->errors = errors;
    int err = UM_OK;
    for (size_t i = 0; i < count && !err; i++)
        err = read_file(from, paths[i]);
    um_runs_order(&from->runs);
    if (!err)
        err = join_exchanges(from);
    if (!err)
        err = join_totals(from);
    check_runs(from);
    if (err)
        um_from_messages_free(from);
    else
        *out = from;
    return err;
}

void
um_from_messages_free(struct um_from_messages *from)
{
    if (!from)
        return;
    um_runs_done(&from->runs);
    um_encrypted_done(&from->encrypted);
    um_alerts_done(&from->alerts);
    um_symbols_done(&from->texts);
    um_arena_done(&from->arena);
    free(from->exchanges);
    free(from->times);
    free(from);
}

bool
um_from_messages_is_troubled(const struct um_from_messages *from)
{
    return from->is_troubled;
}

int
um_from_messages_fill(const struct um_from_messages *from, struct um_calls *calls)
{
    int err = UM_OK;
    for (size_t i = 0; i < from->count && !err; i++)
        err = um_calls_add_record(calls, &from->exchanges[i]->record);
    return err;
}

const struct um_totals *
um_from_messages_totals(const struct um_from_messages *from)
{
    return &from->totals;
}

/* ---- times ---- */

/* Lets the runs begin whose first packet may be the next one. */
static void
begin_runs(struct um_from_messages *from)
{
    while (from->next_run < from->runs.count) {
        const struct um_run *run = from->runs.items[from->next_run];
        int64_t earliest_ns = from->time_count > 0 ? from->times[0].time_ns : INT64_MAX;
        for (size_t i = 1; i < from->time_count; i++) {
            if (from->times[i].time_ns < earliest_ns)
                earliest_ns = from->times[i].time_ns;
        }
        if (from->time_count > 0 && run->totals.capture.first_time_ns > earliest_ns)
            return;
        if (um_run_times_begin(run, &from->times[from->time_count]))
            from->time_count++;
        from->next_run++;
    }
}

size_t
um_from_messages_times(void *ctx, int64_t *out, size_t max)
{
    struct um_from_messages *from = ctx;
    size_t count = 0;
    if (!from->times)
        from->times = calloc(from->runs.count + 1, sizeof *from->times);
    while (from->times && count < max) {
        begin_runs(from);
        if (from->time_count == 0)
            break;
        size_t least = 0;
        for (size_t i = 1; i < from->time_count; i++) {
            if (from->times[i].time_ns < from->times[least].time_ns)
                least = i;
        }
        out[count++] = from->times[least].time_ns;
        if (!um_run_times_next(&from->times[least]))
            from->times[least] = from->times[--from->time_count];
    }
    return count;
}
