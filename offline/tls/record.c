/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * record:            type 1 | version 2 | length 2 | body
 * hello of SSL 2:    0x80 + length 2 | type 1 (is 1) | version 2 | ...
 */
#include "offline/tls/record.h"

#include "core/base/cursor.h"

enum { HELLO2_HEADER_BYTES = 2, HELLO2_MIN_BYTES = 9 };

const char *
um_tls_version_text(uint16_t version)
{
    switch (version) {
    case UM_TLS_VERSION_SSL2:
        return "SSL 2.0";
    case UM_TLS_VERSION_SSL3:
        return "SSL 3.0";
    case UM_TLS_VERSION_10:
        return "TLS 1.0";
    case UM_TLS_VERSION_11:
        return "TLS 1.1";
    case UM_TLS_VERSION_12:
        return "TLS 1.2";
    case UM_TLS_VERSION_13:
        return "TLS 1.3";
    default:
        return "TLS";
    }
}

/* The two-byte length has its highest bit set; a version of 3.x, or 2.0 as 00 02. */
static enum um_step
hello2_length(struct um_span input, size_t *length)
{
    struct um_cursor c = um_cursor_of(input);
    uint16_t word = um_cursor_be16(&c);
    uint8_t type = um_cursor_u8(&c);
    uint16_t version = um_cursor_be16(&c);
    size_t body = word & 0x7fff;
    if (input.len >= 3 && type != 1)
        return UM_BAD;
    if (c.short_read)
        return UM_MORE;
    bool is_known = version == UM_TLS_VERSION_SSL2 || (version >> 8 == 3 && (version & 0xff) <= 4);
    if (!is_known || body < HELLO2_MIN_BYTES || body > UM_TLS_BODY_MAX)
        return UM_BAD;
    *length = HELLO2_HEADER_BYTES + body;
    return UM_DONE;
}

enum um_step
um_tls_record_length(struct um_span input, size_t *length)
{
    struct um_cursor c = um_cursor_of(input);
    uint8_t type = um_cursor_u8(&c);
    uint16_t version = um_cursor_be16(&c);
    uint16_t body = um_cursor_be16(&c);
    if (input.len > 0 && type & 0x80)
        return hello2_length(input, length);
    if (input.len >= 1 && (type < UM_TLS_TYPE_CHANGE || type > UM_TLS_TYPE_HEARTBEAT))
        return UM_BAD;
    if (input.len >= 2 && input.data[1] != UM_TLS_VERSION_SSL3 >> 8)
        return UM_BAD;
    if (input.len >= 3 && version > UM_TLS_VERSION_13)
        return UM_BAD;
    if (c.short_read)
        return UM_MORE;
    if (body == 0 || body > UM_TLS_BODY_MAX)
        return UM_BAD;
    *length = (size_t)UM_TLS_HEADER_BYTES + body;
    return UM_DONE;
}

enum um_step
um_tls_record_split(struct um_span *input, struct um_tls_record *out)
{
    size_t length;
    enum um_step step = um_tls_record_length(*input, &length);
    if (step != UM_DONE)
        return step;
    if (length > input->len)
        return UM_MORE;
    struct um_cursor c = um_cursor_of(*input);
    uint8_t type = um_cursor_u8(&c);
    uint16_t version = um_cursor_be16(&c);
    size_t header = UM_TLS_HEADER_BYTES;
    if (type & 0x80) {
        type = UM_TLS_TYPE_HELLO2;
        version = um_cursor_be16(&c);
        header = HELLO2_HEADER_BYTES;
    }
    struct um_span whole = um_span_first(*input, length);
    *input = um_span_from(*input, length);
    *out = (struct um_tls_record){.type = type,
                                  .version = version,
                                  .header = um_span_first(whole, header),
                                  .body = um_span_from(whole, header),
                                  .next = input->data};
    return UM_DONE;
}

/* The second byte of a header is the version's first, by which most other bytes are told. */
size_t
um_tls_record_find(struct um_span bytes)
{
    size_t length;
    for (size_t at = 0; at < bytes.len; at++) {
        struct um_span behind = um_span_from(bytes, at + 1);
        if (behind.len > 0)
            at += um_span_find(behind, UM_TLS_VERSION_SSL3 >> 8);
        if (bytes.data[at] < UM_TLS_TYPE_HELLO2 &&
            um_tls_record_length(um_span_from(bytes, at), &length) != UM_BAD)
            return at;
    }
    return bytes.len;
}

bool
um_tls_record_wanted(struct um_span payload)
{
    size_t length;
    return um_tls_record_length(payload, &length) == UM_DONE;
}
