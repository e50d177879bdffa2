/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/tls/suites.h"

#include "tests/support/support.h"

/* The name says what the other columns must say. */
static void
assert_suite_is_what_its_name_says(const struct um_tls_suite *suite)
{
    assert_true(strncmp(suite->name, "TLS_TLS_", 4) == 0);
    const char *name = suite->name + 4;
    enum um_cipher_mode mode = um_cipher_info(suite->cipher)->mode;
    assert_int_equal(suite->is_rsa, strncmp(name, "RSA_", 4) == 0);
    assert_int_equal(suite->is_13, suite->id >> 8 == 0x13);
    assert_int_equal(suite->is_13, strstr(name, "WITH") == NULL);
    bool is_aead = strstr(name, "GCM") || strstr(name, "CCM") || strstr(name, "POLY1305");
    assert_int_equal(mode == UM_CIPHER_MODE_AEAD, is_aead);
    assert_int_equal(suite->mac == UM_HASH_NONE, is_aead);
    assert_int_equal(mode == UM_CIPHER_MODE_CBC, strstr(name, "CBC") != NULL);
    assert_int_equal(suite->prf == UM_HASH_SHA384, strstr(name, "SHA384") != NULL);
    size_t key = strstr(name, "256_") || strstr(name, "CHACHA") ? 32
                 : strstr(name, "3DES")                         ? 24
                 : strstr(name, "NULL")                         ? 0
                                                                : 16;
    assert_int_equal(um_cipher_info(suite->cipher)->key_bytes, key);
    if (is_aead)
        assert_int_equal(um_cipher_info(suite->cipher)->tag_bytes, strstr(name, "CCM_8") ? 8 : 16);
}

static void
every_suite_is_found_and_is_what_its_name_says(void **state)
{
    (void)state;
    size_t allocations = um_test_alloc_count();
    unsigned found = 0;
    for (unsigned id = 0; id <= UINT16_MAX; id++) {
        const struct um_tls_suite *suite = um_tls_suite_find((uint16_t)id);
        if (!suite)
            continue;
        found++;
        assert_int_equal(suite->id, id);
        assert_suite_is_what_its_name_says(suite);
    }
    assert_true(found > 100);
    assert_int_equal(um_test_alloc_count(), allocations);
}

static void
known_suites_have_their_numbers(void **state)
{
    (void)state;
    assert_string_equal(um_tls_suite_find(0x1301)->name, "TLS_AES_128_GCM_SHA256");
    assert_string_equal(um_tls_suite_find(0xc02f)->name, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256");
    assert_string_equal(um_tls_suite_find(0x000a)->name, "TLS_RSA_WITH_3DES_EDE_CBC_SHA");
    assert_string_equal(um_tls_suite_find(0xcca8)->name,
                        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");
    assert_null(um_tls_suite_find(0x00ff));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_suite_is_found_and_is_what_its_name_says),
        cmocka_unit_test(known_suites_have_their_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
