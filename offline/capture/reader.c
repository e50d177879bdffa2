/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The rest of the block to the front, then as much as the source has; or the window moved on. */
#include "offline/capture/reader.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

int
um_reader_init(struct um_reader *reader, struct um_source *source, struct um_trouble *trouble,
               struct um_reader_sizes sizes)
{
    *reader = (struct um_reader){.source = source, .trouble = trouble};
    int fd = um_source_plain_file(source);
    if (fd >= 0 && sizes.window > 0 && um_window_open(&reader->window, fd, sizes.window)) {
        reader->data = reader->window.data;
        reader->end = reader->window.len;
        return UM_OK;
    }
    reader->block = malloc(sizes.block);
    if (!reader->block)
        return UM_ERR_NOMEM;
    reader->data = reader->block;
    reader->cap = sizes.block;
    return UM_OK;
}

void
um_reader_done(struct um_reader *reader)
{
    um_window_close(&reader->window);
    free(reader->block);
    *reader = (struct um_reader){0};
}

static void
move_to_front(struct um_reader *reader)
{
    size_t left = um_reader_left(reader);
    if (left > 0 && reader->at > 0)
        memmove(reader->block, reader->block + reader->at, left);
    reader->offset += reader->at;
    reader->at = 0;
    reader->end = left;
}

static int
grow(struct um_reader *reader)
{
    assert(reader->cap > 0);
    size_t cap = reader->cap * 2; /* records have a limit far below */
    uint8_t *grown = realloc(reader->block, cap);
    if (!grown)
        return UM_ERR_NOMEM;
    reader->data = reader->block = grown;
    reader->cap = cap;
    return UM_OK;
}

static int
read_block(struct um_reader *reader, size_t n)
{
    move_to_front(reader);
    while (reader->end < n) {
        int err = reader->end == reader->cap ? grow(reader) : UM_OK;
        size_t got = 0;
        if (!err)
            err = um_source_read(reader->source, reader->block + reader->end,
                                 reader->cap - reader->end, &got);
        if (err)
            return err;
        if (got == 0)
            return 0;
        reader->end += got;
    }
    return 1;
}

/* What is zeros for want of the file's bytes is not to be taken for them: see um_reader_fill. */
static int
move_window(struct um_reader *reader, size_t n)
{
    struct um_window *window = &reader->window;
    uint64_t unread = um_reader_offset(reader);
    if (um_window_move(window, unread, n) != UM_OK) {
        um_trouble_say(reader->trouble, false, "%s", strerror(errno));
        return UM_ERR_IO;
    }
    reader->data = window->data;
    reader->end = window->len;
    reader->offset = window->offset;
    reader->at = window->data ? (size_t)(unread - window->offset) : 0;
    return um_reader_left(reader) >= n;
}

int
um_reader_fill(struct um_reader *reader, size_t n)
{
    return reader->window.is_open ? move_window(reader, n) : read_block(reader, n);
}

uint64_t
um_reader_taken(const struct um_reader *reader)
{
    return reader->window.is_open ? um_reader_offset(reader) : um_source_taken(reader->source);
}

void
um_reader_wipe(struct um_reader *reader, struct um_span bytes)
{
    if (reader->block)
        explicit_bzero(reader->block + (bytes.data - reader->block), bytes.len);
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
