/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is UTF-8 already passes through as it lies. */
#include "core/um/soap_input.h"

void
um_soap_input_begin(struct um_soap_input *input, struct um_span charset)
{
    um_buf_clear(&input->head);
    input->charset = um_soap_encoding_of(charset);
    input->has_encoding = false;
    input->mark_len = 0;
    input->decoder = (struct um_soap_decoder){0};
}

static int
decode(struct um_soap_input *input, struct um_span bytes, struct um_span *utf8)
{
    if (um_soap_input_has_positions(input)) {
        *utf8 = bytes;
        return UM_OK;
    }
    um_buf_clear(&input->utf8);
    int err = um_soap_decode(&input->decoder, bytes, &input->utf8);
    *utf8 = um_buf_span(&input->utf8);
    return err;
}

/* Holds the body's beginning until its encoding is known. */
static int
detect(struct um_soap_input *input, struct um_span *bytes, struct um_span *utf8)
{
    struct um_span more = um_span_first(*bytes, UM_SOAP_HEAD_MAX - input->head.len);
    int err = um_buf_append(&input->head, more);
    if (err)
        return err;
    *bytes = um_span_from(*bytes, more.len);
    struct um_span head = um_buf_span(&input->head);
    if (um_soap_encoding_detect(head, input->charset, &input->decoder.encoding, &input->mark_len) !=
        UM_DONE)
        return UM_OK;
    input->has_encoding = true;
    return decode(input, um_span_from(head, input->mark_len), utf8);
}

int
um_soap_input_next(struct um_soap_input *input, struct um_span *bytes, struct um_span *utf8)
{
    *utf8 = um_span_of(NULL, 0);
    if (!input->has_encoding)
        return detect(input, bytes, utf8);
    struct um_span all = *bytes;
    *bytes = um_span_from(all, all.len);
    return decode(input, all, utf8);
}

void
um_soap_input_done(struct um_soap_input *input)
{
    um_buf_done(&input->head);
    um_buf_done(&input->utf8);
}
