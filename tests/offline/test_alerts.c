/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/alerts.h"

#include <stdio.h>

#include "core/base/err.h"
#include "tests/support/support.h"

struct fixture {
    struct um_arena arena;
    struct um_alerts alerts;
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
    um_alerts_done(&f->alerts);
    um_arena_done(&f->arena);
}

static void
connections_that_ended_alike_are_one_sentence_with_their_frames(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct um_tls_alert refused = {.is_there = true, .in_handshake = true, .description = 40};
    struct um_tls_alert broken = {.is_there = true, .description = 20, .frame = 9};
    for (uint64_t frame = 30; frame > 10; frame -= 10) {
        refused.frame = frame;
        assert_int_equal(um_alerts_add(&f.alerts, S("mail.example"), &f.server, &refused, true),
                         UM_OK);
    }
    assert_int_equal(um_alerts_add(&f.alerts, S(""), &f.server, &broken, false), UM_OK);
    assert_int_equal(um_alerts_find(&f.alerts, &f.findings), UM_OK);
    assert_int_equal(f.findings.count, 2);
    assert_string_equal(f.findings.items[0].text,
                        "The TLS handshake with mail.example (192.0.2.7:443) failed: the server "
                        "sent the alert handshake_failure (40), on 2 connections.");
    assert_int_equal(f.findings.items[0].frame_count, 2);
    assert_int_equal(f.findings.items[0].frames[0], 20);
    assert_string_equal(f.findings.items[1].text,
                        "TLS with 192.0.2.7:443 was broken off: the client sent the alert "
                        "bad_record_mac (20).");
    assert_int_equal(f.findings.items[1].frames[0], 9);
    end(&f);
}

static void
kinds_past_the_limit_are_one_number(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    const struct um_tls_alert alert = {.is_there = true, .description = 48, .frame = 1};
    for (int i = 0; i < UM_ALERTS_KINDS_MAX + 3; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "s%d.example", i);
        for (int twice = 0; twice < 2; twice++)
            assert_int_equal(um_alerts_add(&f.alerts, S(name), &f.server, &alert, true), UM_OK);
    }
    assert_int_equal(um_alerts_find(&f.alerts, &f.findings), UM_OK);
    assert_int_equal(f.findings.count, UM_ALERTS_KINDS_MAX + 1);
    assert_string_equal(f.findings.items[UM_ALERTS_KINDS_MAX].text,
                        "Other alerts ended TLS with other servers, on 6 connections.");
    end(&f);
}

static void
any_failing_allocation_is_passed_up(void **state)
{
    (void)state;
    const struct um_tls_alert alert = {.is_there = true, .description = 48, .frame = 1};
    for (size_t n = 0;; n++) {
        struct fixture f;
        begin(&f);
        um_test_alloc_fail_at(n);
        int err = um_alerts_add(&f.alerts, S("mail.example"), &f.server, &alert, true);
        if (!err)
            err = um_alerts_find(&f.alerts, &f.findings);
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
        cmocka_unit_test(connections_that_ended_alike_are_one_sentence_with_their_frames),
        cmocka_unit_test(kinds_past_the_limit_are_one_number),
        cmocka_unit_test(any_failing_allocation_is_passed_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
