/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Most packets are read where they lie, without the layers (offline/net/unwrap.c). Whatever the
 * packet, that must come to the same. The layers alone see it when the same datagram comes as raw
 * IP: so each is given both ways, every packet of the samples, each cut to every length, and with
 * every bit of its headers the other way round.
 */
#include "offline/net/unwrap.h"

#include <dirent.h>
#include <stdio.h>

#include "offline/net/link.h"
#include "tests/support/support.h"

enum {
    RAW = 101,
    ETHERNET = 14,
    HEADERS = ETHERNET + 20 + 20 + 12, /* with options of TCP */
    MUTATED_EACH = 97,                 /* one in so many packets */
};

/* One way to read. */
struct way {
    struct um_limits limits;
    struct um_meter meter;
    struct um_flow_stats stats;
    struct um_unwrap unwrap;
    struct um_ends ends;
    struct um_tcp tcp;
    int result;
};

static void
begin(struct way *way)
{
    *way = (struct way){.meter = {.max = UINT64_MAX}};
    um_limits_init(&way->limits);
    um_unwrap_init(&way->unwrap, &way->limits, &way->stats, &way->meter);
}

static void
take(struct way *way, uint32_t link_type, struct um_span bytes, uint32_t wire_len)
{
    struct um_packet packet = {
        .bytes = bytes, .wire_len = wire_len, .link_type = link_type, .mark = {.frame = 1}};
    way->result = um_unwrap_packet(&way->unwrap, &packet, &way->ends, &way->tcp);
}

static void
assert_same_end(const struct um_endpoint *plain, const struct um_endpoint *layered)
{
    assert_true(um_endpoint_equal(plain, layered));
}

static void
assert_same(const struct way *plain, const struct way *layered)
{
    const struct um_tcp *a = &plain->tcp, *b = &layered->tcp;
    assert_int_equal(plain->result, layered->result);
    assert_int_equal(plain->stats.malformed, layered->stats.malformed);
    assert_int_equal(plain->stats.not_tcp, layered->stats.not_tcp);
    assert_int_equal(plain->stats.fragments_dropped, layered->stats.fragments_dropped);
    assert_int_equal(plain->unwrap.fragments.count, layered->unwrap.fragments.count);
    if (plain->result != UM_UNWRAP_TCP)
        return;
    assert_same_end(&plain->ends.source, &layered->ends.source);
    assert_same_end(&plain->ends.destination, &layered->ends.destination);
    assert_int_equal(a->source_port, b->source_port);
    assert_int_equal(a->destination_port, b->destination_port);
    assert_int_equal(a->seq, b->seq);
    assert_int_equal(a->ack, b->ack);
    assert_int_equal(a->fin | a->syn << 1 | a->rst << 2 | a->has_ack << 3,
                     b->fin | b->syn << 1 | b->rst << 2 | b->has_ack << 3);
    assert_int_equal(a->cut, b->cut);
    assert_int_equal(a->payload.len, b->payload.len);
    if (plain->unwrap.fragments.whole.len == 0) /* else each has its own copy */
        assert_ptr_equal(a->payload.data, b->payload.data);
}

struct ways {
    struct way plain, layered;
    size_t packets, segments;
};

/* `bytes` of a frame that was `wire_len` long. What is no IPv4 by its EtherType comes as raw IP all
 * the same, and is left out. */
static void
compare(struct ways *ways, struct um_span bytes, uint32_t wire_len)
{
    if (bytes.len <= ETHERNET || bytes.data[12] != 0x08 || bytes.data[13] != 0x00 ||
        bytes.data[ETHERNET] >> 4 != 4)
        return;
    begin(&ways->plain);
    begin(&ways->layered);
    take(&ways->plain, UM_LINK_ETHERNET, bytes, wire_len);
    take(&ways->layered, RAW, um_span_from(bytes, ETHERNET), wire_len - ETHERNET);
    assert_same(&ways->plain, &ways->layered);
    ways->packets++;
    ways->segments += ways->plain.result == UM_UNWRAP_TCP;
    um_unwrap_done(&ways->plain.unwrap);
    um_unwrap_done(&ways->layered.unwrap);
}

static void
compare_mutated(struct ways *ways, struct um_span bytes)
{
    uint8_t *frame = um_test_exact_copy(bytes.data, bytes.len);
    size_t headers = bytes.len < HEADERS ? bytes.len : HEADERS;
    for (size_t bit = 0; bit < headers * 8; bit++) {
        frame[bit / 8] ^= (uint8_t)(1U << bit % 8);
        compare(ways, um_span_of(frame, bytes.len), (uint32_t)bytes.len);
        frame[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    free(frame);
    for (size_t len = 0; len < bytes.len; len++) {
        uint8_t *cut = um_test_exact_copy(bytes.data, len);
        compare(ways, um_span_of(cut, len), (uint32_t)len);       /* shorter than it says */
        compare(ways, um_span_of(cut, len), (uint32_t)bytes.len); /* cut by the snap length */
        free(cut);
    }
}

/* The packets of one pcap file of the samples: Ethernet, microseconds, of this machine's order. */
static void
compare_file(struct ways *ways, const char *path)
{
    static uint8_t bytes[65536];
    uint32_t head[6], record[4];
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    assert_int_equal(fread(head, sizeof head, 1, file), 1);
    for (size_t n = 0; head[5] == UM_LINK_ETHERNET && fread(record, sizeof record, 1, file) == 1;
         n++) {
        assert_in_range(record[2], 0, sizeof bytes);
        if (fread(bytes, 1, record[2], file) != record[2])
            break; /* the sample that is cut short */
        uint8_t *frame = um_test_exact_copy(bytes, record[2]);
        compare(ways, um_span_of(frame, record[2]), record[3]);
        if (n % MUTATED_EACH == 3)
            compare_mutated(ways, um_span_of(frame, record[2]));
        free(frame);
    }
    assert_int_equal(fclose(file), 0);
}

static void
packet_that_is_read_at_once_says_the_same_as_by_the_layers(void **state)
{
    (void)state;
    struct ways *ways = calloc(1, sizeof *ways);
    assert_non_null(ways);
    DIR *folder = opendir(UM_SAMPLES);
    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder));) {
        char path[512];
        (void)snprintf(path, sizeof path, "%s/%s", UM_SAMPLES, entry->d_name);
        if (strstr(entry->d_name, ".pcap"))
            compare_file(ways, path);
    }
    assert_int_equal(closedir(folder), 0);
    assert_in_range(ways->segments, 10000,
                    ways->packets - 10000); /* of both kinds there are many */
    free(ways);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packet_that_is_read_at_once_says_the_same_as_by_the_layers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
