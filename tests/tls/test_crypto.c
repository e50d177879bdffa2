/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Known answers for digests and HMAC as they are called here: RFC 1321, FIPS 180-4, RFC 2202. */
#include "offline/tls/crypto.h"

#include "tests/support/support.h"
#include "tests/tls/hex.h"

#define SHA384_OF_ABC                                                                              \
    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"                             \
    "8086072ba1e7cc2358baeca134c825a7"

/* RFC 1321, FIPS 180-4: "abc", in parts. */
static void
digests_give_known_answers(void **state)
{
    (void)state;
    static const char *const digests[] = {
        [UM_HASH_MD5] = "900150983cd24fb0d6963f7d28e17f72",
        [UM_HASH_SHA1] = "a9993e364706816aba3e25717850c26c9cd0d89d",
        [UM_HASH_SHA256] = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        [UM_HASH_SHA384] = SHA384_OF_ABC,
    };
    const struct um_span parts[] = {S("a"), S(""), S("bc")};
    for (int hash = UM_HASH_MD5; hash <= UM_HASH_SHA384; hash++) {
        struct hex wanted = hex_of(digests[hash]);
        uint8_t out[UM_HASH_MAX_BYTES];
        assert_int_equal(um_crypto_hash_bytes((enum um_hash)hash), wanted.len);
        assert_int_equal(um_crypto_digest((enum um_hash)hash, parts, 3, out), UM_OK);
        assert_span_equal(um_span_of(out, wanted.len), hex_span(&wanted));
    }
}

/* RFC 2202 case 2, RFC 4231 case 2. */
static void
hmac_gives_known_answers_with_one_key_many_times(void **state)
{
    (void)state;
    static const struct {
        enum um_hash hash;
        const char *mac;
    } tests[] = {
        {UM_HASH_MD5, "750c783e6ab0b503eaa86e310a5db738"},
        {UM_HASH_SHA1, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
        {UM_HASH_SHA256, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {UM_HASH_SHA384,
         "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e"
         "69e2c78b3239ecfab21649"},
    };
    const struct um_span parts[] = {S("what do ya "), S(""), S("want for nothing?")};
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        struct hex expected = hex_of(tests[i].mac);
        uint8_t out[UM_HASH_MAX_BYTES];
        struct um_mac *mac;
        assert_int_equal(um_mac_new(tests[i].hash, S("Jefe"), &mac), UM_OK);
        for (int n = 0; n < 2; n++) {
            assert_int_equal(um_mac_make(mac, parts, 3, out), UM_OK);
            assert_int_equal(um_crypto_hash_bytes(tests[i].hash), expected.len);
            assert_span_equal(um_span_of(out, expected.len), hex_span(&expected));
        }
        um_mac_free(mac);
    }
}

static void
any_failing_allocation_is_passed_up(void **state)
{
    (void)state;
    struct um_mac *mac;
    um_test_alloc_fail_at(0);
    assert_int_equal(um_mac_new(UM_HASH_SHA1, S("key"), &mac), UM_ERR_NOMEM);
    assert_true(um_test_alloc_reset());
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digests_give_known_answers),
        cmocka_unit_test(hmac_gives_known_answers_with_one_key_many_times),
        cmocka_unit_test(any_failing_allocation_is_passed_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
