/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages written by hand; the hellos of RFC 8448 are read as well, in test_rfc8448.c. */
#include "offline/tls/handshake.h"

#include "offline/tls/record.h"
#include "tests/support/support.h"
#include "tests/tls/hex.h"

#define RANDOM "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define RETRY "cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c"

/* version, random, session id of 2, suites 1301 c02f, compression none */
#define CLIENT_HEAD                                                                                \
    "0303" RANDOM "02abcd"                                                                         \
    "00041301c02f"                                                                                 \
    "0100"
/* server_name: a name of another type, then "um.example" */
#define SERVER_NAME                                                                                \
    "00000014"                                                                                     \
    "0012"                                                                                         \
    "070002ffff"                                                                                   \
    "00000a756d2e6578616d706c65"
#define ALPN                                                                                       \
    "0010000e"                                                                                     \
    "000c"                                                                                         \
    "026832"                                                                                       \
    "08687474702f312e31"
#define TICKET                                                                                     \
    "00230003"                                                                                     \
    "010203"
#define EARLY "002a0000"
#define CLIENT_HELLO CLIENT_HEAD "0035" SERVER_NAME ALPN TICKET EARLY
#define CLIENT_HEAD_BYTES 45

/* version, random, session id, suite, compression */
#define SERVER_HEAD(random, suite) "0303" random "01ee" suite "00"

static void
a_client_hello_tells_what_stands_in_it(void **state)
{
    (void)state;
    struct hex wire = hex_of(CLIENT_HELLO), random = hex_of(RANDOM);
    struct um_client_hello hello;
    assert_int_equal(um_handshake_client_hello(hex_span(&wire), &hello), UM_DONE);
    assert_int_equal(hello.version, 0x0303);
    assert_span_equal(hello.random, hex_span(&random));
    assert_span_equal(hello.session_id, S("\xab\xcd"));
    assert_span_equal(hello.suites, S("\x13\x01\xc0\x2f"));
    assert_span_equal(hello.server_name, S("um.example"));
    assert_span_equal(hello.alpn, S("\x02h2\x08http/1.1"));
    assert_span_equal(hello.ticket, S("\x01\x02\x03"));
    assert_true(hello.has_early_data);
}

static void
a_hello_without_extensions_is_one_of_old_times(void **state)
{
    (void)state;
    struct hex wire = hex_of(CLIENT_HEAD);
    struct um_client_hello hello;
    assert_int_equal(wire.len, CLIENT_HEAD_BYTES);
    assert_int_equal(um_handshake_client_hello(hex_span(&wire), &hello), UM_DONE);
    assert_int_equal(hello.server_name.len + hello.alpn.len + hello.ticket.len, 0);
    assert_false(hello.has_early_data);
}

/* Each in an exact heap copy. */
static void
a_cut_hello_is_bad_wherever_it_is_cut(void **state)
{
    (void)state;
    struct hex client = hex_of(CLIENT_HELLO);
    struct hex server = hex_of(SERVER_HEAD(RANDOM, "1301") "0006002b00020304");
    for (size_t n = 0; n < client.len; n++) {
        uint8_t *copy = um_test_exact_copy(client.bytes, n);
        struct um_client_hello hello;
        assert_int_equal(um_handshake_client_hello(um_span_of(copy, n), &hello),
                         n == CLIENT_HEAD_BYTES ? UM_DONE : UM_BAD);
        free(copy);
    }
    for (size_t n = 0; n < server.len; n++) {
        uint8_t *copy = um_test_exact_copy(server.bytes, n);
        struct um_server_hello hello;
        assert_int_equal(um_handshake_server_hello(um_span_of(copy, n), &hello),
                         n == server.len - 8 ? UM_DONE : UM_BAD);
        free(copy);
    }
}

/* Lengths inside that lie reach no byte behind their extension. */
static void
any_byte_may_lie_and_nothing_outside_is_read(void **state)
{
    (void)state;
    struct hex wire = hex_of(CLIENT_HELLO);
    static const uint8_t lies[] = {0, 1, 0x7f, 0xff};
    for (size_t at = 0; at < wire.len; at++) {
        for (size_t i = 0; i < sizeof lies; i++) {
            uint8_t *copy = um_test_exact_copy(wire.bytes, wire.len);
            struct um_client_hello hello;
            copy[at] = lies[i];
            if (um_handshake_client_hello(um_span_of(copy, wire.len), &hello) == UM_DONE) {
                assert_true(hello.session_id.len <= 32 && hello.random.len == 32);
                assert_true(hello.server_name.len + hello.alpn.len + hello.ticket.len < wire.len);
            }
            free(copy);
        }
    }
}

static void
a_server_hello_tells_the_version_that_was_chosen(void **state)
{
    (void)state;
    struct um_server_hello hello;
    struct hex old = hex_of(SERVER_HEAD(RANDOM, "c02f") "001100160000001700000010000500030268"
                                                        "32");
    assert_int_equal(um_handshake_server_hello(hex_span(&old), &hello), UM_DONE);
    assert_int_equal(hello.version, 0x0303);
    assert_int_equal(hello.suite, 0xc02f);
    assert_span_equal(hello.session_id, S("\xee"));
    assert_true(hello.has_extended_master && hello.has_encrypt_then_mac && !hello.is_retry);
    assert_span_equal(hello.alpn, S("h2"));
    struct hex new = hex_of(SERVER_HEAD(RANDOM, "1301") "0006002b00020304");
    assert_int_equal(um_handshake_server_hello(hex_span(&new), &hello), UM_DONE);
    assert_int_equal(hello.version, 0x0304);
    assert_false(hello.has_extended_master || hello.has_encrypt_then_mac);
    struct hex retry = hex_of(SERVER_HEAD(RETRY, "1301") "0006002b00020304");
    assert_int_equal(um_handshake_server_hello(hex_span(&retry), &hello), UM_DONE);
    assert_true(hello.is_retry);
}

