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

/* Nobody else writes to the stream meanwhile: it need not be locked. */
static void
write_bytes(struct um_out *out, const uint8_t *bytes, size_t len)
{
    if (!out->err && len > 0 && fwrite_unlocked(bytes, 1, len, out->stream) != len)
        fail(out);
}

static void
hand_on(struct um_out *out)
{
    write_bytes(out, out->bytes, out->waiting);
    out->waiting = 0;
}

void
um_out_put(struct um_out *out, struct um_span bytes)
{
    if (bytes.len > sizeof out->bytes - out->waiting)
        hand_on(out);
    if (bytes.len > sizeof out->bytes) {
        write_bytes(out, bytes.data, bytes.len);
    } else if (bytes.len > 0) {
        memcpy(out->bytes + out->waiting, bytes.data, bytes.len);
        out->waiting += bytes.len;
    }
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
    hand_on(out);
    if (!out->err && fflush(out->stream) != 0)
        fail(out);
}

int
um_out_result(struct um_out *out, int err)
{
    hand_on(out);
    if (!out->err)
        return err;
    errno = out->reason;
    return UM_ERR_IO;
}
