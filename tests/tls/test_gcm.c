/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Against OpenSSL's own GCM, for all that lengths do to whole blocks. */
#include "offline/tls/gcm.h"

#include "offline/tls/record.h"
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

/* Of one key; freed by free_both. */
struct both {
    struct um_crypt *crypt;
    struct um_gcm *gcm;
};

static struct both
make_both(enum um_cipher cipher)
{
    struct both both;
    assert_int_equal(um_crypt_new(cipher, key_of(cipher), &both.crypt), UM_OK);
    assert_int_equal(um_gcm_new(cipher, key_of(cipher), both.crypt, &both.gcm), UM_OK);
    return both;
}

static void
free_both(struct both both)
{
    um_gcm_free(both.gcm);
    um_crypt_free(both.crypt);
}

static void
what_was_sealed_is_authentic_whatever_its_length(void **state)
{
    (void)state;
    uint8_t clear[UM_TLS_BODY_MAX], sealed[UM_TLS_BODY_MAX + SEAL_TAG_BYTES];
    fill(clear, sizeof clear);
    for (size_t i = 0; i < 2; i++) {
        struct both both = make_both(ciphers[i]);
        for (size_t len = 0; len < UM_TLS_BODY_MAX; len = len < 40 ? len + 1 : len * 2 + 1) {
            for (size_t extra_len = 0; extra_len < 40; extra_len++) {
                struct um_span extra = um_span_of(clear, extra_len);
                struct um_span all = um_span_of(sealed, len + SEAL_TAG_BYTES);
                seal_gcm(key_of(ciphers[i]), nonce_bytes, extra, um_span_of(clear, len), sealed);
                assert_int_equal(um_gcm_check(both.gcm, nonce(), extra, all, NULL), UM_OK);
                sealed[len / 2] ^= 0x10;
                assert_int_equal(um_gcm_check(both.gcm, nonce(), extra, all, NULL),
                                 UM_CRYPTO_FORGED);
            }
        }
        free_both(both);
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
    struct both both = make_both(UM_CIPHER_AES_128_GCM);
    for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(um_gcm_check(both.gcm, nonce(), of_extra, sealed, NULL), UM_CRYPTO_FORGED);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * sizeof extra; bit++) {
        extra[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(um_gcm_check(both.gcm, nonce(), of_extra, sealed, NULL), UM_CRYPTO_FORGED);
        extra[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(um_gcm_check(both.gcm, um_span_of(other_nonce, 12), of_extra, sealed, NULL),
                     UM_CRYPTO_FORGED);
    for (size_t len = 0; len < sizeof bytes; len++)
        assert_int_equal(
            um_gcm_check(both.gcm, nonce(), of_extra, um_span_first(sealed, len), NULL),
            UM_CRYPTO_FORGED);
    assert_int_equal(um_gcm_check(both.gcm, nonce(), of_extra, sealed, NULL), UM_OK);
    free_both(both);
}

static void
any_part_is_revealed_in_any_order(void **state)
{
    (void)state;
    uint8_t clear[70], sealed[70 + SEAL_TAG_BYTES], out[70];
    fill(clear, sizeof clear);
    for (size_t i = 0; i < 2; i++) {
        struct both both = make_both(ciphers[i]);
        seal_gcm(key_of(ciphers[i]), nonce_bytes, um_span_of(NULL, 0),
                 um_span_of(clear, sizeof clear), sealed);
        for (size_t from = sizeof clear; from-- > 0;) {
            for (size_t len = 0; from + len <= sizeof clear; len++) {
                assert_int_equal(
                    um_gcm_reveal(both.gcm, nonce(), um_span_of(sealed + from, len), from, out),
                    UM_OK);
                assert_memory_equal(out, clear + from, len);
            }
        }
        free_both(both);
    }
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
    assert_int_equal(um_gcm_new(UM_CIPHER_AES_128_GCM, key_of(UM_CIPHER_AES_128_GCM), NULL, &gcm),
                     UM_ERR_NOMEM);
    assert_true(um_test_alloc_reset());
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_sealed_is_authentic_whatever_its_length),
        cmocka_unit_test(a_changed_bit_anywhere_is_found),
        cmocka_unit_test(any_part_is_revealed_in_any_order),
        cmocka_unit_test(only_gcm_is_apart),
        cmocka_unit_test(any_failing_allocation_is_passed_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
