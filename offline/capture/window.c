/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A mapping of the file, replaced when the window moves. */
#include "offline/capture/window.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/err.h"

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

bool
um_window_open(struct um_window *window, int fd, size_t usual_len)
{
    *window = (struct um_window){.fd = fd, .usual_len = usual_len, .next = windows};
    if (um_window_move(window, 0, 1) != UM_OK || window->len == 0 || (!windows && !take_signal())) {
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

int
um_window_move(struct um_window *window, uint64_t offset, size_t len)
{
    struct stat status;
    look_away(window);
    if (fstat(window->fd, &status) != 0)
        return UM_ERR_IO;
    uint64_t size = status.st_size > 0 ? (uint64_t)status.st_size : 0;
    window->offset = offset;
    if (size <= offset)
        return UM_OK;
    window->offset -= offset % page_bytes();
    uint64_t left = size - window->offset, wanted = offset - window->offset + len;
    if (wanted < window->usual_len)
        wanted = window->usual_len;
    size_t mapped = (size_t)(left < wanted ? left : wanted);
    void *data = mmap(NULL, mapped, PROT_READ, MAP_SHARED, window->fd, (off_t)window->offset);
    if (data == MAP_FAILED)
        return UM_ERR_IO;
    /* all pages in one go; where the system cannot, each comes when it is looked at */
    (void)madvise(data, mapped, MADV_POPULATE_READ);
    window->data = data;
    window->len = mapped;
    return UM_OK;
}
