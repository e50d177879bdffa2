/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a head in one pass over its lines. Of the fields only those are read that framing and
 * recognition need.
 */
#include "core/http/head.h"

#include <stdlib.h>

/* ---- lines ---- */

static bool
is_indent(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* Does the line end a head? White space alone does not: it goes on with the line before. */
static bool
is_empty(struct um_span line)
{
    size_t at = 0;
    while (at < line.len && line.data[at] == '\r')
        at++;
    return at == line.len;
}

/* Splits off the next line, without its end. */
static struct um_span
next_line(struct um_span *rest)
{
    struct um_span line = um_span_split(rest, '\n');
    if (line.len > 0 && line.data[line.len - 1] == '\r')
        line.len--;
    return line;
}

/*
 * Splits off the next line with those that go on with it, which begin with white space. UM_DONE:
 * it is the empty one that ends the head; UM_BAD: a whole one that does not; UM_MORE: the bytes end
 * inside it, and it is not split off. `*is_folded` is set when a line goes on.
 */
static enum um_step
next_field_line(struct um_span *rest, struct um_span *line, bool *is_folded)
{
    size_t end = um_span_find(*rest, '\n');
    if (end == rest->len)
        return UM_MORE;
    *line = um_span_first(*rest, end);
    if (is_empty(*line)) {
        *rest = um_span_from(*rest, end + 1);
        return UM_DONE;
    }
    while (end + 1 < rest->len && is_indent(rest->data[end + 1])) {
        struct um_span behind = um_span_from(*rest, end + 1);
        size_t len = um_span_find(behind, '\n');
        if (len == behind.len)
            return UM_MORE;
        end += 1 + len;
        *is_folded = true;
    }
    *line = um_span_first(*rest, end);
    *rest = um_span_from(*rest, end + 1);
    return UM_BAD;
}

/* Field lines that were continued become one: spaces join them. */
static void
unfold(uint8_t *head, size_t len)
{
    size_t at = um_span_find(um_span_of(head, len), '\n') + 1; /* behind the start line */
    while ((at += um_span_find(um_span_of(head + at, len - at), '\n')) + 1 < len) {
        if (is_indent(head[at + 1])) {
            head[at] = ' ';
            if (head[at - 1] == '\r')
                head[at - 1] = ' ';
        }
        at++;
    }
}

static int
parse_status_line(struct um_span line, struct um_http_message *message)
{
    message->is_reply = true;
    message->version = um_span_split(&line, ' ');
    struct um_span status = um_span_trim(line);
    status = um_span_split(&status, ' ');
    uint64_t value;
    if (!um_span_decimal(status, &value) || value > 999)
        return UM_ERR_FORMAT;
    message->status = (unsigned)value;
    return UM_OK;
}

static int
parse_request_line(struct um_span line, struct um_http_message *message)
{
    line = um_span_trim(line);
    message->method = um_span_split(&line, ' ');
    size_t version = line.len;
    while (version > 0 && line.data[version - 1] != ' ')
        version--;
    message->version = um_span_from(line, version);
    message->target = um_span_trim(um_span_first(line, version));
    bool is_http = um_span_starts(message->version, um_span_text("HTTP/"));
    return message->method.len > 0 && message->target.len > 0 && is_http ? UM_OK : UM_ERR_FORMAT;
}

static enum um_http_coding
coding_of(struct um_span name)
{
    static const struct {
        const char *name;
        enum um_http_coding coding;
    } known[] = {
        {"gzip", UM_HTTP_CODING_GZIP},        {"x-gzip", UM_HTTP_CODING_GZIP},
        {"deflate", UM_HTTP_CODING_DEFLATE},  {"identity", UM_HTTP_CODING_IDENTITY},
        {"chunked", UM_HTTP_CODING_IDENTITY}, {"br", UM_HTTP_CODING_BROTLI},
        {"zstd", UM_HTTP_CODING_ZSTD},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (um_span_equal_nocase(name, um_span_text(known[i].name)))
            return known[i].coding;
    }
    return UM_HTTP_CODING_OTHER;
}

/* Splits off the next item of a comma-separated list; it may be empty. */
static struct um_span
next_item(struct um_span *list)
{
    return um_span_trim(um_span_split(list, ','));
}

static struct um_span
without_parameters(struct um_span item)
{
    return um_span_trim(um_span_split(&item, ';'));
}

/* Adds the codings of a comma-separated list, but those that change nothing. */
static void
add_codings(struct um_http_message *message, struct um_span list)
{
    while (list.len > 0) {
        struct um_span name = without_parameters(next_item(&list));
        if (name.len == 0 || coding_of(name) == UM_HTTP_CODING_IDENTITY)
            continue;
        if (message->coding_count == UM_HTTP_CODINGS_MAX) {
            message->flags |= UM_HTTP_CODINGS_MANY;
            return;
        }
        message->coding_names[message->coding_count] = name;
        message->codings[message->coding_count++] = coding_of(name);
    }
}

/* Content-Length may be a list, or stand on several lines: all the same is as good as one. */
static void
take_length(struct um_http_message *message, struct um_span list)
{
    while (list.len > 0) {
        uint64_t length;
        if (!um_span_decimal(um_span_trim(um_span_split(&list, ',')), &length)) {
            message->flags |= UM_HTTP_LENGTH_BAD;
            continue;
        }
        if (message->framing == UM_HTTP_FRAMING_LENGTH && message->content_length != length)
            message->flags |= UM_HTTP_LENGTH_CONFLICT;
        else
            message->content_length = length;
        message->framing = UM_HTTP_FRAMING_LENGTH;
    }
}

/* What framing and recognition need of the field lines. Of the list nobody reads more than was
 * filled in. */
struct fields {
    struct um_span last_transfer_coding; /* all lines of that name are one list */
    bool has_transfer_encoding;
    struct um_span transfer_codings[UM_HTTP_CODINGS_MAX]; /* of all of them */
    size_t transfer_coding_count;
    bool is_folded; /* some line goes on in the next */
};

/*
 * Transfer codings come after all content codings. Those that are known are undone in the same way;
 * servers that make one up send the body as it is.
 */
static void
take_transfer_codings(struct um_http_message *message, struct fields *fields, struct um_span list)
{
    fields->has_transfer_encoding = true;
    while (list.len > 0) {
        struct um_span item = next_item(&list), name = without_parameters(item);
        enum um_http_coding coding = coding_of(name);
        if (item.len > 0)
            fields->last_transfer_coding = item;
        if (coding == UM_HTTP_CODING_OTHER || coding == UM_HTTP_CODING_IDENTITY)
            continue;
        if (fields->transfer_coding_count == UM_HTTP_CODINGS_MAX)
            message->flags |= UM_HTTP_CODINGS_MANY;
        else
            fields->transfer_codings[fields->transfer_coding_count++] = name;
    }
}

/* Four letters in one word, small ones: by them most fields are told from those that matter. */
#define LETTERS(a, b, c, d)                                                                        \
    ((uint32_t)(a) | (uint32_t)(b) << 8 | (uint32_t)(c) << 16 | (uint32_t)(d) << 24)

static uint32_t
first_letters(struct um_span line)
{
    const uint8_t *at = line.data;
    return line.len < 4 ? 0 : LETTERS(at[0], at[1], at[2], at[3]) | LETTERS(' ', ' ', ' ', ' ');
}

static void
take_content_field(struct um_http_message *message, struct um_span name, struct um_span value)
{
    if (um_span_equal_nocase(name, um_span_text("Content-Length"))) {
        take_length(message, value);
    } else if (um_span_equal_nocase(name, um_span_text("Content-Encoding"))) {
        if (message->content_encoding.len == 0)
            message->content_encoding = value;
        add_codings(message, value);
    } else if (um_span_equal_nocase(name, um_span_text("Content-Type"))) {
        if (message->content_type.len == 0)
            message->content_type = value;
    }
}

/* A line without a colon is none of a field; RFC 9112 section 2.2. */
static void
take_field(struct um_http_message *message, struct fields *fields, uint32_t letters,
           struct um_span line)
{
    size_t colon = um_span_find(line, ':');
    if (colon == line.len)
        return;
    /* one space, mostly: without it there is nothing left to trim */
    bool is_usual = colon + 1 < line.len && line.data[colon + 1] == ' ';
    struct um_span name = um_span_trim(um_span_first(line, colon));
    struct um_span value = um_span_trim(um_span_from(line, colon + (is_usual ? 2 : 1)));
    if (letters == LETTERS('c', 'o', 'n', 't')) {
        take_content_field(message, name, value);
    } else if (um_span_equal_nocase(name, um_span_text("Transfer-Encoding"))) {
        take_transfer_codings(message, fields, value);
    } else if (um_span_equal_nocase(name, um_span_text("SOAPAction"))) {
        message->soap_action = value;
        message->has_soap_action = true;
    } else if (um_span_equal_nocase(name, um_span_text("Authorization")) ||
               um_span_equal_nocase(name, um_span_text("Proxy-Authorization"))) {
        message->has_authorization = true;
    }
}

/* Reads field lines up to and with the empty one; UM_MORE: it is not there. A line that is cut says
 * nothing. */
static enum um_step
read_fields(struct um_http_message *message, struct fields *fields, struct um_span *rest)
{
    struct um_span line;
    enum um_step step;
    while ((step = next_field_line(rest, &line, &fields->is_folded)) == UM_BAD) {
        uint32_t letters = first_letters(line);
        switch (letters) {
        case LETTERS('c', 'o', 'n', 't'):
        case LETTERS('t', 'r', 'a', 'n'):
        case LETTERS('s', 'o', 'a', 'p'):
        case LETTERS('a', 'u', 't', 'h'):
        case LETTERS('p', 'r', 'o', 'x'):
            take_field(message, fields, letters, line);
            break;
        default:
            break;
        }
    }
    return step;
}

/*
 * Transfer-Encoding wins over Content-Length; a reply whose last transfer coding is not chunked
 * ends with the connection. RFC 9112 section 6.3.
 */
static void
decide_framing(struct um_http_message *message, const struct fields *fields)
{
    bool has_length = message->framing == UM_HTTP_FRAMING_LENGTH;
    bool has_coding = fields->has_transfer_encoding;
    /* which has no parameters: RFC 9112 section 7.1 */
    bool is_chunked = um_span_equal_nocase(fields->last_transfer_coding, um_span_text("chunked"));
    if (has_coding && has_length)
        message->flags |= UM_HTTP_LENGTH_CONFLICT;
    if (is_chunked)
        message->framing = UM_HTTP_FRAMING_CHUNKED;
    else if (message->is_reply && (has_coding || !has_length))
        message->framing = UM_HTTP_FRAMING_CLOSE;
}

/* Nothing was read yet. */
static void
begin(struct um_http_message *message, struct fields *fields)
{
    memset(message, 0, offsetof(struct um_http_message, codings)); /* and lists without items */
    fields->last_transfer_coding = um_span_of(NULL, 0);
    fields->has_transfer_encoding = fields->is_folded = false;
    fields->transfer_coding_count = 0;
}

/* Reads a head that ends with the bytes, or before: `*is_whole`. The spans of `message` point into
 * the bytes. */
static int
read_head(struct um_span bytes, struct um_http_message *message, struct fields *fields,
          bool *is_whole)
{
    struct um_span rest = bytes;
    struct um_span line = next_line(&rest);
    begin(message, fields);
    int err = um_span_starts(line, um_span_text("HTTP/")) ? parse_status_line(line, message)
                                                          : parse_request_line(line, message);
    if (err)
        return err;
    *is_whole = read_fields(message, fields, &rest) == UM_DONE;
    decide_framing(message, fields);
    for (size_t i = 0; i < fields->transfer_coding_count; i++)
        add_codings(message, fields->transfer_codings[i]);
    message->head = um_span_first(bytes, bytes.len - rest.len);
    return UM_OK;
}

enum um_step
um_http_head_read(struct um_span bytes, struct um_http_message *out)
{
    struct fields fields;
    bool is_whole = false;
    enum um_step step = um_http_head_look(bytes, UM_HTTP_LOOK_ANY);
    if (step != UM_DONE) {
        begin(out, &fields);
        return step;
    }
    if (read_head(bytes, out, &fields, &is_whole) != UM_OK)
        return UM_BAD;
    return is_whole ? UM_DONE : UM_MORE;
}

/* The same bytes in the copy. */
static void
move_span(struct um_span *span, const uint8_t *head, const uint8_t *copy)
{
    if (span->data)
        span->data = copy + (span->data - head);
}

static void
copy_head(struct um_http_message *message, bool is_folded)
{
    const uint8_t *head = message->head.data;
    uint8_t *copy = (uint8_t *)(message + 1);
    memcpy(copy, head, message->head.len);
    if (is_folded)
        unfold(copy, message->head.len);
    struct um_span *const spans[] = {
        &message->head,         &message->method,           &message->target,     &message->version,
        &message->content_type, &message->content_encoding, &message->soap_action};
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
        move_span(spans[i], head, copy);
    for (size_t i = 0; i < message->coding_count; i++)
        move_span(&message->coding_names[i], head, copy);
}

/* Gives the message its copy of the head; it may move. NULL when out of memory: it is freed. */
static struct um_http_message *
keep_head(struct um_http_message *message, bool is_folded)
{
    if (message->head.len > UM_HTTP_HEAD_USUAL) {
        struct um_http_message *wider = realloc(message, um_http_message_size(message));
        if (!wider)
            free(message);
        message = wider;
    }
    if (message)
        copy_head(message, is_folded);
    return message;
}

static int
parse(struct um_span bytes, bool must_be_whole, struct um_http_message **out)
{
    struct um_http_message *message = malloc(sizeof *message + UM_HTTP_HEAD_USUAL);
    if (!message)
        return UM_ERR_NOMEM;
    struct fields fields;
    bool is_whole = false;
    *out = NULL;
    int err = read_head(bytes, message, &fields, &is_whole);
    if (err || (must_be_whole && !is_whole)) {
        free(message);
        return err;
    }
    if (!is_whole)
        message->head = bytes;
    *out = keep_head(message, fields.is_folded);
    return *out ? UM_OK : UM_ERR_NOMEM;
}

int
um_http_head_parse(struct um_span head, struct um_http_message **out)
{
    return parse(head, false, out);
}

int
um_http_head_parse_whole(struct um_span bytes, struct um_http_message **out)
{
    return parse(bytes, true, out);
}
