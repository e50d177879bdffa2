/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packets of several headers, put together from the inside out. */
#include "offline/net/unwrap.h"

#include "tests/support/support.h"

enum { RAW = 101, ETHERNET = 1, WLAN = 105, PACKET_MAX = 512 };
enum { PROTOCOL_TCP = 6, PROTOCOL_UDP = 17, PROTOCOL_GRE = 47 };

struct fixture {
    struct um_limits limits;
    struct um_meter meter;
    struct um_flow_stats stats;
    struct um_unwrap unwrap;
    struct um_ends ends;
    struct um_tcp tcp;
    uint64_t frame;
};

static void
begin(struct fixture *f)
{
    *f = (struct fixture){.meter = {.max = UINT64_MAX}};
    um_limits_init(&f->limits);
    um_unwrap_init(&f->unwrap, &f->limits, &f->stats, &f->meter);
}

static void
finish(struct fixture *f)
{
    um_unwrap_done(&f->unwrap);
    assert_int_equal(f->meter.used, 0);
}

/* Bytes that grow at their front. */
struct stack {
    uint8_t bytes[PACKET_MAX];
    size_t len;
};

static void
wrap(struct stack *stack, const void *header, size_t len)
{
    assert_true(stack->len + len <= PACKET_MAX);
    memmove(stack->bytes + len, stack->bytes, stack->len);
    memcpy(stack->bytes, header, len);
    stack->len += len;
}

static void
wrap_in_tcp(struct stack *stack, const char *payload)
{
    uint8_t tcp[20] = {0x9c, 0x40, 0, 80, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x10};
    stack->len = 0;
    wrap(stack, payload, strlen(payload));
    wrap(stack, tcp, sizeof tcp);
}

/* From 10.0.0.`from` to 10.0.0.9; `place` is the field of flags and offset. */
static void
wrap_in_ip(struct stack *stack, uint8_t protocol, uint8_t from, uint16_t place)
{
    uint8_t ip[20] = {0x45, 0, 0,  0, 0, from, 0,  0, 64, protocol,
                      0,    0, 10, 0, 0, from, 10, 0, 0,  9};
    size_t total = stack->len + sizeof ip;
    ip[2] = (uint8_t)(total >> 8);
    ip[3] = (uint8_t)total;
    ip[6] = (uint8_t)(place >> 8);
    ip[7] = (uint8_t)place;
    wrap(stack, ip, sizeof ip);
}

static void
wrap_in_gre(struct stack *stack)
{
    wrap(stack, "\0\0\x08\0", 4);
}

static int
take_cut(struct fixture *f, uint32_t link_type, const struct stack *stack, size_t cut)
{
    uint8_t *heap = um_test_exact_copy(stack->bytes, stack->len - cut);
    struct um_packet packet = {.bytes = um_span_of(heap, stack->len - cut),
                               .wire_len = (uint32_t)stack->len,
                               .link_type = link_type,
                               .mark = {.frame = ++f->frame}};
    int result = um_unwrap_packet(&f->unwrap, &packet, &f->ends, &f->tcp);
    if (result == UM_UNWRAP_TCP) /* while the payload's views live */
        assert_true(f->tcp.payload.len == 0 || f->tcp.payload.data[0] == 'h');
    free(heap);
    return result;
}

static int
take(struct fixture *f, const struct stack *stack)
{
    return take_cut(f, RAW, stack, 0);
}

static void
segment_and_its_ends_are_found(void **state)
{
    (void)state;
    struct fixture f;
    struct stack stack;
    begin(&f);
    wrap_in_tcp(&stack, "hello");
    wrap_in_ip(&stack, PROTOCOL_TCP, 1, 0);
    assert_int_equal(take(&f, &stack), UM_UNWRAP_TCP);
    assert_int_equal(f.tcp.payload.len, 5);
    char text[UM_ENDPOINT_TEXT_MAX];
    assert_string_equal(um_endpoint_text(&f.ends.source, text), "10.0.0.1:40000");
    assert_string_equal(um_endpoint_text(&f.ends.destination, text), "10.0.0.9:80");
    finish(&f);
}

static void
tunnels_are_opened_as_deep_as_the_limit_allows(void **state)
{
    (void)state;
    for (uint64_t max = 0; max < 4; max++) {
        struct fixture f;
        struct stack stack;
        begin(&f);
        f.unwrap.tunnels_max = max;
        wrap_in_tcp(&stack, "hello");
        wrap_in_ip(&stack, PROTOCOL_TCP, 1, 0);
        for (uint8_t i = 2; i < 4; i++) {
            wrap_in_gre(&stack);
            wrap_in_ip(&stack, PROTOCOL_GRE, i, 0);
        }
        assert_int_equal(take(&f, &stack), max < 2 ? UM_OK : UM_UNWRAP_TCP);
        assert_int_equal(f.stats.not_tcp, max < 2);
        assert_int_equal(f.stats.tunnels.count, max < 2);
        if (max >= 2)
            assert_int_equal(f.ends.source.address[3], 1);
        finish(&f);
    }
}

