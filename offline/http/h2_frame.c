/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frame heads read and recognised. Every rule of is_plausible is one a frame must keep to. */
#include "offline/http/h2_frame.h"

#include "core/base/cursor.h"

enum { STREAM_BITS = 0x7fffffff, SETTING_BYTES = 6, SETTINGS_MAX = 64 };

bool
um_h2_frame_read(struct um_span bytes, struct um_h2_frame *out)
{
    struct um_cursor c = um_cursor_of(bytes);
    uint32_t high = um_cursor_be16(&c);
    struct um_h2_frame frame = {.length = high << 8 | um_cursor_u8(&c)};
    frame.type = um_cursor_u8(&c);
    frame.flags = um_cursor_u8(&c);
    frame.stream = um_cursor_be32(&c) & STREAM_BITS;
    if (c.short_read)
        return false;
    *out = frame;
    return true;
}

/* Has it only these flags, and a stream or none as it must? */
static bool
fits(const struct um_h2_frame *frame, unsigned flags, bool has_stream)
{
    return (frame->flags & ~flags) == 0 && (frame->stream != 0) == has_stream;
}

bool
um_h2_frame_is_plausible(struct um_span bytes)
{
    struct um_h2_frame frame;
    if (!um_h2_frame_read(bytes, &frame) || frame.length > UM_H2_FRAME_USUAL_MAX ||
        (bytes.data[5] & 0x80) != 0)
        return false;
    switch (frame.type) {
    case UM_H2_DATA:
        return fits(&frame, UM_H2_END_STREAM | UM_H2_PADDED, true);
    case UM_H2_HEADERS:
        return frame.length > 0 &&
               fits(&frame, UM_H2_END_STREAM | UM_H2_END_HEADERS | UM_H2_PADDED | UM_H2_PRIORITISED,
                    true);
    case UM_H2_PRIORITY:
        return frame.length == 5 && fits(&frame, 0, true);
    case UM_H2_RST_STREAM:
        return frame.length == 4 && fits(&frame, 0, true);
    case UM_H2_SETTINGS:
        return frame.length % SETTING_BYTES == 0 && frame.length <= SETTINGS_MAX * SETTING_BYTES &&
               (frame.flags == 0 || frame.length == 0) && fits(&frame, UM_H2_ACK, false);
    case UM_H2_PUSH_PROMISE:
        return frame.length > 4 && fits(&frame, UM_H2_END_HEADERS | UM_H2_PADDED, true);
    case UM_H2_PING:
        return frame.length == 8 && fits(&frame, UM_H2_ACK, false);
    case UM_H2_GOAWAY:
        return frame.length >= 8 && fits(&frame, 0, false);
    case UM_H2_WINDOW_UPDATE:
        return frame.length == 4 && frame.flags == 0;
    case UM_H2_CONTINUATION:
        return fits(&frame, UM_H2_END_HEADERS, true);
    default:
        return false;
    }
}

bool
um_h2_frame_may_be_first(struct um_span bytes)
{
    struct um_h2_frame frame;
    if (!um_h2_frame_is_plausible(bytes) || !um_h2_frame_read(bytes, &frame))
        return false;
    return frame.type != UM_H2_DATA || frame.length > 0 || (frame.flags & UM_H2_END_STREAM) != 0;
}

/* Do the frame at the beginning and the one behind it look like frames? */
static bool
begins_two(struct um_span bytes, bool is_end, bool *is_sure)
{
    struct um_h2_frame frame;
    *is_sure = false;
    if (!um_h2_frame_read(bytes, &frame))
        return !is_end;
    if (!um_h2_frame_may_be_first(bytes))
        return false;
    size_t whole = UM_H2_FRAME_HEAD_BYTES + frame.length;
    struct um_span next = um_span_from(bytes, whole);
    if (next.len < UM_H2_FRAME_HEAD_BYTES) {
        *is_sure = is_end && bytes.len == whole;
        return !is_end || *is_sure;
    }
    *is_sure = um_h2_frame_is_plausible(next);
    return *is_sure;
}

size_t
um_h2_frame_find(struct um_span bytes, bool is_end, bool *is_found)
{
    *is_found = false;
    for (size_t at = 0; at < bytes.len; at++) {
        if (begins_two(um_span_from(bytes, at), is_end, is_found))
            return at;
    }
    return bytes.len;
}

bool
um_h2_frame_fragment(const struct um_h2_frame *frame, struct um_span payload,
                     struct um_span *fragment, uint32_t *promised)
{
    struct um_cursor c = um_cursor_of(payload);
    size_t padding = 0;
    if (frame->type != UM_H2_CONTINUATION && (frame->flags & UM_H2_PADDED))
        padding = um_cursor_u8(&c);
    if (frame->type == UM_H2_HEADERS && (frame->flags & UM_H2_PRIORITISED))
        um_cursor_skip(&c, 5);
    if (frame->type == UM_H2_PUSH_PROMISE)
        *promised = um_cursor_be32(&c) & STREAM_BITS;
    size_t before = payload.len - c.left.len;
    if (c.short_read || padding > frame->length - before)
        return false;
    *fragment = um_span_first(c.left, frame->length - before - padding);
    return true;
}
