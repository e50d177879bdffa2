/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which keys a direction reads with, by the secrets at hand. */
#include "offline/tls/epoch.h"

#include "tests/tls/sides.h"

enum { GCM_12 = 0xc02f, GCM_13 = 0x1301, UNKNOWN = 0x1399 };

static struct um_tls_side *
choose(struct sides *sides, uint16_t version, uint16_t suite)
{
    sides_begin(sides);
    sides_choose(sides, version, suite);
    return &sides->tls->sides[0];
}

static void
direction_without_its_secret_waits_for_it(void **state)
{
    (void)state;
    struct sides sides;
    struct um_tls_side *side = choose(&sides, UM_TLS_VERSION_12, GCM_12);
    assert_int_equal(um_epoch_change_cipher(side), UM_OK);
    assert_true(side->is_waiting && side->has_waited && !side->is_opaque && !side->unseal);
    assert_true(sides.tls->info.is_protected && !sides.tls->info.has_secrets);
    sides_add_secret(&sides, UM_SECRET_MASTER, 7, 48);
    assert_true(um_secrets_total(sides.secrets) != side->known_secrets);
    assert_int_equal(um_epoch_change_cipher(side), UM_OK);
    assert_true(side->unseal && !side->is_waiting && sides.tls->info.has_secrets);
    assert_int_equal(um_secrets_total(sides.secrets), side->known_secrets);
    sides_end(&sides);
}

/* There is nothing to wait for. */
static void
direction_of_an_unreadable_suite_is_opaque(void **state)
{
    (void)state;
    struct sides sides;
    struct um_tls_side *side = choose(&sides, UM_TLS_VERSION_12, UNKNOWN);
    sides_add_secret(&sides, UM_SECRET_MASTER, 7, 48);
    assert_int_equal(um_epoch_change_cipher(side), UM_OK);
    assert_true(side->is_opaque && !side->is_waiting && !side->unseal);
    sides_end(&sides);
}

static void
new_keys_begin_to_count_anew(void **state)
{
    (void)state;
    struct sides sides;
    struct um_tls_side *side = choose(&sides, UM_TLS_VERSION_12, GCM_12);
    sides_add_secret(&sides, UM_SECRET_MASTER, 7, 48);
    side->sequence = 12;
    side->is_verified = true;
    side->unverified = 3;
    assert_int_equal(um_epoch_change_cipher(side), UM_OK);
    assert_int_equal(side->sequence, 0);
    assert_false(side->is_verified);
    assert_int_equal(side->unverified, 0);
    sides_end(&sides);
}

static void
epoch_without_a_secret_is_left_for_a_later_one(void **state)
{
    (void)state;
    struct sides sides;
    struct um_tls_side *side = choose(&sides, UM_TLS_VERSION_13, GCM_13);
    sides_add_secret(&sides, UM_SECRET_SERVER_HANDSHAKE, 6, 32); /* the other direction's */
    sides_add_secret(&sides, UM_SECRET_CLIENT_APPLICATION, 7, 32);
    assert_int_equal(um_epoch_begin(side, UM_EPOCH_HANDSHAKE), UM_OK);
    assert_int_equal(side->epoch, UM_EPOCH_APPLICATION);
    assert_true(side->unseal && side->secret_len == 32 && side->secret[0] == 7);
    sides_end(&sides);
}

static void
direction_takes_its_own_secrets(void **state)
{
    (void)state;
    struct sides sides;
    const struct um_tls_side *client = choose(&sides, UM_TLS_VERSION_13, GCM_13);
    const struct um_tls_side *server = client + 1;
    sides_add_secret(&sides, UM_SECRET_CLIENT_EARLY, 1, 32);
    sides_add_secret(&sides, UM_SECRET_CLIENT_HANDSHAKE, 2, 32);
    sides_add_secret(&sides, UM_SECRET_SERVER_HANDSHAKE, 3, 32);
    sides_add_secret(&sides, UM_SECRET_CLIENT_APPLICATION, 4, 32);
    sides_add_secret(&sides, UM_SECRET_SERVER_APPLICATION, 5, 32);
    assert_int_equal(um_epoch_secret(client, UM_EPOCH_EARLY).data[0], 1);
    assert_int_equal(um_epoch_secret(client, UM_EPOCH_HANDSHAKE).data[0], 2);
    assert_int_equal(um_epoch_secret(server, UM_EPOCH_HANDSHAKE).data[0], 3);
    assert_int_equal(um_epoch_secret(client, UM_EPOCH_APPLICATION).data[0], 4);
    assert_int_equal(um_epoch_secret(server, UM_EPOCH_APPLICATION).data[0], 5);
    sides_end(&sides);
}

