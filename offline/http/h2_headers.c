/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * While the table is known a block goes to the decoder whole. Else it is cut into its single
 * representations: those that refer to nothing unknown go to a decoder that began with an empty
 * table, each as a block of its own. Indices count from the newest entry, so that what it has of
 * the table it has right.
 *
 * The decoder is let take any table size up to UM_H2_TABLE_MAX: the encoder announces the size it
 * uses, and so no SETTINGS need be followed.
 */
#include "offline/http/h2_headers.h"

#include <nghttp2/nghttp2.h>
#include <stdlib.h>

#include "core/base/cursor.h"

struct um_h2_headers {
    nghttp2_hd_inflater *inflater;
    bool is_table_known;
};

static int
new_inflater(nghttp2_hd_inflater **out)
{
    nghttp2_hd_inflater *inflater;
    if (nghttp2_hd_inflate_new(&inflater) != 0)
        return UM_ERR_NOMEM;
    if (nghttp2_hd_inflate_change_table_size(inflater, UM_H2_TABLE_MAX) != 0) {
        nghttp2_hd_inflate_del(inflater);
        return UM_ERR_NOMEM;
    }
    *out = inflater;
    return UM_OK;
}

int
um_h2_headers_new(struct um_h2_headers **out)
{
    struct um_h2_headers *headers = calloc(1, sizeof *headers);
    if (!headers)
        return UM_ERR_NOMEM;
    int err = new_inflater(&headers->inflater);
    if (err) {
        free(headers);
        return err;
    }
    headers->is_table_known = true;
    *out = headers;
    return UM_OK;
}

void
um_h2_headers_free(struct um_h2_headers *headers)
{
    if (!headers)
        return;
    nghttp2_hd_inflate_del(headers->inflater);
    free(headers);
}

int
um_h2_headers_lose(struct um_h2_headers *headers)
{
    nghttp2_hd_inflater *inflater;
    int err = new_inflater(&inflater);
    if (err)
        return err;
    nghttp2_hd_inflate_del(headers->inflater);
    headers->inflater = inflater;
    headers->is_table_known = false;
    return UM_OK;
}

size_t
um_h2_headers_table_bytes(const struct um_h2_headers *headers)
{
    return nghttp2_hd_inflate_get_dynamic_table_size(headers->inflater);
}

/* Gives the decoder a whole block. UM_ERR_FORMAT when it is none, after the fields before that. */
static int
inflate(nghttp2_hd_inflater *inflater, struct um_span block, um_h2_field_fn field, void *ctx)
{
    for (;;) {
        nghttp2_nv nv;
        int flags = 0;
        ssize_t used = nghttp2_hd_inflate_hd2(inflater, &nv, &flags, block.data, block.len, 1);
        if (used < 0)
            return used == NGHTTP2_ERR_NOMEM ? UM_ERR_NOMEM : UM_ERR_FORMAT;
        block = um_span_from(block, (size_t)used);
        if (flags & NGHTTP2_HD_INFLATE_EMIT) {
            int err =
                field(ctx, um_span_of(nv.name, nv.namelen), um_span_of(nv.value, nv.valuelen));
            if (err)
                return err;
        }
        if (flags & NGHTTP2_HD_INFLATE_FINAL)
            return nghttp2_hd_inflate_end_headers(inflater) == 0 ? UM_OK : UM_ERR_FORMAT;
        if (used == 0 && !(flags & NGHTTP2_HD_INFLATE_EMIT))
            return UM_ERR_FORMAT;
    }
}

/* ---- single representations ---- */

/* An integer whose prefix takes the low `bits` of the next byte; RFC 7541 section 5.1. */
static uint64_t
read_integer(struct um_cursor *c, unsigned bits)
{
    uint64_t mask = (1U << bits) - 1;
    uint64_t value = um_cursor_u8(c) & mask;
    if (value < mask)
        return value;
    for (unsigned shift = 0; !c->short_read; shift += 7) {
        if (shift > 28) {
            c->short_read = true; /* longer than any that makes sense */
            return 0;
        }
        uint8_t byte = um_cursor_u8(c);
        value += (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0)
            break;
    }
    return value;
}

static void
skip_string(struct um_cursor *c)
{
    um_cursor_skip(c, (size_t)read_integer(c, 7));
}

struct representation {
    struct um_span bytes; /* all of it */
    struct um_span value; /* of a literal: its string with the length before it */
    uint64_t index;       /* 0: none, the name is a literal too */
    uint8_t kind;         /* of a literal: its first byte without the index */
    bool is_literal;
};

/* Cuts off the next one; false when it breaks off. */
static bool
next_representation(struct um_span *block, struct representation *out)
{
    struct um_cursor c = um_cursor_of(*block);
    uint8_t first = block->data[0];
    *out = (struct representation){0};
    if (first & 0x80) {
        out->index = read_integer(&c, 7);
    } else if ((first & 0xe0) == 0x20) {
        (void)read_integer(&c, 5); /* a table size update */
    } else {
        bool is_added = (first & 0x40) != 0;
        out->is_literal = true;
        out->kind = first & (is_added ? 0x40 : 0x10);
        out->index = read_integer(&c, is_added ? 6 : 4);
        if (out->index == 0)
            skip_string(&c);
        struct um_span from = c.left;
        skip_string(&c);
        out->value = um_span_first(from, from.len - c.left.len);
    }
    out->bytes = um_span_first(*block, block->len - c.left.len);
    *block = c.left;
    return !c.short_read;
}

/* A literal with a name that is not known: the same with the name "?". */
static int
inflate_nameless(nghttp2_hd_inflater *inflater, const struct representation *from,
                 um_h2_field_fn field, void *ctx)
{
    size_t len = 3 + from->value.len;
    uint8_t *bytes = malloc(len);
    if (!bytes)
        return UM_ERR_NOMEM;
    bytes[0] = from->kind;
    bytes[1] = 1;
    bytes[2] = '?';
    memcpy(bytes + 3, from->value.data, from->value.len);
    int err = inflate(inflater, um_span_of(bytes, len), field, ctx);
    free(bytes);
    return err;
}

static int
inflate_one(nghttp2_hd_inflater *inflater, const struct representation *one, um_h2_field_fn field,
            void *ctx)
{
    if (one->index <= nghttp2_hd_inflate_get_num_table_entries(inflater))
        return inflate(inflater, one->bytes, field, ctx);
    if (one->is_literal)
        return inflate_nameless(inflater, one, field, ctx);
    return field(ctx, um_span_text("?"), um_span_text("?"));
}

static int
inflate_singly(nghttp2_hd_inflater *inflater, struct um_span block, um_h2_field_fn field, void *ctx)
{
    int err = UM_OK;
    while (!err && block.len > 0) {
        struct representation one;
        if (!next_representation(&block, &one))
            return UM_ERR_FORMAT;
        err = inflate_one(inflater, &one, field, ctx);
    }
    return err;
}

int
um_h2_headers_read(struct um_h2_headers *headers, struct um_span block, bool is_whole,
                   um_h2_field_fn field, void *ctx)
{
    bool is_direct = headers->is_table_known && is_whole;
    int err = is_direct ? inflate(headers->inflater, block, field, ctx)
                        : inflate_singly(headers->inflater, block, field, ctx);
    if (err == UM_ERR_FORMAT || (!err && !is_whole))
        return um_h2_headers_lose(headers);
    return err;
}
