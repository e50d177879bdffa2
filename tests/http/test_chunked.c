/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/support.h"

#include "core/base/buf.h"
#include "core/http/chunked.h"

/* Reads `wire` in pieces; `out` gets the data, *left what was not consumed. */
static enum um_step
read_pieces(struct um_span wire, size_t piece, struct um_buf *out, size_t *left)
{
    struct um_chunked chunked = {0};
    enum um_step step = UM_MORE;
    um_buf_clear(out);
    while (wire.len > 0 && step == UM_MORE) {
        struct um_span input = um_span_first(wire, piece);
        size_t given = input.len;
        while (input.len > 0 && step == UM_MORE) {
            struct um_span data;
            step = um_chunked_next(&chunked, &input, &data);
            assert_int_equal(um_buf_append(out, data), UM_OK);
        }
        wire = um_span_from(wire, given - input.len);
    }
    *left = wire.len;
    return step;
}

static void
assert_reads(const char *wire, enum um_step wanted, const char *data, size_t left_wanted)
{
    struct um_buf out = {0};
    for (size_t piece = 1; piece <= 64; piece++) {
        size_t left;
        assert_int_equal(read_pieces(S(wire), piece, &out, &left), wanted);
        assert_span_equal(um_buf_span(&out), S(data));
        if (wanted == UM_DONE)
            assert_int_equal(left, left_wanted);
    }
    um_buf_done(&out);
}

static void
chunks_join_to_a_body(void **state)
{
    (void)state;
    assert_reads("3\r\nabc\r\n0\r\n\r\n", UM_DONE, "abc", 0);
    assert_reads("a\r\n0123456789\r\n00002\r\nxy\r\n0\r\n\r\nNEXT", UM_DONE, "0123456789xy", 4);
    assert_reads("0\r\n\r\n", UM_DONE, "", 0);
}

static void
extensions_trailers_and_bare_line_feeds_are_read_past(void **state)
{
    (void)state;
    assert_reads("3;name=\"v\"\r\nabc\r\n0;x\r\nA: b\r\nC: d\r\n\r\n", UM_DONE, "abc", 0);
    assert_reads("3\nabc\n0\n\n", UM_DONE, "abc", 0);
    assert_reads("3 \r\nabc\r\n0\r\n\r\n", UM_DONE, "abc", 0);
}

static void
what_is_no_size_is_refused(void **state)
{
    (void)state;
    assert_reads("xyz\r\n", UM_BAD, "", 0);
    assert_reads("-1\r\n", UM_BAD, "", 0);
    assert_reads("\r\n", UM_BAD, "", 0);
    assert_reads("11111111111111111\r\n", UM_BAD, "", 0); /* 2^64 and more */
    assert_reads("3\r\nabcX", UM_BAD, "abc", 0);
}

static void
every_prefix_wants_more(void **state)
{
    (void)state;
    static const char wire[] = "3;x\r\nabc\r\n0\r\nA: b\r\n\r\n";
    struct um_buf out = {0};
    for (size_t len = 0; len < sizeof wire - 1; len++) {
        uint8_t *exact = um_test_exact_copy(wire, len);
        size_t left;
        assert_int_equal(read_pieces(um_span_of(exact, len), 64, &out, &left), UM_MORE);
        free(exact);
    }
    um_buf_done(&out);
}

static void
gap_inside_a_chunk_keeps_the_place_and_any_other_does_not(void **state)
{
    (void)state;
    struct um_chunked chunked = {0};
    struct um_span data, input = S("10\r\nab");
    assert_int_equal(um_chunked_next(&chunked, &input, &data), UM_MORE);
    assert_true(um_chunked_gap(&chunked, 14));
    input = S("\r\n0\r\n\r\n");
    assert_int_equal(um_chunked_next(&chunked, &input, &data), UM_DONE);

    chunked = (struct um_chunked){0};
    input = S("10\r\nab");
    assert_int_equal(um_chunked_next(&chunked, &input, &data), UM_MORE);
    assert_false(um_chunked_gap(&chunked, 15));

    chunked = (struct um_chunked){0};
    assert_false(um_chunked_gap(&chunked, 1));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_join_to_a_body),
        cmocka_unit_test(extensions_trailers_and_bare_line_feeds_are_read_past),
        cmocka_unit_test(what_is_no_size_is_refused),
        cmocka_unit_test(every_prefix_wants_more),
        cmocka_unit_test(gap_inside_a_chunk_keeps_the_place_and_any_other_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
