/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mirror of report/json_run.c: key by key what is written there. */
#include "offline/line_run.h"

struct reader {
    struct um_line *line;
    struct um_arena *arena;
    int err; /* sticky */
};

/* A copy with a NUL behind it; an absent text is empty. */
static struct um_span
read_text(struct reader *reader, struct um_line_value value, const char *key)
{
    struct um_span copy = um_span_of("", 0);
    struct um_span text = um_line_as_text(reader->line, value, key);
    if (!reader->err)
        reader->err = um_arena_copy(reader->arena, text, &copy);
    return copy;
}

static void *
read_array(struct reader *reader, struct um_line_value array, const char *key, size_t size,
           size_t *count)
{
    *count = um_line_length(reader->line, array, key);
    void *items = um_arena_array(reader->arena, *count, size);
    if (!items) {
        reader->err = UM_ERR_NOMEM;
        *count = 0;
    }
    return items;
}

static void
read_files(struct reader *reader, struct um_line_value root, struct um_totals *totals)
{
    struct um_line_value files = um_line_at(reader->line, root, "files");
    const char **names = read_array(reader, files, "files", sizeof *names, &totals->file_count);
    for (size_t i = 0; i < totals->file_count; i++)
        names[i] = (const char *)read_text(reader, um_line_element(files, i), "files").data;
    totals->files = names;
}

static void
read_counts(struct reader *reader, struct um_line_value root, struct um_totals *totals)
{
    struct um_report_figure figures[UM_TOTALS_FIGURES];
    struct um_line_value counts = um_line_at(reader->line, root, "counts");
    um_totals_figures(totals, figures);
    for (size_t i = 0; i < UM_TOTALS_FIGURES; i++)
        (void)um_totals_set(totals, um_span_text(figures[i].name),
                            um_line_count(reader->line, counts, figures[i].name));
}

static void
read_closed(struct reader *reader, struct um_line_value root, struct um_line_capture *out)
{
    struct um_line *line = reader->line;
    struct um_line_value array = um_line_at(line, root, "encrypted");
    struct um_encrypted_named *list =
        read_array(reader, array, "encrypted", sizeof *list, &out->closed_count);
    struct um_encrypted_server *servers =
        um_arena_array(reader->arena, out->closed_count, sizeof *servers);
    for (size_t i = 0; servers && i < out->closed_count; i++) {
        struct um_line_value closed = um_line_element(array, i);
        servers[i] = (struct um_encrypted_server){
            .connections = um_line_count(line, closed, "connections"),
            .bytes = um_line_count(line, closed, "bytes"),
            .first_frame = um_line_count(line, closed, "first_frame"),
            .version = (uint16_t)um_line_count(line, closed, "version"),
            .suite = (uint16_t)um_line_count(line, closed, "suite"),
            .had_secrets = um_line_flag(line, closed, "had_secrets"),
            .partly_read = um_line_count(line, closed, "partly_read"),
            .without_beginning = um_line_count(line, closed, "without_beginning"),
            .tried_in_part = um_line_count(line, closed, "tried_in_part"),
            .secrets_known = um_line_count(line, closed, "secrets_known")};
        list[i].server = &servers[i];
        list[i].name = read_text(reader, um_line_at(line, closed, "name"), "name");
    }
    if (!servers)
        reader->err = UM_ERR_NOMEM;
    out->closed = list;
}

static void
read_frames(struct reader *reader, struct um_line_value object, const char *key,
            struct um_finding_frames *out)
{
    struct um_line_value array = um_line_at(reader->line, object, key);
    size_t count = um_line_length(reader->line, array, key);
    for (size_t i = 0; i < count; i++)
        um_finding_frames_add(out, um_line_as_count(reader->line, um_line_element(array, i), key));
}

static void
read_alerts(struct reader *reader, struct um_line_value root, struct um_line_capture *out)
{
    struct um_line *line = reader->line;
    struct um_line_value array = um_line_at(line, root, "alerts");
    struct um_report_alert *list =
        read_array(reader, array, "alerts", sizeof *list, &out->alert_count);
    struct um_finding_frames *frames =
        um_arena_array(reader->arena, out->alert_count, sizeof *frames);
    for (size_t i = 0; frames && i < out->alert_count; i++) {
        struct um_line_value alert = um_line_element(array, i);
        list[i].text = read_text(reader, um_line_at(line, alert, "text"), "text");
        list[i].connections = um_line_count(line, alert, "connections");
        list[i].frames = &frames[i];
        read_frames(reader, alert, "frames", &frames[i]);
    }
    if (!frames)
        reader->err = UM_ERR_NOMEM;
    out->alerts = list;
}

static void
read_problems(struct reader *reader, struct um_line_value root, struct um_totals *totals)
{
    struct um_line *line = reader->line;
    struct um_line_value array = um_line_at(line, root, "problems");
    struct um_capture_problem *list =
        read_array(reader, array, "problems", sizeof *list, &totals->problem_count);
    for (size_t i = 0; i < totals->problem_count; i++) {
        struct um_line_value problem = um_line_element(array, i);
        struct um_span path = read_text(reader, um_line_at(line, problem, "path"), "path");
        struct um_span text = read_text(reader, um_line_at(line, problem, "text"), "text");
        list[i] =
            (struct um_capture_problem){.path = (const char *)path.data,
                                        .text = (const char *)text.data,
                                        .truncated = um_line_flag(line, problem, "truncated"),
                                        .last_frame = um_line_count(line, problem, "last_frame")};
    }
    totals->problems = list;
}

int
um_line_capture(struct um_line *line, struct um_arena *arena, struct um_line_capture *out)
{
    struct reader reader = {.line = line, .arena = arena};
    struct um_line_value root = um_line_root(line);
    struct um_totals totals = {.file_count = 0};
    *out = (struct um_line_capture){.exchanges = um_line_count(line, root, "exchanges")};
    totals.capture.packets = um_line_count(line, root, "packets");
    totals.capture.bytes = um_line_count(line, root, "bytes");
    if (totals.capture.packets > 0) {
        totals.capture.first_time_ns = um_line_time(line, root, "first_time");
        totals.capture.last_time_ns = um_line_time(line, root, "last_time");
    }
    read_files(&reader, root, &totals);
    read_counts(&reader, root, &totals);
    read_closed(&reader, root, out);
    read_alerts(&reader, root, out);
    read_frames(&reader, root, "tls_failed_frames", &totals.tls_failed_frames);
    read_problems(&reader, root, &totals);
    out->totals = totals;
    return reader.err;
}

int
um_line_packets(struct um_line *line, struct um_arena *arena, struct um_run_block *out)
{
    struct um_line_value root = um_line_root(line);
    struct um_line_value steps = um_line_at(line, root, "steps");
    struct um_buf bytes = {0};
    size_t count = um_line_length(line, steps, "steps");
    uint64_t unit_ns = um_line_count(line, root, "unit_ns");
    *out = (struct um_run_block){.first_frame = um_line_count(line, root, "first_frame"),
                                 .first_ns = um_line_time(line, root, "first_time"),
                                 .count = count + 1};
    int err = UM_OK;
    for (size_t i = 0; i < count && !err; i++) {
        uint64_t step_ns;
        uint64_t step = um_line_as_count(line, um_line_element(steps, i), "steps");
        if (__builtin_mul_overflow(step, unit_ns, &step_ns) || step_ns > INT64_MAX)
            line->wrong = "steps";
        else
            err = um_runs_step(&bytes, step_ns);
    }
    if (!err)
        err = um_arena_copy(arena, um_buf_span(&bytes), &out->steps);
    um_buf_done(&bytes);
    return err;
}
