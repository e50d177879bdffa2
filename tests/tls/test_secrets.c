/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/tls/secrets.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "core/base/err.h"
#include "tests/support/support.h"

struct fixture {
    struct um_meter meter;
    struct um_secrets *secrets;
};

static void
begin(struct fixture *f)
{
    *f = (struct fixture){.meter = {.max = 64 << 20}};
    assert_int_equal(um_secrets_new(&f->meter, &f->secrets), UM_OK);
}

static void
end(struct fixture *f)
{
    um_secrets_free(f->secrets);
    assert_int_equal(f->meter.used, 0);
}

static void
number_id(uint8_t id[32], size_t number)
{
    memset(id, 0, 32);
    memcpy(id, &number, sizeof number);
}

static void
secrets_are_counted_in_the_order_they_came(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    for (uint8_t i = 0; i < 200; i++) {
        const uint8_t id[] = {i, 1}, secret[] = {i, 2, 3};
        enum um_secret_label label = i % 2 ? UM_SECRET_MASTER : UM_SECRET_CLIENT_APPLICATION;
        assert_int_equal(um_secrets_add(f.secrets, label, um_span_of(id, sizeof id),
                                        um_span_of(secret, sizeof secret)),
                         UM_OK);
    }
    assert_int_equal(um_secrets_total(f.secrets), 200);
    for (uint8_t i = 0; i < 200; i++) {
        const uint8_t id[] = {i, 1}, secret[] = {i, 2, 3};
        struct um_secret found = um_secrets_at(f.secrets, i);
        assert_int_equal(found.label, i % 2 ? UM_SECRET_MASTER : UM_SECRET_CLIENT_APPLICATION);
        assert_span_equal(found.id, um_span_of(id, sizeof id));
        assert_span_equal(found.secret, um_span_of(secret, sizeof secret));
    }
    end(&f);
}

static void
tries_are_spent_down_to_a_reserve(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    uint64_t all = um_secrets_tries_left(f.secrets);
    assert_true(all > 100);
    assert_true(um_secrets_spend(f.secrets, 60, all - 60));
    assert_false(um_secrets_spend(f.secrets, 1, all - 60));
    assert_int_equal(um_secrets_tries_left(f.secrets), all - 60);
    assert_true(um_secrets_spend(f.secrets, all - 60, 0));
    assert_false(um_secrets_spend(f.secrets, 1, 0));
    assert_int_equal(um_secrets_tries_left(f.secrets), 0);
    end(&f);
}

static void
every_one_of_many_is_found_again(void **state)
{
    (void)state;
    enum { COUNT = 20000 };
    struct fixture f;
    uint8_t id[32], secret[48] = {0};
    begin(&f);
    for (size_t i = 0; i < COUNT; i++) {
        number_id(id, i);
        memcpy(secret, &i, sizeof i);
        assert_int_equal(
            um_secrets_add(f.secrets, UM_SECRET_MASTER, um_span_of(id, 32), um_span_of(secret, 48)),
            UM_OK);
    }
    assert_int_equal(um_secrets_count(f.secrets, UM_SECRET_MASTER), COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        number_id(id, i);
        memcpy(secret, &i, sizeof i);
        assert_span_equal(um_secrets_find(f.secrets, UM_SECRET_MASTER, um_span_of(id, 32)),
                          um_span_of(secret, 48));
    }
    number_id(id, COUNT);
    assert_int_equal(um_secrets_find(f.secrets, UM_SECRET_MASTER, um_span_of(id, 32)).len, 0);
    end(&f);
}

/* A log of some months: half a gigabyte was once needed for a million secrets. */
static void
a_secret_takes_little_more_than_its_bytes(void **state)
{
    (void)state;
    enum { COUNT = 100000 };
    struct fixture f;
    uint8_t id[32];
    begin(&f);
    for (size_t i = 0; i < COUNT; i++) {
        number_id(id, i);
        assert_int_equal(
            um_secrets_add(f.secrets, UM_SECRET_MASTER, um_span_of(id, 32), um_span_of(id, 32)),
            UM_OK);
    }
    assert_true(f.meter.peak < COUNT * 120);
    end(&f);
}

