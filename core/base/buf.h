/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing byte buffer on the heap. A zeroed struct um_buf is an empty buffer. */
#ifndef UM_BASE_BUF_H
#define UM_BASE_BUF_H

#include <stdarg.h>

#include "core/base/span.h"

struct um_buf {
    uint8_t *data;
    size_t len; /* bytes in use */
    size_t cap; /* bytes allocated */
};

/* Makes room for `extra` more bytes. 0 or UM_ERR_NOMEM; the content is kept either way. */
int um_buf_reserve(struct um_buf *buf, size_t extra);

/* The same of a buffer whose last size is known: no more room than that is made. */
int um_buf_reserve_exactly(struct um_buf *buf, size_t extra);

/* Appends a copy of `bytes`. 0 or UM_ERR_NOMEM; on failure nothing was appended. */
int um_buf_append(struct um_buf *buf, struct um_span bytes);

/* Appends what printf would write, without a NUL. As um_buf_append. */
int um_buf_printf(struct um_buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int um_buf_vprintf(struct um_buf *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Drops the first `n` bytes (at most all of them) and moves the rest to the front. */
void um_buf_drop(struct um_buf *buf, size_t n);

/* The content; valid until the buffer is changed. */
static inline struct um_span
um_buf_span(const struct um_buf *buf)
{
    return um_span_of(buf->data, buf->len);
}

/* Empties the buffer and keeps its memory. */
static inline void
um_buf_clear(struct um_buf *buf)
{
    buf->len = 0;
}

/* Frees the memory; the buffer is empty and usable again. */
void um_buf_done(struct um_buf *buf);

#endif
