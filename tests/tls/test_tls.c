/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What real peers said to each other, read back out of their ciphertext. */
#include "offline/tls/tls.h"

#include "offline/tls/keylog.h"
#include "offline/tls/keys.h"
#include "offline/tls/side.h"
#include "tests/support/support.h"
#include "tests/tls/reader.h"

/* Talk, then read with the key log. */
static void
check(const struct peers_plan *plan, size_t step)
{
    struct peers peers;
    struct reader reader;
    peers_talk(peers_shared, plan, &peers);
    reader_open(&reader, um_buf_span(&peers.keylog));
    assert_int_equal(reader_feed(&reader, &peers, step, NULL), UM_OK);
    reader_assert_read(&reader, &peers);
    reader_done(&reader);
    peers_done(&peers);
}

static void
every_version_and_suite_is_read_with_a_key_log(void **state)
{
    (void)state;
    for (size_t i = 0; i < PEERS_MATRIX_COUNT; i++) {
        check(&(struct peers_plan){.version = peers_matrix[i].version,
                                   .suite = peers_matrix[i].suite},
              1460);
        check(&(struct peers_plan){.version = peers_matrix[i].version,
                                   .suite = peers_matrix[i].suite},
              SIZE_MAX);
    }
}

static void
byte_by_byte_gives_the_same_as_whole(void **state)
{
    (void)state;
    check(&(struct peers_plan){.version = TLS1_VERSION, .suite = "AES128-SHA"}, 1);
    check(&(struct peers_plan){.version = TLS1_2_VERSION, .suite = "AES128-GCM-SHA256"}, 1);
    check(&(struct peers_plan){.version = TLS1_3_VERSION, .suite = "TLS_AES_128_GCM_SHA256"}, 1);
}

/* Reads a conversation; behind each piece of what the server says that comes, `unwanted` bytes are
 * of no use. */
static void
read_unwanted(struct reader *reader, const struct peers *peers, size_t step, int unwanted)
{
    reader_open(reader, um_buf_span(&peers->keylog));
    reader->seen[1].unwanted = unwanted;
    reader->seen[1].said = um_buf_span(&peers->clear[1]);
    assert_int_equal(reader_feed(reader, peers, step, NULL), UM_OK);
    assert_int_equal(reader->seen[1].ends, 1);
}

static void
bytes_of_no_use_are_left_out_and_counted(void **state)
{
    (void)state;
    static const size_t steps[] = {1460, SIZE_MAX};
    static const int unwanted[] = {1, 3000, 100000}; /* less than a record, and more than all */
    for (size_t i = 0; i < PEERS_MATRIX_COUNT; i++) {
        const struct peers_plan plan = {.version = peers_matrix[i].version,
                                        .suite = peers_matrix[i].suite};
        struct peers peers;
        peers_talk(peers_shared, &plan, &peers);
        for (size_t k = 0; k < 6; k++) {
            struct reader reader;
            read_unwanted(&reader, &peers, steps[k % 2], unwanted[k / 2]);
            const struct reader_seen *seen = &reader.seen[1];
            assert_int_equal(seen->gaps, 0);
            assert_int_equal(seen->clear.len + seen->passed, peers.clear[1].len);
            if (k / 2 == 2)
                assert_int_equal(seen->clear.len, 1);
            assert_int_equal(um_tls_info(reader.tls).failures, 0);
            reader_done(&reader);
        }
        peers_done(&peers);
    }
}

/* Of GCM parts of a record are left out; other records are, or come, as a whole. */
static void
of_a_long_record_only_what_is_of_use_comes(void **state)
{
    (void)state;
    static const char *const suites[] = {"AES128-GCM-SHA256", "TLS_AES_256_GCM_SHA384"};
    for (size_t i = 0; i < 2; i++) {
        const struct peers_plan plan = {.version = i == 0 ? TLS1_2_VERSION : TLS1_3_VERSION,
                                        .suite = suites[i]};
        struct peers peers;
        struct reader reader;
        peers_talk(peers_shared, &plan, &peers);
        read_unwanted(&reader, &peers, 1460, 12000);
        assert_in_range(reader.seen[1].clear.len, 1, 3 * 4096);
        assert_false(reader.tls->sides[1].wants_all);
        reader_done(&reader);
        read_unwanted(&reader, &peers, 1460, 0);
        assert_true(reader.tls->sides[1].wants_all); /* the next ones would be opened in one go */
        reader_done(&reader);
        peers_done(&peers);
    }
}