/*
 * The snap length cut only the trailer of the frame; the inner datagram says no length (its sender
 * left that to the network card), so that it is as long as the outer one has room for.
 */
static void
trailer_of_a_frame_around_a_tunnel_is_no_cut_byte(void **state)
{
    (void)state;
    struct fixture f;
    struct stack stack;
    begin(&f);
    wrap_in_tcp(&stack, "hello");
    wrap_in_ip(&stack, PROTOCOL_TCP, 1, 0);
    stack.bytes[2] = stack.bytes[3] = 0;
    wrap_in_gre(&stack);
    wrap_in_ip(&stack, PROTOCOL_GRE, 2, 0);
    wrap(&stack, "ddddddssssss\x08\0", 14);
    memset(stack.bytes + stack.len, 0xee, 10);
    stack.len += 10;
    for (size_t cut = 0; cut <= 10; cut += 5) {
        assert_int_equal(take_cut(&f, ETHERNET, &stack, cut), UM_UNWRAP_TCP);
        assert_int_equal(f.tcp.payload.len, 5);
        assert_int_equal(f.tcp.cut, 0);
    }
    assert_int_equal(take_cut(&f, ETHERNET, &stack, 12), UM_UNWRAP_TCP);
    assert_int_equal(f.tcp.payload.len, 3);
    assert_int_equal(f.tcp.cut, 2);
    finish(&f);
}

/* A tunnel in fragments, and fragments in the tunnel: the segment came out between no addresses. */
static void
fragments_inside_fragments_keep_their_addresses(void **state)
{
    (void)state;
    struct fixture f;
    struct stack whole, inner, outer;
    begin(&f);
    wrap_in_tcp(&whole, "hello");
    for (int i = 0; i < 2; i++) { /* 16 bytes of the segment, then the rest */
        inner.len = 0;
        wrap(&inner, whole.bytes + 16 * (size_t)i, i == 0 ? 16 : whole.len - 16);
        wrap_in_ip(&inner, PROTOCOL_TCP, 1, i == 0 ? 0x2000 : 2);
        wrap_in_gre(&inner);
        for (int k = 0; k < 2; k++) {
            outer.len = 0;
            wrap(&outer, inner.bytes + 8 * (size_t)k, k == 0 ? 8 : inner.len - 8);
            wrap_in_ip(&outer, PROTOCOL_GRE, (uint8_t)(2 + i), k == 0 ? 0x2000 : 1);
            bool is_last = i == 1 && k == 1;
            assert_int_equal(take(&f, &outer), is_last ? UM_UNWRAP_TCP : UM_OK);
        }
    }
    assert_int_equal(f.ends.source.address[3], 1);
    assert_int_equal(f.ends.destination.address[3], 9);
    assert_int_equal(f.tcp.payload.len, 5);
    assert_int_equal(f.stats.malformed, 0);
    finish(&f);
}

/* ---- frames with several datagrams ---- */

/* Puts a subframe with IPv4 in front of those that are there. */
static void
wrap_as_subframe(struct stack *others, const struct stack *datagram)
{
    uint8_t header[22] = {[15 - 1] = 0xaa, 0xaa, 3, 0, 0, 0, 8, 0};
    size_t len = datagram->len + 8, pad = others->len > 0 ? (4 - (len + 14) % 4) % 4 : 0;
    header[12] = (uint8_t)(len >> 8);
    header[13] = (uint8_t)len;
    wrap(others, "\0\0\0", pad);
    wrap(others, datagram->bytes, datagram->len);
    wrap(others, header, sizeof header);
}

static void
wrap_in_wlan(struct stack *stack)
{
    static const char header[26] = "\x88\1__aaaaaabbbbbbccccccp\0\x80";
    wrap(stack, header, sizeof header);
}

/* Three subframes of one segment each, from 10.0.0.1, .2 and .3. */
static void
make_aggregate(struct stack *stack)
{
    stack->len = 0;
    for (uint8_t from = 3; from > 0; from--) {
        struct stack one;
        wrap_in_tcp(&one, "hello");
        wrap_in_ip(&one, PROTOCOL_TCP, from, 0);
        wrap_as_subframe(stack, &one);
    }
    wrap_in_wlan(stack);
}

