/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of a whole record. A suite that does not encrypt makes records that can be written
 * here: without its key they are taken for what they say. With keys it is test_tls.c and
 * test_place.c that open what real peers sealed.
 */
#include "offline/tls/opening.h"

#include "offline/tls/epoch.h"
#include "tests/tls/sides.h"

enum {
    NULL_SHA256 = 0x003b,
    RC4_SHA1 = 0x0005,
    CBC_SHA1 = 0x002f,
    GCM_12 = 0xc02f,
    GCM_13 = 0x1301,
    MAC_BYTES = 32
};

/* A record on the wire, made of text and so many more bytes. */
struct wire {
    uint8_t bytes[UM_TLS_HEADER_BYTES + 200];
};

static struct um_tls_arrival
make(struct wire *wire, uint8_t type, const char *text, size_t more, uint64_t frame)
{
    size_t len = strlen(text) + more;
    memset(wire, 0, sizeof *wire);
    assert_true(len <= 200);
    wire->bytes[0] = type;
    wire->bytes[1] = wire->bytes[2] = 3;
    wire->bytes[4] = (uint8_t)len;
    memcpy(wire->bytes + UM_TLS_HEADER_BYTES, text, strlen(text));
    return sides_arrival(um_span_of(wire->bytes, UM_TLS_HEADER_BYTES + len), frame);
}

static void
take(struct sides *sides, int side, uint8_t type, const char *text, size_t more)
{
    struct wire wire;
    struct um_tls_arrival arrival = make(&wire, type, text, more, 3);
    assert_int_equal(um_opening_take(&sides->tls->sides[side], &arrival), UM_OK);
}

static struct um_tls_side *
choose(struct sides *sides, uint16_t version, uint16_t suite)
{
    sides_begin(sides);
    sides_choose(sides, version, suite);
    return &sides->tls->sides[1];
}

static void
data_in_the_clear_loses_its_mac_and_goes_on(void **state)
{
    (void)state;
    struct sides sides;
    (void)choose(&sides, UM_TLS_VERSION_12, NULL_SHA256);
    take(&sides, 1, UM_TLS_TYPE_CHANGE, "\1", 0);
    take(&sides, 1, UM_TLS_TYPE_DATA, "HTTP", MAC_BYTES);
    take(&sides, 1, UM_TLS_TYPE_DATA, "/1.1", MAC_BYTES);
    sides_assert_told(&sides, "1:HTTP 1:/1.1 ");
    assert_int_equal(sides.first.frame, 3);
    assert_true(sides.tls->info.is_read && sides.tls->info.is_unverified);
    sides_end(&sides);
}

/* A hole hid it: the first record of data says that the keys have changed. */
static void
data_without_a_change_of_keys_before_it_is_protected_all_the_same(void **state)
{
    (void)state;
    struct sides sides;
    (void)choose(&sides, UM_TLS_VERSION_12, NULL_SHA256);
    take(&sides, 1, UM_TLS_TYPE_DATA, "HTTP", MAC_BYTES);
    sides_assert_told(&sides, "1:HTTP ");
    sides_end(&sides);
}

static void
data_before_any_hello_is_told_as_protected_and_not_handed_on(void **state)
{
    (void)state;
    struct sides sides;
    sides_begin(&sides);
    take(&sides, 1, UM_TLS_TYPE_DATA, "sealed", 20);
    sides_assert_told(&sides, "");
    assert_true(sides.tls->info.is_protected && !sides.tls->info.is_read);
    sides_end(&sides);
}

static void
heartbeat_says_nothing(void **state)
{
    (void)state;
    struct sides sides;
    (void)choose(&sides, UM_TLS_VERSION_12, NULL_SHA256);
    take(&sides, 1, UM_TLS_TYPE_CHANGE, "\1", 0);
    take(&sides, 1, UM_TLS_TYPE_HEARTBEAT, "are you there?", MAC_BYTES);
    sides_assert_told(&sides, "");
    sides_end(&sides);
}

