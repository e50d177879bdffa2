/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * First every line is read. Then the runs are put in order, frames are numbered anew, connections
 * told apart over all runs.
 */
#include "offline/from_messages.h"

#include <stdlib.h>

#include "offline/joined.h"
#include "offline/joined_times.h"
#include "offline/joined_totals.h"
#include "offline/message_lines.h"

struct um_from_messages {
    struct um_message_lines lines;
    struct um_joined_totals joined;
    struct um_joined_times times;
};

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
    const struct um_message_exchange *a = *(struct um_message_exchange *const *)left;
    const struct um_message_exchange *b = *(struct um_message_exchange *const *)right;
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
    for (size_t i = 0; i < from->lines.count; i++) {
        struct um_message_exchange *exchange = from->lines.exchanges[i];
        const struct um_message_exchange *last = kept > 0 ? from->lines.exchanges[kept - 1] : NULL;
        if (last && last->run == exchange->run && last->record.number == exchange->record.number)
            exchange->run->exchanges_seen--;
        else
            from->lines.exchanges[kept++] = exchange;
    }
    from->lines.count = kept;
}

static void
number_frames(const struct um_from_messages *from, struct um_message_exchange *exchange)
{
    struct um_mark *marks[] = {&exchange->record.request_first, &exchange->record.request_last,
                               &exchange->record.reply_first, &exchange->record.reply_last};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        marks[i]->frame =
            um_runs_frame(&from->lines.runs, exchange->run, marks[i]->frame, marks[i]->time_ns);
}

static int
join_exchanges(struct um_from_messages *from)
{
    struct um_joined joined = {.connections = 0};
    int err = UM_OK;
    for (size_t i = 0; i < from->lines.count; i++)
        number_frames(from, from->lines.exchanges[i]);
    if (from->lines.count > 1)
        qsort(from->lines.exchanges, from->lines.count, sizeof *from->lines.exchanges, by_request);
    leave_out_repeats(from);
    for (size_t i = 0; i < from->lines.count && !err; i++)
        err = um_joined_connection(&joined, from->lines.exchanges[i]->run,
                                   &from->lines.exchanges[i]->record);
    um_joined_done(&joined);
    return err;
}

/* ---- the door ---- */

static void
complain_of_run(struct um_from_messages *from, const struct um_run *run, const char *what)
{
    from->lines.is_troubled = true;
    if (from->lines.errors)
        (void)fprintf(from->lines.errors, "umtrace: run %.*s (%s): %s\n", (int)run->id.len,
                      (const char *)run->id.data,
                      run->totals.file_count > 0 ? run->totals.files[0] : "?", what);
}

static void
check_runs(struct um_from_messages *from)
{
    for (size_t i = 0; i < from->lines.runs.count; i++) {
        const struct um_run *run = from->lines.runs.items[i];
        if (!run->has_totals)
            complain_of_run(from, run, "its line of type capture is missing");
        else if (run->exchanges_seen < run->exchanges_told)
            complain_of_run(from, run, "some of its exchanges are missing");
        if (run->has_totals && !run->is_timed)
            complain_of_run(from, run,
                            "some of its lines of type packets are missing: frames are estimated");
        if (run->totals.problem_count > 0)
            from->lines.is_troubled = true;
    }
}

int
um_from_messages_read(const char *const *paths, size_t count, FILE *errors,
                      struct um_from_messages **out)
{
    struct um_from_messages *from = calloc(1, sizeof *from);
    if (!from)
        return UM_ERR_NOMEM;
    from->lines.errors = errors;
    from->joined.runs = from->times.runs = &from->lines.runs;
    int err = UM_OK;
    for (size_t i = 0; i < count && !err; i++)
        err = um_message_lines_read(&from->lines, paths[i]);
    um_runs_order(&from->lines.runs);
    if (!err)
        err = join_exchanges(from);
    if (!err)
        err = um_joined_totals_make(&from->joined);
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
    um_message_lines_done(&from->lines);
    um_joined_totals_done(&from->joined);
    um_joined_times_done(&from->times);
    free(from);
}

bool
um_from_messages_is_troubled(const struct um_from_messages *from)
{
    return from->lines.is_troubled;
}

int
um_from_messages_fill(const struct um_from_messages *from, struct um_calls *calls)
{
    int err = UM_OK;
    for (size_t i = 0; i < from->lines.count && !err; i++)
        err = um_calls_add_record(calls, &from->lines.exchanges[i]->record);
    return err;
}

const struct um_totals *
um_from_messages_totals(const struct um_from_messages *from)
{
    return &from->joined.totals;
}

size_t
um_from_messages_times(void *from, int64_t *out, size_t max)
{
    return um_joined_times_read(&((struct um_from_messages *)from)->times, out, max);
}
