/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet's place among the packets of another run is found by bisection over that run's blocks;
 * runs that were over before it, or began after it, are counted as a whole.
 */
#include "offline/runs.h"

#include <stdlib.h>

#include "core/base/room.h"

struct um_run *
um_runs_find(struct um_runs *runs, struct um_span id)
{
    for (size_t i = runs->count; i-- > 0;) {
        if (um_span_equal(runs->items[i]->id, id))
            return runs->items[i];
    }
    struct um_run **items = um_room_for_one(runs->items, &runs->cap, runs->count, sizeof *items);
    if (!items)
        return NULL;
    runs->items = items;
    struct um_run *run = calloc(1, sizeof *run);
    if (run) {
        run->id = id;
        runs->items[runs->count++] = run;
    }
    return run;
}

int
um_runs_step(struct um_buf *steps, uint64_t step_ns)
{
    uint8_t bytes[10];
    size_t len = 0;
    do {
        bytes[len++] = (uint8_t)((step_ns & 0x7F) | (step_ns > 0x7F ? 0x80 : 0));
        step_ns >>= 7;
    } while (step_ns > 0);
    return um_buf_append(steps, um_span_of(bytes, len));
}

/* Takes the next number off the front; 0 at the end. */
static uint64_t
take_step(struct um_span *steps)
{
    uint64_t step = 0;
    unsigned shift = 0;
    while (steps->len > 0 && shift < 64) {
        uint8_t byte = steps->data[0];
        *steps = um_span_from(*steps, 1);
        step |= (uint64_t)(byte & 0x7F) << shift;
        shift += 7;
        if (!(byte & 0x80))
            break;
    }
    return step;
}

/* Lines can say anything: what does not fit wraps. */
static int64_t
later(int64_t time_ns, uint64_t step_ns)
{
    return (int64_t)((uint64_t)time_ns + step_ns);
}

int
um_runs_add_block(struct um_run *run, const struct um_run_block *block)
{
    struct um_run_block *blocks =
        um_room_for_one(run->blocks, &run->block_cap, run->block_count, sizeof *blocks);
    if (!blocks)
        return UM_ERR_NOMEM;
    run->blocks = blocks;
    blocks[run->block_count++] = *block;
    return UM_OK;
}

/* ---- order ---- */

static int
by_frame(const void *left, const void *right)
{
    const struct um_run_block *a = left, *b = right;
    return (a->first_frame > b->first_frame) - (a->first_frame < b->first_frame);
}

/* Sorts the blocks, leaves out those told twice, and looks whether they hold every packet. */
static void
order_blocks(struct um_run *run)
{
    size_t kept = 0;
    uint64_t next = 1;
    if (run->block_count > 1)
        qsort(run->blocks, run->block_count, sizeof *run->blocks, by_frame);
    for (size_t i = 0; i < run->block_count; i++) {
        const struct um_run_block *block = &run->blocks[i];
        if (block->first_frame != next)
            continue;
        next += block->count;
        run->blocks[kept++] = *block;
    }
    run->block_count = kept;
    run->is_timed = next - 1 == run->totals.capture.packets;
}

static struct um_span
first_file(const struct um_run *run)
{
    return um_span_text(run->totals.file_count > 0 ? run->totals.files[0] : "");
}

static int
compare_texts(struct um_span a, struct um_span b)
{
    size_t least = a.len < b.len ? a.len : b.len;
    int order = least > 0 ? memcmp(a.data, b.data, least) : 0;
    return order ? order : (a.len > b.len) - (a.len < b.len);
}

static int
by_first_packet(const void *left, const void *right)
{
    const struct um_run *a = *(struct um_run *const *)left, *b = *(struct um_run *const *)right;
    int64_t a_ns = a->totals.capture.first_time_ns, b_ns = b->totals.capture.first_time_ns;
    int order = (a_ns > b_ns) - (a_ns < b_ns);
    if (order == 0)
        order = compare_texts(first_file(a), first_file(b));
    return order ? order : compare_texts(a->id, b->id);
}

void
um_runs_order(struct um_runs *runs)
{
    uint64_t frames = 0;
    int64_t latest_ns = INT64_MIN;
    if (runs->count > 1)
        qsort(runs->items, runs->count, sizeof(struct um_run *), by_first_packet);
    for (size_t i = 0; i < runs->count; i++) {
        struct um_run *run = runs->items[i];
        const struct um_capture_stats *capture = &run->totals.capture;
        order_blocks(run);
        if (capture->packets > 0 && capture->last_time_ns > latest_ns)
            latest_ns = capture->last_time_ns;
        run->place = i;
        run->frames_before = frames;
        run->latest_ns = latest_ns;
        frames += capture->packets;
    }
}

