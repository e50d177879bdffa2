/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A regular file seen through a window that moves along it: its pages are looked at where the
 * system keeps them, so that nothing is copied. A page that cannot be had any more, because the
 * file became shorter or its disk failed meanwhile, becomes zeros, and the window says so.
 *
 * For that it takes the signal SIGBUS as long as a window is open. One thread only.
 */
#ifndef UM_CAPTURE_WINDOW_H
#define UM_CAPTURE_WINDOW_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    UM_WINDOW_BYTES = 1024 * 1024,
    UM_WINDOW_WIDE_BYTES = 4 * 1024 * 1024,
};

/* A zeroed struct is a closed window. It must not move in memory while it is open. */
struct um_window {
    bool is_open;
    int fd;
    size_t most;   /* bytes that it sees at once, where the others leave room for them */
    uint8_t *data; /* what is seen, read only; NULL: nothing */
    size_t len;
    uint64_t offset;                 /* of data[0] in the file */
    volatile sig_atomic_t is_broken; /* some of what is or was seen are zeros for want of better */
    struct um_window *next;          /* of those that are open */
};

/*
 * Opens a closed window on a file, which must stay open as long. It begins small and sees `most`
 * bytes (at least 1) at once when it has moved. False when the file has no size, or cannot be
 * looked at in this way: then it must be read.
 */
bool um_window_open(struct um_window *window, int fd, size_t most);
void um_window_close(struct um_window *window);

/*
 * Moves to where the bytes from `offset` on are seen, at least `len` of them unless the file ends
 * before: `data`, `len` and `offset` are set anew. 0, or UM_ERR_IO with errno set. To move costs
 * what the processor knows of the process's pages, the more the more of them are in use.
 */
int um_window_move(struct um_window *window, uint64_t offset, size_t len);

#endif
