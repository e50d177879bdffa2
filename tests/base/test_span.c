/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Views of bytes: taking apart, comparing, searching, numbers; also of nothing at all. */
#include "core/base/span.h"

#include "tests/support/support.h"

static const struct um_span nothing = {NULL, 0};

static void
span_first_and_from_stay_inside(void **state)
{
    (void)state;
    struct um_span s = S("abcde");
    for (size_t n = 0; n < 8; n++) {
        size_t kept = n < 5 ? n : 5;
        assert_span_equal(um_span_first(s, n), um_span_of("abcde", kept));
        assert_span_equal(um_span_from(s, n), um_span_of(&"abcde"[kept], 5 - kept));
    }
    assert_ptr_equal(um_span_from(s, 99).data, s.data + 5);
    assert_int_equal(um_span_first(nothing, 3).len, 0);
    assert_null(um_span_from(nothing, 3).data);
    assert_int_equal(um_span_text(NULL).len, 0);
}

static void
span_comparisons_hold_for_equal_bytes_only(void **state)
{
    (void)state;
    assert_true(um_span_equal(S("ab"), S("ab")));
    assert_false(um_span_equal(S("ab"), S("aB")));
    assert_false(um_span_equal(S("ab"), S("abc")));
    assert_true(um_span_equal(nothing, S("")));
    assert_true(um_span_equal_nocase(S("aZ[`{@"), S("Az[`{@")));
    assert_false(um_span_equal_nocase(S("["), S("{"))); /* 0x20 apart and no letters */
    assert_false(um_span_equal_nocase(S("@"), S("`")));
    assert_false(um_span_equal_nocase(S("\xC4"), S("\xE4")));
    assert_false(um_span_equal_nocase(S("a"), S("ab")));
    assert_true(um_span_starts(S("abc"), S("ab")));
    assert_true(um_span_starts(S("abc"), nothing));
    assert_false(um_span_starts(S("ab"), S("abc")));
    assert_false(um_span_starts(S("abc"), S("aB")));
    assert_true(um_span_starts_nocase(S("ABc"), S("ab")));
    assert_false(um_span_starts_nocase(S("a"), S("ab")));
}

static void
span_find_gives_the_first_or_the_length(void **state)
{
    (void)state;
    assert_int_equal(um_span_find(S("abcb"), 'b'), 1);
    assert_int_equal(um_span_find(S("abcb"), 'x'), 4);
    assert_int_equal(um_span_find(nothing, 'x'), 0);
    uint8_t *heap = um_test_exact_copy("abc", 3);
    assert_int_equal(um_span_find(um_span_of(heap, 3), 0), 3);
    free(heap);
}

/* The plain way to search, to hold ours against. */
static size_t
search_slowly(struct um_span s, struct um_span needle)
{
    for (size_t i = 0; i + needle.len <= s.len; i++) {
        if (memcmp(s.data + i, needle.data, needle.len) == 0)
            return i;
    }
    return s.len;
}

static void
span_search_agrees_with_the_plain_way(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (unsigned round = 0; round < 20000; round++) {
        uint8_t text[12], word[4];
        size_t text_len = um_test_random(&seed) % 13, word_len = um_test_random(&seed) % 4 + 1;
        for (size_t i = 0; i < text_len; i++)
            text[i] = (uint8_t)('a' + um_test_random(&seed) % 2);
        for (size_t i = 0; i < word_len; i++)
            word[i] = (uint8_t)('a' + um_test_random(&seed) % 2);
        uint8_t *heap = um_test_exact_copy(text, text_len);
        struct um_span s = um_span_of(heap, text_len), needle = um_span_of(word, word_len);
        assert_int_equal(um_span_search(s, needle), search_slowly(s, needle));
        free(heap);
    }
    assert_int_equal(um_span_search(S("abc"), nothing), 0);
    assert_int_equal(um_span_search(nothing, S("a")), 0);
}

