/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pcap files, by way of the whole reader. */
#include <stdio.h>
#include <unistd.h>

#include "tests/capture/files.h"

static void
pcap_of_every_kind_and_byte_order_is_read(void **state)
{
    static const struct {
        uint32_t magic;
        size_t behind_header, behind_record_header;
        const char *told;
    } kinds[] = {
        {0xa1b2c3d4, 0, 0,
         "#1 1.000002000 link 1 wire 5: first\n#2 3.000004000 link 1 wire 1: 2\n"},
        {0xa1b23c4d, 0, 0,
         "#1 1.000000002 link 1 wire 5: first\n#2 3.000000004 link 1 wire 1: 2\n"},
        {0xa1b2cd34, 0, 8,
         "#1 1.000002000 link 1 wire 5: first\n#2 3.000004000 link 1 wire 1: 2\n"},
        {0xa12b3c4d, 0, 0,
         "#1 1.000000002 link 1 wire 5: first\n#2 3.000000004 link 1 wire 1: 2\n"},
        {0x1c0001ac, 4, 0,
         "#1 1.000000002 link 1 wire 5: first\n#2 3.000000004 link 1 wire 1: 2\n"},
        {0x1c0001ab, 4, 0,
         "#1 1.000002000 link 1 wire 5: first\n#2 3.000004000 link 1 wire 1: 2\n"},
    };
    (void)state;
    for (size_t i = 0; i < 2 * sizeof kinds / sizeof *kinds; i++) {
        struct file file = {.is_big_endian = i % 2};
        put_pcap_header(&file, kinds[i / 2].magic, 1);
        put_zeros(&file, kinds[i / 2].behind_header);
        const char *texts[] = {"first", "2"};
        for (uint32_t n = 0; n < 2; n++) {
            put_pcap_packet(&file, 1 + 2 * n, 2 + 2 * n, "");
            file.bytes.len -= 8;
            put_u32(&file, (uint32_t)strlen(texts[n]));
            put_u32(&file, (uint32_t)strlen(texts[n]));
            put_zeros(&file, kinds[i / 2].behind_record_header);
            put_bytes(&file, S(texts[n]));
        }
        assert_told(&file, kinds[i / 2].told);
        file_done(&file);
    }
}

static void
pcap_link_type_is_the_lower_half_of_its_field(void **state)
{
    (void)state;
    struct file file = {0};
    put_pcap_header(&file, 0xa1b2c3d4, 0x24000071); /* a frame check sequence of 4 bytes */
    put_pcap_packet(&file, 1, 0, "x");
    assert_told(&file, "#1 1.000000000 link 113 wire 1: x\n");
    file_done(&file);
}

/* Version 2.2 with SNMP's number for Ethernet: it was read as Token Ring, without any TCP. */
static void
pcap_of_aix_has_its_own_link_types_and_nanoseconds(void **state)
{
    static const uint32_t types[][2] = {{6, 1}, {9, 6}, {15, 10}, {24, 0}};
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct file file = {.is_big_endian = true};
        char expected[100];
        put_pcap_header(&file, 0xa1b2c3d4, types[i][0]);
        file.bytes.data[7] = 2;
        put_pcap_packet(&file, 1, 999999999, "x");
        (void)snprintf(expected, sizeof expected, "#1 1.999999999 link %u wire 1: x\n",
                       types[i][1]);
        assert_told(&file, expected);
        file_done(&file);
    }
    struct file file = {.is_big_endian = true};
    put_pcap_header(&file, 0xa1b2c3d4, 1); /* another old system's */
    file.bytes.data[7] = 2;
    put_pcap_packet(&file, 1, 2, "x");
    assert_told(&file, "#1 1.000002000 link 1 wire 1: x\n");
    file_done(&file);
}

static void
pcap_times_reach_the_end_of_their_field(void **state)
{
    (void)state;
    struct file file = {0};
    put_pcap_header(&file, 0xa1b2c3d4, 1);
    put_pcap_packet(&file, UINT32_MAX, UINT32_MAX, "x");
    assert_told(&file, "#1 4294971589.967295000 link 1 wire 1: x\n");
    file_done(&file);
}

static void
pcap_cut_anywhere_gives_what_is_before(void **state)
{
    static const size_t clean[] = {24, 24 + 21, 24 + 21 + 22, 0};
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct file file = {.is_big_endian = big};
        put_small_pcap(&file);
        assert_told(&file, SMALL_TOLD);
        assert_cuts_keep_what_is_before(um_buf_span(&file.bytes), clean);
        file_done(&file);
    }
}

static void
pcap_cut_tells_where_the_packet_begins(void **state)
{
    (void)state;
    struct file file = {0};
    put_small_pcap(&file);
    file.bytes.len--;
    assert_told(&file, "#1 1.000002000 link 1 wire 5: first\n"
                       "! ends inside the packet at byte 45: cut short (cut) after #1\n");
    file.bytes.len = 23;
    assert_told(&file, "! ends inside the file header at byte 0: cut short (cut) after #0\n");
    file_done(&file);
}

static void
put_lengths(struct file *file, uint16_t minor, uint32_t captured, uint32_t on_wire)
{
    put_pcap_header(file, 0xa1b2c3d4, 1);
    file->bytes.len = 6;
    put_u16(file, minor);
    put_zeros(file, 12);
    put_u32(file, 1);
    put_u32(file, 7);
    put_u32(file, 0);
    put_u32(file, captured);
    put_u32(file, on_wire);
}

static void
pcap_packet_is_never_shorter_on_the_wire(void **state)
{
    (void)state;
    struct file file = {0};
    put_lengths(&file, 4, 4, 2);
    put_bytes(&file, S("abcd"));
    assert_told(&file, "#1 7.000000000 link 1 wire 4: abcd\n");
    file_done(&file);
}

