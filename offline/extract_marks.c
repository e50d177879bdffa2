/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every packet is opened down to its TCP header. A fragment's packet waits in its datagram's group
 * until the first fragment, or the whole datagram where a tunnel is in the way, tells the ends.
 */
#include "offline/extract_marks.h"

#include "core/base/err.h"
#include "offline/net/tcp.h"

enum { END_BYTES = 18, CLIENT_HELLO_BYTES = 43, RANDOM_AT = 11, RANDOM_BYTES = 32 };

void
um_extract_marks_init(struct um_extract_marks *marks, const struct um_limits *limits)
{
    *marks = (struct um_extract_marks){.tunnels_max = limits->max[UM_LIMIT_TUNNELS],
                                       .meter = {.max = UINT64_MAX}};
    um_ipfrag_init(&marks->fragments, limits->max[UM_LIMIT_FRAGMENTS], &marks->meter);
}

void
um_extract_marks_done(struct um_extract_marks *marks)
{
    um_ipfrag_done(&marks->fragments);
    um_nest_done(&marks->nest);
    um_symbols_done(&marks->pairs);
    um_symbols_done(&marks->client_randoms);
    um_buf_done(&marks->bits);
    um_buf_done(&marks->brought);
    for (size_t i = 0; i < UM_EXTRACT_GROUPS; i++)
        um_buf_done(&marks->groups[i].frames);
}

/* ---- ends ---- */

static void
put_end(const struct um_endpoint *end, uint8_t out[END_BYTES])
{
    memcpy(out, end->address, 16);
    out[16] = (uint8_t)(end->port >> 8);
    out[17] = (uint8_t)end->port;
}

/* The same for both directions. */
static struct um_span
name_pair(const struct um_endpoint *a, const struct um_endpoint *b, uint8_t out[2 * END_BYTES])
{
    uint8_t ends[2][END_BYTES];
    put_end(a, ends[0]);
    put_end(b, ends[1]);
    int first = memcmp(ends[0], ends[1], END_BYTES) <= 0 ? 0 : 1;
    memcpy(out, ends[first], END_BYTES);
    memcpy(out + END_BYTES, ends[1 - first], END_BYTES);
    return um_span_of(out, 2 * END_BYTES);
}

int
um_extract_marks_want(struct um_extract_marks *marks, const struct um_endpoint *a,
                      const struct um_endpoint *b)
{
    uint8_t name[2 * END_BYTES];
    return um_symbols_add(&marks->pairs, name_pair(a, b, name), NULL, NULL);
}

int
um_extract_marks_late(struct um_extract_marks *marks, const struct um_late *late)
{
    uint8_t name[2 * END_BYTES];
    if (!um_symbols_has(&marks->pairs, name_pair(&late->ends[0], &late->ends[1], name)))
        return UM_OK;
    return um_symbols_add(&marks->client_randoms,
                          um_span_of(late->client_random, sizeof late->client_random), NULL, NULL);
}

static struct um_endpoint
end_of(struct um_span address, uint16_t port)
{
    struct um_endpoint end = {.address_len = (uint8_t)address.len, .port = port};
    memcpy(end.address, address.data, address.len);
    return end;
}

static bool
is_wanted(const struct um_extract_marks *marks, const struct um_ip *ip, const struct um_tcp *tcp)
{
    uint8_t name[2 * END_BYTES];
    struct um_endpoint source = end_of(ip->source, tcp->source_port);
    struct um_endpoint destination = end_of(ip->destination, tcp->destination_port);
    return um_symbols_has(&marks->pairs, name_pair(&source, &destination, name));
}

/* ---- marks ---- */

static int
mark(struct um_extract_marks *marks, uint64_t frame)
{
    static const uint8_t zeros[64];
    size_t at = (size_t)(frame / 8);
    while (at >= marks->bits.len) {
        int err = um_buf_append(&marks->bits, um_span_of(zeros, sizeof zeros));
        if (err)
            return err;
    }
    marks->bits.data[at] |= (uint8_t)(1U << (frame % 8));
    return UM_OK;
}

bool
um_extract_marks_has(const struct um_extract_marks *marks, uint64_t frame)
{
    size_t at = (size_t)(frame / 8);
    return at < marks->bits.len && (marks->bits.data[at] >> (frame % 8) & 1) != 0;
}

/* Marks all of `frames`. */
static int
mark_all(struct um_extract_marks *marks, const struct um_buf *frames)
{
    int err = UM_OK;
    for (size_t at = 0; at < frames->len && !err; at += sizeof(uint64_t)) {
        uint64_t frame;
        memcpy(&frame, frames->data + at, sizeof frame);
        err = mark(marks, frame);
    }
    return err;
}

/* ---- fragments ---- */

