/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP/2 frame heads: read, recognised, found; and fragments without their padding. */
#include "offline/http/h2_frame.h"

#include "tests/support/support.h"

static const uint8_t settings[] = {0, 0, 0, UM_H2_SETTINGS, 0, 0, 0, 0, 0};
static const uint8_t ping[] = {0, 0, 8, UM_H2_PING, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8};

static void
a_head_is_read_and_its_reserved_bit_ignored(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {1, 2, 3, UM_H2_HEADERS, 5, 0x80, 0, 1, 7};
    struct um_h2_frame frame;
    assert_true(um_h2_frame_read(um_span_of(bytes, sizeof bytes), &frame));
    assert_int_equal(frame.length, 0x010203);
    assert_int_equal(frame.type, UM_H2_HEADERS);
    assert_int_equal(frame.flags, UM_H2_END_STREAM | UM_H2_END_HEADERS);
    assert_int_equal(frame.stream, 0x107);
}

static void
every_prefix_of_a_head_wants_more(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof settings; len++) {
        uint8_t *copy = um_test_exact_copy(settings, len);
        struct um_h2_frame frame;
        assert_false(um_h2_frame_read(um_span_of(copy, len), &frame));
        assert_false(um_h2_frame_is_plausible(um_span_of(copy, len)));
        free(copy);
    }
    assert_true(um_h2_frame_is_plausible(um_span_of(settings, sizeof settings)));
}

