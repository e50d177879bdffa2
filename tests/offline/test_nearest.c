/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/support.h"

#include "offline/nearest.h"

static void
distance_counts_letters_that_are_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        size_t distance;
    } cases[] = {
        {"", "", 0},
        {"", "abc", 3},
        {"abc", "", 3},
        {"format", "format", 0},
        {"fromat", "format", 1},
        {"fomat", "format", 1},
        {"formatt", "format", 1},
        {"farmat", "format", 1},
        {"kitten", "sitting", 3},
        {"ca", "abc", 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(um_nearest_distance(cases[i].a, cases[i].b), cases[i].distance);
        assert_int_equal(um_nearest_distance(cases[i].b, cases[i].a), cases[i].distance);
    }
}

static void
distance_of_long_words_stays_within_its_table(void **state)
{
    (void)state;
    char a[200], b[200];
    memset(a, 'a', sizeof a - 1);
    memset(b, 'b', sizeof b - 1);
    a[sizeof a - 1] = b[sizeof b - 1] = '\0';
    assert_int_equal(um_nearest_distance(a, a), 0);
    assert_int_equal(um_nearest_distance(a, b), 31);
}

static void
slip_is_near_and_another_word_is_not(void **state)
{
    (void)state;
    assert_true(um_nearest_is_slip("fromat", "format"));
    assert_true(um_nearest_is_slip("veiw", "view"));
    assert_true(um_nearest_is_slip("stuckafter", "stuck-after"));
    assert_false(um_nearest_is_slip("zebra", "view"));
    assert_false(um_nearest_is_slip("x", "call"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(distance_counts_letters_that_are_wrong),
        cmocka_unit_test(distance_of_long_words_stays_within_its_table),
        cmocka_unit_test(slip_is_near_and_another_word_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
