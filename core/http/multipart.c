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
enter_part(const struct delimiter *delimiter, struct um_span *body)
{
    bool is_last;
    size_t at = find_delimiter(delimiter, *body, &is_last);
    if (at == body->len || is_last)
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
        struct um_span value = um_span_trim(um_span_split(&rest, '\n'));
        if (value.len == 0)
            break;
        struct um_span name = um_span_trim(um_span_split(&value, ':'));
        if (um_span_equal_nocase(name, um_span_text("content-type")))
            part->content_type = um_span_trim(value);
        else if (um_span_equal_nocase(name, um_span_text("content-id")))
            *id = um_span_trim(value);
    }
    part->content = is_whole ? without_line_end(rest) : rest;
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
    while (enter_part(&delimiter, &body)) {
        struct um_multipart_part part;
        struct um_span id;
        read_part(&delimiter, body, &part, &id);
        if (start.len == 0 || um_span_equal(id, start)) {
            *out = part;
            return true;
        }
    }
    return false;
}
