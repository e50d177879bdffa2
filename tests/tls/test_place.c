/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Holes, damage and foreign bytes in what real peers said. */
#include "offline/tls/place.h"

#include "tests/support/support.h"
#include "tests/tls/reader.h"

static void
talk(int version, const char *suite, struct peers *peers)
{
    peers_talk(peers_shared, &(struct peers_plan){.version = version, .suite = suite}, peers);
}

/*
 * What came before and after the hole is there. How much was lost is known, but for the padding of
 * block ciphers: that was once taken for clear bytes, a block for each record.
 */
static void
check_hole(struct reader *reader, const struct peers *peers, const struct reader_hole *hole,
           bool is_exact)
{
    struct um_span sent = um_buf_span(&peers->clear[1]);
    assert_int_equal(reader_keys(reader, um_buf_span(&peers->keylog)), UM_OK);
    assert_int_equal(reader_connect(reader), UM_OK);
    assert_int_equal(reader_feed(reader, peers, 1460, hole), UM_OK);
    assert_span_equal(um_buf_span(&reader->seen[0].clear), um_buf_span(&peers->clear[0]));
    struct reader_seen *seen = &reader->seen[1];
    assert_int_equal(seen->gaps, 1);
    assert_int_equal(um_tls_info(reader->tls).failures, 0);
    struct um_span got = um_buf_span(&seen->clear);
    struct um_span before = um_span_first(got, seen->gap_at);
    struct um_span after = um_span_from(got, seen->gap_at);
    assert_true(um_span_starts(sent, before));
    assert_span_equal(um_span_from(sent, sent.len - after.len), after);
    assert_true(after.len > 0);
    uint64_t lost = sent.len - got.len;
    assert_true(seen->gap_least <= lost && lost <= seen->gap_bytes);
    if (is_exact)
        assert_int_equal(seen->gap_least, seen->gap_bytes);
}

static void
a_hole_loses_what_it_must_and_no_more(void **state)
{
    (void)state;
    for (size_t i = 0; i < PEERS_MATRIX_COUNT; i++) {
        struct peers peers;
        struct reader reader;
        bool is_aead = strstr(peers_matrix[i].suite, "GCM") ||
                       strstr(peers_matrix[i].suite, "CCM") ||
                       strstr(peers_matrix[i].suite, "POLY1305");
        if (strncmp(peers_matrix[i].suite, "NULL", 4) == 0)
            continue;
        talk(peers_matrix[i].version, peers_matrix[i].suite, &peers);
        assert_int_equal(reader_init(&reader), UM_OK);
        uint64_t seed = i;
        /* the last records are left: something must be able to give the place back */
        size_t start = peers.handshake_bytes[1] + 120, end = peers.wire[1].len - 600;
        for (int n = 0; n < 20; n++) {
            size_t from = start + um_test_random(&seed) % (end - start - 10);
            size_t len = um_test_random(&seed) % (n % 2 ? 100 : end - from) + 1;
            struct reader_hole hole = {.side = 1, .from = from, .to = from + len};
            if (hole.to > end)
                hole.to = end;
            check_hole(&reader, &peers, &hole, is_aead);
        }
        reader_done(&reader);
        peers_done(&peers);
    }
}

/* Zeros behind the content of TLS 1.3 are padding: peers that add any add about as many to each. */
static void
a_hole_among_padded_records_may_have_held_less(void **state)
{
    (void)state;
    struct peers peers;
    struct reader reader;
    peers_talk(peers_shared,
               &(struct peers_plan){
                   .version = TLS1_3_VERSION, .suite = "TLS_AES_128_GCM_SHA256", .pads_to = 512},
               &peers);
    assert_int_equal(reader_init(&reader), UM_OK);
    uint64_t seed = 1;
    size_t start = peers.handshake_bytes[1] + 1600, end = peers.wire[1].len - 1200;
    for (size_t n = 0; n < 40; n++) {
        size_t from = start + um_test_random(&seed) % (end - start - 10);
        struct reader_hole hole = {.side = 1, .from = from, .to = from + 1 + n % 7 * 200};
        if (hole.to > end)
            hole.to = end;
        check_hole(&reader, &peers, &hole, false);
    }
    reader_done(&reader);
    peers_done(&peers);
}

