/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/net/plain.h"

#include "offline/net/ip.h"
#include "offline/net/link.h"

enum {
    ETHERNET = 14, /* bytes of the headers */
    IP = 20,
    TCP = 20,
    ETHERTYPE_IPV4 = 0x0800,
    IP_FIRST = 0x45, /* version 4, no options */
    IP_FRAGMENT = 0x3fff,
};

static uint16_t
be16_at(const uint8_t *at)
{
    return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t
be32_at(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static const uint8_t *
tcp_of(const struct um_plain *plain)
{
    return plain->ip + IP;
}

bool
um_plain_see(const struct um_packet *packet, struct um_plain *out)
{
    const uint8_t *frame = packet->bytes.data;
    size_t len = packet->bytes.len;
    if (packet->link_type != UM_LINK_ETHERNET || len < ETHERNET + IP + TCP ||
        packet->wire_len != len || be16_at(frame + ETHERNET - 2) != ETHERTYPE_IPV4)
        return false;
    const uint8_t *ip = frame + ETHERNET;
    size_t total = be16_at(ip + 2), header_len = (ip[IP + 12] >> 4) * 4U;
    bool is_fragment = be16_at(ip + 6) & IP_FRAGMENT;
    if (ip[0] != IP_FIRST || ip[9] != UM_IP_TCP || is_fragment || total > len - ETHERNET ||
        header_len < TCP || total < IP + header_len)
        return false;
    *out = (struct um_plain){
        .ip = ip, .header_len = header_len, .payload_len = total - IP - header_len};
    return true;
}

bool
um_plain_is_idle(const struct um_plain *plain)
{
    /* one question, of which the answer is as good as random: it is guessed wrong once at the most
     */
    return (plain->payload_len | (tcp_of(plain)[13] & (UM_TCP_SYN | UM_TCP_FIN))) == 0;
}

bool
um_plain_is_syn(const struct um_plain *plain)
{
    return tcp_of(plain)[13] & UM_TCP_SYN;
}

/* An IPv4 address as the first word of an endpoint's. */
static uint64_t
word_of(const uint8_t *address)
{
    uint64_t word = 0;
    memcpy(&word, address, 4);
    return word;
}

void
um_plain_identify(const struct um_plain *plain, struct um_ends *ends)
{
    const uint8_t *tcp = tcp_of(plain);
    um_ends_set_hashes(ends, um_ends_hash_one(word_of(plain->ip + 12), 0, be16_at(tcp)),
                       um_ends_hash_one(word_of(plain->ip + 16), 0, be16_at(tcp + 2)));
}

static void
set_end(struct um_endpoint *end, const uint8_t *address, uint16_t port)
{
    /* stored as it will be read: in words, of which the processor need not wait for the parts */
    uint64_t words[2] = {word_of(address), 0};
    end->address_len = 4;
    end->port = port;
    memcpy(end->address, words, sizeof words);
}

void
um_plain_read_ends(const struct um_plain *plain, struct um_ends *ends)
{
    const uint8_t *header = tcp_of(plain);
    set_end(&ends->source, plain->ip + 12, be16_at(header));
    set_end(&ends->destination, plain->ip + 16, be16_at(header + 2));
}

void
um_plain_read_tcp(const struct um_plain *plain, struct um_tcp *tcp)
{
    const uint8_t *header = tcp_of(plain);
    *tcp = (struct um_tcp){.source_port = be16_at(header),
                           .destination_port = be16_at(header + 2),
                           .seq = be32_at(header + 4),
                           .ack = be32_at(header + 8),
                           .flags = header[13] & UM_TCP_FLAGS,
                           .payload = um_span_of(header + plain->header_len, plain->payload_len)};
}
