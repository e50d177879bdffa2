/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/http/message.h"

#include "tests/support/support.h"

static void
field_is_found_whatever_its_case_first_line_first(void **state)
{
    (void)state;
    struct um_http_message message = {
        .head = S(
            "GET /Host:no HTTP/1.1\r\nhOsT : \t one \r\nHost: two\r\nEmpty:\r\nno field\r\n\r\n")};
    struct um_span value = S("untouched");
    assert_true(um_http_message_field(&message, S("Host"), &value));
    assert_span_equal(value, S("one"));
    assert_true(um_http_message_field(&message, S("empty"), &value));
    assert_int_equal(value.len, 0);
    value = S("untouched");
    assert_false(um_http_message_field(&message, S("Hos"), &value));
    assert_false(um_http_message_field(&message, S("no field"), &value));
    assert_false(um_http_message_field(&message, S("GET /Host"), &value));
    assert_span_equal(value, S("untouched"));
}

static void
parameter_is_found_in_and_out_of_quotes(void **state)
{
    (void)state;
    static const struct {
        const char *type, *name, *value;
    } cases[] = {
        {"text/xml; charset=utf-8", "charset", "utf-8"},
        {"text/xml;CHARSET=utf-8;x=y", "charset", "utf-8"},
        {"text/xml ; charset = \"utf-8\" ; x", "charset", "utf-8"},
        {"a/b; x=\"charset=no; charset=no\"; charset=yes", "charset", "yes"},
        {"a/b; x=\"a\\\"; charset=no\"; charset=yes", "charset", "yes"},
        {"a/b; charset=one; charset=two", "charset", "one"},
        {"a/b; charset", "charset", ""},
        {"a/b; charset=", "charset", ""},
        {"a/b; charset=\"\"", "charset", ""},
        {"a/b; charset=\"", "charset", "\""},
        {"a/b; x=\"open; charset=no", "charset", ""},
        {"a/b; x=\"\\", "charset", ""},
        {"charset=utf-8", "charset", ""}, /* that is where the type stands */
        {"", "charset", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t len = strlen(cases[i].type);
        uint8_t *exact = um_test_exact_copy(cases[i].type, len);
        assert_span_equal(um_http_message_parameter(um_span_of(exact, len), S(cases[i].name)),
                          S(cases[i].value));
        free(exact);
    }
}

static void
parameters_are_read_without_the_type_too(void **state)
{
    (void)state;
    assert_span_equal(um_http_parameter(S("charset=utf-8"), S("charset")), S("utf-8"));
    assert_span_equal(um_http_parameter(S(" x=\"a;b\"; Charset=\"utf-16\""), S("charset")),
                      S("utf-16"));
    assert_int_equal(um_http_parameter(S("xcharset=utf-8"), S("charset")).len, 0);
    assert_int_equal(um_http_parameter(um_span_of(NULL, 0), S("charset")).len, 0);
}

static void
framing_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(um_http_framing_text(UM_HTTP_FRAMING_NONE), "none");
    assert_string_equal(um_http_framing_text(UM_HTTP_FRAMING_LENGTH), "length");
    assert_string_equal(um_http_framing_text(UM_HTTP_FRAMING_CHUNKED), "chunked");
    assert_string_equal(um_http_framing_text(UM_HTTP_FRAMING_CLOSE), "close");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(field_is_found_whatever_its_case_first_line_first),
        cmocka_unit_test(parameter_is_found_in_and_out_of_quotes),
        cmocka_unit_test(parameters_are_read_without_the_type_too),
        cmocka_unit_test(framing_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