static void
encrypted_extensions_tell_protocol_and_early_data(void **state)
{
    (void)state;
    static const struct {
        const char *wire, *alpn;
        bool has_early_data;
        enum um_step step;
    } tests[] = {
        {"0000", "", false, UM_DONE},
        {"0009"
         "00100005"
         "0003026832",
         "h2", false, UM_DONE},
        {"000d"
         "002a0000"
         "00100005"
         "0003026832",
         "h2", true, UM_DONE},
        {"0004"
         "002a0000",
         "", true, UM_DONE},
        {"", "", false, UM_BAD},
        {"0005"
         "002a0000",
         "", false, UM_BAD},
        {"0004"
         "002a0001",
         "", false, UM_BAD},
    };
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) {
        struct hex wire = hex_of(tests[i].wire);
        uint8_t *copy = um_test_exact_copy(wire.bytes, wire.len);
        struct um_encrypted_extensions out;
        assert_int_equal(um_handshake_encrypted_extensions(um_span_of(copy, wire.len), &out),
                         tests[i].step);
        if (tests[i].step == UM_DONE) {
            assert_span_equal(out.alpn, S(tests[i].alpn));
            assert_int_equal(out.has_early_data, tests[i].has_early_data);
        }
        free(copy);
    }
}

/* type 1, version 3.1, one suite of three bytes, no session id, a challenge of 16 */
static void
a_hello_of_ssl_2_has_its_challenge_behind_zeros(void **state)
{
    (void)state;
    struct hex wire = hex_of("01"
                             "0301"
                             "0003"
                             "0000"
                             "0010"
                             "000035"
                             "000102030405060708090a0b0c0d0e0f");
    struct hex random = hex_of("00000000000000000000000000000000"
                               "000102030405060708090a0b0c0d0e0f");
    struct um_client_hello hello;
    for (size_t n = 0; n < wire.len; n++) {
        uint8_t *copy = um_test_exact_copy(wire.bytes, n);
        assert_int_equal(um_handshake_hello2(um_span_of(copy, n), &hello), UM_BAD);
        free(copy);
    }
    assert_int_equal(um_handshake_hello2(hex_span(&wire), &hello), UM_DONE);
    assert_int_equal(hello.version, 0x0301);
    assert_span_equal(hello.random, hex_span(&random));
}

static void
a_message_is_split_off_when_all_of_it_is_there(void **state)
{
    (void)state;
    struct hex wire = hex_of("14000003"
                             "aabbcc"
                             "00");
    struct um_handshake message;
    uint8_t type;
    size_t length;
    for (size_t n = 0; n < 7; n++) {
        uint8_t *copy = um_test_exact_copy(wire.bytes, n);
        struct um_span input = um_span_of(copy, n);
        assert_int_equal(um_handshake_split(&input, &message), UM_MORE);
        assert_int_equal(input.len, n);
        assert_int_equal(um_handshake_length(input, &type, &length), n < 4 ? UM_MORE : UM_DONE);
        free(copy);
    }
    struct um_span input = hex_span(&wire);
    assert_int_equal(um_handshake_split(&input, &message), UM_DONE);
    assert_int_equal(message.type, UM_HANDSHAKE_FINISHED);
    assert_span_equal(message.body, S("\xaa\xbb\xcc"));
    assert_int_equal(message.whole.len, 7);
    assert_int_equal(input.len, 1);
}

static void
tickets_and_premasters_are_empty_when_they_cannot_be_read(void **state)
{
    (void)state;
    struct hex ticket = hex_of("00000e10"
                               "0003"
                               "010203"),
               sealed = hex_of("0003"
                               "010203");
    assert_span_equal(um_handshake_ticket(hex_span(&ticket)), S("\x01\x02\x03"));
    for (size_t n = 0; n < ticket.len; n++)
        assert_int_equal(um_handshake_ticket(um_span_first(hex_span(&ticket), n)).len, 0);
    struct um_span body = hex_span(&sealed);
    assert_span_equal(um_handshake_premaster(body, UM_TLS_VERSION_12), S("\x01\x02\x03"));
    assert_int_equal(um_handshake_premaster(body, UM_TLS_VERSION_SSL3).len, 5);
    assert_int_equal(um_handshake_premaster(um_span_first(body, 4), UM_TLS_VERSION_10).len, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_hello_tells_what_stands_in_it),
        cmocka_unit_test(a_hello_without_extensions_is_one_of_old_times),
        cmocka_unit_test(a_cut_hello_is_bad_wherever_it_is_cut),
        cmocka_unit_test(any_byte_may_lie_and_nothing_outside_is_read),
        cmocka_unit_test(a_server_hello_tells_the_version_that_was_chosen),
        cmocka_unit_test(encrypted_extensions_tell_protocol_and_early_data),
        cmocka_unit_test(a_hello_of_ssl_2_has_its_challenge_behind_zeros),
        cmocka_unit_test(a_message_is_split_off_when_all_of_it_is_there),
        cmocka_unit_test(tickets_and_premasters_are_empty_when_they_cannot_be_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