/* Nobody opened it, and still it is told that it was damaged: the third of three full ones. */
static void
a_damaged_record_of_no_use_is_told(void **state)
{
    (void)state;
    static const char *const suites[] = {"AES128-GCM-SHA256", "AES256-GCM-SHA384"};
    for (size_t i = 0; i < 2; i++) {
        const struct peers_plan plan = {.version = TLS1_2_VERSION, .suite = suites[i]};
        const size_t full = 5 + 8 + 16384 + 16, last = 5 + 8 + 7232 + 16;
        const size_t behind = last + 2 * (5 + 8 + 16) + 77 + 5 + 5 + 8 + 2 + 16;
        struct peers peers;
        struct reader reader;
        peers_talk(peers_shared, &plan, &peers);
        peers.wire[1].data[peers.wire[1].len - behind - full / 2] ^= 1;
        read_unwanted(&reader, &peers, 1460, 100000);
        assert_int_equal(reader.seen[1].gap_bytes, 16384);
        assert_int_equal(um_tls_info(reader.tls).failures, 1);
        assert_int_equal(reader.seen[1].clear.len + reader.seen[1].passed + 16384,
                         peers.clear[1].len);
        reader_done(&reader);
        peers_done(&peers);
    }
}

static void
cbc_is_read_with_the_mac_inside_too(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION};
    for (size_t i = 0; i < 3; i++)
        check(&(struct peers_plan){.version = versions[i],
                                   .suite = "ECDHE-RSA-AES128-SHA",
                                   .options = SSL_OP_NO_ENCRYPT_THEN_MAC},
              1460);
}

static void
renegotiation_and_key_update_are_followed(void **state)
{
    (void)state;
    check(&(struct peers_plan){.version = TLS1_2_VERSION,
                               .suite = "ECDHE-RSA-AES128-GCM-SHA256",
                               .renegotiates = true},
          1460);
    check(&(struct peers_plan){.version = TLS1_VERSION,
                               .suite = "ECDHE-RSA-AES128-SHA",
                               .renegotiates = true},
          1460);
    check(&(struct peers_plan){.version = TLS1_3_VERSION,
                               .suite = "TLS_AES_256_GCM_SHA384",
                               .key_updates = 1},
          1460);
}

/* One step was tried, and behind two updates in a hole all the rest of a direction was lost. */
static void
several_key_updates_in_one_hole_are_found(void **state)
{
    (void)state;
    static const char *const suites[] = {"TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"};
    enum { LAST = 5, LAST_RECORD = 5 + LAST + 1 + 16 };
    for (size_t i = 0; i < 2; i++) {
        struct peers peers;
        peers_talk(
            peers_shared,
            &(struct peers_plan){.version = TLS1_3_VERSION, .suite = suites[i], .key_updates = 4},
            &peers);
        size_t end = 0;
        for (size_t n = 0; n < peers.piece_count; n++) {
            const struct peers_piece *piece = &peers.pieces[n];
            end = piece->side == 1 ? piece->at + piece->len : end;
        }
        for (size_t n = 0; n < peers.piece_count; n++) {
            struct reader reader;
            struct reader_hole hole = {
                .side = 1, .from = peers.pieces[n].at, .to = end - LAST_RECORD};
            if (peers.pieces[n].side == 0 || hole.from < peers.handshake_bytes[1] ||
                hole.from >= hole.to)
                continue;
            reader_open(&reader, um_buf_span(&peers.keylog));
            assert_int_equal(reader_feed(&reader, &peers, 1460, &hole), UM_OK);
            const struct reader_seen *seen = &reader.seen[1];
            struct um_span clear = um_buf_span(&seen->clear), said = um_buf_span(&peers.clear[1]);
            assert_int_equal(seen->gaps, 1);
            assert_int_equal(clear.len, seen->gap_at + LAST);
            assert_span_equal(um_span_from(clear, seen->gap_at),
                              um_span_from(said, said.len - LAST));
            reader_done(&reader);
        }
        peers_done(&peers);
    }
}

static void
more_key_updates_in_one_hole_than_are_tried_leave_the_rest_lost(void **state)
{
    (void)state;
    struct peers peers;
    struct reader reader;
    peers_talk(peers_shared,
               &(struct peers_plan){
                   .version = TLS1_3_VERSION, .suite = "TLS_AES_128_GCM_SHA256", .key_updates = 5},
               &peers);
    struct reader_hole hole = {
        .side = 1, .from = peers.handshake_bytes[1], .to = peers.wire[1].len - 27};
    reader_open(&reader, um_buf_span(&peers.keylog));
    assert_int_equal(reader_feed(&reader, &peers, 1460, &hole), UM_OK);
    assert_int_equal(reader.seen[1].clear.len, 0);
    assert_span_equal(um_buf_span(&reader.seen[0].clear), um_buf_span(&peers.clear[0]));
    reader_done(&reader);
    peers_done(&peers);
}

