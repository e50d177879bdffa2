/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pcapng files, by way of the whole reader. */
#include <stdio.h>
#include <unistd.h>

#include "tests/capture/files.h"

enum { PACKET = 2, SIMPLE = 3, ENHANCED = 6, SECRETS = 10, UNKNOWN = 0x0bad };

/* The options of an interface: if_tsresol, and if_tsoffset unless it is 0. */
static void
put_time_options(struct file *options, uint8_t resolution, int64_t offset)
{
    put_u16(options, 9);
    put_u16(options, 1);
    put_bytes(options, um_span_of(&resolution, 1));
    put_zeros(options, 3);
    if (offset != 0) {
        put_u16(options, 14);
        put_u16(options, 8);
        put_u64(options, (uint64_t)offset);
    }
    put_u32(options, 0);
}

static void
put_interface_with_times(struct file *file, uint8_t resolution, int64_t offset)
{
    struct file options = {.is_big_endian = file->is_big_endian};
    put_time_options(&options, resolution, offset);
    put_interface(file, 1, 0, um_buf_span(&options.bytes));
    file_done(&options);
}

static void
put_simple(struct file *file, uint32_t on_wire, const char *text)
{
    struct file body = {.is_big_endian = file->is_big_endian};
    put_u32(&body, on_wire);
    put_bytes(&body, S(text));
    put_block(file, SIMPLE, um_buf_span(&body.bytes));
    file_done(&body);
}

static void
pcapng_of_both_byte_orders_is_read(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct file file = {.is_big_endian = big};
        put_small_pcapng(&file);
        assert_told(&file, SMALL_TOLD);
        file_done(&file);
    }
}

static void
pcapng_sections_have_their_own_order_and_interfaces(void **state)
{
    (void)state;
    struct file file = {0};
    put_section(&file);
    put_interface(&file, 1, 0, S(""));
    put_interface(&file, 113, 0, S(""));
    put_enhanced(&file, 1, 1000000, "cooked");
    put_enhanced(&file, 0, 2000000, "ethernet");
    file.is_big_endian = true;
    put_section(&file);
    put_interface(&file, 101, 0, S(""));
    put_enhanced(&file, 0, 3000000, "raw");
    put_enhanced(&file, 1, 4000000, "of no interface");
    assert_told(&file, "#1 1.000000000 link 113 wire 6: cooked\n"
                       "#2 2.000000000 link 1 wire 8: ethernet\n"
                       "#3 3.000000000 link 101 wire 3: raw\n"
                       "! is damaged: the block at byte 232 names an interface that was not "
                       "described after #3\n");
    file_done(&file);
}

static void
pcapng_times_have_any_resolution_and_are_cut_to_fit(void **state)
{
    static const struct {
        uint8_t resolution;
        int64_t offset;
        uint64_t units;
        const char *told;
    } cases[] = {
        {0, 0, 5, "5.000000000"},
        {3, 0, 1234, "1.234000000"},
        {6, 0, 1234567, "1.234567000"},
        {9, 0, 1234567891, "1.234567891"},
        {12, 0, 1234567891999, "1.234567891"},
        {28, 0, UINT64_MAX, "0.000000001"},
        {29, 0, UINT64_MAX, "0.000000001"},
        {127, 0, UINT64_MAX, "0.000000001"},
        {6, 0, UINT64_MAX, "9223372036.854775807"},
        {9, 0, UINT64_MAX, "9223372036.854775807"},
        {9, 0, INT64_MAX, "9223372036.854775807"},
        {0x80, 0, 5, "5.000000000"},
        {0x80 | 1, 0, 3, "1.500000000"},
        {0x80 | 10, 0, 1025, "1.000976562"},
        {0x80 | 32, 0, 0x180000000, "1.500000000"},
        {0x80 | 40, 0, 0x1c000000000, "1.750000000"},
        {0x80 | 63, 0, 0xc000000000000000, "1.500000000"},
        {0x80 | 64, 0, 0xc000000000000000, "0.750000000"},
        {0x80 | 65, 0, 0xc000000000000000, "0.375000000"},
        {0x80 | 96, 0, UINT64_MAX, "0.000000000"},
        {0x80 | 127, 0, UINT64_MAX, "0.000000000"},
        {0x80 | 1, 0, UINT64_MAX, "9223372036.854775807"},
        {0x80 | 30, 0, UINT64_MAX, "9223372036.854775807"},
        {6, 1000, 1500000, "1001.500000000"},
        {6, -3, 1500000, "-1.500000000"},
        {6, INT64_MAX, 1, "9223372036.854775807"},
        {6, INT64_MIN, 1, "-9223372036.854774808"},
        {9, INT64_MIN, 0, "-9223372036.854775808"},
    };
    (void)state;
    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        struct file file = {.is_big_endian = i % 2};
        put_section(&file);
        put_interface_with_times(&file, cases[i / 2].resolution, cases[i / 2].offset);
        put_enhanced(&file, 0, cases[i / 2].units, "x");
        char expected[100];
        (void)snprintf(expected, sizeof expected, "#1 %s link 1 wire 1: x\n", cases[i / 2].told);
        assert_told(&file, expected);
        file_done(&file);
    }
}

