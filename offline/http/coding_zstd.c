/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Zstandard. A window above 8 MB is refused, as RFC 8878 section 3.1.1.1.2 lets receivers do. */
#include <zstd.h>
#include <zstd_errors.h>

#include "offline/http/coding.h"

enum { WINDOW_LOG_MAX = 23 };

static int
begin(void **state, uint8_t first)
{
    (void)first;
    ZSTD_DCtx *decoder = *state ? *state : ZSTD_createDCtx();
    if (!decoder)
        return UM_ERR_NOMEM;
    *state = decoder;
    (void)ZSTD_DCtx_reset(decoder, ZSTD_reset_session_only); /* cannot fail */
    size_t result = ZSTD_DCtx_setParameter(decoder, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
    return ZSTD_isError(result) ? UM_ERR_NOMEM : UM_OK;
}

static int
step(void *state, struct um_span *input, uint8_t *out, size_t room, struct um_coding_step *done)
{
    ZSTD_inBuffer in = {input->data, input->len, 0};
    ZSTD_outBuffer to = {out, room, 0};
    size_t result = ZSTD_decompressStream(state, &to, &in);
    *input = um_span_from(*input, in.pos);
    done->made = to.pos;
    done->is_ended = result == 0;
    if (!ZSTD_isError(result))
        return UM_OK;
    return ZSTD_getErrorCode(result) == ZSTD_error_memory_allocation ? UM_ERR_NOMEM : UM_ERR_FORMAT;
}

static void
free_state(void *state)
{
    (void)ZSTD_freeDCtx(state);
}

const struct um_coding um_coding_zstd = {.begin = begin, .step = step, .free = free_state};
