/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames as tcpdump.org/linktypes.html draws them; inside is "Eip", whose E is version 4. */
#include "offline/net/link.h"

#include "tests/support/support.h"

struct frame {
    const char *name;
    uint32_t link_type;
    size_t len;
    const char *header;
    enum um_link_kind kind;
};

#define BYTES(text) sizeof(text) - 1, text
#define MACS                                                                                       \
    "\320ddddd"                                                                                    \
    "ssssss"

enum {
    NULL_LOOPBACK = 0,
    ETHERNET = 1,
    TOKEN_RING = 6,
    PPP = 9,
    FDDI = 10,
    PPP_HDLC = 50,
    PPP_ETHER = 51,
    ATM = 100,
    RAW = 101,
    C_HDLC = 104,
    WLAN = 105,
    FRAME_RELAY = 107,
    LOOP = 108,
    ENC = 109,
    SLL = 113,
    PRISM = 119,
    FIBRE_CHANNEL = 122,
    RADIOTAP = 127,
    FIREWIRE = 138,
    AVS = 163,
    ERF = 197,
    PPP_DIRECTED = 204,
    IPV4 = 228,
    IPV6 = 229,
    PPI = 192,
    NFLOG = 239,
    INFINIBAND = 242,
    EXPORTED = 252,
    PKTAP = 258,
    SLL2 = 276
};

