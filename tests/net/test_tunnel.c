/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tunnel headers as their RFCs draw them; what is inside is the text "inside". */
#include "offline/net/tunnel.h"

#include "offline/net/link.h"
#include "tests/support/support.h"

struct tunnel {
    const char *name;
    uint8_t protocol;
    uint16_t port; /* of UDP; 0: none */
    size_t len;
    const char *header;
    enum um_inner_kind kind;
    uint16_t type;
};

#define BYTES(text) sizeof(text) - 1, text

static const struct tunnel tunnels[] = {
    {"IPv4 in IP", UM_IP_IPV4, 0, BYTES(""), UM_INNER_IP, 0},
    {"IPv6 in IP", UM_IP_IPV6, 0, BYTES(""), UM_INNER_IP, 0},
    {"MPLS in IP", 137, 0, BYTES(""), UM_INNER_ETHERTYPE, 0x8847},
    {"Ethernet in IP", 97, 0, BYTES("\x30\0"), UM_INNER_LINK, UM_LINK_ETHERNET},
    {"GRE", UM_IP_GRE, 0, BYTES("\0\0\x08\0"), UM_INNER_ETHERTYPE, 0x0800},
    {"GRE with checksum", UM_IP_GRE, 0, BYTES("\x80\0\x86\xdd____"), UM_INNER_ETHERTYPE, 0x86dd},
    {"GRE with all", UM_IP_GRE, 0, BYTES("\xb0\0\x65\x58____kkkkssss"), UM_INNER_ETHERTYPE, 0x6558},
    {"GRE with routing", UM_IP_GRE, 0, BYTES("\x40\0\x08\0____"), UM_INNER_NONE, 0},
    {"PPTP", UM_IP_GRE, 0, BYTES("\x20\x01\x88\x0blncl"), UM_INNER_ETHERTYPE, 0x880b},
    {"PPTP with numbers", UM_IP_GRE, 0, BYTES("\x30\x81\x88\x0blnclssssaaaa"), UM_INNER_ETHERTYPE,
     0x880b},
    {"ERSPAN I", UM_IP_GRE, 0, BYTES("\0\0\x88\xbe"), UM_INNER_LINK, UM_LINK_ETHERNET},
    {"ERSPAN II", UM_IP_GRE, 0, BYTES("\x10\0\x88\xbessss________"), UM_INNER_LINK,
     UM_LINK_ETHERNET},
    {"ERSPAN III", UM_IP_GRE, 0, BYTES("\x10\0\x22\xebssss___________\0"), UM_INNER_LINK,
     UM_LINK_ETHERNET},
    {"ERSPAN III with sub-header", UM_IP_GRE, 0, BYTES("\x10\0\x22\xebssss___________\1________"),
     UM_INNER_LINK, UM_LINK_ETHERNET},
    {"WCCP", UM_IP_GRE, 0, BYTES("\0\0\x88\x3e\x80\0gg"), UM_INNER_IP, 0},
    {"VXLAN", UM_IP_UDP, 4789, BYTES("\x08\0\0\0\0\0\1\0"), UM_INNER_LINK, UM_LINK_ETHERNET},
    {"VXLAN without network", UM_IP_UDP, 4789, BYTES("\0\0\0\0\0\0\1\0"), UM_INNER_NONE, 0},
    {"VXLAN, the old port", UM_IP_UDP, 8472, BYTES("\x08\0\0\0\0\0\1\0"), UM_INNER_LINK,
     UM_LINK_ETHERNET},
    {"VXLAN-GPE", UM_IP_UDP, 4790, BYTES("\x0c\0\0\3\0\0\1\0"), UM_INNER_ETHERTYPE, 0x6558},
    {"VXLAN-GPE of IP", UM_IP_UDP, 4790, BYTES("\x0c\0\0\1\0\0\1\0"), UM_INNER_ETHERTYPE, 0x0800},
    {"VXLAN-GPE of NSH", UM_IP_UDP, 4790, BYTES("\4\0\0\4\0\0\1\0"), UM_INNER_ETHERTYPE, 0x894f},
    {"VXLAN-GPE that says nothing", UM_IP_UDP, 4790, BYTES("\x08\0\0\0\0\0\1\0"), UM_INNER_LINK,
     UM_LINK_ETHERNET},
    {"VXLAN-GPE of nothing known", UM_IP_UDP, 4790, BYTES("\x0c\0\0\x09\0\0\1\0"), UM_INNER_NONE,
     0},
    {"VXLAN-GPE of another version", UM_IP_UDP, 4790, BYTES("\x1c\0\0\1\0\0\1\0"), UM_INNER_NONE,
     0},
    {"LISP of no IP", UM_IP_UDP, 4341, BYTES("\x80nnnllll\x10"), UM_INNER_NONE, 0},
    {"LISP, encrypted", UM_IP_UDP, 4341, BYTES("\x81nnnllll"), UM_INNER_NONE, 0},
    {"LISP-GPE", UM_IP_UDP, 4341, BYTES("\x0cnn\3llll"), UM_INNER_ETHERTYPE, 0x6558},
    {"TZSP", UM_IP_UDP, 37008, BYTES("\1\0\0\1\1"), UM_INNER_LINK, UM_LINK_ETHERNET},
    {"TZSP with tags", UM_IP_UDP, 37008, BYTES("\1\1\0\x12\0\x0a\1s\x29\2ll\1"), UM_INNER_LINK,
     UM_LINK_WLAN},
    {"TZSP of nothing known", UM_IP_UDP, 37008, BYTES("\1\0\0\2\1"), UM_INNER_NONE, 0},
    {"TZSP, no packet", UM_IP_UDP, 37008, BYTES("\1\4\0\1\1"), UM_INNER_NONE, 0},
    {"Geneve", UM_IP_UDP, 6081, BYTES("\0\0\x65\x58\0\0\1\0"), UM_INNER_ETHERTYPE, 0x6558},
    {"Geneve with options", UM_IP_UDP, 6081, BYTES("\2\0\x08\0\0\0\1\0________"),
     UM_INNER_ETHERTYPE, 0x0800},
    {"Geneve of another version", UM_IP_UDP, 6081, BYTES("\x40\0\x08\0\0\0\1\0"), UM_INNER_NONE, 0},
    {"GTP-U", UM_IP_UDP, 2152, BYTES("\x30\xfflntttt"), UM_INNER_IP, 0},
    {"GTP-U with a number", UM_IP_UDP, 2152, BYTES("\x32\xfflnttttss_\0"), UM_INNER_IP, 0},
    {"GTP-U with extensions", UM_IP_UDP, 2152, BYTES("\x34\xfflnttttss_\x85\1__\x85\2______\0"),
     UM_INNER_IP, 0},
    {"GTP-U with an empty extension", UM_IP_UDP, 2152, BYTES("\x34\xfflnttttss_\x85\0__\0"),
     UM_INNER_NONE, 0},
    {"GTP echo", UM_IP_UDP, 2152, BYTES("\x32\x01lnttttss_\0"), UM_INNER_NONE, 0},
    {"L2TP", UM_IP_UDP, 1701, BYTES("\0\2ttss"), UM_INNER_LINK, UM_LINK_PPP},
    {"L2TP with all", UM_IP_UDP, 1701, BYTES("\x4a\2lnttssnsnr\0\2__"), UM_INNER_LINK, UM_LINK_PPP},
    {"L2TP control", UM_IP_UDP, 1701, BYTES("\xc8\2lnttssnsnr"), UM_INNER_NONE, 0},
    {"GRE in UDP", UM_IP_UDP, 4754, BYTES("\0\0\x08\0"), UM_INNER_ETHERTYPE, 0x0800},
    {"MPLS in UDP", UM_IP_UDP, 6635, BYTES(""), UM_INNER_ETHERTYPE, 0x8847},
    {"no tunnel", UM_IP_UDP, 53, BYTES("\x08\0\0\0\0\0\1\0"), UM_INNER_NONE, 0},
    {"ESP", 50, 0, BYTES("________"), UM_INNER_NONE, 0},
};

