/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Floods: what a hostile peer sends by the thousand costs neither memory nor the exchange that
 * stands beside it.
 */
#include "tests/http/h2_talk.h"

enum { CLIENT = UM_H2_TALK_CLIENT, SERVER = UM_H2_TALK_SERVER, FLOOD = 6000 };

static const char one_exchange[] = "1 GET /a 0 text/xml []\n1   200 text/xml [one]\n?!\n";

static void
finish_bounded(struct um_h2_talk *t)
{
    assert_true(t->peak < 100000);
    um_h2_talk_end(t);
}

static void
finish(struct um_h2_talk *t, const char *expected)
{
    um_h2_talk_assert(t, expected);
    finish_bounded(t);
}

/* Whatever stands in the third turn, the exchange around it is whole, and memory is bounded. */
static void
assert_harmless(struct um_h2_talk *t)
{
    um_h2_talk_answer(t, 1, "one");
    finish(t, one_exchange);
}

static struct um_h2_talk *
begin_flood(int side, struct um_buf **to)
{
    struct um_h2_talk *t = um_h2_talk_begin();
    um_h2_talk_ask(t, 1, "/a");
    *to = um_h2_talk_turn(t, side);
    return t;
}

static void
settings_pings_and_updates_by_the_thousand_cost_nothing(void **state)
{
    (void)state;
    struct um_buf *to;
    struct um_h2_talk *t = begin_flood(CLIENT, &to);
    for (size_t i = 0; i < FLOOD; i++) {
        um_h2_talk_frame(to, UM_H2_SETTINGS, 0, 0, um_span_of("\0\4\0\0\1\0", 6));
        um_h2_talk_frame(to, UM_H2_PING, 0, 0, S("12345678"));
        um_h2_talk_frame(to, UM_H2_WINDOW_UPDATE, 0, 0, um_span_of("\0\0\0\1", 4));
        um_h2_talk_frame(to, UM_H2_PRIORITY, 0, 77, um_span_of("\0\0\0\1\1", 5));
    }
    assert_harmless(t);
}

static void
empty_frames_by_the_thousand_cost_nothing(void **state)
{
    (void)state;
    struct um_buf *to;
    struct um_h2_talk *t = begin_flood(SERVER, &to);
    for (size_t i = 0; i < FLOOD; i++) {
        um_h2_talk_frame(to, UM_H2_DATA, 0, 1, S("")); /* before its head */
        um_h2_talk_frame(to, UM_H2_DATA, 0, 5, S("")); /* of a stream that is not open */
        um_h2_talk_frame(to, UM_H2_SETTINGS, UM_H2_ACK, 0, S(""));
        um_h2_talk_frame(to, 0xee, 0xff, 3, S("")); /* of a type that does not exist */
        um_h2_talk_frame(to, UM_H2_DATA, UM_H2_PADDED, 5, um_span_of("\0", 1));
    }
    assert_harmless(t);
}

static void
empty_continuations_cost_nothing(void **state)
{
    (void)state;
    struct um_buf *to;
    struct um_h2_talk *t = begin_flood(SERVER, &to);
    struct um_span block = um_h2_talk_reply(t, "200");
    um_h2_talk_frame(to, UM_H2_HEADERS, 0, 1, um_span_first(block, 3));
    for (size_t i = 0; i < FLOOD; i++)
        um_h2_talk_frame(to, UM_H2_CONTINUATION, 0, 1, S(""));
    um_h2_talk_frame(to, UM_H2_CONTINUATION, UM_H2_END_HEADERS, 1, um_span_from(block, 3));
    um_h2_talk_frame(to, UM_H2_DATA, UM_H2_END_STREAM, 1, S("one"));
    finish(t, one_exchange);
}

/* Of a block that never ends no more is kept than the limit `head`; the table is lost with it. */
static void
block_without_end_is_cut_at_the_limit_head(void **state)
{
    (void)state;
    struct um_buf *to;
    struct um_h2_talk *t = begin_flood(CLIENT, &to);
    t->limits.max[UM_LIMIT_HEAD] = 1024;
    nghttp2_nv field = um_h2_talk_field("x-filler", "0123456789012345678901234567890123456789");
    um_h2_talk_frame(to, UM_H2_HEADERS, UM_H2_END_STREAM, 3,
                     um_h2_talk_request(t, CLIENT, "GET", "/flood"));
    for (size_t i = 0; i < FLOOD; i++)
        um_h2_talk_frame(to, UM_H2_CONTINUATION, 0, 3,
                         um_h2_talk_encode(&t->encoders[CLIENT], &field, 1));
    um_h2_talk_frame(to, UM_H2_CONTINUATION, UM_H2_END_HEADERS, 3, S(""));
    um_h2_talk_answer(t, 1, "one");
    finish(t, "1 GET /a 0 text/xml []\n3 GET /flood 0 text/xml [] coded?\n"
              "1   200 text/xml [one]\n?!\n? closed\n");
}

