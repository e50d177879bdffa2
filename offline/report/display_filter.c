/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets and strings as the filter language of Wireshark 4 writes them. */
#include "offline/report/display_filter.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/base/err.h"

static int
compare(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;
    return first < second ? -1 : first > second;
}

int
um_display_filter_frames(struct um_buf *buf, uint64_t *frames, size_t count)
{
    qsort(frames, count, sizeof *frames, compare);
    int err = um_buf_append(buf, um_span_text("frame.number in {"));
    for (size_t i = 0; i < count && !err;) {
        size_t last = i;
        while (last + 1 < count && frames[last + 1] - frames[last] <= 1)
            last++;
        err = um_buf_printf(buf, "%s%" PRIu64, i > 0 ? ", " : "", frames[i]);
        if (!err && frames[last] > frames[i])
            err = um_buf_printf(buf, frames[last] - frames[i] > 1 ? "..%" PRIu64 : ", %" PRIu64,
                                frames[last]);
        i = last + 1;
    }
    return err ? err : um_buf_append(buf, um_span_of("}", 1));
}

/* As a string of the filter language. */
static int
append_string(struct um_buf *buf, struct um_span text)
{
    int err = um_buf_append(buf, um_span_of("\"", 1));
    for (size_t i = 0; i < text.len && !err; i++) {
        uint8_t byte = text.data[i];
        if (byte == '"' || byte == '\\')
            err = um_buf_printf(buf, "\\%c", byte);
        else if (byte < 0x20 || byte > 0x7E)
            err = um_buf_printf(buf, "\\x%02x", (unsigned)byte);
        else
            err = um_buf_append(buf, um_span_of(&byte, 1));
    }
    return err ? err : um_buf_append(buf, um_span_of("\"", 1));
}

int
um_display_filter_call_ids(struct um_buf *buf, const struct um_span *ids, size_t count)
{
    int err = UM_OK;
    for (size_t i = 0; i < count && !err; i++) {
        err = um_buf_printf(buf, "%sumws.call_id == ", i > 0 ? " or " : "");
        if (!err)
            err = append_string(buf, ids[i]);
    }
    return err;
}