static void
the_first_of_a_name_stays_and_labels_do_not_mix(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_int_equal(um_secrets_find(f.secrets, UM_SECRET_SESSION, S("a")).len, 0);
    assert_int_equal(um_secrets_add(f.secrets, UM_SECRET_SESSION, S("a"), S("first")), UM_OK);
    assert_int_equal(um_secrets_add(f.secrets, UM_SECRET_SESSION, S("a"), S("second")), UM_OK);
    assert_int_equal(um_secrets_add(f.secrets, UM_SECRET_TICKET, S("a"), S("ticket")), UM_OK);
    assert_span_equal(um_secrets_find(f.secrets, UM_SECRET_SESSION, S("a")), S("first"));
    assert_span_equal(um_secrets_find(f.secrets, UM_SECRET_TICKET, S("a")), S("ticket"));
    assert_int_equal(um_secrets_find(f.secrets, UM_SECRET_MASTER, S("a")).len, 0);
    assert_int_equal(um_secrets_find(f.secrets, UM_SECRET_SESSION, S("")).len, 0);
    assert_int_equal(um_secrets_total(f.secrets), 2);
    end(&f);
}

/* Of early data alone one would not say that the secrets of its connection are known. */
static void
a_client_is_known_by_any_secret_that_opens_what_it_said_or_heard(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    for (enum um_secret_label label = UM_SECRET_MASTER; label < UM_SECRET_COUNT; label++) {
        uint8_t id[32];
        number_id(id, label);
        struct um_span name = um_span_of(id, sizeof id);
        bool is_told = (label <= UM_SECRET_SERVER_APPLICATION && label != UM_SECRET_CLIENT_EARLY) ||
                       label == UM_SECRET_PREMASTER_RANDOM;
        assert_false(um_secrets_know_client(f.secrets, name));
        assert_int_equal(um_secrets_add(f.secrets, label, name, S("secret")), UM_OK);
        assert_int_equal(um_secrets_know_client(f.secrets, name), is_told);
    }
    end(&f);
}

static void
what_is_too_long_or_empty_is_left_out(void **state)
{
    (void)state;
    struct fixture f;
    static const uint8_t bytes[UM_SECRET_MAX + 1] = {1};
    static const struct {
        size_t id, secret;
        bool kept;
    } tests[] = {{0, 48, false},
                 {1, 1, true},
                 {UM_SECRET_ID_MAX, UM_SECRET_MAX, true},
                 {UM_SECRET_ID_MAX + 1, 48, false},
                 {UM_SECRET_ID_MAX, UM_SECRET_MAX + 1, false},
                 {8, 0, false}};
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        begin(&f);
        assert_int_equal(um_secrets_add(f.secrets, UM_SECRET_MASTER, um_span_of(bytes, tests[i].id),
                                        um_span_of(bytes, tests[i].secret)),
                         UM_OK);
        assert_int_equal(um_secrets_total(f.secrets), tests[i].kept);
        assert_int_equal(um_secrets_dropped(f.secrets), 0);
        end(&f);
    }
}

static struct um_rsa *
read_rsa(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *data;
    struct um_rsa *rsa;
    assert_int_equal(PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL), 1);
    long len = BIO_get_mem_data(bio, &data);
    struct um_span file = um_span_of(data, (size_t)len);
    assert_int_equal(um_rsa_next(&file, NULL, &rsa), UM_OK);
    BIO_free(bio);
    return rsa;
}

static size_t
seal(EVP_PKEY *key, struct um_span secret, uint8_t out[256])
{
    size_t len = 256;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    assert_true(EVP_PKEY_encrypt_init(context) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
                EVP_PKEY_encrypt(context, out, &len, secret.data, secret.len) == 1);
    EVP_PKEY_CTX_free(context);
    return len;
}

