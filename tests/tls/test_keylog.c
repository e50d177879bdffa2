/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/tls/keylog.h"

#include "core/base/buf.h"
#include "tests/support/support.h"

#define HEX8 "0001020304050607"
#define HEX32 HEX8 HEX8 HEX8 HEX8
#define HEX48 HEX32 HEX8 HEX8

static const char log_text[] = "# a comment\r\n"
                               "CLIENT_RANDOM " HEX32 " " HEX48 "\r\n"
                               "\n"
                               "CLIENT_EARLY_TRAFFIC_SECRET " HEX32 " " HEX32 "\n"
                               "CLIENT_HANDSHAKE_TRAFFIC_SECRET " HEX32 " " HEX32 "\n"
                               "SERVER_HANDSHAKE_TRAFFIC_SECRET " HEX32 " " HEX32 "\n"
                               "CLIENT_TRAFFIC_SECRET_0 " HEX32 " " HEX48 "\n"
                               "SERVER_TRAFFIC_SECRET_0 " HEX32 " " HEX32 "\n"
                               "EXPORTER_SECRET " HEX32 " " HEX32 "\n"
                               "RSA " HEX8 " " HEX48 "\n"
                               "RSA Session-ID:" HEX8 " Master-Key:" HEX48 "\n"
                               "PMS_CLIENT_RANDOM " HEX32 " " HEX48;

static const uint8_t id_bytes[32] = {0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7,
                                     0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7};

struct fixture {
    struct um_meter meter;
    struct um_secrets *secrets;
    struct um_keylog keylog;
};

static int
begin(struct fixture *f)
{
    *f = (struct fixture){.meter = {.max = 1 << 20}};
    int err = um_secrets_new(&f->meter, &f->secrets);
    f->keylog.secrets = f->secrets;
    return err;
}

static int
push(struct fixture *f, const char *text, size_t step)
{
    struct um_span rest = um_span_text(text);
    int err = UM_OK;
    while (rest.len > 0 && !err) {
        err = um_keylog_push(&f->keylog, um_span_first(rest, step));
        rest = um_span_from(rest, step);
    }
    return err ? err : um_keylog_end(&f->keylog);
}

static void
end(struct fixture *f)
{
    um_secrets_free(f->secrets);
    assert_int_equal(f->meter.used, 0);
}

static size_t
secret_len(const struct fixture *f, enum um_secret_label label, size_t id_len)
{
    return um_secrets_find(f->secrets, label, um_span_of(id_bytes, id_len)).len;
}

static void
every_label_is_kept_whatever_the_pieces(void **state)
{
    (void)state;
    static const size_t steps[] = {1, 7, 100, SIZE_MAX};
    for (size_t i = 0; i < 4; i++) {
        struct fixture f;
        assert_int_equal(begin(&f), UM_OK);
        assert_int_equal(push(&f, log_text, steps[i]), UM_OK);
        assert_int_equal(f.keylog.understood, 9);
        assert_int_equal(f.keylog.others, 1);
        assert_int_equal(f.keylog.malformed, 0);
        assert_int_equal(secret_len(&f, UM_SECRET_MASTER, 32), 48);
        assert_int_equal(secret_len(&f, UM_SECRET_CLIENT_EARLY, 32), 32);
        assert_int_equal(secret_len(&f, UM_SECRET_CLIENT_HANDSHAKE, 32), 32);
        assert_int_equal(secret_len(&f, UM_SECRET_SERVER_HANDSHAKE, 32), 32);
        assert_int_equal(secret_len(&f, UM_SECRET_CLIENT_APPLICATION, 32), 48);
        assert_int_equal(secret_len(&f, UM_SECRET_SERVER_APPLICATION, 32), 32);
        assert_int_equal(secret_len(&f, UM_SECRET_PREMASTER, 8), 48);
        assert_int_equal(secret_len(&f, UM_SECRET_PREMASTER_RANDOM, 32), 48);
        assert_int_equal(secret_len(&f, UM_SECRET_SESSION, 8), 48);
        assert_int_equal(secret_len(&f, UM_SECRET_TICKET, 32), 0);
        end(&f);
    }
}

/* PowerShell's ">" writes UTF-16, Notepad a mark: a log was once not read, or without its first
 * line. */
