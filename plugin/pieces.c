/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/pieces.h"

#include "core/base/err.h"

static uint64_t
lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Makes the buffer reach to `end`, or to the last byte that is kept. */
static int
reach(struct um_buf *buf, uint64_t end)
{
    size_t len = (size_t)lesser(end, UMWS_PIECES_KEPT);
    if (len <= buf->len)
        return UM_OK;
    int err = um_buf_reserve(buf, len - buf->len);
    if (err)
        return err;
    memset(buf->data + buf->len, 0, len - buf->len);
    buf->len = len;
    return UM_OK;
}

/* Copies the part of `bytes`, which stand at `at`, that lies in [from, to). */
static void
copy_part(struct um_buf *buf, uint64_t at, struct um_span bytes, uint64_t from, uint64_t to)
{
    to = lesser(lesser(to, at + bytes.len), buf->len);
    if (from < to)
        memcpy(buf->data + from, bytes.data + (from - at), (size_t)(to - from));
}

static void
copy_new(struct umws_pieces *pieces, uint64_t at, struct um_span bytes)
{
    uint64_t from = at;
    for (size_t i = 0; i < pieces->count; i++) {
        const struct umws_piece *range = &pieces->ranges[i];
        if (range->to <= from)
            continue;
        copy_part(&pieces->bytes, at, bytes, from, range->from);
        from = range->to;
    }
    copy_part(&pieces->bytes, at, bytes, from, UINT64_MAX);
}

/* Joins the ranges that touch [from, to) and puts them all down as one; false: no room. */
static bool
add_range(struct umws_pieces *pieces, uint64_t from, uint64_t to)
{
    size_t first = 0, behind;
    while (first < pieces->count && pieces->ranges[first].to < from)
        first++;
    for (behind = first; behind < pieces->count && pieces->ranges[behind].from <= to; behind++)
        ;
    if (first == behind && pieces->count == UMWS_PIECES_RANGES)
        return false;
    if (first < behind) {
        from = lesser(from, pieces->ranges[first].from);
        if (pieces->ranges[behind - 1].to > to)
            to = pieces->ranges[behind - 1].to;
    }
    memmove(&pieces->ranges[first + 1], &pieces->ranges[behind],
            (pieces->count - behind) * sizeof *pieces->ranges);
    pieces->ranges[first] = (struct umws_piece){from, to};
    pieces->count = pieces->count - (behind - first) + 1;
    return true;
}

int
umws_pieces_put(struct umws_pieces *pieces, uint64_t at, struct um_span bytes)
{
    if (bytes.len == 0 || at > UINT64_MAX - bytes.len)
        return UM_OK;
    struct umws_pieces after = *pieces;
    if (!add_range(&after, at, at + bytes.len))
        return UM_OK;
    int err = reach(&pieces->bytes, at + bytes.len);
    if (err)
        return err;
    copy_new(pieces, at, bytes);
    after.bytes = pieces->bytes;
    *pieces = after;
    return UM_OK;
}

bool
umws_pieces_has(const struct umws_pieces *pieces, uint64_t at, uint64_t len)
{
    for (size_t i = 0; i < pieces->count; i++) {
        const struct umws_piece *range = &pieces->ranges[i];
        if (range->from <= at && at < range->to)
            return len > 0 && len <= range->to - at;
    }
    return false;
}

uint64_t
umws_pieces_whole(const struct umws_pieces *pieces)
{
    return pieces->count > 0 && pieces->ranges[0].from == 0 ? pieces->ranges[0].to : 0;
}

struct um_span
umws_pieces_prefix(const struct umws_pieces *pieces)
{
    return um_span_first(um_buf_span(&pieces->bytes),
                         (size_t)lesser(umws_pieces_whole(pieces), UMWS_PIECES_KEPT));
}

void
umws_pieces_done(struct umws_pieces *pieces)
{
    um_buf_done(&pieces->bytes);
    *pieces = (struct umws_pieces){0};
}