static void
a_hello_retry_request_does_no_harm(void **state)
{
    (void)state;
    check(&(struct peers_plan){.version = TLS1_3_VERSION,
                               .suite = "TLS_AES_128_GCM_SHA256",
                               .other_group = true},
          1460);
}

/* With the server's private key alone. */
static void
check_rsa(const struct peers_plan *plan, struct um_span file, const char *password)
{
    struct peers peers;
    struct reader reader;
    struct um_rsa *rsa;
    peers_talk(peers_shared, plan, &peers);
    assert_int_equal(reader_init(&reader), UM_OK);
    assert_int_equal(um_rsa_next(&file, password, &rsa), UM_OK);
    assert_int_equal(um_secrets_add_rsa(reader.secrets, rsa), UM_OK);
    assert_int_equal(reader_connect(&reader), UM_OK);
    assert_int_equal(reader_feed(&reader, &peers, 1460, NULL), UM_OK);
    reader_assert_read(&reader, &peers);

    /* the session resumed, of which the key sees no premaster secret */
    struct peers_plan again = *plan;
    struct peers resumed;
    again.resume = peers.session;
    peers_talk(peers_shared, &again, &resumed);
    if (resumed.was_resumed) {
        assert_int_equal(reader_connect(&reader), UM_OK);
        assert_int_equal(reader_feed(&reader, &resumed, 1460, NULL), UM_OK);
        reader_assert_read(&reader, &resumed);
    }
    assert_true(resumed.was_resumed || plan->options & SSL_OP_NO_TICKET);
    peers_done(&resumed);
    reader_done(&reader);
    peers_done(&peers);
}

static void
the_servers_rsa_key_reads_rsa_key_exchanges_and_their_resumptions(void **state)
{
    (void)state;
    static const int versions[] = {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION};
    static const uint64_t options[] = {0, SSL_OP_NO_EXTENDED_MASTER_SECRET, SSL_OP_NO_TICKET};
    struct um_buf pem = peers_server_pem(peers_shared);
    for (size_t i = 0; i < 3; i++) {
        for (size_t k = 0; k < 3; k++)
            check_rsa(&(struct peers_plan){.version = versions[i],
                                           .suite = "AES128-SHA",
                                           .options = options[k]},
                      um_buf_span(&pem), NULL);
    }
    check_rsa(&(struct peers_plan){.version = TLS1_2_VERSION, .suite = "AES256-GCM-SHA384"},
              um_buf_span(&pem), NULL);
    um_buf_done(&pem);
    struct um_buf pack = peers_server_pack(peers_shared, "secret");
    check_rsa(&(struct peers_plan){.version = TLS1_2_VERSION, .suite = "AES128-SHA256"},
              um_buf_span(&pack), "secret");
    um_buf_done(&pack);
}

static int
append_line(void *ctx, struct um_span line)
{
    return um_buf_append(ctx, line);
}

/* The lines that a reader tells of its last connection, as a key log for another. */
static struct um_buf
lines_of(const struct reader *reader)
{
    struct um_buf lines = {0};
    struct um_span randoms = um_tls_info(reader->tls).client_randoms;
    assert_true(randoms.len > 0 && randoms.len % UM_TLS_RANDOM_BYTES == 0);
    for (size_t at = 0; at < randoms.len; at += UM_TLS_RANDOM_BYTES)
        assert_int_equal(um_keylog_lines(reader->secrets,
                                         um_span_of(randoms.data + at, UM_TLS_RANDOM_BYTES),
                                         append_line, &lines),
                         UM_OK);
    return lines;
}

/* What --tls-key or a key log opened, the lines told of it open as well. */
static void
check_lines(const struct peers_plan *plan, bool by_private_key)
{
    struct peers peers;
    struct reader first, second;
    peers_talk(peers_shared, plan, &peers);
    assert_int_equal(reader_init(&first), UM_OK);
    if (by_private_key) {
        struct um_buf pem = peers_server_pem(peers_shared);
        struct um_span file = um_buf_span(&pem);
        struct um_rsa *rsa;
        assert_int_equal(um_rsa_next(&file, NULL, &rsa), UM_OK);
        assert_int_equal(um_secrets_add_rsa(first.secrets, rsa), UM_OK);
        um_buf_done(&pem);
    } else {
        assert_int_equal(reader_keys(&first, um_buf_span(&peers.keylog)), UM_OK);
    }
    assert_int_equal(reader_connect(&first), UM_OK);
    assert_int_equal(reader_feed(&first, &peers, 1460, NULL), UM_OK);
    struct um_buf lines = lines_of(&first);
    assert_int_equal(reader_init(&second), UM_OK);
    assert_int_equal(reader_keys(&second, um_buf_span(&lines)), UM_OK);
    assert_int_equal(reader_connect(&second), UM_OK);
    assert_int_equal(reader_feed(&second, &peers, 1460, NULL), UM_OK);
    reader_assert_read(&second, &peers);
    um_buf_done(&lines);
    reader_done(&first);
    reader_done(&second);
    peers_done(&peers);
}

