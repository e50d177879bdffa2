/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Start lines are recognised strictly where anything may stand before them, and read leniently once
 * they are where they belong. Of the fields only those are read that framing and recognition need.
 */
#include "offline/http/head.h"

#include <stdlib.h>

enum { METHOD_MAX = 24 }; /* longer than every registered method */

/* ---- start lines ---- */

/* A bit a character of RFC 9110's token: letters, digits and !#$%&'*+-.^_`|~ */
static inline bool
is_token(uint8_t c)
{
    static const uint32_t tokens[8] = {0, 0x03ff6cfa, 0xc7fffffe, 0x57ffffff};
    return tokens[c / 32] >> c % 32 & 1;
}

/* RFC 9110, WebDAV and its extensions, UPnP, and those Microsoft's servers see */
#define METHOD(name)                                                                               \
    {                                                                                              \
        (name), sizeof(name) - 1                                                                   \
    }
static const struct {
    const char *name;
    size_t len;
} known_methods[] = {
    METHOD("GET"),
    METHOD("POST"),
    METHOD("HEAD"),
    METHOD("PUT"),
    METHOD("DELETE"),
    METHOD("OPTIONS"),
    METHOD("CONNECT"),
    METHOD("TRACE"),
    METHOD("PATCH"),
    METHOD("PROPFIND"),
    METHOD("PROPPATCH"),
    METHOD("MKCOL"),
    METHOD("COPY"),
    METHOD("MOVE"),
    METHOD("LOCK"),
    METHOD("UNLOCK"),
    METHOD("REPORT"),
    METHOD("SEARCH"),
    METHOD("SUBSCRIBE"),
    METHOD("UNSUBSCRIBE"),
    METHOD("NOTIFY"),
    METHOD("POLL"),
    METHOD("BCOPY"),
    METHOD("BMOVE"),
    METHOD("BDELETE"),
    METHOD("BPROPFIND"),
    METHOD("BPROPPATCH"),
    METHOD("M-SEARCH"),
    METHOD("MERGE"),
    METHOD("CHECKOUT"),
    METHOD("CHECKIN"),
    METHOD("UNCHECKOUT"),
    METHOD("MKACTIVITY"),
    METHOD("BASELINE-CONTROL"),
    METHOD("VERSION-CONTROL"),
    METHOD("MKWORKSPACE"),
    METHOD("UPDATE"),
    METHOD("LABEL"),
    METHOD("ACL"),
    METHOD("MKCALENDAR"),
    METHOD("ORDERPATCH"),
    METHOD("RPC_IN_DATA"),
    METHOD("RPC_OUT_DATA"),
    METHOD("BITS_POST"),
    METHOD("CCM_POST"),
    METHOD("LINK"),
    METHOD("UNLINK"),
    METHOD("PURGE"),
    METHOD("BIND"),
    METHOD("REBIND"),
    METHOD("UNBIND"),
    METHOD("RPC_CONNECT"),
    METHOD("SMS_POST"),
};

/* `is_cut`: what there is of a method may be the beginning of a known one. */
static bool
is_known_method(struct um_span method, bool is_cut)
{
    if (method.data[0] < 'A' || method.data[0] > 'Z')
        return false; /* most words are told from all of them at once */
    for (size_t i = 0; i < sizeof known_methods / sizeof *known_methods; i++) {
        size_t len = known_methods[i].len;
        if ((uint8_t)known_methods[i].name[0] != method.data[0] ||
            (is_cut ? method.len > len : method.len != len))
            continue;
        if (memcmp(known_methods[i].name, method.data, method.len) == 0)
            return true;
    }
    return false;
}

static bool
is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* Compares with a pattern in which '0' stands for any digit, as far as there are bytes. */
static enum um_step
match(struct um_span bytes, const char *pattern)
{
    size_t len = strlen(pattern);
    for (size_t i = 0; i < len; i++) {
        if (i == bytes.len)
            return UM_MORE;
        bool is_same =
            pattern[i] == '0' ? is_digit(bytes.data[i]) : bytes.data[i] == (uint8_t)pattern[i];
        if (!is_same)
            return UM_BAD;
    }
    return UM_DONE;
}

/* "HTTP/1.1 200 OK"; the reason may be missing. */
static enum um_step
look_for_status(struct um_span bytes)
{
    enum um_step step = match(bytes, "HTTP/1.0 000");
    if (step != UM_DONE)
        return step;
    if (bytes.len == strlen("HTTP/1.0 000"))
        return UM_MORE;
    uint8_t next = bytes.data[strlen("HTTP/1.0 000")];
    if (next != ' ' && next != '\r' && next != '\n')
        return UM_BAD;
    return um_span_find(bytes, '\n') < bytes.len ? UM_DONE : UM_MORE;
}

