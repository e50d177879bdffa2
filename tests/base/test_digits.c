/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/digits.h"

#include "tests/support/support.h"

static void
hex_digits_of_either_case_have_their_value_and_nothing_else_has_one(void **state)
{
    (void)state;
    static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";
    unsigned digits = 0;
    for (int i = 0; i < 16; i++) {
        assert_int_equal(um_hex_digit((uint8_t)lower[i]), i);
        assert_int_equal(um_hex_digit((uint8_t)upper[i]), i);
    }
    for (unsigned c = 0; c <= UINT8_MAX; c++)
        digits += um_hex_digit((uint8_t)c) >= 0 ? 1 : 0;
    assert_int_equal(digits, 22);
}

static void
base64_letters_have_their_value_and_nothing_else_has_one(void **state)
{
    (void)state;
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned count = 0;
    for (unsigned i = 0; i < 64; i++)
        assert_int_equal(um_base64_letters[(uint8_t)letters[i]], UM_BASE64_LETTER + i);
    for (unsigned c = 0; c <= UINT8_MAX; c++)
        count += um_base64_letters[c] > 0 ? 1 : 0;
    assert_int_equal(count, 64);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hex_digits_of_either_case_have_their_value_and_nothing_else_has_one),
        cmocka_unit_test(base64_letters_have_their_value_and_nothing_else_has_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
