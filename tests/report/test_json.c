/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/report/json.h"

#include <jansson.h>

#include "core/base/err.h"
#include "tests/support/support.h"

struct sheet {
    char *text;
    size_t len;
    struct um_out out;
    struct um_json json;
};

static void
open_sheet(struct sheet *sheet)
{
    sheet->out = (struct um_out){.stream = open_memstream(&sheet->text, &sheet->len)};
    assert_non_null(sheet->out.stream);
    sheet->json = um_json_to(&sheet->out);
}

static void
close_sheet(struct sheet *sheet, const char *expected)
{
    assert_int_equal(um_out_result(&sheet->out, um_json_end(&sheet->json)), UM_OK);
    assert_int_equal(fclose(sheet->out.stream), 0);
    assert_string_equal(sheet->text, expected);
    free(sheet->text);
}

static void
json_tight_object_at_the_top_is_one_line(void **state)
{
    (void)state;
    struct sheet sheet;
    open_sheet(&sheet);
    for (unsigned i = 1; i <= 2; i++) {
        um_json_object(&sheet.json, NULL);
        um_json_count(&sheet.json, "n", i);
        um_json_array(&sheet.json, "list");
        um_json_flag(&sheet.json, NULL, true);
        um_json_null(&sheet.json, NULL);
        um_json_close(&sheet.json);
        um_json_close(&sheet.json);
    }
    close_sheet(&sheet, "{\"n\": 1, \"list\": [true, null]}\n{\"n\": 2, \"list\": [true, null]}\n");
}

static void
json_containers_are_written_as_they_fill(void **state)
{
    (void)state;
    struct sheet sheet;
    open_sheet(&sheet);
    um_json_loose_object(&sheet.json, NULL);
    um_json_string(&sheet.json, "schema", "x");
    um_json_loose_array(&sheet.json, "calls");
    um_json_object(&sheet.json, NULL);
    um_json_close(&sheet.json);
    um_out_flush(&sheet.out);
    assert_string_equal(sheet.text, "{\"schema\": \"x\",\n\"calls\": [\n{}");
    um_json_object(&sheet.json, NULL);
    um_json_close(&sheet.json);
    um_json_close(&sheet.json);
    um_json_loose_array(&sheet.json, "none");
    um_json_close(&sheet.json);
    um_json_close(&sheet.json);
    close_sheet(&sheet, "{\"schema\": \"x\",\n\"calls\": [\n{},\n{}\n],\n\"none\": []}\n");
}

static void
json_goes_on_in_an_array_begun_before(void **state)
{
    (void)state;
    struct sheet sheet;
    open_sheet(&sheet);
    sheet.json = um_json_within_array(&sheet.out, false);
    um_json_count(&sheet.json, NULL, 1);
    assert_int_equal(um_out_result(&sheet.out, um_json_end(&sheet.json)), UM_OK);
    sheet.json = um_json_within_array(&sheet.out, true);
    um_json_count(&sheet.json, NULL, 2);
    close_sheet(&sheet, "\n1,\n2");
}

static void
json_text_of_any_bytes_is_valid_and_harmless(void **state)
{
    (void)state;
    struct sheet sheet;
    open_sheet(&sheet);
    um_json_array(&sheet.json, NULL);
    um_json_text(&sheet.json, NULL, um_span_of("\0\xFF\"\\\x1b\n", 6));
    um_json_text(&sheet.json, NULL, S("\xC2\x9B\xE2\x80\xAE\x7F\xF3\xA0\x81\x81\xC3\xBC"));
    um_json_text(&sheet.json, NULL, um_span_of(NULL, 0));
    um_json_text(&sheet.json, NULL, S(""));
    um_json_close(&sheet.json);
    close_sheet(&sheet, "[\"\xEF\xBF\xBD\xEF\xBF\xBD\\\"\\\\\\u001B\\n\", "
                        "\"\\u009B\\u202E\\u007F\\uDB40\\uDC41\xC3\xBC\", null, \"\"]\n");
}

static void
json_numbers_are_exact(void **state)
{
    (void)state;
    struct sheet sheet;
    open_sheet(&sheet);
    um_json_array(&sheet.json, NULL);
    um_json_seconds(&sheet.json, NULL, 240000000);
    um_json_seconds(&sheet.json, NULL, 1);
    um_json_seconds(&sheet.json, NULL, 86400123456789);
    um_json_seconds(&sheet.json, NULL, 0);
    um_json_count(&sheet.json, NULL, UINT64_MAX);
    um_json_time(&sheet.json, NULL, -1);
    um_json_close(&sheet.json);
    close_sheet(&sheet, "[0.24, 1e-9, 86400.123456789, 0.0, 9223372036854775807, "
                        "\"1969-12-31T23:59:59.999999999Z\"]\n");
}

static void
json_text_of_random_bytes_can_be_read_back(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (unsigned round = 0; round < 500; round++) {
        struct sheet sheet;
        uint8_t bytes[64];
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)(um_test_random(&seed) & (round % 2 ? 0xFF : 0xF3));
        open_sheet(&sheet);
        um_json_array(&sheet.json, NULL);
        um_json_text(&sheet.json, NULL, um_span_of(bytes, round % 65));
        um_json_close(&sheet.json);
        assert_int_equal(um_out_result(&sheet.out, um_json_end(&sheet.json)), UM_OK);
        assert_int_equal(fclose(sheet.out.stream), 0);
        json_t *read = json_loads(sheet.text, JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(read);
        json_decref(read);
        free(sheet.text);
    }
}

static void
json_tells_when_memory_runs_out_and_writes_nothing_from_there(void **state)
{
    (void)state;
    struct sheet sheet;
    open_sheet(&sheet);
    um_test_alloc_fail_at(0);
    um_json_object(&sheet.json, NULL);
    um_json_array(&sheet.json, "list");
    um_json_string(&sheet.json, NULL, "\"quoted\"");
    um_json_string(&sheet.json, NULL, "plain");
    um_json_close(&sheet.json);
    um_json_count(&sheet.json, "n", 1);
    um_json_close(&sheet.json);
    assert_true(um_test_alloc_reset());
    assert_int_equal(um_out_result(&sheet.out, um_json_end(&sheet.json)), UM_ERR_NOMEM);
    assert_int_equal(fclose(sheet.out.stream), 0);
    assert_string_equal(sheet.text, "{\"list\": [");
    free(sheet.text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_tight_object_at_the_top_is_one_line),
        cmocka_unit_test(json_containers_are_written_as_they_fill),
        cmocka_unit_test(json_goes_on_in_an_array_begun_before),
        cmocka_unit_test(json_text_of_any_bytes_is_valid_and_harmless),
        cmocka_unit_test(json_numbers_are_exact),
        cmocka_unit_test(json_text_of_random_bytes_can_be_read_back),
        cmocka_unit_test(json_tells_when_memory_runs_out_and_writes_nothing_from_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