static void
a_log_that_went_through_windows_is_read(void **state)
{
    (void)state;
    static const char line[] = "CLIENT_RANDOM " HEX32 " " HEX48 "\r\n";
    static const struct {
        const char *mark;
        int zeros_before, zeros_behind; /* each character */
    } forms[] = {{"\xef\xbb\xbf", 0, 0}, {"\xff\xfe", 0, 1}, {"\xfe\xff", 1, 0}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct fixture f;
        struct um_buf text = {0};
        assert_int_equal(begin(&f), UM_OK);
        assert_int_equal(um_buf_append(&text, um_span_text(forms[i].mark)), UM_OK);
        for (size_t at = 0; at < sizeof line - 1; at++) {
            const char form[] = {0, line[at], 0};
            struct um_span character =
                um_span_of(form + 1 - forms[i].zeros_before,
                           (size_t)(1 + forms[i].zeros_before + forms[i].zeros_behind));
            assert_int_equal(um_buf_append(&text, character), UM_OK);
        }
        assert_int_equal(um_keylog_push(&f.keylog, um_buf_span(&text)), UM_OK);
        assert_int_equal(um_keylog_end(&f.keylog), UM_OK);
        assert_int_equal(f.keylog.understood, 1);
        assert_int_equal(f.keylog.malformed, 0);
        assert_int_equal(secret_len(&f, UM_SECRET_MASTER, 32), 48);
        um_buf_done(&text);
        end(&f);
    }
}

static void
what_is_no_secret_is_counted_and_left_out(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "CLIENT_RANDOM",
        "CLIENT_RANDOM " HEX32,
        "CLIENT_RANDOM " HEX32 " 00",
        "CLIENT_RANDOM " HEX32 " " HEX48 "0",
        "CLIENT_RANDOM " HEX32 " " HEX48 "zz",
        "CLIENT_RANDOM " HEX8 " " HEX48,
        "CLIENT_RANDOM " HEX32 "00 " HEX48,
        "CLIENT_RANDOM " HEX32 " " HEX48 HEX48,
        "\x16\x03\x01",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct fixture f;
        assert_int_equal(begin(&f), UM_OK);
        assert_int_equal(push(&f, lines[i], SIZE_MAX), UM_OK);
        assert_int_equal(f.keylog.understood, 0);
        assert_int_equal(f.keylog.malformed, 1);
        assert_int_equal(um_secrets_count(f.secrets, UM_SECRET_MASTER), 0);
        end(&f);
    }
}

/* `cat` of two logs, the first without a line feed at its end, lost a secret of each. */
static void
a_label_inside_a_line_begins_a_secret(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        unsigned understood, malformed, first_malformed;
    } logs[] = {
        {"CLIENT_RANDOM " HEX32 " " HEX48 "CLIENT_EARLY_TRAFFIC_SECRET " HEX32 " " HEX32, 2, 0, 0},
        {"CLIENT_RANDOM " HEX32 " " HEX48 "# SSL/TLS secrets log file\nRSA " HEX8 " " HEX48, 2, 0,
         0},
        {"CLIENT_RANDOM " HEX32 " " HEX48 "PMS_CLIENT_RANDOM " HEX32 " " HEX48 "RSA " HEX8
         " " HEX48,
         3, 0, 0},
        {"\nCLIENT_RANDOM " HEX32 " " HEX32 "CLIENT_RANDOM " HEX32 " " HEX48, 1, 1, 2},
        {"\nCLIENT_RANDOM " HEX32 " 00CLIENT_RANDOM " HEX32 " " HEX48 "\nRSA 00", 1, 2, 2},
        {"\n\nCLIENT_CLIENT_RANDOM " HEX32 " " HEX48, 0, 0, 0}, /* of another kind */
        {"debug: CLIENT_RANDOM " HEX32 " " HEX48, 1, 1, 1},
        {"# CLIENT_RANDOM " HEX32 " " HEX48 "\n #RSA " HEX8 " " HEX48, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof logs / sizeof *logs; i++) {
        struct fixture f;
        assert_int_equal(begin(&f), UM_OK);
        assert_int_equal(push(&f, logs[i].text, 3), UM_OK);
        assert_int_equal(f.keylog.understood, logs[i].understood);
        assert_int_equal(f.keylog.malformed, logs[i].malformed);
        assert_int_equal(f.keylog.first_malformed, logs[i].first_malformed);
        end(&f);
    }
}

/* Half a secret was kept, and the whole one behind it refused as a second one. */
static void
a_secret_that_was_cut_short_keeps_no_whole_one_out(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum um_secret_label label;
        size_t len;
    } logs[] = {
        {"CLIENT_RANDOM " HEX32 " " HEX32 "\nCLIENT_RANDOM " HEX32 " " HEX48, UM_SECRET_MASTER, 48},
        {"SERVER_TRAFFIC_SECRET_0 " HEX32 " " HEX8 HEX8 HEX8 "\n"
         "SERVER_TRAFFIC_SECRET_0 " HEX32 " " HEX32,
         UM_SECRET_SERVER_APPLICATION, 32},
    };
    for (size_t i = 0; i < sizeof logs / sizeof *logs; i++) {
        struct fixture f;
        assert_int_equal(begin(&f), UM_OK);
        assert_int_equal(push(&f, logs[i].text, 3), UM_OK);
        assert_int_equal(f.keylog.malformed, 1);
        struct um_span found =
            um_secrets_find(f.secrets, logs[i].label, um_span_of(id_bytes, sizeof id_bytes));
        assert_int_equal(found.len, logs[i].len);
        end(&f);
    }
}

