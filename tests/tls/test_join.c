/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who looks in when the peers have been talking for a while. */
#include "offline/tls/join.h"

#include <openssl/ssl.h>
#include <stdio.h>

#include "tests/support/support.h"
#include "tests/tls/reader.h"

static void
talk(int version, const char *suite, bool updates_keys, struct peers *peers)
{
    const struct peers_plan plan = {
        .version = version, .suite = suite, .key_updates = updates_keys ? 1 : 0};
    peers_talk(peers_shared, &plan, peers);
}

/* Secrets of handshakes that nobody captured. */
static void
add_foreign(struct reader *reader, unsigned count, size_t len)
{
    uint8_t id[UM_SECRET_ID_MAX] = {0}, secret[UM_SECRET_MAX] = {0};
    for (unsigned i = 0; i < count; i++) {
        memcpy(id, &i, sizeof i);
        memcpy(secret, &i, sizeof i);
        for (enum um_secret_label label = UM_SECRET_CLIENT_HANDSHAKE;
             label <= UM_SECRET_SERVER_APPLICATION; label++)
            assert_int_equal(um_secrets_add(reader->secrets, label, um_span_of(id, sizeof id),
                                            um_span_of(secret, len)),
                             UM_OK);
    }
}

static void
feed_from(struct reader *reader, const struct peers *peers, size_t first,
          const struct reader_hole *hole)
{
    for (size_t n = first; n < peers->piece_count; n++)
        assert_int_equal(reader_feed_piece(reader, peers, &peers->pieces[n], 1460, hole, n + 1),
                         UM_OK);
}

/* The first packet behind so many bytes of the server's. */
static size_t
piece_behind(const struct peers *peers, size_t bytes)
{
    size_t n = 0;
    while (peers->pieces[n].side != 1 || peers->pieces[n].at < bytes)
        n++;
    return n;
}

static void
assert_end_read(const struct reader *reader, const struct peers *peers, int side)
{
    struct um_span said = um_buf_span(&peers->clear[side]);
    struct um_span got = um_buf_span(&reader->seen[side].clear);
    assert_true(got.len > 0 && got.len < said.len);
    assert_span_equal(got, um_span_from(said, said.len - got.len));
    assert_int_equal(reader->seen[side].gaps, 0);
}

static void
assert_all_read(const struct reader *reader, const struct peers *peers)
{
    for (int side = 0; side < 2; side++) {
        assert_span_equal(um_buf_span(&reader->seen[side].clear), um_buf_span(&peers->clear[side]));
        assert_int_equal(reader->seen[side].gaps, 0);
    }
}

static void
from_the_middle_on_it_is_read_with_one_of_many_secrets(void **state)
{
    (void)state;
    static const char *const suites[] = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                                         "TLS_CHACHA20_POLY1305_SHA256"};
    for (size_t i = 0; i < sizeof suites / sizeof *suites; i++) {
        struct peers peers;
        struct reader reader;
        talk(TLS1_3_VERSION, suites[i], false, &peers);
        reader_open(&reader, um_buf_span(&peers.keylog));
        add_foreign(&reader, 10, 32);
        add_foreign(&reader, 10, 48);
        feed_from(&reader, &peers, piece_behind(&peers, peers.handshake_bytes[1] + 100), NULL);
        assert_end_read(&reader, &peers, 0);
        assert_end_read(&reader, &peers, 1);
        struct um_tls_info info = um_tls_info(reader.tls);
        assert_true(info.is_read && !info.is_unread && !info.is_protected);
        assert_int_equal(info.client, 0);
        assert_int_equal(info.version, UM_TLS_VERSION_13);
        assert_string_equal(info.suite_name, suites[i]);
        assert_int_equal(info.client_randoms.len, UM_TLS_RANDOM_BYTES);
        assert_true(
            um_secrets_find(reader.secrets, UM_SECRET_CLIENT_APPLICATION, info.client_randoms).len >
            0);
        reader_done(&reader);
        peers_done(&peers);
    }
}

