/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each message has a decoder and a digest of its own: bodies of many connections interleave. */
#include "offline/http/http_lines.h"

#include <stdlib.h>

#include "offline/http/body.h"
#include "offline/tls/digest.h"

enum {
    WATCHED_BYTES = 1024, /* of a message that is open, its digest included */
    TEXT_BYTES = 16,      /* so many of ASCII in a row are nothing that a coding makes */
};

struct um_http_lines {
    const struct um_limits *limits;
    struct um_meter *meter;
    uint64_t undecoded; /* bodies, at the limit `memory` */
    um_http_line_fn emit;
    void *ctx;
};

struct watched {
    struct um_body *body;
    struct um_digest *digest;
    uint64_t bytes;
    uint64_t metered_bytes;
    bool is_undecoded; /* there was no memory for it */
    bool is_no_text;   /* some byte of it, as sent */
};

int
um_http_lines_new(const struct um_limits *limits, struct um_meter *meter, um_http_line_fn emit,
                  void *ctx, struct um_http_lines **out)
{
    struct um_http_lines *lines = calloc(1, sizeof *lines);
    if (!lines)
        return UM_ERR_NOMEM;
    *lines = (struct um_http_lines){.limits = limits, .meter = meter, .emit = emit, .ctx = ctx};
    *out = lines;
    return UM_OK;
}

uint64_t
um_http_lines_undecoded(const struct um_http_lines *lines)
{
    return lines->undecoded;
}

void
um_http_lines_free(struct um_http_lines *lines)
{
    free(lines);
}

static int
digest_decoded(void *ctx, struct um_span decoded)
{
    struct watched *watched = ctx;
    watched->bytes += decoded.len;
    int err = um_digest_add(watched->digest, decoded);
    return err ? err : 1;
}

static uint64_t
decoder_bytes(enum um_http_coding coding)
{
    switch (coding) {
    case UM_HTTP_CODING_GZIP:
    case UM_HTTP_CODING_DEFLATE:
        return 64 * 1024; /* its window, and what is decoded at once */
    case UM_HTTP_CODING_BROTLI:
    case UM_HTTP_CODING_ZSTD:
        return 1024 * 1024; /* windows as the sender chooses; a usual one */
    default:
        return 0;
    }
}

static bool
has_room(struct um_http_lines *lines, const struct um_http_message *message,
         struct watched *watched)
{
    uint64_t bytes = WATCHED_BYTES;
    for (size_t i = 0; i < message->coding_count; i++)
        bytes += decoder_bytes(message->codings[i]);
    if (!um_meter_take(lines->meter, bytes))
        return false;
    watched->metered_bytes = bytes;
    return true;
}

static int
take_head(void *ctx, struct um_http_message *message, bool *wants_body)
{
    struct um_http_lines *lines = ctx;
    *wants_body = true;
    struct watched *watched = calloc(1, sizeof *watched);
    if (!watched)
        return UM_ERR_NOMEM;
    message->user = watched;
    if (!has_room(lines, message, watched)) {
        watched->is_undecoded = true;
        lines->undecoded++;
        return UM_OK;
    }
    int err = um_digest_new(&watched->digest);
    if (!err && message->coding_count > 0) {
        err = um_body_new(lines->limits, &watched->body);
        if (!err)
            err = um_body_begin(watched->body, message->codings, message->coding_count,
                                digest_decoded, watched);
    }
    return err;
}

static bool
is_text(struct um_span bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        uint8_t byte = bytes.data[i];
        bool is_space = byte == '\t' || byte == '\r' || byte == '\n';
        if (!is_space && (byte < ' ' || byte > '~'))
            return false;
    }
    return true;
}

/* Nobody knows whether the body is coded, and the bytes do not tell that it is not. */
static bool
may_be_coded(const struct um_http_message *message, const struct watched *watched)
{
    bool is_plain = message->encoded_bytes >= TEXT_BYTES && !watched->is_no_text;
    return message->is_coding_unknown && message->encoded_bytes > 0 && !is_plain;
}

static int
take_body(void *ctx, struct um_http_message *message, struct um_span bytes, bool *wants_more)
{
    (void)ctx;
    struct watched *watched = message->user;
    *wants_more = true; /* the length as sent is counted to the end */
    if (watched->is_undecoded)
        return UM_OK;
    if (message->is_coding_unknown && !watched->is_no_text)
        watched->is_no_text = !is_text(bytes);
    int result =
        watched->body ? um_body_push(watched->body, bytes) : digest_decoded(watched, bytes);
    return result < 0 ? result : UM_OK;
}

static int
take_done(void *ctx, struct um_http_message *message)
{
    const struct um_http_lines *lines = ctx;
    struct watched *watched = message->user;
    char hex[UM_DIGEST_HEX_MAX] = "";
    int err = watched->is_undecoded ? UM_OK : um_digest_hex(watched->digest, hex);
    if (err)
        return err;
    enum um_body_state state = watched->body ? um_body_end(watched->body) : UM_BODY_GOOD;
    struct um_http_line line = {
        .message = message,
        .is_decoded = !watched->is_undecoded && !may_be_coded(message, watched) &&
                      (state == UM_BODY_GOOD || (state == UM_BODY_SHORT && !message->complete)),
        .body_bytes = watched->bytes,
        .body_sha256 = hex,
    };
    return lines->emit(lines->ctx, &line);
}

static void
forget(void *ctx, struct um_http_message *message)
{
    const struct um_http_lines *lines = ctx;
    struct watched *watched = message->user;
    if (!watched)
        return;
    um_meter_give(lines->meter, watched->metered_bytes);
    um_body_free(watched->body);
    um_digest_free(watched->digest);
    free(watched);
    message->user = NULL;
}

struct um_http_events
um_http_lines_events(struct um_http_lines *lines)
{
    return (struct um_http_events){
        .ctx = lines, .head = take_head, .body = take_body, .done = take_done, .forget = forget};
}
