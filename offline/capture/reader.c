/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fills the window: the rest of the block to the front, then as much as the source has. */
#include "offline/capture/reader.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

int
um_reader_init(struct um_reader *reader, struct um_source *source, struct um_trouble *trouble,
               size_t block_bytes)
{
    uint8_t *data = malloc(block_bytes);
    if (!data)
        return UM_ERR_NOMEM;
    *reader =
        (struct um_reader){.source = source, .trouble = trouble, .data = data, .cap = block_bytes};
    return UM_OK;
}

void
um_reader_done(struct um_reader *reader)
{
    free(reader->data);
    *reader = (struct um_reader){0};
}

static void
move_to_front(struct um_reader *reader)
{
    size_t left = um_reader_left(reader);
    if (left > 0 && reader->at > 0)
        memmove(reader->data, reader->data + reader->at, left);
    reader->offset += reader->at;
    reader->at = 0;
    reader->end = left;
}

static int
grow(struct um_reader *reader)
{
    assert(reader->cap > 0);
    size_t cap = reader->cap * 2; /* records have a limit far below */
    uint8_t *grown = realloc(reader->data, cap);
    if (!grown)
        return UM_ERR_NOMEM;
    reader->data = grown;
    reader->cap = cap;
    return UM_OK;
}

int
um_reader_fill(struct um_reader *reader, size_t n)
{
    move_to_front(reader);
    while (reader->end < n) {
        int err = reader->end == reader->cap ? grow(reader) : UM_OK;
        size_t got = 0;
        if (!err)
            err = um_source_read(reader->source, reader->data + reader->end,
                                 reader->cap - reader->end, &got);
        if (err)
            return err;
        if (got == 0)
            return 0;
        reader->end += got;
    }
    return 1;
}

int
um_reader_skip(struct um_reader *reader, uint64_t n)
{
    while (n > um_reader_left(reader)) {
        n -= um_reader_left(reader);
        reader->at = reader->end;
        int got = um_reader_fill(reader, 1);
        if (got <= 0)
            return got;
    }
    reader->at += (size_t)n;
    return 1;
}

int
um_reader_cut(struct um_reader *reader, const char *what, uint64_t offset)
{
    um_trouble_say(reader->trouble, true, "ends inside %s at byte %" PRIu64 ": cut short", what,
                   offset);
    return UM_ERR_FORMAT;
}
