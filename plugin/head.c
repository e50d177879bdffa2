/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/head.h"

#include <assert.h>

enum { METHOD_MAX = 16, WORD_MAX = 24, CHUNK_LINE_MAX = 256 };

/* ---- start lines ---- */

static bool
is_method_letter(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

/* "POST /": in the middle of traffic only a target that is a path is believed, or CONNECT's. */
static bool
begins_request(struct um_span bytes)
{
    size_t len = 0;
    while (len < bytes.len && len <= METHOD_MAX && is_method_letter(bytes.data[len]))
        len++;
    if (len < 3 || len > METHOD_MAX)
        return false;
    struct um_span rest = um_span_from(bytes, len);
    return um_span_starts(rest, um_span_text(" /")) ||
           um_span_starts(rest, um_span_text(" http")) ||
           um_span_starts(bytes, um_span_text("CONNECT "));
}

bool
umws_head_begins(struct um_span bytes)
{
    return um_span_starts(bytes, um_span_text("HTTP/1.")) || begins_request(bytes);
}

/* Is it there, or cut short by the end of the bytes? */
static bool
may_start(struct um_span bytes, struct um_span text)
{
    return um_span_starts(bytes, text) || (bytes.len > 0 && um_span_starts(text, bytes));
}

/* "HTTP/1.1 200" and a blank or the line's end. */
static bool
may_be_status_line(struct um_span bytes)
{
    static const char pattern[] = "HTTP/1.0 000";
    for (size_t i = 0; i < sizeof pattern - 1 && i < bytes.len; i++) {
        bool is_digit = bytes.data[i] >= '0' && bytes.data[i] <= '9';
        if (pattern[i] == '0' ? !is_digit : bytes.data[i] != (uint8_t)pattern[i])
            return false;
    }
    if (bytes.len < sizeof pattern)
        return true;
    uint8_t next = bytes.data[sizeof pattern - 1];
    return next == ' ' || next == '\r' || next == '\n';
}

/* A method and a path as above, and behind them the version, unless the line goes on elsewhere. */
static bool
may_be_request_line(struct um_span bytes)
{
    static const char version[] = " HTTP/1.";
    if (bytes.len < sizeof "POST /" - 1)
        return may_start(bytes, um_span_text("POST /")); /* the others have no message of ours */
    if (!begins_request(bytes))
        return false;
    struct um_span line = um_span_first(bytes, um_span_find(bytes, '\n'));
    if (line.len == bytes.len)
        return true;
    for (size_t at = 0; at < line.len; at++) {
        if (um_span_starts(um_span_from(line, at), um_span_text(version)))
            return true;
    }
    return false;
}

static bool
is_word_letter(uint8_t c)
{
    return is_method_letter(c) || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* RFC 9110 section 5.6.2. */
static bool
is_token_letter(uint8_t c)
{
    return is_word_letter(c) || (c > ' ' && strchr("!#$%&'*+.^`|~", c));
}

static bool
is_in_word(struct um_span bytes, size_t at)
{
    return at > 0 && is_word_letter(bytes.data[at - 1]);
}

/* A status line is telling enough to be taken inside a word, a method is not. */
size_t
umws_head_find(struct um_span bytes, enum umws_look look)
{
    for (size_t at = 0; at < bytes.len; at++) {
        struct um_span rest = um_span_from(bytes, at);
        if (rest.data[0] < 'A' || rest.data[0] > 'Z')
            continue;
        if (look != UMWS_LOOK_REQUEST && may_be_status_line(rest))
            return at;
        if (look != UMWS_LOOK_REPLY && !is_in_word(bytes, at) && may_be_request_line(rest))
            return at;
    }
    return bytes.len;
}

/* Where a message belongs: may this be its first line, as far as there are bytes? Of any method. */
static bool
may_be_first_line(struct um_span bytes)
{
    size_t len = 0;
    while (len < bytes.len && len <= WORD_MAX && is_token_letter(bytes.data[len]))
        len++;
    bool is_word = len <= WORD_MAX && (len == bytes.len || (len > 0 && bytes.data[len] == ' '));
    return is_word || may_start(bytes, um_span_text("HTTP/1."));
}

static enum um_step
read_status_line(struct um_span line, struct umws_head *out)
{
    uint64_t status;
    (void)um_span_split(&line, ' ');
    line = um_span_trim(line);
    if (!um_span_decimal(um_span_split(&line, ' '), &status) || status > 999)
        return UM_BAD;
    out->is_reply = true;
    out->status = (unsigned)status;
    return UM_DONE;
}

static bool
is_method(struct um_span word)
{
    size_t len = 0;
    while (len < word.len && is_method_letter(word.data[len]))
        len++;
    return len == word.len;
}

/* Targets of careless clients hold blanks; but where the method is made up it is prose. */
static enum um_step
read_request_line(struct um_span line, struct umws_head *out)
{
    out->method = um_span_split(&line, ' ');
    size_t version = line.len;
    while (version > 0 && line.data[version - 1] != ' ')
        version--;
    out->target = um_span_trim(um_span_first(line, version));
    bool is_http = um_span_starts(um_span_from(line, version), um_span_text("HTTP/1."));
    bool is_prose = um_span_find(out->target, ' ') < out->target.len && !is_method(out->method);
    return is_http && out->target.len > 0 && !is_prose ? UM_DONE : UM_BAD;
}

/* ---- fields ---- */

static bool
ends_with_chunked(struct um_span list)
{
    struct um_span last = um_span_of(NULL, 0);
    while (list.len > 0)
        last = um_span_trim(um_span_split(&list, ','));
    return um_span_equal_nocase(last, um_span_text("chunked"));
}

static void
take_field(struct um_span name, struct um_span value, struct umws_head *out)
{
    bool is_chunked = out->framing == UMWS_FRAMING_CHUNKED;
    if (um_span_equal_nocase(name, um_span_text("content-length"))) {
        if (!is_chunked && um_span_decimal(value, &out->length))
            out->framing = UMWS_FRAMING_LENGTH;
    } else if (um_span_equal_nocase(name, um_span_text("transfer-encoding"))) {
        if (ends_with_chunked(value))
            out->framing = UMWS_FRAMING_CHUNKED;
    } else if (um_span_equal_nocase(name, um_span_text("content-type"))) {
        out->content_type = value;
    } else if (um_span_equal_nocase(name, um_span_text("content-encoding"))) {
        out->content_coding = value;
    } else if (um_span_equal_nocase(name, um_span_text("soapaction"))) {
        out->soap_action = value;
    } else if (um_span_equal_nocase(name, um_span_text("authorization")) ||
               um_span_equal_nocase(name, um_span_text("proxy-authorization"))) {
        out->has_credentials = true;
    } else if (um_span_equal_nocase(name, um_span_text("upgrade"))) {
        out->is_h2c = out->status == 101 && um_span_equal_nocase(value, um_span_text("h2c"));
    }
}

/* The fields that matter here begin with few letters; most others are passed over by that alone. */
static void
take_line(struct um_span line, struct umws_head *out)
{
    struct um_span name = um_span_trim(um_span_split(&line, ':'));
    take_field(name, um_span_trim(line), out);
}

/* Of a body that no field tells the end of, and of those that are none. RFC 9112 section 6.3. */
static void
settle_framing(struct umws_head *out)
{
    out->is_upgrade = out->status == 101;
    if (!out->is_reply)
        return;
    if (out->status < 200 || out->status == 204 || out->status == 304)
        out->framing = UMWS_FRAMING_NONE;
    else if (out->framing == UMWS_FRAMING_NONE)
        out->framing = UMWS_FRAMING_CLOSE;
}

enum um_step
umws_head_read(struct um_span bytes, struct umws_head *out)
{
    *out = (struct umws_head){0};
    if (!may_be_first_line(bytes))
        return UM_BAD;
    struct um_span rest = bytes;
    size_t end = um_span_find(rest, '\n');
    if (end == rest.len)
        return UM_MORE;
    struct um_span line = um_span_trim(um_span_split(&rest, '\n'));
    enum um_step step = um_span_starts(line, um_span_text("HTTP/1."))
                            ? read_status_line(line, out)
                            : read_request_line(line, out);
    if (step != UM_DONE)
        return step;
    step = UM_MORE;
    while (step == UM_MORE && um_span_find(rest, '\n') < rest.len) {
        struct um_span field = um_span_split(&rest, '\n');
        if (um_span_trim(field).len == 0)
            step = UM_DONE;
        else if (strchr("CcTtSsUuAaPp", field.data[0]))
            take_line(field, out);
    }
    settle_framing(out);
    out->len = bytes.len - rest.len;
    return step;
}

bool
umws_head_is_interim(unsigned status)
{
    return status >= 100 && status < 200 && status != 101;
}

bool
umws_head_may_be_soap(const struct umws_head *head)
{
    struct um_span type = um_span_first(head->content_type, um_span_find(head->content_type, ';'));
    if (head->framing == UMWS_FRAMING_NONE)
        return false;
    if (type.len == 0 || um_span_starts_nocase(type, um_span_text("multipart/related")))
        return true;
    for (size_t i = 0; i + 3 <= type.len; i++) {
        if (um_span_equal_nocase(um_span_of(type.data + i, 3), um_span_text("xml")))
            return true;
    }
    return false;
}

struct um_span
umws_head_parameter(struct um_span content_type, struct um_span name)
{
    (void)um_span_split(&content_type, ';');
    while (content_type.len > 0) {
        struct um_span value = um_span_split(&content_type, ';');
        if (!um_span_equal_nocase(um_span_trim(um_span_split(&value, '=')), name))
            continue;
        value = um_span_trim(value);
        if (um_span_starts(value, um_span_text("\"")))
            value =
                um_span_first(um_span_from(value, 1), um_span_find(um_span_from(value, 1), '"'));
        return value;
    }
    return um_span_of(NULL, 0);
}

/* ---- chunks ---- */

struct chunk {
    size_t data;   /* where its content begins */
    uint64_t size; /* 0: the last one, a trailer follows */
};

static int
hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Reads the line before a chunk. */
static enum um_step
read_chunk_line(struct um_span bytes, size_t at, struct chunk *out)
{
    struct um_span line = um_span_from(bytes, at);
    size_t len = um_span_find(line, '\n');
    if (len == line.len)
        return len > CHUNK_LINE_MAX ? UM_BAD : UM_MORE;
    assert(line.data); /* a line end was found in it */
    size_t digits = 0;
    out->size = 0;
    for (; digits < len && hex_value(line.data[digits]) >= 0; digits++) {
        if (out->size > UINT32_MAX)
            return UM_BAD;
        out->size = out->size << 4 | (uint64_t)hex_value(line.data[digits]);
    }
    out->data = at + len + 1;
    return digits > 0 ? UM_DONE : UM_BAD;
}

/* The trailer section ends with an empty line. */
static enum um_step
skip_trailer(struct um_span bytes, size_t *at)
{
    struct um_span rest = um_span_from(bytes, *at);
    while (um_span_find(rest, '\n') < rest.len) {
        struct um_span line = um_span_trim(um_span_split(&rest, '\n'));
        if (line.len == 0) {
            *at = bytes.len - rest.len;
            return UM_DONE;
        }
    }
    return UM_MORE;
}

/* Moves behind the chunk and its line end. */
static enum um_step
skip_chunk(struct um_span bytes, const struct chunk *chunk, size_t *at)
{
    if (chunk->size > bytes.len - chunk->data)
        return UM_MORE;
    struct um_span rest = um_span_from(bytes, chunk->data + (size_t)chunk->size);
    size_t end = um_span_find(rest, '\n');
    if (end == rest.len)
        return rest.len > 1 ? UM_BAD : UM_MORE;
    *at = chunk->data + (size_t)chunk->size + end + 1;
    return end <= 1 ? UM_DONE : UM_BAD;
}

enum um_step
umws_head_chunks(struct um_span bytes, size_t *at)
{
    enum um_step step = UM_DONE;
    while (step == UM_DONE) {
        struct chunk chunk;
        step = read_chunk_line(bytes, *at, &chunk);
        if (step != UM_DONE)
            return step;
        if (chunk.size == 0) {
            size_t end = chunk.data;
            step = skip_trailer(bytes, &end);
            *at = step == UM_DONE ? end : *at;
            return step;
        }
        step = skip_chunk(bytes, &chunk, at);
    }
    return step;
}

int
umws_head_unchunk(struct um_span bytes, struct um_buf *out)
{
    size_t at = 0;
    struct chunk chunk;
    int err = UM_OK;
    while (!err && read_chunk_line(bytes, at, &chunk) == UM_DONE && chunk.size > 0) {
        struct um_span data = um_span_from(bytes, chunk.data);
        err = um_buf_append(out, um_span_first(data, (size_t)chunk.size));
        if (skip_chunk(bytes, &chunk, &at) != UM_DONE)
            break;
    }
    return err;
}