/* Sent for the sake of old boxes on the way, and before the hello of the server. */
static void
change_of_keys_says_nothing_in_tls_13(void **state)
{
    (void)state;
    struct sides sides;
    const struct um_tls_side *side = choose(&sides, UM_TLS_VERSION_13, GCM_13);
    take(&sides, 1, UM_TLS_TYPE_CHANGE, "\1", 0);
    assert_false(side->is_waiting || side->is_opaque);
    sides_end(&sides);
    sides_begin(&sides);
    take(&sides, 0, UM_TLS_TYPE_CHANGE, "\1", 0);
    assert_false(sides.tls->sides[0].is_waiting || sides.tls->sides[0].is_opaque);
    sides_end(&sides);
}

/* Where a hole had hidden the change of keys, the first bytes of ciphertext were taken for level
 * and description, and now and then an alert was told that nobody had sent. */
static void
sealed_alert_without_keys_is_not_told_as_what_its_ciphertext_looks_like(void **state)
{
    (void)state;
    static const uint16_t versions[] = {UM_TLS_VERSION_12, UM_TLS_VERSION_13, 0};
    for (size_t i = 0; i < 3; i++) {
        struct sides sides;
        sides_begin(&sides);
        if (versions[i] != 0)
            sides_choose(&sides, versions[i], versions[i] == UM_TLS_VERSION_12 ? GCM_12 : GCM_13);
        take(&sides, 1, UM_TLS_TYPE_ALERT, "\2\50", 24); /* a nonce that looks like an alert */
        assert_false(sides.tls->info.alert.is_there);
        assert_true(sides.tls->info.is_protected);
        take(&sides, 1, UM_TLS_TYPE_ALERT, "\2\50", 0);
        assert_true(sides.tls->info.alert.is_there);
        sides_end(&sides);
    }
}

static void
what_is_lost_of_a_clear_handshake_is_missed_by_nobody(void **state)
{
    (void)state;
    struct sides sides;
    struct um_tls_side *side = choose(&sides, UM_TLS_VERSION_12, NULL_SHA256);
    const struct um_mark mark = {.frame = 1};
    um_side_lose(side, 500, 3, UM_GAP_LOST, &mark);
    take(&sides, 1, UM_TLS_TYPE_HANDSHAKE, "\16", 3);
    take(&sides, 1, UM_TLS_TYPE_CHANGE, "\1", 0);
    take(&sides, 1, UM_TLS_TYPE_DATA, "HTTP", MAC_BYTES);
    sides_assert_told(&sides, "1:HTTP ");
    sides_end(&sides);
}

/* Then no secret would come any more: it is looked for no longer. */
static void
direction_that_waits_too_long_for_its_secret_is_opaque(void **state)
{
    (void)state;
    struct sides sides;
    const struct um_tls_side *side = choose(&sides, UM_TLS_VERSION_12, GCM_12);
    take(&sides, 1, UM_TLS_TYPE_CHANGE, "\1", 0);
    for (int i = 0; i < UM_TLS_UNVERIFIED_MAX; i++) {
        assert_true(side->is_waiting && !side->is_opaque);
        take(&sides, 1, UM_TLS_TYPE_DATA, "sealed", 40);
    }
    assert_true(side->is_opaque);
    assert_true(um_tls_info(sides.tls).is_unread);
    sides_end(&sides);
}

