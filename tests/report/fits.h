/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text that fits a page: UTF-8, nothing harmful, no line wider than the page. */
#ifndef UM_TEST_REPORT_FITS_H
#define UM_TEST_REPORT_FITS_H

#include "offline/report/page.h"
#include "offline/report/safe_text.h"
#include "offline/report/utf8.h"
#include "tests/support/support.h"

static inline void
assert_fits(const char *text, size_t len)
{
    struct um_span left = um_span_of(text, len);
    size_t columns = 0;
    while (left.len > 0) {
        uint32_t code_point = um_utf8_next(&left);
        if (code_point == '\n') {
            columns = 0;
            continue;
        }
        assert_int_not_equal(code_point, UM_UTF8_BAD);
        assert_false(um_safe_text_is_harmful(code_point));
        columns += um_utf8_columns(code_point);
        assert_true(columns <= UM_PAGE_WIDTH);
    }
}

#endif