/*
 * How much a hole took is known when the next record behind it is read. Until then nothing was told
 * of it: a client whose reply was lost asked on, and was taken for one that does not wait.
 */
static void
what_is_lost_is_told_before_the_other_side_goes_on(void **state)
{
    (void)state;
    struct peers peers;
    struct reader reader;
    talk(TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", &peers);
    reader_open(&reader, um_buf_span(&peers.keylog));
    const struct reader_seen *asked = &reader.seen[0], *replied = &reader.seen[1];
    struct reader_hole hole = {.side = 1};
    size_t n = 0, asked_before = SIZE_MAX;
    for (; asked->clear.len <= asked_before; n++) {
        const struct peers_piece *piece = &peers.pieces[n];
        bool is_second_reply = piece->side == 1 && replied->clear.len > 0 && hole.to == 0;
        if (is_second_reply) { /* its record begins, and has a hole */
            hole.from = piece->at + 10;
            hole.to = hole.from + 20;
            asked_before = asked->clear.len;
        }
        assert_int_equal(replied->gaps, 0);
        assert_int_equal(reader_feed_piece(&reader, &peers, piece, 1460, &hole, n + 1), UM_OK);
    }
    assert_true(replied->gaps == 0 && replied->ahead >= 20);
    reader_done(&reader);
    peers_done(&peers);
}

/*
 * A hole swallowed a reply but for its last bytes, which came in a packet of their own. The next
 * reply was once said to begin in that packet: before its request.
 */
static void
record_behind_the_rest_of_another_begins_in_its_own_packet(void **state)
{
    (void)state;
    struct peers peers;
    struct reader reader;
    talk(TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", &peers);
    reader_open(&reader, um_buf_span(&peers.keylog));
    const struct reader_seen *replied = &reader.seen[1];
    struct reader_hole hole = {.side = 1};
    uint64_t frame = 0;
    for (size_t n = 0; n < peers.piece_count && replied->frame_behind == 0; n++) {
        const struct peers_piece *piece = &peers.pieces[n];
        bool is_reply = piece->side == 1 && replied->clear.len > 0;
        if (is_reply && hole.to == 0)
            hole = (struct reader_hole){1, piece->at, piece->at + piece->len - 9};
        frame = n + 1;
        assert_int_equal(reader_feed_piece(&reader, &peers, piece, 1460, &hole, frame), UM_OK);
    }
    assert_int_equal(replied->gaps, 1);
    assert_int_equal(replied->frame_behind, frame);
    reader_done(&reader);
    peers_done(&peers);
}

/*
 * The client's last flight of the handshake in a hole: its size was once taken for that of a lost
 * request, and each reply of the connection went to the request behind its own.
 */
static void
a_hole_in_the_handshake_loses_nothing_of_what_was_said(void **state)
{
    (void)state;
    for (size_t i = 0; i < PEERS_MATRIX_COUNT; i++) {
        struct peers peers;
        struct reader reader;
        bool is_chained = peers_matrix[i].version == TLS1_VERSION;
        if (strncmp(peers_matrix[i].suite, "NULL", 4) == 0)
            continue;
        talk(peers_matrix[i].version, peers_matrix[i].suite, &peers);
        reader_open(&reader, um_buf_span(&peers.keylog));
        struct reader_hole hole = {.from = peers.pieces[0].len, .to = peers.handshake_bytes[0]};
        assert_int_equal(reader_feed(&reader, &peers, 1460, &hole), UM_OK);
        assert_span_equal(um_buf_span(&reader.seen[0].clear), um_buf_span(&peers.clear[0]));
        assert_int_equal(reader.seen[0].gap_least, 0);
        if (!is_chained) /* an empty record, which had no IV, may have held some bytes */
            assert_int_equal(reader.seen[0].gaps, 0);
        reader_done(&reader);
        peers_done(&peers);
    }
}

static void
feed(struct reader *reader, const struct peers *peers, struct peers_piece piece, uint64_t frame)
{
    assert_int_equal(reader_feed_piece(reader, peers, &piece, 1460, NULL, frame), UM_OK);
}

/* The record of the wire that is the `n`th of that type, from 0; to 0: there is none. */
static struct reader_hole
record_of(const struct peers *peers, int side, uint8_t type, size_t n)
{
    struct um_span rest = um_buf_span(&peers->wire[side]);
    struct um_tls_record record;
    while (um_tls_record_split(&rest, &record) == UM_DONE) {
        size_t to = peers->wire[side].len - rest.len;
        size_t from = to - record.header.len - record.body.len;
        if (record.type == type && n-- == 0)
            return (struct reader_hole){.side = side, .from = from, .to = to};
    }
    return (struct reader_hole){.side = side};
}

/*
 * The packet with the middle of a record was captured after the one with its end, as when it was
 * sent again: the request was once said to end before the packet that made it whole.
 */
static void
record_ends_in_the_packet_that_was_captured_last(void **state)
{
    (void)state;
    static const uint64_t frames[] = {52, 50, 54, 51};
    struct peers peers;
    struct reader reader;
    talk(TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", &peers);
    reader_open(&reader, um_buf_span(&peers.keylog));
    struct reader_hole record = record_of(&peers, 0, UM_TLS_TYPE_DATA, 0);
    size_t n = 0;
    for (; peers.pieces[n].side != 0 || record.from >= peers.pieces[n].at + peers.pieces[n].len;
         n++)
        feed(&reader, &peers, peers.pieces[n], n + 1);
    size_t at = peers.pieces[n].at;
    feed(&reader, &peers, (struct peers_piece){.at = at, .len = record.from - at}, n + 1);
    for (size_t i = 0; i < 4; i++) {
        size_t from = record.from + i * 10, to = i < 3 ? from + 10 : record.to;
        feed(&reader, &peers, (struct peers_piece){.at = from, .len = to - from}, frames[i]);
    }
    assert_true(reader.seen[0].clear.len > 0);
    assert_int_equal(reader.seen[0].first_frame, 50);
    assert_int_equal(reader.seen[0].last_frame, 54);
    reader_done(&reader);
    peers_done(&peers);
}

static void
assert_read_despite(const struct peers *peers, const struct reader_hole *hole)
{
    struct reader reader;
    reader_open(&reader, um_buf_span(&peers->keylog));
    assert_int_equal(reader_feed(&reader, peers, 1460, hole), UM_OK);
    for (int side = 0; side < 2; side++)
        assert_span_equal(um_buf_span(&reader.seen[side].clear), um_buf_span(&peers->clear[side]));
    assert_int_equal(um_tls_info(reader.tls).failures, 0);
    reader_done(&reader);
}

/* Finished was taken for a clear message, and no record behind it could be read. */
static void
change_of_keys_alone_in_a_hole_is_missed_by_nobody(void **state)
{
    (void)state;
    for (size_t i = 0; i < PEERS_MATRIX_COUNT; i++) {
        struct peers peers;
        int version = peers_matrix[i].version;
        if (version == TLS1_VERSION || version == TLS1_3_VERSION)
            continue; /* a chain of blocks loses its first record; a change that says nothing */
        talk(version, peers_matrix[i].suite, &peers);
        for (int side = 0; side < 2; side++) {
            struct reader_hole hole = record_of(&peers, side, UM_TLS_TYPE_CHANGE, 0);
            assert_true(hole.to > 0);
            assert_read_despite(&peers, &hole);
        }
        peers_done(&peers);
    }
}

static void
end_of_the_hello_in_a_hole_is_missed_by_nobody(void **state)
{
    (void)state;
    for (size_t i = 0; i < PEERS_MATRIX_COUNT; i++) {
        struct peers peers;
        talk(peers_matrix[i].version, peers_matrix[i].suite, &peers);
        struct reader_hole hole = {.from = 60, .to = peers.pieces[0].len};
        assert_true(hole.from < hole.to);
        if (strncmp(peers_matrix[i].suite, "NULL", 4) != 0)
            assert_read_despite(&peers, &hole);
        peers_done(&peers);
    }
}

/* Some servers put their whole flight into one record: with its end the ServerHello was lost. */
static void
messages_in_front_of_a_hole_in_their_record_are_taken(void **state)
{
    (void)state;
    struct peers peers;
    struct reader reader;
    talk(TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", &peers);
    reader_open(&reader, um_buf_span(&peers.keylog));
    feed(&reader, &peers, peers.pieces[0], 1);
    struct reader_hole hello = record_of(&peers, 1, UM_TLS_TYPE_HANDSHAKE, 0);
    uint8_t begin[512];
    size_t len = hello.to - hello.from;
    assert_true(hello.from == 0 && len + 4 <= sizeof begin);
    memcpy(begin, peers.wire[1].data, len);
    memcpy(begin + len, "\13\0\3\0", 4); /* a Certificate begins */
    begin[3] = 0x08;
    struct um_sink sink = um_tls_sink(reader.tls, 1);
    const struct um_mark mark = {.frame = 2};
    const struct um_chunk chunk = {
        .bytes = um_span_of(begin, len + 4), .first = mark, .last = mark};
    assert_int_equal(sink.data(sink.ctx, &chunk), UM_OK);
    uint64_t missing = 5 + (size_t)(begin[3] << 8 | begin[4]) - (len + 4);
    assert_int_equal(sink.gap(sink.ctx, um_missing_exactly(missing), UM_GAP_LOST, &mark), UM_OK);
    for (size_t n = 2; n < peers.piece_count; n++)
        feed(&reader, &peers, peers.pieces[n], n + 1);
    for (int side = 0; side < 2; side++)
        assert_span_equal(um_buf_span(&reader.seen[side].clear), um_buf_span(&peers.clear[side]));
    reader_done(&reader);
    peers_done(&peers);
}

/* The middle of a certificate was taken for a message, and swallowed Finished. */
static void
record_of_a_message_in_several_loses_nothing_of_what_was_said(void **state)
{
    (void)state;
    const struct peers_plan plan = {
        .version = TLS1_3_VERSION, .suite = "TLS_AES_128_GCM_SHA256", .fragment = 512};
    struct peers peers;
    peers_talk(peers_shared, &plan, &peers);
    size_t lost = 0;
    for (;; lost++) {
        struct reader_hole hole = record_of(&peers, 1, UM_TLS_TYPE_DATA, lost);
        if (hole.to == 0 || hole.to > peers.handshake_bytes[1])
            break;
        assert_read_despite(&peers, &hole);
    }
    assert_true(lost >= 5);
    peers_done(&peers);
}

/* All behind it was lost although its secret was there. */
static void
change_to_the_keys_of_a_renegotiation_may_be_in_a_hole(void **state)
{
    (void)state;
    const struct peers_plan plan = {
        .version = TLS1_2_VERSION, .suite = "ECDHE-RSA-AES128-GCM-SHA256", .renegotiates = true};
    struct peers peers;
    peers_talk(peers_shared, &plan, &peers);
    for (int side = 0; side < 2; side++) {
        struct reader_hole hole = record_of(&peers, side, UM_TLS_TYPE_CHANGE, 1);
        assert_true(hole.to > 0);
        hole.to += 5 + 8 + 16 + 16; /* Finished */
        assert_read_despite(&peers, &hole);
    }
    peers_done(&peers);
}

/* Records that are not split begin with bytes that were said: OpenSSL's answer to an old attack
 * puts an empty one before each. */
static void
talk_chained(struct peers *peers)
{
    const struct peers_plan plan = {.version = TLS1_VERSION,
                                    .suite = "AES256-SHA",
                                    .options = SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS};
    peers_talk(peers_shared, &plan, peers);
}

/* The first packets of the server in their order: the number of the `n`th, from 0. */
static size_t
piece_of_server(const struct peers *peers, size_t n)
{
    size_t i = 0;
    while (peers->pieces[i].side != 1 || n-- > 0)
        i++;
    return i;
}

/* Behind the server's third record, of which the first block cannot be read. */
static void
assert_chain_resumed(const struct reader *reader, const struct peers *peers)
{
    struct um_span said = um_buf_span(&peers->clear[1]);
    assert_span_equal(um_buf_span(&reader->seen[1].clear), um_span_from(said, 1 + 20 + 300));
}

/*
 * In TLS 1.0 the end of a record is needed for the first block of the next. With the handshake it
 * was lost, and when the MAC was outside what the block seemed to hold was told.
 */
static void
keys_that_a_hole_hid_do_not_open_the_first_record_behind_it(void **state)
{
    (void)state;
    struct peers peers;
    struct reader reader;
    talk_chained(&peers);
    const struct peers_piece *long_one = &peers.pieces[piece_of_server(&peers, 4)];
    assert_true(long_one->len > 300 && long_one->len < 500);
    struct reader_hole hole = {.side = 1, .from = peers.pieces[1].len, .to = long_one->at};
    reader_open(&reader, um_buf_span(&peers.keylog));
    assert_int_equal(reader_feed(&reader, &peers, 1460, &hole), UM_OK);
    assert_chain_resumed(&reader, &peers);
    reader_done(&reader);
    peers_done(&peers);
}

/* The same where the record before was in a hole, and the secret came behind that. */
static void
a_hole_while_a_direction_waits_for_its_secret_breaks_the_chain(void **state)
{
    (void)state;
    struct peers peers;
    struct reader reader;
    talk_chained(&peers);
    size_t last = piece_of_server(&peers, 3);
    const struct peers_piece *lost = &peers.pieces[last];
    struct reader_hole hole = {.side = 1, .from = lost->at, .to = lost->at + lost->len};
    reader_open(&reader, um_span_of(NULL, 0));
    for (size_t n = 0; n < peers.piece_count; n++) {
        if (n == last + 1)
            assert_int_equal(reader_keys(&reader, um_buf_span(&peers.keylog)), UM_OK);
        assert_int_equal(reader_feed_piece(&reader, &peers, &peers.pieces[n], 1460, &hole, n + 1),
                         UM_OK);
    }
    assert_chain_resumed(&reader, &peers);
    reader_done(&reader);
    peers_done(&peers);
}

static void
a_damaged_record_is_counted_and_the_next_is_read(void **state)
{
    (void)state;
    struct peers peers;
    struct reader reader;
    talk(TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", &peers);
    peers.wire[1].data[peers.wire[1].len - 30000] ^= 1;
    reader_open(&reader, um_buf_span(&peers.keylog));
    assert_int_equal(reader_feed(&reader, &peers, 1460, NULL), UM_OK);
    struct um_tls_info info = um_tls_info(reader.tls);
    assert_int_equal(info.failures, 1);
    assert_true(info.failed_frames.count == 1);
    assert_int_equal(reader.seen[1].gaps, 1);
    assert_int_equal(reader.seen[1].gap_bytes + reader.seen[1].clear.len, peers.clear[1].len);
    reader_done(&reader);
    peers_done(&peers);
}

/*
 * The first records of the client used to be taken for early data that was refused: no gap. That of
 * Finished alone leaves none, since nothing was said in it.
 */
static void
damaged_first_records_of_the_client_leave_a_gap(void **state)
{
    (void)state;
    struct peers peers;
    struct reader reader;
    talk(TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256", &peers);
    size_t data = peers.handshake_bytes[0];
    peers.wire[0].data[data - 1] ^= 1; /* Finished, under the first keys */
    peers.wire[0].data[data + UM_TLS_HEADER_BYTES] ^= 1;
    reader_open(&reader, um_buf_span(&peers.keylog));
    assert_int_equal(reader_feed(&reader, &peers, 1460, NULL), UM_OK);
    size_t lost = peers.clear[0].len - reader.seen[0].clear.len;
    assert_true(lost > 0);
    assert_span_equal(um_buf_span(&reader.seen[0].clear),
                      um_span_from(um_buf_span(&peers.clear[0]), lost));
    assert_true(um_tls_info(reader.tls).is_protected);
    assert_int_equal(reader.seen[0].gaps, 1);
    assert_true(reader.seen[0].gap_bytes >= lost);
    reader_done(&reader);
    peers_done(&peers);
}

/* Bytes of nobody's between two records: what follows authenticates and gives the place back. */
static void
bytes_that_are_no_record_are_passed_over(void **state)
{
    (void)state;
    static const char *const suites[] = {"TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"};
    static const char foreign[] = "GET / HTTP/1.1\r\n\r\n\x17\x03\x03\x00\x20not one";
    for (size_t i = 0; i < 2; i++) {
        struct peers peers;
        struct reader reader;
        struct um_mark mark = {.frame = 1, .time_ns = 1};
        talk(TLS1_3_VERSION, suites[i], &peers);
        reader_open(&reader, um_buf_span(&peers.keylog));
        struct um_sink sink = um_tls_sink(reader.tls, 1);
        for (size_t n = 0; n < peers.piece_count; n++) {
            struct um_chunk chunk = {
                .bytes = um_span_of(foreign, sizeof foreign - 1), .first = mark, .last = mark};
            if (n == peers.piece_count / 2)
                assert_int_equal(sink.data(sink.ctx, &chunk), UM_OK);
            assert_int_equal(
                reader_feed_piece(&reader, &peers, &peers.pieces[n], 1460, NULL, n + 1), UM_OK);
        }
        assert_span_equal(um_buf_span(&reader.seen[1].clear), um_buf_span(&peers.clear[1]));
        assert_span_equal(um_buf_span(&reader.seen[0].clear), um_buf_span(&peers.clear[0]));
        assert_int_equal(reader.seen[1].gaps, 1);
        reader_done(&reader);
        peers_done(&peers);
    }
}

/*
 * Behind a hole stands what looks like the header of a long record. It used to be waited for until
 * the end, and with it all records behind it.
 */
static void
a_header_that_is_none_does_not_hold_up_the_records_behind_it(void **state)
{
    (void)state;
    static const uint8_t header[] = {23, 3, 3, 0x40, 0x00};
    struct peers peers;
    struct reader reader;
    struct um_mark mark = {.frame = 1, .time_ns = 1};
    talk(TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256", &peers);
    reader_open(&reader, um_buf_span(&peers.keylog));
    struct um_sink sink = um_tls_sink(reader.tls, 1);
    size_t last = peers.piece_count;
    while (peers.pieces[last - 1].side != 1)
        last--;
    for (size_t n = 0; n < last; n++) {
        struct um_chunk chunk = {
            .bytes = um_span_of(header, sizeof header), .first = mark, .last = mark};
        if (n == last - 1) {
            assert_int_equal(sink.gap(sink.ctx, um_missing_exactly(1), UM_GAP_LOST, &mark), UM_OK);
            assert_int_equal(sink.data(sink.ctx, &chunk), UM_OK);
        }
        assert_int_equal(reader_feed_piece(&reader, &peers, &peers.pieces[n], 1460, NULL, n + 1),
                         UM_OK);
    }
    assert_true(reader.seen[1].clear.len < peers.clear[1].len);
    assert_int_equal(sink.end(sink.ctx, UM_END_FIN, &mark), UM_OK);
    assert_span_equal(um_buf_span(&reader.seen[1].clear), um_buf_span(&peers.clear[1]));
    reader_done(&reader);
    peers_done(&peers);
}

/* Until their secret comes; then what follows is read. */
static void
records_without_their_secret_are_not_held(void **state)
{
    (void)state;
    static const struct peers_suite suites[] = {{TLS1_2_VERSION, "AES128-GCM-SHA256"},
                                                {TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256"}};
    for (size_t i = 0; i < 2; i++) {
        struct peers peers;
        struct reader reader;
        size_t n = 0;
        talk(suites[i].version, suites[i].suite, &peers);
        assert_int_equal(reader_init(&reader), UM_OK);
        assert_int_equal(reader_connect(&reader), UM_OK);
        while (peers.pieces[n].len < 16384) { /* up to the first long record */
            feed(&reader, &peers, peers.pieces[n], n + 1);
            n++;
        }
        struct peers_piece begin = peers.pieces[n], end = peers.pieces[n];
        begin.len = 5000;
        end.at += begin.len;
        end.len -= begin.len;
        uint64_t used = reader.meter.used;
        feed(&reader, &peers, begin, n + 1);
        assert_int_equal(reader.meter.used, used);
        feed(&reader, &peers, end, n + 1);
        assert_int_equal(reader_keys(&reader, um_buf_span(&peers.keylog)), UM_OK);
        for (n++; n < peers.piece_count; n++)
            feed(&reader, &peers, peers.pieces[n], n + 1);
        struct um_span sent = um_buf_span(&peers.clear[1]);
        struct um_span seen = um_buf_span(&reader.seen[1].clear);
        assert_int_equal(seen.len, 40000 + 77 + 5);
        assert_span_equal(um_span_from(sent, sent.len - seen.len), seen);
        reader_done(&reader);
        peers_done(&peers);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hole_loses_what_it_must_and_no_more),
        cmocka_unit_test(a_hole_among_padded_records_may_have_held_less),
        cmocka_unit_test(what_is_lost_is_told_before_the_other_side_goes_on),
        cmocka_unit_test(record_behind_the_rest_of_another_begins_in_its_own_packet),
        cmocka_unit_test(record_ends_in_the_packet_that_was_captured_last),
        cmocka_unit_test(a_hole_in_the_handshake_loses_nothing_of_what_was_said),
        cmocka_unit_test(change_of_keys_alone_in_a_hole_is_missed_by_nobody),
        cmocka_unit_test(end_of_the_hello_in_a_hole_is_missed_by_nobody),
        cmocka_unit_test(messages_in_front_of_a_hole_in_their_record_are_taken),
        cmocka_unit_test(record_of_a_message_in_several_loses_nothing_of_what_was_said),
        cmocka_unit_test(change_to_the_keys_of_a_renegotiation_may_be_in_a_hole),
        cmocka_unit_test(keys_that_a_hole_hid_do_not_open_the_first_record_behind_it),
        cmocka_unit_test(a_hole_while_a_direction_waits_for_its_secret_breaks_the_chain),
        cmocka_unit_test(a_damaged_record_is_counted_and_the_next_is_read),
        cmocka_unit_test(damaged_first_records_of_the_client_leave_a_gap),
        cmocka_unit_test(bytes_that_are_no_record_are_passed_over),
        cmocka_unit_test(a_header_that_is_none_does_not_hold_up_the_records_behind_it),
        cmocka_unit_test(records_without_their_secret_are_not_held),
    };
    return cmocka_run_group_tests(tests, peers_set_up, peers_tear_down);
}