/* ---- frames ---- */

/* Of `run` the packets whose place is before `key_ns`, or at it when `inclusive`. */
static uint64_t
count_in_blocks(const struct um_run *run, int64_t key_ns, bool inclusive)
{
    size_t low = 0, high = run->block_count; /* blocks before `low` begin before the key */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int64_t first_ns = run->blocks[middle].first_ns;
        if (first_ns < key_ns || (inclusive && first_ns == key_ns))
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return 0;
    const struct um_run_block *block = &run->blocks[low - 1];
    struct um_span steps = block->steps;
    int64_t time_ns = block->first_ns;
    uint64_t count = 1;
    while (count < block->count) {
        time_ns = later(time_ns, take_step(&steps));
        if (time_ns > key_ns || (!inclusive && time_ns == key_ns))
            break;
        count++;
    }
    return block->first_frame - 1 + count;
}

/* Packets as if they were spread evenly: for runs whose lines `packets` are missing. */
static uint64_t
estimate(const struct um_capture_stats *capture, int64_t key_ns)
{
    if (capture->packets == 0 || key_ns <= capture->first_time_ns)
        return 0;
    if (key_ns > capture->last_time_ns)
        return capture->packets;
    double part = (double)um_mark_elapsed_ns(capture->first_time_ns, key_ns) /
                  (double)um_mark_elapsed_ns(capture->first_time_ns, capture->last_time_ns);
    return (uint64_t)(part * (double)capture->packets);
}

static uint64_t
count_before(const struct um_run *run, int64_t key_ns, bool inclusive)
{
    return run->is_timed ? count_in_blocks(run, key_ns, inclusive)
                         : estimate(&run->totals.capture, key_ns);
}

/* The greatest time of the run's packets up to `frame`. */
static int64_t
key_of(const struct um_run *run, uint64_t frame, int64_t time_ns)
{
    size_t low = 0, high = run->block_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (run->blocks[middle].first_frame <= frame)
            low = middle + 1;
        else
            high = middle;
    }
    if (!run->is_timed || low == 0)
        return time_ns;
    const struct um_run_block *block = &run->blocks[low - 1];
    struct um_span steps = block->steps;
    int64_t key_ns = block->first_ns;
    for (uint64_t i = block->first_frame; i < frame; i++)
        key_ns = later(key_ns, take_step(&steps));
    return key_ns;
}

/* The first run that was not over before the key. */
static size_t
first_at(const struct um_runs *runs, int64_t key_ns)
{
    size_t low = 0, high = runs->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (runs->items[middle]->latest_ns < key_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint64_t
um_runs_frame(const struct um_runs *runs, const struct um_run *run, uint64_t frame, int64_t time_ns)
{
    if (frame == 0)
        return 0;
    int64_t key_ns = key_of(run, frame, time_ns);
    size_t i = first_at(runs, key_ns);
    if (i > run->place)
        i = run->place;
    uint64_t before = runs->items[i]->frames_before;
    for (; i < runs->count && runs->items[i]->totals.capture.first_time_ns <= key_ns; i++) {
        if (i != run->place)
            before += count_before(runs->items[i], key_ns, i < run->place);
    }
    return before + frame;
}

/* ---- times ---- */

static bool
begin_block(struct um_run_times *at)
{
    if (!at->run->is_timed || at->block == at->run->block_count)
        return false;
    const struct um_run_block *block = &at->run->blocks[at->block++];
    at->steps = block->steps;
    at->left = block->count - 1;
    at->time_ns = block->first_ns;
    return true;
}

bool
um_run_times_begin(const struct um_run *run, struct um_run_times *out)
{
    *out = (struct um_run_times){.run = run};
    return begin_block(out);
}

bool
um_run_times_next(struct um_run_times *at)
{
    if (at->left == 0)
        return begin_block(at);
    at->left--;
    at->time_ns = later(at->time_ns, take_step(&at->steps));
    return true;
}

void
um_runs_done(struct um_runs *runs)
{
    for (size_t i = 0; i < runs->count; i++) {
        free(runs->items[i]->blocks);
        free(runs->items[i]);
    }
    free(runs->items);
    *runs = (struct um_runs){0};
}