static void
the_lines_told_of_a_connection_read_it_again(void **state)
{
    (void)state;
    check_lines(&(struct peers_plan){.version = TLS1_2_VERSION, .suite = "AES128-SHA"}, true);
    check_lines(&(struct peers_plan){.version = TLS1_2_VERSION,
                                     .suite = "AES128-GCM-SHA256",
                                     .renegotiates = true},
                true);
    check_lines(&(struct peers_plan){.version = TLS1_VERSION, .suite = "ECDHE-RSA-AES128-SHA"},
                false);
    check_lines(&(struct peers_plan){.version = TLS1_3_VERSION, .suite = "TLS_AES_128_GCM_SHA256"},
                false);
}

static void
early_data_and_resumption_are_read_in_tls13(void **state)
{
    (void)state;
    static const char *const suites[] = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"};
    for (size_t i = 0; i < 2; i++) {
        struct peers first;
        struct peers_plan plan = {.version = TLS1_3_VERSION, .suite = suites[i]};
        plan.options = SSL_OP_NO_ANTI_REPLAY;
        peers_talk(peers_shared, &plan, &first);
        plan.resume = first.session;
        check(&plan, 1460);
        plan.sends_early = true;
        check(&plan, 1460);
        check(&plan, 1);
        peers_done(&first);
    }
}

/* Refused early data used to be handed on as if the server had read it. */
static void
early_data_that_the_server_refused_is_no_part_of_what_was_said(void **state)
{
    (void)state;
    struct peers first;
    struct peers_plan plan = {.version = TLS1_3_VERSION, .suite = "TLS_AES_128_GCM_SHA256"};
    plan.options = SSL_OP_NO_ANTI_REPLAY;
    peers_talk(peers_shared, &plan, &first);
    plan.resume = first.session;
    plan.sends_early = plan.refuses_early = true;
    check(&plan, 1460);
    check(&plan, 1);
    plan.refuses_early = false;
    plan.other_group = true; /* a HelloRetryRequest */
    check(&plan, 1460);
    check(&plan, 1);
    peers_done(&first);
}

/* Opens a reader with the secrets of the peers, but those whose label begins like this. */
static void
open_without(struct reader *reader, const struct peers *peers, const char *label)
{
    assert_int_equal(reader_init(reader), UM_OK);
    struct um_span rest = um_buf_span(&peers->keylog);
    while (rest.len > 0) {
        struct um_span line = um_span_first(rest, um_span_find(rest, '\n') + 1);
        rest = um_span_from(rest, line.len);
        if (!um_span_starts(line, um_span_text(label)))
            assert_int_equal(reader_keys(reader, line), UM_OK);
    }
    assert_int_equal(reader_connect(reader), UM_OK);
}

/* Two peers of whom the client sends early data. */
static void
talk_early(struct peers *peers, bool refuses_early)
{
    struct peers first;
    struct peers_plan plan = {.version = TLS1_3_VERSION, .suite = "TLS_AES_128_GCM_SHA256"};
    plan.options = SSL_OP_NO_ANTI_REPLAY;
    peers_talk(peers_shared, &plan, &first);
    plan.resume = first.session;
    plan.sends_early = true;
    plan.refuses_early = refuses_early;
    peers_talk(peers_shared, &plan, peers);
    peers_done(&first);
}

static size_t
first_record_bytes(const struct peers *peers, int side)
{
    const uint8_t *wire = peers->wire[side].data;
    return 5 + ((size_t)wire[3] << 8 | wire[4]);
}

