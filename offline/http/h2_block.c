/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A payload is kept as it comes; at its frame's end what is no fragment is cut out of it. */
#include "offline/http/h2_block.h"

#include "core/http/message.h"

bool
um_h2_block_is_in(const struct um_h2_frame *frame)
{
    return frame->type == UM_H2_HEADERS || frame->type == UM_H2_PUSH_PROMISE ||
           frame->type == UM_H2_CONTINUATION;
}

bool
um_h2_block_goes_on(const struct um_h2_block *block, const struct um_h2_frame *frame)
{
    return block->is_open && frame->type == UM_H2_CONTINUATION &&
           block->frame.stream == frame->stream;
}

void
um_h2_block_begin(struct um_h2_block *block, const struct um_h2_frame *frame, struct um_mark first)
{
    if (!um_h2_block_goes_on(block, frame)) {
        um_h2_block_done(block);
        *block =
            (struct um_h2_block){.meter = block->meter,
                                 .is_open = true,
                                 .frame = *frame,
                                 .flags = frame->type == UM_H2_CONTINUATION ? UM_HTTP_HEAD_CUT : 0,
                                 .first = first};
    }
    block->fragment_at = block->bytes.len;
}

int
um_h2_block_add(struct um_h2_block *block, struct um_span bytes, uint64_t max)
{
    size_t room = block->bytes.len < max ? (size_t)(max - block->bytes.len) : 0;
    if (bytes.len > room)
        block->flags |= UM_HTTP_LIMIT_HEAD;
    if (block->flags & UM_HTTP_HEAD_CUT)
        return UM_OK; /* nothing behind a hole can be read */
    bytes = um_span_first(bytes, room);
    if (!um_meter_take(block->meter, bytes.len)) {
        block->flags |= UM_HTTP_LIMIT_MEMORY | UM_HTTP_HEAD_CUT;
        return UM_OK;
    }
    int err = um_buf_append(&block->bytes, bytes);
    if (err)
        um_meter_give(block->meter, bytes.len);
    return err;
}

bool
um_h2_block_end(struct um_h2_block *block, const struct um_h2_frame *frame, struct um_mark first,
                struct um_mark last)
{
    struct um_span payload = um_span_from(um_buf_span(&block->bytes), block->fragment_at);
    struct um_span fragment = um_span_of(NULL, 0);
    if (!um_h2_frame_fragment(frame, payload, &fragment, &block->promised))
        block->flags |= UM_HTTP_HEAD_CUT;
    if (fragment.len > 0)
        memmove(block->bytes.data + block->fragment_at, fragment.data, fragment.len);
    um_meter_give(block->meter, block->bytes.len - (block->fragment_at + fragment.len));
    block->bytes.len = block->fragment_at + fragment.len;
    um_mark_widen(&block->first, &block->last, first, last);
    return (frame->flags & UM_H2_END_HEADERS) != 0;
}

void
um_h2_block_done(struct um_h2_block *block)
{
    block->is_open = false;
    um_meter_give(block->meter, block->bytes.len);
    um_buf_done(&block->bytes);
}
