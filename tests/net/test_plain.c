/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is taken for a plain packet must be read as unwrap reads it; what is not, need not be odd.
 */
#include "offline/net/plain.h"

#include "offline/net/unwrap.h"
#include "tests/support/support.h"

enum { ETHERNET = 1, RAW = 101, CHANGES = 200000 };

static const uint8_t frame[] = {
    2,    0,    0,    0,    0,   1, 2,    0, 0,  0, 0, 2, 8, 0, /* Ethernet */
    0x45, 0,    0,    49,   1,   2, 0x40, 0, 64, 6, 0, 0,       /* IP */
    10,   0,    0,    1,    10,  0, 0,    9,                    /* its addresses */
    0x9c, 0x40, 0,    80,   1,   2, 3,    4, 5,  6, 7, 8,       /* TCP */
    0x60, 0x10, 0xff, 0xff, 0,   0, 0,    0, 1,  1, 1, 0,       /* an option */
    'h',  'e',  'l',  'l',  'o',
};

static struct um_packet
packet_of(const uint8_t *bytes, size_t len, uint32_t link_type)
{
    return (struct um_packet){.bytes = um_span_of(bytes, len),
                              .wire_len = (uint32_t)len,
                              .link_type = link_type,
                              .mark = {.frame = 1}};
}

static void
assert_same_ends(const struct um_ends *a, const struct um_ends *b)
{
    assert_true(um_endpoint_equal(&a->source, &b->source));
    assert_true(um_endpoint_equal(&a->destination, &b->destination));
}

static void
assert_same_segment(const struct um_tcp *a, const struct um_tcp *b)
{
    assert_int_equal(a->source_port, b->source_port);
    assert_int_equal(a->destination_port, b->destination_port);
    assert_int_equal(a->seq, b->seq);
    assert_int_equal(a->ack, b->ack);
    assert_int_equal(a->flags, b->flags);
    assert_int_equal(a->cut, b->cut);
    assert_ptr_equal(a->payload.data, b->payload.data);
    assert_int_equal(a->payload.len, b->payload.len);
}

/* Is it plain? Then the long way must come to the same. */
static bool
is_plain_and_the_same(const struct um_packet *packet)
{
    struct um_plain plain;
    if (!um_plain_see(packet, &plain))
        return false;
    struct um_limits limits;
    struct um_meter meter = {.max = UINT64_MAX};
    struct um_flow_stats stats = {0};
    struct um_unwrap unwrap;
    struct um_ends ends, expected_ends;
    struct um_tcp tcp, expected_tcp;
    um_limits_init(&limits);
    um_unwrap_init(&unwrap, &limits, &stats, &meter);
    assert_int_equal(um_unwrap_packet(&unwrap, packet, &expected_ends, &expected_tcp),
                     UM_UNWRAP_TCP);
    um_plain_read_ends(&plain, &ends);
    um_plain_read_tcp(&plain, &tcp);
    assert_same_ends(&ends, &expected_ends);
    assert_same_segment(&tcp, &expected_tcp);
    um_plain_identify(&plain, &ends);
    um_ends_identify(&expected_ends);
    assert_int_equal(ends.hash, expected_ends.hash);
    assert_int_equal(ends.canonical, expected_ends.canonical);
    assert_int_equal(um_plain_is_idle(&plain),
                     tcp.payload.len == 0 && !(tcp.flags & (UM_TCP_SYN | UM_TCP_FIN)));
    assert_int_equal(um_plain_is_syn(&plain), (tcp.flags & UM_TCP_SYN) != 0);
    um_unwrap_done(&unwrap);
    return true;
}

static void
common_packet_is_plain(void **state)
{
    (void)state;
    struct um_packet packet = packet_of(frame, sizeof frame, ETHERNET);
    assert_true(is_plain_and_the_same(&packet));
}

/* A packet back has addresses and ports exchanged. */
static void
way_back_is_that_of_an_answer(void **state)
{
    (void)state;
    uint8_t answer[sizeof frame];
    enum { SOURCE = 26, DESTINATION = 30, PORTS = 34 };
    struct um_plain plain, back;
    memcpy(answer, frame, sizeof frame);
    memcpy(answer + SOURCE, frame + DESTINATION, 4);
    memcpy(answer + DESTINATION, frame + SOURCE, 4);
    memcpy(answer + PORTS, frame + PORTS + 2, 2);
    memcpy(answer + PORTS + 2, frame + PORTS, 2);
    struct um_packet packet = packet_of(frame, sizeof frame, ETHERNET);
    struct um_packet of_answer = packet_of(answer, sizeof answer, ETHERNET);
    assert_true(um_plain_see(&packet, &plain) && um_plain_see(&of_answer, &back));
    struct um_plain_way way = um_plain_way(&plain);
    assert_true(um_plain_way_equal(um_plain_way_back(way), um_plain_way(&back)));
    assert_false(um_plain_way_equal(way, um_plain_way(&back)));
    for (size_t at = SOURCE; at < PORTS + 4; at++) { /* any other byte is another way */
        memcpy(answer, frame, sizeof frame);
        answer[at] ^= 1;
        assert_true(um_plain_see(&of_answer, &back));
        assert_false(um_plain_way_equal(way, um_plain_way(&back)));
    }
}

static void
packet_of_another_kind_is_not(void **state)
{
    (void)state;
    struct um_packet packet = packet_of(frame, sizeof frame, RAW);
    assert_false(is_plain_and_the_same(&packet));
    packet = packet_of(frame, sizeof frame, ETHERNET);
    packet.wire_len++; /* cut short */
    assert_false(is_plain_and_the_same(&packet));
}

static void
no_byte_behind_a_short_packet_is_read(void **state)
{
    (void)state;
    for (size_t len = 0; len < sizeof frame; len++) {
        uint8_t *heap = um_test_exact_copy(frame, len);
        struct um_packet packet = packet_of(heap, len, ETHERNET);
        assert_false(is_plain_and_the_same(&packet));
        free(heap);
    }
}

static void
packet_that_is_padded_is_plain_without_its_padding(void **state)
{
    (void)state;
    uint8_t padded[sizeof frame + 6] = {0};
    memcpy(padded, frame, sizeof frame);
    struct um_packet packet = packet_of(padded, sizeof padded, ETHERNET);
    assert_true(is_plain_and_the_same(&packet));
}

static void
changed_packet_is_read_as_unwrap_reads_it(void **state)
{
    (void)state;
    uint64_t seed = 20261125;
    size_t plain_count = 0;
    for (size_t i = 0; i < CHANGES; i++) {
        uint8_t *heap = um_test_exact_copy(frame, sizeof frame);
        for (uint64_t n = um_test_random(&seed) % 3; n > 0; n--)
            heap[um_test_random(&seed) % sizeof frame] = (uint8_t)um_test_random(&seed);
        struct um_packet packet = packet_of(heap, sizeof frame, ETHERNET);
        plain_count += is_plain_and_the_same(&packet);
        free(heap);
    }
    assert_in_range(plain_count, CHANGES / 4, CHANGES - CHANGES / 10);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(common_packet_is_plain),
        cmocka_unit_test(way_back_is_that_of_an_answer),
        cmocka_unit_test(packet_of_another_kind_is_not),
        cmocka_unit_test(no_byte_behind_a_short_packet_is_read),
        cmocka_unit_test(packet_that_is_padded_is_plain_without_its_padding),
        cmocka_unit_test(changed_packet_is_read_as_unwrap_reads_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