static void
what_breaks_a_rule_of_its_type_is_no_frame(void **state)
{
    (void)state;
    static const uint8_t bad[][UM_H2_FRAME_HEAD_BYTES] = {
        {0, 0, 1, UM_H2_DATA, 0, 0, 0, 0, 0},          /* no stream */
        {0, 0, 1, UM_H2_DATA, 4, 0, 0, 0, 1},          /* a flag it has not */
        {0, 0, 1, UM_H2_DATA, 0, 0x80, 0, 0, 1},       /* the reserved bit */
        {0, 0x40, 1, UM_H2_DATA, 0, 0, 0, 0, 1},       /* too long */
        {0, 0, 0, UM_H2_HEADERS, 4, 0, 0, 0, 1},       /* no block */
        {0, 0, 4, UM_H2_PRIORITY, 0, 0, 0, 0, 1},      /* length */
        {0, 0, 5, UM_H2_RST_STREAM, 0, 0, 0, 0, 1},    /* length */
        {0, 0, 7, UM_H2_SETTINGS, 0, 0, 0, 0, 0},      /* length */
        {0, 0, 6, UM_H2_SETTINGS, 1, 0, 0, 0, 0},      /* an acknowledgement with settings */
        {0, 0, 0, UM_H2_SETTINGS, 0, 0, 0, 0, 1},      /* a stream */
        {0, 0, 4, UM_H2_PUSH_PROMISE, 4, 0, 0, 0, 1},  /* no block */
        {0, 0, 9, UM_H2_PING, 0, 0, 0, 0, 0},          /* length */
        {0, 0, 7, UM_H2_GOAWAY, 0, 0, 0, 0, 0},        /* length */
        {0, 0, 5, UM_H2_WINDOW_UPDATE, 0, 0, 0, 0, 0}, /* length */
        {0, 0, 5, UM_H2_CONTINUATION, 1, 0, 0, 0, 1},  /* a flag it has not */
        {0, 0, 5, 10, 0, 0, 0, 0, 1},                  /* an unknown type */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(um_h2_frame_is_plausible(um_span_of(bad[i], sizeof bad[i])));
}

static void
a_frame_is_found_behind_other_bytes_when_another_follows(void **state)
{
    (void)state;
    uint8_t bytes[3 + sizeof ping + sizeof settings] = {'x', 0xff, 'y'};
    memcpy(bytes + 3, ping, sizeof ping);
    memcpy(bytes + 3 + sizeof ping, settings, sizeof settings);
    bool is_found;
    assert_int_equal(um_h2_frame_find(um_span_of(bytes, sizeof bytes), false, &is_found), 3);
    assert_true(is_found);
    struct um_span short_of_next = um_span_of(bytes, sizeof bytes - 1);
    assert_int_equal(um_h2_frame_find(short_of_next, false, &is_found), 3);
    assert_false(is_found);
    struct um_span one = um_span_of(bytes, 3 + sizeof ping);
    assert_int_equal(um_h2_frame_find(one, true, &is_found), 3);
    assert_true(is_found);
    assert_int_equal(um_h2_frame_find(short_of_next, true, &is_found), short_of_next.len);
    assert_false(is_found);
}

/* Five zeros and the next frame's first bytes were once taken for DATA without bytes, and what
 * follows those for the next one: the place was lost for good. */
static void
zeros_of_padding_are_no_frame(void **state)
{
    (void)state;
    uint8_t bytes[5 + 13 + sizeof settings] = {0, 0, 0, 0, 0, 0,   0,   4,   UM_H2_DATA,
                                               0, 0, 0, 0, 1, 'b', 'o', 'd', 'y'};
    memcpy(bytes + 18, settings, sizeof settings);
    bool is_found;
    assert_int_equal(um_h2_frame_find(um_span_of(bytes, sizeof bytes), false, &is_found), 5);
    assert_true(is_found);
    static const uint8_t end[] = {0, 0, 0, UM_H2_DATA, UM_H2_END_STREAM, 0, 0, 0, 1};
    assert_false(um_h2_frame_may_be_first(um_span_of(bytes, sizeof bytes)));
    assert_true(um_h2_frame_may_be_first(um_span_of(bytes + 5, 13)));
    assert_true(um_h2_frame_may_be_first(um_span_of(end, sizeof end)));
    for (size_t len = 0; len < sizeof end; len++)
        assert_false(um_h2_frame_may_be_first(um_span_of(end, len)));
}

static void
padding_and_priority_are_no_part_of_the_fragment(void **state)
{
    (void)state;
    static const uint8_t payload[] = {2, 0, 0, 0, 1, 16, 'a', 'b', 'c', 0, 0};
    struct um_h2_frame frame = {.length = sizeof payload,
                                .type = UM_H2_HEADERS,
                                .flags = UM_H2_PADDED | UM_H2_PRIORITISED,
                                .stream = 3};
    struct um_span fragment;
    uint32_t promised = 0;
    assert_true(
        um_h2_frame_fragment(&frame, um_span_of(payload, sizeof payload), &fragment, &promised));
    assert_span_equal(fragment, S("abc"));
    frame.length = 7; /* less than its padding and priority take */
    assert_false(um_h2_frame_fragment(&frame, um_span_of(payload, 7), &fragment, &promised));
}

static void
a_promise_names_its_stream(void **state)
{
    (void)state;
    static const uint8_t payload[] = {0, 0, 0, 8, 'x'};
    struct um_h2_frame frame = {.length = sizeof payload, .type = UM_H2_PUSH_PROMISE, .stream = 1};
    struct um_span fragment;
    uint32_t promised = 0;
    assert_true(
        um_h2_frame_fragment(&frame, um_span_of(payload, sizeof payload), &fragment, &promised));
    assert_int_equal(promised, 8);
    assert_span_equal(fragment, S("x"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_head_is_read_and_its_reserved_bit_ignored),
        cmocka_unit_test(every_prefix_of_a_head_wants_more),
        cmocka_unit_test(what_breaks_a_rule_of_its_type_is_no_frame),
        cmocka_unit_test(a_frame_is_found_behind_other_bytes_when_another_follows),
        cmocka_unit_test(zeros_of_padding_are_no_frame),
        cmocka_unit_test(padding_and_priority_are_no_part_of_the_fragment),
        cmocka_unit_test(a_promise_names_its_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
