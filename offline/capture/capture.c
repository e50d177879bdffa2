/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One struct input for each path, and the merge: the input whose next packet is the oldest goes
 * first. A file is opened when its turn may come, which for the merge is at the start.
 */
#include "offline/capture/capture.h"

#include <stdlib.h>

#include "offline/capture/pcap.h"
#include "offline/capture/pcapng.h"

enum format { FORMAT_PCAP, FORMAT_PCAPNG };

struct input {
    const char *path;
    struct um_blocks blocks;
    enum format format;
    struct um_pcap pcap;
    struct um_pcapng pcapng;
    struct um_record next; /* with has_next */
    bool is_open, has_next;
    bool has_packets;
    int64_t last_time_ns;
    uint64_t last_frame;
    struct um_trouble trouble;
};

struct um_capture {
    const volatile sig_atomic_t *stop;
    struct input *inputs;
    size_t count;
    struct input *current; /* gave the last packet; its next one has not been read yet */
    struct um_capture_stats stats;
    struct um_capture_problem *problems; /* at most one an input */
    size_t problem_count;
};

/* ---- inputs ---- */

static void
close_input(struct input *input)
{
    if (input->is_open) {
        um_blocks_done(&input->blocks);
        um_pcapng_done(&input->pcapng);
    }
    input->is_open = input->has_next = false;
}

static void
report(struct um_capture *capture, struct input *input)
{
    capture->problems[capture->problem_count++] =
        (struct um_capture_problem){.path = input->path,
                                    .text = input->trouble.text,
                                    .truncated = input->trouble.truncated,
                                    .last_frame = input->last_frame};
}

/* Passes on what a reader gave: 1, 0 or UM_ERR_NOMEM; a file's trouble is kept and ends it. */
static int
settle(struct um_capture *capture, struct input *input, int result)
{
    if (result == 1 || result == UM_ERR_NOMEM)
        return result;
    if (result < 0)
        report(capture, input);
    close_input(input);
    return 0;
}

static int
not_a_capture(struct input *input)
{
    struct um_span head = um_blocks_look(&input->blocks, um_blocks_left(&input->blocks));
    if (head.len == 0)
        return um_trouble_set(&input->trouble, "the file is empty");
    unsigned first[4] = {0};
    for (size_t i = 0; i < 4 && i < head.len; i++)
        first[i] = head.data[i];
    return um_trouble_set(&input->trouble,
                          "not a capture file: it begins with %02x %02x %02x %02x, as neither pcap "
                          "nor pcapng does",
                          first[0], first[1], first[2], first[3]);
}

/* The format is told by the first four bytes. */
static int
begin_format(struct input *input)
{
    int there = um_blocks_need(&input->blocks, 4);
    if (there < 0)
        return there;
    if (there == 0 && input->blocks.err)
        return um_trouble_cut(&input->blocks, &input->trouble);
    struct um_span head = um_blocks_look(&input->blocks, there ? 4 : 0);
    if (um_pcapng_is_magic(head)) {
        input->format = FORMAT_PCAPNG;
        return 1;
    }
    if (!um_pcap_is_magic(head))
        return not_a_capture(input);
    input->format = FORMAT_PCAP;
    return um_pcap_begin(&input->pcap, &input->blocks, &input->trouble);
}

static int
read_next(struct um_capture *capture, struct input *input)
{
    int result =
        input->format == FORMAT_PCAP
            ? um_pcap_next(&input->pcap, &input->blocks, &input->next, &input->trouble)
            : um_pcapng_next(&input->pcapng, &input->blocks, &input->next, &input->trouble);
    input->has_next = result == 1;
    return result == 1 ? 1 : settle(capture, input, result);
}

static int
open_input(struct um_capture *capture, struct input *input)
{
    struct um_source *source;
    const char *why;
    int err = um_source_open(input->path, &capture->stop, &source, &why);
    if (err == UM_ERR_IO) {
        (void)um_trouble_set(&input->trouble, "%s", why);
        report(capture, input);
        return UM_OK;
    }
    if (!err)
        err = um_blocks_init(&input->blocks, source);
    if (err)
        return err;
    input->is_open = true;
    return UM_OK;
}