static void
keys_are_updated_afterwards(void **state)
{
    (void)state;
    struct peers peers;
    struct reader reader;
    talk(TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", true, &peers);
    reader_open(&reader, um_buf_span(&peers.keylog));
    feed_from(&reader, &peers, piece_behind(&peers, peers.handshake_bytes[1] + 1), NULL);
    assert_end_read(&reader, &peers, 0);
    assert_end_read(&reader, &peers, 1);
    reader_done(&reader);
    peers_done(&peers);
}

/* Nothing wrong is told either. */
static void
behind_an_update_of_keys_no_secret_fits(void **state)
{
    (void)state;
    struct peers peers;
    struct reader reader;
    talk(TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", true, &peers);
    reader_open(&reader, um_buf_span(&peers.keylog));
    feed_from(&reader, &peers, piece_behind(&peers, peers.wire[1].len - 10000), NULL);
    assert_int_equal(reader.seen[0].clear.len + reader.seen[1].clear.len, 0);
    assert_true(um_tls_info(reader.tls).is_protected && !um_tls_info(reader.tls).is_read);
    reader_done(&reader);
    peers_done(&peers);
}

/* A lost ServerHello used to make all of a connection unreadable. */
static void
a_hole_in_place_of_the_server_hello_loses_nothing_that_was_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < PEERS_MATRIX_COUNT; i++) {
        struct peers peers;
        struct reader reader;
        if (peers_matrix[i].version != TLS1_3_VERSION)
            continue;
        talk(TLS1_3_VERSION, peers_matrix[i].suite, false, &peers);
        size_t hello;
        assert_int_equal(um_tls_record_length(um_buf_span(&peers.wire[1]), &hello), UM_DONE);
        struct reader_hole hole = {.side = 1, .from = 0, .to = hello};
        reader_open(&reader, um_buf_span(&peers.keylog));
        feed_from(&reader, &peers, 0, &hole);
        assert_all_read(&reader, &peers);
        assert_string_equal(um_tls_info(reader.tls).suite_name, peers_matrix[i].suite);
        reader_done(&reader);
        peers_done(&peers);
    }
}

