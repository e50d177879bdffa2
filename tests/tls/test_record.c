/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/tls/record.h"

#include "tests/support/support.h"

static const uint8_t wire[] = {22, 3, 1, 0, 4, 'a', 'b', 'c', 'd', 23, 3, 3, 0, 1, 'e'};
static const uint8_t hello2[] = {0x80, 9, 1, 3, 1, 0, 0, 0, 0, 0, 0};

static void
records_are_split_one_by_one(void **state)
{
    (void)state;
    struct um_span input = um_span_of(wire, sizeof wire);
    struct um_tls_record record;
    assert_int_equal(um_tls_record_split(&input, &record), UM_DONE);
    assert_int_equal(record.type, UM_TLS_TYPE_HANDSHAKE);
    assert_int_equal(record.version, 0x0301);
    assert_span_equal(record.body, S("abcd"));
    assert_int_equal(record.header.len, 5);
    assert_int_equal(um_tls_record_split(&input, &record), UM_DONE);
    assert_span_equal(record.body, S("e"));
    assert_int_equal(input.len, 0);
    assert_int_equal(um_tls_record_split(&input, &record), UM_MORE);
}

static void
assert_prefixes_want_more(const uint8_t *bytes, size_t len)
{
    for (size_t n = 0; n < len; n++) {
        uint8_t *heap = um_test_exact_copy(bytes, n);
        struct um_span in = um_span_of(heap, n);
        struct um_tls_record record;
        assert_int_equal(um_tls_record_split(&in, &record), UM_MORE);
        assert_int_equal(in.len, n);
        free(heap);
    }
}

static void
every_prefix_wants_more(void **state)
{
    (void)state;
    assert_prefixes_want_more(wire, 9);
    assert_prefixes_want_more(hello2, sizeof hello2);
}

static void
a_hello_of_ssl2_is_a_record_of_its_own_kind(void **state)
{
    (void)state;
    struct um_span input = um_span_of(hello2, sizeof hello2);
    struct um_tls_record record;
    assert_true(um_tls_record_wanted(input));
    assert_int_equal(um_tls_record_split(&input, &record), UM_DONE);
    assert_int_equal(record.type, UM_TLS_TYPE_HELLO2);
    assert_int_equal(record.version, 0x0301);
    assert_int_equal(record.body.len, 9);
    assert_int_equal(input.len, 0);
}

/* What a byte-by-byte look finds, in bytes that have many of those that headers are made of. */
static void
a_header_is_found_among_other_bytes(void **state)
{
    (void)state;
    static const uint8_t likely[] = {3, 3, 0, 20, 23, 24, 25, 1, 64, 200};
    uint64_t seed = 1;
    size_t found = 0;
    for (int n = 0; n < 20000; n++) {
        uint8_t *heap, bytes[40];
        size_t len = um_test_random(&seed) % sizeof bytes, at = 0, length;
        for (size_t i = 0; i < len; i++)
            bytes[i] = likely[um_test_random(&seed) % sizeof likely];
        heap = um_test_exact_copy(bytes, len);
        struct um_span all = um_span_of(heap, len);
        while (at < len &&
               (heap[at] == 200 || um_tls_record_length(um_span_from(all, at), &length) == UM_BAD))
            at++;
        assert_int_equal(um_tls_record_find(all), at);
        found += at + UM_TLS_HEADER_BYTES <= len;
        free(heap);
    }
    assert_true(found > 1000);
}

static enum um_step
step_of(uint8_t type, uint8_t major, uint8_t minor, size_t length)
{
    const uint8_t bytes[] = {type, major, minor, (uint8_t)(length >> 8), (uint8_t)length};
    size_t whole;
    return um_tls_record_length(um_span_of(bytes, sizeof bytes), &whole);
}

static void
what_is_no_record_is_refused(void **state)
{
    (void)state;
    assert_int_equal(step_of(22, 3, 0, UM_TLS_BODY_MAX), UM_DONE);
    assert_int_equal(step_of(22, 3, 0, UM_TLS_BODY_MAX + 1), UM_BAD);
    assert_int_equal(step_of(22, 3, 4, 1), UM_DONE);
    assert_int_equal(step_of(22, 3, 5, 1), UM_BAD);
    assert_int_equal(step_of(22, 2, 1, 1), UM_BAD);
    assert_int_equal(step_of(22, 3, 1, 0), UM_BAD);
    assert_int_equal(step_of(19, 3, 1, 1), UM_BAD);
    assert_int_equal(step_of(20, 3, 1, 1), UM_DONE);
    assert_int_equal(step_of(24, 3, 1, 1), UM_DONE);
    assert_int_equal(step_of(25, 3, 1, 1), UM_BAD);
    assert_false(um_tls_record_wanted(S("GET / HTTP/1.1")));
    assert_false(um_tls_record_wanted(S("\x80\x09\x02\x03\x01")));
    assert_false(um_tls_record_wanted(S("\x80\x08\x01\x03\x01")));
    assert_false(um_tls_record_wanted(S("\x16\x03\x01")));
}

static void
versions_have_names(void **state)
{
    (void)state;
    assert_string_equal(um_tls_version_text(0x0300), "SSL 3.0");
    assert_string_equal(um_tls_version_text(0x0304), "TLS 1.3");
    assert_string_equal(um_tls_version_text(0x7f1c), "TLS");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_split_one_by_one),
        cmocka_unit_test(every_prefix_wants_more),
        cmocka_unit_test(a_hello_of_ssl2_is_a_record_of_its_own_kind),
        cmocka_unit_test(a_header_is_found_among_other_bytes),
        cmocka_unit_test(what_is_no_record_is_refused),
        cmocka_unit_test(versions_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