/* As where the server's first packet is captured before the client's second one. */
static void
feed_server_first(struct reader *reader, const struct peers *peers)
{
    size_t hello = first_record_bytes(peers, 0), n = 0;
    struct peers_piece first = {.side = 0, .at = 0, .len = hello}, late = {.side = 0, .at = hello};
    for (; n < peers->piece_count && peers->pieces[n].side == 0; n++)
        late.len += peers->pieces[n].len;
    late.len -= hello;
    assert_int_equal(reader_feed_piece(reader, peers, &first, 1460, NULL, 1), UM_OK);
    assert_int_equal(reader_feed_piece(reader, peers, &peers->pieces[n], 1460, NULL, 2), UM_OK);
    assert_int_equal(reader_feed_piece(reader, peers, &late, 1460, NULL, 3), UM_OK);
    for (n++; n < peers->piece_count; n++)
        assert_int_equal(reader_feed_piece(reader, peers, &peers->pieces[n], 1460, NULL, 4), UM_OK);
}

static void
feed_in_order(struct reader *reader, const struct peers *peers, bool is_server_first)
{
    if (is_server_first)
        feed_server_first(reader, peers);
    else
        assert_int_equal(reader_feed(reader, peers, 1460, NULL), UM_OK);
}

/* The keys after it were tried on it, and it was lost. */
static void
early_data_behind_what_the_server_said_is_read(void **state)
{
    (void)state;
    for (int is_refused = 0; is_refused < 2; is_refused++) {
        struct peers peers;
        struct reader reader;
        talk_early(&peers, is_refused);
        reader_open(&reader, um_buf_span(&peers.keylog));
        feed_server_first(&reader, &peers);
        assert_span_equal(um_buf_span(&reader.seen[0].clear), um_buf_span(&peers.clear[0]));
        assert_int_equal(reader.seen[0].gaps, 0);
        assert_false(um_tls_info(reader.tls).is_unread);
        reader_done(&reader);
        peers_done(&peers);
    }
}

/* What the client said in it was lost, and nothing was said of that. */
static void
accepted_early_data_without_its_secret_is_told_as_sealed(void **state)
{
    (void)state;
    for (int is_server_first = 0; is_server_first < 2; is_server_first++) {
        struct peers peers;
        struct reader reader;
        talk_early(&peers, false);
        open_without(&reader, &peers, "CLIENT_EARLY_TRAFFIC_SECRET");
        feed_in_order(&reader, &peers, is_server_first);
        const struct reader_seen *seen = &reader.seen[0];
        struct um_span said = um_buf_span(&peers.clear[0]);
        size_t lost = said.len - seen->clear.len;
        assert_span_equal(um_buf_span(&seen->clear), um_span_from(said, lost));
        assert_int_equal(seen->gaps, 1);
        assert_int_equal(seen->gap_at, 0);
        assert_int_equal(seen->gap_cause, UM_GAP_SEALED);
        assert_in_range(lost, 1, seen->gap_bytes);
        struct um_tls_info info = um_tls_info(reader.tls);
        assert_true(info.is_read && info.is_unread && info.is_protected);
        assert_int_equal(info.failures, 0);
        reader_done(&reader);
        peers_done(&peers);
    }
}

static void
refused_early_data_without_its_secret_is_missed_by_nobody(void **state)
{
    (void)state;
    for (int is_server_first = 0; is_server_first < 2; is_server_first++) {
        struct peers peers;
        struct reader reader;
        talk_early(&peers, true);
        open_without(&reader, &peers, "CLIENT_EARLY_TRAFFIC_SECRET");
        feed_in_order(&reader, &peers, is_server_first);
        assert_span_equal(um_buf_span(&reader.seen[0].clear), um_buf_span(&peers.clear[0]));
        assert_int_equal(reader.seen[0].gaps, 0);
        assert_false(um_tls_info(reader.tls).is_unread);
        reader_done(&reader);
        peers_done(&peers);
    }
}

/* Without the server's secrets only the client's own direction tells what became of it. */
static void
what_became_of_early_data_shows_without_the_servers_secrets(void **state)
{
    (void)state;
    for (int is_refused = 0; is_refused < 2; is_refused++) {
        struct peers peers;
        struct reader reader;
        talk_early(&peers, is_refused);
        open_without(&reader, &peers, "SERVER_");
        assert_int_equal(reader_feed(&reader, &peers, 1460, NULL), UM_OK);
        assert_span_equal(um_buf_span(&reader.seen[0].clear), um_buf_span(&peers.clear[0]));
        assert_int_equal(reader.seen[0].gaps, 0);
        reader_done(&reader);
        peers_done(&peers);
    }
}