/* Options that are unknown, too long, of the wrong length or behind the end change nothing. */
static void
pcapng_odd_options_are_passed_over(void **state)
{
    static const char *const options[] = {
        "",
        "\x09",
        "\x09\0\x01\0",
        "\x09\0\xff\xff\x09\0\0\0",
        "\x09\0\x02\0\x09\x09\0\0\0\0\0\0",
        "\x0e\0\x04\0\x09\0\0\0\0\0\0\0",
        "\0\0\0\0\x09\0\x01\0\x09\0\0\0",
        "\x02\0\x03\0\x65th\0",
    };
    static const size_t lengths[] = {0, 1, 4, 8, 12, 12, 12, 8};
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct file file = {0};
        put_section(&file);
        put_interface(&file, 1, 0, um_span_of(options[i], lengths[i]));
        put_enhanced(&file, 0, 1000002, "x");
        assert_told(&file, "#1 1.000002000 link 1 wire 1: x\n");
        file_done(&file);
    }
}

static void
pcapng_option_behind_a_padded_one_is_read(void **state)
{
    (void)state;
    struct file file = {0};
    put_section(&file);
    put_interface(&file, 1, 0, um_span_of("\x02\0\x01\0e\0\0\0\x09\0\x01\0\x09\0\0\0", 16));
    put_enhanced(&file, 0, 1000002, "x");
    assert_told(&file, "#1 0.001000002 link 1 wire 1: x\n");
    file_done(&file);
}

static void
pcapng_simple_packet_has_the_time_of_the_packet_before(void **state)
{
    (void)state;
    struct file file = {0};
    put_section(&file);
    put_interface(&file, 1, 6, S(""));
    put_simple(&file, 3, "abc");
    put_enhanced(&file, 0, 5000000, "x");
    put_simple(&file, 90, "abcdefgh"); /* 6 of them by the snap length */
    assert_told(&file, "#1 0.000000000 link 1 wire 3: abc\n"
                       "#2 5.000000000 link 1 wire 1: x\n"
                       "#3 5.000000000 link 1 wire 90: abcdef\n");
    file_done(&file);
}

static void
pcapng_simple_packet_ends_with_its_block(void **state)
{
    (void)state;
    struct file file = {0};
    put_section(&file);
    put_interface(&file, 1, 0, S(""));
    put_simple(&file, UINT32_MAX, "abcdefgh");
    assert_told(&file, "#1 0.000000000 link 1 wire 4294967295: abcdefgh\n");
    file_done(&file);
}

static void
pcapng_obsolete_packet_is_read(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct file file = {.is_big_endian = big}, body = file;
        put_section(&file);
        put_interface(&file, 1, 0, S(""));
        put_u16(&body, 0);
        put_u16(&body, 0xffff); /* drops: unknown */
        put_u32(&body, 0);
        put_u32(&body, 1000002);
        put_u32(&body, 3);
        put_u32(&body, 9);
        put_bytes(&body, S("abc"));
        put_block(&file, PACKET, um_buf_span(&body.bytes));
        assert_told(&file, "#1 1.000002000 link 1 wire 9: abc\n");
        file_done(&body);
        file_done(&file);
    }
}

