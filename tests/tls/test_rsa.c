/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/tls/rsa.h"

#include <openssl/pem.h>
#include <openssl/pkcs12.h>

#include "tests/support/support.h"

/* um_rsa_next of all of a file. */
static int
read_key(struct um_span file, const char *password, struct um_rsa **out)
{
    return um_rsa_next(&file, password, out);
}

static void
what_is_no_rsa_key_is_refused(void **state)
{
    (void)state;
    struct um_rsa *rsa;
    static const char *const files[] = {
        "",
        "-----BEGIN PRIVATE KEY-----\nAA\n",
        "-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----\n",
        "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----",
        "-----BEGIN -----END -----BEGIN ",
        "CLIENT_RANDOM 00 00\n",
    };
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        assert_int_equal(read_key(S(files[i]), "x", &rsa), UM_ERR_FORMAT);
}

static void
write_key(BIO *bio, EVP_PKEY *key, const char *password)
{
    assert_int_equal(PEM_write_bio_PrivateKey(bio, key, password ? EVP_aes_128_cbc() : NULL, NULL,
                                              0, NULL, (void *)(uintptr_t)password),
                     1);
}

static struct um_span
content_of(BIO *bio)
{
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    return um_span_of(data, (size_t)len);
}

/* Only the first key of a file used to be read, and none when that was no RSA key. */
static void
every_rsa_key_of_a_file_is_found_among_other_things(void **state)
{
    (void)state;
    BIO *bio = BIO_new(BIO_s_mem());
    EVP_PKEY *ec = EVP_EC_gen("P-256"), *rsa[2] = {EVP_RSA_gen(1024), EVP_RSA_gen(1024)};
    (void)BIO_puts(bio, "Bag Attributes\n-----BEGIN CERTIFICATE-----\nAAAA\n"
                        "-----END CERTIFICATE-----\r\n");
    write_key(bio, ec, NULL);
    write_key(bio, rsa[0], "secret");
    (void)BIO_puts(bio, "something between\n");
    write_key(bio, rsa[1], NULL);
    struct um_span file = content_of(bio);
    struct um_rsa *key;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(um_rsa_next(&file, "secret", &key), UM_OK);
        um_rsa_free(key);
    }
    assert_int_equal(um_rsa_next(&file, "secret", &key), UM_ERR_FORMAT);
    /* without the password the other one is still found */
    file = content_of(bio);
    assert_int_equal(um_rsa_next(&file, NULL, &key), UM_OK);
    um_rsa_free(key);
    assert_int_equal(um_rsa_next(&file, NULL, &key), UM_ERR_FORMAT);
    BIO_free(bio);
    EVP_PKEY_free(ec);
    EVP_PKEY_free(rsa[0]);
    EVP_PKEY_free(rsa[1]);
}

static void
a_wrong_password_is_told_from_no_key(void **state)
{
    (void)state;
    BIO *pem = BIO_new(BIO_s_mem()), *pack = BIO_new(BIO_s_mem());
    EVP_PKEY *rsa = EVP_RSA_gen(1024);
    write_key(pem, rsa, "secret");
    PKCS12 *p12 = PKCS12_create("secret", "um", rsa, NULL, NULL, 0, 0, 0, 0, 0);
    assert_int_equal(i2d_PKCS12_bio(pack, p12), 1);
    for (int i = 0; i < 2; i++) {
        struct um_span file = content_of(i == 0 ? pem : pack);
        struct um_rsa *key;
        assert_int_equal(read_key(file, NULL, &key), UM_RSA_SEALED);
        assert_int_equal(read_key(file, "wrong", &key), UM_RSA_SEALED);
        assert_int_equal(read_key(file, "secret", &key), UM_OK);
        um_rsa_free(key);
    }
    PKCS12_free(p12);
    BIO_free(pem);
    BIO_free(pack);
    EVP_PKEY_free(rsa);
}

static void
any_failing_allocation_is_passed_up(void **state)
{
    (void)state;
    struct um_rsa *rsa;
    um_test_alloc_fail_at(0);
    assert_int_equal(read_key(S("x"), NULL, &rsa), UM_ERR_NOMEM);
    assert_true(um_test_alloc_reset());
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_rsa_key_is_refused),
        cmocka_unit_test(every_rsa_key_of_a_file_is_found_among_other_things),
        cmocka_unit_test(a_wrong_password_is_told_from_no_key),
        cmocka_unit_test(any_failing_allocation_is_passed_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