/* Behind the target: "HTTP/1.1" and the line's end. */
static enum um_step
look_for_version(struct um_span bytes)
{
    enum um_step step = match(bytes, "HTTP/1.0");
    if (step != UM_DONE)
        return step;
    struct um_span rest = um_span_from(bytes, strlen("HTTP/1.0"));
    for (size_t i = 0; i < rest.len; i++) {
        if (rest.data[i] == '\n')
            return UM_DONE;
        if (rest.data[i] != '\r' && rest.data[i] != ' ')
            return UM_BAD;
    }
    return UM_MORE;
}

/* `*refused`: no request begins in so many bytes, which were read in vain; else left alone. */
static enum um_step
look_for_request(struct um_span bytes, bool known_only, size_t *refused)
{
    size_t method_len = 0;
    while (method_len < bytes.len && method_len <= METHOD_MAX && is_token(bytes.data[method_len]))
        method_len++;
    if (method_len == 0 || method_len > METHOD_MAX)
        return UM_BAD;
    bool is_cut = method_len == bytes.len;
    struct um_span method = um_span_first(bytes, method_len);
    if (known_only && !is_known_method(method, is_cut))
        return UM_BAD;
    if (is_cut)
        return UM_MORE;
    if (bytes.data[method_len] != ' ')
        return UM_BAD;
    bool is_known = known_only || is_known_method(method, false);
    /* targets of careless clients hold spaces: the version is what stands last on the line; but
       with a method made up it is prose */
    struct um_span rest = um_span_from(bytes, method_len + 1);
    for (size_t i = 0; i < rest.len; i++) {
        if (rest.data[i] == '\n' || rest.data[i] == '\r' || rest.data[i] == '\0') {
            *refused = method_len + 1 + i;
            return UM_BAD;
        }
        if (rest.data[i] != ' ')
            continue;
        enum um_step step = look_for_version(um_span_from(rest, i + 1));
        if (step != UM_BAD || !is_known)
            return step;
    }
    return UM_MORE;
}

enum um_step
um_http_head_look(struct um_span bytes, enum um_http_look look)
{
    size_t refused;
    enum um_step step = look == UM_HTTP_LOOK_REQUEST ? UM_BAD : look_for_status(bytes);
    if (step != UM_BAD || look == UM_HTTP_LOOK_REPLY)
        return step;
    return look_for_request(bytes, look != UM_HTTP_LOOK_ANY, &refused);
}

/* A status line is telling enough to be taken inside a word, a method is not. */
size_t
um_http_head_find(struct um_span bytes, size_t from, uint8_t before, enum um_http_look look)
{
    size_t refused_to = 0; /* so that a line full of methods is read once, not once a method */
    for (size_t at = from; at < bytes.len; at++) {
        struct um_span rest = um_span_from(bytes, at);
        if (rest.data[0] < 'A' || rest.data[0] > 'Z')
            continue;
        if (look != UM_HTTP_LOOK_REQUEST && look_for_status(rest) != UM_BAD)
            return at;
        if (look == UM_HTTP_LOOK_REPLY || at < refused_to ||
            is_token(at > 0 ? bytes.data[at - 1] : before))
            continue;
        size_t refused = 0;
        if (look_for_request(rest, true, &refused) != UM_BAD)
            return at;
        refused_to = at + refused;
    }
    return bytes.len;
}

/* ---- reading a head ---- */

/* Is a line empty but for white space? That ends a head. */
static bool
is_blank(const uint8_t *line, size_t len)
{
    while (len > 0 && (*line == '\r' || *line == ' ' || *line == '\t')) {
        line++;
        len--;
    }
    return len == 0;
}

