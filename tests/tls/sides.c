/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sinks write down what they hear. */
#include "tests/tls/sides.h"

#include <stdio.h>

static struct sides *listening;

/* Which direction a sink is of: a pointer that is the side's number. */
static const int numbers[2] = {0, 1};

static int
say(const char *text)
{
    assert_int_equal(um_buf_append(&listening->told, um_span_text(text)), UM_OK);
    int answer = listening->answer;
    listening->answer = UM_OK;
    return answer;
}

static int
take_data(void *ctx, const struct um_chunk *chunk)
{
    char text[512];
    const int *side = ctx;
    (void)snprintf(text, sizeof text, "%d:%.*s ", *side, (int)chunk->bytes.len,
                   (const char *)chunk->bytes.data);
    listening->first = chunk->first;
    listening->last = chunk->last;
    return say(text);
}

static int
take_gap(void *ctx, struct um_missing missing, enum um_gap_cause cause, const struct um_mark *where)
{
    static const char *const causes[] = {"", " cut", " limit", " unseen", " sealed"};
    char text[64];
    const int *side = ctx;
    (void)where;
    if (missing.least == missing.most)
        (void)snprintf(text, sizeof text, "%d:[%ju%s] ", *side, (uintmax_t)missing.most,
                       causes[cause]);
    else
        (void)snprintf(text, sizeof text, "%d:[%ju-%ju%s] ", *side, (uintmax_t)missing.least,
                       (uintmax_t)missing.most, causes[cause]);
    return say(text);
}

static int
take_gap_ahead(void *ctx, uint64_t most, enum um_gap_cause cause)
{
    char text[64];
    const int *side = ctx;
    assert_true(cause <= UM_GAP_LIMIT);
    (void)snprintf(text, sizeof text, "%d:(%ju) ", *side, (uintmax_t)most);
    return say(text);
}

static int
take_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    const int *side = ctx;
    (void)why;
    (void)where;
    return say(*side == 0 ? "0:end " : "1:end ");
}

static void
take_passed(void *ctx, uint64_t bytes, const struct um_mark *last)
{
    char text[64];
    const int *side = ctx;
    (void)snprintf(text, sizeof text, "%d:~%ju ", *side, (uintmax_t)bytes);
    listening->last = *last;
    assert_int_equal(um_buf_append(&listening->told, um_span_text(text)), UM_OK);
}

void
sides_begin(struct sides *sides)
{
    struct um_sink clear[2];
    *sides = (struct sides){.meter = {.max = 1 << 20}};
    listening = sides;
    for (int i = 0; i < 2; i++)
        clear[i] = (struct um_sink){.ctx = (void *)(uintptr_t)&numbers[i],
                                    .data = take_data,
                                    .gap = take_gap,
                                    .end = take_end,
                                    .passed = take_passed,
                                    .gap_ahead = take_gap_ahead};
    assert_int_equal(um_secrets_new(&sides->meter, &sides->secrets), UM_OK);
    assert_int_equal(um_tls_new(&sides->meter, sides->secrets, clear, &sides->tls), UM_OK);
    assert_non_null(sides->tls);
}

void
sides_end(struct sides *sides)
{
    um_tls_free(sides->tls);
    um_secrets_free(sides->secrets);
    um_buf_done(&sides->told);
    assert_int_equal(sides->meter.used, 0);
}

void
sides_assert_told(struct sides *sides, const char *text)
{
    assert_span_equal(um_buf_span(&sides->told), um_span_text(text));
    um_buf_drop(&sides->told, sides->told.len);
}

void
sides_choose(struct sides *sides, uint16_t version, uint16_t suite)
{
    struct um_session *session = &sides->tls->session;
    sides->tls->info.client = 0;
    session->has_client = session->has_server = true;
    session->version = version;
    session->suite_id = suite;
    session->suite = um_tls_suite_find(suite);
    memset(session->randoms.client, 1, sizeof session->randoms.client);
    memset(session->randoms.server, 2, sizeof session->randoms.server);
}

void
sides_add_secret(struct sides *sides, enum um_secret_label label, uint8_t byte, size_t len)
{
    uint8_t secret[UM_SECRET_MAX];
    assert_true(len <= sizeof secret);
    memset(secret, byte, len);
    const uint8_t *random = sides->tls->session.randoms.client;
    assert_int_equal(um_secrets_add(sides->secrets, label, um_span_of(random, UM_TLS_RANDOM_BYTES),
                                    um_span_of(secret, len)),
                     UM_OK);
}

struct um_tls_arrival
sides_arrival(struct um_span bytes, uint64_t frame)
{
    struct um_tls_arrival arrival = {.first = {.frame = frame, .time_ns = 1},
                                     .last = {.frame = frame, .time_ns = 1}};
    if (bytes.len > 0)
        assert_int_equal(um_tls_record_split(&bytes, &arrival.record), UM_DONE);
    return arrival;
}
