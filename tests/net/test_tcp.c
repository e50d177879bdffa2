/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/net/tcp.h"

#include "tests/support/support.h"

/* Ports 40000 and 80, numbers 0x01020304 and 0x05060708, four bytes of options, "hello". */
static const uint8_t wire[] = {0x9c, 0x40, 0, 80, 1, 2, 3, 4, 5, 6,   7,   8,   0x60, 0x18, 0xff,
                               0xff, 0,    0, 0,  0, 1, 1, 1, 0, 'h', 'e', 'l', 'l',  'o'};

static void
header_is_read(void **state)
{
    (void)state;
    struct um_tcp tcp;
    uint8_t *heap = um_test_exact_copy(wire, sizeof wire);
    assert_int_equal(um_tcp_parse(um_span_of(heap, sizeof wire), 7, &tcp), UM_DONE);
    assert_int_equal(tcp.source_port, 40000);
    assert_int_equal(tcp.destination_port, 80);
    assert_int_equal(tcp.seq, 0x01020304);
    assert_int_equal(tcp.ack, 0x05060708);
    assert_true(tcp.flags == UM_TCP_ACK);
    assert_span_equal(tcp.payload, S("hello"));
    assert_int_equal(tcp.cut, 7);
    free(heap);
}

static void
each_flag_is_its_own(void **state)
{
    (void)state;
    for (unsigned flags = 0; flags < 64; flags++) {
        uint8_t bytes[20];
        struct um_tcp tcp;
        memcpy(bytes, wire, sizeof bytes);
        bytes[12] = 0x50;
        bytes[13] = (uint8_t)flags;
        assert_int_equal(um_tcp_parse(um_span_of(bytes, sizeof bytes), 0, &tcp), UM_DONE);
        assert_int_equal(tcp.flags, flags & 0x17);
    }
}

static void
every_prefix_wants_more_or_has_its_options_cut(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof wire; n++) {
        struct um_tcp tcp;
        uint8_t *heap = um_test_exact_copy(wire, n);
        uint32_t cut = (uint32_t)(sizeof wire - n);
        enum um_step wanted = n < 20 ? UM_MORE : UM_DONE;
        assert_int_equal(um_tcp_parse(um_span_of(heap, n), cut, &tcp), wanted);
        if (wanted == UM_DONE) {
            assert_int_equal(tcp.payload.len + tcp.cut, 5);
            assert_int_equal(tcp.payload.len, n < 24 ? 0 : n - 24);
        }
        free(heap);
    }
}

static void
header_longer_than_the_datagram_is_bad(void **state)
{
    (void)state;
    struct um_tcp tcp;
    assert_int_equal(um_tcp_parse(um_span_of(wire, 20), 0, &tcp), UM_BAD);
    assert_int_equal(um_tcp_parse(um_span_of(wire, 20), 3, &tcp), UM_BAD);
    assert_int_equal(um_tcp_parse(um_span_of(wire, 20), 4, &tcp), UM_DONE);
}

static void
header_shorter_than_its_fields_is_bad(void **state)
{
    (void)state;
    uint8_t bytes[sizeof wire];
    struct um_tcp tcp;
    memcpy(bytes, wire, sizeof bytes);
    for (unsigned words = 0; words < 5; words++) {
        bytes[12] = (uint8_t)(words << 4);
        assert_int_equal(um_tcp_parse(um_span_of(bytes, sizeof bytes), 0, &tcp), UM_BAD);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_is_read),
        cmocka_unit_test(each_flag_is_its_own),
        cmocka_unit_test(every_prefix_wants_more_or_has_its_options_cut),
        cmocka_unit_test(header_longer_than_the_datagram_is_bad),
        cmocka_unit_test(header_shorter_than_its_fields_is_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
