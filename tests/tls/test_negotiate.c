/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Handshake messages out of records, and what a connection learns from them. */
#include "offline/tls/negotiate.h"

#include "tests/support/alloc.h"
#include "tests/tls/sides.h"

#define X8(x) x, x, x, x, x, x, x, x
#define X32(x) X8(x), X8(x), X8(x), X8(x)

enum { CERTIFICATE = 11, BIG = 70000 };

/* TLS 1.2, GCM; the name "um.example". */
static const uint8_t client_hello[] = {
    1, 0,  0, 62, 3, 3, X32(1), 0,   0,   2,   0xc0, 0x2f, 1,   0,   0,   19,  0,  0,
    0, 15, 0, 13, 0, 0, 10,     'u', 'm', '.', 'e',  'x',  'a', 'm', 'p', 'l', 'e'};

static const uint8_t server_hello[] = {2, 0, 0, 38, 3, 3, X32(2), 0, 0xc0, 0x2f, 0};

static int
push(struct sides *sides, int side, const void *bytes, size_t len)
{
    uint8_t *heap = um_test_exact_copy(bytes, len);
    int err = um_negotiate_push(&sides->tls->sides[side], um_span_of(heap, len));
    free(heap);
    return err;
}

static void
assert_agreed(const struct sides *sides)
{
    struct um_tls_info info = um_tls_info(sides->tls);
    assert_int_equal(info.client, 0);
    assert_int_equal(info.version, UM_TLS_VERSION_12);
    assert_int_equal(info.suite, 0xc02f);
    assert_span_equal(info.server_name, S("um.example"));
}

static void
hellos_tell_the_same_whole_and_byte_by_byte(void **state)
{
    (void)state;
    for (size_t step = 1; step <= sizeof client_hello; step += sizeof client_hello - 1) {
        struct sides sides;
        sides_begin(&sides);
        for (size_t at = 0; at < sizeof client_hello; at += step) {
            assert_int_equal(sides.tls->info.client, -1);
            assert_int_equal(push(&sides, 0, client_hello + at, step), UM_OK);
        }
        for (size_t at = 0; at < sizeof server_hello; at++) {
            assert_int_equal(sides.tls->info.version, 0);
            assert_int_equal(push(&sides, 1, server_hello + at, 1), UM_OK);
        }
        assert_agreed(&sides);
        assert_int_equal(sides.tls->sides[0].messages.cap + sides.tls->sides[1].messages.cap, 0);
        sides_end(&sides);
    }
}

/* Chains of certificates are long: they are passed over by their length, and cost no memory. */
static void
message_that_is_not_wanted_is_passed_over_as_it_comes(void **state)
{
    (void)state;
    static const uint8_t inside[1000] = {1, 0, 8}; /* read as a message, it would be kept */
    const uint8_t head[] = {CERTIFICATE, BIG >> 16, BIG >> 8 & 255, BIG & 255};
    struct sides sides;
    sides_begin(&sides);
    uint64_t used = sides.meter.used;
    assert_int_equal(push(&sides, 0, client_hello, sizeof client_hello), UM_OK);
    assert_int_equal(push(&sides, 1, head, sizeof head), UM_OK);
    for (size_t at = 0; at < BIG; at += sizeof inside) {
        assert_int_equal(push(&sides, 1, inside, sizeof inside), UM_OK);
        assert_int_equal(sides.meter.used, used);
    }
    assert_int_equal(push(&sides, 1, server_hello, sizeof server_hello), UM_OK);
    assert_agreed(&sides);
    sides_end(&sides);
}

/* A wanted type whose length no real message has. */
static void
message_longer_than_any_real_one_is_passed_over(void **state)
{
    (void)state;
    static const uint8_t zeros[1000] = {0};
    const uint8_t head[] = {2, BIG >> 16, BIG >> 8 & 255, BIG & 255};
    struct sides sides;
    sides_begin(&sides);
    uint64_t used = sides.meter.used;
    assert_int_equal(push(&sides, 1, head, sizeof head), UM_OK);
    assert_int_equal(push(&sides, 1, zeros, sizeof zeros), UM_OK);
    assert_int_equal(sides.meter.used, used);
    sides_end(&sides);
}

