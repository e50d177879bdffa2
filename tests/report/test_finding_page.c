/* SPDX-License-Identifier: GPL-2.0-or-later */
/* docs/findings.md has a section for each finding, and none of its marks is left in the page. */
#include "offline/report/finding_page.h"

#include "core/base/err.h"
#include "tests/support/support.h"

/* The Markdown as HTML; the caller frees it. */
static char *
write_page(struct um_span markdown, enum um_finding_name linked_name, int expected_err)
{
    bool linked[UM_FINDING_COUNT] = {false};
    char *text = NULL;
    size_t len = 0;
    struct um_out out = {.stream = open_memstream(&text, &len)};
    assert_non_null(out.stream);
    struct um_html html = um_html_to(&out);
    linked[linked_name] = true;
    um_finding_page_write(&html, markdown, linked);
    assert_int_equal(um_out_result(&out, um_html_end(&html)), expected_err);
    assert_int_equal(fclose(out.stream), 0);
    return text;
}

static void
assert_html(const char *markdown, const char *expected)
{
    char *text = write_page(S(markdown), UM_FINDING_BYTES_LOST, UM_OK);
    assert_string_equal(text, expected);
    free(text);
}

static void
every_finding_has_a_page(void **state)
{
    (void)state;
    for (unsigned i = 0; i < UM_FINDING_COUNT; i++) {
        struct um_span page = um_finding_page((enum um_finding_name)i);
        if (um_span_search(page, S("**Why it happens.**")) == page.len ||
            um_span_search(page, S("**What to check next.**")) == page.len)
            fail_msg("docs/findings.md does not explain %s",
                     um_finding_text((enum um_finding_name)i));
        assert_int_equal(um_span_search(page, S("\n#")), page.len);
    }
}

static void
no_mark_of_markdown_is_left_in_a_page(void **state)
{
    (void)state;
    for (unsigned i = 0; i < UM_FINDING_COUNT; i++) {
        char *text =
            write_page(um_finding_page((enum um_finding_name)i), UM_FINDING_BYTES_LOST, UM_OK);
        assert_null(strpbrk(text, "*`["));
        assert_null(strstr(text, "]("));
        free(text);
    }
}

static void
page_has_paragraphs_lists_and_marks(void **state)
{
    (void)state;
    assert_html("*note* - One\ntwo **three\nfour** `a<b`.\n\nFive.",
                "<p><em>note</em> - One two <strong>three four</strong> "
                "<code>a&lt;b</code>.</p>\n<p>Five.</p>\n");
    assert_html("Before:\n\n- one\n  more\n- two\n\nAfter.",
                "<p>Before:</p>\n<ul><li>one more</li>\n<li>two</li>\n</ul><p>After.</p>\n");
    assert_html("- last", "<ul><li>last</li>\n</ul>");
    assert_html("", "");
}

static void
link_stays_one_only_where_its_target_is_in_the_page(void **state)
{
    (void)state;
    assert_html("See [bytes-lost](#bytes-lost) and [x](#encrypted), [y](timeline.md).",
                "<p>See <a href=\"#finding-bytes-lost\">bytes-lost</a> and x, y.</p>\n");
    assert_html("a [b] c [d", "<p>a [b] c [d</p>\n");
}

static void
page_tells_when_the_nth_allocation_fails(void **state)
{
    (void)state;
    bool failed = true;
    for (size_t n = 0; failed; n++) {
        bool linked[UM_FINDING_COUNT] = {false};
        struct um_out out = {.stream = fopen("/dev/null", "w")};
        struct um_html html = um_html_to(&out);
        um_test_alloc_fail_at(n);
        um_finding_page_write(&html, um_finding_page(UM_FINDING_ENCRYPTED), linked);
        int err = um_out_result(&out, um_html_end(&html));
        failed = um_test_alloc_reset();
        assert_int_equal(err, failed ? UM_ERR_NOMEM : UM_OK);
        assert_int_equal(fclose(out.stream), 0);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_finding_has_a_page),
        cmocka_unit_test(no_mark_of_markdown_is_left_in_a_page),
        cmocka_unit_test(page_has_paragraphs_lists_and_marks),
        cmocka_unit_test(link_stays_one_only_where_its_target_is_in_the_page),
        cmocka_unit_test(page_tells_when_the_nth_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