static void
without_the_client_hello_the_handshake_is_joined(void **state)
{
    (void)state;
    struct peers peers;
    struct reader reader;
    talk(TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384", false, &peers);
    reader_open(&reader, um_buf_span(&peers.keylog));
    feed_from(&reader, &peers, 1, NULL);
    assert_all_read(&reader, &peers);
    reader_done(&reader);
    peers_done(&peers);
}

/* The server's side may never have been captured. */
static void
one_direction_is_read_by_itself(void **state)
{
    (void)state;
    struct peers peers;
    struct reader reader;
    talk(TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", false, &peers);
    reader_open(&reader, um_buf_span(&peers.keylog));
    for (size_t n = 0; n < peers.piece_count; n++) {
        if (peers.pieces[n].side == 0)
            assert_int_equal(
                reader_feed_piece(&reader, &peers, &peers.pieces[n], 1460, NULL, n + 1), UM_OK);
    }
    assert_span_equal(um_buf_span(&reader.seen[0].clear), um_buf_span(&peers.clear[0]));
    reader_done(&reader);
    peers_done(&peers);
}

/* The client's side of the handshake may come first, where the server's has a hole that is filled
 * late: its keys must not begin anew with the ServerHello. */
static void
a_server_hello_that_comes_late_changes_nothing(void **state)
{
    (void)state;
    struct peers peers;
    struct reader reader;
    talk(TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", false, &peers);
    reader_open(&reader, um_buf_span(&peers.keylog));
    for (int side = 0; side < 2; side++) {
        for (size_t n = 0; n < peers.piece_count; n++) {
            if (peers.pieces[n].side == side)
                assert_int_equal(
                    reader_feed_piece(&reader, &peers, &peers.pieces[n], 1460, NULL, n + 1), UM_OK);
        }
    }
    assert_all_read(&reader, &peers);
    reader_done(&reader);
    peers_done(&peers);
}

/* The directions may be out of step: the session was once begun anew, and the server's lost. */
static void
a_client_hello_that_comes_late_changes_nothing(void **state)
{
    (void)state;
    struct peers peers;
    talk(TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", false, &peers);
    for (int records = 1; records < 6; records++) {
        struct reader reader;
        size_t at = 0, len = 0;
        for (int i = 0; i < records; i++, at += len)
            assert_int_equal(
                um_tls_record_length(um_span_from(um_buf_span(&peers.wire[1]), at), &len), UM_DONE);
        struct peers_piece first = {.side = 1, .at = 0, .len = at};
        struct peers_piece rest = peers.pieces[1];
        rest.at += at;
        rest.len -= at;
        assert_true(peers.pieces[1].side == 1 && peers.pieces[1].len > at);
        reader_open(&reader, um_buf_span(&peers.keylog));
        const struct peers_piece *in_turn[] = {&first, &peers.pieces[0], &rest};
        for (size_t n = 0; n < 3; n++)
            assert_int_equal(reader_feed_piece(&reader, &peers, in_turn[n], 1460, NULL, n + 1),
                             UM_OK);
        feed_from(&reader, &peers, 2, NULL);
        assert_all_read(&reader, &peers);
        assert_false(um_tls_info(reader.tls).is_late);
        reader_done(&reader);
    }
    peers_done(&peers);
}

/* Its keys come from both hellos. */
static void
tls_12_cannot_be_joined(void **state)
{
    (void)state;
    struct peers peers;
    struct reader reader;
    talk(TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", false, &peers);
    reader_open(&reader, um_buf_span(&peers.keylog));
    add_foreign(&reader, 10, 32);
    feed_from(&reader, &peers, piece_behind(&peers, peers.handshake_bytes[1]), NULL);
    assert_int_equal(reader.seen[0].clear.len + reader.seen[1].clear.len, 0);
    assert_true(um_tls_info(reader.tls).is_protected);
    assert_false(um_tls_info(reader.tls).is_tried_in_part);
    reader_done(&reader);
    peers_done(&peers);
}

/* The ServerHello tells the version, without which all secrets would have been tried in vain. */
static void
nothing_is_tried_on_another_version(void **state)
{
    (void)state;
    struct peers peers;
    struct reader reader;
    talk(TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", false, &peers);
    reader_open(&reader, um_span_of(NULL, 0));
    add_foreign(&reader, 10, 32);
    uint64_t left = um_secrets_tries_left(reader.secrets);
    feed_from(&reader, &peers, 1, NULL);
    assert_int_equal(um_secrets_tries_left(reader.secrets), left);
    assert_true(um_tls_info(reader.tls).is_protected);
    reader_done(&reader);
    peers_done(&peers);
}

/* Connections that no secret fits leave something for those behind them. */
static void
a_connection_takes_a_part_of_what_a_run_can_afford(void **state)
{
    (void)state;
    struct peers peers;
    struct reader reader;
    talk(TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", false, &peers);
    reader_open(&reader, um_span_of(NULL, 0));
    add_foreign(&reader, 3000, 32);
    uint64_t all = um_secrets_tries_left(reader.secrets);
    size_t middle = piece_behind(&peers, peers.handshake_bytes[1]);
    feed_from(&reader, &peers, middle, NULL);
    uint64_t left = um_secrets_tries_left(reader.secrets);
    assert_true(left < all && left >= all / 2);
    assert_true(um_tls_info(reader.tls).is_tried_in_part);
    assert_int_equal(reader_keys(&reader, um_buf_span(&peers.keylog)), UM_OK);
    assert_int_equal(reader_connect(&reader), UM_OK);
    feed_from(&reader, &peers, middle, NULL); /* the latest secrets are tried first */
    assert_true(reader.seen[0].clear.len > 0 && reader.seen[1].clear.len > 0);
    assert_false(um_tls_info(reader.tls).is_tried_in_part);
    reader_done(&reader);
    peers_done(&peers);
}

static void
nothing_is_tried_when_a_run_can_afford_no_more(void **state)
{
    (void)state;
    struct peers peers;
    struct reader reader;
    talk(TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", false, &peers);
    reader_open(&reader, um_buf_span(&peers.keylog));
    assert_true(um_secrets_spend(reader.secrets, um_secrets_tries_left(reader.secrets), 0));
    feed_from(&reader, &peers, piece_behind(&peers, peers.handshake_bytes[1]), NULL);
    assert_int_equal(reader.seen[0].clear.len + reader.seen[1].clear.len, 0);
    assert_true(um_tls_info(reader.tls).is_protected);
    assert_true(um_tls_info(reader.tls).is_tried_in_part);
    reader_done(&reader);
    peers_done(&peers);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_the_middle_on_it_is_read_with_one_of_many_secrets),
        cmocka_unit_test(keys_are_updated_afterwards),
        cmocka_unit_test(behind_an_update_of_keys_no_secret_fits),
        cmocka_unit_test(a_hole_in_place_of_the_server_hello_loses_nothing_that_was_said),
        cmocka_unit_test(without_the_client_hello_the_handshake_is_joined),
        cmocka_unit_test(one_direction_is_read_by_itself),
        cmocka_unit_test(a_server_hello_that_comes_late_changes_nothing),
        cmocka_unit_test(a_client_hello_that_comes_late_changes_nothing),
        cmocka_unit_test(tls_12_cannot_be_joined),
        cmocka_unit_test(nothing_is_tried_on_another_version),
        cmocka_unit_test(a_connection_takes_a_part_of_what_a_run_can_afford),
        cmocka_unit_test(nothing_is_tried_when_a_run_can_afford_no_more),
    };
    return cmocka_run_group_tests(tests, peers_set_up, peers_tear_down);
}