/* One byte of HPACK may stand for kilobytes: the fields kept are bounded too. */
static void
block_that_grows_when_decoded_is_cut_at_the_limit_head(void **state)
{
    (void)state;
    struct um_buf *to;
    struct um_h2_talk *t = begin_flood(CLIENT, &to);
    t->limits.max[UM_LIMIT_HEAD] = 2000;
    char value[1200];
    memset(value, 'v', sizeof value - 1);
    value[sizeof value - 1] = '\0';
    nghttp2_nv fields[64];
    for (size_t i = 0; i < 64; i++)
        fields[i] = um_h2_talk_field("x-bomb", value);
    fields[0] = um_h2_talk_field(":method", "GET");
    fields[1] = um_h2_talk_field(":path", "/bomb");
    um_h2_talk_frame(to, UM_H2_HEADERS, UM_H2_END_HEADERS | UM_H2_END_STREAM, 3,
                     um_h2_talk_encode(&t->encoders[CLIENT], fields, 64));
    um_h2_talk_answer(t, 1, "one");
    finish(
        t,
        "1 GET /a 0 text/xml []\n3 GET /bomb 0  [] coded?\n1   200 text/xml [one]\n?!\n? closed\n");
}

/* Every stream is told once, and no more are held at a time than the limit says. */
static void
streams_by_the_thousand_are_told_and_bounded(void **state)
{
    (void)state;
    struct um_buf *to;
    struct um_h2_talk *t = begin_flood(CLIENT, &to);
    t->limits.max[UM_LIMIT_H2_STREAMS] = 8;
    for (uint32_t stream = 3; stream < 2 * FLOOD; stream += 2)
        um_h2_talk_frame(to, UM_H2_HEADERS, UM_H2_END_HEADERS, stream,
                         um_h2_talk_request(t, CLIENT, "POST", "/flood"));
    struct um_h2_told told = {.is_counted_only = true};
    assert_int_equal(um_h2_talk_play(t, SIZE_MAX, &told), UM_OK);
    assert_int_equal(told.begun, FLOOD);
    assert_int_equal(told.exchanges, FLOOD);
    finish_bounded(t);
}

/* Opened and reset at once: they are held for a late reply, no more of them than the limit says. */
static void
streams_reset_by_the_thousand_are_bounded(void **state)
{
    (void)state;
    struct um_buf *to;
    struct um_h2_talk *t = begin_flood(CLIENT, &to);
    t->limits.max[UM_LIMIT_H2_STREAMS] = 8;
    for (uint32_t stream = 3; stream < 2 * FLOOD; stream += 2) {
        um_h2_talk_frame(to, UM_H2_HEADERS, UM_H2_END_HEADERS, stream,
                         um_h2_talk_request(t, CLIENT, "POST", "/flood"));
        um_h2_talk_frame(to, UM_H2_RST_STREAM, 0, stream, um_span_of("\0\0\0\10", 4));
    }
    struct um_h2_told told = {.is_counted_only = true};
    assert_int_equal(um_h2_talk_play(t, SIZE_MAX, &told), UM_OK);
    assert_int_equal(told.exchanges, FLOOD);
    finish_bounded(t);
}

