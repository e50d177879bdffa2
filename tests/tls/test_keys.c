/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Known answers: RFC 8448 section 3 for TLS 1.3, the vectors of the IETF TLS list for the PRF of
 * TLS 1.2; those of TLS 1.0 and SSL 3 were worked out with Python's hashlib.
 */
#include "offline/tls/keys.h"

#include "tests/support/support.h"
#include "tests/tls/hex.h"

static void
assert_hex(const uint8_t *bytes, size_t len, const char *expected)
{
    struct hex wanted = hex_of(expected);
    assert_span_equal(um_span_of(bytes, len), hex_span(&wanted));
}

static void
assert_prf(uint16_t version, enum um_hash prf, struct um_span secret, struct um_span seed,
           const char *expected)
{
    uint8_t out[128];
    size_t len = strlen(expected) / 2;
    for (size_t split = 0; split <= seed.len; split += seed.len) {
        assert_int_equal(um_keys_prf(version, prf, secret, "test label", um_span_first(seed, split),
                                     um_span_from(seed, split), out, len),
                         UM_OK);
        assert_hex(out, len, expected);
    }
}

static void
the_prf_gives_known_answers(void **state)
{
    (void)state;
    struct hex secret = hex_of("9bbe436ba940f017b17652849a71db35");
    struct hex seed = hex_of("a0ba9f936cda311827a6f796ffd5198c");
    assert_prf(UM_TLS_VERSION_12, UM_HASH_SHA256, hex_span(&secret), hex_span(&seed),
               "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9"
               "a46b4e14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa480"
               "82d122ee42c5a72e5a5110fff70187347b66");
    secret = hex_of("b80b733d6ceefcdc71566ea48e5567df");
    seed = hex_of("cd665cf6a8447dd6ff8b27555edb7465");
    assert_prf(UM_TLS_VERSION_12, UM_HASH_SHA384, hex_span(&secret), hex_span(&seed),
               "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cd");
    uint8_t odd[49], numbers[20];
    for (size_t i = 0; i < sizeof odd; i++)
        odd[i] = (uint8_t)(i + 1);
    for (size_t i = 0; i < sizeof numbers; i++)
        numbers[i] = (uint8_t)i;
    assert_prf(UM_TLS_VERSION_10, UM_HASH_SHA256, um_span_of(odd, sizeof odd),
               um_span_of(numbers, sizeof numbers),
               "22ca5c5392215ebc55b121033e71d4a140eb49d466393155435bddefa90e5671a80218c3f5033e41cd"
               "80fbee23d5ea7e162c2842ce5e31fd69c5672209ee6c845fa73683b365");
}

static struct um_tls_randoms
make_randoms(void)
{
    struct um_tls_randoms randoms;
    memset(randoms.client, 1, sizeof randoms.client);
    memset(randoms.server, 2, sizeof randoms.server);
    return randoms;
}

static void
fill_numbers(uint8_t out[48])
{
    for (size_t i = 0; i < 48; i++)
        out[i] = (uint8_t)i;
}

static void
ssl3_makes_its_master_secret_without_hmac(void **state)
{
    (void)state;
    struct um_tls_randoms randoms = make_randoms();
    uint8_t premaster[48], master[48];
    fill_numbers(premaster);
    assert_int_equal(um_keys_master(UM_TLS_VERSION_SSL3, um_tls_suite_find(0x000a),
                                    um_span_of(premaster, 48), &randoms, um_span_of(NULL, 0),
                                    master),
                     UM_OK);
    assert_hex(master, 48,
               "a4e5ffa851fbc6e4fa57740dc361a9b26216521f5c44828c1d8da63b06e36db1"
               "dba5c7572ff41af0767beadcdc997bec");
}

