/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/report/page.h"

#include "core/base/err.h"
#include "tests/report/fits.h"
#include "tests/support/support.h"

struct sheet {
    char *text;
    size_t len;
    struct um_out out;
    struct um_page page;
};

static void
open_sheet(struct sheet *sheet, struct um_style style)
{
    sheet->out = (struct um_out){.stream = open_memstream(&sheet->text, &sheet->len)};
    assert_non_null(sheet->out.stream);
    sheet->page = um_page_to(&sheet->out, &style);
}

static void
close_sheet(struct sheet *sheet, const char *expected)
{
    assert_int_equal(um_out_result(&sheet->out, um_page_end(&sheet->page)), UM_OK);
    assert_int_equal(fclose(sheet->out.stream), 0);
    if (expected)
        assert_string_equal(sheet->text, expected);
    free(sheet->text);
}

static const struct um_style UTF8 = {.utf8 = true}, ASCII = {0}, COLOR = {.color = true};

static void
page_line_is_shortened_to_80_columns(void **state)
{
    (void)state;
    struct sheet sheet;
    open_sheet(&sheet, ASCII);
    um_page_add(&sheet.page, "%080d", 7);
    um_page_line(&sheet.page);
    um_page_add(&sheet.page, "%081d", 7);
    um_page_line(&sheet.page);
    char expected[200];
    (void)snprintf(expected, sizeof expected, "%080d\n%077d...\n", 7, 0);
    close_sheet(&sheet, expected);
}

static void
page_paragraph_breaks_at_spaces_and_indents(void **state)
{
    (void)state;
    struct sheet sheet;
    open_sheet(&sheet, ASCII);
    um_page_add(&sheet.page, "  %070d bbbbbbb cc", 0);
    um_page_paragraph(&sheet.page, 4);
    um_page_add(&sheet.page, "  %070d bbbbbbbb cc", 0);
    um_page_paragraph(&sheet.page, 4);
    char expected[400];
    (void)snprintf(expected, sizeof expected, "  %070d bbbbbbb\n    cc\n  %070d\n    bbbbbbbb cc\n",
                   0, 0);
    close_sheet(&sheet, expected);
}

static void
page_paragraph_cuts_a_word_that_is_wider_than_the_page(void **state)
{
    (void)state;
    struct sheet sheet;
    open_sheet(&sheet, ASCII);
    um_page_add(&sheet.page, "%0160d", 0);
    um_page_paragraph(&sheet.page, 2);
    char expected[400];
    (void)snprintf(expected, sizeof expected, "%080d\n  %078d\n  %02d\n", 0, 0, 0);
    close_sheet(&sheet, expected);
}

static void
page_short_counts_characters_not_bytes(void **state)
{
    (void)state;
    struct sheet sheet;
    open_sheet(&sheet, UTF8);
    um_page_short(&sheet.page, S("\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC"), 4);
    um_page_line(&sheet.page);
    um_page_short(&sheet.page, S("\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC"), 4);
    um_page_line(&sheet.page);
    um_page_short(&sheet.page, S("\xE6\xBC\xA2\xE6\xBC\xA2\xE6\xBC\xA2"), 5);
    um_page_line(&sheet.page);
    close_sheet(&sheet, "\xC3\xBC\xC3\xBC\xC3\xBC\xC3\xBC\n"
                        "\xC3\xBC\xC3\xBC\xC3\xBC\xE2\x80\xA6\n"
                        "\xE6\xBC\xA2\xE6\xBC\xA2\xE2\x80\xA6\n");
}

static void
page_colors_take_no_column_and_can_be_left_out(void **state)
{
    (void)state;
    struct sheet sheet;
    open_sheet(&sheet, COLOR);
    um_page_color(&sheet.page, UM_PAGE_BAD);
    um_page_add(&sheet.page, "bad");
    um_page_color(&sheet.page, UM_PAGE_PLAIN);
    assert_int_equal(um_page_column(&sheet.page), 3);
    um_page_tab(&sheet.page, 5);
    um_page_add(&sheet.page, "x");
    um_page_line(&sheet.page);
    close_sheet(&sheet, "\033[31mbad\033[0m  x\n");

    open_sheet(&sheet, ASCII);
    um_page_color(&sheet.page, UM_PAGE_BAD);
    um_page_line(&sheet.page);
    close_sheet(&sheet, "\n");
}

