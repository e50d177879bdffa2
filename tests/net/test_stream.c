/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One direction by itself; what its sink hears is text, as in world.h. */
#include "offline/net/stream.h"

#include <stdio.h>

#include "core/base/buf.h"
#include "tests/support/support.h"

struct fixture {
    struct um_meter meter;
    struct um_segments_room room;
    struct um_stream stream;
    struct um_buf heard;
    int answer; /* of the sink */
};

static int
say(struct fixture *f, const char *text)
{
    assert_int_equal(um_buf_append(&f->heard, S(text)), UM_OK);
    return f->answer;
}

static int
take_data(void *ctx, const struct um_chunk *chunk)
{
    struct fixture *f = ctx;
    assert_true(chunk->bytes.len > 0);
    assert_int_equal(um_buf_append(&f->heard, chunk->bytes), UM_OK);
    return f->answer;
}

static int
take_gap(void *ctx, struct um_missing missing, enum um_gap_cause cause, const struct um_mark *where)
{
    char text[32];
    (void)where;
    snprintf(text, sizeof text, "[%s%llu]", cause == UM_GAP_CUT ? "cut " : "",
             (unsigned long long)missing.most);
    return say(ctx, text);
}

static int
take_end(void *ctx, enum um_end why, const struct um_mark *where)
{
    (void)where;
    return say(ctx, why == UM_END_FIN ? "{F}" : "{?}");
}

static void
take_passed(void *ctx, uint64_t bytes, const struct um_mark *last)
{
    char text[32];
    snprintf(text, sizeof text, "(%llu to #%llu)", (unsigned long long)bytes,
             (unsigned long long)last->frame);
    (void)say(ctx, text);
}

/* Position 0 is at 0xfffffffe: the wrap is two bytes behind it. */
static void
begin(struct fixture *f)
{
    *f = (struct fixture){.meter = {.max = UINT64_MAX}};
    f->room = (struct um_segments_room){.meter = &f->meter, .max = UINT64_MAX};
    f->stream.sink =
        (struct um_sink){.ctx = f, .data = take_data, .gap = take_gap, .end = take_end};
    um_stream_start(&f->stream, 0xfffffffe);
}

static void
finish(struct fixture *f)
{
    um_segments_clear(&f->stream.held, &f->room);
    assert_int_equal(f->meter.used, 0);
    um_buf_done(&f->heard);
}

static void
assert_heard(const struct fixture *f, const char *wanted)
{
    assert_span_equal(um_buf_span(&f->heard), S(wanted));
}

static struct um_arrival
piece(uint64_t position, const char *bytes, uint32_t cut)
{
    return (struct um_arrival){.position = position, .bytes = S(bytes), .cut = cut};
}

static void
pass(struct fixture *f, uint64_t position, const char *bytes, uint32_t cut)
{
    struct um_arrival arrival = piece(position, bytes, cut);
    assert_int_equal(um_stream_pass(&f->stream, &arrival), UM_OK);
}

static void
hold(struct fixture *f, uint64_t position, const char *bytes)
{
    struct um_arrival arrival = piece(position, bytes, 0);
    assert_int_equal(um_segments_add(&f->stream.held, &arrival, um_stream_needed_from(&f->stream),
                                     UINT64_MAX, &f->room),
                     UM_OK);
}

static void
positions_are_near_the_next_byte(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_int_equal(um_stream_position(&f.stream, 0xfffffffe), 0);
    assert_int_equal(um_stream_position(&f.stream, 0), 2);
    assert_int_equal(um_stream_position(&f.stream, 0xfffffffd), -1);
    f.stream.next = UINT64_C(5) << 32;
    assert_int_equal(um_stream_position(&f.stream, 0xfffffffe), (INT64_C(5) << 32));
    assert_int_equal(um_stream_position(&f.stream, 0), (INT64_C(5) << 32) + 2);
    assert_int_equal(um_stream_position(&f.stream, 0xfffffffd), (INT64_C(5) << 32) - 1);
    finish(&f);
}

static void
segment_is_placed_without_what_cannot_be_its(void **state)
{
    (void)state;
    struct fixture f;
    struct um_arrival out = {0};
    begin(&f);
    struct um_tcp tcp = {.seq = 0xfffffffc, .payload = S("abcd"), .cut = 3};
    assert_true(um_stream_place(&f.stream, &tcp, &out));
    assert_int_equal(out.position, 0);
    assert_span_equal(out.bytes, S("cd"));
    assert_int_equal(out.cut, 3);
    tcp.flags = UM_TCP_SYN; /* its number is one before its bytes */
    assert_true(um_stream_place(&f.stream, &tcp, &out));
    assert_span_equal(out.bytes, S("bcd"));
    tcp = (struct um_tcp){.seq = 0xfffffff7, .payload = S("abcd"), .cut = 3};
    assert_false(um_stream_place(&f.stream, &tcp, &out)); /* ends where the stream begins */
    tcp.seq = 0xfffffffeU + (1U << 30);
    assert_true(um_stream_place(&f.stream, &tcp, &out));
    tcp.seq++;
    assert_false(um_stream_place(&f.stream, &tcp, &out));
    um_stream_finish_at(&f.stream, 5, &f.room);
    tcp.seq = 0;
    assert_true(um_stream_place(&f.stream, &tcp, &out));
    assert_span_equal(out.bytes, S("abc"));
    assert_int_equal(out.cut, 0);
    finish(&f);
}

