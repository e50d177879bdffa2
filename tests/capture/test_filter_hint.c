/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/support.h"

#include "offline/capture/filter.h"
#include "offline/capture/filter_hint.h"

static const struct {
    const char *display, *capture;
} pairs[] = {
    {"tcp.port == 80", "tcp port 80"},
    {"tcp.port==80", "tcp port 80"},
    {"ip.addr eq 10.0.0.1", "host 10.0.0.1"},
    {"ip.src == 10.0.0.1 && tcp.dstport == 443", "src host 10.0.0.1 and tcp dst port 443"},
    {"!(ip.addr == 10.0.0.0/24)", "not (net 10.0.0.0/24)"},
    {"tcp.port != 22", "not tcp port 22"},
    {"ipv6.addr == fe80::1 or http", NULL},
    {"tcp.port == 80 and (ip.dst == 10.0.0.2 || ip.dst == 10.0.0.3)",
     "tcp port 80 and (dst host 10.0.0.2 or dst host 10.0.0.3)"},
    {"frame.len > 100", "len > 100"},
    {"eth.addr == 00:11:22:33:44:55", "ether host 00:11:22:33:44:55"},
    {"tls and ip.addr == 10.0.0.1", "tcp port 443 and host 10.0.0.1"},
};

static void
hint_says_the_same_in_the_other_syntax_and_can_be_compiled(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char out[160];
        assert_true(um_filter_hint(pairs[i].display, out, sizeof out));
        if (pairs[i].capture)
            assert_string_equal(out, pairs[i].capture);
        struct um_filter *filter = NULL;
        char *why = NULL;
        assert_int_equal(um_filter_new(out, &filter, &why), UM_OK);
        um_filter_free(filter);
    }
}

static void
field_without_counterpart_is_known_but_nothing_is_guessed(void **state)
{
    (void)state;
    static const char *const fields[] = {"http.host == \"um\"",
                                         "tcp.flags.syn == 1",
                                         "tcp.port in {80, 443}",
                                         "tcp.port == 80 xor ip.ttl",
                                         "ip.addr",
                                         "tcp.port ==",
                                         "tcp.port > 80"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        char out[160] = "x";
        assert_true(um_filter_hint(fields[i], out, sizeof out));
        assert_string_equal(out, "");
    }
}

static void
capture_filter_is_no_display_filter(void **state)
{
    (void)state;
    static const char *const filters[] = {
        "tcp port 80x", "host um.example", "host tcp.example.com and", "port http", "", "((("};
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        char out[160];
        bool is_display = um_filter_hint(filters[i], out, sizeof out);
        assert_true(is_display == (strstr(filters[i], "tcp.") != NULL));
        assert_string_equal(out, "");
    }
}

static void
hint_that_does_not_fit_is_left_out(void **state)
{
    (void)state;
    char whole[160];
    assert_true(um_filter_hint(pairs[3].display, whole, sizeof whole));
    for (size_t size = 1; size <= strlen(whole); size++) {
        char *out = malloc(size);
        assert_non_null(out);
        assert_true(um_filter_hint(pairs[3].display, out, size));
        assert_string_equal(out, "");
        free(out);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hint_says_the_same_in_the_other_syntax_and_can_be_compiled),
        cmocka_unit_test(field_without_counterpart_is_known_but_nothing_is_guessed),
        cmocka_unit_test(capture_filter_is_no_display_filter),
        cmocka_unit_test(hint_that_does_not_fit_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