static void
a_fatal_alert_of_the_handshake_is_told_without_secrets(void **state)
{
    (void)state;
    struct peers peers;
    struct reader reader;
    peers_quarrel(peers_shared, &peers);
    assert_int_equal(reader_init(&reader), UM_OK);
    assert_int_equal(reader_connect(&reader), UM_OK);
    assert_int_equal(reader_feed(&reader, &peers, 1, NULL), UM_OK);
    struct um_tls_alert alert = um_tls_info(reader.tls).alert;
    assert_true(alert.is_there && alert.in_handshake);
    assert_string_equal(um_tls_alert_text(alert.description), "protocol_version");
    assert_int_equal(alert.side, 1);
    assert_int_equal(alert.frame, 2);
    reader_done(&reader);
    peers_done(&peers);
}

static void
alerts_have_names_and_unknown_ones_say_so(void **state)
{
    (void)state;
    assert_string_equal(um_tls_alert_text(40), "handshake_failure");
    assert_string_equal(um_tls_alert_text(120), "no_application_protocol");
    assert_string_equal(um_tls_alert_text(0), "of unknown meaning");
    assert_string_equal(um_tls_alert_text(255), "of unknown meaning");
}

static void
wrong_secrets_give_no_byte_and_are_told(void **state)
{
    (void)state;
    for (size_t i = 5; i < PEERS_MATRIX_COUNT; i++) {
        struct peers peers;
        struct reader reader;
        if (i == 13) /* NULL ciphers need no key to be read, but one to be believed */
            continue;
        peers_talk(peers_shared,
                   &(struct peers_plan){.version = peers_matrix[i].version,
                                        .suite = peers_matrix[i].suite},
                   &peers);
        for (size_t k = 1; k + 1 < peers.keylog.len; k++) {
            if (peers.keylog.data[k + 1] == '\n')
                peers.keylog.data[k] = peers.keylog.data[k] == '0' ? '1' : '0';
        }
        reader_open(&reader, um_buf_span(&peers.keylog));
        assert_int_equal(reader_feed(&reader, &peers, 1460, NULL), UM_OK);
        struct um_tls_info info = um_tls_info(reader.tls);
        assert_true(info.has_secrets && info.is_protected && !info.is_read);
        assert_int_equal(reader.seen[0].clear.len + reader.seen[1].clear.len, 0);
        reader_done(&reader);
        peers_done(&peers);
    }
}

/* Nothing in it is secret: it used to be counted among the connections that could not be read. */
static void
what_is_not_encrypted_is_read_without_secrets_and_told_as_unverified(void **state)
{
    (void)state;
    static const struct peers_plan plans[] = {
        {.version = TLS1_1_VERSION, .suite = "NULL-SHA"},
        {.version = TLS1_2_VERSION, .suite = "NULL-SHA256"},
        {.version = TLS1_2_VERSION, .suite = "NULL-SHA256", .renegotiates = true}};
    for (size_t i = 0; i < 3; i++) {
        struct peers peers;
        peers_talk(peers_shared, &plans[i], &peers);
        for (int has_keys = 0; has_keys < 2; has_keys++) {
            struct reader reader;
            assert_int_equal(reader_init(&reader), UM_OK);
            if (has_keys)
                assert_int_equal(reader_keys(&reader, um_buf_span(&peers.keylog)), UM_OK);
            assert_int_equal(reader_connect(&reader), UM_OK);
            assert_int_equal(reader_feed(&reader, &peers, 1460, NULL), UM_OK);
            for (int side = 0; side < 2; side++)
                assert_span_equal(um_buf_span(&reader.seen[side].clear),
                                  um_buf_span(&peers.clear[side]));
            struct um_tls_info info = um_tls_info(reader.tls);
            assert_true(info.is_read && !info.is_protected && !info.is_unread);
            assert_int_equal(info.is_unverified, !has_keys);
            assert_int_equal(info.has_secrets, has_keys);
            assert_int_equal(info.client_randoms.len > 0, has_keys);
            reader_done(&reader);
        }
        peers_done(&peers);
    }
}

/* A hole leaves a gap of some size, and everything behind the next record's start is read. */
static void
what_is_not_encrypted_goes_on_behind_a_hole(void **state)
{
    (void)state;
    struct peers peers;
    peers_talk(peers_shared,
               &(struct peers_plan){.version = TLS1_2_VERSION, .suite = "NULL-SHA256"}, &peers);
    size_t begin = peers.handshake_bytes[1], end = peers.wire[1].len;
    for (size_t k = 1; k < 4; k++) {
        struct reader reader;
        struct reader_hole hole = {.side = 1, .from = begin + k * (end - begin) / 8};
        hole.to = hole.from + 100;
        assert_int_equal(reader_init(&reader), UM_OK);
        assert_int_equal(reader_connect(&reader), UM_OK);
        assert_int_equal(reader_feed(&reader, &peers, 1460, &hole), UM_OK);
        const struct reader_seen *seen = &reader.seen[1];
        struct um_span whole = um_buf_span(&peers.clear[1]);
        size_t behind = seen->clear.len - seen->gap_at;
        assert_int_equal(seen->gaps, 1);
        assert_true(behind > 0);
        assert_span_equal(um_span_first(um_buf_span(&seen->clear), seen->gap_at),
                          um_span_first(whole, seen->gap_at));
        assert_span_equal(um_span_from(um_buf_span(&seen->clear), seen->gap_at),
                          um_span_from(whole, whole.len - behind));
        reader_done(&reader);
    }
    peers_done(&peers);
}

