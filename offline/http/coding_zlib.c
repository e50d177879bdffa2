/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gzip and deflate. "deflate" is zlib's format, but some servers send it raw. */
#include <stdlib.h>
#include <zlib.h>

#include "offline/http/coding.h"

/* zlib's window bits: 15 is the greatest window, + 16 asks for gzip, minus is raw. */
enum { WINDOW_GZIP = 15 + 16, WINDOW_ZLIB = 15, WINDOW_RAW = -15 };

static int
begin(void **state, int window)
{
    z_stream *zlib = *state;
    if (zlib)
        return inflateReset2(zlib, window) == Z_OK ? UM_OK : UM_ERR_NOMEM;
    zlib = calloc(1, sizeof *zlib);
    if (!zlib)
        return UM_ERR_NOMEM;
    if (inflateInit2(zlib, window) != Z_OK) {
        free(zlib);
        return UM_ERR_NOMEM;
    }
    *state = zlib;
    return UM_OK;
}

static int
begin_gzip(void **state, uint8_t first)
{
    (void)first;
    return begin(state, WINDOW_GZIP);
}

/* No raw block begins like zlib's header. */
static int
begin_deflate(void **state, uint8_t first)
{
    return begin(state, (first & 0x0f) == Z_DEFLATED ? WINDOW_ZLIB : WINDOW_RAW);
}

static int
step(void *state, struct um_span *input, uint8_t *out, size_t room, struct um_coding_step *done)
{
    z_stream *zlib = state;
    size_t len = input->len < UINT32_MAX ? input->len : UINT32_MAX;
    /* zlib does not write through next_in, it only lacks the const */
    zlib->next_in = (Bytef *)(uintptr_t)input->data;
    zlib->avail_in = (uInt)len;
    zlib->next_out = out;
    zlib->avail_out = (uInt)room;
    int result = inflate(zlib, Z_SYNC_FLUSH);
    *input = um_span_from(*input, len - zlib->avail_in);
    done->made = room - zlib->avail_out;
    done->is_ended = result == Z_STREAM_END;
    if (result == Z_MEM_ERROR)
        return UM_ERR_NOMEM;
    return result == Z_OK || result == Z_BUF_ERROR || result == Z_STREAM_END ? UM_OK
                                                                             : UM_ERR_FORMAT;
}

static void
free_state(void *state)
{
    if (state)
        (void)inflateEnd(state);
    free(state);
}

const struct um_coding um_coding_gzip = {.begin = begin_gzip, .step = step, .free = free_state};
const struct um_coding um_coding_deflate = {
    .begin = begin_deflate, .step = step, .free = free_state};
