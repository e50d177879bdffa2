/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A mapping of the file, replaced when the window moves. Of many files that take turns each gets
 * its share; of those that come one after the other, the one that moves gets what the rest, which
 * show only how they begin, leave.
 */
#include "offline/capture/window.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/err.h"

enum {
    LEAST_BYTES = 256 * 1024,
    TOGETHER_BYTES = 5 * 1024 * 1024, /* of all windows, if there are not too many of the least */
};

/* Those that are open, for the signal handler: it is called by an access to what one of them sees,
 * so never while this list changes. */
static struct um_window *windows;

static struct sigaction before; /* what the signal did before the first of them */

static size_t
page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* ---- pages that cannot be had ---- */

/* Puts zeros in the place of a window's pages from the one that failed on. */
static bool
patch(struct um_window *window, uintptr_t failed)
{
    uintptr_t at = failed - (uintptr_t)window->data;
    if (!window->data || at >= window->len)
        return false;
    at -= at % page_bytes();
    void *zeros = mmap(window->data + at, window->len - at, PROT_READ,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (zeros == MAP_FAILED)
        return false;
    window->is_broken = 1;
    return true;
}

/* The access is repeated afterwards; if it was none of ours the signal comes as it did before. */
static void
handle_failed_page(int number, siginfo_t *info, void *context)
{
    (void)context;
    int saved_errno = errno;
    struct um_window *window = windows;
    while (window && !patch(window, (uintptr_t)info->si_addr))
        window = window->next;
    if (!window)
        (void)sigaction(number, &before, NULL);
    errno = saved_errno;
}

static bool
take_signal(void)
{
    struct sigaction action = {.sa_sigaction = handle_failed_page, .sa_flags = SA_SIGINFO};
    (void)sigemptyset(&action.sa_mask);
    return sigaction(SIGBUS, &action, &before) == 0;
}

/* ---- the window ---- */

static void
look_away(struct um_window *window)
{
    if (window->data)
        (void)munmap(window->data, window->len);
    window->data = NULL;
    window->len = 0;
}

/* Shows what lies from `offset` on, `wanted` bytes. As um_window_move. */
static int
look_at(struct um_window *window, uint64_t offset, size_t wanted)
{
    struct stat status;
    look_away(window);
    if (fstat(window->fd, &status) != 0)
        return UM_ERR_IO;
    uint64_t size = status.st_size > 0 ? (uint64_t)status.st_size : 0;
    window->offset = offset;
    if (size <= offset)
        return UM_OK;
    size_t before_it = (size_t)(offset % page_bytes());
    window->offset -= before_it;
    uint64_t left = size - window->offset;
    size_t mapped = left < before_it + wanted ? (size_t)left : before_it + wanted;
    void *data = mmap(NULL, mapped, PROT_READ, MAP_SHARED, window->fd, (off_t)window->offset);
    if (data == MAP_FAILED)
        return UM_ERR_IO;
    /* all pages in one go; where the system cannot, each comes when it is looked at */
    (void)madvise(data, mapped, MADV_POPULATE_READ);
    window->data = data;
    window->len = mapped;
    return UM_OK;
}

static size_t
least_of(size_t a, size_t b)
{
    return a < b ? a : b;
}

bool
um_window_open(struct um_window *window, int fd, size_t most)
{
    *window = (struct um_window){.fd = fd, .most = most, .next = windows};
    if (look_at(window, 0, least_of(most, LEAST_BYTES)) != UM_OK || window->len == 0 ||
        (!windows && !take_signal())) {
        look_away(window);
        return false;
    }
    window->is_open = true;
    windows = window;
    return true;
}

void
um_window_close(struct um_window *window)
{
    if (!window->is_open)
        return;
    struct um_window **place = &windows;
    while (*place != window)
        place = &(*place)->next;
    *place = window->next;
    look_away(window);
    window->is_open = false;
    if (!windows)
        (void)sigaction(SIGBUS, &before, NULL);
}

/* Bytes that a window may see beside the others. */
static size_t
share_of(const struct um_window *window)
{
    size_t others = 0;
    for (const struct um_window *other = windows; other; other = other->next)
        others += other == window ? 0 : other->len;
    size_t left = others < TOGETHER_BYTES ? TOGETHER_BYTES - others : 0;
    return least_of(left > LEAST_BYTES ? left : LEAST_BYTES, window->most);
}

int
um_window_move(struct um_window *window, uint64_t offset, size_t len)
{
    size_t share = share_of(window);
    return look_at(window, offset, len > share ? len : share);
}
