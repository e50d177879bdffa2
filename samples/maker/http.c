/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "samples/maker/http.h"

#include <string.h>
#include <zlib.h>

#define ACTION_NS "http://schemas.microsoft.com/exchange/services/2006/messages/"
#define BOUNDARY "uuid:2f1c1e0a-6a7d-4f0e-9a34-0d5c1b2a3f4e"

struct message {
    struct um_pool *pool;
    const struct um_event *event;
    struct um_bytes body;
    const char *type; /* its Content-Type; NULL: none */
};

static const char *
option(const struct message *message, const char *key)
{
    return um_words_option(&message->event->words, key);
}

static bool
option_is(const struct message *message, const char *key, const char *value)
{
    const char *text = option(message, key);
    if (text && strcmp(text, value) != 0)
        um_place_die(&message->event->place, "%s knows %s only, not %s", key, value, text);
    return text != NULL;
}

/* Little-endian with a byte order mark. Characters of one UTF-8 byte only: bodies here have no
 * other.
 */
static void
encode_utf16(struct message *message)
{
    struct um_bytes wide = {.pool = message->pool};
    um_bytes_be16(&wide, 0xfffe);
    for (size_t i = 0; i < message->body.len; i++) {
        if (message->body.data[i] > 0x7f)
            um_place_die(&message->event->place, "utf-16 is made of ASCII only");
        um_bytes_u8(&wide, message->body.data[i]);
        um_bytes_u8(&wide, 0);
    }
    message->body = wide;
    message->type = "text/xml; charset=utf-16";
}

/* mtom: the envelope; mtom-behind: behind an attachment. */
static void
pack(struct message *message, const char *packing)
{
    struct um_bytes packed = {.pool = message->pool};
    bool is_behind = strcmp(packing, "mtom-behind") == 0;
    if (!is_behind && strcmp(packing, "mtom") != 0)
        um_place_die(&message->event->place, "packing knows mtom and mtom-behind only, not %s",
                     packing);
    if (is_behind)
        um_bytes_text(&packed, "--" BOUNDARY "\r\n"
                               "Content-Type: text/xml\r\n\r\n"
                               "<note>to whom it may concern</note>\r\n");
    um_bytes_text(&packed,
                  "--" BOUNDARY "\r\n"
                  "Content-ID: <http://example.com/0>\r\n"
                  "Content-Transfer-Encoding: 8bit\r\n"
                  "Content-Type: application/xop+xml;charset=utf-8;type=\"text/xml\"\r\n\r\n");
    um_bytes_add(&packed, message->body.data, message->body.len);
    um_bytes_text(&packed, "\r\n--" BOUNDARY "--\r\n");
    message->body = packed;
    message->type = "multipart/related; type=\"application/xop+xml\"; "
                    "start=\"<http://example.com/0>\"; boundary=\"" BOUNDARY "\"; "
                    "start-info=\"text/xml\"";
}

