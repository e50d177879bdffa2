/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ClientHello: version 2 | random 32 | session id <1> | suites <2> | compressions <1> |
 *              extensions <2>: type 2 | body <2>
 * ServerHello: version 2 | random 32 | session id <1> | suite 2 | compression 1 | extensions <2>
 *
 * <n> is a vector behind a length of n bytes.
 */
#include "offline/tls/handshake.h"

#include "core/base/cursor.h"
#include "offline/tls/record.h"

enum {
    RANDOM_BYTES = 32,
    SESSION_ID_MAX = 32,
    EXTENSION_SERVER_NAME = 0,
    EXTENSION_ALPN = 16,
    EXTENSION_ENCRYPT_THEN_MAC = 22,
    EXTENSION_EXTENDED_MASTER = 23,
    EXTENSION_SESSION_TICKET = 35,
    EXTENSION_EARLY_DATA = 42,
    EXTENSION_SUPPORTED_VERSIONS = 43,
    NAME_TYPE_HOST = 0,
};

/* RFC 8446 section 4.1.3: SHA-256 of "HelloRetryRequest". */
static const uint8_t retry_random[RANDOM_BYTES] = {
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
};

static size_t
read_be24(struct um_cursor *c)
{
    size_t high = um_cursor_u8(c);
    return high << 16 | um_cursor_be16(c);
}

/* A vector behind a length of one or two bytes. */
static struct um_span
take_vector(struct um_cursor *c, size_t length_bytes)
{
    size_t len = length_bytes == 1 ? um_cursor_u8(c) : um_cursor_be16(c);
    return um_cursor_take(c, len);
}

enum um_step
um_handshake_length(struct um_span input, uint8_t *type, size_t *length)
{
    struct um_cursor c = um_cursor_of(input);
    uint8_t first = um_cursor_u8(&c);
    size_t body = read_be24(&c);
    if (c.short_read)
        return UM_MORE;
    *type = first;
    *length = UM_HANDSHAKE_HEADER_BYTES + body;
    return UM_DONE;
}

enum um_step
um_handshake_split(struct um_span *input, struct um_handshake *out)
{
    uint8_t type;
    size_t length;
    if (um_handshake_length(*input, &type, &length) != UM_DONE || length > input->len)
        return UM_MORE;
    struct um_span whole = um_span_first(*input, length);
    *out = (struct um_handshake){
        .type = type, .whole = whole, .body = um_span_from(whole, UM_HANDSHAKE_HEADER_BYTES)};
    *input = um_span_from(*input, length);
    return UM_DONE;
}

/* The next extension; false at the end, or where they are cut. */
static bool
next_extension(struct um_cursor *extensions, uint16_t *type, struct um_span *body)
{
    if (extensions->left.len == 0)
        return false;
    *type = um_cursor_be16(extensions);
    *body = take_vector(extensions, 2);
    return !extensions->short_read;
}

/* RFC 6066 section 3: a list of names, of which only host names are known. */
static struct um_span
read_server_name(struct um_span body)
{
    struct um_cursor c = um_cursor_of(body);
    struct um_cursor list = um_cursor_of(take_vector(&c, 2));
    while (list.left.len > 0 && !list.short_read) {
        uint8_t type = um_cursor_u8(&list);
        struct um_span name = take_vector(&list, 2);
        if (type == NAME_TYPE_HOST && !list.short_read)
            return name;
    }
    return um_span_of(NULL, 0);
}

static struct um_span
read_alpn_list(struct um_span body)
{
    struct um_cursor c = um_cursor_of(body);
    return take_vector(&c, 2);
}

static struct um_span
read_alpn_name(struct um_span body)
{
    struct um_cursor list = um_cursor_of(read_alpn_list(body));
    return take_vector(&list, 1);
}

static void
read_client_extension(uint16_t type, struct um_span body, struct um_client_hello *out)
{
    if (type == EXTENSION_SERVER_NAME)
        out->server_name = read_server_name(body);
    else if (type == EXTENSION_ALPN)
        out->alpn = read_alpn_list(body);
    else if (type == EXTENSION_SESSION_TICKET)
        out->ticket = body;
    else if (type == EXTENSION_EARLY_DATA)
        out->has_early_data = true;
}