static void
span_trim_takes_white_space_at_both_ends_only(void **state)
{
    (void)state;
    assert_span_equal(um_span_trim(S(" \t\r\n a b \n")), S("a b"));
    assert_span_equal(um_span_trim(S("ab")), S("ab"));
    assert_int_equal(um_span_trim(S(" \t ")).len, 0);
    assert_int_equal(um_span_trim(nothing).len, 0);
    assert_span_equal(um_span_trim(S("\va\xA0")), S("\va\xA0"));
}

static void
span_split_goes_through_all_parts(void **state)
{
    (void)state;
    struct um_span rest = S("a,,bc,");
    assert_span_equal(um_span_split(&rest, ','), S("a"));
    assert_span_equal(um_span_split(&rest, ','), S(""));
    assert_span_equal(um_span_split(&rest, ','), S("bc"));
    assert_int_equal(rest.len, 0);
    assert_span_equal(um_span_split(&rest, ','), S(""));
    rest = S("whole");
    assert_span_equal(um_span_split(&rest, ','), S("whole"));
    assert_int_equal(rest.len, 0);
}

static void
span_decimal_reads_whole_numbers_that_fit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t value;
    } good[] = {{"0", 0}, {"7", 7}, {"00042", 42}, {"18446744073709551615", UINT64_MAX}};
    static const char *const bad[] = {"",
                                      "-1",
                                      "+1",
                                      " 1",
                                      "1 ",
                                      "1a",
                                      "a",
                                      "0x1",
                                      "1.0",
                                      "/",
                                      ":",
                                      "18446744073709551616",
                                      "99999999999999999999999999"};
    uint64_t value;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_true(um_span_decimal(S(good[i].text), &value));
        assert_int_equal(value, good[i].value);
    }
    value = 5;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(um_span_decimal(S(bad[i]), &value));
        assert_int_equal(value, 5);
    }
    assert_false(um_span_decimal(um_span_of("1", 2), &value)); /* its terminator is no digit */
    assert_int_equal(value, 5);
}

/* Of every length, and with a difference in any place. */
static void
span_quick_hash_depends_on_every_byte_and_on_the_length(void **state)
{
    (void)state;
    uint8_t bytes[40] = {0};
    for (size_t len = 0; len <= sizeof bytes; len++) {
        uint64_t hash = um_span_hash_quick(um_span_of(bytes, len));
        uint8_t *exact = um_test_exact_copy(bytes, len);
        assert_true(hash == um_span_hash_quick(um_span_of(exact, len)));
        free(exact);
        assert_true(len == 0 || hash != um_span_hash_quick(um_span_of(bytes, len - 1)));
        for (size_t i = 0; i < len; i++) {
            bytes[i] ^= 1;
            assert_true(hash != um_span_hash_quick(um_span_of(bytes, len)));
            bytes[i] ^= 1;
        }
    }
}

static void
span_hash_depends_on_bytes_and_seed_alone(void **state)
{
    (void)state;
    char copy[] = "GetCallInfo";
    assert_true(um_span_hash(S("GetCallInfo"), 0) == um_span_hash(S(copy), 0));
    assert_true(um_span_hash(S("GetCallInfo"), 0) != um_span_hash(S("GetCallInfp"), 0));
    assert_true(um_span_hash(S("GetCallInfo"), 0) != um_span_hash(S("GetCallInfo"), 1));
    assert_true(um_span_hash(um_span_of(NULL, 0), 1) != um_span_hash(um_span_of(NULL, 0), 2));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(span_first_and_from_stay_inside),
        cmocka_unit_test(span_comparisons_hold_for_equal_bytes_only),
        cmocka_unit_test(span_find_gives_the_first_or_the_length),
        cmocka_unit_test(span_search_agrees_with_the_plain_way),
        cmocka_unit_test(span_trim_takes_white_space_at_both_ends_only),
        cmocka_unit_test(span_split_goes_through_all_parts),
        cmocka_unit_test(span_hash_depends_on_bytes_and_seed_alone),
        cmocka_unit_test(span_quick_hash_depends_on_every_byte_and_on_the_length),
        cmocka_unit_test(span_decimal_reads_whole_numbers_that_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
