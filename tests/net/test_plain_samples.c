/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is taken for a plain packet must be read as unwrap reads it: every packet of the samples,
 * each hundredth of them also cut to every length, and with every bit of its headers the other way
 * round.
 */
#include "offline/net/plain.h"

#include <dirent.h>
#include <stdio.h>

#include "offline/net/link.h"
#include "offline/net/unwrap.h"
#include "tests/support/support.h"

enum {
    HEADERS = 14 + 20 + 20 + 12, /* with options of TCP */
    MUTATED_EACH = 97,           /* one in so many packets */
};

struct ways {
    size_t packets, plain;
};

static void
assert_same_segment(const struct um_tcp *a, const struct um_tcp *b)
{
    assert_int_equal(a->source_port, b->source_port);
    assert_int_equal(a->destination_port, b->destination_port);
    assert_int_equal(a->seq, b->seq);
    assert_int_equal(a->ack, b->ack);
    assert_int_equal(a->fin | a->syn << 1 | a->rst << 2 | a->has_ack << 3,
                     b->fin | b->syn << 1 | b->rst << 2 | b->has_ack << 3);
    assert_int_equal(a->cut, b->cut);
    assert_int_equal(a->payload.len, b->payload.len);
    assert_ptr_equal(a->payload.data, b->payload.data);
}

/* `bytes` of a frame that was `wire_len` long. */
static void
compare(struct ways *ways, struct um_span bytes, uint32_t wire_len)
{
    struct um_packet packet = {
        .bytes = bytes, .wire_len = wire_len, .link_type = UM_LINK_ETHERNET, .mark = {.frame = 1}};
    struct um_plain plain;
    ways->packets++;
    if (!um_plain_see(&packet, &plain))
        return;
    struct um_limits limits;
    struct um_meter meter = {.max = UINT64_MAX};
    struct um_flow_stats stats = {0};
    struct um_unwrap unwrap;
    struct um_ends ends, expected_ends;
    struct um_tcp tcp, expected_tcp;
    um_limits_init(&limits);
    um_unwrap_init(&unwrap, &limits, &stats, &meter);
    assert_int_equal(um_unwrap_packet(&unwrap, &packet, &expected_ends, &expected_tcp),
                     UM_UNWRAP_TCP);
    um_plain_read(&plain, &ends, &tcp);
    assert_true(um_endpoint_equal(&ends.source, &expected_ends.source));
    assert_true(um_endpoint_equal(&ends.destination, &expected_ends.destination));
    assert_same_segment(&tcp, &expected_tcp);
    um_unwrap_done(&unwrap);
    ways->plain++;
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
plain_packet_of_a_sample_says_the_same_as_by_the_layers(void **state)
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
    assert_in_range(ways->plain, 10000, ways->packets - 10000); /* of both kinds there are many */
    free(ways);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_packet_of_a_sample_says_the_same_as_by_the_layers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
