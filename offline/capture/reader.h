/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The records of a capture file, looked at in place: where the system keeps the file (window.h),
 * or, of what cannot be seen so, in a block that was read from the source. There a record that
 * crosses the block's end is moved to the front; the block grows, by doubling, for one that does
 * not fit, and never further ahead than bytes are really there.
 */
#ifndef UM_CAPTURE_READER_H
#define UM_CAPTURE_READER_H

#include "core/base/expect.h"
#include "core/base/span.h"
#include "offline/capture/source.h"
#include "offline/capture/window.h"

enum { UM_READER_BLOCK = 256 * 1024 }; /* bytes */

/* How much is had at once, at least 1 byte each. */
struct um_reader_sizes {
    size_t block;
    size_t window; /* at the most: see window.h; 0: files are read too */
};

struct um_reader {
    struct um_source *source;
    struct um_trouble *trouble; /* of the input: the source's too */
    struct um_window window;    /* when it is open: data is in it */
    const uint8_t *data;
    uint8_t *block;  /* NULL: there is a window */
    size_t cap;      /* bytes allocated */
    size_t at;       /* the first unread byte */
    size_t end;      /* behind the last byte there is */
    uint64_t offset; /* of data[0] in the source */
    size_t size;     /* of the record read last */
};

/* Owns neither source nor trouble, and must not move in memory until it is done. 0, UM_ERR_NOMEM.
 */
int um_reader_init(struct um_reader *reader, struct um_source *source, struct um_trouble *trouble,
                   struct um_reader_sizes sizes);
void um_reader_done(struct um_reader *reader);

/* um_reader_need when the bytes are not there yet. */
int um_reader_fill(struct um_reader *reader, size_t n);

/* Bytes that are there and have not been read. */
static inline size_t
um_reader_left(const struct um_reader *reader)
{
    return reader->end - reader->at;
}

/*
 * Sees to it that `n` unread bytes lie in a row: 1; 0 when the source ends before; what the source
 * returned, or UM_ERR_NOMEM. Earlier views end.
 */
static inline int
um_reader_need(struct um_reader *reader, size_t n)
{
    return n <= um_reader_left(reader) ? 1 : um_reader_fill(reader, n);
}

/* The unread bytes that are there; valid until the next need or skip. */
static inline struct um_span
um_reader_span(const struct um_reader *reader)
{
    return um_span_of(reader->data + reader->at, um_reader_left(reader));
}

/* Asks for a record's head, in time to be there when it is read. */
static inline void
um_reader_expect(const uint8_t *head)
{
    um_expect(head, 0, 2 * (size_t)UM_CACHE_LINE);
}

/* Reads past a record of `n` bytes that is there. In a window the next one's head is expected, and
 * those of some behind it where they lie if records of two sizes take turns, as data and what
 * acknowledges it; what was read into a block is near. */
static inline void
um_reader_pass(struct um_reader *reader, size_t n)
{
    size_t other = reader->size;
    reader->at += n;
    reader->size = n;
    if (reader->block || 2 * (n + other) >= um_reader_left(reader))
        return;
    const uint8_t *next = reader->data + reader->at;
    um_reader_expect(next);
    um_reader_expect(next + other);
    um_reader_expect(next + other + n);
    um_reader_expect(next + other + n + other);
    um_reader_expect(next + 2 * (other + n));
}

/* Where in the (decoded) source the first unread byte stands. */
static inline uint64_t
um_reader_offset(const struct um_reader *reader)
{
    return reader->offset + reader->at;
}

/* Bytes of the file that were read or seen, as they lie there. */
uint64_t um_reader_taken(const struct um_reader *reader);

/* Makes zeros of a copy of the source's bytes. */
void um_reader_wipe(struct um_reader *reader, struct um_span bytes);

/* Reads past `n` bytes without keeping them; results as um_reader_need. */
int um_reader_skip(struct um_reader *reader, uint64_t n);

/* Says that the source ended inside `what` ("the packet"), which begins at `offset`; gives
 * UM_ERR_FORMAT. */
int um_reader_cut(struct um_reader *reader, const char *what, uint64_t offset);

#endif