static void
bytes_pass_up_to_the_first_held_piece(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    hold(&f, 3, "de");
    pass(&f, 0, "abcXXfg", 0);
    assert_heard(&f, "abc");
    assert_true(um_stream_is_ready(&f.stream));
    assert_int_equal(um_stream_step(&f.stream, &f.room), UM_OK);
    pass(&f, 0, "abcXXfg", 0);
    assert_heard(&f, "abcdefg");
    assert_int_equal(f.stream.next, 7);
    finish(&f);
}

static void
cut_bytes_are_told_as_such(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    pass(&f, 0, "ab", 2);
    pass(&f, 2, "cd", 3); /* all of it but the last three are old */
    pass(&f, 7, "hi", 0);
    assert_heard(&f, "ab[cut 2][cut 3]hi");
    finish(&f);
}

static void
hole_ends_where_something_is_known(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_int_equal(um_stream_hole_end(&f.stream), 0);
    assert_int_equal(um_stream_note_ack(&f.stream, 8), 10);
    assert_int_equal(um_stream_hole_end(&f.stream), 10);
    um_stream_finish_at(&f.stream, 12, &f.room);
    assert_int_equal(um_stream_hole_end(&f.stream), 12);
    hold(&f, 4, "ef");
    assert_int_equal(um_stream_hole_end(&f.stream), 4);
    assert_int_equal(um_stream_note_ack(&f.stream, 11), 12); /* the FIN's own number is no byte */
    assert_int_equal(um_stream_known_end(&f.stream), 12);
    finish(&f);
}

static void
acknowledgement_that_cannot_be_is_not_believed(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_int_equal(um_stream_note_ack(&f.stream, 0xfffffffd), 0);
    assert_int_equal(um_stream_note_ack(&f.stream, 0x70000000), 0);
    assert_int_equal(f.stream.acked, 0);
    finish(&f);
}

static void
fin_counts_once_and_not_below_what_is_known(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    pass(&f, 0, "abcd", 0);
    um_stream_finish_at(&f.stream, 3, &f.room);
    assert_false(f.stream.has_fin);
    um_stream_note_ack(&f.stream, 6); /* 8 bytes are there */
    um_stream_finish_at(&f.stream, 6, &f.room);
    assert_false(f.stream.has_fin);
    hold(&f, 8, "ij");
    um_stream_finish_at(&f.stream, 9, &f.room);
    um_stream_finish_at(&f.stream, 10, &f.room);
    assert_true(f.stream.has_fin);
    assert_int_equal(f.stream.end_at, 9);
    assert_int_equal(f.stream.held.held_bytes, 1);
    finish(&f);
}

static void
start_that_moves_back_takes_all_with_it(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    hold(&f, 2, "cd");
    um_stream_note_ack(&f.stream, 0);
    um_stream_move_start(&f.stream, 5);
    assert_int_equal(um_stream_position(&f.stream, 0xfffffff9), 0);
    assert_int_equal(f.stream.acked, 7);
    assert_int_equal(f.stream.held.head->position, 7);
    finish(&f);
}

static void
sink_that_has_enough_hears_only_the_end(void **state)
{
    (void)state;
    struct fixture f;
    struct um_mark mark = {.frame = 1};
    begin(&f);
    f.answer = UM_SINK_ENOUGH;
    pass(&f, 0, "ab", 0);
    assert_true(f.stream.is_enough);
    pass(&f, 2, "cd", 0);
    assert_int_equal(um_stream_give_up(&f.stream, 9, UM_GAP_LOST, &mark), UM_OK);
    assert_int_equal(f.stream.next, 9);
    f.answer = UM_OK;
    assert_int_equal(um_stream_end(&f.stream, UM_END_FIN, &mark), UM_OK);
    assert_int_equal(um_stream_end(&f.stream, UM_END_FIN, &mark), UM_OK);
    assert_heard(&f, "ab{F}");
    finish(&f);
}

static void
append(struct fixture *f, const char *bytes, uint64_t frame)
{
    struct um_mark mark = {.frame = frame};
    assert_int_equal(um_stream_append(&f->stream, S(bytes), &mark), UM_OK);
}

