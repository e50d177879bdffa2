/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sinks check what every stage may rely on: offsets, marks, no empty chunk. */
#include "tests/tls/reader.h"

#include "offline/tls/keylog.h"
#include "tests/support/support.h"

static int
take_data(void *ctx, const struct um_chunk *chunk)
{
    struct reader_seen *seen = ctx;
    assert_true(chunk->bytes.len > 0);
    assert_int_equal(chunk->offset, seen->clear.len + seen->passed + seen->gap_bytes);
    assert_true(chunk->first.frame > 0 && chunk->first.frame <= chunk->last.frame);
    if (seen->said.len > 0)
        assert_span_equal(um_span_first(um_span_from(seen->said, chunk->offset), chunk->bytes.len),
                          chunk->bytes);
    if (seen->gaps > 0 && seen->frame_behind == 0)
        seen->frame_behind = chunk->first.frame;
    seen->first_frame = chunk->first.frame;
    seen->last_frame = chunk->last.frame;
    int err = um_buf_append(&seen->clear, chunk->bytes);
    return err ? err : seen->unwanted;
}

static void
take_passed(void *ctx, uint64_t bytes, const struct um_mark *last)
{
    struct reader_seen *seen = ctx;
    assert_true(bytes > 0 && bytes <= (uint64_t)seen->unwanted && last->frame > 0);
    seen->passed += bytes;
}

static int
take_gap(void *ctx, struct um_missing missing, enum um_gap_cause cause, const struct um_mark *where)
{
    struct reader_seen *seen = ctx;
    (void)where;
    assert_true(missing.most > 0 && missing.least <= missing.most);
    seen->gap_cause = cause;
    seen->ahead = 0;
    seen->frame_behind = 0;
    if (seen->gaps++ == 0)
        seen->gap_at = seen->clear.len;
    seen->gap_bytes += missing.most;
    seen->gap_least += missing.least;
    return UM_OK;
}

static int
take_gap_ahead(void *ctx, uint64_t most, enum um_gap_cause cause)
{
    struct reader_seen *seen = ctx;
    (void)cause;
    assert_true(most > 0);
    seen->ahead = most;
    return UM_OK;
}

static int
take_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    struct reader_seen *seen = ctx;
    (void)why;
    (void)where;
    seen->ends++;
    return UM_OK;
}

int
reader_keys(struct reader *reader, struct um_span keylog_text)
{
    struct um_keylog keylog = {.secrets = reader->secrets};
    int err = um_keylog_push(&keylog, keylog_text);
    return err ? err : um_keylog_end(&keylog);
}

/* A new connection of the same run. */
int
reader_connect(struct reader *reader)
{
    struct um_sink clear[2];
    for (int i = 0; i < 2; i++) {
        um_buf_done(&reader->seen[i].clear);
        reader->seen[i] = (struct reader_seen){0};
        clear[i] = (struct um_sink){.ctx = &reader->seen[i],
                                    .data = take_data,
                                    .gap = take_gap,
                                    .end = take_end,
                                    .passed = take_passed,
                                    .gap_ahead = take_gap_ahead};
    }
    um_tls_free(reader->tls);
    reader->tls = NULL;
    int err = um_tls_new(&reader->meter, reader->secrets, clear, &reader->tls);
    assert_true(err || reader->tls);
    return err;
}

void
reader_open(struct reader *reader, struct um_span keylog_text)
{
    assert_int_equal(reader_init(reader), UM_OK);
    assert_int_equal(reader_keys(reader, keylog_text), UM_OK);
    assert_int_equal(reader_connect(reader), UM_OK);
}

int
reader_init(struct reader *reader)
{
    *reader = (struct reader){.meter = {.max = 64 << 20}};
    return um_secrets_new(&reader->meter, &reader->secrets);
}

void
reader_done(struct reader *reader)
{
    for (int i = 0; i < 2; i++)
        um_buf_done(&reader->seen[i].clear);
    um_tls_free(reader->tls);
    um_secrets_free(reader->secrets);
    assert_int_equal(reader->meter.used, 0);
}

static int
feed_bytes(struct reader *reader, const struct peers *peers, int side, size_t at, size_t len,
           uint64_t frame)
{
    uint8_t *copy = um_test_exact_copy(peers->wire[side].data + at, len);
    struct um_sink sink = um_tls_sink(reader->tls, side);
    struct um_mark mark = {.frame = frame, .time_ns = 1};
    struct um_chunk chunk = {
        .bytes = um_span_of(copy, len), .offset = at, .first = mark, .last = mark};
    int err = len > 0 ? sink.data(sink.ctx, &chunk) : UM_OK;
    free(copy);
    return err;
}

int
reader_feed_piece(struct reader *reader, const struct peers *peers, const struct peers_piece *piece,
                  size_t step, const struct reader_hole *hole, uint64_t frame)
{
    struct um_sink sink = um_tls_sink(reader->tls, piece->side);
    struct um_mark mark = {.frame = frame, .time_ns = 1};
    int err = UM_OK;
    for (size_t at = piece->at, end = piece->at + piece->len; at < end && !err;) {
        size_t len = end - at < step ? end - at : step;
        bool is_near = hole && hole->side == piece->side && at < hole->to && at + len > hole->from;
        if (is_near && at < hole->from)
            len = hole->from - at;
        else if (is_near)
            len = hole->to < end ? hole->to - at : end - at;
        if (is_near && at >= hole->from)
            err = sink.gap(sink.ctx, um_missing_exactly(len), UM_GAP_LOST, &mark);
        else
            err = feed_bytes(reader, peers, piece->side, at, len, frame);
        at += len;
    }
    return err;
}

int
reader_feed(struct reader *reader, const struct peers *peers, size_t step,
            const struct reader_hole *hole)
{
    int err = UM_OK;
    for (size_t i = 0; i < peers->piece_count && !err; i++)
        err = reader_feed_piece(reader, peers, &peers->pieces[i], step, hole, i + 1);
    for (int side = 0; side < 2 && !err; side++) {
        struct um_sink sink = um_tls_sink(reader->tls, side);
        struct um_mark mark = {.frame = peers->piece_count, .time_ns = 1};
        err = sink.end(sink.ctx, UM_END_FIN, &mark);
    }
    return err;
}

void
reader_assert_read(const struct reader *reader, const struct peers *peers)
{
    for (int side = 0; side < 2; side++) {
        assert_span_equal(um_buf_span(&reader->seen[side].clear), um_buf_span(&peers->clear[side]));
        assert_int_equal(reader->seen[side].gaps, 0);
        assert_int_equal(reader->seen[side].ends, 1);
    }
    struct um_tls_info info = um_tls_info(reader->tls);
    assert_true(info.is_read && !info.is_protected && !info.is_unread && info.has_secrets);
    assert_false(info.alert.is_there);
    assert_int_equal(info.failures, 0);
    assert_int_equal(info.client, 0);
    assert_span_equal(info.server_name, S("um.example"));
    assert_int_equal(info.bytes, peers->wire[0].len + peers->wire[1].len);
}
