/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every packet goes all the way before the next one is read. */
#include "offline/run_state.h"

/* Whoever else wants to know of a packet. */
static int
tell_packet(struct um_run_state *run, const struct um_packet *packet)
{
    int err = UM_OK;
    um_progress_step(&run->progress, run->capture);
    if (um_run_keeps_times(run))
        err = um_packet_times_add(&run->times, packet->mark.time_ns);
    if (!err && run->following.calls)
        err = um_following_time(&run->following, packet->mark.time_ns);
    return err;
}

static int
read_packets(struct um_run_state *run)
{
    const struct um_options *options = run->options;
    const struct um_packet *packet;
    int err = UM_OK, more = 1;
    bool is_told = !options->quiet && !options->follow && !options->interface;
    if (is_told || (options->progress && !options->quiet))
        um_progress_begin(&run->progress, stderr, options->progress);
    bool is_watched = run->progress.out || um_run_keeps_times(run) || run->following.calls;
    while (!err && (more = um_capture_next(run->capture, &packet)) > 0) {
        err = is_watched ? tell_packet(run, packet) : UM_OK;
        if (!err && (!run->filter || um_filter_match(run->filter, packet)))
            err = um_flows_packet(run->flows, packet);
    }
    um_progress_end(&run->progress);
    if (more < 0)
        return more;
    if (!err)
        err = um_flows_end(run->flows);
    if (!err && run->recogniser)
        err = um_recogniser_end(run->recogniser);
    return err;
}

/* As the user named it. */
static const char *
name_of(const struct um_run_state *run, const char *path)
{
    size_t i = 0;
    while (i < run->options->path_count && run->paths[i] != path)
        i++;
    return i < run->options->path_count ? run->options->paths[i] : path;
}

static int
sum_up(struct um_run_state *run)
{
    struct um_connections *connections = &run->connections;
    size_t count = um_capture_problem_count(run->capture);
    struct um_capture_problem *problems = um_arena_array(&run->arena, count, sizeof *problems);
    if (!problems)
        return UM_ERR_NOMEM;
    for (size_t i = 0; i < count; i++) {
        problems[i] = *um_capture_problem(run->capture, i);
        problems[i].path = name_of(run, problems[i].path);
    }
    um_encrypted_settle(&connections->encrypted, run->secrets);
    run->totals = (struct um_totals){.files = run->options->paths,
                                     .file_count = run->options->path_count,
                                     .capture = *um_capture_stats(run->capture),
                                     .flows = *um_flows_stats(run->flows),
                                     .tls_failures = connections->tls_failures,
                                     .tls_failed_frames = connections->tls_failed_frames,
                                     .drops = um_capture_drops(run->capture),
                                     .secrets_dropped = um_secrets_dropped(run->secrets),
                                     .secrets_given = um_secrets_know_any(run->secrets) ? 1 : 0,
                                     .alerts = &connections->alerts,
                                     .refused = connections->refused,
                                     .tunnels = connections->tunnels,
                                     .encrypted = &connections->encrypted,
                                     .problems = problems,
                                     .problem_count = count};
    if (run->recogniser)
        run->totals.recognised = *um_recogniser_stats(run->recogniser);
    return UM_OK;
}

static int
read_messages(struct um_run_state *run)
{
    const struct um_options *options = run->options;
    int err = um_from_messages_read(options->paths, options->path_count,
                                    options->quiet ? NULL : stderr, &run->from);
    if (err)
        return err;
    run->totals = *um_from_messages_totals(run->from);
    return um_from_messages_fill(run->from, run->calls);
}

int
um_run_read(struct um_run_state *run)
{
    if (run->options->from_messages)
        return read_messages(run);
    int err = read_packets(run);
    return err ? err : sum_up(run);
}
