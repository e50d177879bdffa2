/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a session finds its master secret. What real peers agree upon is read in test_tls.c. */
#include "offline/tls/session.h"

#include "tests/support/support.h"

enum { GCM = 0xc02f, RSA_CBC = 0x002f, RSA_NULL = 0x003b };

struct fixture {
    struct um_meter meter;
    struct um_secrets *secrets;
    struct um_session session;
    uint8_t client[32], server[32], master[48];
};

static void
begin(struct fixture *f)
{
    *f = (struct fixture){.meter = {.max = 1 << 20}};
    memset(f->client, 1, sizeof f->client);
    memset(f->server, 2, sizeof f->server);
    memset(f->master, 3, sizeof f->master);
    assert_int_equal(um_secrets_new(&f->meter, &f->secrets), UM_OK);
    f->session.secrets = f->secrets;
}

static void
end(struct fixture *f)
{
    um_session_done(&f->session);
    um_secrets_free(f->secrets);
    assert_int_equal(f->meter.used, 0);
}

static struct um_span
master_of(const struct fixture *f)
{
    return um_span_of(f->master, sizeof f->master);
}

static struct um_client_hello
client_hello(const struct fixture *f)
{
    return (struct um_client_hello){.version = 0x0303, .random = um_span_of(f->client, 32)};
}

static struct um_server_hello
server_hello(const struct fixture *f, uint16_t suite)
{
    return (struct um_server_hello){
        .version = 0x0303, .random = um_span_of(f->server, 32), .suite = suite};
}

static void
shake(struct fixture *f, const struct um_client_hello *client, const struct um_server_hello *server)
{
    assert_int_equal(um_session_client_hello(&f->session, client), UM_OK);
    assert_int_equal(um_session_server_hello(&f->session, server), UM_OK);
}

static bool
has_keys(struct fixture *f)
{
    struct um_unseal *unseal;
    assert_int_equal(um_session_unseal(&f->session, true, &unseal), UM_OK);
    um_unseal_free(unseal);
    return unseal != NULL;
}

static void
a_master_secret_is_found_by_client_random(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct um_client_hello client = client_hello(&f);
    struct um_server_hello server = server_hello(&f, GCM);
    assert_false(has_keys(&f)); /* before any hello */
    shake(&f, &client, &server);
    assert_false(has_keys(&f));
    assert_int_equal(
        um_secrets_add(f.secrets, UM_SECRET_MASTER, um_span_of(f.client, 32), master_of(&f)),
        UM_OK);
    assert_true(has_keys(&f));
    end(&f);
}

static void
a_suite_that_does_not_encrypt_needs_a_secret_only_to_be_verified(void **state)
{
    (void)state;
    struct fixture f;
    struct um_unseal *unseal;
    begin(&f);
    struct um_client_hello client = client_hello(&f);
    struct um_server_hello server = server_hello(&f, RSA_NULL);
    shake(&f, &client, &server);
    for (int has_secret = 0; has_secret < 2; has_secret++) {
        if (has_secret)
            assert_int_equal(um_secrets_add(f.secrets, UM_SECRET_MASTER, um_span_of(f.client, 32),
                                            master_of(&f)),
                             UM_OK);
        assert_int_equal(um_session_unseal(&f.session, true, &unseal), UM_OK);
        assert_non_null(unseal);
        assert_int_equal(um_unseal_verifies(unseal), has_secret);
        um_unseal_free(unseal);
    }
    end(&f);
}

static void
a_session_id_counts_when_the_server_says_it(void **state)
{
    (void)state;
    static const struct {
        const char *offered, *chosen;
        bool found;
    } tests[] = {{"session", "session", true},
                 {"session", "another", false},
                 {"", "session", true}, /* as load balancers log it */
                 {"session", "", false}};
    for (size_t i = 0; i < 4; i++) {
        struct fixture f;
        begin(&f);
        assert_int_equal(um_secrets_add(f.secrets, UM_SECRET_SESSION, S("session"), master_of(&f)),
                         UM_OK);
        struct um_client_hello client = client_hello(&f);
        struct um_server_hello server = server_hello(&f, GCM);
        client.session_id = S(tests[i].offered);
        server.session_id = S(tests[i].chosen);
        shake(&f, &client, &server);
        assert_int_equal(has_keys(&f), tests[i].found);
        /* and is then known by client random too, for those who write the lines out */
        assert_int_equal(um_session_secret(&f.session, UM_SECRET_MASTER).len,
                         tests[i].found ? 48 : 0);
        end(&f);
    }
}

