/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Against OpenSSL's own GCM as its EVP has it, for all that lengths do to whole blocks. */
#include "offline/tls/gcm.h"

#include "offline/tls/record.h"
#include "tests/tls/hex.h"
#include "tests/tls/seal.h"

static const uint8_t key_bytes[32] = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89};
static const uint8_t nonce_bytes[12] = {9, 8, 7};

static const enum um_cipher ciphers[] = {UM_CIPHER_AES_128_GCM, UM_CIPHER_AES_256_GCM};

static struct um_span
key_of(enum um_cipher cipher)
{
    return um_span_of(key_bytes, um_cipher_info(cipher)->key_bytes);
}

static struct um_span
nonce(void)
{
    return um_span_of(nonce_bytes, sizeof nonce_bytes);
}

/* Bytes that differ, from place to place. */
static void
fill(uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(i * 7 + i / 251);
}

static struct um_gcm *
make(enum um_cipher cipher)
{
    struct um_gcm *gcm;
    assert_int_equal(um_gcm_new(cipher, key_of(cipher), &gcm), UM_OK);
    return gcm;
}

/* The specification's test cases 4 and 16. */
static void
published_vectors_are_opened(void **state)
{
    (void)state;
    static const struct {
        enum um_cipher cipher;
        const char *key, *sealed;
    } tests[] = {
        {UM_CIPHER_AES_128_GCM, "feffe9928665731c6d6a8f9467308308",
         "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5a"
         "ac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"},
        {UM_CIPHER_AES_256_GCM, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
         "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b10"
         "56828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
    };
    struct hex iv = hex_of("cafebabefacedbaddecaf888");
    struct hex extra = hex_of("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    struct hex clear =
        hex_of("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532f"
               "cf0e2449a6b525b16aedf5aa0de657ba637b39");
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        struct hex key = hex_of(tests[i].key), sealed = hex_of(tests[i].sealed);
        struct um_gcm *gcm;
        uint8_t out[64];
        assert_int_equal(um_gcm_new(tests[i].cipher, hex_span(&key), &gcm), UM_OK);
        assert_int_equal(
            um_gcm_open(gcm, hex_span(&iv), hex_span(&extra), hex_span(&sealed), NULL, out), UM_OK);
        assert_span_equal(um_span_of(out, clear.len), hex_span(&clear));
        sealed.bytes[7] ^= 1;
        assert_int_equal(
            um_gcm_open(gcm, hex_span(&iv), hex_span(&extra), hex_span(&sealed), NULL, out),
            UM_CRYPTO_FORGED);
        um_gcm_free(gcm);
    }
}

static void
what_was_sealed_is_authentic_whatever_its_length(void **state)
{
    (void)state;
    uint8_t clear[UM_TLS_BODY_MAX], sealed[UM_TLS_BODY_MAX + SEAL_TAG_BYTES];
    uint8_t out[UM_TLS_BODY_MAX];
    fill(clear, sizeof clear);
    for (size_t i = 0; i < 2; i++) {
        struct um_gcm *gcm = make(ciphers[i]);
        for (size_t len = 0; len < UM_TLS_BODY_MAX; len = len < 40 ? len + 1 : len * 2 + 1) {
            for (size_t extra_len = 0; extra_len < 40; extra_len++) {
                struct um_span extra = um_span_of(clear, extra_len);
                struct um_span all = um_span_of(sealed, len + SEAL_TAG_BYTES);
                seal_gcm(key_of(ciphers[i]), nonce_bytes, extra, um_span_of(clear, len), sealed);
                assert_int_equal(um_gcm_check(gcm, nonce(), extra, all, NULL), UM_OK);
                assert_int_equal(um_gcm_open(gcm, nonce(), extra, all, NULL, out), UM_OK);
                assert_memory_equal(out, clear, len);
                sealed[len / 2] ^= 0x10;
                assert_int_equal(um_gcm_check(gcm, nonce(), extra, all, NULL), UM_CRYPTO_FORGED);
            }
        }
        um_gcm_free(gcm);
    }
}

static void
a_changed_bit_anywhere_is_found(void **state)
{
    (void)state;
    uint8_t bytes[100], extra[13] = {1}, other_nonce[12] = {9, 8, 7, 1};
    fill(bytes, sizeof bytes);
    seal_gcm(key_of(UM_CIPHER_AES_128_GCM), nonce_bytes, um_span_of(extra, 13),
             um_span_of(bytes, 84), bytes);
    struct um_span sealed = um_span_of(bytes, 100), of_extra = um_span_of(extra, 13);
    struct um_gcm *gcm = make(UM_CIPHER_AES_128_GCM);
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(um_gcm_check(gcm, nonce(), of_extra, sealed, NULL), UM_CRYPTO_FORGED);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * sizeof extra; bit++) {
        extra[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(um_gcm_check(gcm, nonce(), of_extra, sealed, NULL), UM_CRYPTO_FORGED);
        extra[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(um_gcm_check(gcm, um_span_of(other_nonce, 12), of_extra, sealed, NULL),
                     UM_CRYPTO_FORGED);
    for (size_t len = 0; len < sizeof bytes; len++)
        assert_int_equal(um_gcm_check(gcm, nonce(), of_extra, um_span_first(sealed, len), NULL),
                         UM_CRYPTO_FORGED);
    assert_int_equal(um_gcm_check(gcm, nonce(), of_extra, sealed, NULL), UM_OK);
    um_gcm_free(gcm);
}

static void
any_part_is_revealed_in_any_order(void **state)
{
    (void)state;
    uint8_t clear[70], sealed[70 + SEAL_TAG_BYTES], out[70];
    fill(clear, sizeof clear);
    for (size_t i = 0; i < 2; i++) {
        struct um_gcm *gcm = make(ciphers[i]);
        seal_gcm(key_of(ciphers[i]), nonce_bytes, um_span_of(NULL, 0),
                 um_span_of(clear, sizeof clear), sealed);
        for (size_t from = sizeof clear; from-- > 0;) {
            for (size_t len = 0; from + len <= sizeof clear; len++) {
                assert_int_equal(
                    um_gcm_reveal(gcm, nonce(), um_span_of(sealed + from, len), from, out), UM_OK);
                assert_memory_equal(out, clear + from, len);
            }
        }
        um_gcm_free(gcm);
    }
}

/* Longer than what is revealed at once. */
static void
long_part_is_revealed_from_anywhere(void **state)
{
    (void)state;
    uint8_t clear[5000], sealed[5000 + SEAL_TAG_BYTES], out[5000];
    fill(clear, sizeof clear);
    struct um_gcm *gcm = make(UM_CIPHER_AES_128_GCM);
    seal_gcm(key_of(UM_CIPHER_AES_128_GCM), nonce_bytes, um_span_of(NULL, 0),
             um_span_of(clear, sizeof clear), sealed);
    for (size_t from = 0; from < sizeof clear; from += 97) {
        struct um_span part = um_span_of(sealed + from, sizeof clear - from);
        assert_int_equal(um_gcm_reveal(gcm, nonce(), part, from, out), UM_OK);
        assert_memory_equal(out, clear + from, part.len);
    }
    um_gcm_free(gcm);
}

static void
only_gcm_is_apart(void **state)
{
    (void)state;
    for (int cipher = 0; cipher < UM_CIPHER_COUNT; cipher++)
        assert_int_equal(um_gcm_has((enum um_cipher)cipher),
                         cipher == UM_CIPHER_AES_128_GCM || cipher == UM_CIPHER_AES_256_GCM);
}

static void
any_failing_allocation_is_passed_up(void **state)
{
    (void)state;
    struct um_gcm *gcm;
    um_test_alloc_fail_at(0);
    assert_int_equal(um_gcm_new(UM_CIPHER_AES_128_GCM, key_of(UM_CIPHER_AES_128_GCM), &gcm),
                     UM_ERR_NOMEM);
    assert_true(um_test_alloc_reset());
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors_are_opened),
        cmocka_unit_test(what_was_sealed_is_authentic_whatever_its_length),
        cmocka_unit_test(a_changed_bit_anywhere_is_found),
        cmocka_unit_test(any_part_is_revealed_in_any_order),
        cmocka_unit_test(long_part_is_revealed_from_anywhere),
        cmocka_unit_test(only_gcm_is_apart),
        cmocka_unit_test(any_failing_allocation_is_passed_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
