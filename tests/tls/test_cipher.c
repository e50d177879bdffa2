/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Known answers for each cipher as it is called here: RFC 8439 section 2.8.2, RFC 6229, SP 800-38A,
 * RFC 3713; CCM, 3DES and the longer AES-CBC from other programs.
 */
#include "offline/tls/cipher.h"

#include "tests/support/support.h"
#include "tests/tls/hex.h"

static const char counting[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

struct sealed {
    enum um_cipher cipher;
    const char *key, *nonce, *extra, *sealed, *clear;
};

static const struct sealed aead[] = {
    {UM_CIPHER_CHACHA20_POLY1305,
     "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", "070000004041424344454647",
     "50515253c0c1c2c3c4c5c6c7",
     "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92"
     "728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b"
     "4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691",
     "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a20496620492"
     "0"
     "636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073"
     "756e73637265656e20776f756c642062652069742e"},
    {UM_CIPHER_AES_128_CCM, "000102030405060708090a0b0c0d0e0f", "000102030405060708090a0b",
     "6578747261", "5b709f0bb3a0a7d21c838f29088298ccc0a7f9eb7c29118a64", "68656c6c6f2063636d"},
    {UM_CIPHER_AES_128_CCM_8, "000102030405060708090a0b0c0d0e0f", "000102030405060708090a0b",
     "6578747261", "5b709f0bb3a0a7d21cc8292644c27d59c5", "68656c6c6f2063636d"},
    {UM_CIPHER_AES_256_CCM, counting, "000102030405060708090a0b", "6578747261",
     "e2b0d47a510faaf4c11345f1c292d2302d310874e01b856779", "68656c6c6f2063636d"},
    {UM_CIPHER_AES_256_CCM_8, counting, "000102030405060708090a0b", "6578747261",
     "e2b0d47a510faaf4c163543ed10c709d96", "68656c6c6f2063636d"},
};

static int
open_with(struct um_crypt *crypt, const struct sealed *test, struct um_span sealed, uint8_t *out)
{
    struct hex nonce = hex_of(test->nonce), extra = hex_of(test->extra);
    return um_crypt_open(crypt, hex_span(&nonce), hex_span(&extra), sealed, NULL, out);
}

static void
aead_opens_what_was_sealed_and_refuses_what_was_changed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof aead / sizeof *aead; i++) {
        struct hex key = hex_of(aead[i].key), sealed = hex_of(aead[i].sealed);
        struct hex clear = hex_of(aead[i].clear);
        uint8_t out[256];
        struct um_crypt *crypt;
        assert_int_equal(um_crypt_new(aead[i].cipher, hex_span(&key), &crypt), UM_OK);
        for (size_t k = 0; k < sealed.len; k++) {
            sealed.bytes[k] ^= 0x40;
            assert_int_equal(open_with(crypt, &aead[i], hex_span(&sealed), out), UM_CRYPTO_FORGED);
            sealed.bytes[k] ^= 0x40;
        }
        /* after all these refusals the right one still opens, again and again */
        for (int n = 0; n < 3; n++) {
            assert_int_equal(open_with(crypt, &aead[i], hex_span(&sealed), out), UM_OK);
            assert_span_equal(um_span_of(out, clear.len), hex_span(&clear));
        }
        for (size_t k = 0; k < sealed.len; k++)
            assert_int_equal(open_with(crypt, &aead[i], um_span_first(hex_span(&sealed), k), out),
                             UM_CRYPTO_FORGED);
        um_crypt_free(crypt);
    }
}

static void
gcm_is_left_to_who_has_its_halves(void **state)
{
    (void)state;
    struct hex key = hex_of(counting);
    struct um_crypt *crypt;
    assert_int_equal(um_crypt_new(UM_CIPHER_AES_128_GCM, um_span_first(hex_span(&key), 16), &crypt),
                     UM_ERR_USAGE);
}

static void
assert_cbc(enum um_cipher cipher, size_t block, const char *sealed_text)
{
    struct hex key = hex_of(counting), iv = hex_of(counting), sealed = hex_of(sealed_text);
    struct um_crypt *crypt;
    uint8_t out[64];
    struct um_span key_bytes = um_span_first(hex_span(&key), um_cipher_info(cipher)->key_bytes);
    assert_int_equal(um_cipher_info(cipher)->block_bytes, block);
    assert_int_equal(um_crypt_new(cipher, key_bytes, &crypt), UM_OK);
    for (int n = 0; n < 2; n++) {
        assert_int_equal(
            um_crypt_decrypt(crypt, um_span_first(hex_span(&iv), block), hex_span(&sealed), out),
            UM_OK);
        assert_span_equal(um_span_of(out, sealed.len), S("0123456789abcdefFEDCBA9876543210"));
    }
    um_crypt_free(crypt);
}