static void
promises_and_interim_replies_by_the_thousand_are_bounded(void **state)
{
    (void)state;
    struct um_buf *to;
    struct um_h2_talk *t = begin_flood(SERVER, &to);
    t->limits.max[UM_LIMIT_H2_STREAMS] = 8;
    for (uint32_t stream = 2; stream < 4000; stream += 2) {
        uint8_t promise[256] = {0, 0, (uint8_t)(stream >> 8), (uint8_t)stream};
        struct um_span block = um_h2_talk_request(t, SERVER, "GET", "/pushed");
        memcpy(promise + 4, block.data, block.len);
        um_h2_talk_frame(to, UM_H2_PUSH_PROMISE, UM_H2_END_HEADERS, 1,
                         um_span_of(promise, 4 + block.len));
        um_h2_talk_frame(to, UM_H2_HEADERS, UM_H2_END_HEADERS, 1, um_h2_talk_reply(t, "103"));
    }
    struct um_h2_told told = {.is_counted_only = true};
    assert_int_equal(um_h2_talk_play(t, SIZE_MAX, &told), UM_OK);
    assert_int_equal(told.begun, told.forgotten);
    assert_int_equal(told.exchanges, 2000);
    finish_bounded(t);
}

/* At the limit `memory` the connection is given up, and what it holds is told. */
static void
at_the_limit_memory_everything_open_is_told_once(void **state)
{
    (void)state;
    struct um_buf *to;
    struct um_h2_talk *t = begin_flood(CLIENT, &to);
    for (uint32_t stream = 3; stream < 100; stream += 2)
        um_h2_talk_frame(to, UM_H2_HEADERS, UM_H2_END_HEADERS, stream,
                         um_h2_talk_request(t, CLIENT, "POST", "/flood"));
    um_h2_talk_answer(t, 1, "one");
    bool has_all = false;
    for (uint64_t memory = 1; !has_all; memory += 200) {
        struct um_h2_told told = {.is_counted_only = true};
        t->limits.max[UM_LIMIT_MEMORY] = memory;
        assert_int_equal(um_h2_talk_play(t, SIZE_MAX, &told), UM_OK);
        assert_true(t->peak <= memory);
        assert_true(told.exchanges <= 50);
        has_all = told.exchanges == 50 && told.begun == 51;
        assert_true(memory < 1000000);
    }
    um_h2_talk_end(t);
}

/* The request is told once, whether or not there is room for what answers it. */
static void
upgrade_at_the_limit_memory_loses_no_request(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    t->is_upgraded = true;
    um_h2_talk_answer(t, 1, "one");
    uint64_t least = UINT64_MAX;
    for (uint64_t memory = 1; memory < 40000; memory += 50) {
        struct um_h2_told told = {0};
        t->limits.max[UM_LIMIT_MEMORY] = memory;
        assert_int_equal(um_h2_talk_play(t, SIZE_MAX, &told), UM_OK);
        assert_true(t->peak <= memory);
        least = told.begun > 0 && memory < least ? memory : least;
        assert_int_equal(told.exchanges, memory >= least ? 1 : 0);
    }
    assert_true(least < 10000);
    um_h2_talk_end(t);
}

/* A hole, then bytes that could be frames without end: what is looked through stays small. */
static void
search_behind_a_hole_is_bounded(void **state)
{
    (void)state;
    struct um_h2_talk *t = um_h2_talk_begin();
    um_h2_talk_ask(t, 1, "/a");
    um_h2_talk_lose(t, SERVER, 1000);
    struct um_buf *to = um_h2_talk_turn(t, SERVER);
    for (size_t i = 0; i < FLOOD; i++)
        um_h2_talk_put(to, "\0\x40\0\0\0\0\0\0\1garbage!", 17); /* DATA of 16384 bytes */
    um_h2_talk_ask(t, 3, "/b");
    um_h2_talk_answer(t, 3, "b");
    struct um_h2_told told = {0};
    assert_int_equal(um_h2_talk_play(t, 1000, &told), UM_OK);
    finish_bounded(t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_pings_and_updates_by_the_thousand_cost_nothing),
        cmocka_unit_test(empty_frames_by_the_thousand_cost_nothing),
        cmocka_unit_test(empty_continuations_cost_nothing),
        cmocka_unit_test(block_without_end_is_cut_at_the_limit_head),
        cmocka_unit_test(block_that_grows_when_decoded_is_cut_at_the_limit_head),
        cmocka_unit_test(streams_by_the_thousand_are_told_and_bounded),
        cmocka_unit_test(streams_reset_by_the_thousand_are_bounded),
        cmocka_unit_test(promises_and_interim_replies_by_the_thousand_are_bounded),
        cmocka_unit_test(at_the_limit_memory_everything_open_is_told_once),
        cmocka_unit_test(upgrade_at_the_limit_memory_loses_no_request),
        cmocka_unit_test(search_behind_a_hole_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