/* 40 MB of one block are passed without taking memory for them. */
static void
pcapng_unknown_blocks_of_any_size_are_skipped(void **state)
{
    static const size_t sizes[] = {0, 1, 1000, 262144, 40000000};
    (void)state;
    size_t allocations[2] = {0};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct file file = {0}, body = {0};
        put_zeros(&body, sizes[i]);
        put_section(&file);
        put_block(&file, UNKNOWN, um_buf_span(&body.bytes));
        put_interface(&file, 1, 0, S(""));
        put_enhanced(&file, 0, 1000000, "x");
        put_block(&file, 0x8000000 | UNKNOWN, um_buf_span(&body.bytes));
        put_enhanced(&file, 0, 2000000, "y");
        size_t before = um_test_alloc_count();
        assert_told(&file, "#1 1.000000000 link 1 wire 1: x\n#2 2.000000000 link 1 wire 1: y\n");
        allocations[i > 0] = um_test_alloc_count() - before;
        if (i > 0)
            assert_int_equal(allocations[1], allocations[0]);
        file_done(&body);
        file_done(&file);
    }
}

static void
pcapng_cut_anywhere_gives_what_is_before(void **state)
{
    static const size_t clean[] = {28, 48, 88, 128, 140, 0};
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct file file = {.is_big_endian = big};
        put_small_pcapng(&file);
        put_block(&file, UNKNOWN, S(""));
        put_simple(&file, 5, "third");
        assert_told(&file, SMALL_TOLD "#3 3.000004000 link 1 wire 5: third\n");
        assert_cuts_keep_what_is_before(um_buf_span(&file.bytes), clean);
        file_done(&file);
    }
}

/* Blocks of known types with bodies of every length up to what they need. */
static void
pcapng_block_that_is_too_short_is_damage(void **state)
{
    static const struct {
        uint32_t type;
        size_t needed;
    } blocks[] = {{1, 8}, {PACKET, 20}, {SIMPLE, 4}, {ENHANCED, 20}};
    (void)state;
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
        for (size_t len = 0; len <= blocks[i].needed; len += 4) {
            struct file file = {0}, body = {0};
            put_small_pcapng(&file);
            put_zeros(&body, len);
            put_block(&file, blocks[i].type, um_buf_span(&body.bytes));
            char *text = tell_file(&file);
            assert_true(strncmp(text, SMALL_TOLD, strlen(SMALL_TOLD)) == 0);
            bool is_damage =
                strstr(text, "! is damaged: the block at byte 128 is too short") != NULL;
            assert_true(is_damage == (len < blocks[i].needed));
            free(text);
            file_done(&body);
            file_done(&file);
        }
    }
}

static void
assert_damage(const struct file *file, const char *what)
{
    char expected[300];
    (void)snprintf(expected, sizeof expected, SMALL_TOLD "! %s after #2\n", what);
    assert_told(file, expected);
}

static void
pcapng_lengths_that_cannot_be_are_damage(void **state)
{
    (void)state;
    for (uint32_t len = 0; len < 12; len++) {
        struct file file = {0};
        put_small_pcapng(&file);
        put_u32(&file, UNKNOWN);
        put_u32(&file, len);
        put_zeros(&file, 100);
        assert_damage(&file, "is damaged: the block at byte 128 has an impossible length");
        file_done(&file);
    }
    static const uint32_t types[] = {ENHANCED, UNKNOWN};
    for (size_t i = 0; i < 2; i++) {
        struct file file = {0};
        put_small_pcapng(&file);
        put_u32(&file, types[i]);
        put_u32(&file, 40);
        put_zeros(&file, 28);
        put_u32(&file, 44);
        assert_damage(&file, "is damaged: the block at byte 128 has another length at its end");
        file_done(&file);
    }
    struct file file = {0};
    put_small_pcapng(&file);
    put_u32(&file, ENHANCED);
    put_u32(&file, 0xfffffffc);
    put_zeros(&file, 100);
    assert_damage(&file, "is damaged: the block at byte 128 claims to be too long");
    file_done(&file);
}