static void
cbc_leaves_the_padding_on(void **state)
{
    (void)state;
    assert_cbc(UM_CIPHER_3DES_CBC, 8,
               "7638a27f4c46e0fc675400dacfb8d2978d488a0e0df70e392f098fb12e1f9855");
    assert_cbc(UM_CIPHER_AES_256_CBC, 16,
               "e23fc0b91c7bd64425c559736e9b0c5844a529504da06dfb0a8b16c0969b0cf5");
}

/* SP 800-38A F.2.1 and F.2.5; RFC 3713 appendix A, one block, so that a zero IV changes nothing. */
static void
published_cbc_vectors_are_read(void **state)
{
    (void)state;
    static const struct {
        enum um_cipher cipher;
        const char *key, *iv, *sealed, *clear;
    } tests[] = {
        {UM_CIPHER_AES_128_CBC, "2b7e151628aed2a6abf7158809cf4f3c",
         "000102030405060708090a0b0c0d0e0f", "7649abac8119b246cee98e9b12e9197d",
         "6bc1bee22e409f96e93d7e117393172a"},
        {UM_CIPHER_AES_256_CBC, "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
         "000102030405060708090a0b0c0d0e0f", "f58c4c04d6e5f1ba779eabfb5f7bfbd6",
         "6bc1bee22e409f96e93d7e117393172a"},
        {UM_CIPHER_CAMELLIA_128_CBC, "0123456789abcdeffedcba9876543210",
         "00000000000000000000000000000000", "67673138549669730857065648eabe43",
         "0123456789abcdeffedcba9876543210"},
        {UM_CIPHER_CAMELLIA_256_CBC,
         "0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff",
         "00000000000000000000000000000000", "9acc237dff16d76c20ef7c919e3a7509",
         "0123456789abcdeffedcba9876543210"},
    };
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        struct hex key = hex_of(tests[i].key), iv = hex_of(tests[i].iv);
        struct hex sealed = hex_of(tests[i].sealed), clear = hex_of(tests[i].clear);
        struct um_crypt *crypt;
        uint8_t out[16];
        assert_int_equal(um_crypt_new(tests[i].cipher, hex_span(&key), &crypt), UM_OK);
        assert_int_equal(um_crypt_decrypt(crypt, hex_span(&iv), hex_span(&sealed), out), UM_OK);
        assert_span_equal(um_span_of(out, sizeof out), hex_span(&clear));
        um_crypt_free(crypt);
    }
}

static void
rc4_goes_on_from_piece_to_piece(void **state)
{
    (void)state;
    struct hex key = hex_of("0102030405060708090a0b0c0d0e0f10");
    struct hex stream = hex_of("9ac7cc9a609d1ef7b2932899cde41b97");
    static const uint8_t zeros[16] = {0};
    uint8_t out[16];
    struct um_crypt *crypt;
    int err = um_crypt_new(UM_CIPHER_RC4, hex_span(&key), &crypt);
    if (err == UM_ERR_USAGE)
        skip(); /* no legacy provider here */
    assert_int_equal(err, UM_OK);
    for (size_t i = 0; i < 16; i += 4)
        assert_int_equal(
            um_crypt_decrypt(crypt, um_span_of(NULL, 0), um_span_of(zeros, 4), out + i), UM_OK);
    assert_span_equal(um_span_of(out, 16), hex_span(&stream));
    um_crypt_free(crypt);
}

static void
any_failing_allocation_is_passed_up(void **state)
{
    (void)state;
    struct hex key = hex_of(counting);
    struct um_crypt *crypt;
    um_test_alloc_fail_at(0);
    assert_int_equal(um_crypt_new(UM_CIPHER_AES_256_CBC, hex_span(&key), &crypt), UM_ERR_NOMEM);
    assert_true(um_test_alloc_reset());
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aead_opens_what_was_sealed_and_refuses_what_was_changed),
        cmocka_unit_test(gcm_is_left_to_who_has_its_halves),
        cmocka_unit_test(cbc_leaves_the_padding_on),
        cmocka_unit_test(published_cbc_vectors_are_read),
        cmocka_unit_test(rc4_goes_on_from_piece_to_piece),
        cmocka_unit_test(any_failing_allocation_is_passed_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
