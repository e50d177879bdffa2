/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text in a page is text: whatever its bytes are, no markup comes of it. */
#include "offline/report/html.h"

#include "core/base/err.h"
#include "tests/support/support.h"

struct page {
    char *text;
    size_t len;
    struct um_out out;
    struct um_html html;
};

static void
begin(struct page *page)
{
    *page = (struct page){0};
    page->out.stream = open_memstream(&page->text, &page->len);
    assert_non_null(page->out.stream);
    page->html = um_html_to(&page->out);
}

static void
end(struct page *page, const char *expected)
{
    assert_int_equal(um_out_result(&page->out, um_html_end(&page->html)), UM_OK);
    assert_int_equal(fclose(page->out.stream), 0);
    assert_string_equal(page->text, expected);
    free(page->text);
}

static void
html_text_is_no_markup_and_ends_no_attribute(void **state)
{
    (void)state;
    struct page page;
    begin(&page);
    um_html_add(&page.html, "<b title=\"");
    um_html_string(&page.html, "a\"b'c<script>&amp;</script>");
    um_html_add(&page.html, "\">%u</b>", 7);
    end(&page, "<b title=\"a&quot;b&#39;c&lt;script&gt;&amp;amp;&lt;/script&gt;\">7</b>");
}

static void
html_text_shows_control_bidi_and_broken_characters_as_escapes(void **state)
{
    (void)state;
    struct page page;
    begin(&page);
    um_html_string(&page.html, "\x1b[31m\r\n\xe2\x80\xae"
                               "x\xff<\xc3\xbc>");
    end(&page, "\\x1b[31m\\x0d\\x0a\\u202ex\\xff&lt;\xc3\xbc&gt;");
}

static void
html_short_cuts_between_characters(void **state)
{
    (void)state;
    struct page page;
    begin(&page);
    um_html_short(&page.html, S("a\xc3\xbc\xc3\xbc"), 5);
    um_html_add(&page.html, "|");
    um_html_short(&page.html, S("a\xc3\xbc\xc3\xbc"), 4);
    um_html_add(&page.html, "|");
    um_html_short(&page.html, S("a\xc3\xbc\xc3\xbc"), 0);
    end(&page, "a\xc3\xbc\xc3\xbc|a\xc3\xbc\u2026|\u2026");
}

static void
html_of_any_bytes_has_no_markup(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 500; seed++) {
        uint64_t random = seed;
        uint8_t bytes[64];
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)(um_test_random(&random) % (seed % 2 ? 256 : 64));
        struct page page;
        begin(&page);
        um_html_text(&page.html, um_span_of(bytes, sizeof bytes));
        assert_int_equal(um_html_end(&page.html), UM_OK);
        assert_int_equal(fclose(page.out.stream), 0);
        assert_null(strpbrk(page.text, "<>\"'"));
        free(page.text);
    }
}

static void
html_tells_when_memory_is_out_and_writes_no_half_text(void **state)
{
    (void)state;
    struct page page;
    begin(&page);
    um_test_alloc_fail_at(0);
    um_html_string(&page.html, "text");
    assert_true(um_test_alloc_reset());
    um_html_add(&page.html, "<p>");
    assert_int_equal(um_html_end(&page.html), UM_ERR_NOMEM);
    assert_int_equal(fclose(page.out.stream), 0);
    assert_string_equal(page.text, "");
    free(page.text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(html_text_is_no_markup_and_ends_no_attribute),
        cmocka_unit_test(html_text_shows_control_bidi_and_broken_characters_as_escapes),
        cmocka_unit_test(html_short_cuts_between_characters),
        cmocka_unit_test(html_of_any_bytes_has_no_markup),
        cmocka_unit_test(html_tells_when_memory_is_out_and_writes_no_half_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
