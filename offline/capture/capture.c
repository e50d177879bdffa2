/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Merges the inputs by the time of the packet each has at its head: a heap, whose root is the input
 * that gave the packet the caller has in hand, so that it is moved on by the next call only.
 *
 * Of many files (a rotated set) those whose time has not come are closed again once the time of
 * their first packet is known, so that neither memory nor open files grow with their number.
 */
#include "offline/capture/capture.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "offline/capture/input.h"

static const int64_t LIVE_SLACK_NS = 1000000;

/* Once a file, not once a packet: kept out of the way of those that are. */
#define COLD __attribute__((cold, noinline))

enum { AWAKE_MAX = 16 }; /* inputs that stay open before their time has come */

struct feed {
    struct um_input input;
    const char *path;
    struct um_packet head; /* the packet it gives next */
    uint64_t last_frame;   /* the last one it gave; 0: none */
    int64_t last_time_ns;  /* when last_frame is not 0 */
    struct um_capture_stats stats;
    uint64_t taken; /* bytes of the file, once it is closed for good */
    bool is_asleep; /* closed; of head only the time is valid */
};

struct um_capture {
    struct feed *feeds;
    size_t feed_count;
    struct feed **heap; /* earliest head first */
    size_t heap_len;
    struct feed *leader; /* the root, awake; NULL: it has to be looked for */
    struct feed *second; /* NULL: there is none; else it leads when the leader's head comes later */
    bool is_started;
    bool is_live;         /* its feed is an interface, which is open, or could not be opened */
    uint64_t total_bytes; /* of the files; 0: unknown */
    struct um_input_options options;
    struct um_capture_problem *problems; /* room for one a feed */
    size_t problem_count;
    struct um_capture_stats stats; /* of several feeds; one has all in its own */
    struct um_live_drops drops;    /* of an interface that was closed */
};

/* ---- the heap ---- */

/* Of equal times the path that was named first goes first. */
static bool
is_before(const struct feed *a, const struct feed *b)
{
    int64_t a_ns = a->head.mark.time_ns, b_ns = b->head.mark.time_ns;
    return a_ns < b_ns || (a_ns == b_ns && a < b);
}

static void
sift_up(struct feed **heap, size_t at)
{
    struct feed *feed = heap[at];
    for (; at > 0 && is_before(feed, heap[(at - 1) / 2]); at = (at - 1) / 2)
        heap[at] = heap[(at - 1) / 2];
    heap[at] = feed;
}

