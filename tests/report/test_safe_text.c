/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/report/safe_text.h"

#include "core/base/err.h"
#include "tests/support/support.h"

static void
assert_shown(struct um_span text, bool utf8, const char *expected)
{
    struct um_buf buf = {0};
    uint8_t *heap = um_test_exact_copy(text.data, text.len);
    assert_int_equal(um_safe_text_append(&buf, um_span_of(heap, text.len), utf8), UM_OK);
    assert_span_equal(um_buf_span(&buf), S(expected));
    um_buf_done(&buf);
    free(heap);
}

static void
safe_text_leaves_ordinary_text_alone(void **state)
{
    (void)state;
    assert_shown(S("CONTOSO\\anna: \"5550100\" ~"), false, "CONTOSO\\anna: \"5550100\" ~");
    assert_shown(S("M\xC3\xBCller \xE6\xBC\xA2"), true, "M\xC3\xBCller \xE6\xBC\xA2");
}

static void
safe_text_escapes_control_characters(void **state)
{
    (void)state;
    assert_shown(S("\x1b[31m\r\n\t\x7f"), true, "\\x1b[31m\\x0d\\x0a\\x09\\x7f");
    assert_shown(um_span_of("a\0b", 3), true, "a\\x00b");
    assert_shown(S("\xC2\x9B"
                   "2J"),
                 true, "\\u009b2J");
}

static void
safe_text_escapes_what_reorders_or_hides_text(void **state)
{
    (void)state;
    assert_shown(S("\xE2\x80\xAE\xE2\x81\xA6\xE2\x80\x8F\xD8\x9C"), true,
                 "\\u202e\\u2066\\u200f\\u061c");
    assert_shown(S("\xE2\x80\x8B\xEF\xBB\xBF\xC2\xAD"), true, "\\u200b\\ufeff\\u00ad");
    assert_shown(S("\xE2\x80\xA8\xE2\x80\xA9"), true, "\\u2028\\u2029");
    assert_shown(S("\xF3\xA0\x81\x81"), true, "\\U000e0041");
    assert_shown(S("\xE3\x85\xA4\xE1\x85\x9F"), true, "\\u3164\\u115f");           /* fillers */
    assert_shown(S("\xE2\x98\x8E\xEF\xB8\x8F"), true, "\xE2\x98\x8E\xEF\xB8\x8F"); /* a telephone */
}

static void
safe_text_shows_bytes_that_are_no_utf8(void **state)
{
    (void)state;
    assert_shown(S("\xFF\xC0\x80\xED\xA0\x80"), true, "\\xff\\xc0\\x80\\xed\\xa0\\x80");
    assert_shown(S("a\xE2\x82"), true, "a\\xe2\\x82");
}

static void
safe_text_is_ascii_where_utf8_is_not_wanted(void **state)
{
    (void)state;
    assert_shown(S("M\xC3\xBCller \xF0\x9F\x98\x80"), false, "M\\u00fcller \\U0001f600");
}

static void
safe_text_of_any_two_bytes_is_harmless(void **state)
{
    (void)state;
    struct um_buf buf = {0};
    for (unsigned a = 0; a < 256; a++) {
        for (unsigned b = 0; b < 256; b++) {
            uint8_t pair[] = {(uint8_t)a, (uint8_t)b};
            um_buf_clear(&buf);
            assert_int_equal(um_safe_text_append(&buf, um_span_of(pair, 2), false), UM_OK);
            assert_true(buf.len >= 1);
            for (size_t i = 0; i < buf.len; i++)
                assert_in_range(buf.data[i], 0x20, 0x7E);
        }
    }
    um_buf_done(&buf);
}

static void
safe_text_tells_when_memory_runs_out(void **state)
{
    (void)state;
    for (size_t n = 0; n < 2; n++) {
        struct um_buf buf = {0};
        um_test_alloc_fail_at(n);
        int err = um_safe_text_append(
            &buf, S("012345678901234567890123456789012345678901234567890123456789\x1b\x1b"), true);
        assert_true(um_test_alloc_reset());
        assert_int_equal(err, UM_ERR_NOMEM);
        um_buf_done(&buf);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(safe_text_leaves_ordinary_text_alone),
        cmocka_unit_test(safe_text_escapes_control_characters),
        cmocka_unit_test(safe_text_escapes_what_reorders_or_hides_text),
        cmocka_unit_test(safe_text_shows_bytes_that_are_no_utf8),
        cmocka_unit_test(safe_text_is_ascii_where_utf8_is_not_wanted),
        cmocka_unit_test(safe_text_of_any_two_bytes_is_harmless),
        cmocka_unit_test(safe_text_tells_when_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
