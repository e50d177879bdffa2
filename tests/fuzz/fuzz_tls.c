/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a key log and as both directions of a TLS connection, with holes:
 *
 *   keylog <2> | pieces: side 1 (bit 0; bit 1: a hole of that length) | bytes <2>
 *
 * What is read piece by piece must be what is read byte by byte, and as many bytes when most of
 * them are of no use.
 */
#include <stdlib.h>

#include "core/base/buf.h"
#include "core/base/cursor.h"
#include "core/base/err.h"
#include "offline/tls/keylog.h"
#include "offline/tls/tls.h"

enum { UNWANTED_BYTES = 1 << 20, TRIES_MAX = 20000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    int unwanted; /* bytes behind each chunk that are of no use */
    struct um_buf clear;
    uint64_t passed, gap_bytes;
    unsigned ends;
};

static void
demand(bool holds)
{
    if (!holds)
        abort();
}

static int
take_data(void *ctx, const struct um_chunk *chunk)
{
    struct seen *seen = ctx;
    uint64_t before = seen->clear.len + seen->passed + seen->gap_bytes;
    demand(chunk->bytes.len > 0 && chunk->offset == before);
    demand(um_buf_append(&seen->clear, chunk->bytes) == UM_OK);
    return seen->unwanted;
}

static void
take_passed(void *ctx, uint64_t bytes, const struct um_mark *last)
{
    struct seen *seen = ctx;
    demand(bytes > 0 && bytes <= (uint64_t)seen->unwanted && last->frame > 0);
    seen->passed += bytes;
}

static int
take_gap(void *ctx, struct um_missing missing, enum um_gap_cause cause, const struct um_mark *where)
{
    struct seen *seen = ctx;
    (void)cause;
    (void)where;
    demand(missing.most > 0 && missing.least <= missing.most);
    seen->gap_bytes += missing.most;
    return UM_OK;
}

static int
take_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    struct seen *seen = ctx;
    (void)why;
    (void)where;
    demand(seen->ends++ == 0);
    return UM_OK;
}

static struct um_span
take_vector(struct um_cursor *c)
{
    size_t len = um_cursor_be16(c);
    return um_cursor_take(c, len < c->left.len ? len : c->left.len);
}

static void
push(struct um_sink sink, struct um_span bytes, size_t step)
{
    const struct um_mark mark = {.frame = 1, .time_ns = 1};
    while (bytes.len > 0) {
        const struct um_chunk chunk = {
            .bytes = um_span_first(bytes, step), .first = mark, .last = mark};
        demand(sink.data(sink.ctx, &chunk) == UM_OK);
        bytes = um_span_from(bytes, step);
    }
}

static void
read_all(struct um_span input, size_t step, struct seen seen[2])
{
    const struct um_mark mark = {.frame = 1, .time_ns = 1};
    struct um_meter meter = {.max = 16 << 20};
    struct um_cursor c = um_cursor_of(input);
    struct um_secrets *secrets = NULL;
    struct um_tls *tls = NULL;
    struct um_sink clear[2];
    for (int i = 0; i < 2; i++)
        clear[i] = (struct um_sink){.ctx = &seen[i],
                                    .data = take_data,
                                    .gap = take_gap,
                                    .end = take_end,
                                    .passed = take_passed};
    demand(um_secrets_new(&meter, &secrets) == UM_OK);
    demand(um_secrets_spend(secrets, um_secrets_tries_left(secrets) - TRIES_MAX, TRIES_MAX));
    struct um_keylog keylog = {.secrets = secrets};
    demand(um_keylog_push(&keylog, take_vector(&c)) == UM_OK && um_keylog_end(&keylog) == UM_OK);
    demand(um_tls_new(&meter, secrets, clear, &tls) == UM_OK && tls);
    while (c.left.len > 2) {
        uint8_t what = um_cursor_u8(&c);
        struct um_sink sink = um_tls_sink(tls, what & 1);
        if (what & 2)
            demand(sink.gap(sink.ctx, um_missing_exactly((uint64_t)um_cursor_be16(&c) + 1),
                            UM_GAP_LOST, &mark) == UM_OK);
        else
            push(sink, take_vector(&c), step);
    }
    for (int i = 0; i < 2; i++) {
        struct um_sink sink = um_tls_sink(tls, i);
        demand(sink.end(sink.ctx, UM_END_FIN, &mark) == UM_OK);
    }
    um_tls_free(tls);
    um_secrets_free(secrets);
    demand(meter.used == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen whole[2] = {0}, bytewise[2] = {0},
                unwanted[2] = {{.unwanted = UNWANTED_BYTES}, {.unwanted = UNWANTED_BYTES}};
    struct um_span input = um_span_of(data, size);
    read_all(input, SIZE_MAX, whole);
    read_all(input, 1, bytewise);
    read_all(input, SIZE_MAX, unwanted);
    for (int i = 0; i < 2; i++) {
        demand(um_span_equal(um_buf_span(&whole[i].clear), um_buf_span(&bytewise[i].clear)));
        demand(whole[i].gap_bytes == bytewise[i].gap_bytes);
        demand(whole[i].clear.len == unwanted[i].clear.len + unwanted[i].passed);
        demand(whole[i].gap_bytes == unwanted[i].gap_bytes);
        um_buf_done(&whole[i].clear);
        um_buf_done(&bytewise[i].clear);
        um_buf_done(&unwanted[i].clear);
    }
    return 0;
}