enum { PACKET_MAX = 128 };

/* The payload of the datagram: UDP where it has ports, the header, then "inside". */
static size_t
make(const struct tunnel *tunnel, bool is_reply, uint8_t out[PACKET_MAX])
{
    size_t len = 0;
    if (tunnel->port != 0) {
        memset(out, 0, 8);
        size_t at = is_reply ? 0 : 2;
        out[at] = (uint8_t)(tunnel->port >> 8);
        out[at + 1] = (uint8_t)tunnel->port;
        len = 8;
    }
    memcpy(out + len, tunnel->header, tunnel->len);
    memcpy(out + len + tunnel->len, "inside", 6);
    return len + tunnel->len + 6;
}

static void
every_tunnel_is_opened(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof tunnels / sizeof *tunnels; i++) {
        for (int is_reply = 0; is_reply < 2; is_reply++) {
            const struct tunnel *tunnel = &tunnels[i];
            uint8_t bytes[PACKET_MAX];
            size_t len = make(tunnel, is_reply, bytes);
            struct um_ip ip = {.protocol = tunnel->protocol, .payload = um_span_of(bytes, len)};
            struct um_inner inner = um_tunnel_open(&ip);
            if (inner.kind != tunnel->kind || inner.type != tunnel->type)
                fail_msg("%s: kind %d, type %x", tunnel->name, inner.kind, inner.type);
            if (inner.kind != UM_INNER_NONE)
                assert_span_equal(inner.bytes, S("inside"));
        }
    }
}