struct um_span
um_http_head_whole(struct um_span bytes)
{
    size_t at = um_span_find(bytes, '\n') + 1; /* the start line */
    while (at < bytes.len) {
        struct um_span rest = um_span_from(bytes, at);
        size_t len = um_span_find(rest, '\n');
        if (len == rest.len)
            break;
        at += len + 1;
        if (is_blank(rest.data, len))
            return um_span_first(bytes, at);
    }
    return um_span_of(NULL, 0);
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
 * The end of the field line that begins `at`. One that begins with white space goes on with the one
 * before it: joined by spaces. (Behind the start line there is none before: see next_field.)
 */
static size_t
join_lines(uint8_t *at, size_t len)
{
    size_t end = 0;
    for (;;) {
        end += um_span_find(um_span_of(at + end, len - end), '\n');
        if (end + 1 >= len || (at[end + 1] != ' ' && at[end + 1] != '\t'))
            return end;
        at[end] = ' ';
        if (end > 0 && at[end - 1] == '\r')
            at[end - 1] = ' ';
    }
}

/* Field lines that have not been read. */
struct lines {
    uint8_t *at;
    size_t len;
};

/*
 * Splits off the next field line; false when there is none. Passed over are lines without a colon
 * and those that belong to no field (RFC 9112 section 2.2); a line that is cut says nothing.
 */
static bool
next_field(struct lines *lines, struct um_span *name, struct um_span *value)
{
    size_t end;
    while (lines->len > 0 && (end = join_lines(lines->at, lines->len)) < lines->len) {
        struct um_span line = um_span_of(lines->at, end);
        lines->at += end + 1;
        lines->len -= end + 1;
        bool is_folded = line.len > 0 && (line.data[0] == ' ' || line.data[0] == '\t');
        size_t colon = um_span_find(line, ':');
        if (is_folded || colon == line.len)
            continue;
        *name = um_span_trim(um_span_first(line, colon));
        *value = um_span_trim(um_span_from(line, colon + 1));
        return true;
    }
    return false;
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

/* Adds the codings of a comma-separated list, but those that change nothing. */
static void
add_codings(struct um_http_message *message, struct um_span list)
{
    while (list.len > 0) {
        struct um_span name = um_span_trim(um_span_split(&list, ','));
        name = um_span_trim(um_span_split(&name, ';'));
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

static bool
is_chunked_last(struct um_span list)
{
    struct um_span last = um_span_of(NULL, 0);
    while (list.len > 0) {
        struct um_span name = um_span_trim(um_span_split(&list, ','));
        if (name.len > 0)
            last = name;
    }
    return um_span_equal_nocase(last, um_span_text("chunked"));
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

/* What framing and recognition need of the field lines. */
struct fields {
    struct um_span transfer_encoding; /* the last line of that name */
    bool has_transfer_encoding;
    struct um_span transfer_codings[UM_HTTP_CODINGS_MAX]; /* of all of them */
    size_t transfer_coding_count;
};

/*
 * Transfer codings come after all content codings. Those that are known are undone in the same way;
 * servers that make one up send the body as it is.
 */
static void
take_transfer_codings(struct um_http_message *message, struct fields *fields, struct um_span list)
{
    fields->transfer_encoding = list;
    fields->has_transfer_encoding = true;
    while (list.len > 0) {
        struct um_span name = um_span_trim(um_span_split(&list, ','));
        enum um_http_coding coding = coding_of(name);
        if (coding == UM_HTTP_CODING_OTHER || coding == UM_HTTP_CODING_IDENTITY)
            continue;
        if (fields->transfer_coding_count == UM_HTTP_CODINGS_MAX)
            message->flags |= UM_HTTP_CODINGS_MANY;
        else
            fields->transfer_codings[fields->transfer_coding_count++] = name;
    }
}

/* Of the names below: most fields are told from all of them by theirs. */
static const char first_letters[] = {'C', 'c', 'T', 't', 'S', 's', 'A', 'a', 'P', 'p'};

static void
take_field(struct um_http_message *message, struct fields *fields, struct um_span name,
           struct um_span value)
{
    if (name.len == 0 || !memchr(first_letters, name.data[0], sizeof first_letters))
        return;
    if (um_span_equal_nocase(name, um_span_text("Content-Length"))) {
        take_length(message, value);
    } else if (um_span_equal_nocase(name, um_span_text("Transfer-Encoding"))) {
        take_transfer_codings(message, fields, value);
    } else if (um_span_equal_nocase(name, um_span_text("Content-Encoding"))) {
        if (message->content_encoding.len == 0)
            message->content_encoding = value;
        add_codings(message, value);
    } else if (um_span_equal_nocase(name, um_span_text("Content-Type"))) {
        if (message->content_type.len == 0)
            message->content_type = value;
    } else if (um_span_equal_nocase(name, um_span_text("SOAPAction"))) {
        message->soap_action = value;
        message->has_soap_action = true;
    } else if (um_span_equal_nocase(name, um_span_text("Authorization")) ||
               um_span_equal_nocase(name, um_span_text("Proxy-Authorization"))) {
        message->has_authorization = true;
    }
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
    if (has_coding && has_length)
        message->flags |= UM_HTTP_LENGTH_CONFLICT;
    if (has_coding && is_chunked_last(fields->transfer_encoding))
        message->framing = UM_HTTP_FRAMING_CHUNKED;
    else if (message->is_reply && (has_coding || !has_length))
        message->framing = UM_HTTP_FRAMING_CLOSE;
}

int
um_http_head_parse(struct um_span head, struct um_http_message **out)
{
    struct um_http_message *message = malloc(sizeof *message + head.len);
    if (!message)
        return UM_ERR_NOMEM;
    *message = (struct um_http_message){0};
    uint8_t *copy = (uint8_t *)(message + 1);
    if (head.len > 0)
        memcpy(copy, head.data, head.len);
    message->head = um_span_of(copy, head.len);

    struct um_span rest = message->head;
    struct um_span line = next_line(&rest);
    int err = um_span_starts(line, um_span_text("HTTP/")) ? parse_status_line(line, message)
                                                          : parse_request_line(line, message);
    if (err) {
        free(message);
        return err;
    }
    struct lines lines = {.at = copy + (head.len - rest.len), .len = rest.len};
    struct fields fields = {0};
    struct um_span name, value;
    while (next_field(&lines, &name, &value))
        take_field(message, &fields, name, value);
    decide_framing(message, &fields);
    for (size_t i = 0; i < fields.transfer_coding_count; i++)
        add_codings(message, fields.transfer_codings[i]);
    *out = message;
    return UM_OK;
}