static const struct frame frames[] = {
    {"raw", RAW, BYTES(""), UM_LINK_IP},
    {"raw of old", 12, BYTES(""), UM_LINK_IP},
    {"raw of old", 14, BYTES(""), UM_LINK_IP},
    {"IPv4", IPV4, BYTES(""), UM_LINK_IP},
    {"IPv6", IPV6, BYTES(""), UM_LINK_IP},
    {"raw, no IP", RAW, BYTES("\x50"), UM_LINK_NOT_IP},
    {"Ethernet", ETHERNET, BYTES(MACS "\x08\0"), UM_LINK_IP},
    {"Ethernet, v6", ETHERNET, BYTES(MACS "\x86\xdd"), UM_LINK_IP},
    {"ARP", ETHERNET, BYTES(MACS "\x08\x06"), UM_LINK_NOT_IP},
    {"802.3 and SNAP", ETHERNET, BYTES(MACS "\0\x20\xaa\xaa\3\0\0\0\x08\0"), UM_LINK_IP},
    {"802.3 and IP's own LLC", ETHERNET, BYTES(MACS "\0\x20\6\6\3"), UM_LINK_IP},
    {"802.3 and OSI", ETHERNET, BYTES(MACS "\0\x20\xfe\xfe\3\xcc"), UM_LINK_IP},
    {"802.3 and spanning tree", ETHERNET, BYTES(MACS "\0\x20\x42\x42\3"), UM_LINK_NOT_IP},
    {"802.3, numbered LLC", ETHERNET, BYTES(MACS "\0\x20\xaa\xaa\0\0\0\0\x08\0"), UM_LINK_NOT_IP},
    {"SNAP of a company", ETHERNET, BYTES(MACS "\0\x20\xaa\xaa\3\0\0\x0c\x20\0"), UM_LINK_NOT_IP},
    {"VLAN", ETHERNET, BYTES(MACS "\x81\0tt\x08\0"), UM_LINK_IP},
    {"QinQ", ETHERNET, BYTES(MACS "\x88\xa8tt\x81\0tt\x08\0"), UM_LINK_IP},
    {"QinQ of old", ETHERNET, BYTES(MACS "\x91\0tt\x81\0tt\x86\xdd"), UM_LINK_IP},
    {"VLAN and 802.3", ETHERNET, BYTES(MACS "\x81\0tt\0\x20\xaa\xaa\3\0\0\0\x08\0"), UM_LINK_IP},
    {"VN-Tag", ETHERNET, BYTES(MACS "\x89\x26tttt\x08\0"), UM_LINK_IP},
    {"VN-Tag and VLAN", ETHERNET, BYTES(MACS "\x89\x26tttt\x81\0tt\x08\0"), UM_LINK_IP},
    {"E-Tag", ETHERNET, BYTES(MACS "\x89\x3ftttttt\x08\0"), UM_LINK_IP},
    {"security group", ETHERNET, BYTES(MACS "\x89\x09\1\1oogg\x08\0"), UM_LINK_IP},
    {"security group of an ARP", ETHERNET, BYTES(MACS "\x89\x09\1\1oogg\x08\6"), UM_LINK_NOT_IP},
    {"PBB", ETHERNET, BYTES(MACS "\x88\xe7tttt" MACS "\x08\0"), UM_LINK_IP},
    {"PBB behind its provider's tag", ETHERNET,
     BYTES(MACS "\x88\xa8tt\x88\xe7tttt" MACS "\x81\0tt\x08\0"), UM_LINK_IP},
    {"TRILL", ETHERNET, BYTES(MACS "\x22\xf3\0\1eeii" MACS "\x08\0"), UM_LINK_IP},
    {"TRILL with options", ETHERNET,
     BYTES(MACS "\x22\xf3\0\x81"
                "eeiioooooooo" MACS "\x08\0"),
     UM_LINK_IP},
    {"jumbo LLC", ETHERNET, BYTES(MACS "\x88\x70\xaa\xaa\3\0\0\0\x08\0"), UM_LINK_IP},
    {"MACsec", ETHERNET, BYTES(MACS "\x88\xe5\0lnnnn\x08\0"), UM_LINK_IP},
    {"MACsec that names its sender", ETHERNET, BYTES(MACS "\x88\xe5\x20lnnnnssssssss\x08\0"),
     UM_LINK_IP},
    {"MACsec, encrypted", ETHERNET, BYTES(MACS "\x88\xe5\x0clnnnn\x08\0"), UM_LINK_NOT_IP},
    {"NSH", ETHERNET, BYTES(MACS "\x89\x4f\x0f\xc2\2\1ssss"), UM_LINK_IP},
    {"NSH with metadata", ETHERNET,
     BYTES(MACS "\x89\x4f\x0f\xc6\1\3ssssmmmmmmmmmmmmmmmm" MACS "\x08\0"), UM_LINK_IP},
    {"NSH in NSH, MPLS", ETHERNET, BYTES(MACS "\x89\x4f\x0f\xc2\2\4ssss\x0f\xc2\2\5ssssll\1t"),
     UM_LINK_IP},
    {"NSH, too short for itself", ETHERNET, BYTES(MACS "\x89\x4f\x0f\xc0\2\1ssss"), UM_LINK_BAD},
    {"NSH of nothing known", ETHERNET, BYTES(MACS "\x89\x4f\x0f\xc2\2\xfessss"), UM_LINK_NOT_IP},
    {"MPLS", ETHERNET, BYTES(MACS "\x88\x47ll\1t"), UM_LINK_IP},
    {"MPLS, three labels", ETHERNET, BYTES(MACS "\x88\x48ll\0tll\0tll\1t"), UM_LINK_IP},
    {"Ethernet over MPLS", ETHERNET, BYTES(MACS "\x88\x47ll\1t\0\0\0\0" MACS "\x08\0"), UM_LINK_IP},
    {"the same without control word", ETHERNET, BYTES(MACS "\x88\x47ll\1t" MACS "\x08\0"),
     UM_LINK_IP},
    {"PPPoE", ETHERNET, BYTES(MACS "\x88\x64\x11\0ssll\0\x21"), UM_LINK_IP},
    {"PPPoE, v6", ETHERNET, BYTES(MACS "\x88\x64\x11\0ssll\0\x57"), UM_LINK_IP},
    {"PPPoE discovery", ETHERNET, BYTES(MACS "\x88\x63\x11\x09ssll"), UM_LINK_NOT_IP},
    {"PPPoE alone", PPP_ETHER, BYTES("\x11\0ssll\x21"), UM_LINK_IP},
    {"PPP", PPP, BYTES("\xff\3\0\x21"), UM_LINK_IP},
    {"PPP, all left out", PPP, BYTES("\x21"), UM_LINK_IP},
    {"PPP and MPLS", PPP, BYTES("\xff\3\2\x81ll\1t"), UM_LINK_IP},
    {"PPP's own control", PPP, BYTES("\xff\3\xc0\x21"), UM_LINK_NOT_IP},
    {"PPP with a direction", PPP_DIRECTED, BYTES("\1\xff\3\0\x21"), UM_LINK_IP},
    {"PPP in HDLC", PPP_HDLC, BYTES("\xff\3\0\x21"), UM_LINK_IP},
    {"Cisco's HDLC", C_HDLC, BYTES("\x0f\0\x08\0"), UM_LINK_IP},
    {"loopback, little-endian", NULL_LOOPBACK, BYTES("\2\0\0\0"), UM_LINK_IP},
    {"loopback, big-endian", NULL_LOOPBACK, BYTES("\0\0\0\x1e"), UM_LINK_IP},
    {"loopback of OpenBSD", LOOP, BYTES("\0\0\0\x18"), UM_LINK_IP},
    {"loopback, no IP", NULL_LOOPBACK, BYTES("\7\0\0\0"), UM_LINK_NOT_IP},
    {"loopback, an EtherType", NULL_LOOPBACK, BYTES("\0\x08\0\0"), UM_LINK_IP},
    {"loopback, v6's EtherType", NULL_LOOPBACK, BYTES("\0\0\x86\xdd"), UM_LINK_IP},
    {"OpenBSD's IPsec", ENC, BYTES("ffffssssllll"), UM_LINK_IP},
    {"Frame Relay", FRAME_RELAY, BYTES("\x18\x41\3\xcc"), UM_LINK_IP},
    {"Frame Relay, padded", FRAME_RELAY, BYTES("\x18\x41\3\0\x8e"), UM_LINK_IP},
    {"Frame Relay, four bytes of address", FRAME_RELAY, BYTES("\x18\x40\x40\1\3\xcc"), UM_LINK_IP},
    {"Frame Relay, SNAP", FRAME_RELAY, BYTES("\x18\x41\3\0\x80\0\0\0\x08\0"), UM_LINK_IP},
    {"Frame Relay between Ethernets", FRAME_RELAY,
     BYTES("\x18\x41\3\0\x80\0\x80\xc2\0\7" MACS "\x08\0"), UM_LINK_IP},
    {"Cisco's Frame Relay", FRAME_RELAY, BYTES("\x18\x41\x08\0"), UM_LINK_IP},
    {"Frame Relay's own control", FRAME_RELAY, BYTES("\0\1\3\x08"), UM_LINK_NOT_IP},
    {"Fibre Channel", FIBRE_CHANNEL, BYTES("ddddddddssssssss\xaa\xaa\3\0\0\0\x08\0"), UM_LINK_IP},
    {"FireWire", FIREWIRE, BYTES("ddddddddssssssss\x08\0"), UM_LINK_IP},
    {"FDDI", FDDI, BYTES("\x50" MACS "\xaa\xaa\3\0\0\0\x08\0"), UM_LINK_IP},
    {"FDDI's own control", FDDI, BYTES("\x4f" MACS "\xaa\xaa\3\0\0\0\x08\0"), UM_LINK_NOT_IP},
    {"token ring", TOKEN_RING, BYTES("\x10\x40" MACS "\xaa\xaa\3\0\0\0\x08\0"), UM_LINK_IP},
    {"token ring with a route", TOKEN_RING,
     BYTES("\x10\x40"
           "dddddd\xf3sssss\6\0rrrr\xaa\xaa\3\0\0\0\x08\0"),
     UM_LINK_IP},
    {"token ring's own control", TOKEN_RING, BYTES("\x10\0" MACS "\xaa\xaa\3\0\0\0\x08\0"),
     UM_LINK_NOT_IP},
    {"ERF, Ethernet", ERF, BYTES("tttttttt\2frrllwwo_" MACS "\x08\0"), UM_LINK_IP},
    {"ERF, longer header", ERF,
     BYTES("tttttttt\x82"
           "frrllww\x83xxxxxxx\3xxxxxxxo_" MACS "\x08\0"),
     UM_LINK_IP},
    {"ERF, HDLC", ERF, BYTES("tttttttt\1frrllww\x0f\0\x08\0"), UM_LINK_IP},
    {"ERF, PPP", ERF, BYTES("tttttttt\1frrllww\xff\3\0\x21"), UM_LINK_IP},
    {"ERF, IP", ERF,
     BYTES("tttttttt\x16"
           "frrllww"),
     UM_LINK_IP},
    {"ERF, ATM", ERF, BYTES("tttttttt\3frrllww"), UM_LINK_NOT_IP},
    {"ATM", ATM, BYTES("\xaa\xaa\3\0\0\0\x08\0"), UM_LINK_IP},
    {"Linux cooked", SLL, BYTES("ttaallssssssss\x08\0"), UM_LINK_IP},
    {"Linux cooked and VLAN", SLL, BYTES("ttaallssssssss\x81\0tt\x08\0"), UM_LINK_IP},
    {"Linux cooked and LLC", SLL, BYTES("ttaallssssssss\0\4\xaa\xaa\3\0\0\0\x08\0"), UM_LINK_IP},
    {"Linux cooked 2", SLL2, BYTES("\x08\0__iiiittpl________"), UM_LINK_IP},
    {"802.11", WLAN, BYTES("\x08\1__aaaaaabbbbbbccccccp\0\xaa\xaa\3\0\0\0\x08\0"), UM_LINK_IP},
    {"802.11 between access points", WLAN,
     BYTES("\x08\3__aaaaaabbbbbbccccccp\0eeeeee\xaa\xaa\3\0\0\0\x08\0"), UM_LINK_IP},
    {"802.11, QoS", WLAN, BYTES("\x88\1__aaaaaabbbbbbccccccp\0\0q\xaa\xaa\3\0\0\0\x08\0"),
     UM_LINK_IP},
    {"802.11, QoS and HT", WLAN,
     BYTES("\x88\x81__aaaaaabbbbbbccccccp\0\0qhhhh\xaa\xaa\3\0\0\0\x08\0"), UM_LINK_IP},
    {"802.11, A-MSDU", WLAN,
     BYTES("\x88\1__aaaaaabbbbbbccccccp\0\x80q" MACS "ll\xaa\xaa\3\0\0\0\x08\0"), UM_LINK_IP},
    {"802.11, encrypted", WLAN, BYTES("\x08\x41__aaaaaabbbbbbccccccp\0"), UM_LINK_NOT_IP},
    {"802.11, a beacon", WLAN, BYTES("\x80\0__aaaaaabbbbbbccccccp\0"), UM_LINK_NOT_IP},
    {"802.11, no body", WLAN, BYTES("\x48\1__aaaaaabbbbbbccccccp\0"), UM_LINK_NOT_IP},
    {"802.11, a fragment", WLAN, BYTES("\x08\1__aaaaaabbbbbbcccccc\1\0\xaa\xaa\3\0\0\0\x08\0"),
     UM_LINK_NOT_IP},
    {"radiotap", RADIOTAP,
     BYTES("\0\0\x08\0\0\0\0\0\x08\1__aaaaaabbbbbbccccccp\0\xaa\xaa\3\0\0\0\x08\0"), UM_LINK_IP},
    {"radiotap, padded header", RADIOTAP,
     BYTES("\0\0\x09\0\2\0\0\0\x20\x88\1__aaaaaabbbbbbccccccp\0\0q__\xaa\xaa\3\0\0\0\x08\0"),
     UM_LINK_IP},
    {"radiotap, flags behind a time", RADIOTAP,
     BYTES(
         "\0\0\x11\0\3\0\0\0tttttttt\x20\x88\1__aaaaaabbbbbbccccccp\0\0q__\xaa\xaa\3\0\0\0\x08\0"),
     UM_LINK_IP},
    {"radiotap, too short for itself", RADIOTAP, BYTES("\0\0\x07\0\0\0\0\0"), UM_LINK_BAD},
    {"AVS", AVS,
     BYTES("\x80\x21\x10\1\0\0\0\x0a__\x08\1__aaaaaabbbbbbccccccp\0\xaa\xaa\3\0\0\0\x08\0"),
     UM_LINK_IP},
    {"exported, by name", EXPORTED, BYTES("\0\x0c\0\2ip\0\0\0\0"), UM_LINK_IP},
    {"exported, padded name", EXPORTED, BYTES("\0\x0c\0\4ip\0\0\0\0\0\0"), UM_LINK_IP},
    {"exported, other tags", EXPORTED, BYTES("\0\x14\0\4aaaa\0\x0c\0\4ipv6\0\0\0\0"), UM_LINK_IP},
    {"exported Ethernet", EXPORTED,
     BYTES("\0\x0c\0\x10"
           "eth_withoutfcs\0\0\0\0\0\0" MACS "\x08\0"),
     UM_LINK_IP},
    {"exported, no IP", EXPORTED, BYTES("\0\x0c\0\4http\0\0\0\0"), UM_LINK_NOT_IP},
    {"nflog", NFLOG, BYTES("\2\0rr\5\0\1\0p___\x07\0\x09\0"), UM_LINK_IP},
    {"nflog, big-endian", NFLOG, BYTES("\2\0rr\0\x08\0\1pppp\0\x07\0\x09"), UM_LINK_IP},
    {"nflog, a field without length", NFLOG, BYTES("\2\0rr\3\0\1\0"), UM_LINK_BAD},
    {"PPI", PPI, BYTES("\0\0\x0a\0\x69\0\0\0__\x08\1__aaaaaabbbbbbccccccp\0\xaa\xaa\3\0\0\0\x08\0"),
     UM_LINK_IP},
    {"PPI, too short for itself", PPI, BYTES("\0\0\7\0\1\0\0\0" MACS "\x08\0"), UM_LINK_BAD},
    {"PPI of no such type", PPI, BYTES("\0\0\x08\0\xff\xff\0\0"), UM_LINK_UNKNOWN},
    {"PKTAP", PKTAP, BYTES("\x0e\0\0\0\1\0\0\0\1\0\0\0__" MACS "\x08\0"), UM_LINK_IP},
    {"PKTAP of a loopback", PKTAP, BYTES("\x0c\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0"), UM_LINK_IP},
    {"PKTAP, no packet", PKTAP, BYTES("\x0c\0\0\0\0\0\0\0\1\0\0\0"), UM_LINK_NOT_IP},
    {"PKTAP, too short for itself", PKTAP, BYTES("\x0b\0\0\0\1\0\0\0\1\0\0\0"), UM_LINK_BAD},
    {"IP over InfiniBand", INFINIBAND, BYTES("gggggggggggggggggggggggggggggggggggggggg\x08\0__"),
     UM_LINK_IP},
    {"InfiniBand's ARP", INFINIBAND, BYTES("gggggggggggggggggggggggggggggggggggggggg\x08\6__"),
     UM_LINK_NOT_IP},
    {"no such type", 9999, BYTES(""), UM_LINK_UNKNOWN},
};