static void
record_whose_secret_is_not_at_hand_has_nothing_to_be_looked_at(void **state)
{
    (void)state;
    static const struct {
        uint16_t version, suite;
        bool is_vain;
    } cases[] = {
        {UM_TLS_VERSION_12, GCM_12, true},
        {UM_TLS_VERSION_11, CBC_SHA1, true},
        {UM_TLS_VERSION_10, CBC_SHA1, false}, /* the next one is read with its end */
        {UM_TLS_VERSION_12, RC4_SHA1, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sides sides;
        const struct um_tls_side *side = choose(&sides, cases[i].version, cases[i].suite);
        assert_false(um_opening_is_vain(side, UM_TLS_TYPE_DATA)); /* in the clear yet */
        take(&sides, 1, UM_TLS_TYPE_CHANGE, "\1", 0);
        assert_int_equal(um_opening_is_vain(side, UM_TLS_TYPE_DATA), cases[i].is_vain);
        assert_false(um_opening_is_vain(side, UM_TLS_TYPE_HANDSHAKE));
        sides_add_secret(&sides, UM_SECRET_MASTER, 7, 48);
        assert_false(um_opening_is_vain(side, UM_TLS_TYPE_DATA));
        sides_end(&sides);
    }
}

/* Secrets of other connections, or of another run. */
static void
records_that_never_open_end_in_an_opaque_direction_without_failures(void **state)
{
    (void)state;
    struct sides sides;
    const struct um_tls_side *side = choose(&sides, UM_TLS_VERSION_12, GCM_12);
    sides_add_secret(&sides, UM_SECRET_MASTER, 7, 48);
    take(&sides, 1, UM_TLS_TYPE_CHANGE, "\1", 0);
    for (int i = 0; i < UM_TLS_UNVERIFIED_MAX; i++) {
        assert_false(side->is_opaque);
        take(&sides, 1, UM_TLS_TYPE_DATA, "sealed", 40);
    }
    assert_true(side->is_opaque);
    assert_int_equal(sides.tls->info.failures, 0);
    sides_assert_told(&sides, "");
    sides_end(&sides);
}

static void
record_that_does_not_open_among_others_is_a_failure_with_its_frame(void **state)
{
    (void)state;
    struct sides sides;
    struct um_tls_side *side = choose(&sides, UM_TLS_VERSION_12, GCM_12);
    sides_add_secret(&sides, UM_SECRET_MASTER, 7, 48);
    take(&sides, 1, UM_TLS_TYPE_CHANGE, "\1", 0);
    side->is_verified = true; /* others were opened */
    take(&sides, 1, UM_TLS_TYPE_DATA, "damaged", 40);
    assert_int_equal(sides.tls->info.failures, 1);
    assert_int_equal(sides.tls->info.failed_frames.at[0], 3);
    assert_int_equal(side->loss.records, 1);
    sides_end(&sides);
}

/* On its way when the server refused it: no damage, and no part of what the client said. */
static void
refused_early_data_that_still_comes_is_neither_lost_nor_a_failure(void **state)
{
    (void)state;
    struct sides sides;
    struct um_tls_side *client = choose(&sides, UM_TLS_VERSION_13, GCM_13) - 1;
    sides_add_secret(&sides, UM_SECRET_CLIENT_HANDSHAKE, 7, 32);
    sides.tls->early = UM_EARLY_REFUSED;
    assert_int_equal(um_epoch_begin(client, UM_EPOCH_HANDSHAKE), UM_OK);
    for (int i = 0; i < 2 * UM_TLS_UNVERIFIED_MAX; i++)
        take(&sides, 0, UM_TLS_TYPE_DATA, "early", 40);
    assert_false(client->is_opaque || sides.tls->info.is_protected);
    assert_int_equal(client->loss.bytes, 0);
    sides_end(&sides);
}

/* Where the place is lost, only what authenticates gives it back. */
static void
place_is_not_found_at_a_record_that_does_not_open(void **state)
{
    (void)state;
    struct sides sides;
    struct wire wire;
    struct um_tls_side *side = choose(&sides, UM_TLS_VERSION_12, GCM_12);
    bool is_placed = true;
    sides_add_secret(&sides, UM_SECRET_MASTER, 7, 48);
    assert_int_equal(um_epoch_change_cipher(side), UM_OK);
    struct um_tls_arrival arrival = make(&wire, UM_TLS_TYPE_DATA, "not one", 40, 4);
    assert_int_equal(um_opening_try_place(side, &arrival, &is_placed), UM_OK);
    assert_false(is_placed);
    assert_int_equal(side->loss.bytes, 0); /* whoever looks on counts what is passed over */
    sides_end(&sides);
}

/*
 * Behind very many missing records not all numbers are tried. Once nothing told of it, and what
 * followed was missing without a word.
 */
static void
record_for_which_not_all_numbers_were_tried_is_a_failure(void **state)
{
    (void)state;
    struct sides sides;
    struct wire wire;
    struct um_tls_side *side = choose(&sides, UM_TLS_VERSION_12, GCM_12);
    const struct um_mark mark = {.frame = 1};
    bool is_placed;
    sides_add_secret(&sides, UM_SECRET_MASTER, 7, 48);
    assert_int_equal(um_epoch_change_cipher(side), UM_OK);
    struct um_tls_arrival arrival = make(&wire, UM_TLS_TYPE_DATA, "", 64, 4);
    side->is_verified = true;
    um_side_lose(side, 1000, 100, UM_GAP_LOST, &mark);
    side->tls->search_left = 1000 * arrival.record.body.len;
    assert_int_equal(um_opening_try_place(side, &arrival, &is_placed), UM_OK);
    assert_false(is_placed);
    assert_int_equal(sides.tls->info.failures, 0); /* all numbers were tried: it is no record */
    side->tls->search_left = 100 * arrival.record.body.len;
    assert_int_equal(um_opening_try_place(side, &arrival, &is_placed), UM_OK);
    assert_false(is_placed);
    assert_int_equal(sides.tls->info.failures, 1);
    assert_int_equal(sides.tls->info.failed_frames.at[0], 4);
    assert_int_equal(side->tls->search_left, 50 * arrival.record.body.len);
    sides_end(&sides);
}

static void
place_is_found_at_a_clear_record_that_says_the_right_version(void **state)
{
    (void)state;
    struct sides sides;
    struct wire wire;
    bool is_placed;
    for (int wrong = 0; wrong < 2; wrong++) {
        struct um_tls_side *side = choose(&sides, UM_TLS_VERSION_12, NULL_SHA256);
        const struct um_mark mark = {.frame = 1};
        assert_int_equal(um_epoch_change_cipher(side), UM_OK);
        side->is_verified = true; /* others were read before */
        um_side_lose(side, 137, 1, UM_GAP_LOST, &mark);
        struct um_tls_arrival arrival = make(&wire, UM_TLS_TYPE_DATA, "HTTP", MAC_BYTES, 4);
        arrival.record.version -= (uint16_t)wrong;
        assert_int_equal(um_opening_try_place(side, &arrival, &is_placed), UM_OK);
        assert_int_equal(is_placed, !wrong);
        sides_assert_told(&sides, wrong ? "" : "1:[100] 1:HTTP ");
        sides_end(&sides);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(data_in_the_clear_loses_its_mac_and_goes_on),
        cmocka_unit_test(data_without_a_change_of_keys_before_it_is_protected_all_the_same),
        cmocka_unit_test(data_before_any_hello_is_told_as_protected_and_not_handed_on),
        cmocka_unit_test(heartbeat_says_nothing),
        cmocka_unit_test(change_of_keys_says_nothing_in_tls_13),
        cmocka_unit_test(sealed_alert_without_keys_is_not_told_as_what_its_ciphertext_looks_like),
        cmocka_unit_test(what_is_lost_of_a_clear_handshake_is_missed_by_nobody),
        cmocka_unit_test(direction_that_waits_too_long_for_its_secret_is_opaque),
        cmocka_unit_test(record_whose_secret_is_not_at_hand_has_nothing_to_be_looked_at),
        cmocka_unit_test(records_that_never_open_end_in_an_opaque_direction_without_failures),
        cmocka_unit_test(record_that_does_not_open_among_others_is_a_failure_with_its_frame),
        cmocka_unit_test(refused_early_data_that_still_comes_is_neither_lost_nor_a_failure),
        cmocka_unit_test(place_is_not_found_at_a_record_that_does_not_open),
        cmocka_unit_test(record_for_which_not_all_numbers_were_tried_is_a_failure),
        cmocka_unit_test(place_is_found_at_a_clear_record_that_says_the_right_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
