/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 *   --boundary CRLF
 *   field lines CRLF
 *   CRLF
 *   content CRLF
 *   --boundary CRLF ... --boundary--
 */
#include "core/http/multipart.h"

#include <assert.h>

#include "core/base/digits.h"
#include "core/http/message.h"

enum { BOUNDARY_MAX = 70 }; /* RFC 2046 */

/* What a part begins and ends with. */
struct delimiter {
    uint8_t text[2 + BOUNDARY_MAX];
    size_t len;
};

bool
um_multipart_is_related(struct um_span content_type)
{
    return um_span_starts_nocase(content_type, um_span_text("multipart/related"));
}

/*
 * Offset of the next delimiter, body.len when there is none. It stands at the beginning of a line,
 * alone but for white space and the mark of the last one.
 */
static size_t
find_delimiter(const struct delimiter *delimiter, struct um_span body, bool *is_last)
{
    struct um_span text = um_span_of(delimiter->text, delimiter->len);
    for (size_t at = um_span_search(body, text); at < body.len;
         at += text.len + um_span_search(um_span_from(body, at + text.len), text)) {
        assert(body.data); /* something was found in it */
        if (at > 0 && body.data[at - 1] != '\n')
            continue;
        struct um_span line = um_span_from(body, at + text.len);
        line = um_span_trim(um_span_first(line, um_span_find(line, '\n')));
        *is_last = um_span_equal(line, um_span_text("--"));
        if (line.len == 0 || *is_last)
            return at;
    }
    return body.len;
}

/* Moves `body` behind the next delimiter's line; false at the end or the last delimiter. */
static bool
enter_part(const struct delimiter *delimiter, struct um_span *body, bool *is_last)
{
    *is_last = false;
    size_t at = find_delimiter(delimiter, *body, is_last);
    if (at == body->len || *is_last)
        return false;
    struct um_span line = um_span_from(*body, at);
    *body = um_span_from(line, um_span_find(line, '\n') + 1);
    return true;
}

/* Without the line end that belongs to the delimiter behind it. */
static struct um_span
without_line_end(struct um_span content)
{
    if (content.len > 0 && content.data[content.len - 1] == '\n')
        content.len--;
    if (content.len > 0 && content.data[content.len - 1] == '\r')
        content.len--;
    return content;
}

/* Cuts off the next field line with those that it is folded over; they go on with white space. */
static struct um_span
next_field(struct um_span *rest)
{
    struct um_span after = *rest, line;
    do {
        line = um_span_trim(um_span_split(&after, '\n'));
    } while (line.len > 0 && after.len > 0 && (after.data[0] == ' ' || after.data[0] == '\t') &&
             um_span_trim(um_span_first(after, um_span_find(after, '\n'))).len > 0);
    struct um_span field = um_span_first(*rest, rest->len - after.len);
    *rest = after;
    return um_span_trim(field);
}

/* Reads the part that `body` begins with; `id` is its Content-ID. */
static void
read_part(const struct delimiter *delimiter, struct um_span body, struct um_multipart_part *part,
          struct um_span *id)
{
    bool is_last;
    size_t len = find_delimiter(delimiter, body, &is_last);
    bool is_whole = len < body.len;
    struct um_span rest = um_span_first(body, len);
    *part = (struct um_multipart_part){0};
    *id = um_span_of(NULL, 0);
    while (rest.len > 0) {
        struct um_span value = next_field(&rest);
        if (value.len == 0)
            break;
        struct um_span name = um_span_trim(um_span_split(&value, ':'));
        if (um_span_equal_nocase(name, um_span_text("content-type")))
            part->content_type = um_span_trim(value);
        else if (um_span_equal_nocase(name, um_span_text("content-transfer-encoding")))
            part->transfer_encoding = um_span_trim(value);
        else if (um_span_equal_nocase(name, um_span_text("content-id")))
            *id = um_span_trim(value);
    }
    part->content = is_whole ? without_line_end(rest) : rest;
}