static void
every_prefix_is_no_tunnel_or_a_shorter_inside(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof tunnels / sizeof *tunnels; i++) {
        uint8_t bytes[PACKET_MAX];
        size_t len = make(&tunnels[i], false, bytes);
        for (size_t n = 0; n < len; n++) {
            uint8_t *heap = um_test_exact_copy(bytes, n);
            struct um_ip ip = {.protocol = tunnels[i].protocol, .payload = um_span_of(heap, n)};
            struct um_inner inner = um_tunnel_open(&ip);
            if (inner.kind != UM_INNER_NONE)
                assert_true(inner.bytes.len <= 6 && n >= len - 6);
            else
                assert_true(tunnels[i].kind == UM_INNER_NONE || n < len - 6);
            free(heap);
        }
    }
}

/* WCCP's first version has no header of its own, the second's may begin like one of IPv4; LISP's
 * says no protocol. */
static void
header_that_is_told_by_what_is_inside_is_opened(void **state)
{
    (void)state;
    static const struct {
        uint8_t protocol;
        size_t len;
        const char *header;
    } cases[] = {
        {UM_IP_GRE, BYTES("\0\0\x88\x3e")},
        {UM_IP_GRE, BYTES("\0\0\x88\x3e\x40\0gg")},
        {UM_IP_UDP, BYTES("pp\x10\xf5llcc\x80nnnllll")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t bytes[PACKET_MAX];
        memcpy(bytes, cases[i].header, cases[i].len);
        memcpy(bytes + cases[i].len, "Eip", 3);
        struct um_ip ip = {.protocol = cases[i].protocol,
                           .payload = um_span_of(bytes, cases[i].len + 3)};
        struct um_inner inner = um_tunnel_open(&ip);
        assert_int_equal(inner.kind, UM_INNER_IP);
        assert_span_equal(inner.bytes, S("Eip"));
    }
}

/* Teredo's inside must be IPv6: what stands before it is told by its first byte. */
static void
teredo_is_opened_with_all_that_may_come_first(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        const char *header;
    } headers[] = {{BYTES("")},
                   {BYTES("\0\0pp____")},
                   {BYTES("\0\1\0\0________\0")},
                   {BYTES("\0\1\2\3cclll________\0\0\0pp____")}};
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        uint8_t bytes[PACKET_MAX] = {0, 0, 3544 >> 8, 3544 & 0xff};
        memcpy(bytes + 8, headers[i].header, headers[i].len);
        bytes[8 + headers[i].len] = 0x60;
        struct um_ip ip = {.protocol = UM_IP_UDP,
                           .payload = um_span_of(bytes, 8 + headers[i].len + 40)};
        struct um_inner inner = um_tunnel_open(&ip);
        assert_int_equal(inner.kind, UM_INNER_IP);
        assert_int_equal(inner.bytes.len, 40);
        ip.payload.len--;
        assert_int_equal(um_tunnel_open(&ip).kind, UM_INNER_NONE);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tunnel_is_opened),
        cmocka_unit_test(every_prefix_is_no_tunnel_or_a_shorter_inside),
        cmocka_unit_test(header_that_is_told_by_what_is_inside_is_opened),
        cmocka_unit_test(teredo_is_opened_with_all_that_may_come_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