static struct um_extract_group *
find_group(struct um_extract_marks *marks, uint64_t number)
{
    size_t i = 0;
    while (i < UM_EXTRACT_GROUPS && marks->groups[i].number != number)
        i++;
    return i < UM_EXTRACT_GROUPS ? &marks->groups[i] : NULL;
}

/* Of the datagram `number`; a new one takes a free place, or that of the oldest. */
static struct um_extract_group *
group_of(struct um_extract_marks *marks, uint64_t number)
{
    struct um_extract_group *group = find_group(marks, number);
    if (group)
        return group;
    group = find_group(marks, 0);
    if (!group)
        group = &marks->groups[marks->next_group++ % UM_EXTRACT_GROUPS];
    um_buf_clear(&group->frames);
    group->number = number;
    group->is_wanted = false;
    return group;
}

/* Does the fragment tell the ends, and are they wanted? */
static bool
tells_wanted(const struct um_extract_marks *marks, const struct um_ip *ip)
{
    struct um_tcp tcp;
    return ip->fragment_offset == 0 && ip->protocol == UM_IP_TCP &&
           um_tcp_parse(ip->payload, ip->cut, &tcp) == UM_DONE && is_wanted(marks, ip, &tcp);
}

/* Puts what the packet brought into the group of the datagram that it was kept for. */
static int
join_group(struct um_extract_marks *marks, struct um_extract_group *group)
{
    int err = um_buf_append(&group->frames, um_buf_span(&marks->brought));
    if (err || !group->is_wanted)
        return err;
    err = mark_all(marks, &group->frames);
    um_buf_clear(&group->frames);
    return err;
}

/* As um_ipfrag_add; what is not kept, as a copy, leaves no trace. */
static int
take_fragment(struct um_extract_marks *marks, struct um_ip *ip, struct um_mark mark)
{
    bool is_telling = tells_wanted(marks, ip);
    int result = um_ipfrag_add(&marks->fragments, ip, mark);
    if (result < 0 || marks->fragments.number == 0)
        return result;
    struct um_extract_group *group = group_of(marks, marks->fragments.number);
    group->is_wanted = group->is_wanted || is_telling;
    int err = join_group(marks, group);
    if (!err && result == UM_IPFRAG_WHOLE) {
        err = um_buf_append(&marks->brought, um_buf_span(&group->frames));
        group->number = 0;
    }
    return err ? err : result;
}

/* ---- packets ---- */

/* A handshake that begins with the segment, as it does unless something odd is between. */
static int
note_client_hello(struct um_extract_marks *marks, struct um_span payload)
{
    enum { HANDSHAKE = 22, MAJOR = 3, CLIENT_HELLO = 1 };
    if (payload.len < CLIENT_HELLO_BYTES || payload.data[0] != HANDSHAKE ||
        payload.data[1] != MAJOR || payload.data[5] != CLIENT_HELLO)
        return UM_OK;
    return um_symbols_add(&marks->client_randoms,
                          um_span_of(payload.data + RANDOM_AT, RANDOM_BYTES), NULL, NULL);
}

static int
take_tcp(struct um_extract_marks *marks, const struct um_ip *ip)
{
    struct um_tcp tcp;
    if (um_tcp_parse(ip->payload, ip->cut, &tcp) != UM_DONE || !is_wanted(marks, ip, &tcp))
        return UM_OK;
    int err = mark_all(marks, &marks->brought);
    return err ? err : note_client_hello(marks, tcp.payload);
}

/* From the frame or subframe in which `kind` was found down to its segment. */
static int
look_into(struct um_extract_marks *marks, int kind, struct um_nested *nested, struct um_mark mark)
{
    struct um_ip ip;
    while (kind == UM_LINK_IP &&
           um_ip_parse(nested->datagram, nested->not_captured, &ip) == UM_DONE) {
        if (um_ip_is_fragment(&ip)) {
            int result = take_fragment(marks, &ip, mark);
            if (result != UM_IPFRAG_WHOLE)
                return result;
            nested->is_joined = true;
            if (um_ip_skip_extensions(&ip) != UM_DONE)
                return UM_OK;
        }
        if (ip.protocol == UM_IP_TCP)
            return take_tcp(marks, &ip);
        kind = um_nest_open(&marks->nest, &ip, nested);
    }
    return kind < 0 ? kind : UM_OK;
}

int
um_extract_marks_packet(struct um_extract_marks *marks, const struct um_packet *packet)
{
    struct um_nested nested;
    uint64_t frame = packet->mark.frame;
    um_buf_clear(&marks->brought);
    int err = um_buf_append(&marks->brought, um_span_of(&frame, sizeof frame));
    if (err)
        return err;
    int kind = um_nest_begin(&marks->nest, packet, marks->tunnels_max, &nested);
    err = look_into(marks, kind, &nested, packet->mark);
    while (!err && um_nest_has_more(&marks->nest)) {
        kind = um_nest_next(&marks->nest, &nested);
        err = look_into(marks, kind, &nested, packet->mark);
    }
    return err;
}
