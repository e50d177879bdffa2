/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the lines of `--view messages --format ndjson`: of each run what it counted, when its
 * packets were, and its exchanges, as they stand there. Does not join them.
 */
#ifndef UM_OFFLINE_MESSAGE_LINES_H
#define UM_OFFLINE_MESSAGE_LINES_H

#include <stdio.h>

#include "core/base/symbols.h"
#include "core/um/call.h"
#include "offline/runs.h"

struct um_message_exchange {
    struct um_exchange_record record; /* frames and connection of its run */
    struct um_run *run;
};

/* A zeroed one with `errors` set is empty. */
struct um_message_lines {
    FILE *errors;     /* NULL: quiet */
    bool is_troubled; /* something was wrong */
    struct um_arena arena;
    struct um_symbols texts;
    struct um_runs runs;
    struct um_message_exchange **exchanges;
    size_t count, cap;

    const char *path; /* of the file that is read */
    uint64_t line_number, complaints;
};

/*
 * Adds what the lines of a file tell ("-" is standard input). What is wrong with a line, or with
 * the file, is told on `errors`, and the rest is read. 0 or UM_ERR_NOMEM.
 */
int um_message_lines_read(struct um_message_lines *lines, const char *path);

void um_message_lines_done(struct um_message_lines *lines);

#endif