static void
sift_root_down(struct feed **heap, size_t len)
{
    struct feed *feed = heap[0];
    size_t at = 0;
    for (size_t child = 1; child < len; child = 2 * at + 1) {
        if (child + 1 < len && is_before(heap[child + 1], heap[child]))
            child++;
        if (!is_before(heap[child], feed))
            break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = feed;
}

static void
drop_root(struct um_capture *capture)
{
    capture->heap[0] = capture->heap[--capture->heap_len];
    if (capture->heap_len > 0)
        sift_root_down(capture->heap, capture->heap_len);
}

/* ---- feeds ---- */

static bool
is_stopped(const struct um_capture *capture)
{
    return capture->options.stop && *capture->options.stop;
}

/* An input that ended because we were told to stop has no problem. */
static COLD void
close_feed(struct um_capture *capture, struct feed *feed)
{
    const struct um_trouble *trouble = &feed->input.trouble;
    if (trouble->text[0] && !is_stopped(capture))
        capture->problems[capture->problem_count++] =
            (struct um_capture_problem){.path = feed->path,
                                        .text = trouble->text,
                                        .truncated = trouble->is_truncated,
                                        .last_frame = feed->last_frame};
    if (feed->input.live)
        capture->drops = um_live_drops(feed->input.live);
    feed->taken = um_input_taken(&feed->input);
    um_input_close(&feed->input);
}

/* Opens a feed and reads its first packet: 1; 0 when there is none and it was closed; negative. */
static int
open_feed(struct um_capture *capture, struct feed *feed)
{
    struct um_input_options options = capture->options;
    options.follows &= feed == &capture->feeds[capture->feed_count - 1];
    int got = capture->is_live ? feed->input.live != NULL
                               : um_input_open(&feed->input, feed->path, &options);
    feed->input.stop = capture->options.stop;
    if (got > 0)
        got = um_input_next(&feed->input, &feed->head);
    if (got == 0)
        close_feed(capture, feed);
    return got;
}

static void
put_to_sleep(struct feed *feed)
{
    um_input_close(&feed->input);
    feed->is_asleep = true;
}

/* Standard input cannot be read twice. */
static bool
is_stdin_again(const struct um_capture *capture, const struct feed *feed)
{
    if (capture->is_live || strcmp(feed->path, "-") != 0)
        return false;
    for (const struct feed *other = capture->feeds; other < feed; other++) {
        if (strcmp(other->path, "-") == 0)
            return true;
    }
    return false;
}

static int
start_feed(struct um_capture *capture, struct feed *feed)
{
    if (is_stdin_again(capture, feed)) {
        um_trouble_say(&feed->input.trouble, false, "is named twice");
        close_feed(capture, feed);
        return UM_OK;
    }
    int got = open_feed(capture, feed);
    if (got <= 0)
        return got;
    if (capture->heap_len >= AWAKE_MAX && um_source_is_regular(feed->input.source))
        put_to_sleep(feed);
    capture->heap[capture->heap_len] = feed;
    sift_up(capture->heap, capture->heap_len++);
    return UM_OK;
}

/* All bytes of the files; 0 when one of them has no size. */
static uint64_t
sum_sizes(const struct um_capture *capture)
{
    uint64_t total = 0;
    for (size_t i = 0; i < capture->feed_count; i++) {
        struct stat status;
        if (stat(capture->feeds[i].path, &status) != 0 || !S_ISREG(status.st_mode))
            return 0;
        total += (uint64_t)status.st_size;
    }
    return total;
}

static COLD int
start(struct um_capture *capture)
{
    capture->is_started = true;
    capture->total_bytes = capture->is_live ? 0 : sum_sizes(capture);
    for (size_t i = 0; i < capture->feed_count && !is_stopped(capture); i++) {
        int err = start_feed(capture, &capture->feeds[i]);
        if (err)
            return err;
    }
    return UM_OK;
}

/* Reads on where the packet came from that the caller has done with. */
static int
move_on(struct um_capture *capture)
{
    struct feed *feed = capture->heap[0];
    int got = um_input_next(&feed->input, &feed->head);
    if (got < 0)
        return got;
    if (got > 0) {
        sift_root_down(capture->heap, capture->heap_len);
    } else {
        close_feed(capture, feed);
        drop_root(capture);
    }
    return UM_OK;
}

/* Opens the root again if it is asleep; one that has changed meanwhile may sink, or be gone. */
static COLD int
wake_root(struct um_capture *capture)
{
    while (capture->heap_len > 0 && capture->heap[0]->is_asleep && !is_stopped(capture)) {
        struct feed *feed = capture->heap[0];
        feed->is_asleep = false;
        int got = open_feed(capture, feed);
        if (got < 0)
            return got;
        if (got > 0)
            sift_root_down(capture->heap, capture->heap_len);
        else
            drop_root(capture);
    }
    return UM_OK;
}

/* Processors that take packets from one interface stamp them each for itself, and may hand them
 * over the other way round: no clock was set. */
static int64_t
slack_ns(const struct feed *feed)
{
    return feed->input.live ? LIVE_SLACK_NS : 0;
}

/* The same figures are kept of the whole and of each file. */
static inline void
count_in(struct um_capture_stats *stats, const struct feed *feed)
{
    const struct um_packet *packet = &feed->head;
    int64_t time_ns = packet->mark.time_ns;
    if (stats->packets++ == 0)
        stats->first_time_ns = stats->last_time_ns = time_ns;
    stats->bytes += packet->bytes.len;
    stats->wire_bytes += packet->wire_len;
    if (packet->bytes.len < packet->wire_len && stats->cut_packets++ == 0)
        stats->first_cut_frame = packet->mark.frame;
    if (time_ns >= stats->last_time_ns) {
        stats->last_time_ns = time_ns;
        return;
    }
    if (time_ns < stats->first_time_ns)
        stats->first_time_ns = time_ns;
    if (feed->last_frame > 0 && time_ns < feed->last_time_ns - slack_ns(feed) &&
        stats->backwards++ == 0)
        stats->first_backwards_frame = packet->mark.frame;
}

/* The packet at the head is the next one: it gets its number. */
static void
count(struct um_capture *capture, struct feed *feed)
{
    feed->head.mark.frame = um_capture_stats(capture)->packets + 1;
    count_in(&feed->stats, feed);
    if (capture->feed_count > 1)
        count_in(&capture->stats, feed);
    feed->last_frame = feed->head.mark.frame;
    feed->last_time_ns = feed->head.mark.time_ns;
}

/* ---- the door ---- */

int
um_capture_open(const char *const *paths, size_t count, struct um_capture **out)
{
    struct um_capture *capture = calloc(1, sizeof *capture);
    if (!capture)
        return UM_ERR_NOMEM;
    size_t room = count > 0 ? count : 1;
    capture->feeds = calloc(room, sizeof *capture->feeds);
    capture->heap = calloc(room, sizeof(struct feed *));
    capture->problems = calloc(room, sizeof *capture->problems);
    if (!capture->feeds || !capture->heap || !capture->problems) {
        um_capture_free(capture);
        return UM_ERR_NOMEM;
    }
    for (size_t i = 0; i < count; i++)
        capture->feeds[i] = (struct feed){.path = paths[i], .head = {.file = i}};
    capture->feed_count = count;
    capture->options.sizes =
        (struct um_reader_sizes){.block = UM_READER_BLOCK, .window = UM_WINDOW_BYTES};
    *out = capture;
    return UM_OK;
}

void
um_capture_free(struct um_capture *capture)
{
    if (!capture)
        return;
    for (size_t i = 0; i < capture->feed_count; i++)
        um_input_close(&capture->feeds[i].input);
    free(capture->feeds);
    free(capture->heap);
    free(capture->problems);
    free(capture);
}

int
um_capture_open_live(const char *const *interface, const char *filter, struct um_capture **out)
{
    struct um_capture *capture;
    int err = um_capture_open(interface, 1, &capture);
    if (err)
        return err;
    capture->is_live = true;
    err = um_input_open_live(&capture->feeds[0].input, *interface, filter);
    if (err < 0)
        um_capture_free(capture);
    else
        *out = capture;
    return err < 0 ? err : UM_OK;
}

bool
um_capture_is_open(const struct um_capture *capture)
{
    return capture->feed_count > 0 && capture->feeds[0].input.live;
}

struct um_live_drops
um_capture_drops(const struct um_capture *capture)
{
    const struct um_live *live = capture->feed_count > 0 ? capture->feeds[0].input.live : NULL;
    return live ? um_live_drops(live) : capture->drops;
}

struct um_capture_progress
um_capture_progress(const struct um_capture *capture)
{
    struct um_capture_progress progress = {.total = capture->total_bytes};
    for (size_t i = 0; i < capture->feed_count; i++) {
        const struct feed *feed = &capture->feeds[i];
        bool is_open = feed->input.source && !feed->is_asleep;
        progress.done += is_open ? um_input_taken(&feed->input) : feed->taken;
    }
    return progress;
}

void
um_capture_stop_on(struct um_capture *capture, const volatile sig_atomic_t *stop)
{
    capture->options.stop = stop;
}

void
um_capture_follow(struct um_capture *capture)
{
    capture->options.follows = true;
}

void
um_capture_secrets_to(struct um_capture *capture, um_capture_secrets_fn secrets, void *ctx)
{
    capture->options.secrets = secrets;
    capture->options.secrets_ctx = ctx;
}

void
um_capture_widen(struct um_capture *capture)
{
    capture->options.sizes.window = UM_WINDOW_WIDE_BYTES;
    for (size_t i = 0; i < capture->feed_count; i++)
        capture->feeds[i].input.reader.window.most = UM_WINDOW_WIDE_BYTES;
}

/* The root leads, once it is awake: 1, else as um_capture_next. */
static int
choose_leader(struct um_capture *capture)
{
    struct feed *const *heap = capture->heap;
    capture->leader = capture->second = NULL;
    int err = capture->heap_len > 0 && heap[0]->is_asleep ? wake_root(capture) : UM_OK;
    if (err || capture->heap_len == 0 || is_stopped(capture))
        return err;
    capture->leader = heap[0];
    if (capture->heap_len > 1)
        capture->second = heap[1];
    if (capture->heap_len > 2 && is_before(heap[2], heap[1]))
        capture->second = heap[2];
    return 1;
}

/* The same when it is not the leader's next packet that is there to be had in short. */
static int
find_leader(struct um_capture *capture)
{
    int err = UM_OK;
    if (!capture->is_started)
        err = start(capture);
    else if (capture->heap_len > 0)
        err = move_on(capture);
    return err ? err : choose_leader(capture);
}

/* The leader's head was read, and another one's comes before it. */
static int
change_leader(struct um_capture *capture)
{
    sift_root_down(capture->heap, capture->heap_len);
    return choose_leader(capture);
}

/* In short for nearly all packets: those that are there, of the file that the last one was of. */
int
um_capture_next(struct um_capture *capture, const struct um_packet **out)
{
    struct feed *feed = capture->leader;
    int got = 1;
    if (!feed || is_stopped(capture) || !um_input_take(&feed->input, &feed->head))
        got = find_leader(capture);
    else if (capture->second && is_before(capture->second, feed))
        got = change_leader(capture);
    if (got <= 0)
        return got;
    count(capture, capture->leader);
    *out = &capture->leader->head;
    return 1;
}

const struct um_capture_stats *
um_capture_stats(const struct um_capture *capture)
{
    return capture->feed_count == 1 ? &capture->feeds[0].stats : &capture->stats;
}

const struct um_capture_stats *
um_capture_file_stats(const struct um_capture *capture, size_t index)
{
    assert(index < capture->feed_count);
    return &capture->feeds[index].stats;
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
