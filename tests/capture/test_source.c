/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compressed captures, and captures that come slowly, by way of the whole reader. */
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "tests/capture/files.h"

/* ---- compressed ---- */

static void
put_gzip(struct file *file, struct um_span bytes)
{
    z_stream z = {0};
    assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    uLong bound = deflateBound(&z, bytes.len);
    uint8_t *out = malloc(bound);
    assert_non_null(out);
    z.next_in = (z_const Bytef *)bytes.data;
    z.avail_in = (uInt)bytes.len;
    z.next_out = out;
    z.avail_out = (uInt)bound;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    put_bytes(file, um_span_of(out, z.total_out));
    (void)deflateEnd(&z);
    free(out);
}

static void
put_zstd(struct file *file, struct um_span bytes)
{
    size_t bound = ZSTD_compressBound(bytes.len);
    uint8_t *out = malloc(bound);
    assert_non_null(out);
    size_t len = ZSTD_compress(out, bound, bytes.data, bytes.len, 3);
    assert_false(ZSTD_isError(len));
    put_bytes(file, um_span_of(out, len));
    free(out);
}

typedef void (*put_coded_fn)(struct file *file, struct um_span bytes);

static const put_coded_fn codings[] = {put_gzip, put_zstd};

static void
source_undoes_gzip_and_zstd(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct file plain = {0}, coded = {0};
        (i / 2 ? put_small_pcapng : put_small_pcap)(&plain);
        codings[i % 2](&coded, um_buf_span(&plain.bytes));
        assert_told(&coded, SMALL_TOLD);
        file_done(&plain);
        file_done(&coded);
    }
}

static void
source_undoes_several_members_and_frames(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct file plain = {0};
        put_small_pcap(&plain);
        for (size_t cut = 0; cut <= plain.bytes.len; cut++) {
            struct file coded = {0};
            codings[i](&coded, um_span_first(um_buf_span(&plain.bytes), cut));
            codings[i](&coded, S(""));
            codings[i](&coded, um_span_from(um_buf_span(&plain.bytes), cut));
            assert_told(&coded, SMALL_TOLD);
            file_done(&coded);
        }
        file_done(&plain);
    }
}

static void
source_passes_over_padding_and_skippable_frames(void **state)
{
    (void)state;
    struct file plain = {0}, coded = {0};
    put_small_pcap(&plain);
    put_gzip(&coded, um_span_first(um_buf_span(&plain.bytes), 30));
    put_zeros(&coded, 100);
    put_gzip(&coded, um_span_from(um_buf_span(&plain.bytes), 30));
    put_zeros(&coded, 300000);
    assert_told(&coded, SMALL_TOLD);

    coded.bytes.len = 0;
    put_u32(&coded, 0x184d2a53);
    put_u32(&coded, 5);
    put_zeros(&coded, 5);
    put_zstd(&coded, um_buf_span(&plain.bytes));
    assert_told(&coded, SMALL_TOLD);
    file_done(&plain);
    file_done(&coded);
}

/* More than the blocks of both sides hold, of bytes that shrink well and of others that do not. */
static void
source_undoes_files_larger_than_its_blocks(void **state)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    (void)state;
    struct file plain = {0};
    uint64_t seed = 1;
    put_pcap_header(&plain, 0xa1b2c3d4, 1);
    for (uint32_t i = 0; i < 3000; i++) {
        char text[1001];
        for (size_t n = 0; n < 1000; n++)
            text[n] = letters[i < 1500 ? 0 : um_test_random(&seed) % 64];
        text[1000 - i % 100] = '\0';
        put_pcap_packet(&plain, i, 0, text);
    }
    char *expected = tell_file(&plain);
    for (size_t i = 0; i < 2; i++) {
        struct file coded = {0};
        codings[i](&coded, um_buf_span(&plain.bytes));
        char *text = tell_file(&coded);
        assert_true(strcmp(text, expected) == 0);
        free(text);
        file_done(&coded);
    }
    free(expected);
    file_done(&plain);
}