static void
the_key_block_is_cut_in_the_order_of_the_rfc(void **state)
{
    (void)state;
    struct um_tls_randoms randoms = make_randoms();
    struct um_tls_keys keys[2];
    uint8_t master[48];
    fill_numbers(master);
    assert_int_equal(um_keys_block(UM_TLS_VERSION_12, um_tls_suite_find(0x002f),
                                   um_span_of(master, 48), &randoms, keys),
                     UM_OK);
    assert_hex(keys[0].mac, keys[0].mac_len, "bf4ab9777a81b0138d80acf5969e0f659f0c1c5c");
    assert_hex(keys[1].mac, keys[1].mac_len, "a8c3d4508ecd85ecaa93090e325565abf4bcfea0");
    assert_hex(keys[0].key, keys[0].key_len, "e2883e28ea0fa5e5d62ceb561e0960e9");
    assert_hex(keys[1].key, keys[1].key_len, "8f0bc3e2df9d872b79ff2e1eda755ad2");
    assert_int_equal(keys[0].iv_len, 0);
    assert_int_equal(um_keys_block(UM_TLS_VERSION_12, um_tls_suite_find(0x009c),
                                   um_span_of(master, 48), &randoms, keys),
                     UM_OK);
    assert_int_equal(keys[0].mac_len, 0);
    assert_hex(keys[0].key, keys[0].key_len, "bf4ab9777a81b0138d80acf5969e0f65");
    assert_hex(keys[1].iv, keys[1].iv_len, "f4bcfea0");
}

static void
assert_traffic(const char *secret_text, const char *key, const char *iv)
{
    struct hex secret = hex_of(secret_text);
    struct um_tls_keys keys;
    assert_int_equal(um_keys_traffic(um_tls_suite_find(0x1301), hex_span(&secret), &keys), UM_OK);
    assert_hex(keys.key, keys.key_len, key);
    assert_hex(keys.iv, keys.iv_len, iv);
}

static void
rfc_8448_traffic_secrets_give_its_keys(void **state)
{
    (void)state;
    assert_traffic("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38",
                   "3fce516009c21727d0f2e4e86ee403bc", "5d313eb2671276ee13000b30");
    assert_traffic("b3eddb126e067f35a780b3abf45e2d8f3b1a950738f52e9600746a0e27a55a21",
                   "dbfaa693d1762c5b666af5d950258d01", "5bd3c71b836e0b76bb73265f");
    assert_traffic("a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643",
                   "9f02283b6c9c07efc26bb9f2ac92e356", "cf782b88dd83549aadf1e984");
}

static void
expand_label_goes_past_one_digest(void **state)
{
    (void)state;
    struct hex secret = hex_of("b67b7d690cc16c4e75e54213cb2d37b4e9c912bcded9105d42befd59d391ad38");
    uint8_t out[32], more[80];
    assert_int_equal(
        um_keys_expand_label(UM_HASH_SHA256, hex_span(&secret), "finished", out, sizeof out),
        UM_OK);
    assert_hex(out, sizeof out, "008d3b66f816ea559f96b537e885c31fc068bf492c652f01f288a1d8cdc19fc8");
    /* the length is part of what is hashed: only that it fills all of it can be told */
    memset(more, 0, sizeof more);
    assert_int_equal(
        um_keys_expand_label(UM_HASH_SHA256, hex_span(&secret), "finished", more, sizeof more),
        UM_OK);
    unsigned zeros = 0;
    for (size_t i = 64; i < sizeof more; i++)
        zeros += more[i] == 0;
    assert_true(zeros < 4);
}

static void
any_failing_allocation_is_passed_up(void **state)
{
    (void)state;
    struct um_tls_randoms randoms = make_randoms();
    struct um_tls_keys keys[2];
    uint8_t master[48] = {0};
    for (size_t n = 0;; n++) {
        um_test_alloc_fail_at(n);
        int err = um_keys_block(UM_TLS_VERSION_10, um_tls_suite_find(0x002f),
                                um_span_of(master, 48), &randoms, keys);
        bool has_failed = um_test_alloc_reset();
        assert_int_equal(err, has_failed ? UM_ERR_NOMEM : UM_OK);
        if (!has_failed)
            break;
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_prf_gives_known_answers),
        cmocka_unit_test(ssl3_makes_its_master_secret_without_hmac),
        cmocka_unit_test(the_key_block_is_cut_in_the_order_of_the_rfc),
        cmocka_unit_test(rfc_8448_traffic_secrets_give_its_keys),
        cmocka_unit_test(expand_label_goes_past_one_digest),
        cmocka_unit_test(any_failing_allocation_is_passed_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