static void
page_color_ends_with_its_line_even_where_that_is_shortened(void **state)
{
    (void)state;
    struct sheet sheet;
    open_sheet(&sheet, COLOR);
    um_page_color(&sheet.page, UM_PAGE_BAD);
    um_page_add(&sheet.page, "bad");
    um_page_line(&sheet.page);
    um_page_color(&sheet.page, UM_PAGE_BAD);
    um_page_add(&sheet.page, "%081d", 0);
    um_page_color(&sheet.page, UM_PAGE_PLAIN);
    um_page_line(&sheet.page);
    um_page_add(&sheet.page, "plain");
    um_page_line(&sheet.page);
    char expected[200];
    (void)snprintf(expected, sizeof expected,
                   "\033[31mbad\033[0m\n\033[31m%077d...\033[0m\nplain\n", 0);
    close_sheet(&sheet, expected);
}

static void
page_endpoint_keeps_both_ends(void **state)
{
    (void)state;
    struct sheet sheet;
    struct um_endpoint far = {.address = {0x20, 1, 0xd, 0xb8, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc,
                                          0xde, 0xf0, 0x12, 0x34, 0x56, 0x78},
                              .address_len = 16,
                              .port = 65535};
    open_sheet(&sheet, UTF8);
    um_page_endpoint(&sheet.page, &far, 21);
    assert_int_equal(um_page_column(&sheet.page), 21);
    um_page_line(&sheet.page);
    close_sheet(&sheet, "[2001:db8:\xE2\x80\xA6"
                        "678]:65535\n");
}

static void
page_tab_leaves_a_space_behind_text_that_reaches_it(void **state)
{
    (void)state;
    struct sheet sheet;
    open_sheet(&sheet, ASCII);
    um_page_add(&sheet.page, "1234");
    um_page_tab(&sheet.page, 4);
    um_page_add(&sheet.page, "5");
    um_page_line(&sheet.page);
    close_sheet(&sheet, "1234 5\n");
}

static void
page_holds_any_bytes_within_80_columns(void **state)
{
    (void)state;
    uint64_t seed = 1;
    for (unsigned round = 0; round < 400; round++) {
        struct sheet sheet;
        uint8_t bytes[300];
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)um_test_random(&seed);
        for (size_t i = 0; i < sizeof bytes && round % 2; i += 7)
            bytes[i] = ' ';
        struct um_span text = um_span_first(um_span_of(bytes, sizeof bytes), round % 300);
        open_sheet(&sheet, round % 3 ? UTF8 : ASCII);
        um_page_span(&sheet.page, text);
        um_page_paragraph(&sheet.page, round % 40);
        um_page_short(&sheet.page, text, 10 + round % 60);
        um_page_line(&sheet.page);
        um_page_span(&sheet.page, text);
        um_page_rule(&sheet.page);
        assert_int_equal(fflush(sheet.out.stream), 0);
        assert_fits(sheet.text, sheet.len);
        close_sheet(&sheet, NULL);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_line_is_shortened_to_80_columns),
        cmocka_unit_test(page_paragraph_breaks_at_spaces_and_indents),
        cmocka_unit_test(page_paragraph_cuts_a_word_that_is_wider_than_the_page),
        cmocka_unit_test(page_short_counts_characters_not_bytes),
        cmocka_unit_test(page_colors_take_no_column_and_can_be_left_out),
        cmocka_unit_test(page_color_ends_with_its_line_even_where_that_is_shortened),
        cmocka_unit_test(page_endpoint_keeps_both_ends),
        cmocka_unit_test(page_tab_leaves_a_space_behind_text_that_reaches_it),
        cmocka_unit_test(page_holds_any_bytes_within_80_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