/* What writers make of a length that is no multiple of 4. */
enum padding { UNPADDED, NOT_COUNTED, COUNTED_AT_THE_END, COUNTED_AT_THE_BEGINNING, PADDINGS };

static void
put_odd_block(struct file *file, uint32_t type, struct um_span body, enum padding padding)
{
    uint32_t len = (uint32_t)body.len + 12, padded = (len + 3) & ~3U;
    put_u32(file, type);
    put_u32(file, padding == COUNTED_AT_THE_BEGINNING ? padded : len);
    put_bytes(file, body);
    put_zeros(file, padding == UNPADDED ? 0 : padded - len);
    put_u32(file, padding == COUNTED_AT_THE_END ? padded : len);
}

/* Of captures whose writer padded the packets but did not count that nothing was read. */
static void
pcapng_lengths_without_padding_are_read(void **state)
{
    (void)state;
    for (int i = 0; i < 2 * PADDINGS; i++) {
        struct file file = {.is_big_endian = i % 2};
        enum padding padding = (enum padding)(i / 2);
        put_small_pcapng(&file);
        for (size_t len = 1; len < 6; len++) {
            struct file body = {.is_big_endian = file.is_big_endian};
            put_u32(&body, (uint32_t)len);
            put_bytes(&body, um_span_of("abcde", len));
            put_odd_block(&file, UNKNOWN, um_span_of("?????", len), padding);
            put_odd_block(&file, SIMPLE, um_buf_span(&body.bytes), padding);
            file_done(&body);
        }
        assert_told(&file, SMALL_TOLD "#3 3.000004000 link 1 wire 1: a\n"
                                      "#4 3.000004000 link 1 wire 2: ab\n"
                                      "#5 3.000004000 link 1 wire 3: abc\n"
                                      "#6 3.000004000 link 1 wire 4: abcd\n"
                                      "#7 3.000004000 link 1 wire 5: abcde\n");
        file_done(&file);
    }
}

/* And what has neither length is told as before. */
static void
pcapng_odd_length_without_its_like_is_damage(void **state)
{
    static const uint32_t types[] = {ENHANCED, UNKNOWN};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct file file = {0};
        put_small_pcapng(&file);
        put_u32(&file, types[i]);
        put_u32(&file, 41);
        put_zeros(&file, 100);
        assert_damage(&file, "is damaged: the block at byte 128 has another length at its end");
        file.bytes.len = 128 + 42; /* where the padding would be */
        assert_damage(&file, "ends inside the block at byte 128: cut short (cut)");
        file_done(&file);
    }
}

static void
pcapng_packet_larger_than_its_block_is_damage(void **state)
{
    static const uint32_t lengths[] = {1, 5, UINT32_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct file file = {0}, body = {0};
        put_small_pcapng(&file);
        put_zeros(&body, 12);
        put_u32(&body, lengths[i]);
        put_u32(&body, lengths[i]);
        put_zeros(&body, lengths[i] == 5 ? 4 : 0);
        put_block(&file, ENHANCED, um_buf_span(&body.bytes));
        assert_damage(&file, "is damaged: the block at byte 128 is shorter than its packet");
        file_done(&body);
        file_done(&file);
    }
}

static void
pcapng_packet_above_the_limit_is_damage(void **state)
{
    (void)state;
    for (uint32_t more = 0; more < 2; more++) {
        struct file file = {0}, body = {0};
        put_small_pcapng(&file);
        put_zeros(&body, 12);
        put_u32(&body, UM_PACKET_BYTES_MAX + more);
        put_u32(&body, UM_PACKET_BYTES_MAX + more);
        put_zeros(&body, UM_PACKET_BYTES_MAX + more);
        put_block(&file, ENHANCED, um_buf_span(&body.bytes));
        char *text = tell_file(&file);
        assert_int_equal(strstr(text, "\n#3 ") != NULL, more == 0);
        assert_int_equal(strstr(text, "claims too large a packet") != NULL, more == 1);
        free(text);
        file_done(&body);
        file_done(&file);
    }
}

