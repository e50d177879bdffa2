/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An unlinked temporary file, opened again by way of /dev/fd. */
#include "offline/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
is_stdin(const char *path)
{
    return strcmp(path, "-") == 0;
}

bool
um_spool_is_needed(const char *path)
{
    struct stat status;
    return is_stdin(path) ||
           (stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode));
}

/* A fifo makes us wait for its writer. */
static int
open_pipe(const char *path, const volatile sig_atomic_t *stop)
{
    int fd;
    do {
        fd = open(path, O_RDONLY | O_CLOEXEC);
    } while (fd < 0 && errno == EINTR && !*stop);
    return fd;
}

static int
copy(int fd, FILE *file, const volatile sig_atomic_t *stop)
{
    char bytes[16 * 1024];
    while (!*stop) {
        ssize_t got = read(fd, bytes, sizeof bytes);
        if (got == 0)
            break;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || fwrite(bytes, 1, (size_t)got, file) != (size_t)got)
            return UM_ERR_IO;
    }
    return fflush(file) == 0 ? UM_OK : UM_ERR_IO;
}

int
um_spool_fill(struct um_spool *spool, const char *path, const volatile sig_atomic_t *stop)
{
    spool->file = tmpfile();
    if (!spool->file)
        return UM_ERR_IO;
    (void)snprintf(spool->path, sizeof spool->path, "/dev/fd/%d", fileno(spool->file));
    int fd = is_stdin(path) ? STDIN_FILENO : open_pipe(path, stop);
    int err = fd < 0 ? UM_ERR_IO : copy(fd, spool->file, stop);
    int reason = errno;
    if (fd > STDIN_FILENO)
        (void)close(fd);
    errno = reason;
    return err;
}

void
um_spool_done(struct um_spool *spool)
{
    if (spool->file)
        (void)fclose(spool->file);
    spool->file = NULL;
}
