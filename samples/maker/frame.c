/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "samples/maker/frame.h"

#include <arpa/inet.h>
#include <string.h>

#include "samples/maker/words.h"

enum {
    IPV4_LEN = 20,
    IPV6_LEN = 40,
    TCP_LEN = 20,
    MTU = 1500,
    TTL = 64,
    PROTOCOL_TCP = 6,
    WINDOW = 64240,
};

bool
um_host_parse(const char *text, struct um_host *out)
{
    char address[INET6_ADDRSTRLEN];
    const char *colon = strrchr(text, ':');
    uint32_t port;
    if (!colon || !um_words_parse_number(colon + 1, &port) || port == 0 || port > UINT16_MAX)
        return false;
    bool bracketed = *text == '[' && colon[-1] == ']';
    size_t len = (size_t)(colon - text) - (bracketed ? 2 : 0);
    if (len >= sizeof address)
        return false;
    memcpy(address, text + (bracketed ? 1 : 0), len);
    address[len] = 0;
    *out = (struct um_host){.is_v6 = bracketed, .port = (uint16_t)port};
    return inet_pton(bracketed ? AF_INET6 : AF_INET, address, out->address) == 1;
}

static size_t
address_len(const struct um_host *host)
{
    return host->is_v6 ? 16 : 4;
}

size_t
um_frame_payload_max(const struct um_host *host)
{
    return (size_t)MTU - (host->is_v6 ? IPV6_LEN : IPV4_LEN) - TCP_LEN;
}

/* The sum of 16-bit words of RFC 1071, not yet folded. */
static uint32_t
add_words(uint32_t sum, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        sum += i % 2 ? data[i] : (uint32_t)data[i] << 8;
    return sum;
}

static void
store_checksum(uint8_t *at, uint32_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    at[0] = (uint8_t)(~sum >> 8 & 0xff);
    at[1] = (uint8_t)(~sum & 0xff);
}

/* A locally administered address made of the host's own. */
static void
add_mac(const struct um_host *host, struct um_bytes *out)
{
    um_bytes_be16(out, 0x0200);
    um_bytes_add(out, host->address + address_len(host) - 4, 4);
}

static void
add_ethernet(const struct um_segment *segment, struct um_bytes *out)
{
    add_mac(segment->destination, out);
    add_mac(segment->source, out);
    um_bytes_be16(out, segment->source->is_v6 ? 0x86dd : 0x0800);
}

static void
add_ipv4(const struct um_segment *segment, struct um_bytes *out)
{
    size_t start = out->len;
    um_bytes_be16(out, 0x4500);
    um_bytes_be16(out, (unsigned)(IPV4_LEN + TCP_LEN + segment->len));
    um_bytes_be16(out, segment->number);
    um_bytes_be16(out, 0x4000); /* do not fragment */
    um_bytes_u8(out, TTL);
    um_bytes_u8(out, PROTOCOL_TCP);
    um_bytes_be16(out, 0); /* the checksum's place */
    um_bytes_add(out, segment->source->address, 4);
    um_bytes_add(out, segment->destination->address, 4);
    store_checksum(out->data + start + 10, add_words(0, out->data + start, IPV4_LEN));
}

static void
add_ipv6(const struct um_segment *segment, struct um_bytes *out)
{
    um_bytes_be32(out, 0x60000000);
    um_bytes_be16(out, (unsigned)(TCP_LEN + segment->len));
    um_bytes_u8(out, PROTOCOL_TCP);
    um_bytes_u8(out, TTL);
    um_bytes_add(out, segment->source->address, 16);
    um_bytes_add(out, segment->destination->address, 16);
}

static uint32_t
pseudo_header(const struct um_segment *segment)
{
    size_t len = address_len(segment->source);
    uint32_t sum = add_words(0, segment->source->address, len);
    sum = add_words(sum, segment->destination->address, len);
    return sum + PROTOCOL_TCP + TCP_LEN + (uint32_t)segment->len;
}

static void
add_tcp(const struct um_segment *segment, struct um_bytes *out)
{
    size_t start = out->len;
    um_bytes_be16(out, segment->source->port);
    um_bytes_be16(out, segment->destination->port);
    um_bytes_be32(out, segment->sequence);
    um_bytes_be32(out, segment->acknowledged);
    um_bytes_be16(out, (TCP_LEN / 4) << 12 | segment->flags);
    um_bytes_be16(out, WINDOW);
    um_bytes_be16(out, 0); /* the checksum's place */
    um_bytes_be16(out, 0);
    um_bytes_add(out, segment->payload, segment->len);
    store_checksum(out->data + start + 16,
                   add_words(pseudo_header(segment), out->data + start, TCP_LEN + segment->len));
}

void
um_frame_make(const struct um_segment *segment, struct um_bytes *out)
{
    add_ethernet(segment, out);
    if (segment->source->is_v6)
        add_ipv6(segment, out);
    else
        add_ipv4(segment, out);
    add_tcp(segment, out);
}
