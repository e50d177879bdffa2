/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/body.h"

#include "core/http/chunked.h"
#include "core/http/multipart.h"
#include "core/um/soap.h"

const struct um_message *
umws_body_read(struct umws_body_reader *reader, struct um_span body, struct um_span charset)
{
    if (!reader->soap) {
        struct um_limits limits;
        um_limits_init(&limits);
        if (um_soap_new(&limits, &reader->soap) != UM_OK)
            um_out_of_memory();
    }
    int result = um_soap_begin(reader->soap, charset);
    if (result == UM_OK)
        result = (int)um_soap_push(reader->soap, body);
    if (result < 0)
        um_out_of_memory();
    reader->is_undecided = result == UM_MORE;
    return um_soap_end(reader->soap);
}

void
umws_body_reader_done(struct umws_body_reader *reader)
{
    um_soap_free(reader->soap);
    *reader = (struct umws_body_reader){0};
}

/* ---- decoding ---- */

/* Appends the content of the chunks as far as there is any. */
static int
undo_chunks(struct um_span encoded, struct um_buf *out)
{
    struct um_chunked chunked = {0};
    struct um_span data;
    enum um_step step = UM_MORE;
    int err = UM_OK;
    while (!err && step == UM_MORE && encoded.len > 0) {
        step = um_chunked_next(&chunked, &encoded, &data);
        err = um_buf_append(out, data);
    }
    return err;
}

/* Appends nothing when not even the beginning can be decoded. */
static int
undo_coding(enum um_http_coding coding, struct um_span encoded, struct um_buf *out)
{
    if (encoded.len == 0)
        return UM_OK;
    int len = (int)encoded.len; /* no more is kept than UMWS_PIECES_KEPT */
    tvbuff_t *from = tvb_new_real_data(encoded.data, (guint)len, len);
    tvbuff_t *to = coding == UM_HTTP_CODING_BROTLI ? tvb_uncompress_brotli(from, 0, len)
                                                   : um_tvb_uncompress(from, 0, len);
    int err = UM_OK;
    if (to) {
        unsigned got = tvb_captured_length(to);
        err = um_buf_append(out, um_span_of(tvb_get_ptr(to, 0, (gint)got), got));
        tvb_free(to);
    }
    tvb_free(from);
    return err;
}

int
umws_body_decode(const struct um_http_message *head, struct um_span encoded, struct umws_body *out)
{
    struct um_buf *plain = &out->decoded;
    int err = head->framing == UM_HTTP_FRAMING_CHUNKED ? undo_chunks(encoded, plain)
                                                       : um_buf_append(plain, encoded);
    for (size_t i = head->coding_count; !err && i-- > 0;) {
        struct um_buf decoded = {0};
        err = undo_coding(head->codings[i], um_buf_span(plain), &decoded);
        um_buf_done(plain);
        *plain = decoded;
    }
    struct um_multipart_part part = {.content_type = head->content_type,
                                     .content = um_buf_span(plain)};
    if (um_multipart_is_related(head->content_type)) {
        (void)um_multipart_root(head->content_type, um_buf_span(plain), &part);
        um_multipart_undo_encoding(&part, plain);
    }
    out->envelope = part.content;
    out->charset = um_http_message_parameter(part.content_type, um_span_text("charset"));
    return err;
}

void
umws_body_done(struct umws_body *body)
{
    um_buf_done(&body->decoded);
    *body = (struct umws_body){0};
}
