/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/shelf.h"

#include <errno.h>
#include <unistd.h>

#include "core/base/err.h"

static off_t
place_of(uint32_t page)
{
    return (off_t)page * UM_PAGE_BYTES;
}

static int
put(void *ctx, uint32_t page, const uint8_t *bytes)
{
    struct um_shelf_file *shelf = ctx;
    if (!shelf->file)
        shelf->file = tmpfile();
    if (!shelf->file)
        return UM_ERR_IO;
    for (size_t done = 0; done < UM_PAGE_BYTES;) {
        ssize_t wrote = pwrite(fileno(shelf->file), bytes + done, UM_PAGE_BYTES - done,
                               place_of(page) + (off_t)done);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return UM_ERR_IO;
        done += (size_t)wrote;
    }
    return UM_OK;
}

static int
fetch(void *ctx, uint32_t page, uint8_t *bytes)
{
    struct um_shelf_file *shelf = ctx;
    for (size_t done = 0; done < UM_PAGE_BYTES;) {
        ssize_t got = pread(fileno(shelf->file), bytes + done, UM_PAGE_BYTES - done,
                            place_of(page) + (off_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got == 0)
            errno = EIO; /* it is shorter than it was */
        if (got <= 0) {
            shelf->has_lost = true;
            return UM_ERR_IO;
        }
        done += (size_t)got;
    }
    return UM_OK;
}

struct um_shelf
um_shelf_file_shelf(struct um_shelf_file *shelf)
{
    return (struct um_shelf){.ctx = shelf, .put = put, .fetch = fetch};
}

void
um_shelf_file_done(struct um_shelf_file *shelf)
{
    if (shelf->file)
        (void)fclose(shelf->file);
    shelf->file = NULL;
}