enum { FRAME_MAX = 200 };

static size_t
make(const struct frame *frame, uint8_t out[FRAME_MAX])
{
    memcpy(out, frame->header, frame->len);
    memcpy(out + frame->len, "Eip", 3);
    return frame->len + 3;
}

static void
every_frame_is_stripped(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        uint8_t bytes[FRAME_MAX];
        uint64_t budget = 8;
        struct um_stripped out;
        size_t len = make(&frames[i], bytes);
        enum um_link_kind kind =
            um_link_strip(frames[i].link_type, um_span_of(bytes, len), &budget, &out);
        bool is_right = kind != UM_LINK_IP || um_span_equal(out.ip, S("Eip"));
        if (kind != frames[i].kind || !is_right || out.subframes.len > 0)
            fail_msg("%s: %d", frames[i].name, kind);
    }
}

static void
every_prefix_is_bad_or_no_ip(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++) {
        uint8_t bytes[FRAME_MAX];
        size_t len = make(&frames[i], bytes);
        for (size_t n = 0; n < len; n++) {
            uint8_t *heap = um_test_exact_copy(bytes, n);
            uint64_t budget = 8;
            struct um_stripped out;
            enum um_link_kind kind =
                um_link_strip(frames[i].link_type, um_span_of(heap, n), &budget, &out);
            if (kind == UM_LINK_IP)
                assert_true(out.ip.len > 0 && out.ip.data + out.ip.len == heap + n);
            assert_true(kind != UM_LINK_IP || n > frames[i].len);
            free(heap);
        }
    }
}

