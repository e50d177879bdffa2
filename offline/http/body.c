/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A chain of stages, one for each coding, last applied first undone; each feeds the next. */
#include "offline/http/body.h"

#include <stdlib.h>

#include "offline/http/coding.h"

enum {
    OUT_BYTES = 16 * 1024,       /* decoded at once */
    FIRST_OUT_BYTES = 512,       /* and at first: often they are enough to refuse the body */
    RATIO_FREE_BYTES = 64 << 10, /* bytes out before the ratio counts: small bodies compress well */
};

static const struct um_coding *const known[] = {
    [UM_HTTP_CODING_GZIP] = &um_coding_gzip,
    [UM_HTTP_CODING_DEFLATE] = &um_coding_deflate,
    [UM_HTTP_CODING_BROTLI] = &um_coding_brotli,
    [UM_HTTP_CODING_ZSTD] = &um_coding_zstd,
};

struct stage {
    enum um_http_coding coding;
    void *states[sizeof known / sizeof *known]; /* kept from body to body */
    bool is_begun;                              /* some input has come */
    bool is_ended;                              /* the coding's own end was seen */
    bool is_over;                               /* and something else stood behind it */
    size_t magic_len;                           /* bytes of the next member's beginning seen */
    uint8_t magic_first;                        /* with magic_len: the first of them */
    uint64_t in, out;
    uint8_t *buffer; /* OUT_BYTES */
};

struct um_body {
    struct um_limits limits;
    struct stage stages[UM_HTTP_CODINGS_MAX];
    size_t count;
    um_body_out_fn out;
    void *ctx;
    enum um_body_state state;
    bool is_over; /* nothing more can or need be decoded */
};

int
um_body_new(const struct um_limits *limits, struct um_body **out)
{
    struct um_body *body = calloc(1, sizeof *body);
    if (!body)
        return UM_ERR_NOMEM;
    body->limits = *limits;
    *out = body;
    return UM_OK;
}

void
um_body_free(struct um_body *body)
{
    if (!body)
        return;
    for (size_t i = 0; i < UM_HTTP_CODINGS_MAX; i++) {
        for (size_t k = 0; k < sizeof known / sizeof *known; k++) {
            if (known[k])
                known[k]->free(body->stages[i].states[k]);
        }
        free(body->stages[i].buffer);
    }
    free(body);
}

int
um_body_begin(struct um_body *body, const enum um_http_coding *codings, size_t count,
              um_body_out_fn out, void *ctx)
{
    body->count = 0;
    body->out = out;
    body->ctx = ctx;
    body->state = UM_BODY_GOOD;
    body->is_over = false;
    for (size_t i = count; i > 0; i--) {
        if (codings[i - 1] == UM_HTTP_CODING_IDENTITY)
            continue;
        if (codings[i - 1] == UM_HTTP_CODING_OTHER || body->count == UM_HTTP_CODINGS_MAX) {
            body->state = UM_BODY_UNKNOWN;
            body->is_over = true;
            return UM_OK;
        }
        struct stage *stage = &body->stages[body->count++];
        stage->coding = codings[i - 1];
        stage->is_begun = stage->is_ended = stage->is_over = false;
        stage->magic_len = 0;
        stage->in = stage->out = 0;
        if (!stage->buffer && !(stage->buffer = malloc(OUT_BYTES)))
            return UM_ERR_NOMEM;
    }
    return UM_OK;
}

static int
give_up(struct um_body *body, enum um_body_state state)
{
    body->state = state;
    body->is_over = true;
    return 0;
}

/* Counts what a stage gave; at a limit the rest is cut off. */
static struct um_span
count_out(struct um_body *body, struct stage *stage, size_t len)
{
    uint64_t max = body->limits.max[UM_LIMIT_INFLATE];
    uint64_t ratio = body->limits.max[UM_LIMIT_INFLATE_RATIO];
    struct um_span out = um_span_of(stage->buffer, len);
    if (len > max - stage->out) {
        out = um_span_first(out, (size_t)(max - stage->out));
        (void)give_up(body, UM_BODY_LIMIT_BYTES);
    }
    stage->out += out.len;
    if (stage->out > RATIO_FREE_BYTES && stage->out / ratio > stage->in)
        (void)give_up(body, UM_BODY_LIMIT_RATIO);
    return out;
}

static int push_from(struct um_body *body, size_t index, struct um_span bytes);

