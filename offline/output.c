/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening, finishing and giving up the output; every failure leaves errno for the message. */
#include "offline/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/err.h"

static int
open_in_place(struct um_output *output)
{
    output->stream = fopen(output->path, "w");
    return output->stream ? UM_OK : UM_ERR_IO;
}

/* The temporary file gets the mode a new file would have, or that of the file it replaces. */
static mode_t
wanted_mode(const struct stat *existing)
{
    if (existing)
        return existing->st_mode & 07777;
    mode_t mask = umask(0);
    (void)umask(mask);
    return 0666 & ~mask;
}

static int
open_temporary(struct um_output *output, mode_t mode)
{
    static const char suffix[] = ".XXXXXX";
    size_t len = strlen(output->path);
    output->temporary = malloc(len + sizeof suffix);
    if (!output->temporary)
        return UM_ERR_NOMEM;
    memcpy(output->temporary, output->path, len);
    memcpy(output->temporary + len, suffix, sizeof suffix);

    int fd = mkstemp(output->temporary);
    if (fd >= 0 && fchmod(fd, mode) == 0 && (output->stream = fdopen(fd, "w")) != NULL)
        return UM_OK;
    int reason = errno;
    if (fd >= 0) {
        (void)close(fd);
        (void)unlink(output->temporary);
    }
    free(output->temporary);
    output->temporary = NULL;
    errno = reason;
    return UM_ERR_IO;
}

int
um_output_open(const char *path, struct um_output *out)
{
    struct um_output output = {.stream = stdout, .path = path};
    int err = UM_OK;
    if (path) {
        struct stat existing;
        bool exists = stat(path, &existing) == 0;
        if (exists && !S_ISREG(existing.st_mode))
            err = open_in_place(&output);
        else
            err = open_temporary(&output, wanted_mode(exists ? &existing : NULL));
    }
    if (!err)
        *out = output;
    return err;
}

int
um_output_finish(struct um_output *output)
{
    FILE *stream = output->stream;
    output->stream = NULL;
    if (!output->path)
        return fflush(stream) == 0 && !ferror(stream) ? UM_OK : UM_ERR_IO;

    bool good = !ferror(stream) && fflush(stream) == 0;
    int reason = errno;
    if (fclose(stream) != 0 && good) {
        good = false;
        reason = errno;
    }
    if (good && output->temporary && rename(output->temporary, output->path) != 0) {
        good = false;
        reason = errno;
    }
    if (!good && output->temporary)
        (void)unlink(output->temporary);
    free(output->temporary);
    output->temporary = NULL;
    errno = reason;
    return good ? UM_OK : UM_ERR_IO;
}

void
um_output_abandon(struct um_output *output)
{
    if (output->path && output->stream)
        (void)fclose(output->stream);
    if (output->temporary)
        (void)unlink(output->temporary);
    free(output->temporary);
    *output = (struct um_output){0};
}

bool
um_output_is_terminal(const struct um_output *output)
{
    return isatty(fileno(output->stream)) == 1;
}