/* What is in a packet: the last byte of each sender's address, or a negative result. */
static int
list_senders(struct fixture *f, const struct um_packet *packet, char senders[8])
{
    int result;
    size_t count = 0;
    do {
        result = um_unwrap_packet(&f->unwrap, packet, &f->ends, &f->tcp);
        if (result == UM_UNWRAP_TCP && count < 7)
            senders[count++] = (char)('0' + f->ends.source.address[3]);
    } while (result >= 0 && um_unwrap_has_more(&f->unwrap));
    senders[count] = '\0';
    return result;
}

static void
assert_senders(struct fixture *f, uint32_t link_type, const struct stack *stack, size_t cut,
               const char *wanted)
{
    char senders[8];
    uint8_t *heap = um_test_exact_copy(stack->bytes, stack->len - cut);
    struct um_packet packet = {.bytes = um_span_of(heap, stack->len - cut),
                               .wire_len = (uint32_t)stack->len,
                               .link_type = link_type,
                               .mark = {.frame = ++f->frame}};
    assert_true(list_senders(f, &packet, senders) >= 0);
    assert_string_equal(senders, wanted);
    free(heap);
}

/* Only the first was read; the others were told to have never reached the capture. */
static void
all_segments_of_a_frame_are_found(void **state)
{
    (void)state;
    struct fixture f;
    struct stack stack;
    begin(&f);
    make_aggregate(&stack);
    assert_senders(&f, WLAN, &stack, 0, "123");
    assert_int_equal(f.tcp.cut, 0);
    assert_senders(&f, WLAN, &stack, 2, "123");
    assert_int_equal(f.tcp.payload.len, 3);
    assert_int_equal(f.tcp.cut, 2);
    assert_senders(&f, WLAN, &stack, 30, "12");
    assert_int_equal(f.tcp.cut, 0);
    stack.bytes[26 + 20] = stack.bytes[26 + 21] = 0; /* the first has no EtherType that we know */
    assert_senders(&f, WLAN, &stack, 0, "23");
    assert_int_equal(f.stats.not_ip, 1);
    assert_int_equal(f.stats.malformed, 1); /* of the cut one */
    finish(&f);
}

/*
 * An access point sends what it hears to a machine that captures: frames in UDP datagrams, which
 * are fragmented for their size. One subframe is a fragment that completes a datagram, in the place
 * of the one that has the others.
 */
static void
subframes_outlive_the_datagram_that_they_came_in(void **state)
{
    (void)state;
    struct fixture f;
    struct stack whole, stack = {.len = 0}, one = {.len = 0};
    char longer[241] = {0};
    begin(&f);
    memset(longer, 'h', sizeof longer - 1);
    wrap_in_tcp(&whole, longer);
    wrap(&one, whole.bytes, 256);
    wrap_in_ip(&one, PROTOCOL_TCP, 1, 0x2000);
    assert_senders(&f, RAW, &one, 0, "");
    wrap_in_tcp(&one, "hello");
    wrap_in_ip(&one, PROTOCOL_TCP, 3, 0);
    wrap_as_subframe(&stack, &one);
    one.len = 0;
    wrap(&one, whole.bytes + 256, whole.len - 256);
    wrap_in_ip(&one, PROTOCOL_TCP, 1, 32);
    wrap_as_subframe(&stack, &one);
    wrap_in_wlan(&stack);
    wrap(&stack, "\1\0\0\x12\1", 5); /* TZSP: a packet of 802.11, no more tags */
    uint8_t udp[8] = {0x90, 0x90, 0x90, 0x90, 0, (uint8_t)(stack.len + 8)};
    wrap(&stack, udp, sizeof udp);
    for (int part = 0; part < 2; part++) {
        one.len = 0;
        wrap(&one, stack.bytes + 64 * (size_t)part, part == 0 ? 64 : stack.len - 64);
        wrap_in_ip(&one, PROTOCOL_UDP, 9, part == 0 ? 0x2000 : 8);
        assert_senders(&f, RAW, &one, 0, part == 0 ? "" : "13");
    }
    assert_int_equal(f.stats.malformed, 0);
    finish(&f);
}

