/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --from-messages: joins the lines of `--view messages --format ndjson` of many runs, in any order,
 * to what one run over all their captures would have given to the report.
 */
#ifndef UM_OFFLINE_FROM_MESSAGES_H
#define UM_OFFLINE_FROM_MESSAGES_H

#include <stdio.h>

#include "core/um/call.h"
#include "offline/totals.h"

struct um_from_messages;

/*
 * Reads every line of the files ("-" is standard input). What is wrong with a line, or with a file,
 * is told on `errors` (NULL: nowhere), and the rest is read. 0 or UM_ERR_NOMEM.
 */
int um_from_messages_read(const char *const *paths, size_t count, FILE *errors,
                          struct um_from_messages **out);
void um_from_messages_free(struct um_from_messages *from);

/* True when something was wrong, or a run had not read its captures to their end. */
bool um_from_messages_is_troubled(const struct um_from_messages *from);

/* Adds every exchange to the store. Its texts live as long as `from`. 0 or UM_ERR_NOMEM. */
int um_from_messages_fill(const struct um_from_messages *from, struct um_calls *calls);

/* The sum of the runs; lives as long as `from`. */
const struct um_totals *um_from_messages_totals(const struct um_from_messages *from);

/* The times of all packets in the order of one run, as um_report_run.times wants them. */
size_t um_from_messages_times(void *from, int64_t *out, size_t max);

#endif
