/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/encrypted.h"

#include <stdio.h>

#include "core/base/err.h"
#include "tests/support/support.h"

enum { ECDHE_GCM = 0xc02f, RSA_GCM = 0x009c };

struct fixture {
    struct um_arena arena;
    struct um_encrypted encrypted;
    struct um_findings findings;
    struct um_endpoint server;
};

static void
begin(struct fixture *f)
{
    *f = (struct fixture){.server = {.address = {192, 0, 2, 7}, .address_len = 4, .port = 443}};
    f->findings.arena = &f->arena;
}

static void
end(struct fixture *f)
{
    um_encrypted_done(&f->encrypted);
    um_arena_done(&f->arena);
}

static struct um_encrypted_connection
connection(const struct fixture *f, const char *name)
{
    return (struct um_encrypted_connection){.name = S(name),
                                            .server = &f->server,
                                            .frame = 5,
                                            .version = 0x0303,
                                            .suite = ECDHE_GCM,
                                            .bytes = 1000};
}

static void
each_server_has_a_sentence_with_its_figures(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct um_encrypted_connection one = connection(&f, "mail.example");
    struct um_encrypted_connection two = connection(&f, "");
    assert_int_equal(um_encrypted_add(&f.encrypted, &one), UM_OK);
    one.frame = 3;
    assert_int_equal(um_encrypted_add(&f.encrypted, &one), UM_OK);
    assert_int_equal(um_encrypted_add(&f.encrypted, &two), UM_OK);
    assert_int_equal(um_encrypted_find(&f.encrypted, false, &f.findings), UM_OK);
    assert_int_equal(f.findings.count, 2);
    assert_string_equal(f.findings.items[0].text,
                        "2 TLS connections to mail.example (192.0.2.7:443) could not be read (2000 "
                        "bytes; TLS 1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256): no secrets were "
                        "at hand; a key log is needed, the server's private key does not help.");
    assert_int_equal(f.findings.items[0].frames[0], 3);
    assert_string_equal(f.findings.items[1].text,
                        "1 TLS connection to 192.0.2.7:443 could not be read (1000 bytes; TLS 1.2, "
                        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256): no secrets were at hand; a key "
                        "log is needed, the server's private key does not help.");
    end(&f);
}

static void
the_sentence_says_why_and_what_would_help(void **state)
{
    (void)state;
    static const struct {
        struct um_encrypted_connection connection;
        bool were_given;
        const char *text;
    } tests[] = {
        {{.version = 0x0303, .suite = RSA_GCM}, false, "the server's RSA private key is needed."},
        {{.version = 0x0303, .suite = RSA_GCM}, true, "this server's RSA private key, with"},
        {{.version = 0x0303, .suite = RSA_GCM, .lacks_exchange = true},
         true,
         "the key exchange that a private key opens, theirs or that of the session which they "
         "resume, was not captured whole; a key log of the same time is needed."},
        {{.version = 0x0304, .suite = 0x1301}, true, "a key log of the same time is needed"},
        {{.version = 0x0303, .suite = 0x00ff}, false, "TLS 1.2, suite 0x00ff): this cipher suite"},
        {{.version = 0}, false, "no ServerHello captured): no secrets were at hand."},
        {{.version = 0}, true, "the ServerHello, which says what would, was not captured."},
        {{.version = 0x0303, .suite = RSA_GCM, .has_no_beginning = true},
         true,
         "their ClientHello was not captured, and up to TLS 1.2"},
        {{.version = 0x0304, .suite = 0x1301, .has_no_beginning = true},
         true,
         "found to open them"},
        {{.has_no_beginning = true}, true, "none of the secrets given was found to open them"},
        {{.has_no_beginning = true}, false, "without it only TLS 1.3 can be read"},
        {{.has_no_beginning = true, .is_partly_read = true}, true, "found to open the rest: start"},
        {{.has_no_beginning = true, .is_tried_in_part = true},
         true,
         "then the client, or give the secrets of their time alone: these are more than could be "
         "tried."},
        {{.version = 0x0304, .suite = 0x1301, .has_secrets = true}, true, "do not fit."},
        {{.version = 0x0304, .suite = 0x1301, .has_secrets = true, .is_partly_read = true},
         true,
         "could be read only in part"},
    };
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        struct fixture f;
        begin(&f);
        struct um_encrypted_connection given = tests[i].connection;
        given.server = &f.server;
        assert_int_equal(um_encrypted_add(&f.encrypted, &given), UM_OK);
        assert_int_equal(um_encrypted_find(&f.encrypted, tests[i].were_given, &f.findings), UM_OK);
        assert_int_equal(f.findings.count, 1);
        if (!strstr(f.findings.items[0].text, tests[i].text))
            print_error("%s\n", f.findings.items[0].text);
        assert_non_null(strstr(f.findings.items[0].text, tests[i].text));
        end(&f);
    }
}

/* Connections are counted as they end, and one of a capture's secrets may stand behind them all:
 * it used to be said that none of them was of these connections. */
