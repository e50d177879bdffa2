/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "samples/maker/pcap.h"

/* 2026-11-23T18:33:20Z: where every dialogue's time 0 lies, so that the same dialogue gives the
 * same bytes on every day. */
#define BASE_US (INT64_C(1795458800) * 1000000)

enum { LINKTYPE_ETHERNET = 1 };

static void
add_file_header(uint32_t snaplen, struct um_bytes *out)
{
    um_bytes_le32(out, 0xa1b2c3d4);
    um_bytes_le32(out, 4 << 16 | 2); /* version 2.4 */
    um_bytes_le32(out, 0);
    um_bytes_le32(out, 0);
    um_bytes_le32(out, snaplen);
    um_bytes_le32(out, LINKTYPE_ETHERNET);
}

static void
add_record(const struct um_frame *frame, int64_t shift_us, uint32_t snaplen, struct um_bytes *out)
{
    int64_t time_us = BASE_US + frame->time_us + shift_us;
    size_t len = frame->bytes.len < snaplen ? frame->bytes.len : snaplen;
    um_bytes_le32(out, (uint32_t)(time_us / 1000000));
    um_bytes_le32(out, (uint32_t)(time_us % 1000000));
    um_bytes_le32(out, (uint32_t)len);
    um_bytes_le32(out, (uint32_t)frame->bytes.len);
    um_bytes_add(out, frame->bytes.data, len);
}

/* By how much the clock was set until then, taken together. */
static int64_t
shift_at(const struct um_dialogue *dialogue, int64_t time_us)
{
    int64_t shift_us = 0;
    for (size_t i = 0; i < dialogue->count; i++) {
        if (dialogue->events[i].verb == UM_VERB_CLOCK && dialogue->events[i].time_us <= time_us)
            shift_us += dialogue->events[i].shift_us;
    }
    return shift_us;
}

void
um_pcap_make(const struct um_dialogue *dialogue, const struct um_frames *frames,
             struct um_bytes *out)
{
    add_file_header(dialogue->snaplen, out);
    for (size_t i = 0; i < frames->count; i++) {
        const struct um_frame *frame = &frames->items[i];
        if (frame->time_us < dialogue->from_us || frame->time_us > dialogue->until_us)
            continue;
        add_record(frame, shift_at(dialogue, frame->time_us), dialogue->snaplen, out);
    }
    out->len -= dialogue->dropped < out->len ? dialogue->dropped : out->len;
}