static void
prism_header_is_skipped(void **state)
{
    (void)state;
    uint8_t bytes[144 + 24 + 8 + 3] = {0};
    static const char wlan[] = "\x08\1__aaaaaabbbbbbccccccp\0\xaa\xaa\3\0\0\0\x08\0Eip";
    uint64_t budget = 8;
    struct um_stripped out;
    memcpy(bytes + 144, wlan, sizeof wlan - 1);
    assert_int_equal(um_link_strip(PRISM, um_span_of(bytes, sizeof bytes), &budget, &out),
                     UM_LINK_IP);
    assert_span_equal(out.ip, S("Eip"));
}

/* Header, three subframes, a frame check sequence. The first and the third have IP. */
#define AMSDU                                                                                      \
    "\x88\1__aaaaaabbbbbbccccccp\0\x80q" MACS "\0\x0b\xaa\xaa\3\0\0\0\x08\0"                       \
    "Eip..." MACS "\0\x09\xaa\xaa\3\0\0\0\x08\6r." MACS "\0\x0c\xaa\xaa\3\0\0\0\x86\xdd"           \
    "EIP6"                                                                                         \
    "ffff"

/* Only the first of them was read, the others were lost without a word. */
static void
all_subframes_of_a_frame_are_stripped(void **state)
{
    (void)state;
    uint64_t budget = 8;
    struct um_stripped out;
    assert_int_equal(um_link_strip(WLAN, um_span_of(AMSDU, sizeof AMSDU - 1), &budget, &out),
                     UM_LINK_IP);
    assert_span_equal(out.ip, S("Eip"));
    assert_int_equal(um_link_strip_subframe(out.subframes, &budget, &out), UM_LINK_NOT_IP);
    assert_int_equal(um_link_strip_subframe(out.subframes, &budget, &out), UM_LINK_IP);
    assert_span_equal(out.ip, S("EIP6"));
    assert_int_equal(out.subframes.len, 0);
}