/* Chunks that are unwanted altogether are left out; before anything else the sink hears of them. */
static void
sink_is_spared_what_it_has_no_use_for(void **state)
{
    (void)state;
    static const struct um_mark where = {0};
    struct fixture f;
    begin(&f);
    f.stream.sink.passed = take_passed;
    f.answer = 5;
    append(&f, "ab", 1);
    f.answer = 4;
    append(&f, "cd", 2);
    append(&f, "ef", 3);
    append(&f, "gh", 4); /* the fifth byte is its first */
    assert_heard(&f, "ab(4 to #3)gh");
    append(&f, "ijk", 5);
    f.answer = 0;
    assert_int_equal(um_stream_give_up(&f.stream, 12, UM_GAP_LOST, &where), UM_OK);
    append(&f, "m", 6); /* what was said does not hold behind a hole */
    assert_heard(&f, "ab(4 to #3)gh(3 to #5)[1]m");
    f.answer = 9;
    append(&f, "n", 7);
    append(&f, "o", 8);
    f.answer = 0;
    assert_int_equal(um_stream_end(&f.stream, UM_END_FIN, &where), UM_OK);
    assert_heard(&f, "ab(4 to #3)gh(3 to #5)[1]mn(1 to #8){F}");
    finish(&f);
}

/* What comes too early and is unwanted is not copied: before a hole, behind one that was filled,
 * and behind one that was given up, of which the sink says it again. */
static void
unwanted_bytes_that_came_too_early_are_passed_over(void **state)
{
    (void)state;
    static const struct um_mark where = {0};
    struct fixture f;
    begin(&f);
    f.stream.sink.passed = take_passed;
    f.answer = 7;
    append(&f, "ab", 1);
    hold(&f, 4, "ef");
    hold(&f, 7, "hij"); /* the last of them is wanted */
    assert_int_equal(f.stream.held.held_bytes, 1);
    struct um_arrival late = piece(2, "cdXX", 0);
    assert_int_equal(um_stream_pass(&f.stream, &late), UM_OK);
    assert_int_equal(um_stream_step(&f.stream, &f.room), UM_OK);
    assert_int_equal(f.stream.next, 6);
    f.answer = 2;
    assert_int_equal(um_stream_give_up(&f.stream, 7, UM_GAP_LOST, &where), UM_OK);
    assert_int_equal(um_stream_step(&f.stream, &f.room), UM_OK);
    f.answer = 0;
    assert_int_equal(um_stream_step(&f.stream, &f.room), UM_OK);
    assert_null(f.stream.held.head);
    assert_heard(&f, "ab(4 to #0)[1](2 to #0)j");
    finish(&f);
}

static void
sink_that_cannot_hear_what_has_passed_is_spared_nothing(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    f.answer = 5;
    append(&f, "ab", 1);
    append(&f, "cd", 2);
    assert_heard(&f, "abcd");
    finish(&f);
}

static void
error_of_a_sink_is_passed_up(void **state)
{
    (void)state;
    struct fixture f;
    struct um_mark mark = {.frame = 1};
    struct um_arrival arrival = piece(0, "ab", 0);
    begin(&f);
    f.answer = UM_ERR_NOMEM;
    assert_int_equal(um_stream_pass(&f.stream, &arrival), UM_ERR_NOMEM);
    hold(&f, 2, "cd");
    assert_int_equal(um_stream_step(&f.stream, &f.room), UM_ERR_NOMEM);
    assert_null(f.stream.held.head);
    assert_int_equal(um_stream_give_up(&f.stream, 9, UM_GAP_LOST, &mark), UM_ERR_NOMEM);
    assert_int_equal(um_stream_end(&f.stream, UM_END_FIN, &mark), UM_ERR_NOMEM);
    finish(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_are_near_the_next_byte),
        cmocka_unit_test(segment_is_placed_without_what_cannot_be_its),
        cmocka_unit_test(bytes_pass_up_to_the_first_held_piece),
        cmocka_unit_test(cut_bytes_are_told_as_such),
        cmocka_unit_test(hole_ends_where_something_is_known),
        cmocka_unit_test(acknowledgement_that_cannot_be_is_not_believed),
        cmocka_unit_test(fin_counts_once_and_not_below_what_is_known),
        cmocka_unit_test(start_that_moves_back_takes_all_with_it),
        cmocka_unit_test(sink_that_has_enough_hears_only_the_end),
        cmocka_unit_test(sink_is_spared_what_it_has_no_use_for),
        cmocka_unit_test(sink_that_cannot_hear_what_has_passed_is_spared_nothing),
        cmocka_unit_test(unwanted_bytes_that_came_too_early_are_passed_over),
        cmocka_unit_test(error_of_a_sink_is_passed_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
