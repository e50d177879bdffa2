/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records are laid out in a block that is written when it is full. */
#include "bench/gen/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/gen/text.h"

/* 2026-11-23T18:33:20Z, so that the same capture has the same bytes on every day. */
#define START_NS (UINT64_C(1795458800) * 1000000000)

enum {
    BLOCK = 4 << 20,
    RECORD_MAX = 70000,
    RECORD_HEADER = 16,
    ETHERNET = 14,
    IP = 20,
    TCP = 32, /* with 12 bytes of options */
    BETWEEN_FRAMES_NS = 96,
    NS_PER_BYTE = 8,
};

static void
fail(const char *what)
{
    (void)fprintf(stderr, "gen: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void
le32(uint8_t *to, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

static void
be16(uint8_t *to, uint32_t value)
{
    to[0] = (uint8_t)(value >> 8);
    to[1] = (uint8_t)value;
}

static void
be32(uint8_t *to, uint32_t value)
{
    be16(to, value >> 16);
    be16(to + 2, value);
}

static void
write_out(struct um_wire *wire)
{
    for (size_t at = 0; at < wire->used;) {
        ssize_t count = write(wire->file, wire->block + at, wire->used - at);
        if (count < 0 && errno != EINTR)
            fail("the capture");
        at += count > 0 ? (size_t)count : 0;
    }
    wire->used = 0;
}

static uint8_t *
take(struct um_wire *wire, size_t len)
{
    uint8_t *room = wire->block + wire->used;
    wire->used += len;
    wire->bytes += len;
    return room;
}

void
um_wire_open(struct um_wire *wire, const char *path)
{
    int file = STDOUT_FILENO;
    if (strcmp(path, "-") != 0)
        file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (file < 0)
        fail(path);
    *wire = (struct um_wire){.file = file, .block = um_text_alloc(BLOCK), .now_ns = START_NS};
    uint8_t *header = take(wire, 24);
    le32(header, 0xa1b2c3d4);
    le32(header + 4, 4 << 16 | 2); /* version 2.4 */
    le32(header + 16, 262144);     /* snap length */
    le32(header + 20, 1);          /* Ethernet */
}

void
um_wire_close(struct um_wire *wire)
{
    write_out(wire);
    if (wire->file != STDOUT_FILENO && close(wire->file) != 0)
        fail("the capture");
    free(wire->block);
}

/* The sum of RFC 1071, over words as the machine has them, which only swaps its bytes. */
static uint64_t
add_words(uint64_t sum, const uint8_t *data, size_t len)
{
    for (; len >= 4; data += 4, len -= 4) {
        uint32_t word;
        memcpy(&word, data, sizeof word);
        sum += word;
    }
    uint32_t last = 0;
    memcpy(&last, data, len);
    return sum + last;
}

static void
put_checksum(uint8_t *to, uint64_t sum)
{
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    uint16_t value = (uint16_t)~sum;
    memcpy(to, &value, sizeof value);
}

static void
put_ip(uint8_t *ip, const struct um_wire_segment *segment)
{
    memset(ip, 0, IP);
    ip[0] = 0x45;
    be16(ip + 2, (uint32_t)(IP + TCP + segment->len));
    be16(ip + 4, segment->from->ip_id++);
    ip[6] = 0x40; /* not to be fragmented */
    ip[8] = 64;
    ip[9] = 6;
    be32(ip + 12, segment->from->address);
    be32(ip + 16, segment->to->address);
    put_checksum(ip + 10, add_words(0, ip, IP));
}

static void
put_options(uint8_t *to, const struct um_wire_segment *segment, uint64_t now_ns)
{
    static const uint8_t syn[12] = {2, 4, 5, 0xb4, 4, 2, 1, 3, 3, 7, 1, 0};
    static const uint8_t stamps[4] = {1, 1, 8, 10};
    if (segment->flags & UM_WIRE_SYN) {
        memcpy(to, syn, sizeof syn);
        return;
    }
    memcpy(to, stamps, sizeof stamps);
    be32(to + 4, (uint32_t)(now_ns / 1000000));
    be32(to + 8, (uint32_t)(now_ns / 1000000) - 5);
}

static void
put_tcp(uint8_t *tcp, const struct um_wire_segment *segment, uint64_t now_ns)
{
    memset(tcp, 0, 20);
    be16(tcp, segment->from->port);
    be16(tcp + 2, segment->to->port);
    be32(tcp + 4, segment->seq);
    be32(tcp + 8, segment->flags & UM_WIRE_ACK ? segment->ack : 0);
    tcp[12] = TCP / 4 << 4;
    tcp[13] = segment->flags;
    be16(tcp + 14, 64240);
    put_options(tcp + 20, segment, now_ns);
    if (segment->len > 0)
        memcpy(tcp + TCP, segment->data, segment->len);
    uint8_t pseudo[12] = {[9] = 6};
    be32(pseudo, segment->from->address);
    be32(pseudo + 4, segment->to->address);
    be16(pseudo + 10, (uint32_t)(TCP + segment->len));
    put_checksum(tcp + 16, add_words(add_words(0, pseudo, 12), tcp, TCP + segment->len));
}

void
um_wire_send(struct um_wire *wire, const struct um_wire_segment *segment)
{
    static const uint8_t macs[] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0};
    size_t len = ETHERNET + IP + TCP + segment->len;
    if (wire->used + RECORD_MAX > BLOCK)
        write_out(wire);
    wire->packets++;
    wire->now_ns += len * NS_PER_BYTE + BETWEEN_FRAMES_NS;
    uint8_t *record = take(wire, RECORD_HEADER + len);
    le32(record, (uint32_t)(wire->now_ns / 1000000000));
    le32(record + 4, (uint32_t)(wire->now_ns % 1000000000 / 1000));
    le32(record + 8, (uint32_t)len);
    le32(record + 12, (uint32_t)len);
    uint8_t *frame = record + RECORD_HEADER;
    memcpy(frame, macs, sizeof macs);
    put_ip(frame + ETHERNET, segment);
    put_tcp(frame + ETHERNET + IP, segment, wire->now_ns);
}