/* Whatever is missing of the last one, those before it are whole. */
static void
every_prefix_of_subframes_has_those_that_are_whole(void **state)
{
    (void)state;
    enum { SECOND_AT = 26 + 28, THIRD_AT = SECOND_AT + 24 };
    for (size_t n = 0; n <= sizeof AMSDU - 1; n++) {
        uint8_t *heap = um_test_exact_copy(AMSDU, n);
        uint64_t budget = 8;
        struct um_stripped out;
        size_t count = 0;
        enum um_link_kind kind = um_link_strip(WLAN, um_span_of(heap, n), &budget, &out);
        assert_int_equal(kind == UM_LINK_IP, n > 26 + 14 + 8);
        for (; out.subframes.len > 0; count++)
            (void)um_link_strip_subframe(out.subframes, &budget, &out);
        assert_int_equal(count, n < SECOND_AT + 14 ? 0 : n < THIRD_AT + 14 ? 1 : 2);
        free(heap);
    }
}

static void
subframes_are_counted_as_headers(void **state)
{
    (void)state;
    for (uint64_t budget = 0; budget < 4; budget++) {
        uint64_t left = budget;
        struct um_stripped out;
        assert_int_equal(um_link_strip(WLAN, um_span_of(AMSDU, sizeof AMSDU - 1), &left, &out),
                         budget < 2 ? UM_LINK_DEEP : UM_LINK_IP);
        assert_int_equal(out.subframes.len > 0, budget > 0);
    }
}

