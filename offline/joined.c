/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two tables: connections by run and number, and the last connection by its ends. */
#include "offline/joined.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/room.h"

/* The last connection between two ends. */
struct um_joined_ends {
    const struct um_run *run;
    uint64_t connection;
};

/* A connection between the same ends in a run that was over before this one began goes on. */
static int
begin_connection(struct um_joined *joined, const struct um_run *run,
                 const struct um_exchange_record *record, uint64_t *out)
{
    char client[UM_ENDPOINT_TEXT_MAX], server[UM_ENDPOINT_TEXT_MAX];
    char text[2 * UM_ENDPOINT_TEXT_MAX + 2];
    size_t pair, known = joined->pairs.count;
    (void)snprintf(text, sizeof text, "%s %s", um_endpoint_text(&record->client, client),
                   um_endpoint_text(&record->server, server));
    struct um_joined_ends *ends =
        um_room_for_one(joined->ends, &joined->end_cap, known, sizeof *ends);
    if (!ends)
        return UM_ERR_NOMEM;
    joined->ends = ends;
    int err = um_symbols_add(&joined->pairs, um_span_text(text), &pair, NULL);
    if (err)
        return err;
    const struct um_run *before = pair < known ? ends[pair].run : NULL;
    bool goes_on = before && before != run &&
                   before->totals.capture.last_time_ns <= run->totals.capture.first_time_ns;
    if (!goes_on)
        ends[pair].connection = ++joined->connections;
    ends[pair].run = run;
    *out = ends[pair].connection;
    return UM_OK;
}

int
um_joined_connection(struct um_joined *joined, const struct um_run *run,
                     struct um_exchange_record *record)
{
    char text[64];
    size_t place, known = joined->known.count;
    (void)snprintf(text, sizeof text, "%zu %" PRIu64, run->place, record->connection);
    uint64_t *numbers =
        um_room_for_one(joined->numbers, &joined->number_cap, known, sizeof *numbers);
    if (!numbers)
        return UM_ERR_NOMEM;
    joined->numbers = numbers;
    int err = um_symbols_add(&joined->known, um_span_text(text), &place, NULL);
    if (err)
        return err;
    err = place == known ? begin_connection(joined, run, record, &numbers[place]) : UM_OK;
    record->connection = err ? 0 : numbers[place];
    return err;
}

void
um_joined_done(struct um_joined *joined)
{
    um_symbols_done(&joined->known);
    um_symbols_done(&joined->pairs);
    free(joined->numbers);
    free(joined->ends);
    *joined = (struct um_joined){0};
}
