/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A growing byte buffer: capacity doubles, so appending costs a constant per byte. */
#include "core/base/buf.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/err.h"

enum { FIRST_CAP = 64 };

static int
set_cap(struct um_buf *buf, size_t cap)
{
    uint8_t *grown = realloc(buf->data, cap);
    if (!grown)
        return UM_ERR_NOMEM;
    buf->data = grown;
    buf->cap = cap;
    return UM_OK;
}

int
um_buf_reserve(struct um_buf *buf, size_t extra)
{
    if (extra <= buf->cap - buf->len)
        return UM_OK;
    if (extra > SIZE_MAX / 2 - buf->len)
        return UM_ERR_NOMEM;
    size_t need = buf->len + extra;
    size_t cap = buf->cap ? buf->cap : FIRST_CAP;
    while (cap < need)
        cap *= 2;
    return set_cap(buf, cap);
}

int
um_buf_reserve_exactly(struct um_buf *buf, size_t extra)
{
    if (extra <= buf->cap - buf->len)
        return UM_OK;
    return extra > SIZE_MAX - buf->len ? UM_ERR_NOMEM : set_cap(buf, buf->len + extra);
}

int
um_buf_append(struct um_buf *buf, struct um_span bytes)
{
    int err = um_buf_reserve(buf, bytes.len);
    if (err)
        return err;
    if (bytes.len > 0)
        memcpy(buf->data + buf->len, bytes.data, bytes.len);
    buf->len += bytes.len;
    return UM_OK;
}

int
um_buf_vprintf(struct um_buf *buf, const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    size_t left = buf->cap - buf->len;
    int len = vsnprintf(left > 0 ? (char *)buf->data + buf->len : NULL, left, format, args);
    assert(len >= 0);
    int err = UM_OK;
    if ((size_t)len >= left) {
        err = um_buf_reserve(buf, (size_t)len + 1); /* printf wants room for its NUL */
        if (!err)
            (void)vsnprintf((char *)buf->data + buf->len, (size_t)len + 1, format, again);
    }
    va_end(again);
    if (!err)
        buf->len += (size_t)len;
    return err;
}

int
um_buf_printf(struct um_buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int err = um_buf_vprintf(buf, format, args);
    va_end(args);
    return err;
}

void
um_buf_drop(struct um_buf *buf, size_t n)
{
    if (n >= buf->len) {
        buf->len = 0;
        return;
    }
    memmove(buf->data, buf->data + n, buf->len - n);
    buf->len -= n;
}

void
um_buf_done(struct um_buf *buf)
{
    free(buf->data);
    *buf = (struct um_buf){0};
}
