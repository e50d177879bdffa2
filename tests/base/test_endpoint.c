/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Endpoints as text: RFC 5952 for IPv6, and what two endpoints being equal means. */
#include "core/base/endpoint.h"

#include <arpa/inet.h>

#include "tests/support/support.h"

static struct um_endpoint
endpoint_of(const char *address, uint16_t port)
{
    struct um_endpoint endpoint = {.port = port};
    if (inet_pton(AF_INET, address, endpoint.address) == 1)
        endpoint.address_len = 4;
    else if (inet_pton(AF_INET6, address, endpoint.address) == 1)
        endpoint.address_len = 16;
    return endpoint;
}

static void
endpoint_text_is_canonical(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        uint16_t port;
        const char *text;
    } cases[] = {
        {"10.0.0.1", 443, "10.0.0.1:443"},
        {"255.255.255.255", 65535, "255.255.255.255:65535"},
        {"0.0.0.0", 0, "0.0.0.0:0"},
        {"2001:db8::1", 443, "[2001:db8::1]:443"},
        {"2001:0DB8:0000:0000:0001:0000:0000:0001", 1, "[2001:db8::1:0:0:1]:1"},
        {"2001:db8:0:1:1:1:1:1", 2, "[2001:db8:0:1:1:1:1:1]:2"}, /* one zero group stays */
        {"2001:0:0:1:0:0:0:1", 3, "[2001:0:0:1::1]:3"},          /* the longest run goes */
        {"2001:db8:0:0:1:0:0:1", 4, "[2001:db8::1:0:0:1]:4"},    /* the first of equals */
        {"::", 5, "[::]:5"},
        {"::1", 6, "[::1]:6"},
        {"fe80::ABCD", 7, "[fe80::abcd]:7"},
        {"1:0:0:0:0:0:0:0", 8, "[1::]:8"},
        {"::ffff:192.0.2.1", 9, "[::ffff:192.0.2.1]:9"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535,
         "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_endpoint endpoint = endpoint_of(cases[i].address, cases[i].port);
        char *text = malloc(UM_ENDPOINT_TEXT_MAX);
        assert_ptr_equal(um_endpoint_text(&endpoint, text), text);
        assert_string_equal(text, cases[i].text);
        struct um_endpoint read;
        assert_true(um_endpoint_parse(um_span_text(text), &read));
        assert_true(um_endpoint_equal(&read, &endpoint));
        free(text);
    }
}

static void
endpoint_without_an_address_is_a_question_mark(void **state)
{
    (void)state;
    struct um_endpoint endpoint = {.port = 443};
    char text[UM_ENDPOINT_TEXT_MAX];
    assert_string_equal(um_endpoint_text(&endpoint, text), "?");
}

static void
endpoints_are_equal_in_address_and_port_only(void **state)
{
    (void)state;
    struct um_endpoint a = endpoint_of("10.0.0.1", 443), b = endpoint_of("10.0.0.1", 443);
    assert_true(um_endpoint_equal(&a, &b));
    b.port = 444;
    assert_false(um_endpoint_equal(&a, &b));
    b = endpoint_of("10.0.0.2", 443);
    assert_false(um_endpoint_equal(&a, &b));
    b = endpoint_of("a00:1::", 443); /* the same first four bytes */
    assert_memory_equal(a.address, b.address, 4);
    assert_false(um_endpoint_equal(&a, &b));
}

static void
endpoint_parse_refuses_what_is_no_endpoint(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "10.0.0.1",
                                        "10.0.0.1:",
                                        "10.0.0.1:65536",
                                        "10.0.0:1",
                                        ":1",
                                        "[::1]",
                                        "[::1:1",
                                        "[10.0.0.1]:1",
                                        "::1:1",
                                        "[]:1",
                                        "10.0.0.1:x",
                                        "10.0.0.1:1 ",
                                        "name.example:80",
                                        "??",
                                        "[:::1]:80",
                                        "[1::2::3]:1",
                                        "10.0.0.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1:1"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct um_endpoint read = {.port = 7};
        assert_false(um_endpoint_parse(um_span_text(texts[i]), &read));
        assert_int_equal(read.port, 7);
    }
    struct um_endpoint unknown = {.port = 7};
    assert_true(um_endpoint_parse(um_span_text("?"), &unknown));
    assert_int_equal(unknown.address_len, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(endpoint_text_is_canonical),
        cmocka_unit_test(endpoint_without_an_address_is_a_question_mark),
        cmocka_unit_test(endpoint_parse_refuses_what_is_no_endpoint),
        cmocka_unit_test(endpoints_are_equal_in_address_and_port_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
