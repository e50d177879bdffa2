/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every byte of a report passes here, so that no failed write is missed. */
#include "offline/report/out.h"

#include <errno.h>

#include "core/base/err.h"

static void
fail(struct um_out *out)
{
    out->err = UM_ERR_IO;
    out->reason = errno;
}

/* Nobody else writes to the stream, so it is not locked for every word. */
void
um_out_put(struct um_out *out, struct um_span bytes)
{
    if (!out->err && bytes.len > 0 &&
        fwrite_unlocked(bytes.data, 1, bytes.len, out->stream) != bytes.len)
        fail(out);
}

void
um_out_text(struct um_out *out, const char *text)
{
    um_out_put(out, um_span_text(text));
}

void
um_out_spaces(struct um_out *out, size_t count)
{
    for (size_t i = 0; i < count; i++)
        um_out_text(out, " ");
}

void
um_out_flush(struct um_out *out)
{
    if (!out->err && fflush(out->stream) != 0)
        fail(out);
}

int
um_out_result(const struct um_out *out, int err)
{
    if (!out->err)
        return err;
    errno = out->reason;
    return UM_ERR_IO;
}
