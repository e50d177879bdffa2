/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each message has a decoder and a digest of its own: bodies of many connections interleave. */
#include "offline/http/http_lines.h"

#include <stdlib.h>

#include "offline/http/body.h"
#include "offline/tls/digest.h"

struct um_http_lines {
    const struct um_limits *limits;
    um_http_line_fn emit;
    void *ctx;
};

struct watched {
    struct um_body *body;
    struct um_digest *digest;
    uint64_t bytes;
};

int
um_http_lines_new(const struct um_limits *limits, um_http_line_fn emit, void *ctx,
                  struct um_http_lines **out)
{
    struct um_http_lines *lines = calloc(1, sizeof *lines);
    if (!lines)
        return UM_ERR_NOMEM;
    *lines = (struct um_http_lines){.limits = limits, .emit = emit, .ctx = ctx};
    *out = lines;
    return UM_OK;
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

static int
take_head(void *ctx, struct um_http_message *message, bool *wants_body)
{
    const struct um_http_lines *lines = ctx;
    *wants_body = true;
    struct watched *watched = calloc(1, sizeof *watched);
    if (!watched)
        return UM_ERR_NOMEM;
    message->user = watched;
    int err = um_digest_new(&watched->digest);
    if (!err && message->coding_count > 0) {
        err = um_body_new(lines->limits, &watched->body);
        if (!err)
            err = um_body_begin(watched->body, message->codings, message->coding_count,
                                digest_decoded, watched);
    }
    return err;
}

static int
take_body(void *ctx, struct um_http_message *message, struct um_span bytes, bool *wants_more)
{
    (void)ctx;
    struct watched *watched = message->user;
    int result =
        watched->body ? um_body_push(watched->body, bytes) : digest_decoded(watched, bytes);
    *wants_more = true; /* the length as sent is counted to the end */
    return result < 0 ? result : UM_OK;
}

static int
take_done(void *ctx, struct um_http_message *message)
{
    const struct um_http_lines *lines = ctx;
    struct watched *watched = message->user;
    char hex[UM_DIGEST_HEX_MAX];
    int err = um_digest_hex(watched->digest, hex);
    if (err)
        return err;
    enum um_body_state state = watched->body ? um_body_end(watched->body) : UM_BODY_GOOD;
    struct um_http_line line = {
        .message = message,
        .is_decoded = state == UM_BODY_GOOD || (state == UM_BODY_SHORT && !message->complete),
        .body_bytes = watched->bytes,
        .body_sha256 = hex,
    };
    return lines->emit(lines->ctx, &line);
}

static void
forget(void *ctx, struct um_http_message *message)
{
    (void)ctx;
    struct watched *watched = message->user;
    if (!watched)
        return;
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