static void
headers_cost_their_budget(void **state)
{
    (void)state;
    static const char twice[] = MACS "\x81\0tt\x81\0tt\x08\0Eip";
    for (uint64_t budget = 0; budget < 4; budget++) {
        uint64_t left = budget;
        struct um_stripped out;
        enum um_link_kind kind =
            um_link_strip(ETHERNET, um_span_of(twice, sizeof twice - 1), &left, &out);
        assert_int_equal(kind, budget < 2 ? UM_LINK_DEEP : UM_LINK_IP);
        if (kind == UM_LINK_IP)
            assert_int_equal(left, budget - 2);
    }
}

static void
what_an_ethertype_names_is_stripped(void **state)
{
    (void)state;
    uint64_t budget = 8;
    struct um_stripped out;
    assert_int_equal(um_link_strip_ethertype(0x0800, S("Eip"), &budget, &out), UM_LINK_IP);
    assert_span_equal(out.ip, S("Eip"));
    assert_int_equal(um_link_strip_ethertype(0x880b,
                                             S("\x21"
                                               "Eip"),
                                             &budget, &out),
                     UM_LINK_IP);
    assert_span_equal(out.ip, S("Eip"));
    assert_int_equal(um_link_strip_ethertype(0x0806, S("Eip"), &budget, &out), UM_LINK_NOT_IP);
    assert_int_equal(um_link_strip_ethertype(0x0800, S(""), &budget, &out), UM_LINK_BAD);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_frame_is_stripped),
        cmocka_unit_test(every_prefix_is_bad_or_no_ip),
        cmocka_unit_test(prism_header_is_skipped),
        cmocka_unit_test(all_subframes_of_a_frame_are_stripped),
        cmocka_unit_test(every_prefix_of_subframes_has_those_that_are_whole),
        cmocka_unit_test(subframes_are_counted_as_headers),
        cmocka_unit_test(headers_cost_their_budget),
        cmocka_unit_test(what_an_ethertype_names_is_stripped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
