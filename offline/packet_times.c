/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Times in an unlinked file, written once and read once. */
#include "offline/packet_times.h"

#include <assert.h>

int
um_packet_times_add(struct um_packet_times *times, int64_t time_ns)
{
    assert(!times->is_reading);
    if (!times->file) {
        times->file = tmpfile();
        times->latest_ns = time_ns;
    }
    if (!times->file)
        return UM_ERR_IO;
    /* files are merged by the packets at their heads: a late one waits for nobody */
    if (time_ns > times->latest_ns)
        times->latest_ns = time_ns;
    return fwrite(&times->latest_ns, sizeof times->latest_ns, 1, times->file) == 1 ? UM_OK
                                                                                   : UM_ERR_IO;
}

size_t
um_packet_times_read(void *ctx, int64_t *out, size_t max)
{
    struct um_packet_times *times = ctx;
    if (!times->file)
        return 0;
    if (!times->is_reading)
        rewind(times->file);
    times->is_reading = true;
    return fread(out, sizeof *out, max, times->file);
}

void
um_packet_times_done(struct um_packet_times *times)
{
    if (times->file)
        (void)fclose(times->file);
    *times = (struct um_packet_times){0};
}
