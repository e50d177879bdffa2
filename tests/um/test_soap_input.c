/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bodies in pieces of every size, until they are UTF-8. */
#include "core/um/soap_input.h"

#include "tests/support/support.h"

static struct um_soap_input input;

/* Reads a body in steps; `out` gets what can be read of it. 0 or the error met. */
static int
read_body(struct um_span body, const char *charset, size_t step, struct um_buf *out)
{
    int err = UM_OK;
    um_buf_clear(out);
    um_soap_input_begin(&input, S(charset));
    assert_true(um_soap_input_is_new(&input));
    while (!err && body.len > 0) {
        struct um_span piece = um_span_first(body, step);
        body = um_span_from(body, piece.len);
        uint8_t *exact = um_test_exact_copy(piece.data, piece.len);
        struct um_span left = um_span_of(exact, piece.len), utf8;
        while (!err && left.len > 0) {
            size_t before = left.len;
            err = um_soap_input_next(&input, &left, &utf8);
            assert_true(err || left.len < before);
            err = err ? err : um_buf_append(out, utf8);
        }
        free(exact);
    }
    return err;
}

static void
assert_read(struct um_span body, const char *charset, const char *wanted)
{
    struct um_buf out = {0};
    for (size_t step = 1; step <= body.len; step++) {
        assert_int_equal(read_body(body, charset, step, &out), UM_OK);
        assert_false(um_soap_input_is_new(&input));
        assert_span_equal(um_buf_span(&out), S(wanted));
    }
    um_buf_done(&out);
    um_soap_input_done(&input);
    input = (struct um_soap_input){0};
}

#define BYTES(text) um_span_of(text, sizeof(text) - 1)

static void
body_is_utf8_whatever_it_came_in(void **state)
{
    (void)state;
    assert_read(S("<a>\xc3\xa9</a>"), "", "<a>\xc3\xa9</a>");
    assert_read(S("<a>\xe9</a>"), "iso-8859-1", "<a>\xc3\xa9</a>");
    assert_read(BYTES("<\0a\0>\0\xe9\0"), "", "<a>\xc3\xa9");
    assert_read(BYTES("\0<\0a\0>\0\xe9"), "", "<a>\xc3\xa9");
}

static void
byte_order_mark_is_not_read_and_counts_for_positions(void **state)
{
    (void)state;
    struct um_buf out = {0};
    struct um_span marked = S("\xef\xbb\xbf<a/>  ");
    assert_read(marked, "", "<a/>  ");
    assert_read(BYTES("\xff\xfe<\0a\0/\0>\0"), "", "<a/>");
    assert_int_equal(read_body(marked, "", 1, &out), UM_OK);
    assert_int_equal(input.mark_len, 3);
    assert_true(um_soap_input_has_positions(&input));
    assert_int_equal(read_body(S("<a>\xe9</a>"), "latin1", 1, &out), UM_OK);
    assert_int_equal(input.mark_len, 0); /* of the body before */
    assert_false(um_soap_input_has_positions(&input));
    um_buf_done(&out);
    um_soap_input_done(&input);
}

/* A declaration must end within so many bytes: what follows is not kept waiting for it. */
static void
declaration_without_an_end_is_given_up(void **state)
{
    (void)state;
    char text[UM_SOAP_HEAD_MAX + 9];
    memset(text, ' ', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    memcpy(text, "<?xml ", 6);
    struct um_buf out = {0};
    assert_int_equal(read_body(um_span_of(text, UM_SOAP_HEAD_MAX - 1), "", 7, &out), UM_OK);
    assert_int_equal(out.len, 0);
    assert_read(S(text), "", text);
    um_buf_done(&out);
}

static void
half_a_character_at_a_body_s_end_is_not_of_the_next(void **state)
{
    (void)state;
    struct um_buf out = {0};
    assert_int_equal(read_body(BYTES("<\0a\0>"), "", 2, &out), UM_OK);
    assert_int_equal(read_body(BYTES("<\0b\0>\0"), "", 2, &out), UM_OK);
    assert_span_equal(um_buf_span(&out), S("<b>"));
    um_buf_done(&out);
    um_soap_input_done(&input);
}

static void
nth_allocation_failing_is_told_and_leaks_nothing(void **state)
{
    (void)state;
    bool has_failed = true;
    for (size_t n = 0; has_failed; n++) {
        struct um_buf out = {0};
        input = (struct um_soap_input){0};
        um_test_alloc_fail_at(n);
        int err = read_body(S("<a>\xe9</a>"), "iso-8859-1", SIZE_MAX, &out);
        has_failed = um_test_alloc_reset();
        assert_int_equal(err, has_failed ? UM_ERR_NOMEM : UM_OK);
        um_soap_input_done(&input);
        um_buf_done(&out);
        assert_true(n < 20);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(body_is_utf8_whatever_it_came_in),
        cmocka_unit_test(byte_order_mark_is_not_read_and_counts_for_positions),
        cmocka_unit_test(declaration_without_an_end_is_given_up),
        cmocka_unit_test(half_a_character_at_a_body_s_end_is_not_of_the_next),
        cmocka_unit_test(nth_allocation_failing_is_told_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
