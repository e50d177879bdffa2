/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/net/ip.h"

#include "tests/support/support.h"

/* UDP between 10.0.0.1 and 10.0.0.2, total length 26, four bytes of options, "hi". */
static const uint8_t v4[] = {0x46, 0, 0, 26, 0x12, 0x34, 0, 0, 64, 17, 0, 0,   10,
                             0,    0, 1, 10, 0,    0,    2, 1, 1,  1,  0, 'h', 'i'};

static enum um_step
parse(const void *bytes, size_t len, uint32_t not_captured, struct um_ip *ip)
{
    return um_ip_parse(um_span_of(bytes, len), not_captured, ip);
}

static void
v4_header_with_options_is_read(void **state)
{
    (void)state;
    struct um_ip ip;
    assert_int_equal(parse(v4, sizeof v4, 0, &ip), UM_DONE);
    assert_span_equal(ip.source, um_span_of("\x0a\0\0\1", 4));
    assert_span_equal(ip.destination, um_span_of("\x0a\0\0\2", 4));
    assert_int_equal(ip.protocol, UM_IP_UDP);
    assert_int_equal(ip.id, 0x1234);
    assert_span_equal(ip.payload, S("hi"));
    assert_int_equal(ip.cut, 0);
    assert_false(um_ip_is_fragment(&ip));
}

static void
every_prefix_wants_more_or_tells_what_is_cut(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof v4; n++) {
        struct um_ip ip;
        uint8_t *heap = um_test_exact_copy(v4, n);
        assert_int_equal(parse(heap, n, 99, &ip), n < 24 ? UM_MORE : UM_DONE);
        if (n >= 24)
            assert_int_equal(ip.payload.len + ip.cut, 2);
        free(heap);
    }
}

static void
bytes_behind_the_total_length_are_padding(void **state)
{
    (void)state;
    uint8_t padded[60] = {0};
    struct um_ip ip;
    memcpy(padded, v4, sizeof v4);
    assert_int_equal(parse(padded, sizeof padded, 4, &ip), UM_DONE);
    assert_span_equal(ip.payload, S("hi"));
    assert_int_equal(ip.cut, 0);
}

/* One wrong bit made a handshake seem to carry 4 KB, and hid the bytes that came behind it. */
static void
total_length_says_no_more_than_the_frame_had(void **state)
{
    (void)state;
    uint8_t wrong[sizeof v4];
    struct um_ip ip;
    memcpy(wrong, v4, sizeof v4);
    wrong[2] = 0x10;
    assert_int_equal(parse(wrong, sizeof wrong, 0, &ip), UM_DONE);
    assert_span_equal(ip.payload, S("hi"));
    assert_int_equal(ip.cut, 0);
    assert_int_equal(parse(wrong, sizeof wrong, 7, &ip), UM_DONE);
    assert_int_equal(ip.cut, 7);
}

static void
total_length_of_nothing_is_the_whole_frame(void **state)
{
    (void)state;
    uint8_t offloaded[sizeof v4];
    struct um_ip ip;
    memcpy(offloaded, v4, sizeof v4);
    offloaded[3] = 0;
    assert_int_equal(parse(offloaded, sizeof offloaded, 1000, &ip), UM_DONE);
    assert_span_equal(ip.payload, S("hi"));
    assert_int_equal(ip.cut, 1000);
}

static void
contradictions_are_bad(void **state)
{
    (void)state;
    static const struct {
        size_t at;
        uint8_t value;
    } wrong[] = {{0, 0x44}, {0, 0x56}, {3, 23}}; /* header of 16 bytes, version 5, total of 23 */
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        uint8_t bytes[sizeof v4];
        struct um_ip ip;
        memcpy(bytes, v4, sizeof v4);
        bytes[wrong[i].at] = wrong[i].value;
        assert_int_equal(parse(bytes, sizeof bytes, 0, &ip), UM_BAD);
    }
}

static void
v4_fragment_is_one(void **state)
{
    (void)state;
    uint8_t bytes[sizeof v4];
    struct um_ip ip;
    memcpy(bytes, v4, sizeof v4);
    bytes[6] = 0x20; /* more fragments */
    assert_int_equal(parse(bytes, sizeof bytes, 0, &ip), UM_DONE);
    assert_true(um_ip_is_fragment(&ip) && ip.more_fragments);
    bytes[6] = 0x01; /* the last, at 257 * 8 */
    bytes[7] = 0x01;
    assert_int_equal(parse(bytes, sizeof bytes, 0, &ip), UM_DONE);
    assert_true(um_ip_is_fragment(&ip) && !ip.more_fragments);
    assert_int_equal(ip.fragment_offset, 257 * 8);
    bytes[6] = 0x40; /* don't fragment */
    bytes[7] = 0;
    assert_int_equal(parse(bytes, sizeof bytes, 0, &ip), UM_DONE);
    assert_false(um_ip_is_fragment(&ip));
}

/* ---- extensions ---- */

enum { V6_HEADER = 40 };