static void
pcap_before_version_2_4_may_swap_the_lengths(void **state)
{
    (void)state;
    struct file file = {0};
    put_lengths(&file, 3, 90, 4);
    put_bytes(&file, S("abcd"));
    assert_told(&file, "#1 7.000000000 link 1 wire 90: abcd\n");
    file_done(&file);
}

static void
pcap_of_another_version_is_refused(void **state)
{
    (void)state;
    struct file file = {0};
    put_small_pcap(&file);
    file.bytes.data[4] = 3;
    assert_told(&file, "! is a pcap file of the unknown version 3.4 after #0\n");
    file_done(&file);
}

static void
pcap_length_above_the_limit_is_damage(void **state)
{
    static const uint32_t lengths[] = {UM_PACKET_BYTES_MAX + 1, INT32_MAX, UINT32_MAX - 15,
                                       UINT32_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct file file = {0};
        put_small_pcap(&file);
        put_u64(&file, 5);
        put_u32(&file, lengths[i]);
        put_u32(&file, lengths[i]);
        put_zeros(&file, 100);
        char expected[200];
        (void)snprintf(expected, sizeof expected,
                       SMALL_TOLD
                       "! is damaged: the packet at byte 67 claims to have %u bytes after #2\n",
                       lengths[i]);
        assert_told(&file, expected);
        file_done(&file);
    }
}

static void
pcap_length_at_the_limit_takes_memory_only_for_what_is_there(void **state)
{
    (void)state;
    struct file file = {0};
    put_small_pcap(&file);
    size_t before = um_test_alloc_count();
    free(tell_file(&file));
    size_t small = um_test_alloc_count() - before;

    put_u64(&file, 5);
    put_u32(&file, UM_PACKET_BYTES_MAX);
    put_u32(&file, UM_PACKET_BYTES_MAX);
    put_zeros(&file, 100);
    before = um_test_alloc_count();
    assert_told(&file,
                SMALL_TOLD "! ends inside the packet at byte 67: cut short (cut) after #2\n");
    assert_int_equal(um_test_alloc_count() - before, small);
    file_done(&file);
}

/* Sizes around the reader's block and up to the limit, small packets between them. */
static void
pcap_packets_of_all_sizes_are_read(void **state)
{
    static const uint32_t sizes[] = {
        1, 262143, 7, 262144, 262145, 0, 100000, 262128, 262103, 3, UM_PACKET_BYTES_MAX, 5};
    (void)state;
    struct file file = {0};
    put_pcap_header(&file, 0xa1b2c3d4, 1);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        put_u64(&file, i + 1);
        put_u32(&file, sizes[i]);
        put_u32(&file, sizes[i]);
        for (uint32_t n = 0; n < sizes[i] / 8; n++)
            put_u64(&file, (uint64_t)i << 32 | n);
        put_zeros(&file, sizes[i] % 8);
    }
    char path[32];
    const char *paths[] = {path};
    int fd = put_in_file(um_buf_span(&file.bytes), path);
    struct um_capture *capture;
    assert_int_equal(um_capture_open(paths, 1, &capture), UM_OK);
    const struct um_packet *packet;
    size_t at = 24;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        assert_int_equal(um_capture_next(capture, &packet), 1);
        assert_span_equal(packet->bytes, um_span_of(file.bytes.data + at + 16, sizes[i]));
        at += 16 + sizes[i];
    }
    assert_int_equal(um_capture_next(capture, &packet), 0);
    assert_int_equal(um_capture_problem_count(capture), 0);
    um_capture_free(capture);
    (void)close(fd);
    file_done(&file);
}

/* A file laid out in advance and never filled is no run of empty packets in 1970. */
static void
pcap_that_ends_in_zeros_is_cut_there(void **state)
{
    (void)state;
    struct file file = {0};
    put_small_pcap(&file);
    put_zeros(&file, 4096);
    assert_told(&file, SMALL_TOLD "! holds no packets but zeros from byte 67 (cut) after #2\n");
    file_done(&file);
}

static void
pcap_survives_failing_allocations(void **state)
{
    (void)state;
    struct file file = {0};
    put_small_pcap(&file);
    put_u64(&file, 9);
    put_u32(&file, 300000); /* makes the reader's block grow */
    put_u32(&file, 300000);
    put_zeros(&file, 300000);
    assert_survives_failing_allocations(um_buf_span(&file.bytes));
    file_done(&file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pcap_of_every_kind_and_byte_order_is_read),
        cmocka_unit_test(pcap_link_type_is_the_lower_half_of_its_field),
        cmocka_unit_test(pcap_of_aix_has_its_own_link_types_and_nanoseconds),
        cmocka_unit_test(pcap_times_reach_the_end_of_their_field),
        cmocka_unit_test(pcap_cut_anywhere_gives_what_is_before),
        cmocka_unit_test(pcap_cut_tells_where_the_packet_begins),
        cmocka_unit_test(pcap_packet_is_never_shorter_on_the_wire),
        cmocka_unit_test(pcap_before_version_2_4_may_swap_the_lengths),
        cmocka_unit_test(pcap_of_another_version_is_refused),
        cmocka_unit_test(pcap_length_above_the_limit_is_damage),
        cmocka_unit_test(pcap_length_at_the_limit_takes_memory_only_for_what_is_there),
        cmocka_unit_test(pcap_packets_of_all_sizes_are_read),
        cmocka_unit_test(pcap_that_ends_in_zeros_is_cut_there),
        cmocka_unit_test(pcap_survives_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