static void
a_ticket_is_remembered_with_the_master_secret_of_its_session(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_int_equal(
        um_secrets_add(f.secrets, UM_SECRET_MASTER, um_span_of(f.client, 32), master_of(&f)),
        UM_OK);
    struct um_client_hello client = client_hello(&f);
    struct um_server_hello server = server_hello(&f, GCM);
    shake(&f, &client, &server);
    assert_int_equal(um_session_new_ticket(&f.session, um_span_of("\0\0\0\0\0\6ticket", 12)),
                     UM_OK);
    memset(f.client, 9, sizeof f.client); /* another connection, whose random nobody knows */
    client.ticket = S("ticket");
    shake(&f, &client, &server);
    assert_true(has_keys(&f));
    memset(f.client, 10, sizeof f.client);
    client.ticket = S("other!");
    shake(&f, &client, &server);
    assert_false(has_keys(&f));
    end(&f);
}

/* The secret of the old session was taken for that of the new one, and kept for its random: when
 * the right one came it was refused. */
static void
a_ticket_that_the_server_declined_brings_no_secret(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_int_equal(
        um_secrets_add(f.secrets, UM_SECRET_MASTER, um_span_of(f.client, 32), master_of(&f)),
        UM_OK);
    struct um_client_hello client = client_hello(&f);
    struct um_server_hello server = server_hello(&f, GCM);
    shake(&f, &client, &server);
    assert_int_equal(um_session_new_ticket(&f.session, um_span_of("\0\0\0\0\0\6ticket", 12)),
                     UM_OK);
    memset(f.client, 9, sizeof f.client);
    client.ticket = S("ticket");
    shake(&f, &client, &server);
    f.session.is_full = true;
    assert_false(has_keys(&f));
    assert_int_equal(um_session_secret(&f.session, UM_SECRET_MASTER).len, 0);
    assert_int_equal(
        um_secrets_add(f.secrets, UM_SECRET_MASTER, um_span_of(f.client, 32), master_of(&f)),
        UM_OK);
    assert_true(has_keys(&f));
    end(&f);
}

/* With the hash of a handshake of which nothing was kept, the premaster secret is of no use. */
static void
an_extended_master_secret_needs_the_transcript(void **state)
{
    (void)state;
    for (int is_extended = 0; is_extended < 2; is_extended++) {
        for (int is_kept = 0; is_kept < 2; is_kept++) {
            struct fixture f;
            begin(&f);
            struct um_client_hello client = client_hello(&f);
            struct um_server_hello server = server_hello(&f, RSA_CBC);
            server.has_extended_master = is_extended;
            if (is_kept)
                assert_int_equal(um_secrets_add(f.secrets, UM_SECRET_PREMASTER_RANDOM,
                                                um_span_of(f.client, 32), master_of(&f)),
                                 UM_OK);
            shake(&f, &client, &server);
            assert_int_equal(um_session_message(&f.session, S("messages")), UM_OK);
            if (!is_kept)
                assert_int_equal(um_secrets_add(f.secrets, UM_SECRET_PREMASTER_RANDOM,
                                                um_span_of(f.client, 32), master_of(&f)),
                                 UM_OK);
            assert_int_equal(um_session_key_exchange(&f.session, S("")), UM_OK);
            assert_int_equal(has_keys(&f), is_kept || !is_extended);
            end(&f);
        }
    }
}

/* It used to be said of such ones that the private key, which was given, was needed. */
static void
what_rsa_secrets_open_is_lacking_when_it_has_not_gone_by_whole(void **state)
{
    (void)state;
    static const struct {
        uint16_t suite;
        bool has_secrets, is_extended, is_torn, has_exchange, lacks;
    } tests[] = {
        {RSA_CBC, true, false, false, false, true}, /* lost, or of a session before */
        {RSA_CBC, true, false, false, true, false},
        {RSA_CBC, true, true, false, true, false},
        {RSA_CBC, true, false, true, true, false},
        {RSA_CBC, true, true, true, true, true}, /* its master secret comes from all messages */
        {RSA_CBC, false, false, false, false, false},
        {GCM, true, false, false, false, false},
    };
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        struct fixture f;
        begin(&f);
        struct um_client_hello client = client_hello(&f);
        struct um_server_hello server = server_hello(&f, tests[i].suite);
        server.has_extended_master = tests[i].is_extended;
        if (tests[i].has_secrets)
            assert_int_equal(
                um_secrets_add(f.secrets, UM_SECRET_PREMASTER, S("another's"), master_of(&f)),
                UM_OK);
        assert_false(um_session_lacks_exchange(&f.session));
        shake(&f, &client, &server);
        if (tests[i].is_torn)
            um_session_tear(&f.session);
        if (tests[i].has_exchange)
            assert_int_equal(um_session_key_exchange(&f.session, S("sealed")), UM_OK);
        assert_int_equal(um_session_lacks_exchange(&f.session), tests[i].lacks);
        end(&f);
    }
}