static void
source_cut_anywhere_gives_what_is_before(void **state)
{
    static const size_t clean[] = {0}; /* between the two parts the pcap inside is cut */
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct file plain = {0}, coded = {0};
        put_small_pcap(&plain);
        codings[i](&coded, um_span_first(um_buf_span(&plain.bytes), 50));
        codings[i](&coded, um_span_from(um_buf_span(&plain.bytes), 50));
        assert_cuts_keep_what_is_before(um_buf_span(&coded.bytes), clean);
        file_done(&plain);
        file_done(&coded);
    }
}

static void
source_cut_tells_its_coding(void **state)
{
    static const char *const names[] = {"gzip", "zstd"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct file plain = {0}, coded = {0};
        put_small_pcap(&plain);
        codings[i](&coded, um_buf_span(&plain.bytes));
        coded.bytes.len--;
        char expected[200];
        (void)snprintf(expected, sizeof expected, "ends inside its %s data: cut short (cut)",
                       names[i]);
        char *text = tell_file(&coded);
        assert_non_null(strstr(text, expected));
        free(text);
        file_done(&plain);
        file_done(&coded);
    }
}

/* Its last bytes are a checksum, so everything can be given before the damage shows. */
static void
source_damaged_tells_so_after_what_is_before(void **state)
{
    (void)state;
    struct file plain = {0}, coded = {0};
    put_small_pcap(&plain);
    put_gzip(&coded, um_buf_span(&plain.bytes));
    coded.bytes.data[coded.bytes.len - 8] ^= 1;
    assert_told(&coded, SMALL_TOLD "! its gzip data is damaged: incorrect data check after #2\n");

    coded.bytes.len = 0;
    put_gzip(&coded, um_buf_span(&plain.bytes));
    put_bytes(&coded, S("\x1fgarbage"));
    assert_told(&coded, SMALL_TOLD "! its gzip data is damaged: incorrect header check after #2\n");

    coded.bytes.len = 0;
    put_zstd(&coded, um_buf_span(&plain.bytes));
    put_bytes(&coded, S("\x28garbage"));
    assert_told(&coded,
                SMALL_TOLD "! its zstd data is damaged: Unknown frame descriptor after #2\n");
    file_done(&plain);
    file_done(&coded);
}

/*
 * A line feed of a mail gateway, a signature: the capture was told to be damaged, by which people
 * took its packets for incomplete. Padding is nothing, behind zstd's frames too.
 */
static void
source_tells_apart_what_stands_behind_and_damage(void **state)
{
    static const char *const names[] = {"gzip", "zstd"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct file plain = {0}, coded = {0};
        put_small_pcap(&plain);
        codings[i](&coded, um_buf_span(&plain.bytes));
        put_zeros(&coded, 10);
        assert_told(&coded, SMALL_TOLD);
        char expected[300];
        (void)snprintf(expected, sizeof expected,
                       SMALL_TOLD "! has something else behind its %s data, from byte %zu on: that "
                                  "was not read after #2\n",
                       names[i], coded.bytes.len);
        put_bytes(&coded, S("\n"));
        assert_told(&coded, expected);
        put_zeros(&coded, 300000);
        assert_told(&coded, expected);
        file_done(&plain);
        file_done(&coded);
    }
}

static void
source_survives_failing_allocations(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct file plain = {0}, coded = {0};
        put_small_pcap(&plain);
        codings[i](&coded, um_buf_span(&plain.bytes));
        assert_survives_failing_allocations(um_buf_span(&coded.bytes));
        file_done(&plain);
        file_done(&coded);
    }
}

/* ---- slow ---- */

static const char *const standard_input[] = {"-"};

/* What standard input was before a test put its own there. */
static int
replace_stdin(int fd)
{
    int before = dup(STDIN_FILENO);
    assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    (void)close(fd);
    return before;
}

static void
restore_stdin(int before)
{
    if (before >= 0) {
        (void)dup2(before, STDIN_FILENO);
        (void)close(before);
    } else {
        (void)close(STDIN_FILENO);
    }
}