static void
a_premaster_secret_is_opened_by_the_one_key_that_fits(void **state)
{
    (void)state;
    struct fixture f;
    EVP_PKEY *keys[2] = {EVP_RSA_gen(1024), EVP_RSA_gen(1024)}, *foreign = EVP_RSA_gen(1024);
    uint8_t secret[UM_PREMASTER_BYTES] = {3, 3, 9}, sealed[256], out[UM_PREMASTER_BYTES];
    bool found;
    begin(&f);
    assert_false(um_secrets_know_rsa(f.secrets));
    for (int i = 0; i < 2; i++)
        assert_int_equal(um_secrets_add_rsa(f.secrets, read_rsa(keys[i])), UM_OK);
    assert_true(um_secrets_know_rsa(f.secrets));
    for (int i = 0; i < 2; i++) {
        size_t len = seal(keys[i], um_span_of(secret, sizeof secret), sealed);
        assert_int_equal(um_secrets_premaster(f.secrets, um_span_of(sealed, len), out, &found),
                         UM_OK);
        assert_true(found);
        assert_memory_equal(out, secret, sizeof secret);
    }
    size_t len = seal(foreign, um_span_of(secret, sizeof secret), sealed);
    assert_int_equal(um_secrets_premaster(f.secrets, um_span_of(sealed, len), out, &found), UM_OK);
    assert_false(found);
    /* what is no premaster secret by its length, and what no key could have made */
    len = seal(keys[0], um_span_of(secret, 40), sealed);
    assert_int_equal(um_secrets_premaster(f.secrets, um_span_of(sealed, len), out, &found), UM_OK);
    assert_false(found);
    for (size_t n = 0; n < len; n++) {
        assert_int_equal(um_secrets_premaster(f.secrets, um_span_of(sealed, n), out, &found),
                         UM_OK);
        assert_false(found);
    }
    end(&f);
    EVP_PKEY_free(keys[0]);
    EVP_PKEY_free(keys[1]);
    EVP_PKEY_free(foreign);
}

static void
a_key_log_line_tells_a_premaster_secret_without_a_key(void **state)
{
    (void)state;
    struct fixture f;
    static const uint8_t secret[UM_PREMASTER_BYTES] = {3, 3, 9};
    uint8_t out[UM_PREMASTER_BYTES];
    bool found;
    begin(&f);
    assert_int_equal(um_secrets_add(f.secrets, UM_SECRET_PREMASTER, S("12345678"),
                                    um_span_of(secret, sizeof secret)),
                     UM_OK);
    assert_true(um_secrets_know_rsa(f.secrets));
    assert_int_equal(um_secrets_premaster(f.secrets, S("123456789abc"), out, &found), UM_OK);
    assert_true(found);
    assert_int_equal(um_secrets_premaster(f.secrets, S("1234567"), out, &found), UM_OK);
    assert_false(found);
    end(&f);
}

static void
any_failing_allocation_is_passed_up(void **state)
{
    (void)state;
    EVP_PKEY *key = EVP_RSA_gen(1024);
    for (size_t n = 0;; n++) {
        struct um_meter meter = {.max = 64 << 20};
        struct um_secrets *secrets = NULL;
        uint8_t id[32];
        struct um_rsa *rsa = read_rsa(key);
        um_test_alloc_fail_at(n);
        int err = um_secrets_new(&meter, &secrets);
        for (size_t i = 0; i < 200 && !err; i++) {
            number_id(id, i);
            err = um_secrets_add(secrets, UM_SECRET_MASTER, um_span_of(id, 32), S("secret"));
        }
        if (secrets && !err) {
            err = um_secrets_add_rsa(secrets, rsa);
            rsa = NULL; /* taken over, also when it fails */
        }
        bool has_failed = um_test_alloc_reset();
        assert_int_equal(err, has_failed ? UM_ERR_NOMEM : UM_OK);
        um_rsa_free(rsa);
        um_secrets_free(secrets);
        assert_int_equal(meter.used, 0);
        if (!has_failed)
            break;
    }
    EVP_PKEY_free(key);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(secrets_are_counted_in_the_order_they_came),
        cmocka_unit_test(tries_are_spent_down_to_a_reserve),
        cmocka_unit_test(every_one_of_many_is_found_again),
        cmocka_unit_test(a_secret_takes_little_more_than_its_bytes),
        cmocka_unit_test(the_first_of_a_name_stays_and_labels_do_not_mix),
        cmocka_unit_test(a_client_is_known_by_any_secret_that_opens_what_it_said_or_heard),
        cmocka_unit_test(what_is_too_long_or_empty_is_left_out),
        cmocka_unit_test(a_premaster_secret_is_opened_by_the_one_key_that_fits),
        cmocka_unit_test(a_key_log_line_tells_a_premaster_secret_without_a_key),
        cmocka_unit_test(any_failing_allocation_is_passed_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
