/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads tag by tag; anything that needs a parser (comments, CDATA, document types) ends it. */
#include "core/um/glance.h"

#include <assert.h>

#include "core/um/operation.h"

enum { DEPTH_ENVELOPE = 1, DEPTH_PART = 2, DEPTH_CONTENT = 3 };

/* A start tag, an end tag or a processing instruction. */
struct tag {
    struct um_span name; /* without a prefix */
    bool is_end, is_empty, is_instruction;
};

/* The offset of the `>` that ends a tag, outside of quotes; tag.len when it is not there. */
static size_t
find_end(struct um_span tag)
{
    for (size_t at = 0; at < tag.len; at++) {
        uint8_t c = tag.data[at];
        if (c == '>')
            return at;
        if (c == '"' || c == '\'')
            at += um_span_find(um_span_from(tag, at + 1), c) + 1;
    }
    return tag.len;
}

static bool
ends_name(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '/';
}

/* Of the characters that names have, and of others outside ASCII: the parser knows which. */
static bool
is_plain_name(struct um_span name)
{
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.data[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80;
        if (!is_letter && !(c >= '0' && c <= '9') && c != '_' && c != '-' && c != '.')
            return false;
    }
    return name.len > 0;
}

static struct um_span
local_name(struct um_span inside)
{
    size_t len = 0;
    while (len < inside.len && !ends_name(inside.data[len]))
        len++;
    struct um_span name = um_span_first(inside, len);
    size_t colon = um_span_find(name, ':');
    return colon < name.len ? um_span_from(name, colon + 1) : name;
}

/* Splits off the next tag with the text before it; false when it is not there, or not plain. */
static bool
next_tag(struct um_span *rest, struct tag *out)
{
    struct um_span inside = um_span_from(*rest, um_span_find(*rest, '<') + 1);
    size_t end = find_end(inside);
    assert(end == inside.len || inside.data);
    if (end == inside.len || end == 0 || inside.data[0] == '!')
        return false;
    *rest = um_span_from(inside, end + 1);
    inside = um_span_first(inside, end);
    *out = (struct tag){.is_instruction = inside.data[0] == '?',
                        .is_end = inside.data[0] == '/',
                        .is_empty = inside.data[end - 1] == '/'};
    if (out->is_instruction || out->is_end)
        return true;
    out->name = local_name(inside);
    return is_plain_name(out->name);
}

/* May an element of this name be what Body holds in a message of ours? */
static bool
may_be_ours(struct um_span name)
{
    static const char response[] = "Response";
    size_t tail = sizeof response - 1;
    if (um_span_equal(name, um_span_text("Fault")) || um_operation_of(name) != UM_OPERATION_NONE)
        return true;
    return name.len > tail &&
           um_operation_of(um_span_first(name, name.len - tail)) != UM_OPERATION_NONE;
}

static bool
begins_plainly(struct um_span *bytes)
{
    if (um_span_starts(*bytes, um_span_text("\xef\xbb\xbf")))
        *bytes = um_span_from(*bytes, 3);
    return bytes->len >= 2 && bytes->data[0] == '<' && bytes->data[1] != '\0';
}

/* How many bytes of the beginning show that it is foreign; 0: they do not. */
static size_t
foreign_bytes(struct um_span beginning)
{
    struct um_span rest = beginning;
    struct tag tag;
    size_t depth = 0;
    bool is_in_body = false;
    if (!begins_plainly(&rest))
        return 0;
    while (next_tag(&rest, &tag)) {
        size_t read = beginning.len - rest.len;
        if (tag.is_instruction)
            continue;
        if (tag.is_end) {
            if (depth <= DEPTH_PART)
                is_in_body = false;
            if (depth-- <= DEPTH_ENVELOPE)
                return 0;
            continue;
        }
        depth++;
        if (depth == DEPTH_ENVELOPE && !um_span_equal(tag.name, um_span_text("Envelope")))
            return read;
        if (depth == DEPTH_PART)
            is_in_body = um_span_equal(tag.name, um_span_text("Body"));
        if (depth == DEPTH_CONTENT && is_in_body)
            return may_be_ours(tag.name) ? 0 : read;
        if (tag.is_empty)
            depth--;
    }
    return 0;
}

static bool
is_seen(const struct um_glance *glance, struct um_span beginning)
{
    for (size_t i = 0; i < UM_GLANCE_SEEN; i++) {
        const struct um_glance_seen *seen = &glance->seen[i];
        if (seen->len > 0 && um_span_starts(beginning, um_span_of(seen->bytes, seen->len)))
            return true;
    }
    return false;
}

bool
um_glance_is_foreign(struct um_glance *glance, struct um_span beginning)
{
    if (is_seen(glance, beginning))
        return true;
    size_t len = foreign_bytes(beginning);
    if (len > 0 && len <= UM_GLANCE_BYTES) {
        struct um_glance_seen *seen = &glance->seen[glance->next++ % UM_GLANCE_SEEN];
        seen->len = len;
        memcpy(seen->bytes, beginning.data, len);
    }
    return len > 0;
}
