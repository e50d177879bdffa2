/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Totals in the report's own terms. */
#include "offline/run_line.h"

#include <stdlib.h>

static int
list_closed(const struct um_totals *totals, struct um_arena *arena, struct um_report_run *out)
{
    struct um_encrypted_named *list;
    size_t count;
    int err = um_encrypted_list(totals->encrypted, &list, &count);
    if (err)
        return err;
    struct um_report_closed *closed = um_arena_array(arena, count, sizeof *closed);
    for (size_t i = 0; i < count && closed; i++)
        closed[i] =
            (struct um_report_closed){.name = list[i].name,
                                      .connections = list[i].server->connections,
                                      .bytes = list[i].server->bytes,
                                      .first_frame = list[i].server->first_frame,
                                      .version = list[i].server->version,
                                      .suite = list[i].server->suite,
                                      .had_secrets = list[i].server->had_secrets,
                                      .partly_read = list[i].server->partly_read,
                                      .without_beginning = list[i].server->without_beginning,
                                      .tried_in_part = list[i].server->tried_in_part,
                                      .secrets_known = list[i].server->secrets_known};
    free(list);
    out->closed = closed;
    out->closed_count = count;
    return closed ? UM_OK : UM_ERR_NOMEM;
}

static int
list_problems(const struct um_totals *totals, struct um_arena *arena, struct um_report_run *out)
{
    size_t count = totals->problem_count;
    struct um_report_problem *list = um_arena_array(arena, count, sizeof *list);
    for (size_t i = 0; i < count && list; i++)
        list[i] = (struct um_report_problem){.path = totals->problems[i].path,
                                             .text = totals->problems[i].text,
                                             .truncated = totals->problems[i].truncated,
                                             .last_frame = totals->problems[i].last_frame};
    out->problems = list;
    out->problem_count = count;
    return list ? UM_OK : UM_ERR_NOMEM;
}

static int
list_alerts(const struct um_totals *totals, struct um_arena *arena, struct um_report_run *out)
{
    const struct um_alerts *alerts = totals->alerts;
    size_t count = alerts->sentences.count;
    struct um_report_alert *list = um_arena_array(arena, count + 1, sizeof *list);
    if (!list)
        return UM_ERR_NOMEM;
    for (size_t i = 0; i < alerts->sentences.count; i++)
        list[i] = (struct um_report_alert){.text = um_symbols_at(&alerts->sentences, i),
                                           .connections = alerts->kinds[i].connections,
                                           .frames = &alerts->kinds[i].frames};
    if (alerts->others.connections > 0)
        list[count++] = (struct um_report_alert){.connections = alerts->others.connections,
                                                 .frames = &alerts->others.frames};
    out->alerts = list;
    out->alert_count = count;
    return UM_OK;
}

int
um_run_line_make(const struct um_totals *totals, struct um_arena *arena, struct um_run_line *out)
{
    um_totals_figures(totals, out->figures);
    out->run = (struct um_report_run){.id = um_totals_id(totals, out->id),
                                      .figures = out->figures,
                                      .figure_count = UM_TOTALS_FIGURES,
                                      .tls_failed_frames = &totals->tls_failed_frames};
    int err = list_closed(totals, arena, &out->run);
    if (!err)
        err = list_alerts(totals, arena, &out->run);
    return err ? err : list_problems(totals, arena, &out->run);
}