/* A hole swallowed the rest of it: what comes next is not its end. */
static void
message_that_was_dropped_does_not_swallow_the_next(void **state)
{
    (void)state;
    const uint8_t head[] = {CERTIFICATE, 0, 1, 0};
    struct sides sides;
    sides_begin(&sides);
    assert_int_equal(push(&sides, 0, client_hello, 20), UM_OK);
    um_negotiate_drop(&sides.tls->sides[0]);
    assert_int_equal(push(&sides, 0, client_hello, sizeof client_hello), UM_OK);
    assert_int_equal(push(&sides, 1, head, sizeof head), UM_OK);
    um_negotiate_drop(&sides.tls->sides[1]);
    assert_int_equal(push(&sides, 1, server_hello, sizeof server_hello), UM_OK);
    assert_agreed(&sides);
    sides_end(&sides);
}

/* All of a connection was closed when the second packet of its ClientHello was lost. */
static void
hello_that_is_torn_tells_its_random(void **state)
{
    (void)state;
    struct sides sides;
    sides_begin(&sides);
    assert_int_equal(push(&sides, 0, client_hello, 38), UM_OK); /* the random is not whole */
    assert_int_equal(um_negotiate_tear(&sides.tls->sides[0]), UM_OK);
    assert_int_equal(sides.tls->info.client, 0);
    sides_end(&sides);
    sides_begin(&sides);
    assert_int_equal(push(&sides, 0, client_hello, sizeof client_hello - 1), UM_OK);
    assert_int_equal(um_negotiate_tear(&sides.tls->sides[0]), UM_OK);
    assert_int_equal(push(&sides, 1, server_hello, sizeof server_hello), UM_OK);
    assert_int_equal(sides.tls->info.client, 0);
    assert_int_equal(sides.tls->info.suite, 0xc02f);
    assert_memory_equal(sides.tls->session.randoms.client, client_hello + 6, 32);
    sides_end(&sides);
}

static void
message_of_a_full_handshake_tells_that_no_session_is_resumed(void **state)
{
    (void)state;
    static const struct {
        uint8_t type;
        bool is_full;
    } messages[] = {{UM_HANDSHAKE_NEW_SESSION_TICKET, false},
                    {CERTIFICATE, true},
                    {UM_HANDSHAKE_SERVER_KEY_EXCHANGE, true},
                    {UM_HANDSHAKE_SERVER_HELLO_DONE, true}};
    for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
        const uint8_t message[] = {messages[i].type, 0, 0, 0};
        struct sides sides;
        sides_begin(&sides);
        assert_int_equal(push(&sides, 0, client_hello, sizeof client_hello), UM_OK);
        assert_int_equal(push(&sides, 1, server_hello, sizeof server_hello), UM_OK);
        assert_int_equal(push(&sides, 1, message, sizeof message), UM_OK);
        assert_int_equal(sides.tls->session.is_full, messages[i].is_full);
        sides_end(&sides);
    }
}

static void
hello_of_the_wrong_side_says_nothing(void **state)
{
    (void)state;
    struct sides sides;
    sides_begin(&sides);
    assert_int_equal(push(&sides, 0, client_hello, sizeof client_hello), UM_OK);
    assert_int_equal(push(&sides, 0, server_hello, sizeof server_hello), UM_OK);
    assert_int_equal(sides.tls->info.version, 0);
    assert_int_equal(push(&sides, 1, client_hello, sizeof client_hello), UM_OK);
    assert_int_equal(sides.tls->info.client, 0);
    sides_end(&sides);
}

