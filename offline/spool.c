/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An unlinked temporary file, opened again by way of /dev/fd. */
#include "offline/spool.h"

#include <errno.h>
#include <unistd.h>

int
um_spool_fill(struct um_spool *spool, const volatile sig_atomic_t *stop)
{
    char bytes[16 * 1024];
    spool->file = tmpfile();
    if (!spool->file)
        return UM_ERR_IO;
    (void)snprintf(spool->path, sizeof spool->path, "/dev/fd/%d", fileno(spool->file));
    while (!*stop) {
        ssize_t got = read(STDIN_FILENO, bytes, sizeof bytes);
        if (got == 0)
            break;
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || fwrite(bytes, 1, (size_t)got, spool->file) != (size_t)got)
            return UM_ERR_IO;
    }
    return fflush(spool->file) == 0 ? UM_OK : UM_ERR_IO;
}

void
um_spool_done(struct um_spool *spool)
{
    if (spool->file)
        (void)fclose(spool->file);
    spool->file = NULL;
}
