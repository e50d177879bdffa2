/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rate is that of all the time so far: it does not jump, and the time left with it. */
#include "offline/progress.h"

#include <inttypes.h>
#include <time.h>
#include <unistd.h>

enum { STEPS_A_LOOK = 256 };

static const int64_t SECOND_NS = 1000000000;

static int64_t
now_ns(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

void
um_progress_begin(struct um_progress *progress, FILE *out, bool forced)
{
    bool is_terminal = isatty(fileno(out)) == 1;
    *progress =
        (struct um_progress){.out = is_terminal || forced ? out : NULL, .is_terminal = is_terminal};
    progress->began_ns = now_ns();
    progress->due_ns = progress->began_ns + SECOND_NS / 2;
}

/* "1.2 GB": two figures at least, in steps of a thousand as disks are sold. */
static void
put_bytes(double bytes, char *out, size_t size)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB"};
    size_t unit = 0;
    while (bytes >= 1000 && unit + 1 < sizeof units / sizeof *units) {
        bytes /= 1000;
        unit++;
    }
    (void)snprintf(out, size, "%.*f %s", unit > 0 && bytes < 10 ? 1 : 0, bytes, units[unit]);
}

static void
put_time(double seconds, char *out, size_t size)
{
    uint64_t whole = seconds < 1e9 ? (uint64_t)(seconds + 0.5) : 1000000000;
    if (whole < 100)
        (void)snprintf(out, size, "%" PRIu64 " s", whole);
    else if (whole < 100 * 60)
        (void)snprintf(out, size, "%" PRIu64 " min", (whole + 30) / 60);
    else
        (void)snprintf(out, size, "%" PRIu64 " h", (whole + 1800) / 3600);
}

const char *
um_progress_text(const struct um_capture_progress *progress, int64_t elapsed_ns,
                 char out[UM_PROGRESS_TEXT_MAX])
{
    char done[24], total[24], rate[24], left[24];
    double seconds = (double)(elapsed_ns > 0 ? elapsed_ns : 1) / (double)SECOND_NS;
    double a_second = (double)progress->done / seconds;
    put_bytes((double)progress->done, done, sizeof done);
    put_bytes(a_second, rate, sizeof rate);
    if (progress->total == 0 || progress->done == 0) {
        (void)snprintf(out, UM_PROGRESS_TEXT_MAX, "%s, %s/s", done, rate);
        return out;
    }
    uint64_t at_most = progress->done < progress->total ? progress->done : progress->total;
    put_bytes((double)progress->total, total, sizeof total);
    put_time((double)(progress->total - at_most) / a_second, left, sizeof left);
    (void)snprintf(out, UM_PROGRESS_TEXT_MAX, "%u %%: %.15s of %.15s, %.15s/s, %.15s left",
                   (unsigned)(100.0 * (double)at_most / (double)progress->total), done, total, rate,
                   left);
    return out;
}

void
um_progress_step(struct um_progress *progress, const struct um_capture *capture)
{
    if (!progress->out || progress->asked++ % STEPS_A_LOOK != 0)
        return;
    int64_t now = now_ns();
    if (now < progress->due_ns)
        return;
    char text[UM_PROGRESS_TEXT_MAX];
    struct um_capture_progress made = um_capture_progress(capture);
    (void)fprintf(progress->out, progress->is_terminal ? "\r%s\x1b[K" : "umtrace: %s\n",
                  um_progress_text(&made, now - progress->began_ns, text));
    (void)fflush(progress->out);
    progress->has_told = true;
    progress->due_ns = now + SECOND_NS / 2;
}

void
um_progress_end(struct um_progress *progress)
{
    if (progress->out && progress->has_told && progress->is_terminal)
        (void)fputs("\r\x1b[K", progress->out);
    progress->out = NULL;
}