static void
a_log_that_was_pasted_as_one_line_is_read(void **state)
{
    (void)state;
    struct fixture f;
    assert_int_equal(begin(&f), UM_OK);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(
            um_keylog_push(&f.keylog, S("CLIENT_HANDSHAKE_TRAFFIC_SECRET " HEX32 " " HEX48 " ")),
            UM_OK);
    assert_int_equal(um_keylog_end(&f.keylog), UM_OK);
    assert_int_equal(f.keylog.understood, 1000);
    assert_int_equal(f.keylog.malformed, 0);
    end(&f);
}

static void
a_line_of_any_length_does_not_spoil_the_next(void **state)
{
    (void)state;
    static const char *const pieces[] = {"0123456789abcdef", "CLIENT_RANDOM ", "# a comment "};
    for (size_t i = 0; i < 3; i++) {
        struct fixture f;
        assert_int_equal(begin(&f), UM_OK);
        for (int n = 0; n < 1000; n++)
            assert_int_equal(um_keylog_push(&f.keylog, S(pieces[i])), UM_OK);
        assert_int_equal(push(&f, "\nCLIENT_RANDOM " HEX32 " " HEX48, 5), UM_OK);
        assert_int_equal(f.keylog.malformed > 0, i < 2);
        assert_int_equal(f.keylog.first_malformed, i < 2);
        assert_int_equal(f.keylog.understood, 1);
        end(&f);
    }
}

static void
secrets_past_the_meter_are_counted(void **state)
{
    (void)state;
    struct fixture f;
    assert_int_equal(begin(&f), UM_OK);
    f.meter.max = 32 * 1024;
    uint8_t id[32] = {0};
    for (unsigned i = 0; i < 1000; i++) {
        id[0] = (uint8_t)i;
        id[1] = (uint8_t)(i >> 8);
        assert_int_equal(um_secrets_add(f.secrets, UM_SECRET_MASTER, um_span_of(id, 32),
                                        um_span_of(id_bytes, 32)),
                         UM_OK);
    }
    uint64_t kept = um_secrets_count(f.secrets, UM_SECRET_MASTER);
    assert_true(kept > 0 && kept < 1000);
    assert_int_equal(kept + um_secrets_dropped(f.secrets), 1000);
    assert_true(f.meter.peak <= f.meter.max / 2);
    memset(id, 0, sizeof id);
    uint64_t dropped = um_secrets_dropped(f.secrets);
    assert_int_equal(
        um_secrets_add(f.secrets, UM_SECRET_MASTER, um_span_of(id, 32), um_span_of(id_bytes, 32)),
        UM_OK);
    assert_int_equal(um_secrets_dropped(f.secrets), dropped); /* it is there */
    assert_int_equal(um_secrets_find(f.secrets, UM_SECRET_MASTER, um_span_of(id, 32)).len, 32);
    end(&f);
}

static void
any_failing_allocation_is_passed_up(void **state)
{
    (void)state;
    for (size_t n = 0;; n++) {
        struct fixture f;
        um_test_alloc_fail_at(n);
        int err = begin(&f);
        if (!err)
            err = push(&f, log_text, SIZE_MAX);
        bool has_failed = um_test_alloc_reset();
        assert_int_equal(err, has_failed ? UM_ERR_NOMEM : UM_OK);
        end(&f);
        if (!has_failed)
            break;
    }
}

/* Where memory ended between two secrets of one line, the second stayed in it. */
static void
nothing_is_left_of_a_line_in_which_memory_ended(void **state)
{
    (void)state;
    static const char none[UM_KEYLOG_LINE_MAX];
    for (size_t n = 0;; n++) {
        struct fixture f;
        assert_int_equal(begin(&f), UM_OK);
        um_test_alloc_fail_at(n);
        int err = push(&f, "CLIENT_RANDOM " HEX32 " " HEX48 "RSA " HEX8 " " HEX48 "\n", SIZE_MAX);
        bool has_failed = um_test_alloc_reset();
        assert_int_equal(err, has_failed ? UM_ERR_NOMEM : UM_OK);
        assert_memory_equal(f.keylog.line, none, sizeof none);
        end(&f);
        if (!has_failed)
            break;
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_label_is_kept_whatever_the_pieces),
        cmocka_unit_test(a_log_that_went_through_windows_is_read),
        cmocka_unit_test(what_is_no_secret_is_counted_and_left_out),
        cmocka_unit_test(a_label_inside_a_line_begins_a_secret),
        cmocka_unit_test(a_secret_that_was_cut_short_keeps_no_whole_one_out),
        cmocka_unit_test(a_log_that_was_pasted_as_one_line_is_read),
        cmocka_unit_test(a_line_of_any_length_does_not_spoil_the_next),
        cmocka_unit_test(secrets_past_the_meter_are_counted),
        cmocka_unit_test(any_failing_allocation_is_passed_up),
        cmocka_unit_test(nothing_is_left_of_a_line_in_which_memory_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