static void
direction_without_room_for_its_messages_is_given_up(void **state)
{
    (void)state;
    struct sides sides;
    sides_begin(&sides);
    sides.meter.max = sides.meter.used + 1;
    assert_int_equal(push(&sides, 0, client_hello, sizeof client_hello - 1), UM_OK);
    assert_true(sides.tls->info.is_given_up && sides.tls->sides[0].is_opaque);
    assert_int_equal(sides.tls->sides[0].messages.cap, 0);
    sides_end(&sides);
}

static void
first_hello_of_ssl_2_makes_its_side_the_client(void **state)
{
    (void)state;
    const uint8_t body[] = {1, 3, 1, 0, 3, 0, 0, 0, 16, 0, 0, 0x2f, X8(5), X8(6)};
    struct sides sides;
    sides_begin(&sides);
    assert_int_equal(um_negotiate_hello2(&sides.tls->sides[1], um_span_of(body, 11)), UM_OK);
    assert_int_equal(sides.tls->info.client, -1); /* cut */
    assert_int_equal(um_negotiate_hello2(&sides.tls->sides[1], um_span_of(body, sizeof body)),
                     UM_OK);
    assert_int_equal(sides.tls->info.client, 1);
    const uint8_t first = sides.tls->session.randoms.client[31];
    uint8_t again[sizeof body];
    memcpy(again, body, sizeof body);
    again[sizeof body - 1]++;
    assert_int_equal(um_negotiate_hello2(&sides.tls->sides[1], um_span_of(again, sizeof again)),
                     UM_OK);
    assert_int_equal(sides.tls->session.randoms.client[31], first); /* no handshake anew */
    sides_end(&sides);
}

/* TLS 1.3: each side's Finished ends what its handshake keys protect. */
static void
finished_changes_the_keys_of_its_own_side(void **state)
{
    (void)state;
    const uint8_t finished[] = {20, 0, 0, 0};
    struct sides sides;
    sides_begin(&sides);
    sides_choose(&sides, UM_TLS_VERSION_13, 0x1301);
    sides.tls->sides[0].epoch = sides.tls->sides[1].epoch = UM_EPOCH_HANDSHAKE;
    sides_add_secret(&sides, UM_SECRET_SERVER_APPLICATION, 7, 32);
    assert_int_equal(push(&sides, 1, finished, sizeof finished), UM_OK);
    assert_int_equal(sides.tls->sides[1].epoch, UM_EPOCH_APPLICATION);
    assert_int_equal(sides.tls->sides[0].epoch, UM_EPOCH_HANDSHAKE);
    sides_end(&sides);
}

static void
failing_allocation_is_passed_up(void **state)
{
    (void)state;
    struct sides sides;
    sides_begin(&sides);
    um_test_alloc_fail_at(0);
    assert_int_equal(
        um_negotiate_push(&sides.tls->sides[0], um_span_of(client_hello, sizeof client_hello)),
        UM_ERR_NOMEM);
    assert_true(um_test_alloc_reset());
    sides_end(&sides);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hellos_tell_the_same_whole_and_byte_by_byte),
        cmocka_unit_test(message_that_is_not_wanted_is_passed_over_as_it_comes),
        cmocka_unit_test(message_longer_than_any_real_one_is_passed_over),
        cmocka_unit_test(message_that_was_dropped_does_not_swallow_the_next),
        cmocka_unit_test(hello_that_is_torn_tells_its_random),
        cmocka_unit_test(message_of_a_full_handshake_tells_that_no_session_is_resumed),
        cmocka_unit_test(hello_of_the_wrong_side_says_nothing),
        cmocka_unit_test(direction_without_room_for_its_messages_is_given_up),
        cmocka_unit_test(first_hello_of_ssl_2_makes_its_side_the_client),
        cmocka_unit_test(finished_changes_the_keys_of_its_own_side),
        cmocka_unit_test(failing_allocation_is_passed_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
