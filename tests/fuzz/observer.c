/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The observer's part of a message is a block of its own, so that a double free is seen. */
#include "tests/fuzz/observer.h"

#include <stdlib.h>

struct noted {
    uint64_t digest;
    bool is_done;
};

void
um_fuzz_demand(bool holds)
{
    if (!holds)
        abort();
}

/* FNV-1a, which may be chained byte by byte. */
static uint64_t
mix(uint64_t digest, struct um_span bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        digest = (digest ^ bytes.data[i]) * 0x100000001b3U;
    return digest;
}

static uint64_t
mix_number(uint64_t digest, uint64_t number)
{
    return mix(digest, um_span_of(&number, sizeof number));
}

static int
take_head(void *ctx, struct um_http_message *message, bool *wants_body)
{
    struct um_fuzz_observer *observer = ctx;
    struct noted *noted = calloc(1, sizeof *noted);
    observer->heads++;
    um_fuzz_demand(message->user == NULL);
    *wants_body = true;
    if (!noted)
        return UM_ERR_NOMEM;
    noted->digest = mix(1, message->head);
    message->user = noted;
    return UM_OK;
}

static int
take_body(void *ctx, struct um_http_message *message, struct um_span bytes, bool *wants_more)
{
    struct noted *noted = message->user;
    (void)ctx;
    um_fuzz_demand(*wants_more && bytes.len > 0 && message->lost_bytes == 0 && !noted->is_done);
    noted->digest = mix(noted->digest, bytes);
    return UM_OK;
}

static int
take_done(void *ctx, struct um_http_message *message)
{
    struct um_fuzz_observer *observer = ctx;
    struct noted *noted = message->user;
    observer->dones++;
    um_fuzz_demand(!noted->is_done);
    um_fuzz_demand(!message->complete || message->lost_bytes == 0);
    um_fuzz_demand(message->first.frame <= message->last.frame);
    noted->is_done = true;
    noted->digest = mix_number(noted->digest, message->encoded_bytes);
    noted->digest = mix_number(noted->digest, message->complete);
    observer->digest = mix_number(observer->digest, noted->digest);
    return UM_OK;
}

static int
take_exchange(void *ctx, struct um_http_message *request, struct um_http_message *reply,
              enum um_unanswered why)
{
    struct um_fuzz_observer *observer = ctx;
    const struct noted *asked = request ? request->user : NULL;
    const struct noted *told = reply ? reply->user : NULL;
    observer->exchanges++;
    um_fuzz_demand(request || reply);
    um_fuzz_demand((reply != NULL) == (why == UM_UNANSWERED_NO));
    um_fuzz_demand((!request || !request->is_reply) && (!reply || reply->is_reply));
    observer->digest = mix_number(observer->digest, asked ? asked->digest : 2);
    observer->digest = mix_number(observer->digest, told ? told->digest : 3);
    return UM_OK;
}

static void
forget(void *ctx, struct um_http_message *message)
{
    struct um_fuzz_observer *observer = ctx;
    if (!message->user)
        return; /* its head could not be taken */
    observer->forgotten++;
    free(message->user);
    message->user = NULL;
}

struct um_http_events
um_fuzz_observer_events(struct um_fuzz_observer *observer)
{
    return (struct um_http_events){.ctx = observer,
                                   .head = take_head,
                                   .body = take_body,
                                   .done = take_done,
                                   .exchange = take_exchange,
                                   .forget = forget};
}

void
um_fuzz_observer_check(const struct um_fuzz_observer *observer)
{
    um_fuzz_demand(observer->heads == observer->dones);
    um_fuzz_demand(observer->heads == observer->forgotten);
}

bool
um_fuzz_next_step(struct um_span *script, struct um_fuzz_step *out)
{
    if (script->len == 0)
        return false;
    uint8_t head = script->data[0];
    *script = um_span_from(*script, 1);
    *out = (struct um_fuzz_step){.side = head & 1,
                                 .kind = (enum um_fuzz_kind)(head >> 1 & 3),
                                 .len = (size_t)(head >> 3) * 8};
    if (out->kind == UM_FUZZ_GAP || out->kind == UM_FUZZ_END)
        return true;
    out->kind = UM_FUZZ_DATA;
    out->bytes = um_span_first(*script, out->len);
    *script = um_span_from(*script, out->bytes.len);
    return true;
}

/* Data in pieces, each in memory of its own. */
static int
give_data(const struct um_sink *sink, struct um_span bytes, size_t piece, uint64_t offset,
          struct um_mark mark)
{
    int result = UM_OK;
    while (result == UM_OK && bytes.len > 0) {
        struct um_span part = um_span_first(bytes, piece);
        uint8_t *exact = malloc(part.len);
        if (!exact)
            return UM_ERR_NOMEM; /* it may be made fail, like any other */
        memcpy(exact, part.data, part.len);
        struct um_chunk chunk = {
            .bytes = um_span_of(exact, part.len), .offset = offset, .first = mark, .last = mark};
        result = sink->data(sink->ctx, &chunk);
        free(exact);
        offset += part.len;
        bytes = um_span_from(bytes, part.len);
    }
    return result;
}

static int
give_end(const struct um_sink *sink, size_t len, struct um_mark mark)
{
    static const enum um_end ends[] = {UM_END_FIN, UM_END_RESET, UM_END_CAPTURE, UM_END_EVICTED,
                                       UM_END_REPLACED};
    return sink->end(sink->ctx, ends[len / 8 % (sizeof ends / sizeof *ends)], &mark);
}

int
um_fuzz_play(struct um_span script, const struct um_sink sinks[2], size_t piece)
{
    bool has_enough[2] = {false, false}, has_ended[2] = {false, false};
    uint64_t offsets[2] = {0, 0};
    struct um_mark mark = {0};
    struct um_fuzz_step step;
    int result = UM_OK;
    while (result >= 0 && um_fuzz_next_step(&script, &step)) {
        const struct um_sink *sink = &sinks[step.side];
        mark.frame++;
        if (has_ended[step.side] || (has_enough[step.side] && step.kind != UM_FUZZ_END))
            continue;
        if (step.kind == UM_FUZZ_END) {
            result = give_end(sink, step.len, mark);
            has_ended[step.side] = true;
        } else if (step.kind == UM_FUZZ_GAP) {
            result = sink->gap(sink->ctx, um_missing_exactly(step.len + 1), UM_GAP_LOST, &mark);
            offsets[step.side] += step.len + 1;
        } else {
            result = give_data(sink, step.bytes, piece, offsets[step.side], mark);
            offsets[step.side] += step.bytes.len;
        }
        has_enough[step.side] = has_enough[step.side] || result == UM_SINK_ENOUGH;
    }
    for (int side = 0; side < 2 && result >= 0; side++) {
        if (!has_ended[side])
            result = give_end(&sinks[side], 0, mark);
    }
    return result < 0 ? result : UM_OK;
}