/* A KeyUpdate under the handshake's keys is none. */
static void
key_update_changes_application_keys_alone(void **state)
{
    (void)state;
    struct sides sides;
    struct um_tls_side *side = choose(&sides, UM_TLS_VERSION_13, GCM_13);
    sides_add_secret(&sides, UM_SECRET_CLIENT_HANDSHAKE, 6, 32);
    assert_int_equal(um_epoch_begin(side, UM_EPOCH_HANDSHAKE), UM_OK);
    assert_int_equal(um_epoch_update(side), UM_OK);
    assert_int_equal(side->secret[0], 6);

    sides_add_secret(&sides, UM_SECRET_CLIENT_APPLICATION, 7, 32);
    assert_int_equal(um_epoch_begin(side, UM_EPOCH_APPLICATION), UM_OK);
    uint8_t space[UM_SECRET_MAX];
    struct um_span next;
    assert_int_equal(um_epoch_next_secret(side, um_span_of(side->secret, 32), space, &next), UM_OK);
    assert_int_equal(side->secret[0], 7); /* asking changes nothing */
    side->sequence = 9;
    assert_int_equal(um_epoch_update(side), UM_OK);
    assert_span_equal(um_span_of(side->secret, side->secret_len), next);
    assert_int_equal(side->sequence, 0);
    sides_end(&sides);
}

/* By them whoever writes the packets out again finds the secrets that they need. */
static void
client_random_of_each_handshake_is_told_once(void **state)
{
    (void)state;
    struct sides sides;
    struct um_tls_side *side = choose(&sides, UM_TLS_VERSION_12, GCM_12);
    for (uint8_t i = 0; i < UM_TLS_HANDSHAKES_MAX + 2; i++) {
        memset(sides.tls->session.randoms.client, i, UM_TLS_RANDOM_BYTES);
        sides_add_secret(&sides, UM_SECRET_MASTER, 7, 48);
        assert_int_equal(um_epoch_change_cipher(side), UM_OK);
        assert_int_equal(um_epoch_change_cipher(side + 1), UM_OK);
        size_t handshakes = i < UM_TLS_HANDSHAKES_MAX ? i + 1 : UM_TLS_HANDSHAKES_MAX;
        struct um_span told = um_tls_info(sides.tls).client_randoms;
        assert_int_equal(told.len, handshakes * UM_TLS_RANDOM_BYTES);
        assert_int_equal(told.data[told.len - 1], handshakes - 1);
    }
    sides_end(&sides);
}

static void
left_keys_leave_nothing_to_wait_for(void **state)
{
    (void)state;
    struct sides sides;
    struct um_tls_side *side = choose(&sides, UM_TLS_VERSION_13, GCM_13);
    const struct um_mark mark = {.frame = 1};
    assert_int_equal(um_epoch_begin(side, UM_EPOCH_HANDSHAKE), UM_OK);
    um_side_lose(side, 100, 1, UM_GAP_LOST, &mark);
    assert_true(um_side_is_unread(side));
    um_epoch_leave(side);
    assert_false(um_side_is_unread(side) || side->is_waiting);
    assert_int_equal(side->epoch, UM_EPOCH_NONE);
    assert_int_equal(side->loss.bytes, 0);
    sides_end(&sides);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(direction_without_its_secret_waits_for_it),
        cmocka_unit_test(direction_of_an_unreadable_suite_is_opaque),
        cmocka_unit_test(new_keys_begin_to_count_anew),
        cmocka_unit_test(epoch_without_a_secret_is_left_for_a_later_one),
        cmocka_unit_test(direction_takes_its_own_secrets),
        cmocka_unit_test(key_update_changes_application_keys_alone),
        cmocka_unit_test(client_random_of_each_handshake_is_told_once),
        cmocka_unit_test(left_keys_leave_nothing_to_wait_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
