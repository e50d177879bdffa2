/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capture filters over packets of several link types. */
#include "offline/capture/filter.h"

#include "tests/support/support.h"

enum { ETHERNET = 1, RAW = 101, LINUX_COOKED = 113, RADIOTAP = 127 };

/* An IPv4 header without options, then a TCP header's ports: 10.0.0.1:1024 > 10.0.0.2:80 */
#define IP_AND_TCP                                                                                 \
    0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 4, 0, 0, 80, 0, 0, 0, 0, 0, \
        0, 0, 0, 0x50, 2, 0, 0, 0, 0, 0, 0

static const uint8_t ethernet[] = {0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1, 8, 0, IP_AND_TCP};
static const uint8_t raw[] = {IP_AND_TCP};
static const uint8_t cooked[] = {0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 1, 0, 0, 8, 0, IP_AND_TCP};

static struct um_packet
packet_of(uint32_t link_type, const void *bytes, size_t len)
{
    return (struct um_packet){
        .bytes = um_span_of(bytes, len), .wire_len = (uint32_t)len, .link_type = link_type};
}

static struct um_filter *
filter_of(const char *expression)
{
    struct um_filter *filter = NULL;
    char *why = NULL;
    assert_int_equal(um_filter_new(expression, &filter, &why), UM_OK);
    assert_null(why);
    return filter;
}

static void
filter_looks_at_each_link_type_in_its_own_way(void **state)
{
    static const struct {
        const char *expression;
        bool matches;
    } cases[] = {
        {"tcp port 80", true},
        {"tcp port 81", false},
        {"host 10.0.0.2 and src port 1024", true},
        {"net 10.0.0.0/24 and not port 80", false},
        {"ip6", false},
        {"", true},
    };
    (void)state;
    const struct um_packet packets[] = {
        packet_of(ETHERNET, ethernet, sizeof ethernet),
        packet_of(RAW, raw, sizeof raw),
        packet_of(LINUX_COOKED, cooked, sizeof cooked),
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_filter *filter = filter_of(cases[i].expression);
        for (size_t n = 0; n < 9; n++)
            assert_true(um_filter_match(filter, &packets[n % 3]) == cases[i].matches);
        um_filter_free(filter);
    }
}

static void
filter_reads_no_more_than_was_captured(void **state)
{
    (void)state;
    struct um_filter *filter = filter_of("tcp port 80");
    for (size_t len = 0; len <= sizeof ethernet; len++) {
        uint8_t *bytes = um_test_exact_copy(ethernet, len);
        struct um_packet packet = packet_of(ETHERNET, bytes, len);
        assert_true(um_filter_match(filter, &packet) == (len >= 38));
        free(bytes);
    }
    um_filter_free(filter);
}

static void
filter_can_ask_for_the_length_on_the_wire(void **state)
{
    (void)state;
    struct um_filter *filter = filter_of("greater 1000");
    struct um_packet packet = packet_of(ETHERNET, ethernet, sizeof ethernet);
    assert_false(um_filter_match(filter, &packet));
    packet.wire_len = 1000;
    assert_true(um_filter_match(filter, &packet));
    um_filter_free(filter);
}

static void
filter_without_meaning_for_a_link_type_matches_nothing(void **state)
{
    (void)state;
    struct um_filter *filter = filter_of("type mgt"); /* of 802.11 alone */
    struct um_packet packet = packet_of(ETHERNET, ethernet, sizeof ethernet);
    assert_false(um_filter_match(filter, &packet));
    static const uint8_t beacon[] = {0, 0, 8, 0, 0, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0};
    packet = packet_of(RADIOTAP, beacon, sizeof beacon);
    assert_true(um_filter_match(filter, &packet));
    um_filter_free(filter);
}

/* More link types than programs are kept. */
static void
filter_outlives_any_number_of_link_types(void **state)
{
    (void)state;
    struct um_filter *filter = filter_of("tcp port 80");
    struct um_packet packet = packet_of(ETHERNET, ethernet, sizeof ethernet);
    for (uint32_t type = 0; type < 300; type++) {
        struct um_packet other = packet_of(type, ethernet, sizeof ethernet);
        (void)um_filter_match(filter, &other);
        assert_true(um_filter_match(filter, &packet));
    }
    struct um_packet strange = packet_of(UINT32_MAX, ethernet, sizeof ethernet);
    (void)um_filter_match(filter, &strange);
    um_filter_free(filter);
}

static void
filter_with_a_mistake_is_refused_with_the_reason(void **state)
{
    static const struct {
        const char *expression;
        bool has_hint;
    } cases[] = {
        {"tcp port", false},     {"(tcp", false},
        {"port http80", false},  {"tcp.port == 80", true},
        {"http.request", true},  {"tcp port 80 and (ip.addr == 10.0.0.1)", true},
        {"!umws.call_id", true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_filter *filter = NULL;
        char *why = NULL;
        assert_int_equal(um_filter_new(cases[i].expression, &filter, &why), UM_ERR_USAGE);
        assert_null(filter);
        assert_non_null(why);
        assert_true((strstr(why, "display filter") != NULL) == cases[i].has_hint);
        free(why);
    }
}

static void
filter_survives_failing_allocations(void **state)
{
    static const char *const expressions[] = {"tcp port 80", "tcp.port == 80"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        bool failed = true;
        for (size_t n = 0; failed; n++) {
            struct um_filter *filter = NULL;
            char *why = NULL;
            um_test_alloc_fail_at(n);
            int err = um_filter_new(expressions[i], &filter, &why);
            failed = um_test_alloc_reset();
            if (i == 0)
                assert_int_equal(err, failed ? UM_ERR_NOMEM : UM_OK);
            else
                assert_int_equal(err, UM_ERR_USAGE); /* at worst without the hint */
            um_filter_free(filter);
            free(why);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(filter_looks_at_each_link_type_in_its_own_way),
        cmocka_unit_test(filter_reads_no_more_than_was_captured),
        cmocka_unit_test(filter_can_ask_for_the_length_on_the_wire),
        cmocka_unit_test(filter_without_meaning_for_a_link_type_matches_nothing),
        cmocka_unit_test(filter_outlives_any_number_of_link_types),
        cmocka_unit_test(filter_with_a_mistake_is_refused_with_the_reason),
        cmocka_unit_test(filter_survives_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
