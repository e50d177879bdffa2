/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A ClientHello as it lies in handshake records:
 *
 *   record:    type 22 | version 2 | length 2 | fragment
 *   handshake: type 1  | length 3  | version 2 | random 32 | session id <1> | suites <2> |
 *              compressions <1> | extensions <2>: type 2 | body <2>
 *
 * <n> is a vector behind a length of n bytes.
 */
#include "offline/tls/hello.h"

#include "core/base/cursor.h"

enum {
    RECORD_HEADER_BYTES = 5,
    RECORD_MAX_BYTES = (1 << 14) + 2048,
    TYPE_HANDSHAKE = 22,
    CLIENT_HELLO = 1,
    EXTENSION_SERVER_NAME = 0,
    NAME_TYPE_HOST = 0,
};

/* ContentType 20 to 24; SSL 3.0 to TLS 1.3 all begin with version byte 3. */
static bool
is_plausible(uint8_t type, uint16_t version, uint16_t length)
{
    return type >= 20 && type <= 24 && version >> 8 == 3 && (version & 0xff) <= 4 && length > 0 &&
           length <= RECORD_MAX_BYTES;
}

bool
um_tls_hello_wanted(struct um_span payload)
{
    struct um_cursor c = um_cursor_of(payload);
    uint8_t type = um_cursor_u8(&c);
    uint16_t version = um_cursor_be16(&c);
    uint16_t length = um_cursor_be16(&c);
    return !c.short_read && is_plausible(type, version, length);
}

/*
 * Joins the fragments of the handshake records at the beginning of `bytes`, as far as they are
 * there and fit. UM_BAD when something else than a handshake record comes first.
 */
static enum um_step
join_records(struct um_span bytes, uint8_t *out, size_t out_max, struct um_span *joined)
{
    size_t len = 0;
    struct um_cursor c = um_cursor_of(bytes);
    while (c.left.len >= RECORD_HEADER_BYTES && len < out_max) {
        uint8_t type = um_cursor_u8(&c);
        uint16_t version = um_cursor_be16(&c);
        uint16_t length = um_cursor_be16(&c);
        if (type != TYPE_HANDSHAKE || !is_plausible(type, version, length)) {
            if (len == 0)
                return UM_BAD;
            break;
        }
        struct um_span fragment = um_span_first(c.left, length);
        fragment = um_span_first(fragment, out_max - len);
        memcpy(out + len, fragment.data, fragment.len);
        len += fragment.len;
        if (c.left.len < length)
            break;
        um_cursor_skip(&c, length);
    }
    *joined = um_span_of(out, len);
    return UM_DONE;
}

/* A vector behind a length of one or two bytes. */
static struct um_cursor
take_vector(struct um_cursor *c, size_t length_bytes)
{
    size_t len = length_bytes == 1 ? um_cursor_u8(c) : um_cursor_be16(c);
    return um_cursor_of(um_cursor_take(c, len));
}

/* RFC 6066 section 3: a list of names, of which only host names are known. */
static struct um_span
read_server_name(struct um_cursor extension)
{
    struct um_cursor list = take_vector(&extension, 2);
    while (list.left.len > 0 && !list.short_read) {
        uint8_t type = um_cursor_u8(&list);
        struct um_cursor name = take_vector(&list, 2);
        if (type == NAME_TYPE_HOST && !list.short_read)
            return name.left;
    }
    return um_span_of(NULL, 0);
}

static struct um_span
read_client_hello(struct um_span body)
{
    struct um_cursor c = um_cursor_of(body);
    um_cursor_skip(&c, 2 + 32); /* version, random */
    (void)take_vector(&c, 1);   /* session id */
    (void)take_vector(&c, 2);   /* cipher suites */
    (void)take_vector(&c, 1);   /* compression methods */
    struct um_cursor extensions = take_vector(&c, 2);
    while (!c.short_read && extensions.left.len > 0 && !extensions.short_read) {
        uint16_t type = um_cursor_be16(&extensions);
        struct um_cursor extension = take_vector(&extensions, 2);
        if (type == EXTENSION_SERVER_NAME && !extensions.short_read)
            return read_server_name(extension);
    }
    return um_span_of(NULL, 0);
}

enum um_step
um_tls_hello_server_name(struct um_span bytes, uint8_t *scratch, size_t scratch_len,
                         struct um_span *name)
{
    struct um_span joined;
    if (bytes.len < RECORD_HEADER_BYTES)
        return bytes.len == 0 || bytes.data[0] == TYPE_HANDSHAKE ? UM_MORE : UM_BAD;
    if (join_records(bytes, scratch, scratch_len, &joined) == UM_BAD)
        return UM_BAD;
    struct um_cursor c = um_cursor_of(joined);
    uint8_t type = um_cursor_u8(&c);
    size_t length = (size_t)um_cursor_u8(&c) << 16;
    length |= um_cursor_be16(&c);
    if (joined.len > 0 && type != CLIENT_HELLO)
        return UM_BAD;
    if (c.short_read)
        return UM_MORE;
    if (length > scratch_len - 4)
        return UM_BAD;
    struct um_span body = um_cursor_take(&c, length);
    if (c.short_read)
        return UM_MORE;
    *name = read_client_hello(body);
    return UM_DONE;
}