/* An IPv6 packet of `len` bytes after the header; the first of them is a `next`. */
static size_t
make_v6(uint8_t *out, uint8_t next, const void *bytes, size_t len)
{
    memset(out, 0, V6_HEADER);
    out[0] = 0x60;
    out[5] = (uint8_t)len;
    out[6] = next;
    out[8 + 15] = 1;
    out[24 + 15] = 2;
    memcpy(out + V6_HEADER, bytes, len);
    return V6_HEADER + len;
}

/* Hop-by-hop (8), routing (16), authentication (12 of (1 + 2) * 4), destination (8), then TCP. */
static const uint8_t chain[] = {43, 0, 0, 0, 0, 0, 0, 0, 51, 1, 0, 0, 0,   0,   0,  0,
                                0,  0, 0, 0, 0, 0, 0, 0, 60, 1, 0, 0, 0,   0,   0,  0,
                                0,  0, 0, 0, 6, 0, 0, 0, 0,  0, 0, 0, 't', 'c', 'p'};

static void
v6_extensions_are_skipped(void **state)
{
    (void)state;
    uint8_t packet[V6_HEADER + sizeof chain];
    struct um_ip ip;
    size_t len = make_v6(packet, 0, chain, sizeof chain);
    assert_int_equal(parse(packet, len, 0, &ip), UM_DONE);
    assert_int_equal(ip.source.len, 16);
    assert_int_equal(ip.destination.data[15], 2);
    assert_int_equal(ip.protocol, UM_IP_TCP);
    assert_span_equal(ip.payload, S("tcp"));
    for (size_t n = 0; n < len; n++) {
        uint8_t *heap = um_test_exact_copy(packet, n);
        assert_int_equal(parse(heap, n, 0, &ip), n < len - 3 ? UM_MORE : UM_DONE);
        free(heap);
    }
}

static void
v6_fragment_header_is_read(void **state)
{
    (void)state;
    static const uint8_t fragment[] = {6, 0, 0x01, 0x01, 0xde, 0xad, 0xbe, 0xef, 'x'};
    uint8_t packet[V6_HEADER + sizeof fragment];
    struct um_ip ip;
    size_t len = make_v6(packet, 44, fragment, sizeof fragment);
    assert_int_equal(parse(packet, len, 0, &ip), UM_DONE);
    assert_true(ip.more_fragments);
    assert_int_equal(ip.fragment_offset, 256);
    assert_int_equal(ip.id, 0xdeadbeef);
    assert_int_equal(ip.protocol, UM_IP_TCP);
    assert_span_equal(ip.payload, S("x"));
}

/* RFC 6946: a datagram with a fragment header that is no fragment. */
static void
atomic_fragment_is_a_whole_datagram(void **state)
{
    (void)state;
    static const uint8_t fragment[] = {60, 0, 0, 0, 1, 2, 3, 4, 6, 0, 0, 0, 0, 0, 0, 0, 'x'};
    uint8_t packet[V6_HEADER + sizeof fragment];
    struct um_ip ip;
    size_t len = make_v6(packet, 44, fragment, sizeof fragment);
    assert_int_equal(parse(packet, len, 0, &ip), UM_DONE);
    assert_false(um_ip_is_fragment(&ip));
    assert_int_equal(ip.protocol, UM_IP_TCP);
    assert_span_equal(ip.payload, S("x"));
}

static void
v4_knows_the_authentication_header_and_no_v6_extension(void **state)
{
    (void)state;
    static const uint8_t authentication[] = {6, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 'x'};
    uint8_t packet[20 + sizeof authentication] = {0x45, 0, 0, sizeof packet, 0, 0, 0, 0, 64, 51};
    struct um_ip ip;
    memcpy(packet + 20, authentication, sizeof authentication);
    assert_int_equal(parse(packet, sizeof packet, 0, &ip), UM_DONE);
    assert_int_equal(ip.protocol, UM_IP_TCP);
    assert_span_equal(ip.payload, S("x"));
    packet[9] = 60;
    assert_int_equal(parse(packet, sizeof packet, 0, &ip), UM_DONE);
    assert_int_equal(ip.protocol, 60);
    packet[9] = 44;
    assert_int_equal(parse(packet, sizeof packet, 0, &ip), UM_DONE);
    assert_int_equal(ip.protocol, 44);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(v4_header_with_options_is_read),
        cmocka_unit_test(every_prefix_wants_more_or_tells_what_is_cut),
        cmocka_unit_test(bytes_behind_the_total_length_are_padding),
        cmocka_unit_test(total_length_says_no_more_than_the_frame_had),
        cmocka_unit_test(total_length_of_nothing_is_the_whole_frame),
        cmocka_unit_test(contradictions_are_bad),
        cmocka_unit_test(v4_fragment_is_one),
        cmocka_unit_test(v6_extensions_are_skipped),
        cmocka_unit_test(v6_fragment_header_is_read),
        cmocka_unit_test(atomic_fragment_is_a_whole_datagram),
        cmocka_unit_test(v4_knows_the_authentication_header_and_no_v6_extension),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