static void
a_hello_begins_anew_but_for_the_one_after_a_retry(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct um_client_hello client = client_hello(&f);
    struct um_server_hello server = server_hello(&f, RSA_CBC), retry = server;
    retry.is_retry = true;
    assert_int_equal(um_secrets_add(f.secrets, UM_SECRET_PREMASTER, S("12345678"), master_of(&f)),
                     UM_OK);
    server.has_extended_master = true;
    shake(&f, &client, &retry);
    assert_false(f.session.has_server);
    assert_int_equal(um_session_message(&f.session, S("first")), UM_OK);
    shake(&f, &client, &server);
    assert_span_equal(um_buf_span(&f.session.transcript), S("first"));
    assert_true(f.session.has_server && f.session.has_extended_master);
    assert_int_equal(um_session_client_hello(&f.session, &client), UM_OK); /* renegotiation */
    assert_false(f.session.has_server || f.session.has_extended_master);
    assert_int_equal(f.session.transcript.len, 0);
    end(&f);
}

static void
what_cannot_be_read_has_no_keys(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_int_equal(
        um_secrets_add(f.secrets, UM_SECRET_MASTER, um_span_of(f.client, 32), master_of(&f)),
        UM_OK);
    struct um_client_hello client = client_hello(&f);
    struct um_server_hello server = server_hello(&f, 0x00ff);
    shake(&f, &client, &server);
    assert_false(has_keys(&f)); /* a suite that is none */
    server.suite = 0x1301;
    shake(&f, &client, &server);
    assert_false(has_keys(&f)); /* one of TLS 1.3 in TLS 1.2 */
    server.suite = GCM;
    server.compression = 1;
    shake(&f, &client, &server);
    assert_false(has_keys(&f));
    struct um_unseal *unseal;
    assert_int_equal(um_session_unseal_traffic(&f.session, um_tls_suite_find(0x1301),
                                               um_span_of(f.master, 31), &unseal),
                     UM_OK);
    assert_null(unseal); /* a secret that is too short */
    end(&f);
}

static int
go_through(struct fixture *f)
{
    struct um_client_hello client = client_hello(f);
    struct um_server_hello server = server_hello(f, RSA_CBC);
    struct um_unseal *unseal = NULL;
    client.ticket = S("ticket");
    server.session_id = S("session");
    server.has_extended_master = true;
    int err = um_session_client_hello(&f->session, &client);
    if (!err)
        err = um_session_server_hello(&f->session, &server);
    if (!err)
        err = um_session_message(&f->session, S("messages"));
    if (!err)
        err = um_session_key_exchange(&f->session, S(""));
    if (!err)
        err = um_session_new_ticket(&f->session, um_span_of("\0\0\0\0\0\6ticket", 12));
    if (!err)
        err = um_session_unseal(&f->session, false, &unseal);
    um_unseal_free(unseal);
    return err;
}

static void
any_failing_allocation_is_passed_up(void **state)
{
    (void)state;
    for (size_t n = 0;; n++) {
        struct fixture f;
        begin(&f);
        assert_int_equal(um_secrets_add(f.secrets, UM_SECRET_PREMASTER_RANDOM,
                                        um_span_of(f.client, 32), master_of(&f)),
                         UM_OK);
        um_test_alloc_fail_at(n);
        int err = go_through(&f);
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
        cmocka_unit_test(a_master_secret_is_found_by_client_random),
        cmocka_unit_test(a_suite_that_does_not_encrypt_needs_a_secret_only_to_be_verified),
        cmocka_unit_test(a_session_id_counts_when_the_server_says_it),
        cmocka_unit_test(a_ticket_that_the_server_declined_brings_no_secret),
        cmocka_unit_test(a_ticket_is_remembered_with_the_master_secret_of_its_session),
        cmocka_unit_test(an_extended_master_secret_needs_the_transcript),
        cmocka_unit_test(what_rsa_secrets_open_is_lacking_when_it_has_not_gone_by_whole),
        cmocka_unit_test(a_hello_begins_anew_but_for_the_one_after_a_retry),
        cmocka_unit_test(what_cannot_be_read_has_no_keys),
        cmocka_unit_test(any_failing_allocation_is_passed_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