/* Nothing used to be said of a connection of which only the handshake could be read. */
static void
a_key_log_that_was_cut_short_is_told(void **state)
{
    (void)state;
    struct peers peers;
    struct reader reader;
    peers_talk(peers_shared,
               &(struct peers_plan){.version = TLS1_3_VERSION, .suite = "TLS_AES_128_GCM_SHA256"},
               &peers);
    size_t lines = 0, len = 0;
    while (lines < 2) /* of the handshake; those of the application come after */
        lines += peers.keylog.data[len++] == '\n';
    reader_open(&reader, um_span_of(peers.keylog.data, len));
    assert_int_equal(reader_feed(&reader, &peers, 1460, NULL), UM_OK);
    struct um_tls_info info = um_tls_info(reader.tls);
    assert_true(info.is_read && info.is_unread && info.has_secrets);
    assert_int_equal(reader.seen[0].clear.len + reader.seen[1].clear.len, 0);
    reader_done(&reader);
    peers_done(&peers);
}

/* The requests were read, and each was told to have drawn no reply. */
static void
a_direction_that_cannot_be_read_is_told_as_missing_not_as_silent(void **state)
{
    (void)state;
    struct peers peers;
    struct reader reader;
    char keys[4096];
    size_t len = 0;
    peers_talk(peers_shared,
               &(struct peers_plan){.version = TLS1_3_VERSION, .suite = "TLS_AES_128_GCM_SHA256"},
               &peers);
    for (size_t at = 0, end; at < peers.keylog.len; at = end) {
        struct um_span line = um_span_from(um_buf_span(&peers.keylog), at);
        end = at + um_span_find(line, '\n') + 1;
        if (um_span_starts(line, S("SERVER_TRAFFIC_SECRET_0")))
            continue;
        assert_true(len + (end - at) <= sizeof keys);
        memcpy(keys + len, line.data, end - at);
        len += end - at;
    }
    assert_true(len < peers.keylog.len);
    reader_open(&reader, um_span_of(keys, len));
    assert_int_equal(reader_feed(&reader, &peers, 1460, NULL), UM_OK);
    assert_span_equal(um_buf_span(&reader.seen[0].clear), um_buf_span(&peers.clear[0]));
    assert_int_equal(reader.seen[0].gaps, 0);
    assert_int_equal(reader.seen[1].clear.len, 0);
    assert_int_equal(reader.seen[1].gaps, 1);
    assert_int_equal(reader.seen[1].gap_cause, UM_GAP_SEALED);
    assert_true(um_tls_info(reader.tls).is_unread);
    reader_done(&reader);
    peers_done(&peers);
}

/* Nothing but the handshake has gone by when the secrets come, as in a pcapng. */
static void
secrets_after_the_handshake_are_early_enough(void **state)
{
    (void)state;
    for (size_t i = 0; i < PEERS_MATRIX_COUNT; i++) {
        struct peers peers;
        struct reader reader;
        size_t n = 0;
        peers_talk(peers_shared,
                   &(struct peers_plan){.version = peers_matrix[i].version,
                                        .suite = peers_matrix[i].suite},
                   &peers);
        assert_int_equal(reader_init(&reader), UM_OK);
        assert_int_equal(reader_connect(&reader), UM_OK);
        for (; peers.pieces[n].at < peers.handshake_bytes[peers.pieces[n].side]; n++)
            assert_int_equal(
                reader_feed_piece(&reader, &peers, &peers.pieces[n], 1460, NULL, n + 1), UM_OK);
        assert_int_equal(reader_keys(&reader, um_buf_span(&peers.keylog)), UM_OK);
        for (; n < peers.piece_count; n++)
            assert_int_equal(
                reader_feed_piece(&reader, &peers, &peers.pieces[n], 1460, NULL, n + 1), UM_OK);
        for (int side = 0; side < 2; side++) {
            assert_span_equal(um_buf_span(&reader.seen[side].clear),
                              um_buf_span(&peers.clear[side]));
            assert_int_equal(reader.seen[side].gaps, 0);
        }
        reader_done(&reader);
        peers_done(&peers);
    }
}