/* Reads the first packet of an input that was opened. */
static int
begin_input(struct um_capture *capture, struct input *input)
{
    int result = settle(capture, input, begin_format(input));
    if (result == 1)
        result = read_next(capture, input);
    return result < 0 ? result : UM_OK;
}

/* ---- the sequence ---- */

int
um_capture_open(const char *const *paths, size_t count, struct um_capture **out)
{
    struct um_capture *capture = calloc(1, sizeof *capture);
    if (!capture)
        return UM_ERR_NOMEM;
    capture->inputs = calloc(count ? count : 1, sizeof *capture->inputs);
    capture->problems = calloc(count ? count : 1, sizeof *capture->problems);
    int err = capture->inputs && capture->problems ? UM_OK : UM_ERR_NOMEM;
    for (size_t i = 0; i < count && !err; i++) {
        capture->inputs[i].path = paths[i];
        capture->count = i + 1;
        err = open_input(capture, &capture->inputs[i]);
    }
    if (err) {
        um_capture_free(capture);
        return err;
    }
    *out = capture;
    return UM_OK;
}

void
um_capture_stop_on(struct um_capture *capture, const volatile sig_atomic_t *stop)
{
    capture->stop = stop;
}

void
um_capture_free(struct um_capture *capture)
{
    if (!capture)
        return;
    for (size_t i = 0; i < capture->count; i++)
        close_input(&capture->inputs[i]);
    free(capture->inputs);
    free(capture->problems);
    free(capture);
}

/* Reads ahead in the inputs that have no next packet: all of them before the first packet, later
 * the one that gave the last. */
static int
read_ahead(struct um_capture *capture)
{
    if (capture->current) {
        struct input *input = capture->current;
        int result = input->is_open ? read_next(capture, input) : 0;
        return result < 0 ? result : UM_OK;
    }
    int err = UM_OK;
    for (size_t i = 0; i < capture->count && !err; i++) {
        if (capture->inputs[i].is_open)
            err = begin_input(capture, &capture->inputs[i]);
    }
    return err;
}

static struct input *
oldest_input(const struct um_capture *capture)
{
    if (capture->count == 1)
        return capture->inputs[0].has_next ? &capture->inputs[0] : NULL;
    struct input *oldest = NULL;
    for (size_t i = 0; i < capture->count; i++) {
        struct input *input = &capture->inputs[i];
        if (input->has_next && (!oldest || input->next.time_ns < oldest->next.time_ns))
            oldest = input;
    }
    return oldest;
}

static void
count_packet(struct um_capture_stats *stats, struct input *input)
{
    const struct um_record *record = &input->next;
    uint64_t frame = ++stats->packets;
    stats->bytes += record->bytes.len;
    stats->wire_bytes += record->wire_len;
    if (record->bytes.len < record->wire_len && stats->cut_packets++ == 0)
        stats->first_cut_frame = frame;
    if (input->has_packets && record->time_ns < input->last_time_ns && stats->backwards++ == 0)
        stats->first_backwards_frame = frame;
    if (frame == 1 || record->time_ns < stats->first_time_ns)
        stats->first_time_ns = record->time_ns;
    if (frame == 1 || record->time_ns > stats->last_time_ns)
        stats->last_time_ns = record->time_ns;
    input->has_packets = true;
    input->last_time_ns = record->time_ns;
    input->last_frame = frame;
}

int
um_capture_next(struct um_capture *capture, struct um_packet *out)
{
    int err = read_ahead(capture);
    if (err)
        return err;
    struct input *input = oldest_input(capture);
    if (!input)
        return 0;
    count_packet(&capture->stats, input);
    *out = (struct um_packet){
        .bytes = input->next.bytes,
        .wire_len = input->next.wire_len,
        .link_type = input->next.link_type,
        .mark = {.frame = capture->stats.packets, .time_ns = input->next.time_ns}};
    input->has_next = false;
    capture->current = input;
    return 1;
}

const struct um_capture_stats *
um_capture_stats(const struct um_capture *capture)
{
    return &capture->stats;
}

size_t
um_capture_problem_count(const struct um_capture *capture)
{
    return capture->problem_count;
}

const struct um_capture_problem *
um_capture_problem(const struct um_capture *capture, size_t i)
{
    return &capture->problems[i];
}