/* A Content-ID has angle brackets; many write `start` without. */
static struct um_span
without_brackets(struct um_span id)
{
    if (id.len >= 2 && id.data[0] == '<' && id.data[id.len - 1] == '>')
        return um_span_of(id.data + 1, id.len - 2);
    return id;
}

/* The part whose Content-ID is `start`, or the first; as um_multipart_root. */
static bool
find_root(const struct delimiter *delimiter, struct um_span start, struct um_span body,
          struct um_multipart_part *out)
{
    struct um_multipart_part first = {0};
    bool is_any = start.len == 0, has_first = false, is_last;
    while (enter_part(delimiter, &body, &is_last)) {
        struct um_span id;
        read_part(delimiter, body, out, &id);
        if (is_any || um_span_equal(without_brackets(id), without_brackets(start)))
            return true;
        if (!has_first)
            first = *out;
        has_first = true;
    }
    *out = is_last ? first : (struct um_multipart_part){0};
    return has_first && is_last;
}

bool
um_multipart_root(struct um_span content_type, struct um_span body, struct um_multipart_part *out)
{
    struct delimiter delimiter = {.text = "--", .len = 2};
    struct um_span boundary = um_http_message_parameter(content_type, um_span_text("boundary"));
    struct um_span start = um_http_message_parameter(content_type, um_span_text("start"));
    *out = (struct um_multipart_part){0};
    if (boundary.len == 0 || boundary.len > BOUNDARY_MAX)
        return false;
    memcpy(delimiter.text + 2, boundary.data, boundary.len);
    delimiter.len += boundary.len;
    return find_root(&delimiter, start, body, out);
}

/* ---- Content-Transfer-Encoding ---- */

/* Both decode where the bytes lie, never past what was read, and tell how many they made. */
static size_t
undo_base64(uint8_t *bytes, size_t len)
{
    size_t made = 0;
    uint32_t bits = 0;
    unsigned bit_count = 0;
    for (size_t i = 0; i < len && bytes[i] != '='; i++) {
        unsigned letter = um_base64_letters[bytes[i]];
        if (letter == 0)
            continue; /* line ends, and whatever else: they are ignored */
        bits = bits << 6 | (letter & UM_BASE64_VALUE);
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            bytes[made++] = (uint8_t)(bits >> bit_count);
        }
    }
    return made;
}

/* Bytes of the line end that `text` begins with. */
static size_t
line_end_len(struct um_span text)
{
    if (um_span_starts(text, um_span_text("\r\n")))
        return 2;
    return um_span_starts(text, um_span_text("\n")) ? 1 : 0;
}

static size_t
undo_quoted(uint8_t *bytes, size_t len)
{
    size_t made = 0;
    for (size_t i = 0; i < len; i++) {
        struct um_span next = um_span_from(um_span_of(bytes, len), i + 1);
        bool is_escape = bytes[i] == '=';
        int high = next.len >= 2 ? um_hex_digit(next.data[0]) : -1;
        int low = next.len >= 2 ? um_hex_digit(next.data[1]) : -1;
        if (is_escape && line_end_len(next) > 0) {
            i += line_end_len(next); /* the line goes on */
        } else if (is_escape && high >= 0 && low >= 0) {
            bytes[made++] = (uint8_t)(high << 4 | low);
            i += 2;
        } else {
            bytes[made++] = bytes[i];
        }
    }
    return made;
}

void
um_multipart_undo_encoding(struct um_multipart_part *part, struct um_buf *body)
{
    if (part->content.len == 0)
        return;
    uint8_t *bytes = body->data + (part->content.data - body->data);
    if (um_span_equal_nocase(part->transfer_encoding, um_span_text("base64")))
        part->content.len = undo_base64(bytes, part->content.len);
    else if (um_span_equal_nocase(part->transfer_encoding, um_span_text("quoted-printable")))
        part->content.len = undo_quoted(bytes, part->content.len);
}