static void
without_secrets_the_hellos_are_told(void **state)
{
    (void)state;
    struct peers peers;
    struct reader reader;
    peers_talk(peers_shared,
               &(struct peers_plan){.version = TLS1_2_VERSION, .suite = "AES128-GCM-SHA256"},
               &peers);
    assert_int_equal(reader_init(&reader), UM_OK);
    assert_int_equal(reader_connect(&reader), UM_OK);
    assert_int_equal(reader_feed(&reader, &peers, 1460, NULL), UM_OK);
    struct um_tls_info info = um_tls_info(reader.tls);
    assert_true(!info.has_secrets && info.is_protected && !info.is_read);
    assert_int_equal(info.version, 0x0303);
    assert_int_equal(info.suite, 0x009c);
    assert_span_equal(info.server_name, S("um.example"));
    assert_int_equal(info.bytes, peers.wire[0].len + peers.wire[1].len);
    reader_done(&reader);
    peers_done(&peers);
}

static void
any_failing_allocation_is_passed_up(void **state)
{
    (void)state;
    struct peers peers;
    peers_talk(peers_shared,
               &(struct peers_plan){.version = TLS1_2_VERSION, .suite = "ECDHE-RSA-AES128-SHA256"},
               &peers);
    for (size_t n = 0;; n++) {
        struct reader reader;
        um_test_alloc_fail_at(n);
        int err = reader_init(&reader);
        if (!err)
            err = reader_keys(&reader, um_buf_span(&peers.keylog));
        if (!err)
            err = reader_connect(&reader);
        if (!err)
            err = reader_feed(&reader, &peers, 5000, NULL);
        bool has_failed = um_test_alloc_reset();
        assert_int_equal(err, has_failed ? UM_ERR_NOMEM : UM_OK);
        reader_done(&reader);
        if (!has_failed)
            break;
    }
    peers_done(&peers);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_version_and_suite_is_read_with_a_key_log),
        cmocka_unit_test(byte_by_byte_gives_the_same_as_whole),
        cmocka_unit_test(bytes_of_no_use_are_left_out_and_counted),
        cmocka_unit_test(of_a_long_record_only_what_is_of_use_comes),
        cmocka_unit_test(a_damaged_record_of_no_use_is_told),
        cmocka_unit_test(cbc_is_read_with_the_mac_inside_too),
        cmocka_unit_test(renegotiation_and_key_update_are_followed),
        cmocka_unit_test(several_key_updates_in_one_hole_are_found),
        cmocka_unit_test(more_key_updates_in_one_hole_than_are_tried_leave_the_rest_lost),
        cmocka_unit_test(a_hello_retry_request_does_no_harm),
        cmocka_unit_test(the_servers_rsa_key_reads_rsa_key_exchanges_and_their_resumptions),
        cmocka_unit_test(the_lines_told_of_a_connection_read_it_again),
        cmocka_unit_test(early_data_and_resumption_are_read_in_tls13),
        cmocka_unit_test(early_data_that_the_server_refused_is_no_part_of_what_was_said),
        cmocka_unit_test(early_data_behind_what_the_server_said_is_read),
        cmocka_unit_test(accepted_early_data_without_its_secret_is_told_as_sealed),
        cmocka_unit_test(refused_early_data_without_its_secret_is_missed_by_nobody),
        cmocka_unit_test(what_became_of_early_data_shows_without_the_servers_secrets),
        cmocka_unit_test(a_fatal_alert_of_the_handshake_is_told_without_secrets),
        cmocka_unit_test(alerts_have_names_and_unknown_ones_say_so),
        cmocka_unit_test(wrong_secrets_give_no_byte_and_are_told),
        cmocka_unit_test(what_is_not_encrypted_is_read_without_secrets_and_told_as_unverified),
        cmocka_unit_test(what_is_not_encrypted_goes_on_behind_a_hole),
        cmocka_unit_test(a_key_log_that_was_cut_short_is_told),
        cmocka_unit_test(a_direction_that_cannot_be_read_is_told_as_missing_not_as_silent),
        cmocka_unit_test(secrets_after_the_handshake_are_early_enough),
        cmocka_unit_test(without_secrets_the_hellos_are_told),
        cmocka_unit_test(any_failing_allocation_is_passed_up),
    };
    return cmocka_run_group_tests(tests, peers_set_up, peers_tear_down);
}