static void
nth_allocation_failing_is_told_and_leaks_nothing(void **state)
{
    (void)state;
    struct stack stack;
    make_aggregate(&stack);
    struct um_packet packet = {.bytes = um_span_of(stack.bytes, stack.len),
                               .wire_len = (uint32_t)stack.len,
                               .link_type = WLAN,
                               .mark = {.frame = 1}};
    for (size_t n = 0;; n++) {
        struct fixture f;
        char senders[8];
        begin(&f);
        um_test_alloc_fail_at(n);
        int result = list_senders(&f, &packet, senders);
        bool has_failed = um_test_alloc_reset();
        assert_int_equal(result, has_failed ? UM_ERR_NOMEM : UM_UNWRAP_TCP);
        finish(&f);
        if (!has_failed)
            break;
    }
}

/* The tag cost the last of the budget, the tunnel one more: from there on it had no end. */
static void
tag_in_a_tunnel_does_not_lift_the_limit(void **state)
{
    (void)state;
    struct fixture f;
    struct stack stack;
    begin(&f);
    f.unwrap.tunnels_max = 1;
    wrap_in_tcp(&stack, "hello");
    wrap_in_ip(&stack, PROTOCOL_TCP, 1, 0);
    for (uint8_t i = 2; i < 5; i++) {
        wrap(&stack, "ddddddssssss\x81\0tt\x08\0", 18);
        wrap(&stack, "\0\0\x65\x58", 4);
        wrap_in_ip(&stack, PROTOCOL_GRE, i, 0);
    }
    assert_int_equal(take(&f, &stack), UM_OK);
    assert_int_equal(f.stats.tunnels.count, 1);
    finish(&f);
}

/* ---- what is counted ---- */

static void
what_is_no_segment_is_counted(void **state)
{
    (void)state;
    struct fixture f;
    struct stack stack;
    begin(&f);
    wrap_in_tcp(&stack, "hello");
    wrap_in_ip(&stack, PROTOCOL_TCP, 1, 0);
    assert_int_equal(take_cut(&f, 9999, &stack, 0), UM_OK);
    assert_int_equal(take_cut(&f, 9998, &stack, 0), UM_OK);
    assert_int_equal(f.stats.unknown_link, 2);
    assert_int_equal(f.stats.unknown_link_type, 9999);
    assert_int_equal(f.stats.first_unknown_link_frame, 1);
    assert_int_equal(take_cut(&f, RAW, &stack, stack.len - 10), UM_OK);
    assert_int_equal(take_cut(&f, ETHERNET, &stack, stack.len - 10), UM_OK);
    stack.bytes[20 + 12] = 0x10; /* TCP header of 4 bytes */
    assert_int_equal(take(&f, &stack), UM_OK);
    assert_int_equal(f.stats.malformed, 3);
    stack.bytes[9] = 1; /* ICMP */
    assert_int_equal(take(&f, &stack), UM_OK);
    assert_int_equal(f.stats.not_tcp, 1);
    stack.bytes[0] = 0x55;
    assert_int_equal(take(&f, &stack), UM_OK);
    assert_int_equal(f.stats.not_ip, 1);
    finish(&f);
}

static void
empty_tunnel_is_malformed(void **state)
{
    (void)state;
    struct fixture f;
    struct stack stack = {.len = 0};
    begin(&f);
    wrap_in_ip(&stack, 4, 1, 0);
    assert_int_equal(take(&f, &stack), UM_OK);
    assert_int_equal(f.stats.malformed, 1);
    finish(&f);
}

static void
fragments_that_wait_at_the_end_are_counted(void **state)
{
    (void)state;
    struct fixture f;
    struct stack stack;
    begin(&f);
    wrap_in_tcp(&stack, "hel");
    wrap_in_ip(&stack, PROTOCOL_TCP, 1, 0x2000);
    assert_int_equal(take(&f, &stack), UM_OK);
    assert_int_equal(f.stats.fragments_dropped, 0);
    um_unwrap_end(&f.unwrap);
    assert_int_equal(f.stats.fragments_dropped, 1);
    finish(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(segment_and_its_ends_are_found),
        cmocka_unit_test(tunnels_are_opened_as_deep_as_the_limit_allows),
        cmocka_unit_test(trailer_of_a_frame_around_a_tunnel_is_no_cut_byte),
        cmocka_unit_test(fragments_inside_fragments_keep_their_addresses),
        cmocka_unit_test(all_segments_of_a_frame_are_found),
        cmocka_unit_test(subframes_outlive_the_datagram_that_they_came_in),
        cmocka_unit_test(nth_allocation_failing_is_told_and_leaks_nothing),
        cmocka_unit_test(tag_in_a_tunnel_does_not_lift_the_limit),
        cmocka_unit_test(what_is_no_segment_is_counted),
        cmocka_unit_test(empty_tunnel_is_malformed),
        cmocka_unit_test(fragments_that_wait_at_the_end_are_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
