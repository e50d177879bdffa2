/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Of records of real peers test_unseal.c and test_place.c look at it. */
#include "offline/tls/record_mac.h"

#include "tests/support/support.h"

static const uint8_t key[20] = {1, 2, 3};
static const uint8_t header[] = {23, 3, 3, 0, 25};

static struct um_tls_record
record_of(struct um_span body)
{
    return (struct um_tls_record){.type = 23,
                                  .version = UM_TLS_VERSION_12,
                                  .header = um_span_of(header, sizeof header),
                                  .body = body};
}

/* As the sender makes it: number, type, version, length, bytes. */
static void
make(uint64_t number, struct um_span bytes, uint8_t out[UM_HASH_MAX_BYTES])
{
    struct um_mac *mac;
    uint8_t place[UM_TLS_NUMBER_BYTES];
    const uint8_t length[] = {0, (uint8_t)bytes.len};
    um_tls_number_put(place, number);
    const struct um_span parts[] = {um_span_of(place, sizeof place), um_span_of(header, 3),
                                    um_span_of(length, 2), bytes};
    assert_int_equal(um_mac_new(UM_HASH_SHA1, um_span_of(key, sizeof key), &mac), UM_OK);
    assert_int_equal(um_mac_make(mac, parts, 4, out), UM_OK);
    um_mac_free(mac);
}

static struct um_record_mac *
open_mac(size_t key_len)
{
    struct um_record_mac *mac;
    assert_int_equal(
        um_record_mac_new(UM_TLS_VERSION_12, UM_HASH_SHA1, um_span_of(key, key_len), &mac), UM_OK);
    return mac;
}

static void
number_is_found_within_the_range_and_what_may_be_gone_through(void **state)
{
    (void)state;
    static const struct {
        uint64_t first, last, bytes_left;
        int result;
        uint64_t bytes_left_then;
        bool is_cut_short;
    } tests[] = {{7, 7, 0, UM_OK, 0, false},
                 {0, 6, 1000, UM_CRYPTO_FORGED, 1000 - 6 * 25, false},
                 {0, 6, 6 * 25, UM_CRYPTO_FORGED, 0, false},
                 {8, 9, 1000, UM_CRYPTO_FORGED, 1000 - 25, false},
                 {0, 9, 7 * 25, UM_OK, 0, false},
                 {0, 9, 7 * 25 - 1, UM_CRYPTO_FORGED, 24, true}};
    uint8_t made[UM_HASH_MAX_BYTES];
    struct um_record_mac *mac = open_mac(sizeof key);
    struct um_tls_record record = record_of(S("hello the MAC's 20 bytes."));
    make(7, S("hello"), made);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        uint64_t found = 0;
        struct um_tls_search search = {.bytes_left = tests[i].bytes_left};
        struct um_tls_numbers numbers = {tests[i].first, tests[i].last, &search};
        assert_int_equal(
            um_record_mac_find(mac, &record, S("hello"), um_span_of(made, 20), numbers, &found),
            tests[i].result);
        assert_int_equal(found, tests[i].result == UM_OK ? 7 : 0);
        assert_int_equal(search.bytes_left, tests[i].bytes_left_then);
        assert_int_equal(search.is_cut_short, tests[i].is_cut_short);
    }
    um_record_mac_free(mac);
}

static void
mac_is_the_end_of_the_bytes(void **state)
{
    (void)state;
    struct um_record_mac *mac = open_mac(sizeof key);
    struct um_span bytes = S("hello the MAC's 20 bytes."), made;
    assert_true(um_record_mac_split(mac, &bytes, &made));
    assert_span_equal(bytes, S("hello"));
    assert_span_equal(made, S(" the MAC's 20 bytes."));
    assert_false(um_record_mac_split(mac, &bytes, &made));
    um_record_mac_free(mac);
}

static void
without_a_key_only_the_version_tells(void **state)
{
    (void)state;
    uint64_t found = 0;
    struct um_tls_search search = {0};
    struct um_record_mac *mac = open_mac(0);
    struct um_tls_record record = record_of(S("hello"));
    struct um_tls_numbers one = {3, 3, &search}, some = {3, 9, &search};
    assert_int_equal(um_record_mac_find(mac, &record, S("hello"), S(""), one, &found), UM_OK);
    assert_int_equal(found, 3);
    assert_int_equal(um_record_mac_find(mac, &record, S("hello"), S(""), some, &found), UM_OK);
    assert_int_equal(found, 4);
    record.version = UM_TLS_VERSION_10;
    assert_int_equal(um_record_mac_find(mac, &record, S("hello"), S(""), one, &found),
                     UM_CRYPTO_FORGED);
    um_record_mac_free(mac);
}

static void
any_failing_allocation_is_passed_up(void **state)
{
    (void)state;
    for (size_t n = 0;; n++) {
        struct um_record_mac *mac = NULL;
        um_test_alloc_fail_at(n);
        int err =
            um_record_mac_new(UM_TLS_VERSION_12, UM_HASH_SHA1, um_span_of(key, sizeof key), &mac);
        bool has_failed = um_test_alloc_reset();
        assert_int_equal(err, has_failed ? UM_ERR_NOMEM : UM_OK);
        um_record_mac_free(mac);
        if (!has_failed)
            break;
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(number_is_found_within_the_range_and_what_may_be_gone_through),
        cmocka_unit_test(mac_is_the_end_of_the_bytes),
        cmocka_unit_test(without_a_key_only_the_version_tells),
        cmocka_unit_test(any_failing_allocation_is_passed_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