/* A child writes byte after byte, each of which is one read, after a wait. */
static pid_t
start_writer(struct um_span bytes, useconds_t wait_us, int *before)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        (void)close(ends[0]);
        (void)usleep(wait_us);
        for (; bytes.len > 0; bytes = um_span_from(bytes, 1)) {
            if (write(ends[1], bytes.data, 1) < 0)
                _exit(1);
        }
        _exit(0);
    }
    (void)close(ends[1]);
    *before = replace_stdin(ends[0]);
    return child;
}

static void
end_writer(pid_t child, int before)
{
    int status;
    restore_stdin(before);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static void
source_read_byte_by_byte_gives_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct file plain = {0}, coded = {0};
        (i == 1 ? put_small_pcapng : put_small_pcap)(&plain);
        if (i < 2)
            put_bytes(&coded, um_buf_span(&plain.bytes));
        else
            codings[i - 2](&coded, um_buf_span(&plain.bytes));
        int before;
        pid_t child = start_writer(um_buf_span(&coded.bytes), 0, &before);
        char *text = tell_paths(standard_input, 1);
        end_writer(child, before);
        assert_string_equal(text, SMALL_TOLD);
        free(text);
        file_done(&plain);
        file_done(&coded);
    }
}

static volatile sig_atomic_t stop;

static void
on_alarm(int number)
{
    (void)number;
}

static void
on_alarm_stop(int number)
{
    (void)number;
    stop = 1;
}

/* Signals every 5 ms from now on; 0: no more. */
static void
set_alarms(void (*handler)(int), suseconds_t interval_us)
{
    struct sigaction action = {.sa_handler = handler};
    struct itimerval timer = {.it_interval = {0, interval_us}, .it_value = {0, interval_us}};
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &timer, NULL), 0);
}

static void
source_reads_on_after_a_signal(void **state)
{
    (void)state;
    struct file file = {0};
    int before;
    put_small_pcap(&file);
    pid_t child = start_writer(um_buf_span(&file.bytes), 50000, &before);
    set_alarms(on_alarm, 5000);
    char *text = tell_paths(standard_input, 1);
    set_alarms(on_alarm, 0);
    end_writer(child, before);
    assert_string_equal(text, SMALL_TOLD);
    free(text);
    file_done(&file);
}

/* The writer is this process and has not closed its end: only the signal ends the wait. */
static void
source_that_waits_is_ended_by_the_stop_flag(void **state)
{
    (void)state;
    struct file file = {0};
    put_small_pcap(&file);
    for (size_t len = 0; len < file.bytes.len; len += 30) {
        int ends[2];
        assert_int_equal(pipe(ends), 0);
        assert_int_equal(write(ends[1], file.bytes.data, len), len);
        int before = replace_stdin(ends[0]);
        struct um_capture *capture;
        assert_int_equal(um_capture_open(standard_input, 1, &capture), UM_OK);
        stop = 0;
        um_capture_stop_on(capture, &stop);
        set_alarms(on_alarm_stop, 5000);
        char *text = tell_capture(capture);
        set_alarms(on_alarm, 0);
        assert_int_equal(stop, 1);
        assert_string_equal(text, len < 45 ? "" : "#1 1.000002000 link 1 wire 5: first\n");
        free(text);
        um_capture_free(capture);
        restore_stdin(before);
        (void)close(ends[1]);
    }
    file_done(&file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(source_undoes_gzip_and_zstd),
        cmocka_unit_test(source_undoes_several_members_and_frames),
        cmocka_unit_test(source_passes_over_padding_and_skippable_frames),
        cmocka_unit_test(source_undoes_files_larger_than_its_blocks),
        cmocka_unit_test(source_cut_anywhere_gives_what_is_before),
        cmocka_unit_test(source_cut_tells_its_coding),
        cmocka_unit_test(source_damaged_tells_so_after_what_is_before),
        cmocka_unit_test(source_tells_apart_what_stands_behind_and_damage),
        cmocka_unit_test(source_survives_failing_allocations),
        cmocka_unit_test(source_read_byte_by_byte_gives_the_same),
        cmocka_unit_test(source_reads_on_after_a_signal),
        cmocka_unit_test(source_that_waits_is_ended_by_the_stop_flag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