static void
pcapng_section_that_cannot_be_read_ends_the_file(void **state)
{
    (void)state;
    struct file file = {0};
    put_small_pcapng(&file);
    put_section(&file);
    file.bytes.data[128 + 8] ^= 1;
    assert_damage(&file,
                  "is damaged: the block at byte 128 is a section header without a byte order");
    file.bytes.data[128 + 8] ^= 1;
    file.bytes.data[128 + 12] = 2;
    assert_damage(&file, "is a pcapng file of the unknown version 2.0");
    file_done(&file);
}

static void
pcapng_has_a_limit_of_interfaces(void **state)
{
    enum { INTERFACES_MAX = 65536 };
    (void)state;
    struct file file = {0};
    put_section(&file);
    for (size_t i = 0; i < INTERFACES_MAX; i++)
        put_interface(&file, 1, 0, S(""));
    put_enhanced(&file, INTERFACES_MAX - 1, 1000000, "x");
    assert_told(&file, "#1 1.000000000 link 1 wire 1: x\n");
    put_interface(&file, 1, 0, S(""));
    char *text = tell_file(&file);
    assert_non_null(strstr(text, "is one interface too many after #1\n"));
    free(text);
    file_done(&file);
}

/* ---- secrets ---- */

static int
keep_secrets(void *ctx, uint32_t type, struct um_span secrets)
{
    assert_int_equal(type, 0x544c534b);
    return um_buf_append(ctx, secrets);
}

static int
refuse_secrets(void *ctx, uint32_t type, struct um_span secrets)
{
    (void)ctx;
    (void)type;
    (void)secrets;
    return UM_ERR_NOMEM;
}

static void
put_secrets(struct file *file, const char *text, uint32_t len)
{
    struct file body = {.is_big_endian = file->is_big_endian};
    put_u32(&body, 0x544c534b);
    put_u32(&body, len);
    put_bytes(&body, S(text));
    put_block(file, SECRETS, um_buf_span(&body.bytes));
    file_done(&body);
}

static char *
tell_with_secrets(const struct file *file, um_capture_secrets_fn secrets, void *ctx)
{
    char path[32];
    const char *paths[] = {path};
    int fd = put_in_file(um_buf_span(&file->bytes), path);
    struct um_capture *capture;
    assert_int_equal(um_capture_open(paths, 1, &capture), UM_OK);
    um_capture_secrets_to(capture, secrets, ctx);
    char *text = tell_capture(capture);
    um_capture_free(capture);
    (void)close(fd);
    return text;
}

static void
pcapng_secrets_are_given_to_who_asks(void **state)
{
    (void)state;
    for (int big = 0; big < 2; big++) {
        struct file file = {.is_big_endian = big};
        struct um_buf secrets = {0};
        put_small_pcapng(&file);
        put_secrets(&file, "CLIENT_RANDOM a b\n", 18);
        put_enhanced(&file, 0, 5000000, "third");
        put_secrets(&file, "CLIENT_RANDOM c d\n", 18);
        const char *told = SMALL_TOLD "#3 5.000000000 link 1 wire 5: third\n";
        assert_told(&file, told);
        char *text = tell_with_secrets(&file, keep_secrets, &secrets);
        assert_string_equal(text, told);
        assert_span_equal(um_buf_span(&secrets), S("CLIENT_RANDOM a b\nCLIENT_RANDOM c d\n"));
        free(text);
        um_buf_done(&secrets);
        file_done(&file);
    }
}