/* One step of a stage's library; moves `input`. 1, 0 or a negative error as um_body_push. */
static int
decode_some(struct um_body *body, size_t index, struct um_span *input, bool *is_dry)
{
    struct stage *stage = &body->stages[index];
    struct um_coding_step done = {0};
    size_t before = input->len, room = stage->out < FIRST_OUT_BYTES ? FIRST_OUT_BYTES : OUT_BYTES;
    int err =
        known[stage->coding]->step(stage->states[stage->coding], input, stage->buffer, room, &done);
    if (err == UM_ERR_NOMEM)
        return err;
    stage->in += before - input->len;
    *is_dry = done.made < room;
    struct um_span decoded = count_out(body, stage, done.made);
    int go_on = decoded.len > 0 ? push_from(body, index + 1, decoded) : 1;
    if (go_on <= 0)
        return go_on;
    bool is_stuck = before > 0 && input->len == before && done.made == 0 && !done.is_ended;
    if (err || is_stuck)
        return give_up(body, UM_BODY_BAD);
    if (done.is_ended) {
        stage->is_ended = true;
        stage->is_begun = false;
    }
    return body->is_over ? 0 : 1;
}

/* Decodes all of `bytes`, up to the end of the member. `*bytes` keeps what stands behind it. */
static int
decode_member(struct um_body *body, size_t index, struct um_span *bytes)
{
    int go_on = 1;
    bool is_dry = true;
    while (go_on > 0 && body->stages[index].is_begun && (bytes->len > 0 || !is_dry))
        go_on = decode_some(body, index, bytes, &is_dry);
    return go_on;
}

/* `first`: the byte that the member begins with. */
static int
begin_member(struct stage *stage, uint8_t first)
{
    int err = known[stage->coding]->begin(&stage->states[stage->coding], first);
    if (err)
        return err;
    stage->is_begun = true;
    stage->is_ended = false;
    return UM_OK;
}

enum { SKIPPABLE_BITS = 0xf0 }; /* of the first byte; the others number the frame */

/*
 * How a member that begins with `first` must begin behind another: gzip may be several, zstd
 * several frames, some of which nobody reads: RFC 8878 section 3.1.2. Empty: none may.
 */
static struct um_span
magic_of(enum um_http_coding coding, uint8_t first)
{
    static const uint8_t gzip[] = {0x1f, 0x8b}, zstd[] = {0x28, 0xb5, 0x2f, 0xfd},
                         skippable[] = {0x50, 0x2a, 0x4d, 0x18};
    if (coding == UM_HTTP_CODING_GZIP && first == gzip[0])
        return um_span_of(gzip, sizeof gzip);
    if (coding == UM_HTTP_CODING_ZSTD && first == zstd[0])
        return um_span_of(zstd, sizeof zstd);
    if (coding == UM_HTTP_CODING_ZSTD && (first & SKIPPABLE_BITS) == skippable[0])
        return um_span_of(skippable, sizeof skippable);
    return um_span_of(NULL, 0);
}

/*
 * Behind the end of a member: another one, told by all bytes of its magic number, or something that
 * is ignored with all that follows it. 1, 0 or a negative error as um_body_push.
 */
static int
look_for_member(struct um_body *body, size_t index, struct um_span *bytes)
{
    struct stage *stage = &body->stages[index];
    if (stage->magic_len == 0)
        stage->magic_first = bytes->data[0];
    struct um_span magic = magic_of(stage->coding, stage->magic_first);
    while (bytes->len > 0 && stage->magic_len < magic.len &&
           (stage->magic_len == 0 || bytes->data[0] == magic.data[stage->magic_len])) {
        stage->magic_len++;
        *bytes = um_span_from(*bytes, 1);
    }
    if (magic.len == 0 || stage->magic_len < magic.len) {
        stage->is_over = bytes->len > 0;
        return 1;
    }
    stage->magic_len = 0;
    int err = begin_member(stage, magic.data[0]);
    return err ? err : decode_member(body, index, &magic);
}

/* Depth of the recursion: the number of codings, at most UM_HTTP_CODINGS_MAX. */
static int
push_from(struct um_body *body, size_t index, struct um_span bytes)
{
    if (index == body->count)
        return body->out(body->ctx, bytes);
    struct stage *stage = &body->stages[index];
    int go_on = 1;
    while (go_on > 0 && bytes.len > 0 && !stage->is_over) {
        if (stage->is_ended) {
            go_on = look_for_member(body, index, &bytes);
        } else {
            int err = stage->is_begun ? UM_OK : begin_member(stage, bytes.data[0]);
            go_on = err ? err : decode_member(body, index, &bytes);
        }
    }
    return go_on;
}

int
um_body_push(struct um_body *body, struct um_span encoded)
{
    if (body->is_over)
        return 0;
    int go_on = encoded.len > 0 ? push_from(body, 0, encoded) : 1;
    if (go_on == 0)
        body->is_over = true;
    return go_on;
}

enum um_body_state
um_body_end(struct um_body *body)
{
    for (size_t i = 0; i < body->count && body->state == UM_BODY_GOOD && !body->is_over; i++) {
        if (body->stages[i].is_begun)
            body->state = UM_BODY_SHORT;
    }
    return body->state;
}
