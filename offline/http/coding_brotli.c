/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Brotli. Its decoder cannot be used again: each body has a new one. */
#include <brotli/decode.h>

#include "offline/http/coding.h"

static void
free_state(void *state)
{
    if (state)
        BrotliDecoderDestroyInstance(state);
}

static int
begin(void **state, uint8_t first)
{
    (void)first;
    BrotliDecoderState *decoder = BrotliDecoderCreateInstance(NULL, NULL, NULL);
    if (!decoder)
        return UM_ERR_NOMEM;
    free_state(*state);
    *state = decoder;
    return UM_OK;
}

static int
step(void *state, struct um_span *input, uint8_t *out, size_t room, struct um_coding_step *done)
{
    size_t in_left = input->len, out_left = room;
    const uint8_t *in = input->data;
    BrotliDecoderResult result =
        BrotliDecoderDecompressStream(state, &in_left, &in, &out_left, &out, NULL);
    *input = um_span_from(*input, input->len - in_left);
    done->made = room - out_left;
    done->is_ended = result == BROTLI_DECODER_RESULT_SUCCESS;
    if (result != BROTLI_DECODER_RESULT_ERROR)
        return UM_OK;
    BrotliDecoderErrorCode code = BrotliDecoderGetErrorCode(state);
    bool is_memory = code <= BROTLI_DECODER_ERROR_ALLOC_CONTEXT_MODES &&
                     code >= BROTLI_DECODER_ERROR_ALLOC_BLOCK_TYPE_TREES;
    return is_memory ? UM_ERR_NOMEM : UM_ERR_FORMAT;
}

const struct um_coding um_coding_brotli = {.begin = begin, .step = step, .free = free_state};
