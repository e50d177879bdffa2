/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks again every WAIT_MS: notices of changes do not come from every kind of file system. */
#include "offline/capture/growing.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { WAIT_MS = 20, FRESH_S = 60 };

/* Who opens the file meanwhile has us signalled: with a signal that does nothing. */
static bool
is_written(struct um_growing *growing, int fd, const struct stat *status)
{
    if (growing->is_guessed)
        return true;
    if (fcntl(fd, F_SETSIG, SIGURG) == 0 && fcntl(fd, F_SETLEASE, F_RDLCK) == 0) {
        (void)fcntl(fd, F_SETLEASE, F_UNLCK);
        return false;
    }
    if (errno == EAGAIN)
        return true;
    growing->is_guessed = true;
    return time(NULL) - status->st_mtim.tv_sec < FRESH_S;
}

int
um_growing_wait(struct um_growing *growing, int fd, uint64_t taken, struct um_trouble *trouble)
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        um_trouble_say(trouble, false, "%s", strerror(errno));
        return UM_ERR_IO;
    }
    if ((uint64_t)status.st_size < taken) {
        um_trouble_say(trouble, false, "was written anew while it was read");
        return UM_ERR_IO;
    }
    growing->is_on = is_written(growing, fd, &status);
    if (growing->is_on)
        (void)poll(NULL, 0, WAIT_MS);
    return UM_OK;
}
