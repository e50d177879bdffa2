/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each coding by the encoder of the library whose decoder is under test. */
#include "tests/http/pack.h"

#include <brotli/encode.h>
#include <zlib.h>
#include <zstd.h>

#include "core/base/err.h"
#include "tests/support/support.h"

/* zlib with the given window: 31 gzip, 15 zlib, -15 raw. */
static struct um_buf
deflated(struct um_span plain, int window)
{
    z_stream zlib = {0};
    struct um_buf out = {0};
    assert_int_equal(deflateInit2(&zlib, 6, Z_DEFLATED, window, 8, Z_DEFAULT_STRATEGY), Z_OK);
    assert_int_equal(um_buf_reserve(&out, deflateBound(&zlib, plain.len)), UM_OK);
    zlib.next_in = (Bytef *)(uintptr_t)plain.data;
    zlib.avail_in = (uInt)plain.len;
    zlib.next_out = out.data;
    zlib.avail_out = (uInt)out.cap;
    assert_int_equal(deflate(&zlib, Z_FINISH), Z_STREAM_END);
    out.len = out.cap - zlib.avail_out;
    assert_int_equal(deflateEnd(&zlib), Z_OK);
    return out;
}

struct um_buf
um_pack(struct um_span plain, enum um_http_coding coding, bool is_raw)
{
    struct um_buf out = {0};
    size_t len = plain.len + 10000;
    if (coding == UM_HTTP_CODING_GZIP)
        return deflated(plain, 31);
    if (coding == UM_HTTP_CODING_DEFLATE)
        return deflated(plain, is_raw ? -15 : 15);
    assert_int_equal(um_buf_reserve(&out, len), UM_OK);
    if (coding == UM_HTTP_CODING_BROTLI) {
        assert_int_equal(
            BrotliEncoderCompress(5, 22, BROTLI_MODE_TEXT, plain.len, plain.data, &len, out.data),
            BROTLI_TRUE);
        out.len = len;
    } else {
        out.len = ZSTD_compress(out.data, len, plain.data, plain.len, 3);
        assert_false(ZSTD_isError(out.len));
    }
    return out;
}
