/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each result has a phrase of its own. */
#include "core/base/err.h"

#include "tests/support/support.h"

static void
err_has_a_phrase_of_its_own_for_each_value(void **state)
{
    (void)state;
    static const int all[] = {UM_OK, UM_ERR_NOMEM, UM_ERR_IO, UM_ERR_FORMAT, UM_ERR_USAGE, -99};
    enum { COUNT = sizeof all / sizeof *all };
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(strlen(um_err_text(all[i])) > 0);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(um_err_text(all[i]), um_err_text(all[k]));
    }
    assert_string_equal(um_err_text(UM_ERR_NOMEM), "out of memory");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(err_has_a_phrase_of_its_own_for_each_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