enum um_step
um_handshake_client_hello(struct um_span body, struct um_client_hello *out)
{
    struct um_cursor c = um_cursor_of(body);
    *out = (struct um_client_hello){.version = um_cursor_be16(&c)};
    out->random = um_cursor_take(&c, RANDOM_BYTES);
    out->session_id = take_vector(&c, 1);
    out->suites = take_vector(&c, 2);
    (void)take_vector(&c, 1); /* compression methods */
    if (c.short_read || out->session_id.len > SESSION_ID_MAX)
        return UM_BAD;
    if (c.left.len == 0)
        return UM_DONE;
    size_t whole = um_cursor_be16(&c);
    c.short_read |= whole > c.left.len;
    struct um_cursor extensions = um_cursor_of(um_span_first(c.left, whole));
    uint16_t type;
    struct um_span extension;
    while (next_extension(&extensions, &type, &extension))
        read_client_extension(type, extension, out);
    return c.short_read || extensions.short_read ? UM_BAD : UM_DONE;
}

/* type 1 | version 2 | lengths of suites, session id, challenge 2 each | the three of them */
enum um_step
um_handshake_hello2(struct um_span body, struct um_client_hello *out)
{
    struct um_cursor c = um_cursor_of(body);
    um_cursor_skip(&c, 1);
    *out = (struct um_client_hello){.version = um_cursor_be16(&c)};
    size_t suites = um_cursor_be16(&c), session_id = um_cursor_be16(&c);
    size_t challenge = um_cursor_be16(&c);
    um_cursor_skip(&c, suites); /* three bytes each: of no use here */
    out->session_id = um_cursor_take(&c, session_id);
    struct um_span random = um_cursor_take(&c, challenge);
    if (c.short_read || random.len > RANDOM_BYTES || out->session_id.len > SESSION_ID_MAX)
        return UM_BAD;
    if (random.len > 0)
        memcpy(out->challenge + RANDOM_BYTES - random.len, random.data, random.len);
    out->random = um_span_of(out->challenge, RANDOM_BYTES);
    return UM_DONE;
}

static void
read_server_extension(uint16_t type, struct um_span body, struct um_server_hello *out)
{
    struct um_cursor c = um_cursor_of(body);
    if (type == EXTENSION_SUPPORTED_VERSIONS && body.len == 2)
        out->version = um_cursor_be16(&c);
    else if (type == EXTENSION_EXTENDED_MASTER)
        out->has_extended_master = true;
    else if (type == EXTENSION_ENCRYPT_THEN_MAC)
        out->has_encrypt_then_mac = true;
    else if (type == EXTENSION_ALPN)
        out->alpn = read_alpn_name(body);
}

enum um_step
um_handshake_server_hello(struct um_span body, struct um_server_hello *out)
{
    struct um_cursor c = um_cursor_of(body);
    *out = (struct um_server_hello){.version = um_cursor_be16(&c)};
    out->random = um_cursor_take(&c, RANDOM_BYTES);
    out->session_id = take_vector(&c, 1);
    out->suite = um_cursor_be16(&c);
    out->compression = um_cursor_u8(&c);
    if (c.short_read || out->session_id.len > SESSION_ID_MAX)
        return UM_BAD;
    out->is_retry = um_span_equal(out->random, um_span_of(retry_random, sizeof retry_random));
    if (c.left.len == 0)
        return UM_DONE;
    struct um_cursor extensions = um_cursor_of(take_vector(&c, 2));
    uint16_t type;
    struct um_span extension;
    while (next_extension(&extensions, &type, &extension))
        read_server_extension(type, extension, out);
    return c.short_read || extensions.short_read ? UM_BAD : UM_DONE;
}

enum um_step
um_handshake_encrypted_extensions(struct um_span body, struct um_encrypted_extensions *out)
{
    struct um_cursor c = um_cursor_of(body);
    struct um_cursor extensions = um_cursor_of(take_vector(&c, 2));
    uint16_t type;
    struct um_span extension;
    *out = (struct um_encrypted_extensions){0};
    while (next_extension(&extensions, &type, &extension)) {
        if (type == EXTENSION_ALPN)
            out->alpn = read_alpn_name(extension);
        else if (type == EXTENSION_EARLY_DATA)
            out->has_early_data = true;
    }
    return c.short_read || extensions.short_read ? UM_BAD : UM_DONE;
}

struct um_span
um_handshake_ticket(struct um_span body)
{
    struct um_cursor c = um_cursor_of(body);
    um_cursor_skip(&c, 4); /* lifetime hint */
    return take_vector(&c, 2);
}

struct um_span
um_handshake_premaster(struct um_span body, uint16_t version)
{
    struct um_cursor c = um_cursor_of(body);
    return version <= UM_TLS_VERSION_SSL3 ? body : take_vector(&c, 2);
}
