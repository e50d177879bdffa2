/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/support.h"

#include "offline/http/multipart.h"

static const char BODY[] =
    "preamble\r\n--b 1\r\nContent-Type: image/png\r\nContent-ID: <pic>\r\n\r\n"
    "PNG\r\n--b 1\r\ncontent-id: <root>\r\ncontent-type: text/xml; charset=utf-16"
    "\r\n\r\n<e/>\r\n\r\n--b 1--\r\nepilogue";

static void
first_part_is_the_root_unless_start_names_another(void **state)
{
    (void)state;
    struct um_multipart_part part;
    assert_true(um_multipart_root(S("multipart/related; boundary=\"b 1\""), S(BODY), &part));
    assert_span_equal(part.content, S("PNG"));
    assert_span_equal(part.content_type, S("image/png"));
    assert_true(um_multipart_root(
        S("Multipart/Related; type=\"text/xml\"; start=\"<root>\"; boundary=\"b 1\""), S(BODY),
        &part));
    assert_span_equal(part.content, S("<e/>\r\n"));
    assert_span_equal(part.content_type, S("text/xml; charset=utf-16"));
}

static void
part_that_is_not_there_is_not_found(void **state)
{
    (void)state;
    struct um_multipart_part part;
    assert_false(um_multipart_root(S("multipart/related; boundary=\"b 1\"; start=\"<no>\""),
                                   S(BODY), &part));
    assert_false(um_multipart_root(S("multipart/related; boundary=other"), S(BODY), &part));
    assert_false(um_multipart_root(S("multipart/related"), S(BODY), &part));
    assert_false(um_multipart_root(S("multipart/related; boundary=\"\""), S(BODY), &part));
}

static void
every_prefix_gives_a_beginning_of_the_root_or_nothing(void **state)
{
    (void)state;
    size_t found = 0;
    for (size_t len = 0; len < sizeof BODY; len++) {
        uint8_t *exact = um_test_exact_copy(BODY, len);
        struct um_multipart_part part = {0};
        if (um_multipart_root(S("multipart/related; boundary=\"b 1\"; start=\"<root>\""),
                              um_span_of(exact, len), &part)) {
            found++;
            bool is_beginning = um_span_starts(S("<e/>\r\n\r\n--b 1--\r\nepilogue"), part.content);
            assert_true(is_beginning);
        }
        free(exact);
    }
    assert_true(found > 20);
}

static void
only_multipart_related_is_looked_into(void **state)
{
    (void)state;
    assert_true(um_multipart_is_related(S("multipart/related; boundary=b")));
    assert_true(um_multipart_is_related(S("MULTIPART/RELATED")));
    assert_false(um_multipart_is_related(S("multipart/form-data")));
    assert_false(um_multipart_is_related(S("")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_part_is_the_root_unless_start_names_another),
        cmocka_unit_test(part_that_is_not_there_is_not_found),
        cmocka_unit_test(every_prefix_gives_a_beginning_of_the_root_or_nothing),
        cmocka_unit_test(only_multipart_related_is_looked_into),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
