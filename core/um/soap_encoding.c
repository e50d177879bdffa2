/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Detection and conversion of a body's encoding, in front of the XML parser.
 * Source: XML 1.0 section 4.3.3 and appendix F; RFC 2781 section 2 (UTF-16); RFC 3629 section 3.
 */
#include "core/um/soap_encoding.h"

static struct um_span
skip_space(struct um_span s)
{
    while (s.len > 0 &&
           (s.data[0] == ' ' || s.data[0] == '\t' || s.data[0] == '\r' || s.data[0] == '\n'))
        s = um_span_from(s, 1);
    return s;
}

enum um_soap_encoding
um_soap_encoding_of(struct um_span label)
{
    static const char *const latin1[] = {"iso-8859-1", "iso8859-1", "latin1", "windows-1252",
                                         "cp1252"};
    for (size_t i = 0; i < sizeof latin1 / sizeof *latin1; i++) {
        if (um_span_equal_nocase(label, um_span_text(latin1[i])))
            return UM_SOAP_ENCODING_LATIN1;
    }
    return UM_SOAP_ENCODING_UTF8;
}

/* The value of the pseudo-attribute `encoding` of a declaration; data NULL when there is none. */
static struct um_span
declared_label(struct um_span declaration)
{
    struct um_span key = um_span_text("encoding");
    struct um_span rest = um_span_from(declaration, um_span_search(declaration, key));
    rest = skip_space(um_span_from(rest, key.len));
    if (rest.len == 0 || rest.data[0] != '=')
        return um_span_of(NULL, 0);
    rest = skip_space(um_span_from(rest, 1));
    if (rest.len == 0 || (rest.data[0] != '"' && rest.data[0] != '\''))
        return um_span_of(NULL, 0);
    struct um_span label = um_span_from(rest, 1);
    return um_span_first(label, um_span_find(label, rest.data[0]));
}

static bool
find_mark(struct um_span head, enum um_soap_encoding *encoding, size_t *mark_len)
{
    static const struct {
        const char *bytes;
        enum um_soap_encoding encoding;
    } marks[] = {
        {"\xEF\xBB\xBF", UM_SOAP_ENCODING_UTF8},
        {"\xFF\xFE", UM_SOAP_ENCODING_UTF16LE},
        {"\xFE\xFF", UM_SOAP_ENCODING_UTF16BE},
    };
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
        struct um_span mark = um_span_text(marks[i].bytes);
        if (um_span_starts(head, mark)) {
            *encoding = marks[i].encoding;
            *mark_len = mark.len;
            return true;
        }
    }
    return false;
}

enum um_step
um_soap_encoding_detect(struct um_span head, enum um_soap_encoding charset,
                        enum um_soap_encoding *encoding, size_t *mark_len)
{
    if (head.len < 4)
        return UM_MORE;
    if (find_mark(head, encoding, mark_len))
        return UM_DONE;

    /* a document begins with an ASCII character, which has one zero byte in UTF-16 */
    enum um_soap_encoding found = charset;
    if (head.data[0] == 0) {
        found = UM_SOAP_ENCODING_UTF16BE;
    } else if (head.data[1] == 0) {
        found = UM_SOAP_ENCODING_UTF16LE;
    } else if (um_span_starts(head, um_span_text("<?xm"))) {
        size_t end = um_span_search(head, um_span_text("?>"));
        if (end == head.len && head.len < UM_SOAP_HEAD_MAX)
            return UM_MORE;
        struct um_span label = declared_label(um_span_first(head, end));
        if (label.data)
            found = um_soap_encoding_of(label);
    }
    *encoding = found;
    *mark_len = 0;
    return UM_DONE;
}

/* Windows-1252 of 0x80 to 0x9F; the five codes it leaves open stay controls. */
static const uint16_t windows_1252[32] = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178,
};

/* Writes one code point; the caller made room. */
static void
put(struct um_buf *out, uint32_t c)
{
    uint8_t *at = out->data + out->len;
    if (c < 0x80) {
        at[0] = (uint8_t)c;
        out->len += 1;
    } else if (c < 0x800) {
        at[0] = (uint8_t)(0xC0 | (c >> 6));
        at[1] = (uint8_t)(0x80 | (c & 0x3F));
        out->len += 2;
    } else if (c < 0x10000) {
        at[0] = (uint8_t)(0xE0 | (c >> 12));
        at[1] = (uint8_t)(0x80 | ((c >> 6) & 0x3F));
        at[2] = (uint8_t)(0x80 | (c & 0x3F));
        out->len += 3;
    } else {
        at[0] = (uint8_t)(0xF0 | (c >> 18));
        at[1] = (uint8_t)(0x80 | ((c >> 12) & 0x3F));
        at[2] = (uint8_t)(0x80 | ((c >> 6) & 0x3F));
        at[3] = (uint8_t)(0x80 | (c & 0x3F));
        out->len += 4;
    }
}

static void
put_unit(struct um_soap_decoder *decoder, uint16_t unit, struct um_buf *out)
{
    if (decoder->high != 0 && unit >= 0xDC00 && unit <= 0xDFFF) {
        uint32_t high = decoder->high - 0xD800U;
        put(out, 0x10000U + (high << 10) + (unit - 0xDC00U));
        decoder->high = 0;
        return;
    }
    if (decoder->high != 0)
        put(out, decoder->high);
    bool is_high = unit >= 0xD800 && unit <= 0xDBFF;
    decoder->high = is_high ? unit : 0;
    if (!is_high)
        put(out, unit);
}

static void
put_utf16(struct um_soap_decoder *decoder, struct um_span bytes, struct um_buf *out)
{
    for (size_t i = 0; i < bytes.len; i++) {
        decoder->has_byte = !decoder->has_byte;
        if (decoder->has_byte) {
            decoder->byte = bytes.data[i];
            continue;
        }
        uint8_t first = decoder->byte;
        uint8_t second = bytes.data[i];
        if (decoder->encoding == UM_SOAP_ENCODING_UTF16LE)
            put_unit(decoder, (uint16_t)((second << 8) | first), out);
        else
            put_unit(decoder, (uint16_t)((first << 8) | second), out);
    }
}

static void
put_latin1(struct um_span bytes, struct um_buf *out)
{
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t c = bytes.data[i];
        put(out, c >= 0x80 && c < 0xA0 ? windows_1252[c - 0x80] : c);
    }
}

int
um_soap_decode(struct um_soap_decoder *decoder, struct um_span bytes, struct um_buf *out)
{
    if (decoder->encoding == UM_SOAP_ENCODING_UTF8)
        return um_buf_append(out, bytes);

    /* at most three bytes for each, and for a byte and a surrogate left over */
    if (bytes.len > SIZE_MAX / 3 - 4)
        return UM_ERR_NOMEM;
    int err = um_buf_reserve(out, 3 * (bytes.len + 3));
    if (err)
        return err;
    if (decoder->encoding == UM_SOAP_ENCODING_LATIN1)
        put_latin1(bytes, out);
    else
        put_utf16(decoder, bytes, out);
    return UM_OK;
}