static void
compress_body(struct message *message)
{
    z_stream stream = {0};
    const int gzip = 15 + 16;
    if (deflateInit2(&stream, 9, Z_DEFLATED, gzip, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        um_place_die(&message->event->place, "zlib refuses to begin");
    uLong room = deflateBound(&stream, (uLong)message->body.len);
    uint8_t *out = um_pool_array(message->pool, room, 1);
    stream.next_in = message->body.data;
    stream.avail_in = (uInt)message->body.len;
    stream.next_out = out;
    stream.avail_out = (uInt)room;
    int result = deflate(&stream, Z_FINISH);
    message->body.len = 0;
    um_bytes_add(&message->body, out, room - stream.avail_out);
    deflateEnd(&stream);
    if (result != Z_STREAM_END)
        um_place_die(&message->event->place, "zlib did not finish");
}

/* Chunks of `size` bytes, the last one shorter, and the empty one. */
static void
chunk(struct message *message, uint32_t size)
{
    struct um_bytes out = {.pool = message->pool};
    if (size == 0)
        um_place_die(&message->event->place, "a chunk has one byte at least");
    for (size_t at = 0; at < message->body.len; at += size) {
        size_t left = message->body.len - at;
        size_t len = left < size ? left : size;
        um_bytes_format(&out, "%zx\r\n", len);
        um_bytes_add(&out, message->body.data + at, len);
        um_bytes_text(&out, "\r\n");
    }
    um_bytes_text(&out, "0\r\n\r\n");
    message->body = out;
}

static void
make_body(struct message *message)
{
    const struct um_event *event = message->event;
    if (event->verb == UM_VERB_STATUS && !event->text)
        return;
    message->type = event->verb == UM_VERB_STATUS ? "text/html" : "text/xml; charset=utf-8";
    um_soap_make(event, &message->body);
    if (option_is(message, "charset", "utf-16"))
        encode_utf16(message);
    if (option(message, "packing"))
        pack(message, option(message, "packing"));
    if (option_is(message, "coding", "gzip"))
        compress_body(message);
}

static const char *
reason_of(uint32_t status)
{
    static const struct {
        uint32_t status;
        const char *reason;
    } reasons[] = {
        {100, "Continue"},
        {200, "OK"},
        {302, "Found"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {415, "Unsupported Media Type"},
        {500, "Internal Server Error"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].status == status)
            return reasons[i].reason;
    }
    return "Other";
}

static uint32_t
status_of(const struct message *message)
{
    const struct um_event *event = message->event;
    uint32_t status = event->verb == UM_VERB_FAULT ? 500 : 200;
    const char *word = um_words_plain(&event->words, 0);
    if (event->verb != UM_VERB_STATUS)
        return um_words_number(&event->words, &event->place, "status", status);
    if (!word || !um_words_parse_number(word, &status) || status < 100 || status > 999)
        um_place_die(&event->place, "a status is a number of three digits");
    return status;
}

static void
add_action(const struct message *message, struct um_bytes *out)
{
    const char *action = option(message, "action");
    const char *operation = um_words_plain(&message->event->words, 0);
    if (!action)
        um_bytes_format(out, "SOAPAction: \"" ACTION_NS "%s\"\r\n", operation ? operation : "");
    else if (!*action)
        um_bytes_text(out, "SOAPAction: \"\"\r\n");
    else if (strcmp(action, "none") != 0)
        um_bytes_format(out, "SOAPAction: %s%s\r\n", strchr(action, ':') ? "" : ACTION_NS, action);
}

static void
add_request_head(const struct message *message, struct um_bytes *out)
{
    const char *target = option(message, "target");
    const char *method = option(message, "method");
    const char *host = option(message, "host");
    if (!target)
        target = um_soap_is_ews(message->event) ? "/EWS/Exchange.asmx" : "/EWS/UM2007Legacy.asmx";
    um_bytes_format(out, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: um-sample/1.0\r\n",
                    method ? method : "POST", target, host ? host : "mail.example.com");
    add_action(message, out);
}

static void
add_fields(const struct message *message, struct um_bytes *out)
{
    const struct um_words *words = &message->event->words;
    const char *type = option(message, "type");
    if (!type)
        type = message->type;
    if (type)
        um_bytes_format(out, "Content-Type: %s\r\n", type);
    if (option(message, "coding"))
        um_bytes_text(out, "Content-Encoding: gzip\r\n");
    for (size_t i = 0; i < words->option_count; i++) {
        if (strcmp(words->options[i].key, "field") == 0)
            um_bytes_format(out, "%s\r\n", words->options[i].value);
    }
}

/* Tells where the body ends; "length=none" leaves that to the end of the connection. */
static void
frame_body(struct message *message, struct um_bytes *out)
{
    const struct um_event *event = message->event;
    const char *length = option(message, "length");
    if (option(message, "chunked")) {
        um_bytes_text(out, "Transfer-Encoding: chunked\r\n");
        chunk(message, um_words_number(&event->words, &event->place, "chunked", 0));
    } else if (length && strcmp(length, "none") != 0) {
        um_bytes_format(out, "Content-Length: %s\r\n", length);
    } else if (!length) {
        um_bytes_format(out, "Content-Length: %zu\r\n", message->body.len);
    }
}

void
um_http_make(struct um_pool *pool, const struct um_event *event, struct um_bytes *out)
{
    struct message message = {.pool = pool, .event = event, .body = {.pool = pool}};
    make_body(&message);
    if (event->verb == UM_VERB_REQUEST) {
        add_request_head(&message, out);
    } else {
        uint32_t status = status_of(&message);
        um_bytes_format(out, "HTTP/1.1 %u %s\r\nServer: Microsoft-IIS/10.0\r\n", status,
                        reason_of(status));
    }
    add_fields(&message, out);
    frame_body(&message, out);
    um_bytes_text(out, "\r\n");
    um_bytes_add(out, message.body.data, message.body.len);
}