static void
pcapng_secrets_that_are_refused_end_the_reading(void **state)
{
    (void)state;
    struct file file = {0};
    put_small_pcapng(&file);
    put_secrets(&file, "CLIENT_RANDOM a b\n", 18);
    char *text = tell_with_secrets(&file, refuse_secrets, NULL);
    assert_string_equal(text, SMALL_TOLD "! out of memory\n");
    free(text);
    file_done(&file);
}

static void
pcapng_secrets_longer_than_their_block_are_damage(void **state)
{
    (void)state;
    struct file file = {0};
    struct um_buf secrets = {0};
    put_small_pcapng(&file);
    put_secrets(&file, "abc", 5);
    assert_told(&file, SMALL_TOLD); /* nobody looks */
    char *text = tell_with_secrets(&file, keep_secrets, &secrets);
    assert_string_equal(text, SMALL_TOLD "! is damaged: the block at byte 128 is too short for its "
                                         "secrets after #2\n");
    assert_int_equal(secrets.len, 0);
    free(text);
    um_buf_done(&secrets);
    file_done(&file);
}

/* They are no reason to give up the packets behind them. */
static void
pcapng_secrets_above_the_limit_are_skipped(void **state)
{
    (void)state;
    struct file file = {0};
    struct file body = {0};
    struct um_buf secrets = {0};
    put_section(&file);
    put_zeros(&body, (size_t)2 * UM_PACKET_BYTES_MAX);
    put_block(&file, SECRETS, um_buf_span(&body.bytes));
    put_interface(&file, 1, 0, S(""));
    put_enhanced(&file, 0, 1000000, "x");
    char *text = tell_with_secrets(&file, keep_secrets, &secrets);
    assert_string_equal(text, "#1 1.000000000 link 1 wire 1: x\n");
    assert_int_equal(secrets.len, 0);
    free(text);
    um_buf_done(&secrets);
    file_done(&body);
    file_done(&file);
}

static void
pcapng_survives_failing_allocations(void **state)
{
    (void)state;
    struct file file = {0};
    put_section(&file);
    for (size_t i = 0; i < 9; i++) /* makes the list of interfaces grow twice */
        put_interface(&file, 1, 0, S(""));
    put_enhanced(&file, 8, 1000000, "x");
    assert_survives_failing_allocations(um_buf_span(&file.bytes));
    file_done(&file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pcapng_of_both_byte_orders_is_read),
        cmocka_unit_test(pcapng_sections_have_their_own_order_and_interfaces),
        cmocka_unit_test(pcapng_times_have_any_resolution_and_are_cut_to_fit),
        cmocka_unit_test(pcapng_odd_options_are_passed_over),
        cmocka_unit_test(pcapng_option_behind_a_padded_one_is_read),
        cmocka_unit_test(pcapng_simple_packet_has_the_time_of_the_packet_before),
        cmocka_unit_test(pcapng_simple_packet_ends_with_its_block),
        cmocka_unit_test(pcapng_obsolete_packet_is_read),
        cmocka_unit_test(pcapng_unknown_blocks_of_any_size_are_skipped),
        cmocka_unit_test(pcapng_cut_anywhere_gives_what_is_before),
        cmocka_unit_test(pcapng_block_that_is_too_short_is_damage),
        cmocka_unit_test(pcapng_lengths_that_cannot_be_are_damage),
        cmocka_unit_test(pcapng_lengths_without_padding_are_read),
        cmocka_unit_test(pcapng_odd_length_without_its_like_is_damage),
        cmocka_unit_test(pcapng_packet_larger_than_its_block_is_damage),
        cmocka_unit_test(pcapng_packet_above_the_limit_is_damage),
        cmocka_unit_test(pcapng_section_that_cannot_be_read_ends_the_file),
        cmocka_unit_test(pcapng_has_a_limit_of_interfaces),
        cmocka_unit_test(pcapng_secrets_are_given_to_who_asks),
        cmocka_unit_test(pcapng_secrets_that_are_refused_end_the_reading),
        cmocka_unit_test(pcapng_secrets_longer_than_their_block_are_damage),
        cmocka_unit_test(pcapng_secrets_above_the_limit_are_skipped),
        cmocka_unit_test(pcapng_survives_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
