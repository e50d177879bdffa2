/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A body on its way into the XML parser: held until its encoding is known, from there on UTF-8.
 */
#ifndef UM_UM_SOAP_INPUT_H
#define UM_UM_SOAP_INPUT_H

#include "core/um/soap_encoding.h"

/* Zeroed before the first body. Ended by um_soap_input_done. */
struct um_soap_input {
    enum um_soap_encoding charset;
    bool has_encoding;
    size_t mark_len; /* byte order mark */
    struct um_soap_decoder decoder;
    struct um_buf head; /* until the encoding is known */
    struct um_buf utf8; /* what was decoded last */
};

/* A body begins; `charset` as in um_soap_begin. */
void um_soap_input_begin(struct um_soap_input *input, struct um_span charset);

/*
 * Takes bytes off the front of `bytes`; `*utf8`: what can be read now, without the byte order mark.
 * That is empty while the encoding is not known, and lives as `bytes` do and until the next call.
 * To be called until `bytes` is empty. 0 or UM_ERR_NOMEM.
 */
int um_soap_input_next(struct um_soap_input *input, struct um_span *bytes, struct um_span *utf8);

/* Nothing of the body was taken yet. */
static inline bool
um_soap_input_is_new(const struct um_soap_input *input)
{
    return !input->has_encoding && input->head.len == 0;
}

/* A place in the UTF-8, `mark_len` before it, is a place in the body. */
static inline bool
um_soap_input_has_positions(const struct um_soap_input *input)
{
    return input->decoder.encoding == UM_SOAP_ENCODING_UTF8;
}

void um_soap_input_done(struct um_soap_input *input);

#endif