static void
secrets_that_came_behind_their_connections_are_told_as_late(void **state)
{
    (void)state;
    static const struct {
        uint16_t version, suite;
        int known; /* of three connections */
        const char *text;
    } tests[] = {
        {0, 0, 3, "captured): their secrets are at hand, but the ServerHello"},
        {0x0303, RSA_GCM, 3, "GCM_SHA256): their secrets came too late, in the capture but behind"},
        {0x0303, RSA_GCM, 2, "GCM_SHA256): the secrets of 2 of them came too late"},
        {0x0303, RSA_GCM, 0, "none of the secrets given opens them"},
        {0x0303, ECDHE_GCM, 0, "none of the secrets given is of these connections"},
        {0x0303, 0x00ff, 3, "cannot be read with"},
    };
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        struct fixture f;
        struct um_meter meter = {.max = 1 << 20};
        struct um_secrets *secrets;
        uint8_t random[32] = {0}, master[48] = {0};
        begin(&f);
        assert_int_equal(um_secrets_new(&meter, &secrets), UM_OK);
        for (int n = 0; n < 3; n++) {
            struct um_encrypted_connection one = connection(&f, "mail.example");
            random[0] = (uint8_t)n;
            one.version = tests[i].version;
            one.suite = tests[i].suite;
            one.client_random = um_span_of(random, sizeof random);
            assert_int_equal(um_encrypted_add(&f.encrypted, &one), UM_OK);
        }
        for (int n = 0; n < tests[i].known; n++) {
            random[0] = (uint8_t)n;
            assert_int_equal(um_secrets_add(secrets, UM_SECRET_MASTER,
                                            um_span_of(random, sizeof random),
                                            um_span_of(master, sizeof master)),
                             UM_OK);
        }
        um_encrypted_settle(&f.encrypted, secrets);
        um_encrypted_settle(&f.encrypted, secrets); /* nothing is counted twice */
        assert_int_equal(um_encrypted_find(&f.encrypted, true, &f.findings), UM_OK);
        assert_int_equal(f.findings.count, 1);
        if (!strstr(f.findings.items[0].text, tests[i].text))
            print_error("%s\n", f.findings.items[0].text);
        assert_non_null(strstr(f.findings.items[0].text, tests[i].text));
        um_secrets_free(secrets);
        end(&f);
    }
}

static void
past_the_limit_secrets_are_not_waited_for(void **state)
{
    (void)state;
    struct fixture f;
    static const uint8_t random[32] = {1};
    begin(&f);
    for (int i = 0; i < UM_ENCRYPTED_AWAITED_MAX + 1; i++) {
        struct um_encrypted_connection one = connection(&f, "mail.example");
        one.client_random = um_span_of(random, sizeof random);
        assert_int_equal(um_encrypted_add(&f.encrypted, &one), UM_OK);
    }
    assert_int_equal(f.encrypted.awaited_count, UM_ENCRYPTED_AWAITED_MAX);
    assert_int_equal(f.encrypted.servers[0].connections, UM_ENCRYPTED_AWAITED_MAX + 1);
    end(&f);
}

/* More servers than get a sentence, and more than are told apart: none is forgotten in the sum. */
static void
servers_past_the_limit_are_one_number(void **state)
{
    (void)state;
    enum { SERVERS = UM_ENCRYPTED_SERVERS_MAX + 100 };
    struct fixture f;
    begin(&f);
    for (int i = 0; i < SERVERS; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "s%d.example", i);
        struct um_encrypted_connection one = connection(&f, name);
        assert_int_equal(um_encrypted_add(&f.encrypted, &one), UM_OK);
    }
    assert_int_equal(um_encrypted_find(&f.encrypted, false, &f.findings), UM_OK);
    assert_int_equal(f.findings.count, 65);
    char sum[64];
    (void)snprintf(sum, sizeof sum, "%d TLS connections to other servers", SERVERS - 64);
    assert_non_null(strstr(f.findings.items[64].text, sum));
    end(&f);
}

static void
any_failing_allocation_is_passed_up(void **state)
{
    (void)state;
    static const uint8_t random[32] = {1};
    for (size_t n = 0;; n++) {
        struct fixture f;
        begin(&f);
        struct um_encrypted_connection one = connection(&f, "mail.example");
        one.client_random = um_span_of(random, sizeof random);
        um_test_alloc_fail_at(n);
        int err = um_encrypted_add(&f.encrypted, &one);
        if (!err)
            err = um_encrypted_find(&f.encrypted, false, &f.findings);
        bool has_failed = um_test_alloc_reset();
        assert_int_equal(err, has_failed ? UM_ERR_NOMEM : UM_OK);
        end(&f);
        if (!has_failed)
            break;
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_server_has_a_sentence_with_its_figures),
        cmocka_unit_test(the_sentence_says_why_and_what_would_help),
        cmocka_unit_test(secrets_that_came_behind_their_connections_are_told_as_late),
        cmocka_unit_test(past_the_limit_secrets_are_not_waited_for),
        cmocka_unit_test(servers_past_the_limit_are_one_number),
        cmocka_unit_test(any_failing_allocation_is_passed_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
