/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is a request of HTTP/2 a GET? The blocks are those of RFC 7541, appendix C, and what is near. */
#include "plugin/hpack.h"

#include "tests/support/support.h"

static bool
is_get(const char *bytes, size_t len)
{
    uint8_t *heap = um_test_exact_copy(bytes, len);
    bool result = umws_hpack_is_get(um_span_of(heap, len));
    free(heap);
    return result;
}

#define IS_GET(bytes) is_get((bytes), sizeof(bytes) - 1)

static void
hpack_get_is_found_where_it_stands(void **state)
{
    (void)state;
    assert_true(IS_GET("\x82\x86\x84\x41\x0fwww.example.com"));
    assert_true(IS_GET("\x3f\xe1\x1f\x86\x41\x0fwww.example.com\x82"));
    assert_true(IS_GET("\x40\x03"
                       "a-b"
                       "\x01"
                       "c"
                       "\x10\x01x\x01y\x04\x02/z\x82"));
}

static void
hpack_other_methods_and_texts_are_not_taken_for_it(void **state)
{
    (void)state;
    assert_false(IS_GET("\x83\x86\x84"));
    assert_false(IS_GET("\x83\x44\x03\x82\x82\x82")); /* in a value */
    assert_false(IS_GET("\x83\x40\x01\x82\x01\x82")); /* in a name */
    assert_false(IS_GET("\xff\x83\x01"));             /* a great index */
    assert_false(IS_GET(""));
}

static void
hpack_block_that_breaks_off_is_no_get(void **state)
{
    (void)state;
    static const char block[] = "\x41\x8c\xf1\xe3\xc2\xe5\xf2\x3a\x6b\xa0\xab\x90\xf4\xff\x82";
    for (size_t n = 0; n + 1 < sizeof block - 1; n++)
        assert_false(is_get(block, n));
    assert_true(is_get(block, sizeof block - 1));
    assert_false(IS_GET("\xff\xff\xff\xff\xff\xff\x01\x82"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hpack_get_is_found_where_it_stands),
        cmocka_unit_test(hpack_other_methods_and_texts_are_not_taken_for_it),
        cmocka_unit_test(hpack_block_that_breaks_off_is_no_get),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
