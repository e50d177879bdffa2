/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Run by run, in their order; frames are those of one run over all. */
#include "offline/joined_totals.h"

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
add_closed(struct um_joined_totals *joined, struct mapper *mapper)
{
    int err = UM_OK;
    for (size_t i = 0; i < mapper->run->closed_count && !err; i++) {
        struct um_encrypted_server server = *mapper->run->closed[i].server;
        server.first_frame = map_frame(mapper, server.first_frame);
        err = um_encrypted_add_server(&joined->encrypted, mapper->run->closed[i].name, &server);
    }
    return err;
}

static int
add_alerts(struct um_joined_totals *joined, struct mapper *mapper)
{
    int err = UM_OK;
    for (size_t i = 0; i < mapper->run->alert_count && !err; i++) {
        const struct um_report_alert *alert = &mapper->run->alerts[i];
        struct um_alerts_kind kind = {.connections = alert->connections};
        for (size_t k = 0; k < alert->frames->count; k++)
            um_finding_frames_add(&kind.frames, map_frame(mapper, alert->frames->at[k]));
        err = um_alerts_add_kind(&joined->alerts, alert->text, &kind);
    }
    return err;
}

/* Files and problems of all runs, one after the other. */
static int
join_lists(struct um_joined_totals *joined)
{
    size_t files = 0, problems = 0;
    for (size_t i = 0; i < joined->runs->count; i++) {
        files += joined->runs->items[i]->totals.file_count;
        problems += joined->runs->items[i]->totals.problem_count;
    }
    const char **names = um_arena_array(&joined->arena, files, sizeof *names);
    struct um_capture_problem *list = um_arena_array(&joined->arena, problems, sizeof *list);
    if (!names || !list)
        return UM_ERR_NOMEM;
    joined->totals.files = names;
    joined->totals.problems = list;
    for (size_t i = 0; i < joined->runs->count; i++) {
        const struct um_run *run = joined->runs->items[i];
        struct mapper mapper = {.runs = joined->runs, .run = run};
        for (size_t k = 0; k < run->totals.file_count; k++)
            names[joined->totals.file_count++] = run->totals.files[k];
        for (size_t k = 0; k < run->totals.problem_count; k++) {
            struct um_capture_problem problem = run->totals.problems[k];
            problem.last_frame = map_frame(&mapper, problem.last_frame);
            list[joined->totals.problem_count++] = problem;
        }
    }
    return UM_OK;
}

int
um_joined_totals_make(struct um_joined_totals *joined)
{
    int err = join_lists(joined);
    for (size_t i = 0; i < joined->runs->count && !err; i++) {
        const struct um_run *run = joined->runs->items[i];
        struct mapper mapper = {.runs = joined->runs, .run = run};
        struct um_totals totals = run->totals;
        um_totals_map_frames(&totals, map_frame, &mapper);
        um_totals_add(&joined->totals, &totals);
        err = add_closed(joined, &mapper);
        if (!err)
            err = add_alerts(joined, &mapper);
    }
    joined->totals.encrypted = &joined->encrypted;
    joined->totals.alerts = &joined->alerts;
    return err;
}

void
um_joined_totals_done(struct um_joined_totals *joined)
{
    um_encrypted_done(&joined->encrypted);
    um_alerts_done(&joined->alerts);
    um_arena_done(&joined->arena);
}
