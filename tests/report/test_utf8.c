/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/report/utf8.h"

#include "core/base/err.h"
#include "tests/support/support.h"

/* The code points of a string, UM_UTF8_BAD included. */
static size_t
decode(const char *text, size_t len, uint32_t *out)
{
    uint8_t *heap = um_test_exact_copy(text, len);
    struct um_span left = um_span_of(heap, len);
    size_t count = 0;
    while (left.len > 0)
        out[count++] = um_utf8_next(&left);
    free(heap);
    return count;
}

static void
utf8_next_reads_the_ends_of_each_length(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t code_point;
    } cases[] = {
        {"\x01", 1},
        {"\x7F", 0x7F},
        {"\xC2\x80", 0x80},
        {"\xDF\xBF", 0x7FF},
        {"\xE0\xA0\x80", 0x800},
        {"\xED\x9F\xBF", 0xD7FF},
        {"\xEE\x80\x80", 0xE000},
        {"\xEF\xBF\xBF", 0xFFFF},
        {"\xF0\x90\x80\x80", 0x10000},
        {"\xF4\x8F\xBF\xBF", 0x10FFFF},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t read[4];
        assert_int_equal(decode(cases[i].text, strlen(cases[i].text), read), 1);
        assert_int_equal(read[0], cases[i].code_point);
    }
}

static void
utf8_next_takes_one_byte_where_no_character_stands(void **state)
{
    (void)state;
    static const char *const cases[] = {
        "\x80",
        "\xBF",
        "\xC0\x80",
        "\xC1\xBF",
        "\xE0\x9F\xBF",
        "\xED\xA0\x80",
        "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80",
        "\xFE",
        "\xFF",
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t read[4];
        size_t len = strlen(cases[i]);
        assert_int_equal(decode(cases[i], len, read), len);
        for (size_t k = 0; k < len; k++)
            assert_int_equal(read[k], UM_UTF8_BAD);
    }
}

static void
utf8_next_refuses_every_proper_prefix(void **state)
{
    (void)state;
    static const char *const whole[] = {"\xC3\xBC", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        for (size_t n = 1; n < strlen(whole[i]); n++) {
            uint32_t read[4];
            assert_int_equal(decode(whole[i], n, read), n);
            assert_int_equal(read[0], UM_UTF8_BAD);
        }
    }
}

static void
utf8_next_goes_on_behind_a_broken_character(void **state)
{
    (void)state;
    uint32_t read[8];
    assert_int_equal(decode("\xE2\x82"
                            "A\xC3\xBC",
                            5, read),
                     4);
    assert_int_equal(read[2], 'A');
    assert_int_equal(read[3], 0xFC);
}

static void
utf8_columns_counts_wide_characters_twice(void **state)
{
    (void)state;
    assert_int_equal(um_utf8_columns('a'), 1);
    assert_int_equal(um_utf8_columns(0xE9), 1);
    assert_int_equal(um_utf8_columns(0x2588), 1);
    assert_int_equal(um_utf8_columns(0x6F22), 2);
    assert_int_equal(um_utf8_columns(0xAC00), 2);
    assert_int_equal(um_utf8_columns(0x1F600), 2);
    assert_int_equal(um_utf8_columns(0xFF01), 2);
    assert_int_equal(um_utf8_columns(0x10FFFF), 1);
}

static void
utf8_clean_replaces_bad_bytes_and_nul_only(void **state)
{
    (void)state;
    struct um_buf buf = {0};
    assert_int_equal(um_utf8_clean(&buf, um_span_of("a\0\xFF\xC3\xBC\n", 6)), UM_OK);
    assert_span_equal(um_buf_span(&buf), S("a\xEF\xBF\xBD\xEF\xBF\xBD\xC3\xBC\n"));
    um_buf_done(&buf);
}

static void
utf8_clean_tells_when_memory_runs_out(void **state)
{
    (void)state;
    struct um_buf buf = {0};
    um_test_alloc_fail_at(0);
    assert_int_equal(um_utf8_clean(&buf, S("a")), UM_ERR_NOMEM);
    assert_true(um_test_alloc_reset());
    um_buf_done(&buf);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(utf8_next_reads_the_ends_of_each_length),
        cmocka_unit_test(utf8_next_takes_one_byte_where_no_character_stands),
        cmocka_unit_test(utf8_next_refuses_every_proper_prefix),
        cmocka_unit_test(utf8_next_goes_on_behind_a_broken_character),
        cmocka_unit_test(utf8_columns_counts_wide_characters_twice),
        cmocka_unit_test(utf8_clean_replaces_bad_bytes_and_nul_only),
        cmocka_unit_test(utf8_clean_tells_when_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
